"""Member cards at the desk: issuing, blocking, printing on A4."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from pointsbank.communities.queries import area
from pointsbank.core.actor import Actor
from pointsbank.core.web import answers_secret, back_to, current_actor, flash_done, guard, render
from pointsbank.people import listing, queries, services
from pointsbank.people.pages.room import bp, community_of
from pointsbank.people.roles import OFFICE, ROUNDS, Role

PER_SHEET = 10
MOST_AT_ONCE = 500


def _wanted(actor: Actor, text: str) -> list[listing.Row]:
    """Whom the cards are for: what was searched for, in the order of the door list."""
    rows = listing.all_residents(actor, text=text)
    return sorted(rows, key=lambda r: (r.number, not r.is_head, r.resident.id))


@bp.get("/desk/cards")
@guard.staff(*OFFICE)
def cards() -> Response:
    """Choose whose cards to print: a name, a building's household numbers, or everybody."""
    actor, text = current_actor(), request.args.get("q", "")
    rows = _wanted(actor, text)
    have = queries.cards_of(community_of(actor), (r.resident.id for r in rows))
    without = sum(r.resident.id not in have for r in rows)
    return render("people/cards.html", q=text, count=len(rows), without=without, ready=len(rows) - without,
                  sheets=-(-(len(rows) - without) // PER_SHEET), rows=rows[:20], have=have)


@bp.post("/desk/cards/issue")
@guard.staff(*OFFICE)
def issue_cards() -> Response:
    """Give a card to everybody of the choice who has none."""
    actor, text = current_actor(), request.form.get("q", "")
    count = services.issue_cards(actor, [r.resident.id for r in _wanted(actor, text)])
    flash_done(ngettext("%(num)s card was issued.", "%(num)s cards were issued.", count))
    return back_to("people.cards", q=text)


@bp.post("/desk/cards/print")
@guard.staff(*OFFICE)
@answers_secret
def print_cards() -> Response:
    """Sheets of A4 with ten cards each, to cut out. Names and codes leave the house: each print stands in the audit."""
    actor, text = current_actor(), request.form.get("q", "")
    first = max(request.form.get("from", 0, type=int), 0)
    one = request.form.get("resident", type=int)
    rows = [r for r in _wanted(actor, text) if one is None or r.resident.id == one]
    have = queries.cards_of(community_of(actor), (r.resident.id for r in rows))
    ready = [(r, have[r.resident.id]) for r in rows if r.resident.id in have]
    shown = [(r, card, services.card_address(card)) for r, card in ready[first:first + MOST_AT_ONCE]]
    if shown:
        services.print_cards(actor, [r.resident.id for r, _card, _address in shown])
    pages = [shown[i:i + PER_SHEET] for i in range(0, len(shown), PER_SHEET)]
    following = first + MOST_AT_ONCE if first + MOST_AT_ONCE < len(ready) else None
    return render("people/print_cards.html", pages=pages, q=text, following=following, most=MOST_AT_ONCE, one=one,
                  community=area(community_of(actor)))


@bp.post("/desk/residents/<int:resident_id>/card")
@guard.staff(*OFFICE)
def issue_card(resident_id: int) -> Response:
    """The first card of one resident."""
    found = listing.visible_resident(current_actor(), resident_id)
    services.issue_cards(current_actor(), [found.id])
    flash_done(_("The card is issued. Print it now."))
    return back_to("people.resident", resident_id=resident_id)


@bp.post("/desk/residents/<int:resident_id>/card/reissue")
@guard.staff(*OFFICE)
def reissue_card(resident_id: int) -> Response:
    """A new card; the old one stops working."""
    services.reissue_card(current_actor(), resident_id)
    flash_done(_("A new card is issued, and the old one is blocked. Print the new one now."))
    return back_to("people.resident", resident_id=resident_id)


@bp.post("/desk/residents/<int:resident_id>/card/block")
@guard.staff(*OFFICE, *ROUNDS, Role.SHOP_SUPERVISOR)
def block_card(resident_id: int) -> Response:
    """A lost card."""
    services.block_card(current_actor(), resident_id)
    flash_done(_("The card is blocked."))
    return back_to("people.resident", resident_id=resident_id)
