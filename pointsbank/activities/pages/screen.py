"""The leader's code screen: the rotating QR, the four digits, who is here, one tap for those who wait."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, jsonify, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.activities import codes, policy, queries, services, wording
from pointsbank.activities.models import EventKind, LeaderScreen, Occurrence
from pointsbank.activities.pages import bp
from pointsbank.core import clock
from pointsbank.core import qr as qr_codes
from pointsbank.core.db import db, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.formats import format_time
from pointsbank.core.web import back_to, current_actor, flash_done, guard, render


def _kind() -> EventKind:
    return EventKind.OUT if request.values.get("kind") == "out" else EventKind.IN


def _screen(occurrence_id: int) -> tuple[Occurrence, LeaderScreen | None]:
    """The actor's own screen of an occurrence that they lead; None when it was not opened yet."""
    actor = current_actor()
    occurrence = queries.occurrence(actor.community_id, occurrence_id)
    if not policy.may_lead(actor, occurrence.activity):
        raise NotFound
    screen = db.session.scalars(scoped(LeaderScreen, actor.community_id).where(
        LeaderScreen.occurrence_id == occurrence.id, LeaderScreen.user_id == actor.user_id,
        LeaderScreen.revoked_at.is_(None))).one_or_none()
    return occurrence, screen


def _page_may_have_key() -> bool:
    """Only over https, or on this very machine, is the key put into the page.

    Browsers have no HMAC elsewhere, and a key sent in clear would be worth more than the codes. Else the server draws
    each code anew.
    """
    host = urlsplit(request.host_url).hostname
    return str(current_app.config["BASE_URL"]).startswith("https://") or host in {"localhost", "127.0.0.1", "::1"}


def _path(text: str) -> tuple[int, str]:
    """Two modules of the quiet zone are drawn; the white page around them is the rest of it."""
    matrix = [row[2:-2] for row in qr_codes.modules(text)[2:-2]]
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark)
    return len(matrix), path


def _drawn(screen: LeaderScreen, kind: EventKind) -> dict[str, Any]:
    now = clock.now()
    size, path = _path(codes.address("S", codes.rotating(screen.occurrence_id, screen.id, kind, now)))
    number = codes.number(codes.screen_key(screen.occurrence_id, screen.id), kind, now)
    return {"size": size, "path": path, "number": number, "seconds": codes.seconds_left(now)}


@bp.post("/lead/occurrences/<int:occurrence_id>/open")
@guard.staff(*policy.LEADERS)
def open_screen(occurrence_id: int) -> Response:
    """Open check-in and show the code."""
    services.open_screen(current_actor(), occurrence_id)
    return back_to("activities.code", occurrence_id=occurrence_id, kind=_kind().value)


@bp.post("/lead/occurrences/<int:occurrence_id>/renew-screen")
@guard.staff(*policy.LEADERS)
def renew_screen(occurrence_id: int) -> Response:
    """A phone was lost: a new key from now on."""
    services.renew_screen(current_actor(), occurrence_id)
    flash_done(_("There is a new code now. Whoever scanned from the old phone waits for you."))
    return back_to("activities.code", occurrence_id=occurrence_id)


@bp.get("/lead/occurrences/<int:occurrence_id>/code")
@guard.staff(*policy.LEADERS)
def code(occurrence_id: int) -> Response:
    """The screen itself. Without a script it is loaded again when the code changes."""
    occurrence, screen = _screen(occurrence_id)
    if screen is None:
        return back_to("activities.lead_activity", activity_id=occurrence.activity_id)
    kind = _kind()
    key = codes.screen_key(occurrence.id, screen.id).hex() if _page_may_have_key() else ""
    return render("activities/code.html", occurrence=occurrence, activity=occurrence.activity, screen=screen, kind=kind,
                  key=key, facts=queries.screen_facts(occurrence), drawn=_drawn(screen, kind),
                  prefix=codes.address("S", ""), now_ms=int(clock.now().timestamp() * 1000),
                  both=occurrence.activity.mode == "in_out")


@bp.get("/lead/occurrences/<int:occurrence_id>/code.json")
@guard.staff(*policy.LEADERS)
def code_now(occurrence_id: int) -> Response:
    """What the screen shows now, for the page's script: counts, names and, where it has no key, the code."""
    occurrence, screen = _screen(occurrence_id)
    if screen is None:
        raise NotFound
    facts = queries.screen_facts(occurrence)
    answer: dict[str, Any] = {
        "now": int(clock.now().timestamp() * 1000), "here": facts.here, "signed_up": facts.signed_up,
        "waiting": facts.waiting, "rows": [_row(row) for row in facts.rows]}
    if request.args.get("draw"):
        answer["drawn"] = _drawn(screen, _kind())
    return jsonify(answer)


def _row(row: queries.OnScreen) -> dict[str, Any]:
    return {
        "id": row.attendance_id, "name": row.name, "waits": row.waits,
        "why": _(", ").join(wording.flag_texts(list(row.flags))) if row.waits else "",
        "how": str(wording.METHODS[row.method][1]), "at": format_time(row.at) if row.at else "",
        "accept": url_for("activities.accept", attendance_id=row.attendance_id) if row.waits else "",
    }


def _after(occurrence_id: int) -> Response:
    """Back to where the tap came from."""
    pages = {"roster": "activities.roster", "close": "activities.close"}
    page = pages.get(request.form.get("from", ""), "activities.code")
    kind = {"kind": _kind().value} if page == "activities.code" else {}
    return back_to(page, occurrence_id=occurrence_id, **kind)


@bp.post("/lead/attendances/<int:attendance_id>/accept")
@guard.staff(*policy.LEADERS)
def accept(attendance_id: int) -> Response:
    """One tap for somebody who waits."""
    return _after(services.accept(current_actor(), attendance_id).occurrence_id)


@bp.post("/lead/attendances/<int:attendance_id>/decline")
@guard.staff(*policy.LEADERS)
def decline(attendance_id: int) -> Response:
    """Was not there."""
    return _after(services.decline(current_actor(), attendance_id).occurrence_id)


@bp.post("/lead/occurrences/<int:occurrence_id>/absent/<int:resident_id>")
@guard.staff(*policy.LEADERS)
def absent(occurrence_id: int, resident_id: int) -> Response:
    """Signed up for an activity without scanning, and did not come."""
    services.mark_absent(current_actor(), occurrence_id, resident_id)
    return back_to("activities.roster", occurrence_id=occurrence_id)


@bp.post("/lead/occurrences/<int:occurrence_id>/everyone-out")
@guard.staff(*policy.LEADERS)
def everyone_out(occurrence_id: int) -> Response:
    """Check out everybody who is still in."""
    count = services.everyone_out(current_actor(), occurrence_id)
    flash_done(_("%(count)s people were checked out, noted as entered by you.", count=count))
    return _after(occurrence_id)
