"""The stock list for the notice board: what came in, from whom, what was handed out and what is left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.errors import Invalid, NotFound, lazy
from pointsbank.core.formats import format_short_day
from pointsbank.core.i18n import N_
from pointsbank.publicity import services as publicity
from pointsbank.publicity.models import NoticeKind, PublicNotice
from pointsbank.shop.errors import NothingToShow
from pointsbank.shop.goods import StockLine, stock_lines
from pointsbank.shop.models import StockSource

LONGEST = 366
HEADINGS = {StockSource.DONATION: N_("Donated goods"), StockSource.PURCHASE: N_("Bought goods")}
COLUMNS = (N_("Goods"), N_("From whom"), N_("Unit"), N_("There before"), N_("Received"), N_("Handed out"),
           N_("Written off or counted"), N_("Left"))
BUDGET = N_("Budget of the shop")


def draft_stock_list(actor: Actor, first: dt.date, last: dt.date, *, resolution: str = "",
                     days: int | None = None) -> PublicNotice:
    """Make a notice out of the stock book of a period; a second person publishes it as any other.

    A row that hung out before for the very same days names the one it puts right. Raises Invalid, NothingToShow and
    those of ``publicity.services.draft``.
    """
    if actor.community_id is None:
        raise NotFound
    wrong = {}
    if last > clock.today():
        wrong["last"] = lazy("This day is still to come.")
    if not 0 <= (last - first).days < LONGEST:
        wrong["first"] = lazy("From the first day on, and one year at most.")
    if wrong:
        raise Invalid(fields=wrong)
    lines = stock_lines(actor.community_id, first, last)
    if not lines:
        raise NothingToShow
    body = [table for source in HEADINGS if (table := _table(source, lines, first, last)).rows]
    notice = publicity.draft(actor, publicity.NoticeDraft(
        kind=NoticeKind.STOCK, title=_title(first, last), body=body, resolution=resolution,
        subject_key=f"stock:{first.isoformat()}/{last.isoformat()}", days=days))
    audit.write(actor, "shop.draft_stock_list", f"notice:{notice.id}", lines=len(lines))
    return notice


def _table(source: StockSource, lines: Sequence[StockLine], first: dt.date, last: dt.date) -> publicity.Table:
    return publicity.Table(HEADINGS[source], COLUMNS, [
        (f"stock:{first:%Y%m%d}-{last:%Y%m%d}:{one.lot_id}",
         (one.name, one.donor or BUDGET, one.unit, one.before, one.received, one.handed_out, one.other, one.left))
        for one in lines if one.source is source])


def _title(first: dt.date, last: dt.date) -> str:
    """In the house's language, whoever made it: the title hangs on the board."""
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        return _("Goods of the points shop, %(first)s to %(last)s", first=format_short_day(first),
                 last=format_short_day(last))
