"""A resident's consent: what a platform sends with this code counts as theirs."""

from __future__ import annotations

from pointsbank.core import audit, clock, tokens
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Forbidden, NotFound
from pointsbank.open311.errors import RevokedAlready, TooManyLinks
from pointsbank.open311.models import Open311Client, Open311Link
from pointsbank.people import queries as people

MOST_LINKS = 5
PREFIX = 4


def link(actor: Actor) -> tuple[Open311Link, str]:
    """A new code, shown once. Raises Forbidden without a resident, TooManyLinks."""
    if actor.community_id is None or actor.resident_id is None:
        raise Forbidden
    resident = people.resident(actor.community_id, actor.resident_id)
    in_use = db.session.scalars(scoped(Open311Link, actor.community_id).where(
        Open311Link.resident_id == resident.id, Open311Link.revoked_at.is_(None))).all()
    if len(in_use) >= MOST_LINKS:
        raise TooManyLinks(most=MOST_LINKS)
    code = tokens.random_number(16)
    made = Open311Link(community_id=actor.community_id, resident_id=resident.id, code_hash=tokens.digest(code),
                       prefix=code[:PREFIX], created_at=clock.now())
    db.session.add(made)
    db.session.flush()
    audit.write(actor, "open311.link", f"open311_link:{made.id}")
    return made, code


def unlink(actor: Actor, link_id: int) -> Open311Link:
    """From now on the code links nothing; what counted before stays. Raises NotFound, RevokedAlready."""
    found = get_scoped(Open311Link, link_id, actor.community_id, lock=True)
    if actor.resident_id is None or found.resident_id != actor.resident_id:
        raise NotFound
    if found.revoked_at is not None:
        raise RevokedAlready
    found.revoked_at = clock.now()
    db.session.flush()
    audit.write(actor, "open311.unlink", f"open311_link:{found.id}")
    return found


def linked_resident(client: Open311Client, code: str) -> int | None:
    """The resident who consented, or None: a code that is unknown, taken back or another platform's links nothing.

    The first platform that uses a code keeps it.
    """
    plain = "".join(code.split())
    if not tokens.damm_valid(plain):
        return None
    found = db.session.scalars(
        scoped(Open311Link, client.community_id).where(
            Open311Link.code_hash == tokens.digest(plain), Open311Link.revoked_at.is_(None))
        .with_for_update().execution_options(populate_existing=True)).one_or_none()
    if found is None or found.client_id not in (None, client.id):
        return None
    resident = people.residents_by_id(client.community_id, [found.resident_id]).get(found.resident_id)
    if resident is None or resident.erased_at is not None or (resident.left_on or clock.today()) < clock.today():
        return None
    found.client_id, found.last_used_at = client.id, clock.now()
    db.session.flush()
    return resident.id
