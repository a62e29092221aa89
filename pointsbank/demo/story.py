"""Three months of the street's life, day by day, each day one unit of work at its own date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from flask import Flask

from pointsbank.core import clock
from pointsbank.demo.cast import Cast
from pointsbank.demo.founding import found

DAYS = 92


def build(app: Flask, progress: Callable[[int], None]) -> None:
    """Found the street 92 days ago and live it through to today; ``progress`` hears per cent."""
    cast = Cast()
    today = clock.today()
    first = today - dt.timedelta(days=DAYS)
    with app.app_context():
        with clock.fixed(clock.at_local(first, dt.time(8, 0))):
            found(cast)
        progress(100)
