"""What can be asked about sheets of paper: lists, rows, and what rows mean: who, when, which item, is it a double."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from pointsbank.contributions import policy
from pointsbank.contributions.models import MOST_ROWS, Contribution, Sheet, SheetRow, SheetState, State
from pointsbank.contributions.sheet_reading import Amount, RowDraft, plain, read_amount, read_day
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.i18n import N_
from pointsbank.core.paging import Page, page
from pointsbank.people import queries as people
from pointsbank.people.models import Card, CardState, Resident, TeamMember
from pointsbank.rules import queries as rules
from pointsbank.rules.evaluation import Rule, Version
from pointsbank.rules.models import DeedKind

DAYS_BACK = 366
TAIL = 4
CARD_DIGITS = 8
MOST_NAMED = 4


def sheet(actor: Actor, sheet_id: int) -> Sheet:
    """One sheet, for whoever entered it and the desk. Raises NotFound."""
    found = get_scoped(Sheet, sheet_id, actor.community_id)
    if not policy.may_see_sheet(actor, found):
        raise NotFound
    return found


def sheets(actor: Actor, *, waiting: bool = False, cursor: str | None = None, limit: int | None = None) -> Page[Sheet]:
    """Sheets, the newest first: all for the desk, their own for leaders. ``waiting``: to be confirmed, oldest first."""
    query = scoped(Sheet, actor.community_id)
    if not policy.is_desk(actor):
        query = query.where(Sheet.entered_by_id == (actor.user_id or 0))
    if waiting:
        query = query.where(Sheet.state == SheetState.SUBMITTED)
    return page(query, Sheet.id, cursor=cursor, limit=limit, descending=not waiting)


def rows_of(found: Sheet) -> Sequence[SheetRow]:
    """The filled rows of a sheet in their order; one statement."""
    return db.session.scalars(scoped(SheetRow, found.community_id).where(SheetRow.sheet_id == found.id)
                              .order_by(SheetRow.position)).all()


def row_counts(community_id: int, sheet_ids: Collection[int]) -> dict[int, int]:
    """How many rows each sheet has; one statement."""
    counts = dict.fromkeys(sheet_ids, 0)
    for sheet_id, number in db.session.execute(
            sa.select(SheetRow.sheet_id, sa.func.count())
            .where(SheetRow.community_id == community_id, SheetRow.sheet_id.in_(list(counts)))
            .group_by(SheetRow.sheet_id)):
        counts[sheet_id] = number
    return counts


def entered_since(community_id: int, user_id: int | None, moment: dt.datetime) -> int:
    """How many rows somebody handed in on sheets since a moment; what came back or was thrown away doesn't count."""
    return db.session.scalar(
        sa.select(sa.func.count()).select_from(SheetRow).join(Sheet, Sheet.id == SheetRow.sheet_id).where(
            SheetRow.community_id == community_id, Sheet.entered_by_id == user_id, Sheet.submitted_at >= moment,
            Sheet.state.in_([SheetState.SUBMITTED, SheetState.CONFIRMED]))) or 0


# ── What rows mean ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Understood:
    """A row with what it was understood as. ``faults`` are stored sentences: ``column``, ``text``, ``params``, and
    ``tick`` where it only has to be ticked."""

    draft: RowDraft
    resident: Resident | None = None
    done_on: dt.date | None = None
    rule: Rule | None = None
    amount: Amount | None = None
    faults: list[dict[str, Any]] = field(default_factory=list)

    def wrong(self, column: str, text: str, *, tick: bool = False, **params: Any) -> None:
        """Note a fault."""
        self.faults.append({"column": column, "text": text, "params": params, "tick": tick})

    @property
    def stops(self) -> bool:
        """The sheet can't be handed in with this row."""
        return any(not fault["tick"] or not self.draft.double_ok for fault in self.faults)


def understand(found: Sheet, drafts: Sequence[RowDraft]) -> list[Understood]:
    """Read rows: people, days, items, amounts, doubles. The number of statements doesn't grow with the rows."""
    rows = [Understood(draft) for draft in drafts if not draft.is_empty]
    for row in rows:
        _read_day(row, found.month)
    versions = rules.versions_for_days(found.community_id, {row.done_on for row in rows if row.done_on is not None})
    for row in rows:
        _read_item(row, versions.get(row.done_on) if row.done_on is not None else None)
    _find_people(found, rows)
    _find_doubles(found, rows)
    return rows


def _read_day(row: Understood, month: dt.date) -> None:
    day = read_day(row.draft.day, month)
    if day is None:
        row.wrong("day", N_("Write the day like 12 or 4-12."))
    elif (day.year, day.month) != (month.year, month.month):
        row.wrong("day", N_("This day is not in the month of the sheet."))
    elif day > clock.today():
        row.wrong("day", N_("This day is still to come."))
    elif (clock.today() - day).days > DAYS_BACK:
        row.wrong("day", N_("This was more than a year ago and can't be checked any more."))
    else:
        row.done_on = day


def _read_item(row: Understood, version: Version | None) -> None:
    wanted = plain(row.draft.item)
    if not wanted:
        row.wrong("item", N_("Write the code or the name of an item of the standard."))
        return
    if row.done_on is None:
        return
    if version is None:
        row.wrong("item", N_("No standard was in force on this day."))
        return
    open_rules = [r for r in version.rules if r.kind != DeedKind.BASE and not r.takes_away]
    found = [r for r in open_rules if r.code == wanted] or [r for r in open_rules if plain(r.name) == wanted]
    found = found or [r for r in open_rules if wanted in plain(r.name)]
    if len(found) != 1:
        if found:
            row.wrong("item", N_("This fits several items: %(items)s. Write the code."),
                      items="、".join(f"{r.code} {r.name}" for r in found[:MOST_NAMED]))
        else:
            row.wrong("item", N_("The standard of that day has no such item."))
        return
    row.rule = found[0]
    row.amount = read_amount(row.draft.amount, row.rule)
    if row.amount is None:
        row.wrong("amount", AMOUNT_WANTED[str(row.rule.measures)])


AMOUNT_WANTED = {
    "times": N_("Leave it empty for once, or write a whole number."), "minutes": N_("Write hours like 2 or 1.5."),
    "units": N_("A whole number from 1."), "score": N_("Write the score of the inspection."),
    "amount": N_("Write the amount in yuan."),
}


# ── Whom rows name ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _People:
    """Everybody whom some row may mean, looked up at once."""

    residents: Sequence[Resident]
    cards: dict[str, int]
    homes: dict[int, set[str]]
    home_on: Callable[[int, dt.date], int | None]
    numbers: dict[int, str]
    in_team: dict[int, list[tuple[dt.date, dt.date | None]]]


def _digits(text: str) -> str:
    clean = plain(text).replace(" ", "").replace("-", "")
    return clean if clean.isdecimal() and len(clean) >= TAIL else ""


def _find_people(found: Sheet, rows: Sequence[Understood]) -> None:
    known = _look_up(found, rows)
    for row in rows:
        who, home = plain(row.draft.who), plain(row.draft.household)
        if not who:
            row.wrong("who", N_("Write who did it: member number, name, or the end of the phone number."))
            continue
        fits = _fitting(known, who, home)
        if found.team_id is not None:
            fits = [r for r in fits if _was_member(known.in_team.get(r.id, ()), row.done_on)]
        if len(fits) == 1:
            _take(row, fits[0])
        elif not fits:
            row.wrong("who", N_("Nobody of your team fits this.") if found.team_id is not None else
                      N_("Nobody here fits this. Look at the name, or write the member number."))
        else:
            row.wrong("who", N_("Several people fit: %(people)s. Write the household number or the end of the phone "
                                "number as well."), people=_named(known, fits))


def _take(row: Understood, resident: Resident) -> None:
    if resident.left_on is not None and row.done_on is not None and row.done_on >= resident.left_on:
        row.wrong("who", N_("%(name)s did not live here any more on this day."), name=resident.name)
        return
    row.resident = resident


def _fitting(known: _People, who: str, home: str) -> list[Resident]:
    """The residents that a cell can mean: a card number, the whole or the end of a phone, a name; a name and the end of
    a phone may stand together (``李明 0412``). The household, where one is written, has to fit as well."""
    name, tail = who, ""
    if " " in who and _digits(who.rsplit(" ", 1)[1]):
        name, tail = who.rsplit(" ", 1)
    digits = _digits(who)
    if digits and digits in known.cards:
        fits = [r for r in known.residents if r.id == known.cards[digits]]
    elif digits:
        fits = [r for r in known.residents if (r.phone or "").endswith(digits)]
    else:
        fits = [r for r in known.residents if r.name == name and (not tail or (r.phone or "").endswith(tail))]
    return [r for r in fits if not home or home in known.homes.get(r.id, set())]


def _was_member(spans: Iterable[tuple[dt.date, dt.date | None]], day: dt.date | None) -> bool:
    on = day or clock.today()
    return any(since <= on and (until is None or on < until) for since, until in spans)


def _named(known: _People, fits: Sequence[Resident]) -> str:
    """Candidates with what tells them apart: household, and the end of the phone number."""
    today = clock.today()
    parts = []
    for resident in fits[:MOST_NAMED]:
        number = known.numbers.get(known.home_on(resident.id, today) or 0, "")
        tail = (resident.phone or "")[-TAIL:]
        parts.append(" ".join(part for part in (resident.name, number, f"…{tail}" if tail else "") if part))
    return "、".join(parts) + ("…" if len(fits) > MOST_NAMED else "")


def _look_up(found: Sheet, rows: Sequence[Understood]) -> _People:
    """Four or five statements, however many rows."""
    cells = {plain(row.draft.who) for row in rows}
    digits = {d for cell in cells if (d := _digits(cell))}
    names = {cell for cell in cells if not _digits(cell)}
    names |= {cell.rsplit(" ", 1)[0] for cell in names if " " in cell}
    cards = {row.number: row.resident_id for row in db.session.execute(
        sa.select(Card.number, Card.resident_id).where(
            Card.community_id == found.community_id, Card.state == CardState.ACTIVE,
            Card.number.in_([d for d in digits if len(d) == CARD_DIGITS])))}
    ends = sa.func.substr(Resident.phone, sa.func.length(Resident.phone) - (TAIL - 1))
    residents = db.session.scalars(scoped(Resident, found.community_id).where(
        Resident.erased_at.is_(None), sa.or_(
            Resident.name.in_(list(names)), Resident.id.in_(list(cards.values())),
            ends.in_([d[-TAIL:] for d in digits]))).order_by(Resident.id)).all()
    ids = [r.id for r in residents]
    days = {row.done_on for row in rows if row.done_on is not None} | {clock.today()}
    home_on = people.households_then(found.community_id, ids)
    of = {i: {home for day in days if (home := home_on(i, day)) is not None} for i in ids}
    numbers = {i: home.number for i, home in people.households_by_id(
        found.community_id, {home for found_homes in of.values() for home in found_homes}).items()}
    homes = {i: {numbers[home] for home in found_homes} for i, found_homes in of.items()}
    in_team: dict[int, list[tuple[dt.date, dt.date | None]]] = {}
    if found.team_id is not None:
        for member in db.session.scalars(sa.select(TeamMember).where(
                TeamMember.team_id == found.team_id, TeamMember.resident_id.in_(ids))):
            in_team.setdefault(member.resident_id, []).append((member.since_on, member.until_on))
    return _People(residents, cards, homes, home_on, numbers, in_team)


# ── Doubles ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _find_doubles(found: Sheet, rows: Sequence[Understood]) -> None:
    """The same person, item and day: twice on the sheet, in the funnel already (by attendance too), on another one."""
    whole = [row for row in rows if row.resident and row.done_on and row.rule]
    if not whole:
        return
    people_ids = {row.resident.id for row in whole if row.resident}
    days = {row.done_on for row in whole}
    taken: dict[tuple[int, dt.date], list[tuple[str | None, str, str]]] = {}
    for resident_id, day, code, kind, title in db.session.execute(
            sa.select(Contribution.resident_id, Contribution.done_on, Contribution.item_code, Contribution.kind,
                      Contribution.title).where(
                Contribution.community_id == found.community_id, Contribution.resident_id.in_(people_ids),
                Contribution.done_on.in_(days), Contribution.state.notin_([State.DRAFT, State.WITHDRAWN,
                                                                           State.REJECTED]),
                ~Contribution.source_key.startswith(f"sheet:{found.id}/", autoescape=True))):
        taken.setdefault((resident_id, day), []).append((code, str(kind), title))
    for other_id, on, item, name in db.session.execute(
            sa.select(SheetRow.resident_id, SheetRow.done_on, SheetRow.item_code, Sheet.title)
            .join(Sheet, Sheet.id == SheetRow.sheet_id).where(
                SheetRow.community_id == found.community_id, SheetRow.sheet_id != found.id,
                Sheet.state == SheetState.SUBMITTED, SheetRow.resident_id.in_(people_ids),
                SheetRow.done_on.in_(days))):
        if other_id is not None and on is not None:
            taken.setdefault((other_id, on), []).append((item, "", name))
    first: dict[tuple[int, dt.date, str], int] = {}
    for row in whole:
        if row.resident is None or row.done_on is None or row.rule is None:
            continue
        same = [title for code, kind, title in taken.get((row.resident.id, row.done_on), ())
                if code == row.rule.code or (code is None and kind == row.rule.kind)]
        if same:
            row.wrong("who", N_("Recorded already on this day: “%(title)s”. Tick it if this is another one."),
                      tick=True, title=same[0])
        key = (row.resident.id, row.done_on, row.rule.code)
        if key in first:
            row.wrong("who", N_("The same as row %(row)s. Tick it if this is another one."), tick=True,
                      row=str(first[key]))
        first.setdefault(key, row.draft.position)


def drafts_of(rows: Iterable[SheetRow]) -> list[RowDraft]:
    """Stored rows as they were typed."""
    return [RowDraft(r.position, r.who, r.household, r.day, r.item, r.amount, r.note, r.double_ok) for r in rows]


def lines_shown(found: Sheet, drafts: Sequence[RowDraft]) -> list[RowDraft]:
    """All lines of the form in order, the empty ones as well."""
    typed = {draft.position: draft for draft in drafts}
    most = min(max(found.rows_shown, max(typed, default=0)), MOST_ROWS)
    return [typed.get(n) or RowDraft(n) for n in range(1, most + 1)]
