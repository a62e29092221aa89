"""What becomes of a household and its points: divided, joined, moved, a new head, somebody leaves, comes back or dies.

Each is a *case*: one person writes it down and sees beforehand who goes where and which points go with them, a second
person, of none of the households concerned, confirms it, and then all of it happens in one unit of work. A case is
numbered and never changed; a wrong one is taken back as a whole by another case.

The room writes nothing but its cases: ``people`` changes memberships, ``ledger`` moves the points. It stands above
``contributions`` and ``shop``, because it names the orders that are in the way and the points that are still to come.
"""
