"""What can be done in the book: build transfers with the verbs, then ``post`` them once."""

from pointsbank.ledger.models import NEVER, AccountKind, Book, TransferKind
from pointsbank.ledger.services.accounts import accounts, community_key, open_accounts
from pointsbank.ledger.services.deciding import ONWARD, Transfer
from pointsbank.ledger.services.opening import (
    OpeningLineView,
    confirm_opening,
    import_opening,
    mark_opening_published,
    opening_lines,
    post_opening,
    read_opening,
    strike_opening_line,
    withdraw_opening,
)
from pointsbank.ledger.services.posting import post
from pointsbank.ledger.services.returning import Return, latest, pass_back, pass_on, reopen, return_transfers, returns
from pointsbank.ledger.services.rolling import roll_up
from pointsbank.ledger.services.sharing import Share, share_transfers
from pointsbank.ledger.services.succeeding import (
    HOUSE_BOOKS,
    Bequest,
    Piece,
    Portion,
    bequest_transfers,
    foreseen,
)
from pointsbank.ledger.services.verbs import (
    Award,
    Hold,
    award_transfers,
    collect_transfers,
    deduction_transfers,
    expiry_transfers,
    hold_transfers,
    lock_wallet,
    release_transfers,
    reversal_transfers,
)

__all__ = [
    "HOUSE_BOOKS", "NEVER", "ONWARD", "AccountKind", "Award", "Bequest", "Book", "Hold", "OpeningLineView", "Piece",
    "Portion", "Return", "Share", "Transfer", "TransferKind", "accounts", "award_transfers", "bequest_transfers",
    "collect_transfers", "community_key", "confirm_opening", "deduction_transfers", "expiry_transfers", "foreseen",
    "hold_transfers", "import_opening", "latest", "lock_wallet", "mark_opening_published", "open_accounts",
    "opening_lines", "pass_back", "pass_on", "post", "post_opening", "read_opening", "release_transfers", "reopen",
    "return_transfers", "returns", "reversal_transfers", "roll_up", "share_transfers", "strike_opening_line",
    "withdraw_opening",
]
