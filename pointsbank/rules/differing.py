"""What changes from one version to another, as phrases: a pure comparison of items, their caps, and the wide caps.

Each sentence names its item and what stood and stands there, so that it reads by itself on a notice or in a message.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from pointsbank.core.i18n import N_
from pointsbank.ledger.models import Book
from pointsbank.rules import wording
from pointsbank.rules.evaluation import Cap, Rule, Version, WideCap
from pointsbank.rules.evaluation.versions import in_order
from pointsbank.rules.models import Measure, Subject, Window
from pointsbank.rules.wording import Phrase, phrase


class Change(enum.StrEnum):
    """What became of an item."""

    ADDED = "added"
    CHANGED = "changed"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Difference:
    """One item that differs, or with an empty ``code`` the caps and cycle of the whole; a phrase for each change."""

    code: str
    name: str
    change: Change
    phrases: tuple[Phrase, ...]


def compare(old: Version | None, new: Version) -> list[Difference]:
    """The differences in the order of the new version, what was dropped after it, and the whole at the end."""
    before = old.by_code if old is not None else {}
    found = []
    for rule in new.rules:
        known = before.get(rule.code)
        if known is None:
            found.append(Difference(rule.code, rule.name, Change.ADDED, (
                phrase(N_("New: %(name)s, %(what)s"), name=rule.name, what=_in_short(rule)),)))
        elif phrases := tuple(_of_item(known, rule)):
            found.append(Difference(rule.code, rule.name, Change.CHANGED, phrases))
    found += [Difference(rule.code, rule.name, Change.DROPPED, (
        phrase(N_("Dropped: %(name)s, which was %(what)s"), name=rule.name, what=_in_short(rule)),))
        for code, rule in before.items() if code not in new.by_code]
    whole = tuple(_of_whole(old, new)) if old is not None else ()
    return [*found, Difference("", "", Change.CHANGED, whole)] if whole else found


def _in_short(rule: Rule) -> Phrase:
    return wording.listed([wording.head(rule), *(wording.cap(rule, cap) for cap in in_order(rule.caps))])


# ── One item ────────────────────────────────────────────────────────────────────────────────────────────────────


def _arrow(rule: Rule, before: Phrase, after: Phrase) -> Phrase:
    """``Cleaning the courtyard: 5 → 3 points a month``; both in full where more than a number differs."""
    short = _merged(before, after)
    if short is not None:
        return phrase(N_("%(name)s: %(what)s"), name=rule.name, what=short)
    return phrase(N_("%(name)s: %(before)s → %(after)s"), name=rule.name, before=before, after=after)


# What is said of one of something, and of several: 1 → 2 points.
_SEVERAL = {"%(n)s point": "%(n)s points", "%(n)s time": "%(n)s times", "%(n)s hour": "%(n)s hours",
            "%(n)s minute": "%(n)s minutes", "%(n)s mark": "%(n)s marks"}


def _merged(before: Phrase, after: Phrase) -> Phrase | None:
    """The phrase with both numbers in the place of the one that differs; None where anything else differs."""
    if _several(before) != _several(after) or before["params"].keys() != after["params"].keys():
        return None
    differing = [name for name, value in after["params"].items() if before["params"][name] != value]
    if len(differing) != 1:
        return None
    was, now = before["params"][differing[0]], after["params"][differing[0]]
    if _is_phrase(was) and _is_phrase(now):
        inner = _merged(was, now)
        return None if inner is None else {"text": after["text"], "params": {**after["params"], differing[0]: inner}}
    both = phrase(N_("%(before)s → %(after)s"), before=was, after=now)
    return {"text": _several(after), "params": {**after["params"], differing[0]: both}}


def _several(said: Phrase) -> str:
    return _SEVERAL.get(said["text"], str(said["text"]))


def _is_phrase(value: object) -> bool:
    return isinstance(value, dict) and "text" in value


def _of_item(old: Rule, new: Rule) -> Iterator[Phrase]:
    if old.name != new.name:
        yield phrase(N_("“%(before)s” is now called “%(after)s”"), before=old.name, after=new.name)
    if old.category != new.category:
        yield phrase(N_("%(name)s: moved from “%(before)s” to “%(after)s”"), name=new.name, before=old.category,
                     after=new.category)
    if wording.head(old) != wording.head(new) or old.book != new.book:
        yield _arrow(new, _counted(old), _counted(new))
    yield from _of_caps(old, new)
    rounded = [wording.step(rule) or phrase(N_("each full hour counts")) for rule in (old, new)]
    if rounded[0] != rounded[1]:
        yield _arrow(new, *rounded)
    yield from _of_sentences(old, new)
    if old.takes_away != new.takes_away:
        yield phrase(N_("%(name)s: these points are now taken away") if new.takes_away else
                     N_("%(name)s: these points are no longer taken away"), name=new.name)
    if old.by_itself != new.by_itself:
        yield phrase(N_("%(name)s: now counts for every deed of its kind") if new.by_itself else
                     N_("%(name)s: now counts only where it is chosen"), name=new.name)


def _counted(rule: Rule) -> Phrase:
    said = wording.head(rule)
    return phrase(N_("%(what)s, honour score"), what=said) if rule.book is Book.HONOUR else said


def _of_caps(old: Rule, new: Rule) -> Iterator[Phrase]:
    """A cap of the same span, for the same people, in the same measure is the same cap with another number."""
    before = {(c.window, c.subject, c.measure): c for c in old.caps}
    after = {(c.window, c.subject, c.measure): c for c in new.caps}
    for key in dict.fromkeys([*(_key(c) for c in in_order(new.caps)), *(_key(c) for c in in_order(old.caps))]):
        was, now = before.get(key), after.get(key)
        if was is None and now is not None:
            yield phrase(N_("%(name)s: new, %(cap)s"), name=new.name, cap=wording.cap(new, now))
        elif now is None and was is not None:
            yield phrase(N_("%(name)s: no longer %(cap)s"), name=new.name, cap=wording.cap(old, was))
        elif was is not None and now is not None and wording.cap(old, was) != wording.cap(new, now):
            yield _arrow(new, wording.cap(old, was), wording.cap(new, now))


def _key(cap: Cap) -> tuple[Window, Subject, Measure]:
    return cap.window, cap.subject, cap.measure


def _of_sentences(old: Rule, new: Rule) -> Iterator[Phrase]:
    """Who may earn it, what weighs more, where it goes: sentence by sentence, those that went and those that came."""
    before, after = wording.conditions(old), wording.conditions(new)
    for said in before:
        if said not in after:
            yield phrase(N_("%(name)s: no longer: %(sentence)s"), name=new.name, sentence=said)
    for said in after:
        if said not in before:
            yield phrase(N_("%(name)s: now: %(sentence)s"), name=new.name, sentence=said)
    for mine, yours, text in ((old.who, new.who, N_("%(name)s, who: %(before)s → %(after)s")),
                              (old.evidence, new.evidence, N_("%(name)s, evidence: %(before)s → %(after)s"))):
        if mine != yours:
            yield phrase(text, name=new.name, before=mine or "–", after=yours or "–")


# ── The whole ───────────────────────────────────────────────────────────────────────────────────────────────────


def _of_whole(old: Version, new: Version) -> Iterator[Phrase]:
    before = {_place(c): c for c in old.caps}
    after = {_place(c): c for c in new.caps}
    for place in dict.fromkeys([*after, *before]):
        was, now = before.get(place), after.get(place)
        if was is None and now is not None:
            yield phrase(N_("New: %(cap)s"), cap=_wide(now))
        elif now is None and was is not None:
            yield phrase(N_("No longer: %(cap)s"), cap=_wide(was))
        elif was is not None and now is not None and was.most != now.most:
            yield _merged(_wide(was), _wide(now)) or phrase(N_("%(before)s → %(after)s"), before=_wide(was),
                                                            after=_wide(now))
    cycles = [next((rule.cycle for rule in version.rules), (12, 1)) for version in (old, new)]
    if old.rules and new.rules and cycles[0] != cycles[1]:
        text = N_("%(months)s months beginning with month %(first)s")
        said = [phrase(text, months=str(months), first=str(first)) for months, first in cycles]
        yield phrase(N_("A cycle: %(before)s → %(after)s"), before=said[0], after=said[1])


def _place(cap: WideCap) -> tuple[str, ...]:
    return cap.category, cap.window, cap.subject, cap.measure, cap.book


def _wide(cap: WideCap) -> Phrase:
    said = wording.wide_cap(cap)
    return phrase(N_("%(what)s, honour score"), what=said) if cap.book is Book.HONOUR else said
