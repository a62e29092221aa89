"""The JSON shapes of places and tags."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from pointsbank.core.api import Input, PageInput, View
from pointsbank.places.coordinates import Crs
from pointsbank.places.models import PlaceKind


class PlacesInput(PageInput):
    """A page of places; ``q`` is looked for in names and aliases."""

    q = ma.fields.String(load_default="", validate=ma.validate.Length(max=60))
    kind = ma.fields.Enum(PlaceKind, by_value=True, load_default=None)
    closed = ma.fields.Boolean(load_default=False)


class PlaceInput(Input):
    """A place. ``lat`` and ``lon`` are degrees in ``crs``, both or neither; they are kept as given."""

    name = ma.fields.String(required=True, validate=ma.validate.Length(1, 60))
    kind = ma.fields.Enum(PlaceKind, by_value=True, load_default=PlaceKind.OTHER)
    aliases = ma.fields.List(ma.fields.String(validate=ma.validate.Length(1, 40)), load_default=list,
                             validate=ma.validate.Length(max=10))
    note = ma.fields.String(load_default="", validate=ma.validate.Length(max=200))
    area_id = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(1, 2**31 - 1))
    lat = ma.fields.Float(load_default=None, allow_none=True)
    lon = ma.fields.Float(load_default=None, allow_none=True)
    crs = ma.fields.Enum(Crs, by_value=True, load_default=Crs.WGS84)


class PlaceView(View):
    """A place; ``lat`` and ``lon`` in WGS84, ``given_*`` as they were entered in ``crs``."""

    id = ma.fields.Integer()
    name = ma.fields.String()
    kind = ma.fields.Enum(PlaceKind, by_value=True)
    aliases = ma.fields.List(ma.fields.String())
    note = ma.fields.String()
    area_id = ma.fields.Integer(allow_none=True)
    lat = ma.fields.Float(allow_none=True)
    lon = ma.fields.Float(allow_none=True)
    given_lat = ma.fields.Float(allow_none=True)
    given_lon = ma.fields.Float(allow_none=True)
    crs = ma.fields.Enum(Crs, by_value=True, allow_none=True)
    closed_at = ma.fields.AwareDateTime(format="iso", allow_none=True)


class TagView(View):
    """A tag and the code on it."""

    place_id = ma.fields.Integer()
    number = ma.fields.Integer()
    code = ma.fields.Method("_code")
    issued_at = ma.fields.AwareDateTime(format="iso")
    revoked_at = ma.fields.AwareDateTime(format="iso", allow_none=True)

    def _code(self, tag: Any) -> str | None:
        from pointsbank.places.codes import code_of

        return code_of(tag) if tag.revoked_at is None else None


class WhereInput(ma.Schema):
    """A point in degrees, in ``crs``."""

    lat = ma.fields.Float(required=True, validate=ma.validate.Range(-85, 85))
    lon = ma.fields.Float(required=True, validate=ma.validate.Range(-180, 180))
    crs = ma.fields.Enum(Crs, by_value=True, load_default=Crs.WGS84)


class NearView(View):
    """A place near a point: metres, and words in the language asked for."""

    place_id = ma.fields.Integer(attribute="spot.id")
    name = ma.fields.String(attribute="spot.name")
    metres = ma.fields.Integer()
    words = ma.fields.String()


class WhereView(View):
    """Where a point lies: one sentence, and the places nearest to it."""

    sentence = ma.fields.String()
    nearest = ma.fields.List(ma.fields.Nested(NearView))
