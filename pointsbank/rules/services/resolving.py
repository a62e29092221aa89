"""A resolution: which meeting decided, on which day, with how many votes, and the minutes that show it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db
from pointsbank.core.errors import Invalid, lazy
from pointsbank.media import papers as media_papers
from pointsbank.media.models import Purpose
from pointsbank.rules import papers
from pointsbank.rules.errors import NotCarried, VotesMissing
from pointsbank.rules.models import Meeting, ScoringStandard, StandardResolution

MOST_PEOPLE = 100_000
MOST_MINUTES = 4


@dataclass(frozen=True)
class Resolution:
    """How a standard is adopted. ``text`` in words; the meeting, its day and its votes, all of them or none.

    ``minutes`` are prepared by ``media.papers``: photos of the paper, or a PDF.
    """

    text: str
    meeting: Meeting | None = None
    held_on: dt.date | None = None
    present: int | None = None
    votes_for: int | None = None
    votes_against: int = 0
    votes_abstain: int = 0
    minutes: Sequence[media_papers.Paper] = ()

    @property
    def is_voted(self) -> bool:
        """Meeting, day and votes are all there."""
        return None not in (self.meeting, self.held_on, self.present, self.votes_for)


def check_resolution(decided: Resolution, in_force_on: dt.date, *, on_paper: bool) -> None:
    """Raises Invalid with its fields, VotesMissing and NotCarried. ``on_paper``: votes may be missing altogether."""
    wrong = {}
    if not 4 <= len(decided.text.strip()) <= 400:
        wrong["resolution"] = lazy("Say which meeting decided it, and when: 4 to 400 characters.")
    if not decided.is_voted:
        begun = decided.votes_for is not None or decided.meeting is not None
        if begun or not on_paper:
            raise VotesMissing(fields={**_missing(decided), **wrong})
        if wrong:
            raise Invalid(fields=wrong)
        return
    held_on, present, given = decided.held_on, decided.present or 0, decided.votes_for or 0
    votes = (given, decided.votes_against, decided.votes_abstain)
    if held_on is not None and held_on > clock.today():
        wrong["held_on"] = lazy("This day is still to come.")
    elif held_on is not None and held_on > in_force_on:
        wrong["held_on"] = lazy("The meeting was after the day from which it counts.")
    if min(votes) < 0 or not 1 <= present <= MOST_PEOPLE:
        wrong["present"] = lazy("How many people were there?")
    elif sum(votes) > present:
        wrong["present"] = lazy("There are more votes than people who were there.")
    elif sum(votes) == 0:
        wrong["votes_for"] = lazy("Nobody voted.")
    if len(decided.minutes) > MOST_MINUTES:
        wrong["minutes"] = lazy("At most 4 files.")
    if wrong:
        raise Invalid(fields=wrong)
    if given <= decided.votes_against:
        raise NotCarried(votes_for=given, against=decided.votes_against)


def _missing(decided: Resolution) -> dict[str, object]:
    texts = {"meeting": lazy("Choose which meeting it was."), "held_on": lazy("Choose the day of the meeting."),
             "present": lazy("How many people were there?"), "votes_for": lazy("How many voted for it?")}
    return {name: text for name, text in texts.items() if getattr(decided, name) is None}


def keep_resolution(actor: Actor, standard: ScoringStandard, decided: Resolution) -> StandardResolution:
    """The record, checked before, and the minutes with it. Raises what the media room refuses."""
    voted = decided.is_voted
    row = StandardResolution(
        standard_id=standard.id, community_id=standard.community_id, text=decided.text.strip(),
        on_paper=standard.on_paper, recorded_by_id=actor.user_id, recorded_at=clock.now(),
        meeting=decided.meeting if voted else None, held_on=decided.held_on if voted else None,
        present=decided.present if voted else None, votes_for=decided.votes_for if voted else None,
        votes_against=decided.votes_against if voted else None,
        votes_abstain=decided.votes_abstain if voted else None)
    db.session.add(row)
    db.session.flush()
    if decided.minutes:
        media_papers.hang(actor, decided.minutes, papers.minutes_key(standard.id), Purpose.MINUTES,
                          f"minutes-{standard.number}")
    return row
