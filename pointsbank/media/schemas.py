"""Shapes of the photos' JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import url_for
from flask_smorest.fields import Upload

from pointsbank.core.api import Input, View
from pointsbank.media.boxes import WHOLE
from pointsbank.media.covering import OPEN_FOR
from pointsbank.media.models import CoverStep, Photo, Purpose


class PhotoFileInput(Input):
    """The file of a multipart body."""

    photo = Upload(required=True, metadata={"description": "JPEG, PNG, WebP or HEIC, at most 20 MB and 40 megapixels"})


class PhotoInput(Input):
    """What goes with the file. Who may see the photo follows from its purpose."""

    purpose = ma.fields.Enum(Purpose, by_value=True, load_default=Purpose.DEED)


class PhotoView(View):
    """A photo; deeds, activities and offers take its ``id``."""

    id = ma.fields.Integer()
    purpose = ma.fields.String()
    width = ma.fields.Integer()
    height = ma.fields.Integer()
    bytes = ma.fields.Integer()
    created_at = ma.fields.AwareDateTime(format="iso")
    full_url = ma.fields.Function(lambda photo: _address(photo, "full"), metadata={"type": "string"})
    thumb_url = ma.fields.Function(lambda photo: _address(photo, "thumb"), metadata={"type": "string"})


def _address(photo: Photo, size: str) -> Any:
    return url_for("api_media.photo_file", key=photo.key, size=size)


class BoxInput(Input):
    """One black box, in fractions of the photo from 0 to 1."""

    left = ma.fields.Float(required=True)
    top = ma.fields.Float(required=True)
    width = ma.fields.Float(required=True, metadata={"description": "at least 0.01"})
    height = ma.fields.Float(required=True, metadata={"description": "at least 0.01"})


class BoxesInput(Input):
    """Up to 20 boxes."""

    boxes = ma.fields.List(ma.fields.Nested(BoxInput), required=True)


class WhyInput(Input):
    """Why somebody looks behind a cover or takes it off."""

    reason = ma.fields.String(required=True, metadata={"description": "4 to 200 characters"})


class OpenedView(View):
    """Where the uncovered picture can be fetched for some minutes."""

    url = ma.fields.String()
    minutes = ma.fields.Integer()


class CoverStepView(View):
    """One step of a photo's cover. ``boxes`` are (left, top, width, height) as fractions."""

    kind = ma.fields.String()
    boxes = ma.fields.Function(lambda step: _fractions(step), metadata={
        "type": "array", "items": {"type": "array", "items": {"type": "number"}}})
    reason = ma.fields.String()
    by_user_id = ma.fields.Integer(allow_none=True)
    at = ma.fields.AwareDateTime(format="iso")


def _fractions(step: CoverStep) -> list[list[float]]:
    return [[number / WHOLE for number in box] for box in step.boxes]


def opened_view(text: str) -> dict[str, Any]:
    """The address of an opened picture."""
    return {"url": url_for("api_media.original", text=text), "minutes": int(OPEN_FOR.total_seconds()) // 60}
