"""The closed years at the desk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.core import clock, sheets
from pointsbank.core.errors import DomainError
from pointsbank.core.formats import format_minutes
from pointsbank.core.masking import mask_name
from pointsbank.core.points import to_decimal
from pointsbank.core.web import back_to, current_actor, flash_done, form_refused, guard, render, xlsx_response
from pointsbank.honours import policy, services
from pointsbank.honours.forms import YearForm
from pointsbank.honours.models import HonourYear
from pointsbank.honours.pages.room import bp, checked, community
from pointsbank.honours.queries import register
from pointsbank.ledger.gains import taken_back_later
from pointsbank.ledger.models import Book
from pointsbank.people import queries as people
from pointsbank.people.roles import DESK


@bp.route("/desk/honours/years", methods=["GET", "POST"])
@guard.staff(*DESK)
def years() -> BaseResponse:
    """The statements of past years; preparing one that the job has not."""
    found = register.years(community())
    values = {"years": found, "may_decide": policy.may_decide(current_actor())}
    if request.method == "GET":
        form = YearForm(formdata=None, year=clock.today().year - 1)
        return render("honours/years.html", form=form, **values)
    form = YearForm()
    try:
        checked(form)
        row = services.prepare_year(current_actor(), community(), form.year.data or 0)
    except DomainError as refusal:
        return form_refused("honours/years.html", form, refusal, **values)
    return back_to("honours.year", year_id=row.id)


def _owners(keys: list[str], shown: Callable[[str], str] = str) -> dict[str, str]:
    """The name of a resident or the number of a household, by owner key; two statements."""
    ids: dict[str, list[int]] = {"resident": [], "household": []}
    for key in keys:
        kind, _colon, number = key.partition(":")
        ids[kind].append(int(number))
    residents = people.residents_by_id(community(), ids["resident"])
    homes = people.households_by_id(community(), ids["household"])
    return {**{f"resident:{i}": shown(r.name) for i, r in residents.items()},
            **{f"household:{i}": _("Household %(number)s", number=h.number) for i, h in homes.items()}}


@bp.get("/desk/honours/years/<int:year_id>")
@guard.staff(*DESK)
def year(year_id: int) -> BaseResponse:
    """One statement with its sums and hash, and what was taken back after it."""
    row = register.year(community(), year_id)
    if request.args.get("format") == "xlsx":
        return _sheet(row)
    page = register.year_lines(row, cursor=request.args.get("cursor"))
    first, last = dt.date(row.year, 1, 1), dt.date(row.year, 12, 31)
    later = {book: taken_back_later(row.community_id, book, first, last) for book in (Book.MINUTES, Book.HONOUR)}
    owners = sorted(set(later[Book.MINUTES]) | set(later[Book.HONOUR]))
    actor = current_actor()
    users = [u for u in (row.prepared_by_id, row.frozen_by_id) if u is not None]
    return render(
        "honours/year.html", row=row, page=page, owners=_owners([*(line.owner_key for line in page.items), *owners]),
        later=[(key, later[Book.MINUTES].get(key, 0), later[Book.HONOUR].get(key, 0)) for key in owners],
        names=people.names_of_users(users), checked=services.agrees(row) if request.args.get("check") else None,
        may_freeze=policy.may_decide(actor) and row.prepared_by_id != actor.user_id)


def _sheet(row: HonourYear) -> BaseResponse:
    lines = register.all_year_lines(row)
    owners = _owners([line.owner_key for line in lines], mask_name)
    body: list[list[Any]] = [
        [owners.get(line.owner_key, line.owner_key), format_minutes(line.minutes), to_decimal(line.honour),
         format_minutes(line.minutes_in_all), to_decimal(line.honour_in_all)] for line in lines]
    headings = [_("Whose"), _("Hours of the year"), _("Honour points of the year"), _("Hours in all"),
                _("Honour points in all")]
    return xlsx_response(f"honours-{row.year}", sheets.write_xlsx(str(row.year), headings, body))


@bp.post("/desk/honours/years/<int:year_id>/freeze")
@guard.staff(*DESK)
def freeze(year_id: int) -> BaseResponse:
    """A second person freezes it."""
    services.freeze_year(current_actor(), year_id)
    flash_done(_("Frozen. Corrections from now on belong to the year in which they are made."))
    return back_to("honours.year", year_id=year_id)
