"""What those concerned said: answers of a round, neighbours who want a case opened again, whose a report is."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from pointsbank.cases.models import Case, CaseEvaluation, Evaluation, Joiner, ReopeningSupport, Report
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, scoped


def is_sender(case: Case, sender_key: str) -> bool:
    """The case's report came from this sender."""
    return db.session.scalar(sa.select(Report.id).where(
        Report.community_id == case.community_id, Report.case_id == case.id, Report.sender_key == sender_key)
        .limit(1)) is not None


def has_joined(case: Case, resident_id: int) -> bool:
    """Said "me too", or reported or joined what was merged into it."""
    children = sa.select(Case.id).where(Case.community_id == case.community_id, Case.parent_id == case.id)
    mine = sa.select(Joiner.case_id).where(
        Joiner.resident_id == resident_id, sa.or_(Joiner.case_id == case.id, Joiner.case_id.in_(children)))
    reported = children.where(Case.reporter_resident_id == resident_id)
    return db.session.scalar(mine.union_all(reported).limit(1)) is not None


def has_answered(case: Case, actor: Actor | None = None) -> bool:
    """An answer to this round (or, opened again meanwhile, the one before) was given: by this actor, or without one by
    the reporter."""
    rows = CaseEvaluation.community_id == case.community_id, CaseEvaluation.case_id == case.id
    if actor is None:
        return db.session.scalar(sa.select(CaseEvaluation.id).where(
            *rows, CaseEvaluation.by_reporter, CaseEvaluation.round >= case.round - 1).limit(1)) is not None
    return db.session.scalar(sa.select(CaseEvaluation.id).where(
        *rows, CaseEvaluation.round == case.round, sa.or_(
            CaseEvaluation.user_id == actor.user_id, CaseEvaluation.resident_id == actor.resident_id))
        .limit(1)) is not None


def supporters(case: Case) -> Sequence[ReopeningSupport]:
    """Who wants this round of a case opened again, in order."""
    return db.session.scalars(scoped(ReopeningSupport, case.community_id).where(
        ReopeningSupport.case_id == case.id, ReopeningSupport.round == case.round).order_by(ReopeningSupport.at)).all()


def voices(community_id: int, case_ids: Collection[int]) -> dict[int, dict[Evaluation, int]]:
    """How joiners answered beside the reporter, all rounds together; an entry for each case. One statement."""
    found: dict[int, dict[Evaluation, int]] = {one: {} for one in case_ids}
    if found:
        for case_id, answer, count in db.session.execute(
                sa.select(CaseEvaluation.case_id, CaseEvaluation.answer, sa.func.count()).where(
                    CaseEvaluation.community_id == community_id, CaseEvaluation.case_id.in_(list(found)),
                    sa.not_(CaseEvaluation.by_reporter)).group_by(CaseEvaluation.case_id, CaseEvaluation.answer)):
            found[case_id][answer] = count
    return found
