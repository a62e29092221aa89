"""What roles, teams, links and cards are called."""

from __future__ import annotations

from typing import Any

from pointsbank.core.errors import lazy
from pointsbank.people.models import CardState, LinkKind, TeamKind
from pointsbank.people.roles import Role

ROLE_NAMES: dict[Role, Any] = {
    Role.TEAM_LEADER: lazy("Team leader"), Role.OBSERVER: lazy("Observer"), Role.GRID_WORKER: lazy("Grid worker"),
    Role.MICRO_GRID_WORKER: lazy("Micro-grid worker"), Role.BUILDING_CAPTAIN: lazy("Building captain"),
    Role.REVIEWER: lazy("Reviewer"), Role.PANEL_MEMBER: lazy("Panel member"),
    Role.COMMITTEE_MEMBER: lazy("Committee member"),
    Role.SHOP_KEEPER: lazy("Shop-keeper"), Role.STOCK_MANAGER: lazy("Stock manager"),
    Role.SHOP_SUPERVISOR: lazy("Shop supervisor"), Role.AREA_SUPERVISOR: lazy("Area supervisor"),
    Role.ADMINISTRATOR: lazy("Administrator"),
}
TEAM_KINDS: dict[TeamKind, Any] = {
    TeamKind.VOLUNTEERS: lazy("Volunteer team"), TeamKind.OBSERVERS: lazy("Observer group"),
}
LINK_KINDS: dict[LinkKind, Any] = {
    LinkKind.SELF: lazy("The person themselves"), LinkKind.FAMILY: lazy("A family member"),
    LinkKind.GUARDIAN: lazy("A guardian"),
}
CARD_STATES: dict[CardState, Any] = {
    CardState.ACTIVE: lazy("In use"), CardState.BLOCKED: lazy("Blocked"), CardState.REPLACED: lazy("Replaced"),
}
