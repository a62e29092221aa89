"""The honours of the demo: ladders in force, stars granted and on their way, a best observer, a certificate."""

from __future__ import annotations

import datetime as dt
from random import Random

from pointsbank.contributions import services as contributions
from pointsbank.core import clock
from pointsbank.core.actor import Actor, system
from pointsbank.core.db import db
from pointsbank.core.errors import DomainError
from pointsbank.demo.founding import Home
from pointsbank.demo.script import CHECKERS, CLERKS, OBSERVERS, RESOLUTION
from pointsbank.honours import jobs
from pointsbank.honours import services as honours
from pointsbank.honours.models import BestMonth, BestState, CertificateState
from pointsbank.honours.queries import votes
from pointsbank.honours.queries.certificates import waiting
from pointsbank.honours.samples import SAMPLES
from pointsbank.people import services as people
from pointsbank.schedule import note_no_shows

LADDERS = {"liuyin": "yearly", "xingshi": "yearly", "shiqiao": "double"}
TAGS = ("党员", "干部")
# On these days of the story stars are listed, certificates asked for and issued, and the figures looked at once more.
FIRST_LIST, ASKED, ISSUED, SECOND_LIST, LAST_LOOK = 58, 62, 74, 86, 91
SETTLED = 20


class Honours:
    """What the committees and the observers do about honours, on the day of the story it falls on."""

    def __init__(self, homes: dict[str, Home], random: Random, first: dt.date) -> None:
        self.homes = homes
        self.random = random
        self.first = first

    def open(self) -> None:
        """Ladders written by one and adopted by another, and the tags of a few people."""
        for code, home in self.homes.items():
            row = honours.start_ladder(home.staff[CLERKS[code]], SAMPLES[LADDERS[code]])
            honours.adopt_ladder(home.staff[CHECKERS[code]], row.id, self.first, RESOLUTION)
            members = next(iter(home.members.values()))
            for tag, resident in zip(TAGS, members[2:4], strict=True):
                people.add_tag(home.staff[CLERKS[code]], resident.id, tag)

    def live(self, day: dt.date) -> None:
        """One afternoon."""
        number = (day - self.first).days
        if number in {FIRST_LIST, SECOND_LIST}:
            for code in self.homes:
                self._list(code)
        if number in {ASKED, LAST_LOOK}:
            self._ask("liuyin", number)
        if number == ISSUED:
            self._issue("liuyin")
        self._vote()

    def night(self, day: dt.date) -> None:
        """What the jobs do between two days."""
        jobs.grant_due()
        jobs.best_due()
        if (day.month, day.day) == (1, 2):
            jobs.close_years()
        if (day - self.first).days == LAST_LOOK:
            note_no_shows()
            jobs.propose_due()

    def _list(self, code: str) -> None:
        """Whoever reached a step is looked at by one, hung out by the same, and published by another."""
        home = self.homes[code]
        clerk, checker = home.staff[CLERKS[code]], home.staff[CHECKERS[code]]
        found = honours.propose(system(home.area.id), home.area.id)
        self._confirm([clerk, checker], found.proposed)
        try:
            with db.session.begin_nested():
                notice = honours.draft_list(clerk, resolution=RESOLUTION)
                contributions.publish_notice(checker, notice.id)
        except DomainError:
            return  # nobody has reached a step yet

    def _confirm(self, actors: list[Actor], ids: list[int]) -> None:
        for proposal_id in ids:
            for actor in actors:
                try:
                    with db.session.begin_nested():
                        honours.decide(actor, [proposal_id], confirm=True)
                    break
                except DomainError:
                    continue  # the own household: the other one decides

    def _vote(self) -> None:
        """The observers vote once the figures are before them; who has the most rounds is often chosen, not always."""
        home = self.homes["xingshi"]
        open_ = db.session.query(BestMonth).filter_by(team_id=home.teams[OBSERVERS], state=BestState.FIRST).all()
        for best in open_:
            view = votes.best_month(home.staff["xs-tuanzhang"], best.id)
            standing = sorted(view.candidates, key=lambda c: (-c.rounds, c.resident.id))
            if clock.today() == best.closes_on or not view.not_voted or len(standing) < 2:
                continue
            for number, voter in enumerate(view.not_voted[:12]):
                choice = standing[0] if number % 3 else standing[1]
                if choice.resident.id != voter.id:
                    honours.vote(home.staff["xs-tuanzhang"], best.id, choice.resident.id, voter_id=voter.id)

    def _ask(self, code: str, number: int) -> None:
        """A volunteer asks for a certificate; the first one is gathered and hung out at once."""
        home = self.homes[code]
        clerk, checker = home.staff[CLERKS[code]], home.staff[CHECKERS[code]]
        place = 0 if number == ASKED else 1
        resident = next(iter(home.members.values()))[place]
        # Up to a day of which everything has been reviewed by now, so that the figures stand still while it hangs out.
        settled = clock.today() - dt.timedelta(days=SETTLED)
        row = honours.request_certificate(home.actor(resident), self.first, settled, purpose="申请老年大学")
        if number == ASKED:
            honours.prepare(clerk, row.id, "0000-8123456")
            notice = honours.draft_certificates(clerk)
            contributions.publish_notice(checker, notice.id)

    def _issue(self, code: str) -> None:
        """The seven days are over."""
        home = self.homes[code]
        for row in waiting(home.area.id):
            if row.state is CertificateState.PREPARED:
                honours.issue(home.staff[CHECKERS[code]], row.id)
