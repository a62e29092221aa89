"""The shop as JSON: offers, orders, the counter, stock."""

from __future__ import annotations

from typing import Any

from pointsbank.core import clock
from pointsbank.core.api import ApiRoom, PageInput, paged
from pointsbank.core.errors import Forbidden
from pointsbank.core.web import current_actor, guard
from pointsbank.people import queries as people
from pointsbank.publicity.schemas import NoticeView
from pointsbank.shop import policy, queries, schemas, services
from pointsbank.shop.models import Redemption

api = ApiRoom("shop", __name__, prefix="", description="Offers, redemptions with their vouchers, and the stock book.")


def _community() -> int:
    community_id = current_actor().community_id
    if community_id is None:
        raise Forbidden
    return community_id


@api.get("/offers")
@guard.signed_in
@api.response(200, schemas.OffersView)
def offers() -> dict[str, Any]:
    """What can be ordered today, with what is left."""
    return {"items": queries.offers(_community(), clock.today())}


@api.get("/offers/<int:offer_id>")
@guard.signed_in
@api.response(200, schemas.OfferView)
def offer(offer_id: int) -> queries.Shown:
    """One offer."""
    return queries.offer(_community(), offer_id, clock.today())


@api.get("/redemptions")
@guard.resident
@api.arguments(PageInput, location="query")
@api.response(200, paged(schemas.RedemptionView))
def redemptions(given: dict[str, Any]) -> Any:
    """The orders of the resident acted for and of the household, newest first."""
    actor = current_actor()
    assert actor.resident_id is not None
    resident = people.resident(actor.community_id, actor.resident_id)
    keys = [w.owner_key for w in services.wallets_of(resident.community_id, resident, clock.today())]
    return queries.redemptions(resident.community_id, keys, resident.id, cursor=given["cursor"], limit=given["limit"])


@api.post("/redemptions")
@guard.resident
@api.arguments(schemas.OrderInput)
@api.response(201, schemas.VoucherView)
def order(given: dict[str, Any]) -> Redemption:
    """Order: goods and points are put aside, and a voucher is given."""
    made = services.order(current_actor(), given["offer_id"], given["quantity"], outlet_id=given["outlet_id"],
                          owner_key=given["owner"])
    return queries.redemption(current_actor(), made.id, clock.today())


@api.get("/redemptions/<int:redemption_id>")
@guard.resident
@api.response(200, schemas.VoucherView)
def redemption(redemption_id: int) -> Redemption:
    """One order with its voucher."""
    return queries.redemption(current_actor(), redemption_id, clock.today())


@api.post("/redemptions/<int:redemption_id>/cancel")
@guard.signed_in
@api.arguments(schemas.CancelInput)
@api.response(200, schemas.RedemptionView)
def cancel(given: dict[str, Any], redemption_id: int) -> Redemption:
    """Cancel: the points return to the very lots they came from."""
    services.cancel(current_actor(), redemption_id, given["reason"])
    return queries.redemption(current_actor(), redemption_id, clock.today())


def _at_counter(redemption_id: int) -> dict[str, Any]:
    actor = current_actor()
    found = queries.at_counter(actor, redemption_id, services.own_outlets(actor))
    name, household = queries.people_of(found.community_id, [found])[found.id]
    shown = {field: getattr(found, field) for field in (
        "id", "state", "channel", "points", "top_up_fen", "number", "outlet_id", "outlet", "placed_at", "pick_up_by",
        "closed_at", "received_by", "lines")}
    return {**shown, "masked_name": name, "household_number": household}


@api.post("/redemptions/find")
@guard.staff(*policy.KEEPERS)
@api.arguments(schemas.FindInput)
@api.response(200, schemas.CounterView)
def find(given: dict[str, Any]) -> dict[str, Any]:
    """The order behind a voucher, for the keeper of its outlet."""
    return _at_counter(queries.by_voucher(_community(), given["voucher"]).id)


@api.post("/redemptions/<int:redemption_id>/collect")
@guard.staff(*policy.KEEPERS)
@api.arguments(schemas.CollectInput)
@api.response(200, schemas.CounterView)
def collect(given: dict[str, Any], redemption_id: int) -> dict[str, Any]:
    """Hand over, once."""
    services.hand_over(current_actor(), redemption_id, given["received_by"], proxy_name=given["proxy_name"],
                       reason=given["reason"])
    return _at_counter(redemption_id)


@api.get("/stock")
@guard.staff(*policy.READERS)
@api.arguments(schemas.LotsInput, location="query")
@api.response(200, paged(schemas.LotView))
def stock(given: dict[str, Any]) -> Any:
    """The lots, newest first."""
    return queries.lots(_community(), offer_id=given["offer_id"], empty=given["empty"], cursor=given["cursor"],
                        limit=given["limit"])


@api.post("/stock")
@guard.staff(*policy.STOCK_KEEPERS)
@api.arguments(schemas.ReceiveInput)
@api.response(201, schemas.LotView)
def receive(given: dict[str, Any]) -> Any:
    """Write goods that came in into the book."""
    lot = services.receive(current_actor(), services.Receipt(**given))
    return queries.lot(_community(), lot.id)


@api.post("/stock/notices")
@guard.staff(*policy.READERS)
@api.arguments(schemas.StockNoticeInput)
@api.response(201, NoticeView)
def stock_notice(given: dict[str, Any]) -> Any:
    """A draft of the public stock list of a period; a second person publishes it as any notice."""
    return services.draft_stock_list(current_actor(), **given)


@api.get("/stock/movements")
@guard.staff(*policy.READERS)
@api.arguments(schemas.MovementsInput, location="query")
@api.response(200, paged(schemas.MovementView))
def movements(given: dict[str, Any]) -> Any:
    """The stock book, newest first."""
    return queries.movements(_community(), lot_id=given["lot_id"], cursor=given["cursor"], limit=given["limit"])


@api.post("/stock/<int:lot_id>/checks")
@guard.staff(*policy.STOCK_KEEPERS)
@api.arguments(schemas.ProposeInput)
@api.response(201, schemas.CheckView)
def propose(given: dict[str, Any], lot_id: int) -> Any:
    """Propose a write-off or tell a count."""
    return services.propose(current_actor(), lot_id, given["kind"], given["quantity"], given["reason"])


@api.post("/stock/checks/<int:check_id>")
@guard.staff(*policy.CHECKERS)
@api.arguments(schemas.DecideInput)
@api.response(200, schemas.CheckView)
def decide(given: dict[str, Any], check_id: int) -> Any:
    """The second person confirms or refuses."""
    return services.decide(current_actor(), check_id, given["confirmed"], given["text"])
