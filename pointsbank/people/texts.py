"""What roles, teams, links and cards are called."""

from __future__ import annotations

from typing import Any

from pointsbank.core.errors import lazy
from pointsbank.core.i18n import N_
from pointsbank.people.models import CardState, ExportKind, ExportRequest, ExportState, LinkKind, TeamKind
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
# English: they are kept in messages as well.
EXPORT_NAMES: dict[ExportKind, str] = {
    ExportKind.RESIDENTS: N_("List of residents"), ExportKind.HOUSEHOLDS: N_("Door list with the heads"),
}


def export_chip(request: ExportRequest) -> tuple[str, str, Any]:
    """Kind, icon and words of a request's state; an approval that is used up or over is over."""
    if request.state is ExportState.ASKED:
        return "wait", "hourglass-split", lazy("Waits for approval")
    if request.state is ExportState.REFUSED:
        return "stop", "x-octagon-fill", lazy("Refused")
    if request.is_over:
        return "idle", "dash-circle", lazy("Over")
    return "done", "check-circle-fill", lazy("Approved")
