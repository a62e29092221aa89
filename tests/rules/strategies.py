"""Sound standards of every shape, made up by Hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from pointsbank.ledger.models import Book
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.evaluation import Band, Cap, Condition, Weight, WideCap
from pointsbank.rules.faults import BANDED, LIMITED, STEPS, faults, standard_faults
from pointsbank.rules.models import (
    ConditionKind,
    DayKind,
    DeedKind,
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

# Letters of both languages, full-width signs, and what formulas, lists and numbers begin with.
SIGNS = "志愿服务者aZé７（）：；！？“”、，.;:'\"=+-@＝－#%1 0×㎡²½"
codes = st.from_regex(r"[0-9A-Za-z志愿一][0-9A-Za-z志.\-]{0,6}", fullmatch=True)
points = st.one_of(st.integers(1, 999), st.integers(1, 10_000_000))
minutes_of_day = st.integers(0, 1439)
GROUPS = st.text("党员干部ab 周一岁以外60≥.仅限only", min_size=1, max_size=12).map(str.strip).filter(bool)


def texts(most: int, *, least: int = 0) -> st.SearchStrategy[str]:
    """Texts as people type them, without space around them."""
    return st.text(SIGNS, min_size=least, max_size=most).filter(lambda text: text == text.strip())


units = st.one_of(st.sampled_from(["人", "件", "㎡", "m2", "次", "分", "起", "单位", "kg", "5斤袋", "小时", "每; 份"]),
                  texts(6, least=1))


@st.composite
def conditions(draw: st.DrawFn) -> tuple[Condition, ...]:
    """At most one condition of each kind."""
    kinds = draw(st.lists(st.sampled_from(list(ConditionKind)), unique=True, max_size=5))
    return tuple(draw(_condition(kind)) for kind in kinds)


def _condition(kind: ConditionKind) -> st.SearchStrategy[Condition]:
    if kind in (ConditionKind.TAG, ConditionKind.NOT_TAG):
        return st.lists(GROUPS, min_size=1, max_size=3).map(lambda words: Condition(kind, words=tuple(words)))
    if kind in (ConditionKind.WEEKDAY, ConditionKind.DAY_KIND):
        words = list("1234567") if kind is ConditionKind.WEEKDAY else [str(day) for day in DayKind]
        return st.lists(st.sampled_from(words), min_size=1, max_size=4).map(
            lambda chosen: Condition(kind, words=tuple(chosen)))
    if kind is ConditionKind.HOURS:
        return st.lists(minutes_of_day, min_size=2, max_size=2, unique=True).map(lambda t: Condition(kind, t[0], t[1]))
    if kind is ConditionKind.FIRST:
        return st.just(Condition(kind))
    most = {ConditionKind.AGE: 120, ConditionKind.SHARE: 100, ConditionKind.STAY: 1440, ConditionKind.SIZE: 10**9,
            ConditionKind.PHOTOS: 9}[kind]
    named = st.sampled_from([(), ("㎡",), ("m²",), ("米",), ("公斤",)]) if kind is ConditionKind.SIZE else st.just(())
    ends = st.lists(st.integers(0, most), min_size=2, max_size=2).map(sorted)
    return st.builds(
        lambda pair, open_end, words: Condition(kind, None if open_end == 0 else pair[0],
                                                None if open_end == 1 else pair[1], words),
        ends, st.integers(0, 2) if kind in LIMITED else st.just(1), named)


@st.composite
def weights(draw: st.DrawFn) -> tuple[Weight, ...]:
    """At most one weight of each kind."""
    found = []
    for kind in draw(st.lists(st.sampled_from(list(WeightKind)), unique=True)):
        begins, ends = draw(st.lists(minutes_of_day, min_size=2, max_size=2, unique=True))
        span = (begins, ends) if kind is WeightKind.NIGHT else (0, 0)
        found.append(Weight(kind, draw(st.integers(10, 1000)), *span))
    return tuple(found)


@st.composite
def bands(draw: st.DrawFn, shape: Shape) -> tuple[Band, ...]:
    """Steps or brackets that rise."""
    starts = draw(st.lists(st.integers(1 if shape is Shape.TIERS else 0, 10**10), unique=True, min_size=1, max_size=6))
    given = draw(st.lists(st.integers(1, 10_000_000), unique=True, min_size=len(starts), max_size=len(starts)))
    if shape is Shape.TIERS:
        return tuple(Band(start, 0, total) for start, total in zip(sorted(starts), sorted(given), strict=True))
    steps = draw(st.lists(st.integers(0, 10**8), min_size=len(starts), max_size=len(starts)))
    return tuple(Band(*band) for band in zip(sorted(starts), steps, given, strict=True))


@st.composite
def caps(draw: st.DrawFn, measured: Quantity, least: int) -> tuple[Cap, ...]:
    """Caps for any span and subject, none of which is smaller than what a single time gives."""
    measures = [m for m in Measure if m is not Measure.QUANTITY or measured is not Quantity.TIMES]
    places = draw(st.lists(st.tuples(st.sampled_from(list(Window)), st.sampled_from(list(Subject)),
                                     st.sampled_from(measures)), unique=True, max_size=5))
    found = []
    for window, subject, measure in places:
        low = {Measure.POINTS: least, Measure.TIMES: 1, Measure.QUANTITY: 60}[measure]
        found.append(Cap(window, subject, measure, draw(st.integers(low, 10**9))))
    return tuple(found)


@st.composite
def drafts(draw: st.DrawFn) -> RuleDraft:
    """A sound item of any shape; values that say nothing for its shape are those of a new item."""
    shape = draw(st.sampled_from(list(Shape)))
    values: dict[str, Any] = {
        "code": draw(codes), "name": draw(texts(12, least=1)), "category": draw(texts(8, least=1)),
        "who": draw(texts(8)), "evidence": draw(texts(8)), "highest_group": draw(texts(8)),
        "kind": draw(st.sampled_from(list(DeedKind))), "receiver": draw(st.sampled_from(list(Receiver))),
        "timing": draw(st.sampled_from(list(Timing))), "team_kind": draw(st.sampled_from([None, "volunteers"])),
        "by_itself": draw(st.booleans()), "records_minutes": draw(st.booleans()), "points": draw(points),
        "conditions": draw(conditions()), "book": draw(st.sampled_from([Book.POINTS, Book.HONOUR]))}
    if shape in BANDED:
        quantities = [q for q in Quantity if q is not (Quantity.SCORE if shape is Shape.TIERS else Quantity.TIMES)]
        values |= {"quantity": draw(st.sampled_from(quantities)), "bands": draw(bands(shape))}
        values |= {"period": draw(st.sampled_from(list(Window)))} if shape is Shape.TIERS else {
            "by_parts": draw(st.booleans())}
        if draw(st.booleans()):
            values["points"] = values["bands"][0].points
    if shape is not Shape.TIERS:
        values["weights"] = draw(weights())
    if values["kind"] is DeedKind.BASE:
        values |= {"by_itself": True, "receiver": Receiver.RESIDENT, "period": draw(st.sampled_from(list(Window)))}
        shape = Shape.PER_TIME
        values |= {"bands": (), "quantity": None, "by_parts": True}
    if values["book"] is Book.POINTS:
        values["honour_percent"] = draw(st.sampled_from([0, 50, 1000]))
    draft = RuleDraft(shape=shape, unit=draw(units), **values)
    measured = draft.as_rule().measures
    if measured is Quantity.MINUTES:
        values |= {"rounding_minutes": draw(st.sampled_from(STEPS)), "rounding": draw(st.sampled_from(list(Rounding)))}
    if measured is Quantity.SCORE:
        values["full_score"] = draw(st.integers(0, 10_000))
    if draw(st.booleans()) and values["kind"] is not DeedKind.BASE and shape is not Shape.TIERS:
        plain = {"book": Book.POINTS, "by_itself": False, "records_minutes": False, "honour_percent": 0, "weights": (),
                 "conditions": (), "highest_group": "", "team_kind": None,
                 "receiver": draw(st.sampled_from([Receiver.HOUSEHOLD, Receiver.HEAD, Receiver.RESIDENT]))}
        draft = RuleDraft(shape=shape, unit=draft.unit, **{
            **values, **plain, "takes_away": True, "repeat_days": draw(st.integers(0, 3660))})
        assert faults(draft) == {}, (draft, faults(draft))
        return draft
    least = max([values["points"], *(band.points for band in values.get("bands", ()))])
    values |= {"least": draw(st.sampled_from([0, 1, least])), "caps": draw(caps(measured, max(least, 1)))}
    draft = RuleDraft(shape=shape, unit=draft.unit, **values)
    assert faults(draft) == {}, (draft, faults(draft))
    return draft


@st.composite
def standards(draw: st.DrawFn) -> tuple[list[RuleDraft], list[WideCap]]:
    """A few sound items with numbers of their own, and caps on their categories and on the whole."""
    rules = draw(st.lists(drafts(), min_size=1, max_size=4, unique_by=lambda draft: draft.code))
    places = draw(st.lists(st.tuples(
        st.sampled_from(["", *(rule.category for rule in rules)]), st.sampled_from(list(Window)),
        st.sampled_from(list(Subject)), st.sampled_from([Measure.POINTS, Measure.TIMES]),
        st.sampled_from([Book.POINTS, Book.HONOUR])), unique=True, max_size=5))
    wide = [WideCap(window, subject, measure, draw(st.integers(10_000_000, 10**9)), category=category, book=book)
            for category, window, subject, measure, book in places]
    numbers = {rule.code for rule in rules}
    rules = [rule for rule in rules if rule.highest_group not in numbers]
    kept = {"", *(rule.category for rule in rules)}
    wide = [cap for cap in wide if cap.category in kept]
    assert list(standard_faults(rules, wide)) == []
    return rules, wide
