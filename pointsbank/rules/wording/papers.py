"""Comments, stages and resolutions in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pointsbank.core.i18n import N_
from pointsbank.rules.models import CommentKind, CommentState, Meeting, TemplateState
from pointsbank.rules.wording.words import Phrase, phrase

if TYPE_CHECKING:
    from pointsbank.rules.models import StandardResolution

MEETINGS = {Meeting.ASSEMBLY: N_("Assembly of all residents"),
            Meeting.REPRESENTATIVES: N_("Meeting of residents’ representatives"),
            Meeting.COMMITTEE: N_("Meeting of the committee")}
COMMENT_KINDS = {CommentKind.REMARK: N_("Opinion"), CommentKind.PROPOSAL: N_("A new item")}
# As chips: kind, icon, text.
COMMENT_CHIPS = {CommentState.OPEN: ("wait", "hourglass-split", N_("Waits for an answer")),
                 CommentState.ACCEPTED: ("done", "check-circle-fill", N_("Taken up")),
                 CommentState.DECLINED: ("idle", "dash-circle", N_("Not taken up")),
                 CommentState.WITHDRAWN: ("idle", "arrow-counterclockwise", N_("Withdrawn"))}
TEMPLATE_CHIPS = {TemplateState.DRAFT: ("wait", "pencil-fill", N_("Draft")),
                  TemplateState.ISSUED: ("done", "check-circle-fill", N_("Handed down")),
                  TemplateState.SUPERSEDED: ("idle", "clock-history", N_("Old version"))}


def resolution(row: StandardResolution) -> Phrase | None:
    """``Meeting of residents’ representatives on 18 April: 31 present, 29 for, 1 against, 1 abstained``; None without
    votes."""
    if row.meeting is None or row.held_on is None:
        return None
    return phrase(N_("%(meeting)s on %(day)s: %(present)s present, %(given)s for, %(against)s against, %(abstain)s "
                     "abstained"), meeting=phrase(MEETINGS[row.meeting]), day={"day": row.held_on.isoformat()},
                  present=str(row.present), given=str(row.votes_for), against=str(row.votes_against),
                  abstain=str(row.votes_abstain))
