"""Every test of honours runs inside the application, on a day of April; ``ask`` sends requests as somebody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import Context
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.village import Village


@pytest.fixture
def street(app: Flask, clock: Any, village: Village) -> Iterator[Village]:
    """The village inside an application context."""
    with app.app_context():
        yield village


@pytest.fixture
def ask(app: Flask, street: Village) -> Callable[..., Any]:
    """``ask("alice", "/honours")`` as that user; ``data`` makes it a POST. Each request runs in a context of its own:
    inside the test's application context the second would still be the visitor of the first."""
    clients: dict[str, FlaskClient] = {}

    def send(key: str, path: str, data: dict[str, Any] | None = None, *, json: Any = None,
             status: int | None = None) -> Any:
        if key not in clients:
            clients[key] = app.test_client()
            if key != "nobody":
                street.sign_in(clients[key], key)
        client = clients[key]
        if json is not None:
            answer = client.post(path, json=json)
        else:
            answer = client.get(path) if data is None else client.post(path, data=data)
        wanted = status if status is not None else 200 if data is None else 303
        assert answer.status_code == wanted, (path, answer.status_code, answer.text[-1500:])
        return answer

    return lambda *given, **named: Context().run(send, *given, **named)
