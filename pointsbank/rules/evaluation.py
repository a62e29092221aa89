"""Judging one deed by one version: a pure function of (deed, version, history), in integers only.

It reads no clock and no database. ``history`` is what the caps had used up before, by counter key; what a line took
from them stands in its ``cap_left``, so that the same line can be computed again years later.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pointsbank.core.i18n import N_
from pointsbank.ledger.models import Book
from pointsbank.rules import wording
from pointsbank.rules.models import Measure, Receiver, Rounding, Shape, Subject, Timing, Window

HOUR = 60
Entry = dict[str, Any]
"""A sentence that is stored: ``{"kind", "text", "params"}``; ``rules.queries.say(entry)`` puts it into words."""


@dataclass(frozen=True)
class Deed:
    """What was done. ``kind`` is a :class:`~pointsbank.rules.models.DeedKind`, ``on`` the day in Shanghai.

    ``household_id`` is the household of ``on``. ``item_code`` is the item that was chosen, None for "by its kind".
    ``minutes`` for rules per hour, ``units`` (whole) for rules per unit. ``activity_key`` names the activity within
    which "per activity" counts (``activity:5``); without one the deed itself is the activity. ``source_key`` is unique.
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


@dataclass(frozen=True)
class Cap:
    """At most ``most`` of ``measure`` for a subject within a window."""

    window: Window
    subject: Subject
    measure: Measure
    most: int


@dataclass(frozen=True)
class Rule:
    """One item of a version; the fields are those of :class:`~pointsbank.rules.models.ScoringRule`."""

    id: int
    code: str
    name: str
    category: str
    kind: str
    shape: Shape
    points: int
    receiver: Receiver
    caps: tuple[Cap, ...] = ()
    unit: str = ""
    rounding_minutes: int = HOUR
    rounding: Rounding = Rounding.DOWN
    timing: Timing = Timing.AFTER_NOTICE
    team_kind: str | None = None
    by_itself: bool = True
    records_minutes: bool = False
    book: Book = Book.POINTS
    who: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class Version:
    """A standard with its rules, as evaluation reads it. ``superseded_on`` is the first day it no longer counts."""

    id: int
    number: int
    title: str
    in_force_on: dt.date | None
    superseded_on: dt.date | None
    resolution: str
    rules: tuple[Rule, ...]

    def covers(self, day: dt.date) -> bool:
        """In force on this day."""
        return (self.in_force_on is not None and self.in_force_on <= day
                and (self.superseded_on is None or day < self.superseded_on))


@dataclass(frozen=True)
class LineDraft:
    """What one rule gives for one deed. ``amount`` is in hundredths (book points, honour) or in minutes.

    ``receiver`` is "household" or "resident", ``timing`` "after_notice" or "immediate". ``cap_left`` is JSON to be kept
    with the line: ``{counter key: {"left": before, "taken": now}}``; ``services.give_back`` wants it back.
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

    ``reason`` is for machines: no_version, to_come, no_rule, choose_item, unknown_item, other_kind, wrong_team,
    no_household, no_minutes, no_units, too_little, cap_reached.
    """

    reason: str
    entry: Entry
    rule_code: str | None = None
    rule_name: str | None = None


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
        """A rule would give to the household, and there was none on that day: wait until one is entered."""
        return any(note.reason == "no_household" for note in self.notes)


# ── Counters ────────────────────────────────────────────────────────────────────────────────────────────────────


def window_key(window: Window, deed: Deed) -> str:
    """The window that a deed falls into: ``activity:5``, ``day:2026-04-18``, ``month:2026-04``, ``year:2026``."""
    if window is Window.ACTIVITY:
        return deed.activity_key or deed.source_key
    return f"{window}:{deed.on.isoformat()[:{Window.DAY: 10, Window.MONTH: 7, Window.YEAR: 4}[window]]}"


def subject_key(subject: Subject, deed: Deed) -> str:
    """Whom a cap counts for; somebody without a household counts as one of their own.

    That one is called otherwise than the person: two caps of one rule must never meet in one counter.
    """
    if subject is Subject.ITEM:
        return "all"
    if subject is Subject.PERSON:
        return f"resident:{deed.resident_id}"
    return f"household:{deed.household_id}" if deed.household_id is not None else f"alone:{deed.resident_id}"


def counter_key(rule: Rule, cap: Cap, deed: Deed) -> str:
    """The counter of this cap for this deed. It names the code, not the version: a new version goes on counting."""
    return f"{rule.code}|{cap.measure}|{subject_key(cap.subject, deed)}|{window_key(cap.window, deed)}"


def counter_keys(deed: Deed, version: Version | None) -> set[str]:
    """Every counter that judging this deed may read or change."""
    return {counter_key(rule, cap, deed) for rule in candidates(deed, version) for cap in rule.caps}


def taken(evaluation: Evaluation) -> dict[str, int]:
    """What an evaluation adds to the counters."""
    sums: dict[str, int] = {}
    for line in evaluation.lines:
        for key, part in line.cap_left.items():
            sums[key] = sums.get(key, 0) + part["taken"]
    return {key: amount for key, amount in sums.items() if amount}


def history_of(lines: Iterable[Mapping[str, Mapping[str, int]]], version: Version, deed: Deed) -> dict[str, int]:
    """The history that stored ``cap_left`` values stand for, to compute their lines again."""
    left = {key: part["left"] for line in lines for key, part in line.items()}
    return {key: cap.most - left[key] for rule in version.rules for cap in rule.caps
            if (key := counter_key(rule, cap, deed)) in left}


# ── Judging ─────────────────────────────────────────────────────────────────────────────────────────────────────


def candidates(deed: Deed, version: Version | None) -> list[Rule]:
    """The rules that a deed may fire: the item it names, or all of its kind that apply by themselves."""
    if version is None:
        return []
    if deed.item_code:
        return [rule for rule in version.rules if rule.code == deed.item_code]
    return [rule for rule in version.rules if rule.kind == deed.kind and rule.by_itself]


def evaluate(deed: Deed, version: Version | None, history: Mapping[str, int]) -> Evaluation:
    """Judge a deed. The same three arguments always give the same answer."""
    if version is None:
        return Evaluation(deed.source_key, [], [Note("no_version", wording.entry(
            "no", N_("No standard was in force on %(day)s."), day={"day": deed.on.isoformat()}))])
    lines: list[LineDraft] = []
    notes: list[Note] = []
    found = candidates(deed, version)
    for rule in found:
        failed = _failed_condition(rule, deed)
        if failed is not None:
            notes.append(failed)
            continue
        judged = _judge(rule, deed, history)
        if isinstance(judged, Note):
            notes.append(judged)
        else:
            lines.append(judged)
        if rule.records_minutes and deed.minutes:
            lines.append(_minutes_line(rule, deed.minutes))
    if not found:
        notes.append(_nothing_fits(deed, version))
    return Evaluation(deed.source_key, lines, notes, version.id, version.number)


def _note(rule: Rule, reason: str, text: str, **params: Any) -> Note:
    return Note(reason, wording.entry("no", text, **params), rule.code, rule.name)


def _nothing_fits(deed: Deed, version: Version) -> Note:
    if deed.item_code:
        return Note("unknown_item", wording.entry(
            "no", N_("The standard of that day has no item %(code)s."), code=deed.item_code))
    if any(rule.kind == deed.kind for rule in version.rules):
        return Note("choose_item", wording.entry("no", N_("Which item of the standard it was has still to be chosen.")))
    return Note("no_rule", wording.entry("no", N_("The standard of that day gives nothing for deeds of this kind.")))


def _failed_condition(rule: Rule, deed: Deed) -> Note | None:
    """The first condition that a deed doesn't meet, in the order in which people would ask."""
    if rule.kind != deed.kind:
        return _note(rule, "other_kind", N_("This item is for deeds of another kind."))
    if rule.team_kind and rule.team_kind != deed.team_kind:
        return _note(rule, "wrong_team", N_("Only for %(team)s."), team=wording.team(rule.team_kind))
    if rule.shape is Shape.PER_HOUR and not deed.minutes:
        return _note(rule, "no_minutes", N_("It counts by the hour, and no time was noted."))
    if rule.shape is Shape.PER_UNIT and not deed.units:
        return _note(rule, "no_units", N_("It counts by number, and no number was noted."))
    if rule.receiver is Receiver.HOUSEHOLD and deed.household_id is None:
        return _note(rule, "no_household", N_("The points go to the household, and none was entered for that day."))
    return None


def rounded(rule: Rule, minutes: int) -> int:
    """Minutes in whole steps of the rule."""
    step = rule.rounding_minutes
    if rule.rounding is Rounding.UP:
        return -(-minutes // step) * step
    if rule.rounding is Rounding.NEAREST:
        return (2 * minutes + step) // (2 * step) * step
    return minutes // step * step


def _caps(rule: Rule, measure: Measure) -> list[Cap]:
    """The caps of one measure, narrow windows and single persons first, so that explanations always read alike."""
    order = (list(Window), list(Subject))
    return sorted((c for c in rule.caps if c.measure is measure),
                  key=lambda c: (order[0].index(c.window), order[1].index(c.subject)))


@dataclass
class _Work:
    """One rule being applied to one deed: the explanation so far, and each cap's room."""

    rule: Rule
    deed: Deed
    history: Mapping[str, int]
    explanation: list[Entry] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)

    def room(self, cap: Cap) -> tuple[int, int]:
        """What this cap leaves, and what was used up before."""
        key = counter_key(self.rule, cap, self.deed)
        used = self.history.get(key, 0)
        self.left[key] = cap.most - used
        return max(cap.most - used, 0), used


def _judge(rule: Rule, deed: Deed, history: Mapping[str, int]) -> LineDraft | Note:
    work = _Work(rule, deed, history)
    quantity = _quantity(work)
    if isinstance(quantity, Note):
        return quantity
    for cap in _caps(rule, Measure.TIMES):
        room, used = work.room(cap)
        if room < 1:
            return _reached(work, cap, used)
    amount = rule.points * quantity // HOUR if rule.shape is Shape.PER_HOUR else rule.points * quantity
    work.explanation.append(wording.product(rule, quantity, amount))
    if amount == 0:
        return _note(rule, "too_little", N_("It is too little to make a hundredth of a point."))
    for cap in _caps(rule, Measure.POINTS):
        room, used = work.room(cap)
        if room == 0:
            return _reached(work, cap, used)
        if room < amount:
            work.explanation.append(wording.points_cut(rule, cap, amount - room, used))
            amount = room
        elif used:
            work.explanation.append(wording.points_room(rule, cap, room))
    amounts = {Measure.QUANTITY: quantity, Measure.TIMES: 1, Measure.POINTS: amount}
    measures = {counter_key(rule, cap, deed): cap.measure for cap in rule.caps}
    return LineDraft(
        rule_id=rule.id, rule_code=rule.code, rule_name=rule.name, receiver=str(rule.receiver), book=rule.book,
        amount=amount, timing=str(rule.timing), explanation=work.explanation,
        cap_left={key: {"left": left, "taken": amounts[measures[key]]} for key, left in sorted(work.left.items())})


def _quantity(work: _Work) -> int | Note:
    """Minutes or units that count (1 for a rule per time), after rounding and the caps on quantity."""
    rule, deed = work.rule, work.deed
    if rule.shape is Shape.PER_TIME:
        return 1
    if rule.shape is Shape.PER_UNIT:
        quantity = deed.units or 0
    else:
        given = deed.minutes or 0
        quantity = rounded(rule, given)
        if quantity == 0:
            return _note(rule, "too_little", N_("%(given)s is too short: each full %(step)s counts."),
                         given=wording.minutes(given), step=wording.minutes(rule.rounding_minutes))
        if quantity != given:
            work.explanation.append(wording.rounding(rule, given, quantity))
    for cap in _caps(rule, Measure.QUANTITY):
        room, used = work.room(cap)
        if room == 0:
            return _reached(work, cap, used)
        if room < quantity:
            work.explanation.append(wording.quantity_cut(rule, cap, room, quantity, used))
            quantity = room
    return quantity


def _reached(work: _Work, cap: Cap, used: int) -> Note:
    return Note("cap_reached", wording.reached(work.rule, cap, used), work.rule.code, work.rule.name)


def _minutes_line(rule: Rule, minutes: int) -> LineDraft:
    """Service time is kept for ever, in full and for the person, whatever the points are capped at."""
    entry = wording.entry("count", N_("%(time)s of service, kept for good."), time=wording.minutes(minutes))
    return LineDraft(rule_id=rule.id, rule_code=rule.code, rule_name=rule.name, receiver=str(Receiver.RESIDENT),
                     book=Book.MINUTES, amount=minutes, timing=str(Timing.IMMEDIATE), explanation=[entry])
