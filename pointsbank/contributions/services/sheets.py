"""Sheets of paper: typed in and kept as a draft, handed in with a reason and a photo, confirmed by a second person.

The exceptional way in, for what could not be scanned. Confirmed rows go through the funnel like any deed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from pointsbank.communities import settings
from pointsbank.contributions import policy, queries
from pointsbank.contributions.errors import (
    NotAReviewer,
    NotYourSheet,
    ReasonMissing,
    SheetCap,
    SheetChanged,
    SheetNotReady,
    SheetOver,
    SheetSecondPerson,
    SheetTooLong,
)
from pointsbank.contributions.models import (
    MOST_ROWS,
    SHEET_ALLOWED,
    SHEET_OPEN,
    Contribution,
    RecordedVia,
    Sheet,
    SheetRow,
    SheetState,
)
from pointsbank.contributions.queries.sheets import Understood, drafts_of, understand
from pointsbank.contributions.services.recording import DeedDraft, record
from pointsbank.contributions.services.reviewing import approve_free
from pointsbank.contributions.sheet_reading import LONGEST, RowDraft, last_filled
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import Invalid, NotFound, lazy
from pointsbank.media import queries as media_queries
from pointsbank.media import services as media
from pointsbank.media.models import Purpose
from pointsbank.people import queries as people
from pointsbank.people.models import Resident, User

ROWS_AT_FIRST = 15


@dataclass(frozen=True)
class SheetDraft:
    """What stands above the rows: ``month`` is any day of it, ``team_id`` the leader's team or None for the office."""

    title: str
    month: dt.date
    reason: str = ""
    team_id: int | None = None
    rows: tuple[RowDraft, ...] = field(default=())
    rows_shown: int = ROWS_AT_FIRST


def open_sheet(actor: Actor, draft: SheetDraft) -> Sheet:
    """Begin a sheet; it is kept as a draft. Raises NotYourSheet, NotFound, Invalid, SheetTooLong."""
    if actor.community_id is None:
        raise NotFound
    if draft.team_id is not None:
        people.team(actor.community_id, draft.team_id)
    if not policy.may_enter_sheet(actor, draft.team_id):
        raise NotYourSheet
    _check(draft)
    sheet = Sheet(
        community_id=actor.community_id, state=SheetState.DRAFT, team_id=draft.team_id, title=draft.title.strip()[:60],
        month=draft.month.replace(day=1), reason=draft.reason.strip()[:300], rows_shown=_shown(draft),
        entered_by_id=actor.user_id or 0, created_at=clock.now())
    db.session.add(sheet)
    db.session.flush()
    _keep(sheet, draft.rows)
    audit.write(actor, "contributions.open_sheet", f"sheet:{sheet.id}", team=draft.team_id)
    return sheet


def save_sheet(actor: Actor, sheet_id: int, draft: SheetDraft, *, photo_ids: Sequence[int] = ()) -> Sheet:
    """Keep what was typed, whatever is wrong with it; each row is read anew. Its team stays as it was.

    ``photo_ids`` are photos of the paper, stored by the same actor. Raises SheetOver, Invalid, SheetTooLong.
    """
    sheet = _own(actor, sheet_id)
    _check(draft)
    sheet.title, sheet.month = draft.title.strip()[:60], draft.month.replace(day=1)
    sheet.reason, sheet.rows_shown = draft.reason.strip()[:300], _shown(draft)
    db.session.flush()
    _keep(sheet, draft.rows)
    if photo_ids:
        media.attach(actor, photo_ids, f"sheet:{sheet.id}", purpose=Purpose.SHEET)
    typed = sum(1 for row in draft.rows if not row.is_empty)
    audit.write(actor, "contributions.save_sheet", f"sheet:{sheet.id}", rows=typed)
    return sheet


def submit_sheet(actor: Actor, sheet_id: int) -> Sheet:
    """Hand a sheet in for its second person. Raises SheetOver, SheetNotReady, SheetCap."""
    sheet = _own(actor, sheet_id)
    rows = understand(sheet, drafts_of(queries.sheets.rows_of(sheet)))
    _write(sheet, rows)
    wrong: dict[str, Any] = {}
    if len(sheet.reason) < 2:
        wrong["reason"] = lazy("Say why these deeds come on paper.")
    key = f"sheet:{sheet.id}"
    if not media_queries.photos_of(sheet.community_id, [key])[key]:
        wrong["photos"] = lazy("Add a photo of the paper.")
    bad = [str(row.draft.position) for row in rows if row.stops]
    if bad:
        wrong["rows"] = lazy("These rows are not right yet: %(rows)s", rows="、".join(bad[:60]))
    elif not rows:
        wrong["rows"] = lazy("No row is filled in.")
    if wrong:
        raise SheetNotReady(fields=wrong)
    _take_from_cap(actor, sheet, len(rows))
    _move(sheet, SheetState.SUBMITTED)
    sheet.submitted_at = clock.now()
    db.session.flush()
    audit.write(actor, "contributions.submit_sheet", key, rows=len(rows))
    return sheet


@dataclass(frozen=True)
class Confirmed:
    """A sheet that went in: its deeds, and those of them that the second person's look approved at once."""

    sheet: Sheet
    deeds: list[Contribution]
    approved: list[Contribution]


def confirm_sheet(actor: Actor, sheet_id: int) -> Confirmed:
    """The second person confirms: every row becomes a deed, recorded by whoever typed it.

    Where this person may decide about a row the deed is approved with it; rows of the own family, of declared
    relatives, of the own team, and what only the panel may approve, wait for somebody else. Constant statements.
    Raises NotAReviewer, SheetSecondPerson, SheetOver, SheetChanged.
    """
    sheet = _for_second(actor, sheet_id)
    stored = queries.sheets.rows_of(sheet)
    rows = understand(sheet, drafts_of(stored))
    agreed = {row.position: (row.resident_id, row.done_on, row.item_code) for row in stored}
    changed = [str(r.draft.position) for r in rows if r.stops or agreed[r.draft.position] != _meaning(r)]
    if changed:
        raise SheetChanged(rows="、".join(changed[:60]))
    _move(sheet, SheetState.CONFIRMED)
    _decided(actor, sheet, "")
    deeds = record(actor, [_deed(sheet, row) for row in rows])
    done = approve_free(actor, [deed.id for deed in deeds])
    return Confirmed(sheet, deeds, done)


def return_sheet(actor: Actor, sheet_id: int, reason: str) -> Sheet:
    """Send a sheet back to whoever typed it. Raises ReasonMissing and those of :func:`confirm_sheet`."""
    if len(reason.strip()) < 2:
        raise ReasonMissing(fields={"reason": lazy("Say what has to be put right.")})
    sheet = _for_second(actor, sheet_id)
    _move(sheet, SheetState.RETURNED)
    _decided(actor, sheet, reason)
    return sheet


def discard_sheet(actor: Actor, sheet_id: int) -> Sheet:
    """Throw a draft away, or a sheet that came back; it is kept for the record. Raises SheetOver."""
    sheet = _own(actor, sheet_id)
    _move(sheet, SheetState.DISCARDED)
    db.session.flush()
    audit.write(actor, "contributions.discard_sheet", f"sheet:{sheet.id}")
    return sheet


# ── Pieces ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _own(actor: Actor, sheet_id: int) -> Sheet:
    """The sheet, locked, of whoever entered it, while it is open for changes."""
    sheet = get_scoped(Sheet, sheet_id, actor.community_id, lock=True)
    if sheet.entered_by_id != actor.user_id:
        raise NotFound
    if not policy.may_enter_sheet(actor, sheet.team_id):
        raise NotYourSheet
    if sheet.state not in SHEET_OPEN:
        raise SheetOver
    return sheet


def _for_second(actor: Actor, sheet_id: int) -> Sheet:
    sheet = get_scoped(Sheet, sheet_id, actor.community_id, lock=True)
    if not policy.may_see_sheet(actor, sheet):
        raise NotFound
    if not policy.is_judge(actor):
        raise NotAReviewer
    if not policy.may_confirm_sheet(actor, sheet):
        raise SheetSecondPerson
    if sheet.state is not SheetState.SUBMITTED:
        raise SheetOver
    return sheet


def _move(sheet: Sheet, target: SheetState) -> None:
    if target not in SHEET_ALLOWED[sheet.state]:
        raise SheetOver
    sheet.state = target


def _decided(actor: Actor, sheet: Sheet, answer: str) -> None:
    sheet.decided_by_id, sheet.decided_at, sheet.answer = actor.user_id, clock.now(), answer.strip()[:300]
    db.session.flush()
    audit.write(actor, f"contributions.sheet_{sheet.state.value}", f"sheet:{sheet.id}")


def _check(draft: SheetDraft) -> None:
    wrong: dict[str, Any] = {}
    if not draft.title.strip():
        wrong["title"] = lazy("Give the sheet a name.")
    if not dt.date(2000, 1, 1) <= draft.month <= clock.today():
        wrong["month"] = lazy("Choose the month of the sheet.")
    if draft.rows_shown > MOST_ROWS or last_filled(draft.rows) > MOST_ROWS:
        raise SheetTooLong(fields={"rows": SheetTooLong.message})
    long = [f"{row.position} ({name} {LONGEST[name]})" for row in draft.rows for name in row.too_long]
    if long:
        wrong["rows"] = lazy("Too long, shorten it: row %(rows)s", rows="、".join(long[:20]))
    if len({row.position for row in draft.rows}) != len(draft.rows) or any(row.position < 1 for row in draft.rows):
        wrong["rows"] = lazy("Each row has a number of its own, from 1.")
    if wrong:
        raise Invalid(fields=wrong)


def _shown(draft: SheetDraft) -> int:
    return min(max(draft.rows_shown, last_filled(draft.rows), 1), MOST_ROWS)


def _keep(sheet: Sheet, drafts: Sequence[RowDraft]) -> None:
    """The rows of the sheet are those typed now."""
    _write(sheet, understand(sheet, drafts))


def _write(sheet: Sheet, rows: Sequence[Understood]) -> None:
    """Rows as they were typed and as they are understood, in two statements."""
    db.session.execute(sa.delete(SheetRow).where(SheetRow.community_id == sheet.community_id,
                                                 SheetRow.sheet_id == sheet.id)
                       .execution_options(synchronize_session=False))
    if rows:
        table: Any = SheetRow.__table__
        db.session.execute(sa.insert(table), [_row(sheet, row) for row in rows])
    db.session.expire_all()


def _row(sheet: Sheet, row: Understood) -> dict[str, Any]:
    typed, amount = row.draft, row.amount
    return {
        "community_id": sheet.community_id, "sheet_id": sheet.id, "position": typed.position, "who": typed.who.strip(),
        "household": typed.household.strip(), "day": typed.day.strip(), "item": typed.item.strip(),
        "amount": typed.amount.strip(), "note": typed.note.strip(), "double_ok": typed.double_ok,
        "resident_id": row.resident.id if row.resident else None, "done_on": row.done_on,
        "item_code": row.rule.code if row.rule else None, "minutes": amount.minutes if amount else None,
        "units": amount.units if amount else None, "score": amount.score if amount else None,
        "amount_fen": amount.amount_fen if amount else None, "faults": row.faults or None,
    }


def _meaning(row: Understood) -> tuple[int | None, dt.date | None, str | None]:
    return (row.resident.id if row.resident else None, row.done_on, row.rule.code if row.rule else None)


def _deed(sheet: Sheet, row: Understood) -> DeedDraft:
    """A confirmed row as a deed. Its public title is the item's: the note may name somebody."""
    resident, day, rule, amount = row.resident, row.done_on, row.rule, row.amount
    if resident is None or day is None or rule is None or amount is None:
        raise SheetChanged(rows=str(row.draft.position))
    return DeedDraft(
        kind=str(rule.kind), resident_id=resident.id, title=rule.name, on=day,
        source_key=f"sheet:{sheet.id}/row:{row.draft.position}", minutes=amount.minutes, units=amount.units,
        score=amount.score, amount_fen=amount.amount_fen, item_code=rule.code, text=row.draft.note.strip(),
        recorded_via=RecordedVia.PAPER, team_id=sheet.team_id, recorder_user_id=sheet.entered_by_id,
        reason=sheet.reason[:200])


def _take_from_cap(actor: Actor, sheet: Sheet, wanted: int) -> None:
    """Leaders have a monthly number of rows. Their own row is locked: two sheets at once are counted one by one."""
    cap = settings.of(sheet.community_id).typed_rows_cap
    if not cap or actor.has_role(*policy.SHEET_CLERKS):
        return
    db.session.execute(sa.select(User.id).where(User.id == actor.user_id).with_for_update(key_share=True))
    month = clock.at_local(clock.today().replace(day=1))
    left = max(cap - queries.sheets.entered_since(sheet.community_id, actor.user_id, month), 0)
    if wanted > left:
        raise SheetCap(cap=cap, left=left)


def forget_typed() -> int:
    """Blank what was typed in words about people who were erased since; the number of rows. In all communities."""
    erased = sa.select(Resident.id).where(Resident.erased_at.is_not(None))
    done: Any = db.session.execute(sa.update(SheetRow).where(
        SheetRow.resident_id.in_(erased), sa.or_(SheetRow.who != "", SheetRow.note != ""))
        .values(who="", note="").execution_options(synchronize_session=False))
    return int(done.rowcount)
