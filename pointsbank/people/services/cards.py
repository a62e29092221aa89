"""Member cards: a QR code of 80 bits and a number of eight digits to say.

The code is the MAC of the resident and the issue number, so it can be drawn again for its holder; the database keeps
only its hash. A reissue raises the number, and the old card is no longer one.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from flask import current_app

from pointsbank.core import audit, clock, tokens
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Forbidden, NotFound
from pointsbank.core.i18n import N_
from pointsbank.notifications.services import tell
from pointsbank.people import policy
from pointsbank.people.errors import HasLeft
from pointsbank.people.models import Card, CardState, Resident
from pointsbank.people.services.residents import path_of


def card_code(resident_id: int, issue: int) -> str:
    """The code in the QR of a card, 16 letters of base32."""
    return tokens.to_base32(tokens.mac(tokens.derive("card"), f"{resident_id}:{issue}"))


def card_address(card: Card) -> str:
    """The address in the QR, in capitals: that keeps the code small, and the route does not mind."""
    return f"{current_app.config['BASE_URL']}/c/{card_code(card.resident_id, card.issue)}".upper()


def _free_numbers(count: int) -> list[str]:
    """Numbers that no card in use bears anywhere: a number alone must name one card at sign-in."""
    found: set[str] = set()
    while len(found) < count:
        drawn = {tokens.random_number(8) for _ in range(count - len(found))}
        taken = set(db.session.scalars(sa.select(Card.number).where(Card.number.in_(drawn))))
        found |= drawn - taken
    return sorted(found)


def issue_cards(actor: Actor, resident_ids: Sequence[int]) -> int:
    """Give each of these present residents a card who has none; returns how many were issued. Set-based."""
    if not policy.can(actor, "cards.issue"):
        raise Forbidden
    wanted = set(resident_ids)
    present = set(db.session.scalars(
        sa.select(Resident.id).where(Resident.community_id == actor.community_id, Resident.id.in_(wanted),
                                     Resident.left_on.is_(None), Resident.erased_at.is_(None)).with_for_update()))
    issues = {row[0]: (row[1], row[2]) for row in db.session.execute(
        sa.select(Card.resident_id, sa.func.max(Card.issue),
                  sa.func.max(sa.case((Card.state == CardState.ACTIVE, 1), else_=0)))
        .where(Card.community_id == actor.community_id, Card.resident_id.in_(present)).group_by(Card.resident_id))}
    without = sorted(i for i in present if not issues.get(i, (0, 0))[1])
    if not without:
        return 0
    now = clock.now()
    rows = [{"community_id": actor.community_id, "resident_id": i, "issue": issues.get(i, (0, 0))[0] + 1,
             "code_hash": tokens.digest(card_code(i, issues.get(i, (0, 0))[0] + 1)), "number": number,
             "state": CardState.ACTIVE, "issued_at": now}
            for i, number in zip(without, _free_numbers(len(without)), strict=True)]
    db.session.execute(sa.insert(Card), rows)
    audit.write(actor, "people.issue_cards", f"community:{actor.community_id}", count=len(rows))
    return len(rows)


def print_cards(actor: Actor, resident_ids: Sequence[int]) -> None:
    """Cards are about to be printed: names, and codes that stand for their holders. One audit row each time.

    Raises Forbidden.
    """
    if not policy.can(actor, "cards.issue"):
        raise Forbidden
    about = f"resident:{resident_ids[0]}" if len(resident_ids) == 1 else f"community:{actor.community_id}"
    audit.write(actor, "people.print_cards", about, count=len(resident_ids))


def reissue_card(actor: Actor, resident_id: int) -> Card:
    """A new card for a lost or torn one: the old code and number stop working now."""
    if not policy.can(actor, "cards.issue"):
        raise Forbidden
    resident = get_scoped(Resident, resident_id, actor.community_id, lock=True)
    if resident.left_on or resident.erased_at:
        raise HasLeft
    db.session.execute(sa.update(Card).where(Card.resident_id == resident_id, Card.state == CardState.ACTIVE)
                       .values(state=CardState.REPLACED, blocked_at=clock.now()))
    issue_cards(actor, [resident_id])
    tell(resident.community_id, [resident_id], N_("You have a new member card. The old one no longer works."),
         link="/me/card")
    return db.session.scalars(scoped(Card, actor.community_id).where(
        Card.resident_id == resident_id, Card.state == CardState.ACTIVE)).one()


def block_card(actor: Actor, resident_id: int) -> Card:
    """A card was lost: it stops working now. Its holder may block it, or the office. Raises NotFound without a card."""
    resident = get_scoped(Resident, resident_id, actor.community_id, lock=True)
    own = actor.resident_id == resident_id
    if not own and not policy.can(actor, "cards.block", path=path_of(resident)):
        raise Forbidden
    card = db.session.scalars(scoped(Card, actor.community_id).where(
        Card.resident_id == resident_id, Card.state == CardState.ACTIVE)).one_or_none()
    if card is None:
        raise NotFound
    card.state, card.blocked_at = CardState.BLOCKED, clock.now()
    audit.write(actor, "people.block_card", f"card:{card.id}")
    return card
