"""Where codes lead: the rotating code, the receipt, the four digits, the venue's code and the member card."""

from __future__ import annotations

import secrets

from flask import current_app, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin
from werkzeug.wrappers import Response

from pointsbank.activities import codes, policy, queries, services
from pointsbank.activities.errors import ForgedCode, OldReceipt
from pointsbank.activities.forms import NumberForm
from pointsbank.activities.models import EventKind, Venue
from pointsbank.activities.pages import bp
from pointsbank.activities.services import CheckedIn, WrongTry
from pointsbank.core.db import get_scoped
from pointsbank.core.errors import DomainError, NotFound
from pointsbank.core.formats import format_time
from pointsbank.core.web import back_to, current_actor, flash_done, guard, render, repeats_itself
from pointsbank.people import queries as people

COOKIE = "pb_browser"
COOKIE_DAYS = 400


def _browser() -> str:
    """This browser's random mark; empty before its first scan."""
    return request.cookies.get(COOKIE, "")[:64]


@bp.get("/s/<token>")
@bp.get("/S/<token>", endpoint="scan_capitals")
@guard.static
def scan(token: str) -> Response:
    """A rotating code: exchanged for a receipt before anything reads the session or the database. Nothing is written.

    Link previews and scanners that fetch an address check nobody in.
    """
    browser = _browser() or secrets.token_urlsafe(18)
    try:
        receipt, _scan = services.scan(token, browser)
    except ForgedCode as refusal:
        current_app.logger.warning("forged check-in code from %s", request.remote_addr)
        return _shut(refusal)
    answer = redirect(url_for("activities.check_in", receipt=receipt), 303)
    answer.set_cookie(COOKIE, browser, max_age=COOKIE_DAYS * 86400, httponly=True, samesite="Lax",
                      secure=bool(current_app.config["SESSION_COOKIE_SECURE"]))
    return answer


@bp.get("/check-in")
@guard.public
def check_in() -> Response:
    """With a receipt: one big button, also before signing in. Without: the form for the four digits."""
    text = request.args.get("receipt", "")
    receipt = codes.read_receipt(text, _browser()) if text else None
    actor = current_actor()
    if receipt is None:
        form = NumberForm(formdata=None, once=secrets.token_urlsafe(12))
        open_now = queries.open_for(actor.community_id, actor.resident_id) if actor.resident_id else []
        return render("activities/check_in.html", form=form, receipt=None, open_now=open_now)
    row = None
    if actor.resident_id is not None:
        try:
            row = queries.occurrence(actor.community_id, receipt.scan.occurrence_id)
        except NotFound:
            # A code of the neighbouring community, or a family member of another one is chosen.
            flash_done(_("This code belongs to another community. Choose for whom you check in."), "wait")
            return redirect(url_for("people.for_whom", next=request.full_path), 303)
    return render("activities/check_in.html", receipt=receipt, occurrence=row, text=text,
                  is_out=receipt.scan.kind is EventKind.OUT)


@bp.post("/check-in")
@guard.public
@repeats_itself
def do_check_in() -> Response:
    """The button. The receipt is its own key: sent twice, it has one effect and leads to the same page."""
    receipt = codes.read_receipt(request.form.get("receipt", ""), _browser())
    done = services.check_in(current_actor(), receipt)
    _tell(done)
    return back_to("activities.attendance", attendance_id=done.attendance_id)


@bp.post("/check-in/number")
@guard.resident
@repeats_itself
def check_in_number() -> Response:
    """The four digits. A wrong one is a redirect and not an error, so that the counted try is committed."""
    form = NumberForm()
    if not form.validate():
        flash_done(_("Please type the 4 digits on the leader's screen."), "stop")
        return back_to("activities.check_in")
    typed = "".join(c for c in form.number.data or "" if c.isdigit())
    done = services.check_in_by_number(current_actor(), typed, _browser(), form.once.data or secrets.token_urlsafe(12))
    if isinstance(done, WrongTry):
        flash_done(_("This number fits no activity that you signed up for, or it has just changed. "
                     "%(left)s tries are left.", left=done.tries_left), "stop")
        return back_to("activities.check_in")
    _tell(done)
    return back_to("activities.attendance", attendance_id=done.attendance_id)


def _tell(done: CheckedIn) -> None:
    if done.state == "pending":
        flash_done(_("Received. The leader still has to nod; please tell them."), "wait")
    elif not done.is_new and done.kind is EventKind.IN and done.in_at is not None:
        flash_done(_("You already checked in at %(time)s.", time=format_time(done.in_at)))
    elif not done.is_new and done.out_at is not None:
        flash_done(_("You already checked out at %(time)s.", time=format_time(done.out_at)))
    else:
        flash_done(_("You are checked in.") if done.kind is EventKind.IN else _("You are checked out. Thank you."))


@bp.get("/v/<token>")
@bp.get("/V/<token>", endpoint="venue_capitals")
@guard.public
def venue(token: str) -> Response:
    """The code on a wall: what is on here today. It checks nobody in."""
    venue_id, epoch = codes.read_venue(token)
    actor = current_actor()
    found = None
    if actor.community_id is not None:
        found = get_scoped(Venue, venue_id, actor.community_id)
        if found.epoch != epoch:
            raise ForgedCode
    listed = queries.on_today(actor.community_id, venue_id, actor.resident_id) if found else []
    return render("activities/venue.html", venue=found, listed=listed)


@bp.get("/c/<token>")
@bp.get("/C/<token>", endpoint="card_capitals")
@guard.public
def card(token: str) -> Response:
    """A member card: a leader who has an activity running gets a button; everybody else an explanation."""
    actor = current_actor()
    running = queries.running_for(actor) if actor.has_role_within(*policy.LEADERS) else []
    holder = None
    if running:
        holder = people.find_card(actor.community_id, token).resident
    return render("activities/card.html", running=running, holder=holder, token=token)


@bp.errorhandler(OldReceipt)
@bp.errorhandler(ForgedCode)
def _door(refusal: DomainError) -> Response:
    """A code that does not open: say so on the same plain page."""
    return _shut(refusal)


def _shut(refusal: DomainError) -> Response:
    """The plain page. Templates are told who is signed in, which is a statement: a flood of forged codes gets none."""
    g._login_user = AnonymousUserMixin()
    return render("activities/forged.html", 422, sentence=refusal.sentence)
