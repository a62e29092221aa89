"""What can be done with deeds: record, review alone or as a panel, publish, settle, correct."""

from pointsbank.contributions import triggers
from pointsbank.contributions.services.acts import mark_same_act
from pointsbank.contributions.services.appealing import ask_review, decide_appeal, put_right, withdraw_appeal
from pointsbank.contributions.services.base_points import give_base_points
from pointsbank.contributions.services.booking import expires_on
from pointsbank.contributions.services.closing import Ruling, close_sitting
from pointsbank.contributions.services.correcting import Figures, confirm_correction, correct_award, refuse_correction
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
from pointsbank.contributions.services.relatives import declare_relative, end_relative
from pointsbank.contributions.services.reviewing import approve, award_waiting, hindrances, preview, reject, return_
from pointsbank.contributions.services.settling import decide_objection, object_to, settle_notice
from pointsbank.contributions.services.sharing import confirm_share, propose_share, refuse_share, withdraw_share
from pointsbank.contributions.services.sheets import (
    SheetDraft,
    confirm_sheet,
    discard_sheet,
    forget_typed,
    open_sheet,
    return_sheet,
    save_sheet,
    submit_sheet,
)
from pointsbank.contributions.services.sitting import Call, Selection, cancel_sitting, open_sitting, remind, return_item
from pointsbank.contributions.services.voting import Ballot, vote
from pointsbank.contributions.sheet_reading import RowDraft

__all__ = [
    "Ballot", "Call", "DeedDraft", "Figures", "Filing", "ListRow", "RowDraft", "Ruling", "Selection", "SheetDraft",
    "approve", "ask_review", "award_waiting", "cancel_sitting", "change", "close_sitting", "confirm_correction",
    "confirm_share", "confirm_sheet", "correct_award", "decide_appeal", "decide_objection", "declare_relative",
    "discard_notice", "discard_sheet", "draft_month", "draft_opening", "end_relative", "expires_on", "file",
    "forget_typed", "give_base_points", "hindrances", "look_again", "mark_same_act", "month_rows", "object_to",
    "open_sheet", "open_sitting", "preview", "propose_share", "publish_notice", "put_right", "record",
    "refuse_correction", "refuse_share", "reject", "remind", "return_", "return_item", "return_sheet", "save_sheet",
    "send_up", "settle_notice", "shown", "submit", "submit_sheet", "triggers", "vote", "withdraw", "withdraw_appeal",
    "withdraw_share",
]
