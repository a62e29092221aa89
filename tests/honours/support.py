"""What the tests of honours share: hours and points in the book, ladders in force, the way to a granted star."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from pointsbank.contributions.jobs import settle_due
from pointsbank.contributions.services import publish_notice
from pointsbank.core import clock
from pointsbank.core.db import db, transaction
from pointsbank.honours import jobs, services
from pointsbank.honours.drafts import LadderDraft, StepDraft
from pointsbank.honours.models import HonourAward, HonourProposal, Period
from pointsbank.honours.samples import SAMPLES
from pointsbank.ledger import services as ledger
from pointsbank.ledger.models import Book
from tests.support.village import Village

RESOLUTION = "居民代表会议 2026 年第 2 次会议通过，赞成 21 票"
HOUR = 60
_keys = itertools.count(1)


def give(village: Village, key: str, hours: float = 0, honour: float = 0, *, household: bool = False) -> list[str]:
    """Hours and honour points for somebody (or their household), posted today; the keys in the book."""
    from tests.support.village import PEOPLE

    owner = f"household:{village.households[PEOPLE[key][1]]}" if household else f"resident:{village.residents[key]}"
    awards = [ledger.Award(owner, amount, f"test:{next(_keys)}", None, book)
              for amount, book in ((round(hours * HOUR), Book.MINUTES), (round(honour * 100), Book.HONOUR)) if amount]
    with transaction():
        ledger.post(village.community, ledger.award_transfers(village.community, awards), clock.today())
    return [award.source_key for award in awards]


def take_back(village: Village, keys: Iterable[str]) -> None:
    """Reverse what :func:`give` posted, today."""
    with transaction():
        ledger.post(village.community, ledger.reversal_transfers(village.community, list(keys), "/reversed"),
                    clock.today())


def ladder(village: Village, sample: str | LadderDraft = "yearly", on: dt.date | None = None) -> int:
    """A ladder in force from today (or ``on``): written by one, adopted by another."""
    draft = SAMPLES[sample] if isinstance(sample, str) else sample
    with transaction():
        row = services.start_ladder(village.actor("member"), draft)
        services.adopt_ladder(village.actor("second"), row.id, on or clock.today(), RESOLUTION)
        return row.id


def small(period: Period = Period.LIFETIME, **more: Any) -> LadderDraft:
    """Two steps: 10 h, then 20 h and 50 honour points."""
    honour = None if period is Period.CYCLE else 5000
    return LadderDraft("小梯子", period, (StepDraft("一星", 600), StepDraft("二星", 1200, honour)), **more)


def propose(village: Village) -> services.Found:
    """What the nightly job does for this community."""
    from pointsbank.core.actor import system

    with transaction():
        return services.propose(system(village.community), village.community)


def proposals(**where: Any) -> list[HonourProposal]:
    """Proposals, read anew."""
    rows = list(db.session.scalars(sa.select(HonourProposal).filter_by(**where).order_by(HonourProposal.id)
                                   .execution_options(populate_existing=True)))
    _leave()
    return rows


def awards(**where: Any) -> list[HonourAward]:
    """Awards, read anew."""
    rows = list(db.session.scalars(sa.select(HonourAward).filter_by(**where).order_by(HonourAward.id)))
    _leave()
    return rows


def refused(*statements: str) -> list[str]:
    """Which of these statements the database took, each in a transaction of its own; none is what a test hopes for."""
    taken = []
    for sql in statements:
        try:
            with transaction():
                db.session.execute(sa.text(sql))
        except sa.exc.DBAPIError:
            continue
        taken.append(sql)
    return taken


def _leave() -> None:
    db.session.expunge_all()
    db.session.rollback()


def confirm(village: Village, ids: Iterable[int], by: str = "member", **more: Any) -> None:
    with transaction():
        services.decide(village.actor(by), list(ids), confirm=True, **more)


def hang_out(village: Village, by: str = "member", second: str = "second") -> int:
    """A notice of everything that is confirmed, made and published."""
    with transaction():
        notice_id = services.draft_list(village.actor(by)).id
    with transaction():
        publish_notice(village.actor(second), notice_id)
    return notice_id


def over(clock_: Any, days: int = 8) -> dict[str, Any]:
    """The notice's days pass and the jobs run."""
    clock_.forward(days=days)
    settle_due()
    return jobs.grant_due()


def grant_all(village: Village, clock_: Any) -> list[HonourAward]:
    """From the figures to the granted honour, the whole way."""
    found = propose(village)
    confirm(village, found.proposed)
    hang_out(village)
    over(clock_)
    return awards()
