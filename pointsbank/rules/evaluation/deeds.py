"""What evaluation reads of a deed, and what it answers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from pointsbank.ledger.models import Book
from pointsbank.rules.models import DayKind

Entry = dict[str, Any]
"""A sentence that is stored: ``{"kind", "text", "params"}``; ``rules.queries.say(entry)`` puts it into words."""


@dataclass(frozen=True)
class Deed:
    """What was done, with all that conditions may ask about.

    ``kind`` is a :class:`~pointsbank.rules.models.DeedKind`, ``on`` the day in Shanghai. ``household_id`` is the
    household of ``on``, ``head_id`` its head. ``item_code`` is the item that was chosen, None for "by its kind".
    ``minutes`` for rules per hour, ``units`` (whole) per unit, ``score`` (hundredths) of an inspection, ``amount`` in
    fen of a donation. ``activity_key`` names the activity within which "per activity" counts (``activity:5``); without
    one the deed itself is the activity. ``act_key`` names the act itself: deeds of one act share what a "highest only"
    group pays (the same honour at county and at province). ``source_key`` is unique.

    ``beneficiary_id`` is the relative who is to have the points, ``team_id`` the team. ``age`` in years on the day,
    ``tags`` the groups that the person belonged to. ``starts_at``: minutes after midnight. ``share``: percent of the
    planned time. ``size`` in hundredths of its unit (m²). ``is_first``: nobody reported the same before. ``excluded``:
    why this person earns nothing on this day.
    """

    kind: str
    on: dt.date
    resident_id: int
    household_id: int | None = None
    item_code: str | None = None
    minutes: int | None = None
    units: int | None = None
    activity_key: str | None = None
    team_kind: str | None = None
    source_key: str = ""
    score: int | None = None
    amount: int | None = None
    act_key: str | None = None
    head_id: int | None = None
    beneficiary_id: int | None = None
    team_id: int | None = None
    age: int | None = None
    tags: frozenset[str] = frozenset()
    starts_at: int | None = None
    share: int | None = None
    size: int | None = None
    photos: int = 0
    is_first: bool = True
    day_kind: DayKind | None = None
    excluded: str = ""

    @property
    def calls_day(self) -> DayKind:
        """What the day is: as the calendar said when the deed was recorded, else by its weekday."""
        return self.day_kind or (DayKind.WEEKEND if self.on.isoweekday() > 5 else DayKind.WORKDAY)


@dataclass(frozen=True)
class LineDraft:
    """What one rule gives for one deed. ``amount`` is in hundredths (book points, honour) or in minutes.

    ``receiver`` is a :class:`~pointsbank.rules.models.Receiver`, ``timing`` "after_notice" or "immediate".
    ``cap_left`` is JSON to be kept with the line, by counter key: ``{"left": before, "taken": now}`` for a cap,
    ``{"used": before, "taken": now}`` for what adds up; ``services.give_back`` wants it back.
    """

    rule_id: int
    rule_code: str
    rule_name: str
    receiver: str
    book: Book
    amount: int
    timing: str
    explanation: list[Entry]
    cap_left: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Note:
    """Why a rule, or the whole standard (``rule_code`` None), gave nothing: the first condition that failed.

    ``reason`` is for machines: no_version, to_come, excluded, no_rule, choose_item, unknown_item, other_kind,
    wrong_team, a kind of condition (tag, age, weekday, ...), no_minutes, no_units, no_score, no_amount, no_household,
    no_head, no_team, too_little, below_step, not_higher, cap_reached, takes_away. ``counted`` is what the deed adds to
    counters all the same, in the form of ``LineDraft.cap_left``: hours that have not reached the next step yet.
    """

    reason: str
    entry: Entry
    rule_code: str | None = None
    rule_name: str | None = None
    counted: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Evaluation:
    """The judgement of one deed. Without a version in force ``version_id`` is None and there are no lines."""

    source_key: str
    lines: list[LineDraft]
    notes: list[Note]
    version_id: int | None = None
    version_number: int | None = None

    @property
    def points(self) -> int:
        """Hundredths of a point in all."""
        return sum(line.amount for line in self.lines if line.book is Book.POINTS)

    @property
    def waits_for_household(self) -> bool:
        """A rule would give to the household or its head, and there was none on that day: wait until one is entered."""
        return any(note.reason in ("no_household", "no_head") for note in self.notes)

    @property
    def counted(self) -> dict[str, dict[str, int]]:
        """What was looked up or counted for rules that gave nothing, to be kept with the deed.

        Of a counter that several rules looked at, the first look is kept.
        """
        kept: dict[str, dict[str, int]] = {}
        for note in self.notes:
            for key, part in note.counted.items():
                first = kept.get(key)
                kept[key] = part if first is None else {**first, "taken": first["taken"] + part["taken"]}
        return kept
