"""The beat inside the application, on Saturday 18 April 2026, 9:00."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.patrols.beat import Beat
from tests.support.village import Village


@pytest.fixture
def beat(app: Flask, clock: Any, village: Village) -> Iterator[Beat]:
    with app.app_context():
        yield Beat(app, village).set_up()
