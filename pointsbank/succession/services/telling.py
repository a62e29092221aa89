"""Everybody whom a confirmed case concerns reads in their inbox what was done."""

from __future__ import annotations

from typing import Any

from pointsbank.core.i18n import N_
from pointsbank.notifications.services import Message, tell_each
from pointsbank.people import queries as people
from pointsbank.succession.models import ChangeKind, HouseholdChange
from pointsbank.succession.plans import Plan

TOLD = {
    ChangeKind.SPLIT: N_("Your household was divided on %(day)s: %(number)s and %(other)s. Each has its own passbook "
                         "from now on; both say which points went where."),
    ChangeKind.MERGE: N_("The households %(number)s and %(other)s were joined on %(day)s. The points are together in "
                         "the passbook of %(other)s."),
    ChangeKind.MOVE: N_("Your household has the number %(number)s from %(day)s on."),
    ChangeKind.HEAD: N_("Your household %(number)s has a new head from %(day)s on."),
    ChangeKind.LEAVE: N_("A change of your household %(number)s was entered: somebody moved away on %(day)s."),
    ChangeKind.RETURN: N_("Welcome back. You are entered here again from %(day)s on; what was left of your points is "
                          "in your passbook."),
    ChangeKind.DEATH: N_("The office has entered a change of your household as of %(day)s. Your passbook says which "
                         "points came with it."),
    ChangeKind.HEIR: N_("Points were left to you. They are in your own passbook, with their last days."),
    ChangeKind.UNDO: N_("A change of your household was entered by mistake and is taken back. Points and days are as "
                        "they were."),
}


def tell_confirmed(change: HouseholdChange, found: Plan) -> None:
    """One message to each person concerned who is still here; nothing is told about a death by name."""
    homes = people.households_by_id(change.community_id, {h for h in (found.household_id, found.other_id) if h})
    numbers = {"number": homes[found.household_id].number if found.household_id in homes else "",
               "other": homes[found.other_id].number if found.other_id in homes else ""}
    params: dict[str, Any] = {"day": {"day": change.on.isoformat()}, **numbers}
    here = people.residents_by_id(change.community_id, found.resident_ids)
    tell_each(change.community_id, [Message(r.id, TOLD[change.kind], params, "/passbook")
                                    for r in here.values() if r.left_on is None])
