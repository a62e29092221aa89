"""What can be done in the shop."""

from pointsbank.shop.services.closing import cancel, hand_over, lapse, own_outlets, take_back
from pointsbank.shop.services.counter import CardHolder, look_up_card, redeem
from pointsbank.shop.services.offering import (
    OfferDraft,
    close_outlet,
    end_keeper,
    keepers_to_choose,
    put_keeper,
    save_offer,
    save_outlet,
    set_offer_state,
)
from pointsbank.shop.services.ordering import Wallet, order, wallets_of
from pointsbank.shop.services.publishing import draft_stock_list
from pointsbank.shop.services.stock import Receipt, decide, propose, receive

__all__ = [
    "CardHolder", "OfferDraft", "Receipt", "Wallet", "cancel", "close_outlet", "decide", "draft_stock_list",
    "end_keeper", "hand_over", "keepers_to_choose", "lapse", "look_up_card", "order", "own_outlets", "propose",
    "put_keeper", "receive", "redeem", "save_offer", "save_outlet", "set_offer_state", "take_back", "wallets_of",
]
