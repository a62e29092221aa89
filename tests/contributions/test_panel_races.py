"""A panel in a hurry: two chairs close, a vote comes while it is closed, two lists are opened, at the same moment."""

from __future__ import annotations

import threading
from typing import Any

import sqlalchemy as sa

from pointsbank.contributions import services
from pointsbank.contributions.errors import AlreadyDeclared, NothingForPanel, SittingOver
from pointsbank.contributions.models import (
    AwardLine,
    DeclaredRelative,
    Outcome,
    PanelVote,
    Review,
    ReviewStep,
    Sitting,
    SittingItem,
    SittingState,
    State,
)
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, transaction
from pointsbank.ledger import queries as ledger
from tests.contributions import sitting
from tests.contributions.funnel import deed, draft, filed, recorded
from tests.contributions.sitting import FOR, item, opened, seated, voted
from tests.contributions.test_races import RUNS, at_once, kinds
from tests.contributions.test_settling import in_parallel
from tests.support.village import Village


def steps(deed_id: int, step: ReviewStep) -> int:
    found = db.session.scalar(sa.select(sa.func.count()).select_from(Review).where(
        Review.contribution_id == deed_id, Review.step == step))
    db.session.rollback()
    return int(found or 0)


def test_five_chairs_close_a_sitting_once(app: Any, street: Village) -> None:
    seated(street)
    (deed_id,) = recorded(street, draft(street, "grace", kind="snapshot", minutes=None, team_id=None))
    sitting_id = opened(street)
    for key in ("bob", "charlie", "dora"):
        voted(street, sitting_id, key, {deed_id: FOR})
    chairs = ["member", "second", "supervisor", "member", "second"]
    with sitting.after_its_days(sitting_id):
        answers = at_once(app, lambda n: services.close_sitting(street.actor(chairs[n]), sitting_id).ended_by_id)
    done = {a for a in answers if not isinstance(a, Exception)}
    assert len(done) == 1, "the same chair may ask again, and gets the same answer"
    assert all(isinstance(a, SittingOver) for a in answers if isinstance(a, Exception))
    assert steps(deed_id, ReviewStep.APPROVED) == 1
    assert db.session.query(AwardLine).count() == 1
    assert ledger.verify(street.community) == []
    db.session.rollback()


def test_without_the_lock_five_chairs_close_it_five_times(app: Any, street: Village) -> None:
    """The negative control: look, wait for each other, write."""
    seated(street)
    deed_id = filed(street)
    sitting_id = opened(street)
    looked = threading.Barrier(RUNS)

    def careless(_place: int) -> str:
        state = db.session.scalar(sa.select(Sitting.state).where(Sitting.id == sitting_id))
        db.session.rollback()
        looked.wait(30)
        if state is not SittingState.OPEN:
            return "over"
        with transaction():
            db.session.execute(sa.insert(Review), {
                "community_id": street.community, "contribution_id": deed_id, "step": ReviewStep.APPROVED,
                "by_user_id": None, "reason": "", "at": house_clock.now()})
        return "closed"

    assert in_parallel(app, careless) == ["closed"] * RUNS
    assert steps(deed_id, ReviewStep.APPROVED) == RUNS


def cast(sitting_id: int) -> int:
    found = db.session.scalar(sa.select(sa.func.count()).select_from(PanelVote).where(
        PanelVote.sitting_id == sitting_id))
    db.session.rollback()
    return int(found or 0)


def test_a_vote_that_comes_while_it_is_closed_is_either_counted_or_refused(app: Any, street: Village) -> None:
    seated(street)
    for turn in range(4):
        deed_id = filed(street, "grace", title=f"第{turn}件")
        sitting_id = opened(street, title=f"第{turn}次")
        place = sitting.items(sitting_id)[deed_id]
        voters = ["bob", "charlie", "dora", "erin"]

        def work(n: int, sitting_id: int = sitting_id, place: int = place,
                 voters: list[str] = voters) -> Any:
            if n == len(voters):
                return services.close_sitting(street.actor("member"), sitting_id).id
            return services.vote(street.actor(voters[n]), sitting_id, [services.Ballot(place, FOR)])

        with sitting.after_its_days(sitting_id):
            answers = at_once(app, work)
        kept = sum(a == 1 for a in answers[:4])
        assert all(a == 1 or isinstance(a, SittingOver) for a in answers[:4]), answers
        assert answers[4] == sitting_id
        assert item(sitting_id, deed_id).votes_for == cast(sitting_id) == kept
        carried = kept >= 3
        assert deed(deed_id).state is (State.APPROVED if carried else State.SUBMITTED)


def test_without_the_lock_a_vote_is_kept_and_not_counted(app: Any, street: Village) -> None:
    """The negative control: the votes are counted, one more comes, the old numbers are written down."""
    seated(street)
    deed_id = filed(street)
    sitting_id = opened(street)
    place = sitting.items(sitting_id)[deed_id]
    counted, voted_too = threading.Event(), threading.Event()

    def careless(n: int) -> str:
        if n == 0:
            found = cast(sitting_id)
            counted.set()
            voted_too.wait(30)
            with transaction():
                db.session.execute(sa.update(SittingItem).where(SittingItem.id == place).values(
                    outcome=Outcome.NO_QUORUM, votes_for=found, decided_at=house_clock.now()))
        elif n == 1:
            counted.wait(30)
            with transaction():
                db.session.execute(sa.insert(PanelVote), {
                    "community_id": street.community, "sitting_id": sitting_id, "item_id": place, "choice": FOR,
                    "user_id": street.users["bob"], "reason": "", "paper_note": "", "at": house_clock.now()})
            voted_too.set()
        return "done"

    assert in_parallel(app, careless) == ["done"] * RUNS
    assert (item(sitting_id, deed_id).votes_for, cast(sitting_id)) == (0, 1)


def test_five_lists_opened_at_once_share_no_deed(app: Any, street: Village) -> None:
    seated(street)
    ids = [filed(street, title=f"第{n}件") for n in range(3)]
    day = house_clock.today()
    answers = at_once(app, lambda n: services.open_sitting(
        street.actor("member"), services.Call(f"第{n}次", day, day)).id)
    assert kinds(answers) == [NothingForPanel.__name__] * 4 + ["done"]
    waiting = db.session.scalars(sa.select(SittingItem.contribution_id)).all()
    db.session.rollback()
    assert sorted(waiting) == ids


def test_a_deed_approved_while_a_list_is_opened_is_approved_or_on_the_list_never_both(app: Any,
                                                                                    street: Village) -> None:
    seated(street)
    day = house_clock.today()
    for turn in range(4):
        deed_id = filed(street, "grace", title=f"第{turn}件")

        def work(n: int, deed_id: int = deed_id, turn: int = turn) -> Any:
            if n % 2:
                return services.approve(street.actor("reviewer"), [deed_id])[0].id
            return services.open_sitting(street.actor("member"), services.Call(f"第{turn}次", day, day)).id

        answers = at_once(app, work)
        assert kinds(answers).count("done") == 1, answers
        listed = db.session.scalar(sa.select(sa.func.count()).select_from(SittingItem).where(
            SittingItem.contribution_id == deed_id))
        db.session.rollback()
        assert (deed(deed_id).state is State.APPROVED) is (listed == 0)


def test_relatives_declared_five_times_at_once_are_declared_once(app: Any, street: Village) -> None:
    answers = at_once(app, lambda _n: services.declare_relative(
        street.actor("reviewer"), "堂弟", resident_id=street.residents["bob"]).id)
    assert kinds(answers) == [AlreadyDeclared.__name__] * 4 + ["done"]
    assert db.session.query(DeclaredRelative).count() == 1
    db.session.rollback()
