"""Areas and settings as JSON."""

from __future__ import annotations

from typing import Any

from pointsbank.communities import queries, services
from pointsbank.communities import settings as settings_module
from pointsbank.communities.policy import MAY_SET
from pointsbank.communities.schemas import AreaChange, AreaInput, AreaView, PagedAreaView, SettingsInput, SettingsView
from pointsbank.core.api import ApiRoom, PageInput
from pointsbank.core.web import current_actor, guard

api = ApiRoom("communities", __name__, prefix="/areas", description="The tree of areas, and a community's settings")


@api.get("")
@guard.signed_in
@api.arguments(PageInput, location="query")
@api.response(200, PagedAreaView)
def list_areas(asked: dict[str, Any]) -> Any:
    """The areas of the community acted in."""
    return queries.areas_page(current_actor().community_id, **asked)


@api.post("")
@guard.staff(*MAY_SET)
@api.arguments(AreaInput)
@api.response(201, AreaView)
def create_area(given: dict[str, Any]) -> Any:
    """Add an area inside another one."""
    return services.create_area(current_actor(), **given)


@api.get("/<int:area_id>")
@guard.signed_in
@api.response(200, AreaView)
def get_area(area_id: int) -> Any:
    """One area of the community acted in, or above it."""
    return queries.visible_area(current_actor(), area_id)


@api.patch("/<int:area_id>")
@guard.staff(*MAY_SET)
@api.arguments(AreaChange)
@api.response(200, AreaView)
def rename_area(given: dict[str, Any], area_id: int) -> Any:
    """Give an area another name."""
    return services.rename_area(current_actor(), area_id, given["name"])


@api.delete("/<int:area_id>")
@guard.staff(*MAY_SET)
@api.response(200, AreaView)
def close_area(area_id: int) -> Any:
    """Dissolve an area without others inside; it stays where it is named."""
    return services.close_area(current_actor(), area_id)


@api.get("/settings")
@guard.staff(*MAY_SET, "reviewer")
@api.response(200, SettingsView)
def get_settings() -> Any:
    """The settings of the community acted in."""
    return settings_module.of(current_actor().community_id or 0)


@api.patch("/settings")
@guard.staff(*MAY_SET)
@api.arguments(SettingsInput)
@api.response(200, SettingsView)
def change_settings(given: dict[str, Any]) -> Any:
    """Change some settings."""
    actor = current_actor()
    return services.update_settings(actor, actor.community_id or 0, given)
