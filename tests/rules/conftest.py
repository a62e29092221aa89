"""An application context for tests that call services directly (never around a test client's requests)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask


@pytest.fixture
def inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
