"""What can be done with deeds: record, review, publish, settle, correct."""

from pointsbank.contributions import triggers
from pointsbank.contributions.services.base_points import give_base_points
from pointsbank.contributions.services.booking import expires_on
from pointsbank.contributions.services.correcting import confirm_correction, correct_award, refuse_correction
from pointsbank.contributions.services.independence import look_again, send_up
from pointsbank.contributions.services.publishing import (
    ListRow,
    discard_notice,
    draft_month,
    draft_opening,
    month_rows,
    publish_notice,
    shown,
)
from pointsbank.contributions.services.recording import DeedDraft, Filing, change, file, record, submit, withdraw
from pointsbank.contributions.services.reviewing import approve, award_waiting, preview, reject, return_
from pointsbank.contributions.services.settling import decide_objection, object_to, settle_notice

__all__ = [
    "DeedDraft", "Filing", "ListRow", "approve", "award_waiting", "change", "confirm_correction", "correct_award",
    "decide_objection", "discard_notice", "draft_month", "draft_opening", "expires_on", "file", "give_base_points",
    "look_again",
    "month_rows", "object_to", "preview", "publish_notice", "record", "refuse_correction", "reject", "return_",
    "send_up", "settle_notice", "shown", "submit", "triggers", "withdraw",
]
