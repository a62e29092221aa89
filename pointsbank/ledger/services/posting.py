"""``post``: the only door into the book. Tidy, lock, look, decide, write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from pointsbank.core import clock
from pointsbank.core.db import db
from pointsbank.ledger.errors import BadTransfer, KeyConflict
from pointsbank.ledger.models import AccountKind
from pointsbank.ledger.services import reading
from pointsbank.ledger.services.deciding import Account, Decider, Transfer, request_hash
from pointsbank.ledger.services.writing import write


def post(community_id: int, transfers: Sequence[Transfer], today: dt.date) -> dict[str, int]:
    """Write a batch, all of it or nothing, and answer the transfer id of each given source key.

    A key that the book already knows with the same content is answered and not written again. ``today`` is the
    Shanghai day that decides which lots are live. Call it once per transaction, after all other rows were locked and
    all accounts opened: a second call would lock accounts out of order. Raises :class:`~pointsbank.ledger.errors.
    NotEnough`, ``KeyConflict``, ``AlreadyReversed``, ``NotReversible``, ``LotChanged`` and ``BadTransfer``, each with
    nothing written.
    """
    wanted, hashes = _tidied(community_id, transfers)
    if not wanted:
        return {}
    connection = db.session.connection()
    sides = {side for t in wanted.values() for side in (t.from_id, t.to_id, t.debt_id) if side is not None}
    accounts = reading.lock(connection, community_id, sides)
    _lock_successors(connection, community_id, accounts)
    # Only a statement of its own, after the lock, sees what others committed meanwhile.
    stored = reading.stored(connection, community_id, list(wanted))
    if any(hashes[key] != found[0] for key, found in stored.items()):
        raise KeyConflict
    ids = {key: found[1] for key, found in stored.items()}
    new = [t for key, t in wanted.items() if key not in ids]
    if new:
        decision = _looked(connection, community_id, new, accounts, today).decide(new)
        written = write(connection, community_id, decision, clock.now(), today)
        ids.update((key, written[key]) for key in wanted if key in written)
    return ids


def _lock_successors(connection: sa.Connection, community_id: int, accounts: dict[int, Account]) -> None:
    """Where a closed passbook is among the accounts, those that stand in its place are locked as well, to the last.

    Out of the order of ids, which may cost a deadlock and another try; but it is rare, and nobody else has to ask.
    """
    while wanted := {a.successor for a in accounts.values() if a.successor is not None} - accounts.keys():
        accounts |= reading.lock(connection, community_id, wanted)


def _tidied(community_id: int, transfers: Sequence[Transfer]) -> tuple[dict[str, Transfer], dict[str, bytes]]:
    """One transfer per key, in the order of the batch."""
    wanted: dict[str, Transfer] = {}
    hashes: dict[str, bytes] = {}
    for t in transfers:
        if isinstance(t.amount, bool) or not isinstance(t.amount, int) or t.amount <= 0 or t.from_id == t.to_id:
            raise BadTransfer
        if not t.source_key:
            raise BadTransfer
        digest = request_hash(community_id, t)
        if hashes.setdefault(t.source_key, digest) != digest:
            raise KeyConflict
        wanted.setdefault(t.source_key, t)
    return wanted, hashes


def _looked(connection: sa.Connection, community_id: int, new: Sequence[Transfer], accounts: dict[int, Account],
            today: dt.date) -> Decider:
    """What the decision needs to know beyond the balances; asked only where a transfer needs it."""
    reversing = {t.reverses_id for t in new if t.reverses_id is not None}
    originals = reading.originals(connection, community_id, reversing) if reversing else {}
    paying = {t.from_id for t in new if t.from_id in accounts and accounts[t.from_id].kind == AccountKind.WALLET}
    named = {t.expires_on for t in new if t.expires_on is not None and t.from_id in paying}
    lots = reading.lots_of(connection, paying, today, named) if paying else {}
    return Decider(today, accounts, lots, originals)
