"""The names of counters: what a cap, a step or a group has used up, for whom and within which window.

They name the item's code, never the version, so that a new version goes on counting.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from pointsbank.rules.evaluation.deeds import Deed, Evaluation
from pointsbank.rules.evaluation.versions import Cap, Rule, Version, WideCap
from pointsbank.rules.models import Measure, Receiver, Shape, Subject, Window


def window_key(window: Window, deed: Deed, cycle: tuple[int, int] = (12, 1)) -> str:
    """The window that a deed falls into: ``activity:5``, ``day:2026-04-18``, ``week:2026-W16``, ``month:2026-04``,
    ``quarter:2026-Q2``, ``cycle:2026-01``, ``year:2026``, ``ever``."""
    if window is Window.ACTIVITY:
        return deed.activity_key or deed.source_key
    if window is Window.EVER:
        return "ever"
    return f"{window}:{_span(window, deed.on, cycle)}"


def _span(window: Window, on: dt.date, cycle: tuple[int, int]) -> str:
    if window is Window.WEEK:
        week = on.isocalendar()
        return f"{week.year}-W{week.week:02d}"
    if window is Window.QUARTER:
        return f"{on.year}-Q{(on.month + 2) // 3}"
    if window is Window.CYCLE:
        months, first = cycle
        begun = (on.year * 12 + on.month - first) // months * months + first - 1
        return f"{begun // 12}-{begun % 12 + 1:02d}"
    return on.isoformat()[:{Window.DAY: 10, Window.MONTH: 7, Window.YEAR: 4}[window]]


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
    """The counter of an item's cap for this deed."""
    window = window_key(cap.window, deed, rule.cycle)
    return f"{rule.code}|{cap.measure}|{subject_key(cap.subject, deed)}|{window}"


def wide_key(rule: Rule, cap: WideCap, deed: Deed) -> str:
    """The counter of a category's cap (``@志愿服务|...``) or of the whole standard's (``*|...``)."""
    counted = cap.book if cap.measure is Measure.POINTS else f"{cap.book}-{cap.measure}"
    name = f"@{cap.category}" if cap.category else "*"
    return f"{name}|{counted}|{subject_key(cap.subject, deed)}|{window_key(cap.window, deed, rule.cycle)}"


def cap_key(rule: Rule, cap: Cap, deed: Deed) -> str:
    """The counter of a cap, wide or of the item alone."""
    return wide_key(rule, cap, deed) if isinstance(cap, WideCap) else counter_key(rule, cap, deed)


def step_keys(rule: Rule, deed: Deed) -> tuple[str, str]:
    """Of an item with tiers: what has added up in the window, and what was paid for it."""
    subject = subject_key(earner(rule), deed)
    window = window_key(rule.period, deed, rule.cycle)
    return f"{rule.code}|reached|{subject}|{window}", f"{rule.code}|paid|{subject}|{window}"


def group_key(rule: Rule, deed: Deed) -> str:
    """What the items of a "highest only" group have paid for one act."""
    act = deed.act_key or deed.activity_key or deed.source_key
    return f"#{rule.highest_group}|paid|{subject_key(earner(rule), deed)}|{act}"


def earner(rule: Rule) -> Subject:
    """For whom tiers and groups add up: whoever gets the points, the household or the doer."""
    return Subject.HOUSEHOLD if rule.receiver in (Receiver.HOUSEHOLD, Receiver.HEAD) else Subject.PERSON


def counter_keys(deed: Deed, version: Version | None) -> set[str]:
    """Every counter that judging this deed may read or change."""
    found: set[str] = set()
    if version is None:
        return found
    for rule in candidates(deed, version):
        found.update(counter_key(rule, cap, deed) for cap in rule.caps)
        found.update(wide_key(rule, cap, deed) for cap in version.caps if cap.category in ("", rule.category))
        if rule.shape is Shape.TIERS:
            found.update(step_keys(rule, deed))
        if rule.highest_group:
            found.add(group_key(rule, deed))
    return found


def candidates(deed: Deed, version: Version | None) -> tuple[Rule, ...]:
    """The rules that a deed may fire: the item it names, or all of its kind that apply by themselves."""
    if version is None:
        return ()
    if deed.item_code:
        named = version.by_code.get(deed.item_code)
        return (named,) if named is not None else ()
    return version.by_kind.get(deed.kind, ())


def taken(evaluation: Evaluation) -> dict[str, int]:
    """What an evaluation adds to the counters."""
    sums: dict[str, int] = {}
    for parts in [*(line.cap_left for line in evaluation.lines), *(note.counted for note in evaluation.notes)]:
        for key, part in parts.items():
            sums[key] = sums.get(key, 0) + part["taken"]
    return {key: amount for key, amount in sums.items() if amount}


def history_of(kept: Iterable[Mapping[str, Mapping[str, int]]], version: Version, deed: Deed) -> dict[str, int]:
    """The history that stored ``cap_left`` and ``counted`` values stand for, to compute a judgement again.

    A counter that several lines of one deed looked at stood, before the first of them, where it was lowest.
    """
    most = {counter_key(rule, cap, deed): cap.most for rule in version.rules for cap in rule.caps}
    most |= {wide_key(rule, cap, deed): cap.most for rule in candidates(deed, version) for cap in version.caps
             if cap.category in ("", rule.category)}
    history: dict[str, int] = {}
    for parts in kept:
        for key, part in parts.items():
            used = part["used"] if "used" in part else most[key] - part["left"] if key in most else None
            if used is not None:
                history[key] = min(used, history.get(key, used))
    return history
