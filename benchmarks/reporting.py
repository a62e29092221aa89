"""A report with a photo, and lists of 50 among 1,000 and 100,000 cases: ``python -m benchmarks.reporting``.

A report is two requests: the photo of twelve million pixels, then the report that it hangs on. Beside it, in the same
run, the same photo is only prepared (turned, stripped, scaled): the ratio says what everything else costs. Lists are
measured in turns on a small and a large community of the same database; the ratio of the two says whether a list keeps
its time as the years go by, and may be at most ``MOST_GROWTH``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import random
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from pointsbank.app import create_app
from pointsbank.cases import services
from pointsbank.cases.models import Case, CaseClock, CaseState, ClockKind, Evaluation, Outcome, Report, Source, SpanUnit
from pointsbank.core import clock
from pointsbank.core.db import Base, db, transaction
from pointsbank.media.preparing import prepare
from pointsbank.people.models import Resident, User
from tests.support.postgres import start
from tests.support.village import Village, found_village

MOST_GROWTH = 1.5
AT_ONCE = 5000
SMALL = 1000
REPORTERS = 500
LISTS = {"50 cases as JSON": "/api/v1/cases?limit=50", "desk: what is new": "/desk/cases",
         "desk: overdue": "/desk/cases?tab=overdue", "desk: all cases": "/desk/cases?tab=all",
         "page for all": "/problems?community=liuyin"}


def photo(number: int) -> bytes:
    """A JPEG of 12 megapixels as a phone takes it, each a little different, with noise so that it isn't small."""
    chance = random.Random(number)
    noise = Image.frombytes("L", (500, 375), chance.randbytes(500 * 375)).resize((4000, 3000))
    raw = io.BytesIO()
    Image.merge("RGB", (noise, noise.transpose(Image.Transpose.FLIP_LEFT_RIGHT), noise)).save(raw, "JPEG", quality=85)
    return raw.getvalue()


def neighbours(village: Village) -> list[tuple[int, int]]:
    """User and resident of people who have reported over the years."""
    with transaction():
        users = [User(name=f"u{n}", created_at=clock.now()) for n in range(REPORTERS)]
        people = [Resident(community_id=village.community, name=f"p{n}", public_id=f"bench{n}", created_at=clock.now())
                  for n in range(REPORTERS)]
        db.session.add_all([*users, *people])
        db.session.flush()
        return [(user.id, person.id) for user, person in zip(users, people, strict=True)]


def fill(village: Village, kind: int, unit: int, number: int) -> None:
    """Years of cases, most of them closed, each with its report and a clock; about 300 open."""
    chance, now, who = random.Random(7), clock.now(), neighbours(village)
    other = village.users["member"]

    def rows_of(case_id: int) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        at = now - dt.timedelta(minutes=chance.randrange(60 * 24 * 900))
        closed_at = None if chance.random() < 300 / number else at + dt.timedelta(days=3)
        place = f"东巷{chance.randrange(400)}号"
        user, resident = chance.choice(who)
        common = {"community_id": village.community, "category_id": kind, "anonymous": False, "place": place}
        case = {**common, "id": case_id, "source": Source.SNAPSHOT, "place_key": place, "class_": "public",
                "visibility": "public", "reporter_resident_id": resident, "reporter_user_id": user, "opened_at": at,
                "unit_id": unit, "level": 0, "appeals": 0, "sent_back": 0, "round": 1,
                "state": CaseState.CLOSED if closed_at else CaseState.RECEIVED,
                "accepted_at": at if closed_at else None, "accepted_by_id": other if closed_at else None,
                "closed_at": closed_at, "outcome": Outcome.FIXED if closed_at else None,
                "evaluation": Evaluation.SATISFIED if closed_at else None}
        report = {**common, "sender_key": f"user:{user}", "client_id": f"bench-{case_id}", "case_id": case_id,
                  "user_id": user, "resident_id": resident, "text": "三天没亮了", "sent_at": at}
        ticking = {"community_id": village.community, "case_id": case_id, "kind": ClockKind.RESPOND, "span": 1,
                   "unit": SpanUnit.WORK_DAYS, "started_at": at, "due_at": at + dt.timedelta(days=1),
                   "stopped_at": closed_at and at, "pauses": [], "next_level": 0, "next_at": None, "extra": 0,
                   "asked_why": ""}
        return case, report, ticking

    for first in range(1, number + 1, AT_ONCE):
        rows = [rows_of(n) for n in range(first, min(first + AT_ONCE, number + 1))]
        with transaction():
            for model, some in zip((Case, Report, CaseClock), zip(*rows, strict=True), strict=True):
                db.session.execute(sa.insert(model), list(some))
    with transaction():
        if db.engine.dialect.name == "postgresql":  # the ids were given by hand
            db.session.execute(sa.text("SELECT setval(pg_get_serial_sequence('problem_case', 'id'), :n)"),
                               {"n": number})


class Bench:
    """An application on a database of its own, with a village of so many cases."""

    def __init__(self, url: str, folder: str, number: int) -> None:
        self.app: Flask = create_app({"SECRET_KEY": "benchmark", "SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": folder,
                                      "BASE_URL": "http://localhost", "NOTIFY_URLS": "console",
                                      "RATELIMIT_ENABLED": False, "WTF_CSRF_ENABLED": False})
        with self.app.app_context():
            Base.metadata.create_all(db.engine)
            self.village = found_village()
            with transaction():
                member = self.village.actor("member")
                unit = services.add_unit(member, "维修组", member_ids=[self.village.users["dora"]]).id
                self.kind = services.add_category(member, services.CategoryDraft("路灯不亮", "street",
                                                                                unit_id=unit)).id
            fill(self.village, self.kind, unit, number)
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(sa.text("ANALYZE"))

    def client(self, who: str) -> FlaskClient:
        """Signed in as one of the village."""
        return self.village.sign_in(self.app.test_client(), who)

    def statements(self, work: Callable[[], Any]) -> int:
        """How many statements the work sends."""
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
            seen.append(text)

        with self.app.app_context():
            engine = db.engine
        sa.event.listen(engine, "before_cursor_execute", note)
        try:
            work()
        finally:
            sa.event.remove(engine, "before_cursor_execute", note)
        return len(seen)


def timed(work: Callable[[], Any]) -> float:
    """Seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def report(bench: Bench, headers: dict[str, str], body: bytes) -> None:
    """The two requests that a phone sends."""
    client = bench.app.test_client()
    answer = client.post("/api/v1/photos", data={"photo": (io.BytesIO(body), "a.jpg"), "purpose": "report"},
                         headers=headers)
    assert answer.status_code == 201, answer.text
    answer = client.post("/api/v1/reports", headers=headers, json={
        "client_id": secrets.token_hex(8), "category_id": bench.kind, "text": "三天没亮了", "place": "东巷 8 号",
        "photo_ids": [answer.json["id"]]})
    assert answer.status_code == 201, answer.text


def reporting(title: str, bench: Bench, rounds: int) -> None:
    """The median of a report with its photo, and of the photo's preparation alone in the same rounds."""
    senders = [bench.village.bearer(bench.app, who) for who in ("alice", "bob")]
    whole, alone = [], []
    for number in range(rounds + 1):
        body = photo(number)
        alone.append(timed(partial(prepare, body)))
        whole.append(timed(partial(report, bench, senders[number % 2], body)))
    statements = bench.statements(partial(report, bench, senders[0], photo(999)))
    line(title, "report with photo", statistics.median(whole[1:]), statistics.median(alone[1:]), statements)


def listing(title: str, small: Bench, large: Bench, rounds: int) -> bool:
    """Each list in turns on few and on many cases; True when none of them grew by more than is allowed."""
    kept = True
    for name, path in LISTS.items():
        clients = [bench.client("member") for bench in (small, large)]
        took: list[list[float]] = [[], []]
        for client in clients * 3:
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.status_code)
        for _ in range(rounds):
            for number, client in enumerate(clients):
                took[number].append(timed(partial(client.get, path)))
        base, mid = (statistics.median(one) for one in took)
        line(title, name, mid, base, large.statements(partial(clients[1].get, path)))
        kept &= mid / base <= MOST_GROWTH
    return kept


def line(title: str, what: str, seconds: float, base: float, statements: int) -> None:
    """One row: milliseconds of ours and of what it is compared with, their ratio, statements."""
    print(f"{title:<11} {what:<18} {seconds * 1000:>8.1f} {base * 1000:>8.1f} {seconds / base:>6.2f} {statements:>6}",
          flush=True)


def main() -> int:
    """Both databases; 0 when the lists kept their time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    given = parser.parse_args()
    print(f"{'database':<11} {'what':<18} {'ms':>8} {'beside':>8} {'ratio':>6} {'statements':>10}")
    kept = True
    with start() as server, tempfile.TemporaryDirectory() as folder:
        for title, urls in (("PostgreSQL", [server.create_database(f"bench{n}") for n in (1, 2)]),
                            ("SQLite", [f"sqlite:///{folder}/{n}.db" for n in (1, 2)])):
            small, large = (Bench(url, folder, number) for url, number in zip(urls, (SMALL, given.cases), strict=True))
            reporting(title, large, given.rounds)
            kept &= listing(title, small, large, given.rounds)
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
