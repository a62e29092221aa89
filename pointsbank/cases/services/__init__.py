"""What can be done with reports and cases."""

# Importing the triggers is what makes ``create_all`` install them.
from pointsbank.cases import triggers
from pointsbank.cases.services.clocks import approve_extension, ask_extension, escalate
from pointsbank.cases.services.hearing import comment
from pointsbank.cases.services.moving import Step, move
from pointsbank.cases.services.reporting import ReportDraft, Sender, join, raise_from_patrol, send, take_in
from pointsbank.cases.services.setting_up import CategoryDraft, add_category, add_unit, set_members

__all__ = ["CategoryDraft", "ReportDraft", "Sender", "Step", "add_category", "add_unit", "approve_extension",
           "ask_extension", "comment", "escalate", "join", "move", "raise_from_patrol", "send", "set_members",
           "take_in", "triggers"]
