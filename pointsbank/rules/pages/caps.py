"""The desk: caps on whole categories and on the whole standard, and the length of a cycle."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.core.errors import DomainError, Invalid
from pointsbank.core.points import format_points
from pointsbank.core.web import back_to, current_actor, flash_done, form_refused, guard, render
from pointsbank.ledger.models import Book
from pointsbank.rules import policy, services
from pointsbank.rules.evaluation import Version, WideCap
from pointsbank.rules.forms import CapsForm
from pointsbank.rules.item_forms import points_of, whole
from pointsbank.rules.models import Measure, Subject, Window
from pointsbank.rules.pages.room import SHARED, bp, load

ROWS = 4


@bp.route("/desk/rules/<int:standard_id>/caps", methods=["GET", "POST"])
@guard.staff(*policy.WRITERS)
def caps(standard_id: int) -> BaseResponse:
    """The wide caps of a draft, all in one form."""
    row, version = load(standard_id)
    form = CapsForm(data={"caps": _rows(version), "cycle_months": str(row.cycle_months),
                          "cycle_first_month": str(row.cycle_first_month)})
    for one in form.caps:
        one.form.category.choices = [("", _("all items together")), *((c, c) for c in _categories(version))]
    page = {"standard": row, **SHARED}
    if request.method == "GET":
        return render("rules/caps.html", form=form, **page)
    try:
        if not form.validate():
            raise Invalid
        errors: dict[str, Any] = {}
        wanted = _read(form, errors)
        months = whole(form.cycle_months.data, errors, "cycle_months")
        first = whole(form.cycle_first_month.data, errors, "cycle_first_month")
        if errors:
            raise Invalid(fields=errors)
        services.set_caps(current_actor(), standard_id, wanted, cycle_months=months, cycle_first_month=first)
    except DomainError as refusal:
        return form_refused("rules/caps.html", form, refusal, **page)
    flash_done(_("The caps are in the draft."))
    return back_to("rules.standard", standard_id=standard_id)


def _categories(version: Version) -> list[str]:
    return list(dict.fromkeys(rule.category for rule in version.rules))


def _rows(version: Version) -> list[dict[str, str]]:
    rows = [{"category": cap.category, "window": cap.window.value, "subject": cap.subject.value,
             "most": str(cap.most) if cap.measure is Measure.TIMES else format_points(cap.most).replace(",", ""),
             "counts": "times" if cap.measure is Measure.TIMES else cap.book.value} for cap in version.caps]
    return rows + [{} for _more in range(max(ROWS - len(rows), 2))]


def _read(form: CapsForm, errors: dict[str, Any]) -> list[WideCap]:
    found = []
    for row in form.caps:
        text = (row.form.most.data or "").strip()
        if not text:
            continue
        times = row.form.counts.data == "times"
        book = Book.HONOUR if row.form.counts.data == "honour" else Book.POINTS
        most = whole(text, errors, "caps") if times else points_of(text, errors, "caps")
        found.append(WideCap(Window(row.form.window.data), Subject(row.form.subject.data),
                             Measure.TIMES if times else Measure.POINTS, most, row.form.category.data or "", book))
    return found
