"""Made-up standards for the tests of this room."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from pointsbank.core.db import transaction
from pointsbank.rules import services
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.evaluation import Band, Cap, Deed, Version
from pointsbank.rules.models import (
    DeedKind,
    Measure,
    Meeting,
    Quantity,
    Receiver,
    ScoringStandard,
    Shape,
    Subject,
    Window,
)
from tests.support.village import Village

LONG_AGO = dt.date(2026, 1, 1)
A_DAY = dt.date(2026, 4, 18)
RESOLUTION = "2025年12月20日居民代表会议，到会31人，赞成29票"
VOTED = services.Resolution(RESOLUTION, Meeting.REPRESENTATIVES, dt.date(2025, 12, 20), present=31, votes_for=29,
                            votes_against=1, votes_abstain=1)
TWO_HOURS = Cap(Window.ACTIVITY, Subject.PERSON, Measure.QUANTITY, 120)
TWENTY_A_MONTH = Cap(Window.MONTH, Subject.PERSON, Measure.POINTS, 2000)
YUAN = 100
# DOMAIN: 10h -> 2, 20 -> 5, 50 -> 10, 80 -> 15, 100 -> 20, 150 -> 25, 200 -> 30, 250 -> 40, 300 -> 50.
LADDER = tuple(Band(hours * 60, 0, points * 100) for hours, points in (
    (10, 2), (20, 5), (50, 10), (80, 15), (100, 20), (150, 25), (200, 30), (250, 40), (300, 50)))
# Up to 99 yuan 0.1 per 10 yuan; 100-1,000 1 per 100; to 5,000 per 400; to 10,000 per 500; above per 1,000.
DONATION = (Band(0, 10 * YUAN, 10), Band(100 * YUAN, 100 * YUAN, 100), Band(1000 * YUAN, 400 * YUAN, 100),
            Band(5000 * YUAN, 500 * YUAN, 100), Band(10_000 * YUAN, 1000 * YUAN, 100))


def hours_rule(**changes: Any) -> RuleDraft:
    """Hailin: a point an hour, at most two hours an activity; here also 20 points a month."""
    values: dict[str, Any] = {
        "code": "1.1", "name": "参加志愿服务", "category": "志愿服务", "kind": DeedKind.VOLUNTEERING,
        "shape": Shape.PER_HOUR, "points": 100, "receiver": Receiver.HOUSEHOLD, "by_itself": True,
        "caps": (TWO_HOURS, TWENTY_A_MONTH)}
    return RuleDraft(**{**values, **changes})


def visit_rule(**changes: Any) -> RuleDraft:
    """A visit: two points each time, once a day."""
    values: dict[str, Any] = {
        "code": "1.2", "name": "看望独居老人", "category": "志愿服务", "kind": DeedKind.OTHER, "shape": Shape.PER_TIME,
        "points": 200, "receiver": Receiver.RESIDENT,
        "caps": (Cap(Window.DAY, Subject.PERSON, Measure.TIMES, 1),)}
    return RuleDraft(**{**values, **changes})


def piece_rule(**changes: Any) -> RuleDraft:
    """Half a point for each metre of ditch, at most 3 points a household and day."""
    values: dict[str, Any] = {
        "code": "2.1", "name": "清理沟渠", "category": "家园环境", "kind": DeedKind.OTHER, "shape": Shape.PER_UNIT,
        "points": 50, "unit": "米", "receiver": Receiver.HOUSEHOLD,
        "caps": (Cap(Window.DAY, Subject.HOUSEHOLD, Measure.POINTS, 300),)}
    return RuleDraft(**{**values, **changes})


def steps_rule(**changes: Any) -> RuleDraft:
    """Hours that add up within a year, each step paying the difference."""
    values: dict[str, Any] = {"shape": Shape.TIERS, "quantity": Quantity.MINUTES, "bands": LADDER, "points": 200,
                              "caps": (), "rounding_minutes": 1, "receiver": Receiver.RESIDENT}
    return hours_rule(**{**values, **changes})


def donation_rule(**changes: Any) -> RuleDraft:
    """A donation by brackets, at most 40 points a year."""
    values: dict[str, Any] = {
        "code": "7.1", "name": "捐款", "shape": Shape.BRACKETS, "quantity": Quantity.AMOUNT, "bands": DONATION,
        "points": 10, "caps": (Cap(Window.YEAR, Subject.HOUSEHOLD, Measure.POINTS, 4000),),
        "receiver": Receiver.HOUSEHOLD}
    return visit_rule(**{**values, **changes})


def version_of(*drafts: RuleDraft, number: int = 1, since: dt.date = LONG_AGO, until: dt.date | None = None) -> Version:
    """A version as plain values."""
    rules = tuple(draft.as_rule(rule_id) for rule_id, draft in enumerate(drafts, 1))
    return Version(number, number, "细则", since, until, RESOLUTION, rules)


def deed(**changes: Any) -> Deed:
    """Three hours of volunteering by resident 5 of household 7."""
    values: dict[str, Any] = {"kind": "volunteering", "on": A_DAY, "resident_id": 5, "household_id": 7, "minutes": 180,
                              "activity_key": "activity:3", "source_key": "attendance:1"}
    return Deed(**{**values, **changes})


def adopted(village: Village, drafts: Sequence[RuleDraft], since: dt.date = LONG_AGO, *, on_paper: bool = True,
            writer: str = "member", adopter: str = "second") -> ScoringStandard:
    """A standard in force, drafted by one and adopted by another."""
    with transaction():
        row = services.start_draft(village.actor(writer), "积分细则", list(drafts))
        return services.adopt(village.actor(adopter), row.id, since, RESOLUTION if on_paper else VOTED,
                              on_paper=on_paper)
