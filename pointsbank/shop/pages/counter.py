"""The counter: find a voucher or a card, see what to give to whom, hand it over."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.errors import DomainError, NotFound
from pointsbank.core.web import (
    back_to,
    begin_write,
    current_actor,
    flash_done,
    form_refused,
    guard,
    reads_first,
    render,
)
from pointsbank.people import queries as people
from pointsbank.shop import policy, queries, scanning, services
from pointsbank.shop.forms import CounterForm, FindForm, HandOverForm
from pointsbank.shop.models import RedemptionState
from pointsbank.shop.pages.room import bp
from pointsbank.shop.services import closing
from pointsbank.shop.services import counter as cards

CARD_DIGITS = 8


def _overview(actor: Actor) -> dict[str, Any]:
    assert actor.community_id is not None
    mine = services.own_outlets(actor)
    today = clock.today()
    start = clock.at_local(today)
    done = queries.all_redemptions(actor.community_id, outlet_ids=mine, since=start, limit=50)
    waiting = queries.all_redemptions(actor.community_id, outlet_ids=mine, state=RedemptionState.RESERVED, limit=20)
    return {
        "outlets": [o for o in queries.outlets(actor.community_id) if o.id in mine], "done": done.items,
        "waiting": waiting, "who": queries.people_of(actor.community_id, [*done.items, *waiting.items]),
        "open_now": queries.is_open(actor.community_id, today),
        "open_day": queries.next_open_day(actor.community_id, today)}


@bp.get("/counter")
@guard.staff(*policy.KEEPERS)
def counter() -> Response:
    """Scan or type; below it what was handed over today and what waits."""
    actor = current_actor()
    return render("shop/counter.html", form=FindForm(), **_overview(actor))


@bp.post("/counter/find")
@guard.staff(*policy.KEEPERS)
@reads_first
def find() -> Response:
    """A voucher's code, a card's code, a number of either, or a photo of the code."""
    form = FindForm()
    photo = request.files.get("photo")
    text = (request.form.get("text") or "").strip()
    try:
        if photo is not None and photo.filename:
            text = scanning.text_of_photo(photo.stream)
        begin_write()
        actor = current_actor()
        if _is_card(text):
            holder = services.look_up_card(actor, text)
            return _card_page(actor, text, holder)
        found = queries.by_voucher(actor.community_id, text)
        return back_to("shop.voucher", redemption_id=found.id)
    except DomainError as refusal:
        return form_refused("shop/counter.html", form, refusal, **_overview(current_actor()))


def _is_card(text: str) -> bool:
    """A member card carries an address ``/c/…`` or eight digits; a voucher ``/h/…`` or twelve."""
    digits = text.replace(" ", "").replace("-", "")
    return "/c/" in text.lower() or (digits.isascii() and digits.isdigit() and len(digits) == CARD_DIGITS)


@bp.get("/h/<code>")
@bp.get("/H/<code>")
@guard.signed_in
def scanned(code: str) -> Response:
    """What the QR of a voucher opens in any phone's camera: the counter for its keeper, the voucher for its holder."""
    actor = current_actor()
    found = queries.by_voucher(actor.community_id, code)
    if policy.can_stand_at_counter(actor):
        return back_to("shop.voucher", redemption_id=found.id)
    return back_to("shop.redemption", redemption_id=found.id)


@bp.get("/counter/vouchers/<int:redemption_id>")
@guard.staff(*policy.KEEPERS)
def voucher(redemption_id: int) -> Response:
    """What to give to whom; or why nothing is to be given."""
    return _voucher_page(current_actor(), redemption_id, HandOverForm())


def _voucher_page(actor: Actor, redemption_id: int, form: HandOverForm, refusal: DomainError | None = None) -> Response:
    found = queries.at_counter(actor, redemption_id, services.own_outlets(actor))
    stop = refusal.sentence if refusal is not None else ""
    if not stop:
        try:
            closing.refuse_closed_order(found, found.outlet.name)
            closing.refuse_closed_day(found.community_id)
        except DomainError as told:
            stop = told.sentence
    values = {
        "redemption": found, "stop": stop, "lots": queries.lots_of(found.id),
        "who": queries.people_of(found.community_id, [found])[found.id],
        "photos": queries.pictures(found.community_id, [line.offer_id for line in found.lines]),
        "fixable": found.state is RedemptionState.RESERVED and refusal is not None}
    if refusal is not None:
        return form_refused("shop/voucher.html", form, refusal, **values)
    return render("shop/voucher.html", form=form, **values)


@bp.post("/counter/vouchers/<int:redemption_id>")
@guard.staff(*policy.KEEPERS)
def hand_over(redemption_id: int) -> Response:
    """The goods are in their hands."""
    form = HandOverForm()
    actor = current_actor()
    if not form.validate():
        return _voucher_page(actor, redemption_id, form)
    try:
        services.hand_over(actor, redemption_id, form.received_by.data, proxy_name=form.proxy_name.data or "",
                           reason=form.reason.data or "")
    except NotFound:
        raise
    except DomainError as refusal:
        return _voucher_page(actor, redemption_id, form, refusal)
    flash_done(_("Handed over. The points are paid."))
    return back_to("shop.handed_over", redemption_id=redemption_id)


@bp.get("/counter/done/<int:redemption_id>")
@guard.staff(*policy.KEEPERS)
def handed_over(redemption_id: int) -> Response:
    """The last step: given, with the way to the receipt and to the next person."""
    actor = current_actor()
    found = queries.at_counter(actor, redemption_id, services.own_outlets(actor))
    return render("shop/handed_over.html", redemption=found,
                  who=queries.people_of(found.community_id, [found])[found.id])


@bp.get("/counter/receipts/<int:redemption_id>")
@guard.staff(*policy.KEEPERS)
def receipt(redemption_id: int) -> Response:
    """The receipt on paper, A4 or 80 mm wide."""
    actor = current_actor()
    found = queries.at_counter(actor, redemption_id, services.own_outlets(actor))
    balance = cards.holder(people.resident(found.community_id, found.resident_id))
    left = next((w.available for w in balance.wallets if w.owner_key == found.owner_key), None)
    return render("shop/receipt.html", redemption=found, left=left, narrow=request.args.get("paper") == "80",
                  who=queries.people_of(found.community_id, [found])[found.id], lots=queries.lots_of(found.id))


# ── With a card ─────────────────────────────────────────────────────────────────────────────────────────────────


def _card_page(actor: Actor, text: str, holder: cards.CardHolder, form: CounterForm | None = None,
               refusal: DomainError | None = None) -> Response:
    assert actor.community_id is not None
    today: dt.date = clock.today()
    mine = services.own_outlets(actor)
    outlets = [o for o in queries.outlets(actor.community_id) if o.id in mine]
    shown = [s for s in queries.offers(actor.community_id, today, available=holder.available)
             if s.left is None or any(s.by_outlet.get(i, 0) > 0 for i in mine)]
    form = form or CounterForm(formdata=None, card=text)
    _fill(form, outlets, shown)
    values = {"holder": holder, "offers": {s.offer.id: s for s in shown}, "outlets": outlets,
              "open_now": queries.is_open(actor.community_id, today),
              "open_day": queries.next_open_day(actor.community_id, today)}
    if refusal is not None:
        return form_refused("shop/card.html", form, refusal, **values)
    return render("shop/card.html", form=form, **values)


def _fill(form: CounterForm, outlets: list[Any], shown: list[queries.Shown]) -> None:
    form.outlet_id.choices = [(o.id, o.name) for o in outlets]
    form.offer_id.choices = [(s.offer.id, f"{s.offer.name} {s.offer.portion}".strip()) for s in shown]


@bp.post("/counter/redeem")
@guard.staff(*policy.KEEPERS)
def redeem() -> Response:
    """Redeem for somebody with a card and no phone."""
    actor = current_actor()
    text = request.form.get("card", "")
    holder = services.look_up_card(actor, text)
    form = CounterForm()
    outlet_id = request.form.get("outlet_id", type=int) or 0
    offer_id = request.form.get("offer_id", type=int) or 0
    try:
        made = services.redeem(
            actor, text, offer_id, request.form.get("quantity", type=int) or 0, outlet_id=outlet_id,
            name=form.name.data or "", proxy_name=form.proxy_name.data or "", reason=form.reason.data or "")
    except DomainError as refusal:
        return _card_page(actor, text, holder, form, refusal)
    flash_done(_("Handed over. The points are paid."))
    return back_to("shop.handed_over", redemption_id=made.id)
