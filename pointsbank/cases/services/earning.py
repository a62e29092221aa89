"""What the first reporter and others concerned earn: deeds for the funnel once somebody else has accepted the case,
taken back if it was false."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from pointsbank.cases import queries
from pointsbank.cases.models import Case, CaseEvaluation, Category, Joiner
from pointsbank.cases.services.clocks import EVALUATE_DAYS
from pointsbank.contributions import queries as deeds
from pointsbank.contributions import services as contributions
from pointsbank.contributions.models import State
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db
from pointsbank.people import queries as people

ACCEPTED, FIXED, JOINED, EVALUATED = "accepted", "fixed", "joined", "evaluated"


def earn(actor: Actor, case: Case, what: str) -> None:
    """Record the deed of the first reporter, if a resident, to be reviewed as any other; one source key for each case
    and kind. Once it is fixed, joiners get one of their own where the kind names an item for it.

    A problem sent in pieces earns once: nothing where an earlier accepted case of the same reporter looks like it.
    A reopened case answers with the deed that it has.
    """
    category = db.session.get_one(Category, case.category_id)
    if what == FIXED and category.joined_item:
        _earn_joiners(actor, case, category)
    item = category.accepted_item if what == ACCEPTED else category.fixed_item
    who = case.reporter_resident_id
    if who is None or (what == FIXED and not item) or not _of_here(case, {who}) or queries.is_piece(case, category):
        return
    contributions.record(actor, [_draft(case, category, who, what, item, case.reporter_user_id)])


def joined_in_time(case: Case) -> sa.ColumnElement[bool]:
    """Said "me too" before the inspection had found it put right, so that nobody joins for the points."""
    if case.evaluate_by is None:
        return sa.true()
    return Joiner.joined_at <= case.evaluate_by - dt.timedelta(days=EVALUATE_DAYS)


def is_timely(case: Case, resident_id: int) -> bool:
    """The resident said "me too", or reported what was merged into it, before it was found put right."""
    return db.session.scalar(sa.select(Joiner.resident_id).where(
        Joiner.case_id == case.id, Joiner.resident_id == resident_id, sa.not_(joined_in_time(case)))) is None


def _draft(case: Case, category: Category, resident_id: int, what: str, item: str,
           recorder: int | None) -> contributions.DeedDraft:
    return contributions.DeedDraft(
        kind="snapshot", resident_id=resident_id, title=category.name, on=clock.local_date(case.opened_at),
        source_key=f"{case.key}/{what}", item_code=item or None, recorder_user_id=recorder)


def _of_here(case: Case, residents: set[int]) -> set[int]:
    """Those of them who lived here on the day of the report, as far as is known by now; the funnel takes no others."""
    day = clock.local_date(case.opened_at)
    return {one for one, row in people.residents_by_id(case.community_id, residents).items()
            if row.left_on is None or row.left_on > day}


def _earn_joiners(actor: Actor, case: Case, category: Category) -> None:
    """Those who said "me too" before it was put right and have no part in putting it right; nobody who is gone."""
    joined = set(db.session.scalars(sa.select(Joiner.resident_id).where(
        Joiner.community_id == case.community_id, Joiner.case_id == case.id, joined_in_time(case))))
    fixers = {case.handler_id, *queries.unit_users(case.community_id, case.unit_id)}
    users = people.users_of_resident(joined)
    chosen = sorted(one for one in _of_here(case, joined) - {case.reporter_resident_id}
                    if not users.get(one, set()) & fixers)
    contributions.record(actor, [
        _draft(case, category, one, f"{JOINED}/{one}", category.joined_item, None) for one in chosen])


def earn_answer(actor: Actor, case: Case, resident_id: int | None) -> None:
    """A small deed for saying whether a case is put right, whatever was said, once a case and resident, where the kind
    names an item for it."""
    category = db.session.get_one(Category, case.category_id)
    if category.evaluated_item and resident_id is not None and _of_here(case, {resident_id}):
        contributions.record(actor, [_draft(case, category, resident_id, f"{EVALUATED}/{resident_id}",
                                            category.evaluated_item, None)])


def take_back(actor: Actor, case: Case, reason: str) -> None:
    """A false report: its deeds are refused, or a correction is proposed that a second person confirms.

    Raises what refusing and correcting raise: where a line hangs out for objections, that comes first.
    """
    keys = [f"{case.key}/{what}" for what in (ACCEPTED, FIXED)]
    for what, model in ((JOINED, Joiner), (EVALUATED, CaseEvaluation)):
        keys += [f"{case.key}/{what}/{one}" for one in db.session.scalars(sa.select(model.resident_id).where(
            model.community_id == case.community_id, model.case_id == case.id, model.resident_id.is_not(None)))]
    found = deeds.by_source_keys(case.community_id, keys)
    lines = deeds.lines_of(case.community_id, [deed.id for deed in found])
    for deed in found:
        if deed.state is State.SUBMITTED:
            contributions.reject(actor, deed.id, reason)
        elif deed.state is State.APPROVED and lines.get(deed.id):
            contributions.correct_award(actor, deed.id, reason)
