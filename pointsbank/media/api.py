"""Sending photos as JSON's companion: multipart in, the photo's number and addresses out."""

from __future__ import annotations

from typing import Any

from flask import Response

from pointsbank.core.api import ApiRoom, PageInput, paged
from pointsbank.core.paging import Page
from pointsbank.core.web import answers_secret, begin_write, current_actor, guard, reads_first
from pointsbank.media import covering, policy, queries, services
from pointsbank.media.models import CoverStep, Photo
from pointsbank.media.pages import original_of, sent_photo
from pointsbank.media.schemas import (
    BoxesInput,
    CoverStepView,
    OpenedView,
    PhotoFileInput,
    PhotoInput,
    PhotoView,
    WhyInput,
    opened_view,
)
from pointsbank.people.roles import DESK

api = ApiRoom("media", __name__, prefix="/photos", description="Photos of deeds, activities and offers.")


@api.post("")
@guard.signed_in
@reads_first
@api.arguments(PhotoFileInput, location="files")
@api.arguments(PhotoInput, location="form")
@api.response(201, PhotoView)
def add(sent: dict[str, Any], given: dict[str, Any]) -> Photo:
    """Send a photo. It is used nowhere yet and is forgotten after a day unless a deed, activity or offer takes it."""
    prepared = services.prepare(sent["photo"].read(services.MOST_BYTES + 1))
    begin_write()
    return services.store(current_actor(), None, "", given["purpose"], prepared)


@api.delete("/<int:photo_id>")
@guard.signed_in
@api.response(204)
def remove(photo_id: int) -> None:
    """Take back a photo of one's own that is used nowhere yet."""
    services.remove(current_actor(), photo_id)


@api.get("/<key>/<size>")
@guard.signed_in
def photo_file(key: str, size: str) -> Response:
    """The photo itself, ``full`` or ``thumb``, as ``image/jpeg``, for whoever may see it."""
    return sent_photo(key, size)


@api.post("/<int:photo_id>/boxes")
@guard.staff(*DESK)
@reads_first
@api.arguments(BoxesInput)
@api.response(200, PhotoView)
def cover(given: dict[str, Any], photo_id: int) -> Photo:
    """Draw black boxes into a photo for good. Its addresses change: the old ones open nothing any more."""
    boxes = [[box[side] for side in ("left", "top", "width", "height")] for box in given["boxes"]]
    prepared = covering.prepare_cover(current_actor(), photo_id, boxes)
    begin_write()
    return covering.cover(current_actor(), prepared)


@api.get("/<int:photo_id>/history")
@guard.staff(*DESK)
@api.arguments(PageInput, location="query")
@api.response(200, paged(CoverStepView))
def history(asked: dict[str, Any], photo_id: int) -> Page[CoverStep]:
    """What was covered on a photo, opened and taken back, newest first."""
    return queries.cover_steps(current_actor(), photo_id, **asked)


@api.post("/<int:photo_id>/original")
@guard.staff(*policy.UNCOVERERS)
@answers_secret
@api.arguments(WhyInput)
@api.response(200, OpenedView)
def open_original(given: dict[str, Any], photo_id: int) -> dict[str, Any]:
    """Open the uncovered picture, with a reason on record; its address is good for five minutes, for you alone."""
    return opened_view(covering.open_original(current_actor(), photo_id, given["reason"]))


@api.get("/originals/<text>")
@guard.staff(*policy.UNCOVERERS)
def original(text: str) -> Response:
    """The uncovered picture behind an address of ``POST /photos/<id>/original``."""
    return original_of(text)


@api.post("/<int:photo_id>/restore")
@guard.staff(*policy.UNCOVERERS)
@api.arguments(WhyInput)
@api.response(200, PhotoView)
def restore(given: dict[str, Any], photo_id: int) -> Photo:
    """Take all boxes away again, while the uncovered picture is kept."""
    return covering.restore(current_actor(), photo_id, given["reason"])
