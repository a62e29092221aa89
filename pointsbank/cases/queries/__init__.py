"""What can be asked about reports and cases."""

from pointsbank.cases.queries.alike import (
    MOST_SIMILAR,
    cases_of,
    first_hung,
    is_piece,
    near_owners,
    offered,
    place_key,
    proposed,
    report_keys,
    similar,
)
from pointsbank.cases.queries.budget import Budget, Rest, budget, own_budget
from pointsbank.cases.queries.codes import CODE_DIGITS, Followed, by_code, code_hash, plain_code
from pointsbank.cases.queries.oversight import AuditLine, SignalRow, Supervised, audits, signals, supervised
from pointsbank.cases.queries.photos import BeforeAfter, public_photos
from pointsbank.cases.queries.sights import (
    Sight,
    categories,
    category,
    for_handler,
    has_children,
    is_inside,
    listed,
    may_join,
    may_see,
    mine,
    seen,
    sights,
    unit,
    unit_users,
    units,
)
from pointsbank.cases.queries.voices import has_answered, has_joined, is_sender, supporters, voices

__all__ = [
    "CODE_DIGITS", "MOST_SIMILAR", "AuditLine", "BeforeAfter", "Budget", "Followed", "Rest", "Sight", "SignalRow",
    "Supervised", "audits", "budget", "by_code", "cases_of", "categories", "category", "code_hash", "first_hung",
    "for_handler", "has_answered", "has_children", "has_joined", "is_inside", "is_piece", "is_sender", "listed",
    "may_join", "may_see", "mine", "near_owners", "offered", "own_budget", "place_key", "plain_code", "proposed",
    "public_photos", "report_keys", "seen", "sights", "signals", "similar", "supervised", "supporters", "unit",
    "unit_users", "units", "voices",
]
