"""What the tests of requests for a review share: deeds that were decided, a request, its answer, where it stands."""

from __future__ import annotations

from typing import Any

from pointsbank.contributions import jobs, queries, services
from pointsbank.contributions.models import Appeal
from pointsbank.core.db import db, transaction
from tests.contributions.funnel import approved, draft, filed, published, recorded
from tests.support.village import Village


def rejected(street: Village, key: str = "alice", by: str = "reviewer", **values: Any) -> int:
    """A visit that was turned down."""
    deed_id = filed(street, key, **values)
    with transaction():
        services.reject(street.actor(by), deed_id, "没有照片")
    return deed_id


def paid_in(street: Village, clock: Any, key: str = "alice", **values: Any) -> int:
    """A deed whose points are in the passbook."""
    (deed_id,) = recorded(street, draft(street, key, **values))
    approved(street, [deed_id])
    published(street)
    clock.forward(days=8)
    jobs.settle_due()
    return deed_id


def asked(street: Village, deed_id: int, by: str = "alice", **values: Any) -> int:
    with transaction():
        return services.ask_review(street.actor(by), deed_id, "那天做了三个小时", **values).id


def answered(street: Village, appeal_id: int, upheld: bool = True, by: str = "member",
             right: services.Figures | None = None) -> None:
    with transaction():
        services.decide_appeal(street.actor(by), appeal_id, upheld, "查过登记表", right)


def stage(street: Village, appeal_id: int) -> queries.appeals.Standing:
    found = queries.appeals.standings(street.community, [db.session.get_one(Appeal, appeal_id)])[appeal_id]
    db.session.expunge_all()
    db.session.rollback()
    return found
