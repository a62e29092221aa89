"""What observers earn: a deed for each who walked an accepted round, through the funnel like any other."""

from __future__ import annotations

from flask_babel import gettext as _

from pointsbank.contributions import services as contributions
from pointsbank.contributions.models import DeedKind, RecordedVia
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.patrols.models import Patrol, PatrolSource, Proposal, SecondLook
from pointsbank.patrols.services.routing import items_of
from pointsbank.patrols.services.steps import observers_of, route_name
from pointsbank.people import queries as people


def title_of(patrol: Patrol, what: str = "round") -> str:
    """The title of a deed, which is public: the route, and nobody's name."""
    name = route_name(patrol)
    return _("Second look, %(route)s", route=name) if what == "look" else _("Round, %(route)s", route=name)


def earn_look(actor: Actor, patrol: Patrol, look: SecondLook) -> None:
    """A deed for a second look, where the community names an item for it."""
    item = items_of(patrol.community_id).look_item
    if item:
        contributions.record(actor, [contributions.DeedDraft(
            kind=DeedKind.OTHER, resident_id=look.resident_id, title=title_of(patrol, "look"),
            on=clock.local_date(look.at), source_key=f"patrol-look:{look.id}", item_code=item,
            team_id=patrol.team_id)])


def earn_round(actor: Actor, patrol: Patrol) -> None:
    """One deed for each observer who lived here on that day. Accepting was the first look, except for a round from
    paper: somebody outside the team still approves that, and one with a wrong clock is flagged."""
    known = people.residents_by_id(patrol.community_id, observers_of(patrol))
    here = [one for one, row in sorted(known.items()) if row.left_on is None or row.left_on > patrol.on]
    on_paper = patrol.source is PatrolSource.PAPER
    item = items_of(patrol.community_id).round_item or None
    contributions.record(actor, [contributions.DeedDraft(
        kind=DeedKind.PATROL, resident_id=one, title=title_of(patrol), on=patrol.on, minutes=patrol.minutes,
        started_at=patrol.said_from, source_key=f"{patrol.key}/{one}", activity_key=patrol.key, item_code=item,
        recorded_via=RecordedVia.PAPER if on_paper else RecordedVia.SELF, team_id=patrol.team_id,
        flagged=patrol.clock_off, first_review="needed" if on_paper else "done",
        recorder_user_id=patrol.submitted_by_id) for one in here])


def earn_proposal(actor: Actor, proposal: Proposal) -> None:
    """A deed for an adopted proposal, where the community names an item for it."""
    item = items_of(proposal.community_id).proposal_item
    if item:
        contributions.record(actor, [contributions.DeedDraft(
            kind=DeedKind.OTHER, resident_id=proposal.resident_id, title=_("Proposal that was adopted"),
            on=clock.local_date(proposal.sent_at), source_key=f"patrol-proposal:{proposal.id}", item_code=item,
            team_id=proposal.team_id, recorder_user_id=proposal.by_user_id)])

