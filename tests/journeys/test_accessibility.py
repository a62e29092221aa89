"""Every page of the demo street, for everybody who may open it: axe finds nothing, nothing scrolls sideways, nothing is
too small for a finger, nothing comes from elsewhere. One run lists everything that is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import axe_playwright_python
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from pointsbank.core.db import db
from tests.journeys.conftest import DESK, PHONE, cookie_of
from tests.support.doors import Rooms, doors, rooms_of
from tests.support.street import Street

AXE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")
# The sources of axe itself do not change the page; only what is wrong is brought back.
RUN_AXE = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
    .map(v => v.id + ": " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 120)).join(" | "))"""
# A link inside a sentence is as high as its line (WCAG 2.5.8 leaves it out); everything else wants a finger's height.
RUN_HIT_AREAS = """() => [...document.querySelectorAll("a, button, summary, select, input:not([type=hidden])")]
    .filter(e => {
        const box = e.getBoundingClientRect();
        if (!box.width || !box.height || e.closest(".visually-hidden, .pb-skip, label")) return false;
        const text = e.closest("p, dd, td, li, small, caption, .pb-sm, .pb-banner");
        if (e.tagName === "A" && getComputedStyle(e).display === "inline" && text) return false;
        if (e.matches("input[type=checkbox], input[type=radio]")) return false;
        return box.height + 0.5 < (e.classList.contains("btn") ? 60 : 44);
    }).map(e => Math.round(e.getBoundingClientRect().height) + " px: " + e.outerHTML.replace(/\\s+/g, " ")
        .slice(0, 110))"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What is no word of any language (the code of a certificate) is marked as not to be translated.
WORDS = """() => {
    const codes = [...document.querySelectorAll("[translate=no]")], shown = codes.map(code => code.style.display);
    codes.forEach(code => { code.style.display = "none"; });
    const text = document.body.innerText;
    codes.forEach((code, place) => { code.style.display = shown[place]; });
    return text;
}"""
# Latin words that stand on Chinese pages by right: names of programs, files and formats (with what is written in them),
# keys of a keyboard, areas' codes, players of the tests.
LATIN = {"English", "Excel", "test", "xlsx", "insider", "stranger", "desk", "supervisor", "liuyin", "xingshi",
         "shiqiao", "yunxi", "GeoJSON", "name", "kind", "aliases", "Shift", "Delete"}
PIECES = {"cases.report_similar"}  # what a script puts into a page: judged there, no page of its own
OWN = {"attendance_id": "attendance", "deed_id": "contribution", "redemption_id": "redemption",
       "message_id": "inbox_message", "certificate_id": "service_certificate", "award_id": "honour_award"}


def _rows_of_their_own(street: Street, rooms: Rooms, who: str) -> None:
    """Addresses with the rows that this person may see: a resident's own, a leader's own."""
    player = street.people[who]
    if player.resident_id is not None:
        for name, table_name in OWN.items():
            table = db.metadata.tables[table_name]
            by = table.c.state if "state" in table.c else table.c.id
            rooms.single[name] = [row[0] for row in street.rows(
                sa.select(sa.func.max(table.c.id)).where(table.c.resident_id == player.resident_id).group_by(by)
                .limit(4))]
    activity, occurrence = db.metadata.tables["activity"], db.metadata.tables["occurrence"]
    led = street.rows(sa.select(sa.func.max(activity.c.id), sa.func.max(occurrence.c.id))
                      .join_from(activity, occurrence, occurrence.c.activity_id == activity.c.id)
                      .where(activity.c.leader_id == player.user_id).group_by(activity.c.state, occurrence.c.state))
    if led:
        rooms.single["activity_id"] = [row[0] for row in led]
        rooms.single["occurrence_id"] = [row[1] for row in led]


def pages_of(street: Street, who: str, most: int) -> list[str]:
    """The addresses that open to this person as a page; at most so many of each kind."""
    rooms = rooms_of(street, street.home, who if who != "nobody" else "resident")
    if who != "nobody":
        _rows_of_their_own(street, rooms, who)
    client, found, seen = street.client(who), [], dict[str, int]()
    for door in doors(street, rooms, ("GET",)):
        piece = door.is_api or door.endpoint in PIECES or door.endpoint.endswith("_capitals")
        if piece or seen.get(door.endpoint, 0) == most:
            continue
        answer = client.get(door.path)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            seen[door.endpoint] = seen.get(door.endpoint, 0) + 1
            found.append(door.path)
    return found


@dataclass
class Walk:
    """One person's browser over all pages, and what is wrong on each of them."""

    url: str
    page: Page
    elder: bool
    at: str = ""
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def note(self, what: str) -> None:
        """Something is wrong on the page where the walk stands."""
        listed = self.wrong.setdefault(self.at, [])
        if what not in listed:
            listed.append(what)

    def listen(self) -> None:
        """Errors of scripts and requests that leave the house."""
        self.page.on("console", lambda m: self.note(f"console: {m.text[:200]}") if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.note(f"script: {e}"))
        self.page.on("request", lambda r: None if r.url.startswith((self.url, "data:", "blob:"))
                     else self.note(f"leaves the house: {r.url[:100]}"))

    def look_at(self, path: str) -> None:
        """Everything about one page."""
        self.at = path
        self.page.set_viewport_size(PHONE)
        self.page.goto(path)
        self.judge()

    def judge(self) -> None:
        """Everything about the page that stands there."""
        for word in set(re.findall(r"[A-Za-z]{4,}", self.page.evaluate(WORDS))) - LATIN:
            self.note(f"English on a Chinese page: {word}")
        self.page.evaluate(AXE)
        for name, size in (("phone", PHONE), ("desk", DESK)):
            self.page.set_viewport_size(size)
            for finding in self.page.evaluate(RUN_AXE):
                self.note(f"{name} {finding}")
            if self.elder:
                for finding in self.page.evaluate(RUN_HIT_AREAS):
                    self.note(f"{name} too low, {finding}")
        for width in (320, 375):
            self.page.set_viewport_size({"width": width, "height": 700})
            if (over := self.page.evaluate(SIDEWAYS)) > 0:
                self.note(f"scrolls sideways at {width} by {over} px")


@pytest.fixture
def walk(browser: Browser, street: Street) -> Iterator[Callable[[str, bool], Walk]]:
    contexts = []

    def begin(who: str, elder: bool) -> Walk:
        url = street.app.config["BASE_URL"]
        context = browser.new_context(viewport=PHONE, base_url=url, locale="zh-CN")
        context.add_cookies([cookie_of(street, who, elder=elder)])
        contexts.append(context)
        found = Walk(url, context.new_page(), elder)
        found.listen()
        return found

    yield begin
    for context in contexts:
        context.close()


def report(wrong: dict[str, list[str]]) -> str:
    """All of it, page by page."""
    return "\n".join(f"{path}\n  " + "\n  ".join(lines) for path, lines in wrong.items())


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("elder", [False, True], ids=["standard", "elder"])
@pytest.mark.parametrize("who", ["nobody", "resident", "duizhang", "weiyuan", "dianzhang"])
def test_no_page_keeps_anybody_out(street: Street, walk: Callable[[str, bool], Walk], who: str, elder: bool) -> None:
    paths = pages_of(street, who, 1 if elder else 2)
    assert len(paths) > 5
    going = walk(who, elder)
    for path in paths:
        going.look_at(path)
    assert not going.wrong, report(going.wrong)


@pytest.mark.parametrize(("who", "ending", "action"), [
    ("weiyuan", "/desk/cards", "/desk/cards/print"), ("duizhang", "/roster", "/sheet")])
def test_papers_that_are_opened_by_a_button_keep_nobody_out(
        street: Street, walk: Callable[[str, bool], Walk], who: str, ending: str, action: str) -> None:
    going = walk(who, False)
    going.page.goto(next(path for path in pages_of(street, who, 1) if path.endswith(ending)))
    going.page.click(f'form[action$="{action}"] button')
    going.at = action
    going.judge()
    assert going.page.url.endswith(action)
    assert not going.wrong, report(going.wrong)


@pytest.mark.parametrize("elder", [False, True], ids=["standard", "elder"])
def test_what_others_reported_is_offered_to_everybody(
        street: Street, walk: Callable[[str, bool], Walk], elder: bool) -> None:
    problem = db.metadata.tables["problem_case"]
    kind, place = street.rows(sa.select(problem.c.category_id, problem.c.place).where(
        problem.c.community_id == street.home, problem.c.visibility == "public", problem.c.closed_at.is_(None),
        problem.c.reporter_resident_id != street.people["resident"].resident_id,
        problem.c.accepted_at.is_not(None)).order_by(problem.c.id.desc()))[0]
    going = walk("resident", elder)
    going.at = "/report"
    going.page.goto("/report")
    going.page.select_option("[name=category]", str(kind))
    going.page.click("summary:has-text('换个地方')")
    going.page.fill("[name=place]", place)
    going.page.locator("[name=place]").blur()
    going.page.wait_for_selector("#alike .pb-dup-one")
    going.judge()
    assert not going.wrong, report(going.wrong)


def test_the_walk_would_see_it(street: Street, walk: Callable[[str, bool], Walk]) -> None:
    going = walk("nobody", True)
    going.at = "/sign-in"
    going.page.goto("/sign-in")
    going.page.evaluate("""() => {
        document.querySelector("main").innerHTML =
            "<button class='btn'></button><p>Welcome</p><svg width='900' height='9'></svg><input>";
        console.error("broken");
        new Image().src = "http://elsewhere.invalid/x.png";
    }""")
    going.judge()
    told = report(going.wrong)
    for word in ("button-name", "label", "Welcome", "scrolls sideways at 320", "too low", "console: broken"):
        assert word in told


@pytest.mark.parametrize(("who", "path"), [
    ("nobody", "/open311"), ("resident", "/me/open311"), ("weiyuan", "/desk/open311")])
def test_prose_between_the_names_of_an_interface_is_read(
        street: Street, walk: Callable[[str, bool], Walk], who: str, path: str) -> None:
    going = walk(who, False)
    going.look_at(path)
    assert not going.wrong, report(going.wrong)
    going.page.evaluate("""() => document.querySelectorAll("main .pb-card").forEach(
        card => card.insertAdjacentHTML("beforeend", "<p>Welcome</p>"))""")
    going.judge()
    assert "English on a Chinese page: Welcome" in report(going.wrong)
