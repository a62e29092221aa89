"""The tree of areas, and the days on which an area's office is shut or open otherwise than the country."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, Json, UtcDateTime, enum_type


class AreaKind(enum.StrEnum):
    """Levels from above to below; a community is a village or an urban community (社区)."""

    COUNTY = "county"
    TOWN = "town"
    COMMUNITY = "community"
    GRID = "grid"
    MICRO_GRID = "micro_grid"
    BUILDING = "building"


# What may hang below what: a building may hang on a community, a grid or a micro-grid.
BELOW = {
    AreaKind.COUNTY: (AreaKind.TOWN,),
    AreaKind.TOWN: (AreaKind.COMMUNITY,),
    AreaKind.COMMUNITY: (AreaKind.GRID, AreaKind.BUILDING),
    AreaKind.GRID: (AreaKind.MICRO_GRID, AreaKind.BUILDING),
    AreaKind.MICRO_GRID: (AreaKind.BUILDING,),
    AreaKind.BUILDING: (),
}


class Area(Base):
    """One area. ``path`` is the ids from the root, each followed by a dot (``1.4.9.``), so that "inside" is a prefix.

    ``community_id`` is the community an area belongs to (itself for a community, None above). ``settings`` holds only
    what differs from the defaults of :class:`pointsbank.communities.settings.CommunitySettings`.
    """

    __tablename__ = "area"
    __table_args__ = (sa.Index(None, "community_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("area.id"), index=True)
    community_id: Mapped[int | None] = mapped_column(sa.ForeignKey("area.id"))
    kind: Mapped[AreaKind] = mapped_column(enum_type(AreaKind))
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    path: Mapped[str] = mapped_column(sa.String(200), unique=True)
    settings: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class CalendarDay(Base):
    """A day on which the offices of an area, and of those inside it, are shut or at work otherwise than the country.

    Kept beside the tree rather than by community: what a county decides holds in all of its villages. The nearest area
    has the word.
    """

    __tablename__ = "calendar_day"
    __table_args__ = (sa.UniqueConstraint("area_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    day: Mapped[dt.date]
    is_worked: Mapped[bool]
    name: Mapped[str] = mapped_column(sa.String(40))
    entered_by_id: Mapped[int | None]
    entered_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
