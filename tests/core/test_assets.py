"""Static files and icons: local, versioned, packed once."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import NotFound

from pointsbank.core import assets, icons


def address(app: Flask, name: str) -> str:
    with app.test_request_context():
        return assets.asset(name)


def test_a_versioned_address_is_kept_for_a_year(app: Flask, client: FlaskClient) -> None:
    answer = client.get(address(app, "css/theme.css"))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.mimetype == "text/css"


def test_without_its_version_a_file_is_asked_for_again(client: FlaskClient) -> None:
    first = client.get("/static/css/theme.css")
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get("/static/css/theme.css", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_what_can_be_packed_is_sent_packed_to_those_who_understand_it(client: FlaskClient) -> None:
    plain = client.get("/static/css/bootstrap.min.css")
    packed = client.get("/static/css/bootstrap.min.css", headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < 40_000


def test_static_files_touch_no_table(client: FlaskClient, queries) -> None:
    with queries() as seen:
        client.get("/static/css/theme.css")
    assert not seen


@pytest.mark.parametrize("name", ["../app.py", "../../pyproject.toml", "css/none.css", "css", ""])
def test_nothing_outside_the_static_folder_is_given_out(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_a_page_that_names_a_missing_file_fails_at_once(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(NotFound):
        assets.asset("css/mistyped.css")


def test_an_icon_is_drawn_into_the_page_and_hidden_from_screen_readers() -> None:
    drawn = icons.icon("basket")
    assert drawn.startswith('<svg class="bi" viewBox="0 0 16 16" aria-hidden="true"><path')
    assert "use" not in drawn


def test_an_icon_that_stands_alone_carries_its_word() -> None:
    assert 'role="img" aria-label="购物篮"' in icons.icon("basket", "购物篮")


def test_a_mistyped_icon_is_an_error() -> None:
    with pytest.raises(KeyError):
        icons.icon("baskett")


def test_every_icon_named_in_a_template_exists() -> None:
    templates = Path(__file__).parents[2] / "templates"
    named = re.compile(r"\b(?:draw_icon|icon|icon_now)\('([a-z0-9-]+)'\)")
    used = {name for file in templates.rglob("*.html") for name in named.findall(file.read_text(encoding="utf-8"))}
    assert used
    assert {name for name in used if not icons.exists(name)} == set()


def test_no_style_sheet_loads_anything_from_elsewhere() -> None:
    for name in ("css/theme.css", "css/bootstrap.min.css"):
        body = assets.find(name).body.decode()
        assert re.findall(r"url\((?!['\"]?data:)", body) == []
        assert "sourceMappingURL" not in body
