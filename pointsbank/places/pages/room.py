"""The room's blueprint, and what several pages ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pointsbank.communities import queries as communities
from pointsbank.communities.models import Area
from pointsbank.core.errors import NotFound
from pointsbank.core.web import Room, current_actor
from pointsbank.places import wording
from pointsbank.places.models import Place
from pointsbank.places.positions import Spot

bp = Room("places", "pointsbank.places.pages")


def community_id() -> int:
    """The community acted in. Raises NotFound where none is chosen."""
    found = current_actor().community_id
    if found is None:
        raise NotFound
    return found


def spots_of(places: Sequence[Place]) -> list[Spot]:
    """Places with a position as points with a name."""
    return [Spot(p.id, p.name, p.lat, p.lon) for p in places if p.lat is not None and p.lon is not None]


def areas_of(places: Sequence[Place]) -> dict[int, Area]:
    """The grids and buildings that places lie in, by id, in one statement."""
    return communities.by_ids(p.area_id for p in places if p.area_id is not None)


@bp.record_once
def _words(state: Any) -> None:
    # Macros that are imported see globals only.
    state.app.jinja_env.globals.update(place_words=wording)
