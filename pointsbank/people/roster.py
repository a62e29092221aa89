"""The roster from Excel or CSV: read row by row, refused row by row, taken over in one go.

All statements are set-based: five thousand people cost a dozen of them. What can't be understood is reported with
its row number, never guessed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext

from pointsbank.communities.models import Area, AreaKind
from pointsbank.core import audit, clock, sheets, tokens
from pointsbank.core.actor import Actor
from pointsbank.core.db import db
from pointsbank.core.errors import Forbidden, Invalid
from pointsbank.core.i18n import N_
from pointsbank.people import policy
from pointsbank.people.models import Household, HouseholdMember, LinkKind, Resident, User, UserResident
from pointsbank.people.services.households import HEAD, MEMBER
from pointsbank.people.services.users import clean_name, clean_phone

COLUMNS: dict[str, Sequence[str]] = {
    "name": ("姓名", "Name", "名字"),
    "number": ("户号", "Household number", "门牌号", "户编号", "Household"),
    "relation": ("与户主关系", "Relation", "关系", "Relation to the head"),
    "phone": ("手机号", "Phone", "电话", "联系电话", "手机", "Mobile"),
    "building": ("楼栋", "Building", "楼号", "网格", "Grid"),
}
REQUIRED = ("name", "number")
HEADS = {"户主", "本人", "head", "head of household", "self", "是"}
CHUNK = 500
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Fault:
    """What is wrong in a row, as a message of the catalogue with its values."""

    row: int
    text: str
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """In the reader's language."""
        said = gettext(self.text)
        return said % self.params if self.params else said


@dataclass(frozen=True)
class Person:
    """A row that is understood."""

    row: int
    name: str
    number: str
    relation: str
    is_head: bool
    phone: str | None
    building: str


@dataclass
class Plan:
    """What a file would do: people to add, people who are here already, rows that can't be taken."""

    people: list[Person] = field(default_factory=list)
    known: int = 0
    faults: list[Fault] = field(default_factory=list)
    new_buildings: list[str] = field(default_factory=list)
    new_households: int = 0

    @property
    def rows(self) -> int:
        """How many rows the file has."""
        return len(self.people) + self.known + len({f.row for f in self.faults})


@dataclass(frozen=True)
class Report:
    """What an import did."""

    imported: int
    known: int
    households: int
    faults: list[Fault]


def _read_row(row: sheets.SheetRow) -> Person | Fault:
    cells = row.cells
    try:
        name = clean_name(cells["name"])
    except Invalid:
        return Fault(row.number, N_("The name is missing or too long."))
    number = "".join(cells["number"].split())
    if not 1 <= len(number) <= 24:
        return Fault(row.number, N_("The household number is missing or too long."))
    try:
        phone = clean_phone(cells.get("phone"))
    except Invalid:
        return Fault(row.number, N_("“%(text)s” is not a phone number. It has 7 to 15 digits."),
                     {"text": cells["phone"][:30]})
    relation = " ".join(cells.get("relation", "").split())
    if len(relation) > 20:
        return Fault(row.number, N_("The relation is too long: at most 20 characters."))
    is_head = relation.lower() in HEADS
    building = " ".join(cells.get("building", "").split())
    if len(building) > 80:
        return Fault(row.number, N_("The building's name is too long."))
    return Person(row.number, name, number, relation or MEMBER, is_head, phone, building)


def _present(community_id: int | None) -> tuple[dict[str, int], set[tuple[str, str]], set[str], set[str]]:
    """Household ids by number; (number, name) of members; numbers with a head; numbers of closed households."""
    homes, closed = {}, set()
    for row in db.session.execute(sa.select(Household.id, Household.number, Household.closed_on)
                                  .where(Household.community_id == community_id)):
        homes[row.number] = row.id
        if row.closed_on is not None:
            closed.add(row.number)
    members, headed = set(), set()
    for member in db.session.execute(
            sa.select(Household.number, Resident.name, HouseholdMember.is_head)
            .join(HouseholdMember, HouseholdMember.household_id == Household.id)
            .join(Resident, Resident.id == HouseholdMember.resident_id)
            .where(Household.community_id == community_id, HouseholdMember.until_on.is_(None))):
        members.add((member.number, member.name))
        if member.is_head:
            headed.add(member.number)
    return homes, members, headed, closed


def _buildings(community_id: int | None) -> dict[str, int]:
    """Areas of the community by name and by code."""
    found: dict[str, int] = {}
    for area in db.session.scalars(sa.select(Area).where(
            Area.community_id == community_id, Area.closed_at.is_(None), Area.kind != AreaKind.COMMUNITY)
            .order_by(Area.id)):
        found.setdefault(area.name, area.id)
        found.setdefault(area.code, area.id)
    return found


def plan(actor: Actor, raw: bytes, progress: Progress | None = None) -> Plan:
    """Read a file and say what it would do; nothing is written.

    Raises NotASheet, SheetTooLarge, MissingColumns, Forbidden.
    """
    if not policy.can(actor, "residents.import"):
        raise Forbidden
    rows = sheets.read(raw, COLUMNS, REQUIRED)
    homes, members, headed, closed = _present(actor.community_id)
    buildings = _buildings(actor.community_id)
    found = Plan()
    seen: dict[tuple[str, str], int] = {}
    numbers, places = set(homes), set(buildings)
    for done, row in enumerate(rows, 1):
        person = _read_row(row)
        fault = person if isinstance(person, Fault) else _conflict(person, seen, headed, closed, members)
        if fault is not None:
            found.faults.append(fault)
        elif isinstance(person, Person):
            seen[person.number, person.name] = person.row
            if (person.number, person.name) in members:
                found.known += 1
            else:
                found.people.append(person)
                found.new_households += person.number not in numbers
                numbers.add(person.number)
                if person.is_head:
                    headed.add(person.number)
                if person.building and person.building not in places:
                    places.add(person.building)
                    found.new_buildings.append(person.building)
        if progress and done % CHUNK == 0:
            progress(done, len(rows) * 2)
    return found


def _conflict(person: Person, seen: dict[tuple[str, str], int], headed: set[str], closed: set[str],
              members: set[tuple[str, str]]) -> Fault | None:
    key = (person.number, person.name)
    if key in seen:
        return Fault(person.row, N_("%(name)s of household %(number)s already stands in row %(other)s."),
                     {"name": person.name, "number": person.number, "other": seen[key]})
    if person.number in closed:
        return Fault(person.row, N_("Household %(number)s was dissolved."), {"number": person.number})
    if person.is_head and person.number in headed and key not in members:
        return Fault(person.row, N_("Household %(number)s already has a head."), {"number": person.number})
    return None


def import_roster(actor: Actor, raw: bytes, *, good_rows_only: bool = False,
                  progress: Progress | None = None) -> Report:
    """Take a roster over. With faults nothing is written unless ``good_rows_only``; the report names them either way.

    People who are in their household already are passed over, so that the same file may come twice. New buildings
    and households are founded. Every phone becomes a sign-in: the first person with it for themselves, others as
    their family.
    """
    planned = plan(actor, raw, progress)
    total = max(planned.rows, 1) * 2
    if planned.faults and not good_rows_only:
        return Report(0, planned.known, 0, planned.faults)
    count = write(actor, planned.people)
    if progress:
        progress(total, total)
    return Report(len(planned.people), planned.known, count, planned.faults)


def _ids(table: type[Any], rows: list[dict[str, Any]], key: Any) -> dict[Any, int]:
    """Insert rows and return their ids by a unique column.

    Into the table, not the model: an ORM insert breaks the batch wherever a row has None where the last one had none.
    """
    if not rows:
        return {}
    plain = table.__table__
    statement = sa.insert(plain).returning(plain.c.id, plain.c[key.key])
    return {k: i for i, k in db.session.execute(statement, rows)}


def _found_buildings(actor: Actor, names: Iterable[str], known: dict[str, int]) -> None:
    wanted = sorted({n for n in names if n and n not in known})
    home = db.session.get_one(Area, actor.community_id)
    now = clock.now()
    ids = _ids(Area, [
        {"kind": AreaKind.BUILDING, "code": f"b-{secrets.token_hex(8)}", "name": n, "parent_id": home.id,
         "community_id": home.id, "path": f"new {secrets.token_hex(8)}", "settings": {}, "created_at": now}
        for n in wanted], Area.name)
    known.update(ids)
    if ids:
        db.session.execute(sa.update(Area).where(Area.id.in_(ids.values())).values(
            path=sa.literal(home.path) + sa.cast(Area.id, sa.String) + "."))


def write(actor: Actor, people: list[Person]) -> int:
    """Insert people who are known to fit (:func:`plan`); returns how many households were founded."""
    community_id, now, today = actor.community_id, clock.now(), clock.today()
    buildings = _buildings(community_id)
    _found_buildings(actor, (p.building for p in people), buildings)
    homes, members, _headed, _closed = _present(community_id)
    people = [p for p in people if (p.number, p.name) not in members]
    place_of = {p.number: buildings.get(p.building) for p in reversed(people)}
    new = _ids(Household, [
        {"community_id": community_id, "number": n, "area_id": place_of[n], "created_at": now}
        for n in place_of if n not in homes], Household.number)
    homes.update(new)
    public = [tokens.random_token(12) for _ in people]
    ids = _ids(Resident, [
        {"community_id": community_id, "public_id": key, "name": p.name, "phone": p.phone,
         "area_id": buildings.get(p.building), "created_at": now} for key, p in zip(public, people, strict=True)],
        Resident.public_id)
    residents = [ids[key] for key in public]
    if people:
        db.session.execute(sa.insert(HouseholdMember), [
            {"community_id": community_id, "household_id": homes[p.number], "resident_id": i,
             "relation": HEAD if p.is_head else p.relation, "is_head": p.is_head, "since_on": today}
            for i, p in zip(residents, people, strict=True)])
        _link_phones(people, residents)
    audit.write(actor, "people.import_roster", f"community:{community_id}", residents=len(people), households=len(new))
    return len(new)


def _link_phones(people: list[Person], residents: list[int]) -> None:
    now = clock.now()
    first: dict[str, Person] = {}
    for person in people:
        if person.phone and (person.phone not in first or (person.is_head and not first[person.phone].is_head)):
            first[person.phone] = person
    phones = list(first)
    users: dict[str, int] = {}
    for start in range(0, len(phones), 1000):
        rows = db.session.execute(sa.select(User.phone, User.id).where(User.phone.in_(phones[start:start + 1000])))
        users.update((str(row[0]), row[1]) for row in rows)
    made = _ids(User, [{"name": first[p].name, "phone": p, "elder": False, "is_demo": False, "created_at": now}
                       for p in phones if p not in users], User.phone)
    users.update(made)
    links = [
        {"user_id": users[p.phone], "resident_id": i, "created_at": now,
         "kind": LinkKind.SELF if p.phone in made and first[p.phone] is p else LinkKind.FAMILY}
        for i, p in zip(residents, people, strict=True) if p.phone]
    if links:
        db.session.execute(sa.insert(UserResident), links)


def template(*, english: bool) -> bytes:
    """An empty roster as .xlsx with two rows to overwrite."""
    pick = 1 if english else 0
    headings = [names[pick] for names in COLUMNS.values()]
    place = "Building 3" if english else "3 号楼"
    rows = ([["Zhang San", "3-0201", "head", "10000000001", place], ["Li Si", "3-0201", "wife", "", place]] if english
            else [["张三", "3-0201", "户主", "10000000001", place], ["李四", "3-0201", "妻子", "", place]])
    return sheets.write_xlsx("roster" if english else "名册", headings, rows)
