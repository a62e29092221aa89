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


class PanelRequired(enum.StrEnum):
    """Which deeds the panel has to decide about: none, all that were filed, all that would earn more than a limit."""

    NONE = "none"
    FILED = "filed"
    POINTS = "points"


EXPIRY_LABELS = {
    ExpiryPolicy.NEVER: lazy("Points never lapse"),
    ExpiryPolicy.YEAR_END: lazy("At the end of the year"),
    ExpiryPolicy.MONTHS: lazy("So many months after the month in which they were earned"),
    ExpiryPolicy.QUARTER: lazy("At the end of each quarter"),
}
PANEL_LABELS = {
    PanelRequired.NONE: lazy("None has to: reviewers and the committee decide"),
    PanelRequired.FILED: lazy("All deeds that residents file, or that are filed for them"),
    PanelRequired.POINTS: lazy("Deeds that would earn more than so many points"),
}


class LeaverPolicy(enum.StrEnum):
    """What becomes of the points of somebody who moves away from the community."""

    KEEP = "keep"
    PASS = "pass"


LEAVER_LABELS = {
    LeaverPolicy.KEEP: lazy("They can still be used for some days, then they lapse"),
    LeaverPolicy.PASS: lazy("They pass to the household that stays"),
}
# The settings that are one of a few words, with what each word means.
CHOICES: dict[str, dict[Any, Any]] = {"expiry": EXPIRY_LABELS, "panel_required": PANEL_LABELS,
                                      "leaver_points": LEAVER_LABELS}


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
    leaver_points: str = _setting(
        LeaverPolicy.KEEP, lazy("Points of people who move away"),
        lazy("Where nobody of the household stays, they can always still be used for some days."))
    leaver_days: int = _setting(
        90, lazy("Days to use points after moving away"),
        lazy("With the member card at the counter. Points that lapse earlier do so."), least=1, most=730)
    heir_days: int = _setting(
        180, lazy("Days that points wait for an heir"),
        lazy("If somebody dies and nobody of the household is left. After that they lapse."), least=1, most=1830)
    panel_required: str = _setting(
        PanelRequired.NONE, lazy("Which deeds the panel decides about"),
        lazy("Nobody approves such a deed alone. Any other deed may come on a sitting’s list too."))
    panel_points: int = _setting(
        0, lazy("More than so many points"), lazy("Only if deeds go to the panel by their points."), most=10**9,
        unit="points")
    panel_quorum: int = _setting(
        0, lazy("Votes needed for each deed"),
        lazy("Members with a conflict of interest are not counted. 0: more than half of the others."), most=99)
    review_days: int = _setting(
        30, lazy("Days to review a deed"), lazy("What waits longer is marked on the desk."), least=1, most=365)
    comment_days: int = _setting(
        0, lazy("Days of comment on new scoring rules"),
        lazy("A draft has to be open to everybody for so long before it is put in force. 7 is usual; 0: not needed."),
        most=90)
    appeal_days: int = _setting(
        30, lazy("Days to ask for a review"),
        lazy("So long after a deed was decided, its points went into the passbook, or points were taken away."),
        least=7, most=365)
    rectify_days: int = _setting(
        7, lazy("Days to put right what would cost points"),
        lazy("At least. Only where a resolution has switched deductions on; nothing is taken before they are over."),
        least=3, most=180)
    cover_days: int = _setting(
        30, lazy("Days to keep a photo from before it was covered"),
        lazy("Only the committee can open it, each time with a reason. After that nobody can take the boxes away."),
        least=1, most=365)
    resident_tags: tuple[str, ...] = _setting(
        ("党员", "干部", "学生"), lazy("Tags that residents may carry"),
        lazy("For leagues and rules, with commas between them. Only the desk sees who carries one, never the public."),
        most=20)

    def to_json(self) -> dict[str, object]:
        """Only what differs from the defaults."""
        plain = dataclasses.asdict(self)
        return {k: list(v) if isinstance(v, tuple) else v for k, v in plain.items() if v != _DEFAULTS[k]}


FIELDS = {f.name: f for f in dataclasses.fields(CommunitySettings)}
_DEFAULTS = dataclasses.asdict(CommunitySettings())
LISTS = tuple(name for name, value in _DEFAULTS.items() if isinstance(value, tuple))
LONGEST_TAG = 20


def from_json(stored: dict[str, object]) -> CommunitySettings:
    """Settings from their stored differences; unknown keys of older versions are passed over."""
    known: dict[str, Any] = {k: v for k, v in stored.items() if k in _DEFAULTS}
    known |= {k: tuple(known[k]) for k in LISTS if k in known}
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
    clean: dict[str, Any] = {k: _list(k, v) if k in LISTS else v.strip() if isinstance(v, str) else v
             for k, v in changes.items()}
    return dataclasses.replace(old, **clean)


def _list(name: str, values: Any) -> tuple[Any, ...]:
    """Days in their order, tags in the order typed; nothing twice."""
    return tuple(sorted(set(values))) if name == "open_days" else tuple(dict.fromkeys(values))


def check(wanted: CommunitySettings) -> dict[str, Any]:
    """The sentences for settings out of bounds, by name; empty when all is well."""
    refused: dict[str, Any] = {}
    for name, about in FIELDS.items():
        value, meta = getattr(wanted, name), about.metadata
        if name in CHOICES:
            if value not in CHOICES[name]:
                refused[name] = lazy("Choose one of these.")
        elif name == "open_days":
            if not all(isinstance(day, int) and 1 <= day <= 31 for day in value):
                refused[name] = lazy("Days of the month from 1 to 31, with commas between them.")
        elif name == "resident_tags":
            if len(value) > meta["most"] or not all(
                    isinstance(tag, str) and 0 < len(tag.strip()) <= LONGEST_TAG for tag in value):
                refused[name] = lazy("At most 20 tags, each of at most 20 characters.")
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
