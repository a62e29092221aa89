"""The roles of a points bank and who may appoint whom."""

from __future__ import annotations

import enum


class Role(enum.StrEnum):
    """An appointment's role. What each may do stands in ``docs/grants.md`` and in the rooms' ``policy.py``."""

    TEAM_LEADER = "team_leader"
    OBSERVER = "observer"
    GRID_WORKER = "grid_worker"
    MICRO_GRID_WORKER = "micro_grid_worker"
    BUILDING_CAPTAIN = "building_captain"
    REVIEWER = "reviewer"
    PANEL_MEMBER = "panel_member"
    COMMITTEE_MEMBER = "committee_member"
    SHOP_KEEPER = "shop_keeper"
    STOCK_MANAGER = "stock_manager"
    SHOP_SUPERVISOR = "shop_supervisor"
    AREA_SUPERVISOR = "area_supervisor"
    ADMINISTRATOR = "administrator"


# Who sits at the desk: sees the community's lists.
DESK = (Role.COMMITTEE_MEMBER, Role.REVIEWER, Role.AREA_SUPERVISOR, Role.ADMINISTRATOR)
# Who may decide on deeds, notices and objections.
JUDGES = (Role.COMMITTEE_MEMBER, Role.REVIEWER, Role.AREA_SUPERVISOR)
# Who has a say about deeds at all: those who decide alone, and those who vote as a panel.
VOICES = (*JUDGES, Role.PANEL_MEMBER)
# Who may help others at the counter and enter things for them.
PROXIES = (Role.COMMITTEE_MEMBER, Role.GRID_WORKER, Role.MICRO_GRID_WORKER, Role.BUILDING_CAPTAIN)
SHOP = (Role.SHOP_KEEPER, Role.STOCK_MANAGER, Role.SHOP_SUPERVISOR)
# Who keeps the lists of people in order.
OFFICE = (Role.COMMITTEE_MEMBER, Role.AREA_SUPERVISOR, Role.ADMINISTRATOR)
# Who goes from door to door, in a grid or building of their own.
ROUNDS = (Role.GRID_WORKER, Role.MICRO_GRID_WORKER, Role.BUILDING_CAPTAIN)
STAFF = tuple(Role)

# Grants only below one's own level and inside one's own area.
MAY_APPOINT: dict[Role, tuple[Role, ...]] = {
    Role.ADMINISTRATOR: tuple(Role),
    Role.AREA_SUPERVISOR: tuple(r for r in Role if r not in {Role.ADMINISTRATOR, Role.AREA_SUPERVISOR}),
    Role.COMMITTEE_MEMBER: (Role.TEAM_LEADER, Role.OBSERVER, Role.GRID_WORKER, Role.MICRO_GRID_WORKER,
                            Role.BUILDING_CAPTAIN, Role.REVIEWER, Role.PANEL_MEMBER, Role.SHOP_KEEPER,
                            Role.STOCK_MANAGER, Role.SHOP_SUPERVISOR),
}
