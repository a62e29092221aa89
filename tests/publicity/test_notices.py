"""A notice's life: made, checked by another, hanging, over."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Invalid, NotFound
from pointsbank.publicity import queries, services
from pointsbank.publicity.errors import EmptyList, NotAllowed, SecondPersonNeeded, WrongStep
from pointsbank.publicity.models import LINE_ALLOWED, NOTICE_ALLOWED, LineState, NoticeState
from tests.publicity import board
from tests.publicity.board import drafted, line_ids, notice, published
from tests.support.village import Village


def test_a_notice_is_numbered_when_it_is_published(street: Village, clock: Any) -> None:
    first, second = drafted(street), drafted(street)
    assert notice(first).number is None
    with transaction():
        services.publish(street.actor("second"), second)
    with transaction():
        services.publish(street.actor("second"), first)
    assert [(notice(i).year, notice(i).number) for i in (second, first)] == [(2026, 1), (2026, 2)]
    clock.at(2027, 1, 5)
    assert notice(published(street)).number == 1


def test_it_hangs_until_six_in_the_evening_of_the_last_day(street: Village, clock: Any) -> None:
    assert notice(published(street)).closes_at == dt.datetime(2026, 4, 25, 10, tzinfo=dt.UTC)
    clock.at(2026, 4, 18, 19)
    late = notice(published(street, days=3))
    assert late.closes_at == dt.datetime(2026, 4, 22, 10, tzinfo=dt.UTC), "never less than whole days"


def test_only_reviewers_and_the_committee_make_notices(street: Village) -> None:
    for key in ("alice", "keeper", "leader", "grid", "admin"):
        with pytest.raises(NotAllowed):
            drafted(street, key)
    with pytest.raises(EmptyList):
        drafted(street, lines=[])
    with pytest.raises(Invalid):
        drafted(street, days=2)


def test_the_maker_does_not_publish_and_nobody_twice(street: Village) -> None:
    notice_id = drafted(street)
    with pytest.raises(SecondPersonNeeded), transaction():
        services.publish(street.actor("member"), notice_id)
    with pytest.raises(NotFound), transaction():
        services.publish(street.actor("other_member"), notice_id)
    with transaction():
        services.publish(street.actor("reviewer"), notice_id)
    with pytest.raises(WrongStep), transaction():
        services.publish(street.actor("second"), notice_id)
    with pytest.raises(WrongStep), transaction():
        services.discard(street.actor("second"), notice_id)


def test_a_discarded_draft_keeps_no_names(street: Village) -> None:
    notice_id = drafted(street)
    with transaction():
        services.discard(street.actor("member"), notice_id)
    assert notice(notice_id).state is NoticeState.DISCARDED
    assert line_ids(notice_id) == []


def test_closing_happens_once_and_not_before_its_hour(street: Village, clock: Any) -> None:
    notice_id = published(street)
    with transaction():
        assert services.close_due(street.community, clock()) == []
    clock.forward(days=8)
    with transaction():
        assert [n.id for n in services.close_due(street.community, clock())] == [notice_id]
    with transaction():
        assert services.close(street.community, notice_id, clock()) is None


def test_lines_only_take_allowed_steps(street: Village) -> None:
    notice_id = published(street)
    with transaction():
        assert services.mark_lines(street.community, notice_id, LineState.STRUCK, ["award:1"]) == 1
    with transaction():
        assert services.mark_lines(street.community, notice_id, LineState.POSTED, ["award:1", "award:2"]) == 1
    states = [row.state for row in queries.all_lines(notice(notice_id))]
    db.session.rollback()
    assert states == [LineState.STRUCK, LineState.POSTED]


def test_states_follow_their_tables() -> None:
    assert set(NOTICE_ALLOWED) == set(NoticeState)
    assert set(LINE_ALLOWED) == set(LineState)
    assert LINE_ALLOWED[LineState.STRUCK] == frozenset()


def test_lines_come_in_pages_and_by_household(street: Village) -> None:
    notice_id = published(street, lines=board.lines(street, 120))
    found = notice(notice_id)
    first = queries.lines(found)
    assert [len(first.items), first.items[0].position] == [50, 1]
    last = queries.lines(found, cursor=queries.lines(found, cursor=first.next).next)
    assert [row.position for row in last.items] == list(range(101, 121))
    assert last.next is None
    assert len(queries.lines(found, household="2-0317", limit=100).items) == 60
    assert len(queries.lines(found, limit=10**9).items) == 100
    db.session.rollback()
