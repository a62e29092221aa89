"""Places as JSON."""

from __future__ import annotations

from typing import Any

from pointsbank.core.api import ApiRoom, paged
from pointsbank.core.paging import Page
from pointsbank.core.web import answers_secret, current_actor, guard
from pointsbank.places import policy, queries, services
from pointsbank.places.coordinates import to_wgs84
from pointsbank.places.facts import Facts
from pointsbank.places.models import Place, PlaceTag
from pointsbank.places.pages.room import spots_of
from pointsbank.places.positions import describe, nearest
from pointsbank.places.schemas import PlaceInput, PlacesInput, PlaceView, TagView, WhereInput, WhereView

api = ApiRoom("places", __name__, prefix="/places", description="Places of the community and the tags that hang there.")


def _facts(given: dict[str, Any]) -> Facts:
    return Facts(**{**given, "aliases": tuple(given["aliases"])})


@api.get("")
@guard.signed_in
@api.arguments(PlacesInput, location="query")
@api.response(200, paged(PlaceView))
def places(asked: dict[str, Any]) -> Page[Place]:
    """The community's places, searched by name or alias."""
    return queries.listed(current_actor().community_id, text=asked.pop("q"), **asked)


@api.get("/where")
@guard.signed_in
@api.arguments(WhereInput, location="query")
@api.response(200, WhereView)
def where(asked: dict[str, Any]) -> dict[str, Any]:
    """Where a point lies, in words. Nothing of it is stored."""
    point = to_wgs84(**asked)
    spots = spots_of(queries.on_the_plan(current_actor().community_id))
    return {"sentence": describe(point, spots), "nearest": nearest(point, spots)}


@api.post("")
@guard.staff(*policy.EDITORS)
@api.arguments(PlaceInput)
@api.response(201, PlaceView)
def create(given: dict[str, Any]) -> Place:
    """Enter a place."""
    return services.create(current_actor(), _facts(given))


@api.get("/<int:place_id>")
@guard.signed_in
@api.response(200, PlaceView)
def place(place_id: int) -> Place:
    """One place, open or closed."""
    return queries.place(current_actor().community_id, place_id)


@api.put("/<int:place_id>")
@guard.staff(*policy.EDITORS)
@api.arguments(PlaceInput)
@api.response(200, PlaceView)
def change(given: dict[str, Any], place_id: int) -> Place:
    """Say everything about a place anew."""
    return services.change(current_actor(), place_id, _facts(given))


@api.post("/<int:place_id>/close")
@guard.staff(*policy.EDITORS)
@api.response(200, PlaceView)
def close(place_id: int) -> Place:
    """It is gone; its tag stops working."""
    return services.close(current_actor(), place_id)


@api.get("/<int:place_id>/tags")
@guard.staff(*policy.EDITORS)
@api.response(200, TagView(many=True))
def tags(place_id: int) -> list[PlaceTag]:
    """The tags that a place has and had, the newest first."""
    found = queries.place(current_actor().community_id, place_id)
    return list(queries.tags_of(found.community_id, found.id))


@api.post("/<int:place_id>/tag")
@guard.staff(*policy.EDITORS)
@answers_secret
@api.response(201, TagView)
def issue_tag(place_id: int) -> PlaceTag:
    """A tag for a place that has none in force."""
    return services.issue_tags(current_actor(), [place_id])[0]


@api.post("/<int:place_id>/tag/reissue")
@guard.staff(*policy.EDITORS)
@answers_secret
@api.response(201, TagView)
def reissue_tag(place_id: int) -> PlaceTag:
    """A new tag; the old one stops working."""
    return services.reissue_tag(current_actor(), place_id)


@api.post("/<int:place_id>/tag/revoke")
@guard.staff(*policy.EDITORS)
@api.response(200, TagView)
def revoke_tag(place_id: int) -> PlaceTag:
    """The tag stops working."""
    return services.revoke_tag(current_actor(), place_id)
