"""Putting a version in force: by a second person, from a day to come, never two for one day."""

from __future__ import annotations

import datetime as dt

from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Forbidden, Invalid, lazy
from pointsbank.core.formats import format_day
from pointsbank.rules import counters, policy, queries
from pointsbank.rules.drafts import from_rule
from pointsbank.rules.errors import DayTaken, EmptyDraft, NotADraft, NotOnPaper, OwnDraft, TooEarly, Unsound
from pointsbank.rules.faults import standard_faults
from pointsbank.rules.models import ScoringStandard, StandardState

OLDEST = dt.date(2000, 1, 1)
FURTHEST = dt.timedelta(days=400)


def adopt(actor: Actor, standard_id: int, in_force_on: dt.date, resolution: str, *,
          on_paper: bool = False) -> ScoringStandard:
    """Put a draft in force from ``in_force_on``; the version of that day ends with the day before.

    ``resolution`` says by whom and when it was decided. The start is tomorrow at the earliest: a deed of today may be
    counted already. ``on_paper``: it was in force before it was entered here, with its old start; only before the first
    award. Raises Forbidden, :class:`OwnDraft`, :class:`NotADraft`, :class:`EmptyDraft`, :class:`Unsound`, Invalid,
    :class:`TooEarly`, :class:`NotOnPaper`, :class:`DayTaken`.
    """
    if not policy.may_adopt(actor) or actor.community_id is None:
        raise Forbidden
    # The same row as the very first award takes: no version slips in before what is being counted.
    scoring = counters.lock_community(actor.community_id)
    standard = get_scoped(ScoringStandard, standard_id, actor.community_id, lock=True)
    _check_draft(actor, standard)
    if len(resolution.strip()) < 4 or len(resolution) > 400:
        raise Invalid(fields={"resolution": lazy("Say which meeting decided it, and when: 4 to 400 characters.")})
    _check_day(in_force_on, on_paper=on_paper, counted=scoring.first_award_at is not None)
    others = list(db.session.scalars(scoped(ScoringStandard, actor.community_id).where(
        ScoringStandard.state != StandardState.DRAFT).order_by(ScoringStandard.in_force_on).with_for_update()
        .execution_options(populate_existing=True)))
    _take_place(standard, others, in_force_on)
    standard.on_paper = on_paper and in_force_on <= clock.today()
    standard.resolution = resolution.strip()
    standard.adopted_by, standard.adopted_at = actor.user_id, clock.now()
    db.session.flush()
    audit.write(actor, "rules.adopt", f"standard:{standard.id}", number=standard.number,
                in_force_on=in_force_on.isoformat(), on_paper=standard.on_paper)
    return standard


def _check_draft(actor: Actor, standard: ScoringStandard) -> None:
    if not standard.is_draft:
        raise NotADraft(number=standard.number)
    if policy.wrote_in(actor, standard):
        raise OwnDraft
    version = queries.version(standard.community_id, standard.id)
    if not version.rules:
        raise EmptyDraft
    for where, sentence in standard_faults([from_rule(rule) for rule in version.rules], version.caps):
        raise Unsound(where=where, sentence=sentence)


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
