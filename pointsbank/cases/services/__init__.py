"""What can be done with reports and cases."""

# Importing the triggers is what makes ``create_all`` install them.
from pointsbank.cases import triggers
from pointsbank.cases.services.adjusting import (
    add_member,
    change_category,
    change_unit,
    close_category,
    close_unit,
    open_category,
    open_unit,
    remove_member,
    set_route,
    take_over_usual_kinds,
)
from pointsbank.cases.services.auditing import decide_audit, draw_audits, settle_audit
from pointsbank.cases.services.clocks import escalate
from pointsbank.cases.services.dispatching import accept_many, assign_many, attempt
from pointsbank.cases.services.evaluating import evaluate, support_reopening
from pointsbank.cases.services.extending import approve_extension, ask_extension, refuse_extension
from pointsbank.cases.services.following import by_code, code_of
from pointsbank.cases.services.hearing import comment
from pointsbank.cases.services.moving import Step, move, move_for_sender
from pointsbank.cases.services.reporting import ReportDraft, Sender, enter, join, raise_from_patrol, send, sent, take_in
from pointsbank.cases.services.setting_up import CategoryDraft, add_category, add_unit, set_members
from pointsbank.cases.services.showing import set_title, show_photos
from pointsbank.cases.services.speaking import feed_back
from pointsbank.cases.services.watching import settle_signal, watch

__all__ = [
    "CategoryDraft",
    "ReportDraft",
    "Sender",
    "Step",
    "accept_many",
    "add_category",
    "add_member",
    "add_unit",
    "approve_extension",
    "ask_extension",
    "assign_many",
    "attempt",
    "by_code",
    "change_category",
    "change_unit",
    "close_category",
    "close_unit",
    "code_of",
    "comment",
    "decide_audit",
    "draw_audits",
    "enter",
    "escalate",
    "evaluate",
    "feed_back",
    "join",
    "move",
    "move_for_sender",
    "open_category",
    "open_unit",
    "raise_from_patrol",
    "refuse_extension",
    "remove_member",
    "send",
    "sent",
    "set_members",
    "set_route",
    "set_title",
    "settle_audit",
    "settle_signal",
    "show_photos",
    "support_reopening",
    "take_in",
    "take_over_usual_kinds",
    "triggers",
    "watch",
]
