"""A household kept from spending by a resolution reads why; its points stay."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask

from pointsbank.core.db import transaction
from pointsbank.rules import services as rules
from pointsbank.rules.models import FlagKind
from pointsbank.shop.errors import Suspended
from tests.conftest import SettableClock
from tests.shop.conftest import Shop

TODAY = dt.date(2026, 4, 18)


def test_a_suspended_household_cannot_order_until_the_day_is_over(app: Flask, shop: Shop, clock: SettableClock) -> None:
    village = shop.village
    with app.app_context():
        with transaction():
            flag = rules.propose_flag(village.actor("member"), rules.FlagDraft(
                f"household:{village.households['2-0317']}", FlagKind.NO_REDEMPTION, TODAY,
                TODAY + dt.timedelta(days=10), "一票否决", "4月10日会议，28票赞成"))
        shop.order("alice", shop.rice, 1)
        with transaction():
            rules.decide_flag(village.actor("second"), flag.id, agreed=True)
        before = shop.balance("alice")
        for key in ("alice", "andrew"):
            with pytest.raises(Suspended) as refusal, transaction():
                shop.order(key, shop.rice, 1)
            assert "一票否决" in str(refusal.value.sentence)
        assert shop.balance("alice") == before, "what is in the passbook stays there"
        clock.forward(days=10)
        shop.order("alice", shop.rice, 1)
