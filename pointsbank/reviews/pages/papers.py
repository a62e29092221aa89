"""Reviews on paper and as files: A4, Excel, CSV. Reporters masked, nobody's words, no cell that a sheet would run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from pointsbank.core import clock, sheets
from pointsbank.core.errors import NotFound
from pointsbank.core.web import csv_response, current_actor, guard, render, xlsx_response
from pointsbank.people import queries as people
from pointsbank.reviews import figures, policy, wording
from pointsbank.reviews.models import CaseReview
from pointsbank.reviews.pages.desk import values_of
from pointsbank.reviews.pages.room import Asked, bp, community_id
from pointsbank.reviews.queries import frozen
from pointsbank.reviews.queries.public import Shown


@bp.get("/desk/case-reviews/<int:review_id>/print")
@guard.staff(*policy.READERS)
def printed(review_id: int) -> Response:
    """The sheet, A4."""
    row = frozen.review(community_id(), review_id)
    remarks = frozen.remarks(row)
    names = people.names_of_users([*(one.by_user_id for one in remarks), *([row.made_by_id] if row.made_by_id else [])])
    return render("reviews/printed.html", place=current_actor().community_name, remarks=remarks, names=names,
                  **values_of(row, Asked()))


@bp.get("/desk/case-reviews/<int:review_id>/file")
@guard.staff(*policy.TAKERS)
def file(review_id: int) -> Response:
    """``?format=xlsx`` for one workbook; ``?format=csv`` with ``what=figures`` or ``what=cases``."""
    row = frozen.review(community_id(), review_id)
    name = f"cases-{row.kind}-{row.starts_on.isoformat()}-{row.version}"
    if request.args.get("format") != "csv":
        return xlsx_response(name, _workbook(row))
    what = request.args.get("what", "figures")
    if what not in {"figures", "cases"}:
        raise NotFound
    head, body = _cases(row) if what == "cases" else _figures(row)
    return csv_response(f"{name}-{what}", sheets.write_csv(head, body))


def _workbook(row: CaseReview) -> bytes:
    head, body = _figures(row)
    return sheets.write_xlsx(_("All figures"), head, body, more=[(_("Cases of the review"), *_cases(row))])


def _cell(code: str, value: int | None) -> int | float | str:
    if value is None:
        return ""
    return round(value / wording.MINUTES_A_DAY, 1) if code == figures.MEDIAN else value


def _figures(row: CaseReview) -> tuple[list[str], list[list[Any]]]:
    """Every figure of the whole, of units and of kinds, each with what it counts."""
    found = frozen.figures_of(row)
    whole = wording.days(row.period)
    groups = [(_("All"), whole, found.whole), *((_("Unit"), one.name or _("No unit"), one.values)
                                                for one in found.units),
              *((_("Kind of problem"), one.name, one.values) for one in found.kinds)]
    body = [[of, name, wording.label(code), _cell(code, value), wording.unit(code, value), wording.definition(code)]
            for of, name, values in groups for code, value in values.items()]
    return [_("Counted for"), _("Unit, kind or period"), _("Figure"), _("How many cases"), _("Measured in"),
            _("What it counts")], body


def _cases(row: CaseReview) -> tuple[list[str], list[list[Any]]]:
    """Every case that a figure counts, once, with the figures that count it; as the cases stand today."""
    codes = frozen.codes_by_case(row)
    body = [[line.id, line.kind, line.unit, line.place, line.reporter, str(wording.STATES[line.state]),
             _outcome(line), _answer(line), _stamp(line.opened_at), _stamp(line.closed_at),
             _("; ").join(wording.label(code) for code in codes[line.id])]
            for line in _lines(row, list(codes))]
    return [_("Case"), _("Kind of problem"), _("Unit"), _("Place"), _("Reporter"), _("State today"), _("Outcome"),
            _("What the reporter said"), _("Day of the report"), _("Case closed on"), _("Counted under")], body


def public_table(shown: Sequence[Shown]) -> tuple[list[str], list[list[Any]]]:
    """Cases as everybody may see them: no reporter, nobody's words, no unit's people."""
    body = [[one.id, one.kind, one.title, one.place, str(wording.STATES[one.state]), _outcome(one), _answer(one),
             _stamp(one.opened_at), _stamp(one.closed_at)] for one in shown]
    return [_("Case"), _("Kind of problem"), _("Title for others"), _("Place"), _("State today"), _("Outcome"),
            _("What the reporter said"), _("Day of the report"), _("Case closed on")], body


def _lines(row: CaseReview, ids: Sequence[int]) -> list[frozen.CaseLine]:
    """In portions: a database takes so many values in one statement and no more."""
    return [line for start in range(0, len(ids), 500)
            for line in frozen.lines_of(row.community_id, ids[start:start + 500])]


def _outcome(line: frozen.CaseLine | Shown) -> str:
    return wording.label(figures.OUTCOME + line.outcome) if line.outcome is not None else ""


def _answer(line: frozen.CaseLine | Shown) -> str:
    return wording.label(figures.ANSWER + line.evaluation) if line.evaluation is not None else ""


def _stamp(instant: Any) -> str:
    return clock.local(instant).strftime("%Y-%m-%d %H:%M") if instant is not None else ""
