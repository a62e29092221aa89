"""What residents see: the shelf, an offer, the order before it is sent, their orders, the voucher."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.communities import settings as community_settings
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.errors import DomainError
from pointsbank.core.formats import format_short_day
from pointsbank.core.web import back_to, current_actor, flash_done, form_refused, guard, render
from pointsbank.people import queries as people
from pointsbank.shop import policy, queries, services
from pointsbank.shop.forms import CancelForm, OrderForm
from pointsbank.shop.models import RedemptionState, Shelf
from pointsbank.shop.pages.room import bp
from pointsbank.shop.services import vouchers


def _community(actor: Actor) -> int:
    assert actor.community_id is not None
    return actor.community_id


def _wallets(actor: Actor) -> list[services.Wallet]:
    assert actor.resident_id is not None
    resident = people.resident(actor.community_id, actor.resident_id)
    return services.wallets_of(_community(actor), resident, clock.today())


@bp.get("/shop")
@guard.resident
def index() -> Response:
    """The shelf: what I can afford first."""
    actor, today = current_actor(), clock.today()
    wallets = _wallets(actor)
    available = max(w.available for w in wallets)
    named = request.args.get("shelf", "")
    shelf = Shelf(named) if named in set(Shelf) else None
    return render("shop/index.html", offers=queries.offers(_community(actor), today, available=available, shelf=shelf),
                  available=available, shelf=shelf, outlets=queries.outlets(_community(actor)),
                  open_day=queries.next_open_day(_community(actor), today), settings=_settings(actor))


def _settings(actor: Actor) -> community_settings.CommunitySettings:
    return community_settings.of(_community(actor))


def _order_form(actor: Actor, shown: queries.Shown, wallets: list[services.Wallet], quantity: int) -> OrderForm:
    """The form with the outlets that have enough and the wallets that hold anything; no choice where there is one."""
    form = OrderForm()
    outlets = queries.outlets(_community(actor))
    form.outlet_id.choices = [
        (o.id, f"{o.name} {o.place}".strip()) for o in outlets
        if shown.left is None or shown.by_outlet.get(o.id, 0) >= quantity]
    filled = [w for w in wallets if w.available > 0] or wallets[:1]
    form.owner_key.choices = [(w.owner_key, _("The household’s points") if w.household_id else _("My own points"))
                              for w in filled]
    if form.outlet_id.data is None and form.outlet_id.choices:
        form.outlet_id.data = form.outlet_id.choices[0][0]
    if not form.owner_key.data:
        price = shown.offer.price * quantity
        form.owner_key.data = next((w.owner_key for w in filled if w.available >= price), filled[0].owner_key)
    return form


def _order_page(offer_id: int, quantity: int) -> tuple[OrderForm, dict[str, Any]]:
    actor, today = current_actor(), clock.today()
    shown = queries.offer(actor.community_id, offer_id, today)
    wallets = _wallets(actor)
    form = _order_form(actor, shown, wallets, quantity)
    best = max(w.available for w in wallets)
    return form, {
        "shown": shown, "offer": shown.offer, "wallets": {w.owner_key: w.available for w in wallets}, "best": best,
        "quantity": quantity, "total": shown.offer.price * quantity, "settings": _settings(actor),
        "open_day": queries.next_open_day(_community(actor), today),
        "until": queries.last_day(_community(actor), today), "outlets": queries.outlets(_community(actor)),
        "on_offer": shown.offer.on_offer(today)}


@bp.get("/shop/offers/<int:offer_id>")
@guard.resident
def offer(offer_id: int) -> Response:
    """One offer: what it is, who gave it, how many are left."""
    form, values = _order_page(offer_id, 1)
    return render("shop/offer.html", form=form, **values)


@bp.get("/shop/offers/<int:offer_id>/order")
@guard.resident
def confirm(offer_id: int) -> Response:
    """What will happen when the order is sent: points, goods, days."""
    wanted = request.args.get("quantity", "1")
    quantity = min(max(int(wanted), 1), 99) if wanted.isascii() and wanted.isdigit() and len(wanted) < 4 else 1
    form, values = _order_page(offer_id, quantity)
    return render("shop/confirm.html", form=form, **values)


@bp.post("/shop/offers/<int:offer_id>/order")
@guard.resident
def order(offer_id: int) -> Response:
    """Put goods and points aside."""
    quantity = request.form.get("quantity", type=int) or 0
    form, values = _order_page(offer_id, max(quantity, 1))
    chosen = request.form.get("outlet_id", type=int)
    try:
        made = services.order(current_actor(), offer_id, quantity, outlet_id=chosen,
                              owner_key=request.form.get("owner_key") or None)
    except DomainError as refusal:
        return form_refused("shop/confirm.html", form, refusal, **values)
    flash_done(_("It is put aside for you until %(day)s.", day=format_short_day(made.pick_up_by)))
    return back_to("shop.redemption", redemption_id=made.id)


@bp.get("/redemptions")
@guard.resident
def redemptions() -> Response:
    """My orders and my household's, newest first."""
    actor = current_actor()
    keys = [w.owner_key for w in _wallets(actor)]
    page = queries.redemptions(_community(actor), keys, actor.resident_id, cursor=request.args.get("cursor"))
    return render("shop/redemptions.html", page=page)


@bp.get("/redemptions/<int:redemption_id>")
@guard.resident
def redemption(redemption_id: int) -> Response:
    """The voucher: code, number, what, where, until when."""
    actor, today = current_actor(), clock.today()
    found = queries.redemption(actor, redemption_id, today)
    alive = found.state is RedemptionState.RESERVED and found.pick_up_by >= today
    settings = _settings(actor)
    return render("shop/redemption.html", redemption=found, alive=alive, form=CancelForm(),
                  address=vouchers.address_of(found) if alive else "", lots=queries.lots_of(found.id),
                  may_cancel=found.state is RedemptionState.RESERVED and (
                      settings.resident_cancel or policy.can_check(actor)),
                  open_day=queries.next_open_day(_community(actor), today))


@bp.post("/redemptions/<int:redemption_id>/cancel")
@guard.resident
def cancel(redemption_id: int) -> Response:
    """The order is off; the points come back."""
    services.cancel(current_actor(), redemption_id)
    flash_done(_("The order is cancelled. The points are back, with the same last day as before."))
    return back_to("shop.redemption", redemption_id=redemption_id)
