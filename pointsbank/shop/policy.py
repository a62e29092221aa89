"""Who may do what in the shop: three separate people, and the committee that sets the prices."""

from __future__ import annotations

from collections.abc import Collection

from pointsbank.core.actor import Actor
from pointsbank.people.roles import DESK, Role
from pointsbank.shop.models import Redemption

KEEPERS = (Role.SHOP_KEEPER,)
STOCK_KEEPERS = (Role.STOCK_MANAGER,)
CHECKERS = (Role.SHOP_SUPERVISOR, Role.AREA_SUPERVISOR)
PRICE_MAKERS = (Role.COMMITTEE_MEMBER, Role.SHOP_SUPERVISOR, Role.ADMINISTRATOR)
READERS = (*DESK, Role.STOCK_MANAGER, Role.SHOP_SUPERVISOR)


def can_stand_at_counter(actor: Actor) -> bool:
    """Is a shop-keeper here; which outlets are theirs is a question of its own."""
    return actor.has_role(*KEEPERS)


def can_keep_stock(actor: Actor) -> bool:
    """May receive goods and propose write-offs and counts."""
    return actor.is_system or actor.has_role(*STOCK_KEEPERS)


def can_check(actor: Actor) -> bool:
    """May confirm what a stock manager proposed."""
    return actor.has_role(*CHECKERS)


def can_price(actor: Actor) -> bool:
    """May write offers, open outlets and put keepers down for them."""
    return actor.is_system or actor.has_role(*PRICE_MAKERS)


def can_read_books(actor: Actor) -> bool:
    """May read the shop's lists."""
    return actor.is_system or actor.has_role(*READERS)


def is_theirs(actor: Actor, redemption: Redemption, households: Collection[int] = ()) -> bool:
    """The order of the resident acted for, or of their household (``households`` they belong to today)."""
    if actor.resident_id is None or actor.community_id != redemption.community_id:
        return False
    return redemption.resident_id == actor.resident_id or redemption.household_id in households
