"""Keys of platforms for the desk, codes of a resident for themselves."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from pointsbank.core.db import db, scoped
from pointsbank.core.paging import Page, page
from pointsbank.open311.models import Open311Client, Open311Link


def clients(community_id: int | None, *, cursor: str | None = None, limit: int | None = None) -> Page[Open311Client]:
    """The platforms of a community, the newest first."""
    return page(scoped(Open311Client, community_id), Open311Client.id, cursor=cursor, limit=limit)


def names_of_clients(community_id: int | None, ids: Sequence[int]) -> dict[int, str]:
    """Names of platforms by id."""
    if not ids:
        return {}
    rows = db.session.execute(sa.select(Open311Client.id, Open311Client.name).where(
        Open311Client.community_id == community_id, Open311Client.id.in_(ids)))
    return {row[0]: row[1] for row in rows}


def links(community_id: int | None, resident_id: int | None) -> Sequence[Open311Link]:
    """A resident's codes, the newest first; those taken back too."""
    return db.session.scalars(scoped(Open311Link, community_id).where(Open311Link.resident_id == resident_id)
                              .order_by(Open311Link.id.desc()).limit(20)).all()
