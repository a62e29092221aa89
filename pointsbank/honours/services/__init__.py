"""What can be done: write ladders, propose, grant and revoke, let observers vote, close years, issue certificates."""

from pointsbank.honours import triggers
from pointsbank.honours.services.certifying import (
    draft_certificates,
    issue,
    prepare,
    refuse,
    request_certificate,
    withdraw,
)
from pointsbank.honours.services.closing import agrees, freeze_year, prepare_year
from pointsbank.honours.services.electing import count, decide_tie, open_month, vote
from pointsbank.honours.services.granting import decide_revocation, due_notices, propose_revocation, settle
from pointsbank.honours.services.keeping import (
    Absence,
    enter_no_show,
    excuse,
    note_no_shows,
    set_leagues,
    show_me,
)
from pointsbank.honours.services.laddering import adopt_ladder, change_ladder, discard_ladder, start_ladder
from pointsbank.honours.services.proposing import Found, decide, draft_list, propose, propose_by_hand

__all__ = [
    "Absence", "Found", "adopt_ladder", "agrees", "change_ladder", "count", "decide", "decide_revocation",
    "decide_tie", "discard_ladder", "draft_certificates", "draft_list", "due_notices", "enter_no_show", "excuse",
    "freeze_year", "issue", "note_no_shows", "open_month", "prepare", "prepare_year", "propose", "propose_by_hand",
    "propose_revocation", "refuse", "request_certificate", "set_leagues", "settle", "show_me", "start_ladder",
    "triggers", "vote", "withdraw",
]
