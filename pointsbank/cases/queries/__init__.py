"""What can be asked about reports and cases."""

from pointsbank.cases.queries.alike import (
    MOST_SIMILAR,
    is_piece,
    near_owners,
    offered,
    place_key,
    proposed,
    report_keys,
    similar,
)
from pointsbank.cases.queries.codes import CODE_DIGITS, Followed, by_code, code_hash, plain_code
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

__all__ = [
    "CODE_DIGITS", "MOST_SIMILAR", "Followed", "Sight", "by_code", "categories", "category", "code_hash", "for_handler",
    "has_children", "is_inside", "is_piece", "listed", "may_join", "may_see", "mine", "near_owners", "offered",
    "place_key", "plain_code", "proposed", "report_keys", "seen", "sights", "similar", "unit", "unit_users", "units",
]
