"""What can be done with standards: judging deeds, drafting, asking everybody, adopting; templates for those below."""

# Importing the triggers is what makes ``create_all`` install them.
from pointsbank.rules import document_triggers, triggers
from pointsbank.rules.services.adopting import adopt
from pointsbank.rules.services.announcing import announce
from pointsbank.rules.services.commenting import (
    CommentDraft,
    PaperAuthor,
    answer,
    comment,
    open_comments,
    take_back,
    withdraw,
)
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
from pointsbank.rules.services.resolving import Resolution
from pointsbank.rules.services.templating import (
    ItemBound,
    discard_template,
    fill_template,
    issue_template,
    set_bounds,
    start_from_template,
    start_template,
)

__all__ = ["CommentDraft", "FlagDraft", "ItemBound", "PaperAuthor", "Resolution", "add_rule", "adopt", "announce",
           "answer", "change_rule", "comment", "decide_flag", "discard", "discard_template", "document_triggers",
           "evaluate_deeds", "fill_template", "give_back", "import_draft", "issue_template", "lift_flag",
           "open_comments", "preview", "preview_many", "propose_flag", "remove_rule", "rename", "replace_rules",
           "replay", "set_bounds", "set_caps", "start_draft", "start_from_template", "start_template",
           "switch_deductions", "take_back", "triggers", "withdraw"]
