"""An award that was wrong: taken back by two people, told to the resident, recorded anew where done otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from pointsbank.contributions import jobs, queries, services
from pointsbank.contributions.errors import (
    CorrectionOpen,
    NothingToCorrect,
    NotOpenAnyMore,
    OwnHousehold,
    ReasonMissing,
)
from pointsbank.contributions.models import LineState, State
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import NotFound
from pointsbank.ledger import queries as ledger
from pointsbank.ledger.models import Book
from pointsbank.people.models import LinkKind, UserResident
from tests.contributions import funnel
from tests.contributions.funnel import approved, award_lines, balance, deed, draft, published, recorded
from tests.support.village import Village


def paid_in(street: Village, clock: Any, *drafts: services.DeedDraft) -> list[int]:
    """Deeds whose points are in the passbook."""
    ids = recorded(street, *drafts)
    approved(street, ids)
    published(street)
    clock.forward(days=8)
    jobs.settle_due()
    return ids


def proposed(street: Village, deed_id: int, by: str = "member", **values: Any) -> int:
    with transaction():
        return services.correct_award(street.actor(by), deed_id, "签到表上没有他", **values).id


def test_a_confirmed_correction_takes_points_and_hours_back(street: Village, clock: Any) -> None:
    (deed_id,) = paid_in(street, clock, draft(street, "alice"))
    correction = proposed(street, deed_id)
    assert balance(street, "alice") == 200, "nothing changes before the second person"
    with transaction():
        services.confirm_correction(street.actor("second"), correction)
    assert (balance(street, "alice"), balance(street, "alice", Book.MINUTES, person=True)) == (0, 0)
    assert award_lines(deed_id)[0].state is LineState.REVERSED
    assert ledger.verify(street.community) == []
    db.session.rollback()
    with pytest.raises(NotOpenAnyMore), transaction():
        services.confirm_correction(street.actor("supervisor"), correction)
    with pytest.raises(NothingToCorrect):
        proposed(street, deed_id)


def test_a_refused_correction_changes_nothing(street: Village, clock: Any) -> None:
    (deed_id,) = paid_in(street, clock, draft(street, "alice"))
    correction = proposed(street, deed_id)
    with pytest.raises(CorrectionOpen):
        proposed(street, deed_id, "second")
    with pytest.raises(ReasonMissing), transaction():
        services.refuse_correction(street.actor("second"), correction, "")
    with transaction():
        services.refuse_correction(street.actor("second"), correction, "签到表背面有")
    assert balance(street, "alice") == 200
    assert proposed(street, deed_id, "second") != correction


def test_the_right_figures_go_through_the_funnel_again(street: Village, clock: Any) -> None:
    (deed_id,) = paid_in(street, clock, draft(street, "alice"))
    with transaction():
        services.confirm_correction(street.actor("second"), proposed(street, deed_id, right_minutes=60))
    (again,) = queries.waiting_for(street.actor("reviewer")).items
    db.session.rollback()
    assert (again.minutes, again.recorder_user_id, again.state) == (60, street.users["member"], State.SUBMITTED)
    approved(street, [again.id])
    assert award_lines(again.id)[0].amount == 100
    assert award_lines(again.id)[0].state is LineState.PROPOSED, "on the next notice"


def test_caps_are_given_back_for_later_deeds_only(street: Village, clock: Any) -> None:
    first = paid_in(street, clock, *(draft(street, "alice", n) for n in (1, 2, 3)))
    assert [award_lines(i)[0].amount for i in first] == [200, 200, 100], "5 points a month"
    with transaction():
        services.confirm_correction(street.actor("second"), proposed(street, first[0]))
    assert award_lines(first[2])[0].amount == 100, "what was cut stays cut"
    (later,) = recorded(street, draft(street, "alice", 4))
    approved(street, [later])
    assert award_lines(later)[0].amount == 200


def test_what_still_hangs_out_is_objected_to_and_not_corrected(street: Village) -> None:
    ids = recorded(street, draft(street, "alice"))
    approved(street, ids)
    published(street)
    with pytest.raises(NothingToCorrect):
        proposed(street, ids[0])
    with pytest.raises(NothingToCorrect):
        proposed(street, recorded(street, draft(street, "bob"))[0])


def test_a_struck_deed_is_recorded_anew_with_the_right_figures(street: Village) -> None:
    _notice, lines = funnel.on_notice(street, "alice")
    with transaction():
        objection = services.object_to(street.actor("charlie"), lines["alice"], "只做了一小时")
    with transaction():
        services.decide_objection(street.actor("member"), objection.id, True, "查过，是一小时")
    struck = next(line for line in db.session.query(funnel.AwardLine) if line.state is LineState.STRUCK)
    deed_id = struck.contribution_id
    db.session.rollback()
    with pytest.raises(NothingToCorrect):
        proposed(street, deed_id)
    with transaction():
        services.confirm_correction(street.actor("second"), proposed(street, deed_id, right_minutes=60))
    (again,) = queries.waiting_for(street.actor("reviewer")).items
    assert again.minutes == 60
    db.session.rollback()


def test_nobody_confirms_for_their_own_household_or_for_elsewhere(street: Village, clock: Any) -> None:
    (deed_id,) = paid_in(street, clock, draft(street, "alice"))
    with transaction():
        db.session.add(UserResident(user_id=street.users["second"], resident_id=street.residents["andrew"],
                                    kind=LinkKind.SELF, created_at=house_clock.now()))
    correction = proposed(street, deed_id)
    with pytest.raises(OwnHousehold), transaction():
        services.confirm_correction(street.actor("second"), correction)
    with pytest.raises(NotFound), transaction():
        services.confirm_correction(street.actor("other_member"), correction)
    assert deed(deed_id).state is State.APPROVED


def test_points_already_spent_become_a_debt(street: Village, clock: Any) -> None:
    from pointsbank.core.clock import today
    from pointsbank.ledger import services as book

    (deed_id,) = paid_in(street, clock, draft(street, "alice"))
    owner = f"household:{street.households['2-0317']}"
    with transaction():
        hold = book.hold_transfers(street.community, [book.Hold(owner, 150, "redemption:1")])
        book.post(street.community, hold, today())
    with transaction():
        services.confirm_correction(street.actor("second"), proposed(street, deed_id))
    assert balance(street, "alice") == 0
    assert ledger.verify(street.community) == []
    db.session.rollback()
