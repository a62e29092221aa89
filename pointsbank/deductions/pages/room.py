"""The room's blueprint, and the words its templates use."""

from __future__ import annotations

from typing import Any

from pointsbank.core.web import Room, current_actor
from pointsbank.deductions import queries, wording
from pointsbank.deductions.models import Deduction
from pointsbank.rules import queries as rules
from pointsbank.rules.evaluation import Rule

bp = Room("deductions", "pointsbank.deductions.pages")


def own_deductions() -> int:
    """How many concern the resident acted for, so that the passbook leads there only where there is something."""
    actor = current_actor()
    return queries.own_count(actor) if actor.resident_id is not None and actor.community_id is not None else 0


def rule_of(deduction: Deduction) -> Rule:
    """The item in the version by which it is judged."""
    return rules.version(deduction.community_id, deduction.standard_id).by_code[deduction.rule_code]


def deductions_on() -> bool:
    """Whether the desk has anything to do with deductions here: the rules take points away, or did."""
    community_id = current_actor().community_id
    return community_id is not None and queries.are_on(community_id)


@bp.record_once
def _words(state: Any) -> None:
    # Macros that are imported see globals only.
    state.app.jinja_env.globals.update(deduction_words=wording, own_deductions=own_deductions,
                                       deductions_on=deductions_on)
