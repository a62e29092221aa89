"""The desk's pages: what waits for approval, all activities, venues with their printed codes."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.activities import codes, policy, queries, services, wording
from pointsbank.activities.forms import ReasonForm, VenueForm
from pointsbank.activities.models import Activity, Occurrence, Venue
from pointsbank.activities.pages import bp
from pointsbank.core.actor import Actor
from pointsbank.core.db import get_scoped
from pointsbank.core.errors import DomainError
from pointsbank.core.formats import format_minutes, format_time
from pointsbank.core.sheets import write_xlsx
from pointsbank.core.web import (
    answers_secret,
    back_to,
    current_actor,
    flash_done,
    form_refused,
    guard,
    render,
    xlsx_response,
)
from pointsbank.people import queries as people
from pointsbank.people.roles import Role

EXCEL_ROWS = 100


@bp.get("/desk/activities")
@guard.staff(*policy.DESK)
def desk() -> Response:
    """Activities, newest first, by state; those that wait for approval have a button."""
    actor = current_actor()
    state = request.args.get("state", "")
    if request.args.get("format") == "xlsx":
        return _xlsx(actor, state)
    page = queries.desk(actor.community_id, state=state, cursor=request.args.get("cursor"))
    return render("activities/desk.html", page=page, state=state, listed=_listed(actor, page.items),
                  waiting=queries.waiting_count(actor.community_id), leaders=_leaders(page.items),
                  may_approve=lambda a: policy.may_approve(actor, a))


def _listed(actor: Actor, items: Sequence[Activity]) -> dict[int, queries.Listed]:
    return queries.occurrences_of(actor.community_id, [a.id for a in items])


def _leaders(items: Sequence[Activity]) -> dict[int, str]:
    return people.names_of_users({a.leader_id for a in items})


def _xlsx(actor: Actor, state: str) -> Response:
    """Every activity of the list, page by page."""
    rows: list[list[object]] = []
    cursor = None
    while True:
        page = queries.desk(actor.community_id, state=state, cursor=cursor, limit=EXCEL_ROWS)
        listed, leaders = _listed(actor, page.items), _leaders(page.items)
        hours = queries.hours_of(actor.community_id, [row.occurrence.id for row in listed.values()])
        for activity in page.items:
            row = listed[activity.id]
            came, minutes = hours.get(row.occurrence.id, (0, 0))
            rows.append([activity.id, activity.title, wording.span_text(row.occurrence), activity.place,
                         leaders.get(activity.leader_id, ""), str(wording.activity_chip(activity, row.occurrence)[2]),
                         row.signed_up, came, float(format_minutes(minutes))])
        cursor = page.next
        if cursor is None:
            break
    headings = [_("Number"), _("Activity"), _("Time"), _("Place"), _("Leader"), _("State"), _("Signed up"), _("Came"),
                _("Hours")]
    return xlsx_response("activities", write_xlsx(_("Activities"), headings, rows))


@bp.get("/desk/activities/<int:activity_id>")
@guard.staff(*policy.DESK)
def desk_activity(activity_id: int) -> Response:
    """One activity: what it is, who came and where each row came from."""
    actor = current_actor()
    activity = get_scoped(Activity, activity_id, actor.community_id)
    listed = queries.of_activity(actor.community_id, activity_id)[0]
    occurrence = queries.occurrence(actor.community_id, listed.occurrence.id)
    rows = queries.roster(occurrence)
    users = people.names_of_users(
        {u for u in (activity.leader_id, activity.published_by_id, occurrence.closed_by_id) if u})
    return render("activities/desk_activity.html", activity=activity, photos=queries.photos_of(actor, activity),
                  may_take_down=policy.may_take_down(actor, activity), listed=listed, occurrence=occurrence, rows=rows,
                  users=users, form=ReasonForm(formdata=None), flags_of=queries.flags_of,
                  may_approve=policy.may_approve(actor, activity), may_lead=policy.may_lead(actor, activity),
                  is_leader=policy.is_leader(actor, activity))


@bp.post("/desk/activities/<int:activity_id>/roster")
@guard.staff(*policy.DESK)
@answers_secret
def download_roster(activity_id: int) -> Response:
    """The roster as a workbook; it holds whole names, so each download stands in the audit."""
    actor = current_actor()
    get_scoped(Activity, activity_id, actor.community_id)
    listed = queries.of_activity(actor.community_id, activity_id)[0]
    rows = services.take_roster(actor, listed.occurrence.id, on_paper=False)
    return _roster_xlsx(queries.occurrence(actor.community_id, listed.occurrence.id), rows)


def _roster_xlsx(occurrence: Occurrence, rows: list[queries.RosterRow]) -> Response:
    body = []
    for row in rows:
        seen = row.attendance
        body.append([
            row.number, row.resident.name, _("yes") if row.signed_up else "",
            str(wording.ATTENDANCE_CHIPS[seen.state][2]) if seen else "",
            str(wording.METHODS[seen.method][1]) if seen else "",
            format_time(seen.in_at) if seen and seen.in_at else "",
            format_time(seen.out_at) if seen and seen.out_at else "",
            seen.minutes if seen else None,
            _(", ").join(wording.flag_texts(queries.flags_of(occurrence, seen))) if seen else ""])
    headings = [_("Number"), _("Name"), _("Signed up"), _("State"), _("How"), _("Checked in"), _("Checked out"),
                _("Minutes"), _("Remarks")]
    return xlsx_response(f"roster-{occurrence.id}", write_xlsx(_("Roster"), headings, body))


@bp.post("/desk/activities/<int:activity_id>/publish")
@guard.staff(*policy.APPROVERS)
def publish(activity_id: int) -> Response:
    """Approve."""
    services.publish(current_actor(), activity_id)
    flash_done(_("Approved. The activity is published."))
    return back_to("activities.desk_activity", activity_id=activity_id)


@bp.post("/desk/activities/<int:activity_id>/return")
@guard.staff(*policy.APPROVERS)
def return_(activity_id: int) -> Response:
    """Send back with a reason."""
    services.return_(current_actor(), activity_id, ReasonForm().note.data or "")
    flash_done(_("Sent back to the leader with your reason."))
    return back_to("activities.desk_activity", activity_id=activity_id)


@bp.route("/desk/venues", methods=["GET", "POST"])
@guard.staff(Role.COMMITTEE_MEMBER)
def venues() -> Response:
    """Places with a code on the wall."""
    actor = current_actor()
    form = VenueForm()
    listed = queries.venues(actor.community_id)
    if request.method == "GET":
        return render("activities/venues.html", form=form, venues=listed)
    if not form.validate():
        return render("activities/venues.html", 422, form=form, venues=listed)
    try:
        services.add_venue(actor, form.name.data or "")
    except DomainError as refusal:
        return form_refused("activities/venues.html", form, refusal, venues=listed)
    flash_done(_("Added. Print its code and hang it up."))
    return back_to("activities.venues")


@bp.post("/desk/venues/<int:venue_id>/renew")
@guard.staff(Role.COMMITTEE_MEMBER)
def renew_venue(venue_id: int) -> Response:
    """A new code; the old print stops working."""
    services.renew_venue(current_actor(), venue_id)
    flash_done(_("There is a new code. The old print no longer works; please print it again."))
    return back_to("activities.venues")


@bp.get("/desk/venues/<int:venue_id>/print")
@guard.staff(Role.COMMITTEE_MEMBER)
def venue_sheet(venue_id: int) -> Response:
    """The venue's code on A4."""
    venue = get_scoped(Venue, venue_id, current_actor().community_id)
    return render("activities/venue_sheet.html", venue=venue,
                  address=codes.address("V", codes.venue_code(venue.id, venue.epoch)))
