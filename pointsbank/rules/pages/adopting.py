"""The desk: items from a file, and putting a draft in force."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.core.errors import DomainError, Invalid
from pointsbank.core.web import (
    back_to,
    begin_write,
    current_actor,
    flash_done,
    form_refused,
    guard,
    reads_first,
    render,
)
from pointsbank.rules import policy, queries, services, sheets
from pointsbank.rules.forms import AdoptForm, ImportForm
from pointsbank.rules.models import ScoringStandard
from pointsbank.rules.pages.room import SHARED, bp, load, page_of


@bp.route("/desk/rules/<int:standard_id>/import", methods=["GET", "POST"])
@guard.staff(*policy.WRITERS)
@reads_first
def import_file(standard_id: int) -> BaseResponse:
    """Bring items in from a file. They replace those of the draft; rows not understood are listed."""
    row, _version = load(standard_id)
    form = ImportForm()
    page: dict[str, Any] = {"standard": row, "faults": [], **SHARED}
    if request.method == "GET":
        return render("rules/import_file.html", form=form, **page)
    try:
        if not form.validate() or not form.file.data:
            raise Invalid(fields={"file": lazy("Choose a file first.")})
        parsed = sheets.read_standard(form.file.data.read(), deductions=row.deductions)
        page["faults"] = parsed.faults
        begin_write()
        count = services.replace_rules(current_actor(), standard_id, parsed, good_rows_only=form.rows.data == "good")
    except DomainError as refusal:
        page["standard"] = load(standard_id)[0]
        return form_refused("rules/import_file.html", form, refusal, **page)
    flash_done(_("Items brought in: %(count)s.", count=count) if not parsed.faults else
               _("Items brought in: %(count)s. Cells not understood, their rows left out: %(faults)s.",
                 count=count, faults=len(parsed.faults)), "wait" if parsed.faults else "done")
    return back_to("rules.standard", standard_id=standard_id)


@bp.route("/desk/rules/<int:standard_id>/adopt", methods=["GET", "POST"])
@guard.staff(*policy.ADOPTERS)
def adopt(standard_id: int) -> BaseResponse:
    """Put a draft in force."""
    row, version = load(standard_id)
    form = AdoptForm()
    page = {"counted": _counted(row), **page_of(row, version)}
    if request.method == "GET":
        return render("rules/adopt.html", form=form, **page)
    try:
        if not form.validate() or form.in_force_on.data is None:
            raise Invalid(fields={"in_force_on": lazy("Choose the day from which it counts.")})
        row = services.adopt(current_actor(), standard_id, form.in_force_on.data, form.resolution.data or "",
                             on_paper=bool(form.on_paper.data))
    except DomainError as refusal:
        return form_refused("rules/adopt.html", form, refusal, **page)
    flash_done(_("Version %(number)s is adopted. It can't be changed any more.", number=row.number))
    return back_to("rules.standard", standard_id=standard_id)


def _counted(row: ScoringStandard) -> bool:
    scoring = queries.scoring(row.community_id)
    return scoring is not None and scoring.first_award_at is not None
