"""Sending photos as JSON's companion: multipart in, the photo's number and addresses out."""

from __future__ import annotations

from typing import Any

from flask import Response

from pointsbank.core.api import ApiRoom
from pointsbank.core.web import begin_write, current_actor, guard, reads_first
from pointsbank.media import services
from pointsbank.media.models import Photo
from pointsbank.media.pages import sent_photo
from pointsbank.media.schemas import PhotoFileInput, PhotoInput, PhotoView

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
