"""The stock book at the desk: lots, goods that come in, every movement, write-offs and counts by two people."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

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
from pointsbank.media import queries as photos
from pointsbank.media import services as media
from pointsbank.people import queries as people
from pointsbank.shop import policy, queries, services, texts
from pointsbank.shop.forms import DecideForm, ProposeForm, ReceiveForm
from pointsbank.shop.models import CheckState, MovementKind, OfferState, StockMovement
from pointsbank.shop.pages.desk import community, day_of, wants_sheet
from pointsbank.shop.pages.room import bp

SHEET_ROWS = 20_000


def _all(ask: Any) -> list[Any]:
    """Every page of a list, for a workbook."""
    page = ask(None)
    rows = list(page.items)
    while page.next and len(rows) < SHEET_ROWS:
        page = ask(page.next)
        rows += page.items
    return rows


@bp.get("/desk/shop/stock")
@guard.staff(*policy.READERS)
def desk_stock() -> Response:
    """The lots: what lies where, whose gift it was, until when it is good."""
    empty = request.args.get("empty") == "1"
    if wants_sheet():
        found = _all(lambda at: queries.lots(community(), empty=empty, cursor=at, limit=MOST))
        rows = [[lot.id, lot.offer.name, lot.outlet.name, str(texts.SOURCES[lot.source]), lot.donor, lot.document,
                 day_of(lot.received_on), day_of(lot.expires_on), lot.on_hand, lot.reserved, lot.on_hand - lot.reserved,
                 to_decimal(lot.unit_value_fen)] for lot in found]
        heads = [_("Lot"), _("Its name"), _("Outlet"), _("Where from"), _("Donor"), _("Document"), _("Came on"),
                 _("Good until"), _("On the shelf"), _("Put aside"), _("Free"), _("Value of one, in yuan")]
        return xlsx_response("stock", write_xlsx(_("Stock"), heads, rows))
    page = queries.lots(community(), empty=empty, cursor=request.args.get("cursor"))
    return render("shop/desk_stock.html", page=page, with_empty=empty,
                  may_receive=policy.can_keep_stock(current_actor()))


@bp.get("/desk/shop/lots/<int:lot_id>")
@guard.staff(*policy.READERS)
def desk_lot(lot_id: int) -> Response:
    """One lot with its movements and papers."""
    return _lot_page(lot_id, ProposeForm())


def _lot_page(lot_id: int, form: ProposeForm, refusal: DomainError | None = None) -> Response:
    lot = queries.lot(community(), lot_id)
    moves = queries.movements(community(), lot_id=lot_id, cursor=request.args.get("cursor"))
    values = {
        "lot": lot, "page": moves, "names": _names(moves.items), "who": who,
        "may_propose": policy.can_keep_stock(current_actor()),
        "papers": photos.photos_of(community(), [f"stock_lot:{lot.id}"])[f"stock_lot:{lot.id}"]}
    if refusal is not None:
        return form_refused("shop/desk_lot.html", form, refusal, **values)
    return render("shop/desk_lot.html", form=form, **values)


def who(move: StockMovement, names: dict[int, str]) -> str:
    """Whose doing a line was. What residents order and cancel carries no name here: the shelf is everybody's to see."""
    if move.kind in {MovementKind.RESERVE, MovementKind.RELEASE}:
        return _("by an order")
    return names.get(move.by_user_id, "") if move.by_user_id is not None else _("by itself")


def _names(moves: Any) -> dict[int, str]:
    return people.names_of_users({i for m in moves for i in (m.by_user_id, m.second_user_id) if i is not None})


@bp.post("/desk/shop/lots/<int:lot_id>/propose")
@guard.staff(*policy.STOCK_KEEPERS)
def propose(lot_id: int) -> Response:
    """Tell what was counted or is broken; a second person confirms."""
    form = ProposeForm()
    try:
        services.propose(current_actor(), lot_id, form.kind.data or "count", form.quantity.data
                         if form.quantity.data is not None else -1, form.reason.data or "")
    except DomainError as refusal:
        return _lot_page(lot_id, form, refusal)
    flash_done(_("Noted. The shop supervisor looks at it; until then the book says what it said."))
    return back_to("shop.desk_lot", lot_id=lot_id)


@bp.get("/desk/shop/receive")
@guard.staff(*policy.STOCK_KEEPERS)
def receive_form() -> Response:
    """What came in?"""
    return render("shop/receive.html", form=_receive_form())


def _receive_form() -> ReceiveForm:
    form = ReceiveForm()
    offers = [s.offer for s in queries.all_offers(community(), clock.today())
              if s.offer.stocked and s.offer.state is not OfferState.CLOSED]
    form.offer_id.choices = [(o.id, f"{o.name} {o.portion}".strip()) for o in offers]
    form.outlet_id.choices = [(o.id, o.name) for o in queries.outlets(community())]
    return form


@bp.post("/desk/shop/receive")
@guard.staff(*policy.STOCK_KEEPERS)
@reads_first
def receive() -> Response:
    """Write goods that came in into the book."""
    form = _receive_form()
    if not form.validate():
        return render("shop/receive.html", 422, form=form)
    receipt = form.receipt()
    try:
        papers = media.prepare_uploads([request.files.get("picture")], most=1)
        begin_write()
        lot = services.receive(current_actor(), receipt, papers[0] if papers else None)
    except DomainError as refusal:
        return form_refused("shop/receive.html", form, refusal)
    flash_done(_("It stands in the stock book."))
    return back_to("shop.desk_lot", lot_id=lot.id)


@bp.get("/desk/shop/movements")
@guard.staff(*policy.READERS)
def desk_movements() -> Response:
    """The stock book, newest first."""
    if wants_sheet():
        found = _all(lambda at: queries.movements(community(), cursor=at, limit=MOST))
        names = _names(found)
        rows = [[m.id, day_of(m.recorded_at), m.lot_id, m.lot.offer.name, m.lot.outlet.name,
                 str(texts.MOVEMENTS[m.kind]), m.on_hand_change, m.reserved_change, m.reason, who(m, names),
                 names.get(m.second_user_id, "")] for m in found]
        heads = [_("Line number"), _("When"), _("Lot"), _("Its name"), _("Outlet"), _("What happened"),
                 _("Shelf"), _("Put aside"), _("Reason"), _("By"), _("Second person")]
        return xlsx_response("stock-book", write_xlsx(_("Stock book"), heads, rows))
    page = queries.movements(community(), cursor=request.args.get("cursor"))
    return render("shop/desk_movements.html", page=page, names=_names(page.items), who=who)


@bp.get("/desk/shop/checks")
@guard.staff(*policy.READERS)
def desk_checks() -> Response:
    """Write-offs and counts, those that wait first."""
    return _checks_page(DecideForm())


def _checks_page(form: DecideForm, refusal: DomainError | None = None) -> Response:
    waiting = queries.checks(community(), state=CheckState.WAITING)
    page = queries.checks(community(), cursor=request.args.get("cursor"))
    ids = {i for c in (*waiting.items, *page.items) for i in (c.proposed_by_id, c.decided_by_id) if i is not None}
    values = {"waiting": waiting, "page": page, "names": people.names_of_users(ids),
              "may_check": policy.can_check(current_actor())}
    if refusal is not None:
        return form_refused("shop/desk_checks.html", form, refusal, **values)
    return render("shop/desk_checks.html", form=form, **values)


@bp.post("/desk/shop/checks/<int:check_id>")
@guard.staff(*policy.CHECKERS)
def decide(check_id: int) -> Response:
    """The second person confirms or refuses."""
    confirmed = request.form.get("answer") == "confirm"
    form = DecideForm()
    try:
        services.decide(current_actor(), check_id, confirmed, form.text.data or "")
    except DomainError as refusal:
        return _checks_page(form, refusal)
    flash_done(_("Confirmed; the book is changed.") if confirmed else _("Refused; the book stays as it is."))
    return back_to("shop.desk_checks")
