"""The committee's pages: what waits, the general book, the figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.boards import drawing, texts
from pointsbank.boards.pages.room import bp, desk_waiting
from pointsbank.boards.queries import book as books
from pointsbank.boards.queries import desk as desks
from pointsbank.boards.queries import figures as sums
from pointsbank.boards.queries import reviewing, shelves
from pointsbank.communities import settings, working_days
from pointsbank.contributions.wording import KINDS
from pointsbank.core import charts, clock
from pointsbank.core.formats import format_moment
from pointsbank.core.points import to_decimal
from pointsbank.core.sheets import write_xlsx
from pointsbank.core.web import current_actor, guard, render, xlsx_response
from pointsbank.ledger import queries as ledger
from pointsbank.ledger.models import Book, TransferKind
from pointsbank.people.roles import DESK, Role
from pointsbank.shop import figures as shop
from pointsbank.shop.services import days

READERS = (*DESK, Role.SHOP_SUPERVISOR)


@bp.get("/desk")
@guard.staff(*DESK)
def desk() -> Response:
    """What waits for whoever sits here, deadlines first, and how the community stands."""
    actor = current_actor()
    community_id, today = actor.community_id or 0, clock.today()
    owed = ledger.liabilities(community_id, today)
    chosen = settings.of(community_id)
    flows = ledger.monthly_flow(community_id, 6)
    lapsing = [(lot.expires_on, lot.remaining) for lot in owed.by_day if lot.expires_on is not None]
    coming = desks.ahead(community_id, lapsing)
    if chosen.open_days:
        coming = sorted([*coming, desks.Ahead(days.next_open(chosen, today), "shop")], key=lambda item: item.on)[:6]
    return render(
        "boards/desk.html", reviews=reviewing.first_rows(actor),
        coming=[(item.on, texts.ahead_words(item)) for item in coming],
        cover=drawing.cover(shop.cover(community_id, today)), chart=drawing.flow_chart(flows, "desk"),
        given_this_month=drawing.given(flows[-1]), cap=chosen.monthly_cap, cards=texts.wait_cards(desk_waiting()),
        table=drawing.flow_table(flows)[:6], key=charts.key, yuan=drawing.yuan,
        missing_year=working_days.year_without_calendar(today))


def _wanted() -> books.Filters:
    kind, month = request.args.get("kind", ""), request.args.get("month", "")
    try:
        first = dt.date.fromisoformat(f"{month}-01") if month else None
    except ValueError:
        first = None
    return books.Filters(kind if kind in set(TransferKind) else "", first, request.args.get("owner", "").strip()[:24])


@bp.get("/desk/book")
@guard.staff(*READERS)
def book() -> Response:
    """Every line of the community's book; on request the whole book is checked."""
    actor = current_actor()
    community_id, wanted = actor.community_id or 0, _wanted()
    if request.args.get("format") == "xlsx":
        return _book_sheet(community_id, wanted)
    cursor = request.args.get("cursor")
    faults = ledger.verify(community_id) if request.args.get("check") else None
    return render(
        "boards/book.html", rows=books.rows(community_id, wanted, cursor=cursor), wanted=wanted, cursor=cursor,
        kinds=texts.KINDS, sides=texts.SIDES, months=books.months_back(), totals=ledger.totals(community_id),
        checked=faults is not None, faults=faults or [],
        query={name: value for name, value in request.args.items() if name in {"kind", "month", "owner"} and value})


def _book_sheet(community_id: int, wanted: books.Filters) -> Response:
    def side(one: books.Side) -> str:
        return f"{_(texts.SIDES[one.kind])} {one.owner}".strip()

    rows = [[row.id, format_moment(row.recorded_at), _(texts.KINDS[row.kind]), side(row.source), side(row.target),
             row.words.title, row.words.note, to_decimal(row.amount), row.source_key]
            for row in books.all_rows(community_id, wanted)]
    headings = [_("Entry no."), _("When"), _("Kind"), _("From where"), _("To where"), _("What"), _("Why"), _("Points"),
                _("Key in the book")]
    return xlsx_response("book", write_xlsx(_("General book"), headings, rows))


@bp.get("/desk/figures")
@guard.staff(*READERS)
def figures() -> Response:
    """Charts with the same figures as tables, a year back."""
    community_id = current_actor().community_id or 0
    months = books.months_back()
    flows = ledger.monthly_flow(community_id, 12)
    hours = ledger.monthly_flow(community_id, 12, Book.MINUTES)
    kinds = sums.by_kind(community_id, months[-1])
    if request.args.get("format") == "xlsx":
        return _figures_sheet(flows, hours)
    took_part = sums.participation(community_id, months[0])
    return render(
        "boards/figures.html", flow=drawing.flow_chart(flows, "flow"),
        flow_table=drawing.flow_table(flows, lapsed=True),
        hours=drawing.hours_chart(hours, "hours"), hours_table=drawing.hours_table(hours), took_part=took_part,
        houses=drawing.lit_houses(took_part), kinds=kinds, since=months[-1], kind_words=KINDS,
        totals=ledger.totals(community_id), stock=shelves.stock(community_id), yuan=drawing.yuan,
        key=charts.key)


def _figures_sheet(flows: Sequence[ledger.Flow], hours: Sequence[ledger.Flow]) -> Response:
    rows = [[flow.month.strftime("%Y-%m"), to_decimal(drawing.given(flow)), to_decimal(drawing.taken(flow)),
             to_decimal(flow.expired), round(drawing.given(time) / 60, 2)]
            for flow, time in zip(flows, hours, strict=True)]
    headings = [_("Month"), _("Given out"), _("Exchanged"), _("Lapsed"), _("Hours")]
    return xlsx_response("figures", write_xlsx(_("Figures"), headings, rows))
