"""What can be done with standards: judging deeds, drafting, adopting, bringing in from a file."""

# Importing the triggers is what makes ``create_all`` install them.
from pointsbank.rules import triggers
from pointsbank.rules.services.adopting import adopt
from pointsbank.rules.services.drafting import (
    add_rule,
    change_rule,
    discard,
    import_draft,
    remove_rule,
    rename,
    replace_rules,
    set_caps,
    start_draft,
    switch_deductions,
)
from pointsbank.rules.services.flagging import FlagDraft, decide_flag, lift_flag, propose_flag
from pointsbank.rules.services.judging import evaluate_deeds, give_back, preview, preview_many, replay

__all__ = ["FlagDraft", "add_rule", "adopt", "change_rule", "decide_flag", "discard", "evaluate_deeds", "give_back",
           "import_draft", "lift_flag", "preview", "preview_many", "propose_flag", "remove_rule", "rename",
           "replace_rules", "replay", "set_caps", "start_draft", "switch_deductions", "triggers"]
