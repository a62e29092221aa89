"""The only door out of the book: offers, stock by lots, orders with vouchers, the counter.

An order puts goods and points aside in one transaction; handing over, cancelling and lapsing each close it once. The
shop
earns nobody anything and knows no rule of scoring. It stands on ``ledger`` (holds), ``media`` (pictures), ``people``
(households, cards) and ``notifications``.
"""
