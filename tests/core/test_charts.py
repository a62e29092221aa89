"""Charts: true to their numbers, readable without colour, safe with any text."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from markupsafe import Markup

from pointsbank.core import charts


def heights(markup: Markup) -> list[float]:
    return [float(h) for h in re.findall(r'<rect x="[\d.]+" y="[\d.]+" width="[\d.]+" height="([\d.]+)"', markup)]


def months(*values: tuple[float, float]) -> list[charts.Column]:
    return [charts.Column(f"{n}月", pair, n == len(values)) for n, pair in enumerate(values, 1)]


def test_every_chart_is_well_formed_and_says_its_finding() -> None:
    drawn = [
        charts.bars(months((4, 2), (6, 5)), "发出比兑换多", name="a"),
        charts.gauge(89, "过了提醒线", owed="欠", kept="备", warn="80%", stop="100%"),
        charts.houses(33, "三十三座亮灯"),
        charts.flow(("存入", 4210, "4,210 分"), ("换走", 2630, "2,630 分"), "存得多", name="f"),
    ]
    for chart in drawn:
        root = ElementTree.fromstring(str(chart))
        assert root.get("role") == "img"
        assert root.get("aria-label")


def test_columns_start_at_zero_and_keep_their_proportions() -> None:
    tall, short = heights(charts.bars([charts.Column("一", (8,)), charts.Column("二", (2,))], "x", name="a"))
    assert tall / short == 4


def test_the_second_series_is_hatched_so_that_a_grey_copy_still_tells_them_apart() -> None:
    chart = charts.bars(months((4, 2)), "x", name="m")
    assert 'fill="url(#m-h)"' in chart
    assert '<pattern id="m-h"' in chart


def test_only_the_current_month_carries_its_numbers() -> None:
    chart = charts.bars(months((4, 2), (6.5, 5)), "x", name="a")
    assert re.findall(r'class="pb-strong[^>]*>([^<]+)<', chart) == ["6.5", "5", "2月"]


def test_a_year_without_a_single_point_is_drawn_as_an_empty_axis() -> None:
    assert heights(charts.bars(months((0, 0), (0, 0)), "x", name="a")) == [0, 0, 0, 0]


def test_at_most_twelve_columns_are_shown_and_they_are_the_last() -> None:
    chart = charts.bars([charts.Column(str(n), (1,)) for n in range(100, 120)], "x", name="a")
    assert ">119<" in chart
    assert ">107<" not in chart


def test_the_gauge_does_not_run_off_the_paper() -> None:
    chart = charts.gauge(740, "x", owed="", kept="", warn="", stop="")
    assert max(float(w) for w in re.findall(r'width="([\d.]+)"', chart)) <= 336
    assert "740%" in chart


def test_as_many_houses_are_lit_as_were_asked_for() -> None:
    chart = charts.houses(33, "x")
    assert chart.count(charts.LIGHT) == 33
    assert chart.count("l13-12") == 100


def test_text_of_people_cannot_break_out_of_a_chart() -> None:
    chart = charts.bars([charts.Column('"><script>', (1,))], '"><script>', name="a")
    assert "<script>" not in chart
