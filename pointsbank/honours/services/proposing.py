"""Proposing from figures, and deciding: the job or one person finds, another person confirms or declines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, scoped
from pointsbank.core.errors import NotFound, lazy
from pointsbank.core.i18n import N_
from pointsbank.honours import policy
from pointsbank.honours.errors import (
    NoLongerReached,
    NotAllowed,
    NothingReached,
    NothingToList,
    ReasonMissing,
    SecondPersonNeeded,
    WrongStep,
)
from pointsbank.honours.models import ALLOWED, HonourProposal, ProposalState
from pointsbank.honours.queries import standing, unlisted
from pointsbank.honours.queries.ladders import by_ids
from pointsbank.honours.queries.standing import Candidate
from pointsbank.honours.reaching import reached
from pointsbank.honours.services.independence import check_not_kin
from pointsbank.honours.services.listing import (
    draft_on_board,
    homes_of,
    house_words,
    public_name,
)
from pointsbank.honours.services.numbering import insert
from pointsbank.honours.wording import of_figures
from pointsbank.people import queries as people
from pointsbank.publicity import services as publicity
from pointsbank.publicity.models import PublicNotice

AT_ONCE = 500  # rows of one statement: SQLite takes 32,766 values
MOST_LINES = 2000


@dataclass(frozen=True)
class Found:
    """What a look at the figures brought: ids of new proposals, and who is shown to the desk because of no-shows."""

    proposed: list[int]
    held_back: list[Candidate]


def propose(actor: Actor, community_id: int) -> Found:
    """Propose everybody who has reached a step that was never proposed before; again it changes nothing.

    Whoever missed too often is only shown. Raises NotAllowed unless the job or somebody at the desk asks.
    """
    if not (actor.is_system or (policy.may_decide(actor) and actor.community_id == community_id)):
        raise NotAllowed
    found = standing.candidates(community_id, clock.today())
    ids = _insert(actor, community_id, [one for one in found if not one.is_held_back])
    if ids:
        audit.write(actor, "honours.propose", f"community:{community_id}", count=len(ids), community_id=community_id)
    return Found(ids, [one for one in found if one.is_held_back])


def _insert(actor: Actor, community_id: int, found: Sequence[Candidate], reason: str = "") -> list[int]:
    """New rows; one that somebody else put in at this moment is left as it is."""
    now, today = clock.now(), clock.today()
    rows = [{"community_id": community_id, "ladder_id": one.ladder.id, "step_id": one.one.step.id,
             "series": one.ladder.series, "level": one.one.step.level, "period_key": one.one.period_key,
             "resident_id": one.resident_id, "minutes": one.figures.minutes, "honour": one.figures.honour,
             "no_shows": one.no_shows, "figures_on": today, "state": ProposalState.PROPOSED,
             "proposed_by_id": actor.user_id, "proposed_at": now, "reason": reason, "answer": ""} for one in found]
    ids: list[int] = []
    for start in range(0, len(rows), AT_ONCE):
        statement = insert(HonourProposal).values(rows[start:start + AT_ONCE]).on_conflict_do_nothing()
        ids += db.session.scalars(statement.returning(HonourProposal.id))
    return sorted(ids)


def propose_by_hand(actor: Actor, series: int, resident_id: int, reason: str) -> list[int]:
    """Propose somebody whom the job leaves out (no-shows, declined before), by the same figures and with a reason.

    Raises NotAllowed, OwnHousehold, ReasonMissing, :class:`NothingReached`.
    """
    community_id = actor.community_id
    if not policy.may_decide(actor) or community_id is None:
        raise NotAllowed
    if not 2 <= len(reason.strip()) <= 400:
        raise ReasonMissing(fields={"reason": lazy("Write why this person is proposed by hand.")})
    people.resident(community_id, resident_id)
    check_not_kin(actor, community_id, [resident_id])
    found = [one for one in standing.candidates(community_id, clock.today(), [resident_id], again=True)
             if one.ladder.series == series]
    ids = _insert(actor, community_id, found, reason.strip())
    if not ids:
        raise NothingReached
    audit.write_many(actor, "honours.propose_by_hand", [f"honour:{i}" for i in ids])
    return ids


def decide(actor: Actor, ids: Collection[int], *, confirm: bool, answer: str = "") -> list[HonourProposal]:
    """Confirm proposals, or decline them with a reason; all or none. What hangs out already is decided by its notice.

    Raises NotAllowed, SecondPersonNeeded, OwnHousehold, WrongStep, ReasonMissing, :class:`NoLongerReached`.
    """
    community_id = actor.community_id
    if not policy.may_decide(actor) or community_id is None:
        raise NotAllowed
    if not confirm and not 2 <= len(answer.strip()) <= 400:
        raise ReasonMissing(fields={"answer": lazy("Write why it is declined.")})
    rows = _locked(community_id, HonourProposal.id.in_(set(ids)), unlisted.not_hanging(HonourProposal.notice_id))
    if len(rows) != len(set(ids)) or not rows:
        raise WrongStep
    target = ProposalState.CONFIRMED if confirm else ProposalState.DECLINED
    if any(target not in ALLOWED[row.state] for row in rows):
        raise WrongStep
    if any(row.proposed_by_id == actor.user_id for row in rows):
        raise SecondPersonNeeded
    check_not_kin(actor, community_id, [row.resident_id for row in rows])
    if confirm:
        _check_figures(community_id, rows)
    for row in rows:
        row.state, row.decided_by_id, row.decided_at = target, actor.user_id, clock.now()
        row.answer = answer.strip()[:400]
    db.session.flush()
    audit.write_many(actor, f"honours.{target.value}", [row.source_key for row in rows])
    return rows


def _locked(community_id: int, *where: Any) -> list[HonourProposal]:
    return list(db.session.scalars(
        scoped(HonourProposal, community_id).where(*where).order_by(HonourProposal.id)
        .with_for_update(of=HonourProposal, key_share=True).execution_options(populate_existing=True)))


def _check_figures(community_id: int, rows: Sequence[HonourProposal]) -> None:
    """What was taken back since the proposal may have undone it."""
    ladders = by_ids(community_id, {row.ladder_id for row in rows})
    gone = []
    for year in sorted({_year_of(row) for row in rows}):
        those = [row for row in rows if _year_of(row) == year]
        day = clock.today() if year == clock.today().year else clock.today().replace(year=year, month=12, day=31)
        has = standing.standing(community_id, [row.resident_id for row in those], day)
        for row in those:
            ladder = ladders[row.ladder_id]
            still = {(one.step.level, one.period_key)
                     for one in reached(ladder, has.of(ladder, row.resident_id), year)}
            if (row.level, row.period_key) not in still:
                gone.append(row.resident_id)
    if gone:
        names = people.residents_by_id(community_id, gone)
        raise NoLongerReached(names="、".join(names[i].name for i in dict.fromkeys(gone)))


def _year_of(row: HonourProposal) -> int:
    """The year whose figures count: the one in the period's name, else the present."""
    return int(row.period_key) if row.period_key.isdecimal() else clock.today().year


# ── On the notice ───────────────────────────────────────────────────────────────────────────────────────────────


def draft_list(actor: Actor, *, leave_out: Collection[int] = (), resolution: str = "") -> PublicNotice:
    """A draft notice of what is confirmed, without ``leave_out``; a second person publishes it as any notice.

    Raises :class:`NothingToList` and those of ``publicity.services.draft``.
    """
    community_id = actor.community_id
    if community_id is None:
        raise NotFound
    rows = list(db.session.scalars(
        unlisted.honours(community_id).where(HonourProposal.id.not_in(set(leave_out))).order_by(HonourProposal.id)
        .limit(MOST_LINES).with_for_update(of=HonourProposal, key_share=True)
        .execution_options(populate_existing=True)))
    if not rows:
        raise NothingToList
    ladders = by_ids(community_id, {row.ladder_id for row in rows})
    lines = _line_drafts(community_id, rows)
    label = "、".join(dict.fromkeys(f"《{one.title}》（{one.number}）" for one in ladders.values()))
    notice = draft_on_board(actor, house_words(N_("List of honours to be granted")), f"honours:{rows[0].id}", lines,
                            label=label[:160], resolution=resolution.strip()[:400])
    for row in rows:
        row.notice_id = notice.id
    db.session.flush()
    return notice


def _line_drafts(community_id: int, rows: Sequence[HonourProposal]) -> list[publicity.NoticeLineDraft]:
    ids = [row.resident_id for row in rows]
    residents, homes = people.residents_by_id(community_id, ids), homes_of(community_id, ids)
    steps = {step.id: step.name for one in by_ids(community_id, {row.ladder_id for row in rows}).values()
             for step in one.steps}
    drafts = []
    for row in rows:
        home = homes[row.resident_id]
        barred = [u for u in (row.proposed_by_id, row.decided_by_id) if u is not None]
        drafts.append(publicity.NoticeLineDraft(
            source_key=row.source_key, household_number=home.number if home is not None else "",
            masked_name=public_name(residents[row.resident_id]), item=steps[row.step_id],
            detail=of_figures(row.minutes, row.honour), amount=row.minutes or row.honour,
            unit="minutes" if row.minutes else "honour", household_id=home.id if home is not None else None,
            barred_user_ids=tuple(dict.fromkeys(barred))))
    order = sorted(zip(drafts, rows, strict=True), key=lambda pair: (pair[0].household_number or "~", pair[1].id))
    return [line for line, _row in order]
