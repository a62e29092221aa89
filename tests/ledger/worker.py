"""What the tests' worker processes do: the application's own unit of work on a database given by its URL."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import threading
from collections import Counter as Tally
from multiprocessing.connection import Connection

from flask import Flask

from pointsbank.communities import models as _areas  # noqa: F401  (the foreign keys of the book)
from pointsbank.core import clock
from pointsbank.core import db as edge
from pointsbank.core.errors import DomainError
from pointsbank.ledger.services import Award, Hold, award_transfers, hold_transfers, post

DAY = dt.datetime(2026, 4, 18, 1, tzinfo=dt.UTC)


def small_app(url: str) -> Flask:
    """The database edge alone: a process is up in milliseconds."""
    app = Flask("worker")
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SECRET_KEY="test-secret")
    edge.init_app(app)
    return app


def spend_all(url: str, community_id: int, rounds: int, name: str, threads: int) -> Tally[str]:
    """Try to spend all of each of ``rounds`` wallets from several threads; counts of the outcomes."""
    app = small_app(url)
    outcomes: Tally[str] = Tally()
    counting = threading.Lock()

    def one(thread: int) -> None:
        for number in range(rounds):
            hold = Hold(f"household:{number}", 100, f"redemption:{name}:{thread}:{number}")
            with app.app_context(), clock.fixed(DAY):
                try:
                    edge.run(lambda h=hold: post(  # type: ignore[misc]
                        community_id, hold_transfers(community_id, [h]), clock.today()))
                    outcome = "spent"
                except DomainError as refusal:
                    outcome = refusal.code
            with counting:
                outcomes[outcome] += 1

    crowd = [threading.Thread(target=one, args=(i,)) for i in range(threads)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    return outcomes


def awards_of(name: str, number: int) -> list[Award]:
    """The batch that a worker posts under its ``number``-th key; its repeat is built from the same two."""
    dice = random.Random(f"{name}:{number}")
    return [Award(f"household:{dice.randrange(12)}", dice.randrange(1, 500), f"award:{name}:{number}:{i}",
                  dt.date(2026, dice.choice((6, 9)), 30)) for i in range(dice.randrange(1, 6))]


def post_for_ever(url: str, community_id: int, name: str, line: Connection) -> None:
    """Post batch after batch. Says ("in", n) in mid-transaction, and ("done", n) once batch n is committed."""
    app = small_app(url)
    for number in itertools.count():
        def work(number: int = number) -> None:
            post(community_id, award_transfers(community_id, awards_of(name, number)), clock.today())
            line.send(("in", number))

        with app.app_context(), clock.fixed(DAY):
            edge.run(work)
        line.send(("done", number))
