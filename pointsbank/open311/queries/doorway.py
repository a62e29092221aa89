"""Who stands at the door: which community is meant, and whose key it is."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.communities import queries as communities
from pointsbank.communities.models import Area
from pointsbank.core import tokens
from pointsbank.core.db import db
from pointsbank.core.errors import NotFound
from pointsbank.open311.errors import (
    JurisdictionMissing,
    KeyElsewhere,
    KeyMissing,
    KeyWrong,
    UnknownJurisdiction,
)
from pointsbank.open311.models import Open311Client


@dataclass(frozen=True)
class Visitor:
    """The community that is meant, and the platform that asks if it showed a key."""

    community: Area
    client: Open311Client | None = None

    @property
    def sender_key(self) -> str:
        """Whose reports are its own; nobody's without a key."""
        return self.client.sender_key if self.client is not None else ""


def enter(jurisdiction: str, key: str, *, sends: bool = False) -> Visitor:
    """The visitor with this ``jurisdiction_id`` and ``api_key``; who sends needs a key.

    Without a jurisdiction it is that of the key, or the only one there is. Raises KeyMissing, KeyWrong, KeyElsewhere,
    UnknownJurisdiction, JurisdictionMissing.
    """
    if sends and not key:
        raise KeyMissing
    client = _client_with(key) if key else None
    community = _meant(jurisdiction, client)
    if client is not None and client.community_id != community.id:
        raise KeyElsewhere
    return Visitor(community, client)


def _client_with(key: str) -> Open311Client:
    """The platform of a key in force, of whatever community: so that a key of elsewhere can be called that."""
    found = db.session.scalars(sa.select(Open311Client).where(
        Open311Client.key_hash == tokens.digest(key), Open311Client.revoked_at.is_(None))).one_or_none()
    if found is None:
        raise KeyWrong
    return found


def _meant(jurisdiction: str, client: Open311Client | None) -> Area:
    if jurisdiction:
        try:
            found = communities.community_by_code(jurisdiction)
        except NotFound:
            raise UnknownJurisdiction from None
        if found.closed_at is not None:
            raise UnknownJurisdiction
        return found
    if client is not None:
        return communities.area(client.community_id)
    everyone = communities.all_communities()
    if len(everyone) != 1:
        raise JurisdictionMissing
    return everyone[0]
