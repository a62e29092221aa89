"""Snapshots in the demo: neighbours report, units put it right, somebody else looks, the reporter judges."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from random import Random

from pointsbank.cases import jobs
from pointsbank.cases import services as cases
from pointsbank.cases.models import Outcome
from pointsbank.core.actor import Actor
from pointsbank.core.db import transaction
from pointsbank.demo.damages import picture
from pointsbank.demo.founding import Home, Neighbour
from pointsbank.media import services as media
from pointsbank.media.models import Purpose
from pointsbank.places import queries as places

OFFICES = {"liuyin": ("weiyuan", "weiyuan2", "wuye"), "xingshi": ("xs-weiyuan", "xs-shenhe", "xs-wuye"),
           "shiqiao": ("sq-weiyuan", "sq-shenhe", "sq-weixiu")}
UNITS = {"liuyin": "柳荫花园物业", "xingshi": "兴石花园物业", "shiqiao": "村维修组"}


@dataclass(frozen=True)
class Trouble:
    """What somebody sees on their way: kind, words, drawing, where."""

    kind: str
    text: str
    drawing: str
    places: tuple[str, ...]


TROUBLES = (
    Trouble("路灯不亮", "晚上一片黑，老人不敢走", "lamp", ("河边步道", "西门", "文化广场", "停车场")),
    Trouble("垃圾堆放", "堆了好几天，有味道了", "rubbish", ("垃圾分类亭一", "垃圾分类亭二", "菜市场", "幸福路")),
    Trouble("飞线充电", "从楼上拉线下来充电，怕着火", "wires", ("电动车充电棚", "停车场")),
    Trouble("楼道堆物", "纸箱堆到楼梯口，走不过去", "stairwell", ()),
    Trouble("井盖破损", "井盖缺了一角，孩子放学路过", "cover", ("小学路口", "幸福路", "东门", "石桥")),
    Trouble("污水外溢", "下水道堵了，水漫到路上", "water", ("菜市场", "卫生室", "幸福路")),
)
# Days after the report, whose turn, the step. What falls on a weekend waits for Monday.
WORK = ((0, "office", "accept"), (0, "office", "assign"), (1, "unit", "acknowledge"), (1, "unit", "start"))
DONE = ((2, "unit", "finish"), (3, "inspector", "approve"))
COURSES: dict[str, tuple[int, tuple[tuple[int, str, str], ...]]] = {  # weight, steps
    "fixed": (11, (*WORK, *DONE, (4, "reporter", "satisfied"))),
    "silent": (3, (*WORK, *DONE)),
    "rework": (3, (*WORK, (2, "unit", "finish"), (3, "inspector", "rework"), (4, "unit", "finish"),
                   (5, "inspector", "approve"), (6, "reporter", "satisfied"))),
    "unhappy": (2, (*WORK, *DONE, (5, "reporter", "unhappy"), (5, "office", "assign"), (6, "unit", "acknowledge"),
                    (6, "unit", "start"), (7, "unit", "finish"), (8, "inspector", "approve"),
                    (9, "reporter", "satisfied"))),
    "late": (3, (*WORK, (11, "unit", "finish"), (12, "inspector", "approve"), (13, "reporter", "satisfied"))),
    "waiting": (1, (*WORK, (2, "office", "suspend"), (26, "unit", "finish"), (27, "inspector", "approve"),
                    (28, "reporter", "satisfied"))),
    "returned": (1, ((0, "office", "accept"), (0, "office", "assign"), (1, "unit", "send_back"))),
    "declined": (2, ((1, "office", "decline"),)),
}
# Days before the end on which a case begins that stops halfway, so that visitors find one at each place of the way;
# early enough that no weekend holds its steps up.
HALFWAY = {10: (*WORK, DONE[0]), 9: (*WORK, *DONE), 8: WORK, 7: WORK[:2]}
SAID = {
    "rework": "还有一处没弄好，请再去一趟。", "unhappy": "修了两天又坏了，请再看看。",
    "suspend": "配件要从厂家调，先围起来。", "send_back": "不归我们管，要请供电的人来。",
    "decline": "去看过，是邻居临时放的，当天已搬走。", "finish": "已经处理好，照片在后面。",
}


class Problems:
    """The three communities' snapshots, lived through day by day."""

    def __init__(self, homes: dict[str, Home], random: Random) -> None:
        self.homes = homes
        self.random = random
        self.kinds: dict[str, dict[str, int]] = {}
        self.units: dict[str, int] = {}
        self.places: dict[str, dict[str, int]] = {}
        self.waiting: list[tuple[dt.date, str, str, int, str, Trouble, Neighbour]] = []
        self.number = 0

    def set_up(self) -> None:
        """The offices name who is responsible for what."""
        for code, home in self.homes.items():
            office, _inspector, worker = (home.staff[name] for name in OFFICES[code])
            assert worker.user_id is not None
            unit = cases.add_unit(office, UNITS[code], member_ids=[worker.user_id])
            self.units[code] = unit.id
            self.kinds[code] = {kind.name: kind.id for kind in cases.take_over_usual_kinds(office)}
            for kind in dict.fromkeys(one.kind for one in TROUBLES):
                cases.set_route(office, self.kinds[code][kind], home.area.id, unit.id)
            self.places[code] = {place.name: place.id for place in places.on_the_plan(home.area.id)}

    def live(self, day: dt.date, left: int) -> None:
        """What is due of the cases under way, then what somebody sees today; ``left`` days remain."""
        if day.weekday() < 5:
            due = [step for step in self.waiting if step[0] <= day]
            self.waiting = [step for step in self.waiting if step[0] > day]
            for _day, code, who, case_id, verb, trouble, reporter in due:
                with transaction():
                    self._step(code, who, case_id, verb, trouble, reporter)
        for code in self.homes:
            with transaction():
                if left in HALFWAY:
                    self._report(code, day, HALFWAY[left])
                if left < 3 or self.random.random() < 0.22:
                    self._report(code, day, self.random.choices(
                        [steps for _weight, steps in COURSES.values()],
                        [weight for weight, _steps in COURSES.values()])[0])

    def night(self) -> None:
        """What the schedule does to cases."""
        jobs.tick()

    def _report(self, code: str, day: dt.date, steps: tuple[tuple[int, str, str], ...]) -> None:
        home, trouble = self.homes[code], self.random.choice(TROUBLES)
        known = self.places[code]
        name = self.random.choice([n for n in trouble.places or home.place.buildings if n in known])
        grown = [one for one in home.residents if one.id in home.users and not one.is_child]
        reporter, neighbour = self.random.sample(grown, 2)
        self.number += 1
        photo = self._photo(home.actor(reporter), trouble, mended=False, purpose=Purpose.REPORT)
        report = cases.send(home.actor(reporter), cases.ReportDraft(
            client_id=hashlib.sha256(f"demo {self.number}".encode()).hexdigest()[:24],
            category_id=self.kinds[code][trouble.kind], text=trouble.text, place="", place_id=known[name],
            photo_ids=[photo], anonymous=self.random.random() < 0.12))
        if self.random.random() < 0.3:
            cases.join(home.actor(neighbour), report.case_id)
        self.waiting += [(day + dt.timedelta(days=after + 1), code, who, report.case_id, verb, trouble, reporter)
                         for after, who, verb in steps]

    def _photo(self, actor: Actor, trouble: Trouble, *, mended: bool, purpose: Purpose) -> int:
        self.number += 1
        return media.store(actor, picture(trouble.drawing, self.number * 17 % 331, mended=mended), "a.jpg",
                           purpose.value).id

    def _step(self, code: str, who: str, case_id: int, verb: str, trouble: Trouble, reporter: Neighbour) -> None:
        home = self.homes[code]
        office, inspector, worker = (home.staff[name] for name in OFFICES[code])
        actor = {"office": office, "inspector": inspector, "unit": worker, "reporter": home.actor(reporter)}[who]
        photos = [self._photo(actor, trouble, mended=True, purpose=Purpose.REPAIR)] if verb == "finish" else []
        cases.move(actor, case_id, verb, cases.Step(
            text=SAID.get(verb, ""), unit_id=self.units[code], handler_id=worker.user_id,
            days=20 if verb == "suspend" else None, outcome=Outcome.FIXED, photo_ids=photos,
            show_photos=True if verb in {"accept", "approve"} else None))
