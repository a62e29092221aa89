"""A team's points: its leader proposes who gets how many, somebody of the committee who is not of the team confirms."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from pointsbank.contributions import policy
from pointsbank.contributions.errors import (
    MembersChanged,
    NotAReviewer,
    NothingShared,
    NotLeader,
    NotOpenAnyMore,
    OwnHousehold,
    OwnTeam,
    ReasonMissing,
    SecondPersonNeeded,
    SharedTooMuch,
    ShareOpen,
)
from pointsbank.contributions.models import ShareState, TeamShare, TeamShareLine
from pointsbank.contributions.queries import sharing as queries
from pointsbank.contributions.queries.kinship import facts_of
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import NotFound, lazy
from pointsbank.core.i18n import N_
from pointsbank.core.points import format_points
from pointsbank.ledger import queries as book
from pointsbank.ledger import services as ledger
from pointsbank.notifications.services import Message, tell_each
from pointsbank.people import queries as people
from pointsbank.people.models import Team

MOST = 10_000_000


def propose_share(actor: Actor, team_id: int, amounts: Mapping[int, int], reason: str) -> TeamShare:
    """Propose who of the team gets how many hundredths; nothing moves yet.

    Raises NotLeader, ReasonMissing, NothingShared, SharedTooMuch, ShareOpen; NotFound for another community's team.
    """
    team = get_scoped(Team, team_id, actor.community_id, lock=True)
    if actor.user_id is None or not actor.leads_team(team.id):
        raise NotLeader
    said = reason.strip()
    if len(said) < 2:
        raise ReasonMissing(fields={"reason": lazy("Say for what the team got its points.")})
    members = {m.resident_id for m in people.team_members(team.community_id, team.id, clock.today())}
    if team.closed_on is not None or not amounts or not amounts.keys() <= members or not all(
            0 < amount <= MOST for amount in amounts.values()):
        raise NothingShared
    total, available = sum(amounts.values()), book.available(team.community_id, f"team:{team.id}", clock.today())
    if total > available:
        raise SharedTooMuch(sum=format_points(total), available=format_points(available))
    if queries.open_share(team.community_id, team.id) is not None:
        raise ShareOpen
    share = TeamShare(community_id=team.community_id, team_id=team.id, state=ShareState.PROPOSED, reason=said[:300],
                      proposed_by_id=actor.user_id, proposed_at=clock.now())
    db.session.add(share)
    db.session.flush()
    db.session.execute(sa.insert(TeamShareLine), [
        {"share_id": share.id, "resident_id": resident, "community_id": share.community_id, "amount": amount}
        for resident, amount in sorted(amounts.items())])
    audit.write(actor, "contributions.propose_share", share.key, members=len(amounts))
    return share


def withdraw_share(actor: Actor, share_id: int) -> TeamShare:
    """Whoever proposed it takes it back. Raises NotFound for others, NotOpenAnyMore."""
    share = get_scoped(TeamShare, share_id, actor.community_id, lock=True)
    if share.proposed_by_id != actor.user_id:
        raise NotFound
    if share.state is not ShareState.PROPOSED:
        raise NotOpenAnyMore
    share.state, share.decided_at = ShareState.WITHDRAWN, clock.now()
    db.session.flush()
    audit.write(actor, "contributions.withdraw_share", share.key)
    return share


def confirm_share(actor: Actor, share_id: int) -> TeamShare:
    """Somebody who is not of the team agrees: the points go to the members' passbooks as one batch, and all are told.

    Into the household's passbook where a member has one today, else into their own; the last days stay as they are.
    Raises NotAReviewer, SecondPersonNeeded, OwnTeam, OwnHousehold, MembersChanged, NotOpenAnyMore, NotEnough.
    """
    share, lines = _waiting(actor, share_id)
    community_id, today = share.community_id, clock.today()
    members = {m.resident_id for m in people.team_members(community_id, share.team_id, today)}
    if any(line.resident_id not in members for line in lines):
        raise MembersChanged
    homes = people.household_on(community_id, [line.resident_id for line in lines], today)
    facts = facts_of(actor.user_id)
    for line in lines:
        home = homes[line.resident_id]
        if facts.is_kin(line.resident_id, home.id if home is not None else None, today):
            raise OwnHousehold
        line.owner_key = f"household:{home.id}" if home is not None else f"resident:{line.resident_id}"
    db.session.flush()
    _decided(actor, share, ShareState.POSTED)
    team = db.session.get_one(Team, share.team_id)
    tell_each(community_id, [Message(
        line.resident_id, N_("%(points)s points of the team %(team)s are in your passbook: %(why)s"),
        {"points": {"points": line.amount}, "team": team.name, "why": share.reason}, "/passbook") for line in lines])
    transfers = ledger.share_transfers(community_id, f"team:{share.team_id}", [
        ledger.Share(str(line.resident_id), line.owner_key or "", line.amount) for line in lines], share.key, today)
    ledger.post(community_id, transfers, today)
    return share


def refuse_share(actor: Actor, share_id: int, answer: str) -> TeamShare:
    """Disagree, with a reason; nothing moves. Raises as confirming does, and ReasonMissing."""
    if len(answer.strip()) < 2:
        raise ReasonMissing(fields={"answer": lazy("Say why not.")})
    share, _lines = _waiting(actor, share_id)
    share.answer = answer.strip()[:300]
    _decided(actor, share, ShareState.REFUSED)
    return share


def _waiting(actor: Actor, share_id: int) -> tuple[TeamShare, list[TeamShareLine]]:
    if not policy.may_correct(actor):
        raise NotAReviewer
    share = get_scoped(TeamShare, share_id, actor.community_id, lock=True)
    if share.state is not ShareState.PROPOSED:
        raise NotOpenAnyMore
    if share.proposed_by_id == actor.user_id:
        raise SecondPersonNeeded
    if share.team_id in facts_of(actor.user_id).team_ids:
        raise OwnTeam
    lines = db.session.scalars(scoped(TeamShareLine, share.community_id).where(TeamShareLine.share_id == share.id)
                               .order_by(TeamShareLine.resident_id)).all()
    return share, list(lines)


def _decided(actor: Actor, share: TeamShare, state: ShareState) -> None:
    share.state, share.decided_by_id, share.decided_at = state, actor.user_id, clock.now()
    db.session.flush()
    audit.write(actor, f"contributions.share_{state}", share.key)
