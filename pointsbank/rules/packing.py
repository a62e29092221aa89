"""Items and caps as JSON and back: how templates and the snapshots of a draft keep them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pointsbank.ledger.models import Book
from pointsbank.rules.drafts import COLUMNS, RuleDraft, bands_of, conditions_of, from_rule, weights_of
from pointsbank.rules.evaluation import Cap, Version, WideCap
from pointsbank.rules.models import (
    DeedKind,
    Measure,
    Quantity,
    Receiver,
    Rounding,
    Shape,
    Subject,
    Timing,
    Window,
)

_WORDS = {"kind": DeedKind, "shape": Shape, "receiver": Receiver, "rounding": Rounding, "timing": Timing, "book": Book,
          "period": Window}


def packed(draft: RuleDraft) -> dict[str, Any]:
    """An item as JSON."""
    caps = [{"window": str(c.window), "subject": str(c.subject), "measure": str(c.measure), "most": c.most}
            for c in draft.caps]
    plain = {name: str(value) if name in _WORDS or (name == "quantity" and value is not None) else value
             for name, value in draft.values().items()}
    return {**plain, "caps": caps}


def unpacked(content: Mapping[str, Any]) -> RuleDraft:
    """The item again."""
    plain = {name: content[name] for name in COLUMNS}
    words = {name: kind(plain[name]) for name, kind in _WORDS.items()}
    quantity = Quantity(plain["quantity"]) if plain["quantity"] is not None else None
    return RuleDraft(**{**plain, **words, "quantity": quantity}, bands=bands_of(content["bands"]),
                     conditions=conditions_of(content["conditions"]), weights=weights_of(content["weights"]),
                     caps=tuple(Cap(Window(c["window"]), Subject(c["subject"]), Measure(c["measure"]), c["most"])
                                for c in content["caps"]))


def packed_cap(cap: WideCap) -> dict[str, Any]:
    """A cap on a category or on the whole as JSON."""
    return {"category": cap.category, "window": str(cap.window), "subject": str(cap.subject),
            "measure": str(cap.measure), "book": str(cap.book), "most": cap.most}


def unpacked_cap(content: Mapping[str, Any]) -> WideCap:
    """The cap again."""
    return WideCap(Window(content["window"]), Subject(content["subject"]), Measure(content["measure"]),
                   content["most"], category=content["category"], book=Book(content["book"]))


def packed_version(version: Version) -> dict[str, Any]:
    """A version as JSON: what was read on that day."""
    return {"title": version.title, "rules": [packed(from_rule(rule)) for rule in version.rules],
            "caps": [packed_cap(cap) for cap in version.caps]}


def unpacked_version(content: Mapping[str, Any], number: int = 0) -> Version:
    """The version as it was; its items are numbered from 1, for they are no rows."""
    return version_of([unpacked(one) for one in content["rules"]], [unpacked_cap(one) for one in content["caps"]],
                      title=str(content["title"]), number=number)


def version_of(drafts: Sequence[RuleDraft], caps: Iterable[WideCap] = (), *, title: str = "",
               number: int = 0) -> Version:
    """Items that are no rows as a version, for sentences and differences."""
    rules = tuple(draft.as_rule(place) for place, draft in enumerate(drafts, 1))
    return Version(0, number, title, None, None, "", rules, tuple(caps))
