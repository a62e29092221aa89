"""Shapes of the shop's JSON."""

from __future__ import annotations

import marshmallow as ma
from flask import url_for

from pointsbank.core.api import Input, PageInput, PointsField, View
from pointsbank.shop.models import MovementKind, Receiver, StockSource
from pointsbank.shop.services import vouchers


class OfferView(View):
    """An offer. ``left`` null: not counted."""

    id = ma.fields.Integer(attribute="offer.id")
    name = ma.fields.String(attribute="offer.name")
    portion = ma.fields.String(attribute="offer.portion")
    unit = ma.fields.String(attribute="offer.unit")
    text = ma.fields.String(attribute="offer.text")
    kind = ma.fields.String(attribute="offer.kind")
    shelf = ma.fields.String(attribute="offer.shelf")
    price = PointsField(attribute="offer.price")
    top_up_fen = ma.fields.Integer(attribute="offer.top_up_fen")
    per_person = ma.fields.Integer(attribute="offer.per_person", allow_none=True)
    per_household = ma.fields.Integer(attribute="offer.per_household", allow_none=True)
    period = ma.fields.String(attribute="offer.period")
    until_on = ma.fields.Date(attribute="offer.until_on", allow_none=True)
    left = ma.fields.Integer(allow_none=True)
    donors = ma.fields.List(ma.fields.String())
    picture_url = ma.fields.Function(
        lambda shown: url_for("media.photo", key=shown.photo.key, size="thumb") if shown.photo else None,
        metadata={"type": ["string", "null"]})


class OffersView(View):
    """What can be ordered today."""

    items = ma.fields.List(ma.fields.Nested(OfferView))


class LineView(View):
    """So many units of an offer."""

    offer_id = ma.fields.Integer()
    name = ma.fields.String()
    unit = ma.fields.String()
    quantity = ma.fields.Integer()
    price = PointsField()


class RedemptionView(View):
    """An order with its voucher's number; the code itself is on the voucher alone."""

    id = ma.fields.Integer()
    state = ma.fields.String()
    channel = ma.fields.String()
    points = PointsField()
    top_up_fen = ma.fields.Integer()
    number = ma.fields.String()
    outlet_id = ma.fields.Integer()
    outlet = ma.fields.String(attribute="outlet.name")
    placed_at = ma.fields.AwareDateTime(format="iso")
    pick_up_by = ma.fields.Date()
    closed_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    received_by = ma.fields.String(allow_none=True)
    lines = ma.fields.List(ma.fields.Nested(LineView))


class VoucherView(RedemptionView):
    """One's own order: with the address that its QR carries while it waits."""

    code_url = ma.fields.Function(lambda row: vouchers.address_of(row) if row.state == "reserved" else None,
                                  metadata={"type": ["string", "null"]})


class CounterView(RedemptionView):
    """An order as its keeper sees it: masked."""

    masked_name = ma.fields.String()
    household_number = ma.fields.String()


class OrderInput(Input):
    """An order for the resident acted for. ``owner`` names the wallet; left out, the first with enough pays."""

    offer_id = ma.fields.Integer(required=True)
    quantity = ma.fields.Integer(load_default=1)
    outlet_id = ma.fields.Integer(load_default=None, allow_none=True)
    owner = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=40))


class CancelInput(Input):
    """A reason, where the supervisor cancels."""

    reason = ma.fields.String(load_default="", validate=ma.validate.Length(max=200))


class CollectInput(Input):
    """Who took the goods."""

    received_by = ma.fields.Enum(Receiver, by_value=True, load_default=Receiver.SELF)
    proxy_name = ma.fields.String(load_default="", validate=ma.validate.Length(max=40))
    reason = ma.fields.String(load_default="", validate=ma.validate.Length(max=200))


class FindInput(Input):
    """A scanned code, its address or a typed number."""

    voucher = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=200))


class LotView(View):
    """A lot on a shelf."""

    id = ma.fields.Integer()
    offer_id = ma.fields.Integer()
    name = ma.fields.String(attribute="offer.name")
    outlet_id = ma.fields.Integer()
    source = ma.fields.String()
    donor = ma.fields.String()
    donor_is_organisation = ma.fields.Boolean()
    document = ma.fields.String()
    unit_value_fen = ma.fields.Integer()
    received_on = ma.fields.Date()
    expires_on = ma.fields.Date(allow_none=True)
    on_hand = ma.fields.Integer()
    reserved = ma.fields.Integer()


class LotsInput(PageInput):
    """A page of lots."""

    offer_id = ma.fields.Integer(load_default=None)
    empty = ma.fields.Boolean(load_default=False)


class ReceiveInput(Input):
    """Goods that came in."""

    outlet_id = ma.fields.Integer(required=True)
    offer_id = ma.fields.Integer(required=True)
    quantity = ma.fields.Integer(required=True)
    source = ma.fields.Enum(StockSource, by_value=True, load_default=StockSource.PURCHASE)
    donor = ma.fields.String(load_default="", validate=ma.validate.Length(max=80))
    donor_is_organisation = ma.fields.Boolean(load_default=False)
    wish = ma.fields.String(load_default="", validate=ma.validate.Length(max=200))
    document = ma.fields.String(load_default="", validate=ma.validate.Length(max=60))
    unit_value_fen = ma.fields.Integer(load_default=0)
    received_on = ma.fields.Date(load_default=None, allow_none=True)
    expires_on = ma.fields.Date(load_default=None, allow_none=True)


class StockNoticeInput(Input):
    """A public list of what came in and went out from the first to the last day."""

    first = ma.fields.Date(required=True)
    last = ma.fields.Date(required=True)
    resolution = ma.fields.String(load_default="", validate=ma.validate.Length(max=400))
    days = ma.fields.Integer(load_default=None, allow_none=True, strict=True)


class MovementView(View):
    """A line of the stock book."""

    id = ma.fields.Integer()
    lot_id = ma.fields.Integer()
    kind = ma.fields.String()
    on_hand_change = ma.fields.Integer()
    reserved_change = ma.fields.Integer()
    reason = ma.fields.String()
    recorded_at = ma.fields.AwareDateTime(format="iso")


class MovementsInput(PageInput):
    """A page of the stock book."""

    lot_id = ma.fields.Integer(load_default=None)


class ProposeInput(Input):
    """A write-off or a count."""

    kind = ma.fields.Enum(MovementKind, by_value=True, required=True)
    quantity = ma.fields.Integer(required=True)
    reason = ma.fields.String(required=True, validate=ma.validate.Length(max=200))


class DecideInput(Input):
    """The second person's answer."""

    confirmed = ma.fields.Boolean(required=True)
    text = ma.fields.String(load_default="", validate=ma.validate.Length(max=200))


class CheckView(View):
    """A write-off or a count with its state."""

    id = ma.fields.Integer()
    lot_id = ma.fields.Integer()
    kind = ma.fields.String()
    quantity = ma.fields.Integer()
    change = ma.fields.Integer()
    state = ma.fields.String()
    reason = ma.fields.String()
