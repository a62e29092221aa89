"""JSON routes: standards, their items, and trying a deed."""

from __future__ import annotations

from typing import Any

from pointsbank.core import clock
from pointsbank.core.api import ApiRoom
from pointsbank.core.db import get_scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.web import current_actor, guard
from pointsbank.people import queries as people
from pointsbank.rules import document_api, papers, policy, queries, services
from pointsbank.rules.evaluation import Deed, Evaluation, Version, WideCap
from pointsbank.rules.models import ScoringRule, ScoringStandard
from pointsbank.rules.schemas import (
    AdoptInput,
    CapsInput,
    DayInput,
    DraftInput,
    EvaluationView,
    PreviewInput,
    RuleInput,
    RuleView,
    StandardListView,
    StandardView,
    SwitchInput,
    VersionView,
    rule_draft,
    standard_values,
)

api = ApiRoom("rules", __name__, prefix="/standards", description="Scoring standards and what a deed earns.")
document_api.mount(api)


def _community() -> int:
    community_id = current_actor().community_id
    if community_id is None:
        raise NotFound
    return community_id


@api.get("")
@guard.signed_in
@api.response(200, StandardListView)
def standards() -> dict[str, Any]:
    """All versions, newest first; drafts only for the desk."""
    drafts = policy.may_look(current_actor())
    heard = papers.open_round(_community())
    found = [s for s in queries.standards(_community()) if drafts or not s.is_draft]
    return {"items": [{**standard_values(s), "stage": papers.stage_of(s, heard)} for s in found], "next": None}


@api.get("/in-force")
@guard.signed_in
@api.arguments(DayInput, location="query")
@api.response(200, VersionView)
def in_force(values: dict[str, Any]) -> Version:
    """The version of a day, today by default, with its items."""
    found = queries.version_in_force(_community(), values["on"] or clock.today())
    if found is None:
        raise NotFound
    return found


@api.get("/<int:standard_id>")
@guard.signed_in
@api.response(200, VersionView)
def standard(standard_id: int) -> Version:
    """One version with its items; drafts only for the desk."""
    row = get_scoped(ScoringStandard, standard_id, _community())
    if row.is_draft and not policy.may_look(current_actor()):
        raise NotFound
    return queries.version(row.community_id, row.id)


@api.post("")
@guard.staff(*policy.WRITERS)
@api.arguments(DraftInput)
@api.response(201, StandardView)
def new_draft(values: dict[str, Any]) -> ScoringStandard:
    """A draft with the items of the version in force."""
    return services.start_draft(current_actor(), values["title"])


@api.delete("/<int:standard_id>")
@guard.staff(*policy.WRITERS)
@api.response(204)
def discard(standard_id: int) -> None:
    """Throw a draft away."""
    services.discard(current_actor(), standard_id)


@api.post("/<int:standard_id>/rules")
@guard.staff(*policy.WRITERS)
@api.arguments(RuleInput)
@api.response(201, RuleView)
def add_rule(values: dict[str, Any], standard_id: int) -> Any:
    """One more item in a draft."""
    return _shown(services.add_rule(current_actor(), standard_id, rule_draft(values)))


@api.put("/<int:standard_id>/rules/<int:rule_id>")
@guard.staff(*policy.WRITERS)
@api.arguments(RuleInput)
@api.response(200, RuleView)
def change_rule(values: dict[str, Any], standard_id: int, rule_id: int) -> Any:
    """Change an item of a draft."""
    return _shown(services.change_rule(current_actor(), standard_id, rule_id, rule_draft(values)))


def _shown(row: ScoringRule) -> Any:
    return next(r for r in queries.version(row.community_id, row.standard_id).rules if r.id == row.id)


@api.put("/<int:standard_id>/caps")
@guard.staff(*policy.WRITERS)
@api.arguments(CapsInput)
@api.response(200, VersionView)
def set_caps(values: dict[str, Any], standard_id: int) -> Version:
    """The caps on categories and on the whole of a draft, and the length of its cycle, all anew."""
    services.set_caps(current_actor(), standard_id, [WideCap(**cap) for cap in values["caps"]],
                      cycle_months=values["cycle_months"], cycle_first_month=values["cycle_first_month"])
    return queries.version(_community(), standard_id)


@api.put("/<int:standard_id>/deductions")
@guard.staff(*policy.WRITERS)
@api.arguments(SwitchInput)
@api.response(200, StandardView)
def switch_deductions(values: dict[str, Any], standard_id: int) -> ScoringStandard:
    """Say whether items of a draft may take points away; its resolution adopts this with it."""
    return services.switch_deductions(current_actor(), standard_id, values["on"])


@api.delete("/<int:standard_id>/rules/<int:rule_id>")
@guard.staff(*policy.WRITERS)
@api.response(204)
def remove_rule(standard_id: int, rule_id: int) -> None:
    """Take an item out of a draft."""
    services.remove_rule(current_actor(), standard_id, rule_id)


@api.post("/<int:standard_id>/adopt")
@guard.staff(*policy.ADOPTERS)
@api.arguments(AdoptInput)
@api.response(200, StandardView)
def adopt(values: dict[str, Any], standard_id: int) -> ScoringStandard:
    """Put a draft in force by resolution."""
    decided = services.Resolution(values["resolution"], **(values["votes"] or {}))
    return services.adopt(current_actor(), standard_id, values["in_force_on"], decided, on_paper=values["on_paper"])


@api.post("/preview")
@guard.resident
@api.arguments(PreviewInput)
@api.response(200, EvaluationView)
def preview(values: dict[str, Any]) -> Evaluation:
    """What a deed of the resident acted for would earn if it were approved now. Nothing is counted."""
    actor = current_actor()
    community_id, resident_id = _community(), actor.resident_id
    if resident_id is None:
        raise NotFound
    household = people.household_on(community_id, [resident_id], values["on"]).get(resident_id)
    deed = Deed(resident_id=resident_id, household_id=household.id if household else None, source_key="preview:0",
                **{**values, "kind": str(values["kind"])})
    return services.preview(community_id, deed)
