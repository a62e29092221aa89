"""The leader's pages: today, plan, roster, cards, sheet, close."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.activities import decoding, policy, queries, services
from pointsbank.activities.errors import HeadcountDiffers, NobodyFound, NothingToRead
from pointsbank.activities.forms import ActivityForm, CardForm, CloseForm, PhotosForm, ReasonForm, SheetForm, values_of
from pointsbank.activities.models import Activity, ActivityKind, EventKind, Method, Occurrence
from pointsbank.activities.pages import bp
from pointsbank.activities.services.leading import typed_left
from pointsbank.core import clock
from pointsbank.core.db import get_scoped
from pointsbank.core.errors import DomainError, NotFound
from pointsbank.core.formats import format_time
from pointsbank.core.web import (
    answers_secret,
    back_to,
    begin_write,
    current_actor,
    flash_done,
    form_refused,
    guard,
    reads_first,
    render,
    repeats_itself,
)
from pointsbank.media import queries as photos
from pointsbank.media import services as media
from pointsbank.people import queries as people
from pointsbank.people.roles import Role
from pointsbank.rules import queries as rules


def _led(occurrence_id: int) -> Occurrence:
    actor = current_actor()
    occurrence = queries.occurrence(actor.community_id, occurrence_id)
    if not policy.may_lead(actor, occurrence.activity):
        raise NotFound
    return occurrence


@bp.get("/lead")
@guard.staff(*policy.LEADERS)
def lead() -> Response:
    """Today's activities first, then what waits to be closed, what comes, and drafts."""
    actor = current_actor()
    listed = queries.led_by(actor)
    today = clock.today()
    groups: dict[str, list[queries.Listed]] = {"today": [], "to_close": [], "coming": [], "drafts": [], "closed": []}
    for row in listed:
        groups[_group(row, today)].append(row)
    return render("activities/lead.html", groups=groups)


def _group(row: queries.Listed, today: dt.date) -> str:
    if row.activity.state == "draft":
        return "drafts"
    if row.occurrence.state == "closed":
        return "closed"
    if clock.local_date(row.occurrence.starts_at) == today:
        return "today"
    return "to_close" if row.occurrence.ends_at < clock.now() else "coming"


def _activity_form(**values: Any) -> ActivityForm:
    actor = current_actor()
    form = ActivityForm(**values)
    teams = people.teams(actor.community_id or 0)
    may = [t for t in teams if policy.may_plan(actor, t.id)]
    form.team_id.choices = [(t.id, t.name) for t in may]
    if actor.has_role(Role.COMMITTEE_MEMBER):
        form.team_id.choices.append((0, _("The community itself")))
    venues = [(v.id, v.name) for v in queries.venues(actor.community_id)]
    form.venue_id.choices = [(0, _("No code on the wall")), *venues]
    items = [r for kind in ActivityKind for r in rules.items(actor.community_id or 0, kind.value)]
    form.item_code.choices = [("", _("The committee decides")), *((r.code, r.name) for r in items)]
    return form


@bp.route("/lead/activities/new", methods=["GET", "POST"])
@guard.staff(*policy.LEADERS)
def new() -> Response:
    """Plan an activity."""
    form = _activity_form(day=clock.today() + dt.timedelta(days=1), starts=dt.time(9), ends=dt.time(11))
    if request.method == "GET":
        return render("activities/new.html", form=form, activity=None)
    if not form.validate():
        return render("activities/new.html", 422, form=form, activity=None)
    try:
        activity = services.plan(current_actor(), form.draft())
        services.submit(current_actor(), activity.id)
    except DomainError as refusal:
        return form_refused("activities/new.html", form, refusal, activity=None)
    flash_done(_("The activity is planned. It is published once somebody who does not lead it has approved it."))
    return back_to("activities.lead_activity", activity_id=activity.id)


@bp.route("/lead/activities/<int:activity_id>/edit", methods=["GET", "POST"])
@guard.staff(*policy.LEADERS)
def edit(activity_id: int) -> Response:
    """Change a draft."""
    actor = current_actor()
    activity = get_scoped(Activity, activity_id, actor.community_id)
    if not policy.may_lead(actor, activity):
        raise NotFound
    occurrence = queries.of_activity(actor.community_id, activity_id)[0].occurrence
    form = _activity_form(**values_of(activity, occurrence))
    if request.method == "GET":
        return render("activities/new.html", form=form, activity=activity)
    if not form.validate():
        return render("activities/new.html", 422, form=form, activity=activity)
    try:
        services.edit(actor, activity_id, form.draft())
        services.submit(actor, activity_id)
    except DomainError as refusal:
        return form_refused("activities/new.html", form, refusal, activity=activity)
    flash_done(_("Changed, and sent for approval again."))
    return back_to("activities.lead_activity", activity_id=activity_id)


@bp.get("/lead/activities/<int:activity_id>")
@guard.staff(*policy.LEADERS)
def lead_activity(activity_id: int) -> Response:
    """One activity with everything that its leader can do now."""
    return lead_page(activity_id, PhotosForm(formdata=None))


def lead_page(activity_id: int, form: PhotosForm, refusal: DomainError | None = None) -> Response:
    """The page of :func:`lead_activity`, with the form for photos as it came back."""
    actor = current_actor()
    activity = get_scoped(Activity, activity_id, actor.community_id)
    if not policy.may_lead(actor, activity):
        raise NotFound
    listed = queries.of_activity(actor.community_id, activity_id)[0]
    facts = queries.screen_facts(queries.occurrence(actor.community_id, listed.occurrence.id))
    now = clock.now()
    running = (listed.occurrence.starts_at - services.checking_in.EARLY <= now
               <= listed.occurrence.ends_at + services.checking_in.LATE)
    values: dict[str, Any] = {
        "activity": activity, "listed": listed, "occurrence": listed.occurrence, "facts": facts, "running": running,
        "cancel_form": ReasonForm(formdata=None), "begun": now >= listed.occurrence.starts_at,
        "photos": queries.photos_of(actor, activity), "most": media.MOST_PER_OWNER,
        "sheets": photos.photos_of(actor.community_id or 0, [_evidence(listed.occurrence.id)])}
    if refusal is not None:
        return form_refused("activities/lead_activity.html", form, refusal, **values)
    return render("activities/lead_activity.html", form=form, **values)


def _evidence(occurrence_id: int) -> str:
    return f"occurrence:{occurrence_id}"


@bp.post("/lead/activities/<int:activity_id>/submit")
@guard.staff(*policy.LEADERS)
def submit(activity_id: int) -> Response:
    """Ask for approval."""
    services.submit(current_actor(), activity_id)
    flash_done(_("Sent for approval."))
    return back_to("activities.lead_activity", activity_id=activity_id)


@bp.post("/lead/activities/<int:activity_id>/cancel")
@guard.staff(*policy.LEADERS)
def cancel(activity_id: int) -> Response:
    """Call it off; everybody who signed up is told."""
    services.cancel(current_actor(), activity_id, ReasonForm().note.data or "")
    flash_done(_("Cancelled. Everybody who signed up was told."))
    return back_to("activities.lead")


# ── Cards ───────────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/lead/occurrences/<int:occurrence_id>/card")
@guard.staff(*policy.LEADERS)
def take_card(occurrence_id: int) -> Response:
    """Three ways to read a member card: the phone's own scanner, a photo, the 8 digits."""
    occurrence = _led(occurrence_id)
    form = CardForm(formdata=None, kind="out" if request.args.get("kind") == "out" else "in")
    return render("activities/take_card.html", form=form, occurrence=occurrence, activity=occurrence.activity)


@bp.post("/lead/occurrences/<int:occurrence_id>/card")
@guard.staff(*policy.LEADERS)
@reads_first
@repeats_itself
def do_take_card(occurrence_id: int) -> Response:
    """Check a member in or out. A photo is decoded before anything is locked. Sent again, it changes nothing: the
    earliest arrival counts."""
    form = CardForm()
    occurrence = _led(occurrence_id)
    try:
        text = (form.card.data or "").strip()
        if not text and form.photo.data:
            text = decoding.card_in(form.photo.data.read())
        if not text:
            raise NothingToRead
        begin_write()
        kind = EventKind.OUT if form.kind.data == EventKind.OUT else EventKind.IN
        done = services.check_in_card(current_actor(), occurrence_id, text, kind)
        name = people.resident(current_actor().community_id, queries.attendance(
            current_actor().community_id, done.attendance_id)[0].resident_id).name
    except DomainError as refusal:
        occurrence = _led(occurrence_id)
        return form_refused("activities/take_card.html", form, refusal, occurrence=occurrence,
                            activity=occurrence.activity)
    _tell_card(name, done)
    return back_to("activities.take_card", occurrence_id=occurrence_id, kind=done.kind.value)


def _tell_card(name: str, done: services.CheckedIn) -> None:
    at = done.in_at if done.kind is EventKind.IN else done.out_at
    time = format_time(at) if at else ""
    if done.kind is EventKind.IN:
        flash_done(_("%(name)s is checked in, %(time)s.", name=name, time=time) if done.is_new
                   else _("%(name)s already checked in at %(time)s.", name=name, time=time))
    else:
        flash_done(_("%(name)s is checked out, %(time)s.", name=name, time=time) if at
                   else _("%(name)s was checked out, but never in.", name=name))


# ── Roster and sheet ────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/lead/occurrences/<int:occurrence_id>/roster")
@guard.staff(*policy.LEADERS)
def roster(occurrence_id: int) -> Response:
    """Everybody expected and seen; ticks enter whoever could not scan."""
    occurrence = _led(occurrence_id)
    form = SheetForm(formdata=None, starts=clock.local(occurrence.starts_at).time(),
                     ends=clock.local(occurrence.ends_at).time())
    return _roster(occurrence, form)


def _roster(occurrence: Occurrence, form: SheetForm, refusal: DomainError | None = None) -> Response:
    values = {"occurrence": occurrence, "activity": occurrence.activity, "rows": queries.roster(occurrence),
              "ticked": set(request.form.getlist("who", int)), "flags_of": queries.flags_of,
              "left": typed_left(current_actor())}
    if refusal is not None:
        return form_refused("activities/roster.html", form, refusal, **values)
    return render("activities/roster.html", 422 if form.errors else 200, form=form, **values)


@bp.post("/lead/occurrences/<int:occurrence_id>/roster")
@guard.staff(*policy.LEADERS)
@reads_first
def log_sheet(occurrence_id: int) -> Response:
    """Enter the ticked people, with a reason and, if there is one, a photo of the sheet."""
    form = SheetForm()
    occurrence = _led(occurrence_id)
    if not form.validate():
        return _roster(occurrence, form)
    try:
        prepared = media.prepare_uploads([form.photo.data], most=1) if form.photo.data else []
        begin_write()
        occurrence = _led(occurrence_id)
        actor = current_actor()
        ids = [*request.form.getlist("who", int), *_named(actor.community_id or 0, form.others.data or "")]
        rows = services.log_sheet(
            actor, occurrence_id, ids, reason=form.reason.data or "", method=Method(form.method.data),
            in_at=_time(occurrence, form.starts.data), out_at=_time(occurrence, form.ends.data))
        if prepared:
            photo = media.store(actor, None, "sheet", "deed", prepared[0])
            media.attach(actor, [photo.id], _evidence(occurrence_id))
    except DomainError as refusal:
        return _roster(_led(occurrence_id), form, refusal)
    flash_done(_("%(count)s people are entered. They are told, and somebody outside the team checks the rows.",
                 count=len(rows)))
    return back_to("activities.roster", occurrence_id=occurrence_id)


def _time(occurrence: Occurrence, time: dt.time | None) -> dt.datetime | None:
    """A wall-clock time on the occurrence's day; after midnight for activities that run into the next day."""
    if time is None:
        return None
    day = clock.local_date(occurrence.starts_at)
    instant = clock.at_local(day, time)
    if instant < occurrence.starts_at - services.checking_in.EARLY:
        instant += dt.timedelta(days=1)
    return instant


def _named(community_id: int, text: str) -> list[int]:
    """Residents named one a line by card number, phone or whole name. Raises :class:`NobodyFound`."""
    found = []
    for line in filter(None, (part.strip() for part in text.splitlines()[:60])):
        hits = people.search_residents(community_id, line, limit=20)
        exact = [r for r in hits if r.name == line] or list(hits)
        if len(exact) != 1:
            raise NobodyFound(text=line)
        found.append(exact[0].id)
    return found


@bp.post("/lead/occurrences/<int:occurrence_id>/sheet")
@guard.staff(*policy.LEADERS)
@answers_secret
def sheet(occurrence_id: int) -> Response:
    """The sign-in sheet for paper, in the order of the roster. It holds whole names: each print stands in the audit."""
    occurrence = _led(occurrence_id)
    rows = services.take_roster(current_actor(), occurrence_id, on_paper=True)
    return render("activities/sheet.html", occurrence=occurrence, activity=occurrence.activity, rows=rows,
                  back=url_for("activities.roster", occurrence_id=occurrence_id))


# ── Closing ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _flagged(occurrence: Occurrence) -> list[tuple[queries.RosterRow, list[str]]]:
    """Rows that wait or carry a flag; who was declined already needs no second look."""
    found = []
    for row in queries.roster(occurrence):
        if row.attendance is not None and row.attendance.state != "declined":
            flags = queries.flags_of(occurrence, row.attendance)
            if flags or row.attendance.state == "pending":
                found.append((row, flags))
    return found


def _closing(occurrence: Occurrence) -> dict[str, Any]:
    return {"occurrence": occurrence, "activity": occurrence.activity,
            "facts": queries.screen_facts(occurrence, limit=0), "flagged": _flagged(occurrence)}


@bp.get("/lead/occurrences/<int:occurrence_id>/close")
@guard.staff(*policy.LEADERS)
def close(occurrence_id: int) -> Response:
    """Count heads before everybody goes home."""
    values = _closing(_led(occurrence_id))
    return render("activities/close.html", form=CloseForm(formdata=None), differs=False, **values)


@bp.post("/lead/occurrences/<int:occurrence_id>/close")
@guard.staff(*policy.LEADERS)
def do_close(occurrence_id: int) -> Response:
    """Close; a headcount that differs brings the flagged rows up first."""
    form = CloseForm()
    occurrence = _led(occurrence_id)
    if not form.validate():
        return render("activities/close.html", 422, form=form, differs=False, **_closing(occurrence))
    try:
        services.close(current_actor(), occurrence_id, form.headcount.data or 0, anyway=bool(form.anyway.data))
    except DomainError as refusal:
        return form_refused("activities/close.html", form, refusal, differs=isinstance(refusal, HeadcountDiffers),
                            **_closing(_led(occurrence_id)))
    flash_done(_("Closed. The hours are on their way to the committee."))
    return back_to("activities.lead_activity", activity_id=occurrence.activity_id)
