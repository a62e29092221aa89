"""Conversions against known points, sentences in both languages, the plan: all pure."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask_babel import force_locale

from pointsbank.places import coordinates, drawing
from pointsbank.places.coordinates import Crs, distance, to_wgs84
from pointsbank.places.positions import Spot, describe, nearest

HOME = (27.0943, 113.5218)


def spot(number: int, name: str, north: float, east: float) -> Spot:
    """A place so many metres north and east of home."""
    return Spot(number, name, HOME[0] + north / 111_195, HOME[1] + east / 98_990)


@pytest.fixture
def words(houses):  # type: ignore[no-untyped-def]
    app: Flask = houses.empty("sqlite")
    with app.test_request_context():
        yield force_locale


@pytest.mark.parametrize(("convert", "wanted"), [
    (coordinates.wgs84_to_gcj02, (39.91640428150164, 116.41024449916938)),
    (coordinates.gcj02_to_bd09, (39.92133699351022, 116.41036949371029)),
    (coordinates.bd09_to_gcj02, (39.90865673957631, 116.39762729119315)),
])
def test_known_points_are_converted_as_others_publish_them(convert, wanted) -> None:  # type: ignore[no-untyped-def]
    assert convert(39.915, 116.404) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("point", [(27.0943, 113.5218), (45.8, 126.5), (18.25, 109.5), (43.8, 87.6)])
def test_there_and_back_is_the_same_point_to_a_metre(point) -> None:  # type: ignore[no-untyped-def]
    amap = coordinates.wgs84_to_gcj02(*point)
    assert distance(point, amap) > 100
    assert distance(point, to_wgs84(*amap, Crs.GCJ02)) < 0.01
    assert distance(point, to_wgs84(*coordinates.gcj02_to_bd09(*amap), Crs.BD09)) < 1
    assert to_wgs84(*point, Crs.WGS84) == point


def test_nothing_is_moved_abroad() -> None:
    assert to_wgs84(48.8566, 2.3522, Crs.GCJ02) == (48.8566, 2.3522)


def test_a_point_is_told_by_the_nearest_place_and_what_it_lies_between(words) -> None:  # type: ignore[no-untyped-def]
    point = spot(0, "", 60, 0).point
    spots = [spot(1, "Building 3", 0, 0), spot(2, "Building 5", 150, 5), spot(3, "Well", -300, 0)]
    with words("en"):
        assert describe(point, spots) == "60 m north of Building 3, between Building 3 and Building 5"
        assert describe(point, spots[::2]) == "60 m north of Building 3"
    with words("zh_Hans_CN"):
        said = describe(point, [spot(1, "3 号楼", 0, 0), spot(2, "5 号楼", 150, 5)])
        assert said == "3 号楼北边 60 米，在“3 号楼”和“5 号楼”之间"


@pytest.mark.parametrize(("north", "east", "said"), [
    (60, 60, "north-east"), (0, 80, "east"), (-60, 60, "south-east"), (-70, 0, "south"), (-60, -60, "south-west"),
    (0, -80, "west"), (60, -60, "north-west"), (80, 10, "north")])
def test_each_of_the_eight_directions_has_its_word(words, north, east, said) -> None:  # type: ignore[no-untyped-def]
    with words("en"):
        assert f"m {said} of Well" in describe(spot(0, "", north, east).point, [spot(1, "Well", 0, 0)])


def test_a_point_at_a_place_or_far_from_all_says_so(words) -> None:  # type: ignore[no-untyped-def]
    with words("en"):
        assert describe(spot(0, "", 4, 3).point, [spot(1, "Well", 0, 0)]) == "at Well"
        far = describe(spot(0, "", 3000, 0).point, [spot(1, "Well", 0, 0)])
        assert far == "Far from every place we know; the nearest: 3.0 km north of Well."
        assert describe(HOME, []) == "No place with a position is known here."


def test_the_nearest_come_first_and_no_more_than_asked() -> None:
    spots = [spot(n, f"{n}", n * 40, 0) for n in range(6)]
    assert [n.spot.id for n in nearest(spot(0, "", 85, 0).point, spots, most=3)] == [2, 3, 1]


def village(count: int) -> list[Spot]:
    return [spot(n, f"柳荫路{n}号楼", n // 8 * 45, n % 8 * 60 + n // 8 * 7) for n in range(1, count + 1)]


def test_a_plan_of_sixty_places_is_small_and_says_what_it_is(words) -> None:  # type: ignore[no-untyped-def]
    with words("zh_Hans_CN"):
        plan = drawing.draw(village(60), title="柳荫社区平面图 <1>", highlighted=5)
    assert plan is not None
    assert (len(plan.spots), plan.left_out) == (60, 0)
    assert len(str(plan.svg).encode()) < 10_000
    root = ElementTree.fromstring(str(plan.svg))
    assert root[0].text == "柳荫社区平面图 <1>"
    assert root.get("aria-labelledby") == "plan-t plan-d"
    assert "script" not in str(plan.svg)
    assert "style=" not in str(plan.svg)


def test_more_than_sixty_places_leave_out_the_farthest_and_say_how_many(words) -> None:  # type: ignore[no-untyped-def]
    with words("en"):
        plan = drawing.draw(village(75), title="x", highlighted=1)
    assert plan is not None
    assert (len(plan.spots), plan.left_out) == (60, 15)
    assert 1 in {s.id for s in plan.spots}


def test_labels_never_lie_over_each_other_and_the_highlighted_one_has_its_name(words) -> None:  # type: ignore[no-untyped-def]
    spots = village(60)
    with words("en"):
        svg = str(drawing.draw(spots, title="x", highlighted=30).svg)  # type: ignore[union-attr]
    assert 'font-weight="700">柳荫路30号楼<' in svg
    labels = re.findall(r'<text x="(-?\d+)" y="(\d+)"[^>a]*>([^<]+)</text>', svg.split('<g fill="#17211c">')[1])
    boxes = [(int(x), int(y) - 9, int(x) + drawing._wide(t), int(y) + 1) for x, y, t in labels]
    assert len(boxes) > 20
    for place, box in enumerate(boxes):
        assert box[0] >= 0
        assert box[2] <= 360
        assert not drawing._clash(box, boxes[:place])


def test_one_place_alone_and_places_on_one_spot_can_be_drawn(words) -> None:  # type: ignore[no-untyped-def]
    with words("en"):
        assert drawing.draw([], title="x") is None
        assert drawing.draw([spot(1, "Well", 0, 0)], title="x") is not None
        assert drawing.draw([spot(1, "Well", 0, 0), spot(2, "Tree", 0, 0)], title="x") is not None


def test_the_scale_bar_is_a_round_number_within_a_third_of_the_paper() -> None:
    assert drawing.scale_bar(1.0, 360) == 100
    assert drawing.scale_bar(0.5, 360) == 200
    assert drawing.scale_bar(100.0, 360) == 10


def test_the_list_orders_numbers_by_their_size(words) -> None:  # type: ignore[no-untyped-def]
    with words("en"):
        plan = drawing.draw([spot(n, f"{n} 号楼", n * 30, 0) for n in (10, 2, 1)], title="x")
    assert [s.name for s in plan.spots] == ["1 号楼", "2 号楼", "10 号楼"]  # type: ignore[union-attr]


def test_pins_say_how_many_and_labels_keep_clear_of_them(words) -> None:  # type: ignore[no-untyped-def]
    spots = [Spot(n, f"地点{n}", 29.5 + n * 0.001, 106.5 + (n % 3) * 0.001) for n in range(1, 9)]
    with words("en"):
        plain, pinned = (drawing.draw(spots, title="图", pins=pins) for pins in (None, {3: 4, 5: 120}))
    assert plain is not None
    assert pinned is not None
    assert plain.svg.count("<circle") == 0
    assert pinned.svg.count('r="11" fill="#b3261e"') == 2
    assert ">4</text>" in pinned.svg
    assert ">99+</text>" in pinned.svg
    assert pinned.spots == plain.spots
