"""Who may read wallets, check the book and bring opening balances."""

from __future__ import annotations

from collections.abc import Collection

from pointsbank.core.actor import Actor
from pointsbank.people.roles import DESK, JUDGES, Role

READERS = (*DESK, Role.SHOP_SUPERVISOR)
OPENERS = (Role.COMMITTEE_MEMBER, Role.ADMINISTRATOR)


def may_read_wallet(actor: Actor, owner_key: str, own_keys: Collection[str]) -> bool:
    """One's own wallet, one's household's, or any of the community for those who sit at the desk."""
    return owner_key in own_keys or actor.has_role(*READERS)


def may_open(actor: Actor) -> bool:
    """Bring, confirm, strike and post opening balances. Never the system by itself: two people must stand for them."""
    return actor.user_id is not None and actor.has_role(*OPENERS)


def may_strike(actor: Actor) -> bool:
    """Whoever decides objections takes a line out whose objection was upheld."""
    return actor.user_id is not None and actor.has_role(*JUDGES)


def may_verify(actor: Actor) -> bool:
    """Have the whole book of the community checked."""
    return actor.is_system or actor.has_role(*READERS)
