"""Who a case is proposed to, by its kind and the area it lies in; pure.

An area is named by its path (``1.4.7.``); one lies in another where its path begins with the other's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Route:
    """One line of the rule for a kind of problem: in this area that unit."""

    area_path: str
    unit_id: int


def proposed_unit(path: str, own_unit: int | None, routes: Sequence[Route], reach: Mapping[int, str]) -> int | None:
    """The unit for a case that lies at ``path``; None where a person has to choose.

    ``reach`` holds the open units with the path of their area, empty for the whole community. A route for the narrowest
    area around the case comes first, then the kind's own unit unless its area leaves the case out. A kind that has
    neither goes to the unit with the narrowest area around the case.
    """
    around = [route for route in routes if path.startswith(route.area_path) and route.unit_id in reach]
    if around:
        return max(around, key=lambda route: len(route.area_path)).unit_id
    if own_unit is not None:
        return own_unit if own_unit in reach and path.startswith(reach[own_unit]) else None
    near = [unit_id for unit_id, area in reach.items() if area and path.startswith(area)]
    return max(near, key=lambda unit_id: (len(reach[unit_id]), -unit_id), default=None)


def proposed_person(members: Collection[int], load: Mapping[int, int], reporters: Collection[int]) -> int | None:
    """The member with the fewest open cases who did not report this one; the first of equals. None where nobody is."""
    free = [user_id for user_id in members if user_id not in reporters]
    return min(free, key=lambda user_id: (load.get(user_id, 0), user_id), default=None)
