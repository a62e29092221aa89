"""Every door of the house with real numbers in it: addresses filled with a community's rows, forms found on its pages,
bodies made from the schemas of the API. The walks of the security tests try them as all sorts of people."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any

import sqlalchemy as sa
from werkzeug.routing import Rule

from pointsbank.core import clock
from pointsbank.core.db import db
from tests.support.street import Street

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
# The table behind each name in an address; the rows taken are the first of each state.
TABLES = {
    "area_id": "area", "message_id": "inbox_message", "resident_id": "resident", "household_id": "household",
    "job_id": "job", "team_id": "team", "notice_id": "public_notice", "standard_id": "scoring_standard",
    "rule_id": "scoring_rule", "deed_id": "contribution", "correction_id": "award_correction", "line_id": "notice_line",
    "objection_id": "objection", "batch_id": "opening_batch", "redemption_id": "redemption", "offer_id": "offer",
    "outlet_id": "outlet", "lot_id": "stock_lot", "check_id": "stock_check", "activity_id": "activity",
    "venue_id": "venue", "occurrence_id": "occurrence", "attendance_id": "attendance", "photo_id": "photo",
    "appeal_id": "appeal", "sheet_id": "deed_sheet",
    "export_id": "export_request",
    "tag_id": "resident_tag", "ladder_id": "honour_ladder", "award_id": "honour_award",
    "revocation_id": "honour_revocation", "best_id": "best_month", "certificate_id": "service_certificate",
    "year_id": "honour_year", "case_id": "problem_case", "clock_id": "case_clock", "unit_id": "case_unit",
    "category_id": "case_category", "signal_id": "case_signal", "audit_id": "case_audit", "no_show_id": "no_show",
}
# Names in an address that go together, and the statement that finds such rows.
TOGETHER = {
    ("notice_id", "line_id"): "SELECT notice_id, id FROM notice_line WHERE community_id = :c ORDER BY id DESC",
    ("standard_id", "rule_id"): "SELECT standard_id, id FROM scoring_rule WHERE community_id = :c ORDER BY id",
    ("team_id", "resident_id"): "SELECT team_id, resident_id FROM team_member JOIN team ON team.id = team_id "
                                "WHERE community_id = :c ORDER BY team_member.id DESC",
    ("household_id", "resident_id"): "SELECT household_id, resident_id FROM household_member WHERE community_id = :c "
                                     "ORDER BY id DESC",
    ("resident_id", "user_id"): "SELECT resident_id, user_id FROM user_resident JOIN resident ON resident.id = "
                                "resident_id WHERE community_id = :c ORDER BY resident_id DESC",
    ("activity_id", "photo_id"): "SELECT activity.id, photo.id FROM photo JOIN activity ON "
                                 "owner_key = 'activity:' || activity.id WHERE photo.community_id = :c "
                                 "ORDER BY photo.id DESC",
    ("resident_id", "tag_id"): "SELECT resident_id, id FROM resident_tag WHERE community_id = :c ORDER BY id DESC",
    ("award_id", "revocation_id"): "SELECT award_id, id FROM honour_revocation WHERE community_id = :c ORDER BY id",
    ("outlet_id", "user_id"): "SELECT outlet_id, user_id FROM outlet_keeper WHERE community_id = :c ORDER BY id",
}
SKIPPED = ("static", "bootstrap", "probe", "api-docs")


def _by_state(street: Street, community: int, name: str) -> list[int]:
    table = db.metadata.tables[name]
    if name == "area":
        query = sa.select(sa.func.max(table.c.id)).where(table.c.community_id == community).group_by(table.c.kind)
    elif "state" in table.c:
        query = sa.select(sa.func.max(table.c.id)).where(table.c.community_id == community).group_by(table.c.state)
    else:
        query = sa.select(table.c.id).where(table.c.community_id == community).order_by(table.c.id.desc()).limit(2)
    return sorted(row[0] for row in street.rows(query))[-4:]


@dataclass
class Rooms:
    """The rows of one community that addresses can name."""

    single: dict[str, list[Any]]
    pairs: dict[tuple[str, ...], list[tuple[int, int]]]

    def values(self, names: tuple[str, ...]) -> list[tuple[Any, ...]]:
        """What to put into an address with these names; empty where the community has nothing of the kind."""
        if not names:
            return [()]
        if names in self.pairs:
            return list(self.pairs[names])
        if len(names) == 1:
            return [(value,) for value in self.single.get(names[0], [])]
        return [tuple(self.single[name][0] for name in names)] if all(self.single.get(n) for n in names) else []


def rooms_of(street: Street, community: int, who: str) -> Rooms:
    """The rows of a community; ``who`` is the player whose own sessions are in it."""
    single: dict[str, list[Any]] = {name: _by_state(street, community, table) for name, table in TABLES.items()}
    session = db.metadata.tables["sign_in_session"]
    player = street.people[who]
    single["session_id"] = [r[0] for r in street.rows(
        sa.select(session.c.id).where(session.c.user_id == player.user_id).limit(1))]
    single["appointment_id"] = [r[0] for r in street.rows(sa.text(
        f"SELECT appointment.id FROM appointment JOIN area ON area.id = area_id WHERE area.community_id = {community} "
        f"AND user_id <> {player.user_id} ORDER BY appointment.id LIMIT 2"))]
    photo, area = db.metadata.tables["photo"], db.metadata.tables["area"]
    single["key"] = [r[0] for r in street.rows(sa.select(photo.c.key).where(
        photo.c.community_id == community, photo.c.visibility != "public").limit(2))]
    single["size"] = ["full"]
    single["code"] = [r[0] for r in street.rows(sa.select(area.c.code).where(area.c.id == community))]
    single["owner"] = [f"household:{single['household_id'][0]}", f"resident:{single['resident_id'][0]}"]
    single["user_id"] = [player.user_id]
    single["token"] = ["garbage"]
    pairs = {names: [tuple(r) for r in street.rows(sa.text(f"{query} LIMIT 2").bindparams(c=community))]
             for names, query in TOGETHER.items()}
    return Rooms(single, pairs)


@dataclass(frozen=True)
class Door:
    """One request: what is asked, where, with which body. ``names`` are the names in the address."""

    endpoint: str
    method: str
    path: str
    names: tuple[str, ...] = ()
    form: dict[str, Any] | None = None
    json: dict[str, Any] | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_api(self) -> bool:
        """Of the JSON interface."""
        return self.path.startswith("/api/")


def names_of(rule: Rule) -> tuple[str, ...]:
    """The names in an address, in order."""
    return tuple(re.findall(r"<(?:\w+:)?(\w+)>", rule.rule))


def address(rule: Rule, values: tuple[Any, ...]) -> str:
    """The rule with these values in it."""
    left = list(values)
    return re.sub(r"<(?:\w+:)?\w+>", lambda _: str(left.pop(0)), rule.rule)


def rules(street: Street) -> Iterator[Rule]:
    """The routes of the house without its files."""
    for rule in sorted(street.app.url_map.iter_rules(), key=lambda r: (r.rule, r.endpoint)):
        if not rule.endpoint.startswith(SKIPPED):
            yield rule


def doors(street: Street, rooms: Rooms, methods: tuple[str, ...]) -> list[Door]:
    """Every route × method with the rows of a community in its address; no bodies."""
    found = []
    for rule in rules(street):
        names = names_of(rule)
        for method in sorted((rule.methods or set()) & set(methods)):
            found += [Door(rule.endpoint, method, address(rule, values), names) for values in rooms.values(names)]
    return found


def knock(client: Any, door: Door, **more: Any) -> Any:
    """Send it; a form as a form, JSON as JSON."""
    if door.json is not None:
        return client.open(door.path, method=door.method, json=door.json, **more)
    return client.open(door.path, method=door.method, data=door.form, **more)


def text_of(answer: Any) -> str:
    """What an answer tells, also in the cells of a workbook."""
    raw = answer.get_data()
    if raw[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            raw = b"".join(book.read(name) for name in book.namelist() if name.endswith(".xml"))
    return "" if answer.mimetype.startswith("image/j") else raw.decode("utf-8", "replace")


# ── Forms ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Found:
    """A form on a page while it is read."""

    action: str
    method: str
    fields: dict[str, Any] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.forms: list[Found] = []
        self.form: Found | None = None
        self.select: str | None = None
        self.options: list[tuple[str, bool]] = []
        self.area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {k: v or "" for k, v in attrs}
        if tag == "form":
            self.form = Found(values.get("action") or self.page, values.get("method", "get").upper())
            self.forms.append(self.form)
        if self.form is None:
            return
        name = values.get("name", "")
        if tag == "input" and name:
            self._input(name, values)
        elif tag == "select":
            self.select, self.options = name, []
        elif tag == "option" and self.select is not None:
            self.options.append((values.get("value", ""), "selected" in values))
        elif tag == "textarea" and name:
            self.form.fields[name], self.form.kinds[name] = "说明写在这里", "textarea"
        elif tag == "button" and name:
            self.form.fields.setdefault(name, values.get("value", ""))

    def _input(self, name: str, values: dict[str, str]) -> None:
        assert self.form is not None
        kind = values.get("type", "text")
        if kind in {"submit", "file", "image", "reset"}:
            return
        if kind == "radio" and name in self.form.fields and "checked" not in values:
            return
        self.form.kinds[name] = kind
        self.form.fields[name] = values.get("value") or _filling(name, kind)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        if tag == "select" and self.form is not None and self.select is not None:
            chosen = [v for v, is_chosen in self.options if is_chosen and v] or [v for v, _ in self.options if v]
            self.form.fields[self.select] = chosen[0] if chosen else ""
            self.form.kinds[self.select] = "select"
            self.select = None


def _filling(name: str, kind: str) -> str:
    today = clock.today()
    known = {"number": "1", "date": today.isoformat(), "tel": "10099999999", "time": "10:00",
             "datetime-local": f"{today + dt.timedelta(days=1)}T10:00", "month": f"{today:%Y-%m}", "checkbox": "1"}
    if "phone" in name:
        return "10099999999"
    return "1960-01-01" if name == "born_on" else known.get(kind, "22")


def forms_on(page: str, text: str) -> list[Found]:
    """The forms of a page that are sent by POST, filled in."""
    reader = _Reader(page)
    reader.feed(text)
    return [f for f in reader.forms if f.method == "POST"]


def forms_found(street: Street, who: str, rooms: Rooms) -> list[Door]:
    """The forms on all pages that somebody can open, one of each action, filled in as they would be."""
    adapter = street.app.url_map.bind("localhost")
    client = street.client(who)
    found: dict[str, Door] = {}
    for door in doors(street, rooms, ("GET",)):
        if door.is_api:
            continue
        answer = client.get(door.path)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        for form in forms_on(door.path, answer.get_data(as_text=True)):
            action = html.unescape(form.action).split("?")[0]
            try:
                rule, _args = adapter.match(action, method="POST", return_rule=True)
            except Exception:
                continue
            fields = {k: v for k, v in form.fields.items() if k not in {"csrf_token", "_once"}}
            found.setdefault(action, Door(rule.endpoint, "POST", action, names_of(rule), form=fields))
    return list(found.values())


# ── Bodies of the API ───────────────────────────────────────────────────────────────────────────────────────────


class Bodies:
    """Bodies for the operations of the API, made from its own specification, with a community's rows in them."""

    def __init__(self, street: Street, rooms: Rooms) -> None:
        self.spec = street.app.test_client().get("/api/openapi.json").get_json()
        self.rooms = rooms

    def schema(self, rule: Rule, method: str) -> dict[str, Any] | None:
        """The schema of an operation's body, None where it has none."""
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        operation = self.spec["paths"].get(path, {}).get(method.lower(), {})
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        return self._resolve(content["schema"]) if "schema" in content else None

    def _resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        return self.spec["components"]["schemas"][name] if name else schema

    def of(self, rule: Rule, method: str) -> dict[str, Any] | None:
        """A body of this operation with every field filled in."""
        schema = self.schema(rule, method)
        return None if schema is None else self._object(schema)

    def _object(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {name: self._value(name, self._resolve(each)) for name, each in schema.get("properties", {}).items()
                if not each.get("readOnly")}

    def _value(self, name: str, schema: dict[str, Any]) -> Any:
        kind = schema.get("type")
        kind = next((k for k in kind if k != "null"), None) if isinstance(kind, list) else kind
        known = self.rooms.single.get(name) or self.rooms.single.get(f"{name.removesuffix('s')}")
        if "enum" in schema:
            return next(v for v in schema["enum"] if v is not None)
        if kind == "array":
            items = self._resolve(schema.get("items", {}))
            return [known[0] if known else self._value(name.removesuffix("s"), items)]
        if kind == "object":
            return self._object(schema)
        if kind == "integer":
            return known[-1] if known else 1
        if kind == "boolean":
            return True
        if schema.get("format") == "date":
            if name == "born_on":
                return "1960-01-01"
            return clock.today().isoformat()
        if schema.get("format") == "date-time":
            return (clock.now() + dt.timedelta(days=1, hours=2 if name.startswith("end") else 0)).isoformat()
        return "10099999999" if "phone" in name else "22"


def api_doors(street: Street, rooms: Rooms, bodies_of: Rooms) -> list[Door]:
    """Every unsafe operation of the API: ``rooms`` in the address, ``bodies_of`` in the body."""
    bodies = Bodies(street, bodies_of)
    table = {(r.endpoint, m): r for r in rules(street) for m in r.methods or ()}
    return [replace(door, json=bodies.of(table[door.endpoint, door.method], door.method) or {})
            for door in doors(street, rooms, UNSAFE) if door.is_api]
