"""PointsBank (积分银行): an open points bank and resident-engagement platform.

Every good deed is recorded as a contribution, judged by a committee's rules, published, posted to an append-only
ledger, and redeemed in a shop. The floors of the house are described in ``docs/house.md`` and held by
``tests/test_house_rules.py``.
"""

__version__ = "0.1.0"
