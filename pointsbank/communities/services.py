"""Founding areas and changing what a community decides for itself."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import sqlalchemy as sa

from pointsbank.communities import policy, queries
from pointsbank.communities import settings as settings_module
from pointsbank.communities.errors import CodeTaken, DayOver, DayTaken, NotYours, WrongPlace
from pointsbank.communities.models import BELOW, Area, AreaKind, CalendarDay
from pointsbank.communities.settings import CommunitySettings, check, from_json
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db
from pointsbank.core.errors import Invalid, NotFound, lazy
from pointsbank.core.formats import format_short_day

MOST_DAYS_AT_ONCE = 31
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


def _check_texts(code: str, name: str) -> tuple[str, str]:
    code, name = code.strip().lower(), name.strip()
    fields = {}
    if not CODE.fullmatch(code):
        fields["code"] = lazy("A code has 1 to 32 small letters, digits or hyphens, for example liuyin-3.")
    if not 1 <= len(name) <= 80:
        fields["name"] = lazy("A name has 1 to 80 characters.")
    if fields:
        raise Invalid(fields=fields)
    return code, name


def create_area(actor: Actor, *, kind: AreaKind, code: str, name: str, parent_id: int | None = None) -> Area:
    """Add an area below another one; only the system founds a county, which has none above it.

    Raises NotYours, WrongPlace, CodeTaken, Invalid.
    """
    code, name = _check_texts(code, name)
    parent = queries.area(parent_id) if parent_id is not None else None
    if not policy.can_change_below(actor, parent):
        raise NotYours
    fits = kind is AreaKind.COUNTY if parent is None else kind in BELOW[parent.kind]
    if not fits:
        raise WrongPlace
    if db.session.scalar(sa.select(sa.literal(1)).where(Area.code == code)):
        raise CodeTaken(code=code)
    area = Area(kind=kind, code=code, name=name, parent_id=parent_id, path=f"new {code}", settings={},
                community_id=parent.community_id if parent else None, created_at=clock.now())
    db.session.add(area)
    db.session.flush()
    area.path = (parent.path if parent else "") + f"{area.id}."
    if kind is AreaKind.COMMUNITY:
        area.community_id = area.id
    db.session.flush()
    audit.write(actor, "communities.create_area", f"area:{area.id}", community_id=area.community_id, kind=kind.value)
    return area


def rename_area(actor: Actor, area_id: int, name: str) -> Area:
    """Give an area another name. Raises NotFound for areas that the actor does not stand above."""
    area = db.session.get(Area, area_id, with_for_update={"key_share": True}, populate_existing=True)
    if area is None or not policy.can_change_below(actor, area):
        raise NotFound
    _code, area.name = _check_texts(area.code, name)
    audit.write(actor, "communities.rename_area", f"area:{area.id}", community_id=area.community_id)
    return area


def close_area(actor: Actor, area_id: int) -> Area:
    """An area is dissolved: it stays where it is named, and can't be chosen any more. It must be empty of others."""
    area = db.session.get(Area, area_id, with_for_update={"key_share": True}, populate_existing=True)
    if area is None or area.parent_id is None or not policy.can_change_below(actor, queries.area(area.parent_id)):
        raise NotFound
    if len(queries.inside(area.path)) > 1:
        raise WrongPlace(lazy("Other areas still lie inside this one. Close them first."))
    area.closed_at = area.closed_at or clock.now()
    audit.write(actor, "communities.close_area", f"area:{area.id}", community_id=area.community_id)
    return area


def update_settings(actor: Actor, community_id: int, changes: dict[str, Any]) -> CommunitySettings:
    """Change some settings of a community; returns all of them. Raises NotYours and Invalid with its fields."""
    if community_id != actor.community_id and not actor.is_system:
        raise NotFound
    if not policy.can_change_settings(actor):
        raise NotYours
    area = db.session.get(Area, community_id, with_for_update={"key_share": True}, populate_existing=True)
    if area is None or area.kind is not AreaKind.COMMUNITY:
        raise NotFound
    old = from_json(area.settings or {})
    wanted = settings_module.replace(old, changes)
    refused = check(wanted)
    if refused:
        raise Invalid(fields=refused)
    area.settings = wanted.to_json()
    changed = sorted(name for name in changes if getattr(old, name) != getattr(wanted, name))
    audit.write(actor, "communities.update_settings", f"community:{area.id}", community_id=area.id, changed=changed)
    return wanted


# ── The calendar ────────────────────────────────────────────────────────────────────────────────────────────────


def _own_area(actor: Actor, area_id: int) -> Area:
    """The community acted in or an area above it, if the actor's office decides for it. Raises NotFound, NotYours."""
    area = db.session.get(Area, area_id)
    if area is None or not actor.area_path.startswith(area.path):
        raise NotFound
    if not policy.can_change_below(actor, area):
        raise NotYours
    return area


def add_days(actor: Actor, area_id: int, first: dt.date, last: dt.date | None, *, is_worked: bool,
             name: str) -> list[CalendarDay]:
    """Enter days on which the offices of an area are shut, or at work, against the country's calendar.

    Dates that are set already stay as they are: only what is counted from now on follows. Raises NotFound, NotYours,
    Invalid, DayTaken.
    """
    area = _own_area(actor, area_id)
    end = last or first
    wrong = {}
    if not 1 <= len(name.strip()) <= 40:
        wrong["name"] = lazy("Say in a few words why, for example: village fair.")
    if first < clock.today():
        wrong["first"] = lazy("This day is over. Answers were counted by it, so it stays as it was.")
    if not 0 <= (end - first).days < MOST_DAYS_AT_ONCE:
        wrong["last"] = lazy("From the first day on, and 31 days at most.")
    if wrong:
        raise Invalid(fields=wrong)
    span = [first + dt.timedelta(days=n) for n in range((end - first).days + 1)]
    taken = db.session.scalar(sa.select(sa.func.min(CalendarDay.day)).where(
        CalendarDay.area_id == area.id, CalendarDay.day.in_(span)))
    if taken is not None:
        raise DayTaken(day=format_short_day(taken))
    rows = [CalendarDay(area_id=area.id, day=day, is_worked=is_worked, name=name.strip(), entered_at=clock.now(),
                        entered_by_id=actor.user_id) for day in span]
    try:
        with db.session.begin_nested():
            db.session.add_all(rows)
    except sa.exc.IntegrityError:
        raise DayTaken(day=format_short_day(first)) from None
    audit.write(actor, "communities.add_days", f"area:{area.id}", first=first.isoformat(), days=len(rows),
                is_worked=is_worked)
    return rows


def remove_day(actor: Actor, area_id: int, day: dt.date) -> None:
    """Take back what was entered for a day that is still to come. Raises NotFound, NotYours, DayOver."""
    area = _own_area(actor, area_id)
    row = db.session.scalars(sa.select(CalendarDay).where(
        CalendarDay.area_id == area.id, CalendarDay.day == day).with_for_update()).one_or_none()
    if row is None:
        raise NotFound
    if day < clock.today():
        raise DayOver
    db.session.delete(row)
    db.session.flush()
    audit.write(actor, "communities.remove_day", f"area:{area.id}", day=day.isoformat(), name=row.name)
