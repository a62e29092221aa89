"""What the book refuses, in sentences."""

from __future__ import annotations

from pointsbank.core.errors import Conflict, Forbidden, Invalid, NotFound, lazy


class NotEnough(Conflict):
    """A wallet, its live lots or the held points do not suffice. ``available`` and ``needed`` are texts of points."""

    code = "ledger.not_enough"
    message = lazy("Not enough points: %(available)s can be used now, %(needed)s are needed.")


class KeyConflict(Conflict):
    """The same source key came with other content: one of the two has already been done."""

    code = "ledger.conflict"
    message = lazy("This was already entered in the book in another way. Nothing was changed.")


class AlreadyReversed(Conflict):
    """A transfer is reversed at most once."""

    code = "ledger.already_reversed"
    message = lazy("This entry was already taken back.")


class NotReversible(Conflict):
    """A reversal that does not mirror its transfer, or that names a reversal."""

    code = "ledger.not_reversible"
    message = lazy("This entry can't be taken back.")


class LotChanged(Conflict):
    """An expiry found less in its lot than it was built for, or came before the day."""

    code = "ledger.lot_changed"
    message = lazy("These points were used in the meantime. Please try again.")


class DebtOverpaid(Conflict):
    """More is paid back than is owed."""

    code = "ledger.debt_overpaid"
    message = lazy("More would be paid back than is owed.")


class StillHeld(Conflict):
    """Points are put aside for an order: whose they are can't be settled before it is closed."""

    code = "ledger.still_held"
    message = lazy("%(points)s points are put aside for orders. Have them picked up or cancelled first.")


class HasSuccessor(Conflict):
    """The passbook was closed; another stands in its place."""

    code = "ledger.has_successor"
    message = lazy("This passbook is closed; another has taken its place.")


class BadTransfer(Invalid):
    """No positive whole amount, one account on both sides, or accounts that are not here."""

    code = "ledger.bad_transfer"
    message = lazy("This can't be entered in the book: the amount or the accounts are not right.")


class UnknownEntry(NotFound):
    """No transfer has this source key here."""

    code = "ledger.unknown_entry"
    message = lazy("This entry is not in the book.")


class NoWallet(NotFound):
    """Not this person's wallet, or none at all: the two look the same from outside."""

    code = "ledger.no_wallet"
    message = lazy("There is no such wallet here.")


class BadOpeningRows(Invalid):
    """Rows of the file that can't be understood; ``rows`` holds (row number, sentence)."""

    code = "ledger.bad_opening_rows"
    message = lazy("Nothing was imported: %(count)s rows are not right. The first: row %(row)s, %(reason)s")


class EmptyOpening(Invalid):
    """No row at all."""

    code = "ledger.empty_opening"
    message = lazy("The file has no rows below its heading.")


class SecondPersonNeeded(Forbidden):
    """Whoever brought the file can't confirm it."""

    code = "ledger.second_person_needed"
    message = lazy("You imported these balances. Somebody else has to check and confirm them.")


class OpeningNotAllowed(Forbidden):
    """Opening balances are the office's to bring."""

    code = "ledger.opening_not_allowed"
    message = lazy("Opening balances are entered by the committee or an administrator.")


class OpeningStep(Conflict):
    """A step out of turn."""

    code = "ledger.opening_step"
    message = lazy("These opening balances are not at this step any more. Please look at the page again.")
