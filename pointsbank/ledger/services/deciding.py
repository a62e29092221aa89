"""The rules of the book, decided in plain Python for both databases from what was read under the lock.

Everything that is refused is refused here, with nothing written yet.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from pointsbank.core.points import format_points
from pointsbank.ledger.errors import AlreadyReversed, BadTransfer, DebtOverpaid, LotChanged, NotEnough, NotReversible
from pointsbank.ledger.models import NEVER, AccountKind, TransferKind

EARNED = frozenset({TransferKind.AWARD, TransferKind.OPENING})
ONWARD = "/onward"  # ends the key of what a closed passbook sent on to its successor


@dataclass(frozen=True, slots=True)
class Transfer:
    """A wish to move ``amount`` hundredths. The verbs build it, ``post`` makes it a row of the book.

    ``expires_on``: the lot to fill (None = never), or the lot to take from. ``debt_id``: the debt account of the
    wallet's owner; an award then repays what is owed, a reversal of an award borrows what was already spent.
    """

    from_id: int
    to_id: int
    amount: int
    kind: str
    source_key: str
    expires_on: dt.date | None = None
    reverses_id: int | None = None
    debt_id: int | None = None


@dataclass(slots=True)
class Account:
    """A cached account as it stands under the lock; ``balance`` runs along while a batch is decided.

    ``successor`` is the account that stands in a closed one's place, ``days`` how long what arrives there may last.
    """

    kind: str
    book: str
    floor: int | None
    balance: int
    successor: int | None = None
    days: int | None = None


@dataclass(slots=True)
class Original:
    """A transfer that is to be reversed, with the lots that it took from."""

    from_id: int
    to_id: int
    amount: int
    reverses_id: int | None
    reversed_by: int | None
    taken: dict[dt.date, int] = field(default_factory=dict)


@dataclass(slots=True)
class Decision:
    """What is to be written: rows, the net change per account and lot, and the allocations by source key."""

    rows: list[tuple[Transfer, str]] = field(default_factory=list)
    net: dict[int, int] = field(default_factory=dict)
    lots: dict[tuple[int, dt.date], int] = field(default_factory=dict)
    allocations: list[tuple[str, dt.date, int]] = field(default_factory=list)


def request_hash(community_id: int, t: Transfer) -> bytes:
    """16 bytes that tell a repeat from another transfer under the same key.

    ``debt_id`` stays out: an owner may have come into debt between a try and its repeat. Also kept with the row, so
    that ``verify`` names a row whose content was altered.
    """
    never = t.expires_on is None or t.expires_on == NEVER
    text = (f"{community_id}|{t.from_id}|{t.to_id}|{t.amount}|{t.kind}|{'' if never else t.expires_on}|"
            f"{t.reverses_id or ''}|{t.source_key}")
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


class Decider:
    """Applies a batch in its order to what was read. One instance serves one batch, or one whole replay."""

    def __init__(self, today: dt.date, accounts: dict[int, Account], lots: dict[int, dict[dt.date, int]],
                 originals: Mapping[int, Original]) -> None:
        self.today = today
        self.accounts = accounts
        self.lots = lots
        self.originals = originals
        self.reversed: set[int] = set()
        self.out = Decision()

    def decide(self, transfers: Iterable[Transfer]) -> Decision:
        """The whole batch, or the first refusal as an exception."""
        for transfer in transfers:
            if transfer.debt_id is not None and transfer.reverses_id is not None:
                self._borrow_for(transfer)
            self.apply(transfer)
            if transfer.debt_id is not None and transfer.kind in EARNED:
                self._repay_from(transfer)
            self._send_on(transfer)
        return self.out

    def apply(self, t: Transfer) -> None:
        """One transfer: balances, then lots. Raises the refusals of ``ledger.errors``."""
        payer, payee = self.accounts.get(t.from_id), self.accounts.get(t.to_id)
        if payer is None and payee is None:
            raise BadTransfer
        if t.reverses_id is not None:
            self._check_reversal(t)
        if payer is not None:
            self._take(t, payer)
        if payee is not None:
            t = self._give(t, payee)
        known = payer or payee
        assert known is not None
        self.out.rows.append((t, known.book))

    def _check_reversal(self, t: Transfer) -> None:
        assert t.reverses_id is not None
        original = self.originals.get(t.reverses_id)
        if original is None or original.reverses_id is not None:
            raise NotReversible
        if (original.from_id, original.to_id, original.amount) != (t.to_id, t.from_id, t.amount):
            raise NotReversible
        if original.reversed_by is not None or t.reverses_id in self.reversed:
            raise AlreadyReversed
        self.reversed.add(t.reverses_id)

    def _take(self, t: Transfer, payer: Account) -> None:
        if payer.floor is not None and payer.balance - t.amount < payer.floor:
            raise _not_enough(payer.balance - payer.floor, t.amount)
        if payer.kind == AccountKind.WALLET:
            self._take_from_lots(t)
        self._move(t.from_id, payer, -t.amount)

    def _give(self, t: Transfer, payee: Account) -> Transfer:
        if payee.kind == AccountKind.DEBT and payee.balance + t.amount > 0:
            raise DebtOverpaid
        if payee.kind == AccountKind.WALLET:
            if t.reverses_id is None:
                if t.expires_on is None:
                    t = replace(t, expires_on=NEVER)
                assert t.expires_on is not None
                self._change_lot(t.to_id, t.expires_on, t.amount)
            else:
                for day, amount in self.originals[t.reverses_id].taken.items():
                    self._change_lot(t.to_id, day, amount)
                    self.out.allocations.append((t.source_key, day, amount))
        self._move(t.to_id, payee, t.amount)
        return t

    def _take_from_lots(self, t: Transfer) -> None:
        """Earliest live day first. An expiry takes from its own lot alone, and never before the day is over; a
        succession never gives points a longer life than they had."""
        left = t.amount
        if t.kind == TransferKind.EXPIRY and (t.expires_on is None or t.expires_on >= self.today):
            raise LotChanged
        for day, amount in self._reachable(t):
            part = min(left, amount)
            if t.kind == TransferKind.SUCCESSION and (t.expires_on is None or t.expires_on > day):
                raise BadTransfer
            self._change_lot(t.from_id, day, -part)
            if not self._returns(t):  # of these the named lot is known; only where it goes is written down
                self.out.allocations.append((t.source_key, day, -part))
            left -= part
            if not left:
                return
        if t.kind == TransferKind.EXPIRY:
            raise LotChanged
        raise _not_enough(t.amount - left, t.amount)

    def _reachable(self, t: Transfer) -> list[tuple[dt.date, int]]:
        """The lots that a transfer may take from, in order: the one it names, then the live ones.

        An expiry takes from the named one only, and so does a succession that is taken back: other points in its
        place would get the days of those that are gone.
        """
        mine = self.lots.get(t.from_id, {})
        named = [t.expires_on] if t.expires_on is not None else []
        if t.kind != TransferKind.EXPIRY and not self._returns(t):
            named += sorted(day for day in mine if day >= self.today and day != t.expires_on)
        return [(day, mine[day]) for day in named if mine.get(day)]

    def _returns(self, t: Transfer) -> bool:
        """A succession that is taken back: from wallet to wallet."""
        payee = self.accounts.get(t.to_id)
        return t.reverses_id is not None and payee is not None and payee.kind == AccountKind.WALLET

    def _borrow_for(self, t: Transfer) -> None:
        """A reversed award whose points were spent: the debt covers the shortfall first, in the award's own lot."""
        wallet = self.accounts.get(t.from_id)
        if wallet is None or wallet.kind != AccountKind.WALLET or t.debt_id not in self.accounts:
            raise BadTransfer
        missing = t.amount - sum(amount for _day, amount in self._reachable(t))
        if missing > 0:
            borrowed = Transfer(t.debt_id, t.from_id, missing, TransferKind.DEBT, f"{t.source_key}/debt",
                                expires_on=t.expires_on)
            self.apply(borrowed)
            self._pass_debt_on(borrowed)

    def _repay_from(self, t: Transfer) -> None:
        """What the owner owes is paid out of the award itself, as far as it goes."""
        assert t.debt_id is not None
        debt = self.accounts.get(t.debt_id)
        if debt is None or debt.kind != AccountKind.DEBT:
            raise BadTransfer
        amount = min(-debt.balance, t.amount)
        if amount > 0:
            self.apply(Transfer(t.to_id, t.debt_id, amount, TransferKind.REPAYMENT, f"{t.source_key}/repaid",
                                expires_on=t.expires_on or NEVER))

    def _send_on(self, t: Transfer) -> None:
        """Nothing stays in a closed passbook: what arrives goes on at once, lot by lot, and so does a debt."""
        self._pass_debt_on(t)
        wallet = self.accounts.get(t.to_id)
        if wallet is None or wallet.successor is None or wallet.kind != AccountKind.WALLET:
            return
        heir_id, days = self._last_of(wallet)
        debt_id = self._heir_of_debt(t.debt_id)
        latest = NEVER if days is None else self.today + dt.timedelta(days)
        given = {t.expires_on or NEVER: t.amount} if t.reverses_id is None else self.originals[t.reverses_id].taken
        for day in sorted(given):
            amount = min(given[day], self.lots.get(t.to_id, {}).get(day, 0))
            if amount > 0:
                on = Transfer(t.to_id, heir_id, amount, TransferKind.SUCCESSION, f"{t.source_key}{ONWARD}:{day}",
                              expires_on=min(day, latest), debt_id=debt_id)
                self.apply(on)
                if debt_id is not None and t.kind in EARNED:
                    self._repay_from(on)

    def _pass_debt_on(self, t: Transfer) -> None:
        debt = self.accounts.get(t.from_id)
        if debt is not None and debt.kind == AccountKind.DEBT and debt.successor is not None:
            heir_id, _days = self._last_of(debt)
            self.apply(Transfer(heir_id, t.from_id, t.amount, TransferKind.DEBT_SUCCESSION,
                                f"{t.source_key}{ONWARD}"))

    def _heir_of_debt(self, debt_id: int | None) -> int | None:
        debt = self.accounts.get(debt_id) if debt_id is not None else None
        return self._last_of(debt)[0] if debt is not None and debt.successor is not None else None

    def _last_of(self, account: Account) -> tuple[int, int | None]:
        """The open account at the end of a line of successors, and the shortest term on the way there."""
        assert account.successor is not None
        heir_id, terms = account.successor, [account.days]
        heir = self.accounts[heir_id]
        while heir.successor is not None:
            terms.append(heir.days)
            heir_id = heir.successor
            heir = self.accounts[heir_id]
        return heir_id, min((days for days in terms if days is not None), default=None)

    def _change_lot(self, account_id: int, day: dt.date, change: int) -> None:
        mine = self.lots.setdefault(account_id, {})
        mine[day] = mine.get(day, 0) + change
        self.out.lots[account_id, day] = self.out.lots.get((account_id, day), 0) + change

    def _move(self, account_id: int, account: Account, change: int) -> None:
        account.balance += change
        self.out.net[account_id] = self.out.net.get(account_id, 0) + change


def _not_enough(available: int, needed: int) -> NotEnough:
    return NotEnough(available=format_points(max(available, 0)), needed=format_points(needed))
