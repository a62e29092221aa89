"""Reviews of cases as JSON for staff; the public figures of a month for everybody."""

from __future__ import annotations

from typing import Any

from pointsbank.communities import queries as communities
from pointsbank.core import tenancy
from pointsbank.core.api import ApiRoom, paged
from pointsbank.core.errors import NotFound
from pointsbank.core.paging import Page
from pointsbank.core.web import current_actor, guard
from pointsbank.people import queries as people
from pointsbank.reviews import policy, services
from pointsbank.reviews.figures import By, Scope
from pointsbank.reviews.models import CaseReview
from pointsbank.reviews.periods import PeriodKind
from pointsbank.reviews.queries import frozen
from pointsbank.reviews.schemas import (
    CaseLineView,
    CorrectionInput,
    FigureCasesInput,
    PublicFiguresInput,
    PublicFiguresView,
    RemarkInput,
    ReviewsInput,
    ReviewView,
    WholeReviewView,
    figures_out,
)

api = ApiRoom("reviews", __name__, prefix="", description="Frozen reviews of cases, and their public figures.")


def _groups(found: frozen.Figures, *, public: bool = False) -> dict[str, Any]:
    return {"figures": figures_out(found.whole, public=public), **{
        name: [{"id": one.id, "name": one.name, "figures": figures_out(one.values, public=public)} for one in groups]
        for name, groups in (("units", found.units), ("kinds", found.kinds))}}


def _whole(row: CaseReview) -> dict[str, Any]:
    remarks = frozen.remarks(row)
    names = people.names_of_users(one.by_user_id for one in remarks)
    told = [{"text": one.text, "by": names.get(one.by_user_id, ""), "at": one.at} for one in remarks]
    head = {name: getattr(row, name) for name in ReviewView().fields}
    return {**head, **_groups(frozen.figures_of(row)), "remarks": told}


@api.get("/case-reviews")
@guard.staff(*policy.READERS)
@api.arguments(ReviewsInput, location="query")
@api.response(200, paged(ReviewView))
def reviews(asked: dict[str, Any]) -> Page[CaseReview]:
    """The reviews that hold, newest first."""
    return frozen.listed(current_actor().community_id, **asked)


@api.get("/case-reviews/<int:review_id>")
@guard.staff(*policy.READERS)
@api.response(200, WholeReviewView)
def review(review_id: int) -> dict[str, Any]:
    """One review with its figures, each with what it counts."""
    return _whole(frozen.review(current_actor().community_id, review_id))


@api.get("/case-reviews/<int:review_id>/cases")
@guard.staff(*policy.READERS)
@api.arguments(FigureCasesInput, location="query")
@api.response(200, paged(CaseLineView))
def figure_cases(asked: dict[str, Any], review_id: int) -> Page[frozen.CaseLine]:
    """The cases that a figure counts, exactly those."""
    row = frozen.review(current_actor().community_id, review_id)
    unit, kind = asked.pop("unit"), asked.pop("kind")
    by, group_id = (By.UNIT, unit) if unit is not None else (By.KIND, kind) if kind is not None else (By.WHOLE, 0)
    return frozen.cases_of(frozen.figure(row, asked.pop("figure"), by, group_id), **asked)


@api.post("/case-reviews/<int:review_id>/remarks")
@guard.staff(*policy.WRITERS)
@api.arguments(RemarkInput)
@api.response(201, WholeReviewView)
def remark(given: dict[str, Any], review_id: int) -> dict[str, Any]:
    """Sign a few words under it."""
    services.remark(current_actor(), review_id, given["text"])
    return _whole(frozen.review(current_actor().community_id, review_id))


@api.post("/case-reviews/<int:review_id>/correct")
@guard.staff(*policy.WRITERS)
@api.arguments(CorrectionInput)
@api.response(201, WholeReviewView)
def correct(given: dict[str, Any], review_id: int) -> dict[str, Any]:
    """Count it again, as a new version that names this one."""
    return _whole(services.correct(current_actor(), review_id, given["reason"]))


@api.get("/case-figures")
@guard.public
@api.arguments(PublicFiguresInput, location="query")
@api.response(200, PublicFiguresView)
def public_figures(asked: dict[str, Any]) -> dict[str, Any]:
    """The figures of the last month that is over, of public cases only; 404 until there is one."""
    area = communities.community_by_code(asked["community"])
    current_actor()  # a neighbour may look in while signed in at home: known before the house is visited
    with tenancy.visiting(area.id):
        row = frozen.newest(area.id, PeriodKind.MONTHLY)
        if row is None:
            raise NotFound
        return {"starts_on": row.starts_on, "ends_on": row.ends_on, "version": row.version,
                **_groups(frozen.figures_of(row, Scope.PUBLIC), public=True)}
