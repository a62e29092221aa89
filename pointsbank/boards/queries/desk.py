"""The committee's desk: what waits for whoever sits there, deadlines first, and what comes next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pointsbank.activities import queries as activities
from pointsbank.activities.models import Activity, ActivityState
from pointsbank.cases import desk_queries as cases
from pointsbank.contributions import policy
from pointsbank.contributions import queries as contributions
from pointsbank.contributions.models import (
    Appeal,
    AppealState,
    AwardLine,
    Contribution,
    Correction,
    CorrectionState,
    LineState,
    Sheet,
    SheetState,
    Sitting,
    SittingItem,
    SittingState,
    State,
)
from pointsbank.contributions.queries import sittings
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import UtcDateTime, db
from pointsbank.deductions import queries as deductions
from pointsbank.honours.queries import register as honours
from pointsbank.ledger.models import Book
from pointsbank.patrols.queries import waiting as patrols
from pointsbank.people import policy as may
from pointsbank.people import queries as people
from pointsbank.people.models import ExportRequest, ExportState, Household, HouseholdMember, UserResident
from pointsbank.publicity.models import NoticeState, Objection, ObjectionState, PublicNotice
from pointsbank.rules import papers
from pointsbank.rules.models import StandardComment
from pointsbank.shop.models import CheckState, StockCheck
from pointsbank.succession.models import ChangeState, HouseholdChange

WEEKS_AHEAD = 2


@dataclass(frozen=True)
class Waiting:
    """What the community's desk has to do. Counts; ``oldest_review_at`` and ``objection_due_on`` say how urgent,
    ``objections_late`` how many written answers are overdue; ``appeals_late`` the same of requests for a review.

    ``sittings`` are those in which the reader's own votes are missing, the first of them due on ``votes_due_on``;
    ``to_close`` those whose votes are due no more, for whoever may take the chair. ``deductions_on``: the rules here
    take points away, or did. ``cases`` are those to accept or give out, ``cases_late`` those with a deadline that ran
    out.
    """

    reviews: int
    oldest_review_at: dt.datetime | None
    sittings: int
    votes_due_on: dt.date | None
    to_close: int
    objections: int
    objection_due_on: dt.date | None
    objections_late: int
    corrections: int
    activities: int
    draft_notices: int
    stock_checks: int
    exports: int
    changes: int
    headless: int
    unlisted: int
    unlisted_sum: int
    honours: int
    certificates: int
    appeals: int
    appeals_late: int
    sheets: int
    comments: int
    deductions: int
    deductions_on: bool
    cases: int
    cases_late: int
    inspections: int
    rounds: int
    proposals: int

    @property
    def all(self) -> int:
        """Things that somebody must decide; the lines for the next list are no decision yet."""
        return (self.reviews + self.sittings + self.to_close + self.objections + self.corrections + self.activities
                + self.draft_notices + self.stock_checks + self.exports + self.changes + self.headless
                + self.honours + self.certificates + self.appeals + self.sheets + self.comments
                + self.deductions + self.cases + self.inspections + self.rounds + self.proposals)


def _mine_to_judge(actor: Actor) -> tuple[sa.ColumnElement[bool], ...]:
    """Deeds that wait for this very person: no conflict of interest, and no panel that votes about them."""
    return (Contribution.state == State.SUBMITTED, *contributions.independent_of(actor.user_id),
            ~contributions.on_open_list())


def _mine_to_vote(actor: Actor, column: Any) -> Any:
    """Of the open sittings in which the actor's votes are missing."""
    return (sa.select(column).select_from(SittingItem)
            .join(Sitting, Sitting.id == SittingItem.sitting_id)
            .join(Contribution, Contribution.id == SittingItem.contribution_id)
            .where(SittingItem.community_id == actor.community_id, *sittings.left_for(actor.user_id))
            .scalar_subquery())


def _own_households(user_id: int | None, today: dt.date) -> sa.Select[Any]:
    return (sa.select(HouseholdMember.household_id)
            .join(UserResident, UserResident.resident_id == HouseholdMember.resident_id)
            .where(UserResident.user_id == user_id, HouseholdMember.since_on <= today,
                   sa.or_(HouseholdMember.until_on.is_(None), HouseholdMember.until_on > today)))


def _mine_to_confirm(actor: Actor, today: dt.date) -> tuple[sa.ColumnElement[bool], ...]:
    """Changes of other people's households that somebody else entered."""
    own = _own_households(actor.user_id, today)
    return (HouseholdChange.state == ChangeState.PROPOSED, HouseholdChange.proposed_by_id != actor.user_id, *(
        sa.or_(home.is_(None), home.not_in(own))
        for home in (HouseholdChange.household_id, HouseholdChange.other_household_id)))


def waiting(actor: Actor) -> Waiting:
    """All counts in one statement: they stand beside the navigation of every page of the desk."""
    community_id, today = actor.community_id, clock.today()

    def one(column: Any, table: Any, *where: Any) -> Any:
        return sa.select(column).select_from(table).where(table.community_id == community_id, *where).scalar_subquery()

    count = sa.func.count()
    judge = _mine_to_judge(actor)
    open_ = Objection.state == ObjectionState.OPEN
    exports = (ExportRequest.state == ExportState.ASKED, ExportRequest.asked_by_id != actor.user_id,
               sa.true() if may.can(actor, "exports.decide") else sa.false())
    unlisted = (AwardLine.state == LineState.PROPOSED, AwardLine.notice_id.is_(None), AwardLine.book == Book.POINTS)
    row: Any = db.session.execute(sa.select(
        one(count, Contribution, *judge),
        sa.type_coerce(one(sa.func.min(Contribution.submitted_at), Contribution, *judge), UtcDateTime()),
        _mine_to_vote(actor, sa.func.count(sa.distinct(Sitting.id))),
        sa.type_coerce(_mine_to_vote(actor, sa.func.min(Sitting.due_on)), sa.Date()),
        one(count, Sitting, Sitting.state == SittingState.OPEN, Sitting.due_on < today,
            sa.true() if policy.may_chair(actor) else sa.false()),
        one(count, Objection, open_),
        sa.type_coerce(one(sa.func.min(Objection.answer_due_on), Objection, open_), sa.Date()),
        one(count, Objection, open_, Objection.answer_due_on < today),
        one(count, Correction, Correction.state == CorrectionState.PROPOSED,
            Correction.proposed_by_id != actor.user_id),
        one(count, Activity, Activity.state == ActivityState.DRAFT, Activity.submitted_at.is_not(None),
            Activity.leader_id != actor.user_id),
        one(count, PublicNotice, PublicNotice.state == NoticeState.DRAFT, PublicNotice.made_by_id != actor.user_id),
        one(count, StockCheck, StockCheck.state == CheckState.WAITING, StockCheck.proposed_by_id != actor.user_id),
        one(count, ExportRequest, *exports),
        one(count, HouseholdChange, *_mine_to_confirm(actor, today)),
        one(count, Household, Household.id.in_(people.headless(community_id or 0))),
        one(count, AwardLine, *unlisted),
        sa.cast(one(sa.func.coalesce(sa.func.sum(AwardLine.amount), 0), AwardLine, *unlisted), sa.BigInteger),
        *honours.waiting_columns(actor),
        one(count, Appeal, contributions.appeals.to_do()),
        one(count, Appeal, Appeal.state == AppealState.OPEN, Appeal.answer_due_on < today),
        one(count, Sheet, Sheet.state == SheetState.SUBMITTED, Sheet.entered_by_id != actor.user_id),
        one(count, StandardComment, *papers.to_answer(actor)),
        *deductions.waiting_columns(actor),
        *cases.waiting_columns(actor),
        *patrols.waiting_columns(actor),
    )).one()
    return Waiting(*row)


@dataclass(frozen=True)
class Ahead:
    """Something that comes: ``kind`` is notice, activity or expiry; ``amount`` in hundredths where points move."""

    on: dt.date
    kind: str
    title: str = ""
    number: int | None = None
    amount: int | None = None


def ahead(community_id: int, expiring: list[tuple[dt.date, int]]) -> list[Ahead]:
    """The next two weeks in order. ``expiring`` comes from the book: (last day, hundredths). Two statements."""
    today = clock.today()
    until = today + dt.timedelta(weeks=WEEKS_AHEAD)
    closing = db.session.execute(
        sa.select(PublicNotice.closes_at, PublicNotice.number, PublicNotice.total)
        .where(PublicNotice.community_id == community_id, PublicNotice.state == NoticeState.PUBLISHED)
        .order_by(PublicNotice.closes_at).limit(5))
    items = [Ahead(clock.local_date(at), "notice", number=number, amount=total or None)
             for at, number, total in closing if at]
    items += [Ahead(clock.local_date(one.occurrence.starts_at), "activity", one.activity.title)
              for one in activities.upcoming(community_id, limit=5)]
    items += [Ahead(day, "expiry", amount=amount) for day, amount in expiring]
    return sorted((i for i in items if today <= i.on <= until), key=lambda i: i.on)[:6]
