"""What is no longer needed is forgotten."""

from __future__ import annotations

import sqlalchemy as sa

from pointsbank.core.db import db, transaction
from pointsbank.people import jobs
from pointsbank.people.models import OneTimeCode, SignInSession, SignInTry


def _count(model: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_codes_tries_and_old_sessions_go_and_open_ones_stay(app, client, clock, village):
    client.post("/sign-in/code", data={"number": "10000000001"})
    client.post("/sign-in", data={"by": "password", "number": "10000000001", "password": "wrong wrong wrong"})
    village.sign_in(client, "alice")
    with app.app_context():
        clock.forward(days=3)
        assert jobs.forget_old() == {"codes": 1, "tries": 1, "sessions": 0, "uploads": 0}
        clock.forward(days=211)
        assert jobs.forget_old()["sessions"] == 1
        with transaction():
            assert (_count(OneTimeCode), _count(SignInTry), _count(SignInSession)) == (0, 0, 0)


def test_the_outbox_keeps_what_still_waits(app, clock, village):
    from pointsbank.notifications import jobs as delivery
    from pointsbank.notifications import services
    from pointsbank.notifications.models import OutboxMessage

    with app.test_request_context():
        with transaction():
            services.send("sms:13800000000", "sent")
        delivery.deliver_due()
        with transaction():
            services.send("sms:13800000000", "waits")
        clock.forward(days=31)
        assert delivery.forget_old() == 1
        with transaction():
            assert _count(OutboxMessage) == 1
