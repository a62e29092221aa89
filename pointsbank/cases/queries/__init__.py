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
    "CODE_DIGITS", "MOST_SIMILAR", "BeforeAfter", "Followed", "Sight", "by_code", "categories", "category",
    "code_hash", "for_handler", "has_answered", "has_children", "has_joined", "is_inside", "is_piece", "is_sender",
    "listed", "may_join", "may_see", "mine", "near_owners", "offered", "place_key", "plain_code", "proposed",
    "public_photos", "report_keys", "seen", "sights", "similar", "supporters", "unit", "unit_users", "units",
    "voices",
]
