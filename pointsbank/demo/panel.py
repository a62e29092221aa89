"""The panel of the demo: a sitting that is over, with every kind of result, and one in which votes are being cast."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from random import Random

from pointsbank.contributions import services as contributions
from pointsbank.contributions.models import Choice, Sitting, SittingItem
from pointsbank.contributions.queries import sittings
from pointsbank.core import clock
from pointsbank.core.actor import Actor, system
from pointsbank.core.errors import DomainError
from pointsbank.demo.accounts import actor_of
from pointsbank.demo.founding import Home
from pointsbank.demo.script import AGAINST, CHECKERS, CLERKS, PANEL_STAFF, SENT_BACK
from pointsbank.people import services as people
from pointsbank.people.roles import Role

CODE = "liuyin"
REPRESENTATIVES = 3


class Panel:
    """The panel of one community: two of the office and three residents."""

    def __init__(self, homes: dict[str, Home], random: Random) -> None:
        self.home = homes[CODE]
        self.random = random
        self.members: list[Actor] = []

    def appoint(self) -> None:
        """The committee gives the seats; one member declares a relative's household."""
        home = self.home
        grown = [r for r in home.residents if r.id in home.users and not r.is_child]
        residents = [home.actor(r) for r in self.random.sample(grown, REPRESENTATIVES)]
        for actor in (*(home.staff[name] for name in PANEL_STAFF), *residents):
            people.grant(system(home.area.id), user_id=actor.user_id or 0, role=Role.PANEL_MEMBER, area_id=home.area.id)
            self.members.append(actor_of(actor.user_id or 0, home.area, actor.resident_id))
        cousin = self.random.choice([r for r in grown if r.id != residents[0].resident_id])
        contributions.declare_relative(self.members[-1], "表兄弟", resident_id=cousin.id)

    def open(self, title: str, days: int) -> Sitting | None:
        """Open a sitting with what residents filed; None where nothing waits."""
        call = contributions.Call(title, clock.today(), clock.today() + dt.timedelta(days=days),
                                  contributions.Selection(kind="other"))
        try:
            return contributions.open_sitting(self.home.staff[CLERKS[CODE]], call)
        except DomainError:
            return None

    def vote(self, sitting: Sitting, members: Sequence[Actor], *, leave: int = 0) -> None:
        """Members vote: mostly for; the last deed finds nobody's favour, the one before hardly any votes."""
        listed = sittings.items(sitting, limit=100).items
        for actor in members:
            for place, item in enumerate(listed[:max(len(listed) - leave, 0)], 1):
                self._vote(sitting, actor, item, len(listed) - place)

    def _vote(self, sitting: Sitting, actor: Actor, item: SittingItem, from_end: int) -> None:
        choice, reason = Choice.FOR, ""
        if from_end == 0:
            choice, reason = Choice.AGAINST, AGAINST
        elif from_end == 1 and actor is not self.members[0]:
            return
        elif self.random.random() < 0.08:
            choice = Choice.ABSTAIN
        try:
            contributions.vote(actor, sitting.id, [contributions.Ballot(item.id, choice, reason)])
        except DomainError:
            return  # the member's own household, or a relative's

    def close(self, sitting: Sitting) -> None:
        """The chair closes, and sends back what found no majority."""
        found = sittings.standing(sitting)
        failed = [e.item.id for e in found.entries if e.count.has_quorum and not e.count.is_carried]
        contributions.close_sitting(self.home.staff[CHECKERS[CODE]], sitting.id,
                                    {item_id: contributions.Ruling(True, SENT_BACK) for item_id in failed})
