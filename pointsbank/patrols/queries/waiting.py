"""What waits of rounds and proposals for one person, for the desk's numbers."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from pointsbank.core.actor import Actor
from pointsbank.patrols import policy
from pointsbank.patrols.models import Patrol, PatrolState, Proposal, ProposalState


def waiting_columns(actor: Actor) -> tuple[Any, Any]:
    """For the desk's one statement: rounds that others handed in, and proposals that others sent; none for who decides
    about neither."""
    def count(table: Any, may: bool, *where: sa.ColumnElement[bool]) -> Any:
        return sa.select(sa.func.count()).select_from(table).where(
            table.community_id == actor.community_id, *where, sa.true() if may else sa.false()).scalar_subquery()

    return (count(Patrol, actor.has_role(*policy.DECIDERS), Patrol.state == PatrolState.SUBMITTED,
                  Patrol.submitted_by_id.is_distinct_from(actor.user_id)),
            count(Proposal, policy.may_answer(actor), Proposal.state == ProposalState.WAITING))
