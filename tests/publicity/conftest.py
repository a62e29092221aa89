"""Tests of the notice board: a notice of two households, and requests in a context of their own."""

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
    """The village, inside an application context."""
    with app.app_context():
        yield village


@pytest.fixture
def ask(app: Flask, street: Village) -> Callable[..., Any]:
    """``ask("alice", "/notices")``: a page as that user, in a context of its own."""
    clients: dict[str, FlaskClient] = {}

    def send(key: str, path: str, *, status: int = 200) -> Any:
        if key not in clients:
            clients[key] = app.test_client()
            if key != "nobody":
                street.sign_in(clients[key], key)
        answer = clients[key].get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[-1500:])
        return answer

    return lambda *given, **named: Context().run(send, *given, **named)
