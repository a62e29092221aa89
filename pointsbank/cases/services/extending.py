"""More time to put a case right: asked by its handler once, approved or refused once by somebody else."""

from __future__ import annotations

from pointsbank.cases import policy
from pointsbank.cases.errors import NoExtension, NotIndependent, NotYourPart
from pointsbank.cases.models import Case, CaseClock, ClockKind, SpanUnit
from pointsbank.cases.services import clocks, telling
from pointsbank.cases.services.steps import concerned, note, tell_about, words
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.i18n import N_

MOST_EXTRA = {SpanUnit.MINUTES: 1440, SpanUnit.WORK_HOURS: 80, SpanUnit.WORK_DAYS: 30}
_ASKED = N_("More time was asked for report %(number)s (%(what)s). The office decides about it.")
_APPROVED = N_("Report %(number)s (%(what)s) has got more time, once.")
_REFUSED = N_("Report %(number)s (%(what)s) has got no more time. The first date stays.")


def ask_extension(actor: Actor, case_id: int, extra: int, why: str) -> CaseClock:
    """The handler asks for more time to put it right, once; ``extra`` in the unit of the span.

    Raises NotFound, NotYourPart, NoExtension, ReasonMissing.
    """
    case = get_scoped(Case, case_id, actor.community_id, lock=True)
    if actor.user_id is None or actor.user_id != case.handler_id:
        raise NotYourPart
    row = _rectifying(case)
    if row.asked_by_id is not None or not 0 < extra <= MOST_EXTRA[row.unit]:
        raise NoExtension
    row.asked_why, row.extra, row.asked_by_id = words(why), extra, actor.user_id
    db.session.flush()
    note(actor, case, "ask_extension", case.state, row.asked_why, extra=extra, unit=row.unit.value)
    near = concerned(case)
    tell_about(case, near, _ASKED)
    telling.tell_office(actor, case, _ASKED, but=near)
    return row


def approve_extension(actor: Actor, case_id: int) -> CaseClock:
    """A dispatcher who neither asked nor handles agrees, once. Raises NotFound, NotYourPart, NotIndependent,
    NoExtension."""
    case, row = _asked(actor, case_id)
    row.extended_by_id = actor.user_id
    clocks.reckon(row, clocks.calendar_of(case.community_id, [row]))
    db.session.flush()
    note(actor, case, "approve_extension", case.state, extra=row.extra, unit=row.unit.value)
    _tell(actor, case, _APPROVED)
    return row


def refuse_extension(actor: Actor, case_id: int, why: str) -> CaseClock:
    """A dispatcher who neither asked nor handles says no, with a reason; it can't be asked again. Raises as approving
    does, and ReasonMissing."""
    case, row = _asked(actor, case_id)
    said = words(why)
    row.refused_by_id = actor.user_id
    db.session.flush()
    note(actor, case, "refuse_extension", case.state, said, extra=row.extra, unit=row.unit.value)
    _tell(actor, case, _REFUSED)
    return row


def _asked(actor: Actor, case_id: int) -> tuple[Case, CaseClock]:
    case = get_scoped(Case, case_id, actor.community_id, lock=True)
    if actor.user_id is None or not actor.has_role(*policy.DISPATCHERS):
        raise NotYourPart
    row = _rectifying(case)
    if row.asked_by_id is None or row.extended_by_id is not None or row.refused_by_id is not None:
        raise NoExtension
    if actor.user_id in (row.asked_by_id, case.handler_id) or policy.is_reporter(actor, case):
        raise NotIndependent
    return case, row


def _tell(actor: Actor, case: Case, text: str) -> None:
    near = concerned(case)
    tell_about(case, near, text)
    telling.tell_users(case, {case.handler_id} - {actor.user_id}, text, but=near)


def _rectifying(case: Case) -> CaseClock:
    """The clock under way. Raises NoExtension while none runs."""
    rows = [row for row in clocks.of(case, ClockKind.RECTIFY) if row.paused_at is None]
    if not rows:
        raise NoExtension
    return rows[0]
