"""Reviews as they were frozen: lists, one with its figures, the cases of a figure, what came before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased, undefer

from pointsbank.cases.models import Case, CaseState, Category, Evaluation, Outcome, Unit
from pointsbank.core import tokens
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.masking import mask_name
from pointsbank.core.paging import Page, bounded, page
from pointsbank.people import queries as people
from pointsbank.places import queries as places
from pointsbank.reviews.figures import By, Scope
from pointsbank.reviews.models import CaseReview, ReviewFigure, ReviewRemark
from pointsbank.reviews.periods import Period, PeriodKind, before

SHOWN = 12  # columns of a chart
MOST_CASES = 20_000  # rows of a file


def review(community_id: int | None, review_id: int) -> CaseReview:
    """One review of this community. Raises NotFound."""
    return get_scoped(CaseReview, review_id, community_id)


def _latest(query: sa.Select[CaseReview]) -> sa.Select[CaseReview]:
    """Without those that a later version took the place of."""
    later = aliased(CaseReview)
    return query.where(~sa.exists().where(later.corrects_id == CaseReview.id,
                                          later.community_id == CaseReview.community_id))


def listed(community_id: int | None, *, kind: PeriodKind | None = None, cursor: str | None = None,
           limit: int | None = None) -> Page[CaseReview]:
    """The reviews that hold, the newest first."""
    query = _latest(scoped(CaseReview, community_id))
    if kind is not None:
        query = query.where(CaseReview.kind == kind)
    return page(query, CaseReview.id, cursor=cursor, limit=limit)


def holding(community_id: int, period: Period) -> CaseReview | None:
    """The review of a period that holds."""
    return db.session.scalars(_latest(scoped(CaseReview, community_id).where(
        CaseReview.kind == period.kind, CaseReview.starts_on == period.starts_on))).one_or_none()


def newest(community_id: int, kind: PeriodKind) -> CaseReview | None:
    """The latest period's review that holds."""
    return db.session.scalars(_latest(scoped(CaseReview, community_id).where(CaseReview.kind == kind)).order_by(
        CaseReview.starts_on.desc()).limit(1)).one_or_none()


def versions(found: CaseReview) -> Sequence[CaseReview]:
    """All versions of the review of a period, the newest first."""
    return db.session.scalars(scoped(CaseReview, found.community_id).where(
        CaseReview.kind == found.kind, CaseReview.starts_on == found.starts_on)
        .order_by(CaseReview.version.desc())).all()


def remarks(found: CaseReview) -> Sequence[ReviewRemark]:
    """What was signed under it, in order; at most a hundred."""
    return db.session.scalars(scoped(ReviewRemark, found.community_id).where(
        ReviewRemark.review_id == found.id).order_by(ReviewRemark.id).limit(100)).all()


# ── Figures ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Group:
    """A unit or a kind of problem in a review, with its figures; what is not among them is 0."""

    id: int
    name: str
    values: Mapping[str, int | None]


@dataclass(frozen=True)
class Figures:
    """The figures of a review: of the whole community by code, of its units, of its kinds of problems."""

    whole: Mapping[str, int | None]
    units: Sequence[Group]
    kinds: Sequence[Group]

    def group(self, by: By, group_id: int) -> Group:
        """One unit or kind. Raises NotFound."""
        for one in self.units if by is By.UNIT else self.kinds:
            if one.id == group_id:
                return one
        raise NotFound


def figures_of(found: CaseReview, scope: Scope = Scope.ALL) -> Figures:
    """The figures as they were frozen, in their order; one statement."""
    whole: dict[str, int | None] = {}
    groups: dict[By, dict[int, tuple[str, dict[str, int | None]]]] = {By.UNIT: {}, By.KIND: {}}
    for row in db.session.scalars(scoped(ReviewFigure, found.community_id).where(
            ReviewFigure.review_id == found.id, ReviewFigure.scope == scope).order_by(ReviewFigure.id)):
        if row.by is By.WHOLE:
            whole[row.code] = row.value
        else:
            groups[row.by].setdefault(row.group_id, (row.group_name, {}))[1][row.code] = row.value
    units, kinds = ([Group(i, name, values) for i, (name, values) in groups[by].items()] for by in (By.UNIT, By.KIND))
    return Figures(whole, units, kinds)


def values_before(found: CaseReview, by: By = By.WHOLE, group_id: int = 0) -> Mapping[str, int | None] | None:
    """The same figures in the period before it, as they were known when it was made; None where that had no review.
    One statement."""
    earlier = before(found.period)
    last = sa.select(sa.func.max(CaseReview.id)).where(
        CaseReview.community_id == found.community_id, CaseReview.kind == earlier.kind,
        CaseReview.starts_on == earlier.starts_on, CaseReview.id < found.id).scalar_subquery()
    rows = db.session.execute(sa.select(ReviewFigure.code, ReviewFigure.value, ReviewFigure.by, ReviewFigure.group_id)
                              .where(ReviewFigure.community_id == found.community_id, ReviewFigure.review_id == last,
                                     ReviewFigure.scope == Scope.ALL,
                                     ReviewFigure.by.in_({By.WHOLE, by}))).all()
    if not rows:
        return None
    return {code: value for code, value, one, number in rows if one is by and number == group_id}


def counts(community_id: int, review_ids: Collection[int], codes: Collection[str]) -> dict[tuple[int, str], int | None]:
    """Some figures of the whole community for several reviews, in one statement."""
    rows = db.session.execute(sa.select(ReviewFigure.review_id, ReviewFigure.code, ReviewFigure.value).where(
        ReviewFigure.community_id == community_id, ReviewFigure.review_id.in_(review_ids),
        ReviewFigure.scope == Scope.ALL, ReviewFigure.by == By.WHOLE, ReviewFigure.code.in_(codes)))
    return {(review_id, code): value for review_id, code, value in rows}


def series(found: CaseReview, codes: Collection[str], *, scope: Scope = Scope.ALL, by: By = By.WHOLE,
           group_id: int = 0) -> list[tuple[dt.date, Mapping[str, int]]]:
    """The last twelve periods up to this one that have a review, the earliest first; of its own period this version,
    of earlier ones the last. In one statement."""
    first = found.period
    for _step in range(SHOWN - 1):
        first = before(first)
    rows = db.session.execute(
        sa.select(CaseReview.starts_on, CaseReview.version, ReviewFigure.code, ReviewFigure.value,
                  ReviewFigure.by, ReviewFigure.group_id)
        .join(ReviewFigure, ReviewFigure.review_id == CaseReview.id)
        .where(CaseReview.community_id == found.community_id, CaseReview.kind == found.kind,
               sa.or_(CaseReview.id == found.id, sa.and_(CaseReview.starts_on >= first.starts_on,
                                                         CaseReview.starts_on < found.starts_on)),
               ReviewFigure.community_id == found.community_id, ReviewFigure.scope == scope,
               ReviewFigure.by.in_({By.WHOLE, by}), ReviewFigure.code.in_(codes))
        .order_by(CaseReview.starts_on, CaseReview.version)).all()
    made: dict[dt.date, dict[str, int]] = {}
    version_of: dict[dt.date, int] = {}
    for starts_on, version, code, value, one, number in rows:
        if version_of.get(starts_on) != version:  # a later version takes the place of the one before
            version_of[starts_on], made[starts_on] = version, {}
        if one is by and number == group_id:
            made[starts_on][code] = value or 0
    return list(made.items())


def figure(found: CaseReview, code: str, by: By = By.WHOLE, group_id: int = 0) -> ReviewFigure:
    """One figure with the numbers of its cases. Raises NotFound."""
    row = db.session.scalars(scoped(ReviewFigure, found.community_id).where(
        ReviewFigure.review_id == found.id, ReviewFigure.scope == Scope.ALL, ReviewFigure.by == by,
        ReviewFigure.group_id == group_id, ReviewFigure.code == code).options(undefer(ReviewFigure.case_ids))
    ).one_or_none()
    if row is None:
        raise NotFound
    return row


# ── The cases behind a figure ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class CaseLine:
    """A case as a list of a review shows it: without anybody's words, the reporter masked, empty if anonymous."""

    id: int
    kind: str
    unit: str
    place: str
    reporter: str
    state: CaseState
    outcome: Outcome | None
    evaluation: Evaluation | None
    opened_at: dt.datetime
    closed_at: dt.datetime | None


def cases_of(row: ReviewFigure, *, cursor: str | None = None, limit: int | None = None) -> Page[CaseLine]:
    """The cases that a figure counts, exactly those, by number; as they stand today."""
    size, after = bounded(limit), int(str(tokens.unsign("cursor", cursor))) if cursor else 0
    ids = [one for one in row.case_ids if one > after][:size + 1]
    lines = lines_of(row.community_id, ids[:size])
    return Page(lines, tokens.sign("cursor", ids[size - 1]) if len(ids) > size else None)


def lines_of(community_id: int, ids: Collection[int]) -> list[CaseLine]:
    """Cases by number, whatever became of them; five statements."""
    if not ids:
        return []
    cases = db.session.scalars(scoped(Case, community_id).where(Case.id.in_(ids)).order_by(Case.id)).all()
    kinds = {one.id: one.name for one in db.session.scalars(scoped(Category, community_id))}
    units = {one.id: one.name for one in db.session.scalars(scoped(Unit, community_id))}
    spots = places.names(community_id, {case.place_id for case in cases if case.place_id is not None})
    who = people.residents_by_id(community_id, {case.reporter_resident_id for case in cases
                                                if case.reporter_resident_id is not None and not case.anonymous})
    return [CaseLine(
        case.id, kinds[case.category_id], units.get(case.unit_id or 0, ""),
        spots.get(case.place_id or 0, ""),
        # The same person may stand behind another case with their name.
        mask_name(who[case.reporter_resident_id].name)
        if case.reporter_resident_id in who and not case.anonymous else "",
        case.state, case.outcome, case.evaluation, case.opened_at, case.closed_at) for case in cases]


def codes_by_case(found: CaseReview) -> dict[int, list[str]]:
    """For the file of cases: every case of a review, and the figures that count it."""
    made: dict[int, list[str]] = {}
    for row in db.session.scalars(scoped(ReviewFigure, found.community_id).where(
            ReviewFigure.review_id == found.id, ReviewFigure.scope == Scope.ALL, ReviewFigure.by == By.WHOLE)
            .options(undefer(ReviewFigure.case_ids)).order_by(ReviewFigure.id)):
        for case_id in row.case_ids:
            made.setdefault(case_id, []).append(row.code)
    return dict(sorted(made.items())[:MOST_CASES])
