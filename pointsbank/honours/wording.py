"""Honours in the reader's words: figures, what is missing, chips, steps."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from pointsbank.core.formats import format_minutes, format_month
from pointsbank.core.i18n import N_
from pointsbank.core.points import format_points
from pointsbank.honours.models import (
    BestMonth,
    BestState,
    CertificateState,
    HonourAward,
    HonourLadder,
    HonourProposal,
    HonourYear,
    LadderState,
    Period,
    ProposalState,
    ServiceCertificate,
    YearState,
)
from pointsbank.honours.reaching import Figures, Ladder, Missing, Step, cycle_of
from pointsbank.publicity.models import NoticeState, PublicNotice

Chip = tuple[str, str, str]


def of_figures(minutes: int, honour: int) -> dict[str, Any]:
    """Figures as a text with its values, to be kept with a notice and put into the reader's language there."""
    hours = format_minutes(minutes)
    if honour and minutes:
        return {"text": N_("%(hours)s h and %(honour)s honour points"), "params": {
            "hours": hours, "honour": {"points": honour}}}
    if honour:
        return {"text": N_("%(honour)s honour points"), "params": {"honour": {"points": honour}}}
    return {"text": N_("%(hours)s h of service"), "params": {"hours": hours}}


def amount(minutes: int, honour: int) -> str:
    """``50 h and 500 honour points``; what is 0 is left out, nothing at all is 0 hours."""
    if honour and minutes:
        return _("%(hours)s h and %(honour)s honour points", hours=format_minutes(minutes),
                 honour=format_points(honour))
    if honour:
        return _("%(honour)s honour points", honour=format_points(honour))
    return _("%(hours)s h", hours=format_minutes(minutes))


def thanks(row: HonourAward) -> str:
    """What an honour is granted for, on its certificate."""
    what = amount(row.minutes, row.honour)
    if row.period_key.isdecimal():
        return _("In thanks for %(what)s given to the community in %(year)s, you are granted the honour", what=what,
                 year=row.period_key)
    return _("In thanks for %(what)s given to the community, you are granted the honour", what=what)


def asks(step: Step) -> str:
    """What a step asks for."""
    return amount(step.minutes or 0, step.honour or 0)


def has(ladder: Ladder, figures: Figures) -> str:
    """What somebody has by a ladder's measure: honour points only where the ladder asks for them."""
    needs_honour = any(step.honour for step in ladder.steps)
    needs_hours = any(step.minutes for step in ladder.steps)
    if needs_honour and needs_hours:
        return _("%(hours)s h and %(honour)s honour points", hours=format_minutes(figures.minutes),
                 honour=format_points(figures.honour))
    return amount(0 if needs_honour else figures.minutes, figures.honour if needs_honour else 0)


def lacks(missing: Missing) -> str:
    """What is missing to the next step, in a plain sentence."""
    what = amount(missing.minutes, missing.honour)
    cycle = cycle_of(missing.period_key)
    if cycle is not None and cycle > 1:
        return _("%(what)s more to “%(step)s” of cycle %(cycle)s.", what=what, step=missing.step.name, cycle=cycle)
    return _("%(what)s more to “%(step)s”.", what=what, step=missing.step.name)


def period(ladder: Ladder | HonourLadder) -> str:
    """Over what a ladder counts."""
    if ladder.period is Period.YEAR:
        return _("Counted by calendar year; each year begins anew.")
    if ladder.period is Period.CYCLE:
        return _("Counted in cycles of %(hours)s h; in each cycle every step is given once.",
                 hours=format_minutes(ladder.cycle_minutes or 0))
    return _("Everything since the beginning counts.")


def in_period(period_key: str) -> str:
    """``2026``, ``cycle 2``; nothing for a whole life."""
    cycle = cycle_of(period_key)
    if cycle is not None:
        return _("cycle %(number)s", number=cycle)
    return "" if period_key == "life" else _("year %(year)s", year=period_key)


def month_of(best: BestMonth) -> str:
    """The month whose best member is chosen."""
    return format_month(best.month)


def ladder_chip(row: HonourLadder, today: dt.date) -> Chip:
    """Where a version stands today."""
    if row.state is LadderState.DRAFT or row.in_force_on is None:
        return "wait", "pencil", _("Draft")
    if row.in_force_on > today:
        return "open", "calendar-event", _("To come")
    if row.superseded_on is not None and row.superseded_on <= today:
        return "idle", "clock-history", _("Superseded")
    return "done", "check-circle-fill", _("In force")


def proposal_chip(row: HonourProposal, notice: PublicNotice | None = None) -> Chip:
    """Where a proposal stands."""
    words = {
        ProposalState.PROPOSED: ("wait", "hourglass-split", _("To confirm")),
        ProposalState.CONFIRMED: ("open", "check2", _("Confirmed")),
        ProposalState.GRANTED: ("done", "check-circle-fill", _("Granted")),
        ProposalState.DECLINED: ("idle", "dash-circle", _("Declined")),
        ProposalState.STRUCK: ("idle", "dash-circle", _("Struck")),
        ProposalState.REVOKED: ("stop", "x-circle", _("Revoked")),
    }
    if row.state is ProposalState.CONFIRMED and notice is not None and notice.state is not NoticeState.DISCARDED:
        return "open", "megaphone-fill", _("On notice")
    return words[row.state]


def best_chip(best: BestMonth) -> Chip:
    """Where a month's choice stands."""
    return {
        BestState.FIRST: ("open", "hand-index", _("Vote is open")),
        BestState.SECOND: ("open", "hand-index", _("Second ballot")),
        BestState.LEADER: ("wait", "hourglass-split", _("Leader decides")),
        BestState.DECIDED: ("done", "check-circle-fill", _("The team has chosen")),
        BestState.NOBODY: ("idle", "dash-circle", _("Nobody")),
    }[best.state]


def year_chip(row: HonourYear) -> Chip:
    """Where a year's statement stands."""
    if row.state is YearState.FROZEN:
        return "done", "lock-fill", _("Closed and frozen")
    return "wait", "hourglass-split", _("To freeze")


def certificate_chip(row: ServiceCertificate, notice: PublicNotice | None = None) -> Chip:
    """Where a certificate stands."""
    if row.state is CertificateState.PREPARED and notice is not None:
        if notice.state is NoticeState.PUBLISHED:
            return "open", "megaphone-fill", _("On notice")
        if notice.state is NoticeState.CLOSED:
            return "wait", "hourglass-split", _("To issue")
    return {
        CertificateState.REQUESTED: ("wait", "hourglass-split", _("Asked for")),
        CertificateState.PREPARED: ("open", "file-earmark-check", _("Prepared")),
        CertificateState.ISSUED: ("done", "check-circle-fill", _("Issued")),
        CertificateState.REFUSED: ("idle", "dash-circle", _("Not issued")),
        CertificateState.WITHDRAWN: ("stop", "x-circle", _("Void")),
    }[row.state]


def figures_words(rounds: int, snapshots: int) -> str:
    """What a member did in a month."""
    parts = [ngettext("%(num)d round", "%(num)d rounds", rounds)] if rounds else []
    parts += [ngettext("%(num)d snapshot accepted", "%(num)d snapshots accepted", snapshots)] if snapshots else []
    return " · ".join(parts)


def league_name(place: int, name: str) -> str:
    """A league's heading: the community's own name, or the house's."""
    return name or (_("Residents") if place == 0 else _("Cadres and party members"))
