"""A past period under another version of the standard: what it would have cost, and who would have more or less.

It is read, judged by the very loop that judges in earnest, and summed up; nothing is written but the job's own row.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sqlalchemy as sa

from pointsbank.communities import settings as community_settings
from pointsbank.contributions.models import AwardLine, Contribution, LineState, State
from pointsbank.contributions.services.facts import deed_of, known_of
from pointsbank.core import clock
from pointsbank.core import db as edge
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import Forbidden, Invalid, NotFound, lazy
from pointsbank.core.jobs import Job, JobState, enqueue
from pointsbank.ledger.models import Book
from pointsbank.people import queries as people
from pointsbank.rules import policy
from pointsbank.rules import queries as rules
from pointsbank.rules import services as judging
from pointsbank.rules.evaluation import Deed, Evaluation, Version
from pointsbank.rules.models import ScoringRule, ScoringStandard, Shape, Window

KIND = "contributions.simulate"
CHUNK = 2000
LONGEST = dt.timedelta(days=3 * 366)
YEAR = 365
# Where the windows of caps begin that are open on a day; an activity, a day and a week begin within it or just before.
_REACH = {Window.ACTIVITY: 0, Window.DAY: 0, Window.WEEK: 7, Window.MONTH: 31, Window.QUARTER: 92}


def start(actor: Actor, standard_id: int, since: dt.date, until: dt.date) -> Job:
    """Ask for a replay of the deeds done from ``since`` to ``until`` (both counted) under a standard.

    Raises Forbidden, NotFound, Invalid for a period that is upside down, to come, or longer than three years.
    """
    if actor.community_id is None or not policy.may_look(actor):
        raise Forbidden
    standard = get_scoped(ScoringStandard, standard_id, actor.community_id)
    if since > until:
        raise Invalid(fields={"since": lazy("The first day lies after the last one.")})
    if until > clock.today():
        raise Invalid(fields={"until": lazy("Only what was done already can be replayed: today at the latest.")})
    if until - since > LONGEST:
        raise Invalid(fields={"since": lazy("Three years at most.")})
    return enqueue(KIND, {"standard": standard.id, "number": standard.number, "since": since.isoformat(),
                          "until": until.isoformat()}, actor_key=actor.key, community_id=actor.community_id)


def job(actor: Actor, job_id: int) -> Job:
    """A simulation of the community acted in. Raises NotFound."""
    found = get_scoped(Job, job_id, actor.community_id)
    if found.kind != KIND:
        raise NotFound
    return found


def latest(community_id: int, standard_id: int) -> Job | None:
    """The last simulation of a standard that is done. One statement."""
    done = db.session.scalars(sa.select(Job).where(
        Job.community_id == community_id, Job.kind == KIND, Job.state == JobState.DONE)
        .order_by(Job.id.desc()).limit(50))
    return next((found for found in done if found.arguments["standard"] == standard_id), None)


# ── The work ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Sums:
    """What adds up while deeds go by, amounts in hundredths; in ``homes`` 0 stands for people without a household."""

    deeds: int = 0
    earned: int = 0
    minutes: int = 0
    honour: int = 0
    points: int = 0
    categories: Counter[str] = field(default_factory=Counter)
    months: Counter[str] = field(default_factory=Counter)
    homes: Counter[int] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)


def run(job_id: int) -> dict[str, Any]:
    """Do one simulation, showing its progress. Run again after a restart it begins anew: it has no other effect."""
    with edge.transaction():
        found = db.session.get_one(Job, job_id)
        if found.state is JobState.DONE:
            return found.result or {}
        community_id, arguments = found.community_id or 0, found.arguments

    def beat(done: int, total: int) -> None:
        with edge.transaction():
            db.session.execute(sa.update(Job).where(Job.id == job_id).values(
                beat_at=clock.now(), done=done, total=total))

    result = simulate(community_id, arguments["standard"], dt.date.fromisoformat(arguments["since"]),
                      dt.date.fromisoformat(arguments["until"]), beat)
    with edge.transaction():
        db.session.execute(sa.update(Job).where(Job.id == job_id).values(
            state=JobState.DONE, result=result, done=Job.total, ended_at=clock.now()))
    return result


def simulate(community_id: int, standard_id: int, since: dt.date, until: dt.date,
             beat: Callable[[int, int], None] = lambda _done, _total: None) -> dict[str, Any]:
    """The report of a replay. Each chunk of deeds is read in a unit of work that cannot write.

    Caps whose windows began before ``since`` are filled first by what was done then, so that a period replayed in two
    parts comes to the same as replayed whole.
    """
    version = edge.run(lambda: rules.version(community_id, standard_id), write=False)
    first = opens_on(version, since)
    total = edge.run(lambda: _number(community_id, first, until), write=False)
    sums, done = Sums(), 0
    used: dict[str, int] = {}
    for chunk in _chunks(community_id, first, until):
        for deed, answer in zip(chunk, judging.replay(iter(chunk), lambda _deed: version, used), strict=True):
            if deed.on >= since:
                _add(sums, deed, answer, version)
        done += len(chunk)
        beat(done, max(total, 1))
    return edge.run(lambda: _report(community_id, standard_id, version, since, until, sums), write=False)


def opens_on(version: Version, since: dt.date) -> dt.date:
    """The first day of the widest window, of any cap or steps, that is open on ``since``."""
    windows = {cap.window for rule in version.rules for cap in rule.caps} | {cap.window for cap in version.caps}
    windows |= {rule.period for rule in version.rules if rule.shape is Shape.TIERS}
    if Window.EVER in windows or any(rule.highest_group for rule in version.rules):
        return dt.date(2000, 1, 1)
    days = [since - dt.timedelta(days=_REACH[w]) for w in windows if w in _REACH]
    if Window.YEAR in windows:
        days.append(since.replace(month=1, day=1))
    if Window.CYCLE in windows:
        months = max(rule.cycle[0] for rule in version.rules)
        days.append(since - dt.timedelta(days=31 * months))
    return min(days, default=since)


def _number(community_id: int, first: dt.date, until: dt.date) -> int:
    return db.session.scalar(sa.select(sa.func.count()).where(*_done(community_id, first, until))) or 0


def _done(community_id: int, first: dt.date, until: dt.date) -> tuple[sa.ColumnElement[bool], ...]:
    return (Contribution.community_id == community_id, Contribution.state == State.APPROVED,
            Contribution.done_on >= first, Contribution.done_on <= until)


_COLUMNS = ("id", "community_id", "kind", "source_key", "resident_id", "household_id", "team_id", "done_on", "minutes",
            "units", "item_code", "activity_key", "act_key", "score", "amount_fen", "size", "share", "started_at",
            "beneficiary_id", "facts")


def _chunks(community_id: int, first: dt.date, until: dt.date) -> Iterator[list[Deed]]:
    """The deeds in the order in which they are judged, by keyset, as plain rows: no objects of the unit of work."""
    after: tuple[Any, ...] | None = None
    while True:
        deeds = edge.run(partial(_read, community_id, first, until, after), write=False)
        if deeds:
            yield deeds
        if len(deeds) < CHUNK:
            return
        after = (deeds[-1].on, deeds[-1].source_key)


def _read(community_id: int, first: dt.date, until: dt.date, after: tuple[Any, ...] | None) -> list[Deed]:
    order = (Contribution.done_on, Contribution.source_key)
    query = sa.select(*(getattr(Contribution, name) for name in _COLUMNS)).where(
        *_done(community_id, first, until)).order_by(*order).limit(CHUNK)
    if after is not None:
        query = query.where(sa.tuple_(*order) > sa.tuple_(*after))
    rows: Any = db.session.execute(query).all()
    known = known_of(rows)
    return [deed_of(row, known[row.id]) for row in rows]


def _add(sums: Sums, deed: Deed, answer: Evaluation, version: Version) -> None:
    sums.deeds += 1
    sums.earned += bool(answer.points)
    for line in answer.lines:
        if line.book is Book.POINTS:
            sums.points += line.amount
            sums.categories[version.by_code[line.rule_code].category] += line.amount
            sums.months[deed.on.isoformat()[:7]] += line.amount
            sums.homes[deed.household_id or 0] += line.amount
        elif line.book is Book.HONOUR:
            sums.honour += line.amount
        else:
            sums.minutes += line.amount
    for note in answer.notes:
        sums.reasons[note.reason] += 1
        if note.reason == "unknown_item" and deed.item_code:
            sums.gone[deed.item_code] += 1


# ── The report ──────────────────────────────────────────────────────────────────────────────────────────────────


def _given(community_id: int, since: dt.date, until: dt.date) -> Any:
    """What the deeds of the period really earned, joined to them; lines struck or taken back left out."""
    return (sa.select(sa.func.sum(AwardLine.amount)).join(Contribution, Contribution.id == AwardLine.contribution_id)
            .where(*_done(community_id, since, until), AwardLine.book == Book.POINTS,
                   AwardLine.state.notin_([LineState.STRUCK, LineState.REVERSED])))


def _report(community_id: int, standard_id: int, version: Version, since: dt.date, until: dt.date,
            sums: Sums) -> dict[str, Any]:
    given = _given(community_id, since, until)
    homes = {home or 0: int(amount) for home, amount in db.session.execute(
        given.add_columns(Contribution.household_id).group_by(Contribution.household_id)
        .with_only_columns(Contribution.household_id, sa.func.sum(AwardLine.amount)))}
    categories = {category: int(amount) for category, amount in db.session.execute(
        given.join(ScoringRule, ScoringRule.id == AwardLine.rule_id).group_by(ScoringRule.category)
        .with_only_columns(ScoringRule.category, sa.func.sum(AwardLine.amount)))}
    months: dict[str, int] = defaultdict(int)
    for day, amount in db.session.execute(given.group_by(Contribution.done_on).with_only_columns(
            Contribution.done_on, sa.func.sum(AwardLine.amount))):
        months[day.isoformat()[:7]] += int(amount)
    standard = get_scoped(ScoringStandard, standard_id, community_id)
    settings = community_settings.of(community_id)
    days = (until - since).days + 1
    return {
        "number": version.number, "since": since.isoformat(), "until": until.isoformat(), "deeds": sums.deeds,
        "earned": sums.earned, "points": sums.points, "given": sum(homes.values()), "honour": sums.honour,
        "minutes": sums.minutes, "fen_per_point": settings.fen_per_point,
        "budget_fen": settings.budget_fen * days // YEAR,
        "categories": _pairs(categories, sums.categories), "months": _pairs(months, sums.months),
        "households": _households(community_id, homes, sums.homes),
        "proposers": sorted(_proposers(standard, until)), "reasons": dict(sums.reasons.most_common()),
        "gone": dict(sums.gone.most_common(50)),
    }


def _pairs(now: dict[str, int], then: Counter[str]) -> list[list[Any]]:
    """[name, what was given, what it would have been], by name as they come."""
    return [[name, now.get(name, 0), then.get(name, 0)] for name in sorted({*now, *then})]


def _households(community_id: int, now: dict[int, int], then: Counter[int]) -> list[list[Any]]:
    """[household id, number, given, would have been], greatest change first; 0 stands for those without one."""
    numbers = {home.id: home.number for home in people.households_by_id(community_id, {*now, *then} - {0}).values()}
    rows = [[home, numbers.get(home, ""), now.get(home, 0), then.get(home, 0)] for home in {*now, *then}]
    return sorted(rows, key=lambda row: (-abs(row[3] - row[2]), row[1]))


def _proposers(standard: ScoringStandard, day: dt.date) -> set[int]:
    """The households of all who wrote in the draft: what they would gain is marked for everybody to see."""
    users = {user_id for user_id in (*standard.editors, standard.created_by) if user_id is not None}
    return {home for user_id in users for home in people.households_of_user(user_id, day)}
