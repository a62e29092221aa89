"""What lapses is announced a month before, to everybody who may spend it."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from flask import Flask

from pointsbank.contributions.jobs import announce_expiry
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, transaction
from pointsbank.ledger import services as ledger
from pointsbank.notifications.models import InboxMessage
from tests.conftest import SettableClock
from tests.support.village import Village


def award(village: Village, owner: str, key: str, day: dt.date | None) -> None:
    with transaction():
        transfers = ledger.award_transfers(village.community, [ledger.Award(owner, 500, key, day)])
        ledger.post(village.community, transfers, house_clock.today())


def told(village: Village) -> dict[int, str]:
    rows = db.session.scalars(sa.select(InboxMessage).where(InboxMessage.text.contains("lapse")))
    return {row.resident_id: str(row.params["points"]) for row in rows}


def test_all_members_of_the_household_learn_what_lapses_in_a_month(
        app: Flask, clock: SettableClock, village: Village) -> None:
    home = village.households["2-0317"]
    with app.app_context():
        day = house_clock.today() + dt.timedelta(days=30)
        award(village, f"household:{home}", "award:1", day)
        award(village, f"resident:{village.residents['bob']}", "award:2", day)
        award(village, f"resident:{village.residents['charlie']}", "award:3", day + dt.timedelta(days=1))
        award(village, f"resident:{village.residents['dora']}", "award:4", None)
        assert announce_expiry() == {"told": 3}
        assert set(told(village)) == {village.residents[k] for k in ("alice", "andrew", "bob")}
