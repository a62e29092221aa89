"""What a case asks for and what it comes to, as plain values: kept with the case, shown beforehand, carried out."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from dataclasses import dataclass
from typing import Any

from pointsbank.ledger.services import Bequest, Return
from pointsbank.succession.models import ChangeKind, ShareMode

NEW = 0  # the household that is founded has no number of its own yet


@dataclass(frozen=True)
class Wish:
    """What somebody asks for; which fields count depends on the kind.

    ``household_id`` is the household it is about, ``resident_ids`` who goes, dies, comes back or inherits to whom,
    ``members`` who belonged to the household when it was asked. ``head_id`` becomes the head of the household that is
    founded (or simply the new head), ``stay_head_id`` of those who stay. ``into_id`` is the household that receives.
    ``share`` is a percentage, or hundredths of points.
    """

    kind: ChangeKind
    on: dt.date
    reason: str
    household_id: int | None = None
    resident_ids: tuple[int, ...] = ()
    number: str = ""
    area_id: int | None = None
    head_id: int | None = None
    stay_head_id: int | None = None
    into_id: int | None = None
    heir_id: int | None = None
    share_mode: ShareMode = ShareMode.HEADS
    share: int = 0
    undoes_id: int | None = None
    members: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Only what was said."""
        plain = {k: v for k, v in dataclasses.asdict(self).items() if v not in (None, "", ())}
        return {k: list(v) if isinstance(v, tuple) else str(v) if k in {"kind", "on", "share_mode"} else v
                for k, v in plain.items()}


def wish_from(stored: dict[str, Any]) -> Wish:
    """The wish of a case as it was kept."""
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in stored.items()}
    return Wish(**values | {"kind": ChangeKind(stored["kind"]), "on": dt.date.fromisoformat(stored["on"]),
                            "share_mode": ShareMode(stored["share_mode"])})


class Act(enum.StrEnum):
    """One thing that is done about people or a household."""

    FOUND = "found"
    JOIN = "join"
    HEAD = "head"
    LEAVE = "leave"
    DIE = "die"
    COME_BACK = "come_back"
    RESUME = "resume"
    CLOSE = "close"
    REOPEN = "reopen"
    RENUMBER = "renumber"


@dataclass(frozen=True)
class Step:
    """One act with what was before it, so that it can be taken back. ``household_id`` NEW: the one that is founded."""

    act: Act
    household_id: int | None = None
    resident_id: int | None = None
    is_head: bool = False
    keeps_card: bool = False
    number: str = ""
    area_id: int | None = None
    was_household_id: int | None = None
    was_head: bool = False
    was_head_id: int | None = None
    was_number: str = ""
    was_area_id: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Only what it says."""
        return {k: v for k, v in dataclasses.asdict(self).items() if v not in (None, "", False)}


def step_from(stored: dict[str, Any]) -> Step:
    """A step of a statement."""
    return Step(**{**stored, "act": Act(stored["act"])})


@dataclass(frozen=True)
class Inheritance:
    """What waits for an heir goes to ``heir``, or (``back``) from a wrong one back to where it waited.

    ``after``: what came to the waiting passbook up to this transfer went its way before.
    """

    waiting: str
    heir: str
    back: bool = False
    days: int = 0
    after: int = 0


@dataclass(frozen=True)
class Plan:
    """What a case comes to: steps in their order, what passes on, which passbooks open again, what is taken back.

    ``other_id`` is the household that receives (NEW: it is founded), ``resident_ids`` everybody concerned.
    """

    wish: Wish
    steps: tuple[Step, ...] = ()
    bequests: tuple[Bequest, ...] = ()
    reopens: tuple[str, ...] = ()
    returns: tuple[Return, ...] = ()
    inheritance: Inheritance | None = None
    household_id: int | None = None
    other_id: int | None = None
    resident_id: int | None = None
    resident_ids: tuple[int, ...] = ()

    @property
    def givers(self) -> tuple[str, ...]:
        """The owners whose points pass on."""
        return tuple(dict.fromkeys([*(b.giver for b in self.bequests), *(r.giver for r in self.returns)]))


def household_key(household_id: int) -> str:
    """The owner key of a household; of the one that is founded while it has no number."""
    return f"household:{household_id}"


def resident_key(resident_id: int) -> str:
    """The owner key of somebody's own passbook."""
    return f"resident:{resident_id}"


def remainder_key(resident_id: int) -> str:
    """The owner key of what remains of somebody who is not here any more: it lapses on its day."""
    return f"remainder:{resident_id}"
