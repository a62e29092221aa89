"""Working days: the State Council's calendar with its worked weekends, and what a place adds of its own."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask

from pointsbank.communities import services, working_days
from pointsbank.communities.errors import DayOver, DayTaken, NotYours
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Invalid, NotFound
from tests.support.village import Village


def day(month: int, number: int, year: int = 2026) -> dt.date:
    return dt.date(year, month, number)


# Counted by hand with the State Council's notice for 2026. Off: 1-3 January, 15-23 February, 4-6 April, 1-5 May,
# 19-21 June, 25-27 September, 1-7 October. Worked: 4 January, 14 and 28 February, 9 May, 20 September, 10 October.
SEVENTH = [
    (day(12, 31, 2025), day(1, 12)),  # Sunday the 4th is worked
    (day(1, 3), day(1, 12)),          # brought on a holiday
    (day(2, 5), day(2, 14)),          # the seventh is a worked Saturday
    (day(2, 6), day(2, 24)),          # the seventh is the first day after the Spring Festival
    (day(2, 12), day(2, 28)),         # both worked Saturdays count
    (day(2, 13), day(3, 2)),
    (day(2, 14), day(3, 3)),          # brought on a worked Saturday, which itself doesn't count
    (day(2, 17), day(3, 3)),          # brought on New Year's Day by the moon
    (day(2, 23), day(3, 3)),
    (day(2, 28), day(3, 10)),
    (day(4, 1), day(4, 13)),          # over Qingming
    (day(4, 18), day(4, 28)),         # a plain Saturday
    (day(4, 27), day(5, 9)),          # over Labour Day to a worked Saturday
    (day(4, 28), day(5, 11)),
    (day(6, 18), day(6, 30)),         # over the Dragon Boat Festival
    (day(9, 11), day(9, 21)),         # Sunday the 20th is worked
    (day(9, 18), day(9, 29)),         # over Mid-Autumn
    (day(9, 20), day(9, 30)),         # brought on a worked Sunday
    (day(9, 21), day(10, 8)),         # the seventh is the first day after National Day
    (day(9, 29), day(10, 14)),        # Saturday the 10th is worked
    (day(9, 30), day(10, 15)),
    (day(10, 4), day(10, 15)),        # brought in the holidays
    (day(10, 10), day(10, 20)),
    (day(1, 3, 2050), day(1, 12, 2050)),  # a year that isn't known: Monday to Friday
]


@pytest.fixture
def office(app: Flask, clock: Any, village: Village) -> Any:
    clock.at(2026, 1, 1)
    with app.app_context():
        yield village


def due(village: Village, opened: dt.date, community: int | None = None) -> dt.date:
    found = working_days.after(community or village.community, opened, 7)
    db.session.rollback()
    return found


def add(village: Village, by: str, area: int, first: dt.date, last: dt.date | None = None, *, worked: bool = False,
        name: str = "赶集日") -> None:
    with transaction():
        services.add_days(village.actor(by), area, first, last, is_worked=worked, name=name)


def test_the_seventh_working_day_as_counted_by_hand(office: Village) -> None:
    assert len(SEVENTH) >= 20
    assert {opened: due(office, opened) for opened, _due in SEVENTH} == dict(SEVENTH)


def test_plain_weekdays_would_give_other_days() -> None:
    """The control: without holidays and worked weekends most of the table would be wrong."""

    def weekdays(opened: dt.date) -> dt.date:
        left, at = 7, opened
        while left:
            at += dt.timedelta(days=1)
            left -= at.weekday() < 5
        return at

    assert sum(weekdays(opened) != wanted for opened, wanted in SEVENTH) >= 18


def test_a_place_that_is_shut_longer_answers_later_and_its_neighbour_does_not(office: Village) -> None:
    add(office, "member", office.community, day(4, 20), day(4, 22))
    assert due(office, day(4, 18)) == day(5, 6)
    assert due(office, day(4, 18), office.other) == day(4, 28)


def test_a_worked_weekend_of_ones_own_brings_the_answer_forward(office: Village) -> None:
    add(office, "member", office.community, day(4, 25), worked=True, name="补班")
    assert due(office, day(4, 18)) == day(4, 27)


def test_what_the_county_decides_holds_below_and_the_nearest_has_the_word(office: Village) -> None:
    with transaction():
        services.add_days(_above(office), office.county, day(4, 20), None, is_worked=False, name="县庆")
    assert due(office, day(4, 18)) == due(office, day(4, 18), office.other) == day(4, 29)
    add(office, "member", office.community, day(4, 20), worked=True, name="照常办公")
    assert due(office, day(4, 18)) == day(4, 28)
    assert due(office, day(4, 18), office.other) == day(4, 29)


def _above(village: Village) -> Any:
    """Somebody of the county's own office."""
    import dataclasses

    from pointsbank.communities.queries import area
    from pointsbank.core.actor import Grant

    path = area(village.county).path
    return dataclasses.replace(village.actor("supervisor"),
                               grants=(Grant("area_supervisor", village.county, path),))


def test_only_the_office_of_an_area_decides_for_it(office: Village) -> None:
    with pytest.raises(NotYours):
        add(office, "member", office.county, day(4, 20))
    with pytest.raises(NotFound):
        add(office, "member", office.other, day(4, 20))
    with pytest.raises(NotFound):
        add(office, "other_member", office.community, day(4, 20))
    for key in ("alice", "grid", "reviewer", "keeper"):
        with pytest.raises(NotYours):
            add(office, key, office.community, day(4, 20))
    add(office, "supervisor", office.town, day(4, 20))
    assert due(office, day(4, 18), office.other) == day(4, 29)


def test_days_that_are_over_twice_or_make_no_sense_are_refused(office: Village, clock: Any) -> None:
    clock.at(2026, 4, 18)
    for wrong in ((day(4, 17), None, "迟了"), (day(4, 20), day(4, 19), "倒了"), (day(4, 20), day(5, 21), "太长"),
                  (day(4, 20), None, " ")):
        with pytest.raises(Invalid):
            add(office, "member", office.community, wrong[0], wrong[1], name=wrong[2])
    add(office, "member", office.community, day(4, 20))
    with pytest.raises(DayTaken):
        add(office, "member", office.community, day(4, 19), day(4, 21))
    assert due(office, day(4, 18)) == day(4, 29), "nothing half done: the 21st is worked"
    clock.at(2026, 4, 21)
    with pytest.raises(DayOver), transaction():
        services.remove_day(office.actor("member"), office.community, day(4, 20))
    with pytest.raises(NotFound), transaction():
        services.remove_day(office.actor("member"), office.community, day(4, 23))


def test_a_day_to_come_is_taken_out_again(office: Village) -> None:
    add(office, "member", office.community, day(4, 20))
    with pytest.raises(NotFound), transaction():
        services.remove_day(office.actor("other_member"), office.community, day(4, 20))
    with transaction():
        services.remove_day(office.actor("second"), office.community, day(4, 20))
    assert due(office, day(4, 18)) == day(4, 28)


def test_counting_costs_the_same_whatever_is_entered(office: Village, queries: Any) -> None:
    with queries() as few:
        due(office, day(4, 18))
    add(office, "member", office.community, day(4, 20), day(5, 18))
    with queries() as many:
        due(office, day(4, 18))
    assert len(few) == len(many) <= 2


def test_a_missing_calendar_is_told_a_month_before() -> None:
    assert working_days.year_without_calendar(day(4, 18)) is None
    assert working_days.year_without_calendar(day(11, 29, 2049)) == 2049
    assert working_days.year_without_calendar(day(12, 15, 2049)) == 2050


# ── The page ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_calendar_is_kept_on_its_page(client: Any, clock: Any, village: Village) -> None:
    village.sign_in(client, "member")
    page = client.get("/desk/calendar?year=2026").text
    assert all(text in page for text in ("春节", "国庆节", "10月10日 周六", "柳荫社区"))
    assert "青川县" not in page, "the county's office decides for the county"
    form = {"kind": "closed", "first": "2026-04-20", "last": "", "name": "村里庙会", "area_id": str(village.community)}
    assert client.post("/desk/calendar", data=form).status_code == 303
    assert "村里庙会" in client.get("/desk/calendar").text
    again = client.post("/desk/calendar", data=form)
    assert again.status_code == 409
    assert "4月20日 已经录过了" in again.text
    assert 'value="村里庙会"' in again.text, "the form comes back filled in"
    bad = client.post("/desk/calendar", data={**form, "first": "2026-04-01", "area_id": "x"})
    assert bad.status_code == 422
    assert client.post("/desk/calendar", data={**form, "area_id": ""}).status_code == 422
    for area in (village.other, village.county):
        assert client.post("/desk/calendar", data={**form, "first": "2026-04-21", "area_id": str(area)}).status_code \
            in {403, 404}
    gone = {"area_id": str(village.community), "day": "2026-04-20"}
    assert client.post("/desk/calendar/remove", data={**gone, "day": "nonsense"}).status_code == 404
    assert client.post("/desk/calendar/remove", data=gone).status_code == 303
    assert "村里庙会" not in client.get("/desk/calendar").text


@pytest.mark.parametrize(("key", "seen"), [("reviewer", 200), ("supervisor", 200), ("alice", 403), ("grid", 403)])
def test_who_opens_the_calendar(client: Any, clock: Any, village: Village, key: str, seen: int) -> None:
    village.sign_in(client, key)
    answer = client.get("/desk/calendar")
    assert answer.status_code == seen
    assert ('name="first"' in answer.text) == (key == "supervisor")


def test_the_desk_is_told_a_month_before_a_year_is_missing(client: Any, clock: Any, village: Village) -> None:
    told = "2050 年的放假安排还没有收进来"
    clock.at(2049, 11, 20)
    village.sign_in(client, "member")
    assert "2049 年的放假安排还没有收进来" in client.get("/desk").text
    clock.at(2049, 12, 10)
    for path in ("/desk", "/desk/notices", "/desk/calendar"):
        assert told in client.get(path).text, path
    clock.at(2026, 4, 18)
    village.sign_in(client, "member")
    for path in ("/desk", "/desk/notices", "/desk/calendar"):
        assert "放假安排还没有收进来" not in client.get(path).text
