"""What can be asked about requests for a review: can one be made, who had a hand in the deed, where does each stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from pointsbank.communities import settings
from pointsbank.contributions import policy
from pointsbank.contributions.errors import (
    AppealOpen,
    AppealTooLate,
    JudgedAnew,
    NotDecidedYet,
    ObjectInstead,
    StillWaits,
)
from pointsbank.contributions.models import (
    Appeal,
    AppealState,
    AwardLine,
    Contribution,
    Correction,
    CorrectionState,
    LineState,
    PanelVote,
    Review,
    ReviewStep,
    SittingItem,
    State,
)
from pointsbank.contributions.queries.deeds import by_source_keys, corrections_of, lines_of
from pointsbank.contributions.queries.kinship import facts_of_users
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import DomainError, NotFound
from pointsbank.core.formats import format_day
from pointsbank.core.paging import Page, page
from pointsbank.people import queries as people
from pointsbank.people.roles import JUDGES
from pointsbank.publicity import queries as notices
from pointsbank.publicity.models import PublicNotice

HANDS = (ReviewStep.CHECKED, ReviewStep.RETURNED, ReviewStep.APPROVED, ReviewStep.REJECTED, ReviewStep.UPHELD,
         ReviewStep.DISMISSED)


def appeal(actor: Actor, appeal_id: int) -> Appeal:
    """One request, for the resident acted for, whoever entered it and the desk. Raises NotFound."""
    found = get_scoped(Appeal, appeal_id, actor.community_id)
    if not policy.may_read_appeal(actor, found):
        raise NotFound
    return found


def to_do() -> sa.ColumnElement[bool]:
    """A condition on requests: an answer is missing, or one that was upheld has nobody who puts it right."""
    def follows(*states: CorrectionState) -> sa.ColumnElement[bool]:
        return sa.exists().where(Correction.community_id == Appeal.community_id, Correction.appeal_id == Appeal.id,
                                 Correction.state.in_(states))

    return sa.or_(Appeal.state == AppealState.OPEN, sa.and_(
        Appeal.state == AppealState.UPHELD, follows(CorrectionState.REFUSED),
        ~follows(CorrectionState.PROPOSED, CorrectionState.CONFIRMED)))


def appeals(community_id: int, *, open_only: bool = False, cursor: str | None = None,
            limit: int | None = None) -> Page[Appeal]:
    """Requests for the desk, the newest first; with ``open_only`` what is to be done, the longest waiting, and so the
    overdue, first."""
    query = scoped(Appeal, community_id)
    if open_only:
        query = query.where(to_do())
    return page(query, Appeal.id, cursor=cursor, limit=limit, descending=not open_only)


def appeals_of(actor: Actor, *, cursor: str | None = None, limit: int | None = None) -> Page[Appeal]:
    """Those of the resident acted for, and those that the visitor entered for others, the newest first."""
    query = scoped(Appeal, actor.community_id).where(sa.or_(
        Appeal.resident_id == (actor.resident_id or 0), Appeal.entered_by_id == (actor.user_id or 0)))
    return page(query, Appeal.id, cursor=cursor, limit=limit)


def of_deed(community_id: int, contribution_id: int) -> Sequence[Appeal]:
    """The requests about one deed, oldest first."""
    return db.session.scalars(scoped(Appeal, community_id).where(Appeal.contribution_id == contribution_id)
                              .order_by(Appeal.id)).all()


# ── Whether one can be made ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Chance:
    """Whether a review of a deed can be asked for: until when, or why not and where to look instead."""

    until: dt.date | None = None
    hindrance: DomainError | None = None
    notice_id: int | None = None
    renewed_id: int | None = None
    asked: Sequence[Appeal] = field(default=())


def chance(deed: Contribution) -> Chance:
    """Ask once more whether there can be a review of this deed; six statements at most."""
    if deed.state not in {State.APPROVED, State.REJECTED}:
        return Chance(hindrance=NotDecidedYet())
    asked = of_deed(deed.community_id, deed.id)
    made = corrections_of(deed.community_id, deed.id)
    anew = by_source_keys(deed.community_id, [*(c.renewed_key for c in made), *(a.renewed_key for a in asked)])
    if anew:
        return Chance(hindrance=JudgedAnew(), renewed_id=anew[0].id, asked=asked)
    if any(a.state in {AppealState.OPEN, AppealState.UPHELD} for a in asked):
        return Chance(hindrance=AppealOpen(), asked=asked)
    if deed.waits_for_household:
        return Chance(hindrance=StillWaits(), asked=asked)
    lines = lines_of(deed.community_id, [deed.id])[deed.id]
    out = next((x for x in lines if x.state in {LineState.LISTED, LineState.FROZEN}), None)
    if out is not None:
        return Chance(hindrance=ObjectInstead(), notice_id=out.notice_id, asked=asked)
    boards = notices.notices_by_id(deed.community_id, {x.notice_id for x in lines if x.notice_id is not None})
    until = clock.local_date(_last_word(deed, lines, boards, made)) + dt.timedelta(
        days=settings.of(deed.community_id).appeal_days)
    if until < clock.today():
        return Chance(until, AppealTooLate(day=format_day(until)), asked=asked)
    return Chance(until, asked=asked)


def _last_word(deed: Contribution, lines: Iterable[AwardLine], boards: dict[int, PublicNotice],
               made: Iterable[Correction]) -> dt.datetime:
    """When the last thing was decided or posted that the resident may disagree with."""
    moments = [deed.decided_at, *(line.posted_at for line in lines), *(n.closes_at for n in boards.values()),
               *(c.decided_at for c in made if c.state is CorrectionState.CONFIRMED)]
    return max((m for m in moments if m is not None), default=deed.created_at)


# ── Who may answer ──────────────────────────────────────────────────────────────────────────────────────────────


def hands(community_id: int, contribution_ids: Collection[int]) -> dict[int, set[int]]:
    """Who had a hand in these deeds: entered, looked, decided, voted or corrected; two statements."""
    found: dict[int, set[int]] = {i: set() for i in contribution_ids}
    ids = list(found)
    deed = (Contribution.community_id == community_id, Contribution.id.in_(ids))
    parts = [sa.select(Contribution.id, column).where(*deed) for column in (
        Contribution.recorder_user_id, Contribution.checker_user_id, Contribution.approver_user_id)]
    parts.append(sa.select(Review.contribution_id, Review.by_user_id).where(
        Review.community_id == community_id, Review.contribution_id.in_(ids), Review.step.in_(HANDS)))
    parts.append(sa.select(SittingItem.contribution_id, PanelVote.user_id)
                 .join(PanelVote, PanelVote.item_id == SittingItem.id)
                 .where(SittingItem.community_id == community_id, SittingItem.contribution_id.in_(ids)))
    parts += [sa.select(Correction.contribution_id, column).where(
        Correction.community_id == community_id, Correction.contribution_id.in_(ids))
        for column in (Correction.proposed_by_id, Correction.decided_by_id)]
    for contribution_id, user_id in db.session.execute(sa.union(*parts)):
        if user_id is not None:
            found[contribution_id].add(user_id)
    for contribution_id, barred in db.session.execute(sa.select(Contribution.id, Contribution.barred).where(*deed)):
        found[contribution_id] |= {int(part) for part in barred.split(",") if part}
    return found


def without_judge(community_id: int, found: Collection[Appeal], deeds: dict[int, Contribution]) -> set[int]:
    """Open requests that nobody of the community itself may answer: those are for the area above. Five statements."""
    waiting = [a for a in found if a.state is AppealState.OPEN]
    if not waiting:
        return set()
    judges = facts_of_users({user.id for user in people.holders(community_id, *JUDGES)})
    touched = hands(community_id, {a.contribution_id for a in waiting})
    return {a.id for a in waiting if not any(
        user not in touched[a.contribution_id] and user != a.entered_by_id
        and policy.conflict(facts, deeds[a.contribution_id]) is None for user, facts in judges.items())}


# ── Where each stands ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Standing:
    """Where a request stands until the points are posted. ``stage`` is open, withdrawn, dismissed, second_person (a
    correction waits to be confirmed), refused (the second person disagreed: propose anew) or anew (``deed`` is the one
    recorded anew, with its ``lines``)."""

    stage: str
    correction: Correction | None = None
    deed: Contribution | None = None
    lines: Sequence[AwardLine] = field(default=())


def standings(community_id: int, found: Collection[Appeal]) -> dict[int, Standing]:
    """Where requests stand, by id; three statements, however many."""
    upheld = [a for a in found if a.state is AppealState.UPHELD]
    made: dict[int, Correction] = {}
    correction: Correction | None
    if upheld:
        for correction in db.session.scalars(scoped(Correction, community_id).where(
                Correction.appeal_id.in_([a.id for a in upheld])).order_by(Correction.id)):
            made[correction.appeal_id or 0] = correction
    keys = {a.id: made[a.id].renewed_key if a.id in made else a.renewed_key for a in upheld}
    anew = {deed.source_key: deed for deed in by_source_keys(community_id, keys.values())} if keys else {}
    lines = lines_of(community_id, [deed.id for deed in anew.values()])
    answers = {}
    for one in found:
        if one.state is not AppealState.UPHELD:
            answers[one.id] = Standing(str(one.state))
            continue
        correction, deed = made.get(one.id), anew.get(keys[one.id])
        if deed is not None:
            answers[one.id] = Standing("anew", correction, deed, lines[deed.id])
        elif correction is not None and correction.state is CorrectionState.PROPOSED:
            answers[one.id] = Standing("second_person", correction)
        else:
            answers[one.id] = Standing("refused", correction)
    return answers
