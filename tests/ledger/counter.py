"""The counter at which the ledger's tests do business: each verb is one unit of work of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import sqlalchemy as sa
from flask import Flask

from pointsbank.core import clock
from pointsbank.core.db import db, run
from pointsbank.ledger import queries
from pointsbank.ledger.models import Book
from pointsbank.ledger.services import (
    Award,
    Hold,
    Transfer,
    award_transfers,
    collect_transfers,
    deduction_transfers,
    expiry_transfers,
    hold_transfers,
    lock_wallet,
    post,
    release_transfers,
    reversal_transfers,
)

HOUSE = "household:1"
NEIGHBOUR = "household:2"


class Counter:
    """Posts into one community's book. Amounts are hundredths."""

    def __init__(self, app: Flask, community_id: int) -> None:
        self.app = app
        self.community_id = community_id

    def post(self, build: Callable[[], Sequence[Transfer]]) -> dict[str, int]:
        """Build and post in one unit of work, retried like a request."""
        with self.app.app_context():
            return run(lambda: post(self.community_id, build(), clock.today()))

    def award(self, owner: str, amount: int, key: str, expires_on: dt.date | None = None,
              book: Book = Book.POINTS) -> dict[str, int]:
        return self.award_all([Award(owner, amount, key, expires_on, book)])

    def award_all(self, awards: Sequence[Award]) -> dict[str, int]:
        return self.post(lambda: award_transfers(self.community_id, awards))

    def hold(self, owner: str, amount: int, key: str) -> dict[str, int]:
        return self.post(lambda: hold_transfers(self.community_id, [Hold(owner, amount, key)]))

    def collect(self, key: str) -> dict[str, int]:
        return self.post(lambda: collect_transfers(self.community_id, [key]))

    def release(self, key: str) -> dict[str, int]:
        return self.post(lambda: release_transfers(self.community_id, [key]))

    def reverse(self, *keys: str) -> dict[str, int]:
        return self.post(lambda: reversal_transfers(self.community_id, keys))

    def deduct(self, owner: str, due: int, key: str) -> int:
        """Take away what is due, or what there is of it; returns how much that was."""
        def work() -> int:
            amount = min(due, lock_wallet(self.community_id, owner, clock.today()))
            if amount:
                post(self.community_id, deduction_transfers(self.community_id, owner, amount, key), clock.today())
            return amount

        with self.app.app_context():
            return run(work)

    def expire(self) -> dict[str, int]:
        return self.post(lambda: expiry_transfers(self.community_id, clock.today()))

    def ask(self, question: Callable[[], object]) -> object:
        with self.app.app_context():
            return run(question, write=False)

    def balance(self, owner: str = HOUSE, book: Book = Book.POINTS) -> object:
        return self.ask(lambda: queries.balance(self.community_id, owner, book))

    def available(self, owner: str = HOUSE) -> object:
        return self.ask(lambda: queries.available(self.community_id, owner, clock.today()))

    def held(self, owner: str = HOUSE) -> object:
        return self.ask(lambda: queries.held(self.community_id, owner))

    def debt(self, owner: str = HOUSE) -> object:
        return self.ask(lambda: queries.debt(self.community_id, owner))

    def lots(self, owner: str = HOUSE) -> dict[dt.date | None, int]:
        found = self.ask(lambda: queries.lots(self.community_id, owner, clock.today()))
        return {lot.expires_on: lot.remaining for lot in found}  # type: ignore[attr-defined]

    def faults(self, community_id: int | None = None) -> list[str]:
        """Codes and rows that ``verify`` finds."""
        with self.app.app_context():
            found = run(lambda: queries.verify(community_id or self.community_id), write=False)
        return [f"{fault.code} {fault.row}" for fault in found]

    def rows(self) -> int:
        with self.app.app_context():
            return run(lambda: db.session.execute(sa.text("SELECT count(*) FROM transfer")).scalar_one(), write=False)
