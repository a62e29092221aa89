"""The desk: what waits, a new letter, and what each of the three people decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.communities import settings
from pointsbank.contributions import queries as funnel
from pointsbank.core import clock
from pointsbank.core.errors import DomainError, Invalid, NotFound, lazy
from pointsbank.core.web import (
    back_to,
    begin_write,
    current_actor,
    flash_done,
    form_refused,
    guard,
    reads_first,
    render,
)
from pointsbank.deductions import policy, queries, services
from pointsbank.deductions.forms import (
    AnnounceForm,
    AnswerForm,
    AppealAnswerForm,
    AppealForm,
    DropForm,
    ImposeForm,
    RectifiedForm,
)
from pointsbank.deductions.models import Deduction, DeductionState
from pointsbank.deductions.pages.room import bp, rule_of
from pointsbank.deductions.services import Announcement
from pointsbank.media import services as media
from pointsbank.people import queries as people
from pointsbank.rules import queries as rules
from pointsbank.rules.evaluation import Rule


@bp.get("/desk/deductions")
@guard.staff(*policy.LOOKERS)
def desk() -> Response:
    """What waits for the desk, overdue first; or all, newest first."""
    actor, everything = current_actor(), request.args.get("only") == "all"
    cursor = request.args.get("cursor")
    page = queries.listed(actor, cursor=cursor) if everything else queries.waiting(actor, cursor=cursor)
    return render("deductions/desk.html", page=page, everything=everything, whose=queries.whose(
        actor.community_id or 0, page.items), items=_items())


def _items() -> list[Rule]:
    return rules.taking(rules.version_in_force(current_actor().community_id or 0, clock.today()))


# ── A letter ────────────────────────────────────────────────────────────────────────────────────────────────────


@bp.route("/desk/deductions/new", methods=["GET", "POST"])
@guard.staff(*policy.ANNOUNCERS)
@reads_first
def new() -> BaseResponse:
    """Announce what would cost points."""
    form = AnnounceForm()
    if request.method == "GET":
        form.household.data = request.args.get("household", "")
        form.seen_on.data = clock.today()
        return render("deductions/new.html", form=form, **_around(form))
    try:
        _around(form)
        if not form.validate():
            raise Invalid
        prepared = media.prepare_uploads(request.files.getlist("photos"))
        begin_write()
        actor = current_actor()
        wanted = _wanted(form, _items())
        ids = tuple(media.store(actor, None, "", "deduction", prepared=one).id for one in prepared)
        row = services.announce(actor, Announcement(**wanted, photo_ids=ids))
    except DomainError as refusal:
        return form_refused("deductions/new.html", form, _at_field(refusal), **_around(form))
    flash_done(_("Announced, and the people concerned are told. Print the letter for those without a phone."))
    return back_to("deductions.one", deduction_id=row.id)


def _around(form: AnnounceForm) -> dict[str, Any]:
    items = _items()
    form.offer(items)
    days = settings.of(current_actor().community_id or 0).rectify_days
    return {"items": items, "days": days, "first_day": clock.today() + dt.timedelta(days),
            "sentence": lambda rule: rules.sentence(rule, days)}


def _wanted(form: AnnounceForm, items: list[Rule]) -> dict[str, Any]:
    """What was filled in, as plain values. Raises Invalid with what can't be read."""
    community_id = current_actor().community_id or 0
    errors: dict[str, Any] = {}
    rule = next((r for r in items if r.code == form.item.data), None)
    quantity = form.counted(rule, errors)
    household, person = (form.household.data or "").strip(), (form.person.data or "").strip()
    home = people.household_numbered(community_id, household) if household else None
    if household and home is None:
        errors["household"] = lazy("There is no household with this number.")
    found = people.search_residents(community_id, person, limit=2) if person else []
    if person and len(found) != 1:
        errors["person"] = lazy("Nobody, or more than one person, is found by this. Enter the card or phone number.")
    if errors:
        raise Invalid(fields=errors)
    return {"item_code": form.item.data or "", "seen_on": form.seen_on.data, "seen": form.seen.data or "",
            "how": form.how.data or "", "household_id": home.id if home is not None else None,
            "resident_id": found[0].id if found else None, "quantity": quantity, "rectify_by": form.rectify_by.data}


def _at_field(refusal: DomainError) -> DomainError:
    """``whom`` is two fields here; the sentence stands at the first of them."""
    if "whom" in refusal.fields:
        refusal.fields = {**refusal.fields, "household": refusal.fields["whom"]}
    return refusal


# ── One ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/desk/deductions/<int:deduction_id>")
@guard.staff(*policy.LOOKERS)
def one(deduction_id: int) -> Response:
    """What was seen, what was said, and what whoever looks may do now."""
    return render("deductions/one.html", **_values(deduction_id))


FORMS: dict[str, Callable[..., Any]] = {
    "rectified": RectifiedForm, "drop": DropForm, "impose": ImposeForm, "decide": AppealAnswerForm,
    "paper": AnswerForm, "paper_appeal": AppealForm}


def _values(deduction_id: int, sent: dict[str, Any] | None = None) -> dict[str, Any]:
    actor = current_actor()
    found = queries.on_desk(actor, deduction_id)
    facts = funnel.facts_of(actor.user_id)
    today, judge, family = clock.today(), policy.is_judge(actor), policy.is_family(facts, found)
    steps = queries.steps(found)
    announced, part = found.state is DeductionState.ANNOUNCED, queries.had_a_part(found)
    appealed = found.state is DeductionState.APPEALED
    return {
        "deduction": found, "steps": steps, "photos": queries.photos(found), "rule": rule_of(found), "family": family,
        "whose": queries.whose(found.community_id, [found])[found.id],
        "names": people.names_of_users({s.by_user_id for s in steps}),
        "now": queries.assessment(found) if announced else None,
        "may_close": announced and not family and policy.may_close(actor, found),
        "may_impose": announced and not family and judge and found.announced_by_id != actor.user_id
        and today > found.rectify_by,
        "is_announcer": found.announced_by_id == actor.user_id, "time_left": announced and today <= found.rectify_by,
        "had_a_part": actor.user_id in part, "may_decide": appealed and judge and not family
        and actor.user_id not in part,
        "may_take_down": policy.may_take_down(actor, found),
        "from_above": (announced or appealed) and _only_from_above(found, part if appealed else
                                                                   {found.announced_by_id}),
        "forms": {**{name: form(formdata=None, prefix=f"{name}-") for name, form in FORMS.items()}, **(sent or {})}}



def _only_from_above(found: Deduction, part: set[int]) -> bool:
    homes = [found.household_id] if found.household_id is not None else []
    return not people.independent_judges(found.community_id, part, homes)


def _done(name: str, deduction_id: int, work: Callable[[Any], Any], said: Any) -> BaseResponse:
    """One of the forms of the page: filled in, its work done, or the page again with what was wrong."""
    form = FORMS[name](prefix=f"{name}-")
    try:
        if not form.validate():
            raise Invalid
        work(form)
    except NotFound:
        raise
    except DomainError as refusal:
        values = _values(deduction_id, {name: form})
        return form_refused("deductions/one.html", form, refusal, **values)
    flash_done(str(said))
    return back_to("deductions.one", deduction_id=deduction_id)


@bp.post("/desk/deductions/<int:deduction_id>/rectified")
@guard.staff(*policy.LOOKERS)
def rectified(deduction_id: int) -> BaseResponse:
    """It is put right."""
    return _done("rectified", deduction_id, lambda form: services.confirm_rectified(
        current_actor(), deduction_id, form.text.data or ""), lazy("Put right. Nothing is taken."))


@bp.post("/desk/deductions/<int:deduction_id>/drop")
@guard.staff(*policy.LOOKERS)
def drop(deduction_id: int) -> BaseResponse:
    """It was a mistake."""
    return _done("drop", deduction_id, lambda form: services.drop(
        current_actor(), deduction_id, form.text.data or ""), lazy("The letter is taken back. Nothing is taken."))


@bp.post("/desk/deductions/<int:deduction_id>/impose")
@guard.staff(*policy.LOOKERS)
def impose(deduction_id: int) -> BaseResponse:
    """The second person takes the points."""
    return _done("impose", deduction_id, lambda form: services.impose(
        current_actor(), deduction_id, form.text.data or ""),
        lazy("The points are taken. The people concerned are told how to appeal."))


@bp.post("/desk/deductions/<int:deduction_id>/decide")
@guard.staff(*policy.LOOKERS)
def decide(deduction_id: int) -> BaseResponse:
    """The third person answers the appeal."""
    return _done("decide", deduction_id, lambda form: services.decide_appeal(
        current_actor(), deduction_id, form.outcome.data == "reversed", form.text.data or ""),
        lazy("Answered in writing. Print the letter for those without a phone."))


@bp.post("/desk/deductions/<int:deduction_id>/paper")
@guard.staff(*policy.LOOKERS)
def paper(deduction_id: int) -> BaseResponse:
    """Somebody concerned brought an answer on paper, or said it at the counter."""
    return _done("paper", deduction_id, lambda form: services.answer(
        current_actor(), deduction_id, form.text.data or "", put_right=form.said.data == "put_right", on_paper=True),
        lazy("Taken down. It stands with the letter."))


@bp.post("/desk/deductions/<int:deduction_id>/paper-appeal")
@guard.staff(*policy.LOOKERS)
def paper_appeal(deduction_id: int) -> BaseResponse:
    """Somebody concerned brought an appeal on paper."""
    return _done("paper_appeal", deduction_id, lambda form: services.appeal(
        current_actor(), deduction_id, form.text.data or "", on_paper=True),
        lazy("Taken down. Somebody who had no part in it answers, and that is not you."))
