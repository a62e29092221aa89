"""Lists that are asked for and given, for the tests of exports."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from pointsbank.core.audit import AuditRow
from pointsbank.core.db import db, transaction
from pointsbank.people import services
from pointsbank.people.models import ExportKind

WHY = "发放防汛物资"


def ask(village: Any, key: str = "member", kind: ExportKind = ExportKind.RESIDENTS, **more: Any) -> int:
    """Call inside an application context."""
    with transaction():
        return services.ask_for_export(village.actor(key), kind, WHY, **more).id


def approved(village: Any, key: str = "member", **more: Any) -> int:
    export_id = ask(village, key, **more)
    with transaction():
        services.approve_export(village.actor("second"), export_id)
    return export_id


def audit(verb: str = "") -> list[tuple[str, str, Any]]:
    """Verb, actor and detail of the audit's rows about exports."""
    rows = db.session.scalars(sa.select(AuditRow).where(
        AuditRow.object_key.startswith("export:"), AuditRow.verb.contains(verb)).order_by(AuditRow.id)).all()
    db.session.rollback()
    return [(r.verb, r.actor_key, r.detail) for r in rows]
