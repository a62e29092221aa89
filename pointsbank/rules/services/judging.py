"""Judging deeds for real, with the counters of the caps taken under lock, and giving back what a reversal frees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence

import sqlalchemy as sa

from pointsbank.core import clock
from pointsbank.core.db import db
from pointsbank.core.i18n import N_
from pointsbank.rules import counters, queries, wording
from pointsbank.rules.evaluation import (
    Deed,
    Evaluation,
    Note,
    Version,
    counter_keys,
    evaluate,
    taken,
)
from pointsbank.rules.models import CommunityScoring


def evaluate_deeds(community_id: int, deeds: Sequence[Deed]) -> list[Evaluation]:
    """Judge deeds that are being approved; the answers come in the order of ``deeds``.

    Each is judged by the version in force on its day. What the lines take from the caps is counted in this unit of
    work: the caller keeps the lines in the same one, each deed once. Deeds are counted by date and source key, so that
    one batch gives the same whatever its order. At most eight statements, however many deeds.
    """
    if not deeds:
        return []
    scoring = _first_award_guard(community_id)
    versions = queries.versions_for_days(community_id, [deed.on for deed in deeds])
    keys = {key for deed in deeds for key in counter_keys(deed, versions.get(deed.on))}
    before = counters.lock(community_id, keys)
    answers, after = _judge_all(deeds, versions, before)
    counters.add(community_id, {key: used - before[key] for key, used in after.items() if used != before[key]}, before)
    if scoring is not None and any(answer.lines for answer in answers):
        db.session.execute(sa.update(CommunityScoring).where(CommunityScoring.community_id == community_id)
                           .values(first_award_at=clock.now()))
    return answers


def preview(community_id: int, deed: Deed) -> Evaluation:
    """What a deed would earn if it were approved now. Nothing is locked, counted or written."""
    return preview_many(community_id, [deed])[0]


def preview_many(community_id: int, deeds: Sequence[Deed]) -> list[Evaluation]:
    """What deeds would earn if all of them were approved now, in the order of ``deeds``; three or four statements."""
    if not deeds:
        return []
    versions = queries.versions_for_days(community_id, [deed.on for deed in deeds])
    keys = {key for deed in deeds for key in counter_keys(deed, versions.get(deed.on))}
    answers, _after = _judge_all(deeds, versions, counters.read(community_id, keys))
    return answers


def give_back(community_id: int, cap_left: Sequence[Mapping[str, Mapping[str, int]]]) -> None:
    """Free what reversed or struck lines took from their caps; ``cap_left`` are the lines' values as they were stored.

    Only deeds judged from now on profit; lines that a cap cut before stay as they are. The caller sees to it that a
    line is given back once. Two statements.
    """
    freed: dict[str, int] = {}
    for line in cap_left:
        for key, part in line.items():
            freed[key] = freed.get(key, 0) - part["taken"]
    freed = {key: amount for key, amount in freed.items() if amount}
    if freed:
        counters.add(community_id, freed, counters.lock(community_id, freed))


def _first_award_guard(community_id: int) -> CommunityScoring | None:
    """The community's row, locked, as long as nothing was ever counted; None afterwards.

    Until the first award a version may be entered with a day gone by. This lock keeps that from happening between
    reading the versions and counting the award.
    """
    row = queries.scoring(community_id)
    if row is not None and row.first_award_at is not None:
        return None
    row = counters.lock_community(community_id)
    return None if row.first_award_at is not None else row


def _judge_all(deeds: Sequence[Deed], versions: Mapping[dt.date, Version | None],
               before: Mapping[str, int]) -> tuple[list[Evaluation], dict[str, int]]:
    """Judge in the order of days; each deed sees what those before it took."""
    used = dict(before)
    order = sorted(range(len(deeds)), key=lambda i: (deeds[i].on, deeds[i].source_key))
    judged = replay((deeds[i] for i in order), lambda deed: versions.get(deed.on), used)
    answers = dict(zip(order, judged, strict=True))
    return [answers[place] for place in range(len(deeds))], used


def replay(deeds: Iterable[Deed], version_of: Callable[[Deed], Version | None],
           used: MutableMapping[str, int]) -> Iterator[Evaluation]:
    """Judge deeds one after the other, each by its version, each seeing what those before it took; ``used`` grows.

    In earnest and in a simulation this is the same loop; it reads and writes no database.
    """
    today = clock.today()
    for deed in deeds:
        if deed.on > today:
            yield Evaluation(deed.source_key, [], [Note("to_come", wording.entry(
                "no", N_("%(day)s is still to come."), day={"day": deed.on.isoformat()}))])
            continue
        answer = evaluate(deed, version_of(deed), used)
        for key, amount in taken(answer).items():
            used[key] = used.get(key, 0) + amount
        yield answer
