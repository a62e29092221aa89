"""The rules of the demo as documents: the street's template, a draft that everybody was asked about, a resolution with
votes; next door a draft that is open for comment just now."""

from __future__ import annotations

import datetime as dt

from pointsbank.contributions import services as contributions
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.demo.founding import Home
from pointsbank.demo.scenes import scene
from pointsbank.demo.script import CHECKERS, CLERKS
from pointsbank.media.papers import prepare_paper
from pointsbank.rules import papers, queries, sheets
from pointsbank.rules import services as rules
from pointsbank.rules.drafts import RuleDraft, from_rule
from pointsbank.rules.evaluation import Cap
from pointsbank.rules.models import DeedKind, Measure, Meeting, Receiver, Shape, Subject, Window
from pointsbank.rules.services import CommentDraft, ItemBound, PaperAuthor, Resolution

SUPERVISOR = "jiedao"
# On these days of the story.
ISSUED, ASKED, SAID, ANSWERED, DECIDED, ASKED_NEXT_DOOR = 44, 45, 47, 51, 54, 88
BOUNDS = {"1.2": ItemBound(50, 50), "1.3": ItemBound(20, 0, may_drop=True)}
WATER = RuleDraft(code="9.1", name="高温天给独居老人送水", category="志愿服务", kind=DeedKind.OTHER,
                  shape=Shape.PER_TIME, points=150, receiver=Receiver.HOUSEHOLD, who="志愿者", evidence="照片",
                  caps=(Cap(Window.DAY, Subject.PERSON, Measure.TIMES, 1),))
ON_PAPER = "字太小看不清，希望墙上贴一张大的。"
TAKEN_UP = "有道理。看望独居老人改为每次 3 分。"
DECLINED = "夏天最热的时候人手不够，代表们还是想鼓励一下，先试行一年。"
POSTER = "采纳。通过后打印 A3 大字版，贴在服务中心门口。"
PASSED = "通过《柳荫社区积分细则》第二版"


class Standards:
    """What the street's supervisor and two committees do about their rules, day by day."""

    def __init__(self, homes: dict[str, Home], first: dt.date) -> None:
        self.home, self.next_door = homes["liuyin"], homes["xingshi"]
        self.first = first
        self.standard_id = 0

    def live(self, day: dt.date) -> None:
        """One afternoon."""
        steps = {ISSUED: self._issue, ASKED: self._ask, SAID: self._say, ANSWERED: self._answer, DECIDED: self._decide,
                 ASKED_NEXT_DOOR: self._ask_next_door}
        step = steps.get((day - self.first).days)
        if step is not None:
            step()

    def _member(self, place: int) -> Actor:
        members = [r for r in next(iter(self.home.members.values())) if r.id in self.home.users]
        return self.home.actor(members[place])

    def _issue(self) -> None:
        supervisor = self.home.staff[SUPERVISOR]
        street = papers.areas_above(self.home.area.path)[0]
        template = rules.start_template(
            supervisor, street.id, f"{street.name}积分细则（样本）", sheets.sample("community"),
            caps=sheets.sample_caps("community"), note="各社区照此起草，可以加自己的条目。分值要改的，先征求大家意见。")
        rules.set_bounds(supervisor, template.id, BOUNDS)
        rules.issue_template(supervisor, template.id)

    def _start(self, home: Home, clerk: str) -> int:
        template, _area = papers.in_use(home.area.path)[0]
        standard = rules.start_from_template(home.staff[clerk], template.id, f"{home.place.name}积分细则")
        rules.add_rule(home.staff[clerk], standard.id, WATER)
        return standard.id

    def _ask(self) -> None:
        clerk = self.home.staff[CLERKS["liuyin"]]
        self.standard_id = self._start(self.home, CLERKS["liuyin"])
        rules.open_comments(clerk, self.standard_id, clock.today() + dt.timedelta(days=6))
        notice = rules.announce(clerk, self.standard_id)
        contributions.publish_notice(self.home.staff[CHECKERS["liuyin"]], notice.id)

    def _say(self) -> None:
        rules.comment(self._member(3), self.standard_id, CommentDraft("看望老人要花大半天，2 分少了点。", "1.2"))
        rules.comment(self._member(4), self.standard_id, CommentDraft("送水大家都愿意做，不用给分吧？", "9.1"))
        rules.comment(self.home.staff["wangge"], self.standard_id, CommentDraft(ON_PAPER),
                      PaperAuthor("夏老伯", "5-0099"))

    def _answer(self) -> None:
        answers = {"1.2": (TAKEN_UP, True), "9.1": (DECLINED, False), "": (POSTER, True)}
        for one in papers.comments(self.home.area.id, self.standard_id).items:
            text, accepted = answers[one.item_code]
            rules.answer(self.home.staff[CHECKERS["liuyin"]], one.id, text, accepted=accepted)

    def _decide(self) -> None:
        """What was taken up goes into the draft; the representatives vote, a second person puts it in force."""
        clerk, home = self.home.staff[CLERKS["liuyin"]], self.home
        rules.take_back(clerk, self.standard_id)
        visit = queries.version(home.area.id, self.standard_id).by_code["1.2"]
        rules.change_rule(clerk, self.standard_id, visit.id, RuleDraft(**{**vars(from_rule(visit)), "points": 300}))
        resolution = Resolution(PASSED, Meeting.REPRESENTATIVES, clock.today(), present=33, votes_for=29,
                                votes_against=2, votes_abstain=2, minutes=[prepare_paper(scene("minutes"))])
        rules.adopt(home.staff[CHECKERS["liuyin"]], self.standard_id, clock.today() + dt.timedelta(days=4), resolution)

    def _ask_next_door(self) -> None:
        clerk = CLERKS["xingshi"]
        standard_id = self._start(self.next_door, clerk)
        rules.open_comments(self.next_door.staff[clerk], standard_id, clock.today() + dt.timedelta(days=9))
        members = [r for r in next(iter(self.next_door.members.values())) if r.id in self.next_door.users]
        rules.comment(self.next_door.actor(members[1]), standard_id,
                      CommentDraft("雨雪天巡查也很辛苦。", proposed_name="雨雪天巡查一轮", proposed_points=150))
