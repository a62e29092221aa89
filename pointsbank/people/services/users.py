"""Sign-ins: making them, whom they may act for, passwords and help from the desk."""

from __future__ import annotations

import datetime as dt
import re
import secrets
import unicodedata

import sqlalchemy as sa

from pointsbank.communities.models import Area
from pointsbank.core import audit, clock, tenancy
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import Forbidden, Invalid, NotFound, lazy
from pointsbank.core.i18n import N_
from pointsbank.notifications.services import tell
from pointsbank.people import passwords, policy
from pointsbank.people.errors import AlreadyMember, HasLeft, PhoneTaken
from pointsbank.people.models import (
    Appointment,
    LinkKind,
    OneTimeCode,
    Resident,
    SignInSession,
    SignInTry,
    User,
    UserResident,
)
from pointsbank.people.services.codes import code_hash

PHONE = re.compile(r"\+?[0-9]{7,15}")
USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")
DESK_CODE_HOURS = 24


def clean_phone(text: str | None) -> str | None:
    """A phone number as it is stored: digits only, without spaces and the prefix of China. Raises Invalid."""
    plain = re.sub(r"[\s()\-.]", "", unicodedata.normalize("NFKC", text or ""))
    plain = re.sub(r"^(\+86|0086)", "", plain)
    if not plain:
        return None
    if not PHONE.fullmatch(plain):
        raise Invalid(fields={"phone": lazy("A phone number has 7 to 15 digits.")})
    return plain


def clean_name(text: str, field: str = "name") -> str:
    """A name of 1 to 60 characters without control characters. Raises Invalid."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    if not 1 <= len(plain) <= 60 or any(unicodedata.category(c).startswith("C") for c in plain):
        raise Invalid(fields={field: lazy("A name has 1 to 60 characters.")})
    return plain


def create_user(actor: Actor, *, name: str, username: str | None = None, phone: str | None = None,
                password: str | None = None, password_hash: str | None = None, is_demo: bool = False) -> User:
    """Make a sign-in. ``password`` is judged and hashed here (command line); pages and bulk work hand over
    ``password_hash``, made before the write lock. Raises PhoneTaken, Invalid, WeakPassword."""
    phone = clean_phone(phone)
    if username is not None:
        username = username.strip().lower()
        if not USERNAME.fullmatch(username):
            raise Invalid(fields={"username": lazy("A sign-in name begins with a letter and has small letters and "
                                                   "digits only.")})
        if db.session.scalar(sa.select(sa.literal(1)).where(User.username == username)):
            raise PhoneTaken(lazy("This sign-in name is taken."))
    if phone and db.session.scalar(sa.select(sa.literal(1)).where(User.phone == phone)):
        raise PhoneTaken
    if password is not None:
        passwords.check_strength(password, phone, username)
        password_hash = passwords.hash_password(password)
    now = clock.now()
    user = User(name=clean_name(name), username=username, phone=phone, password_hash=password_hash,
                password_set_at=now if password_hash else None, is_demo=is_demo, created_at=now)
    db.session.add(user)
    db.session.flush()
    audit.write(actor, "people.create_user", f"user:{user.id}")
    return user


def user_by_name(username: str) -> User:
    """The user with this sign-in name or phone. Raises NotFound."""
    clean = username.strip().lower()
    user = db.session.scalars(
        sa.select(User).where(sa.or_(User.username == clean, User.phone == clean)).limit(1)).one_or_none()
    if user is None:
        raise NotFound(lazy("There is no sign-in with this name or number."))
    return user


def can_manage(actor: Actor, user_id: int) -> bool:
    """May the desk help with this sign-in? Only if all its residents and roles lie inside the actor's own area, and
    every role is one that the actor could give: else a village could take over the county's administrator."""
    if actor.is_system:
        return True
    if not policy.can(actor, "users.reset") or actor.user_id == user_id:
        return False
    with tenancy.unscoped():  # a home elsewhere, if it were not seen, would make them look like one's own
        homes = list(db.session.scalars(
            sa.select(Area).join(Resident, Resident.community_id == Area.id)
            .join(UserResident, UserResident.resident_id == Resident.id)
            .where(UserResident.user_id == user_id).distinct()))
    held = list(db.session.execute(
        sa.select(Appointment, Area).join(Area, Area.id == Appointment.area_id)
        .where(Appointment.user_id == user_id,
               sa.or_(Appointment.until_at.is_(None), Appointment.until_at > clock.now()))))
    own = [g.area_path for g in actor.grants if g.role in policy.GRANTS["users.reset"] and g.team_id is None]
    inside = all(any(home.path.startswith(path) for path in own) for home in homes)
    below = all(policy.may_appoint(actor, appointment.role, area) for appointment, area in held)
    return inside and below and bool(homes or held)


def _managed(actor: Actor, user_id: int) -> User:
    user = db.session.get(User, user_id, with_for_update={"key_share": True}, populate_existing=True)
    if user is None:
        raise NotFound
    if not can_manage(actor, user_id):
        raise Forbidden(lazy("This sign-in also belongs to another office, or stands above yours. Ask the town."))
    return user


def open_sign_in(actor: Actor, resident_id: int) -> User:
    """Give a resident a sign-in of their own (for a card and a password, or for their phone if it is still free)."""
    if not policy.can(actor, "users.link"):
        raise Forbidden
    resident = get_scoped(Resident, resident_id, actor.community_id, lock=True)
    if resident.erased_at or resident.left_on:
        raise HasLeft
    existing = db.session.scalars(
        sa.select(User).join(UserResident, UserResident.user_id == User.id)
        .where(UserResident.resident_id == resident_id, UserResident.kind == LinkKind.SELF).limit(1)).one_or_none()
    if existing is not None:
        return existing
    taken = resident.phone and db.session.scalar(sa.select(sa.literal(1)).where(User.phone == resident.phone))
    user = create_user(actor, name=resident.name, phone=None if taken else resident.phone)
    _link(actor, user.id, resident, LinkKind.SELF)
    return user


def _link(actor: Actor, user_id: int, resident: Resident, kind: LinkKind) -> None:
    db.session.add(UserResident(user_id=user_id, resident_id=resident.id, kind=kind, created_at=clock.now()))
    db.session.flush()
    audit.write(actor, "people.link", f"resident:{resident.id}", user=user_id, kind=kind.value)


def link(actor: Actor, resident_id: int, number: str, kind: LinkKind, *, confirmed: bool) -> UserResident:
    """Let a sign-in act for a resident: the desk confirms that both agreed in person. The resident is told.

    Raises Invalid without the confirmation, AlreadyMember.
    """
    if not policy.can(actor, "users.link"):
        raise Forbidden
    resident = get_scoped(Resident, resident_id, actor.community_id, lock=True)
    if resident.erased_at or resident.left_on:
        raise HasLeft
    if not confirmed:
        raise Invalid(fields={"confirmed": lazy("Please confirm that both agreed in person.")})
    user = user_by_name(clean_phone(number) if number.strip()[:1].isdigit() else number)  # type: ignore[arg-type]
    if db.session.get(UserResident, (user.id, resident_id)) is not None:
        raise AlreadyMember(lazy("This sign-in may already act for this person."))
    _link(actor, user.id, resident, kind)
    tell(resident.community_id, [resident.id], N_("%(name)s may now act for you here. Was that not agreed? Tell the "
                                                  "office."), {"name": user.name}, link="/me/devices")
    return db.session.get_one(UserResident, (user.id, resident_id))


def unlink(actor: Actor, resident_id: int, user_id: int) -> None:
    """End it. Sessions that acted for the resident stop acting for them with the next request."""
    if not policy.can(actor, "users.link"):
        raise Forbidden
    resident = get_scoped(Resident, resident_id, actor.community_id, lock=True)
    row = db.session.get(UserResident, (user_id, resident.id))
    if row is None:
        raise NotFound
    db.session.delete(row)
    audit.write(actor, "people.unlink", f"resident:{resident.id}", user=user_id)


def set_password(actor: Actor, password_hash: str) -> None:
    """Store one's own new password; everybody else's session of this sign-in ends."""
    user = db.session.get_one(User, actor.user_id, with_for_update={"key_share": True}, populate_existing=True)
    user.password_hash, user.password_set_at = password_hash, clock.now()
    db.session.execute(
        sa.update(SignInSession).where(SignInSession.user_id == user.id, SignInSession.revoked_at.is_(None),
                                       SignInSession.id != actor.session_id).values(revoked_at=clock.now()))
    audit.write(actor, "people.set_password", f"user:{user.id}")


def reset_password(actor: Actor, user_id: int) -> str:
    """The desk helps: the old password and all sessions end, and a one-time code of eight digits is returned, to be
    told or printed. It opens the sign-in once within 24 hours."""
    user = _managed(actor, user_id)
    now = clock.now()
    user.password_hash = user.password_set_at = None
    db.session.execute(sa.update(SignInSession).where(SignInSession.user_id == user.id,
                                                      SignInSession.revoked_at.is_(None)).values(revoked_at=now))
    subject = f"user:{user.id}"
    db.session.execute(sa.delete(SignInTry).where(SignInTry.subject == subject))
    db.session.execute(sa.update(OneTimeCode).where(OneTimeCode.phone == subject, OneTimeCode.used_at.is_(None))
                       .values(used_at=now))
    code = f"{secrets.randbelow(10**8):08d}"
    db.session.add(OneTimeCode(phone=subject, code_hash=code_hash(subject, code), created_at=now))
    audit.write(actor, "people.reset_password", f"user:{user.id}")
    return code


def open_frozen(actor: Actor, user_id: int) -> None:
    """The desk opens a frozen sign-in again, once its owner has come in person."""
    user = _managed(actor, user_id)
    user.frozen_at = None
    audit.write(actor, "people.unfreeze", f"user:{user.id}")


def remember_view(actor: Actor, *, elder: bool | None = None, locale: str | None = None) -> None:
    """Keep the choice of large type and language with the sign-in, so that other devices know it."""
    changes: dict[str, object] = {}
    if elder is not None:
        changes["elder"] = elder
    if locale is not None:
        changes["locale"] = locale
    if changes and actor.user_id is not None:
        db.session.execute(sa.update(User).where(User.id == actor.user_id).values(**changes))


def valid_for(subject: str) -> dt.timedelta:
    """How long a one-time code is good: one sent to a phone ten minutes, one told at the desk a day."""
    return dt.timedelta(hours=DESK_CODE_HOURS) if subject.startswith("user:") else dt.timedelta(minutes=10)
