"""What can be asked about deeds. About sittings: ``queries.sittings``; about relatives: ``queries.kinship``."""

from pointsbank.contributions.describing import Described, Pending, describe, pending_of
from pointsbank.contributions.policy import Facts
from pointsbank.contributions.queries import acts, appeals, sheets
from pointsbank.contributions.queries.deeds import (
    Load,
    Served,
    Waiting,
    accepted_counts,
    by_ids,
    by_source_keys,
    correction,
    corrections,
    corrections_of,
    deed,
    deeds_since,
    earlier_acts,
    earlier_rounds,
    filed_for_others,
    lines_of,
    load_of,
    mine,
    on_open_list,
    pending_sums,
    pending_total,
    served,
    steps_of,
    waiting_for,
)
from pointsbank.contributions.queries.kinship import facts_of, facts_of_users, independent_of

__all__ = [
    "Described", "Facts", "Load", "Pending", "Served", "Waiting", "accepted_counts", "acts", "appeals", "by_ids",
    "by_source_keys", "correction", "corrections", "corrections_of", "deed", "deeds_since", "describe",
    "earlier_acts", "earlier_rounds", "facts_of", "facts_of_users", "filed_for_others", "independent_of",
    "lines_of", "load_of", "mine", "on_open_list", "pending_of", "pending_sums", "pending_total", "served", "sheets",
    "steps_of", "waiting_for",
]
