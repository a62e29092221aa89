"""Clearing away: photos that were sent and used nowhere, and files whose row was never committed or has gone."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import sqlalchemy as sa

from pointsbank.core import clock
from pointsbank.core.db import db, transaction
from pointsbank.media import covering, files
from pointsbank.media.models import PaperFile, Photo, PhotoOriginal

LOOSE_FOR = dt.timedelta(days=1)
# A file is written before its row is committed; a younger one may belong to a request that is still under way.
YOUNG_SECONDS = 3600.0


def clean_orphans() -> int:
    """Forget loose photos of yesterday and uncovered ones whose days are over, then delete old files without a row;
    returns how many files."""
    with transaction():
        db.session.execute(sa.delete(Photo).where(
            Photo.owner_key.is_(None), Photo.created_at < clock.now() - LOOSE_FOR))
        covering.forget_originals()
    return sum(_clean(shard) for shard in files.shards())


def _clean(shard: Path) -> int:
    """One folder: one question about all keys in it. File times are the machine's own, not the house's clock."""
    oldest_kept = time.clock_gettime(time.CLOCK_REALTIME) - YOUNG_SECONDS
    old = [file for file in shard.iterdir() if file.is_file() and file.stat().st_mtime < oldest_kept]
    keys = {match[1] for file in old if (match := files.NAME.fullmatch(file.name))}
    if not old:
        return 0
    with transaction():
        rows = sa.union_all(*(sa.select(model.key).where(model.key.in_(keys))
                              for model in (Photo, PhotoOriginal, PaperFile)))
        kept = set(db.session.scalars(rows)) if keys else set()
    gone = 0
    for file in old:
        match = files.NAME.fullmatch(file.name)
        if match is None or match[1] not in kept:
            file.unlink(missing_ok=True)
            gone += 1
    return gone
