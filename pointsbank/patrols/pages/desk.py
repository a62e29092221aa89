"""The desk: rounds that wait, one round, the week of the rota, proposals, the month in figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.core import clock, sheets
from pointsbank.core.errors import DomainError, NotFound
from pointsbank.core.web import (
    back_to,
    current_actor,
    flash_done,
    form_refused,
    guard,
    render,
    status_of,
    xlsx_response,
)
from pointsbank.patrols import policy, services, times, wording
from pointsbank.patrols.forms import (
    AnswerForm,
    ObserversForm,
    ReasonForm,
    RoundForm,
    ShiftForm,
    day_of,
    month_of,
)
from pointsbank.patrols.models import PatrolState, ProposalState
from pointsbank.patrols.pages.room import bp, community_id
from pointsbank.patrols.queries import figures, proposals, rounds, routes
from pointsbank.patrols.services import planning


@bp.get("/desk/patrols")
@guard.staff(*policy.LOOKERS)
def desk() -> Response:
    """Rounds that wait to be accepted; or all until today."""
    actor, only = current_actor(), request.args.get("only", "")
    state = PatrolState(only) if only in set(PatrolState) else None
    page = rounds.listed(actor, waiting=not only, state=state, cursor=request.args.get("cursor"))
    return render("patrols/desk.html", page=page, only=only, proposals=proposals.waiting_count(actor))


@bp.get("/desk/patrols/<int:patrol_id>")
@guard.staff(*policy.LOOKERS)
def one(patrol_id: int) -> Response:
    """One round with everything that came in."""
    return _one(patrol_id)


def _one(patrol_id: int, status: int = 200, **forms: Any) -> Response:
    actor = current_actor()
    view = rounds.whole(actor, patrol_id)
    patrol = view.patrol
    if not policy.may_see(actor, patrol.team_id):
        raise NotFound
    members = planning.members(community_id(), patrol.team_id, patrol.on)
    observers = forms.pop("observers", None) or ObserversForm(
        formdata=None, observers=[i for i, _name in view.observers])
    observers.observers.choices = list(members.items())
    kinds = {c.id: c.name for c in routes.categories(community_id())}
    return render("patrols/round.html", status, view=view, patrol=patrol, route=view.route, kinds=kinds,
                  takes_paper=times.is_walkable(patrol, clock.today(), times.PAPER_DAYS),
                  may_keep=policy.may_keep(actor, patrol.team_id), may_decide=policy.may_decide(actor, patrol.team_id),
                  observers=observers, back_form=forms.pop("back_form", None) or ReasonForm(formdata=None),
                  void_form=forms.pop("void_form", None) or ReasonForm(formdata=None), **forms)


def _said(name: str, patrol_id: int, work: Callable[[str], Any], done: str) -> BaseResponse:
    form = ReasonForm()
    try:
        form.check()
        work(form.reason.data or "")
    except DomainError as refusal:
        if refusal.code not in ("patrols.reason_missing", "core.invalid"):
            raise
        form.form_errors = [refusal.sentence]
        return _one(patrol_id, 422, **{name: form})
    flash_done(done)
    return back_to("patrols.one", patrol_id=patrol_id)


@bp.post("/desk/patrols/<int:patrol_id>/accept")
@guard.staff(*policy.LOOKERS)
def accept(patrol_id: int) -> BaseResponse:
    """It counts, for those who were there."""
    absent = request.form.getlist("absent", type=int)
    try:
        services.accept(current_actor(), patrol_id, absent=absent)
    except DomainError as refusal:
        if refusal.code != "patrols.bad_absent":
            raise
        return _one(patrol_id, 422, absent=absent, absent_refusal=refusal)
    flash_done(_("Accepted. Each observer’s round waits for its review like any other deed."))
    return back_to("patrols.desk")


@bp.post("/desk/patrols/<int:patrol_id>/send-back")
@guard.staff(*policy.LOOKERS)
def send_back(patrol_id: int) -> BaseResponse:
    """Something is missing."""
    return _said("back_form", patrol_id, lambda why: services.send_back(current_actor(), patrol_id, why),
                 _("Sent back; the observers have been told why."))


@bp.post("/desk/patrols/<int:patrol_id>/void")
@guard.staff(*policy.LOOKERS)
def void(patrol_id: int) -> BaseResponse:
    """Call it off."""
    return _said("void_form", patrol_id, lambda why: services.void(current_actor(), patrol_id, why),
                 _("Called off; the observers have been told."))


@bp.post("/desk/patrols/<int:patrol_id>/assign")
@guard.staff(*policy.LOOKERS)
def assign(patrol_id: int) -> BaseResponse:
    """Say who walks."""
    form = ObserversForm()
    form.observers.choices = [(i, "") for i in request.form.getlist("observers", type=int)]
    try:
        services.assign(current_actor(), patrol_id, form.observers.data or [])
    except DomainError as refusal:
        if refusal.code not in ("patrols.bad_observers", "patrols.busy"):
            raise
        form.observers.errors = [refusal.sentence]
        return _one(patrol_id, status_of(refusal), observers=form)
    flash_done(_("Assigned, and told."))
    return back_to("patrols.one", patrol_id=patrol_id)


@bp.post("/desk/patrols/findings/<int:finding_id>/<what>")
@guard.staff(*policy.LOOKERS)
def decide_finding(finding_id: int, what: str) -> BaseResponse:
    """Confirm what was put right, hand it on, or take it apart from the case that it joined."""
    actor = current_actor()
    if what not in ("fixed", "not_fixed", "apart"):
        raise NotFound
    found = services.raise_apart(actor, finding_id) if what == "apart" else services.confirm_fixed(
        actor, finding_id, is_fixed=what == "fixed")
    flash_done(_("Written down."))
    return back_to("patrols.one", patrol_id=found.patrol_id)


# ── The rota ────────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/desk/patrols/rota")
@guard.staff(*policy.LOOKERS)
def rota() -> Response:
    """A week of rounds; ``?print=1`` as a sheet of A4."""
    return _rota()


def _rota(status: int = 200, **forms: Any) -> Response:
    actor = current_actor()
    teams = routes.teams_of(actor)
    wanted = request.args.get("team", type=int)
    team = next((t for t in teams if t.id == wanted or wanted is None), None)
    monday = routes.monday_of(day_of(request.args.get("week")))
    week = routes.week(actor, monday, team.id if team is not None else None)
    open_routes = [(r.route.id, r.route.name) for r in routes.routes(actor, limit=100).items]
    shift = forms.get("shift") or ShiftForm(formdata=None)
    extra = forms.get("extra") or RoundForm(formdata=None, day=clock.today())
    shift.route_id.choices = extra.route_id.choices = open_routes
    paper = request.args.get("print") == "1"
    return render("patrols/print_rota.html" if paper else "patrols/rota.html", status, week=week, team=team,
                  teams=teams, shifts=routes.shifts(actor), shift=shift, extra=extra, step=dt.timedelta(days=7))


@bp.post("/desk/patrols/shifts")
@guard.staff(*policy.LOOKERS)
def add_shift() -> BaseResponse:
    """A line of the rota."""
    form = ShiftForm()
    form.route_id.choices = [(r.route.id, r.route.name) for r in routes.routes(current_actor(), limit=100).items]
    try:
        form.check()
        services.add_shift(current_actor(), form.route_id.data, form.weekday.data, form.window())
    except DomainError as refusal:
        return _rota_refused("shift", form, refusal)
    flash_done(_("The line stands, and the rounds of the coming two weeks are planned."))
    return back_to("patrols.rota")


def _rota_refused(name: str, form: ShiftForm | RoundForm, refusal: DomainError) -> BaseResponse:
    if refusal.code not in ("patrols.bad_shift", "patrols.no_checkpoints", "core.invalid"):
        raise refusal
    for field, text in refusal.fields.items():
        if field in form:
            form[field].errors = [*form[field].errors, str(text)]
    form.form_errors = [refusal.sentence]
    return _rota(422, **{name: form})


@bp.post("/desk/patrols/shifts/<int:shift_id>/end")
@guard.staff(*policy.LOOKERS)
def end_shift(shift_id: int) -> BaseResponse:
    """The line goes."""
    services.end_shift(current_actor(), shift_id)
    flash_done(_("The line has ended, and its rounds to come are called off."))
    return back_to("patrols.rota")


@bp.post("/desk/patrols/rounds")
@guard.staff(*policy.LOOKERS)
def plan_round() -> BaseResponse:
    """One round beside the rota."""
    form = RoundForm()
    form.route_id.choices = [(r.route.id, r.route.name) for r in routes.routes(current_actor(), limit=100).items]
    try:
        form.check()
        made = services.plan_round(current_actor(), form.route_id.data, form.day.data, form.window())
    except DomainError as refusal:
        return _rota_refused("extra", form, refusal)
    flash_done(_("The round is planned; whoever’s turn it is has been told."))
    return back_to("patrols.one", patrol_id=made.id)


# ── Proposals and figures ───────────────────────────────────────────────────────────────────────────────────────


@bp.get("/desk/patrols/proposals")
@guard.staff(*policy.LOOKERS)
def desk_proposals() -> Response:
    """What waits for an answer, the oldest first; or what was answered."""
    waiting = request.args.get("only") != "answered"
    page = proposals.listed(current_actor(), waiting=waiting, cursor=request.args.get("cursor"))
    return render("patrols/desk_proposals.html", page=page, waiting=waiting)


@bp.route("/desk/patrols/proposals/<int:proposal_id>", methods=["GET", "POST"])
@guard.staff(*policy.LOOKERS)
def proposal(proposal_id: int) -> BaseResponse:
    """One proposal, and its answer in writing."""
    actor, form = current_actor(), AnswerForm()
    row = proposals.one(actor, proposal_id)
    more = {"row": row, "proposal": row.proposal, "may_answer": policy.may_answer(actor)}
    if request.method == "GET":
        return render("patrols/proposal.html", form=form, **more)
    try:
        form.check()
        services.answer(actor, proposal_id, ProposalState(form.outcome.data), form.answer.data or "")
    except DomainError as refusal:
        return form_refused("patrols/proposal.html", form, refusal, **more)
    flash_done(_("Answered. The proposer has been told, and the answer is public."))
    return back_to("patrols.desk_proposals")


@bp.get("/desk/patrols/figures")
@guard.staff(*policy.LOOKERS)
def figures_page() -> Response:
    """A month for each route, with what each figure is; also as a workbook."""
    actor, first = current_actor(), month_of(request.args.get("month"))
    rows = figures.month(actor, first)
    if request.args.get("format") == "xlsx":
        head = [_("Route"), _("Team"), *(str(name) for name, _text in wording.DEFINITIONS)]
        lines: list[list[Any]] = [[r.route, r.team, *(getattr(r, name) for name in figures.SUMMED[:-1]),
                                   round(r.minutes / 60, 1)] for r in rows]
        return xlsx_response(f"rounds-{first:%Y-%m}", sheets.write_xlsx(_("Rounds"), head, lines))
    before = (first - dt.timedelta(days=1)).replace(day=1)
    after = (first + dt.timedelta(days=32)).replace(day=1)
    return render("patrols/figures.html", rows=rows, total=figures.total(rows), first=first, before=before,
                  after=after if after <= clock.today() else None, sent=figures.sent_proposals(actor, first))
