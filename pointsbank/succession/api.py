"""Cases of households as JSON."""

from __future__ import annotations

from typing import Any

from pointsbank.core.api import ApiRoom, paged
from pointsbank.core.errors import DomainError
from pointsbank.core.paging import Page
from pointsbank.core.web import current_actor, guard
from pointsbank.people.roles import DESK, OFFICE
from pointsbank.succession import queries, services
from pointsbank.succession.models import ChangeState, HouseholdChange, ShareMode
from pointsbank.succession.plans import Wish
from pointsbank.succession.schemas import (
    ChangesInput,
    HouseholdChangeView,
    NewChangeInput,
    PreviewView,
    RefusalInput,
    WholeChangeView,
    WishInput,
)

api = ApiRoom("succession", __name__, prefix="/household-changes",
              description="Households divided, joined, moved; somebody leaves, comes back or dies.")


def _wish(given: dict[str, Any]) -> Wish:
    percent, points = given.pop("percent"), given.pop("points")
    share = {ShareMode.PERCENT: percent, ShareMode.POINTS: points}.get(given["share_mode"], 0)
    return Wish(**{**given, "resident_ids": tuple(given["resident_ids"]), "share": share})


@api.get("")
@guard.staff(*DESK)
@api.arguments(ChangesInput, location="query")
@api.response(200, paged(HouseholdChangeView))
def changes(asked: dict[str, Any]) -> Page[HouseholdChange]:
    """The community's cases, newest first."""
    return queries.changes(current_actor().community_id, **asked)


@api.post("/preview")
@guard.staff(*OFFICE)
@api.arguments(WishInput)
@api.response(200, PreviewView)
def preview(given: dict[str, Any]) -> queries.Preview:
    """What a case would come to today; nothing is written."""
    return queries.preview(current_actor(), _wish(given))


@api.post("")
@guard.staff(*OFFICE)
@api.arguments(NewChangeInput)
@api.response(201, HouseholdChangeView)
def propose(given: dict[str, Any]) -> HouseholdChange:
    """Enter a case for a second person to confirm."""
    photo_ids = given.pop("photo_ids")
    return services.propose(current_actor(), _wish(given), photo_ids=photo_ids)


@api.get("/<int:change_id>")
@guard.staff(*DESK)
@api.response(200, WholeChangeView)
def change(change_id: int) -> dict[str, Any]:
    """One case with what it comes to, or did."""
    found = queries.change(current_actor().community_id, change_id)
    try:
        told = queries.stated(found) if found.state is ChangeState.CONFIRMED else queries.foreseen(found)
    except DomainError:
        told = None
    return {"change": found, "told": told}


@api.post("/<int:change_id>/confirm")
@guard.staff(*OFFICE)
@api.response(200, HouseholdChangeView)
def confirm(change_id: int) -> HouseholdChange:
    """The second person agrees: people and points change at once."""
    return services.confirm(current_actor(), change_id)


@api.post("/<int:change_id>/refuse")
@guard.staff(*OFFICE)
@api.arguments(RefusalInput)
@api.response(200, HouseholdChangeView)
def refuse(given: dict[str, Any], change_id: int) -> HouseholdChange:
    """The second person disagrees."""
    return services.refuse(current_actor(), change_id, given["answer"])


@api.post("/<int:change_id>/withdraw")
@guard.staff(*OFFICE)
@api.response(200, HouseholdChangeView)
def withdraw(change_id: int) -> HouseholdChange:
    """Whoever entered it takes it back before it is decided."""
    return services.withdraw(current_actor(), change_id)
