"""April 2026 as it was lived, on the first of May at a quarter past midnight; and somebody who asks for pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from pointsbank.core.actor import system
from pointsbank.core.db import db, run
from pointsbank.reviews import services
from pointsbank.reviews.models import CaseReview
from tests.cases.desk import Desk
from tests.reviews.april import APRIL, April
from tests.support.village import Village


@pytest.fixture
def april(app: Flask, clock: Any, village: Village) -> Iterator[April]:
    with app.app_context():
        desk = Desk(app, village)
        clock.at(2026, 3, 30, 9)
        yield April(desk.set_up(), clock).live()


@pytest.fixture
def frozen(april: April) -> CaseReview:
    """The review of April."""
    home = april.desk.village.community
    made = run(lambda: services.make(system(home), home, APRIL))
    assert made is not None
    db.session.expunge(made)  # it is read between requests, and would begin a transaction each time
    return made


@pytest.fixture
def ask(app: Flask, village: Village) -> Callable[..., Any]:
    """``ask("member", "/desk/case-reviews")``; ``"nobody"`` is not signed in."""

    def asking(who: str, path: str, *, status: int | None = 200, **form: Any) -> Any:
        client = app.test_client()
        if who != "nobody":
            village.sign_in(client, who)
        db.session.rollback()  # the request shares this context: it must see who has just come in
        answer = client.post(path, data=form) if form else client.get(path)
        if status is not None:
            assert answer.status_code == status, (path, answer.status_code, answer.text[:600])
        return answer

    return asking
