"""Hostile texts stay texts: on pages, in JSON, in workbooks and in a real browser."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page

from pointsbank.core import clock, sheets
from tests.journeys.conftest import Served
from tests.security import payloads
from tests.support import chromium
from tests.support.doors import doors, rooms_of
from tests.support.street import PRESENT, Street, Streets

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
# Files with whole names are sent by POST, because each of them is counted.
COUNTED = {"people.download_export", "activities.download_roster"}
LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


# How a text is written on a page or into a cell does not depend on the database: one of them is enough here.


@pytest.fixture
def scripted(streets: Streets) -> Iterator[Street]:
    with clock.fixed(PRESENT):
        street = streets.fresh("sqlite")
        assert payloads.fill(street, payloads.SCRIPTS) > 50
        yield street


def test_no_page_takes_a_text_for_markup(scripted: Street) -> None:
    home = rooms_of(scripted, scripted.home, "insider")
    wrong, shown, pages = [], 0, 0
    for who in ("insider", "resident", "nobody"):
        client = scripted.client(who)
        for door in doors(scripted, home, ("GET",)):
            answer = client.get(door.path)
            if answer.mimetype != "text/html":
                continue
            text = answer.get_data(as_text=True)
            if answer.status_code >= 500 and door.endpoint != "readyz":
                wrong.append(f"{door}: {answer.status_code}")
            found = payloads.Suspect(text).found
            if found or "<zq7" in text:
                wrong.append(f"{who} {door}: {found[:3]}")
            shown += text.count(payloads.MARK)
            pages += payloads.MARK in text
    assert wrong == []
    assert pages > 80
    assert shown > 2000


def test_the_reader_of_pages_sees_what_is_wrong() -> None:
    """The control: each of these would be found on a page that printed it as it is."""
    hostile = [p for p in payloads.SCRIPTS if "<" in p and not p.startswith(("<!--", "&lt;", "<style", "<meta"))]
    bare = [p for p in hostile if payloads.Suspect(f"<p>{p}</p>").found or payloads.Suspect(f"<p>{p}</script>").found]
    assert len(bare) > 15


def cells(answer: Any) -> list[Any]:
    """All cells of a workbook or CSV; a live formula comes as its text with its type."""
    raw = answer.get_data()
    if raw[:4] == b"PK\x03\x04":
        book = load_workbook(io.BytesIO(raw))
        return [(c.value, c.data_type) for sheet in book.worksheets for row in sheet.iter_rows() for c in row]
    if answer.mimetype == "text/csv":
        text = raw.decode("utf-8-sig")
        return [(v, "s") for row in csv.reader(io.StringIO(text, newline="")) for v in row]
    return []


def test_no_cell_of_any_export_is_a_live_formula(streets: Streets) -> None:
    with clock.fixed(PRESENT):
        street = streets.fresh("sqlite")
        payloads.fill(street, payloads.FORMULAS)
        assert len(payloads.FORMULAS) == 60
        home = rooms_of(street, street.home, "insider")
        live, seen, exports = [], 0, set()
        client = street.client("insider")
        counted = [d for d in doors(street, home, ("POST",)) if d.endpoint in COUNTED]
        for door in [*{d.endpoint: d for d in doors(street, home, ("GET",))}.values(), *counted]:
            for query in ("", "?format=xlsx", "?format=csv") if door.method == "GET" else ("",):
                answer = client.open(door.path + query, method=door.method)
                if answer.status_code >= 500 and door.endpoint != "readyz":
                    live.append(f"{door}{query}: {answer.status_code}")
                for value, data_type in cells(answer):
                    exports.add(door.endpoint)
                    text = str(value)
                    seen += payloads.MARK in text
                    if data_type == "f" or (payloads.MARK in text and text.startswith(LIVE)):
                        live.append(f"{door}{query}: {text!r}")
    assert live[:20] == []
    assert len(exports) >= 18
    assert exports >= COUNTED
    assert seen > 1000


def test_a_cell_written_without_care_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the house's own care the same look finds every formula that Excel would run."""
    monkeypatch.setattr(sheets, "harmless", lambda value: value)
    raw = sheets.write_csv(["a"], [[p] for p in payloads.FORMULAS])
    found = [row[0] for row in csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""))][1:]
    assert sum(value.startswith(LIVE) for value in found) == 60


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return chromium.launch_options() if chromium.find() else {}


def _visit(page: Page, path: str, heard: list[str]) -> None:
    page.goto(path, wait_until="load")
    if page.evaluate("typeof window.zq7") != "undefined":
        heard.append(f"{path}: a script ran")


@pytest.mark.journey
@pytest.mark.skipif(chromium.find() is None, reason="there is no Chromium; see tests/support/prepare.sh")
def test_no_hostile_text_runs_in_a_browser(scripted: Street, browser: Browser) -> None:
    street = scripted
    home = rooms_of(street, street.home, "insider")
    paths = {d.endpoint: d.path for d in doors(street, home, ("GET",))
             if not d.is_api and not d.path.endswith((".ics", ".xlsx", ".json", "/export", "/template", ".csv"))}
    served = Served(street.app)
    heard: list[str] = []
    context = browser.new_context(base_url=served.url, locale="zh-CN")
    try:
        client = street.client("insider")
        name = street.app.config["SESSION_COOKIE_NAME"]
        cookie = client.get_cookie(name)
        assert cookie is not None
        context.add_cookies([{"name": name, "value": cookie.value, "url": served.url}])
        page = context.new_page()
        page.on("console", lambda m: heard.append(f"{page.url}: {m.text}")
                if "Content Security Policy" in m.text or "Refused to" in m.text else None)
        page.on("dialog", lambda d: (heard.append(f"{page.url}: a dialog"), d.dismiss()))
        visited = 0
        for path in list(paths.values()):
            if street.client("insider").get(path).mimetype == "text/html":
                _visit(page, path, heard)
                visited += 1
        ran = list(heard)
        page.evaluate("() => document.body.append(Object.assign(document.createElement('script'), "
                      "{textContent: 'zq8=1'}))")
        page.wait_for_timeout(200)
    finally:
        context.close()
        served.stop()
    assert ran == []
    assert len(heard) == 1, "the control: a script put into the page is refused, and heard of"
    assert visited > 40
