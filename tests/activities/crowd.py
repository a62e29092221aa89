"""A worker process of the race tests: the whole application on a database given by its URL."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask

from pointsbank.app import create_app
from pointsbank.core import clock

NOW = dt.datetime(2026, 4, 18, 1, 2, tzinfo=dt.UTC)


def send_all(app: Flask, occurrence_id: int, sends: Sequence[tuple[dict[str, str], str]]) -> list[tuple[int, Any]]:
    """POST all check-ins at the same moment, each from its own thread; status and attendance of each answer."""
    start = threading.Barrier(len(sends))

    def one(send: tuple[dict[str, str], str]) -> tuple[int, Any]:
        head, receipt = send
        client = app.test_client()
        start.wait(60)
        answer = client.post(f"/api/v1/occurrences/{occurrence_id}/check-ins", json={"receipt": receipt}, headers=head)
        return answer.status_code, (answer.json or {}).get("attendance_id")

    with clock.fixed(NOW), ThreadPoolExecutor(len(sends)) as pool:
        return list(pool.map(one, sends))


def in_a_process(url: str, data_dir: str, occurrence_id: int,
                 sends: Sequence[tuple[dict[str, str], str]]) -> list[tuple[int, Any]]:
    """The same in a process of its own."""
    app = create_app({"TESTING": True, "SECRET_KEY": "test-secret", "BASE_URL": "http://localhost",
                      "RATELIMIT_ENABLED": False, "SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": data_dir})
    return send_all(app, occurrence_id, sends)
