"""Signing in by password or one-time code, with every failure counted in the database.

The answer to an unknown number is the same as to a wrong password, and takes as long. A guess is worth an answer only
if it is among the first five: the failure is counted under a lock *before* the answer leaves, so that parallel
guesses on several workers can't get more than five answers between them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pointsbank.core import audit, clock, tenancy, tokens
from pointsbank.core.actor import NOBODY
from pointsbank.core.db import db, record_refusal
from pointsbank.core.errors import Invalid, TooMany, lazy
from pointsbank.notifications.services import send_code
from pointsbank.people import passwords
from pointsbank.people.errors import CodeTooSoon, Frozen, LockedOut, TooManyCodes, WrongSignIn
from pointsbank.people.models import Card, CardState, LinkKind, OneTimeCode, SignInTry, User, UserResident
from pointsbank.people.services.codes import code_hash
from pointsbank.people.services.sessions import Opened, start_session
from pointsbank.people.services.users import clean_phone, valid_for

MOST_TRIES = 5
TRIES_SPAN = dt.timedelta(minutes=15)
CODES_A_DAY = 10
CODE_GAP = dt.timedelta(seconds=60)


class CodeUsedUp(TooMany):
    """Five wrong tries on one code."""

    code = "people.code_used_up"
    message = lazy("This code was tried five times. Ask for a new one.")


@dataclass(frozen=True)
class Checked:
    """A password that was compared before the write lock. ``user_id`` is None if it did not fit."""

    subject: str
    user_id: int | None
    stored: str | None


def _written(number: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", number)).lower()[:60]


def _plain(number: str) -> str:
    return _written(number).replace("-", "")


def _find(number: str) -> User | None:
    """The sign-in behind a phone number, a sign-in name or the number of a member card."""
    plain = re.sub(r"^(\+86|0086)", "", _plain(number))
    by_card = (
        sa.select(UserResident.user_id).join(Card, Card.resident_id == UserResident.resident_id)
        .where(Card.number == plain, Card.state == CardState.ACTIVE, UserResident.kind == LinkKind.SELF))
    names = [User.phone == plain, User.username == _written(number)]  # a hyphen may be part of a name
    if len(plain) == 8:
        names.append(User.id.in_(by_card))
    query: Any = (sa.select(User).where(User.disabled_at.is_(None), sa.or_(*names))
                  .order_by(User.id).limit(1).execution_options(populate_existing=True))
    with tenancy.unscoped():  # whoever sits down here may still be signed in as somebody of elsewhere
        return db.session.scalars(query).one_or_none()


def _subject(user: User | None, number: str) -> str:
    return f"user:{user.id}" if user else "number:" + tokens.digest(_plain(number))


def lock_subject(subject: str) -> None:
    """One at a time per account, also across workers; on SQLite the write lock does that already."""
    if db.engine.dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(subject.encode()).digest()[:7], "big")
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def _failures(subject: str) -> int:
    return db.session.scalar(
        sa.select(sa.func.count()).select_from(SignInTry)
        .where(SignInTry.subject == subject, SignInTry.at > clock.now() - TRIES_SPAN)) or 0


def _count_failure(subject: str) -> None:
    """Runs after the rollback, in a transaction of its own. A guess beyond the fifth hears nothing about itself."""
    lock_subject(subject)
    if _failures(subject) >= MOST_TRIES:
        db.session.rollback()
        raise LockedOut
    db.session.execute(sa.insert(SignInTry), {"subject": subject, "at": clock.now()})


def refuse_guesses(subject: str) -> None:
    """For guesses at secrets of other rooms. Raises LockedOut after five wrong ones within a quarter of an hour."""
    if _failures(subject) >= MOST_TRIES:
        raise LockedOut


def count_guess(subject: str) -> None:
    """Count a wrong guess, once its refusal has been rolled back; one beyond the fifth hears nothing about itself."""
    record_refusal(lambda: _count_failure(subject))


def verify_password(number: str, password: str) -> Checked:
    """Compare the password, before the write lock; what it found is only worth something in
    :func:`sign_in_by_password`. Raises LockedOut without comparing when the account is locked already, TooBusy."""
    user = _find(number)
    subject = _subject(user, number)
    if _failures(subject) >= MOST_TRIES:
        raise LockedOut
    stored = user.password_hash if user else None
    fits = passwords.matches(stored, password)
    return Checked(subject, user.id if user and fits else None, stored)


def sign_in_by_password(checked: Checked, *, device: str, is_bearer: bool = False) -> Opened:
    """Open a session. Raises WrongSignIn (and counts it) and LockedOut."""
    lock_subject(checked.subject)
    if _failures(checked.subject) >= MOST_TRIES:
        raise LockedOut
    user = db.session.get(User, checked.user_id, populate_existing=True) if checked.user_id else None
    if user is None or user.disabled_at is not None or user.password_hash != checked.stored:
        record_refusal(lambda: _count_failure(checked.subject))
        raise WrongSignIn
    return start_session(user, device=device, is_bearer=is_bearer)


def confirm_password(checked: Checked, user_id: int) -> None:
    """The signed-in user proved the password once more. Raises WrongSignIn (and counts it) and LockedOut."""
    lock_subject(checked.subject)
    if _failures(checked.subject) >= MOST_TRIES:
        raise LockedOut
    user = db.session.get(User, user_id, populate_existing=True)
    if user is None or checked.user_id != user_id or user.password_hash != checked.stored:
        record_refusal(lambda: _count_failure(checked.subject))
        raise WrongSignIn


def verify_own_password(user_id: int, password: str) -> Checked:
    """Like :func:`verify_password`, for somebody signed in."""
    user = db.session.get(User, user_id, populate_existing=True)
    subject = f"user:{user_id}"
    if _failures(subject) >= MOST_TRIES:
        raise LockedOut
    stored = user.password_hash if user else None
    return Checked(subject, user_id if passwords.matches(stored, password) else None, stored)


# ── One-time codes ──────────────────────────────────────────────────────────────────────────────────────────────


def prepare_code(number: str) -> None:
    """Send a one-time code of six digits to this phone if it is known; the answer does not tell.

    Raises Invalid, CodeTooSoon (one a minute) and TooManyCodes (ten a day), for known and unknown phones alike.
    """
    phone = clean_phone(number)
    if phone is None:
        raise Invalid(fields={"number": lazy("Please enter your phone number.")})
    lock_subject("code:" + phone)
    now = clock.now()
    start_of_day = clock.at_local(clock.today())
    sent = db.session.scalars(
        sa.select(OneTimeCode.created_at).where(OneTimeCode.phone == phone, OneTimeCode.created_at >= start_of_day)
        .order_by(OneTimeCode.created_at.desc())).all()
    if len(sent) >= CODES_A_DAY:
        raise TooManyCodes
    if sent and now - sent[0] < CODE_GAP:
        raise CodeTooSoon
    db.session.execute(sa.update(OneTimeCode).where(OneTimeCode.phone == phone, OneTimeCode.used_at.is_(None))
                       .values(used_at=now))
    code = f"{secrets.randbelow(10**6):06d}"
    db.session.execute(sa.insert(OneTimeCode), {
        "phone": phone, "code_hash": code_hash(phone, code), "tries": 0, "created_at": now})
    user = _find(phone)
    if user is not None and user.phone == phone:
        send_code(phone, code)


def _open_codes(subjects: list[str]) -> list[OneTimeCode]:
    now = clock.now()
    rows = db.session.scalars(
        sa.select(OneTimeCode).where(OneTimeCode.phone.in_(subjects), OneTimeCode.used_at.is_(None))
        .order_by(OneTimeCode.id).with_for_update().execution_options(populate_existing=True))
    return [row for row in rows if now - row.created_at <= valid_for(row.phone)]


def _count_code_try(ids: list[int]) -> None:
    """A wrong code counts on every open one of the number, after the rollback; the sixth hears nothing about itself."""
    counted = 0
    for row_id in ids:
        result = db.session.execute(
            sa.update(OneTimeCode).where(OneTimeCode.id == row_id, OneTimeCode.tries < MOST_TRIES)
            .values(tries=OneTimeCode.tries + 1))
        counted += result.rowcount  # type: ignore[attr-defined]
    if not counted:
        db.session.rollback()
        raise CodeUsedUp


def sign_in_by_code(number: str, code: str, *, device: str, is_bearer: bool = False) -> Opened:
    """Open a session by a code sent to the phone or told at the desk.

    Raises WrongSignIn (and counts it), CodeUsedUp after five tries, Frozen: whoever found the phone reads its codes.
    """
    user = _find(number)
    plain = re.sub(r"^(\+86|0086)", "", _plain(number))
    rows = _open_codes([plain, f"user:{user.id}"] if user else [plain])
    if rows and all(row.tries >= MOST_TRIES for row in rows):
        raise CodeUsedUp
    digits = _plain(code)
    fitting = [row for row in rows if row.tries < MOST_TRIES
               and secrets.compare_digest(row.code_hash, code_hash(row.phone, digits))]
    if user is None or not fitting:
        if rows:
            ids = [row.id for row in rows]
            record_refusal(lambda: _count_code_try(ids))
        raise WrongSignIn
    if user.frozen_at is not None and not fitting[0].phone.startswith("user:"):
        raise Frozen
    for row in rows:
        row.used_at = clock.now()
    audit.write(NOBODY, "people.sign_in_by_code", f"user:{user.id}")
    return start_session(user, device=device, is_bearer=is_bearer)
