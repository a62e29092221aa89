"""Sent twice, run twice, or at a time that cannot be: one effect, or none."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.core import clock
from pointsbank.core.db import db
from pointsbank.core.jobs import JobRun
from pointsbank.ledger import queries as ledger
from pointsbank.notifications.models import InboxMessage
from pointsbank.schedule import TASKS, Task, run_task
from pointsbank.shop.models import Redemption, StockCheck, StockLot
from tests.support.doors import UNSAFE, api_doors, doors, forms_found, knock, rooms_of
from tests.support.fingerprint import changed, everything
from tests.support.street import PRESENT, Street, Streets

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
AT_ONCE = 5


def at_once(street: Street, work: Callable[[], Any], times: int = AT_ONCE) -> list[Any]:
    """What the work returned in each of several threads that set off together; a fault counts as its own answer."""
    gate, answers = threading.Barrier(times), []

    def one() -> None:
        gate.wait()
        try:
            with street.app.app_context():
                answers.append(work())
                db.session.remove()
        except Exception as fault:
            answers.append(fault)

    threads = [threading.Thread(target=one) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.parametrize("task", TASKS, ids=lambda t: t.name)
def test_a_job_that_five_schedulers_start_runs_once_in_each_period(street: Street, task: Task) -> None:
    for day in range(3):
        with clock.fixed(PRESENT + dt.timedelta(days=30 + day)):
            answers = at_once(street, lambda: run_task(task))
        assert [a for a in answers if isinstance(a, Exception)] == []
        assert sum(a is not None for a in answers) == 1
    assert street.rows(sa.select(sa.func.count()).where(JobRun.job == task.name))[0][0] == 3
    with street.app.app_context():
        assert ledger.verify(None) == []


def _effects(street: Street) -> dict[str, Any]:
    """What the jobs leave behind."""
    states = street.rows(sa.select(Redemption.state, sa.func.count()).group_by(Redemption.state))
    return {"transfers": street.rows(sa.select(sa.func.count()).select_from(db.metadata.tables["transfer"]))[0][0],
            "told": street.rows(sa.select(sa.func.count(InboxMessage.id)))[0][0],
            "orders": Counter({str(state): number for state, number in states})}


def test_jobs_without_the_guard_of_the_period_still_do_each_thing_once(streets: Streets, street: Street) -> None:
    """Started five times by hand at once: as many transfers and messages as when started once."""
    kind = "postgres" if "postgres" in str(street.app.config["SQLALCHEMY_DATABASE_URI"]) else "sqlite"
    left = []
    for times in (1, AT_ONCE):
        copy = streets.fresh(kind)
        before = _effects(copy)
        with clock.fixed(PRESENT + dt.timedelta(days=40)):
            for task in TASKS:
                answers = at_once(copy, lambda task=task: run_task(task, once=False), times)  # type: ignore[misc]
                assert [a for a in answers if isinstance(a, Exception)] == [], task.name
        left.append(_effects(copy))
        assert left[-1]["transfers"] > before["transfers"]
        assert left[-1]["told"] > before["told"]
    assert left[0] == left[1]


def test_two_hundred_keys_sent_five_times_each_have_two_hundred_effects(street: Street) -> None:
    """A proposed write-off has no key of its own: without Idempotency-Key each send would be one more."""
    lot = street.rows(sa.select(StockLot.id).where(StockLot.community_id == street.home, StockLot.on_hand > 10))[0][0]
    rows = sa.select(sa.func.count(StockCheck.id))
    headers = street.bearer("kuguan")
    answers: Counter[int] = Counter()

    def send(key: str | None) -> int:
        more = {"Idempotency-Key": key} if key else {}
        body = {"kind": "write_off", "quantity": 1, "reason": f"破了 {key}"}
        return street.app.test_client().post(f"/api/v1/stock/{lot}/checks", json=body,
                                             headers=headers | more).status_code

    before = street.rows(rows)[0][0]
    for number in range(200):
        answers.update(at_once(street, lambda key=f"key-{number}": send(key)))  # type: ignore[misc]
    assert street.rows(rows)[0][0] - before == 200
    assert set(answers) <= {201, 409}
    assert answers[201] >= 200
    for _ in range(4):  # the control
        at_once(street, lambda: send(None))
    assert street.rows(rows)[0][0] - before == 220


def test_a_clock_before_2020_records_nothing(street: Street) -> None:
    home = rooms_of(street, street.home, "insider")
    tried = [*forms_found(street, "insider", home), *api_doors(street, home, home),
             *(d for d in doors(street, home, UNSAFE) if not d.is_api)]
    before, wrong = everything(street), []
    with clock.fixed(dt.datetime(1970, 1, 1, 8, tzinfo=dt.UTC)):
        for door in tried:
            answer = (knock(street.client("nobody"), door, headers=street.bearer("insider")) if door.is_api
                      else knock(street.client("insider"), door))
            code = answer.get_json()["error"]["code"] if answer.is_json else ""
            if answer.status_code != 503 or (door.is_api and code != "core.clock_unset"):
                wrong.append(f"{door}: {answer.status_code} {code}")
        assert street.client("nobody").get("/readyz").status_code == 503
    assert sorted(set(wrong)) == []
    assert changed(before, everything(street)) == []
    assert len(tried) > 200
