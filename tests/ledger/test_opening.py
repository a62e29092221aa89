"""Opening balances: a sheet, a second person, a notice, one batch."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask

from pointsbank.core import sheets
from pointsbank.core.actor import Actor, system
from pointsbank.core.db import run
from pointsbank.core.errors import NotFound
from pointsbank.ledger import errors, services
from pointsbank.ledger.models import OpeningState
from tests.ledger.counter import Counter
from tests.support.village import Village

HEADINGS = ["户号", "姓名", "手机号", "积分", "有效期"]
GOOD = [["2-0317", "陈桂芳", "", 120, ""], ["1-0412", "", "", "33.5", "2026-12-31"],
        ["", "", "10000000005", 8, ""]]


class Office:
    """Does each step as one unit of work."""

    def __init__(self, app: Flask, village: Village) -> None:
        self.app = app
        self.village = village

    def do(self, step: Any, actor: str | Actor, *given: Any) -> Any:
        who = self.village.actor(actor) if isinstance(actor, str) else actor
        with self.app.app_context():
            return run(lambda: step(who, *given))

    def bring(self, rows: list[list[Any]], actor: str = "member") -> int:
        raw = sheets.write_xlsx("x", HEADINGS, rows)
        return self.do(lambda who: services.import_opening(who, services.read_opening(raw), "旧账.xlsx").id, actor)

    def lines(self, batch: int) -> list[services.OpeningLineView]:
        with self.app.app_context():
            return run(lambda: services.opening_lines(self.village.community, batch), write=False)

    def published(self) -> int:
        batch = self.bring(GOOD)
        self.do(services.confirm_opening, "second", batch)
        self.do(services.mark_opening_published, "second", batch, 7)
        return batch


@pytest.fixture
def office(app: Flask, village: Village, clock: object) -> Office:
    return Office(app, village)


def test_the_whole_way_from_the_sheet_to_the_wallets(office: Office, counter: Counter) -> None:
    village, batch = office.village, office.published()
    posted = office.do(services.post_opening, system(village.community), batch)
    assert sorted(posted) == [f"opening:{batch}:{row}" for row in (2, 3, 4)]
    assert counter.balance(f"household:{village.households['2-0317']}") == 12000
    assert counter.lots(f"household:{village.households['1-0412']}") == {dt.date(2026, 12, 31): 3350}
    assert counter.balance(f"resident:{village.residents['dora']}") == 800
    assert counter.faults() == []
    with pytest.raises(errors.OpeningStep):
        office.do(services.post_opening, system(village.community), batch)


def test_the_notice_gets_numbers_names_and_amounts(office: Office) -> None:
    lines = office.lines(office.bring(GOOD))
    assert [(line.household_number, line.name, line.amount) for line in lines] == [
        ("2-0317", "陈桂芳", 12000), ("1-0412", "李明贵", 3350), ("", "罗光明", 800)]


def test_whoever_brought_the_sheet_cannot_confirm_it(office: Office) -> None:
    batch = office.bring(GOOD)
    with pytest.raises(errors.SecondPersonNeeded):
        office.do(services.confirm_opening, "member", batch)
    assert office.do(services.confirm_opening, "second", batch).state == OpeningState.CONFIRMED


@pytest.mark.slow
@pytest.mark.parametrize("who", ["alice", "leader", "keeper", "reviewer", "grid"])
def test_others_neither_bring_nor_confirm_nor_post(office: Office, who: str) -> None:
    with pytest.raises(errors.OpeningNotAllowed):
        office.bring(GOOD, who)
    batch = office.published()
    for step in (services.confirm_opening, services.post_opening):
        with pytest.raises(errors.OpeningNotAllowed):
            office.do(step, who, batch)


def test_another_community_knows_nothing_of_it(office: Office) -> None:
    batch = office.bring(GOOD)
    with pytest.raises(NotFound):
        office.do(services.confirm_opening, "other_member", batch)


def test_bad_rows_are_named_and_nothing_is_kept(office: Office) -> None:
    rows = [*GOOD, ["9-9999", "", "", 5, ""], ["1-0412", "", "", 5, ""], ["2-0108", "张三", "", 5, ""],
            ["2-0531", "", "", "many", ""], ["1-0077", "", "", -3, ""], ["3-0310", "", "", 5, "soon"],
            ["3-0310", "", "", 5, "2020-01-01"], ["", "", "", 5, ""]]
    with pytest.raises(errors.BadOpeningRows) as refusal:
        office.bring(rows)
    assert [number for number, _sentence in refusal.value.data["rows"]] == [5, 6, 7, 8, 9, 10, 11, 12]
    assert office.bring(GOOD)


def test_an_empty_sheet_is_refused(office: Office) -> None:
    with pytest.raises(errors.EmptyOpening):
        office.bring([])


@pytest.mark.slow
def test_nobody_gets_two_opening_balances(office: Office) -> None:
    batch = office.bring(GOOD)
    with pytest.raises(errors.BadOpeningRows):
        office.bring(GOOD[:1])
    office.do(services.withdraw_opening, "second", batch, "wrong year")
    assert office.bring(GOOD[:1])


def test_nothing_is_posted_before_it_was_published(office: Office) -> None:
    batch = office.bring(GOOD)
    for prepare in (None, services.confirm_opening):
        if prepare is not None:
            office.do(prepare, "second", batch)
        with pytest.raises(errors.OpeningStep):
            office.do(services.post_opening, "second", batch)


def test_a_struck_line_is_not_posted(office: Office, counter: Counter) -> None:
    batch = office.published()
    office.do(services.strike_opening_line, "second", f"opening:{batch}:2", "the paper book says 20")
    posted = office.do(services.post_opening, "second", batch)
    assert sorted(posted) == [f"opening:{batch}:{row}" for row in (3, 4)]
    assert office.lines(batch)[0].struck_because == "the paper book says 20"
    with pytest.raises(errors.OpeningStep):
        office.do(services.strike_opening_line, "second", f"opening:{batch}:3", "too late")


def test_a_frozen_line_waits_for_its_decision(office: Office, counter: Counter) -> None:
    village, batch = office.village, office.published()
    key, who = f"opening:{batch}:2", system(village.community)
    assert key not in office.do(services.post_opening, who, batch, {key})
    with pytest.raises(errors.OpeningStep):
        office.do(services.withdraw_opening, "second", batch, "some of it stands in the book")
    assert key in office.do(services.post_opening, who, batch)
    assert counter.balance(f"household:{village.households['2-0317']}") == 12000
    assert counter.balance(f"household:{village.households['1-0412']}") == 3350
    assert counter.faults() == []


@pytest.mark.parametrize("key", ["award:1", "opening:1", "opening:x:1", "opening:1:999"])
def test_only_lines_that_are_there_can_be_struck(office: Office, key: str) -> None:
    office.published()
    with pytest.raises((errors.UnknownEntry, NotFound)):
        office.do(services.strike_opening_line, "second", key, "x")
