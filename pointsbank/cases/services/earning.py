"""What the first reporter earns: a deed for the funnel once somebody else has accepted, taken back if it was false."""

from __future__ import annotations

from pointsbank.cases import queries
from pointsbank.cases.models import Case, Category
from pointsbank.contributions import queries as deeds
from pointsbank.contributions import services as contributions
from pointsbank.contributions.models import State
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db

ACCEPTED, FIXED = "accepted", "fixed"


def earn(actor: Actor, case: Case, what: str) -> None:
    """Record the deed of the first reporter, if a resident, to be reviewed as any other; one source key for each case
    and kind.

    A problem sent in pieces earns once: nothing where an earlier accepted case of the same reporter looks like it.
    A reopened case answers with the deed that it has.
    """
    category = db.session.get_one(Category, case.category_id)
    item = category.accepted_item if what == ACCEPTED else category.fixed_item
    if case.reporter_resident_id is None or (what == FIXED and not item) or queries.is_piece(case, category):
        return
    contributions.record(actor, [contributions.DeedDraft(
        kind="snapshot", resident_id=case.reporter_resident_id, title=category.name,
        on=clock.local_date(case.opened_at), source_key=f"{case.key}/{what}", item_code=item or None,
        recorder_user_id=case.reporter_user_id)])


def take_back(actor: Actor, case: Case, reason: str) -> None:
    """A false report: its deeds are refused, or a correction is proposed that a second person confirms.

    Raises what refusing and correcting raise: where a line hangs out for objections, that comes first.
    """
    keys = [f"{case.key}/{what}" for what in (ACCEPTED, FIXED)]
    for deed in deeds.by_source_keys(case.community_id, keys):
        if deed.state is State.SUBMITTED:
            contributions.reject(actor, deed.id, reason)
        elif deed.state is State.APPROVED and deeds.lines_of(case.community_id, [deed.id]).get(deed.id):
            contributions.correct_award(actor, deed.id, reason)
