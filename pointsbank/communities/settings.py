"""What a community decides for itself, with the defaults of the house.

Each setting has a label and a sentence that says what it does; the form and the API are made from these.
"""

from __future__ import annotations

import dataclasses
import enum
from dataclasses import dataclass, field
from typing import Any

from pointsbank.communities.models import Area
from pointsbank.core.db import db
from pointsbank.core.errors import Invalid, NotFound, lazy


class ExpiryPolicy(enum.StrEnum):
    """When points lapse: never, at the end of the year, so many months after the month of earning, each quarter."""

    NEVER = "never"
    YEAR_END = "year_end"
    MONTHS = "months"
    QUARTER = "quarter"


EXPIRY_LABELS = {
    ExpiryPolicy.NEVER: lazy("Points never lapse"),
    ExpiryPolicy.YEAR_END: lazy("At the end of the year"),
    ExpiryPolicy.MONTHS: lazy("So many months after the month in which they were earned"),
    ExpiryPolicy.QUARTER: lazy("At the end of each quarter"),
}


def _setting(default: Any, label: Any, help_: Any, *, least: int = 0, most: int = 0, unit: str = "") -> Any:
    """``unit``: "yuan" is kept in fen, "points" in hundredths; else the number itself."""
    return field(default=default,
                 metadata={"label": label, "help": help_, "least": least, "most": most, "unit": unit})


@dataclass(frozen=True)
class CommunitySettings:
    """Money is in fen, points in hundredths, stays and shares in percent. 0 means "no limit" for caps and budgets."""

    notice_days: int = _setting(
        7, lazy("Days of a public notice"),
        lazy("How long a list hangs out before its points become spendable. Three days at least."), least=3, most=60)
    objection_window: str = _setting(
        "", lazy("Where to object"), lazy("Window and street, as it is printed on each notice."), most=80)
    objection_phone: str = _setting("", lazy("Phone for objections"), lazy("Printed on each notice."), most=30)
    objection_box: str = _setting(
        "", lazy("Box for slips of paper"), lazy("Where it hangs, as it is printed on each notice."), most=80)
    office_name: str = _setting(
        "", lazy("Name of the office"), lazy("Who signs notices and sheets. Empty: the community's own name."), most=60)
    pickup_days: int = _setting(
        30, lazy("Days to pick up goods"),
        lazy("After that an order lapses, the goods go back on the shelf and the points to the household."),
        least=1, most=180)
    fen_per_point: int = _setting(
        100, lazy("Yuan for one point"),
        lazy("Only for the budget: what a point costs the community. Prices in the shop are set in points."),
        least=1, most=100_000, unit="yuan")
    budget_fen: int = _setting(
        0, lazy("Yearly budget in yuan"), lazy("The figures warn at 80% of it. 0: no budget is watched."),
        most=10**11, unit="yuan")
    monthly_cap: int = _setting(
        0, lazy("Points given out a month at most"), lazy("For the whole community. 0: no limit."), most=10**11,
        unit="points")
    expiry: str = _setting(
        ExpiryPolicy.NEVER, lazy("When points lapse"),
        lazy("Holds for points earned from now on. Residents see the day beside their points."))
    expiry_months: int = _setting(
        36, lazy("Months until points lapse"), lazy("Only if points lapse after a number of months."), least=1,
        most=120)
    open_days: tuple[int, ...] = _setting(
        (), lazy("Open days of the shop"),
        lazy("Days of the month, for example 9, 19, 29. Empty: the shop is open every day."), least=1, most=31)
    resident_cancel: bool = _setting(
        True, lazy("Residents may cancel an order"), lazy("Until it was picked up. The points come back at once."))
    checkout_share: int = _setting(
        50, lazy("Share of the time without check-out, in percent"),
        lazy("Somebody who checked in but not out gets this share until the leader confirms the whole."), most=100)
    minimum_stay: int = _setting(
        60, lazy("Least stay, in percent"), lazy("Of the planned time. Who stays shorter gets nothing for it."),
        most=100)
    daily_redeem_cap: int = _setting(
        0, lazy("Points a household may spend a day"), lazy("Protects a lost phone or card. 0: no limit."),
        most=10**9, unit="points")
    typed_rows_cap: int = _setting(
        60, lazy("Rows typed in by hand a month"),
        lazy("For each leader, from paper or memory. What is above it the committee enters."), most=10_000)

    def to_json(self) -> dict[str, object]:
        """Only what differs from the defaults."""
        plain = dataclasses.asdict(self)
        return {k: list(v) if isinstance(v, tuple) else v for k, v in plain.items() if v != _DEFAULTS[k]}


FIELDS = {f.name: f for f in dataclasses.fields(CommunitySettings)}
_DEFAULTS = dataclasses.asdict(CommunitySettings())


def from_json(stored: dict[str, object]) -> CommunitySettings:
    """Settings from their stored differences; unknown keys of older versions are passed over."""
    known: dict[str, Any] = {k: v for k, v in stored.items() if k in _DEFAULTS}
    if "open_days" in known:
        known["open_days"] = tuple(known["open_days"])
    return CommunitySettings(**known)


def replace(old: CommunitySettings, changes: dict[str, Any]) -> CommunitySettings:
    """The settings with some changed. Raises Invalid for a name that isn't a setting or a value of another kind."""
    for name, value in changes.items():
        if name not in _DEFAULTS:
            raise Invalid(fields={name: lazy("There is no such setting.")})
        wanted = type(_DEFAULTS[name])
        fits = isinstance(value, tuple | list) if wanted is tuple else isinstance(value, wanted)
        if issubclass(wanted, str):
            fits = isinstance(value, str)
        if not fits or (wanted is int and isinstance(value, bool)):
            raise Invalid(fields={name: lazy("This value is of the wrong kind.")})
    clean: dict[str, Any] = {k: tuple(sorted(set(v))) if k == "open_days" else v.strip() if isinstance(v, str) else v
             for k, v in changes.items()}
    return dataclasses.replace(old, **clean)


def check(wanted: CommunitySettings) -> dict[str, Any]:
    """The sentences for settings out of bounds, by name; empty when all is well."""
    refused: dict[str, Any] = {}
    for name, about in FIELDS.items():
        value, meta = getattr(wanted, name), about.metadata
        if name == "expiry":
            if value not in set(ExpiryPolicy):
                refused[name] = lazy("Choose one of the four.")
        elif name == "open_days":
            if not all(isinstance(day, int) and 1 <= day <= 31 for day in value):
                refused[name] = lazy("Days of the month from 1 to 31, with commas between them.")
        elif isinstance(value, str):
            if len(value) > meta["most"]:
                refused[name] = lazy("This text is too long.")
        elif not isinstance(value, bool) and not meta["least"] <= value <= meta["most"]:
            refused[name] = lazy("This number is too small or too large.")
    return refused


def of(community_id: int) -> CommunitySettings:
    """The settings of a community. Raises NotFound."""
    area = db.session.get(Area, community_id)
    if area is None:
        raise NotFound
    return from_json(area.settings or {})
