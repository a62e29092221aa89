"""Parallel guesses on several processes: at most five hear anything about themselves.

The negative control counts the failures before it looks at them, as an obvious implementation would, and lets more
than five through.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from pointsbank.core import clock
from pointsbank.core.db import db, transaction
from pointsbank.people.models import SignInTry

ROOT = Path(__file__).parents[2]
PROCESSES, GUESSES = 4, 12
GUESSER = """
import json, sys, threading
from collections import Counter
from pointsbank.app import create_app
config = json.loads(sys.argv[1])
app = create_app(config)
from pointsbank.people import passwords
passwords.matches = lambda stored, password: False  # the cost of a hash is not what is raced for
seen, lock = Counter(), threading.Lock()
def guess(n):
    client = app.test_client()
    if sys.argv[2] == "code":
        answer = client.post("/sign-in", data={"by": "code", "number": "10000000001", "code": f"{n:06d}"})
    else:
        answer = client.post("/sign-in", data={"by": "password", "number": "10000000001", "password": f"guess {n}"})
    with lock:
        seen[answer.status_code] += 1
threads = [threading.Thread(target=guess, args=(n,)) for n in range(int(sys.argv[3]))]
print("ready", flush=True)
sys.stdin.readline()
[t.start() for t in threads]
[t.join() for t in threads]
print(json.dumps(seen), flush=True)
"""


def _guess(app, way: str) -> dict[int, int]:
    config = {k: app.config[k] for k in ("TESTING", "SECRET_KEY", "BASE_URL", "WTF_CSRF_ENABLED", "RATELIMIT_ENABLED",
                                         "NOTIFY_URLS", "SQLALCHEMY_DATABASE_URI")}
    config |= {"DATA_DIR": str(app.config["DATA_DIR"]), "PROPAGATE_EXCEPTIONS": False}
    running = [subprocess.Popen([sys.executable, "-c", GUESSER, json.dumps(config), way, str(GUESSES)], cwd=ROOT,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)]
    for process in running:
        assert process.stdout.readline().strip() == "ready"
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    total: dict[int, int] = {}
    for process in running:
        for status, count in json.loads(process.communicate(timeout=100)[0]).items():
            total[int(status)] = total.get(int(status), 0) + count
    return total


@pytest.mark.slow
def test_of_parallel_password_guesses_on_four_processes_five_are_answered(app, village):
    answers = _guess(app, "password")
    assert answers == {422: 5, 429: PROCESSES * GUESSES - 5}


@pytest.mark.slow
def test_of_parallel_code_guesses_on_four_processes_five_are_answered(app, client, village):
    client.post("/sign-in/code", data={"number": "10000000001"})
    answers = _guess(app, "code")
    assert answers == {422: 5, 429: PROCESSES * GUESSES - 5}


def test_counting_without_a_lock_would_let_more_through(app, village):
    """The negative control: eight look before any of them counts."""
    barrier, let_in, lock = threading.Barrier(8), [0], threading.Lock()

    def guess() -> None:
        with app.app_context():
            seen = db.session.scalar(sa.select(sa.func.count()).select_from(SignInTry))
            db.session.rollback()
            barrier.wait()
            if seen < 5:
                with lock:
                    let_in[0] += 1
                try:
                    with transaction():
                        db.session.execute(sa.insert(SignInTry), {"subject": "x", "at": clock.now()})
                except OperationalError:
                    pass

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert let_in == [8]
