"""What areas and settings look like in JSON."""

from __future__ import annotations

import marshmallow as ma

from pointsbank.communities.models import AreaKind
from pointsbank.communities.settings import CHOICES, LeaverPolicy
from pointsbank.core.api import Input, PointsField, View, paged


class AreaView(View):
    """An area of the tree."""

    id = ma.fields.Integer()
    parent_id = ma.fields.Integer(allow_none=True)
    community_id = ma.fields.Integer(allow_none=True)
    kind = ma.fields.Enum(AreaKind, by_value=True)
    code = ma.fields.String()
    name = ma.fields.String()
    path = ma.fields.String()


class AreaInput(Input):
    """A new area."""

    parent_id = ma.fields.Integer(required=True)
    kind = ma.fields.Enum(AreaKind, by_value=True, required=True)
    code = ma.fields.String(required=True, validate=ma.validate.Length(1, 32))
    name = ma.fields.String(required=True, validate=ma.validate.Length(1, 80))


class AreaChange(Input):
    """Another name."""

    name = ma.fields.String(required=True, validate=ma.validate.Length(1, 80))


# The same fields both ways: money in fen, points as decimal strings.
_FIELDS: dict[str, ma.fields.Field] = {
    "notice_days": ma.fields.Integer(),
    "objection_window": ma.fields.String(),
    "objection_phone": ma.fields.String(),
    "objection_box": ma.fields.String(),
    "office_name": ma.fields.String(),
    "pickup_days": ma.fields.Integer(),
    "fen_per_point": ma.fields.Integer(),
    "budget_fen": ma.fields.Integer(),
    "monthly_cap": PointsField(),
    "expiry": ma.fields.String(validate=ma.validate.OneOf([p.value for p in CHOICES["expiry"]])),
    "expiry_months": ma.fields.Integer(),
    "open_days": ma.fields.List(ma.fields.Integer()),
    "resident_cancel": ma.fields.Boolean(),
    "checkout_share": ma.fields.Integer(),
    "minimum_stay": ma.fields.Integer(),
    "daily_redeem_cap": PointsField(),
    "typed_rows_cap": ma.fields.Integer(),
    "appeal_days": ma.fields.Integer(),
    "leaver_points": ma.fields.String(validate=ma.validate.OneOf([p.value for p in LeaverPolicy])),
    "leaver_days": ma.fields.Integer(),
    "heir_days": ma.fields.Integer(),
    "panel_required": ma.fields.String(validate=ma.validate.OneOf([p.value for p in CHOICES["panel_required"]])),
    "panel_points": PointsField(),
    "panel_quorum": ma.fields.Integer(),
    "review_days": ma.fields.Integer(),
    "comment_days": ma.fields.Integer(),
    "rectify_days": ma.fields.Integer(),
    "cover_days": ma.fields.Integer(),
    "resident_tags": ma.fields.List(ma.fields.String()),
}
SettingsView = View.from_dict(_FIELDS, name="SettingsView")
SettingsInput = Input.from_dict(_FIELDS, name="SettingsInput")
# The specification names schemas by their room.
SettingsView.__module__ = SettingsInput.__module__ = __name__
PagedAreaView = paged(AreaView)
