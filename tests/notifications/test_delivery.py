"""The outbox: delivered once, again after growing gaps, never to addresses that are not on the list."""

from __future__ import annotations

import logging

import pytest
import sqlalchemy as sa

from pointsbank.core.db import db, transaction
from pointsbank.notifications import jobs, services
from pointsbank.notifications.models import OutboxMessage, OutboxState


def _rows() -> list[OutboxMessage]:
    with transaction():
        return list(db.session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id)))


@pytest.fixture
def waiting(app, clock):
    with app.test_request_context():
        with transaction():
            services.send_code("13800000000", "123456")
            services.send("sms:13800000001", "Your rice is here.")
        yield app


def test_the_console_says_what_it_would_send_and_forgets_the_code(waiting, caplog):
    with caplog.at_level(logging.WARNING):
        assert jobs.deliver_due() == {"sent": 2, "failed": 0}
    assert "123456" in caplog.text
    code, other = _rows()
    assert (code.state, code.body) == (OutboxState.SENT, "")
    assert other.body == "Your rice is here."
    assert jobs.deliver_due() == {"sent": 0, "failed": 0}


def test_a_failure_comes_again_with_growing_gaps_and_does_not_hold_up_the_others(waiting, clock, monkeypatch):
    def refuse(address: str, body: str) -> None:
        if address.startswith("sms"):
            raise jobs.NotDelivered("down")

    monkeypatch.setattr(jobs, "_send", refuse)
    assert jobs.deliver_due() == {"sent": 1, "failed": 1}
    for minutes in (1, 5, 15, 60, 240):
        assert jobs.deliver_due() == {"sent": 0, "failed": 0}
        clock.forward(minutes=minutes)
        assert jobs.deliver_due() == {"sent": 0, "failed": 1}
    clock.forward(days=1)
    assert jobs.deliver_due() == {"sent": 0, "failed": 0}
    row = _rows()[1]
    assert (row.state, row.tries, row.error) == (OutboxState.FAILED, 6, "down")


def test_a_code_older_than_ten_minutes_is_not_sent_any_more(waiting, clock):
    clock.forward(minutes=11)
    assert jobs.deliver_due() == {"sent": 1, "failed": 0}
    code = _rows()[0]
    assert (code.state, code.body) == (OutboxState.FAILED, "")


@pytest.mark.parametrize("url", ["json://127.0.0.1:8000/", "syslog://", "file:///etc/passwd", "exec://ls", "http://x",
                                 "xml://10.0.0.1", "dbus://", "mailto://u:p@x"])
def test_channels_that_are_not_on_the_list_are_never_opened(waiting, url, monkeypatch):
    import apprise

    monkeypatch.setattr(apprise.Apprise, "notify", lambda *a, **k: pytest.fail("opened"))
    waiting.config["NOTIFY_URLS"] = url
    try:
        assert jobs.deliver_due() == {"sent": 0, "failed": 2}
    finally:
        waiting.config["NOTIFY_URLS"] = "console"


def test_an_allowed_channel_gets_the_number_in_its_address(waiting, monkeypatch):
    import apprise

    opened: list[str] = []
    monkeypatch.setattr(apprise.Apprise, "add", lambda self, url: opened.append(url) or True)
    monkeypatch.setattr(apprise.Apprise, "notify", lambda self, body: True)
    waiting.config["NOTIFY_URLS"] = "jsons://sms.example/send?to={phone}"
    try:
        assert jobs.deliver_due() == {"sent": 2, "failed": 0}
    finally:
        waiting.config["NOTIFY_URLS"] = "console"
    assert opened == ["jsons://sms.example/send?to=13800000000", "jsons://sms.example/send?to=13800000001"]


def test_each_message_is_committed_by_itself(waiting, monkeypatch):
    seen: list[OutboxState] = []

    def look(address: str, body: str) -> None:
        with transaction():
            seen.extend(db.session.scalars(sa.select(OutboxMessage.state).order_by(OutboxMessage.id)))

    monkeypatch.setattr(jobs, "_send", look)
    jobs.deliver_due()
    assert seen == ["waiting", "waiting", "sent", "waiting"]
