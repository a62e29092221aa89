"""Keys: made at the desk, shown once, renewed, revoked."""

from __future__ import annotations

import sqlalchemy as sa

from pointsbank.core import audit, clock, tokens
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Forbidden
from pointsbank.open311 import policy
from pointsbank.open311.errors import BadClient, KeyWrong, RevokedAlready
from pointsbank.open311.models import Open311Client

PREFIX = 6


def make_key(actor: Actor, name: str, contact: str) -> tuple[Open311Client, str]:
    """A platform with its key, which nobody can read again. Raises Forbidden, BadClient."""
    if not policy.can_keep(actor):
        raise Forbidden
    clean, whom = " ".join(name.split()), " ".join(contact.split())
    taken = db.session.scalars(scoped(Open311Client, actor.community_id).where(Open311Client.name == clean)).first()
    if not 2 <= len(clean) <= 60 or taken is not None:
        raise BadClient(fields={"name": BadClient.message})
    if not 2 <= len(whom) <= 120:
        raise BadClient(fields={"contact": BadClient.message})
    client = Open311Client(community_id=actor.community_id, name=clean, contact=whom)
    key = _put_key(actor, client)
    db.session.add(client)
    db.session.flush()
    audit.write(actor, "open311.make_key", f"open311_client:{client.id}")
    return client, key


def renew_key(actor: Actor, client_id: int) -> tuple[Open311Client, str]:
    """A new key for a platform whose old one was lost or revoked; the old one opens nothing from now on. What came
    before stays its own: requests, residents' codes, numbers. Raises Forbidden, NotFound."""
    if not policy.can_keep(actor):
        raise Forbidden
    client = get_scoped(Open311Client, client_id, actor.community_id, lock=True)
    key = _put_key(actor, client)
    client.revoked_at = client.revoked_by_id = None
    db.session.flush()
    audit.write(actor, "open311.renew_key", f"open311_client:{client.id}")
    return client, key


def _put_key(actor: Actor, client: Open311Client) -> str:
    key = tokens.random_token()
    client.key_hash, client.prefix = tokens.digest(key), key[:PREFIX]
    client.created_by_id, client.created_at = actor.user_id, clock.now()
    return key


def revoke_key(actor: Actor, client_id: int) -> Open311Client:
    """From now on the key opens nothing; what came with it stays. Raises Forbidden, NotFound, RevokedAlready."""
    if not policy.can_keep(actor):
        raise Forbidden
    client = get_scoped(Open311Client, client_id, actor.community_id, lock=True)
    if client.revoked_at is not None:
        raise RevokedAlready
    client.revoked_at, client.revoked_by_id = clock.now(), actor.user_id
    db.session.flush()
    audit.write(actor, "open311.revoke_key", f"open311_client:{client.id}")
    return client


def queue(community_id: int, client_id: int) -> Open311Client:
    """What one platform sends queues here, so that the same thing sent twice at once is taken once. Raises KeyWrong
    where the key was revoked meanwhile."""
    client = db.session.scalars(
        scoped(Open311Client, community_id).where(Open311Client.id == client_id, Open311Client.revoked_at.is_(None))
        .with_for_update(key_share=True).execution_options(populate_existing=True)).one_or_none()
    if client is None:
        raise KeyWrong
    db.session.execute(sa.update(Open311Client).where(Open311Client.id == client.id).values(last_sent_at=clock.now()))
    return client
