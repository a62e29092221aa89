"""What becomes of a case, in words that anybody may read: nobody is named, nobody's own words are in it."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from pointsbank.cases.desk_wording import span
from pointsbank.cases.models import Case, CaseEvent, CaseState, Category, Outcome
from pointsbank.core.errors import lazy

STANDS: dict[CaseState, Any] = {
    CaseState.RECEIVED: lazy("It has come in and is being looked at."),
    CaseState.MORE_INFORMATION: lazy("The office has a question. Please say more: where exactly, what exactly."),
    CaseState.DECLINED: lazy("It is not taken on."),
    CaseState.MERGED: lazy("The same problem was reported before; it follows that report."),
    CaseState.WITHDRAWN: lazy("It was withdrawn."),
    CaseState.ACCEPTED: lazy("It is accepted."),
    CaseState.ASSIGNED: lazy("It was given to those who put it right."),
    CaseState.SENT_BACK: lazy("Somebody else is being found for it."),
    CaseState.ACKNOWLEDGED: lazy("Somebody has taken it on."),
    CaseState.ON_SITE: lazy("Somebody is on site."),
    CaseState.RECTIFYING: lazy("It is being put right."),
    CaseState.SUSPENDED: lazy("Work has to wait for a while."),
    CaseState.TO_INSPECT: lazy("Work is done and is being inspected."),
    CaseState.REWORK: lazy("The inspection found that it has to be done again."),
    CaseState.TO_EVALUATE: lazy("It was inspected. The reporter is asked whether it is put right."),
}
ENDED: dict[Outcome, Any] = {
    Outcome.FIXED: lazy("It is put right."),
    Outcome.BY_ITSELF: lazy("It has resolved by itself."),
    Outcome.CANNOT: lazy("It cannot be put right."),
    Outcome.NOT_OURS: lazy("It is not ours to put right; it was passed on."),
    Outcome.FALSE: lazy("It could not be confirmed."),
}
# What everybody is told of, from the acceptance on, and what only the platform is told that brought the report.
TOLD: dict[str, tuple[str, Any]] = {
    "accept": ("OPEN", lazy("It is accepted.")),
    "assign": ("ACTION_SCHEDULED", lazy("It was given to those who put it right.")),
    "start": ("IN_PROGRESS", lazy("Work has begun.")),
    "suspend": ("ACTION_SCHEDULED", lazy("Work has to wait for a while.")),
    "resume": ("IN_PROGRESS", lazy("Work goes on.")),
    "rework": ("IN_PROGRESS", lazy("The inspection found that it has to be done again.")),
    "approve": ("", lazy("It was inspected. If it is not so, please say why within 7 days.")),
    "satisfied": ("", lazy("It is closed; the reporter is satisfied.")),
    "partly": ("", lazy("It is closed; the reporter is partly satisfied.")),
    "unanswered": ("", lazy("It is closed; nobody answered whether it is put right.")),
    "unhappy": ("OPEN", lazy("It is open again, because it was not put right.")),
    "reopen": ("OPEN", lazy("It is open again.")),
    "declare_false": ("NO_FURTHER_ACTION", lazy("It could not be confirmed.")),
}
TOLD_SENDER: dict[str, tuple[str, Any]] = {
    "ask_more": ("OPEN", lazy("The office has a question. Please say more: where exactly, what exactly.")),
    "decline": ("NO_FURTHER_ACTION", lazy("It is not taken on.")),
    "merge": ("DUPLICATE", lazy("The same problem was reported before; it follows that report.")),
    "split": ("OPEN", lazy("It is looked at by itself again.")),
    "withdraw": ("CLOSED", lazy("It was withdrawn.")),
}
# Whose status is the outcome of the round that they end; the photos of afterwards go with them.
ENDINGS = tuple(verb for verb, (status, _sentence) in TOLD.items() if not status)
RESULT: dict[Outcome, str] = {
    Outcome.FIXED: "FIXED", Outcome.BY_ITSELF: "FIXED", Outcome.CANNOT: "NO_FURTHER_ACTION",
    Outcome.NOT_OURS: "NOT_COUNCILS_RESPONSIBILITY", Outcome.FALSE: "NO_FURTHER_ACTION",
}
NOTICE = lazy("It has come in. What happens is told through this interface.")
OWN_ID = lazy("Number of the report in the sending system")
NEAR = lazy("Address near the position")


def stands(state: CaseState, outcome: Outcome | None) -> str:
    """How a request stands, in a sentence."""
    if state is CaseState.CLOSED:
        return str(ENDED[outcome or Outcome.FIXED])
    return str(STANDS[state])


def told(event: CaseEvent, case: Case) -> tuple[str, str]:
    """The status and the sentence of an update. How a round ended stands in its event, as a reopening clears it from
    the case."""
    status, sentence = {**TOLD, **TOLD_SENDER}[event.verb]
    if status:
        return status, str(sentence)
    outcome = Outcome(event.detail.get("outcome") or case.outcome or Outcome.FIXED)
    return RESULT[outcome], f"{ENDED[outcome]} {sentence}"


def promise(kind: Category) -> str:
    """What is promised for a kind of problem."""
    return _("Answered within %(answer)s, put right within %(work)s.",
             answer=span(kind.respond_span, kind.respond_unit), work=span(kind.rectify_span, kind.rectify_unit))
