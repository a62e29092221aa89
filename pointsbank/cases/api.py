"""Reports and cases as JSON: reporters see their own, residents what is not kept from them, staff their community's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request

from pointsbank.cases import oversight_api, policy, queries, services
from pointsbank.cases.models import CaseClock, Category, Report, Unit
from pointsbank.cases.schemas import (
    CasesInput,
    CaseView,
    CategoryInput,
    CategoryView,
    ClockView,
    CodeInput,
    EnteredInput,
    EvaluationInput,
    ExtensionInput,
    FollowedView,
    MembersInput,
    ReportInput,
    SentView,
    ShownInput,
    SimilarInput,
    StepInput,
    TitleInput,
    UnitInput,
    UnitView,
    WholeView,
    WordsInput,
)
from pointsbank.core.api import ApiRoom, PageInput, paged
from pointsbank.core.paging import Page
from pointsbank.core.web import current_actor, guard, repeats_itself

api = ApiRoom("cases", __name__, prefix="", description="Snapshot reports and the cases that come of them.")


@api.post("/reports")
@guard.resident
@repeats_itself
@api.arguments(ReportInput)
@api.response(201, SentView)
def report(given: dict[str, Any]) -> Report:
    """Report a problem; the same draft sent again is answered with the same report."""
    return services.send(current_actor(), services.ReportDraft(**given))


@api.post("/reports/entered")
@guard.staff(*policy.ENTERERS)
@repeats_itself
@api.arguments(EnteredInput)
@api.response(201, SentView)
def enter(given: dict[str, Any]) -> Report:
    """Enter what came by a visit, by phone or was seen by oneself, for a resident or for nobody."""
    source, resident_id = given.pop("source"), given.pop("resident_id")
    return services.enter(current_actor(), services.ReportDraft(**given), source, resident_id)


@api.get("/reports/by-code")
@guard.public
@api.arguments(CodeInput, location="query")
@api.response(200, FollowedView)
def by_code(asked: dict[str, Any]) -> queries.Followed:
    """The state of a case behind the code word of an anonymous report, without signing in."""
    return services.by_code(asked["code"], request.remote_addr or "")


@api.get("/reports/mine")
@guard.resident
@api.arguments(PageInput, location="query")
@api.response(200, paged(CaseView))
def mine(asked: dict[str, Any]) -> Page[queries.Sight]:
    """The cases of one's own reports, newest first."""
    return queries.mine(current_actor(), **asked)


@api.get("/reports/similar")
@guard.resident
@api.arguments(SimilarInput, location="query")
@api.response(200, CaseView(many=True))
def similar(asked: dict[str, Any]) -> list[queries.Sight]:
    """Cases that look like what is being written, to join instead."""
    return queries.offered(current_actor(), **asked)


@api.get("/cases")
@guard.signed_in
@api.arguments(CasesInput, location="query")
@api.response(200, paged(CaseView))
def cases(asked: dict[str, Any]) -> Page[queries.Sight]:
    """Cases, newest first: all for staff, what residents may see for others."""
    return queries.listed(current_actor(), **asked)


@api.get("/cases/given")
@guard.signed_in
@api.arguments(PageInput, location="query")
@api.response(200, paged(CaseView))
def given_to_me(asked: dict[str, Any]) -> Page[queries.Sight]:
    """The open cases that one has to put right."""
    return queries.for_handler(current_actor(), **asked)


@api.get("/cases/<int:case_id>")
@guard.signed_in
@api.response(200, WholeView)
def case(case_id: int) -> queries.Sight:
    """One case with its history."""
    return queries.seen(current_actor(), case_id)


@api.get("/cases/<int:case_id>/similar")
@guard.staff(*policy.LOOKERS)
@api.response(200, CaseView(many=True))
def proposed(case_id: int) -> list[queries.Sight]:
    """What the case may be merged into: same kind and place, or a near-equal photo."""
    return queries.proposed(current_actor(), case_id)


@api.get("/cases/<int:case_id>/clocks")
@guard.signed_in
@api.response(200, ClockView(many=True))
def clocks(case_id: int) -> Sequence[CaseClock]:
    """The clocks of a case."""
    queries.seen(current_actor(), case_id)
    return queries.clocks_of(current_actor().community_id, case_id)


@api.post("/cases/<int:case_id>/join")
@guard.resident
@api.response(200, CaseView)
def join(case_id: int) -> queries.Sight:
    """Say "me too"."""
    return queries.seen(current_actor(), services.join(current_actor(), case_id).id)


@api.post("/cases/<int:case_id>/extension")
@guard.signed_in
@api.arguments(ExtensionInput)
@api.response(200, ClockView)
def ask_extension(given: dict[str, Any], case_id: int) -> CaseClock:
    """The handler asks for more time, once."""
    return services.ask_extension(current_actor(), case_id, given["extra"], given["text"])


@api.post("/cases/<int:case_id>/extension/approve")
@guard.staff(*policy.DISPATCHERS)
@api.response(200, ClockView)
def approve_extension(case_id: int) -> CaseClock:
    """Somebody else agrees, once."""
    return services.approve_extension(current_actor(), case_id)


@api.post("/cases/<int:case_id>/extension/refuse")
@guard.staff(*policy.DISPATCHERS)
@api.arguments(WordsInput)
@api.response(200, ClockView)
def refuse_extension(given: dict[str, Any], case_id: int) -> CaseClock:
    """Somebody else says no, once, with a reason."""
    return services.refuse_extension(current_actor(), case_id, given["text"])


@api.post("/cases/<int:case_id>/evaluation")
@guard.signed_in
@api.arguments(EvaluationInput)
@api.response(200, WholeView)
def evaluate(given: dict[str, Any], case_id: int) -> queries.Sight:
    """Say whether it is put right: the reporter's answer decides, those of joiners stand beside it."""
    actor = current_actor()
    return queries.seen(actor, services.evaluate(actor, case_id, given["answer"], given["text"]).id)


@api.post("/cases/<int:case_id>/support")
@guard.resident
@api.arguments(WordsInput)
@api.response(200, WholeView)
def support(given: dict[str, Any], case_id: int) -> queries.Sight:
    """A neighbour says that a closed case isn't put right; the third one opens it again."""
    actor = current_actor()
    return queries.seen(actor, services.support_reopening(actor, case_id, given["text"]).id)


@api.post("/cases/<int:case_id>/feedback")
@guard.signed_in
@api.arguments(WordsInput)
@api.response(200, WholeView)
def feed_back(given: dict[str, Any], case_id: int) -> queries.Sight:
    """The unit or the office says how it stands."""
    actor = current_actor()
    return queries.seen(actor, services.feed_back(actor, case_id, given["text"]).id)


@api.put("/cases/<int:case_id>/photos-shown")
@guard.staff(*policy.DISPATCHERS)
@api.arguments(ShownInput)
@api.response(200, WholeView)
def show_photos(given: dict[str, Any], case_id: int) -> queries.Sight:
    """Let whoever may see the case see its photos, or take them back."""
    actor = current_actor()
    return queries.seen(actor, services.show_photos(actor, case_id, given["shown"]).id)


@api.put("/cases/<int:case_id>/title")
@guard.staff(*policy.DISPATCHERS)
@api.arguments(TitleInput)
@api.response(200, WholeView)
def set_title(given: dict[str, Any], case_id: int) -> queries.Sight:
    """What others read instead of the reporter's words."""
    actor = current_actor()
    return queries.seen(actor, services.set_title(actor, case_id, given["title"]).id)


@api.post("/cases/<int:case_id>/<verb>")
@guard.signed_in
@api.arguments(StepInput)
@api.response(200, WholeView)
def move(given: dict[str, Any], case_id: int, verb: str) -> queries.Sight:
    """Take one step of the table: accept, assign, acknowledge, finish, …"""
    actor = current_actor()
    return queries.seen(actor, services.move(actor, case_id, verb, services.Step(**given)).id)


@api.get("/case-categories")
@guard.signed_in
@api.arguments(PageInput, location="query")
@api.response(200, paged(CategoryView))
def categories(asked: dict[str, Any]) -> Page[Category]:
    """The kinds of problems."""
    return queries.categories(current_actor().community_id, **asked)


@api.post("/case-categories")
@guard.staff(*policy.SETTERS)
@api.arguments(CategoryInput)
@api.response(201, CategoryView)
def add_category(given: dict[str, Any]) -> Category:
    """A new kind of problem."""
    return services.add_category(current_actor(), services.CategoryDraft(**given))


@api.get("/case-units")
@guard.signed_in
@api.arguments(PageInput, location="query")
@api.response(200, paged(UnitView))
def units(asked: dict[str, Any]) -> Page[Unit]:
    """The units that put things right."""
    return queries.units(current_actor().community_id, **asked)


@api.post("/case-units")
@guard.staff(*policy.SETTERS)
@api.arguments(UnitInput)
@api.response(201, UnitView)
def add_unit(given: dict[str, Any]) -> Unit:
    """A new unit with its members."""
    return services.add_unit(current_actor(), given.pop("name"), **given)


@api.put("/case-units/<int:unit_id>/members")
@guard.staff(*policy.SETTERS)
@api.arguments(MembersInput)
@api.response(200, UnitView)
def set_members(given: dict[str, Any], unit_id: int) -> Unit:
    """Who works for a unit from now on."""
    return services.set_members(current_actor(), unit_id, given["member_ids"])


oversight_api.mount(api)
