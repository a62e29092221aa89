"""What can be asked about the points of teams: what there is, how it was shared, and words for the passbook."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _

from pointsbank.contributions.models import ShareState, TeamShare, TeamShareLine
from pointsbank.core import clock
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.paging import Page, page
from pointsbank.ledger import queries as book
from pointsbank.ledger.queries import LotView
from pointsbank.people import queries as people
from pointsbank.people.models import Team

_KEY = re.compile(r"share:(\d+):.*")


@dataclass(frozen=True)
class TeamPurse:
    """What a team has to share, by last day."""

    available: int
    lots: Sequence[LotView]


def team_purse(community_id: int, team_id: int) -> TeamPurse:
    """The points of a team; one statement."""
    lots = book.lots(community_id, f"team:{team_id}", clock.today())
    return TeamPurse(sum(lot.remaining for lot in lots), lots)


def open_share(community_id: int, team_id: int) -> TeamShare | None:
    """The proposal that waits, if there is one."""
    return db.session.scalars(scoped(TeamShare, community_id).where(
        TeamShare.team_id == team_id, TeamShare.state == ShareState.PROPOSED)).one_or_none()


def shares(community_id: int, team_id: int | None = None, *, cursor: str | None = None,
           limit: int | None = None) -> Page[TeamShare]:
    """How a team's points (or all teams') were shared, newest first."""
    query = scoped(TeamShare, community_id)
    if team_id is not None:
        query = query.where(TeamShare.team_id == team_id)
    return page(query, TeamShare.id, cursor=cursor, limit=limit)


def share(community_id: int | None, share_id: int) -> TeamShare:
    """One of this community. Raises NotFound."""
    return get_scoped(TeamShare, share_id, community_id)


def lines_of(community_id: int, share_ids: Iterable[int]) -> dict[int, list[TeamShareLine]]:
    """Who gets how much, by proposal; one statement."""
    found: dict[int, list[TeamShareLine]] = {i: [] for i in share_ids}
    for line in db.session.scalars(scoped(TeamShareLine, community_id).where(
            TeamShareLine.share_id.in_(found)).order_by(TeamShareLine.share_id, TeamShareLine.resident_id)):
        found[line.share_id].append(line)
    return found


def names_of(community_id: int, lines: Iterable[TeamShareLine]) -> dict[int, str]:
    """The names of those who get something; one statement."""
    return {i: r.name for i, r in people.residents_by_id(community_id, {line.resident_id for line in lines}).items()}


def waiting_shares(community_id: int) -> int:
    """How many wait for somebody of the committee."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(TeamShare).where(
        TeamShare.community_id == community_id, TeamShare.state == ShareState.PROPOSED)) or 0


def describe_shares(community_id: int, source_keys: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Title and note of ``share:…`` keys; unknown ones are left out. One statement."""
    parts = {key: int(match[1]) for key in source_keys if (match := _KEY.fullmatch(key)) is not None}
    if not parts:
        return {}
    rows = {row.id: (row, name) for row, name in db.session.execute(
        sa.select(TeamShare, Team.name).join(Team, Team.id == TeamShare.team_id)
        .where(TeamShare.community_id == community_id, TeamShare.id.in_(set(parts.values()))))}
    return {key: (_("Shared: points of the team %(team)s", team=rows[number][1]), rows[number][0].reason)
            for key, number in parts.items() if number in rows}
