"""The stock list before it hangs out: what the notice would say of a period."""

from __future__ import annotations

import datetime as dt

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.core import clock
from pointsbank.core.errors import DomainError, Invalid
from pointsbank.core.web import back_to, current_actor, flash_done, form_refused, guard, render
from pointsbank.publicity import policy as notice_policy
from pointsbank.shop import goods, policy, services
from pointsbank.shop.forms import StockNoticeForm
from pointsbank.shop.pages.desk import community
from pointsbank.shop.pages.room import bp
from pointsbank.shop.services.publishing import BUDGET


def _day(name: str, default: dt.date) -> dt.date:
    try:
        return dt.date.fromisoformat(request.values.get(name, ""))
    except ValueError:
        return default


def _page(form: StockNoticeForm, refusal: DomainError | None = None) -> Response:
    today = clock.today()
    last = min(_day("last", today), today)
    first = min(_day("first", today.replace(day=1)), last)
    form.first.data, form.last.data = form.first.data or first, form.last.data or last
    values = {"first": first, "last": last, "lines": goods.stock_lines(community(), first, last),
              "budget": _(BUDGET), "may_make": notice_policy.may_make(current_actor())}
    if refusal is not None:
        return form_refused("shop/stock_notice.html", form, refusal, **values)
    return render("shop/stock_notice.html", form=form, **values)


@bp.get("/desk/shop/notice")
@guard.staff(*policy.READERS)
def stock_notice() -> Response:
    """What came in and went out in a period, as the public would read it."""
    return _page(StockNoticeForm(formdata=None))


@bp.post("/desk/shop/notice")
@guard.staff(*policy.READERS)
def make_stock_notice() -> Response:
    """A draft of it; a second person publishes."""
    form = StockNoticeForm()
    try:
        if not form.validate():
            raise Invalid
        notice = services.draft_stock_list(current_actor(), form.first.data, form.last.data,
                                           resolution=form.resolution.data or "", days=form.days.data)
    except DomainError as refusal:
        return _page(form, refusal)
    flash_done(_("The draft is made. Now somebody else checks and publishes it."))
    return back_to("publicity.desk_notice", notice_id=notice.id)
