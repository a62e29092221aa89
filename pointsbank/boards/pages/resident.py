"""Pages of residents: home, passbook, what is around."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.activities import queries as activities
from pointsbank.boards import describe, texts
from pointsbank.boards.pages.public import welcome
from pointsbank.boards.pages.room import bp
from pointsbank.boards.queries import figures, passbooks
from pointsbank.cases import resident_queries, resident_wording
from pointsbank.communities import queries as communities
from pointsbank.communities import settings
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.formats import format_moment
from pointsbank.core.points import to_decimal
from pointsbank.core.sheets import write_xlsx
from pointsbank.core.shell import may_open
from pointsbank.core.web import back_to, current_actor, guard, render, xlsx_response
from pointsbank.ledger import queries as ledger
from pointsbank.publicity import queries as publicity

ON_THE_HOME_PAGE = 4
MOST_IN_A_SHEET = 5000


@bp.get("/")
@guard.public
def home() -> Response:
    """The first page: one's own passbook; the desk for those who work there; a welcome for visitors."""
    actor = current_actor()
    if actor.user_id is None:
        return welcome()
    if actor.resident_id is None or actor.community_id is None:
        places = ("boards.desk", "activities.lead", "shop.counter", "people.residents", "contributions.sittings")
        return back_to(next((place for place in places if may_open(place)), "people.for_whom"))
    today = clock.today()
    purse = passbooks.purse(actor.community_id, actor.resident_id, today)
    coming = passbooks.on_the_way(actor.community_id, purse)
    entries = ledger.passbook(actor.community_id, purse.owner_key, limit=ON_THE_HOME_PAGE).items
    planned = activities.upcoming(actor.community_id, actor.resident_id, limit=20)
    return render(
        "boards/home.html", purse=purse, coming=coming, way_sum=passbooks.sum_on_the_way(coming), entries=entries,
        words=describe.words(actor.community_id, entries),
        next=next((one for one in planned if one.is_mine), planned[0] if planned else None),
        notices=publicity.current(actor.community_id),
        shop_hint=texts.shop_hint(settings.of(actor.community_id)))


@bp.get("/passbook")
@guard.resident
def passbook() -> Response:
    """Every entry with the balance after it, what is on the way, until when points last, what earned nothing."""
    actor, cursor = current_actor(), request.args.get("cursor")
    community_id, today = actor.community_id or 0, clock.today()
    purse = passbooks.purse(community_id, actor.resident_id or 0, today)
    if request.args.get("format") == "xlsx":
        return _sheet(actor, purse)
    entries = ledger.passbook(community_id, purse.owner_key, cursor=cursor)
    values: dict[str, Any] = {"purse": purse, "entries": entries, "cursor": cursor,
                              "words": describe.words(community_id, entries.items)}
    if not cursor:
        coming = passbooks.on_the_way(community_id, purse)
        values |= {"coming": coming, "way_sum": passbooks.sum_on_the_way(coming),
                   "nothing": passbooks.without_points(community_id, purse)}
    return render("boards/passbook.html", **values)


def _sheet(actor: Actor, purse: passbooks.Purse) -> Response:
    rows: list[list[Any]] = []
    cursor: str | None = None
    while len(rows) < MOST_IN_A_SHEET:
        entries = ledger.passbook(actor.community_id or 0, purse.owner_key, cursor=cursor, limit=100)
        words = describe.words(actor.community_id or 0, entries.items)
        rows += [[format_moment(e.recorded_at), words[e.source_key].title, words[e.source_key].note,
                  to_decimal(e.amount), to_decimal(e.balance_after), e.expires_on] for e in entries.items]
        cursor = entries.next
        if cursor is None:
            break
    headings = [_("Date"), _("What"), _("Why"), _("Points"), _("Balance"), _("To be used by")]
    return xlsx_response(f"passbook-{purse.number or purse.resident.id}", write_xlsx(_("Passbook"), headings, rows))


@bp.get("/around")
@guard.resident
def around() -> Response:
    """What happens nearby: activities, notices, what is on the shelf, what all did together this month."""
    actor = current_actor()
    community_id = actor.community_id or 0
    return render(
        "boards/around.html", upcoming=activities.upcoming(community_id, actor.resident_id, limit=6),
        cases=resident_queries.around(actor, limit=3).items, case_words=resident_wording,
        notices=publicity.current(community_id)[:5], offers=texts.shelf_rows(community_id),
        shop_hint=texts.shop_hint(settings.of(community_id)), code=communities.area(community_id).code,
        done_words=texts.done_words(*figures.done_this_month(community_id)))
