"""Posting through the application's session, against pgbench on the same PostgreSQL: ``python -m benchmarks.posting``.

The limit is pgbench with the smallest classical transfer (one transaction row, two postings, two balances; prepared).
Ours and the limit run in turns within each round, so that a busy machine slows both; what counts is the ratio.
"""

from __future__ import annotations

import argparse
import itertools
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from pointsbank.communities.models import Area, AreaKind
from pointsbank.core import clock
from pointsbank.core import db as edge
from pointsbank.core.db import db, run
from pointsbank.ledger.models import NEVER, AccountKind, Book, TransferKind
from pointsbank.ledger.services import Transfer, accounts, post
from pointsbank.ledger.verify import verify
from tests.support.postgres import PostgresServer, start

WALLETS = 1000
COMMUNITIES = 8  # each client works in its own; pgbench has as many accounts as there are wallets
LIMIT_SCHEMA = """
CREATE TABLE limit_account (id int PRIMARY KEY, balance bigint NOT NULL) WITH (fillfactor = 70);
CREATE TABLE limit_transaction (id bigserial PRIMARY KEY, kind int NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE limit_posting (transaction_id bigint, account_id int, amount bigint NOT NULL,
  PRIMARY KEY (transaction_id, account_id));
INSERT INTO limit_account SELECT i, 0 FROM generate_series(1, 8000) i;
"""
LIMIT_SCRIPT = """\\set a random(1, 4000)
\\set b random(4001, 8000)
BEGIN;
UPDATE limit_account SET balance = balance - 10 WHERE id = :a;
UPDATE limit_account SET balance = balance + 10 WHERE id = :b;
INSERT INTO limit_transaction (kind) VALUES (1) RETURNING id \\gset t_
INSERT INTO limit_posting VALUES (:t_id, :a, -10), (:t_id, :b, 10);
COMMIT;
"""
# The measured figures of the design less a fifth: what has to be reached, by (batch, clients).
TARGETS = {(1, 1): 0.42 * 0.8, (1, 8): 0.22 * 0.8, (300, 1): 9.3 * 0.8, (300, 8): 3.5 * 0.8}


def small_app(url: str) -> Flask:
    """The application's database edge and session, without pages."""
    app = Flask("benchmark")
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SECRET_KEY="benchmark")
    edge.init_app(app)
    return app


def prepare(url: str) -> list[int]:
    """All tables, the communities and their wallets; the communities' ids."""
    app = small_app(url)
    with app.app_context():
        db.create_all()

        def found(number: int) -> int:
            area = Area(kind=AreaKind.COMMUNITY, code=f"bench-{number}", name="bench", path=f"{number}.", settings={},
                        created_at=clock.now())
            db.session.add(area)
            db.session.flush()
            accounts(area.id, Book.POINTS, [(AccountKind.WALLET, f"household:{i}") for i in range(WALLETS)]
                     + [(AccountKind.ISSUANCE, f"community:{area.id}")])
            return area.id

        ids = [run(lambda n=number: found(n)) for number in range(COMMUNITIES)]  # type: ignore[misc]
        db.engine.dispose()
    return ids


def client(url: str, community_id: int, batch: int, name: str, ready: Any, go: Event, seconds: float,
           answer: Any) -> None:
    """Post batches for ``seconds``; answers the number of transfers and the time they took."""
    app = small_app(url)
    with app.app_context():
        wanted = [(AccountKind.WALLET, f"household:{i}") for i in range(WALLETS)]
        source = (AccountKind.ISSUANCE, f"community:{community_id}")
        ids = run(lambda: accounts(community_id, Book.POINTS, [*wanted, source]))
        wallets = [ids[name_] for name_ in wanted]
        numbers = itertools.count()
        step = 7 + sum(name.encode()) % 50

        def once() -> None:
            number = next(numbers)
            run(lambda: post(community_id, [
                Transfer(ids[source], wallets[(number * step + i) % WALLETS], 10, TransferKind.AWARD,
                         f"award:{name}:{number}:{i}", expires_on=NEVER) for i in range(batch)], clock.today()))

        for _ in range(8):  # prepared statements are made at the sixth use
            once()
        ready.release()
        go.wait()
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            once()
            done += batch
        answer.put((done, time.perf_counter() - began))


def ours(url: str, communities: list[int], batch: int, clients: int, seconds: float, label: str) -> float:
    """Transfers per second of ``clients`` processes, each awarding in a community of its own."""
    context = get_context("fork")
    ready, go, answer = context.Semaphore(0), context.Event(), context.Queue()
    crowd = [context.Process(target=client, args=(url, communities[i], batch, f"{label}-{i}", ready, go, seconds,
                                                  answer)) for i in range(clients)]
    for process in crowd:
        process.start()
    for _ in crowd:
        ready.acquire()
    go.set()
    rates = [done / took for done, took in (answer.get(timeout=seconds + 120) for _ in crowd)]
    for process in crowd:
        process.join()
    return sum(rates)


def limit(server: PostgresServer, clients: int, seconds: float, script: Path) -> float:
    """Transfers per second of pgbench."""
    done = subprocess.run(
        [server.bin("pgbench"), "-n", "-M", "prepared", "-f", script, "-c", str(clients), "-j", str(min(clients, 2)),
         "-T", str(max(int(seconds), 1)), server.conninfo("bench")], capture_output=True, text=True, check=True)
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if found is None:
        raise RuntimeError(done.stdout + done.stderr)
    return float(found.group(1))


def report(title: str, rounds: int, cells: list[tuple[int, int]], measure: Callable[[int, int, int], float],
           base: Callable[[int], float]) -> bool:
    """Measure all cells round by round, print medians and ratios; True when every target is reached."""
    rates: dict[tuple[int, int], list[tuple[float, float]]] = {cell: [] for cell in cells}
    for number in range(rounds):
        for batch, clients in cells:
            rates[batch, clients].append((measure(batch, clients, number), base(clients)))
    print(f"\n{title}: median of {rounds} rounds")
    print(f"{'batch':>6} {'clients':>8} {'transfers/s':>12} {'pgbench/s':>10} {'ratio':>6} {'target':>7}")
    reached = True
    for (batch, clients), pairs in rates.items():
        ratio = statistics.median(mine / theirs for mine, theirs in pairs)
        target = TARGETS[batch, clients]
        reached &= ratio >= target
        print(f"{batch:>6} {clients:>8} {statistics.median(p[0] for p in pairs):>12.0f} "
              f"{statistics.median(p[1] for p in pairs):>10.0f} {ratio:>6.2f} {target:>7.2f}"
              f"{'' if ratio >= target else '  missed'}")
    return reached


def clean(url: str) -> bool:
    """The book that the benchmark wrote is right."""
    with small_app(url).app_context():
        faults = run(verify, write=False)
        for fault in faults:
            print(fault)
        db.engine.dispose()
    return not faults


def main() -> int:
    """Both databases; 0 when every PostgreSQL target is reached and the books are right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    given = parser.parse_args()
    cells = list(TARGETS)
    with start(durable=True) as server, tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "limit.sql"
        script.write_text(LIMIT_SCRIPT)
        url = server.create_database("bench")
        communities = prepare(url)
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql(LIMIT_SCHEMA)
        engine.dispose()

        def pgbench(clients: int) -> float:
            return limit(server, clients, given.seconds, script)

        reached = report("PostgreSQL", given.rounds, cells, lambda batch, clients, number: ours(
            url, communities, batch, clients, given.seconds, f"p{batch}.{clients}.{number}"), pgbench)
        right = clean(url)
        lite = f"sqlite:///{folder}/bench.db"
        lite_communities = prepare(lite)
        # One process writes to SQLite; the ratio is to the same pgbench with one client.
        report("SQLite (for comparison; one process)", min(given.rounds, 3), [(1, 1), (300, 1)],
               lambda batch, clients, number: ours(lite, lite_communities, batch, clients, given.seconds,
                                                   f"s{batch}.{clients}.{number}"), pgbench)
        right &= clean(lite)
    print("\nbooks are right" if right else "\nbooks are WRONG", "· targets reached" if reached else "· targets missed")
    return 0 if reached and right else 1


if __name__ == "__main__":
    raise SystemExit(main())
