"""Deductions in the passbook: what it was, and the way to the letter. Only their owners and the desk see passbooks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _

from pointsbank.core.db import db, scoped
from pointsbank.core.formats import format_short_day
from pointsbank.deductions.models import Deduction

_KEY = re.compile(r"deduction:(\d+)(/single)?(/reversed)?(?:/.*)?")


@dataclass(frozen=True)
class Described:
    """A line in the reader's words; ``deduction_id`` leads to the letter."""

    title: str
    note: str
    deduction_id: int


def describe(community_id: int, source_keys: Iterable[str]) -> dict[str, Described]:
    """Words for ``deduction:…`` keys; unknown ones are left out. One statement."""
    parts = {key: match for key in source_keys if (match := _KEY.fullmatch(key)) is not None}
    ids = {int(match[1]) for match in parts.values()}
    rows = {row.id: row for row in db.session.scalars(
        scoped(Deduction, community_id).where(Deduction.id.in_(ids)))} if ids else {}
    return {key: _words(rows[int(match[1])], is_back=match[3] is not None, is_single=match[2] is not None)
            for key, match in parts.items() if int(match[1]) in rows}


def _words(row: Deduction, *, is_back: bool, is_single: bool) -> Described:
    day = format_short_day(row.seen_on)
    if is_back:
        return Described(_("Given back: %(what)s", what=row.rule_name), _("Letter No. %(n)s", n=row.id), row.id)
    note = (_("Letter No. %(n)s, counted once and no longer double", n=row.id) if is_single else
            _("Letter No. %(n)s, not put right", n=row.id))
    return Described(_("Taken away: %(what)s, %(day)s", what=row.rule_name, day=day), note, row.id)
