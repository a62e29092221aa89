"""Units and kinds of problems are changed and closed; who is responsible in which area. No running clock ever moves."""

from __future__ import annotations

import sqlalchemy as sa

from pointsbank.cases import queries
from pointsbank.cases.errors import BadSetting, KindsThere, OutOfTurn
from pointsbank.cases.models import CaseRoute, Category, Unit, UnitMember
from pointsbank.cases.services.setting_up import (
    CategoryDraft,
    add_category,
    check_category,
    check_users,
    office,
)
from pointsbank.cases.usual import usual_kinds
from pointsbank.communities import queries as areas
from pointsbank.communities.models import Area
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped

# ── Kinds of problems ───────────────────────────────────────────────────────────────────────────────────────────


def change_category(actor: Actor, category_id: int, draft: CategoryDraft) -> Category:
    """Say a kind anew, for what is reported from now on: open cases keep their class, who sees them and their clocks.

    Raises NotYourPart, NotFound, BadSetting.
    """
    community_id = office(actor)
    category = get_scoped(Category, category_id, community_id, lock=True)
    for name, value in check_category(community_id, draft, but=category.id).items():
        setattr(category, name, value)
    db.session.flush()
    audit.write(actor, "cases.change_category", f"case_category:{category.id}")
    return category


def close_category(actor: Actor, category_id: int) -> Category:
    """Offer a kind no longer; what was reported under it goes its way. Raises NotYourPart, NotFound, OutOfTurn."""
    category = get_scoped(Category, category_id, office(actor), lock=True)
    if category.closed_at is not None:
        raise OutOfTurn
    category.closed_at = clock.now()
    db.session.flush()
    audit.write(actor, "cases.close_category", f"case_category:{category.id}")
    return category


def open_category(actor: Actor, category_id: int) -> Category:
    """Offer a closed kind again. Raises NotYourPart, NotFound, OutOfTurn."""
    category = get_scoped(Category, category_id, office(actor), lock=True)
    if category.closed_at is None:
        raise OutOfTurn
    category.closed_at = None
    db.session.flush()
    audit.write(actor, "cases.open_category", f"case_category:{category.id}")
    return category


def take_over_usual_kinds(actor: Actor) -> list[Category]:
    """The usual kinds in one go, only where there is none at all. Raises NotYourPart, KindsThere."""
    community_id = office(actor)
    # Two who tap at once queue here; the second finds them there.
    db.session.execute(sa.select(Area.id).where(Area.id == community_id).with_for_update(key_share=True))
    if db.session.scalar(sa.select(sa.exists().where(Category.community_id == community_id))):
        raise KindsThere
    return [add_category(actor, draft) for draft in usual_kinds()]


# ── Who puts it right ───────────────────────────────────────────────────────────────────────────────────────────


def change_unit(actor: Actor, unit_id: int, name: str, *, area_id: int | None = None) -> Unit:
    """Another name or area; an area of this community. Raises NotYourPart, NotFound, BadSetting."""
    community_id = office(actor)
    unit = queries.unit(community_id, unit_id, lock=True)
    clean = name.strip()
    taken = db.session.scalars(scoped(Unit, community_id).where(Unit.name == clean, Unit.id != unit.id)).first()
    if not 2 <= len(clean) <= 60 or taken is not None:
        raise BadSetting(fields={"name": BadSetting.message})
    if area_id is not None:
        areas.visible_area(actor, area_id)
    unit.name, unit.area_id = clean, area_id
    db.session.flush()
    audit.write(actor, "cases.change_unit", f"case_unit:{unit.id}")
    return unit


def close_unit(actor: Actor, unit_id: int) -> Unit:
    """Propose and offer a unit no longer; what it has it finishes. Raises NotYourPart, NotFound, OutOfTurn."""
    unit = queries.unit(office(actor), unit_id, lock=True)
    if unit.closed_at is not None:
        raise OutOfTurn
    unit.closed_at = clock.now()
    db.session.execute(sa.delete(CaseRoute).where(
        CaseRoute.community_id == unit.community_id, CaseRoute.unit_id == unit.id))
    db.session.flush()
    audit.write(actor, "cases.close_unit", f"case_unit:{unit.id}")
    return unit


def open_unit(actor: Actor, unit_id: int) -> Unit:
    """Offer a closed unit again. Raises NotYourPart, NotFound, OutOfTurn."""
    unit = queries.unit(office(actor), unit_id, lock=True)
    if unit.closed_at is None:
        raise OutOfTurn
    unit.closed_at = None
    db.session.flush()
    audit.write(actor, "cases.open_unit", f"case_unit:{unit.id}")
    return unit


def add_member(actor: Actor, unit_id: int, user_id: int) -> Unit:
    """Somebody works for the unit from now on; twice is once. Raises NotYourPart, NotFound, BadSetting."""
    unit = queries.unit(office(actor), unit_id, lock=True)
    check_users(actor, [user_id])
    if db.session.get(UnitMember, (unit.id, user_id)) is None:
        db.session.add(UnitMember(unit_id=unit.id, user_id=user_id, community_id=unit.community_id))
        db.session.flush()
        audit.write(actor, "cases.add_member", f"case_unit:{unit.id}", user=user_id)
    return unit


def remove_member(actor: Actor, unit_id: int, user_id: int) -> Unit:
    """Somebody works for the unit no longer; cases given to them stay until they are taken away.

    Raises NotYourPart, NotFound.
    """
    unit = queries.unit(office(actor), unit_id, lock=True)
    gone = db.session.get(UnitMember, (unit.id, user_id))
    if gone is not None:
        db.session.delete(gone)
        db.session.flush()
        audit.write(actor, "cases.remove_member", f"case_unit:{unit.id}", user=user_id)
    return unit


def set_route(actor: Actor, category_id: int, area_id: int, unit_id: int | None) -> None:
    """Who puts this kind right in one grid or building; None takes the line away.

    Raises NotYourPart, NotFound (kind, unit), BadSetting (an area elsewhere, a closed unit).
    """
    community_id = office(actor)
    category = get_scoped(Category, category_id, community_id, lock=True)
    area = db.session.get(Area, area_id)
    if area is None or area.community_id != community_id:
        raise BadSetting(fields={"area_id": BadSetting.message})
    row = db.session.get(CaseRoute, (category.id, area.id))
    if unit_id is None:
        if row is not None:
            db.session.delete(row)
    else:
        if queries.unit(community_id, unit_id).closed_at is not None:
            raise BadSetting(fields={"unit_id": BadSetting.message})
        if row is None:
            db.session.add(CaseRoute(category_id=category.id, area_id=area.id, community_id=community_id,
                                     unit_id=unit_id))
        else:
            row.unit_id = unit_id
    db.session.flush()
    audit.write(actor, "cases.set_route", f"case_category:{category.id}", area=area.id)
