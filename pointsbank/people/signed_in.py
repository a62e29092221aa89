"""Who is signed in: from the cookie or the bearer token to the actor, in one statement.

A session that was revoked, ran out or belongs to a disabled user is nobody's from the next request on, on every
worker: nothing is kept in memory.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Flask, Request, g, request
from flask_login import AnonymousUserMixin, LoginManager, UserMixin
from sqlalchemy.orm import aliased

from pointsbank.communities.models import Area
from pointsbank.core import clock, tenancy, tokens
from pointsbank.core.actor import Actor, Grant
from pointsbank.core.db import db
from pointsbank.people import passwords
from pointsbank.people.errors import Frozen, PasswordTooOld
from pointsbank.people.models import Appointment, LinkKind, Resident, SignInSession, User, UserResident

login_manager = LoginManager()
# What somebody whose account is frozen may still send.
OPEN_WHILE_FROZEN = {"people.unfreeze", "people.sign_out", "people.choose", "people.view", "api_people.end_session",
                     "people.open_session", "people.send_code", "api_people.open_session"}
# What staff may open while their password is older than the profile allows.
OPEN_FOR_OLD_PASSWORDS = {"people.password", "people.change_password", "people.sign_out", "people.view", "static"}
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


class SignedIn(UserMixin):
    """The user of a request, as Flask-Login wants it; ``actor`` is what everything else uses."""

    def __init__(self, token: str, actor: Actor, *, row: Any) -> None:
        self.token = token
        self.actor = actor
        self.name: str = row.user_name
        self.resident_name: str | None = row.resident_name
        self.community_name: str | None = row.community_name
        self.is_frozen = row.frozen_at is not None
        self.is_bearer: bool = row.is_bearer

    def get_id(self) -> str:
        """The random id of the session row, not of the user: a copy of a user id opens nothing."""
        return self.token


def _rows(token: str) -> list[Any]:
    """The session with its user, community and link to the resident, once for each appointment in force."""
    now = clock.now()
    home, place = aliased(Area), aliased(Area)
    in_force = sa.and_(
        Appointment.user_id == User.id, Appointment.since_at <= now,
        sa.or_(Appointment.until_at.is_(None), Appointment.until_at > now))
    scope = [_scope(home, place)] if tenancy.is_kept() else []
    query = (
        sa.select(
            *scope, SignInSession.id.label("session_id"), SignInSession.user_id, SignInSession.is_bearer,
            User.name.label("user_name"), User.frozen_at, User.password_set_at, home.id.label("community_id"),
            home.path.label("community_path"), home.name.label("community_name"),
            Resident.id.label("resident_id"), Resident.name.label("resident_name"),
            UserResident.kind.label("link_kind"), Appointment.role, Appointment.team_id,
            place.id.label("area_id"), place.path.label("area_path"))
        .join(User, User.id == SignInSession.user_id)
        .outerjoin(home, home.id == SignInSession.community_id)
        .outerjoin(UserResident, sa.and_(UserResident.user_id == User.id,
                                         UserResident.resident_id == SignInSession.resident_id))
        .outerjoin(Resident, sa.and_(Resident.id == UserResident.resident_id, Resident.erased_at.is_(None),
                                     Resident.left_on.is_(None),
                                     Resident.community_id == SignInSession.community_id))
        .outerjoin(Appointment, in_force)
        .outerjoin(place, place.id == Appointment.area_id)
        .where(SignInSession.token_hash == tokens.digest(token), SignInSession.revoked_at.is_(None),
               SignInSession.expires_at > now, User.disabled_at.is_(None))
    )
    return list(db.session.execute(query))


def _scope(home: Any, place: Any) -> sa.ColumnElement[Any]:
    """Confines the transaction to the community of the actor that :func:`_actor` makes of the same rows, or to none.

    The window looks at all appointments, and is through with reading before the first row sets anything.
    """
    at_home = sa.func.bool_or(sa.or_(
        Resident.id.is_not(None), sa.func.starts_with(home.path, place.path),
        sa.func.starts_with(place.path, home.path))).over()
    return tenancy.entering(sa.case((sa.and_(at_home, home.path != ""), home.id)))


def _actor(rows: list[Any]) -> Actor:
    first = rows[0]
    grants = tuple(Grant(r.role.value, r.area_id, r.area_path, r.team_id) for r in rows if r.role is not None)
    path = first.community_path or ""
    at_home = first.resident_id is not None or any(
        path.startswith(g.area_path) or g.area_path.startswith(path) for g in grants)
    if not path or not at_home:
        # The link or the appointment that opened this community has ended since.
        return Actor(user_id=first.user_id, name=first.user_name, session_id=first.session_id, grants=grants)
    return Actor(
        user_id=first.user_id, community_id=first.community_id, resident_id=first.resident_id, area_path=path,
        name=first.user_name, session_id=first.session_id, grants=grants, community_name=first.community_name,
        is_self=first.resident_id is None or first.link_kind is LinkKind.SELF)


def load(token: str) -> SignedIn | None:
    """The signed-in user of a session's random id, or None."""
    if not token or len(token) > 100:
        return None
    rows = _rows(token)
    if not rows:
        return None
    user = SignedIn(token, _actor(rows), row=rows[0])
    tenancy.note(user.actor.community_id)
    if user.is_frozen and request.method in UNSAFE and request.endpoint not in OPEN_WHILE_FROZEN:
        # The error page asks again who is there; it must not be refused as well.
        g._login_user = AnonymousUserMixin()
        raise Frozen
    is_staff = bool(user.actor.grants)
    if request.endpoint not in OPEN_FOR_OLD_PASSWORDS and passwords.is_too_old(
            rows[0].password_set_at, clock.now(), is_staff=is_staff):
        g._login_user = AnonymousUserMixin()
        raise PasswordTooOld
    return user


@login_manager.user_loader
def _from_cookie(token: str) -> SignedIn | None:
    # A bearer token handed over as a cookie would carry no protection against forged forms: each has its own door.
    user = load(token)
    return None if user is None or user.is_bearer else user


@login_manager.request_loader
def _from_header(asked: Request) -> SignedIn | None:
    kind, _, token = asked.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not asked.path.startswith("/api/"):
        return None
    user = load(token.strip())
    return user if user is not None and user.is_bearer else None


def init_app(app: Flask) -> None:
    """Install Flask-Login."""
    login_manager.init_app(app)
    # The session is a row of ours; Flask-Login's guess by address and browser would sign out people on trains.
    login_manager.session_protection = None
