"""What can be done with reports and cases."""

# Importing the triggers is what makes ``create_all`` install them.
from pointsbank.cases import triggers
from pointsbank.cases.services.clocks import approve_extension, ask_extension, escalate
from pointsbank.cases.services.moving import Step, move
from pointsbank.cases.services.reporting import ReportDraft, join, send
from pointsbank.cases.services.setting_up import CategoryDraft, add_category, add_unit, set_members

__all__ = ["CategoryDraft", "ReportDraft", "Step", "add_category", "add_unit", "approve_extension", "ask_extension",
           "escalate", "join", "move", "send", "set_members", "triggers"]
