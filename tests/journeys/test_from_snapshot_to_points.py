"""A problem's whole way: two neighbours meet it, the unit sends it back, somebody else mends it, the inspection fails,
the reporter isn't content, it is mended for good. What the first reporter earns hangs out and is put into the book."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect

from pointsbank import schedule
from pointsbank.cases.models import Case, CaseState, Joiner, Outcome
from pointsbank.contributions.models import Contribution
from pointsbank.core.db import db, transaction
from pointsbank.ledger import queries as ledger
from pointsbank.rules import services as rules
from tests.cases.desk import Desk
from tests.conftest import SettableClock
from tests.journeys.conftest import Served, shoot
from tests.journeys.test_snapshot import clean, picture
from tests.journeys.walking import HEAD, HELP, LONG_AGO, actor_pages
from tests.support.village import Village

SNAPSHOT = "3.1,随手拍,反映的问题经核实受理,随手拍,按次,3,本户,,"
PLACE = "5栋东侧楼道口"


@dataclass
class Way:
    """Everybody's browser, and the case."""

    app: Flask
    clock: SettableClock
    desk: Desk
    come: Callable[..., Page]
    pages: dict[str, Page] = field(default_factory=dict)
    case: int = 0

    def page(self, who: str, screen: str = "phone") -> Page:
        if who not in self.pages:
            self.pages[who] = self.come(who, screen)
        return self.pages[who]

    def press(self, page: Page, verb: str, button: str) -> None:
        """Send the form of one step; it may stand behind a tap."""
        form = page.locator(f"#{verb}")
        if form.evaluate("e => e.tagName") == "DETAILS" and not form.evaluate("e => e.open"):
            form.locator("summary").click()
        form.get_by_role("button", name=button).click()

    def state(self) -> CaseState:
        with self.app.app_context():
            found = self.desk.state(self.case)
            db.session.rollback()
        return found


@pytest.fixture
def way(app: Flask, clock: SettableClock, village: Village, served: Served, someone: Callable[..., Page]) -> Way:
    clock.at(2026, 4, 20, 9, 0)
    with app.app_context():
        with transaction():
            raw = "\n".join([HEAD, HELP, SNAPSHOT, ""]).encode()
            standard = rules.import_draft(village.actor("member"), raw, "柳荫社区积分细则")
            rules.adopt(village.actor("second"), standard.id, LONG_AGO, "居民代表会议通过", on_paper=True)
        desk = Desk(app, village).set_up()
        db.session.expunge_all()
    return Way(app, clock, desk, actor_pages(app, village, someone))


def neighbours_meet_it(way: Way) -> None:
    """Alice reports, sends the same thing in a second piece; Bob says "me too"."""
    page = way.page("alice")
    page.goto("/report")
    page.locator("input[type=file]").first.set_input_files([picture()])
    page.locator("#place").fill(PLACE)
    page.get_by_label("补充一句").fill("晚上充一整夜")
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_text("收到了，编号")).to_be_visible()
    with way.app.app_context():
        with transaction():
            way.case = db.session.scalars(sa.select(Case.id)).one()
        way.desk.do("member", "accept", way.desk.send("alice", place=PLACE, text="插座也在冒火花"))
        db.session.rollback()
    other = way.page("bob")
    other.goto(f"/cases/{way.case}")
    expect(other.get_by_role("heading", name="没有找到这一页")).to_be_visible()
    with way.app.app_context():
        with transaction():
            assert db.session.scalar(sa.select(sa.func.count()).select_from(Joiner)) == 0
        db.session.rollback()


def the_office_gives_it_out(way: Way) -> None:
    page = way.page("member", "desk")
    page.goto("/desk/cases")
    clean(page)
    shoot(page, "case-01-desk")
    page.goto(f"/desk/cases/{way.case}")
    way.press(page, "accept", "立案")
    expect(page.get_by_text("已立案。接下来请交办。")).to_be_visible()
    give(way, page, "dora")
    shoot(page, "case-02-given")
    other = way.page("bob")
    other.goto(f"/cases/{way.case}")
    other.get_by_role("button", name="是，我也遇到").click()
    expect(other.get_by_text("1 位邻居也遇到")).to_be_visible()


def give(way: Way, page: Page, who: str) -> None:
    page.goto(f"/desk/cases/{way.case}")
    chosen = f"{way.desk.unit}:{way.desk.village.users[who]}"
    page.locator("#assign select").select_option(chosen)
    way.press(page, "assign", "交办")
    expect(page.get_by_text("已交办，已通知对方。")).to_be_visible()


def the_unit_sends_it_back_and_somebody_else_takes_it(way: Way) -> None:
    page = way.page("dora")
    page.goto("/unit/cases")
    expect(page.locator("main")).to_contain_text(PLACE)
    clean(page)
    shoot(page, "case-03-unit")
    page.goto(f"/unit/cases/{way.case}")
    page.locator("#send_back summary").click()
    page.locator("#send_back button[type=submit]").click()
    expect(page.locator("#send_back")).to_contain_text("这里要填。")
    assert way.state() is CaseState.ASSIGNED, "without a reason it stays"
    page.locator("#send_back textarea").fill("我这周在外地，请换一位。")
    page.locator("#send_back button[type=submit]").click()
    expect(page.get_by_text("已退回，社区另找单位。")).to_be_visible()
    assert way.state() is CaseState.SENT_BACK
    give(way, way.page("second", "desk"), "erin")


def mend(way: Way, colour: int) -> None:
    """Erin reports it as done, once without the photo that belongs to it."""
    page = way.page("erin")
    page.goto(f"/unit/cases/{way.case}")
    page.locator("#finish textarea").fill("线已拆掉，装了插座")
    way.press(page, "finish", "报完工")
    expect(page.locator("#finish")).to_contain_text("照片")
    expect(page.locator("#finish textarea")).to_have_value("线已拆掉，装了插座")
    page.locator("#finish input[type=file]").set_input_files([picture(1600 + colour, 1200)])
    way.press(page, "finish", "报完工")
    expect(page.get_by_text("已报完工，接下来由别人督查。")).to_be_visible()
    assert way.state() is CaseState.TO_INSPECT


def take_on(way: Way) -> None:
    page = way.page("erin")
    page.goto(f"/unit/cases/{way.case}")
    way.press(page, "acknowledge", "签收")
    expect(page.get_by_text("已签收。")).to_be_visible()
    way.press(page, "start", "开始整改")
    expect(page.get_by_text("已记下开始整改。")).to_be_visible()
    clean(page)
    shoot(page, "case-04-work")


def inspect(way: Way, *, good: bool) -> None:
    page = way.page("reviewer")
    page.goto("/desk/inspections")
    clean(page)
    shoot(page, "case-05-inspections")
    page.goto(f"/desk/cases/{way.case}")
    if good:
        way.press(page, "approve", "合格")
        expect(page.get_by_text("合格。已请报的人评议。")).to_be_visible()
        return
    page.locator("#rework summary").click()
    page.locator("#rework textarea").fill("3 单元还有一处没拆。")
    way.press(page, "rework", "不合格")
    expect(page.get_by_text("已退回返工，原来的期限不变。")).to_be_visible()
    assert way.state() is CaseState.REWORK


def answer(way: Way, words: str, why: str = "") -> None:
    page = way.page("alice")
    page.goto(f"/cases/{way.case}")
    clean(page)
    shoot(page, "case-06-evaluate")
    page.locator("#evaluate").get_by_role("radio", name=words).check()
    if why:
        page.locator("#evaluate button[type=submit]").click()
        assert way.state() is CaseState.TO_EVALUATE, "a reason belongs to it"
        page.locator("#evaluate").get_by_role("radio", name=words).check()
        page.locator("#evaluate textarea").fill(why)
    page.locator("#evaluate button[type=submit]").click()
    page.wait_for_load_state()


def the_first_reporter_earns_once(way: Way) -> None:
    village = way.desk.village
    with way.app.app_context():
        with transaction():
            keys = set(db.session.scalars(sa.select(Contribution.source_key).where(
                Contribution.source_key.like("case:%"))))
        db.session.rollback()
    assert len(keys) == 1, "one problem in two pieces, one joiner: one deed"
    page = way.page("second", "desk")
    page.goto("/desk/reviews")
    page.get_by_role("row").filter(has_text="陈桂芳").get_by_role("button", name="通过").click()
    writer = way.page("member", "desk")
    writer.goto("/desk/month")
    writer.get_by_role("button", name="做成草稿").click()
    page.goto(writer.url)
    page.get_by_role("button", name="张贴公示").click()
    before = points(way)
    way.clock.at(2026, 5, 20, 9, 0)
    task = schedule.task("close-notices")
    assert task is not None
    with way.app.app_context():
        schedule.run_task(task)
        assert ledger.verify(None) == []
        db.session.rollback()
    assert (before, points(way)) == (0, 300)
    assert ledger_of(way, village.households["1-0412"]) == 0, "whoever joins earns nothing"


def points(way: Way) -> int:
    return ledger_of(way, way.desk.village.households["2-0317"])


def ledger_of(way: Way, household: int) -> int:
    with way.app.app_context():
        found = ledger.available(way.desk.village.community, f"household:{household}", dt.date(2026, 5, 20))
        db.session.rollback()
    return found


@pytest.mark.timeout(900)
def test_a_problem_is_put_right_for_good_and_its_first_reporter_earns_once(way: Way) -> None:
    neighbours_meet_it(way)
    the_office_gives_it_out(way)
    the_unit_sends_it_back_and_somebody_else_takes_it(way)
    take_on(way)
    mend(way, 0)
    inspect(way, good=False)
    mend(way, 100)
    inspect(way, good=True)
    answer(way, "没解决", "夜里又有人拉线。")
    assert way.state() is CaseState.ACCEPTED
    give(way, way.page("member", "desk"), "erin")
    take_on(way)
    mend(way, 200)
    inspect(way, good=True)
    answer(way, "解决了")
    with way.app.app_context():
        case = way.desk.case(way.case)
        assert (case.state, case.outcome, case.round) == (CaseState.CLOSED, Outcome.FIXED, 2)
        db.session.rollback()
    shoot(way.page("alice"), "case-07-closed")
    the_first_reporter_earns_once(way)
