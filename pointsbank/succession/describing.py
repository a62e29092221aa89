"""What the lines of a passbook that came from a case were: for the one who gave, and for the one who received."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from pointsbank.core.db import db, scoped
from pointsbank.core.i18n import N_
from pointsbank.succession import wording
from pointsbank.succession.models import ChangeKind, HouseholdChange
from pointsbank.succession.queries import owner_names

_GONE: dict[ChangeKind, str] = {
    ChangeKind.SPLIT: N_("Moved to %(owner)s when the household was divided"),
    ChangeKind.MERGE: N_("Moved to %(owner)s when the households were joined"),
    ChangeKind.LEAVE: N_("Moved on when somebody left the community: %(owner)s"),
    ChangeKind.RETURN: N_("Went to %(owner)s on coming back"),
    ChangeKind.DEATH: N_("Left behind, now %(owner)s"),
    ChangeKind.HEIR: N_("Inherited, now %(owner)s"),
    ChangeKind.UNDO: N_("Went back to %(owner)s: the change was entered by mistake"),
}
_CAME: dict[ChangeKind, str] = {
    ChangeKind.SPLIT: N_("From %(owner)s when the household was divided"),
    ChangeKind.MERGE: N_("From %(owner)s when the households were joined"),
    ChangeKind.LEAVE: N_("From %(owner)s when somebody left the community"),
    ChangeKind.RETURN: N_("From %(owner)s on coming back"),
    ChangeKind.DEATH: N_("Left behind: from %(owner)s"),
    ChangeKind.HEIR: N_("Inherited: from %(owner)s"),
    ChangeKind.UNDO: N_("Came back from %(owner)s: the change was entered by mistake"),
}


@dataclass(frozen=True)
class Described:
    """A line by itself (``title``), as the giver reads it and as the receiver reads it; ``note`` says which case."""

    title: str
    gone: str
    came: str
    note: str


def describe(community_id: int, source_keys: Iterable[str]) -> dict[str, Described]:
    """The words for ``succession:…`` keys; unknown ones are left out. Three statements, however many keys."""
    asked = [(key, number) for key in source_keys if (number := _change_id(key)) is not None]
    rows = {c.id: c for c in db.session.scalars(
        scoped(HouseholdChange, community_id).where(HouseholdChange.id.in_({number for _key, number in asked})))}
    entries: dict[str, dict[str, Any]] = {}
    for one in rows.values():
        statement = one.statement or {"pieces": [], "debts": []}
        entries |= {entry["key"]: entry for entry in (*statement["pieces"], *statement["debts"])}
    mine = {key: entries[key] for key, _number in asked if key in entries}
    names = owner_names(community_id, {e[side] for e in mine.values() for side in ("giver", "receiver")})
    return {key: _described(rows[number], mine.get(key), names) for key, number in asked if number in rows}


def _change_id(key: str) -> int | None:
    room, _colon, rest = key.partition(":")
    number = rest.partition(":")[0].partition("/")[0]
    return int(number) if room == "succession" and number.isdecimal() else None


def _described(change: HouseholdChange, entry: dict[str, Any] | None, names: dict[str, str]) -> Described:
    title, note = str(wording.DONE[change.kind]), wording.when(change)
    if entry is None or change.kind not in _GONE:
        return Described(title, title, title, note)
    giver, receiver = wording.owner(entry["giver"], names), wording.owner(entry["receiver"], names)
    return Described(f"{title}: {giver} → {receiver}", _(_GONE[change.kind], owner=receiver),
                     _(_CAME[change.kind], owner=giver), note)
