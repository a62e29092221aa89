"""A season of 100,000 deeds replayed under a draft of 240 items: ``python -m benchmarks.simulating``.

What it may take is a minute (``MOST_SECONDS``). Beside it, in the same run, the same deeds are judged in memory only;
the ratio says what reading them from the database and summing them up costs on top.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import tempfile
import time
from typing import Any

import sqlalchemy as sa
from flask import Flask

from pointsbank.app import create_app
from pointsbank.contributions import simulating
from pointsbank.contributions.models import Contribution, RecordedVia, State
from pointsbank.core import clock
from pointsbank.core.db import Base, db, run, transaction
from pointsbank.people.models import Household, HouseholdMember, Resident
from pointsbank.rules import queries as asked
from pointsbank.rules import services as rules
from pointsbank.rules.evaluation import Deed
from pointsbank.rules.models import DeedKind
from tests.rules.test_large_standard import standard
from tests.support.postgres import start
from tests.support.village import Village, found_village

MOST_SECONDS = 60
HOMES, EACH = 500, 3
SINCE = dt.date(2025, 1, 1)
DAYS = 365
AT_ONCE = 5000


def prepare(url: str, folder: str, deeds: int) -> tuple[Flask, Village, int]:
    """The application on an empty database, with people, deeds that were approved, and the draft."""
    app = create_app({"SECRET_KEY": "benchmark", "SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": folder,
                      "BASE_URL": "http://localhost", "NOTIFY_URLS": "console"})
    with app.app_context():
        Base.metadata.create_all(db.engine)
        village = found_village()
        items, caps = standard()
        with transaction():
            draft = rules.start_draft(village.actor("member"), "240", items, caps=caps).id
        _deeds(village, _people(village), [i for i in items if i.kind is not DeedKind.BASE], deeds)
    return app, village, draft


def _people(village: Village) -> list[tuple[int, int]]:
    with transaction():
        homes = [Household(community_id=village.community, number=f"b-{n}", area_id=village.community,
                           created_at=clock.now()) for n in range(HOMES)]
        people = [Resident(community_id=village.community, name=f"p{n}", public_id=f"bench{n}",
                           created_at=clock.now()) for n in range(HOMES * EACH)]
        db.session.add_all([*homes, *people])
        db.session.flush()
        db.session.add_all(HouseholdMember(
            community_id=village.community, resident_id=person.id, household_id=homes[n // EACH].id,
            relation="", is_head=n % EACH == 0, since_on=dt.date(2024, 1, 1)) for n, person in enumerate(people))
        return [(person.id, homes[n // EACH].id) for n, person in enumerate(people)]


def _deeds(village: Village, people: list[tuple[int, int]], items: list[Any], number: int) -> None:
    chance, now, by = random.Random(1), clock.now(), village.users["member"]

    def one(n: int) -> dict[str, Any]:
        (resident, home), item = chance.choice(people), chance.choice(items)
        return {"community_id": village.community, "kind": item.kind, "state": State.APPROVED,
                "source_key": f"bench:{n}", "resident_id": resident, "household_id": home, "title": item.name,
                "done_on": SINCE + dt.timedelta(days=chance.randrange(DAYS)), "minutes": chance.randint(20, 300),
                "units": chance.randint(1, 5), "item_code": item.code, "score": chance.randint(5000, 10_000),
                "amount_fen": chance.randint(500, 300_000), "recorded_via": RecordedVia.SELF,
                "activity_key": f"occurrence:{chance.randint(1, 2000)}", "approver_user_id": by, "created_at": now}

    for first in range(0, number, AT_ONCE):
        with transaction():
            db.session.execute(sa.insert(Contribution), [one(n) for n in range(first, min(first + AT_ONCE, number))])


def measured(title: str, app: Flask, village: Village, draft: int, deeds: int) -> bool:
    """Replay the year, then the same deeds from memory; True when it took a minute at most."""
    until = SINCE + dt.timedelta(days=DAYS - 1)
    with app.app_context():
        began = time.perf_counter()
        said = simulating.simulate(village.community, draft, SINCE, until)
        whole = time.perf_counter() - began
        version = run(lambda: asked.version(village.community, draft), write=False)
        chunks: list[list[Deed]] = list(simulating._chunks(village.community, SINCE, until))
        used: dict[str, int] = {}
        began = time.perf_counter()
        for chunk in chunks:
            for _answer in rules.replay(iter(chunk), lambda _deed: version, used):
                pass
        judged = time.perf_counter() - began
        db.engine.dispose()
    assert said["deeds"] == deeds
    print(f"{title:<11} {deeds:>8} {whole:>9.1f} {judged:>9.1f} {whole / judged:>6.2f}"
          f"{'' if whole <= MOST_SECONDS else '  too slow'}", flush=True)
    return whole <= MOST_SECONDS


def main() -> int:
    """Both databases; 0 when each stayed within its minute."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deeds", type=int, default=100_000)
    given = parser.parse_args()
    print(f"{'database':<11} {'deeds':>8} {'replayed':>9} {'judged':>9} {'ratio':>6}   (seconds)")
    with start() as server, tempfile.TemporaryDirectory() as folder:
        within = True
        for title, url in (("PostgreSQL", server.create_database("bench")), ("SQLite", f"sqlite:///{folder}/b.db")):
            within &= measured(title, *prepare(url, folder, given.deeds), given.deeds)
    return 0 if within else 1


if __name__ == "__main__":
    raise SystemExit(main())
