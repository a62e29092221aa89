"""What a resident sees: what is coming, one activity, the own attendance."""

from __future__ import annotations

from flask import make_response, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.activities import calendars, queries, services
from pointsbank.activities.models import Activity, ActivityState
from pointsbank.activities.pages import bp
from pointsbank.communities import settings as community_settings
from pointsbank.core.db import get_scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.web import back_to, current_actor, flash_done, guard, render


@bp.get("/activities")
@guard.resident
def index() -> Response:
    """What is coming, one's own first."""
    actor = current_actor()
    listed = queries.upcoming(actor.community_id, actor.resident_id)
    past = queries.attendances_of(actor.community_id, actor.resident_id, cursor=request.args.get("cursor"))
    titles = queries.titles_of(actor.community_id, [row.occurrence_id for row in past.items])
    return render("activities/index.html", listed=listed, past=past, titles=titles,
                  covers=queries.covers(actor.community_id, listed))


@bp.get("/activities/<int:activity_id>")
@guard.resident
def activity(activity_id: int) -> Response:
    """One activity: when, where, how many places, sign up."""
    actor = current_actor()
    found = get_scoped(Activity, activity_id, actor.community_id)
    if found.state is ActivityState.DRAFT:
        raise NotFound
    listed = queries.of_activity(actor.community_id, activity_id, actor.resident_id)
    return render("activities/activity.html", activity=found, listed=listed, photos=queries.photos_of(actor, found))


@bp.get("/activities/<int:activity_id>.ics")
@guard.resident
def calendar(activity_id: int) -> Response:
    """The activity for the phone's calendar."""
    actor = current_actor()
    found = get_scoped(Activity, activity_id, actor.community_id)
    if found.state is ActivityState.DRAFT:
        raise NotFound
    rows = [row.occurrence for row in queries.of_activity(actor.community_id, activity_id)]
    address = url_for("activities.activity", activity_id=activity_id, _external=True)
    answer = make_response(calendars.ics(found, rows, address))
    answer.headers["Content-Type"] = "text/calendar; charset=utf-8"
    answer.headers.set("Content-Disposition", "attachment", filename=f"activity-{activity_id}.ics")
    return answer


@bp.post("/occurrences/<int:occurrence_id>/sign-up")
@guard.resident
def sign_up(occurrence_id: int) -> Response:
    """I will come."""
    actor = current_actor()
    services.sign_up(actor, occurrence_id)
    flash_done(_("You are signed up. We look forward to seeing you."))
    return back_to("activities.activity", activity_id=queries.occurrence(actor.community_id, occurrence_id).activity_id)


@bp.post("/occurrences/<int:occurrence_id>/cancel-sign-up")
@guard.resident
def cancel_sign_up(occurrence_id: int) -> Response:
    """I will not come after all."""
    actor = current_actor()
    services.cancel_sign_up(actor, occurrence_id)
    flash_done(_("Your place is free again for somebody else."))
    return back_to("activities.activity", activity_id=queries.occurrence(actor.community_id, occurrence_id).activity_id)


@bp.get("/attendances/<int:attendance_id>")
@guard.resident
def attendance(attendance_id: int) -> Response:
    """What was noted of the resident acted for, and what comes next."""
    actor = current_actor()
    found, occurrence = queries.attendance(actor.community_id, attendance_id)
    if found.resident_id != actor.resident_id:
        raise NotFound
    share = community_settings.of(found.community_id).checkout_share
    return render("activities/attendance.html", attendance=found, occurrence=occurrence, activity=occurrence.activity,
                  flags=queries.flags_of(occurrence, found), share=share)
