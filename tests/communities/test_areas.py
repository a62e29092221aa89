"""The tree of areas."""

from __future__ import annotations

import pytest

from pointsbank.communities import queries, services
from pointsbank.communities.errors import CodeTaken, NotYours, WrongPlace
from pointsbank.communities.models import AreaKind
from pointsbank.core.actor import system
from pointsbank.core.db import transaction
from pointsbank.core.errors import Invalid, NotFound


def test_the_system_founds_a_county_and_everything_below(app):
    with app.app_context(), transaction():
        county = services.create_area(system(), kind=AreaKind.COUNTY, code="county", name="青川县")
        town = services.create_area(system(), kind=AreaKind.TOWN, code="town", name="柳河街道", parent_id=county.id)
        home = services.create_area(system(), kind=AreaKind.COMMUNITY, code="home", name="柳荫社区", parent_id=town.id)
        block = services.create_area(system(), kind=AreaKind.BUILDING, code="b1", name="1 栋", parent_id=home.id)
        assert block.path == f"{county.id}.{town.id}.{home.id}.{block.id}."
        assert (county.community_id, home.community_id, block.community_id) == (None, home.id, home.id)
        assert [a.id for a in queries.communities_below(county.path)] == [home.id]
        assert [a.id for a in queries.above(block.path)] == [home.id, town.id, county.id]
        assert queries.community_at(block.path).id == home.id
        assert queries.community_by_code("home").id == home.id
        with pytest.raises(NotFound):
            queries.community_by_code("town")


def test_a_prefix_of_a_number_is_no_area_above(app, village):
    """Area 1 is not above area 12: paths end with a dot."""
    with app.app_context(), transaction():
        assert queries.inside(village.path.rstrip(".")[:-1] + "9999.") == []


@pytest.mark.parametrize(("kind", "parent"), [
    ("town", "community"), ("community", "community"), ("micro_grid", "community"), ("county", "county"),
    ("building", "town")])
def test_areas_lie_in_their_order(app, village, kind, parent):
    with app.app_context(), pytest.raises(WrongPlace), transaction():
        services.create_area(system(), kind=AreaKind(kind), code="x", name="X", parent_id=getattr(village, parent))


def test_codes_are_unique_and_plain(app, village):
    with app.app_context(), transaction():
        with pytest.raises(CodeTaken):
            services.create_area(system(), kind=AreaKind.GRID, code="HEPING", name="x", parent_id=village.community)
        for code in ("", "a b", "中文", "-x", "x" * 33):
            with pytest.raises(Invalid):
                services.create_area(system(), kind=AreaKind.GRID, code=code, name="x", parent_id=village.community)


@pytest.mark.parametrize("key", ["alice", "leader", "reviewer", "keeper", "other_member"])
def test_others_build_nothing_here(app, village, key):
    with app.app_context(), pytest.raises(NotYours), transaction():
        services.create_area(village.actor(key), kind=AreaKind.GRID, code="g", name="G", parent_id=village.community)


def test_the_committee_builds_inside_its_community_only(app, village):
    with app.app_context(), transaction():
        grid = services.create_area(village.actor("member"), kind=AreaKind.GRID, code="g", name="G",
                                    parent_id=village.community)
        assert services.rename_area(village.actor("member"), grid.id, "第一网格").name == "第一网格"
        with pytest.raises(NotYours):
            services.create_area(village.actor("member"), kind=AreaKind.COMMUNITY, code="n", name="N",
                                 parent_id=village.town)
        with pytest.raises(NotFound):
            services.rename_area(village.actor("member"), village.other, "X")
        with pytest.raises(NotFound):
            services.close_area(village.actor("member"), village.community)


def test_only_an_area_without_others_inside_is_closed(app, village):
    with app.app_context(), transaction():
        grid = services.create_area(village.actor("member"), kind=AreaKind.GRID, code="g", name="G",
                                    parent_id=village.community)
        block = services.create_area(village.actor("member"), kind=AreaKind.BUILDING, code="b", name="B",
                                     parent_id=grid.id)
        with pytest.raises(WrongPlace):
            services.close_area(village.actor("member"), grid.id)
        services.close_area(village.actor("member"), block.id)
        services.close_area(village.actor("member"), grid.id)
        assert [a.id for a in queries.areas_of(village.community)] == [village.community]


def test_the_tree_is_built_on_its_page(app, client, village):
    village.sign_in(client, "member")
    data = {"name": "第一网格", "code": "liuyin-g1", "parent_id": village.community, "kind": "grid"}
    assert client.post("/desk/areas/new", data=data).status_code == 303
    page = client.get("/desk/areas").get_data(as_text=True)
    assert "第一网格" in page
    assert "和平村" not in page
    assert client.post("/desk/areas/new", data=data).status_code == 409


def test_the_town_sees_all_its_communities(client, village):
    village.sign_in(client, "supervisor")
    page = client.get("/desk/areas").get_data(as_text=True)
    assert "和平村" in page
    assert "柳荫社区" in page


def test_areas_as_json_are_those_of_the_own_community(app, client, village):
    village.sign_in(client, "member")
    made = client.post("/api/v1/areas", json={"parent_id": village.community, "kind": "grid", "code": "g", "name": "G"})
    assert made.status_code == 201
    ids = [a["id"] for a in client.get("/api/v1/areas").get_json()["items"]]
    assert ids == [village.community, made.get_json()["id"]]
    assert client.get(f"/api/v1/areas/{village.other}").status_code == 404
    assert client.patch(f"/api/v1/areas/{village.other}", json={"name": "X"}).status_code == 404
    extra = {"parent_id": village.community, "kind": "grid", "code": "g2", "name": "G", "path": "1."}
    assert client.post("/api/v1/areas", json=extra).status_code == 422
