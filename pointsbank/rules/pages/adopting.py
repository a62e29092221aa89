"""The desk: items from a file, and putting a draft in force."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.communities import settings
from pointsbank.core.errors import DomainError, Invalid, lazy
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
from pointsbank.media.papers import prepare_papers
from pointsbank.rules import papers, policy, queries, services, sheets
from pointsbank.rules.document_forms import AdoptForm
from pointsbank.rules.forms import ImportForm
from pointsbank.rules.models import ScoringStandard
from pointsbank.rules.packing import unpacked_version
from pointsbank.rules.pages.room import SHARED, bp, load, page_of, papers_of
from pointsbank.rules.services.resolving import MOST_MINUTES


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
@reads_first
def adopt(standard_id: int) -> BaseResponse:
    """Put a draft in force by resolution, with the minutes as photos or a PDF."""
    form = AdoptForm()
    if request.method == "GET":
        return render("rules/adopt.html", form=form, **_adopt_page(standard_id))
    try:
        if not form.validate() or form.in_force_on.data is None:
            raise Invalid(fields={"in_force_on": lazy("Choose the day from which it counts.")})
        minutes = prepare_papers(request.files.getlist("minutes"), most=MOST_MINUTES)
        begin_write()
        row = services.adopt(current_actor(), standard_id, form.in_force_on.data, form.decided(minutes),
                             on_paper=bool(form.on_paper.data))
    except DomainError as refusal:
        return form_refused("rules/adopt.html", form, refusal, **_adopt_page(standard_id))
    flash_done(_("Version %(number)s is adopted. It can't be changed any more.", number=row.number))
    return back_to("rules.standard", standard_id=standard_id)


def _adopt_page(standard_id: int) -> dict[str, Any]:
    """Read anew after a refusal: what was read before the write lock is gone."""
    row, version = load(standard_id)
    heard = papers.last_round(row.community_id, row.id)
    asked = unpacked_version(heard.snapshot, row.number) if heard is not None else None
    return {"counted": _counted(row), "comment_days": settings.of(row.community_id).comment_days,
            "since_comments": queries.said_differences(asked, version) if asked is not None else [],
            "asked": heard, **page_of(row, version), **papers_of(row, version)}


def _counted(row: ScoringStandard) -> bool:
    scoring = queries.scoring(row.community_id)
    return scoring is not None and scoring.first_award_at is not None
