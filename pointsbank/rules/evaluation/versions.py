"""Standards as evaluation reads them: plain values, no database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from pointsbank.ledger.models import Book
from pointsbank.rules.models import (
    ConditionKind,
    Measure,
    Quantity,
    Receiver,
    Rounding,
    Shape,
    Subject,
    Timing,
    WeightKind,
    Window,
)

C = TypeVar("C", bound="Cap")
HOUR = 60
_WINDOWS = {window: place for place, window in enumerate(Window)}
_SUBJECTS = {subject: place for place, subject in enumerate(Subject)}
MEASURED = {Shape.PER_TIME: Quantity.TIMES, Shape.PER_HOUR: Quantity.MINUTES, Shape.PER_UNIT: Quantity.UNITS,
            Shape.PER_SCORE: Quantity.SCORE}


@dataclass(frozen=True)
class Cap:
    """At most ``most`` of ``measure`` for a subject within a window."""

    window: Window
    subject: Subject
    measure: Measure
    most: int


@dataclass(frozen=True)
class WideCap(Cap):
    """A cap on a category, or with an empty ``category`` on the whole standard; it counts one book."""

    category: str = ""
    book: Book = Book.POINTS


@dataclass(frozen=True)
class Band:
    """From ``start`` on: ``points`` in all (a tier), or ``points`` for each full ``step`` (0: given once)."""

    start: int
    step: int
    points: int


@dataclass(frozen=True)
class Condition:
    """What must hold: a number between ``least`` and ``most``, or one of ``words``."""

    kind: ConditionKind
    least: int | None = None
    most: int | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Weight:
    """``percent`` of the points for a deed begun between two times of day, at a weekend, on a holiday."""

    kind: WeightKind
    percent: int
    begins: int = 0
    ends: int = 0


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
    quantity: Quantity | None = None
    bands: tuple[Band, ...] = ()
    by_parts: bool = True
    period: Window = Window.YEAR
    full_score: int = 0
    highest_group: str = ""
    conditions: tuple[Condition, ...] = ()
    weights: tuple[Weight, ...] = ()
    least: int = 0
    honour_percent: int = 0
    takes_away: bool = False
    repeat_days: int = 0
    who: str = ""
    evidence: str = ""
    cycle: tuple[int, int] = (12, 1)
    """The standard's cycle: its months, and the month of the year with which one begins."""

    @property
    def measures(self) -> Quantity:
        """What of a deed this item measures."""
        return MEASURED.get(self.shape) or self.quantity or Quantity.TIMES

    @cached_property
    def ordered_caps(self) -> dict[Measure, tuple[Cap, ...]]:
        """The caps by measure, narrow windows and single persons first, so that explanations always read alike."""
        return {measure: tuple(in_order(c for c in self.caps if c.measure is measure)) for measure in Measure}


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
    caps: tuple[WideCap, ...] = ()

    def covers(self, day: dt.date) -> bool:
        """In force on this day."""
        return (self.in_force_on is not None and self.in_force_on <= day
                and (self.superseded_on is None or day < self.superseded_on))

    @cached_property
    def by_code(self) -> dict[str, Rule]:
        """The items by their numbers."""
        return {rule.code: rule for rule in self.rules}

    @cached_property
    def by_kind(self) -> dict[str, tuple[Rule, ...]]:
        """The items that apply by themselves, by kind of deed."""
        kinds = {rule.kind for rule in self.rules}
        return {kind: tuple(r for r in self.rules if r.kind == kind and r.by_itself) for kind in kinds}

    def wide_caps(self, rule: Rule, book: Book) -> tuple[WideCap, ...]:
        """The caps of an item's category and of the whole standard that count this book, in order."""
        known = self._wide.get((rule.category, book))
        if known is None:
            fitting = (c for c in self.caps if c.book is book and c.category in ("", rule.category))
            known = tuple(sorted(in_order(fitting), key=lambda c: not c.category))
            self._wide[rule.category, book] = known
        return known

    @cached_property
    def _wide(self) -> dict[tuple[str, Book], tuple[WideCap, ...]]:
        return {}


def in_order(caps: Iterable[C]) -> list[C]:
    """Caps with narrow windows and single persons first."""
    return sorted(caps, key=lambda c: (_WINDOWS[c.window], _SUBJECTS[c.subject]))
