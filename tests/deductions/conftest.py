"""The desk inside the application, on 18 April 2026; whatever was done, the book is right afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.deductions.cases import Cases, bags, parking, quarrel, rubbish
from tests.support.village import Village


@pytest.fixture
def bare(app: Flask, clock: Any, village: Village) -> Iterator[Cases]:
    """Without a standard."""
    with app.app_context():
        made = Cases(app, village)
        yield made
        assert made.faults() == []


@pytest.fixture
def cases(bare: Cases) -> Cases:
    bare.adopt(rubbish(), parking(), bags(), quarrel())
    return bare
