"""The year-end close: prepared by the job, frozen by a person, and then out of everybody's reach."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from pointsbank.core.actor import system
from pointsbank.core.db import db, transaction
from pointsbank.honours import jobs, services
from pointsbank.honours.errors import (
    FiguresMoved,
    LaterYearClosed,
    NotAllowed,
    NothingToClose,
    SecondPersonNeeded,
    WrongStep,
    YearNotOver,
)
from pointsbank.honours.models import HonourYear, HonourYearLine, YearState
from pointsbank.honours.services.closing import YearSum, hash_of, sums_of
from pointsbank.ledger.gains import gained, taken_back_later
from pointsbank.ledger.models import Book
from tests.honours.support import give, refused, take_back
from tests.support.village import Village


def lived(street: Village, clock: Any) -> dict[str, list[str]]:
    """A year and a bit: keys in the book by who and when."""
    clock.at(2025, 12, 30)
    old = give(street, "alice", 5, 10)
    clock.at(2026, 3, 1)
    keys = {"alice": give(street, "alice", 10, 100), "bob": give(street, "bob", 2), "old": old}
    give(street, "alice", 0, 40, household=True)
    clock.at(2026, 12, 31, 23, 59)
    give(street, "bob", 1)
    clock.at(2027, 1, 1, 0, 1)
    give(street, "bob", 7)
    clock.at(2027, 1, 2, 2)
    return keys


def prepared(street: Village, year: int = 2026) -> int:
    with transaction():
        return services.prepare_year(system(street.community), street.community, year).id


def row(year_id: int) -> HonourYear:
    found = db.session.get(HonourYear, year_id, populate_existing=True)
    db.session.expunge_all()
    db.session.rollback()
    assert found is not None
    return found


def lines(year_id: int) -> dict[str, tuple[int, int, int, int]]:
    rows = {x.owner_key: (x.minutes, x.honour, x.minutes_in_all, x.honour_in_all) for x in db.session.scalars(
        sa.select(HonourYearLine).where(HonourYearLine.year_id == year_id))}
    db.session.rollback()
    return rows


def test_the_statement_holds_what_stood_in_the_book_on_31_december(street: Village, clock: Any) -> None:
    lived(street, clock)
    assert jobs.close_years() == {"done": 1, "failed": 0}
    found = db.session.scalars(sa.select(HonourYear)).one()
    db.session.rollback()
    home, alice, bob = (f"household:{street.households['2-0317']}", f"resident:{street.residents['alice']}",
                        f"resident:{street.residents['bob']}")
    assert lines(found.id) == {alice: (600, 10_000, 900, 11_000), bob: (180, 0, 180, 0), home: (0, 4000, 0, 4000)}
    assert (found.year, found.state, found.line_count, found.minutes, found.honour) == (
        2026, YearState.PREPARED, 3, 780, 14_000)
    assert found.prepared_by_id is None


def test_a_second_person_freezes_it(street: Village, clock: Any) -> None:
    lived(street, clock)
    year_id = prepared(street)
    with transaction():
        services.freeze_year(street.actor("member"), year_id)
    assert (row(year_id).state, row(year_id).frozen_by_id) == (YearState.FROZEN, street.users["member"])
    with pytest.raises(WrongStep), transaction():
        services.freeze_year(street.actor("second"), year_id)


def test_who_prepared_it_by_hand_does_not_freeze_it(street: Village, clock: Any) -> None:
    lived(street, clock)
    with transaction():
        year_id = services.prepare_year(street.actor("member"), street.community, 2026).id
    with pytest.raises(SecondPersonNeeded), transaction():
        services.freeze_year(street.actor("member"), year_id)
    with pytest.raises(NotAllowed), transaction():
        services.freeze_year(street.actor("admin"), year_id)
    with pytest.raises(sa.exc.DBAPIError), transaction():
        db.session.execute(sa.text(
            "UPDATE honour_year SET state = 'frozen', frozen_by_id = prepared_by_id, frozen_at = prepared_at"))
    with transaction():
        services.freeze_year(street.actor("second"), year_id)


def test_five_jobs_at_once_prepare_one_statement(app: Any, street: Village, clock: Any) -> None:
    from tests.honours.test_proposing import at_once

    lived(street, clock)
    answers = at_once(app, lambda _n: jobs.close_years())
    assert all(a == {"done": 1, "failed": 0} for a in answers), answers
    assert db.session.scalar(sa.select(sa.func.count()).select_from(HonourYear)) == 1
    db.session.rollback()


def test_no_statement_of_sql_changes_a_closed_year(street: Village, clock: Any) -> None:
    lived(street, clock)
    year_id = prepared(street)
    changes = (
        "UPDATE honour_year SET minutes = minutes + 1", "UPDATE honour_year SET hash = 'x'", "DELETE FROM honour_year",
        "UPDATE honour_year SET state = 'prepared', frozen_by_id = NULL, frozen_at = NULL, line_count = 0",
        "UPDATE honour_year_line SET honour = honour + 100", "DELETE FROM honour_year_line")
    assert refused(*changes) == []
    with transaction():
        services.freeze_year(street.actor("member"), year_id)
    assert refused(*changes) == []


def test_a_line_put_in_before_the_freezing_is_found_and_one_after_it_is_refused(street: Village, clock: Any) -> None:
    lived(street, clock)
    year_id = prepared(street)
    put_in = sa.text("INSERT INTO honour_year_line (community_id, year_id, owner_key, minutes, honour, minutes_in_all, "
                     f"honour_in_all) VALUES ({street.community}, {year_id}, 'resident:999', 60, 0, 60, 0)")
    def smuggle() -> None:
        db.session.execute(put_in)
        services.freeze_year(street.actor("member"), year_id)

    with pytest.raises(FiguresMoved), transaction():
        smuggle()
    with transaction():
        services.freeze_year(street.actor("member"), year_id)
    with pytest.raises(sa.exc.DBAPIError), transaction():
        db.session.execute(put_in)


def test_a_correction_after_the_close_goes_to_the_next_year_and_is_shown(street: Village, clock: Any) -> None:
    keys = lived(street, clock)
    year_id = prepared(street)
    with transaction():
        services.freeze_year(street.actor("member"), year_id)
    before = lines(year_id)
    clock.at(2027, 2, 1)
    take_back(street, keys["alice"])
    take_back(street, keys["old"])
    alice = f"resident:{street.residents['alice']}"
    span = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
    assert taken_back_later(street.community, Book.MINUTES, *span) == {alice: 600}, "what was 2025's is not 2026's"
    assert taken_back_later(street.community, Book.HONOUR, *span) == {alice: 10_000}
    assert lines(year_id) == before
    with transaction():
        assert services.agrees(row(year_id)), "the year still adds up: the reversal has a day of its own"
    assert gained(street.community, Book.MINUTES, dt.date(2027, 12, 31), dt.date(2027, 1, 1))[alice] == -900
    db.session.rollback()


def test_years_hang_together_and_an_earlier_one_cannot_be_put_in_later(street: Village, clock: Any) -> None:
    lived(street, clock)
    first = prepared(street, 2025)
    second = prepared(street, 2026)
    assert row(second).previous_hash == row(first).hash
    with pytest.raises(LaterYearClosed):
        prepared(street, 2024)
    assert prepared(street, 2025) == first, "known already, it is answered"


def test_a_year_that_goes_on_or_was_empty_is_not_closed(street: Village, clock: Any) -> None:
    lived(street, clock)
    for year in (2027, 2028):
        with pytest.raises(YearNotOver):
            prepared(street, year)
    with pytest.raises(NothingToClose):
        prepared(street, 2024)
    with pytest.raises(NotAllowed), transaction():
        services.prepare_year(street.actor("other_member"), street.community, 2026)


def test_a_frozen_year_is_checked_against_the_book(street: Village, clock: Any) -> None:
    lived(street, clock)
    year_id = prepared(street)
    with transaction():
        assert services.agrees(row(year_id))
        changed = row(year_id)
        changed.hash = "0" * 64
        assert not services.agrees(changed)


def test_a_thousand_and_a_half_residents_cost_the_same_statements(street: Village, clock: Any, queries: Any) -> None:
    lived(street, clock)
    with queries() as few:
        prepared(street, 2025)
    with queries() as more:
        prepared(street, 2026)
    assert len(few) == len(more)
    assert len(more) <= 14


sums = st.lists(st.builds(YearSum, st.integers(1, 500).map(lambda n: f"resident:{n}"), *[st.integers(0, 10**6)] * 4),
                unique_by=lambda one: one.owner_key, max_size=12)


@given(sums, st.randoms(use_true_random=False))
def test_the_hash_depends_on_every_figure_and_not_on_the_order(lines_: list[YearSum], random: Any) -> None:
    mixed = list(lines_)
    random.shuffle(mixed)
    whole = hash_of(3, 2026, "", lines_)
    assert hash_of(3, 2026, "", mixed) == whole
    assert hash_of(4, 2026, "", lines_) != whole
    assert hash_of(3, 2026, "x", lines_) != whole
    for place, line in enumerate(lines_):
        other = [*lines_[:place], YearSum(line.owner_key, line.minutes + 1, line.honour, line.minutes_in_all,
                                         line.honour_in_all), *lines_[place + 1:]]
        assert hash_of(3, 2026, "", other) != whole


def test_splitting_a_span_adds_up_to_the_whole(street: Village, clock: Any) -> None:
    """Wherever the span is cut, and although something was taken back in between."""
    keys = lived(street, clock)
    take_back(street, keys["bob"])
    first, last = dt.date(2025, 12, 1), dt.date(2027, 1, 31)
    for book in (Book.MINUTES, Book.HONOUR):
        whole = gained(street.community, book, last, first)
        for cut in (dt.date(2025, 12, 30), dt.date(2026, 3, 1), dt.date(2026, 12, 31), dt.date(2027, 1, 1)):
            parts = [gained(street.community, book, cut, first),
                     gained(street.community, book, last, cut + dt.timedelta(days=1))]
            summed = {o: sum(p.get(o, 0) for p in parts) for o in parts[0] | parts[1]}
            assert {o: n for o, n in summed.items() if n} == whole
    assert {s.owner_key: s.minutes for s in sums_of(street.community, 2026)} == gained(
        street.community, Book.MINUTES, dt.date(2026, 12, 31), dt.date(2026, 1, 1)) | {
            f"household:{street.households['2-0317']}": 0}
    db.session.rollback()
