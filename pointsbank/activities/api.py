"""JSON routes: activities, occurrences, sign-ups, check-ins, rosters."""

from __future__ import annotations

from typing import Any

from flask import make_response, request
from werkzeug.wrappers import Response

from pointsbank.activities import codes, policy, queries, services
from pointsbank.activities import schemas as s
from pointsbank.activities.models import Activity, Attendance, EventKind, Method, SignUp
from pointsbank.activities.services import CheckedIn, WrongTry
from pointsbank.core import clock
from pointsbank.core.api import ApiRoom, PageInput, paged
from pointsbank.core.db import get_scoped
from pointsbank.core.errors import NotFound, SignInRequired
from pointsbank.core.web import answers_secret, current_actor, guard, repeats_itself

api = ApiRoom("activities", __name__, prefix="", description="Plan, sign up, check in and out, close.")


def _sender() -> str:
    """What a receipt is bound to: the bearer token, or the browser's cookie."""
    return request.headers.get("Authorization", "") or request.cookies.get("pb_browser", "")


def _answer(done: CheckedIn) -> Response:
    """201 for something new, 200 with the same attendance for everything after it."""
    return make_response(s.AttendanceView().dump(done), 201 if done.is_new else 200)


@api.get("/activities")
@guard.resident
@api.response(200, s.ListedPage)
def upcoming() -> dict[str, Any]:
    """What is coming, for the resident acted for."""
    actor = current_actor()
    return {"items": queries.upcoming(actor.community_id, actor.resident_id), "next": None}


@api.post("/activities")
@guard.staff(*policy.LEADERS)
@api.arguments(s.ActivityInput)
@api.response(201, s.ActivityView)
def plan(given: dict[str, Any]) -> Activity:
    """Plan an activity and send it for approval."""
    activity = services.plan(current_actor(), services.ActivityDraft(**given))
    return services.submit(current_actor(), activity.id)


@api.get("/desk/activities")
@guard.staff(*policy.DESK)
@api.arguments(s.ActivityQuery, location="query")
@api.response(200, paged(s.ActivityView))
def desk(given: dict[str, Any]) -> Any:
    """All activities of the community, newest first."""
    return queries.desk(current_actor().community_id, **given)


@api.get("/activities/<int:activity_id>")
@guard.resident
@api.response(200, s.ListedPage)
def activity(activity_id: int) -> dict[str, Any]:
    """One published activity with its occurrences."""
    actor = current_actor()
    listed = [row for row in queries.of_activity(actor.community_id, activity_id, actor.resident_id)
              if row.activity.state != "draft"]
    if not listed:
        raise NotFound
    return {"items": listed, "next": None}


@api.post("/activities/<int:activity_id>/publish")
@guard.staff(*policy.APPROVERS)
@api.response(200, s.ActivityView)
def publish(activity_id: int) -> Activity:
    """Approve; never by its leader."""
    return services.publish(current_actor(), activity_id)


@api.post("/activities/<int:activity_id>/return")
@guard.staff(*policy.APPROVERS)
@api.arguments(s.ActivityReasonInput)
@api.response(200, s.ActivityView)
def return_(given: dict[str, Any], activity_id: int) -> Activity:
    """Send back to its leader."""
    return services.return_(current_actor(), activity_id, given["reason"])


@api.post("/activities/<int:activity_id>/cancel")
@guard.staff(*policy.LEADERS, *policy.APPROVERS)
@api.arguments(s.ActivityReasonInput)
@api.response(200, s.ActivityView)
def cancel(given: dict[str, Any], activity_id: int) -> Activity:
    """Call it off."""
    return services.cancel(current_actor(), activity_id, given["reason"])


def _photos(activity_id: int) -> dict[str, Any]:
    actor = current_actor()
    activity = get_scoped(Activity, activity_id, actor.community_id)
    if activity.state == "draft" and not policy.may_take_down(actor, activity):
        raise NotFound
    return {"items": queries.photos_of(actor, activity), "next": None}


@api.get("/activities/<int:activity_id>/photos")
@guard.signed_in
@api.response(200, s.PhotosView)
def list_photos(activity_id: int) -> dict[str, Any]:
    """The photos of an activity, its cover first, for whoever may see the activity."""
    return _photos(activity_id)


@api.post("/activities/<int:activity_id>/photos")
@guard.staff(*policy.LEADERS)
@api.arguments(s.PhotosInput)
@api.response(201, s.PhotosView)
def add_photos(given: dict[str, Any], activity_id: int) -> dict[str, Any]:
    """Hang up photos that were sent before; nine in all."""
    services.add_photos(current_actor(), activity_id, photo_ids=given["photo_ids"])
    return _photos(activity_id)


@api.post("/activities/<int:activity_id>/photos/<int:photo_id>/cover")
@guard.staff(*policy.LEADERS)
@api.response(200, s.PhotosView)
def put_cover(activity_id: int, photo_id: int) -> dict[str, Any]:
    """Choose the one that lists show."""
    services.put_cover(current_actor(), activity_id, photo_id)
    return _photos(activity_id)


@api.delete("/activities/<int:activity_id>/photos/<int:photo_id>")
@guard.staff(*policy.LEADERS, *policy.APPROVERS)
@api.response(204)
def remove_photo(activity_id: int, photo_id: int) -> None:
    """Take one down for good."""
    services.remove_photo(current_actor(), activity_id, photo_id)


@api.post("/occurrences/<int:occurrence_id>/sign-ups")
@guard.resident
@api.response(201, s.SignUpView)
def sign_up(occurrence_id: int) -> SignUp:
    """Sign the resident acted for up."""
    return services.sign_up(current_actor(), occurrence_id)


@api.delete("/occurrences/<int:occurrence_id>/sign-ups")
@guard.resident
@api.response(204)
def cancel_sign_up(occurrence_id: int) -> None:
    """Cancel the sign-up of the resident acted for."""
    services.cancel_sign_up(current_actor(), occurrence_id)


@api.post("/scans")
@guard.static
@api.arguments(s.ScanInput)
@api.response(200, s.ReceiptView)
def scan(given: dict[str, Any]) -> dict[str, Any]:
    """Exchange a rotating code for a receipt. Checks nobody in, and costs no statement."""
    if not _sender():
        raise SignInRequired
    receipt, found = services.scan(given["token"].strip().rsplit("/", 1)[-1], _sender())
    return {"id": codes.read_receipt(receipt, _sender()).id, "receipt": receipt, "late": found.is_late,
            "occurrence_id": found.occurrence_id, "kind": found.kind}


@api.post("/occurrences/<int:occurrence_id>/check-ins")
@guard.public
@repeats_itself
@api.arguments(s.CheckInInput)
@api.alt_response(201, schema=s.AttendanceView)
@api.response(200, s.AttendanceView)
def check_in(given: dict[str, Any], occurrence_id: int) -> Response:
    """Check in or out with a receipt: 201, and 200 with the same attendance when it was known already.

    The receipt's MAC is checked before anything reads the session. The receipt's id is the idempotency key; one in the
    header adds nothing.
    """
    receipt = codes.read_receipt(given["receipt"], _sender())
    return _answer(services.check_in(current_actor(), receipt, occurrence_id))


@api.post("/check-ins/number")
@guard.resident
@repeats_itself
@api.arguments(s.NumberInput)
@api.response(200, s.NumberView)
def check_in_number(given: dict[str, Any]) -> dict[str, Any]:
    """Check in by the four digits; five wrong ones in ten minutes block it."""
    once = request.headers.get("Idempotency-Key") or f"{current_actor().session_id}:{int(clock.now().timestamp())}"
    done = services.check_in_by_number(current_actor(), given["number"], _sender(), once)
    if isinstance(done, WrongTry):
        return {"accepted": False, "tries_left": done.tries_left, "attendance": None}
    return {"accepted": True, "tries_left": None, "attendance": done}


@api.post("/occurrences/<int:occurrence_id>/screens")
@guard.staff(*policy.LEADERS)
@answers_secret
@api.response(201, s.ScreenView)
def open_screen(occurrence_id: int) -> dict[str, Any]:
    """Open check-in; the code and number of this moment. ``kind=out`` in the query asks for the check-out code."""
    screen = services.open_screen(current_actor(), occurrence_id)
    kind, now = EventKind.OUT if request.args.get("kind") == "out" else EventKind.IN, clock.now()
    token = codes.rotating(occurrence_id, screen.id, kind, now)
    number = codes.number(codes.screen_key(occurrence_id, screen.id), kind, now)
    return {"screen_id": screen.id, "occurrence_id": occurrence_id, "token": token,
            "address": codes.address("S", token), "number": number, "seconds_left": codes.seconds_left(now)}


@api.post("/occurrences/<int:occurrence_id>/cards")
@guard.staff(*policy.LEADERS)
@api.arguments(s.CardInput)
@api.alt_response(201, schema=s.AttendanceView)
@api.response(200, s.AttendanceView)
def check_in_card(given: dict[str, Any], occurrence_id: int) -> Response:
    """A leader checks the holder of a card in or out."""
    return _answer(services.check_in_card(current_actor(), occurrence_id, given["card"], EventKind(given["kind"])))


@api.post("/occurrences/<int:occurrence_id>/sheets")
@guard.staff(*policy.LEADERS)
@api.arguments(s.SheetInput)
@api.response(201, s.CountView)
def log_sheet(given: dict[str, Any], occurrence_id: int) -> dict[str, int]:
    """Enter people by hand."""
    rows = services.log_sheet(
        current_actor(), occurrence_id, given["resident_ids"], reason=given["reason"], method=Method(given["method"]),
        in_at=given["in_at"], out_at=given["out_at"])
    return {"count": len(rows)}


@api.post("/occurrences/<int:occurrence_id>/everyone-out")
@guard.staff(*policy.LEADERS)
@api.response(200, s.CountView)
def everyone_out(occurrence_id: int) -> dict[str, int]:
    """Check out everybody who is still in."""
    return {"count": services.everyone_out(current_actor(), occurrence_id)}


@api.post("/occurrences/<int:occurrence_id>/close")
@guard.staff(*policy.LEADERS)
@api.arguments(s.CloseInput)
@api.response(200, s.OccurrenceView)
def close(given: dict[str, Any], occurrence_id: int) -> Any:
    """Close with a headcount."""
    return services.close(current_actor(), occurrence_id, given["headcount"], anyway=given["anyway"])


@api.get("/occurrences/<int:occurrence_id>/roster")
@guard.staff(*policy.LEADERS)
@api.response(200, s.RosterPage)
def roster(occurrence_id: int) -> dict[str, Any]:
    """Everybody expected and seen, for who leads it."""
    actor = current_actor()
    occurrence = queries.occurrence(actor.community_id, occurrence_id)
    if not policy.may_lead(actor, occurrence.activity):
        raise NotFound
    return {"items": queries.roster(occurrence), "next": None}


@api.post("/attendances/<int:attendance_id>/accept")
@guard.staff(*policy.LEADERS)
@api.response(200, s.StoredAttendanceView)
def accept(attendance_id: int) -> Attendance:
    """Agree to somebody who waits."""
    return services.accept(current_actor(), attendance_id)


@api.post("/attendances/<int:attendance_id>/decline")
@guard.staff(*policy.LEADERS)
@api.response(200, s.StoredAttendanceView)
def decline(attendance_id: int) -> Attendance:
    """Was not there."""
    return services.decline(current_actor(), attendance_id)


@api.get("/attendances")
@guard.resident
@api.arguments(PageInput, location="query")
@api.response(200, paged(s.StoredAttendanceView))
def attendances(given: dict[str, Any]) -> Any:
    """The attendances of the resident acted for."""
    actor = current_actor()
    return queries.attendances_of(actor.community_id, actor.resident_id, **given)


@api.get("/attendances/<int:attendance_id>")
@guard.resident
@api.response(200, s.StoredAttendanceView)
def attendance(attendance_id: int) -> Attendance:
    """One attendance of the resident acted for."""
    actor = current_actor()
    found = get_scoped(Attendance, attendance_id, actor.community_id)
    if found.resident_id != actor.resident_id:
        raise NotFound
    return found
