"""The shop at the desk: the overview, offers, outlets, orders and the month's settlement."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.communities import settings as community_settings
from pointsbank.core import clock
from pointsbank.core.errors import DomainError
from pointsbank.core.paging import MOST
from pointsbank.core.points import to_decimal
from pointsbank.core.sheets import write_xlsx
from pointsbank.core.web import (
    back_to,
    begin_write,
    current_actor,
    flash_done,
    form_refused,
    guard,
    reads_first,
    render,
    xlsx_response,
)
from pointsbank.media import services as media
from pointsbank.shop import figures, policy, queries, services, texts
from pointsbank.shop.forms import KeeperForm, OfferForm, OutletForm, ReasonForm
from pointsbank.shop.models import RedemptionState
from pointsbank.shop.pages.room import bp


def community() -> int:
    """The community acted in; desk pages have one."""
    community_id = current_actor().community_id
    assert community_id is not None
    return community_id


def wants_sheet() -> bool:
    """The list as a workbook instead of a page."""
    return request.args.get("format") == "xlsx"


def day_of(value: dt.datetime | dt.date | None) -> Any:
    """A cell with a day, as Shanghai's calendar has it."""
    if isinstance(value, dt.datetime):
        return clock.local(value).strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if value else ""


@bp.get("/desk/shop")
@guard.staff(*policy.READERS)
def desk() -> Response:
    """What waits in the shop, whether the goods cover what is owed, and the doors to its lists."""
    today = clock.today()
    month = clock.at_local(today.replace(day=1))
    return render("shop/desk.html", waiting_orders=queries.waiting_orders(community()),
                  waiting_checks=queries.waiting_checks(community()),
                  expiring=queries.expiring_lots(community(), today), cover=figures.cover(community(), today),
                  popular=figures.popular(community(), month), may_receive=policy.can_keep_stock(current_actor()),
                  may_price=policy.can_price(current_actor()), outlets=queries.outlets(community()),
                  open_day=queries.next_open_day(community(), today), settings=community_settings.of(community()))


# ── Offers ──────────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/desk/shop/offers")
@guard.staff(*policy.READERS)
def desk_offers() -> Response:
    """Every offer with price, what is left and its state."""
    shown = queries.all_offers(community(), clock.today())
    if wants_sheet():
        rows = [[s.offer.name, s.offer.portion, s.offer.unit, to_decimal(s.offer.price), to_decimal(s.offer.top_up_fen),
                 s.left if s.left is not None else "", str(texts.SHELVES[s.offer.shelf]),
                 str(texts.OFFER_STATES[s.offer.state])] for s in shown]
        heads = [_("Its name"), _("Size or weight of one"), _("Unit"), _("Price in points"), _("Cash in yuan"),
                 _("Left"), _("Shelf"), _("State")]
        return xlsx_response("offers", write_xlsx(_("Offers"), heads, rows))
    return render("shop/desk_offers.html", offers=shown, may_price=policy.can_price(current_actor()))


@bp.get("/desk/shop/offers/new")
@guard.staff(*policy.PRICE_MAKERS)
def new_offer() -> Response:
    """An empty form."""
    return render("shop/offer_form.html", form=OfferForm(), shown=None)


@bp.get("/desk/shop/offers/<int:offer_id>")
@guard.staff(*policy.PRICE_MAKERS)
def edit_offer(offer_id: int) -> Response:
    """An offer to be changed."""
    shown = queries.offer(current_actor().community_id, offer_id, clock.today(), drafts=True)
    return render("shop/offer_form.html", form=OfferForm.of(shown.offer), shown=shown)


@bp.post("/desk/shop/offers/new", endpoint="create_offer")
@bp.post("/desk/shop/offers/<int:offer_id>", endpoint="save_offer")
@guard.staff(*policy.PRICE_MAKERS)
@reads_first
def save_offer(offer_id: int | None = None) -> Response:
    """Keep an offer; its picture is prepared before the write lock is taken."""
    form = OfferForm()
    well_formed = form.validate()
    refusal: DomainError | None = None
    try:
        pictures = media.prepare_uploads([request.files.get("picture")], most=1) if well_formed else []
        begin_write()
        if well_formed:
            offer = services.save_offer(current_actor(), form.draft(), offer_id=offer_id,
                                        photo=pictures[0] if pictures else None)
            flash_done(_("%(name)s is kept.", name=offer.name))
            return back_to("shop.edit_offer", offer_id=offer.id)
    except DomainError as told:
        refusal = told
    shown = queries.offer(community(), offer_id, clock.today(), drafts=True) if offer_id else None
    if refusal is not None:
        return form_refused("shop/offer_form.html", form, refusal, shown=shown)
    return render("shop/offer_form.html", 422, form=form, shown=shown)


@bp.post("/desk/shop/offers/<int:offer_id>/state")
@guard.staff(*policy.PRICE_MAKERS)
def offer_state(offer_id: int) -> Response:
    """Open, pause or close an offer."""
    wanted = request.form.get("state", "")
    offer = services.set_offer_state(current_actor(), offer_id, wanted)
    flash_done(f"{offer.name}: {texts.OFFER_STATES[offer.state]}")
    return back_to("shop.edit_offer", offer_id=offer_id)


# ── Outlets ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _outlets_page(form: OutletForm, refusal: DomainError | None = None) -> Response:
    choices = [(u.id, u.name) for u in services.keepers_to_choose(community())]
    keeper_form = KeeperForm(formdata=None)
    keeper_form.user_id.choices = choices
    values = {"outlets": queries.outlets(community(), closed=True), "keepers": queries.keepers(community()),
              "keeper_form": keeper_form, "may_price": policy.can_price(current_actor())}
    if refusal is not None:
        return form_refused("shop/outlets.html", form, refusal, **values)
    return render("shop/outlets.html", form=form, **values)


@bp.get("/desk/shop/outlets")
@guard.staff(*policy.READERS)
def outlets() -> Response:
    """The outlets and who stands at them."""
    return _outlets_page(OutletForm())


@bp.post("/desk/shop/outlets", endpoint="create_outlet")
@bp.post("/desk/shop/outlets/<int:outlet_id>", endpoint="save_outlet")
@guard.staff(*policy.PRICE_MAKERS)
def save_outlet(outlet_id: int | None = None) -> Response:
    """Open an outlet or change it."""
    form = OutletForm()
    try:
        services.save_outlet(current_actor(), form.name.data or "", form.place.data or "", form.hours.data or "",
                             outlet_id=outlet_id)
    except DomainError as refusal:
        return _outlets_page(form, refusal)
    flash_done(_("The outlet is kept."))
    return back_to("shop.outlets")


@bp.post("/desk/shop/outlets/<int:outlet_id>/close")
@guard.staff(*policy.PRICE_MAKERS)
def close_outlet(outlet_id: int) -> Response:
    """Close an outlet at which nothing waits."""
    services.close_outlet(current_actor(), outlet_id)
    flash_done(_("The outlet is closed."))
    return back_to("shop.outlets")


@bp.post("/desk/shop/outlets/<int:outlet_id>/keepers")
@guard.staff(*policy.PRICE_MAKERS)
def put_keeper(outlet_id: int) -> Response:
    """Put somebody down for an outlet."""
    services.put_keeper(current_actor(), outlet_id, request.form.get("user_id", type=int) or 0)
    flash_done(_("From now on this keeper hands over there."))
    return back_to("shop.outlets")


@bp.post("/desk/shop/outlets/<int:outlet_id>/keepers/<int:user_id>/end")
@guard.staff(*policy.PRICE_MAKERS)
def end_keeper(outlet_id: int, user_id: int) -> Response:
    """Somebody does not stand there any more."""
    services.end_keeper(current_actor(), outlet_id, user_id)
    flash_done(_("From now on this keeper does not hand over there any more."))
    return back_to("shop.outlets")


# ── Orders ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _order_rows(found: Any) -> list[list[Any]]:
    who = queries.people_of(community(), found)
    return [[r.number, who[r.id][1], who[r.id][0], line.name, line.quantity, to_decimal(line.price * line.quantity),
             to_decimal(r.top_up_fen), r.outlet.name, day_of(r.placed_at), day_of(r.closed_at),
             str(texts.STATES[r.state])] for r in found for line in r.lines]


def _order_heads() -> list[str]:
    return [_("Voucher number"), _("Household"), _("Name"), _("Which goods"), _("Quantity"), _("Points"),
            _("Cash in yuan"), _("Outlet"), _("Ordered"), _("Closed on"), _("State")]


@bp.get("/desk/shop/redemptions")
@guard.staff(*policy.READERS)
def desk_redemptions() -> Response:
    """The orders of the community, masked, by state."""
    named = request.args.get("state", "")
    state = RedemptionState(named) if named in set(RedemptionState) else None
    limit = MOST if wants_sheet() else None
    page = queries.all_redemptions(community(), state=state, cursor=request.args.get("cursor"), limit=limit)
    if wants_sheet():
        rows, at = list(page.items), page.next
        while at and len(rows) < 20_000:
            more = queries.all_redemptions(community(), state=state, cursor=at, limit=MOST)
            rows, at = rows + list(more.items), more.next
        return xlsx_response("orders", write_xlsx(_("Orders"), _order_heads(), _order_rows(rows)))
    return render("shop/desk_redemptions.html", page=page, state=state, who=queries.people_of(community(), page.items))


@bp.get("/desk/shop/redemptions/<int:redemption_id>")
@guard.staff(*policy.READERS)
def desk_redemption(redemption_id: int) -> Response:
    """One order with what the supervisor may do about it."""
    found = queries.redemption(current_actor(), redemption_id, clock.today())
    return _desk_redemption(found, ReasonForm())


def _desk_redemption(found: Any, form: ReasonForm, refusal: DomainError | None = None) -> Response:
    values = {"redemption": found, "who": queries.people_of(community(), [found])[found.id],
              "lots": queries.lots_of(found.id), "may_check": policy.can_check(current_actor())}
    if refusal is not None:
        return form_refused("shop/desk_redemption.html", form, refusal, **values)
    return render("shop/desk_redemption.html", form=form, **values)


@bp.post("/desk/shop/redemptions/<int:redemption_id>/undo")
@guard.staff(*policy.CHECKERS)
def undo(redemption_id: int) -> Response:
    """Cancel an order for somebody, or take goods back."""
    form = ReasonForm()
    actor = current_actor()
    found = queries.redemption(actor, redemption_id, clock.today())
    try:
        if found.state is RedemptionState.RESERVED:
            services.cancel(actor, redemption_id, form.reason.data or "")
        else:
            services.take_back(actor, redemption_id, form.reason.data or "")
    except DomainError as refusal:
        # The service took the row anew under its lock, so that its lines have to be read again for the page.
        return _desk_redemption(queries.redemption(actor, redemption_id, clock.today()), form, refusal)
    flash_done(_("Done. Goods and points are back, and the household is told."))
    return back_to("shop.desk_redemption", redemption_id=redemption_id)


@bp.get("/desk/shop/settlement")
@guard.staff(*policy.READERS)
def settlement() -> Response:
    """A month by outlet, and voucher by voucher as a workbook."""
    named = request.args.get("month", "")
    try:
        month = dt.date.fromisoformat(f"{named}-01")
    except ValueError:
        month = clock.today().replace(day=1)
    if wants_sheet():
        rows = _order_rows(figures.settlement_rows(community(), month))
        return xlsx_response(f"settlement-{month:%Y-%m}", write_xlsx(_("Settlement"), _order_heads(), rows))
    return render("shop/settlement.html", month=month, rows=figures.settlement(community(), month),
                  months=figures.months(community(), 6), settings=community_settings.of(community()))
