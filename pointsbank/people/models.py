"""Residents, households, users, sessions, teams, appointments, cards and counted sign-in tries."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pointsbank.communities.models import Area
from pointsbank.core import clock
from pointsbank.core.db import Base, UtcDateTime, enum_type
from pointsbank.core.triggers import TriggerSet
from pointsbank.people.roles import Role


class User(Base):
    """Somebody who signs in. ``phone`` may be empty for staff made on the command line (they have ``username``)."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    phone: Mapped[str | None] = mapped_column(sa.String(20), unique=True)
    username: Mapped[str | None] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    password_set_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    locale: Mapped[str | None] = mapped_column(sa.String(10))
    elder: Mapped[bool] = mapped_column(default=False)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    frozen_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class SignInSession(Base):
    """One signed-in browser or API client. Revoked rows end at once on every worker.

    ``token_hash`` is the SHA-256 of the random id that the cookie (or bearer token) carries. ``community_id`` and
    ``resident_id`` are the answer to "for whom?".
    """

    __tablename__ = "sign_in_session"
    __table_args__ = (sa.Index(None, "user_id", "revoked_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    community_id: Mapped[int | None] = mapped_column(sa.ForeignKey("area.id"))
    resident_id: Mapped[int | None] = mapped_column(sa.ForeignKey("resident.id"))
    is_bearer: Mapped[bool] = mapped_column(default=False)
    device: Mapped[str] = mapped_column(sa.String(120), default="")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class Resident(Base):
    """A person of one community. ``public_id`` is random: numbers in addresses must not tell who lives here.

    ``left_on`` is the first day no longer here: after moving away, or the day after ``died_on``, which no public page
    shows.
    """

    __tablename__ = "resident"
    __table_args__ = (sa.Index(None, "community_id", "name"), sa.Index(None, "community_id", "phone"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    public_id: Mapped[str] = mapped_column(sa.String(24), unique=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    phone: Mapped[str | None] = mapped_column(sa.String(20))
    born_on: Mapped[dt.date | None]
    area_id: Mapped[int | None] = mapped_column(sa.ForeignKey("area.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    left_on: Mapped[dt.date | None]
    died_on: Mapped[dt.date | None]
    erased_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    def is_minor(self, day: dt.date, age: int = 18) -> bool:
        """Under ``age`` on ``day``; somebody without a birth date counts as an adult."""
        if self.born_on is None:
            return False
        birthday_to_come = (day.month, day.day) < (self.born_on.month, self.born_on.day)
        return day.year - self.born_on.year - birthday_to_come < age


class LinkKind(enum.StrEnum):
    """Why a user may act for a resident."""

    SELF = "self"
    FAMILY = "family"
    GUARDIAN = "guardian"


class UserResident(Base):
    """A user may act for a resident: oneself, a parent without a phone, a child."""

    __tablename__ = "user_resident"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), primary_key=True)
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"), primary_key=True, index=True)
    kind: Mapped[LinkKind] = mapped_column(enum_type(LinkKind))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class Household(Base):
    """A household (户) of a community, known by its number on the door list."""

    __tablename__ = "household"
    __table_args__ = (sa.UniqueConstraint("community_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    number: Mapped[str] = mapped_column(sa.String(24))
    area_id: Mapped[int | None] = mapped_column(sa.ForeignKey("area.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    closed_on: Mapped[dt.date | None]


class HouseholdMember(Base):
    """Dated membership; ``until_on`` is the first day no longer in it. Those of one resident never overlap: the
    database refuses it, PostgreSQL by this exclusion and SQLite by the triggers below."""

    __tablename__ = "household_member"
    __table_args__ = (
        sa.Index("uq_household_member_open", "resident_id", unique=True, sqlite_where=sa.text("until_on IS NULL"),
                 postgresql_where=sa.text("until_on IS NULL")),
        sa.Index("uq_household_member_head", "household_id", unique=True,
                 sqlite_where=sa.text("until_on IS NULL AND is_head"),
                 postgresql_where=sa.text("until_on IS NULL AND is_head")),
        sa.Index(None, "community_id", "household_id"), sa.Index(None, "resident_id", "since_on"),
        sa.CheckConstraint("until_on IS NULL OR until_on > since_on", name="span"),
        # A range of one number stands for the number: plain equality in GiST would need an extension.
        postgresql.ExcludeConstraint(
            (sa.text("int4range(resident_id, resident_id, '[]')"), "&&"),
            (sa.text("daterange(since_on, until_on)"), "&&"),
            name="ex_household_member_overlap").ddl_if(dialect="postgresql"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    household_id: Mapped[int] = mapped_column(sa.ForeignKey("household.id"))
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    relation: Mapped[str] = mapped_column(sa.String(20))
    is_head: Mapped[bool] = mapped_column(default=False)
    since_on: Mapped[dt.date]
    until_on: Mapped[dt.date | None]

    resident: Mapped[Resident] = relationship(lazy="raise")
    household: Mapped[Household] = relationship(lazy="raise")


# The same for SQLite. ISO dates compare as texts; before an insert the new row has no id yet, hence IS NOT.
_OVERLAPS = ("EXISTS (SELECT 1 FROM household_member m WHERE m.resident_id = NEW.resident_id AND m.id IS NOT NEW.id "
             "AND m.since_on < coalesce(NEW.until_on, '9999-12-31') "
             "AND NEW.since_on < coalesce(m.until_on, '9999-12-31'))")


def _no_overlap(name: str, when: str) -> list[str]:
    return [f"CREATE TRIGGER {name} BEFORE {when} ON household_member WHEN {_OVERLAPS} BEGIN "
            "SELECT RAISE(ABORT, 'a resident belongs to one household at a time'); END"]


TRIGGERS = TriggerSet({}, {"household_member": {
    "household_member_overlap_insert": _no_overlap("household_member_overlap_insert", "INSERT"),
    "household_member_overlap_update": _no_overlap("household_member_overlap_update",
                                                   "UPDATE OF resident_id, since_on, until_on"),
}}, ())
TRIGGERS.attach(HouseholdMember)


class ResidentTag(Base):
    """What a resident is besides a neighbour (a cadre, a student), from a day until a day; for leagues and rules.

    Of one tag a resident has at most one open row, and its rows never overlap. Seen at the desk only, never in public.
    """

    __tablename__ = "resident_tag"
    __table_args__ = (
        sa.Index("uq_resident_tag_open", "resident_id", "tag", unique=True, sqlite_where=sa.text("until_on IS NULL"),
                 postgresql_where=sa.text("until_on IS NULL")),
        sa.Index(None, "community_id", "resident_id"),
        sa.CheckConstraint("until_on IS NULL OR until_on > since_on", name="span"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    tag: Mapped[str] = mapped_column(sa.String(20))
    since_on: Mapped[dt.date]
    until_on: Mapped[dt.date | None]


class TeamKind(enum.StrEnum):
    """What a team is for."""

    VOLUNTEERS = "volunteers"
    OBSERVERS = "observers"


class Team(Base):
    """A volunteer team or an observer group (市民观察团) of a community."""

    __tablename__ = "team"
    __table_args__ = (sa.UniqueConstraint("community_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    kind: Mapped[TeamKind] = mapped_column(enum_type(TeamKind))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    closed_on: Mapped[dt.date | None]


class TeamMember(Base):
    """Dated membership of a team."""

    __tablename__ = "team_member"
    __table_args__ = (
        sa.Index("uq_team_member_open", "team_id", "resident_id", unique=True,
                 sqlite_where=sa.text("until_on IS NULL"), postgresql_where=sa.text("until_on IS NULL")),
        sa.Index(None, "resident_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"))
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    since_on: Mapped[dt.date]
    until_on: Mapped[dt.date | None]

    resident: Mapped[Resident] = relationship(lazy="raise")


class Appointment(Base):
    """A user holds a role on an area (and all below it), or on one team. Ends, never deleted."""

    __tablename__ = "appointment"
    __table_args__ = (sa.Index(None, "user_id", "until_at"), sa.Index(None, "area_id", "role"))

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    role: Mapped[Role] = mapped_column(enum_type(Role))
    area_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"))
    since_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    appointed_by: Mapped[str] = mapped_column(sa.String(40))

    user: Mapped[User] = relationship(lazy="raise")
    area: Mapped[Area] = relationship(lazy="raise")


class CardState(enum.StrEnum):
    """active -> blocked (lost) | replaced."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    REPLACED = "replaced"


class Card(Base):
    """A paper member card: an 80-bit code as QR (only its SHA-256 is kept) and an 8-digit number to say."""

    __tablename__ = "card"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "number"), sa.UniqueConstraint("resident_id", "issue"),
        sa.Index("uq_card_active", "resident_id", unique=True, sqlite_where=sa.text("state = 'active'"),
                 postgresql_where=sa.text("state = 'active'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    issue: Mapped[int]
    code_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    number: Mapped[str] = mapped_column(sa.String(8))
    state: Mapped[CardState] = mapped_column(enum_type(CardState))
    issued_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    blocked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    resident: Mapped[Resident] = relationship(lazy="raise")


class ExportKind(enum.StrEnum):
    """The lists with whole names that can be taken along as a file."""

    RESIDENTS = "residents"
    HOUSEHOLDS = "households"


class ExportState(enum.StrEnum):
    """asked -> approved | refused. How long and how often an approval is good for stands with the class below."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"


MOST_DOWNLOADS = 3
GOOD_FOR = dt.timedelta(hours=24)


class ExportRequest(Base):
    """Somebody of the desk asks for a whole list as a file, a second person decides, the one who asked takes it.

    ``search`` and ``moved_out`` narrow the list as the page did when it was asked for; ``rows`` is how long it was
    then. ``sent_up_area_id``: nobody else here may decide, so it waits for this area above.
    """

    __tablename__ = "export_request"
    __table_args__ = (
        sa.Index(None, "community_id", "state", "id"),
        sa.Index("uq_export_request_open", "community_id", "asked_by_id", "kind", unique=True,
                 sqlite_where=sa.text("state = 'asked'"), postgresql_where=sa.text("state = 'asked'")),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="second_person"),
        sa.CheckConstraint("(state = 'asked') = (decided_by_id IS NULL) AND (state = 'asked') = (decided_at IS NULL)",
                           name="decided"),
        sa.CheckConstraint(f"downloads BETWEEN 0 AND {MOST_DOWNLOADS} AND (downloads = 0 OR state = 'approved')",
                           name="downloads"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    kind: Mapped[ExportKind] = mapped_column(enum_type(ExportKind))
    search: Mapped[str] = mapped_column(sa.String(60), default="")
    moved_out: Mapped[bool] = mapped_column(default=False)
    rows: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.String(200))
    state: Mapped[ExportState] = mapped_column(enum_type(ExportState))
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    asked_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    sent_up_area_id: Mapped[int | None] = mapped_column(sa.ForeignKey("area.id"))
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(sa.String(200), default="")
    downloads: Mapped[int] = mapped_column(default=0)

    @property
    def good_until(self) -> dt.datetime | None:
        """When an approval ends; None where there is none."""
        return self.decided_at + GOOD_FOR if self.state is ExportState.APPROVED and self.decided_at else None

    @property
    def is_over(self) -> bool:
        """Approved once, and nothing can be downloaded any more."""
        until = self.good_until
        return until is not None and (clock.now() >= until or self.downloads >= MOST_DOWNLOADS)


class OneTimeCode(Base):
    """A one-time code sent to a phone; at most five tries, ten codes a day, ten minutes."""

    __tablename__ = "one_time_code"
    __table_args__ = (sa.Index(None, "phone", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    phone: Mapped[str] = mapped_column(sa.String(20))
    code_hash: Mapped[str] = mapped_column(sa.String(64))
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class SignInTry(Base):
    """A failed sign-in, counted in the database so that all workers count together."""

    __tablename__ = "sign_in_try"
    __table_args__ = (sa.Index(None, "subject", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(sa.String(80))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
