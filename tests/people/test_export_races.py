"""Many at once around one list: three downloads, one decision, one open request."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pointsbank.core import clock as house_clock
from pointsbank.core.db import run
from pointsbank.core.errors import DomainError
from pointsbank.people import services
from pointsbank.people.errors import ExportDecided, ExportOpen, ExportUsedUp
from pointsbank.people.models import ExportKind
from pointsbank.people.services import exports
from tests.people.support import WHY, approved, ask, audit


def at_once(app: Any, works: list[Any]) -> Counter[str]:
    """Each in a thread and unit of work of its own; what they ended in."""
    start, now = threading.Barrier(len(works)), house_clock.now()

    def one(work: Any) -> str:
        with app.app_context(), house_clock.fixed(now):
            start.wait(30)
            try:
                run(work)
            except DomainError as refusal:
                return type(refusal).__name__
            return "done"

    with ThreadPoolExecutor(len(works)) as pool:
        return Counter(pool.map(one, works))


def test_eight_downloads_at_once_are_three(app, village, clock):
    with app.app_context():
        export_id = approved(village)
    actor = village.actor("member")
    ended = at_once(app, [lambda: services.take_export(actor, export_id, 8)] * 8)
    assert ended == {"done": 3, ExportUsedUp.__name__: 5}
    with app.app_context():
        assert len(audit("download")) == 3


@pytest.mark.postgres
@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
def test_without_the_lock_more_are_given_out(app, village, clock, monkeypatch):
    """The control: everybody reads before anybody counts, and no row is locked."""
    with app.app_context():
        export_id = approved(village)
    read, honest, actor = threading.Barrier(8), exports.get_scoped, village.actor("member")

    def loose(model: Any, row_id: int, community_id: int | None, *, lock: bool = False) -> Any:
        row = honest(model, row_id, community_id)
        read.wait(30)
        return row

    monkeypatch.setattr(exports, "get_scoped", loose)
    assert at_once(app, [lambda: services.take_export(actor, export_id, 8)] * 8)["done"] > 3


def test_two_who_decide_at_once_decide_once(app, village, clock):
    with app.app_context():
        export_id = ask(village)
    ended = at_once(app, [lambda: services.approve_export(village.actor("second"), export_id),
                          lambda: services.refuse_export(village.actor("admin"), export_id, "不需要")])
    assert ended == {"done": 1, ExportDecided.__name__: 1}
    with app.app_context():
        assert len(audit()) == 2


def test_asked_five_times_at_once_it_waits_once(app, village, clock):
    actor = village.actor("member")
    ended = at_once(app, [lambda: services.ask_for_export(actor, ExportKind.RESIDENTS, WHY)] * 5)
    assert ended == {"done": 1, ExportOpen.__name__: 4}
