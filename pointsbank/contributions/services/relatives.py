"""Relatives that somebody who judges deeds declares: declared once, visible to the committee, ended with a day."""

from __future__ import annotations

import sqlalchemy as sa

from pointsbank.contributions import policy
from pointsbank.contributions.errors import AlreadyDeclared, DeclarationOver, NotAReviewer, NotFromHere
from pointsbank.contributions.models import DeclaredRelative
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import Invalid, NotFound, lazy
from pointsbank.people import queries as people
from pointsbank.people.models import User


def declare_relative(actor: Actor, relation: str, *, resident_id: int | None = None,
                     household_id: int | None = None) -> DeclaredRelative:
    """Declare a resident or a whole household as relatives: from now on the actor has no say about their deeds.

    Raises NotAReviewer, Invalid, NotFromHere, AlreadyDeclared.
    """
    if not policy.may_declare(actor):
        raise NotAReviewer
    if not 0 < len(relation.strip()) <= 20:
        raise Invalid(fields={"relation": lazy("In a few words, for example: cousin, son-in-law’s family.")})
    community_id = actor.community_id or 0
    if (resident_id is None) == (household_id is None):
        raise Invalid(fields={"whom": lazy("Choose a person or a household.")})
    if not people.residents_by_id(community_id, [resident_id or 0]) and not people.households_by_id(
            community_id, [household_id or 0]):
        raise NotFromHere
    # Two taps at once queue at the declarer's own row: the second one finds the first declaration.
    db.session.get(User, actor.user_id, with_for_update={"key_share": True}, populate_existing=True)
    if db.session.scalar(sa.select(sa.literal(1)).where(
            DeclaredRelative.community_id == community_id, DeclaredRelative.user_id == actor.user_id,
            DeclaredRelative.until_on.is_(None), DeclaredRelative.resident_id.is_not_distinct_from(resident_id),
            DeclaredRelative.household_id.is_not_distinct_from(household_id)).limit(1)):
        raise AlreadyDeclared
    row = DeclaredRelative(community_id=community_id, user_id=actor.user_id or 0, resident_id=resident_id,
                           household_id=household_id, relation=relation.strip(), declared_at=clock.now())
    db.session.add(row)
    db.session.flush()
    audit.write(actor, "contributions.declare_relative", f"declared_relative:{row.id}")
    return row


def end_relative(actor: Actor, declared_id: int) -> DeclaredRelative:
    """End one's own declaration today: deeds done before stay with others. Raises NotFound, DeclarationOver."""
    row = get_scoped(DeclaredRelative, declared_id, actor.community_id, lock=True)
    if row.user_id != actor.user_id:
        raise NotFound
    if row.until_on is not None:
        raise DeclarationOver
    row.until_on = clock.today()
    db.session.flush()
    audit.write(actor, "contributions.end_relative", f"declared_relative:{row.id}")
    return row
