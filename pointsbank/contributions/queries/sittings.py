"""What can be asked about the panel: its sittings, what is on their lists, who voted what, how a vote stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.contributions import policy
from pointsbank.contributions.models import (
    Choice,
    Contribution,
    Outcome,
    PanelVote,
    Sitting,
    SittingItem,
    SittingMember,
    SittingState,
    State,
)
from pointsbank.contributions.panel import Count, count
from pointsbank.contributions.queries.deeds import by_ids, on_open_list
from pointsbank.contributions.queries.kinship import facts_of_users, independent_of
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import DomainError, NotFound
from pointsbank.core.paging import Page, page
from pointsbank.people.models import Appointment, LinkKind, Resident, User, UserResident
from pointsbank.people.roles import Role


def sitting(actor: Actor, sitting_id: int) -> Sitting:
    """One sitting, for the desk and the panel. Raises NotFound: it isn't there for others."""
    if not policy.may_see_sittings(actor):
        raise NotFound
    return get_scoped(Sitting, sitting_id, actor.community_id)


def sittings(actor: Actor, *, cursor: str | None = None, limit: int | None = None) -> Page[Sitting]:
    """The sittings of the actor's community, the newest first. Who may not see them sees none."""
    query = scoped(Sitting, actor.community_id)
    if not policy.may_see_sittings(actor):
        query = query.where(sa.false())
    return page(query, Sitting.id, cursor=cursor, limit=limit)


def open_lists(community_id: int, contribution_ids: Collection[int]) -> dict[int, Sitting]:
    """The open sitting on whose list each of these deeds is; those on none are left out. One statement."""
    if not contribution_ids:
        return {}
    rows = db.session.execute(
        sa.select(SittingItem.contribution_id, Sitting).join(Sitting, Sitting.id == SittingItem.sitting_id)
        .where(SittingItem.community_id == community_id, SittingItem.contribution_id.in_(list(contribution_ids)),
               SittingItem.outcome == Outcome.WAITING))
    return {row[0]: row[1] for row in rows}


def waiting_item(community_id: int, contribution_id: int) -> SittingItem | None:
    """The place of a deed on an open list, None if it is on none."""
    return db.session.scalars(scoped(SittingItem, community_id).where(
        SittingItem.contribution_id == contribution_id, SittingItem.outcome == Outcome.WAITING)).one_or_none()


@dataclass(frozen=True)
class Selection:
    """Which deeds come on a list: done in a period (either end may be open), of a kind, of a team."""

    from_on: dt.date | None = None
    to_on: dt.date | None = None
    kind: str = ""
    team_id: int | None = None


def candidates(community_id: int, chosen: Selection) -> sa.Select[Contribution]:
    """Deeds that wait for the panel, the oldest first. What had no quorum comes again, whenever it was done."""
    query = scoped(Contribution, community_id).where(Contribution.state == State.SUBMITTED)
    days = [day for day in (
        Contribution.done_on >= chosen.from_on if chosen.from_on else None,
        Contribution.done_on <= chosen.to_on if chosen.to_on else None) if day is not None]
    if days:
        query = query.where(sa.or_(sa.and_(*days), _had_no_quorum()))
    if chosen.kind:
        query = query.where(Contribution.kind == chosen.kind)
    if chosen.team_id is not None:
        query = query.where(Contribution.team_id == chosen.team_id)
    return query.order_by(Contribution.id)


def _had_no_quorum() -> sa.ColumnElement[bool]:
    return sa.exists().where(SittingItem.contribution_id == Contribution.id,
                             SittingItem.outcome == Outcome.NO_QUORUM)


def without_quorum(community_id: int, contribution_ids: Collection[int]) -> set[int]:
    """Those of these deeds for which an earlier sitting had no quorum."""
    return set(db.session.scalars(sa.select(SittingItem.contribution_id).where(
        SittingItem.community_id == community_id, SittingItem.contribution_id.in_(list(contribution_ids)),
        SittingItem.outcome == Outcome.NO_QUORUM)))


def waiting_deeds(community_id: int) -> int:
    """How many deeds could come on a list now."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Contribution).where(
        Contribution.community_id == community_id, Contribution.state == State.SUBMITTED, ~on_open_list())) or 0


# ── Who sits, and what is left for whom ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Seat:
    """A member of a sitting. ``in_office`` is False for somebody whose appointment has ended since."""

    user_id: int
    name: str
    in_office: bool


def seats(found: Sitting) -> list[Seat]:
    """The members of a sitting in the order of their names; one statement."""
    now = clock.now()
    held = sa.exists().where(
        Appointment.user_id == SittingMember.user_id, Appointment.role == Role.PANEL_MEMBER,
        Appointment.area_id == SittingMember.community_id, Appointment.since_at <= now,
        sa.or_(Appointment.until_at.is_(None), Appointment.until_at > now))
    rows = db.session.execute(
        sa.select(User.id, User.name, sa.and_(held, User.disabled_at.is_(None)))
        .join(SittingMember, SittingMember.user_id == User.id)
        .where(SittingMember.community_id == found.community_id, SittingMember.sitting_id == found.id)
        .order_by(User.name, User.id))
    return [Seat(user_id, name, bool(in_office)) for user_id, name, in_office in rows]


def inboxes(community_id: int, user_ids: Collection[int]) -> dict[int, int]:
    """The resident whose inbox each of these users reads; who is no resident here has none."""
    rows = db.session.execute(
        sa.select(UserResident.user_id, sa.func.min(Resident.id))
        .join(Resident, Resident.id == UserResident.resident_id)
        .where(UserResident.user_id.in_(list(user_ids)), UserResident.kind == LinkKind.SELF,
               Resident.community_id == community_id, Resident.left_on.is_(None), Resident.erased_at.is_(None))
        .group_by(UserResident.user_id))
    return {row[0]: row[1] for row in rows}


def left_for(user_id: int | None) -> tuple[sa.ColumnElement[bool], ...]:
    """Conditions on items joined with their deeds: this member's vote is missing, and they may cast it."""
    seated = sa.exists().where(SittingMember.sitting_id == SittingItem.sitting_id, SittingMember.user_id == user_id)
    voted = sa.exists().where(PanelVote.sitting_id == SittingItem.sitting_id, PanelVote.item_id == SittingItem.id,
                              PanelVote.user_id == user_id)
    return (SittingItem.outcome == Outcome.WAITING, Contribution.state == State.SUBMITTED, seated, ~voted,
            *independent_of(user_id))


@dataclass(frozen=True)
class Progress:
    """How many deeds are on a list, and about how many of them a member's vote is missing."""

    items: int = 0
    left: int = 0


def progress(community_id: int | None, user_id: int | None, sitting_ids: Collection[int]) -> dict[int, Progress]:
    """For lists of sittings: two statements for any number of them."""
    if not sitting_ids:
        return {}
    of_these = (SittingItem.community_id == community_id, SittingItem.sitting_id.in_(list(sitting_ids)))
    grouped = sa.select(SittingItem.sitting_id, sa.func.count()).where(*of_these).group_by(SittingItem.sitting_id)
    items = {row[0]: row[1] for row in db.session.execute(grouped)}
    left = {row[0]: row[1] for row in db.session.execute(
        grouped.join(Contribution, Contribution.id == SittingItem.contribution_id)
        .where(*left_for(user_id)))}
    return {i: Progress(items.get(i, 0), left.get(i, 0)) for i in sitting_ids}


def items(found: Sitting, *, left_of: int | None = None, cursor: str | None = None,
          limit: int | None = None) -> Page[SittingItem]:
    """The list of a sitting in its order; ``left_of`` a member only what this one has still to vote about."""
    query = scoped(SittingItem, found.community_id).where(SittingItem.sitting_id == found.id)
    if left_of is not None:
        query = query.join(Contribution, Contribution.id == SittingItem.contribution_id).where(*left_for(left_of))
    return page(query, SittingItem.id, cursor=cursor, limit=limit, descending=False)


def item(community_id: int | None, sitting_id: int, item_id: int) -> SittingItem:
    """One item of this sitting's list. Raises NotFound."""
    found = get_scoped(SittingItem, item_id, community_id)
    if found.sitting_id != sitting_id:
        raise NotFound
    return found


# ── Votes ───────────────────────────────────────────────────────────────────────────────────────────────────────


def last_votes(found: Sitting, *, item_ids: Collection[int] | None = None,
               user_id: int | None = None) -> Sequence[PanelVote]:
    """The vote that counts of each member about each deed, in the order they were cast; one statement."""
    newest = sa.select(sa.func.max(PanelVote.id)).where(
        PanelVote.community_id == found.community_id, PanelVote.sitting_id == found.id)
    if item_ids is not None:
        newest = newest.where(PanelVote.item_id.in_(list(item_ids)))
    if user_id is not None:
        newest = newest.where(PanelVote.user_id == user_id)
    newest = newest.group_by(PanelVote.item_id, PanelVote.user_id)
    return db.session.scalars(scoped(PanelVote, found.community_id).where(PanelVote.id.in_(newest))
                              .order_by(PanelVote.id)).all()


def votes_cast(found: Sitting) -> dict[int, int]:
    """About how many deeds each member has voted; who hasn't yet is left out."""
    rows = db.session.execute(
        sa.select(PanelVote.user_id, sa.func.count(sa.distinct(PanelVote.item_id)))
        .where(PanelVote.community_id == found.community_id, PanelVote.sitting_id == found.id)
        .group_by(PanelVote.user_id))
    return {row[0]: row[1] for row in rows}


def votes_of(found: Sitting, item_id: int) -> Sequence[PanelVote]:
    """Every vote ever cast about one deed, also those that were changed, in their order."""
    return db.session.scalars(scoped(PanelVote, found.community_id).where(
        PanelVote.sitting_id == found.id, PanelVote.item_id == item_id).order_by(PanelVote.id)).all()


@dataclass(frozen=True)
class Entry:
    """A deed on the list with all that counts. ``barred`` are the members who may not vote about it, and why (None:
    the seat is held no more); ``votes`` the last one of each member; ``count`` what stands now, or stood at the end."""

    item: SittingItem
    deed: Contribution
    barred: dict[int, type[DomainError] | None]
    votes: dict[int, PanelVote]
    count: Count

    @property
    def is_open(self) -> bool:
        """Still to be decided: its resident didn't take it back meanwhile either."""
        return self.item.outcome is Outcome.WAITING and self.deed.state is State.SUBMITTED

    @property
    def counted(self) -> list[PanelVote]:
        """The votes of those entitled, in the order they were cast."""
        return [vote for vote in self.votes.values() if vote.user_id not in self.barred]

    def missing(self, user_id: int) -> bool:
        """This member may vote about it and hasn't."""
        return self.is_open and user_id not in self.barred and user_id not in self.votes


@dataclass(frozen=True)
class Standing:
    """A whole sitting as it stands. ``last_vote_id`` tells one look at it from the next."""

    sitting: Sitting
    seats: list[Seat]
    entries: list[Entry]
    last_vote_id: int

    def missing(self, user_id: int) -> int:
        """How many votes of a member are missing."""
        return sum(entry.missing(user_id) for entry in self.entries)

    def voted(self, user_id: int) -> bool:
        """The member took part."""
        return any(user_id in entry.votes for entry in self.entries)

    @property
    def votes_missing(self) -> bool:
        """Somebody with a seat could still vote about something."""
        return any(seat.in_office and self.missing(seat.user_id) for seat in self.seats)


def standing(found: Sitting) -> Standing:
    """Count everything; seven statements, however many deeds and members."""
    rows = db.session.scalars(scoped(SittingItem, found.community_id).where(SittingItem.sitting_id == found.id)
                              .order_by(SittingItem.id)).all()
    deeds = by_ids(found.community_id, [row.contribution_id for row in rows])
    sitting_here = seats(found)
    facts = facts_of_users({seat.user_id for seat in sitting_here})
    votes: dict[int, dict[int, PanelVote]] = {row.id: {} for row in rows}
    newest = 0
    for vote in last_votes(found):
        votes[vote.item_id][vote.user_id] = vote
        newest = max(newest, vote.id)
    entries = []
    for row in rows:
        deed = deeds[row.contribution_id]
        barred = _barred(row, deed, sitting_here, facts)
        choices = [vote.choice for user, vote in votes[row.id].items() if user not in barred]
        entries.append(Entry(row, deed, barred, votes[row.id], _count(found, row, choices,
                                                                     len(sitting_here) - len(barred))))
    return Standing(found, sitting_here, entries, newest)


def _barred(row: SittingItem, deed: Contribution, sitting_here: Iterable[Seat],
            facts: dict[int, policy.Facts]) -> dict[int, type[DomainError] | None]:
    if row.outcome is not Outcome.WAITING:  # as it was when it was decided, whatever people declare later
        return {user_id: policy.conflict(facts[user_id], deed) for user_id in row.barred_user_ids or []}
    found = {seat.user_id: policy.conflict(facts[seat.user_id], deed) for seat in sitting_here}
    out = {seat.user_id for seat in sitting_here if not seat.in_office}
    return {user_id: why for user_id, why in found.items() if why is not None or user_id in out}


def _count(found: Sitting, row: SittingItem, choices: Iterable[Choice], entitled: int) -> Count:
    if row.outcome in {Outcome.WAITING, Outcome.DROPPED}:
        return count(choices, entitled, found.quorum)
    return Count(row.votes_for, row.votes_against, row.abstained, row.entitled, row.needed)


def open_until(day: dt.date) -> Sequence[Sitting]:
    """Open sittings of all communities whose votes are due by this day, for the job that reminds."""
    return db.session.scalars(sa.select(Sitting).where(
        Sitting.state == SittingState.OPEN, Sitting.due_on <= day).order_by(Sitting.id)).all()
