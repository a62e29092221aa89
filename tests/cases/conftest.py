"""The desk inside the application, on Saturday 18 April 2026."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.cases.desk import Desk, Door
from tests.support.village import Village


@pytest.fixture
def desk(app: Flask, clock: Any, village: Village) -> Iterator[Desk]:
    with app.app_context():
        yield Desk(app, village).set_up()


@pytest.fixture
def door(desk: Desk) -> Door:
    """``door("member")`` is the browser of somebody signed in."""
    return lambda who: desk.village.sign_in(desk.app.test_client(), who)
