"""Reports, cases, their events and clocks; who is responsible for what."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, Json, UtcDateTime, enum_type


class CaseState(enum.StrEnum):
    """Where a case stands; ``moves.MOVES`` says what leads where."""

    RECEIVED = "received"
    MORE_INFORMATION = "more_information"
    DECLINED = "declined"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    SENT_BACK = "sent_back"
    ACKNOWLEDGED = "acknowledged"
    ON_SITE = "on_site"
    RECTIFYING = "rectifying"
    SUSPENDED = "suspended"
    TO_INSPECT = "to_inspect"
    REWORK = "rework"
    TO_EVALUATE = "to_evaluate"
    CLOSED = "closed"


class Source(enum.StrEnum):
    """How a problem came to be known."""

    SNAPSHOT = "snapshot"
    PATROL = "patrol"
    GRID_WORKER = "grid_worker"
    VISIT = "visit"
    HOTLINE = "hotline"
    OPEN311 = "open311"


ENTERED = (Source.GRID_WORKER, Source.VISIT, Source.HOTLINE)


class Outcome(enum.StrEnum):
    """How a case ended; always public where the case is."""

    FIXED = "fixed"
    BY_ITSELF = "resolved_by_itself"
    CANNOT = "cannot_be_fixed"
    NOT_OURS = "not_ours"
    FALSE = "false_report"


class Evaluation(enum.StrEnum):
    """What the reporter said at the end. Silence is not satisfaction."""

    SATISFIED = "satisfied"
    PARTLY = "partly"
    UNHAPPY = "unhappy"
    UNANSWERED = "unanswered"


class CaseClass(enum.StrEnum):
    """Whose matter it is; family matters are never public."""

    FAMILY = "family"
    SHARED = "shared"
    PUBLIC = "public"


class CaseVisibility(enum.StrEnum):
    """Who may look at a case beside the reporter and the unit."""

    PUBLIC = "public"
    RESIDENTS = "residents"
    STAFF = "staff"


class SpanUnit(enum.StrEnum):
    """Minutes on the wall, hours of work, or days of work."""

    MINUTES = "minutes"
    WORK_HOURS = "work_hours"
    WORK_DAYS = "work_days"


class ClockKind(enum.StrEnum):
    """What is waited for."""

    RESPOND = "respond"
    DISPATCH = "dispatch"
    ACKNOWLEDGE = "acknowledge"
    ARRIVE = "arrive"
    FEED_BACK = "feed_back"
    RECTIFY = "rectify"
    INSPECT = "inspect"
    EVALUATE = "evaluate"


class SignalKind(enum.StrEnum):
    """What somebody should look at. None of it is a verdict."""

    REUSED_PHOTO = "reused_photo"
    BEFORE_IS_AFTER = "before_is_after"
    OWN_FIXER = "own_fixer"
    IMPOSSIBLE_TRAVEL = "impossible_travel"
    MANY_AT_ONCE = "many_at_once"


class Verdict(enum.StrEnum):
    """What a second look at a closed case found."""

    HOLDS = "holds"
    NOT_FIXED = "not_fixed"
    FALSE = "false"


class Unit(Base):
    """Who puts things right in a community: a department, a company, a group of people."""

    __tablename__ = "case_unit"
    __table_args__ = (sa.UniqueConstraint("community_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    area_id: Mapped[int | None] = mapped_column(sa.ForeignKey("area.id"))
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class UnitMember(Base):
    """A user who works for a unit."""

    __tablename__ = "case_unit_member"
    __table_args__ = (sa.Index(None, "user_id", "community_id"),)

    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("case_unit.id"), primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), primary_key=True, autoincrement=False)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))


class Category(Base):
    """A kind of problem. ``nearby_m``: how near two reports of one ``group_code`` have to be to look like one problem.

    ``respond_*`` and so on are the spans of the clocks; one that is None has no such clock. A kind whose answers run in
    minutes is urgent. ``accepted_item``/``fixed_item`` are the items of the standard that the first reporter's deed is
    filed under, empty for whatever item takes snapshots. A case that was fixed gives a second deed only where
    ``fixed_item`` is set, joiners one where ``joined_item`` is, an evaluation one where ``evaluated_item`` is.
    """

    __tablename__ = "case_category"
    __table_args__ = (sa.UniqueConstraint("community_id", "name"),
                      sa.CheckConstraint("class <> 'family' OR visibility = 'staff'", name="family_never_public"),
                      sa.CheckConstraint("nearby_m IN (30, 100, 250)", name="nearby"),
                      sa.CheckConstraint("respond_span > 0 AND rectify_span > 0 AND dispatch_span > 0 "
                                         "AND arrive_span > 0 AND feed_back_span > 0", name="spans"),
                      sa.CheckConstraint(
                          "(dispatch_span IS NULL) = (dispatch_unit IS NULL) AND (arrive_span IS NULL) = (arrive_unit "
                          "IS NULL) AND (feed_back_span IS NULL) = (feed_back_unit IS NULL)", name="whole_spans"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    group_code: Mapped[str] = mapped_column(sa.String(20))
    class_: Mapped[CaseClass] = mapped_column("class", enum_type(CaseClass))
    visibility: Mapped[CaseVisibility] = mapped_column(enum_type(CaseVisibility))
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case_unit.id"))
    nearby_m: Mapped[int]
    respond_span: Mapped[int]
    respond_unit: Mapped[SpanUnit] = mapped_column(enum_type(SpanUnit))
    rectify_span: Mapped[int]
    rectify_unit: Mapped[SpanUnit] = mapped_column(enum_type(SpanUnit))
    dispatch_span: Mapped[int | None]
    dispatch_unit: Mapped[SpanUnit | None] = mapped_column(enum_type(SpanUnit))
    arrive_span: Mapped[int | None]
    arrive_unit: Mapped[SpanUnit | None] = mapped_column(enum_type(SpanUnit))
    feed_back_span: Mapped[int | None]
    feed_back_unit: Mapped[SpanUnit | None] = mapped_column(enum_type(SpanUnit))
    joined_item: Mapped[str] = mapped_column(sa.String(12), default="")
    evaluated_item: Mapped[str] = mapped_column(sa.String(12), default="")
    accepted_item: Mapped[str] = mapped_column(sa.String(12), default="")
    fixed_item: Mapped[str] = mapped_column(sa.String(12), default="")
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_urgent(self) -> bool:
        """Its answers are counted in minutes, by day and night."""
        return self.respond_unit is SpanUnit.MINUTES


class CaseRoute(Base):
    """Who puts a kind of problem right in one grid or building, where that isn't the unit of the kind."""

    __tablename__ = "case_route"

    category_id: Mapped[int] = mapped_column(sa.ForeignKey("case_category.id"), primary_key=True, autoincrement=False)
    area_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"), primary_key=True, autoincrement=False)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"), index=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("case_unit.id"))


IS_SHOWN = "visibility = 'public' AND accepted_at IS NOT NULL"
# SQLite, which guesses, takes the index that answers most equalities: with the visibility in them these rather than the
# one of all cases, public or not; with the empty ``closed_at`` (a CHECK) what is open rather than all that is public.
PUBLIC_LISTS = (("all", ("community_id", "visibility", "id"), IS_SHOWN),
                ("open", ("community_id", "visibility", "closed_at", "id"), f"{IS_SHOWN} AND closed_at IS NULL"),
                ("kind", ("community_id", "visibility", "category_id", "id"), IS_SHOWN),
                ("place", ("community_id", "visibility", "place_id", "id"), IS_SHOWN))


class Case(Base):
    """The work item. The reporter is that of its first report: the resident who is to hear of it and may earn, and the
    user who sent or entered it; a report through another system may have neither. ``household_id`` is where the
    reporter lived on the day: nobody of it decides. ``round`` grows with each reopening.

    ``level`` 0 the unit, 1 its supervisor, 2 the joint meeting. ``place_key`` is the place without spaces and signs,
    to compare. ``parent_id``: the case that a merged one follows. ``title`` is what others read instead of the
    reporter's words; ``photos_public``: somebody looked at its photos and let others see them. ``to_watch``: something
    came in that the signals have not been asked about.
    """

    __tablename__ = "problem_case"
    __table_args__ = (
        sa.Index(None, "community_id", "id"),
        sa.Index(None, "community_id", "state", "id"), sa.Index(None, "community_id", "reporter_resident_id", "id"),
        sa.Index(None, "community_id", "category_id", "place_key"), sa.Index(None, "community_id", "unit_id", "id"),
        sa.Index(None, "parent_id"), sa.Index(None, "community_id", "to_watch"),
        sa.Index(None, "community_id", "opened_at"),
        # What everybody may see, page by page: all, what is still open, of one kind, at one place.
        *(sa.Index(f"ix_problem_case_public_{name}", *columns, sqlite_where=sa.text(shown), postgresql_where=sa.text(
            shown)) for name, columns, shown in PUBLIC_LISTS),
        sa.CheckConstraint("NOT photos_public OR visibility <> 'staff'", name="shown_to_somebody"),
        sa.CheckConstraint("class <> 'family' OR visibility = 'staff'", name="family_never_public"),
        sa.CheckConstraint("source = 'open311' OR reporter_user_id IS NOT NULL", name="somebody_sent_it"),
        sa.CheckConstraint("handler_id IS NULL OR handler_id <> reporter_user_id", name="handler_not_reporter"),
        sa.CheckConstraint("inspector_id IS NULL OR (inspector_id <> reporter_user_id AND inspector_id <> handler_id)",
                           name="inspector_independent"),
        sa.CheckConstraint("accepted_by_id IS NULL OR accepted_by_id <> reporter_user_id", name="accepted_by_other"),
        sa.CheckConstraint("(state = 'merged') = (parent_id IS NOT NULL)", name="merged_has_parent"),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_its_own_parent"),
        sa.CheckConstraint("(state = 'suspended') = (suspended_until IS NOT NULL)", name="suspended_until_a_day"),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at_a_time"),
        sa.CheckConstraint("state <> 'closed' OR outcome IS NOT NULL", name="closed_with_outcome"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    source: Mapped[Source] = mapped_column(enum_type(Source))
    state: Mapped[CaseState] = mapped_column(enum_type(CaseState))
    category_id: Mapped[int] = mapped_column(sa.ForeignKey("case_category.id"))
    class_: Mapped[CaseClass] = mapped_column("class", enum_type(CaseClass))
    visibility: Mapped[CaseVisibility] = mapped_column(enum_type(CaseVisibility))
    level: Mapped[int] = mapped_column(default=0)
    reporter_resident_id: Mapped[int | None] = mapped_column(sa.ForeignKey("resident.id"))
    reporter_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    household_id: Mapped[int | None] = mapped_column(sa.ForeignKey("household.id"))
    anonymous: Mapped[bool]
    place_id: Mapped[int | None] = mapped_column(sa.ForeignKey("place.id"))
    place: Mapped[str] = mapped_column(sa.String(120))
    place_key: Mapped[str] = mapped_column(sa.String(120))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    accepted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case_unit.id"))
    handler_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    inspector_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("problem_case.id"))
    suspended_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    evaluate_by: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[Outcome | None] = mapped_column(enum_type(Outcome))
    evaluation: Mapped[Evaluation | None] = mapped_column(enum_type(Evaluation))
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    appeals: Mapped[int] = mapped_column(default=0)
    sent_back: Mapped[int] = mapped_column(default=0)
    round: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(sa.String(60), default="")
    photos_public: Mapped[bool] = mapped_column(default=False)
    to_watch: Mapped[bool] = mapped_column(default=True)

    @property
    def key(self) -> str:
        """What its after-photos hang on and its deeds begin with."""
        return f"case:{self.id}"


def stands_in(*states: CaseState) -> sa.ColumnElement[bool]:
    """The case is in one of these states, which are written into the statement: a prepared plan of PostgreSQL that
    doesn't know them reads every case there ever was, as nearly all of them are closed."""
    return Case.state.in_([sa.literal(one, Case.state.type, literal_execute=True) for one in states])


class Report(Base):
    """What one person sent, never changed. ``client_id`` is made by the sender: the same one sent again by the same
    ``sender_key`` (``user:12``, ``client:3``) is the same report. Coordinates are WGS84 degrees. ``code_hash``: the
    code word by which an anonymous sender follows it without signing in."""

    __tablename__ = "snapshot_report"
    __table_args__ = (sa.UniqueConstraint("community_id", "sender_key", "client_id"),
                      sa.Index(None, "community_id", "resident_id", "id"), sa.Index(None, "community_id", "case_id"),
                      sa.CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="both_or_none"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    sender_key: Mapped[str] = mapped_column(sa.String(64))
    client_id: Mapped[str] = mapped_column(sa.String(64))
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("problem_case.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    resident_id: Mapped[int | None] = mapped_column(sa.ForeignKey("resident.id"))
    anonymous: Mapped[bool]
    category_id: Mapped[int] = mapped_column(sa.ForeignKey("case_category.id"))
    text: Mapped[str] = mapped_column(sa.String(1000))
    place_id: Mapped[int | None] = mapped_column(sa.ForeignKey("place.id"))
    place: Mapped[str] = mapped_column(sa.String(120))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    sent_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    code_hash: Mapped[str | None] = mapped_column(sa.String(20), unique=True)

    @property
    def key(self) -> str:
        """What its photos hang on."""
        return f"report:{self.id}"


class Joiner(Base):
    """Somebody who said "me too"."""

    __tablename__ = "case_joiner"

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("problem_case.id"), primary_key=True, autoincrement=False)
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"), primary_key=True, autoincrement=False)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    joined_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class CaseEvaluation(Base):
    """What somebody concerned said about a round of a case. The reporter's own decides, the others stand beside it."""

    __tablename__ = "case_evaluation"
    __table_args__ = (sa.UniqueConstraint("case_id", "round", "resident_id"),
                      sa.CheckConstraint("answer <> 'unanswered'", name="an_answer"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("problem_case.id"))
    round: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    resident_id: Mapped[int | None] = mapped_column(sa.ForeignKey("resident.id"))
    by_reporter: Mapped[bool]
    answer: Mapped[Evaluation] = mapped_column(enum_type(Evaluation))
    words: Mapped[str] = mapped_column(sa.String(500))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class ReopeningSupport(Base):
    """A neighbour who says that a closed case is not put right; the third one opens it again."""

    __tablename__ = "case_support"
    __table_args__ = (sa.UniqueConstraint("case_id", "round", "user_id"),)

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("problem_case.id"), primary_key=True, autoincrement=False)
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"), primary_key=True, autoincrement=False)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    reason: Mapped[str] = mapped_column(sa.String(500))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class CaseEvent(Base):
    """One change of a case, only ever added. ``by_user_id`` is None for the schedule."""

    __tablename__ = "case_event"
    __table_args__ = (sa.Index(None, "community_id", "case_id", "id"), sa.Index(None, "community_id", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("problem_case.id"))
    verb: Mapped[str] = mapped_column(sa.String(32))
    before: Mapped[CaseState | None] = mapped_column(enum_type(CaseState))
    after: Mapped[CaseState] = mapped_column(enum_type(CaseState))
    by_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(sa.String(500))
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


class CaseClock(Base):
    """One clock of a case. ``pauses`` are [from, to] instants in ISO, ``paused_at`` begins the one that lasts.

    ``next_level`` (percent of the span, 0 for none left) is reached at ``next_at``; neither while it stands. An
    extension of ``extra`` (in the unit of the span) is asked once and approved or refused once, by somebody else.
    """

    __tablename__ = "case_clock"
    __table_args__ = (
        sa.Index(None, "community_id", "next_at"), sa.Index(None, "community_id", "case_id", "id"),
        # Only of those that stopped: SQLite would take it for the many that run, too.
        sa.Index("ix_case_clock_stopped", "community_id", "stopped_at", sqlite_where=sa.text("stopped_at IS NOT NULL"),
                 postgresql_where=sa.text("stopped_at IS NOT NULL")),
        sa.CheckConstraint("extended_by_id IS NULL OR extended_by_id <> asked_by_id", name="second_person"),
        sa.CheckConstraint("extended_by_id IS NULL OR refused_by_id IS NULL", name="one_answer"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("problem_case.id"))
    kind: Mapped[ClockKind] = mapped_column(enum_type(ClockKind))
    span: Mapped[int]
    unit: Mapped[SpanUnit] = mapped_column(enum_type(SpanUnit))
    started_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    stopped_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    paused_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    pauses: Mapped[list[list[str]]] = mapped_column(Json, default=list)
    next_level: Mapped[int] = mapped_column(default=80)
    next_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    extra: Mapped[int] = mapped_column(default=0)
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    asked_why: Mapped[str] = mapped_column(sa.String(500), default="")
    extended_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    refused_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    round: Mapped[int] = mapped_column(default=1)


class Escalation(Base):
    """A clock went past this many percent of its span; once for each."""

    __tablename__ = "case_escalation"
    __table_args__ = (sa.UniqueConstraint("case_id", "clock_id", "level"),
                      sa.CheckConstraint("level IN (80, 100, 200, 300)", name="level"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("problem_case.id"))
    clock_id: Mapped[int] = mapped_column(sa.ForeignKey("case_clock.id"))
    level: Mapped[int]
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class CaseSignal(Base):
    """Something about a case that a person should look at; nothing follows by itself. ``about`` is what it was compared
    with (``case:12``), so that the same thing is said once."""

    __tablename__ = "case_signal"
    __table_args__ = (sa.UniqueConstraint("case_id", "kind", "about"),
                      sa.Index(None, "community_id", "settled_at", "id"),
                      sa.CheckConstraint("(settled_at IS NULL) = (settled_by_id IS NULL)", name="settled_by_somebody"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("problem_case.id"))
    kind: Mapped[SignalKind] = mapped_column(enum_type(SignalKind))
    about: Mapped[str] = mapped_column(sa.String(40))
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    settled_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    settled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    verdict: Mapped[str] = mapped_column(sa.String(500), default="")


class CaseAudit(Base):
    """A case of ``month`` (its first day) drawn by lot, to be looked at again by an inspector who had no part. That a
    report was false is settled by a second person, who agrees or doesn't."""

    __tablename__ = "case_audit"
    __table_args__ = (sa.UniqueConstraint("case_id", "month"), sa.Index(None, "community_id", "month"),
                      sa.Index(None, "community_id", "decided_at", "id"),
                      sa.CheckConstraint("(verdict IS NULL) = (decided_at IS NULL)", name="decided_whole"),
                      sa.CheckConstraint("settled_by_id IS NULL OR settled_by_id <> auditor_id", name="second_person"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("problem_case.id"))
    month: Mapped[dt.date]
    drawn_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    auditor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    verdict: Mapped[Verdict | None] = mapped_column(enum_type(Verdict))
    text: Mapped[str] = mapped_column(sa.String(500), default="")
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    settled_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    settled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    agreed: Mapped[bool | None]
