"""The desk: the list of reviews, one with its figures, the cases behind a figure, remarks and corrections."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.core.errors import DomainError, Invalid
from pointsbank.core.web import back_to, current_actor, flash_done, form_refused, guard, render
from pointsbank.people import queries as people
from pointsbank.reviews import drawing, figures, policy, services, wording
from pointsbank.reviews.figures import By
from pointsbank.reviews.forms import CorrectionForm, RemarkForm
from pointsbank.reviews.models import CaseReview
from pointsbank.reviews.pages.room import Asked, asked, bp, community_id
from pointsbank.reviews.periods import PeriodKind
from pointsbank.reviews.queries import frozen

HEADLINES = (figures.RECEIVED, figures.CLOSED, figures.OVERDUE)
CHARTS = (("flow", (figures.RECEIVED, figures.CLOSED)), ("time", (figures.ON_TIME, figures.LATE)))


@bp.get("/desk/case-reviews")
@guard.staff(*policy.READERS)
def desk() -> Response:
    """The reviews that hold, newest first, all or of one kind."""
    chosen = request.args.get("only", "")
    kind = PeriodKind(chosen) if chosen in set(PeriodKind) else None
    page = frozen.listed(community_id(), kind=kind, cursor=request.args.get("cursor"))
    return render("reviews/desk.html", page=page, kind=kind, kinds=PeriodKind,
                  counts=frozen.counts(community_id(), [one.id for one in page.items], HEADLINES))


def values_of(row: CaseReview, of: Asked) -> dict[str, Any]:
    """What the pages of one review show, on the screen and on paper."""
    found = frozen.figures_of(row)
    group = None if of.by is By.WHOLE else found.group(of.by, of.group_id)
    values = found.whole if group is None else group.values
    return {
        "row": row, "of": of, "group": group, "figures": found, "values": values,
        "sections": [(name, [one for one in codes if group is None or one in values])
                     for name, codes in wording.sections(list(found.whole))],
        "before": frozen.values_before(row, of.by, of.group_id)}


def _page(row: CaseReview, of: Asked) -> dict[str, Any]:
    versions, remarks = frozen.versions(row), frozen.remarks(row)
    people_asked = [one.made_by_id for one in versions if one.made_by_id is not None]
    actor = current_actor()
    series = frozen.series(row, [code for _name, codes in CHARTS for code in codes], by=of.by, group_id=of.group_id)
    return {**values_of(row, of), "charts": [drawing.bars(row.kind, series, codes, name) for name, codes in CHARTS],
            "versions": versions, "remarks": remarks,
            "names": people.names_of_users([*people_asked, *(one.by_user_id for one in remarks)]),
            "may_write": policy.may_write(actor), "may_take": policy.may_take(actor)}


@bp.get("/desk/case-reviews/<int:review_id>")
@guard.staff(*policy.READERS)
def review(review_id: int) -> Response:
    """One review: figures with what they count, charts, units and kinds, remarks; or the figures of one of them."""
    row = frozen.review(community_id(), review_id)
    checked = services.agrees(row) if request.args.get("check") else None
    return render("reviews/review.html", form=RemarkForm(formdata=None), checked=checked, **_page(row, asked()))


@bp.get("/desk/case-reviews/<int:review_id>/cases")
@guard.staff(*policy.READERS)
def figure(review_id: int) -> Response:
    """The cases that a figure counts, exactly those."""
    row, of = frozen.review(community_id(), review_id), asked()
    found = frozen.figure(row, request.args.get("figure", figures.RECEIVED), of.by, of.group_id)
    return render("reviews/figure.html", row=row, of=of, figure=found,
                  page=frozen.cases_of(found, cursor=request.args.get("cursor")))


@bp.post("/desk/case-reviews/<int:review_id>/remarks")
@guard.staff(*policy.WRITERS)
def remark(review_id: int) -> BaseResponse:
    """Sign a few words."""
    form = RemarkForm()
    try:
        if not form.validate():
            raise Invalid
        services.remark(current_actor(), review_id, form.text.data or "")
    except DomainError as refusal:
        row = frozen.review(community_id(), review_id)
        return form_refused("reviews/review.html", form, refusal, checked=None, **_page(row, Asked()))
    flash_done(_("Signed. It stands under the review."))
    return back_to("reviews.review", review_id=review_id)


@bp.route("/desk/case-reviews/<int:review_id>/correct", methods=["GET", "POST"])
@guard.staff(*policy.WRITERS)
def correct(review_id: int) -> BaseResponse:
    """Count it again, as a new version."""
    row, form = frozen.review(community_id(), review_id), CorrectionForm()
    if request.method == "GET":
        return render("reviews/correct.html", form=form, row=row)
    try:
        if not form.validate():
            raise Invalid
        made = services.correct(current_actor(), review_id, form.reason.data or "")
    except DomainError as refusal:
        return form_refused("reviews/correct.html", form, refusal, row=row)
    flash_done(_("Counted again. The version before stays as it was."))
    return back_to("reviews.review", review_id=made.id)
