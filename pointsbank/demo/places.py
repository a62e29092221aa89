"""What stands where in the demo: about twenty invented places a community, in a desert where nobody lives."""

from __future__ import annotations

from pointsbank.communities import queries as communities
from pointsbank.core.actor import system
from pointsbank.demo.founding import Home
from pointsbank.places import queries, services
from pointsbank.places.facts import Facts
from pointsbank.places.models import PlaceKind

MIDDLE = (39.0, 83.5)  # the Taklamakan
NORTH, EAST = 1 / 111_195, 1 / 86_410  # degrees for a metre, there
APART = 0.04  # degrees from one community to the next
AROUND = (  # name, kind, other names, what is there, metres north and east
    ("东门", PlaceKind.FACILITY, ("大门",), "门卫室和快递柜", 20, 190),
    ("西门", PlaceKind.FACILITY, ("后门",), "只供行人", -10, -200),
    ("文化广场", PlaceKind.SITE, ("大坪",), "公告栏、健身器材", 10, 0),
    ("凉亭", PlaceKind.FACILITY, (), "石桌四张", 70, 60),
    ("菜市场", PlaceKind.SITE, ("集市",), "早上 6 点开门", -120, 140),
    ("卫生室", PlaceKind.FACILITY, ("诊所",), "", -60, -90),
    ("积分超市", PlaceKind.FACILITY, ("兑换点",), "积分兑换在这里", -40, 50),
    ("党群服务站", PlaceKind.FACILITY, ("办事处", "居委会", "村委会"), "意见箱在门口", -30, -20),
    ("垃圾分类亭一", PlaceKind.FACILITY, ("一号垃圾亭",), "四个桶", 100, -120),
    ("垃圾分类亭二", PlaceKind.FACILITY, ("二号垃圾亭",), "四个桶", -130, -40),
    ("电动车充电棚", PlaceKind.FACILITY, ("充电桩",), "二十个插座", 60, 140),
    ("停车场", PlaceKind.SITE, (), "", 130, 160),
    ("小学路口", PlaceKind.ROAD, ("学校门口",), "上学放学有护学岗", -170, 60),
    ("幸福路", PlaceKind.ROAD, ("前街",), "", -90, 10),
    ("河边步道", PlaceKind.ROAD, ("河堤",), "水深，小心孩子", 180, -60),
    ("石桥", PlaceKind.ROAD, ("老桥",), "", 200, 40),
)
HOUSES = ((120, -40), (120, 20), (50, -140), (-60, 110), (-110, -130))
TAGGED = ("文化广场", "垃圾分类亭一", "垃圾分类亭二", "电动车充电棚", "小学路口", "河边步道")


def lay_out(home: Home, place: int) -> None:
    """The places of one community, ``place`` being its place in the demo's list; tags where a round would pass."""
    office = system(home.area.id)
    lat, lon = MIDDLE[0] + place * APART, MIDDLE[1] + place * APART
    buildings = {a.name: a.id for a in communities.areas_of(home.area.id)}
    many = [Facts(name, kind, aliases, note, None, round(lat + north * NORTH, 6), round(lon + east * EAST, 6))
            for name, kind, aliases, note, north, east in AROUND]
    many += [Facts(name, PlaceKind.BUILDING, (), "", buildings.get(name), round(lat + north * NORTH, 6),
                   round(lon + east * EAST, 6))
             for name, (north, east) in zip(home.place.buildings, HOUSES, strict=False)]
    services.create_many(office, many)
    services.issue_tags(office, queries.ids_named(home.area.id, TAGGED))
