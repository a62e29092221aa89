"""A case in the words of residents: its state, what is waited for and until when, each step of its history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from pointsbank.cases.models import Case, CaseClock, CaseEvent, CaseState, ClockKind, Evaluation, Outcome
from pointsbank.cases.moves import BY_DATE, MOVES, Part
from pointsbank.cases.queries import Budget
from pointsbank.core import clock
from pointsbank.core.errors import lazy
from pointsbank.core.formats import format_day, format_moment, is_chinese
from pointsbank.core.points import format_points
from pointsbank.rules.models import Measure

S = CaseState

# Kind of chip, icon, word.
STATES = {
    S.RECEIVED: ("wait", "hourglass-split", lazy("Just come in")),
    S.MORE_INFORMATION: ("wait", "chat-square-text-fill", lazy("A question")),
    S.DECLINED: ("idle", "dash-circle", lazy("Not taken on")),
    S.MERGED: ("idle", "link-45deg", lazy("Joined to another")),
    S.WITHDRAWN: ("idle", "dash-circle", lazy("Withdrawn")),
    S.ACCEPTED: ("open", "check-lg", lazy("Accepted as a case")),
    S.ASSIGNED: ("open", "send-fill", lazy("Given to a unit")),
    S.SENT_BACK: ("wait", "arrow-counterclockwise", lazy("Being given again")),
    S.ACKNOWLEDGED: ("open", "check-lg", lazy("Unit has it")),
    S.ON_SITE: ("open", "geo-alt-fill", lazy("On site")),
    S.RECTIFYING: ("open", "tools", lazy("Being put right")),
    S.SUSPENDED: ("wait", "pause-circle-fill", lazy("Has to wait")),
    S.TO_INSPECT: ("open", "eye-fill", lazy("To be inspected")),
    S.REWORK: ("stop", "arrow-counterclockwise", lazy("Done again")),
    S.TO_EVALUATE: ("wait", "hourglass-split", lazy("To be evaluated")),
    S.CLOSED: ("done", "check-circle-fill", lazy("Closed out")),
}
OUTCOMES = {Outcome.FIXED: lazy("It is put right"), Outcome.BY_ITSELF: lazy("It was gone by itself"),
            Outcome.CANNOT: lazy("It can’t be put right"), Outcome.NOT_OURS: lazy("It is not ours to put right"),
            Outcome.FALSE: lazy("It was found to be untrue")}
EVALUATIONS = {Evaluation.SATISFIED: lazy("The reporter says it is put right"),
               Evaluation.PARTLY: lazy("The reporter says it is better, not all put right"),
               Evaluation.UNHAPPY: lazy("The reporter says it is not put right"),
               Evaluation.UNANSWERED: lazy("Nobody answered; this does not count as satisfied")}
# What is waited for from the reporter, as everybody else reads it.
OTHERS = {S.TO_EVALUATE: lazy("Waits for the evaluation"), S.MORE_INFORMATION: lazy("More is asked"), S.DECLINED: ""}
# Icon, title. What is not here is told as "another step", so that a new verb breaks no page.
STEPS = {
    "report": ("camera-fill", lazy("The report came in")), "enter": ("telephone", lazy("Entered by the office")),
    "comment": ("chat-left-text", lazy("Said on another platform")),
    "ask_more": ("chat-square-text-fill", lazy("A question back")),
    "supply": ("pencil", lazy("Answered")), "decline": ("dash-circle", lazy("Not taken on")),
    "appeal": ("flag-fill", lazy("Appealed")), "merge": ("link-45deg", lazy("Joined to an earlier report")),
    "split": ("link-45deg", lazy("Looked at by itself again")), "withdraw": ("dash-circle", lazy("Withdrawn")),
    "accept": ("check-lg", lazy("Accepted as a case")), "assign": ("send-fill", lazy("Assigned")),
    "send_back": ("arrow-counterclockwise", lazy("Sent back by the unit")),
    "take_away": ("arrow-counterclockwise", lazy("Given to somebody else")),
    "acknowledge": ("check-lg", lazy("Signed for")), "arrive": ("geo-alt-fill", lazy("On site")),
    "start": ("tools", lazy("Work begins")), "suspend": ("pause-circle-fill", lazy("Has to wait")),
    "resume": ("tools", lazy("Work goes on")), "finish": ("tools", lazy("Work done")),
    "rework": ("arrow-counterclockwise", lazy("Inspected: not good, done again")),
    "approve": ("eye-fill", lazy("Inspected: good")), "satisfied": ("check-circle-fill", lazy("Evaluated: solved")),
    "partly": ("chat-square-text-fill", lazy("Evaluated: better, not all solved")),
    "unhappy": ("exclamation-triangle-fill", lazy("Evaluated: not solved")),
    "unanswered": ("hourglass-split", lazy("Not evaluated")),
    "declare_false": ("x-octagon-fill", lazy("Found to be untrue")),
    "reopen": ("arrow-counterclockwise", lazy("Opened again")), "join": ("people-fill", lazy("A neighbour met it too")),
    "escalate": ("alarm-fill", lazy("Reported upwards, because it is late")),
    "ask_extension": ("clock-history", lazy("More time asked for")),
    "approve_extension": ("clock-history", lazy("More time given")),
    "refuse_extension": ("clock-history", lazy("No more time given")),
    "refuse_return": ("send-fill", lazy("Stays with the unit")), "feed_back": ("reply-fill", lazy("Fed back")),
    "evaluate": ("chat-square-text-fill", lazy("A neighbour evaluated it")),
    "support_reopening": ("people-fill", lazy("A neighbour says it is not put right")),
}
BAD = {"rework", "unhappy", "declare_false", "escalate", "send_back"}
UNTOLD = {"set_title", "show_photos", "hide_photos", "audit", "settle_audit"}
# Which promise a step keeps or breaks.
KEEPS = {"accept": ClockKind.RESPOND, "acknowledge": ClockKind.ACKNOWLEDGE, "finish": ClockKind.RECTIFY,
         "approve": ClockKind.INSPECT, "rework": ClockKind.INSPECT, "arrive": ClockKind.ARRIVE,
         "feed_back": ClockKind.FEED_BACK}


def title(case: Case, kind: str) -> str:
    """What a case is called: as the office named it, else the place, then the kind of problem."""
    return case.title or _("%(place)s %(kind)s", place=case.place, kind=kind)


def late_words(due: dt.datetime, end: dt.datetime) -> str:
    """How late, in whole days; empty in time."""
    if end <= due:
        return ""
    days = (clock.local_date(end) - clock.local_date(due)).days
    return ngettext("%(num)d day late", "%(num)d days late", days) if days else _("late on its day")


def late_work(clocks: Sequence[CaseClock]) -> str:
    """How late the last putting right was or is: ``整改晚了 2 天``; empty in time, and while it stands."""
    rows = [row for row in clocks if row.kind is ClockKind.RECTIFY]
    if not rows or rows[-1].paused_at is not None:
        return ""
    words = late_words(rows[-1].due_at, rows[-1].stopped_at or clock.now())
    return _("Putting right: %(late)s", late=words) if words else ""


def chip_of(case: Case, own: bool = False) -> tuple[str, str, str]:
    """Kind, icon and word of a case's state; ``own``: the reader is the one who is asked."""
    kind, icon, words = STATES[case.state]
    return kind, icon, _("More is asked") if case.state is S.MORE_INFORMATION and not own else str(words)


def waits_for(case: Case, running: CaseClock | None, own: bool = False) -> str:
    """What is waited for, and until when; at the end how it ended. ``own``: said to the one who is waited for."""
    state = case.state
    if not own and state in OTHERS:
        return str(OTHERS[state])
    if state is S.CLOSED:
        return str(OUTCOMES[case.outcome]) if case.outcome is not None else ""
    if state is S.SUSPENDED and case.suspended_until is not None:
        return _("It has to wait, until %(day)s at most", day=format_day(case.suspended_until))
    if state is S.TO_EVALUATE and case.evaluate_by is not None:
        return _("Please say before %(day)s whether it is solved", day=format_day(case.evaluate_by))
    if state is S.MORE_INFORMATION:
        return _("The office asks something; its clock stands until you answer")
    if state is S.DECLINED:
        return _("The reason stands below") if case.appeals else _("The reason stands below; you may appeal once")
    if state in (S.MERGED, S.WITHDRAWN) or running is None:
        return ""
    due = format_moment(running.due_at)
    if state is S.RECEIVED:
        return _("The community answers before %(day)s", day=due)
    if state is S.TO_INSPECT:
        return _("Inspected before %(day)s", day=due)
    return _("Put right before %(day)s", day=due)


def is_late(running: CaseClock | None) -> bool:
    """The clock that runs is past its promise."""
    return running is not None and running.paused_at is None and running.stopped_at is None \
        and running.due_at < clock.now()


def step_now(case: Case) -> int | None:
    """Which of the five steps (assign, put right, inspect, feed back, evaluate) a case stands at; 5 when all are done,
    None where there are none."""
    state = case.state
    if state in (S.DECLINED, S.MERGED, S.WITHDRAWN) or case.outcome is Outcome.FALSE:
        return None
    if state in (S.RECEIVED, S.MORE_INFORMATION, S.ACCEPTED, S.SENT_BACK):
        return 0
    return {S.TO_INSPECT: 2, S.TO_EVALUATE: 4, S.CLOSED: 5}.get(state, 1)


def voices_words(voices: Mapping[Evaluation, int]) -> str:
    """How those who met it too answered, beside the reporter; empty without any."""
    said = {Evaluation.SATISFIED: lazy("solved"), Evaluation.PARTLY: lazy("better"),
            Evaluation.UNHAPPY: lazy("not solved")}
    found = [_("%(answer)s: %(count)s", answer=words, count=voices[answer]) for answer, words in said.items()
             if voices.get(answer)]
    return _(", ").join(found)


@dataclass(frozen=True)
class Step:
    """A line of the history: icon, title, who and when, words for those inside, (kind, icon, text) of a chip."""

    icon: str
    title: str
    who: str
    text: str
    kind: str = ""
    chip: tuple[str, str, str] | None = None


def step_words(verb: str) -> tuple[str, str]:
    """Icon and title of a step."""
    icon, words = STEPS.get(verb, ("info-circle", lazy("Another step")))
    return icon, str(words)


def history(events: Sequence[CaseEvent], clocks: Sequence[CaseClock], *, case: Case, reporter: str, unit: str,
            inside: bool) -> list[Step]:
    """The steps, newest first as the events are given. Words are for those inside: they may name people."""
    found = []
    for event in events:
        if event.verb in UNTOLD or (event.verb == "escalate" and event.detail.get("level") == 80):
            continue  # nothing happened to the problem; 80 % is a reminder to the unit, no lateness
        icon, words = step_words(event.verb)
        found.append(Step(icon, words, f"{format_moment(event.at)} · {_who(event, case, reporter, unit)}",
                          event.text if inside else "", "stop" if event.verb in BAD else "",
                          _chip(event, clocks)))
    return found


def _who(event: CaseEvent, case: Case, reporter: str, unit: str) -> str:
    if event.verb in {"join", "evaluate", "support_reopening"}:
        return _("a neighbour")
    if event.by_user_id is None:
        return _("by its date, nobody’s hand") if event.verb in BY_DATE else _("Another system")
    if event.verb in {"report", "supply", "appeal", "withdraw", "satisfied", "partly", "unhappy"} or (
            event.verb == "reopen" and event.by_user_id == case.reporter_user_id):
        return _("resident %(name)s", name=reporter) if reporter else _("a resident, not named")
    move = MOVES.get(event.verb)
    parts = move.parts if move is not None else frozenset()
    if event.verb == "assign" and unit:
        return _("the community → %(unit)s", unit=unit)
    if (Part.HANDLER in parts and event.verb != "resume") or event.verb in {"ask_extension", "feed_back"}:
        return unit or _("the unit")
    return _("who inspects") if Part.INSPECTOR in parts else _("the community")


def _chip(event: CaseEvent, clocks: Sequence[CaseClock]) -> tuple[str, str, str] | None:
    kind = KEEPS.get(event.verb)
    promised = [row for row in clocks if row.kind is kind and row.started_at <= event.at] if kind is not None else []
    if promised:
        words = late_words(promised[-1].due_at, event.at)
        return ("stop", "alarm-fill", words) if words else ("done", "check-circle-fill", _("in time"))
    if event.verb == "assign":
        work = [row for row in clocks if row.kind is ClockKind.RECTIFY and row.started_at <= event.at]
        if work:
            return ("open", "alarm-fill", _("due %(day)s", day=format_day(work[-1].due_at, weekday=False)))
    return None


def budget_words(rest: Budget) -> str:
    """What a report may still earn, or that it earns nothing; it is welcome all the same."""
    if not rest.earns:
        return _("The rules give no points for reports at present. They are welcome all the same.")
    if rest.is_used_up:
        return _("The points for reports are used up for now. They are welcome all the same.")
    said = [_("The first to report something that is true earns the points of the rules.")]
    if rest.personal is not None and rest.personal.measure is Measure.POINTS:
        said.append(_("Up to your limit %(points)s points are left.", points=format_points(rest.personal.left)))
    elif rest.personal is not None:
        said.append(ngettext("Up to your limit %(num)d report is left.", "Up to your limit %(num)d reports are left.",
                             rest.personal.left))
    if rest.month_left is not None:
        said.append(_("The community has %(points)s points left for this month.",
                      points=format_points(rest.month_left)))
    return (" " if not is_chinese() else "").join(said)
