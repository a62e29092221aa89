"""What those concerned said: answers of a round, neighbours who want a case opened again, whose a report is."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from pointsbank.cases.models import Case, CaseEvaluation, CaseState, Evaluation, Joiner, ReopeningSupport, Report
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, scoped
from pointsbank.people import queries as people


def is_sender(case: Case, sender_key: str) -> bool:
    """The case's report came from this sender."""
    return db.session.scalar(sa.select(Report.id).where(
        Report.community_id == case.community_id, Report.case_id == case.id, Report.sender_key == sender_key)
        .limit(1)) is not None


def reporting_users(cases: Collection[Case]) -> dict[int, frozenset[int]]:
    """By case: whoever sent or entered its report, and whoever acts for the resident it came from. None of them puts it
    right. One statement."""
    acting = people.users_of_resident(
        {case.reporter_resident_id for case in cases if case.reporter_resident_id is not None})
    return {case.id: frozenset({*acting.get(case.reporter_resident_id or 0, ()),
                                *([case.reporter_user_id] if case.reporter_user_id is not None else ())})
            for case in cases}


def has_joined(case: Case, resident_id: int) -> bool:
    """Said "me too", or reported or joined what was merged into it."""
    children = sa.select(Case.id).where(Case.community_id == case.community_id, Case.parent_id == case.id)
    mine = sa.select(Joiner.case_id).where(
        Joiner.resident_id == resident_id, sa.or_(Joiner.case_id == case.id, Joiner.case_id.in_(children)))
    reported = children.where(Case.reporter_resident_id == resident_id)
    return db.session.scalar(mine.union_all(reported).limit(1)) is not None


def has_answered(case: Case, actor: Actor) -> bool:
    """This actor, or somebody else for the same resident, has answered in this round."""
    return db.session.scalar(sa.select(CaseEvaluation.id).where(
        CaseEvaluation.community_id == case.community_id, CaseEvaluation.case_id == case.id,
        CaseEvaluation.round == case.round, sa.or_(
            CaseEvaluation.user_id == actor.user_id, CaseEvaluation.resident_id == actor.resident_id))
        .limit(1)) is not None


def reporter_answered(case: Case) -> bool:
    """The reporter has answered in this round or, where that answer has opened it again, in the one before."""
    since = case.round if case.state is CaseState.CLOSED else case.round - 1
    return db.session.scalar(sa.select(CaseEvaluation.id).where(
        CaseEvaluation.community_id == case.community_id, CaseEvaluation.case_id == case.id,
        CaseEvaluation.by_reporter, CaseEvaluation.round >= since).limit(1)) is not None


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
