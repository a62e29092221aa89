"""Cases in the words of the office: states, steps, deadlines with their lateness."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from pointsbank.cases.desk_queries import Possible, Row, Tab
from pointsbank.cases.models import (
    Case,
    CaseClass,
    CaseClock,
    CaseEvent,
    CaseSignal,
    CaseState,
    CaseVisibility,
    ClockKind,
    Outcome,
    SignalKind,
    Source,
    SpanUnit,
    Verdict,
)
from pointsbank.cases.moves import BY_DATE, MOVES, Part
from pointsbank.core import clock
from pointsbank.core.errors import lazy
from pointsbank.core.formats import format_moment

S = CaseState
STATES: dict[CaseState, tuple[str, str, Any]] = {
    S.RECEIVED: ("wait", "inbox-fill", lazy("Reported")),
    S.MORE_INFORMATION: ("wait", "question-circle-fill", lazy("More is asked")),
    S.DECLINED: ("idle", "dash-circle", lazy("Not taken on")), S.MERGED: ("idle", "link-45deg", lazy("Merged")),
    S.WITHDRAWN: ("idle", "arrow-counterclockwise", lazy("Withdrawn")),
    S.ACCEPTED: ("open", "check-lg", lazy("Case opened")), S.ASSIGNED: ("open", "send-fill", lazy("Given to a unit")),
    S.SENT_BACK: ("stop", "reply-fill", lazy("Back from the unit")),
    S.ACKNOWLEDGED: ("open", "pen-fill", lazy("The unit has it")),
    S.ON_SITE: ("open", "geo-alt-fill", lazy("On site")), S.RECTIFYING: ("open", "tools", lazy("In work")),
    S.SUSPENDED: ("wait", "pause-circle-fill", lazy("On hold for now")),
    S.TO_INSPECT: ("wait", "eye-fill", lazy("To inspect")),
    S.REWORK: ("stop", "arrow-counterclockwise", lazy("Rework")),
    S.TO_EVALUATE: ("wait", "chat-square-text-fill", lazy("To evaluate")),
    S.CLOSED: ("done", "check-circle-fill", lazy("Case closed")),
}
TABS: dict[Tab, Any] = {
    Tab.NEW: lazy("New ones"), Tab.UNASSIGNED: lazy("To give out"), Tab.SENT_BACK: lazy("Came back from the units"),
    Tab.OVERDUE: lazy("Overdue"), Tab.WORK: lazy("With the units"), Tab.SUSPENDED: lazy("On hold for now"),
    Tab.EVALUATE: lazy("Being evaluated"), Tab.ALL: lazy("All cases"),
}
# What a button says, its icon, what stands above its form, what was done.
VERBS: dict[str, tuple[str, Any, Any, Any]] = {
    "ask_more": ("question-circle", lazy("Ask for more"), lazy("What do you need to know?"),
                 lazy("Asked. The clock stands until the answer comes.")),
    "supply": ("pencil", lazy("Add it"), lazy("What is known"), lazy("Answered.")),
    "decline": ("dash-circle", lazy("Do not take it on"), lazy("Do not take it on"),
                lazy("Not taken on. The reason went to whoever reported it.")),
    "appeal": ("pencil", lazy("Appeal"), lazy("Why it should be taken on"), lazy("The appeal has come in.")),
    "merge": ("link-45deg", lazy("Merge"), lazy("The same problem as another one"),
              lazy("Merged. It follows the other one and can be split off again.")),
    "split": ("scissors", lazy("Split off"), lazy("A problem of its own after all"), lazy("Split off.")),
    "withdraw": ("arrow-counterclockwise", lazy("Take the report back"), lazy("Withdraw the report"),
                 lazy("Withdrawn.")),
    "accept": ("check-lg", lazy("Open a case"), lazy("Open a case"), lazy("Accepted. Give it out now.")),
    "assign": ("send-fill", lazy("Give out"), lazy("Who puts it right?"), lazy("Given out. They are told.")),
    "send_back": ("reply", lazy("Back to the office"), lazy("Not ours: send it back"),
                  lazy("Sent back. The office finds somebody else.")),
    "refuse_return": ("send", lazy("It stays with the unit"), lazy("Refuse the return"),
                      lazy("Refused. It stays with the unit, and the clock runs on.")),
    "partly": ("check-lg", lazy("Partly"), lazy("Is it put right?"), lazy("Case closed.")),
    "take_away": ("reply", lazy("Take away"), lazy("Take it away from the unit"),
                  lazy("Taken away. Give it out anew.")),
    "acknowledge": ("pen", lazy("Take on"), lazy("Take it on"), lazy("Taken on.")),
    "arrive": ("geo-alt", lazy("I am there"), lazy("On site"), lazy("Noted that you are there.")),
    "start": ("tools", lazy("Begin"), lazy("Work begins"), lazy("Noted that work has begun.")),
    "suspend": ("pause-circle", lazy("Put on hold"), lazy("Put it on hold"),
                lazy("On hold. It comes back by itself.")),
    "resume": ("play-circle", lazy("Go on with it"), lazy("Work goes on"), lazy("Work goes on.")),
    "finish": ("check-lg", lazy("It is done"), lazy("Is it done?"),
               lazy("Reported as done. Somebody else inspects it.")),
    "rework": ("arrow-counterclockwise", lazy("Not good yet"), lazy("It has to be done again"),
               lazy("Sent back to be done again. The first deadline stays.")),
    "approve": ("check-lg", lazy("It is good"), lazy("It is put right"),
                lazy("Passed. Whoever reported it is asked whether they are satisfied.")),
    "satisfied": ("check-lg", lazy("Satisfied"), lazy("Is it put right?"), lazy("Closed.")),
    "unhappy": ("arrow-counterclockwise", lazy("Not put right"), lazy("What is not right?"), lazy("Open again.")),
    "declare_false": ("x-octagon", lazy("Untrue"), lazy("The report was untrue"),
                      lazy("Closed as untrue. Its points are taken back in the way of corrections.")),
    "reopen": ("arrow-counterclockwise", lazy("Open the case again"), lazy("Open the case again"), lazy("Open again.")),
}
# What a step reads like in the course.
COURSE: dict[str, tuple[str, Any]] = {
    "report": ("camera", lazy("The report came in")), "enter": ("telephone", lazy("Entered by the office")),
    "join": ("people", lazy("A neighbour says: me too")),
    "comment": ("chat-left-text", lazy("Said on another platform")),
    "ask_more": ("question-circle", lazy("More was asked")), "supply": ("pencil", lazy("Answered")),
    "decline": ("dash-circle", lazy("Not taken on")), "appeal": ("pencil", lazy("Appeal")),
    "merge": ("link-45deg", lazy("Merged with another one")), "split": ("scissors", lazy("Split off again")),
    "withdraw": ("arrow-counterclockwise", lazy("Withdrawn")), "accept": ("check-lg", lazy("Case opened")),
    "assign": ("send-fill", lazy("Given to a unit")), "send_back": ("reply", lazy("Sent back by the unit")),
    "take_away": ("reply", lazy("Taken away from the unit")), "acknowledge": ("pen", lazy("Taken on by the unit")),
    "arrive": ("geo-alt", lazy("On site")), "start": ("tools", lazy("Work began")),
    "suspend": ("pause-circle", lazy("Put on hold")), "resume": ("play-circle", lazy("Work goes on")),
    "finish": ("tools", lazy("Reported as done")),
    "rework": ("arrow-counterclockwise", lazy("Inspected: not good yet")),
    "approve": ("eye", lazy("Inspected: good")), "satisfied": ("check-circle-fill", lazy("Satisfied, closed")),
    "unhappy": ("arrow-counterclockwise", lazy("Not put right, open again")),
    "unanswered": ("check-circle-fill", lazy("Nobody answered, closed")),
    "declare_false": ("x-octagon", lazy("Untrue, closed")),
    "reopen": ("arrow-counterclockwise", lazy("Open the case again")),
    "refuse_return": ("send", lazy("Return refused, it stays with the unit")),
    "partly": ("check-circle-fill", lazy("Partly put right, closed")),
    "evaluate": ("chat-square-text", lazy("A neighbour evaluated it")),
    "support_reopening": ("arrow-counterclockwise", lazy("A neighbour wants it opened again")),
    "refuse_extension": ("hourglass-split", lazy("More time refused")),
    "feed_back": ("reply-fill", lazy("Word to the reporter")),
    "show_photos": ("eye", lazy("Photos shown to others")),
    "hide_photos": ("eye-slash", lazy("Photos no longer shown")),
    "set_title": ("pencil", lazy("Title for others changed")),
    "audit": ("search", lazy("Looked at again")), "settle_audit": ("search", lazy("Second look settled")),
    "ask_extension": ("hourglass-split", lazy("More time asked for")),
    "approve_extension": ("hourglass-split", lazy("More time given")),
}
PARTS: dict[Part, Any] = {
    Part.REPORTER: lazy("whoever reported it"), Part.DISPATCHER: lazy("the office"), Part.HANDLER: lazy("the unit"),
    Part.INSPECTOR: lazy("the inspector"), Part.SYSTEM: lazy("by itself"), Part.NEIGHBOURS: lazy("neighbours"),
}
CLOCKS: dict[ClockKind, Any] = {
    ClockKind.RESPOND: lazy("First answer"), ClockKind.DISPATCH: lazy("Giving out"),
    ClockKind.ACKNOWLEDGE: lazy("Taking on"), ClockKind.ARRIVE: lazy("Arriving"), ClockKind.RECTIFY: lazy("Repair"),
    ClockKind.FEED_BACK: lazy("Word to the reporter"),
    ClockKind.INSPECT: lazy("Inspection"), ClockKind.EVALUATE: lazy("Evaluation"),
}
SPANS: dict[SpanUnit, Any] = {
    SpanUnit.MINUTES: lazy("minutes, day and night"), SpanUnit.WORK_HOURS: lazy("working hours"),
    SpanUnit.WORK_DAYS: lazy("working days"),
}
CLASSES: dict[CaseClass, Any] = {
    CaseClass.PUBLIC: lazy("Public matter"), CaseClass.SHARED: lazy("Matter of the neighbours"),
    CaseClass.FAMILY: lazy("Family matter, never public"),
}
VISIBLE: dict[CaseVisibility, Any] = {
    CaseVisibility.PUBLIC: lazy("Everybody"), CaseVisibility.RESIDENTS: lazy("Residents"),
    CaseVisibility.STAFF: lazy("The office and the unit alone"),
}
OUTCOMES: dict[Outcome, Any] = {
    Outcome.FIXED: lazy("Put right"), Outcome.BY_ITSELF: lazy("It had resolved by itself"),
    Outcome.CANNOT: lazy("It cannot be put right"), Outcome.NOT_OURS: lazy("It is not for us to put right"),
    Outcome.FALSE: lazy("The report was untrue"),
}
SOURCES: dict[Source, Any] = {
    Source.SNAPSHOT: lazy("Snapshot"), Source.PATROL: lazy("Patrol"), Source.GRID_WORKER: lazy("Grid worker"),
    Source.VISIT: lazy("Visit to the office"), Source.HOTLINE: lazy("Hotline"), Source.OPEN311: lazy("Another system"),
}


VERDICTS: dict[Verdict, Any] = {
    Verdict.HOLDS: lazy("It holds"), Verdict.NOT_FIXED: lazy("It is not put right: open it again"),
    Verdict.FALSE: lazy("The report was untrue"),
}
SIGNALS: dict[SignalKind, Any] = {
    SignalKind.REUSED_PHOTO: lazy("A photo was sent before"),
    SignalKind.BEFORE_IS_AFTER: lazy("Before and after look alike"),
    SignalKind.OWN_FIXER: lazy("Whoever reported it stands near the unit"),
    SignalKind.IMPOSSIBLE_TRAVEL: lazy("Too far from the report before"),
    SignalKind.MANY_AT_ONCE: lazy("Many reports within a minute"),
}


def signal_text(signal: CaseSignal) -> str:
    """What was compared with what."""
    detail = signal.detail
    if signal.kind is SignalKind.IMPOSSIBLE_TRAVEL:
        return _("%(km)s km from no. %(number)s, %(time)s later", km=f"{detail['metres'] / 1000:.1f}",
                 number=detail["case"], time=lasted(detail["seconds"]))
    if signal.kind is SignalKind.MANY_AT_ONCE:
        return ngettext("%(num)d report within a minute", "%(num)d reports within a minute", detail["reports"])
    if signal.kind is SignalKind.OWN_FIXER:
        return _("Whoever reported it, or their family, works for the unit that puts it right.")
    if detail.get("case") == signal.case_id:
        return _("The photo from afterwards looks like the one from before.")
    return _("It looks like a photo of no. %(number)s.", number=detail["case"])


def lasted(seconds: int) -> str:
    """A length of time in its largest unit."""
    minutes = max(seconds // 60, 1)
    if minutes < 60:
        return ngettext("%(num)d minute", "%(num)d minutes", minutes)
    return ngettext("%(num)d hour", "%(num)d hours", minutes // 60)


def overrun(due: dt.datetime, until: dt.datetime) -> str:
    """By how much a repair is or was late."""
    return _("%(what)s: %(time)s late", what=CLOCKS[ClockKind.RECTIFY], time=late_by(due, until))


def span(number: int, unit: SpanUnit) -> str:
    """``2 个工作日``."""
    if unit is SpanUnit.MINUTES:
        if number % 60:
            return ngettext("%(num)d minute", "%(num)d minutes", number)
        return ngettext("%(num)d hour", "%(num)d hours", number // 60)
    if unit is SpanUnit.WORK_HOURS:
        return ngettext("%(num)d working hour", "%(num)d working hours", number)
    return ngettext("%(num)d working day", "%(num)d working days", number)


def late_by(due: dt.datetime, until: dt.datetime) -> str:
    """How much later, in the largest unit: ``2 天``, ``3 小时``, ``5 分钟``; a part of one counts whole."""
    minutes = max(-(-(until - due) // dt.timedelta(minutes=1)), 1)
    if minutes < 60:
        return ngettext("%(num)d minute", "%(num)d minutes", minutes)
    if minutes < 24 * 60:
        return ngettext("%(num)d hour", "%(num)d hours", minutes // 60)
    return ngettext("%(num)d whole day", "%(num)d whole days", minutes // (24 * 60))


def due_chip(row: CaseClock | None) -> tuple[str, str, str] | None:
    """What is waited for, until when, or how late it is; None where nothing is waited for."""
    if row is None:
        return None
    now, what = clock.now(), CLOCKS[row.kind]
    if row.stopped_at is not None:
        if row.stopped_at > row.due_at:
            late = late_by(row.due_at, row.stopped_at)
            return "stop", "alarm-fill", _("%(what)s: %(time)s late", what=what, time=late)
        return "done", "check-circle-fill", _("%(what)s: in time", what=what)
    if row.paused_at is not None:
        return "idle", "pause-circle-fill", _("%(what)s: the clock stands", what=what)
    if row.due_at <= now and row.kind is not ClockKind.EVALUATE:
        return "stop", "alarm-fill", _("%(what)s: %(time)s late", what=what, time=late_by(row.due_at, now))
    text = _("%(what)s by %(moment)s", what=what, moment=format_moment(row.due_at))
    soon = row.due_at - now <= dt.timedelta(days=1) and row.kind is not ClockKind.EVALUATE
    return ("wait", "hourglass-split", text) if soon else ("idle", "clock", text)


def urgency(row: CaseClock | None) -> str:
    """The heading of a unit's list that a case stands under."""
    now, today = clock.now(), clock.today()
    if row is None or row.paused_at is not None:
        return _("After this week")
    if row.due_at <= now:
        return _("Overdue")
    day = clock.local_date(row.due_at)
    if day <= today:
        return _("Today")
    return _("This week") if day <= today + dt.timedelta(days=6 - today.weekday()) else _("After this week")


def by_urgency(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """A list by deadline under its headings, in its order."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(urgency(row.clock), []).append(row)
    return list(groups.items())


def where_title(case: Case) -> str:
    """What the plan of a case shows."""
    return _("Where %(place)s is", place=case.place)


def from_whom(case: Case, reporter: str) -> str:
    """Who reported it, masked, and by which way."""
    way = str(SOURCES[case.source])
    if reporter and case.anonymous:
        return _("%(way)s, %(name)s (unnamed to others)", way=way, name=reporter)
    return _("%(way)s, %(name)s", way=way, name=reporter) if reporter else way


def _part(event: CaseEvent, case: Case) -> Part:
    if event.by_user_id is None:
        return Part.SYSTEM
    known = {"report": Part.REPORTER, "ask_extension": Part.HANDLER, "join": Part.NEIGHBOURS,
             "evaluate": Part.NEIGHBOURS, "support_reopening": Part.NEIGHBOURS}
    if event.verb == "audit":
        return Part.INSPECTOR
    if event.verb == "feed_back" and event.by_user_id == case.handler_id:
        return Part.HANDLER
    parts = MOVES[event.verb].parts if event.verb in MOVES else {known.get(event.verb, Part.DISPATCHER)}
    if Part.REPORTER in parts and (len(parts) == 1 or event.by_user_id == case.reporter_user_id):
        return Part.REPORTER
    if Part.HANDLER in parts and (len(parts) == 1 or event.by_user_id == case.handler_id):
        return Part.HANDLER
    return next(part for part in (Part.DISPATCHER, Part.INSPECTOR, Part.HANDLER, *Part) if part in parts)


def course(case: Case, events: Sequence[CaseEvent], names: dict[int, str], reporter: str) -> list[dict[str, Any]]:
    """The course for the office, newest first: staff by name, whoever reported masked."""
    found = []
    neighbours = {event.by_user_id for event in events if event.verb == "support_reopening"}
    for number, event in enumerate(reversed(events)):
        part = _part(event, case)
        if event.verb == "reopen" and part is Part.INSPECTOR and event.by_user_id in neighbours:
            part = Part.NEIGHBOURS
        who = {Part.REPORTER: reporter, Part.NEIGHBOURS: ""}.get(part, names.get(event.by_user_id or 0, ""))
        hand = _("Another system") if part is Part.SYSTEM and event.verb not in BY_DATE else PARTS[part]
        by = f"{hand} {who}".strip()
        icon, title = COURSE.get(event.verb, ("dot", event.verb))
        kind = "now" if not number else "stop" if event.verb in ("rework", "send_back", "unhappy", "escalate") else ""
        if event.verb == "escalate":
            icon = "alarm-fill"
            title = _escalated(event)
        found.append({"icon": icon, "title": title, "who": f"{format_moment(event.at)} · {by}", "text": event.text,
                      "kind": kind})
    return found


def _escalated(event: CaseEvent) -> str:
    what = CLOCKS[ClockKind(event.detail["clock"])]
    level = int(event.detail["level"])
    if level < 100:
        return _("%(what)s is due soon", what=what)
    return {100: _("%(what)s is overdue: it is with the supervisor", what=what),
            200: _("%(what)s is overdue twice over: to the joint meeting", what=what)}.get(
        level, _("%(what)s is overdue three times over", what=what))


def buttons(steps: Sequence[Possible]) -> str:
    """The steps that somebody else has to take, as their buttons say them."""
    return _(", ").join(str(VERBS[one.move.verb][1]) for one in steps)
