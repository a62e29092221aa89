"""Deeds, their steps and their earnings in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from pointsbank.contributions.describing import deed_title
from pointsbank.contributions.models import (
    AwardLine,
    Choice,
    Contribution,
    Correction,
    CorrectionState,
    DeedKind,
    Outcome,
    RecordedVia,
    Review,
    ReviewStep,
    Sitting,
    SittingItem,
    SittingState,
)
from pointsbank.contributions.panel import Count
from pointsbank.core import clock
from pointsbank.core.errors import DomainError, lazy
from pointsbank.core.formats import format_minutes, format_moment, format_short_day
from pointsbank.core.points import format_points
from pointsbank.ledger.models import Book, OpeningBatch, OpeningState
from pointsbank.rules import queries as rules
from pointsbank.rules.evaluation import Evaluation

KINDS = {DeedKind.VOLUNTEERING: lazy("Volunteering"), DeedKind.PATROL: lazy("Patrol"),
         DeedKind.SNAPSHOT: lazy("Snapshot"), DeedKind.OTHER: lazy("Other good deed"),
         DeedKind.BASE: lazy("Base points")}
VIA = {RecordedVia.SELF: lazy("by the resident"), RecordedVia.LEADER_SCAN: lazy("scanned by the leader"),
       RecordedVia.LEADER_TYPED: lazy("typed by hand"), RecordedVia.PAPER: lazy("from a paper sheet"),
       RecordedVia.PROXY: lazy("entered for the resident")}
STEPS = {
    ReviewStep.RECORDED: ("pencil", lazy("Recorded")), ReviewStep.SUBMITTED: ("send", lazy("Sent in")),
    ReviewStep.CHECKED: ("eye-fill", lazy("Checked by the leader")),
    ReviewStep.RETURNED: ("reply-fill", lazy("Sent back")), ReviewStep.APPROVED: ("check-lg", lazy("Accepted")),
    ReviewStep.REJECTED: ("dash-circle", lazy("Not accepted")),
    ReviewStep.WITHDRAWN: ("arrow-counterclockwise", lazy("Withdrawn")),
    ReviewStep.SENT_UP: ("flag-fill", lazy("Given to the area above")),
    ReviewStep.TO_PANEL: ("people-fill", lazy("On the panel’s list")),
    ReviewStep.PUT_OFF: ("hourglass-split", lazy("Put off to the next sitting")),
    ReviewStep.APPEALED: ("chat-square-text", lazy("A review was asked for")),
    ReviewStep.APPEAL_WITHDRAWN: ("arrow-counterclockwise", lazy("The request for a review was withdrawn")),
    ReviewStep.UPHELD: ("check-lg", lazy("The request was right")),
    ReviewStep.DISMISSED: ("dash-circle", lazy("After the review the decision stands")),
    ReviewStep.SAME_ACT: ("link-45deg", lazy("Marked as the same act")),
    ReviewStep.OWN_ACT: ("scissors", lazy("Marked as an act of its own")),
}
REASONS = {
    "cap_reached": lazy("A cap was reached"), "too_little": lazy("Too little to count"),
    "unknown_item": lazy("The version has no such item"), "choose_item": lazy("No item was chosen"),
    "no_rule": lazy("Nothing for deeds of this kind"), "other_kind": lazy("The item is for another kind of deed"),
    "wrong_team": lazy("Only for members of another team"), "no_minutes": lazy("No time was noted"),
    "no_units": lazy("No number was noted"), "no_score": lazy("No score was noted"),
    "no_amount": lazy("No amount was noted"), "no_household": lazy("No household on that day"),
    "no_head": lazy("No head of the household on that day"), "no_team": lazy("No team was named"),
    "below_step": lazy("No new step was reached"), "not_higher": lazy("Not higher than what the same act gave"),
    "takes_away": lazy("The item takes points away"), "excluded": lazy("Not counted for this person at that time"),
    "tag": lazy("Only for certain groups"), "not_tag": lazy("Not for certain groups"), "age": lazy("Not of the age"),
    "weekday": lazy("Not on this day of the week"), "day_kind": lazy("Not on this kind of day"),
    "hours": lazy("Not at this time of day"), "share": lazy("Too small a share of the planned time"),
    "stay": lazy("Stayed too short or too long"), "size": lazy("Not of the size"), "photos": lazy("Too few photos"),
    "first": lazy("Not the first to report it"), "to_come": lazy("The day is still to come"),
}
CHOICES = {Choice.FOR: lazy("For"), Choice.AGAINST: lazy("Against"), Choice.ABSTAIN: lazy("Abstain")}
ALARMING = {ReviewStep.RETURNED, ReviewStep.REJECTED}

title = deed_title


def kind(deed: Contribution) -> str:
    """What kind of deed it is."""
    return str(KINDS[deed.kind])


def via(deed: Contribution) -> str:
    """How it came in."""
    if deed.recorded_via is RecordedVia.SELF and (deed.source_key or "").startswith("attendance:"):
        return _("checked in by the resident")
    return str(VIA[deed.recorded_via])


def amount(line: AwardLine) -> str:
    """``4 points`` or ``2 hours``."""
    if line.book is Book.MINUTES:
        return _("%(n)s h", n=format_minutes(line.amount))
    if line.book is Book.HONOUR:
        return _("%(points)s honour", points=format_points(line.amount))
    return _("%(points)s pts", points=format_points(line.amount))


def explained(line: AwardLine) -> list[str]:
    """Why a line is as high as it is, in sentences."""
    return rules.explain(line.explanation)


def notes(deed: Contribution) -> list[tuple[str, str]]:
    """(rule, sentence) of what earned nothing."""
    return [(note.get("rule") or "", rules.say(note["entry"])) for note in deed.notes or []]


def preview_notes(evaluation: Evaluation) -> list[str]:
    """Why a deed would earn nothing, or less."""
    return [rules.say(note.entry) for note in evaluation.notes]


def preview_lines(evaluation: Evaluation) -> list[str]:
    """The sentences of what a deed would earn."""
    return [text for line in evaluation.lines for text in rules.explain(line.explanation)]


def refusal(steps: Sequence[Review]) -> Review | None:
    """The step by which a deed was turned down, with its reason; the last one."""
    return next((step for step in reversed(steps) if step.step is ReviewStep.REJECTED), None)


def timeline(steps: Sequence[Review], names: dict[int, str]) -> list[dict[str, Any]]:
    """The steps for the macro, newest first: who, when, why."""
    items: list[dict[str, Any]] = []
    for step in reversed(steps):
        icon, text = STEPS[step.step]
        who = names.get(step.by_user_id or 0, "")
        items.append({"icon": icon, "title": str(text), "text": step.reason,
                      "who": f"{who} · {format_moment(step.at)}" if who else format_moment(step.at),
                      "kind": "stop" if step.step in ALARMING else "now" if step is steps[-1] else ""})
    return items


def correction_chip(correction: Correction) -> tuple[str, str, str]:
    """Where a correction stands."""
    if correction.state is CorrectionState.PROPOSED:
        return "wait", "hourglass-split", _("Second person needed")
    if correction.state is CorrectionState.CONFIRMED:
        return "done", "check-circle-fill", _("Carried out")
    return "idle", "dash-circle", _("Refused")


def opening_chip(batch: OpeningBatch) -> tuple[str, str, str]:
    """Where a sheet of opening balances stands."""
    return {
        OpeningState.DRAFT: ("wait", "hourglass-split", _("Second person needed")),
        OpeningState.CONFIRMED: ("wait", "megaphone", _("Notice to be made")),
        OpeningState.PUBLISHED: ("open", "megaphone-fill", _("On the board")),
        OpeningState.POSTED: ("done", "check-circle-fill", _("Paid in")),
        OpeningState.WITHDRAWN: ("idle", "dash-circle", _("Given up")),
    }[batch.state]


def who_else(found: type[DomainError] | None) -> str:
    """Short, for a row that its reader may not decide about: who else has to. Empty where the reader may."""
    if found is None:
        return ""
    return {"contributions.own_household": _("Your own family: somebody else reviews"),
            "contributions.own_relative": _("Your declared relatives: somebody else reviews"),
            "contributions.own_record": _("You entered it: somebody else reviews"),
            "contributions.own_team": _("Your own team: somebody else reviews"),
            "contributions.own_decision": _("You decided about it before: somebody else reviews"),
            "contributions.on_panel_list": _("The panel is voting about it"),
            "contributions.panel_decides": _("The panel decides: for the next sitting"),
            }.get(found.code, _("Reviewers decide"))


# ── The panel ───────────────────────────────────────────────────────────────────────────────────────────────────


def choice(value: Choice) -> str:
    """A vote in a word."""
    return str(CHOICES[value])


def barred(found: type[DomainError] | None) -> str:
    """Why a member has no vote about a deed; None: the seat is held no more."""
    if found is None:
        return _("No longer on the panel")
    return {"contributions.own_household": _("Your own family: others vote"),
            "contributions.own_relative": _("Your declared relatives: others vote"),
            "contributions.own_record": _("You entered it: others vote"),
            "contributions.own_team": _("Your own team: others vote"),
            "contributions.own_decision": _("You decided about it before: others vote")}[found.code]


def sitting_chip(sitting: Sitting) -> tuple[str, str, str]:
    """Where a sitting stands."""
    if sitting.state is SittingState.CLOSED:
        return "done", "check-circle-fill", _("Closed")
    if sitting.state is SittingState.CANCELLED:
        return "idle", "dash-circle", _("Called off")
    if sitting.due_on < clock.today():
        return "stop", "alarm-fill", _("To be closed")
    return "open", "people-fill", _("Voting")


def outcome_chip(item: SittingItem) -> tuple[str, str, str]:
    """What became of a deed on the list."""
    return {
        Outcome.WAITING: ("wait", "hourglass-split", _("Voting")),
        Outcome.APPROVED: ("done", "check-circle-fill", _("Carried")),
        Outcome.REJECTED: ("idle", "dash-circle", _("Not carried")),
        Outcome.RETURNED: ("stop", "reply-fill", _("Sent back")),
        Outcome.NO_QUORUM: ("wait", "hourglass-split", _("Too few votes")),
        Outcome.DROPPED: ("idle", "dash-circle", _("Taken off")),
    }[item.outcome]


def numbers(count: Count | SittingItem) -> str:
    """``4 for, 1 against, 0 abstained``: now, or as it was when it was decided."""
    return _("%(yes)s for, %(no)s against, %(none)s abstained", yes=count.votes_for, no=count.votes_against,
             none=count.abstained)


def selection(sitting: Sitting, team: str = "") -> str:
    """Which deeds a list was made from."""
    if sitting.from_on and sitting.to_on:
        days = _("deeds from %(first)s to %(last)s", first=format_short_day(sitting.from_on),
                 last=format_short_day(sitting.to_on))
    elif sitting.from_on:
        days = _("deeds since %(first)s", first=format_short_day(sitting.from_on))
    elif sitting.to_on:
        days = _("deeds until %(last)s", last=format_short_day(sitting.to_on))
    else:
        days = _("all deeds that waited")
    return " · ".join([days, *([str(KINDS[sitting.kind])] if sitting.kind else []), *([team] if team else [])])
