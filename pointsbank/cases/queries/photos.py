"""Before and after, for others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.cases.models import Case, CaseVisibility, Report
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, scoped
from pointsbank.media import policy as media
from pointsbank.media import queries as pictures
from pointsbank.media.models import Photo


@dataclass(frozen=True)
class BeforeAfter:
    """The photos of a case that others may see: of its report, and of its repair."""

    before: Sequence[Photo] = ()
    after: Sequence[Photo] = ()


def public_photos(actor: Actor, community_id: int, case_ids: Collection[int]) -> dict[int, BeforeAfter]:
    """For cases whose photos staff have shown: those that this reader may fetch as one of the public (also signed out)
    or of the residents. Other cases are left out. Three statements."""
    if not case_ids:
        return {}
    cases = db.session.scalars(scoped(Case, community_id).where(
        Case.id.in_(list(case_ids)), Case.photos_public, Case.visibility != CaseVisibility.STAFF,
        Case.accepted_at.is_not(None)).order_by(Case.id)).all()
    if not cases:
        return {}
    reports: dict[int, list[str]] = {}
    for report_id, case_id in db.session.execute(sa.select(Report.id, Report.case_id).where(
            Report.community_id == community_id, Report.case_id.in_([case.id for case in cases])).order_by(Report.id)):
        reports.setdefault(case_id, []).append(f"report:{report_id}")
    found = pictures.photos_of(
        community_id, [*(case.key for case in cases), *(key for keys in reports.values() for key in keys)])

    def shown(keys: Sequence[str]) -> list[Photo]:
        return [photo for key in keys for photo in found[key] if media.is_shown(actor, photo)]

    pairs = {case.id: BeforeAfter(shown(reports.get(case.id, [])), shown([case.key])) for case in cases}
    return {case_id: pair for case_id, pair in pairs.items() if pair.before or pair.after}
