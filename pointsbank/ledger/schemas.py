"""Shapes of the ledger's JSON."""

from __future__ import annotations

import marshmallow as ma

from pointsbank.core.api import PageInput, PointsField, View
from pointsbank.ledger.models import Book


class LotSchema(View):
    """Points that expire on one day; null: never."""

    expires_on = ma.fields.Date(allow_none=True)
    remaining = PointsField()


class WalletView(View):
    """One wallet: what can be used now, what stands in the book, what is put aside, what is owed."""

    owner = ma.fields.String(metadata={"description": "household:<id> or resident:<id>"})
    book = ma.fields.String()
    available = PointsField()
    balance = PointsField()
    held = PointsField()
    debt = PointsField()
    lots = ma.fields.List(ma.fields.Nested(LotSchema))


class WalletsView(View):
    """The wallets of the resident acted for: the household's first."""

    items = ma.fields.List(ma.fields.Nested(WalletView))


class EntryView(View):
    """One line of a passbook."""

    id = ma.fields.Integer()
    recorded_at = ma.fields.AwareDateTime(format="iso")
    kind = ma.fields.String()
    amount = PointsField(metadata={"description": "signed"})
    balance_after = PointsField()
    source_key = ma.fields.String()
    book = ma.fields.String()
    expires_on = ma.fields.Date(allow_none=True)


class EntriesInput(PageInput):
    """A page of one book."""

    book = ma.fields.Enum(Book, by_value=True, load_default=Book.POINTS)


class FaultView(View):
    """One finding of the check."""

    code = ma.fields.String()
    row = ma.fields.String()
    text = ma.fields.String()


class VerifyView(View):
    """The outcome of checking the community's book."""

    clean = ma.fields.Boolean()
    faults = ma.fields.List(ma.fields.Nested(FaultView))
