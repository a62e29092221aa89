"""Signing in, choosing for whom, signing out, large type and language."""

from __future__ import annotations

from flask import current_app, g, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.core.errors import DomainError, Invalid, lazy
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
    safe_next,
)
from pointsbank.people import services
from pointsbank.people.forms import ChoiceForm, SignInForm
from pointsbank.people.pages.room import bp, device
from pointsbank.people.roles import DESK, SHOP, Role
from pointsbank.people.services.sessions import Opened

WAYS = ("password", "code", "card")


def _way() -> str:
    """The door chosen; where no text message can leave the house, the password comes first."""
    asked = request.values.get("by", "")
    if asked in WAYS:
        return asked
    return "password" if str(current_app.config["NOTIFY_URLS"]).strip() in {"", "console"} else "code"


def _labelled(form: SignInForm, way: str) -> SignInForm:
    form.by.data = way
    if way == "card":
        form.number.label.text = _("The 8 digits on the card")
    elif way == "password":
        form.number.label.text = _("Phone number or sign-in name")
    return form


@bp.get("/sign-in")
@guard.public
def sign_in() -> Response:
    """The door."""
    way = _way()
    form = _labelled(SignInForm(formdata=None), way)
    form.number.data = session.get("number") if way == "code" else None
    return render("people/sign_in.html", form=form, way=way, next=safe_next(""), sent=bool(session.get("number")))


def _let_in(opened: Opened) -> Response:
    kept = {name: session[name] for name in ("locale", "elder") if name in session}
    # A fresh cookie: whatever was in the old one can't be carried over the threshold.
    session.clear()
    session.permanent = True
    session.update(kept)
    session["_user_id"], session["_fresh"] = opened.token, True
    session["elder"] = bool(opened.elder or kept.get("elder"))
    if opened.locale:
        session["locale"] = opened.locale
    g.pop("_login_user", None)
    wanted = safe_next("/enter")
    if opened.needs_password:
        return redirect(url_for("people.password", next=wanted), 303)
    if opened.must_choose:
        return redirect(url_for("people.for_whom", next=wanted), 303)
    return redirect(wanted, 303)


@bp.post("/sign-in")
@guard.public
@reads_first
@answers_secret
def open_session() -> Response:
    """Let somebody in by password, card or code."""
    way = _way()
    form = _labelled(SignInForm(), way)
    number, secret = form.number.data or "", (form.code.data if way == "code" else form.password.data) or ""
    try:
        if not form.validate() or not secret:
            raise Invalid(fields={} if secret else {"code" if way == "code" else "password": lazy("Please fill this "
                                                                                                 "in.")})
        if way == "code":
            begin_write()
            opened = services.sign_in_by_code(number, secret, device=device())
        else:
            checked = services.verify_password(number, secret)
            begin_write()
            opened = services.sign_in_by_password(checked, device=device())
    except DomainError as refusal:
        return form_refused("people/sign_in.html", form, refusal, way=way, next=safe_next(""),
                            sent=bool(session.get("number")))
    return _let_in(opened)


@bp.post("/sign-in/code")
@guard.public
@answers_secret
def send_code() -> Response:
    """Send a one-time code; the answer is the same for every number."""
    form = _labelled(SignInForm(), "code")
    try:
        services.prepare_code(form.number.data or "")
    except DomainError as refusal:
        return form_refused("people/sign_in.html", form, refusal, way="code", next=safe_next(""),
                            sent=bool(session.get("number")))
    # Kept in the cookie, not in the address: addresses end up in logs.
    session["number"] = (form.number.data or "")[:30]
    flash_done(_("If this number is registered here, six digits are on their way. They are good for 10 minutes."))
    return redirect(url_for("people.sign_in", by="code", next=safe_next("") or None), 303)


@bp.post("/sign-out")
@guard.signed_in
def sign_out() -> Response:
    """End this session."""
    services.end_session(current_actor())
    kept = {name: session[name] for name in ("locale", "elder") if name in session}
    session.clear()
    session.update(kept)
    g.pop("_login_user", None)
    flash_done(_("You are signed out."))
    return back_to("people.sign_in")


@bp.get("/for-whom")
@guard.signed_in
def for_whom() -> Response:
    """One sign-in often serves a family: for whom is it today?"""
    actor = current_actor()
    assert actor.user_id is not None
    choices = services.choices_of(actor.user_id)
    return render("people/for_whom.html", choices=choices, form=ChoiceForm(formdata=None), next=safe_next(""),
                  now_value=_now_value())


def _now_value() -> str:
    actor = current_actor()
    if actor.resident_id is not None:
        return f"resident-{actor.resident_id}"
    return f"office-{actor.community_id}" if actor.community_id is not None else ""


@bp.post("/for-whom")
@guard.signed_in
def choose() -> Response:
    """Take the answer."""
    services.act_for(current_actor(), request.form.get("choice", ""))
    g.pop("_login_user", None)
    return redirect(safe_next("/enter"), 303)


@bp.get("/enter")
@guard.signed_in
def enter() -> Response:
    """The right first page for whoever came in."""
    actor = current_actor()
    if actor.community_id is None:
        return back_to("people.for_whom")
    doors = [("boards.home", actor.resident_id is not None), ("boards.desk", actor.has_role_within(*DESK)),
             ("shop.counter", actor.has_role_within(*SHOP)),
             ("activities.lead", actor.has_role_within(Role.TEAM_LEADER)),
             ("contributions.sittings", actor.has_role_within(Role.PANEL_MEMBER))]
    for endpoint, fits in doors:
        if fits and endpoint in current_app.view_functions:
            return back_to(endpoint)
    return back_to("people.me")


@bp.get("/help")
@guard.public
def help() -> Response:
    """What to do without a phone, or without the password."""
    return render("people/help.html")


@bp.get("/privacy")
@guard.public
def privacy() -> Response:
    """How personal data are kept."""
    return render("people/privacy.html")


@bp.post("/view")
@guard.public
def view() -> Response:
    """Large type or language: kept in the cookie and, for somebody signed in, with the sign-in."""
    elder, locale = request.form.get("elder"), request.form.get("locale")
    if elder in {"0", "1"}:
        session["elder"] = elder == "1"
        services.remember_view(current_actor(), elder=elder == "1")
    if locale in {"zh_CN", "en"}:
        session["locale"] = locale
        services.remember_view(current_actor(), locale=locale)
    return redirect(safe_next("/"), 303)
