"""Routes, the rota, rounds with a row for each checkpoint, findings, second looks and proposals."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, Json, UtcDateTime, enum_type


class RouteKind(enum.StrEnum):
    """What is looked at; each kind has its own template of a checklist."""

    STREET = "street"
    BUILDING_SITE = "building_site"
    ESTATE = "estate"
    STAIRWELL = "stairwell"
    CHARGING = "charging"


class PatrolState(enum.StrEnum):
    """Where a round stands; :data:`ALLOWED` says what leads where."""

    PLANNED = "planned"
    ASSIGNED = "assigned"
    STARTED = "started"
    SUBMITTED = "submitted"
    SENT_BACK = "sent_back"
    ACCEPTED = "accepted"
    MISSED = "missed"
    VOID = "void"


_S = PatrolState
# A missed round may still be handed in: the phone that kept it had no network until then.
ALLOWED: dict[PatrolState, frozenset[PatrolState]] = {
    _S.PLANNED: frozenset({_S.ASSIGNED, _S.MISSED, _S.VOID}),
    _S.ASSIGNED: frozenset({_S.STARTED, _S.SUBMITTED, _S.MISSED, _S.VOID}),
    _S.STARTED: frozenset({_S.SUBMITTED, _S.MISSED, _S.VOID}),
    _S.SUBMITTED: frozenset({_S.ACCEPTED, _S.SENT_BACK, _S.VOID}),
    _S.SENT_BACK: frozenset({_S.SUBMITTED, _S.VOID}),
    _S.MISSED: frozenset({_S.SUBMITTED, _S.VOID}),
    _S.ACCEPTED: frozenset(), _S.VOID: frozenset(),
}
COMING = (_S.PLANNED, _S.ASSIGNED, _S.STARTED)
WALKABLE = (_S.ASSIGNED, _S.STARTED, _S.SENT_BACK, _S.MISSED)


class PatrolSource(enum.StrEnum):
    """How the round came in; one from paper was entered by the leader."""

    PHONE = "phone"
    PAPER = "paper"


class StopResult(enum.StrEnum):
    """What came of a checkpoint. Blank until somebody was there; still blank when the round is handed in is missed."""

    BLANK = "blank"
    OK = "ok"
    FINDING = "finding"
    SKIPPED = "skipped"
    MISSED = "missed"


class Proof(enum.StrEnum):
    """What shows that somebody was there: the tag scanned, a photo, or the word of whoever leads the team."""

    NONE = "none"
    TAG = "tag"
    PHOTO = "photo"
    LEADER = "leader"


class FindingState(enum.StrEnum):
    """to_confirm (put right on the spot) -> confirmed | raised | joined;  joined -> raised (as a case of its own)."""

    TO_CONFIRM = "to_confirm"
    CONFIRMED = "confirmed"
    RAISED = "raised"
    JOINED = "joined"


FINDING_MOVES: dict[FindingState, frozenset[FindingState]] = {
    FindingState.TO_CONFIRM: frozenset({FindingState.CONFIRMED, FindingState.RAISED, FindingState.JOINED}),
    FindingState.JOINED: frozenset({FindingState.RAISED}),
    FindingState.CONFIRMED: frozenset(), FindingState.RAISED: frozenset(),
}


class LookOutcome(enum.StrEnum):
    """What somebody else saw when looking again at a closed case."""

    PASS = "pass"
    REOPEN = "reopen"


class SwapState(enum.StrEnum):
    """asked -> taken | withdrawn."""

    ASKED = "asked"
    TAKEN = "taken"
    WITHDRAWN = "withdrawn"


class ProposalState(enum.StrEnum):
    """waiting -> adopted | not_adopted | later;  later -> adopted | not_adopted."""

    WAITING = "waiting"
    ADOPTED = "adopted"
    NOT_ADOPTED = "not_adopted"
    LATER = "later"


PROPOSAL_MOVES: dict[ProposalState, frozenset[ProposalState]] = {
    ProposalState.WAITING: frozenset({ProposalState.ADOPTED, ProposalState.NOT_ADOPTED, ProposalState.LATER}),
    ProposalState.LATER: frozenset({ProposalState.ADOPTED, ProposalState.NOT_ADOPTED}),
    ProposalState.ADOPTED: frozenset(), ProposalState.NOT_ADOPTED: frozenset(),
}


class PatrolSetting(Base):
    """The items of the standard under which this room's deeds are filed. Empty: rounds under whatever item takes
    rounds; second looks and adopted proposals then earn nothing."""

    __tablename__ = "patrol_setting"

    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"), primary_key=True, autoincrement=False)
    round_item: Mapped[str] = mapped_column(sa.String(12), default="")
    look_item: Mapped[str] = mapped_column(sa.String(12), default="")
    proposal_item: Mapped[str] = mapped_column(sa.String(12), default="")


class PatrolRoute(Base):
    """A way with a name that a team walks. Closed when it is walked no more, never deleted."""

    __tablename__ = "patrol_route"
    __table_args__ = (
        sa.Index("uq_patrol_route_open_name", "community_id", "name", unique=True,
                 sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL")),
        sa.Index(None, "community_id", "team_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    kind: Mapped[RouteKind] = mapped_column(enum_type(RouteKind))
    note: Mapped[str] = mapped_column(sa.String(200), default="")
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class Checkpoint(Base):
    """A place of a route, in its order. ``checklist``: [{key, ask, category_id}]; the kind may be left open.

    Taken out of the route it stays for the rounds that were there.
    """

    __tablename__ = "patrol_checkpoint"
    __table_args__ = (
        sa.Index(None, "community_id", "route_id", "position"),
        sa.Index("uq_patrol_checkpoint_open", "route_id", "place_id", unique=True,
                 sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL")))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    route_id: Mapped[int] = mapped_column(sa.ForeignKey("patrol_route.id"))
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"))
    position: Mapped[int]
    checklist: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class Shift(Base):
    """A line of the weekly rota: on this weekday (0 is Monday), from and to in minutes of Shanghai's day, so many
    observers. Ended, never deleted."""

    __tablename__ = "patrol_shift"
    __table_args__ = (
        sa.Index(None, "community_id", "route_id", "weekday"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        sa.CheckConstraint("starts >= 0 AND ends <= 1440 AND ends > starts", name="window"),
        sa.CheckConstraint("wanted BETWEEN 1 AND 6", name="wanted"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    route_id: Mapped[int] = mapped_column(sa.ForeignKey("patrol_route.id"))
    weekday: Mapped[int]
    starts: Mapped[int]
    ends: Mapped[int]
    wanted: Mapped[int]
    since_on: Mapped[dt.date]
    until_on: Mapped[dt.date | None]


class Patrol(Base):
    """A round: once along a route, within a window of one day.

    ``said_from`` and ``said_until`` are what the phone or the paper said, bounded (see ``times.py``); ``started_at``
    and ``submitted_at`` are the server's. ``minutes``: how long it was walked. ``clock_off``: what the phone said could
    not be. ``arrived_late``: it came in after it counted as missed.
    """

    __tablename__ = "patrol"
    __table_args__ = (
        sa.UniqueConstraint("shift_id", "on"),
        sa.Index(None, "community_id", "state", "id"), sa.Index(None, "community_id", "route_id", "on"),
        sa.Index(None, "community_id", "team_id", "on"),
        sa.CheckConstraint("ends_at > starts_at", name="window"),
        sa.CheckConstraint("state NOT IN ('submitted', 'sent_back', 'accepted') OR submitted_by_id IS NOT NULL",
                           name="handed_in"),
        sa.CheckConstraint("state <> 'accepted' OR (decided_by_id IS NOT NULL AND decided_by_id <> submitted_by_id)",
                           name="accepted_by_other"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    route_id: Mapped[int] = mapped_column(sa.ForeignKey("patrol_route.id"))
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"))
    shift_id: Mapped[int | None] = mapped_column(sa.ForeignKey("patrol_shift.id"))
    on: Mapped[dt.date]
    starts_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    wanted: Mapped[int]
    state: Mapped[PatrolState] = mapped_column(enum_type(PatrolState))
    source: Mapped[PatrolSource] = mapped_column(enum_type(PatrolSource), default=PatrolSource.PHONE)
    started_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    submitted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    submitted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    said_from: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    said_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    minutes: Mapped[int] = mapped_column(default=0)
    clock_off: Mapped[bool] = mapped_column(default=False)
    arrived_late: Mapped[bool] = mapped_column(default=False)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(sa.String(300), default="")

    @property
    def key(self) -> str:
        """What its deeds begin with."""
        return f"patrol:{self.id}"


class PatrolObserver(Base):
    """Who walks a round."""

    __tablename__ = "patrol_observer"
    __table_args__ = (sa.Index(None, "community_id", "resident_id", "patrol_id"),)

    patrol_id: Mapped[int] = mapped_column(sa.ForeignKey("patrol.id"), primary_key=True, autoincrement=False)
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"), primary_key=True, autoincrement=False)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    assigned_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class PatrolSwap(Base):
    """Somebody can't come and asks the team; who takes it walks instead."""

    __tablename__ = "patrol_swap"
    __table_args__ = (
        sa.Index(None, "community_id", "state", "id"),
        sa.Index("uq_patrol_swap_open", "patrol_id", "asked_by_id", unique=True, sqlite_where=sa.text(
            "state = 'asked'"), postgresql_where=sa.text("state = 'asked'")),
        sa.CheckConstraint("(state = 'taken') = (taken_by_id IS NOT NULL)", name="taken"),
        sa.CheckConstraint("taken_by_id IS NULL OR taken_by_id <> asked_by_id", name="by_another"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    patrol_id: Mapped[int] = mapped_column(sa.ForeignKey("patrol.id"))
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    state: Mapped[SwapState] = mapped_column(enum_type(SwapState))
    asked_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    taken_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("resident.id"))
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class Stop(Base):
    """One checkpoint of one round, there from the beginning. ``checks``: {key: fine or not}, of the ``checklist`` as it
    was when the round was planned. ``said_at`` is what the phone said, ``received_at`` when it came in."""

    __tablename__ = "patrol_stop"
    __table_args__ = (
        sa.UniqueConstraint("patrol_id", "checkpoint_id"), sa.Index(None, "community_id", "patrol_id", "position"),
        sa.CheckConstraint("result <> 'skipped' OR reason <> ''", name="skipped_with_reason"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    patrol_id: Mapped[int] = mapped_column(sa.ForeignKey("patrol.id"))
    checkpoint_id: Mapped[int] = mapped_column(sa.ForeignKey("patrol_checkpoint.id"))
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"))
    position: Mapped[int]
    checklist: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    result: Mapped[StopResult] = mapped_column(enum_type(StopResult), default=StopResult.BLANK)
    checks: Mapped[dict[str, bool]] = mapped_column(Json, default=dict)
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    proof: Mapped[Proof] = mapped_column(enum_type(Proof), default=Proof.NONE)
    said_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    @property
    def key(self) -> str:
        """What its photos hang on."""
        return f"patrol-stop:{self.id}"


class Sending(Base):
    """A round as a phone handed it in: the same ``client_id`` again is the same sending. Append-only."""

    __tablename__ = "patrol_sending"
    __table_args__ = (sa.UniqueConstraint("community_id", "client_id"), sa.Index(None, "community_id", "patrol_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    patrol_id: Mapped[int] = mapped_column(sa.ForeignKey("patrol.id"))
    client_id: Mapped[str] = mapped_column(sa.String(64))
    body_hash: Mapped[str] = mapped_column(sa.String(64))
    by_user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    received_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class Finding(Base):
    """Something that is not in order. Put right on the spot (a second person confirms), or a case of its own or of
    somebody else (``case_id``). ``client_id`` is made by the phone; unique in its round."""

    __tablename__ = "patrol_finding"
    __table_args__ = (
        sa.UniqueConstraint("patrol_id", "client_id"), sa.Index(None, "community_id", "patrol_id"),
        sa.Index(None, "community_id", "state", "id"), sa.Index(None, "community_id", "case_id"),
        sa.CheckConstraint("(state IN ('raised', 'joined')) = (case_id IS NOT NULL)", name="case"),
        sa.CheckConstraint("state <> 'confirmed' OR (fixed_on_spot AND confirmed_by_id IS NOT NULL)",
                           name="confirmed"),
        sa.CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> by_user_id", name="second_person"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    patrol_id: Mapped[int] = mapped_column(sa.ForeignKey("patrol.id"))
    stop_id: Mapped[int] = mapped_column(sa.ForeignKey("patrol_stop.id"))
    client_id: Mapped[str] = mapped_column(sa.String(64))
    category_id: Mapped[int] = mapped_column(sa.ForeignKey("case_category.id"))
    text: Mapped[str] = mapped_column(sa.String(500))
    fixed_on_spot: Mapped[bool]
    state: Mapped[FindingState] = mapped_column(enum_type(FindingState))
    by_user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("problem_case.id"))
    confirmed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    @property
    def key(self) -> str:
        """What its photos hang on while it is no case of its own."""
        return f"patrol-finding:{self.id}"


class SecondLook(Base):
    """Another observer looked again (回头看) at a closed case; once for each time it was closed. Append-only."""

    __tablename__ = "patrol_look"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "round"), sa.Index(None, "community_id", "finding_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    finding_id: Mapped[int] = mapped_column(sa.ForeignKey("patrol_finding.id"))
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("problem_case.id"))
    round: Mapped[int]
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    by_user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    outcome: Mapped[LookOutcome] = mapped_column(enum_type(LookOutcome))
    text: Mapped[str] = mapped_column(sa.String(500), default="")
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class Proposal(Base):
    """An observer's proposal; the committee answers in writing by ``due_on``."""

    __tablename__ = "patrol_proposal"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "by_user_id", "client_id"),
        sa.Index(None, "community_id", "state", "id"), sa.Index(None, "community_id", "resident_id", "id"),
        sa.CheckConstraint("(state = 'waiting') = (answered_by_id IS NULL)", name="answered"),
        sa.CheckConstraint("answered_by_id IS NULL OR (answered_by_id <> by_user_id AND answer <> '')",
                           name="answered_by_other"))

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"))
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"))
    by_user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    client_id: Mapped[str] = mapped_column(sa.String(64))
    place_id: Mapped[int | None] = mapped_column(sa.ForeignKey("place.id"))
    text: Mapped[str] = mapped_column(sa.String(500))
    state: Mapped[ProposalState] = mapped_column(enum_type(ProposalState))
    sent_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[dt.date]
    answer: Mapped[str] = mapped_column(sa.String(500), default="")
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    answered_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    @property
    def key(self) -> str:
        """What its photos hang on."""
        return f"patrol-proposal:{self.id}"


class PatrolEvent(Base):
    """One step of a round, only ever added. ``by_user_id`` is None for the schedule."""

    __tablename__ = "patrol_event"
    __table_args__ = (sa.Index(None, "community_id", "patrol_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    patrol_id: Mapped[int] = mapped_column(sa.ForeignKey("patrol.id"))
    verb: Mapped[str] = mapped_column(sa.String(24))
    before: Mapped[PatrolState | None] = mapped_column(enum_type(PatrolState))
    after: Mapped[PatrolState] = mapped_column(enum_type(PatrolState))
    by_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(sa.String(300), default="")
