"""Entering, changing and closing places; tags; files; who may and who may not; two at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from pointsbank.core import sheets, tenancy
from pointsbank.core.audit import AuditRow
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import NotFound
from pointsbank.places import codes, errors, importing, queries, services
from pointsbank.places.coordinates import Crs, distance, wgs84_to_gcj02
from pointsbank.places.facts import Facts
from pointsbank.places.models import Place, PlaceKind, PlaceTag
from tests.deductions.test_races import at_once, kinds
from tests.support.village import Village

GATE = Facts("东门", PlaceKind.FACILITY, ("大门", "East Gate"), "垃圾桶", None, 27.0943, 113.5218)
WELL = Facts("老井", PlaceKind.SITE, (), "", None, 27.0950, 113.5220)


@pytest.fixture
def home(app: Flask, clock: Any, village: Village) -> Iterator[Village]:
    with app.app_context():
        yield village


def enter(home: Village, facts: Facts = GATE, who: str = "member") -> int:
    with transaction():
        return services.create(home.actor(who), facts).id


def issue(home: Village, place_id: int) -> str:
    with transaction():
        return codes.code_of(services.issue_tags(home.actor("member"), [place_id])[0])


def verbs() -> list[str]:
    return list(db.session.scalars(sa.select(AuditRow.verb).where(AuditRow.verb.startswith("places."))
                                   .order_by(AuditRow.id)))


# ── Places ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_place_is_entered_changed_and_closed_and_each_step_is_on_record(home: Village) -> None:
    place_id = enter(home)
    with transaction():
        services.change(home.actor("admin"), place_id, Facts("东大门", PlaceKind.FACILITY, ("东门",)))
    with transaction():
        services.close(home.actor("member"), place_id)
    place = queries.place(home.community, place_id)
    assert (place.name, place.lat, place.crs, place.aliases) == ("东大门", None, None, ["东门"])
    assert place.closed_at is not None
    assert verbs() == ["places.create", "places.change", "places.close"]
    with pytest.raises(errors.Closed), transaction():
        services.change(home.actor("member"), place_id, GATE)
    with pytest.raises(errors.Closed), transaction():
        services.close(home.actor("member"), place_id)


@pytest.mark.parametrize("who", ["alice", "reviewer", "leader", "grid", "keeper", "other_member"])
def test_nobody_but_the_committee_and_administrators_writes_places(home: Village, who: str) -> None:
    place_id = enter(home)
    actor = home.actor(who)
    wanted: Any = NotFound if who == "other_member" else errors.NotAllowed
    with pytest.raises(wanted), transaction():
        services.close(actor, place_id)
    with pytest.raises(wanted), transaction():
        services.issue_tags(actor, [place_id])
    if who != "other_member":
        with pytest.raises(errors.NotAllowed), transaction():
            services.create(actor, WELL)
        with pytest.raises(errors.NotAllowed):
            importing.plan(actor, b"name\nx\n")


def test_the_numbers_are_kept_as_given_and_converted(home: Village) -> None:
    amap = wgs84_to_gcj02(27.0943, 113.5218)
    place = queries.place(home.community, enter(home, Facts("井", lat=amap[0], lon=amap[1], crs=Crs.GCJ02)))
    assert (place.given_lat, place.given_lon, place.crs) == (*amap, Crs.GCJ02)
    assert distance((place.lat or 0, place.lon or 0), (27.0943, 113.5218)) < 0.01


@pytest.mark.parametrize(("facts", "refusal"), [
    (Facts("  "), errors.WrongName), (Facts("长" * 61), errors.WrongName), (Facts("a\0b"), errors.WrongName),
    (Facts("a", aliases=("长" * 41,)), errors.WrongAliases), (Facts("a", note="长" * 201), errors.WrongNote),
    (Facts("a", aliases=tuple(f"名{n}" for n in range(11))), errors.WrongAliases),
    (Facts("a", lat=27.0), errors.WrongPosition), (Facts("a", lat=float("nan"), lon=113.0), errors.WrongPosition),
    (Facts("a", lat=113.5, lon=27.0), errors.WrongPosition), (Facts("a", area_id=999_999), errors.WrongArea),
    (Facts("东门"), errors.NameTaken), (Facts("a", lat=27.6, lon=113.5), errors.TooFarAway),
    (Facts("a\ud800"), errors.WrongName)])
def test_what_cannot_be_right_is_refused_and_nothing_is_written(home: Village, facts: Facts, refusal: Any) -> None:
    enter(home)
    with pytest.raises(refusal) as refused, transaction():
        services.create(home.actor("member"), facts)
    assert "%(" not in refused.value.sentence
    assert len(queries.listed(home.community).items) == 1


def test_an_area_of_another_community_is_refused_and_other_communities_places_do_not_exist(home: Village) -> None:
    with pytest.raises(errors.WrongArea), transaction():
        services.create(home.actor("member"), Facts("a", area_id=home.other))
    place_id = enter(home)
    with pytest.raises(NotFound):
        queries.place(home.other, place_id)
    assert queries.listed(home.other).items == []
    assert enter(home, who="other_member") != place_id  # the same name elsewhere is no matter


def test_thirty_kilometres_are_measured_from_the_middle_of_the_others(home: Village) -> None:
    only = enter(home)
    with transaction():  # alone it has no others: a wrong first position can be put right
        services.change(home.actor("member"), only, Facts("东门", lat=28.0, lon=113.5))
    enter(home, Facts("近", lat=28.2, lon=113.5))
    with pytest.raises(errors.TooFarAway) as refused, transaction():
        services.create(home.actor("member"), Facts("远", lat=28.5, lon=113.5))
    assert refused.value.data == {"km": 44}


def test_a_closed_name_is_free_again(home: Village) -> None:
    first = enter(home)
    with transaction():
        services.close(home.actor("member"), first)
    assert enter(home) != first


def test_places_are_found_by_name_and_alias_in_one_statement(home: Village, queries_seen: Any) -> None:
    gate, well = enter(home), enter(home, WELL)
    for text, wanted in (("东门", [gate]), ("ＥＡＳＴ gate", [gate]), ("井", [well]), ("%", []), ("", [gate, well])):
        with queries_seen() as seen:
            assert [p.id for p in queries.listed(home.community, text=text).items] == wanted
        assert len(seen) == 1


@pytest.fixture
def queries_seen(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue("queries")


def test_the_tree_leads_from_the_community_to_the_place_page_by_page(home: Village) -> None:
    from pointsbank.communities import services as communities
    from pointsbank.communities.models import AreaKind
    from pointsbank.core.actor import system

    with transaction():
        grid = communities.create_area(system(), kind=AreaKind.GRID, code="g1", name="第一网格",
                                       parent_id=home.community)
        house = communities.create_area(system(), kind=AreaKind.BUILDING, code="b1", name="1 号楼", parent_id=grid.id)
    grid_id, house_id = grid.id, house.id
    enter(home)
    for number in range(25):
        enter(home, Facts(f"垃圾桶 {number}", area_id=house_id))
    top = queries.branch(home.community)
    assert ([a.id for a in top.areas.items], [p.name for p in top.places.items]) == ([grid_id], ["东门"])
    leaf = queries.branch(home.community, house_id)
    assert [a.id for a in leaf.above] == [home.community, grid_id]
    assert len(leaf.places.items) == 20
    assert len(queries.branch(home.community, house_id, places=leaf.places.next).places.items) == 5
    with pytest.raises(NotFound):
        queries.branch(home.other, house_id)


# ── Tags ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_tag_names_its_place_until_it_is_revoked_or_replaced(home: Village) -> None:
    place_id = enter(home)
    first = issue(home, place_id)
    assert services.place_of_tag(first).id == place_id
    assert services.place_of_tag(first.lower()).id == place_id
    with pytest.raises(errors.TagInForce), transaction():
        services.issue_tags(home.actor("member"), [place_id])
    with transaction():
        second = codes.code_of(services.reissue_tag(home.actor("admin"), place_id))
    with pytest.raises(errors.RevokedTag):
        services.place_of_tag(first)
    assert services.place_of_tag(second).id == place_id
    with transaction():
        services.revoke_tag(home.actor("member"), place_id)
    with pytest.raises(errors.NoTag), transaction():
        services.revoke_tag(home.actor("member"), place_id)
    assert [t.number for t in queries.tags_of(home.community, place_id)] == [2, 1]


def test_closing_a_place_revokes_its_tag(home: Village) -> None:
    place_id = enter(home)
    code = issue(home, place_id)
    with transaction():
        services.close(home.actor("member"), place_id)
    with pytest.raises(errors.RevokedTag):
        services.place_of_tag(code)
    with pytest.raises(NotFound), transaction():
        services.issue_tags(home.actor("member"), [place_id])


def test_a_code_cannot_be_made_from_what_the_table_holds_or_from_another(home: Village, app: Flask) -> None:
    place_id = enter(home)
    code = issue(home, place_id)
    swapped = ("A" if code[10] != "A" else "B").join((code[:10], code[11:]))
    for forged in (swapped, code[:-1], code + "A", "", "x", "1", "é" * 23, "A" * 23, "7" * 23):
        with pytest.raises(errors.UnknownTag):
            services.place_of_tag(forged)
    tag = db.session.scalars(sa.select(PlaceTag)).one()
    app.config["SECRET_KEY"], kept = "another secret", app.config["SECRET_KEY"]
    try:
        assert codes.code_of(tag) != code
    finally:
        app.config["SECRET_KEY"] = kept


def test_a_tag_is_found_by_whoever_walks_past_also_from_another_community(home: Village) -> None:
    code = issue(home, enter(home))
    with transaction(), tenancy.scope(home.other):
        assert services.place_of_tag(code).name == "东门"


# ── Files ───────────────────────────────────────────────────────────────────────────────────────────────────────

HEAD = ["名称", "类型", "别名", "纬度", "经度", "坐标系", "网格"]


def take(home: Village, raw: bytes, **more: Any) -> importing.Report:
    with transaction():
        return importing.import_places(home.actor("member"), raw, **more)


def sheet(*rows: list[str]) -> bytes:
    return sheets.write_xlsx("x", HEAD, rows)


def test_a_sheet_with_faults_is_taken_whole_not_at_all_or_by_its_good_rows(home: Village) -> None:
    enter(home)
    raw = sheet(["老井", "场地", "井、古井", "27.0950", "113.5220", "", ""], ["", "", "", "", "", "", ""],
                ["甲", "飞机", "", "", "", "", ""], ["乙", "", "", "北", "1", "", ""],
                ["丙", "", "", "", "", "月亮", ""],
                ["丁", "", "", "", "", "", "没有的网格"],
                ["戊", "", "", "30.0", "113.5", "", ""], ["老井", "", "", "", "", "", ""],
                ["东门", "", "", "", "", "", ""], ["己", "", "", "27.1", "", "", ""])
    refused = take(home, raw)
    assert (refused.imported, [f.row for f in refused.faults]) == (0, [4, 5, 6, 7, 8, 9, 11])
    assert all("%(" not in f.sentence for f in refused.faults)
    assert len(queries.listed(home.community).items) == 1
    taken = take(home, raw, good_rows_only=True)
    assert (taken.imported, taken.known) == (1, 1)
    again = take(home, raw, good_rows_only=True)
    assert (again.imported, again.known) == (0, 2)


def test_a_file_for_an_empty_community_refuses_the_one_point_that_lies_elsewhere(home: Village) -> None:
    rows = [[f"楼{n}", "楼栋", "", f"{27.09 + n / 1000}", "113.52", "", ""] for n in range(4)]
    report = take(home, sheet(*rows, ["错", "", "", "39.9", "116.4", "", ""]), good_rows_only=True)
    assert (report.imported, [f.row for f in report.faults]) == (4, [6])


def test_the_empty_file_to_fill_in_can_be_taken_over_as_it_is(home: Village) -> None:
    assert take(home, importing.template(english=True)).imported == 2
    assert take(home, importing.template(english=False)).imported == 2


def feature(name: Any, coordinates: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"name": name, **properties},
            "geometry": {"type": "Point", "coordinates": coordinates}}


def geojson(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def test_each_bad_feature_of_a_geojson_file_is_named_by_its_number(home: Village) -> None:
    line = {"type": "Feature", "properties": {"name": "路"}, "geometry": {"type": "LineString", "coordinates": []}}
    raw = geojson(feature("井", [113.52, 27.09], kind="site", aliases=["古井"]), line, 7, None,
                  feature(3, [113.52, 27.09]), feature("a", ["x", 1]), feature("b", [113.52]),
                  feature("c", [113.52, float("nan")]), feature("d", [113.52, 27.09], kind="rocket"),
                  feature("e", [113.52, 27.09], aliases=[1]), feature("f", [10**400, 1]),
                  feature("g", [True, 1]), feature("h", [113.52, 27.0901, 80], aliases="甲、乙"))
    assert [f.row for f in take(home, raw).faults] == [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    assert take(home, raw, good_rows_only=True).imported == 2
    place = queries.listed(home.community, text="古井").items[0]
    assert (place.kind, place.lat, place.lon, place.crs) == (PlaceKind.SITE, 27.09, 113.52, Crs.WGS84)


@pytest.mark.parametrize("raw", [b"{}", b"[1]", b'{"type": "FeatureCollection", "features": 3}', b"{" * 10,
                                 b"[" * 90_000,
                                 b'{"type": "FeatureCollection", "features": [' + b"9" * 5000 + b"]}", b"{\xff"])
def test_what_is_no_geojson_is_refused_whole(home: Village, raw: bytes) -> None:
    with pytest.raises(errors.NotGeoJson):
        importing.plan(home.actor("member"), raw)


def test_too_many_features_and_too_many_bytes_are_refused(home: Village) -> None:
    with pytest.raises(errors.TooMuch):
        importing.plan(home.actor("member"), geojson(*[{}] * 2001))
    with pytest.raises(errors.TooMuch):
        importing.plan(home.actor("member"), b"name\n" + b"x" * importing.MOST_BYTES)


# ── Two at once ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_who_enter_the_same_place_at_once_enter_it_once(home: Village, app: Flask) -> None:
    actors = [home.actor(who) for who in ("member", "second", "admin")]
    found = at_once(app, [lambda a=a: services.create(a, GATE).id for a in actors])  # type: ignore[misc]
    assert kinds(found) == {"done": 1, "NameTaken": 2}


def test_two_who_issue_a_tag_at_once_issue_one(home: Village, app: Flask) -> None:
    place_id = enter(home)
    actors = [home.actor(who) for who in ("member", "second", "admin")]
    found = at_once(app, [lambda a=a: len(services.issue_tags(a, [place_id])) for a in actors])  # type: ignore[misc]
    assert kinds(found) == {"done": 1, "TagInForce": 2}


def test_without_the_question_for_the_name_the_database_still_takes_one(home: Village,
                                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    enter(home)
    monkeypatch.setattr(services, "_check", lambda _c, facts, **_more: facts)
    with pytest.raises(sa.exc.IntegrityError):
        run(lambda: services.create(home.actor("second"), GATE).id)
    assert db.session.scalar(sa.select(sa.func.count(Place.id))) == 1
