"""Answers in both formats: JSON as bare lists, XML with its declaration. Pure."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from pointsbank.core import clock

XML, JSON = "xml", "json"
TYPES = {XML: "text/xml; charset=utf-8", JSON: "application/json; charset=utf-8"}
CHILD = {"attributes": "attribute", "values": "value", "endpoints": "endpoint", "formats": "format"}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Row = dict[str, Any]


def when(instant: dt.datetime | None) -> str:
    """An instant as the standard writes it: whole seconds, with the offset of the place."""
    return "" if instant is None else clock.local(instant).replace(microsecond=0).isoformat()


def listed(suffix: str, root: str, item: str, rows: Sequence[Row]) -> str:
    """A list: in JSON a bare array. Values are texts, numbers, yes or no, lists of rows; None is unknown: an empty
    element in XML, nothing in JSON."""
    if suffix == JSON:
        return _json([_known(row) for row in rows])
    top = ElementTree.Element(root)
    for row in rows:
        _fill(ElementTree.SubElement(top, item), row)
    return _xml(top)


def single(suffix: str, root: str, row: Row) -> str:
    """One thing that is not of a list: in JSON an object."""
    if suffix == JSON:
        return _json(_known(row))
    top = ElementTree.Element(root)
    _fill(top, row)
    return _xml(top)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _known(row: Row) -> Row:
    return {name: [_known(one) if isinstance(one, dict) else one for one in value] if isinstance(value, list) else value
            for name, value in row.items() if value is not None}


def _fill(parent: ElementTree.Element, row: Row) -> None:
    for name, value in row.items():
        element = ElementTree.SubElement(parent, name)
        if isinstance(value, list):
            for one in value:
                child = ElementTree.SubElement(element, CHILD[name])
                if isinstance(one, dict):
                    _fill(child, one)
                else:
                    child.text = _text(one)
        else:
            element.text = _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else _NOT_XML.sub("\ufffd", str(value))


def _xml(top: ElementTree.Element) -> str:
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(top, encoding="unicode")
