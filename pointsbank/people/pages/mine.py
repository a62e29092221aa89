"""One's own things: the page "mine", the card, devices, the password, freezing, one's data."""

from __future__ import annotations

from flask import current_app, g, make_response, redirect, session
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.core import clock
from pointsbank.core.db import db
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
from pointsbank.people import passwords, queries, services
from pointsbank.people.forms import ConfirmForm, PasswordForm
from pointsbank.people.models import User
from pointsbank.people.pages.room import bp, community_of


@bp.get("/me")
@guard.signed_in
def me() -> Response:
    """Who I am here, and where my things are."""
    actor = current_actor()
    user = db.session.get_one(User, actor.user_id)
    resident = household = card = None
    teams: list[object] = []
    if actor.resident_id is not None:
        today = clock.today()
        community_id = community_of(actor)
        resident = queries.resident(community_id, actor.resident_id)
        household = queries.household_on(community_id, [resident.id], today)[resident.id]
        teams = list(queries.teams_of_resident(resident.id, today))
        card = queries.card_of(community_id, resident.id)
    return render("people/me.html", user=user, resident=resident, household=household, card=card, teams=teams)


@bp.get("/me/card")
@guard.resident
def card() -> Response:
    """The member card as a QR code, to be scanned by a leader or at the counter."""
    actor = current_actor()
    assert actor.resident_id is not None
    resident = queries.resident(actor.community_id, actor.resident_id)
    own = queries.card_of(community_of(actor), resident.id)
    return render("people/card.html", resident=resident, card=own,
                  address=services.card_address(own) if own else None)


@bp.post("/me/card/block")
@guard.resident
def block_own_card() -> Response:
    """My paper card was lost."""
    actor = current_actor()
    assert actor.resident_id is not None
    services.block_card(actor, actor.resident_id)
    flash_done(_("The card is blocked. The office gives you a new one."))
    return back_to("people.card")


# ── Devices ─────────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/me/devices")
@guard.signed_in
def devices() -> Response:
    """Where I am signed in."""
    actor = current_actor()
    assert actor.user_id is not None
    return render("people/devices.html", sessions=services.own_sessions(actor), now_id=actor.session_id,
                  user=db.session.get_one(User, actor.user_id))


@bp.post("/me/devices/<int:session_id>/end")
@guard.signed_in
def end_device(session_id: int) -> Response:
    """Sign one of my devices out."""
    actor = current_actor()
    services.end_session(actor, session_id)
    if session_id == actor.session_id:
        g.pop("_login_user", None)
        return back_to("people.sign_in")
    flash_done(_("That device is signed out."))
    return back_to("people.devices")


@bp.post("/me/devices/end-others")
@guard.signed_in
def end_other_devices() -> Response:
    """Sign every other device out."""
    services.end_other_sessions(current_actor())
    flash_done(_("All other devices are signed out."))
    return back_to("people.devices")


@bp.get("/me/freeze")
@guard.signed_in
def freeze_page() -> Response:
    """What freezing does, before it is done."""
    user = db.session.get_one(User, current_actor().user_id)
    return render("people/freeze_page.html", user=user)


@bp.post("/me/freeze")
@guard.signed_in
def freeze() -> Response:
    """Freeze the sign-in: all devices are out at once."""
    services.freeze(current_actor())
    session.pop("_user_id", None)
    g.pop("_login_user", None)
    flash_done(_("Your account is frozen. All devices are signed out."))
    return back_to("people.sign_in")


@bp.get("/me/unfreeze")
@guard.signed_in
def unfreeze_page() -> Response:
    """Open it again by the password."""
    return render("people/unfreeze_page.html", form=ConfirmForm(formdata=None))


@bp.post("/me/unfreeze")
@guard.signed_in
@reads_first
@answers_secret
def unfreeze() -> Response:
    """Open a frozen sign-in again."""
    user_id = current_actor().user_id
    assert user_id is not None
    form = ConfirmForm()
    try:
        if not form.validate():
            raise Invalid
        checked = services.verify_own_password(user_id, form.password.data or "")
        begin_write()
        services.confirm_password(checked, user_id)
        services.unfreeze(current_actor())
    except DomainError as refusal:
        return form_refused("people/unfreeze_page.html", form, refusal)
    flash_done(_("Your account is open again."))
    return back_to("people.me")


# ── The password ────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/me/password")
@guard.signed_in
def password() -> Response:
    """Set or change the password."""
    user = db.session.get_one(User, current_actor().user_id)
    return render("people/password.html", form=PasswordForm(formdata=None), user=user, next=safe_next(""),
                  profile=passwords.profile())


@bp.post("/me/password")
@guard.signed_in
@reads_first
@answers_secret
def change_password() -> Response:
    """Keep a new password, once the old one was proved."""
    user_id = current_actor().user_id
    assert user_id is not None
    user = db.session.get_one(User, user_id)
    has_old, own = user.password_hash is not None, (user.phone, user.username, user.name)
    form = PasswordForm()
    try:
        if not form.validate():
            raise Invalid
        if form.password.data != form.again.data:
            raise Invalid(fields={"again": lazy("The two are not the same.")})
        new = form.password.data or ""
        passwords.check_strength(new, *own)
        checked = services.verify_own_password(user_id, form.old.data or "") if has_old else None
        hashed = passwords.hash_password(new)
        begin_write()
        _prove(user_id, checked, has_old=has_old)
        services.set_password(current_actor(), hashed)
    except DomainError as refusal:
        # Read anew: the change to a writing unit has let go of what was read before it.
        return form_refused("people/password.html", form, refusal, user=db.session.get_one(User, user_id),
                            next=safe_next(""), profile=passwords.profile())
    flash_done(_("The new password is kept. Other devices are signed out."))
    return redirect(safe_next("/enter"), 303)


def _prove(user_id: int, checked: object, *, has_old: bool) -> None:
    """The old password again under the lock; without one, there must still be none."""
    if has_old:
        services.confirm_password(checked, user_id)  # type: ignore[arg-type]
    elif db.session.get_one(User, user_id).password_hash is not None:
        raise Invalid(fields={"old": lazy("Please fill this in.")})


# ── One's data ──────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/me/data")
@guard.resident
def data() -> Response:
    """What is kept about me."""
    return render("people/data.html", data=services.own_data(current_actor()))


@bp.get("/me/data.json")
@guard.resident
def export() -> Response:
    """The same to take along."""
    answer = make_response(current_app.json.response(services.own_data(current_actor())))
    answer.headers.set("Content-Disposition", "attachment", filename="pointsbank-my-data.json")
    return answer


