"""Many who want the same at the same moment: threads in this process on SQLite, two more processes on PostgreSQL.

Run as a program (``python -m tests.shop.crowd``) it is one of those processes: it reads a line of JSON with the
requests to send, sends them all at once, and answers with a line of statuses and codes.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask

ROOT = Path(__file__).parents[2]
Request = tuple[str, dict[str, Any], dict[str, str]]  # path, body, headers
Answer = tuple[int, str]


def send_at_once(app: Flask, requests: list[Request]) -> list[Answer]:
    """POST them all from threads that start together; (status, error code) in their order."""
    barrier = threading.Barrier(len(requests))
    answers: list[Answer] = [(0, "")] * len(requests)

    def one(place: int, request: Request) -> None:
        path, body, headers = request
        client = app.test_client()
        barrier.wait()
        answer = client.post(path, json=body, headers=headers)
        answers[place] = (answer.status_code, (answer.json or {}).get("error", {}).get("code", ""))

    threads = [threading.Thread(target=one, args=each) for each in enumerate(requests)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@dataclass
class Crowd:
    """Sends requests at once, over the other processes if there are any."""

    app: Flask
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def post(self, requests: list[Request]) -> list[Answer]:
        """The answers, in no particular order between processes."""
        if not self.processes:
            return send_at_once(self.app, requests)
        shares = [requests[n::len(self.processes)] for n in range(len(self.processes))]
        for process, share in zip(self.processes, shares, strict=True):
            assert process.stdin is not None
            process.stdin.write(json.dumps(share) + "\n")
            process.stdin.flush()
        return [tuple(answer) for process in self.processes for answer in _read(process)]


def _read(process: subprocess.Popen[str]) -> list[Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "a process of the crowd has died"
    return list(json.loads(line))


@contextmanager
def crowd(app: Flask, instant: dt.datetime, count: int = 2) -> Iterator[Crowd]:
    """The crowd for this application's database."""
    url = str(app.config["SQLALCHEMY_DATABASE_URI"])
    if url.startswith("sqlite"):
        yield Crowd(app)
        return
    arguments = [sys.executable, "-m", "tests.shop.crowd", url, str(app.config["DATA_DIR"]), instant.isoformat()]
    processes = [subprocess.Popen(arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                 for _ in range(count)]
    try:
        assert [_read(process) for process in processes] == [["ready"]] * count
        yield Crowd(app, processes)
    finally:
        for process in processes:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=20)
            assert process.stdout is not None
            process.stdout.close()


def main() -> None:
    """Serve the requests that come on standard input."""
    from pointsbank.app import create_app
    from pointsbank.core import clock
    from tests.conftest import CONFIG

    url, data, instant = sys.argv[1:4]
    app = create_app({**CONFIG, "SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": data})
    print(json.dumps(["ready"]), flush=True)
    with clock.fixed(dt.datetime.fromisoformat(instant)):
        for line in sys.stdin:
            print(json.dumps(send_at_once(app, [tuple(each) for each in json.loads(line)])), flush=True)


if __name__ == "__main__":
    main()
