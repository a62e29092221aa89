"""Founding areas and changing what a community decides for itself."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from pointsbank.communities import policy, queries
from pointsbank.communities import settings as settings_module
from pointsbank.communities.errors import CodeTaken, NotYours, WrongPlace
from pointsbank.communities.models import BELOW, Area, AreaKind
from pointsbank.communities.settings import CommunitySettings, check, from_json
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db
from pointsbank.core.errors import Invalid, NotFound, lazy

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
