"""Judging one deed by one version: a pure function of (deed, version, history), in integers only.

It reads no clock and no database. ``history`` is what caps, steps and groups had used up before, by counter key; what a
line took from them stands in its ``cap_left``, so that the same line can be computed again years later.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field

from pointsbank.core.i18n import N_
from pointsbank.ledger.models import Book
from pointsbank.rules import wording
from pointsbank.rules.evaluation import counting
from pointsbank.rules.evaluation.conditions import failed, note
from pointsbank.rules.evaluation.deeds import Deed, Entry, Evaluation, LineDraft, Note
from pointsbank.rules.evaluation.keys import candidates, cap_key, group_key, step_keys, taken
from pointsbank.rules.evaluation.versions import Cap, Rule, Version, WideCap
from pointsbank.rules.models import Measure, Quantity, Receiver, Shape, Timing


def evaluate(deed: Deed, version: Version | None, history: Mapping[str, int]) -> Evaluation:
    """Judge a deed. The same three arguments always give the same answer."""
    if version is None:
        return Evaluation(deed.source_key, [], [Note("no_version", wording.entry(
            "no", N_("No standard was in force on %(day)s."), day={"day": deed.on.isoformat()}))])
    answer = Evaluation(deed.source_key, [], [], version.id, version.number)
    if deed.excluded:
        answer.notes.append(Note("excluded", wording.entry(
            "no", N_("Nothing is counted for this person on this day: %(why)s"), why=deed.excluded)))
        return answer
    found = candidates(deed, version)
    # Laid over the history, which may be large and is not ours to change.
    used: ChainMap[str, int] = ChainMap({}, history)  # type: ignore[arg-type]
    for rule in found:
        _apply(rule, deed, version, used, answer)
    if not found:
        answer.notes.append(_nothing_fits(deed, version))
    return answer


def _apply(rule: Rule, deed: Deed, version: Version, used: MutableMapping[str, int], answer: Evaluation) -> None:
    """One rule of one deed; what it takes is used up for the next rule."""
    missed = failed(rule, deed)
    if missed is not None:
        answer.notes.append(missed)
        return
    judged = _judge(_Work(rule, deed, version, used))
    if isinstance(judged, Note):
        answer.notes.append(judged)
        own = Evaluation("", [], [judged])
    else:
        answer.lines.append(judged)
        own = Evaluation("", [judged], [])
        honour = _honour_line(rule, deed, version, used, judged)
        if isinstance(honour, Note):  # what its caps left is kept, so that the judgement can be computed again
            answer.notes.append(honour)
            own.notes.append(honour)
        elif honour is not None:
            answer.lines.append(honour)
            own.lines.append(honour)
    for key, amount in taken(own).items():
        used[key] = used.get(key, 0) + amount
    if rule.records_minutes and deed.minutes:
        answer.lines.append(_minutes_line(rule, deed.minutes))


def assess(rule: Rule, deed: Deed, version: Version) -> tuple[int, list[Entry]]:
    """What an item would come to for a deed without caps, and how: hundredths, and sentences. For deductions."""
    work = _Work(rule, deed, version, {})
    quantity = _quantity(work)
    if isinstance(quantity, Note):
        return 0, [quantity.entry]
    amount = _natural(work, quantity)
    return (0, [amount.entry]) if isinstance(amount, Note) else (amount, work.explanation)


def _nothing_fits(deed: Deed, version: Version) -> Note:
    if deed.item_code:
        return Note("unknown_item", wording.entry(
            "no", N_("The standard of that day has no item %(code)s."), code=deed.item_code))
    if deed.kind in version.by_kind:
        return Note("choose_item", wording.entry("no", N_("Which item of the standard it was has still to be chosen.")))
    return Note("no_rule", wording.entry("no", N_("The standard of that day gives nothing for deeds of this kind.")))


@dataclass
class _Work:
    """One rule being applied to one deed: the explanation so far, and what each counter had left or used."""

    rule: Rule
    deed: Deed
    version: Version
    history: Mapping[str, int]
    explanation: list[Entry] = field(default_factory=list)
    seen: dict[str, dict[str, int]] = field(default_factory=dict)
    measures: dict[str, Measure] = field(default_factory=dict)

    def room(self, cap: Cap) -> tuple[int, int]:
        """What this cap leaves, and what was used up before."""
        key = cap_key(self.rule, cap, self.deed)
        used = self.history.get(key, 0)
        self.seen[key] = {"left": cap.most - used, "taken": 0}
        self.measures[key] = cap.measure
        return max(cap.most - used, 0), used

    def used(self, key: str) -> int:
        """What adds up under a key so far."""
        amount = self.history.get(key, 0)
        self.seen[key] = {"used": amount, "taken": 0}
        return amount

    def adds(self, key: str, amount: int) -> None:
        """More of what adds up, whether or not points come of it."""
        self.seen[key]["taken"] += amount

    def wide(self, measure: Measure, book: Book) -> Sequence[WideCap]:
        """The caps of the category and of the whole standard."""
        return [cap for cap in self.version.wide_caps(self.rule, book) if cap.measure is measure]

    def nothing(self, reason: str, entry: Entry) -> Note:
        """A note that keeps what was looked at."""
        return Note(reason, entry, self.rule.code, self.rule.name, dict(sorted(self.seen.items())))

    def taking(self, quantity: int, amount: int) -> dict[str, dict[str, int]]:
        """What was looked at, with what a line takes of each cap."""
        takes = {Measure.QUANTITY: quantity, Measure.TIMES: 1, Measure.POINTS: amount}
        for key, measure in self.measures.items():
            self.seen[key]["taken"] = takes[measure]
        return dict(sorted(self.seen.items()))


def _judge(work: _Work) -> LineDraft | Note:
    rule = work.rule
    quantity = _quantity(work)
    if isinstance(quantity, Note):
        return quantity
    full = _full(work, [*rule.ordered_caps[Measure.TIMES], *work.wide(Measure.TIMES, rule.book)])
    if full is not None:
        return full
    amount = _natural(work, quantity)
    if isinstance(amount, Note):
        return amount
    amount = _above_the_group(work, amount)
    if isinstance(amount, Note):
        return amount
    amount = _cut(work, amount, [*rule.ordered_caps[Measure.POINTS], *work.wide(Measure.POINTS, rule.book)])
    if isinstance(amount, Note):
        return amount
    if amount < rule.least:
        return work.nothing("too_little", wording.entry(
            "no", N_("%(amount)s is too little: less than %(least)s is not given."), amount=wording.points(amount),
            least=wording.points(rule.least)))
    return LineDraft(
        rule_id=rule.id, rule_code=rule.code, rule_name=rule.name, receiver=str(rule.receiver), book=rule.book,
        amount=amount, timing=str(rule.timing), explanation=work.explanation, cap_left=work.taking(quantity, amount))


def _quantity(work: _Work) -> int | Note:
    """The quantity that counts, after rounding and the caps on quantity."""
    rule, deed = work.rule, work.deed
    quantity = counting.given(rule, deed)
    if rule.measures is Quantity.TIMES:
        return quantity
    if rule.measures is Quantity.MINUTES:
        whole = counting.rounded(rule, quantity)
        if whole == 0:
            return note(rule, "too_little", N_("%(given)s is too short: each full %(step)s counts."),
                        given=wording.minutes(quantity), step=wording.minutes(rule.rounding_minutes))
        if whole != quantity:
            work.explanation.append(wording.rounding(rule, quantity, whole))
        quantity = whole
    if rule.full_score and rule.measures is Quantity.SCORE and quantity > rule.full_score:
        work.explanation.append(wording.entry("cut", N_("The best score is %(full)s."),
                                              full=wording.score(rule.full_score)))
        quantity = rule.full_score
    for cap in rule.ordered_caps[Measure.QUANTITY]:
        room, used = work.room(cap)
        if room == 0:
            return work.nothing("cap_reached", wording.reached(rule, cap, used))
        if room < quantity:
            work.explanation.append(wording.quantity_cut(rule, cap, room, quantity, used))
            quantity = room
    return quantity


def _full(work: _Work, caps: Sequence[Cap]) -> Note | None:
    """A cap on how often it counts that is reached."""
    for cap in caps:
        room, used = work.room(cap)
        if room < 1:
            return work.nothing("cap_reached", wording.reached(work.rule, cap, used))
    return None


def _natural(work: _Work, quantity: int) -> int | Note:
    """Hundredths before caps on points: what the shape gives, weighed."""
    rule, deed = work.rule, work.deed
    if rule.shape is Shape.TIERS:
        return _step(work, quantity)
    amount = counting.product(rule, quantity)
    work.explanation.extend(wording.products(rule, quantity, amount))
    weighed = counting.weight(rule, deed)
    if weighed is not None and weighed.percent != 100:
        amount = amount * weighed.percent // 100
        work.explanation.append(wording.weighed(weighed, amount))
    if amount == 0:
        return work.nothing("too_little", wording.entry("no", N_("It is too little to make a hundredth of a point.")))
    return amount


def _step(work: _Work, quantity: int) -> int | Note:
    """What the step reached pays more than was paid already in this window. The quantity adds up in any case."""
    rule = work.rule
    reached_key, paid_key = step_keys(rule, work.deed)
    before, paid = work.used(reached_key), work.used(paid_key)
    work.adds(reached_key, quantity)
    reached = counting.tier(rule.bands, before + quantity)
    total = reached.points if reached is not None else 0
    if reached is None or total <= paid:
        following = next((band for band in rule.bands if band.start > before + quantity), None)
        return work.nothing("below_step", wording.below_step(rule, before + quantity, paid, following))
    work.explanation.append(wording.step_reached(rule, before + quantity, reached, paid))
    work.adds(paid_key, total - paid)
    return total - paid


def _above_the_group(work: _Work, amount: int) -> int | Note:
    """Of the items of one group only the highest counts for one act: the difference to what was paid for it."""
    if not work.rule.highest_group:
        return amount
    key = group_key(work.rule, work.deed)
    paid = work.used(key)
    if amount <= paid:
        return work.nothing("not_higher", wording.entry(
            "no", N_("Only the highest counts for the same act, and %(paid)s were given for it."),
            paid=wording.points(paid)))
    if paid:
        work.explanation.append(wording.entry(
            "cut", N_("%(paid)s less: they were given for the same act, and only the highest counts"),
            paid=wording.points(paid)))
    work.adds(key, amount - paid)
    return amount - paid


def _cut(work: _Work, amount: int, caps: Sequence[Cap]) -> int | Note:
    """What caps on points leave of an amount."""
    for cap in caps:
        room, used = work.room(cap)
        if room == 0:
            return work.nothing("cap_reached", wording.reached(work.rule, cap, used))
        if room < amount:
            work.explanation.append(wording.points_cut(work.rule, cap, amount - room, used))
            amount = room
        elif used:
            work.explanation.append(wording.points_room(work.rule, cap, room))
    return amount


def _honour_line(rule: Rule, deed: Deed, version: Version, used: Mapping[str, int],
                 line: LineDraft) -> LineDraft | Note | None:
    """The same deed as honour score, under the caps on honour of the category and of the whole standard; a note where
    one of them leaves nothing."""
    if not rule.honour_percent or rule.book is not Book.POINTS:
        return None
    amount = line.amount * rule.honour_percent // 100
    work = _Work(rule, deed, version, used)
    work.explanation.append(wording.entry("count", N_("%(percent)s%% of the points as honour score: %(amount)s"),
                                          percent=str(rule.honour_percent), amount=wording.points(amount)))
    left = _cut(work, amount, work.wide(Measure.POINTS, Book.HONOUR)) if amount else 0
    if isinstance(left, Note):
        return left
    if left == 0:
        return None
    return LineDraft(rule_id=rule.id, rule_code=rule.code, rule_name=rule.name, receiver=line.receiver,
                     book=Book.HONOUR, amount=left, timing=line.timing, explanation=work.explanation,
                     cap_left=work.taking(0, left))


def _minutes_line(rule: Rule, minutes: int) -> LineDraft:
    """Service time is kept for ever, in full and for the person, whatever the points are capped at."""
    entry = wording.entry("count", N_("%(time)s of service, kept for good."), time=wording.minutes(minutes))
    return LineDraft(rule_id=rule.id, rule_code=rule.code, rule_name=rule.name, receiver=str(Receiver.RESIDENT),
                     book=Book.MINUTES, amount=minutes, timing=str(Timing.IMMEDIATE), explanation=[entry])
