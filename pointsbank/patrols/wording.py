"""Words for states and kinds, chips, and the definitions beside the figures."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from pointsbank.core import clock
from pointsbank.core.errors import lazy
from pointsbank.core.formats import format_time
from pointsbank.patrols.models import (
    FindingState,
    LookOutcome,
    Patrol,
    PatrolState,
    Proof,
    Proposal,
    ProposalState,
    RouteKind,
    StopResult,
)

KINDS = {
    RouteKind.STREET: lazy("Street"), RouteKind.BUILDING_SITE: lazy("Building site"),
    RouteKind.ESTATE: lazy("Housing estate"), RouteKind.STAIRWELL: lazy("Stairwell"),
    RouteKind.CHARGING: lazy("Charging point"),
}
WEEKDAYS = (lazy("Monday"), lazy("Tuesday"), lazy("Wednesday"), lazy("Thursday"), lazy("Friday"), lazy("Saturday"),
            lazy("Sunday"))
CHIPS: dict[PatrolState, tuple[str, str, Any]] = {
    PatrolState.PLANNED: ("wait", "hourglass-split", lazy("Nobody assigned")),
    PatrolState.ASSIGNED: ("open", "calendar-event", lazy("Coming up")),
    PatrolState.STARTED: ("open", "flag-fill", lazy("On the way")),
    PatrolState.SUBMITTED: ("wait", "hourglass-split", lazy("To be accepted")),
    PatrolState.SENT_BACK: ("stop", "reply-fill", lazy("Sent back")),
    PatrolState.ACCEPTED: ("done", "check-circle-fill", lazy("Round accepted")),
    PatrolState.MISSED: ("stop", "alarm-fill", lazy("Missed")),
    PatrolState.VOID: ("idle", "dash-circle", lazy("Called off")),
}
RESULTS: dict[StopResult, tuple[str, str, Any]] = {
    StopResult.BLANK: ("idle", "dash-circle", lazy("Not yet")),
    StopResult.OK: ("done", "check-circle-fill", lazy("Nothing wrong")),
    StopResult.FINDING: ("stop", "exclamation-circle-fill", lazy("Found something")),
    StopResult.SKIPPED: ("wait", "arrow-right-circle", lazy("Left out")),
    StopResult.MISSED: ("idle", "dash-circle", lazy("Missed")),
}
PROOFS = {Proof.NONE: lazy("without proof"), Proof.TAG: lazy("tag scanned"), Proof.PHOTO: lazy("photo"),
          Proof.LEADER: lazy("the leader’s word")}
FINDINGS: dict[FindingState, tuple[str, str, Any]] = {
    FindingState.TO_CONFIRM: ("wait", "hourglass-split", lazy("Second look due")),
    FindingState.CONFIRMED: ("done", "check-circle-fill", lazy("Put right")),
    FindingState.RAISED: ("open", "send", lazy("Handed on")),
    FindingState.JOINED: ("open", "people", lazy("Known already")),
}
LOOKS = {LookOutcome.PASS: lazy("It stayed put right"), LookOutcome.REOPEN: lazy("It has to be opened again")}
PROPOSALS: dict[ProposalState, tuple[str, str, Any]] = {
    ProposalState.WAITING: ("wait", "hourglass-split", lazy("Waits for its answer")),
    ProposalState.ADOPTED: ("done", "check-circle-fill", lazy("Taken up")),
    ProposalState.NOT_ADOPTED: ("idle", "dash-circle", lazy("Not adopted")),
    ProposalState.LATER: ("open", "clock-history", lazy("Put off for now")),
}
STEPS = {
    "plan": lazy("Planned"), "assign": lazy("Observers assigned"), "ask_swap": lazy("Somebody asked to swap"),
    "swap": lazy("Taken over by somebody else"), "withdraw_swap": lazy("Can come after all"),
    "start": lazy("Begun"), "submit": lazy("Handed in"), "add": lazy("A second phone added to it"),
    "accept": lazy("Round accepted"),
    "absent": lazy("Taken off the list: was not there"), "send_back": lazy("Sent back"), "void": lazy("Called off"),
    "miss": lazy("Missed"),
    "confirm": lazy("A second person confirmed what was put right"),
    "not_fixed": lazy("A second person found it not put right"), "raise_apart": lazy("Handed on as a case of its own"),
}
# What each figure is, beside it.
DEFINITIONS = (
    (lazy("Rounds planned"), lazy("Rounds whose day lies in the month, without those called off.")),
    (lazy("Round accepted"), lazy("Of these, accepted by somebody who did not walk them.")),
    (lazy("Missed"), lazy("Of these, nothing came in within two hours after their time, and nothing since.")),
    (lazy("Checkpoints visited"), lazy("Nothing wrong or found something; left out and missed don’t count.")),
    (lazy("Problems found"), lazy("Findings written down on these rounds.")),
    (lazy("Handed on"), lazy("Of these, those that became a case or joined one.")),
    (lazy("Put right"), lazy("Of these, put right on the spot and confirmed, or their case closed as fixed.")),
    (lazy("Looking again"), lazy("Closed cases at which another observer looked again in the month.")),
    (lazy("Hours"), lazy("From the first to the last checkpoint of accepted rounds, for each who walked.")),
)


def window(patrol: Patrol) -> str:
    """``9:00–10:30``."""
    return f"{format_time(patrol.starts_at)}–{format_time(patrol.ends_at)}"


def minutes_text(minutes: int) -> str:
    """``540`` -> ``9:00``: a time of the rota."""
    return f"{minutes // 60}:{minutes % 60:02d}"


def chip(patrol: Patrol) -> tuple[str, str, Any]:
    """The chip of a round."""
    return CHIPS[patrol.state]


def doubts(patrol: Patrol) -> list[str]:
    """What whoever accepts should know: a phone with a wrong clock, a late arrival, a sheet of paper."""
    said = []
    if patrol.clock_off:
        said.append(_("The phone’s clock was wrong: times were bounded by its day and when it came in."))
    if patrol.arrived_late:
        said.append(_("It came in after it counted as missed."))
    if patrol.source == "paper":
        said.append(_("It was entered from paper."))
    return said


def is_late(proposal: Proposal) -> bool:
    """The answer is overdue."""
    return proposal.state is ProposalState.WAITING and proposal.due_on < clock.today()
