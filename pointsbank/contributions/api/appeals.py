"""JSON routes of requests for a review: asked, answered in writing, followed until the points are posted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pointsbank.contributions import appeal_wording, policy, queries, services
from pointsbank.contributions.api.room import api, community
from pointsbank.contributions.models import Appeal
from pointsbank.contributions.schemas import (
    AppealDecisionInput,
    AppealInput,
    AppealPageInput,
    AppealView,
    PutRightInput,
)
from pointsbank.core.api import paged
from pointsbank.core.web import current_actor, guard
from pointsbank.people.roles import DESK
from pointsbank.publicity import queries as notices

PLAIN = ("id", "contribution_id", "resident_id", "state", "text", "on_paper", "opened_at", "answer_due_on", "ended_at",
         "answer")


def _shown(found: Sequence[Appeal]) -> list[dict[str, Any]]:
    """Requests with where each stands."""
    standings = queries.appeals.standings(community(), found)
    boards = notices.notices_by_id(community(), {
        line.notice_id for s in standings.values() for line in s.lines if line.notice_id is not None})
    return [{**{name: getattr(one, name) for name in PLAIN}, "stage": standings[one.id].stage,
             "overdue": appeal_wording.is_late(one), "renewed_deed": standings[one.id].deed,
             "correction": standings[one.id].correction,
             "where": appeal_wording.where(one, standings[one.id], boards)} for one in found]


def _figures(values: dict[str, Any]) -> services.Figures:
    return services.Figures(**{name: values[f"right_{name}"] for name in (
        "minutes", "units", "score", "amount_fen", "item_code")})


@api.get("/appeals")
@guard.signed_in
@api.arguments(AppealPageInput, location="query")
@api.response(200, paged(AppealView))
def appeals(values: dict[str, Any]) -> dict[str, Any]:
    """All requests for the desk (``to_do``: what waits, the overdue first); for others their own."""
    actor = current_actor()
    place = {"cursor": values["cursor"], "limit": values["limit"]}
    if policy.is_desk(actor):
        page = queries.appeals.appeals(community(), open_only=values["to_do"], **place)
    else:
        page = queries.appeals.appeals_of(actor, **place)
    return {"items": _shown(page.items), "next": page.next}


@api.post("/appeals")
@guard.signed_in
@api.arguments(AppealInput)
@api.response(201, AppealView)
def ask_review(values: dict[str, Any]) -> dict[str, Any]:
    """Ask for a review of a deed that was decided, or enter it from paper."""
    return _shown([services.ask_review(
        current_actor(), values["deed_id"], values["text"], on_paper=values["on_paper"],
        paper_reason=values["paper_reason"], photo_ids=values["photo_ids"])])[0]


@api.get("/appeals/<int:appeal_id>")
@guard.signed_in
@api.response(200, AppealView)
def appeal(appeal_id: int) -> dict[str, Any]:
    """One request, for its resident, whoever entered it and the desk."""
    return _shown([queries.appeals.appeal(current_actor(), appeal_id)])[0]


@api.post("/appeals/<int:appeal_id>/withdraw")
@guard.signed_in
@api.response(200, AppealView)
def withdraw_appeal(appeal_id: int) -> dict[str, Any]:
    """Take a request back before it is answered."""
    return _shown([services.withdraw_appeal(current_actor(), appeal_id)])[0]


@api.post("/appeals/<int:appeal_id>/decision")
@guard.staff(*DESK)
@api.arguments(AppealDecisionInput)
@api.response(200, AppealView)
def decide_appeal(values: dict[str, Any], appeal_id: int) -> dict[str, Any]:
    """Answer in writing; an upheld one is put right by a correction or recorded anew."""
    return _shown([services.decide_appeal(current_actor(), appeal_id, values["upheld"], values["answer"],
                                          _figures(values))])[0]


@api.post("/appeals/<int:appeal_id>/proposal")
@guard.staff(*DESK)
@api.arguments(PutRightInput)
@api.response(200, AppealView)
def put_right(values: dict[str, Any], appeal_id: int) -> dict[str, Any]:
    """Propose anew how an upheld request is put right."""
    return _shown([services.put_right(current_actor(), appeal_id, values["reason"], _figures(values))])[0]
