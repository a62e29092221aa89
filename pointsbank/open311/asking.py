"""What a request asks for, read strictly. Pure: names and texts in, plain values out."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from pointsbank.core import clock
from pointsbank.open311.errors import BadDate, BadNumbers, BadPage, BadStatus, BadWindow, TooLong

MOST_DAYS = 90
MOST = 1000
LONGEST = 4000
OWN_IDS = ("fixmystreet_id", "external_id", "service_request_id_ext")
ADDRESS = "closest_address"
PERSONAL = {"name", "first_name", "last_name", "email", "phone"}
ATTRIBUTE = re.compile(r"attribute\[([\w.-]{1,60})\](\[\])?")
STATUSES = ("open", "closed")
# What mySociety's extension knows; REOPEN is sent by FixMyStreet when somebody ticks "not fixed".
SAID = ("OPEN", "REOPEN", "FIXED", "CLOSED", "INVESTIGATING", "IN_PROGRESS", "ACTION_SCHEDULED", "DUPLICATE",
        "NOT_COUNCILS_RESPONSIBILITY", "NO_FURTHER_ACTION", "INTERNAL_REFERRAL")


class Asked:
    """The names and values of a query and a body together; an empty value is an absent one."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            if value.strip():
                self._values.setdefault(name, []).append(value.strip())

    def one(self, name: str) -> str:
        """The first value, or nothing."""
        return self._values.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        """Every value that was given under this name."""
        return list(self._values.get(name, []))

    def listed(self, name: str) -> list[str] | None:
        """A list parted by commas; None if absent."""
        found = [part.strip() for value in self._values.get(name, []) for part in value.split(",") if part.strip()]
        return found or None

    def attributes(self) -> dict[str, str]:
        """``attribute[x]`` and ``attribute[x][]`` by name; several values of one are joined."""
        found: dict[str, str] = {}
        for name, values in self._values.items():
            match = ATTRIBUTE.fullmatch(name)
            if match and len(found) < 50:
                found[match[1]] = "、".join(values)[:500]
        return found


@dataclass(frozen=True)
class Window:
    """From one instant to another, both included, in UTC; ``until`` is the end of its second."""

    since: dt.datetime
    until: dt.datetime


@dataclass(frozen=True)
class Wanted:
    """Which requests or updates. ``ids`` override everything else; None is "all"."""

    window: Window | None
    ids: list[int] | None = None
    codes: list[str] | None = None
    statuses: list[str] | None = None
    page: int = 1
    size: int = MOST


def instant(text: str, name: str) -> dt.datetime:
    """An instant with its offset. A plus that became a space on its way is put back. Raises BadDate."""
    try:
        found = dt.datetime.fromisoformat(re.sub(r" (\d\d:?\d\d)$", r"+\1", text))
        if len(text) < 16 or found.tzinfo is None or not 2000 <= found.year <= 2100:
            raise ValueError
    except ValueError:
        raise BadDate(name=name) from None
    return found.astimezone(dt.UTC)


def window(asked: Asked) -> Window:
    """``start_date`` and ``end_date``; what is left out lies 90 days away. Raises BadDate, BadWindow."""
    span = dt.timedelta(days=MOST_DAYS)
    first, last = asked.one("start_date"), asked.one("end_date")
    until = instant(last, "end_date") if last else None
    since = instant(first, "start_date") if first else None
    if since is None:
        until = until or clock.now()
        since = until - span
    until = until or min(since + span, max(clock.now(), since))
    if not dt.timedelta(0) <= until - since <= span:
        raise BadWindow(days=MOST_DAYS)
    # Instants go out without fractions: what happened within the last second belongs to it.
    return Window(since.replace(microsecond=0), until.replace(microsecond=0) + dt.timedelta(seconds=1))


def wanted(asked: Asked) -> Wanted:
    """What a list is to hold. Raises BadDate, BadWindow, BadPage, BadStatus."""
    ids = asked.listed("service_request_id")
    statuses = [one.lower() for one in asked.listed("status") or []]
    if any(one not in STATUSES for one in statuses):
        raise BadStatus(words=", ".join(STATUSES))
    page, size = _number(asked, "page", 1, 10_000), _number(asked, "page_size", MOST, MOST)
    if ids is not None:
        return Wanted(None, [number_in(one) for one in ids[:MOST]], page=page, size=size)
    return Wanted(window(asked), None, asked.listed("service_code"), statuses or None, page, size)


def number_in(text: str) -> int:
    """A number of ours in what somebody sent as one; 0, which no row has, for anything else."""
    return int(text) if re.fullmatch(r"[1-9][0-9]{0,8}", text) else 0


def _number(asked: Asked, name: str, default: int, most: int) -> int:
    text = asked.one(name)
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < 1:
        raise BadPage(most=MOST)
    return min(int(text), most)


@dataclass(frozen=True)
class RequestDraft:
    """A report as another platform sends it. ``own_id`` is its number there; names and phones are not taken over, also
    where they come as attributes."""

    service_code: str
    description: str
    address: str = ""
    address_id: str = ""
    spot: tuple[float, float] | None = None
    own_id: str = ""
    account: str = ""
    media_urls: tuple[str, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """What the office reads: the description, and under it each attribute on a line; no more than is taken."""
        return "\n".join([self.description, *(f"{name}: {text}" for name, text in self.attributes.items())])[:LONGEST]


def request_draft(asked: Asked) -> RequestDraft:
    """The report in a POST. Raises BadNumbers, TooLong."""
    attributes = asked.attributes()
    own_id = next((attributes[name] for name in OWN_IDS if name in attributes), "")
    rest = {name: text for name, text in attributes.items()
            if name not in (*OWN_IDS, ADDRESS) and name.lower() not in PERSONAL}
    return RequestDraft(asked.one("service_code"), _text(asked),
                        asked.one("address_string") or attributes.get(ADDRESS, ""), asked.one("address_id"),
                        _spot(asked), own_id, asked.one("account_id"), tuple(asked.all("media_url")[:9]), rest)


def _text(asked: Asked) -> str:
    text = asked.one("description")
    if len(text) > LONGEST:
        raise TooLong(most=LONGEST)
    return text


def _spot(asked: Asked) -> tuple[float, float] | None:
    lat, lon = asked.one("lat"), asked.one("long")
    if not lat and not lon:
        return None
    try:
        found = float(lat), float(lon)
    except ValueError:
        raise BadNumbers from None
    if not (math.isfinite(found[0]) and math.isfinite(found[1]) and abs(found[0]) <= 90 and abs(found[1]) <= 180):
        raise BadNumbers
    return found


@dataclass(frozen=True)
class UpdateDraft:
    """What a platform says about a request that it brought. ``at`` is when it was said there, if it told."""

    request_id: int
    own_request_id: str
    own_id: str
    status: str
    text: str
    at: dt.datetime | None
    media_urls: tuple[str, ...] = ()


def update_draft(asked: Asked) -> UpdateDraft:
    """The update in a POST. Raises BadStatus, BadDate, TooLong."""
    status = asked.one("status").upper()
    if status and status not in SAID:
        raise BadStatus(words=", ".join(SAID))
    at = asked.one("updated_datetime")
    return UpdateDraft(number_in(asked.one("service_request_id")), asked.one("service_request_id_ext"),
                       (asked.one("update_id") or asked.one("update_id_ext"))[:64], status, _text(asked),
                       instant(at, "updated_datetime") if at else None, tuple(asked.all("media_url")[:9]))
