"""Shapes of the photos' JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import url_for
from flask_smorest.fields import Upload

from pointsbank.core.api import Input, View
from pointsbank.media.models import Photo, Purpose


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
