"""Sentences and words of the shop that are kept, or needed in more than one place."""

from __future__ import annotations

from pointsbank.core.errors import lazy
from pointsbank.shop.models import (
    CheckState,
    LimitPeriod,
    MovementKind,
    OfferState,
    Receiver,
    RedemptionState,
    RewardKind,
    Shelf,
    StockSource,
)


def N_(text: str) -> str:
    """Marks a sentence that is kept in English and shown in the reader's language."""
    return text


HEAD_TOLD = N_("%(name)s has put aside %(points)s points of your household for goods.")
COLLECTED_TOLD = N_("%(what)s was handed over. %(points)s points are paid.")
CANCELLED_TOLD = N_("The order of %(what)s was cancelled: %(reason)s. %(points)s points are back.")
LAPSED_TOLD = N_("%(what)s was not picked up by %(day)s. %(points)s points are back, with their own last day.")
RETURNED_TOLD = N_("%(what)s was taken back. %(points)s points are back in the passbook.")
# Under the line of a passbook.
WAITS = N_("Put aside, to be picked up by %(day)s")
HANDED_OVER = N_("Handed over")
CAME_BACK = N_("The order was cancelled, the points came back")
LAPSED_NOTE = N_("Not picked up in time, the points came back")
TAKEN_BACK = N_("The goods were taken back, the points came back")

PERIODS = {
    LimitPeriod.DAY: lazy("a day"), LimitPeriod.MONTH: lazy("a month"), LimitPeriod.QUARTER: lazy("a quarter"),
    LimitPeriod.YEAR: lazy("a year"), LimitPeriod.EVER: lazy("altogether"),
}
KINDS = {RewardKind.GOODS: lazy("Goods"), RewardKind.SERVICE: lazy("Service"), RewardKind.COUPON: lazy("Coupon")}
SHELVES = {Shelf.FOOD: lazy("Food"), Shelf.HOME: lazy("For the home"), Shelf.HELP: lazy("A helping hand"),
           Shelf.OTHER: lazy("Other things")}
OFFER_STATES = {OfferState.DRAFT: lazy("Draft"), OfferState.OPEN: lazy("On offer"), OfferState.PAUSED: lazy("Paused"),
                OfferState.CLOSED: lazy("Taken off the shelf")}
SOURCES = {StockSource.PURCHASE: lazy("Bought"), StockSource.DONATION: lazy("Donated")}
MOVEMENTS = {
    MovementKind.RECEIVE: lazy("Came in"), MovementKind.RESERVE: lazy("Put aside"),
    MovementKind.RELEASE: lazy("Put back on the shelf"), MovementKind.COLLECT: lazy("Handed over"),
    MovementKind.RETURN: lazy("Goods taken back"), MovementKind.WRITE_OFF: lazy("Written off"),
    MovementKind.COUNT: lazy("Counted"),
}
STATES = {
    RedemptionState.RESERVED: lazy("To pick up"), RedemptionState.COLLECTED: lazy("Handed over"),
    RedemptionState.CANCELLED: lazy("Called off"), RedemptionState.LAPSED: lazy("Not picked up"),
    RedemptionState.RETURNED: lazy("Goods taken back"),
}
STATE_CHIPS = {
    RedemptionState.RESERVED: ("open", "basket"), RedemptionState.COLLECTED: ("done", "check-lg"),
    RedemptionState.CANCELLED: ("idle", "arrow-counterclockwise"), RedemptionState.LAPSED: ("idle", "clock-history"),
    RedemptionState.RETURNED: ("idle", "reply-fill"),
}
RECEIVERS = {Receiver.SELF: lazy("In person"), Receiver.FAMILY: lazy("Somebody of the family"),
             Receiver.PROXY: lazy("Somebody else for them")}
CHECK_STATES = {CheckState.WAITING: lazy("Waits for a second person"), CheckState.CONFIRMED: lazy("Confirmed"),
                CheckState.REFUSED: lazy("Refused")}
