"""What a line of the book is called: the ledger knows only source keys, the rooms that caused them know the words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from flask_babel import gettext as _

from pointsbank.contributions import queries as contributions
from pointsbank.contributions.queries.sharing import describe_shares
from pointsbank.core.i18n import N_
from pointsbank.deductions import describing as deductions
from pointsbank.ledger.models import TransferKind
from pointsbank.ledger.queries import Entry
from pointsbank.ledger.services import ONWARD
from pointsbank.shop import queries as shop
from pointsbank.succession import describing as succession


class Line(Protocol):
    """Whatever has a kind and a source key: an entry of a passbook, a transfer of the general book."""

    @property
    def kind(self) -> TransferKind: ...

    @property
    def source_key(self) -> str: ...


# For a line that no room remembers: rows brought from an older system, say.
BY_ITSELF = {
    TransferKind.AWARD: N_("Points for a deed"), TransferKind.OPENING: N_("Brought over from the paper book"),
    TransferKind.HOLD: N_("Order in the shop"), TransferKind.RELEASE: N_("Order cancelled"),
    TransferKind.COLLECT: N_("Order picked up"), TransferKind.DEDUCTION: N_("Points taken away"),
    TransferKind.REVERSAL: N_("Correction"),
    TransferKind.SUCCESSION: N_("Moved to another passbook"), TransferKind.DEBT_SUCCESSION: N_("A shortfall passed on"),
}


@dataclass(frozen=True)
class Words:
    """A line in the reader's language: what it was, and why or how; ``link`` leads to its letter."""

    title: str
    note: str = ""
    link: str = ""


def words(community_id: int, lines: Iterable[Line]) -> dict[str, Words]:
    """The words for each line by its source key. At most one question to each room, however many lines there are."""
    asked = list(lines)
    known: dict[str, Words] = {}
    for room, prefixes in ((contributions, ("award:", "opening:")), (shop, ("redemption:",))):
        keys = sorted({line.source_key for line in asked if line.source_key.startswith(prefixes)})
        if keys:
            known |= {key: Words(found.title, found.note) for key, found in room.describe(community_id, keys).items()}
    cases = succession.describe(community_id, sorted({
        line.source_key for line in asked if line.source_key.startswith("succession:")}))
    known |= {line.source_key: _passed(line, cases[line.source_key]) for line in asked if line.source_key in cases}
    shared = describe_shares(community_id, sorted({
        line.source_key for line in asked if line.source_key.startswith("share:")}))
    known |= {key: Words(*found) for key, found in shared.items()}
    taken = deductions.describe(community_id, sorted({
        line.source_key for line in asked if line.source_key.startswith("deduction:")}))
    known |= {key: Words(found.title, found.note, f"/deductions/{found.deduction_id}") for key, found in taken.items()}
    return {line.source_key: _spoken(line, known.get(line.source_key)) for line in asked}


def _passed(line: Line, case: succession.Described) -> Words:
    """A passbook says where its points went or came from; the general book says both."""
    if not isinstance(line, Entry):
        return Words(case.title, case.note)
    return Words(case.gone if line.amount < 0 else case.came, case.note)


def _spoken(line: Line, known: Words | None) -> Words:
    # These two carry the key of the award that made them, but they are another thing than the award.
    if line.kind is TransferKind.DEBT:
        return Words(_("Already spent: to be made up by later points"), known.title if known else "")
    if line.kind is TransferKind.REPAYMENT:
        return Words(_("Made up for an earlier correction"), known.title if known else "")
    if line.kind is TransferKind.EXPIRY:
        return Words(_("Points that lapsed"), _("Their last day was over"))
    if line.kind is TransferKind.SUCCESSION and ONWARD in line.source_key and known is not None:
        return Words(known.title, _("Came to a passbook that is closed, and went on to the one in its place"))
    return known or Words(_(BY_ITSELF[line.kind]))
