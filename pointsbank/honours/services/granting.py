"""The end of a notice of honours, and taking an honour back: granted once under a number, revoked by resolution."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor, system
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Invalid, lazy
from pointsbank.core.i18n import N_
from pointsbank.honours import policy
from pointsbank.honours.errors import AlreadyRevoked, NotAllowed, ReasonMissing, SecondPersonNeeded, WrongStep
from pointsbank.honours.models import (
    HonourAward,
    HonourProposal,
    HonourRevocation,
    ProposalState,
    RevocationState,
)
from pointsbank.honours.queries.ladders import by_ids
from pointsbank.honours.services.independence import check_not_kin
from pointsbank.honours.services.listing import PASSED
from pointsbank.honours.services.numbering import AWARD, take
from pointsbank.notifications.services import Message, tell, tell_each
from pointsbank.publicity import queries as notices
from pointsbank.publicity import services as publicity
from pointsbank.publicity.models import LineState, NoticeState, PublicNotice


def due_notices() -> list[tuple[int, int]]:
    """(community id, notice id) of notices that are over and let honours through, in all communities."""
    rows = db.session.execute(
        sa.select(HonourProposal.community_id, HonourProposal.notice_id).distinct()
        .join(PublicNotice, PublicNotice.id == HonourProposal.notice_id)
        .where(HonourProposal.state == ProposalState.CONFIRMED, PublicNotice.state == NoticeState.CLOSED)
        .order_by(HonourProposal.notice_id))
    return [(community_id, notice_id) for community_id, notice_id in rows if notice_id is not None]


def settle(community_id: int, notice_id: int) -> list[HonourAward]:
    """Grant what a closed notice lets through, strike what an upheld objection struck; open objections hold theirs.

    The lock on the notice is the one that objections are decided under, so each line is read as it ends. Run again, or
    by five at once, it grants each once.
    """
    notice = get_scoped(PublicNotice, notice_id, community_id, lock=True)
    if notice.state is not NoticeState.CLOSED:
        return []
    rows = list(db.session.scalars(
        scoped(HonourProposal, community_id).where(
            HonourProposal.notice_id == notice_id, HonourProposal.state == ProposalState.CONFIRMED)
        .order_by(HonourProposal.id).with_for_update(key_share=True).execution_options(populate_existing=True)))
    passed = notices.keys_in_state(community_id, notice_id, *PASSED)
    struck = notices.keys_in_state(community_id, notice_id, LineState.STRUCK)
    _strike([row for row in rows if row.source_key in struck])
    granted = _grant(community_id, [row for row in rows if row.source_key in passed])
    publicity.mark_lines(community_id, notice_id, LineState.POSTED,
                         {row.source_key for row in rows} & notices.keys_in_state(community_id, notice_id,
                                                                                  LineState.LISTED))
    return granted


def _strike(rows: Sequence[HonourProposal]) -> None:
    for row in rows:
        row.state = ProposalState.STRUCK
        tell(row.community_id, [row.resident_id],
             N_("After an objection your honour was struck off the list. The written answer lies at the office."),
             link="/honours")
    db.session.flush()


def _grant(community_id: int, rows: Sequence[HonourProposal]) -> list[HonourAward]:
    if not rows:
        return []
    today, now = clock.today(), clock.now()
    ladders = by_ids(community_id, {row.ladder_id for row in rows})
    names = {step.id: step.name for one in ladders.values() for step in one.steps}
    numbers = take(community_id, AWARD, today.year, len(rows))
    # Into the table: as objects they would be sent one by one on SQLite.
    table: Any = HonourAward.__table__
    db.session.execute(sa.insert(table), [{
        "community_id": community_id, "year": today.year, "number": number, "proposal_id": row.id,
        "resident_id": row.resident_id, "ladder_id": row.ladder_id, "step_id": row.step_id, "series": row.series,
        "level": row.level, "period_key": row.period_key, "ladder_title": ladders[row.ladder_id].title,
        "step_name": names[row.step_id], "minutes": row.minutes, "honour": row.honour, "notice_id": row.notice_id,
        "granted_on": today, "granted_at": now} for row, number in zip(rows, numbers, strict=True)])
    for row in rows:
        row.state = ProposalState.GRANTED
    db.session.flush()
    awards = list(db.session.scalars(scoped(HonourAward, community_id).where(
        HonourAward.proposal_id.in_([row.id for row in rows])).order_by(HonourAward.id)))
    audit.write_many(system(community_id), "honours.grant", [row.source_key for row in rows])
    tell_each(community_id, [Message(
        award.resident_id, N_("You have been granted “%(step)s” (%(ladder)s). Thank you for all you give."),
        {"step": award.step_name, "ladder": award.ladder_title}, "/honours") for award in awards])
    return awards


# ── Taking back ─────────────────────────────────────────────────────────────────────────────────────────────────


def propose_revocation(actor: Actor, award_id: int, resolution: str, revoked_on: dt.date) -> HonourRevocation:
    """One person proposes to take an honour back from a day on, with the resolution that decided it.

    Raises NotAllowed, OwnHousehold, ReasonMissing, Invalid, :class:`AlreadyRevoked`.
    """
    award = _award(actor, award_id)
    if not 4 <= len(resolution.strip()) <= 400:
        raise ReasonMissing(fields={"resolution": lazy("Say which meeting decided it, and why: 4 to 400 characters.")})
    if not award.granted_on <= revoked_on <= clock.today():
        raise Invalid(fields={"revoked_on": lazy("A day from the granting until today.")})
    if db.session.scalar(sa.select(sa.literal(1)).where(
            HonourRevocation.award_id == award.id, HonourRevocation.state != RevocationState.REFUSED)):
        raise AlreadyRevoked
    row = HonourRevocation(community_id=award.community_id, award_id=award.id, state=RevocationState.PROPOSED,
                           resolution=resolution.strip(), revoked_on=revoked_on, proposed_by_id=actor.user_id or 0,
                           proposed_at=clock.now())
    db.session.add(row)
    db.session.flush()
    audit.write(actor, "honours.propose_revocation", f"award:{award.id}")
    return row


def decide_revocation(actor: Actor, revocation_id: int, *, confirm: bool, answer: str = "") -> HonourRevocation:
    """A second person confirms, or refuses with a reason. The award's row stays; it counts no more.

    Raises NotAllowed, SecondPersonNeeded, OwnHousehold, WrongStep, ReasonMissing.
    """
    award = _award(actor, get_scoped(HonourRevocation, revocation_id, actor.community_id).award_id)
    row = get_scoped(HonourRevocation, revocation_id, actor.community_id, lock=True)
    if row.state is not RevocationState.PROPOSED:
        raise WrongStep
    if row.proposed_by_id == actor.user_id:
        raise SecondPersonNeeded
    if not confirm and len(answer.strip()) < 2:
        raise ReasonMissing(fields={"answer": lazy("Write why the honour stands.")})
    row.state = RevocationState.CONFIRMED if confirm else RevocationState.REFUSED
    row.decided_by_id, row.decided_at, row.answer = actor.user_id, clock.now(), answer.strip()[:400]
    if confirm:
        proposal = get_scoped(HonourProposal, award.proposal_id, award.community_id, lock=True)
        proposal.state = ProposalState.REVOKED
        tell(award.community_id, [award.resident_id],
             N_("“%(step)s” was taken back by resolution from %(day)s on. The office tells you why."),
             {"step": award.step_name, "day": {"day": row.revoked_on.isoformat()}}, "/honours")
    db.session.flush()
    audit.write(actor, f"honours.revocation_{row.state.value}", f"award:{award.id}")
    return row


def _award(actor: Actor, award_id: int) -> HonourAward:
    """The award, its proposal locked so that two revocations queue. Not for one's own people."""
    if not policy.may_decide(actor):
        raise NotAllowed
    award = get_scoped(HonourAward, award_id, actor.community_id)
    get_scoped(HonourProposal, award.proposal_id, actor.community_id, lock=True)
    check_not_kin(actor, award.community_id, [award.resident_id])
    return award
