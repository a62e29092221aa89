"""Observers propose; the committee answers in writing within seven working days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.communities import working_days
from pointsbank.contributions.queries import facts_of
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.i18n import N_
from pointsbank.media import services as media
from pointsbank.media.models import Purpose
from pointsbank.notifications.services import tell
from pointsbank.patrols import policy
from pointsbank.patrols.errors import (
    BadAnswer,
    BadClientId,
    BadPlace,
    ClientIdReused,
    NotAllowed,
    NotAnObserver,
    NotIndependent,
    OutOfTurn,
    TooManyProposals,
    WordsMissing,
)
from pointsbank.patrols.models import PROPOSAL_MOVES, Proposal, ProposalState
from pointsbank.patrols.services import earning
from pointsbank.patrols.services.findings import CLIENT_ID
from pointsbank.patrols.services.steps import words
from pointsbank.people import queries as people
from pointsbank.people.models import Team, TeamKind, User
from pointsbank.places import queries as places

ANSWER_DAYS = 7  # working days
MOST_WAITING = 10


@dataclass(frozen=True)
class ProposalDraft:
    """What somebody proposes. ``client_id`` is made once for a form, so that the second tap proposes nothing twice."""

    client_id: str
    text: str
    place_id: int | None = None
    photo_ids: Sequence[int] = ()


def own_teams(actor: Actor) -> list[Team]:
    """The open teams of observers that the resident acted for belongs to, by name."""
    if actor.resident_id is None:
        return []
    return [t for t in people.teams_of_resident(actor.resident_id, clock.today())
            if t.kind is TeamKind.OBSERVERS and t.closed_on is None and t.community_id == actor.community_id]


def propose(actor: Actor, draft: ProposalDraft) -> Proposal:
    """Take an observer's proposal in; the same one sent again is the same proposal.

    Raises NotAnObserver, BadClientId, ClientIdReused, WordsMissing, BadPlace, TooManyProposals and what hanging up
    photos raises.
    """
    if actor.user_id is None or actor.resident_id is None or actor.community_id is None:
        raise NotAnObserver
    team = next(iter(own_teams(actor)), None)
    if team is None:
        raise NotAnObserver
    if not CLIENT_ID.fullmatch(draft.client_id):
        raise BadClientId
    text = words(draft.text, 2, 500, "text", WordsMissing)
    if draft.place_id is not None and draft.place_id not in places.by_ids(actor.community_id, [draft.place_id]):
        raise BadPlace(fields={"place_id": BadPlace.message})
    # Proposals of one sender queue here, so that none is taken in twice.
    db.session.execute(sa.select(User.id).where(User.id == actor.user_id).with_for_update(key_share=True))
    own = scoped(Proposal, actor.community_id).where(Proposal.by_user_id == actor.user_id)
    known = db.session.scalars(own.where(Proposal.client_id == draft.client_id)).one_or_none()
    if known is not None:
        if (known.text, known.place_id, known.resident_id) != (text, draft.place_id, actor.resident_id):
            raise ClientIdReused
        return known
    waiting = own.with_only_columns(sa.func.count()).where(Proposal.state == ProposalState.WAITING)
    if (db.session.scalar(waiting) or 0) >= MOST_WAITING:
        raise TooManyProposals(most=MOST_WAITING)
    row = Proposal(
        community_id=actor.community_id, team_id=team.id, resident_id=actor.resident_id, by_user_id=actor.user_id,
        client_id=draft.client_id, place_id=draft.place_id, text=text, state=ProposalState.WAITING,
        sent_at=clock.now(), due_on=working_days.after(actor.community_id, clock.today(), ANSWER_DAYS))
    db.session.add(row)
    db.session.flush()
    media.attach(actor, list(draft.photo_ids), row.key, purpose=Purpose.REPORT)
    audit.write(actor, "patrols.propose", row.key)
    tell(row.community_id, [row.resident_id], N_("Your proposal has come in. The committee answers by %(day)s."),
         {"day": {"day": row.due_on.isoformat()}}, "/patrols/proposals")
    return row


def answer(actor: Actor, proposal_id: int, outcome: ProposalState, text: str) -> Proposal:
    """Answer a proposal in writing; one put off is answered once more. Not one's own or family's.

    Raises NotFound, NotAllowed, NotIndependent, OutOfTurn, BadAnswer.
    """
    row = get_scoped(Proposal, proposal_id, actor.community_id, lock=True)
    if not policy.may_answer(actor):
        raise NotAllowed
    day = clock.local_date(row.sent_at)
    home = people.household_on(row.community_id, [row.resident_id], day)[row.resident_id]
    if actor.user_id == row.by_user_id or facts_of(actor.user_id).is_kin(
            row.resident_id, home.id if home is not None else None, day):
        raise NotIndependent
    if outcome is ProposalState.WAITING:
        raise BadAnswer(fields={"outcome": BadAnswer.message})
    said = words(text, 4, 500, "answer", BadAnswer)
    if outcome not in PROPOSAL_MOVES[row.state]:
        raise OutOfTurn
    row.state, row.answer = outcome, said
    row.answered_by_id, row.answered_at = actor.user_id, clock.now()
    db.session.flush()
    audit.write(actor, "patrols.answer", row.key, outcome=outcome.value)
    tell(row.community_id, [row.resident_id], N_("Your proposal of %(day)s was answered."),
         {"day": {"day": day.isoformat()}}, "/patrols/proposals")
    if outcome is ProposalState.ADOPTED:
        earning.earn_proposal(actor, row)
    return row
