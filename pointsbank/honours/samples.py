"""Four real ladders to start from; docs/honours.md names where each of their numbers comes from."""

from __future__ import annotations

from pointsbank.core.points import HUNDRED
from pointsbank.honours.drafts import LadderDraft, StepDraft
from pointsbank.honours.models import Period

HOUR = 60


def _steps(*steps: tuple[str, int] | tuple[str, int, int]) -> tuple[StepDraft, ...]:
    """(name, hours) or (name, hours, honour points)."""
    return tuple(StepDraft(name, hours * HOUR, points[0] * HUNDRED if points else None)
                 for name, hours, *points in steps)


STARS = ("一星", "二星", "三星", "四星", "五星")

SAMPLES: dict[str, LadderDraft] = {
    # 龙泉驿区志愿者协会: hours and points, both; five no-shows in a year are looked at.
    "double": LadderDraft("星级志愿者", Period.LIFETIME, _steps(
        ("一星", 50, 500), ("二星", 100, 1000), ("三星", 200, 2100), ("四星", 400, 4200), ("五星", 800, 8400),
        ("金牌", 1000, 10_500), ("钻石", 2000, 21_000)), no_show_limit=5),
    # 张家港市: a cycle of 300 hours; certificate and medal are given once, the prize of each step once a cycle.
    "cycle": LadderDraft("星级志愿者", Period.CYCLE, _steps(*zip(STARS, (30, 60, 100, 200, 300), strict=True)),
                         cycle_minutes=300 * HOUR, note="每个循环每级奖品各领一次；证书和勋章只发一次。"),
    # 张家港市, the medals by all hours together.
    "medals": LadderDraft("志愿服务奖章", Period.LIFETIME, _steps(
        ("铜星奖章", 600), ("银星奖章", 1000), ("金星奖章", 1500), ("终身成就奖", 3000))),
    # 西门大街社区: judged once a year.
    "yearly": LadderDraft("年度星级志愿者", Period.YEAR, _steps(*zip(STARS, (10, 20, 30, 40, 50), strict=True)),
                          note="一年评一次，次年重新计。"),
}
