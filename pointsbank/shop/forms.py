"""Forms of the shop: shape only; what is allowed is the services' to say."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from pointsbank.core.errors import lazy
from pointsbank.core.points import NotPoints, format_points, parse_points
from pointsbank.shop import texts
from pointsbank.shop.models import LimitPeriod, MovementKind, Offer, Receiver, RewardKind, Shelf, StockSource
from pointsbank.shop.services import OfferDraft, Receipt

NEEDED = InputRequired(lazy("This is needed."))


def choices_of(words: dict[Any, Any]) -> list[tuple[str, Any]]:
    """Stored values with their words, as a form field wants them."""
    return [(member.value, text) for member, text in words.items()]


class HundredthsField(StringField):
    """Points or yuan as people write them, kept as an integer in hundredths."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Reads ``2.5`` as 250; an empty field is None."""
        self.raw = valuelist[0] if valuelist else ""
        self.data = None
        if self.raw.strip():
            try:
                self.data = parse_points(self.raw)
            except NotPoints as refusal:
                raise ValueError(refusal.sentence) from None

    def _value(self) -> str:
        if getattr(self, "raw", None) is not None and self.errors:
            return str(self.raw)
        return format_points(self.data).replace(",", "").replace("−", "-") if isinstance(self.data, int) else ""


class OrderForm(FlaskForm):
    """How many of an offer, where, from which wallet."""

    quantity = IntegerField(lazy("How many"), [NEEDED, NumberRange(1, 99, lazy("Between 1 and 99."))], default=1)
    outlet_id = RadioField(lazy("Where will you pick it up?"), [Optional()], coerce=int)
    owner_key = RadioField(lazy("Which points pay?"), [Optional()])


class CancelForm(FlaskForm):
    """Only the token."""


class FindForm(FlaskForm):
    """A voucher or a card at the counter: typed, scanned by a scanner that types, or a photo of the code."""

    text = StringField(lazy("Number of the voucher or the card"), [Optional(), Length(max=200)], description=lazy(
        "12 digits below the voucher’s code, or 8 on the member card."))
    photo = FileField(lazy("Photo of the code"), [Optional()])


class HandOverForm(FlaskForm):
    """Who takes the goods."""

    received_by = RadioField(lazy("Who takes it?"), [NEEDED], choices=choices_of(texts.RECEIVERS),
                             default=Receiver.SELF.value)
    proxy_name = StringField(lazy("Name of who came instead"), [Optional(), Length(max=40)])
    reason = StringField(lazy("Why did somebody else come?"), [Optional(), Length(max=200)])


class CounterForm(FlaskForm):
    """Redeem with a card."""

    card = HiddenField()
    outlet_id = SelectField(lazy("Outlet"), coerce=int)
    offer_id = RadioField(lazy("What is handed over?"), [NEEDED], coerce=int)
    quantity = IntegerField(lazy("How many"), [NEEDED, NumberRange(1, 99, lazy("Between 1 and 99."))], default=1)
    name = StringField(lazy("Name of the card’s holder, as they say it"), [Optional(), Length(max=60)])
    proxy_name = StringField(lazy("Somebody else came: their name"), [Optional(), Length(max=40)])
    reason = StringField(lazy("Why did somebody else come?"), [Optional(), Length(max=200)])


class OfferForm(FlaskForm):
    """Write an offer."""

    name = StringField(lazy("Its name"), [NEEDED, Length(max=40)])
    portion = StringField(lazy("Size or weight of one"), [Optional(), Length(max=40)],
                          description=lazy("For example 10 kg."))
    unit = StringField(lazy("One of it is called"), [NEEDED, Length(max=8)], description=lazy("Bag, bottle, time …"))
    price = HundredthsField(lazy("Price in points"), [NEEDED])
    top_up_fen = HundredthsField(lazy("Cash to be added, in yuan"), [Optional()], description=lazy(
        "Only noted on the voucher; the points bank handles no cash."))
    kind = RadioField(lazy("What kind"), choices=choices_of(texts.KINDS), default=RewardKind.GOODS.value)
    shelf = SelectField(lazy("Shelf"), choices=choices_of(texts.SHELVES), default=Shelf.FOOD.value)
    stocked = BooleanField(lazy("Counted in stock"), default=True, description=lazy(
        "Only what was received can be ordered. Leave out for services that are always there."))
    per_person = IntegerField(lazy("At most for one person"), [Optional()])
    per_household = IntegerField(lazy("At most for one household"), [Optional()])
    period = SelectField(lazy("Counted over"), choices=choices_of(texts.PERIODS), default=LimitPeriod.MONTH.value)
    from_on = DateField(lazy("First day"), [Optional()])
    until_on = DateField(lazy("Last day"), [Optional()])
    text = TextAreaField(lazy("What people should know"), [Optional(), Length(max=400)])
    picture = FileField(lazy("Picture"), [Optional()], description=lazy("Replaces the one before."))

    def draft(self) -> OfferDraft:
        """The filled-in form as plain values."""
        return OfferDraft(
            name=self.name.data or "", price=self.price.data or 0, unit=self.unit.data or "",
            portion=self.portion.data or "", text=self.text.data or "", kind=self.kind.data, shelf=self.shelf.data,
            top_up_fen=self.top_up_fen.data or 0, stocked=bool(self.stocked.data), from_on=self.from_on.data,
            until_on=self.until_on.data, per_person=self.per_person.data, per_household=self.per_household.data,
            period=self.period.data)

    @classmethod
    def of(cls, offer: Offer) -> OfferForm:
        """The form filled in from an offer."""
        return cls(data={
            "name": offer.name, "portion": offer.portion, "unit": offer.unit, "price": offer.price,
            "top_up_fen": offer.top_up_fen, "kind": offer.kind.value, "shelf": offer.shelf.value,
            "stocked": offer.stocked, "per_person": offer.per_person, "per_household": offer.per_household,
            "period": offer.period.value, "from_on": offer.from_on, "until_on": offer.until_on, "text": offer.text})


class ReceiveForm(FlaskForm):
    """Goods that came in."""

    offer_id = SelectField(lazy("What came"), coerce=int)
    outlet_id = SelectField(lazy("To which outlet"), coerce=int)
    quantity = IntegerField(lazy("How many"), [NEEDED])
    source = RadioField(lazy("Where from"), choices=choices_of(texts.SOURCES), default=StockSource.PURCHASE.value)
    donor = StringField(lazy("Who gave it"), [Optional(), Length(max=80)], description=lazy(
        "For donated goods. Residents see the name."))
    donor_is_organisation = BooleanField(lazy("The donor is a company or an association"), description=lazy(
        "Its name stands in full on public notices. The name of a person is masked there."))
    wish = StringField(lazy("The donor’s wish"), [Optional(), Length(max=200)])
    unit_value_fen = HundredthsField(lazy("Value of one, in yuan"), [Optional()])
    document = StringField(lazy("Number of the delivery note or invoice"), [Optional(), Length(max=60)])
    received_on = DateField(lazy("Came on"), [Optional()])
    expires_on = DateField(lazy("Good until"), [Optional()])
    picture = FileField(lazy("Photo of the delivery note"), [Optional()])

    def receipt(self) -> Receipt:
        """The filled-in form as plain values."""
        received: dt.date | None = self.received_on.data
        return Receipt(
            outlet_id=self.outlet_id.data, offer_id=self.offer_id.data, quantity=self.quantity.data or 0,
            source=self.source.data, donor=self.donor.data or "",
            donor_is_organisation=bool(self.donor_is_organisation.data), wish=self.wish.data or "",
            document=self.document.data or "", unit_value_fen=self.unit_value_fen.data or 0, received_on=received,
            expires_on=self.expires_on.data)


class StockNoticeForm(FlaskForm):
    """A public list of what came in and went out."""

    first = DateField(lazy("From"), [NEEDED])
    last = DateField(lazy("Until"), [NEEDED])
    resolution = StringField(lazy("Decision it rests on"), [Optional(), Length(max=400)])
    days = IntegerField(lazy("Days on the board"), [Optional()])


class ProposeForm(FlaskForm):
    """A write-off or a count of one lot."""

    kind = RadioField(lazy("What is to be done?"), choices=[
        (MovementKind.COUNT.value, lazy("I counted the shelf")),
        (MovementKind.WRITE_OFF.value, lazy("Something is broken or over its date"))],
        default=MovementKind.COUNT.value)
    quantity = IntegerField(lazy("How many now"), [NEEDED], description=lazy(
        "What you counted; or how many are to be written off."))
    reason = StringField(lazy("Reason"), [NEEDED, Length(max=200)])


class DecideForm(FlaskForm):
    """The second person's answer."""

    text = StringField(lazy("Remark"), [Optional(), Length(max=200)])


class ReasonForm(FlaskForm):
    """A step by hand with its reason."""

    reason = StringField(lazy("Reason"), [NEEDED, Length(max=200)])


class OutletForm(FlaskForm):
    """Open an outlet or change what people read about it."""

    name = StringField(lazy("Its name"), [NEEDED, Length(max=60)])
    place = StringField(lazy("Where it is"), [Optional(), Length(max=120)])
    hours = StringField(lazy("Open from – to"), [Optional(), Length(max=60)],
                        description=lazy("For example 9:00–11:30. Open days are set with the community’s settings."))


class KeeperForm(FlaskForm):
    """Who stands at an outlet."""

    user_id = SelectField(lazy("Shop-keeper"), coerce=int)
