"""Proposals: one's own, those that wait for the committee, and what was answered, for everybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.masking import mask_name
from pointsbank.core.paging import Page, page
from pointsbank.media import queries as pictures
from pointsbank.media.models import Photo
from pointsbank.patrols import policy
from pointsbank.patrols.models import Proposal, ProposalState
from pointsbank.people import queries as people
from pointsbank.places.models import Place


@dataclass(frozen=True)
class ProposalRow:
    """A proposal in a list; ``name`` is masked for others than the desk and the proposer."""

    proposal: Proposal
    name: str
    place: str
    photos: Sequence[Photo] = ()


def _rows(community_id: int, found: Sequence[Proposal], *, masked: bool, photos: bool) -> list[ProposalRow]:
    if not found:
        return []
    who = people.residents_by_id(community_id, {p.resident_id for p in found})
    ids = {p.place_id for p in found if p.place_id is not None}
    names = dict(db.session.execute(sa.select(Place.id, Place.name).where(
        Place.community_id == community_id, Place.id.in_(ids))).all()) if ids else {}
    hung = pictures.photos_of(community_id, [p.key for p in found]) if photos else {}

    def named(proposal: Proposal) -> str:
        resident = who.get(proposal.resident_id)
        name = resident.name if resident is not None else ""
        return mask_name(name) if masked and name else name

    return [ProposalRow(p, named(p), names.get(p.place_id or 0, ""), hung.get(p.key, [])) for p in found]


def mine(actor: Actor, *, cursor: str | None = None, limit: int | None = None) -> Page[ProposalRow]:
    """One's own, newest first."""
    found = page(scoped(Proposal, actor.community_id).where(Proposal.resident_id == actor.resident_id), Proposal.id,
                 cursor=cursor, limit=limit)
    return Page(_rows(actor.community_id or 0, found.items, masked=False, photos=True), found.next)


def _of_desk(actor: Actor) -> sa.Select[Proposal]:
    """All for the desk, for a leader those of the own teams."""
    query = scoped(Proposal, actor.community_id)
    return query if policy.sees_all(actor) else query.where(Proposal.team_id.in_(policy.led_teams(actor)))


def listed(actor: Actor, *, waiting: bool, cursor: str | None = None, limit: int | None = None) -> Page[ProposalRow]:
    """For the desk: those that wait, the oldest first; or all others, newest first."""
    state = Proposal.state.in_([ProposalState.WAITING, ProposalState.LATER])
    query = _of_desk(actor).where(state if waiting else ~state)
    found = page(query, Proposal.id, cursor=cursor, limit=limit, descending=not waiting)
    return Page(_rows(actor.community_id or 0, found.items, masked=False, photos=True), found.next)


def answered(community_id: int, *, cursor: str | None = None, limit: int | None = None) -> Page[ProposalRow]:
    """What was proposed and answered, for everybody: the proposer masked, no photos."""
    found = page(scoped(Proposal, community_id).where(Proposal.state != ProposalState.WAITING), Proposal.id,
                 cursor=cursor, limit=limit)
    return Page(_rows(community_id, found.items, masked=True, photos=False), found.next)


def one(actor: Actor, proposal_id: int) -> ProposalRow:
    """One proposal for the desk. Raises NotFound."""
    found = get_scoped(Proposal, proposal_id, actor.community_id)
    if not policy.may_see(actor, found.team_id):
        raise NotFound
    return _rows(found.community_id, [found], masked=False, photos=True)[0]


def waiting_count(actor: Actor) -> int:
    """How many of those that the actor's desk lists wait for an answer; one statement."""
    return db.session.scalar(_of_desk(actor).with_only_columns(sa.func.count()).where(
        Proposal.state == ProposalState.WAITING)) or 0


def counts(community_id: int, since: dt.date, until: dt.date) -> tuple[int, int]:
    """(sent, adopted) between two instants' days, for the figures of a month."""
    begin, end = clock.at_local(since), clock.at_local(until + dt.timedelta(days=1))
    row = db.session.execute(sa.select(
        sa.func.count(), sa.func.sum(sa.case((Proposal.state == ProposalState.ADOPTED, 1), else_=0))).where(
            Proposal.community_id == community_id, Proposal.sent_at >= begin, Proposal.sent_at < end)).one()
    return row[0], row[1] or 0
