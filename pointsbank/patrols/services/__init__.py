"""What can be done with routes, rounds, findings and proposals."""

# Importing the triggers is what makes ``create_all`` install them.
from pointsbank.patrols import triggers
from pointsbank.patrols.services.deciding import accept, due_misses, miss, remind, send_back, void
from pointsbank.patrols.services.findings import FindingDraft, confirm_fixed, look_again, raise_apart
from pointsbank.patrols.services.planning import Window, add_shift, assign, end_shift, plan_ahead, plan_round
from pointsbank.patrols.services.proposing import ProposalDraft, answer, propose
from pointsbank.patrols.services.routing import (
    Line,
    RouteDraft,
    add_checkpoint,
    change_route,
    close_route,
    create_route,
    move_checkpoint,
    remove_checkpoint,
    set_checklist,
    set_items,
    use_template,
)
from pointsbank.patrols.services.swapping import ask_swap, take_swap, withdraw_swap
from pointsbank.patrols.services.walking import RoundDraft, StopDraft, is_known, note_stop, start, submit

__all__ = ["FindingDraft", "Line", "ProposalDraft", "RoundDraft", "RouteDraft", "StopDraft", "Window", "accept",
           "add_checkpoint", "add_shift", "answer", "ask_swap", "assign", "change_route", "close_route",
           "confirm_fixed", "create_route", "due_misses", "end_shift", "is_known", "look_again", "miss",
           "move_checkpoint", "note_stop", "plan_ahead", "plan_round", "propose", "raise_apart", "remind",
           "remove_checkpoint", "send_back", "set_checklist", "set_items", "start", "submit", "take_swap", "triggers",
           "use_template", "void", "withdraw_swap"]
