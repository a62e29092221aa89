"""Wallets, passbooks and the check of the book as JSON."""

from __future__ import annotations

from typing import Any

from pointsbank.core import clock
from pointsbank.core.api import ApiRoom, paged
from pointsbank.core.web import current_actor, guard
from pointsbank.ledger import policy, queries
from pointsbank.ledger.errors import NoWallet
from pointsbank.ledger.models import Book
from pointsbank.ledger.schemas import EntriesInput, EntryView, VerifyView, WalletsView
from pointsbank.people import queries as people

api = ApiRoom("ledger", __name__, prefix="", description="The book: wallets and passbooks.")


def _own_keys() -> list[str]:
    """Owner keys of the resident acted for: the present household's wallet, then the resident's own."""
    actor = current_actor()
    assert actor.resident_id is not None
    assert actor.community_id is not None
    household = people.household_on(actor.community_id, [actor.resident_id], clock.today()).get(actor.resident_id)
    return [*([f"household:{household.id}"] if household else []), f"resident:{actor.resident_id}"]


def _is_from_here(community_id: int, owner: str) -> bool:
    """Whether the community has this household or resident; somebody else's wallet must not look like an empty one."""
    kind, _, number = owner.partition(":")
    known = people.households_by_id if kind == "household" else people.residents_by_id
    return bool(known(community_id, [int(number)]))


@api.get("/wallets/me")
@guard.resident
@api.response(200, WalletsView)
def my_wallets() -> dict[str, Any]:
    """The wallets of the resident acted for."""
    community_id, today = current_actor().community_id, clock.today()
    assert community_id is not None
    return {"items": [{
        "owner": owner, "book": Book.POINTS, "available": queries.available(community_id, owner, today),
        "balance": queries.balance(community_id, owner), "held": queries.held(community_id, owner),
        "debt": queries.debt(community_id, owner), "lots": queries.lots(community_id, owner, today),
    } for owner in _own_keys()]}


@api.get("/wallets/<owner>/entries")
@guard.signed_in
@api.arguments(EntriesInput, location="query")
@api.response(200, paged(EntryView))
def entries(given: dict[str, Any], owner: str) -> Any:
    """A wallet's passbook, newest first, with the running balance."""
    actor = current_actor()
    owner = queries.require_wallet_key(owner)
    own = _own_keys() if actor.resident_id is not None else []
    if actor.community_id is None or not policy.may_read_wallet(actor, owner, own):
        raise NoWallet
    if owner not in own and not _is_from_here(actor.community_id, owner):
        raise NoWallet
    return queries.passbook(actor.community_id, owner, given["cursor"], given["limit"], given["book"])


@api.get("/ledger/verify")
@guard.staff(*policy.READERS)
@api.response(200, VerifyView)
def verify() -> dict[str, Any]:
    """Replay the community's whole book and name the first row of each kind of fault."""
    actor = current_actor()
    if actor.community_id is None or not policy.may_verify(actor):
        raise NoWallet
    faults = queries.verify(actor.community_id)
    return {"clean": not faults, "faults": faults}
