"""Production as docs/production.md says: PostgreSQL, gunicorn with several workers, the first administrator."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import PostgresServer

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.timeout(180)]
ROOT = Path(__file__).parent.parent
PASSWORD = "a-long-and-odd-sentence"


def ask(url: str, path: str, body: dict[str, object] | None = None, token: str = "") -> tuple[int, bytes]:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(url + path, json.dumps(body).encode() if body is not None else None, headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read()


@pytest.fixture
def county(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """A served county: its address and its environment."""
    postgres_server.drop_database("county")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ, "POINTSBANK_DATABASE_URL": postgres_server.create_database("county"),
        "POINTSBANK_SECRET_KEY": "k" * 48, "POINTSBANK_DATA_DIR": str(tmp_path), "POINTSBANK_BASE_URL": url,
        "POINTSBANK_BIND": f"127.0.0.1:{port}", "POINTSBANK_WORKERS": "2", "POINTSBANK_LOCALE": "en"}
    pointsbank = [sys.executable, "-m", "pointsbank.cli"]
    subprocess.run([*pointsbank, "db", "upgrade"], cwd=ROOT, env=environment, check=True, capture_output=True)
    subprocess.run([*pointsbank, "user", "create", "root", "--name", "Root"], cwd=ROOT, env=environment, check=True,
                   input=f"{PASSWORD}\n{PASSWORD}\n", text=True, capture_output=True)
    server = subprocess.Popen([sys.executable, "-m", "gunicorn", "--no-control-socket", "-c", "deploy/gunicorn.conf.py",
                               "wsgi:app"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE)
    try:
        for _ in range(300):
            try:
                ask(url, "/healthz")
                break
            except OSError:
                assert server.poll() is None, server.stderr.read().decode()[-2000:] if server.stderr else ""
                time.sleep(0.1)
        yield url, environment
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def test_several_workers_serve_one_county(county: tuple[str, dict[str, str]]) -> None:
    url, _environment = county
    assert ask(url, "/readyz") == (200, b"ready\n")
    status, body = ask(url, "/api/v1/sessions", {"number": "root", "password": PASSWORD})
    assert status == 201, body
    token = json.loads(body)["token"]
    # A session made by one worker is known to all of them, and ends on all of them.
    assert {ask(url, "/api/v1/me", token=token)[0] for _ in range(12)} == {200}
    wrong, refusal = ask(url, "/api/v1/sessions", {"number": "root", "password": "no"})
    assert wrong in {401, 403, 422}
    assert json.loads(refusal)["error"]["message"]
