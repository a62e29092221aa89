"""A street with a little history for the boards: deeds in every stage, a book with entries, a notice, an activity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pointsbank.activities.models import (
    Activity,
    ActivityKind,
    ActivityState,
    CheckInMode,
    Occurrence,
    OccurrenceState,
    SignUp,
    SignUpState,
)
from pointsbank.communities.models import Area
from pointsbank.contributions.models import (
    AwardLine,
    Contribution,
    DeedKind,
    LineState,
    RecordedVia,
    Review,
    ReviewStep,
    State,
)
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, transaction
from pointsbank.ledger.models import Book
from pointsbank.ledger.services import Award, Hold, Transfer, award_transfers, collect_transfers, hold_transfers, post
from pointsbank.publicity.models import LineState as LineShown
from pointsbank.publicity.models import (
    NoticeKind,
    NoticeLine,
    NoticeState,
    Objection,
    ObjectionState,
    PublicNotice,
)
from pointsbank.rules.models import Receiver, Timing
from pointsbank.shop.models import LimitPeriod, Offer, OfferState, Outlet, RewardKind, Shelf, StockLot, StockSource
from tests.support.village import Village

APRIL_10 = dt.date(2026, 4, 10)


@dataclass
class Street:
    """Writes what the rooms below would have written. Amounts are hundredths."""

    app: Flask
    village: Village

    @property
    def home(self) -> str:
        return f"household:{self.village.households['2-0317']}"

    def client(self, key: str) -> FlaskClient:
        return self.village.sign_in(self.app.test_client(), key)

    def book(self, transfers: Sequence[Transfer]) -> None:
        post(self.village.community, transfers, house_clock.today())

    def award(self, key: str, amount: int = 200, owner: str = "", expires_on: dt.date | None = None,
              book: Book = Book.POINTS) -> None:
        """Points for a household, straight into the book."""
        with self.app.app_context(), transaction():
            self.book(award_transfers(self.village.community,
                                      [Award(owner or self.home, amount, key, expires_on, book)]))

    def spend(self, key: str, amount: int) -> None:
        """An order that was picked up."""
        with self.app.app_context(), transaction():
            self.book(hold_transfers(self.village.community, [Hold(self.home, amount, key)]))
            self.book(collect_transfers(self.village.community, [key]))

    def deed(self, title: str, state: State = State.SUBMITTED, *, who: str = "alice", home: str = "2-0317",
             minutes: int | None = 60, on: dt.date = APRIL_10, recorder: str = "grid", reason: str = "",
             notes: list[dict[str, object]] | None = None) -> int:
        """A deed in a state; rejected ones carry the reason of their reviewer."""
        now, v = house_clock.now(), self.village
        with self.app.app_context(), transaction():
            row = Contribution(
                community_id=v.community, kind=DeedKind.VOLUNTEERING, state=state, source_key=f"self:{title}",
                resident_id=v.residents[who], household_id=v.households[home], title=title, done_on=on, minutes=minutes,
                recorder_user_id=v.users[recorder], recorded_via=RecordedVia.PROXY, created_at=now, submitted_at=now,
                decided_at=now if state is not State.SUBMITTED else None, notes=notes,
                approver_user_id=v.users["member"] if state is State.APPROVED else None)
            db.session.add(row)
            db.session.flush()
            if reason:
                db.session.add(Review(community_id=v.community, contribution_id=row.id, step=ReviewStep.REJECTED,
                                      by_user_id=v.users["member"], reason=reason, at=now))
            return row.id

    def line(self, deed_id: int, amount: int, state: LineState = LineState.PROPOSED,
             notice_id: int | None = None) -> int:
        """An award line of an approved deed."""
        now, v = house_clock.now(), self.village
        with self.app.app_context(), transaction():
            row = AwardLine(
                community_id=v.community, contribution_id=deed_id, approver_user_id=v.users["member"], rule_id=1,
                rule_code="1.1", rule_name="志愿服务", version_id=1, receiver=Receiver.HOUSEHOLD, owner_key=self.home,
                book=Book.POINTS, amount=amount, timing=Timing.AFTER_NOTICE, state=state, explanation=[],
                notice_id=notice_id, created_at=now, posted_at=now if state is LineState.POSTED else None)
            db.session.add(row)
            db.session.flush()
            return row.id

    def notice(self, number: int = 8, total: int = 600) -> int:
        """A list that hangs out for another three days."""
        now, v = house_clock.now(), self.village
        with self.app.app_context(), transaction():
            row = PublicNotice(
                community_id=v.community, kind=NoticeKind.AWARDS, state=NoticeState.PUBLISHED, year=2026, number=number,
                title=f"第{number}号积分公示", days=7, opens_at=now, closes_at=now + dt.timedelta(days=3),
                made_by_id=v.users["member"], published_by_id=v.users["second"], made_at=now, line_count=1, total=total)
            db.session.add(row)
            db.session.flush()
            return row.id

    def objection(self, notice_id: int, *, due: dt.date) -> None:
        """Somebody objects to a new line of a notice."""
        v = self.village
        with self.app.app_context(), transaction():
            position = db.session.query(NoticeLine).filter_by(notice_id=notice_id).count() + 1
            line = NoticeLine(community_id=v.community, notice_id=notice_id, position=position, amount=100,
                              source_key=f"award:{position}", household_number="2-0317", masked_name="陈*芳",
                              item="志愿服务", state=LineShown.FROZEN)
            db.session.add(line)
            db.session.flush()
            db.session.add(Objection(
                community_id=v.community, notice_id=notice_id, line_id=line.id, state=ObjectionState.OPEN,
                resident_id=v.residents["charlie"], entered_by_id=v.users["charlie"], text="没看见",
                opened_at=house_clock.now(), answer_due_on=due))

    def activity(self, title: str, *, signed_up: str = "", days: int = 2) -> None:
        """A published activity some days ahead."""
        now, v = house_clock.now(), self.village
        with self.app.app_context(), transaction():
            row = Activity(
                community_id=v.community, team_id=v.team, leader_id=v.users["leader"], kind=ActivityKind.VOLUNTEERING,
                title=title, place="2期花坛", mode=CheckInMode.IN_OUT, capacity=26, state=ActivityState.PUBLISHED,
                created_at=now, published_by_id=v.users["member"], published_at=now)
            db.session.add(row)
            db.session.flush()
            starts = now + dt.timedelta(days=days)
            time = Occurrence(community_id=v.community, activity_id=row.id, starts_at=starts,
                              ends_at=starts + dt.timedelta(hours=2), state=OccurrenceState.PLANNED)
            db.session.add(time)
            db.session.flush()
            if signed_up:
                db.session.add(SignUp(community_id=v.community, occurrence_id=time.id, changed_at=now,
                                      resident_id=v.residents[signed_up], state=SignUpState.SIGNED_UP))

    def offer(self, name: str, price: int, on_hand: int, value_fen: int = 0) -> None:
        """Goods on the shelf."""
        now, v = house_clock.now(), self.village
        with self.app.app_context(), transaction():
            outlet = Outlet(community_id=v.community, name=f"{name}店", created_at=now)
            row = Offer(community_id=v.community, name=name, unit="袋", kind=RewardKind.GOODS, shelf=Shelf.FOOD,
                        price=price, period=LimitPeriod.EVER, state=OfferState.OPEN, created_at=now, changed_at=now)
            db.session.add_all([outlet, row])
            db.session.flush()
            db.session.add(StockLot(community_id=v.community, outlet_id=outlet.id, offer_id=row.id, on_hand=on_hand,
                                    source=StockSource.PURCHASE, unit_value_fen=value_fen, received_on=APRIL_10))

    def settings(self, **changes: object) -> None:
        """Change what the community decided for itself."""
        with self.app.app_context(), transaction():
            area = db.session.get_one(Area, self.village.community)
            area.settings = {**(area.settings or {}), **changes}


@pytest.fixture
def street(clock: object, app: Flask, village: Village) -> Street:
    """The clock comes first: appointments made after the day of the test would not be in force yet."""
    return Street(app, village)
