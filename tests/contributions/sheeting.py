"""What the tests of paper sheets share: rows, a sheet with a photo, a sheet handed in."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pointsbank.contributions import services
from pointsbank.contributions.models import SheetRow
from pointsbank.core import clock
from pointsbank.core.db import db, transaction
from pointsbank.media.models import Photo, Purpose, Visibility
from tests.contributions.funnel import HELP, VISIT
from tests.support.village import PEOPLE, Village

MONTH = dt.date(2026, 4, 1)


def row(position: int, key: str, day: str = "12", item: str = VISIT, amount: str = "2",
        **values: Any) -> services.RowDraft:
    """A row that names somebody by name and household."""
    given = {"who": PEOPLE[key][0], "household": PEOPLE[key][1], "day": day, "item": item, "amount": amount, **values}
    return services.RowDraft(position, **given)


def draft(*rows: services.RowDraft, **values: Any) -> services.SheetDraft:
    given: dict[str, Any] = {"title": "四月看望登记表", "month": MONTH, "reason": "没有信号", "rows": rows, **values}
    return services.SheetDraft(**given)


def opened(street: Village, *rows: services.RowDraft, by: str = "member", photo: bool = True, **values: Any) -> int:
    """A draft with these rows, and a photo of the paper."""
    with transaction():
        sheet = services.open_sheet(street.actor(by), draft(*rows, **values))
        if photo:
            number = sheet.id
            db.session.add(Photo(
                community_id=street.community, key=f"{number:020d}", purpose=Purpose.SHEET, visibility=Visibility.STAFF,
                owner_key=f"sheet:{number}", position=1, width=4, height=3, bytes=9, sha256="0" * 64,
                fingerprint="0" * 32, created_by=street.users[by], created_at=clock.now()))
        return sheet.id


def handed_in(street: Village, *rows: services.RowDraft, by: str = "member", **values: Any) -> int:
    sheet_id = opened(street, *rows, by=by, **values)
    with transaction():
        services.submit_sheet(street.actor(by), sheet_id)
    return sheet_id


def faults(sheet_id: int) -> dict[int, list[str]]:
    """The sentences about each row, in English, by its number."""
    found = {r.position: [f["text"] % f["params"] if f["params"] else f["text"] for f in r.faults or []]
             for r in db.session.query(SheetRow).filter_by(sheet_id=sheet_id)}
    db.session.rollback()
    return found


__all__ = ["HELP", "MONTH", "VISIT", "draft", "faults", "handed_in", "opened", "row"]
