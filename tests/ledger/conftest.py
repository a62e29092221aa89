"""A counter in the village's community."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.ledger.counter import Counter
from tests.support.village import Village


@pytest.fixture
def counter(app: Flask, clock: object, village: Village) -> Counter:
    return Counter(app, village.community)
