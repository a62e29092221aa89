"""The stock book: what comes in, and what is written off or counted by two people."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import Invalid, lazy
from pointsbank.media import services as media
from pointsbank.media.services import Prepared
from pointsbank.shop import policy
from pointsbank.shop.errors import BadStep, CheckDecided, NotAllowed, ReasonNeeded, SecondPerson, StockMoved, one_of
from pointsbank.shop.models import (
    CheckState,
    MovementKind,
    Offer,
    OfferState,
    Outlet,
    StockCheck,
    StockLot,
    StockSource,
)
from pointsbank.shop.services.shelving import Move, apply

MOST_RECEIVED = 1_000_000


@dataclass(frozen=True)
class Receipt:
    """What came in: so many units of an offer, from whom, worth how much, good until when."""

    outlet_id: int
    offer_id: int
    quantity: int
    source: str
    donor: str = ""
    donor_is_organisation: bool = False
    wish: str = ""
    document: str = ""
    unit_value_fen: int = 0
    received_on: dt.date | None = None
    expires_on: dt.date | None = None


def receive(actor: Actor, receipt: Receipt, photo: Prepared | None = None) -> StockLot:
    """Write goods that came in into the book as a lot of their own, with the photo of the delivery note if there is
    one.

    Raises :class:`NotAllowed`, NotFound and Invalid with a sentence for each field.
    """
    if actor.community_id is None or not policy.can_keep_stock(actor):
        raise NotAllowed
    outlet = get_scoped(Outlet, receipt.outlet_id, actor.community_id)
    offer = get_scoped(Offer, receipt.offer_id, actor.community_id)
    today = clock.today()
    wrong = {}
    if not 1 <= receipt.quantity <= MOST_RECEIVED:
        wrong["quantity"] = lazy("At least 1.")
    if receipt.unit_value_fen < 0:
        wrong["unit_value_fen"] = lazy("The value can't be below zero.")
    source = one_of(StockSource, receipt.source)
    if source is StockSource.DONATION and not receipt.donor.strip():
        wrong["donor"] = lazy("Who gave it? Residents will see the name.")
    if receipt.expires_on is not None and receipt.expires_on < today:
        wrong["expires_on"] = lazy("This day is over already.")
    if receipt.received_on is not None and receipt.received_on > today:
        wrong["received_on"] = lazy("This day is still to come.")
    if not offer.stocked:
        wrong["offer_id"] = lazy("This offer is not counted in stock.")
    if wrong:
        raise Invalid(fields=wrong)
    if outlet.closed_at is not None or offer.state is OfferState.CLOSED:
        raise BadStep
    lot = StockLot(
        community_id=actor.community_id, outlet_id=outlet.id, offer_id=offer.id, source=source,
        donor=receipt.donor.strip(), donor_is_organisation=receipt.donor_is_organisation, wish=receipt.wish.strip(),
        document=receipt.document.strip(),
        unit_value_fen=receipt.unit_value_fen, received_on=receipt.received_on or today, expires_on=receipt.expires_on,
        on_hand=0, reserved=0)
    db.session.add(lot)
    db.session.flush()
    apply(actor, lot.community_id, MovementKind.RECEIVE, [Move(lot.id, receipt.quantity, 0)],
          reason=receipt.document.strip())
    if photo is not None:
        kept = media.store(actor, None, "", "document", photo)
        media.attach(actor, [kept.id], f"stock_lot:{lot.id}")
    audit.write(actor, "shop.receive", f"stock_lot:{lot.id}", quantity=receipt.quantity)
    return lot


def propose(actor: Actor, lot_id: int, kind: str, quantity: int, reason: str) -> StockCheck:
    """Propose a write-off of ``quantity``, or tell that ``quantity`` was counted. Changes nothing before a second
    person.

    Raises :class:`NotAllowed`, :class:`ReasonNeeded`, :class:`StockMoved` and Invalid.
    """
    if not policy.can_keep_stock(actor) or actor.user_id is None:
        raise NotAllowed
    wanted = one_of(MovementKind, kind)
    if wanted not in {MovementKind.WRITE_OFF, MovementKind.COUNT}:
        raise NotAllowed
    if not reason.strip():
        raise ReasonNeeded(fields={"reason": ReasonNeeded.message})
    lot = get_scoped(StockLot, lot_id, actor.community_id, lock=True)
    if not 0 <= quantity <= MOST_RECEIVED or (wanted is MovementKind.WRITE_OFF and quantity == 0):
        raise Invalid(fields={"quantity": lazy("At least 1.")})
    if wanted is MovementKind.COUNT and quantity == lot.on_hand:
        raise Invalid(fields={"quantity": lazy("That is what the book says already: nothing to change.")})
    check = StockCheck(
        community_id=lot.community_id, lot_id=lot.id, kind=wanted, quantity=quantity, expected=lot.on_hand,
        reason=reason.strip()[:200], state=CheckState.WAITING, proposed_by_id=actor.user_id, proposed_at=clock.now())
    if lot.on_hand + check.change < lot.reserved:
        raise StockMoved(left=lot.on_hand - lot.reserved)
    db.session.add(check)
    db.session.flush()
    audit.write(actor, "shop.propose", f"stock_check:{check.id}", kind=wanted, change=check.change)
    return check


def decide(actor: Actor, check_id: int, confirmed: bool, text: str = "") -> StockCheck:
    """The second person confirms or refuses. Only a confirmed one moves anything, and never below what is put aside.

    Raises :class:`NotAllowed`, :class:`SecondPerson`, :class:`CheckDecided`, :class:`ReasonNeeded`,
    :class:`StockMoved`.
    """
    if not policy.can_check(actor):
        raise NotAllowed
    check = get_scoped(StockCheck, check_id, actor.community_id, lock=True)
    if check.state is not CheckState.WAITING:
        raise CheckDecided
    if check.proposed_by_id == actor.user_id:
        raise SecondPerson
    if not confirmed and not text.strip():
        raise ReasonNeeded(fields={"text": ReasonNeeded.message})
    check.state = CheckState.CONFIRMED if confirmed else CheckState.REFUSED
    check.decided_by_id, check.decided_at, check.decision = actor.user_id, clock.now(), text.strip()[:200]
    if confirmed:
        apply(actor, check.community_id, check.kind, [Move(check.lot_id, check.change, 0)], reason=check.reason,
              by_user_id=check.proposed_by_id, second_user_id=actor.user_id)
    db.session.flush()
    audit.write(actor, "shop.decide", f"stock_check:{check.id}", confirmed=confirmed)
    return check
