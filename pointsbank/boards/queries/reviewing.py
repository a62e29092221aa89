"""The first rows of the review queue for the desk: who, what, and whether this very person may decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from pointsbank.contributions import queries as contributions
from pointsbank.contributions import services, wording
from pointsbank.contributions.models import Contribution
from pointsbank.core.actor import Actor
from pointsbank.ledger.models import Book
from pointsbank.people import queries as people

ROWS_ON_THE_DESK = 6


@dataclass(frozen=True)
class ToReview:
    """One deed of the queue. ``refused`` is the sentence why the reader may not decide about it, empty if they may.

    ``points`` (hundredths) is what the rules would give today, by the item ``rule_code``; nothing is counted for it.
    """

    deed: Contribution
    name: str
    number: str
    refused: str
    points: int
    rule_code: str

    @property
    def done_on(self) -> dt.date:
        """The day of the deed."""
        return self.deed.done_on


def first_rows(actor: Actor, limit: int = ROWS_ON_THE_DESK) -> list[ToReview]:
    """The oldest deeds that wait and are on no panel's list, with names and household numbers, in a constant number of
    statements."""
    wanted = contributions.Waiting(off_lists=True)
    deeds: Sequence[Contribution] = contributions.waiting_for(actor, wanted, limit=limit).items
    if not deeds:
        return []
    community_id = actor.community_id or 0
    residents = people.residents_by_id(community_id, {d.resident_id for d in deeds})
    homes = people.households_by_id(community_id, {d.household_id for d in deeds if d.household_id is not None})
    previews = services.preview(deeds)
    hindered = services.hindrances(actor, deeds, previews)
    rows = []
    for deed in deeds:
        home = homes.get(deed.household_id or 0)
        lines = [line for line in previews[deed.id].lines if line.book is Book.POINTS] if deed.id in previews else []
        rows.append(ToReview(deed, residents[deed.resident_id].name, home.number if home else "",
                             wording.who_else(hindered.get(deed.id)), sum(line.amount for line in lines),
                             lines[0].rule_code if lines else ""))
    return rows
