"""Deductions as JSON: for the people concerned and the desk, and for nobody else."""

from __future__ import annotations

from typing import Any

from pointsbank.core.api import ApiRoom, PageInput, paged
from pointsbank.core.paging import Page
from pointsbank.core.web import current_actor, guard
from pointsbank.deductions import policy, queries, services
from pointsbank.deductions.models import Deduction
from pointsbank.deductions.schemas import (
    AnnounceInput,
    AnswerInput,
    AppealDecisionInput,
    AppealInput,
    DeductionsInput,
    DeskView,
    OwnView,
    ReasonInput,
    WholeView,
)

api = ApiRoom("deductions", __name__, prefix="/deductions",
              description="Points taken away where a resolution says so. Never public.")


@api.get("/mine")
@guard.resident
@api.arguments(PageInput, location="query")
@api.response(200, paged(OwnView))
def mine(asked: dict[str, Any]) -> Page[Deduction]:
    """Those of the resident acted for and of their household, newest first."""
    return queries.own(current_actor(), **asked)


@api.get("")
@guard.staff(*policy.LOOKERS)
@api.arguments(DeductionsInput, location="query")
@api.response(200, paged(DeskView))
def deductions(asked: dict[str, Any]) -> Page[Deduction]:
    """The community's, for the desk; for a grid worker those announced by them."""
    if asked.pop("waiting"):
        return queries.waiting(current_actor(), cursor=asked["cursor"], limit=asked["limit"])
    return queries.listed(current_actor(), **asked)


@api.post("")
@guard.staff(*policy.ANNOUNCERS)
@api.arguments(AnnounceInput)
@api.response(201, DeskView)
def announce(given: dict[str, Any]) -> Deduction:
    """Announce what would cost points; the people concerned are told."""
    return services.announce(current_actor(), services.Announcement(**given))


@api.get("/<int:deduction_id>")
@guard.signed_in
@api.response(200, WholeView)
def deduction(deduction_id: int) -> Deduction:
    """One with its steps, for those concerned, whoever announced it, and the desk."""
    return queries.seen(current_actor(), deduction_id)


@api.post("/<int:deduction_id>/answer")
@guard.signed_in
@api.arguments(AnswerInput)
@api.response(200, OwnView)
def answer(given: dict[str, Any], deduction_id: int) -> Deduction:
    """Answer, or say that it is put right."""
    return services.answer(current_actor(), deduction_id, given.pop("text"), **given)


@api.post("/<int:deduction_id>/rectified")
@guard.staff(*policy.LOOKERS)
@api.arguments(ReasonInput)
@api.response(200, DeskView)
def rectified(given: dict[str, Any], deduction_id: int) -> Deduction:
    """It is put right: nothing is taken."""
    return services.confirm_rectified(current_actor(), deduction_id, given["text"])


@api.post("/<int:deduction_id>/drop")
@guard.staff(*policy.LOOKERS)
@api.arguments(ReasonInput)
@api.response(200, DeskView)
def drop(given: dict[str, Any], deduction_id: int) -> Deduction:
    """The letter is taken back: nothing is taken."""
    return services.drop(current_actor(), deduction_id, given["text"])


@api.post("/<int:deduction_id>/impose")
@guard.staff(*policy.LOOKERS)
@api.arguments(ReasonInput)
@api.response(200, DeskView)
def impose(given: dict[str, Any], deduction_id: int) -> Deduction:
    """The second person takes the points."""
    return services.impose(current_actor(), deduction_id, given["text"])


@api.post("/<int:deduction_id>/appeal")
@guard.signed_in
@api.arguments(AppealInput)
@api.response(200, OwnView)
def appeal(given: dict[str, Any], deduction_id: int) -> Deduction:
    """Appeal in writing."""
    return services.appeal(current_actor(), deduction_id, given.pop("text"), **given)


@api.post("/<int:deduction_id>/appeal/decision")
@guard.staff(*policy.LOOKERS)
@api.arguments(AppealDecisionInput)
@api.response(200, DeskView)
def decide_appeal(given: dict[str, Any], deduction_id: int) -> Deduction:
    """The third person answers the appeal."""
    return services.decide_appeal(current_actor(), deduction_id, given["reversed"], given["text"])
