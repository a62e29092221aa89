"""Requests for a review in the reader's words: where each stands, until the points are in the passbook."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from pointsbank.contributions.describing import deed_state, line_state
from pointsbank.contributions.models import Appeal, AppealState, Correction, State
from pointsbank.contributions.queries.appeals import Standing
from pointsbank.core import clock
from pointsbank.core.formats import format_day, format_minutes, format_short_day
from pointsbank.core.points import format_points
from pointsbank.publicity.models import PublicNotice
from pointsbank.publicity.wording import due_chip

Chip = tuple[str, str, str]


def chip(appeal: Appeal) -> Chip:
    """The state of a request; one that is open says how long there is left."""
    if appeal.state is AppealState.UPHELD:
        return "done", "check-circle-fill", _("Was right")
    if appeal.state is AppealState.DISMISSED:
        return "idle", "dash-circle", _("Decision stands")
    if appeal.state is AppealState.WITHDRAWN:
        return "idle", "arrow-counterclockwise", _("Withdrawn")
    return due_chip(appeal.answer_due_on)


def is_late(appeal: Appeal) -> bool:
    """The answer is overdue."""
    return appeal.state is AppealState.OPEN and appeal.answer_due_on < clock.today()


def where(appeal: Appeal, standing: Standing, boards: Mapping[int, PublicNotice]) -> str:
    """In a sentence: what it waits for, or what came out."""
    if standing.stage == "open":
        if is_late(appeal):
            return _("The answer was due by %(day)s. It is late, and the office has been shown that.",
                     day=format_day(appeal.answer_due_on))
        return _("The answer comes in writing by %(day)s.", day=format_day(appeal.answer_due_on))
    if standing.stage == "withdrawn":
        return _("Taken back before it was answered.")
    if standing.stage == "dismissed":
        return _("Looked at again: the decision stands.")
    if standing.stage == "second_person" and standing.correction is not None:
        return _("It is put right as soon as a second person has agreed. Proposed on %(day)s.",
                 day=format_short_day(standing.correction.proposed_at))
    if standing.stage == "refused":
        why = standing.correction.answer if standing.correction is not None else ""
        return _("The second person did not agree with the proposal: %(why)s It is proposed anew.", why=why)
    return _anew(standing, boards)


def _anew(standing: Standing, boards: Mapping[int, PublicNotice]) -> str:
    """Where the deed recorded anew stands."""
    deed = standing.deed
    if deed is None:
        return ""
    if deed.state is State.APPROVED and not deed.waits_for_household:
        shown = [line_state(line, boards.get(line.notice_id or 0)) for line in standing.lines if line.book != "minutes"]
        text = " ".join(dict.fromkeys(f"{state[2]}{_(': ')}{because}" for state, because in shown))
        return _("Recorded anew and accepted. %(where)s", where=text) if text else _(
            "Recorded anew and accepted. It earned no points; its page says why.")
    state, because = deed_state(deed)
    return _("Recorded anew. %(state)s: %(because)s", state=state[2], because=because)


def figures(correction: Correction) -> str:
    """What is to be different when a deed is recorded anew; empty where nothing but the judgement is."""
    parts = []
    if correction.right_item_code:
        parts.append(_("item %(code)s", code=correction.right_item_code))
    if correction.right_minutes is not None:
        parts.append(_("%(n)s h", n=format_minutes(correction.right_minutes)))
    if correction.right_units is not None:
        parts.append(_("number %(n)s", n=correction.right_units))
    if correction.right_score is not None:
        parts.append(_("score %(n)s", n=format_points(correction.right_score)))
    if correction.right_amount_fen is not None:
        parts.append(_("%(n)s yuan", n=format_points(correction.right_amount_fen)))
    return _(", ").join(parts)
