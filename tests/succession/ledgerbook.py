"""The life of a community in plain dictionaries: who lives where, and which points lie in whose passbook."""

from __future__ import annotations

import copy
import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

Lots = dict[dt.date, int]


def shares(lots: Lots, part: int, whole: int) -> Lots:
    """``part`` of ``whole`` of each lot; the largest fractions get what rounding leaves over, the earlier first."""
    found = {day: amount * part // whole for day, amount in lots.items()}
    rest = sum(lots.values()) * part // whole - sum(found.values())
    for day in sorted(lots, key=lambda d: (-(lots[d] * part % whole), d))[:rest]:
        found[day] += 1
    return found


@dataclass
class Life:
    """Everything that can be asked of the services, in the simplest form that can be right."""

    homes: dict[int, list[int]] = field(default_factory=dict)
    heads: dict[int, int | None] = field(default_factory=dict)
    gone: dict[int, str] = field(default_factory=dict)
    lots: dict[str, Lots] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    held: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    debts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    heirs: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    issued: int = 0
    spent: int = 0
    expired: int = 0
    reversed: int = 0

    def copy(self) -> Life:
        return copy.deepcopy(self)

    # ── Points ──────────────────────────────────────────────────────────────────────────────────────────────────

    def last(self, owner: str) -> tuple[str, int | None]:
        """The open passbook at the end of the line, and the shortest term on the way."""
        terms = []
        while owner in self.heirs:
            owner, days = self.heirs[owner]
            terms.append(days)
        return owner, min((d for d in terms if d is not None), default=None)

    def arrive(self, owner: str, amount: int, day: dt.date, today: dt.date, *, earned: bool) -> None:
        """Points come to an owner, or to whoever stands in the place of a closed passbook."""
        owner, days = self.last(owner)
        if days is not None:
            day = min(day, today + dt.timedelta(days))
        repaid = min(self.debts[owner], amount) if earned else 0
        self.debts[owner] -= repaid
        self.lots[owner][day] += amount - repaid

    def live(self, owner: str, today: dt.date) -> Lots:
        return {day: amount for day, amount in sorted(self.lots[owner].items()) if amount and day >= today}

    def take(self, owner: str, amount: int, today: dt.date, first: dt.date | None = None) -> Lots | None:
        """From the named lot, then the earliest live ones; None if they don't suffice."""
        days = [first] if first and self.lots[owner][first] else []
        days += [day for day in self.live(owner, today) if day != first]
        if sum(self.lots[owner][day] for day in days) < amount:
            return None
        taken: Lots = {}
        for day in days:
            part = min(amount, self.lots[owner][day])
            if part:
                taken[day] = part
                self.lots[owner][day] -= part
                amount -= part
        return taken

    def reverse(self, owner: str, amount: int, day: dt.date, today: dt.date) -> None:
        reach = self.lots[owner][day] + sum(a for d, a in self.live(owner, today).items() if d != day)
        short = max(0, amount - reach)
        self.debts[self.last(owner)[0]] += short
        assert self.take(owner, amount - short, today, day) is not None
        self.reversed += amount

    def bequeath(self, giver: str, receiver: str, today: dt.date, *, part: int = 1, whole: int = 1,
                 exact: int | None = None, days: int | None = None, closes: bool = True) -> None:
        live = self.live(giver, today)
        total = sum(live.values())
        if exact is not None and total:
            part, whole = exact, total
        for day, amount in shares(live, part, whole).items():
            self.lots[giver][day] -= amount
            self.lots[receiver][day if days is None else min(day, today + dt.timedelta(days))] += amount
        owed = self.debts[giver] * part // whole
        self.debts[giver] -= owed
        self.debts[receiver] += owed
        if closes:
            self.heirs[giver] = (receiver, days)

    def left(self) -> int:
        return sum(sum(lots.values()) for lots in self.lots.values())

    # ── People ──────────────────────────────────────────────────────────────────────────────────────────────────

    def home_of(self, person: int) -> int | None:
        return next((home for home, members in self.homes.items() if person in members), None)

    def go(self, person: int, home: int | None) -> None:
        """Out of the present household, into another or none."""
        old = self.home_of(person)
        if old is not None:
            self.homes[old].remove(person)
            if self.heads.get(old) == person:
                self.heads[old] = None
        if home is not None:
            self.homes[home].append(person)
