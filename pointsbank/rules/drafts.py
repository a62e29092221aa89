"""An item as somebody wrote it: the same for the form, the interface and a file. ``faults`` says what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pointsbank.ledger.models import Book
from pointsbank.rules.evaluation import HOUR, Band, Cap, Condition, Rule, Version, Weight
from pointsbank.rules.models import (
    ConditionKind,
    DeedKind,
    Quantity,
    Receiver,
    Rounding,
    Shape,
    Timing,
    WeightKind,
    Window,
)


@dataclass(frozen=True)
class RuleDraft:
    """The values of one item. ``points`` in hundredths; caps as :class:`~pointsbank.rules.evaluation.Cap`."""

    code: str
    name: str
    category: str
    kind: DeedKind
    shape: Shape
    points: int
    receiver: Receiver
    unit: str = ""
    rounding_minutes: int = HOUR
    rounding: Rounding = Rounding.DOWN
    timing: Timing = Timing.AFTER_NOTICE
    team_kind: str | None = None
    by_itself: bool = False
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
    caps: tuple[Cap, ...] = field(default=())

    def values(self) -> dict[str, Any]:
        """The columns of a stored rule."""
        plain = {name: getattr(self, name) for name in COLUMNS}
        return {**plain, "bands": [[b.start, b.step, b.points] for b in self.bands],
                "conditions": [_packed(c) for c in self.conditions], "weights": [_packed(w) for w in self.weights]}

    def as_rule(self, rule_id: int = 0, cycle: tuple[int, int] = (12, 1)) -> Rule:
        """As evaluation reads it, to try it before it is saved."""
        plain = {name: getattr(self, name) for name in COLUMNS}
        return Rule(id=rule_id, caps=self.caps, bands=self.bands, conditions=self.conditions, weights=self.weights,
                    cycle=cycle, **{**plain, "kind": str(self.kind)})

    def as_version(self) -> Version:
        """A standard of this one item."""
        return Version(0, 0, "", None, None, "", (self.as_rule(),))


COLUMNS = ("code", "name", "category", "kind", "shape", "points", "receiver", "unit", "rounding_minutes", "rounding",
           "timing", "team_kind", "by_itself", "records_minutes", "book", "quantity", "by_parts", "period",
           "full_score", "highest_group", "least", "honour_percent", "takes_away", "repeat_days", "who", "evidence")


def _packed(value: Condition | Weight) -> dict[str, Any]:
    """A condition or weight as it is stored: only what it says."""
    return {name: list(part) if isinstance(part, tuple) else part for name, part in vars(value).items()
            if part not in (None, ())}


def conditions_of(stored: Iterable[Mapping[str, Any]]) -> tuple[Condition, ...]:
    """Stored conditions as evaluation reads them."""
    return tuple(Condition(ConditionKind(c["kind"]), c.get("least"), c.get("most"), tuple(c.get("words", ())))
                 for c in stored)


def weights_of(stored: Iterable[Mapping[str, Any]]) -> tuple[Weight, ...]:
    """Stored weights as evaluation reads them."""
    return tuple(Weight(WeightKind(w["kind"]), w["percent"], w.get("begins", 0), w.get("ends", 0)) for w in stored)


def bands_of(stored: Iterable[Sequence[int]]) -> tuple[Band, ...]:
    """Stored bands as evaluation reads them."""
    return tuple(Band(*band) for band in stored)


def from_rule(rule: Rule) -> RuleDraft:
    """The draft that would make this rule again."""
    names = [*(name for name in COLUMNS if name != "kind"), "caps", "bands", "conditions", "weights"]
    return RuleDraft(kind=DeedKind(rule.kind), **{name: getattr(rule, name) for name in names})
