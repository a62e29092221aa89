"""Opening balances: what the paper book held before the bank opened.

One person imports the sheet, another confirms it, a notice shows it to everybody (the rooms above hand the lines to
``publicity`` and tell the number of the notice), and one batch posts what no objection struck.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pointsbank.core import audit, clock, sheets
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import lazy
from pointsbank.core.points import NotPoints, parse_points
from pointsbank.ledger import policy
from pointsbank.ledger.errors import (
    BadOpeningRows,
    EmptyOpening,
    OpeningNotAllowed,
    OpeningStep,
    SecondPersonNeeded,
    UnknownEntry,
)
from pointsbank.ledger.models import OPENING_ALLOWED, OpeningBatch, OpeningLine, OpeningState, TransferKind
from pointsbank.ledger.services import reading
from pointsbank.ledger.services.posting import post
from pointsbank.ledger.services.verbs import Award, award_transfers
from pointsbank.people.models import Household, HouseholdMember, Resident

COLUMNS: dict[str, Sequence[str]] = {
    "household_number": ("户号", "户编号", "Household number"),
    "phone": ("手机号", "电话", "Phone"),
    "name": ("姓名", "户主", "Name"),
    "points": ("积分", "余额", "Points"),
    "expires_on": ("有效期", "到期日", "Valid until"),
}


@dataclass(frozen=True)
class OpeningLineView:
    """One balance as the notice needs it; ``name`` is unmasked, publishing masks it."""

    source_key: str
    row_number: int
    owner_key: str
    household_number: str
    name: str
    amount: int
    expires_on: dt.date | None
    struck_because: str | None


@dataclass(frozen=True)
class _Owner:
    key: str
    number: str
    names: tuple[str, ...]


def read_opening(raw: bytes) -> list[sheets.SheetRow]:
    """The rows of an .xlsx or CSV (work for the processor: do it before the lock). Raises the errors of ``sheets``."""
    return sheets.read(raw, COLUMNS, required=("points",))


def import_opening(actor: Actor, rows: Sequence[sheets.SheetRow], file_name: str) -> OpeningBatch:
    """Keep a sheet as a draft, all rows or none. A row names a household by number, or a resident by phone.

    Raises :class:`OpeningNotAllowed`, :class:`EmptyOpening`, and :class:`BadOpeningRows` whose data ``rows`` lists
    (row number, sentence) of every bad row.
    """
    if not policy.may_open(actor):
        raise OpeningNotAllowed
    community_id = _community(actor)
    if not rows:
        raise EmptyOpening
    lines, refused = _understood(community_id, rows)
    if refused:
        raise BadOpeningRows(count=len(refused), row=refused[0][0], reason=str(refused[0][1]), rows=refused)
    batch = OpeningBatch(community_id=community_id, state=OpeningState.DRAFT, file_name=file_name[:200],
                         imported_by_id=actor.user_id, imported_at=clock.now())
    db.session.add(batch)
    db.session.flush()
    db.session.execute(sa.insert(OpeningLine), [{"batch_id": batch.id, **line} for line in lines])
    audit.write(actor, "ledger.import_opening", f"opening:{batch.id}", rows=len(lines))
    return batch


def confirm_opening(actor: Actor, batch_id: int) -> OpeningBatch:
    """A second person has compared the sheet with the paper book. Raises :class:`SecondPersonNeeded`."""
    batch = _step(actor, batch_id, OpeningState.CONFIRMED)
    if batch.imported_by_id == actor.user_id:
        raise SecondPersonNeeded
    batch.state, batch.confirmed_by_id, batch.confirmed_at = OpeningState.CONFIRMED, actor.user_id, clock.now()
    audit.write(actor, "ledger.confirm_opening", f"opening:{batch_id}")
    return batch


def mark_opening_published(actor: Actor, batch_id: int, notice_id: int) -> OpeningBatch:
    """The lines hang on the notice of this number."""
    batch = _step(actor, batch_id, OpeningState.PUBLISHED)
    batch.state, batch.notice_id = OpeningState.PUBLISHED, notice_id
    audit.write(actor, "ledger.publish_opening", f"opening:{batch_id}", notice=notice_id)
    return batch


def withdraw_opening(actor: Actor, batch_id: int, reason: str) -> OpeningBatch:
    """Give the batch up, at any step before the first of its lines was posted."""
    batch = _step(actor, batch_id, OpeningState.WITHDRAWN)
    if _posted_keys(batch):
        raise OpeningStep
    batch.state = OpeningState.WITHDRAWN
    audit.write(actor, "ledger.withdraw_opening", f"opening:{batch_id}", reason=reason)
    return batch


def opening_lines(community_id: int, batch_id: int) -> list[OpeningLineView]:
    """The lines of a batch in the order of the sheet, the struck ones with their reason."""
    batch = get_scoped(OpeningBatch, batch_id, community_id)
    lines = db.session.scalars(sa.select(OpeningLine).where(OpeningLine.batch_id == batch.id)
                               .order_by(OpeningLine.row_number))
    return [OpeningLineView(_key(batch.id, line.row_number), line.row_number, line.owner_key, line.household_number,
                            line.name, line.amount, line.expires_on, line.struck_because) for line in lines]


def strike_opening_line(actor: Actor, source_key: str, reason: str) -> None:
    """An objection against ``opening:<batch>:<row>`` was upheld: the line will not be posted.

    Raises :class:`OpeningStep` once it has been, and :class:`UnknownEntry` for a key that is none of ours.
    """
    parts = source_key.split(":")
    if len(parts) != 3 or parts[0] != "opening" or not (parts[1].isdecimal() and parts[2].isdecimal()):
        raise UnknownEntry
    batch = _locked(actor, int(parts[1]), judge=True)
    if batch.state not in (OpeningState.CONFIRMED, OpeningState.PUBLISHED) or source_key in _posted_keys(batch):
        raise OpeningStep
    struck: Any = db.session.execute(sa.update(OpeningLine).where(
        OpeningLine.batch_id == batch.id, OpeningLine.row_number == int(parts[2])).values(struck_because=reason[:500]))
    if struck.rowcount != 1:
        raise UnknownEntry
    audit.write(actor, "ledger.strike_opening_line", source_key, reason=reason)


def post_opening(actor: Actor, batch_id: int, frozen: Collection[str] = ()) -> dict[str, int]:
    """Post a published batch in one go: everything that was neither struck nor is ``frozen`` by an open objection.

    While lines are frozen the batch stays published; calling again later posts those, the others are answered by their
    keys. The system may call it when the notice closes: two people stood for the batch already.
    """
    batch = _locked(actor, batch_id, system=True)
    if batch.state == OpeningState.CONFIRMED or OpeningState.POSTED not in OPENING_ALLOWED[batch.state]:
        raise OpeningStep
    lines = [line for line in opening_lines(batch.community_id, batch_id) if line.struck_because is None]
    due = [line for line in lines if line.source_key not in frozen]
    awards = [Award(line.owner_key, line.amount, line.source_key, line.expires_on) for line in due]
    posted = post(batch.community_id, award_transfers(batch.community_id, awards, TransferKind.OPENING), clock.today())
    if len(due) == len(lines):
        batch.state, batch.posted_at = OpeningState.POSTED, clock.now()
    audit.write(actor, "ledger.post_opening", f"opening:{batch_id}", lines=len(posted),
                community_id=batch.community_id)
    return posted


# ── Below: steps, and understanding a sheet ─────────────────────────────────────────────────────────────────────


def _community(actor: Actor) -> int:
    if actor.community_id is None:
        raise OpeningNotAllowed
    return actor.community_id


def _locked(actor: Actor, batch_id: int, *, system: bool = False, judge: bool = False) -> OpeningBatch:
    if not (policy.may_open(actor) or (system and actor.is_system) or (judge and policy.may_strike(actor))):
        raise OpeningNotAllowed
    return get_scoped(OpeningBatch, batch_id, _community(actor), lock=True)


def _step(actor: Actor, batch_id: int, target: OpeningState) -> OpeningBatch:
    batch = _locked(actor, batch_id)
    if target not in OPENING_ALLOWED[batch.state]:
        raise OpeningStep
    return batch


def _key(batch_id: int, row_number: int) -> str:
    return f"opening:{batch_id}:{row_number}"


def _posted_keys(batch: OpeningBatch) -> set[str]:
    rows = db.session.scalars(sa.select(OpeningLine.row_number).where(OpeningLine.batch_id == batch.id))
    keys = [_key(batch.id, number) for number in rows]
    return set(reading.stored(db.session.connection(), batch.community_id, keys))


def _understood(community_id: int, rows: Sequence[sheets.SheetRow]) -> tuple[list[dict[str, Any]],
                                                                             list[tuple[int, Any]]]:
    """Lines of the good rows, and (row number, sentence) of the bad ones."""
    households, residents = _owners(community_id, rows)
    known = set(db.session.scalars(
        sa.select(OpeningLine.owner_key).join(OpeningBatch, OpeningBatch.id == OpeningLine.batch_id)
        .where(OpeningBatch.community_id == community_id, OpeningBatch.state != OpeningState.WITHDRAWN,
               OpeningLine.struck_because.is_(None))))
    lines: list[dict[str, Any]] = []
    refused: list[tuple[int, Any]] = []
    for row in rows:
        try:
            line = _line(row, households, residents)
            if line["owner_key"] in known:
                raise _BadRow(lazy("This household or resident already has an opening balance."))
        except _BadRow as bad:
            refused.append((row.number, bad.sentence))
            continue
        known.add(line["owner_key"])
        lines.append(line)
    return lines, refused


class _BadRow(Exception):
    def __init__(self, sentence: Any) -> None:
        super().__init__()
        self.sentence = sentence


def _line(row: sheets.SheetRow, households: dict[str, _Owner], residents: dict[str, list[_Owner]]) -> dict[str, Any]:
    cells = {key: row.cells.get(key, "") for key in COLUMNS}
    if cells["household_number"]:
        owner = households.get(cells["household_number"])
        if owner is None:
            raise _BadRow(lazy("There is no household with this number."))
    else:
        candidates = [o for o in residents.get(cells["phone"], []) if not cells["name"] or cells["name"] in o.names]
        if len(candidates) != 1:
            raise _BadRow(lazy("Neither a household number nor a phone that belongs to exactly one resident."))
        owner = candidates[0]
    if cells["name"] and cells["name"] not in owner.names:
        raise _BadRow(lazy("The name is not that of a member of this household."))
    return {"row_number": row.number, "owner_key": owner.key, "household_number": owner.number,
            "name": cells["name"] or next(iter(owner.names), ""), "amount": _amount(cells["points"]),
            "expires_on": _day(cells["expires_on"]), "struck_because": None}


def _amount(text: str) -> int:
    try:
        amount = parse_points(text)
    except NotPoints as refusal:
        raise _BadRow(refusal.sentence) from None
    if amount <= 0:
        raise _BadRow(lazy("An opening balance is more than 0."))
    return amount


def _day(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise _BadRow(lazy("The day has to be written like 2026-12-31.")) from None
    if day < clock.today():
        raise _BadRow(lazy("These points would have expired already."))
    return day


def _owners(community_id: int, rows: Sequence[sheets.SheetRow]) -> tuple[dict[str, _Owner], dict[str, list[_Owner]]]:
    """Households by number and residents by phone, in two queries. The head's name comes first."""
    numbers = {row.cells.get("household_number", "") for row in rows} - {""}
    phones = {row.cells.get("phone", "") for row in rows} - {""}
    names: dict[tuple[int, str], list[str]] = {}
    members = (
        sa.select(Household.id, Household.number, Resident.name)
        .outerjoin(HouseholdMember, sa.and_(HouseholdMember.household_id == Household.id,
                                            HouseholdMember.until_on.is_(None)))
        .outerjoin(Resident, Resident.id == HouseholdMember.resident_id)
        .where(Household.community_id == community_id, Household.number.in_(numbers), Household.closed_on.is_(None))
        .order_by(Household.id, HouseholdMember.is_head.desc(), HouseholdMember.id))
    for household_id, number, name in db.session.execute(members):
        names.setdefault((household_id, number), []).extend([name] if name else [])
    households = {number: _Owner(f"household:{household_id}", number, tuple(found))
                  for (household_id, number), found in names.items()}
    residents: dict[str, list[_Owner]] = {}
    people = sa.select(Resident).where(Resident.community_id == community_id, Resident.phone.in_(phones),
                                       Resident.left_on.is_(None))
    for person in db.session.scalars(people):
        residents.setdefault(person.phone or "", []).append(_Owner(f"resident:{person.id}", "", (person.name,)))
    return households, residents
