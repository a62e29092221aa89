"""Units with their members, and the kinds of problems they are responsible for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from pointsbank.cases import policy, queries
from pointsbank.cases.errors import BadSetting, NotYourPart
from pointsbank.cases.models import CaseClass, CaseVisibility, Category, SpanUnit, Unit, UnitMember
from pointsbank.communities import queries as areas
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, scoped
from pointsbank.people import queries as people
from pointsbank.people.models import Appointment, Resident, User, UserResident

SEEN_BY = {CaseClass.PUBLIC: CaseVisibility.PUBLIC, CaseClass.SHARED: CaseVisibility.RESIDENTS,
           CaseClass.FAMILY: CaseVisibility.STAFF}


@dataclass(frozen=True)
class CategoryDraft:
    """A kind of problem; see ``models.Category``. Left open, ``visibility`` follows the class: public matters are
    public, shared ones for residents, family matters for staff.

    An ``urgent`` kind promises an answer in 1 minute, somebody there in 5 and word in 10, where it does not say
    otherwise; other kinds an answer within one working day. A span left open elsewhere is no promise.
    """

    name: str
    group_code: str
    class_: CaseClass = CaseClass.PUBLIC
    visibility: CaseVisibility | None = None
    unit_id: int | None = None
    nearby_m: int = 30
    urgent: bool = False
    respond_span: int | None = None
    respond_unit: SpanUnit | None = None
    rectify_span: int = 3
    rectify_unit: SpanUnit = SpanUnit.WORK_DAYS
    dispatch_span: int | None = None
    dispatch_unit: SpanUnit | None = None
    arrive_span: int | None = None
    arrive_unit: SpanUnit | None = None
    feed_back_span: int | None = None
    feed_back_unit: SpanUnit | None = None
    accepted_item: str = ""
    fixed_item: str = ""
    joined_item: str = ""
    evaluated_item: str = ""

    def promises(self) -> dict[str, Any]:
        """The spans with their units, those left open filled in."""
        minutes = {"respond": 1, "arrive": 5, "feed_back": 10}
        found: dict[str, Any] = {}
        for name in ("respond", "dispatch", "arrive", "feed_back", "rectify"):
            span, unit = getattr(self, f"{name}_span"), getattr(self, f"{name}_unit")
            if self.urgent and name in minutes:
                span, unit = span if span is not None else minutes[name], unit or SpanUnit.MINUTES
            elif name == "respond":
                span = 1 if span is None else span
            found |= {f"{name}_span": span, f"{name}_unit": (unit or SpanUnit.WORK_DAYS) if span is not None else None}
        return found


def add_unit(actor: Actor, name: str, *, area_id: int | None = None, team_id: int | None = None,
             member_ids: Sequence[int] = ()) -> Unit:
    """A unit of the community with its members. Raises NotYourPart, BadSetting, NotFound (area, team)."""
    community_id = _office(actor)
    clean = name.strip()
    if not 2 <= len(clean) <= 60 or db.session.scalars(scoped(Unit, community_id).where(Unit.name == clean)).first():
        raise BadSetting(fields={"name": BadSetting.message})
    if area_id is not None:
        areas.visible_area(actor, area_id)
    if team_id is not None:
        people.team(community_id, team_id)
    _check_users(actor, member_ids)
    unit = Unit(community_id=community_id, name=clean, area_id=area_id, team_id=team_id, created_at=clock.now())
    db.session.add(unit)
    db.session.flush()
    _put(unit, member_ids)
    audit.write(actor, "cases.add_unit", f"case_unit:{unit.id}")
    return unit


def set_members(actor: Actor, unit_id: int, member_ids: Sequence[int]) -> Unit:
    """Who works for a unit from now on. Cases already given to somebody stay there. Raises as adding does."""
    _office(actor)
    unit = queries.unit(actor.community_id, unit_id, lock=True)
    _check_users(actor, member_ids)
    db.session.execute(sa.delete(UnitMember).where(UnitMember.unit_id == unit.id))
    _put(unit, member_ids)
    audit.write(actor, "cases.set_members", f"case_unit:{unit.id}")
    return unit


def add_category(actor: Actor, draft: CategoryDraft) -> Category:
    """A kind of problem. Raises NotYourPart, BadSetting, NotFound (unit)."""
    community_id = _office(actor)
    name, group = draft.name.strip(), draft.group_code.strip()
    taken = db.session.scalars(scoped(Category, community_id).where(Category.name == name)).first()
    promises = draft.promises()
    spans = all(0 < span <= 10_000 for name, span in promises.items() if name.endswith("_span") and span is not None)
    if not (2 <= len(name) <= 60 and 1 <= len(group) <= 20 and spans and draft.nearby_m in (30, 100, 250)) or taken:
        raise BadSetting(fields={"name": BadSetting.message})
    if draft.unit_id is not None:
        queries.unit(community_id, draft.unit_id)
    visibility = draft.visibility or SEEN_BY[draft.class_]
    if draft.class_ is CaseClass.FAMILY and visibility is not CaseVisibility.STAFF:
        raise BadSetting(fields={"visibility": BadSetting.message})
    values = {**asdict(draft), **promises, "name": name, "group_code": group, "visibility": visibility}
    del values["urgent"]
    category = Category(community_id=community_id, **values)
    db.session.add(category)
    db.session.flush()
    audit.write(actor, "cases.add_category", f"case_category:{category.id}")
    return category


def _office(actor: Actor) -> int:
    if actor.community_id is None or not (actor.is_system or actor.has_role(*policy.SETTERS)):
        raise NotYourPart
    return actor.community_id


def _check_users(actor: Actor, user_ids: Sequence[int]) -> None:
    """Members live or are appointed in the community, so that nobody is found out by trying numbers elsewhere."""
    wanted = set(user_ids)
    if not wanted:
        return
    here = sa.select(UserResident.user_id).join(Resident, Resident.id == UserResident.resident_id).where(
        Resident.community_id == actor.community_id)
    inside = [area.id for area in areas.areas_of(actor.community_id or 0)]
    appointed = sa.select(Appointment.user_id).where(Appointment.area_id.in_(inside), Appointment.until_at.is_(None))
    found = set(db.session.scalars(sa.select(User.id).where(
        User.id.in_(wanted), User.disabled_at.is_(None), sa.or_(User.id.in_(here), User.id.in_(appointed)))))
    if found != wanted:
        raise BadSetting(fields={"member_ids": BadSetting.message})


def _put(unit: Unit, user_ids: Sequence[int]) -> None:
    db.session.add_all(UnitMember(unit_id=unit.id, user_id=one, community_id=unit.community_id)
                       for one in dict.fromkeys(user_ids))
    db.session.flush()
