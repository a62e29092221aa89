"""Three months of the street's life, day by day, each day one unit of work at its own date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from flask import Flask
from flask_babel import force_locale

from pointsbank.contributions.jobs import settle_due
from pointsbank.core import clock
from pointsbank.core.db import db, transaction
from pointsbank.demo.cast import Cast
from pointsbank.demo.families import Families
from pointsbank.demo.founding import found
from pointsbank.demo.honours import Honours
from pointsbank.demo.letters import Letters
from pointsbank.demo.life import Street
from pointsbank.demo.panel import Panel
from pointsbank.demo.papers import Papers
from pointsbank.demo.places import lay_out
from pointsbank.demo.problems import Problems
from pointsbank.demo.rounds import Rounds
from pointsbank.demo.standards import Standards
from pointsbank.demo.trade import Trade
from pointsbank.reviews.jobs import make_due
from pointsbank.shop.jobs import lapse_due

DAYS = 92
THURSDAY = 3
CLOSED_BEFORE = 8  # days ago the last sitting of the panel was
PUBLISHING = {1, 16}


class Calendar:
    """The demo's clock: stands where the story is."""

    def __init__(self, day: dt.date) -> None:
        self.instant = clock.at_local(day, dt.time(8))

    def __call__(self) -> dt.datetime:
        return self.instant

    def set(self, day: dt.date, hour: int, minute: int = 0) -> None:
        """To this hour of this day, never back."""
        self.instant = max(self.instant, clock.at_local(day, dt.time(hour, minute)))


def build(app: Flask, progress: Callable[[int], None]) -> None:
    """Found the street 92 days ago and live it through to this hour; ``progress`` hears per cent."""
    present = clock.now()
    today = clock.local_date(present)
    first = today - dt.timedelta(days=DAYS)
    cast, calendar = Cast(), Calendar(first)
    with app.app_context(), force_locale("zh_Hans_CN"), clock.fixed(calendar):
        homes = found(cast)
        street = Street(homes, cast.random, calendar.set)
        trade = Trade(homes, cast.random)
        families = Families(homes["liuyin"], "weiyuan", "weiyuan2")
        panel = Panel(homes, cast.random)
        honours = Honours(homes, cast.random, first)
        standards = Standards(homes, first)
        papers = Papers(homes["liuyin"])
        letters = Letters(homes, first)
        problems = Problems(homes, cast.random)
        rounds = Rounds(homes["xingshi"], cast.random)
        with transaction():
            for place, home in enumerate(homes.values()):
                lay_out(home, place)
            street.adopt_standards(first)
            trade.open(first)
            panel.appoint()
            honours.open()
            problems.set_up()
        for number in range(1, DAYS + 1):
            day = first + dt.timedelta(days=number)
            calendar.set(day, 7)
            _live(street, trade, calendar, day, present, last=day == today)
            with transaction():
                if number == DAYS - 20:
                    families.divide(day)
                elif number == DAYS - 9:
                    families.mourn(day)
            with transaction():
                papers.live(DAYS - number)
            if day != today:
                problems.live(day, DAYS - number)
                problems.night()
                rounds.live(day, DAYS - number)
                rounds.night(DAYS - number)
                if DAYS - number < 8:
                    make_due()
            if number in {DAYS - CLOSED_BEFORE, DAYS - 1}:
                _sit(panel, calendar, day, still_open=number == DAYS - 1)
            if day != today:
                _honour(honours, day)
                with transaction():
                    standards.live(day)
                    letters.live(day)
            db.session.expunge_all()
            progress(number * 100 // DAYS)


def _sit(panel: Panel, calendar: Calendar, day: dt.date, *, still_open: bool) -> None:
    """The panel meets in the evening. Before the first time reviewers leave a week's deeds to it."""
    calendar.set(day, 19)
    with transaction():
        sitting = panel.open(f"{day.month}月{day.day}日评议会", days=4 if still_open else 0)
        if sitting is None:
            return
        panel.vote(sitting, panel.members[2:4] if still_open else panel.members, leave=1 if still_open else 0)
        if not still_open:
            panel.close(sitting)


def _stands_in(day: dt.date, today: dt.date) -> bool:
    """Where the last list is over by now, one more is made three days ago, so that visitors find one hanging out."""
    yesterday = today - dt.timedelta(days=1)
    last = yesterday.replace(day=16 if yesterday.day >= 16 else 1)
    return today - last >= dt.timedelta(days=7) and day == today - dt.timedelta(days=3)


def _live(street: Street, trade: Trade, calendar: Calendar, day: dt.date, present: dt.datetime, *,
          last: bool) -> None:
    with transaction():
        if not street.opened:
            street.plan_week(day)
        if day.weekday() == THURSDAY:
            street.plan_week(day + dt.timedelta(days=4))
        street.hold_activities(day, present)
        if last:
            street.ask_for_lists("liuyin")
    if last:
        return
    calendar.set(day, 17)
    with transaction():
        street.file_deeds(day)
        if day.weekday() in {1, 4}:
            street.review(leave=4)
        if day.day in PUBLISHING or _stands_in(day, clock.local_date(present)):
            street.review(leave=0)
            street.publish(day)
        if day.day == 12:
            street.show_goods(day)
        if day.day in {3, 18}:
            street.object("liuyin")
        if day.day in {8, 27}:
            street.answer("liuyin", upheld=day.day == 27)
        if day.weekday() == THURSDAY:
            street.read_inboxes()
        if day.weekday() in {2, 5}:
            for code in trade.homes:
                trade.hand_over(code, leave=2)
                trade.order(code, 6)
    calendar.set(day, 18, 30)
    settle_due()
    lapse_due()


def _honour(honours: Honours, day: dt.date) -> None:
    """After the notices of the day are settled: the committees' afternoon, and what the jobs do at night."""
    with transaction():
        honours.live(day)
    honours.night(day)
