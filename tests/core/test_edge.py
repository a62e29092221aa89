"""The unit of work: all or nothing, once, and never a write in a GET."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask

from pointsbank.core import audit, clock, idempotency, jobs, points, tokens
from pointsbank.core import db as edge
from pointsbank.core.actor import Actor, system
from pointsbank.core.audit import AuditRow
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Conflict, Invalid, KeyReused


def rows() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(AuditRow)) or 0


def test_a_refusal_undoes_everything(app: Flask) -> None:
    def work() -> None:
        audit.write(system(), "test.verb", "thing:1")
        raise Invalid

    with app.app_context():
        with pytest.raises(Invalid):
            edge.run(work)
        assert rows() == 0


def test_a_recorded_refusal_outlives_the_rollback(app: Flask) -> None:
    def work() -> None:
        audit.write(system(), "test.verb", "thing:1")
        edge.record_refusal(lambda: audit.write(system(), "test.denied", "thing:1", outcome="denied"))
        raise Invalid

    with app.app_context():
        with pytest.raises(Invalid):
            edge.run(work)
        assert db.session.scalars(sa.select(AuditRow.verb)).all() == ["test.denied"]


def test_a_reading_unit_cannot_write(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(edge.ReadOnlyUnit):
            edge.run(lambda: audit.write(system(), "test.verb", "thing:1"), write=False)
        assert rows() == 0


def test_a_unit_that_only_read_may_begin_to_write(app: Flask) -> None:
    def work() -> None:
        rows()
        edge.begin_write()
        audit.write(system(), "test.verb", "thing:1")

    with app.app_context():
        edge.run(work, write=False)
        assert rows() == 1


def test_the_same_key_returns_its_row_and_other_content_is_refused(app: Flask) -> None:
    actor = Actor(user_id=1, community_id=1)
    with app.app_context():
        with transaction():
            first = idempotency.begin(actor, "k", "a")
            first.status = 201
        with transaction():
            assert idempotency.begin(actor, "k", "a").status == 201
        with pytest.raises(KeyReused), transaction():
            idempotency.begin(actor, "k", "b")
        with transaction():
            assert idempotency.begin(Actor(user_id=2, community_id=1), "k", "b").status is None


def test_a_scheduled_run_happens_once_per_period(app: Flask) -> None:
    with app.app_context():
        with transaction():
            assert jobs.first_run("verify", "2026-04-18")
        with transaction():
            assert not jobs.first_run("verify", "2026-04-18")
            assert jobs.first_run("verify", "2026-04-19")


def test_naive_instants_are_refused(app: Flask) -> None:
    with app.app_context(), pytest.raises(sa.exc.StatementError):
        db.session.execute(sa.insert(jobs.JobRun).values(job="x", period="y", ran_at=dt.datetime(2026, 1, 1)))


def test_a_clock_before_2020_records_nothing() -> None:
    with clock.fixed(dt.datetime(1970, 1, 2, tzinfo=dt.UTC)), pytest.raises(clock.ClockUnset):
        clock.now()


@pytest.mark.parametrize(("text", "hundredths"), [
    ("2", 200), ("2.5", 250), ("０．１", 10), ("1,000", 100_000), ("-3", -300)])
def test_points_are_read_exactly(text: str, hundredths: int) -> None:
    assert points.parse_points(text) == hundredths


@pytest.mark.parametrize("text", ["", "two", "1.234", "1分/小时", "+5至+10", "NaN", "inf", "1e20"])
def test_what_is_no_number_of_points_is_refused(text: str) -> None:
    with pytest.raises(points.NotPoints):
        points.parse_points(text)


def test_points_are_written_without_needless_decimals() -> None:
    assert [points.format_points(n) for n in (0, 5, 50, 100, 123_456)] == ["0", "0.05", "0.5", "1", "1,234.56"]
    assert points.format_points(-1800, sign=True) == "−18"
    assert points.format_points(400, sign=True) == "+4"


def test_a_check_digit_finds_every_single_error_and_swap() -> None:
    number = "5728364"
    whole = number + tokens.damm_digit(number)
    assert tokens.damm_valid(whole)
    for i in range(len(whole)):
        for digit in "0123456789":
            if digit != whole[i]:
                assert not tokens.damm_valid(whole[:i] + digit + whole[i + 1:])
    for i in range(len(whole) - 1):
        if whole[i] != whole[i + 1]:
            assert not tokens.damm_valid(whole[:i] + whole[i + 1] + whole[i] + whole[i + 2:])


def test_only_canonical_base32_is_read() -> None:
    text = tokens.to_base32(b"0123456789")
    assert tokens.from_base32(text.lower()) == b"0123456789"
    for bad in (text + "=", text[:-1], "1" + text[1:], text + "A"):
        with pytest.raises(tokens.BadToken):
            tokens.from_base32(bad)


def test_a_signed_text_opens_for_its_purpose_only(app: Flask) -> None:
    with app.app_context():
        text = tokens.sign("cursor", 5)
        assert tokens.unsign("cursor", text) == 5
        with pytest.raises(tokens.BadToken):
            tokens.unsign("receipt", text)


def test_a_key_that_still_runs_is_a_conflict() -> None:
    assert issubclass(idempotency.StillRunning, Conflict)
