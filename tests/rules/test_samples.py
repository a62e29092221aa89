"""The sample standards, and the page that says how each published row is expressed in them."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from flask import Flask

from pointsbank.communities.settings import FIELDS
from pointsbank.core.errors import NotFound
from pointsbank.ledger.models import Book
from pointsbank.rules import sheets
from pointsbank.rules.evaluation import Deed, Evaluation, Version, evaluate, taken
from pointsbank.rules.faults import standard_faults
from pointsbank.rules.forms import source_choices
from pointsbank.rules.models import Shape
from tests.rules.scoring_rows import ROWS

PAGE = Path(__file__).parents[2] / "docs" / "scoring-rows.md"
KINDS = {"item", "cap", "setting", "shop", "honours", "flag", "deduction", "review", "not a rule"}
ITEM = re.compile(r"`([a-z_]+) (\d+)\.(\d+)(?:–(\d+)\.(\d+))?`")


@pytest.fixture(autouse=True)
def asked(houses) -> object:  # type: ignore[no-untyped-def]
    app: Flask = houses.empty("sqlite")
    with app.test_request_context():
        yield


def table(name: str) -> list[list[str]]:
    """The rows of a chapter of the page."""
    chapter = PAGE.read_text(encoding="utf-8").split(f"\n## {name}\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in chapter.splitlines() if line.startswith("|")]
    return rows[2:]


def named(text: str) -> set[tuple[str, str]]:
    """The items that a row names, ranges written out."""
    found = set()
    for name, first, start, last, end in ITEM.findall(text):
        assert last in ("", first)
        found |= {(name, f"{first}.{n}") for n in range(int(start), int(end or start) + 1)}
    return found


@pytest.mark.parametrize("name", list(sheets.SAMPLE_NAMES))
def test_every_sample_is_understood_and_sound(name: str) -> None:
    parsed = sheets.read_standard((sheets.SAMPLES / f"{name}.csv").read_bytes())
    assert parsed.faults == ()
    assert list(standard_faults(parsed.rules, parsed.caps)) == []
    assert sheets.sample(name) == list(parsed.rules)
    assert sheets.sample_caps(name) == parsed.caps


def test_every_file_is_a_sample_and_every_sample_is_offered() -> None:
    assert {file.stem for file in sheets.SAMPLES.glob("*.csv")} == set(sheets.SAMPLE_NAMES)
    offered = dict(source_choices(current=True))
    assert set(offered) == {"current", "empty", *sheets.SAMPLE_NAMES}
    with pytest.raises(NotFound):
        sheets.sample("../secret")


def test_the_samples_show_every_shape() -> None:
    assert {rule.shape for name in sheets.SAMPLE_NAMES for rule in sheets.sample(name)} == set(Shape)


@pytest.mark.parametrize("name", list(ROWS))
def test_every_published_row_is_named_with_how_it_is_expressed(name: str) -> None:
    rows = table(name)
    assert [row[0] for row in rows] == ROWS[name]
    for _row, kind, how in rows:
        assert kind in KINDS
        assert bool(named(how)) or kind not in ("item", "cap"), how
        assert kind != "setting" or re.search(r"`[a-z_]+`", how)


def test_every_item_and_setting_that_the_page_names_is_there() -> None:
    known = {(name, rule.code) for name in sheets.SAMPLE_NAMES for rule in sheets.sample(name)}
    told = named(PAGE.read_text(encoding="utf-8"))
    assert told <= known
    assert {item for item in known if item[0] not in ("community", "village")} <= told
    settings = {word for chapter in ROWS for row in table(chapter) for word in re.findall(r"`([a-z_]+)`", row[2])}
    assert settings <= set(FIELDS)


# ── What the samples pay ────────────────────────────────────────────────────────────────────────────────────────


def version_of(name: str) -> Version:
    rules = tuple(draft.as_rule(number) for number, draft in enumerate(sheets.sample(name), 1))
    return Version(1, 1, name, dt.date(2026, 1, 1), None, "", rules, sheets.sample_caps(name))


class Season:
    """Deeds of one sample, one after the other."""

    def __init__(self, name: str) -> None:
        self.version = version_of(name)
        self.used: dict[str, int] = {}
        self.count = 0

    def deed(self, code: str | None = None, **values: object) -> Evaluation:
        self.count += 1
        kind = self.version.by_code[code].kind if code else "volunteering"
        answer = evaluate(Deed(**{"kind": kind, "on": dt.date(2026, 4, 18), "resident_id": 5, "household_id": 7,  # type: ignore[arg-type]
                                  "item_code": code, "source_key": f"contribution:{self.count}", **values}),
                          self.version, self.used)
        for key, amount in taken(answer).items():
            self.used[key] = self.used.get(key, 0) + amount
        return answer


@pytest.mark.parametrize(("yuan", "points"), [
    (9, 0), (10, 10), (99, 90), (100, 100), (500, 500), (999, 900), (1000, 1000), (1400, 1100), (5000, 2000),
    (5500, 2100), (10_000, 3000), (11_000, 3100), (20_000, 4000), (1_000_000, 4000)])
def test_a_donation_pays_by_the_brackets_of_the_issue(yuan: int, points: int) -> None:
    assert Season("donations").deed("1.1", amount=yuan * 100).points == points


def test_a_year_of_donations_pays_forty_points_at_most() -> None:
    season = Season("donations")
    assert [season.deed("1.1", amount=1_000_000).points for _again in range(3)] == [3000, 1000, 0]
    assert season.deed("1.1", amount=1_000_000, on=dt.date(2027, 1, 1)).points == 3000


def test_three_hundred_hours_pay_fifty_points_in_all_and_only_where_one_stayed() -> None:
    season = Season("volunteer_steps")
    paid = [season.deed(minutes=300, share=100, activity_key=f"activity:{n}").points for n in range(60)]
    assert [amount for amount in paid if amount] == [200, 300, 500, 500, 500, 500, 500, 1000, 1000]
    assert paid[1] == 200
    assert season.deed(minutes=6000, share=59).notes[0].reason == "share"


def test_an_hour_pays_a_point_and_an_activity_two_at_most() -> None:
    answer = Season("hailin_hours").deed(minutes=190, activity_key="activity:1")
    assert [(line.book, line.amount) for line in answer.lines] == [(Book.POINTS, 200), (Book.MINUTES, 190)]


def test_of_one_act_only_the_highest_honour_counts_and_different_acts_add_up() -> None:
    season = Season("household_plan")
    given = [season.deed(code, act_key=act).points for code, act in (
        ("1.4", "act:1"), ("1.2", "act:1"), ("1.6", "act:1"), ("1.6", "act:2"))]
    assert given == [1500, 1500, 0, 500]
    assert [season.deed("3.1").points for _again in range(2)] == [1000, 0]


def test_a_clean_yard_is_worth_fifty_a_month_and_the_inspection_a_hundred() -> None:
    season = Season("villages")
    assert [season.deed("2.1", score=score).points for score in (3000, 6000, 100)] == [3000, 2000, 0]
    items = [rule for rule in season.version.rules if rule.code.startswith("6.")]
    assert sum(rule.full_score for rule in items) == 6700
    assert sum(season.deed(rule.code, score=10_000).points for rule in items) == 6700


def test_the_super_market_gives_out_what_its_fund_holds_and_never_less_than_five_at_a_time() -> None:
    season = Season("villages")
    assert season.deed("5.1", score=400).notes[0].reason == "too_little"
    given = [season.deed("5.1", score=100_000, resident_id=n, household_id=n).points for n in range(4)]
    assert given == [100_000, 100_000, 100_000, 0]


def test_rubbish_counts_from_a_square_metre_on_with_two_photos_for_the_first_who_reports_it() -> None:
    season = Season("snapshots")
    good = {"size": 100, "photos": 2}
    assert season.deed("1.1", **good).points == 100
    for wrong, reason in (({"size": 99}, "size"), ({"photos": 1}, "photos"), ({"is_first": False}, "first")):
        assert season.deed("1.1", **{**good, **wrong}).notes[0].reason == reason
    prizes = [season.deed("3.1", resident_id=n).points for n in range(4)]
    assert prizes == [100_000] * 3 + [0]
