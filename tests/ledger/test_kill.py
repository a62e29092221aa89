"""kill -9 in mid-transaction, under load: what was acknowledged is there exactly once, and a repeat doubles nothing."""

from __future__ import annotations

import random
import threading
from multiprocessing import get_context
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from pointsbank.core.db import db, run
from pointsbank.ledger import queries
from tests.ledger import worker
from tests.ledger.counter import Counter

KILLS = 50
OTHERS = 2


class Load:
    """Worker processes that post without pause; what each acknowledged and what it was at."""

    def __init__(self, url: str, community_id: int) -> None:
        self.url = url
        self.community_id = community_id
        # Forked from a server that never held a connection: children share nothing with this process.
        self.context = get_context("forkserver")
        self.context.set_forkserver_preload(["tests.ledger.worker"])
        self.done: dict[str, int] = {}
        self.tried: dict[str, int] = {}

    def start(self, name: str) -> tuple[Any, Any]:
        here, there = self.context.Pipe(duplex=False)
        process = self.context.Process(target=worker.post_for_ever, args=(self.url, self.community_id, name, there),
                                       daemon=True)
        process.start()
        there.close()
        self.done[name] = self.tried[name] = -1
        return process, here

    def hear(self, name: str, line: Any) -> str:
        """The next word of a worker, noted; "" when its line is cut."""
        try:
            word, number = line.recv()
        except (EOFError, OSError):
            return ""
        (self.done if word == "done" else self.tried)[name] = number
        return str(word)

    def kill_one(self, name: str, dice: random.Random) -> None:
        """Let a worker post for a while, then kill it between its last statement and its commit."""
        process, line = self.start(name)
        for _ in range(dice.randrange(1, 8)):
            while self.hear(name, line) != "in":
                pass
        process.kill()
        process.join(20)
        while self.hear(name, line):
            pass


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_fifty_kills_in_mid_transaction_lose_and_double_nothing(counter: Counter, app: Flask) -> None:
    with app.app_context():
        load = Load(db.engine.url.render_as_string(hide_password=False), counter.community_id)
    others = [(f"other{i}", *load.start(f"other{i}")) for i in range(OTHERS)]
    listeners = [threading.Thread(target=_listen, args=(load, name, line)) for name, _process, line in others]
    for listener in listeners:
        listener.start()
    dice = random.Random(7)
    for number in range(KILLS):
        load.kill_one(f"w{number}", dice)
    for _name, process, _line in others:
        process.kill()
        process.join(20)
    for listener in listeners:
        listener.join(20)
    assert sum(load.done.values()) > KILLS
    _check(counter, load)


def _listen(load: Load, name: str, line: Any) -> None:
    while load.hear(name, line):
        pass


def _check(counter: Counter, load: Load) -> None:
    acknowledged = {award.source_key: award.amount for name, last in load.done.items() for number in range(last + 1)
                    for award in worker.awards_of(name, number)}
    found: Any = counter.ask(lambda: queries.posted(counter.community_id, list(acknowledged)))
    assert {key: row.amount for key, row in found.items()} == acknowledged
    assert counter.faults() == []
    # The client that never heard back sends everything again, also what had arrived.
    for name in load.tried:
        for number in range(load.tried[name] + 2):
            counter.award_all(worker.awards_of(name, number))
    everything = {award.source_key: award.amount for name, last in load.tried.items() for number in range(last + 2)
                  for award in worker.awards_of(name, number)}
    with counter.app.app_context():
        sums = run(lambda: db.session.execute(sa.text("SELECT count(*), sum(amount) FROM transfer")).one(), write=False)
    assert (sums[0], sums[1]) == (len(everything), sum(everything.values()))
    assert counter.faults() == []
