"""Sessions are rows: opened, listed, ended; and the freezing of a sign-in whose phone was lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pointsbank.communities import queries as communities
from pointsbank.communities.models import Area, AreaKind
from pointsbank.core import audit, clock, tenancy, tokens
from pointsbank.core.actor import Actor
from pointsbank.core.db import db
from pointsbank.core.errors import NotFound
from pointsbank.people import passwords
from pointsbank.people.models import Appointment, LinkKind, Resident, SignInSession, User, UserResident
from pointsbank.people.roles import DESK, SHOP

RESIDENT_SPAN = dt.timedelta(days=30)
# A desk is a shared room: its sessions end with the working day.
DESK_SPAN = dt.timedelta(hours=12)


@dataclass(frozen=True)
class Choice:
    """One answer to "for whom?": a resident, or (``resident_id`` None) the office of a community."""

    community_id: int
    community_name: str
    resident_id: int | None
    name: str
    kind: LinkKind | None

    @property
    def value(self) -> str:
        """How a form names it."""
        return f"resident-{self.resident_id}" if self.resident_id is not None else f"office-{self.community_id}"


def _offices(user_id: int) -> list[Area]:
    """The communities that a user has a role in, on, or above."""
    now = clock.now()
    places = list(db.session.scalars(
        sa.select(Area).join(Appointment, Appointment.area_id == Area.id)
        .where(Appointment.user_id == user_id, Appointment.since_at <= now,
               sa.or_(Appointment.until_at.is_(None), Appointment.until_at > now)).distinct()))
    found: dict[int, Area] = {}
    for area in places:
        if area.kind in {AreaKind.COUNTY, AreaKind.TOWN}:
            found.update({c.id: c for c in communities.communities_below(area.path)})
        elif area.community_id is not None:
            home = db.session.get(Area, area.community_id)
            if home is not None:
                found[home.id] = home
    return sorted(found.values(), key=lambda a: a.id)


def choices_of(user_id: int) -> list[Choice]:
    """For whom this sign-in may act: its residents (oneself first), then the offices it has a role in."""
    order = sa.case((UserResident.kind == LinkKind.SELF, 0), else_=1)
    query = (
        sa.select(Resident.id, Resident.name, UserResident.kind, Area.id.label("community_id"),
                  Area.name.label("community_name"))
        .join(UserResident, UserResident.resident_id == Resident.id).join(Area, Area.id == Resident.community_id)
        .where(UserResident.user_id == user_id, Resident.erased_at.is_(None), Resident.left_on.is_(None))
        .order_by(order, Resident.id))
    with tenancy.unscoped():  # a family may live in two communities
        rows = db.session.execute(query).all()
    found = [Choice(r.community_id, r.community_name, r.id, r.name, r.kind) for r in rows]
    at_home = {c.community_id for c in found if c.kind is LinkKind.SELF}
    return found + [Choice(a.id, a.name, None, "", None) for a in _offices(user_id) if a.id not in at_home]


@dataclass(frozen=True)
class Opened:
    """A session just opened. ``token`` is its random id: the answer to the visitor is the only place it exists."""

    token: str
    user_id: int
    must_choose: bool
    needs_password: bool
    elder: bool
    locale: str | None


def start_session(user: User, *, device: str, is_bearer: bool = False) -> Opened:
    """Open a session; only its id's hash is kept. The one choice there is, is made."""
    now = clock.now()
    choices = choices_of(user.id)
    only = choices[0] if len(choices) == 1 else None
    roles = set(db.session.scalars(sa.select(Appointment.role).where(
        Appointment.user_id == user.id, sa.or_(Appointment.until_at.is_(None), Appointment.until_at > now))))
    at_desk = bool(roles & {*DESK, *SHOP})
    too_old = passwords.is_too_old(user.password_set_at, now, is_staff=bool(roles))
    token = tokens.random_token()
    row = SignInSession(
        token_hash=tokens.digest(token), user_id=user.id, community_id=only.community_id if only else None,
        resident_id=only.resident_id if only else None, is_bearer=is_bearer, device=device[:120], created_at=now,
        expires_at=now + (DESK_SPAN if at_desk else RESIDENT_SPAN))
    db.session.add(row)
    db.session.flush()
    actor = Actor(user_id=user.id, community_id=row.community_id, session_id=row.id)
    audit.write(actor, "people.sign_in", f"session:{row.id}")
    return Opened(token, user.id, only is None, user.password_hash is None or too_old, user.elder, user.locale)


def act_for(actor: Actor, value: str) -> Choice:
    """Answer "for whom?" for this session. Raises NotFound for anybody this sign-in may not act for."""
    assert actor.user_id is not None
    chosen = next((c for c in choices_of(actor.user_id) if c.value == value), None)
    if chosen is None:
        raise NotFound
    db.session.execute(sa.update(SignInSession).where(SignInSession.id == actor.session_id).values(
        community_id=chosen.community_id, resident_id=chosen.resident_id))
    audit.write(actor, "people.act_for", f"session:{actor.session_id}", community_id=chosen.community_id,
                resident=chosen.resident_id)
    return chosen


def own_sessions(actor: Actor) -> Sequence[SignInSession]:
    """The open sessions of this sign-in, newest first."""
    return db.session.scalars(
        sa.select(SignInSession).where(
            SignInSession.user_id == actor.user_id, SignInSession.revoked_at.is_(None),
            SignInSession.expires_at > clock.now()).order_by(SignInSession.id.desc()).limit(100)).all()


def end_session(actor: Actor, session_id: int | None = None) -> None:
    """Sign out: this session, or another of one's own. Raises NotFound."""
    wanted = session_id if session_id is not None else actor.session_id
    result: Any = db.session.execute(
        sa.update(SignInSession).where(SignInSession.id == wanted, SignInSession.user_id == actor.user_id,
                                       SignInSession.revoked_at.is_(None)).values(revoked_at=clock.now()))
    if result.rowcount != 1:
        raise NotFound
    audit.write(actor, "people.sign_out", f"session:{wanted}")


def end_other_sessions(actor: Actor) -> int:
    """End every session but this one; returns how many."""
    result: Any = db.session.execute(
        sa.update(SignInSession).where(SignInSession.user_id == actor.user_id, SignInSession.id != actor.session_id,
                                       SignInSession.revoked_at.is_(None)).values(revoked_at=clock.now()))
    audit.write(actor, "people.end_other_sessions", f"user:{actor.user_id}")
    return int(result.rowcount)


def freeze(actor: Actor) -> None:
    """A phone was lost: every session ends at once, this one too, and nothing can be changed until it is opened
    again by the password or at the desk. A one-time code does not open it: the finder would read it."""
    now = clock.now()
    db.session.execute(sa.update(User).where(User.id == actor.user_id).values(frozen_at=now))
    db.session.execute(sa.update(SignInSession).where(SignInSession.user_id == actor.user_id,
                                                      SignInSession.revoked_at.is_(None)).values(revoked_at=now))
    audit.write(actor, "people.freeze", f"user:{actor.user_id}")


def unfreeze(actor: Actor) -> None:
    """Open one's own sign-in again; the caller has had the password confirmed."""
    db.session.execute(sa.update(User).where(User.id == actor.user_id).values(frozen_at=None))
    audit.write(actor, "people.unfreeze", f"user:{actor.user_id}")
