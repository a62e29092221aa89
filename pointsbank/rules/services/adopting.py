"""Putting a version in force: by resolution, through a second person, from a day to come, never two for one day."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from pointsbank.communities import settings
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Forbidden, Invalid, lazy
from pointsbank.core.formats import format_day
from pointsbank.core.i18n import N_
from pointsbank.notifications.services import tell
from pointsbank.rules import counters, papers, policy
from pointsbank.rules.errors import (
    CommentsMissing,
    CommentsUnanswered,
    DayTaken,
    NotADraft,
    NotOnPaper,
    OwnDraft,
    StillOpen,
    TooEarly,
)
from pointsbank.rules.models import CommentState, ScoringStandard, Stage, StandardComment, StandardState
from pointsbank.rules.services.commenting import end_round
from pointsbank.rules.services.resolving import Resolution, check_resolution, keep_resolution
from pointsbank.rules.services.soundness import check_sound

OLDEST = dt.date(2000, 1, 1)
FURTHEST = dt.timedelta(days=400)


def adopt(actor: Actor, standard_id: int, in_force_on: dt.date, resolution: Resolution | str, *,
          on_paper: bool = False) -> ScoringStandard:
    """Put a draft in force from ``in_force_on``; the version of that day ends with the day before.

    ``resolution`` says which meeting decided it, when, and with how many votes. The start is tomorrow at the earliest:
    a deed of today may be counted already. ``on_paper``: it was in force before it was entered here, with its old
    start; only before the first award, and then words are enough. Raises Forbidden, :class:`OwnDraft`,
    :class:`NotADraft`, :class:`EmptyDraft`, :class:`Unsound`, :class:`BeyondTemplate`, Invalid, :class:`TooEarly`,
    :class:`NotOnPaper`, :class:`DayTaken`, :class:`VotesMissing`, :class:`NotCarried`, :class:`StillOpen`,
    :class:`CommentsMissing`, :class:`CommentsUnanswered`.
    """
    if not policy.may_adopt(actor) or actor.community_id is None:
        raise Forbidden
    decided = Resolution(resolution) if isinstance(resolution, str) else resolution
    # The same row as the very first award takes: no version slips in before what is being counted.
    scoring = counters.lock_community(actor.community_id)
    standard = get_scoped(ScoringStandard, standard_id, actor.community_id, lock=True)
    _check_draft(actor, standard)
    # A day to come was never in force on paper: ticking the box is no way round the votes.
    was_on_paper = on_paper and in_force_on <= clock.today()
    check_resolution(decided, in_force_on, on_paper=was_on_paper)
    _check_day(in_force_on, on_paper=on_paper, counted=scoring.first_award_at is not None)
    _close_comments(actor, standard, on_paper=was_on_paper)
    others = list(db.session.scalars(scoped(ScoringStandard, actor.community_id).where(
        ScoringStandard.state != StandardState.DRAFT).order_by(ScoringStandard.in_force_on).with_for_update()
        .execution_options(populate_existing=True)))
    _take_place(standard, others, in_force_on)
    standard.on_paper = was_on_paper
    standard.resolution = decided.text.strip()
    standard.adopted_by, standard.adopted_at = actor.user_id, clock.now()
    db.session.flush()
    keep_resolution(actor, standard, decided)
    _tell_who_spoke(standard)
    audit.write(actor, "rules.adopt", f"standard:{standard.id}", number=standard.number,
                in_force_on=in_force_on.isoformat(), on_paper=standard.on_paper)
    return standard


def _check_draft(actor: Actor, standard: ScoringStandard) -> None:
    if not standard.is_draft:
        raise NotADraft(number=standard.number)
    if policy.wrote_in(actor, standard):
        raise OwnDraft
    check_sound(standard)


def _close_comments(actor: Actor, standard: ScoringStandard, *, on_paper: bool) -> None:
    """Everybody was asked for as long as this community wants, and everybody got an answer."""
    today = clock.today()
    known = papers.rounds(standard.community_id, standard.id)
    running = next((one for one in known if one.ended_at is None), None)
    if running is not None and today <= running.closes_on:
        raise StillOpen(until=format_day(running.closes_on))
    days = settings.of(standard.community_id).comment_days
    if days and not on_paper and not any(papers.ran_for(one, days, today) for one in known):
        raise CommentsMissing(days=days)
    if known:
        unanswered = papers.counts(standard.community_id, standard.id)[CommentState.OPEN]
        if unanswered:
            raise CommentsUnanswered(count=unanswered)
        end_round(actor, standard, Stage.IN_FORCE)


def _tell_who_spoke(standard: ScoringStandard) -> None:
    """Whoever commented hears what came of it."""
    authors = db.session.scalars(sa.select(StandardComment.resident_id).where(
        StandardComment.community_id == standard.community_id, StandardComment.standard_id == standard.id,
        StandardComment.resident_id.is_not(None), StandardComment.state != CommentState.WITHDRAWN)).all()
    if authors and standard.in_force_on is not None:
        tell(standard.community_id, [i for i in authors if i is not None],
             N_("The scoring rules you gave your opinion on were adopted. They count from %(day)s on."),
             {"day": {"day": standard.in_force_on.isoformat()}}, f"/rules?version={standard.number}")


def _check_day(day: dt.date, *, on_paper: bool, counted: bool) -> None:
    tomorrow = clock.today() + dt.timedelta(days=1)
    if day > clock.today() + FURTHEST:
        raise Invalid(fields={"in_force_on": lazy("This day is more than a year away. Please check the year.")})
    if day >= tomorrow:
        return
    if not on_paper:
        raise TooEarly(earliest=format_day(tomorrow))
    if counted:
        raise NotOnPaper(earliest=format_day(tomorrow))
    if day < OLDEST:
        raise Invalid(fields={"in_force_on": lazy("This day is too long ago. Please check the year.")})


def _take_place(standard: ScoringStandard, others: list[ScoringStandard], day: dt.date) -> None:
    """Cut the version of that day short, and end the new one where the next one starts."""
    for other in others:
        if other.in_force_on == day:
            raise DayTaken(number=other.number)
    before = [s for s in others if s.in_force_on is not None and s.in_force_on < day]
    after = [s for s in others if s.in_force_on is not None and s.in_force_on > day]
    if before:
        before[-1].state, before[-1].superseded_on = StandardState.SUPERSEDED, day
    standard.in_force_on = day
    standard.superseded_on = after[0].in_force_on if after else None
    standard.state = StandardState.SUPERSEDED if after else StandardState.IN_FORCE
