"""The database itself refuses to rewrite what hung on the board, or an answer that was given."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.core.db import db, transaction
from pointsbank.publicity import services, triggers
from pointsbank.publicity.services import PaperDraft
from tests.publicity.board import drafted, line_ids, published
from tests.support.village import Village

REFUSED = [
    "UPDATE public_notice SET title = '别的'", "UPDATE public_notice SET closes_at = opens_at",
    "UPDATE public_notice SET published_by_id = made_by_id", "DELETE FROM public_notice",
    "UPDATE notice_line SET amount = amount + 100", "UPDATE notice_line SET masked_name = '王*'",
    "UPDATE notice_line SET household_id = NULL", "DELETE FROM notice_line", "UPDATE objection SET text = '没事'",
    "UPDATE objection SET answer_due_on = '2027-01-01'", "UPDATE objection SET paper_reason = ''",
    "DELETE FROM objection",
]


def says(statement: str) -> bool:
    """True where the database takes it."""
    told = ""
    try:
        with transaction():
            db.session.execute(sa.text(statement))
    except sa.exc.DBAPIError as refusal:
        told = str(refusal.orig)
    assert not told or "stays as it was" in told
    return not told


@pytest.fixture
def answered(street: Village) -> int:
    """A published notice with an answered objection from paper."""
    notice_id = published(street)
    with transaction():
        objection = services.object_to(street.actor("grid"), line_ids(notice_id)[0], "没来",
                                       paper=PaperDraft("老张", "7-0001", "口述")).id
    with transaction():
        services.decide(street.actor("member"), objection, False, "签到表上有")
    return notice_id


@pytest.mark.parametrize("statement", REFUSED)
def test_what_hung_out_is_never_rewritten(answered: int, statement: str) -> None:
    assert not says(statement)


@pytest.mark.parametrize("statement", ["UPDATE objection SET answer = '改口了'",
                                       "UPDATE objection SET state = 'upheld'"])
def test_an_answer_stays_as_it_was_given(answered: int, statement: str) -> None:
    assert not says(statement)


def test_emptying_a_whole_table_is_refused_too(answered: int) -> None:
    if db.engine.dialect.name == "postgresql":
        for table in ("objection", "notice_line", "public_notice"):
            assert not says(f"TRUNCATE {table} CASCADE")


def test_states_move_and_somebody_can_be_forgotten(answered: int) -> None:
    """The control: what has to change still does."""
    assert says("UPDATE notice_line SET state = 'struck'")
    assert says("UPDATE public_notice SET state = 'closed', closed_at = closes_at")
    assert says("UPDATE objection SET objector_name = '', objector_household = '', contact = ''")


def test_a_draft_may_still_be_thrown_away(street: Village) -> None:
    notice_id = drafted(street)
    with transaction():
        services.discard(street.actor("member"), notice_id)
    assert line_ids(notice_id) == []


def test_every_trigger_is_there_and_can_be_taken_away(street: Village) -> None:
    with transaction():
        connection: Any = db.session.connection()
        dialect = connection.dialect.name
        assert triggers.found(connection) == triggers.names(dialect)
        for sql in triggers.drop_statements(dialect):
            connection.exec_driver_sql(sql)
        assert triggers.found(connection) == set()
        for sql in triggers.create_statements(dialect):
            connection.exec_driver_sql(sql)
        assert triggers.found(connection) == triggers.names(dialect)
