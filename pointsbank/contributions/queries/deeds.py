"""What can be asked about deeds, their award lines and what waits for whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.contributions import policy
from pointsbank.contributions.describing import is_own_words
from pointsbank.contributions.models import (
    PENDING,
    AwardLine,
    Contribution,
    Correction,
    CorrectionState,
    DeedKind,
    LineState,
    Outcome,
    Review,
    SittingItem,
    State,
)
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.paging import Page, page
from pointsbank.ledger.models import Book
from pointsbank.people.models import Resident
from pointsbank.rules.models import ScoringRule

# ── Deeds ───────────────────────────────────────────────────────────────────────────────────────────────────────


def by_source_keys(community_id: int, keys: Iterable[str]) -> Sequence[Contribution]:
    """Deeds by source key."""
    return db.session.scalars(scoped(Contribution, community_id).where(
        Contribution.source_key.in_(list(dict.fromkeys(keys))))).all()


def earlier_acts(community_id: int, resident_id: int, but: int = 0) -> Sequence[Contribution]:
    """What somebody reported within a year under items of "highest only" groups: the same act may come again."""
    grouped = sa.select(ScoringRule.code).where(ScoringRule.community_id == community_id,
                                                ScoringRule.highest_group != "")
    return db.session.scalars(
        scoped(Contribution, community_id).where(
            Contribution.resident_id == resident_id, Contribution.item_code.in_(grouped), Contribution.id != but,
            Contribution.state.in_([State.SUBMITTED, State.APPROVED]),
            Contribution.done_on >= clock.today() - dt.timedelta(days=366))
        .order_by(Contribution.id.desc()).limit(20)).all()


def deed(actor: Actor, contribution_id: int) -> Contribution:
    """One deed, if the actor may see it. Raises NotFound otherwise: it isn't there for others."""
    found = get_scoped(Contribution, contribution_id, actor.community_id)
    if not policy.may_see(actor, found) or (
            found.state is State.DRAFT and not policy.may_change(actor, found)):
        raise NotFound
    return found


def earlier_rounds(community_id: int, deeds: Iterable[Contribution]) -> dict[int, list[int]]:
    """By deed: the ids of the deeds that it was recorded anew for, back to the first. One statement for each round,
    none where nothing was recorded anew."""
    found: dict[int, list[int | None]] = {d.id: [d.first_deed_id] if d.first_deed_id else [] for d in deeds}
    while reached := {rounds[-1] for rounds in found.values() if rounds and rounds[-1]}:
        before = {i: deed.first_deed_id for i, deed in by_ids(community_id, reached).items()}
        for rounds in found.values():
            if rounds and rounds[-1]:
                rounds.append(before.get(rounds[-1]))
    return {i: [r for r in rounds if r] for i, rounds in found.items()}


def by_ids(community_id: int, ids: Collection[int]) -> dict[int, Contribution]:
    """Deeds by id, in one statement."""
    if not ids:
        return {}
    return {c.id: c for c in db.session.scalars(scoped(Contribution, community_id).where(Contribution.id.in_(ids)))}


def mine(actor: Actor, *, cursor: str | None = None, limit: int | None = None) -> Page[Contribution]:
    """The deeds of the resident acted for, newest first; drafts of others who enter for them are left out."""
    query = scoped(Contribution, actor.community_id).where(
        Contribution.resident_id == actor.resident_id,
        sa.or_(Contribution.state != State.DRAFT, Contribution.recorder_user_id == actor.user_id))
    return page(query, Contribution.id, cursor=cursor, limit=limit)


def filed_for_others(actor: Actor, *, cursor: str | None = None, limit: int | None = None) -> Page[Contribution]:
    """What the actor entered for other residents, newest first."""
    query = scoped(Contribution, actor.community_id).where(
        Contribution.recorder_user_id == actor.user_id, Contribution.resident_id != (actor.resident_id or 0))
    return page(query, Contribution.id, cursor=cursor, limit=limit)


def lines_of(community_id: int, contribution_ids: Collection[int]) -> dict[int, list[AwardLine]]:
    """The award lines of deeds, in one statement; a deed without any has an empty list."""
    found: dict[int, list[AwardLine]] = {i: [] for i in contribution_ids}
    if found:
        for line in db.session.scalars(scoped(AwardLine, community_id).where(
                AwardLine.contribution_id.in_(list(found))).order_by(AwardLine.id)):
            found[line.contribution_id].append(line)
    return found


def steps_of(community_id: int, contribution_id: int) -> Sequence[Review]:
    """The steps of a deed, oldest first."""
    return db.session.scalars(scoped(Review, community_id).where(Review.contribution_id == contribution_id)
                              .order_by(Review.id)).all()


def on_open_list() -> sa.ColumnElement[bool]:
    """A condition on deeds: a panel is voting about it."""
    return sa.exists().where(SittingItem.contribution_id == Contribution.id,
                             SittingItem.community_id == Contribution.community_id,
                             SittingItem.outcome == Outcome.WAITING)


@dataclass(frozen=True)
class Served:
    """Minutes of one deed as they stand in the book; ``what`` names nobody but the committee's own words."""

    done_on: dt.date
    what: str
    minutes: int


def served(community_id: int, resident_id: int, since: dt.date, until: dt.date) -> list[Served]:
    """The service time of somebody in these days, both included, by the day of the deed; one statement."""
    rows = db.session.execute(
        sa.select(Contribution.done_on, Contribution.title, Contribution.source_key, AwardLine.rule_name,
                  AwardLine.amount)
        .join(AwardLine, AwardLine.contribution_id == Contribution.id)
        .where(Contribution.community_id == community_id, Contribution.resident_id == resident_id,
               Contribution.done_on.between(since, until), AwardLine.book == Book.MINUTES,
               AwardLine.state == LineState.POSTED)
        .order_by(Contribution.done_on, AwardLine.id))
    return [Served(on, rule if is_own_words(key) else title, amount) for on, title, key, rule, amount in rows]


def accepted_counts(community_id: int, resident_ids: Iterable[int], since: dt.date,
                    until: dt.date) -> dict[int, dict[DeedKind, int]]:
    """How many deeds of each kind of these residents were approved, by the day of the deed; one statement."""
    found: dict[int, dict[DeedKind, int]] = {}
    rows = db.session.execute(
        sa.select(Contribution.resident_id, Contribution.kind, sa.func.count()).where(
            Contribution.community_id == community_id, Contribution.resident_id.in_(list(resident_ids)),
            Contribution.state == State.APPROVED, Contribution.done_on.between(since, until))
        .group_by(Contribution.resident_id, Contribution.kind))
    for resident_id, kind, number in rows:
        found.setdefault(resident_id, {})[kind] = number
    return found


# ── What waits ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Waiting:
    """A filter of the review queue. ``only`` is "mine" (what the actor may decide), "sent_up", "by_hand", or empty;
    ``off_lists`` leaves out what a panel is voting about."""

    kind: str = ""
    team_id: int | None = None
    only: str = ""
    text: str = ""
    state: State = State.SUBMITTED
    off_lists: bool = False


def waiting_for(actor: Actor, wanted: Waiting | None = None, *, cursor: str | None = None,
                limit: int | None = None) -> Page[Contribution]:
    """The review queue of the actor's community, oldest first. Who may not review sees none of it."""
    chosen = wanted or Waiting()
    query = scoped(Contribution, actor.community_id).where(Contribution.state == chosen.state)
    if not policy.is_desk(actor):
        query = query.where(sa.false())
    if chosen.kind:
        query = query.where(Contribution.kind == chosen.kind)
    if chosen.team_id is not None:
        query = query.where(Contribution.team_id == chosen.team_id)
    if chosen.only == "sent_up":
        query = query.where(Contribution.sent_up_area_id.is_not(None))
    elif chosen.only == "by_hand":
        query = query.where(sa.or_(Contribution.flagged, Contribution.recorded_via != "self"))
    elif chosen.only == "mine":
        query = query.where(sa.or_(Contribution.recorder_user_id.is_(None),
                                   Contribution.recorder_user_id != (actor.user_id or 0)))
    if chosen.off_lists:
        query = query.where(~on_open_list())
    text = chosen.text.strip()[:80]  # no name or title is longer
    if text:
        query = query.join(Resident, Resident.id == Contribution.resident_id).where(sa.or_(
            Resident.name.contains(text, autoescape=True), Contribution.title.contains(text, autoescape=True)))
    return page(query, Contribution.id, cursor=cursor, limit=limit, descending=False)


@dataclass(frozen=True)
class Load:
    """How much waits on the desk."""

    reviews: int
    oldest_at: dt.datetime | None
    sent_up: int
    to_list: int
    corrections: int


def load_of(community_id: int) -> Load:
    """What waits in a community, in three statements."""
    reviews, oldest, sent_up = db.session.execute(
        sa.select(sa.func.count(), sa.func.min(Contribution.submitted_at),
                  sa.func.count(Contribution.sent_up_area_id)).where(
            Contribution.community_id == community_id, Contribution.state == State.SUBMITTED)).one()
    to_list = db.session.scalar(sa.select(sa.func.count()).select_from(AwardLine).where(
        AwardLine.community_id == community_id, AwardLine.state == LineState.PROPOSED,
        AwardLine.notice_id.is_(None))) or 0
    corrections = db.session.scalar(sa.select(sa.func.count()).select_from(Correction).where(
        Correction.community_id == community_id, Correction.state == CorrectionState.PROPOSED)) or 0
    return Load(reviews, oldest, sent_up, to_list, corrections)


def pending_total(community_id: int, owner_keys: Collection[str]) -> int:
    """Hundredths of a point that are on their way to these owners."""
    return db.session.scalar(sa.select(sa.func.coalesce(sa.func.sum(AwardLine.amount), 0)).where(
        AwardLine.community_id == community_id, AwardLine.owner_key.in_(list(owner_keys)),
        AwardLine.state.in_(PENDING), AwardLine.book == "points")) or 0


def pending_sums(community_id: int, owner_keys: Collection[str]) -> dict[str, int]:
    """The same owner by owner; who has nothing coming is absent. One statement."""
    rows = db.session.execute(
        sa.select(AwardLine.owner_key, sa.func.sum(AwardLine.amount)).where(
            AwardLine.community_id == community_id, AwardLine.owner_key.in_(list(owner_keys)),
            AwardLine.state.in_(PENDING), AwardLine.book == "points").group_by(AwardLine.owner_key))
    return {owner: int(total) for owner, total in rows}


def deeds_since(community_id: int, resident_ids: Collection[int], day: dt.date) -> int:
    """How many deeds of these people are dated ``day`` or later and not refused: nobody does any once they are gone."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Contribution).where(
        Contribution.community_id == community_id, Contribution.resident_id.in_(list(resident_ids)),
        Contribution.done_on >= day, Contribution.state.not_in([State.REJECTED, State.WITHDRAWN, State.DRAFT]))) or 0


# ── Corrections ─────────────────────────────────────────────────────────────────────────────────────────────────


def corrections(community_id: int, *, open_only: bool = False, cursor: str | None = None,
                limit: int | None = None) -> Page[Correction]:
    """Corrections, newest first."""
    query = scoped(Correction, community_id)
    if open_only:
        query = query.where(Correction.state == CorrectionState.PROPOSED)
    return page(query, Correction.id, cursor=cursor, limit=limit)


def correction(community_id: int | None, correction_id: int) -> Correction:
    """One correction of this community. Raises NotFound."""
    return get_scoped(Correction, correction_id, community_id)


def corrections_of(community_id: int, contribution_id: int) -> Sequence[Correction]:
    """The corrections of one deed, oldest first."""
    return db.session.scalars(scoped(Correction, community_id).where(
        Correction.contribution_id == contribution_id).order_by(Correction.id)).all()
