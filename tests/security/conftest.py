"""The whole street for the tests that walk over it, and the present in which it stands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pointsbank.core import clock
from tests.conftest import KINDS
from tests.support.street import PRESENT, Street, Streets


@pytest.fixture(scope="module", params=KINDS)
def street(request: pytest.FixtureRequest, streets: Streets) -> Iterator[Street]:
    """A fresh copy of the street for this module, on each database, on a Monday morning in April 2026."""
    with clock.fixed(PRESENT):
        yield streets.fresh(request.param)
