"""What a member sees of each deed on a panel's list, the same for pages and for JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pointsbank.contributions import policy, queries, services, wording
from pointsbank.contributions.models import Contribution, PanelVote, Sitting, SittingItem, State
from pointsbank.contributions.queries import sittings as panel
from pointsbank.core.actor import Actor
from pointsbank.media import queries as media
from pointsbank.media.models import Photo
from pointsbank.people import queries as people
from pointsbank.people.models import Household, Resident
from pointsbank.rules.evaluation import Evaluation


@dataclass(frozen=True)
class ListRow:
    """A deed on the list with everything a member has to know. ``barred`` is why this member has no vote about it."""

    item: SittingItem
    deed: Contribution
    resident: Resident
    home: Household | None
    preview: Evaluation | None
    photos: Sequence[Photo]
    vote: PanelVote | None
    barred: str


def list_rows(actor: Actor, found: Sitting, items: Sequence[SittingItem], voter_id: int | None) -> list[ListRow]:
    """Rows for any number of items in a constant number of statements. ``voter_id`` is whose votes they show; what the
    reader has an interest in is barred as well, for a clerk enters no such vote for somebody else."""
    deeds = queries.by_ids(found.community_id, [item.contribution_id for item in items])
    residents = people.residents_by_id(found.community_id, {c.resident_id for c in deeds.values()})
    homes = people.households_by_id(found.community_id, {c.household_id for c in deeds.values() if c.household_id})
    previews = services.preview([c for c in deeds.values() if c.state is State.SUBMITTED])
    photos = media.photos_of(found.community_id, [f"contribution:{c.id}" for c in deeds.values()])
    cast = panel.last_votes(found, item_ids=[i.id for i in items], user_id=voter_id) if voter_id is not None else []
    votes = {v.item_id: v for v in cast}
    facts = queries.facts_of_users({user for user in (voter_id, actor.user_id) if user is not None})
    rows = []
    for item in items:
        deed = deeds[item.contribution_id]
        why = next((w for w in (policy.conflict(f, deed) for f in facts.values()) if w is not None), None)
        rows.append(ListRow(
            item, deed, residents[deed.resident_id], homes.get(deed.household_id or 0), previews.get(deed.id),
            photos[f"contribution:{deed.id}"], votes.get(item.id), wording.barred(why) if why is not None else ""))
    return rows
