"""Signals for people: something about a case that somebody should look at. None of them changes anything by itself.

They are asked off the request, soon after a report came in, somebody was given the case, or it was put right.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from pointsbank.cases import policy, queries
from pointsbank.cases.errors import NotIndependent, NotYourPart, SettledAlready
from pointsbank.cases.models import Case, CaseSignal, Report, SignalKind, Source
from pointsbank.cases.services.steps import words
from pointsbank.contributions.queries import facts_of, facts_of_users
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.media.models import Purpose
from pointsbank.places.coordinates import distance

FASTEST_KMH = 120
SLACK_M = 300
TRAVELS_FOR = dt.timedelta(hours=12)
MANY = 5
AT_ONCE = dt.timedelta(minutes=1)
# Who carries the phone themselves; staff enter what they were told, from wherever they sit.
ON_FOOT = (Source.SNAPSHOT, Source.PATROL)


def watch(community_id: int, case_id: int) -> int:
    """Ask all signals about a case that something new came in for; returns how many are new."""
    case = get_scoped(Case, case_id, community_id, lock=True)
    reports = db.session.scalars(scoped(Report, community_id).where(
        Report.case_id == case.id).order_by(Report.id)).all()
    found = [*_photos(case, reports), *_fixer(case)]
    for report in reports:
        if case.source in ON_FOOT:
            found += [*_travel(report), *_many(report)]
    known = {(row.kind, row.about) for row in db.session.scalars(
        scoped(CaseSignal, community_id).where(CaseSignal.case_id == case.id))}
    new = {(kind, about): detail for kind, about, detail in found if (kind, about) not in known}
    db.session.add_all(CaseSignal(community_id=community_id, case_id=case.id, kind=kind, about=about, detail=detail,
                                  at=clock.now()) for (kind, about), detail in new.items())
    case.to_watch = False
    db.session.flush()
    return len(new)


Found = tuple[SignalKind, str, dict[str, Any]]


def _photos(case: Case, reports: Collection[Report]) -> list[Found]:
    """A photo that was sent before, one that shows what was put right elsewhere, an after that is its own before."""
    own = {report.key for report in reports}
    first = min((report.sent_at for report in reports), default=case.opened_at)
    before = queries.near_owners(case.community_id, own, Purpose.REPORT, first)
    repairs = queries.near_owners(case.community_id, own, Purpose.REPAIR, first)
    found: list[Found] = [(SignalKind.REUSED_PHOTO, f"case:{one}", {"case": one}) for one in sorted(
        queries.cases_of(case.community_id, {int(key.partition(":")[2]) for key in before}) - {case.id})]
    found += [(SignalKind.BEFORE_IS_AFTER, key, {"case": int(key.partition(":")[2])})
              for key in sorted(repairs - {case.key})]
    hung = queries.last_hung(case.community_id, case.key)
    if hung is not None:
        elsewhere = queries.near_owners(case.community_id, {case.key}, Purpose.REPAIR, hung)
        found += [(SignalKind.REUSED_PHOTO, f"repair:{key.partition(':')[2]}",
                   {"case": int(key.partition(":")[2]), "repair": True}) for key in sorted(elsewhere)]
        if queries.near_owners(case.community_id, {case.key}, Purpose.REPORT, hung) & own:
            found.append((SignalKind.BEFORE_IS_AFTER, case.key, {"case": case.id}))
    return found


def _fixer(case: Case) -> list[Found]:
    """The reporter, or somebody of their family, works for the unit that puts it right."""
    if case.unit_id is None or case.handler_id is None:
        return []
    unit = {case.handler_id, *queries.unit_users(case.community_id, case.unit_id)}
    day, who = clock.local_date(case.opened_at), case.reporter_resident_id
    hit = case.reporter_user_id in unit
    if who is not None and not hit:
        hit = any(one.is_kin(who, case.household_id, day) for one in facts_of_users(unit).values())
    return [(SignalKind.OWN_FIXER, f"unit:{case.unit_id}", {"unit": case.unit_id})] if hit else []


def _travel(report: Report) -> list[Found]:
    """Nobody gets from one report to the next that fast."""
    if report.lat is None or report.lon is None:
        return []
    walked = scoped(Report, report.community_id).join(Case, Case.id == Report.case_id).where(
        Case.source.in_(ON_FOOT), Report.sender_key == report.sender_key, Report.id < report.id,
        Report.lat.is_not(None), Report.sent_at > report.sent_at - TRAVELS_FOR)
    last = db.session.scalars(walked.order_by(Report.id.desc()).limit(1)).one_or_none()
    if last is None or last.lat is None or last.lon is None:
        return []
    metres = distance((last.lat, last.lon), (report.lat, report.lon))
    seconds = (report.sent_at - last.sent_at).total_seconds()
    if metres <= SLACK_M + FASTEST_KMH / 3.6 * seconds:
        return []
    return [(SignalKind.IMPOSSIBLE_TRAVEL, f"case:{last.case_id}", {
        "case": last.case_id, "metres": round(metres), "seconds": round(seconds)})]


def _many(report: Report) -> list[Found]:
    """The fifth report of one sender within a minute; those after it say nothing new."""
    count = db.session.scalar(sa.select(sa.func.count()).select_from(Report).where(
        Report.community_id == report.community_id, Report.sender_key == report.sender_key, Report.id <= report.id,
        Report.sent_at > report.sent_at - AT_ONCE)) or 0
    return [(SignalKind.MANY_AT_ONCE, f"report:{report.id}", {"reports": count})] if count == MANY else []


def settle_signal(actor: Actor, signal_id: int, text: str) -> CaseSignal:
    """Somebody of the office who has no part in the case writes down what they found. Whatever has to follow (a false
    report, another unit) is a step of its own. Raises NotFound, NotYourPart, NotIndependent, SettledAlready,
    ReasonMissing."""
    row = get_scoped(CaseSignal, signal_id, actor.community_id, lock=True)
    if actor.user_id is None or not actor.has_role(*policy.DISPATCHERS):
        raise NotYourPart
    case = get_scoped(Case, row.case_id, actor.community_id)
    if policy.barred(actor, case, facts_of(actor.user_id), queries.unit_users(case.community_id, case.unit_id)):
        raise NotIndependent
    if row.settled_at is not None:
        raise SettledAlready
    row.verdict, row.settled_by_id, row.settled_at = words(text), actor.user_id, clock.now()
    db.session.flush()
    audit.write(actor, "cases.settle_signal", f"case_signal:{row.id}")
    return row
