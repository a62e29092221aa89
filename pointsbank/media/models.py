"""What is kept of a photo, and of a document as it came. The files themselves are named after a random key."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, Json, UtcDateTime, enum_type

MOST_PER_OWNER = 9


class Purpose(enum.StrEnum):
    """What a photo was taken for; it decides who may see it."""

    DEED = "deed"
    ACTIVITY = "activity"
    OFFER = "offer"
    DOCUMENT = "document"
    HOUSEHOLD = "household"
    OBJECTION = "objection"
    MINUTES = "minutes"
    SHEET = "sheet"
    DEDUCTION = "deduction"
    REPORT = "report"
    REPAIR = "repair"


class Visibility(enum.StrEnum):
    """``public``: anybody. ``residents``: whoever is signed in to the community. ``staff``: its staff, the resident
    whom the photo is about and whoever took it."""

    PUBLIC = "public"
    RESIDENTS = "residents"
    STAFF = "staff"


# People may be in the picture of an activity and in that of a deed; goods embarrass nobody.
SEEN_BY: dict[Purpose, Visibility] = {
    Purpose.DEED: Visibility.STAFF,
    Purpose.ACTIVITY: Visibility.RESIDENTS,
    Purpose.OFFER: Visibility.PUBLIC,
    Purpose.DOCUMENT: Visibility.STAFF,
    Purpose.HOUSEHOLD: Visibility.STAFF,
    Purpose.OBJECTION: Visibility.STAFF,
    # Names are called at a meeting: its minutes are for those who could have been there.
    Purpose.MINUTES: Visibility.RESIDENTS,
    Purpose.SHEET: Visibility.STAFF,
    Purpose.DEDUCTION: Visibility.STAFF,
    # Plates and faces may be in it; a page for everybody shows what was looked at before.
    Purpose.REPORT: Visibility.STAFF,
    Purpose.REPAIR: Visibility.STAFF,
}


class Photo(Base):
    """One photo as it is served: re-encoded, without metadata. ``sha256`` is that of the full file.

    ``owner_key`` is None until the photo is hung somewhere; one that stays loose is cleared away after a day.
    ``position`` counts from 1 within its owner; unique and bounded, so that no race can hang a tenth one.
    ``fingerprint`` is the difference hash (rows, then columns): near-equal pictures differ in few of its bits.
    """

    __tablename__ = "photo"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "owner_key", "position"),
        sa.Index(None, "community_id", "created_by", "owner_key"),
        sa.CheckConstraint(f"position BETWEEN 1 AND {MOST_PER_OWNER}", name="position_bounded"),
        sa.CheckConstraint("(owner_key IS NULL) = (position IS NULL)", name="hung_with_position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    key: Mapped[str] = mapped_column(sa.String(32), unique=True)
    owner_key: Mapped[str | None] = mapped_column(sa.String(40))
    position: Mapped[int | None]
    purpose: Mapped[Purpose] = mapped_column(enum_type(Purpose))
    visibility: Mapped[Visibility] = mapped_column(enum_type(Visibility))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    fingerprint: Mapped[str] = mapped_column(sa.String(32))
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]
    created_by: Mapped[int | None]
    resident_id: Mapped[int | None]
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class PaperFile(Base):
    """A PDF as somebody brought it (minutes of a meeting), hung on its owner from the start. It is only handed out to
    be kept, never opened inside a page. ``name`` is what it is called when it is saved; made here."""

    __tablename__ = "paper_file"
    __table_args__ = (sa.Index(None, "community_id", "owner_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    key: Mapped[str] = mapped_column(sa.String(32), unique=True)
    owner_key: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(60))
    purpose: Mapped[Purpose] = mapped_column(enum_type(Purpose))
    visibility: Mapped[Visibility] = mapped_column(enum_type(Visibility))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    bytes: Mapped[int]
    created_by: Mapped[int | None]
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class CoverKind(enum.StrEnum):
    """What happened to a photo's cover: black boxes drawn, the uncovered picture looked at, taken back, forgotten."""

    COVERED = "covered"
    OPENED = "opened"
    RESTORED = "restored"
    FORGOTTEN = "forgotten"


class PhotoOriginal(Base):
    """The picture as it was before its first black box, under guard until ``keep_until``. It keeps the key, and so the
    files, that the photo had; the photo went on under a new one. It goes with its photo."""

    __tablename__ = "photo_original"
    __table_args__ = (sa.Index(None, "keep_until"),)

    photo_id: Mapped[int] = mapped_column(sa.ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True,
                                          autoincrement=False)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    key: Mapped[str] = mapped_column(sa.String(32), unique=True)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    bytes: Mapped[int]
    keep_until: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class CoverStep(Base):
    """Who covered what, who looked behind it, who took it back: only added to while the photo is there.

    ``boxes`` are four whole numbers each (left, top, width, height) in ten-thousandths of the picture.
    ``by_user_id`` is None where the time was up.
    """

    __tablename__ = "photo_cover_step"
    __table_args__ = (sa.Index(None, "community_id", "photo_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    photo_id: Mapped[int] = mapped_column(sa.ForeignKey("photo.id", ondelete="CASCADE"))
    kind: Mapped[CoverKind] = mapped_column(enum_type(CoverKind))
    boxes: Mapped[list[list[int]]] = mapped_column(Json)
    reason: Mapped[str] = mapped_column(sa.String(200))
    by_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
