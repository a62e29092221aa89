"""A platform with a key for 柳荫社区, and the desk that works on what it sends."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from pointsbank.cases.models import CaseState
from pointsbank.core.db import transaction
from pointsbank.open311 import services
from pointsbank.places import services as places
from pointsbank.places.facts import Facts
from pointsbank.places.models import PlaceKind
from tests.cases.desk import WAYS, Desk, picture
from tests.open311.reader import read
from tests.support.village import Village

ROOT = "/open311/v2"
HERE = (27.0943, 113.5218)
GATE = Facts("东门", PlaceKind.FACILITY, ("大门",), "", None, *HERE)


@dataclass
class Platform:
    """Asks and sends as a program does; every answer is read strictly."""

    app: Flask
    desk: Desk
    key: str
    gate: int
    suffix: str = "json"
    jurisdiction: str = "liuyin"

    @property
    def code(self) -> str:
        """The service of lamps."""
        return f"c{self.desk.lamp}"

    def ask(self, path: str, what: str, expect: int = 200, *, key: bool = False, **query: Any) -> Any:
        """GET, read strictly."""
        given = {"jurisdiction_id": self.jurisdiction, **({"api_key": self.key} if key else {}), **query}
        answer = self.app.test_client().get(f"{ROOT}/{path}.{self.suffix}", query_string=given)
        return self._read(answer, what, expect)

    def send(self, expect: int = 200, path: str = "requests", **form: Any) -> Any:
        """POST a report, read strictly. None leaves a field out."""
        given = {"api_key": self.key, "jurisdiction_id": self.jurisdiction, "service_code": self.code,
                 "description": "三天没亮了", "lat": "27.0945", "long": "113.5218", **form}
        return self._post(path, "posted", expect, given)

    def say(self, request_id: str, expect: int = 200, **form: Any) -> Any:
        """POST an update, read strictly."""
        given = {"api_key": self.key, "jurisdiction_id": self.jurisdiction, "service_request_id": request_id, **form}
        return self._post("servicerequestupdates", "posted_update", expect, given)

    def _post(self, path: str, what: str, status: int, given: dict[str, Any]) -> Any:
        answer = self.app.test_client().post(f"{ROOT}/{path}.{self.suffix}", data={
            name: value for name, value in given.items() if value is not None})
        return self._read(answer, what, status)

    def _read(self, answer: Any, what: str, status: int) -> Any:
        assert answer.status_code == status, answer.get_data(as_text=True)
        if status < 400:
            return read(answer, what, self.suffix)
        row, = read(answer, "errors", self.suffix)
        assert row["code"] == status
        match = re.fullmatch(r"(.+) \(([a-z0-9_.]+)\)", row["description"], re.S)
        assert match, row
        assert re.search(r"[\u4e00-\u9fff]", match[1]), "a sentence in the language of the house"
        return match[2]

    def report(self, **form: Any) -> str:
        """The number of a new request."""
        return str(self.send(**form)[0]["service_request_id"])

    def do(self, request_id: str, *steps: tuple[str, str]) -> None:
        """Steps of the desk: (verb, who)."""
        with self.app.app_context():
            for verb, who in steps:
                self.desk.do(who, verb, int(request_id))

    def bring(self, request_id: str, state: CaseState) -> None:
        """All steps of the desk to this state."""
        self.do(request_id, *WAYS[state])

    def state(self, request_id: str) -> CaseState:
        with self.app.app_context():
            return self.desk.state(int(request_id))


def photo(colour: int = 90) -> tuple[io.BytesIO, str, str]:
    return io.BytesIO(picture(colour)), "a.jpg", "image/jpeg"


@pytest.fixture
def platform(app: Flask, clock: Any, village: Village) -> Platform:
    """A platform that speaks JSON; set ``suffix`` for XML."""
    with app.app_context():
        desk = Desk(app, village).set_up()
        with transaction():
            gate = places.create(village.actor("member"), GATE)
            _client, key = services.make_key(village.actor("member"), "县随手拍", "王工 12345")
        return Platform(app, desk, key, gate.id)


@pytest.fixture(params=["json", "xml"])
def both(request: pytest.FixtureRequest, platform: Platform) -> Platform:
    """The platform in each format."""
    platform.suffix = request.param
    return platform


@dataclass
class Served:
    """The application behind a real port."""

    platform: Platform
    url: str


@pytest.fixture
def served(platform: Platform) -> Iterator[Served]:
    """For clients that bring their own way of asking."""
    server = make_server("127.0.0.1", 0, platform.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Served(platform, f"http://127.0.0.1:{server.port}")
    server.shutdown()
    thread.join(10)
