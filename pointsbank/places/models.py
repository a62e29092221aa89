"""Places and the tags that hang at them."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, Json, UtcDateTime, enum_type
from pointsbank.places.coordinates import Crs


class PlaceKind(enum.StrEnum):
    """What a place is."""

    BUILDING = "building"
    ROAD = "road"
    SITE = "site"
    FACILITY = "facility"
    OTHER = "other"


class Place(Base):
    """Something with a name. Closed when it is gone, never deleted: what happened there stays findable.

    ``lat`` and ``lon`` are degrees in WGS84; ``given_lat``, ``given_lon`` and ``crs`` are what was entered.
    ``search_text`` is the name and the aliases as :func:`pointsbank.places.wording.folded` writes them.
    """

    __tablename__ = "place"
    __table_args__ = (
        sa.Index(None, "community_id", "area_id", "id"), sa.Index(None, "community_id", "id"),
        sa.Index("uq_place_open_name", "community_id", "name", unique=True, sqlite_where=sa.text("closed_at IS NULL"),
                 postgresql_where=sa.text("closed_at IS NULL")),
        sa.CheckConstraint("(lat IS NULL) = (lon IS NULL) AND (lat IS NULL) = (given_lat IS NULL) "
                           "AND (lat IS NULL) = (given_lon IS NULL) AND (lat IS NULL) = (crs IS NULL)",
                           name="whole_position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    area_id: Mapped[int | None] = mapped_column(sa.ForeignKey("area.id"))
    kind: Mapped[PlaceKind] = mapped_column(enum_type(PlaceKind))
    name: Mapped[str] = mapped_column(sa.String(60))
    aliases: Mapped[list[str]] = mapped_column(Json, default=list)
    search_text: Mapped[str] = mapped_column(sa.String(600))
    note: Mapped[str] = mapped_column(sa.String(200), default="")
    lat: Mapped[float | None] = mapped_column(sa.Double)
    lon: Mapped[float | None] = mapped_column(sa.Double)
    given_lat: Mapped[float | None] = mapped_column(sa.Double)
    given_lon: Mapped[float | None] = mapped_column(sa.Double)
    crs: Mapped[Crs | None] = mapped_column(enum_type(Crs))
    created_by: Mapped[str] = mapped_column(sa.String(40))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class PlaceTag(Base):
    """One printed code at a place. It is derived from ``salt`` and the house's secret, so the table opens nothing.

    ``number`` counts the tags of a place; at most one of them is in force.
    """

    __tablename__ = "place_tag"
    __table_args__ = (
        sa.UniqueConstraint("place_id", "number"),
        sa.Index("uq_place_tag_in_force", "place_id", unique=True, sqlite_where=sa.text("revoked_at IS NULL"),
                 postgresql_where=sa.text("revoked_at IS NULL")),
        sa.Index(None, "community_id", "place_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"))
    number: Mapped[int]
    salt: Mapped[str] = mapped_column(sa.String(32))
    issued_by: Mapped[str] = mapped_column(sa.String(40))
    issued_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
