"""Hostile texts in every column that people write, as if they had got past every form; and what to look for after."""

from __future__ import annotations

from html.parser import HTMLParser

import sqlalchemy as sa

from pointsbank.core.db import db
from tests.support.street import Street

MARK = "zq7"
SCRIPTS = (
    "<script>zq7=1</script>", "<img src=x onerror=zq7=1>", "<svg onload=zq7=1>", "\"><script>zq7=1</script>",
    "'><img src=x onerror=zq7=1>", "\" onfocus=zq7=1 autofocus x=\"", "' onfocus=zq7=1 autofocus x='",
    "javascript:zq7=1", "</title><script>zq7=1</script>", "</textarea><svg onload=zq7=1>", "<a href=javascript:zq7=1>x",
    "<iframe srcdoc='<script>zq7'>", "<zq7 onclick=alert(1)>", "{{zq7}}", "{% zq7 %}", "${zq7}", "<!--zq7-->",
    "<style>@import'//zq7'</style>", "<base href=//zq7>", "<meta http-equiv=refresh content=0;//zq7>",
    "<object data=//zq7>", "<math><zq7>", "<ScRiPt>zq7=1</sCrIpT>", "<script\n>zq7=1</script>", "<body onload=zq7=1>",
    "&lt;script&gt;zq7", "<input onfocus=zq7=1 autofocus>", "<details open ontoggle=zq7=1>", "%3Cscript%3Ezq7",
    "\u2028zq7=1//<zq7>")
_STARTS = ("=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠")
_BODIES = ("1+zq7", "zq7(A1)", "cmd|'/c zq7'!A0", "HYPERLINK(\"zq7\")", "zq7!R1C1")
FORMULAS = (*(start + body for start in _STARTS for body in _BODIES), "=zq7", "==zq7", "-2+3+zq7", "@zq7", "+zq7")
# What people write. Sheets, pages and messages show these.
WRITTEN = {
    "resident": ("name",), "household": ("number",), "team": ("name",), "user": ("name",), "venue": ("name",),
    "activity": ("title", "text", "place", "returned_note", "cancel_reason"), "photo": (),
    "offer": ("name", "portion", "unit", "text"), "outlet": ("name", "place", "hours"),
    "contribution": ("title", "text", "place", "proxy_reason"), "contribution_review": ("reason",),
    "award_correction": ("reason", "answer"), "calendar_day": ("name",),
    "objection": ("text", "contact", "answer", "objector_name", "objector_household", "paper_reason"),
    "notice_line": ("household_number", "masked_name", "item"),
    "public_notice": ("title", "standard_label", "resolution"), "household_member": ("relation",),
    "stock_lot": ("donor", "wish", "document"), "stock_check": ("reason", "decision"), "stock_movement": ("reason",),
    "redemption": ("reason", "proxy_name"), "redemption_line": ("name", "unit"), "award_line": ("rule_name",),
    "opening_batch": ("file_name",), "opening_line": ("household_number", "name", "struck_because"),
    "sign_in_session": ("device",), "area": ("name",), "inbox_message": (),
    "scoring_rule": ("name", "category", "unit", "who", "evidence"), "scoring_standard": ("title", "resolution")}


def fill(street: Street, payloads: tuple[str, ...]) -> int:
    """Write the payloads round and round into every column that people write; returns how many columns. Triggers that
    keep rows as they are stay off meanwhile: this is somebody who wrote it when it was still a draft."""
    filled = 0
    with street.app.app_context():
        engine = db.engine
        with engine.begin() as writer:
            _triggers_off(writer)
            for name, columns in WRITTEN.items():
                table = db.metadata.tables[name]
                ids = list(writer.scalars(sa.select(table.c.id)))
                for number, column in enumerate(table.c[c] for c in columns):
                    filled += 1
                    length = getattr(column.type, "length", None) or 4000
                    values = [{"b_row": i, "b_payload": _fitting(payloads, i + number * 7, length, name, i)}
                              for i in ids]
                    if values:
                        writer.execute(sa.update(table).where(table.c.id == sa.bindparam("b_row"))
                                       .values({column.name: sa.bindparam("b_payload")}), values)
        engine.dispose()
    return filled


def _fitting(payloads: tuple[str, ...], start: int, length: int, table: str, row: int) -> str:
    """The next payload that fits into the column; numbers and names that must be unique get the row's number."""
    unique = f" {row}" if table in {"household", "team", "venue", "outlet"} else ""
    fitting = [p for p in payloads if len(p) + len(unique) <= length] or ["<b>"]
    return fitting[start % len(fitting)] + unique


def _triggers_off(writer: sa.Connection) -> None:
    if writer.dialect.name == "postgresql":
        writer.exec_driver_sql("SET LOCAL session_replication_role = replica")
        return
    for (name,) in writer.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
        writer.exec_driver_sql(f'DROP TRIGGER "{name}"')


class Suspect(HTMLParser):
    """Reads a page as a browser would and keeps what a payload may have become."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """No element of ours is called after the mark, has an event attribute, or an address that is a script."""
        self.inside = tag if tag in {"script", "style"} else None
        values = dict(attrs)
        if MARK in tag or tag in {"iframe", "object", "base", "math"} or (tag == "script" and not values.get("src")):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or MARK in name:
                self.found.append(f"<{tag} {name}>")
            address = (value or "").strip().lower() if name in {"href", "src", "action", "formaction"} else ""
            if address.startswith("javascript"):
                self.found.append(f"<{tag} {name}={value}>")

    def handle_data(self, data: str) -> None:
        """Inside a script or a style a payload would run."""
        if self.inside and MARK in data:
            self.found.append(f"{self.inside}: {data[:60]}")

    def handle_endtag(self, tag: str) -> None:
        """The element is over."""
        self.inside = None
