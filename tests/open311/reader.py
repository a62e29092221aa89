"""A strict reading of GeoReport v2, written from the standard and not from our code: elements, types, encodings. Every
answer of these tests goes through it; what it returns is the same for both formats."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any
from xml.etree import ElementTree

TEXT, NUMBER, BOOL, WHEN = "text", "number", "bool", "when"
ID = re.compile(r"[\w-]+", re.ASCII)
UPDATE_STATUS = {"OPEN", "CLOSED", "FIXED", "INVESTIGATING", "IN_PROGRESS", "ACTION_SCHEDULED", "DUPLICATE",
                 "NOT_COUNCILS_RESPONSIBILITY", "NO_FURTHER_ACTION", "INTERNAL_REFERRAL"}
LISTS = {  # root: (element, {name: type}, names that may be missing)
    "services": ("service", {
        "service_code": TEXT, "service_name": TEXT, "description": TEXT, "metadata": BOOL, "type": TEXT,
        "keywords": TEXT, "group": TEXT}, set()),
    "service_requests": ("request", {
        "service_request_id": TEXT, "status": TEXT, "status_notes": TEXT, "service_name": TEXT, "service_code": TEXT,
        "description": TEXT, "agency_responsible": TEXT, "service_notice": TEXT, "requested_datetime": WHEN,
        "updated_datetime": WHEN, "expected_datetime": WHEN, "address": TEXT, "address_id": TEXT, "zipcode": TEXT,
        "lat": NUMBER, "long": NUMBER, "media_url": TEXT}, {"lat", "long"}),
    "posted": ("request", {"service_request_id": TEXT, "service_notice": TEXT, "account_id": TEXT}, set()),
    "tokens": ("request", {"service_request_id": TEXT, "token": TEXT}, set()),
    "service_request_updates": ("request_update", {
        "update_id": TEXT, "service_request_id": TEXT, "status": TEXT, "updated_datetime": WHEN, "description": TEXT,
        "media_url": TEXT, "external_status_code": TEXT}, set()),
    "posted_update": ("request_update", {"update_id": TEXT}, set()),
    "errors": ("error", {"code": "int", "description": TEXT}, set()),
}
ROOTS = {"posted": "service_requests", "tokens": "service_requests", "posted_update": "service_request_updates"}
ATTRIBUTE = {"variable": BOOL, "code": TEXT, "datatype": TEXT, "required": BOOL, "datatype_description": TEXT,
             "order": "int", "description": TEXT, "automated": TEXT}
DATATYPES = {"string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"}


class NotTheStandard(AssertionError):
    """An answer that a strict reader does not take."""


def must(condition: object, what: object) -> None:
    if not condition:
        raise NotTheStandard(what)


def read(answer: Any, what: str, suffix: str) -> Any:
    """The rows of a list in either format. ``what`` is a key of LISTS, ``definition`` or ``discovery``."""
    wanted = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}[suffix]
    must(answer.headers["Content-Type"] == wanted, answer.headers["Content-Type"])
    must("Set-Cookie" not in answer.headers, "a cookie")
    raw = answer.get_data()
    if what == "definition":
        return _definition(raw, suffix)
    if what == "discovery":
        return _discovery(raw, suffix)
    item, fields, may_miss = LISTS[what]
    if suffix == "json":
        rows = json.loads(raw.decode("utf-8"))
        must(isinstance(rows, list), "JSON lists are bare arrays")
        rows = [_json_row(row, fields, may_miss) for row in rows]
    else:
        rows = [_xml_row(one, fields, may_miss) for one in _root(raw, ROOTS.get(what, what), item)]
    for row in rows:
        _check(what, row)
    return rows


def _root(raw: bytes, root: str, item: str) -> list[ElementTree.Element]:
    must(re.match(rb'<\?xml version="1\.0" encoding="utf-8"\?>', raw, re.I), "XML begins with its declaration")
    top = ElementTree.fromstring(raw.decode("utf-8").partition("?>")[2])
    must(top.tag == root, top.tag)
    must(all(one.tag == item for one in top), [one.tag for one in top])
    return list(top)


def _json_row(row: Any, fields: dict[str, str], may_miss: set[str]) -> dict[str, Any]:
    must(isinstance(row, dict), row)
    must(set(fields) - may_miss <= set(row) <= set(fields), sorted(set(row) ^ set(fields)))
    for name, value in row.items():
        kind = {TEXT: str, NUMBER: float, BOOL: bool, WHEN: str, "int": int}[fields[name]]
        must(isinstance(value, kind) and value is not None, (name, value))
    return {name: _instant(row[name]) if kind == WHEN else row.get(name) for name, kind in fields.items()}


def _xml_row(element: ElementTree.Element, fields: dict[str, str], may_miss: set[str]) -> dict[str, Any]:
    names = [child.tag for child in element]
    must(sorted(names) == sorted(fields), sorted(set(names) ^ set(fields)))  # in XML every element is there
    found: dict[str, Any] = {}
    for child in element:
        text, kind = child.text or "", fields[child.tag]
        if kind == BOOL:
            must(text in {"true", "false"}, (child.tag, text))
        if kind in {NUMBER, "int"} and not text:
            must(child.tag in may_miss, child.tag)
            found[child.tag] = None
            continue
        found[child.tag] = {TEXT: str, NUMBER: float, BOOL: lambda t: t == "true", WHEN: _instant, "int": int}[kind](
            text)
    return found


def _instant(text: str) -> dt.datetime | None:
    if not text:
        return None
    must(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d|Z)", text), text)
    return dt.datetime.fromisoformat(text)


def _check(what: str, row: dict[str, Any]) -> None:
    for name in ("service_request_id", "service_code", "update_id"):
        if name in row:
            must(ID.fullmatch(row[name]), (name, row[name]))
    if what == "services":
        must(row["type"] in {"realtime", "batch", "blackbox"}, row["type"])
        must(row["service_name"], row)
    if what == "service_requests":
        must(row["status"] in {"open", "closed"}, row["status"])
        must(row["requested_datetime"] and row["updated_datetime"], row)
        must((row["lat"] is None) == (row["long"] is None), row)
    if what == "service_request_updates":
        must(row["status"] in UPDATE_STATUS, row["status"])
        must(row["updated_datetime"] and row["description"], row)
    if what == "errors":
        must(400 <= row["code"] < 600 and row["description"], row)


def _definition(raw: bytes, suffix: str) -> dict[str, Any]:
    if suffix == "json":
        given = json.loads(raw)
        must(isinstance(given, dict), "a definition is an object")
        must(set(given) == {"service_code", "attributes"}, sorted(given))
        rows = []
        for each in given["attributes"]:
            must(isinstance(each.pop("values"), list), "values are a list")
            rows.append(_json_row(each, ATTRIBUTE, set()))
        found = {"service_code": given["service_code"], "attributes": rows}
    else:
        top = ElementTree.fromstring(raw.decode().partition("?>")[2])
        must(top.tag == "service_definition" and [c.tag for c in top] == ["service_code", "attributes"], top.tag)
        rows = []
        for each in top[1]:
            must(each.tag == "attribute", each.tag)
            values = each.find("values")
            must(values is not None, "values")
            each.remove(values)  # type: ignore[arg-type]
            rows.append(_xml_row(each, ATTRIBUTE, set()))
        found = {"service_code": top[0].text, "attributes": rows}
    must(ID.fullmatch(found["service_code"]), found)
    must(all(row["datatype"] in DATATYPES for row in rows), rows)
    must(sorted(row["order"] for row in rows) == list(range(1, len(rows) + 1)), rows)
    return found


def _discovery(raw: bytes, suffix: str) -> dict[str, Any]:
    names = ["changeset", "contact", "key_service", "endpoints"]
    if suffix == "json":
        given = json.loads(raw)
    else:
        top = ElementTree.fromstring(raw.decode().partition("?>")[2])
        must(top.tag == "discovery", top.tag)
        given = {child.tag: child.text for child in top}
        given["endpoints"] = [{child.tag: [f.text for f in child] if child.tag == "formats" else child.text
                               for child in each} for each in top[3]]
    must(sorted(given) == sorted(names), sorted(given))
    for each in given["endpoints"]:
        must(set(each) == {"specification", "url", "changeset", "type", "formats"}, sorted(each))
        must(set(each["formats"]) == {"text/xml", "application/json"}, each)
        must(each["specification"] == "http://wiki.open311.org/GeoReport_v2", each)
    must(_instant(given["changeset"]), given)
    return given
