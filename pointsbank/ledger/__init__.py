"""The book: every point that exists is a transfer between two accounts, written once and never changed.

A transfer takes an amount from one account and adds it to another of the same book and community. Wallets, held points
and debts carry a cached balance; issuance, redeemed, expired and deducted do not, because each batch of awards
would queue for that one row. ``services.post`` is the only door in, ``queries`` answers balances and passbooks,
``verify`` replays everything and names the first row that is wrong.

The ledger is not the place where points are judged, published or promised: it knows owner keys (``household:17``) and
source keys (``award:88``) and nothing of what stands behind them. It stands on ``people`` and ``communities`` for
the import of opening balances and for asking who may read a wallet.
"""
