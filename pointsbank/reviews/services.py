"""Making reviews, correcting them by new versions, signing remarks. Nothing here changes a row that is there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Forbidden

# Importing the triggers is what makes ``create_all`` install them.
from pointsbank.reviews import policy, triggers
from pointsbank.reviews.errors import (
    NothingToCorrect,
    NotTheLatest,
    PeriodNotOver,
    ReasonMissing,
    RemarkMissing,
)
from pointsbank.reviews.figures import EDITION, Figure, figures
from pointsbank.reviews.models import CaseReview, ReviewFigure, ReviewRemark
from pointsbank.reviews.periods import Period, PeriodKind
from pointsbank.reviews.queries import facts

__all__ = ["agrees", "correct", "make", "remark", "triggers"]
SHORTEST, LONGEST = 4, 500


def make(actor: Actor, community_id: int, period: Period) -> CaseReview | None:
    """Freeze the figures of a period; None if that was done already, by whoever. Raises PeriodNotOver."""
    if not period.is_over:
        raise PeriodNotOver
    if db.session.scalar(scoped(CaseReview, community_id).with_only_columns(CaseReview.id).where(
            CaseReview.kind == period.kind, CaseReview.starts_on == period.starts_on).limit(1)) is not None:
        return None
    return _freeze(actor, community_id, period, _counted(community_id, period))


def correct(actor: Actor, review_id: int, reason: str) -> CaseReview:
    """Count the period of a review again, as a new version that names it.

    Raises Forbidden, NotFound, ReasonMissing, NotTheLatest, NothingToCorrect.
    """
    if not policy.may_write(actor) or actor.community_id is None:
        raise Forbidden
    old = get_scoped(CaseReview, review_id, actor.community_id)
    why = reason.strip()
    if not SHORTEST <= len(why) <= LONGEST:
        raise ReasonMissing(fields={"reason": ReasonMissing.message})
    if db.session.scalar(scoped(CaseReview, old.community_id).with_only_columns(CaseReview.id).where(
            CaseReview.corrects_id == old.id)) is not None:
        raise NotTheLatest
    counted = _counted(old.community_id, old.period)
    if hash_of(counted) == old.hash:
        raise NothingToCorrect
    made = _freeze(actor, old.community_id, old.period, counted, corrects=old, reason=why)
    if made is None:
        raise NotTheLatest
    return made


def remark(actor: Actor, review_id: int, text: str) -> ReviewRemark:
    """Sign a few words under a review. Raises Forbidden, NotFound, RemarkMissing."""
    if not policy.may_write(actor) or actor.user_id is None:
        raise Forbidden
    review = get_scoped(CaseReview, review_id, actor.community_id)
    said = text.strip()
    if not SHORTEST <= len(said) <= LONGEST:
        raise RemarkMissing(fields={"text": RemarkMissing.message})
    row = ReviewRemark(community_id=review.community_id, review_id=review.id, text=said, by_user_id=actor.user_id,
                       at=clock.now())
    db.session.add(row)
    db.session.flush()
    audit.write(actor, "reviews.remark", review.key, community_id=review.community_id)
    return row


def agrees(review: CaseReview) -> bool:
    """The figures that are stored still give the hash that was stored with them."""
    rows = db.session.scalars(
        scoped(ReviewFigure, review.community_id).where(ReviewFigure.review_id == review.id)
        .options(sa.orm.undefer(ReviewFigure.case_ids)).order_by(ReviewFigure.id))
    return hash_of(Figure(row.scope, row.by, row.group_id, row.group_name, row.code, row.value, tuple(row.case_ids))
                   for row in rows) == review.hash


def hash_of(counted: Iterable[Figure]) -> str:
    """The SHA-256 of figures with their cases, in their order."""
    lines = [[one.scope, one.by, one.group_id, one.group_name, one.code, one.value, list(one.case_ids)]
             for one in counted]
    return hashlib.sha256(json.dumps(lines, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _counted(community_id: int, period: Period) -> list[Figure]:
    units, kinds = facts.names(community_id)
    return figures(facts.happened(community_id, period), units, kinds, for_all=period.kind is PeriodKind.MONTHLY)


def _freeze(actor: Actor, community_id: int, period: Period, counted: list[Figure], *,
            corrects: CaseReview | None = None, reason: str = "") -> CaseReview | None:
    """Store it; None if somebody else was quicker, whose row the unique key then keeps."""
    values: dict[str, Any] = {
        "community_id": community_id, "kind": period.kind, "starts_on": period.starts_on, "ends_on": period.ends_on,
        "version": 1 if corrects is None else corrects.version + 1,
        "corrects_id": None if corrects is None else corrects.id, "reason": reason, "definitions": EDITION,
        "hash": hash_of(counted), "made_by_id": actor.user_id, "made_at": clock.now()}
    review_id = db.session.scalar(_insert().values(**values).on_conflict_do_nothing().returning(CaseReview.id))
    if review_id is None:
        return None
    db.session.execute(sa.insert(ReviewFigure), [
        {"community_id": community_id, "review_id": review_id, "scope": one.scope, "by": one.by,
         "group_id": one.group_id, "group_name": one.group_name, "code": one.code, "value": one.value,
         "case_ids": list(one.case_ids)} for one in counted])
    review = get_scoped(CaseReview, review_id, community_id)
    audit.write(actor, "reviews.make" if corrects is None else "reviews.correct", review.key,
                community_id=community_id)
    return review


def _insert() -> Any:
    if db.engine.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as pg_insert

        return pg_insert(CaseReview)
    from sqlalchemy.dialects.sqlite import insert as lite_insert

    return lite_insert(CaseReview)
