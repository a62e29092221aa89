"""The counter, for those without a phone: the card opens the passbook, a name or a proxy with a reason goes with it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from pointsbank.communities import settings as community_settings
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.masking import mask_name
from pointsbank.ledger.services import (
    AccountKind,
    Book,
    Hold,
    Transfer,
    TransferKind,
    accounts,
    community_key,
    hold_transfers,
    post,
)
from pointsbank.people import queries as people
from pointsbank.people.models import Resident
from pointsbank.shop.errors import NameDiffers, NotYourOutlet, ProxyNeeded
from pointsbank.shop.models import Channel, Receiver, Redemption, RedemptionState
from pointsbank.shop.services import closing, ordering, shelving


@dataclass(frozen=True)
class CardHolder:
    """What a keeper sees of a card's holder."""

    resident_id: int
    masked_name: str
    household_number: str
    wallets: list[ordering.Wallet]

    @property
    def available(self) -> int:
        """The fullest wallet, in hundredths: orders are paid from one wallet."""
        return max((w.available for w in self.wallets), default=0)


def look_up_card(actor: Actor, card_text: str) -> CardHolder:
    """The balance behind a card. Each look is recorded. Raises :class:`NotYourOutlet` and what ``find_card`` raises."""
    if not closing.own_outlets(actor):
        raise NotYourOutlet
    card = people.find_card(actor.community_id, card_text, moved_away=True)
    audit.write(actor, "shop.look_up_card", f"resident:{card.resident_id}")
    return holder(card.resident)


def holder(resident: Resident) -> CardHolder:
    """Name, household and wallets of a resident as the counter shows them."""
    today = clock.today()
    home = people.household_on(resident.community_id, [resident.id], today).get(resident.id)
    return CardHolder(resident.id, mask_name(resident.name), home.number if home else "",
                      ordering.wallets_of(resident.community_id, resident, today))


def redeem(actor: Actor, card_text: str, offer_id: int, quantity: int, *, outlet_id: int, name: str = "",
           proxy_name: str = "", reason: str = "", owner_key: str | None = None) -> Redemption:
    """Order and hand over at once for a card holder: the card and the holder's name, or who came instead and why.

    Raises what ordering and handing over raise, and :class:`NameDiffers` and :class:`ProxyNeeded`.
    """
    if outlet_id not in closing.own_outlets(actor):
        raise NotYourOutlet
    card = people.find_card(actor.community_id, card_text, moved_away=True)
    resident = card.resident
    by_proxy = bool(proxy_name.strip() or reason.strip())
    if by_proxy and not (proxy_name.strip() and reason.strip()):
        raise ProxyNeeded
    if not by_proxy and _plain(name) != _plain(resident.name):
        raise NameDiffers(fields={"name": NameDiffers.message})
    closing.refuse_closed_day(resident.community_id)
    settings = community_settings.of(resident.community_id)
    redemption = ordering.reserve(actor, resident, offer_id, quantity, outlet_id=outlet_id, owner_key=owner_key,
                                  channel=Channel.COUNTER, settings=settings)
    redemption.state, redemption.closed_at = RedemptionState.COLLECTED, clock.now()
    redemption.closed_by_id = actor.user_id
    redemption.received_by = Receiver.PROXY if by_proxy else Receiver.SELF
    redemption.proxy_name, redemption.reason = proxy_name.strip()[:40], reason.strip()[:200]
    shelving.collect(actor, resident.community_id, redemption.id)
    post(resident.community_id, _paid_at_once(redemption), clock.today())
    ordering.refuse_moved(redemption, resident)
    audit.write(actor, "shop.redeem_at_counter", redemption.key, offer=offer_id, quantity=quantity, proxy=by_proxy)
    ordering.tell_head(redemption, resident)
    return redemption


def _paid_at_once(redemption: Redemption) -> list[Transfer]:
    """Put aside and collected in one batch, under the same two keys as an order from a phone."""
    community_id, owner = redemption.community_id, redemption.owner_key
    redeemed = community_key(community_id)
    holds = hold_transfers(community_id, [Hold(owner, redemption.points, redemption.key)])
    ids = accounts(community_id, Book.POINTS, [(AccountKind.HELD, owner), (AccountKind.REDEEMED, redeemed)])
    return [*holds, Transfer(ids[AccountKind.HELD, owner], ids[AccountKind.REDEEMED, redeemed], redemption.points,
                             TransferKind.COLLECT, f"{redemption.key}/close")]


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
