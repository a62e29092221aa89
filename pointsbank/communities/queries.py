"""Questions about the tree of areas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from pointsbank.communities.models import Area, AreaKind
from pointsbank.core.actor import Actor
from pointsbank.core.db import db
from pointsbank.core.errors import NotFound
from pointsbank.core.paging import Page, page


def area(area_id: int) -> Area:
    """One area. Raises NotFound."""
    found = db.session.get(Area, area_id)
    if found is None:
        raise NotFound
    return found


def by_code(code: str) -> Area:
    """The area with this code. Raises NotFound."""
    found = db.session.scalars(sa.select(Area).where(Area.code == code.strip())).one_or_none()
    if found is None:
        raise NotFound
    return found


def community_by_code(code: str) -> Area:
    """The community with this code. Raises NotFound, also for areas of another kind."""
    found = by_code(code)
    if found.kind is not AreaKind.COMMUNITY:
        raise NotFound
    return found


def by_ids(ids: Iterable[int]) -> dict[int, Area]:
    """Areas by id, in one statement."""
    wanted = set(ids)
    if not wanted:
        return {}
    return {a.id: a for a in db.session.scalars(sa.select(Area).where(Area.id.in_(wanted)))}


def communities_below(path: str) -> Sequence[Area]:
    """The open communities at or below the area with this path (``1.4.``), in order of the tree."""
    return db.session.scalars(
        sa.select(Area).where(Area.kind == AreaKind.COMMUNITY, Area.closed_at.is_(None),
                              Area.path.startswith(path, autoescape=True)).order_by(Area.path)).all()


def all_communities() -> Sequence[Area]:
    """Every open community (jobs walk through them one by one)."""
    return communities_below("")


def community_at(path: str) -> Area | None:
    """The community that an area's path lies in; None above communities."""
    ids = [int(part) for part in path.split(".") if part]
    return db.session.scalars(
        sa.select(Area).where(Area.id.in_(ids), Area.kind == AreaKind.COMMUNITY)).one_or_none()


def above(path: str) -> Sequence[Area]:
    """The areas above the one with this path, the nearest first."""
    ids = [int(part) for part in path.split(".") if part][:-1]
    found = by_ids(ids)
    return [found[i] for i in reversed(ids) if i in found]


def inside(path: str, *, closed: bool = False) -> Sequence[Area]:
    """The area itself and everything inside it. Parents come before their children."""
    query = sa.select(Area).where(Area.path.startswith(path, autoescape=True))
    if not closed:
        query = query.where(Area.closed_at.is_(None))
    return sorted(db.session.scalars(query), key=lambda a: [int(part) for part in a.path.split(".") if part])


def areas_of(community_id: int) -> Sequence[Area]:
    """The open areas of one community, itself included."""
    return db.session.scalars(
        sa.select(Area).where(Area.community_id == community_id, Area.closed_at.is_(None)).order_by(Area.path)).all()


def grid_names(community_id: int) -> dict[int, str]:
    """By area id, also of buildings: the name of the grid around it; of the widest area where no grid is around it."""
    found: dict[int, str] = {}
    kinds: dict[int, AreaKind] = {}
    for each in areas_of(community_id):  # parents come before their children
        parent = each.parent_id or 0
        if each.id != community_id:
            inherits = parent in found and (kinds[parent] is AreaKind.GRID or each.kind is not AreaKind.GRID)
            found[each.id] = found[parent] if inherits else each.name
            kinds[each.id] = kinds[parent] if inherits else each.kind
    return found


def areas_page(community_id: int | None, *, cursor: str | None = None, limit: int | None = None) -> Page[Area]:
    """The open areas of one community, page by page."""
    query = sa.select(Area).where(Area.community_id == community_id, Area.closed_at.is_(None))
    return page(query, Area.id, descending=False, cursor=cursor, limit=limit)


def visible_area(actor: Actor, area_id: int) -> Area:
    """An area of the community acted in, one above it, or one below the actor's own offices. Raises NotFound."""
    found = area(area_id)
    home = bool(actor.area_path) and (found.path.startswith(actor.area_path) or actor.area_path.startswith(found.path))
    if not home and not any(found.path.startswith(g.area_path) for g in actor.grants if g.team_id is None):
        raise NotFound
    return found


def depth(area: Area) -> int:
    """How many areas lie above this one."""
    return area.path.count(".") - 1
