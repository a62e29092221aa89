"""The office inside the application, on 18 April 2026."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.succession.office import Office
from tests.support.village import Village


@pytest.fixture
def office(app: Flask, clock: Any, village: Village) -> Iterator[Office]:
    """Two people of the office; afterwards the book is right and nobody lives in two places."""
    with app.app_context():
        made = Office(village)
        yield made
        assert made.faults() == []
