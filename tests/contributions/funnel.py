"""What the funnel's tests share: a small standard in force, deeds at a step, and the way from deed to notice."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pointsbank.contributions import services
from pointsbank.contributions.models import AwardLine, Contribution
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, transaction
from pointsbank.ledger import queries as ledger
from pointsbank.ledger.models import Book
from pointsbank.publicity.models import NoticeLine, PublicNotice
from pointsbank.rules.models import (
    DeedKind,
    Measure,
    Receiver,
    RuleCap,
    ScoringRule,
    ScoringStandard,
    Shape,
    StandardState,
    Subject,
    Timing,
    Window,
)
from tests.support.village import Village

DAY = dt.date(2026, 4, 12)
HELP, VISIT, SNAP = "1.1", "2.1", "3.1"


def rule(standard: ScoringStandard, position: int, code: str, name: str, kind: DeedKind, **values: Any) -> ScoringRule:
    return ScoringRule(community_id=standard.community_id, standard_id=standard.id, position=position, code=code,
                       name=name, category="一", kind=kind, **values)


def adopt(community_id: int) -> ScoringStandard:
    """The standard of these tests: an hour of help 1 point to the household (2 hours an activity, 5 points a month);
    a visit 2 points; a snapshot 3 points to the person, at once."""
    with transaction():
        standard = ScoringStandard(community_id=community_id, number=7, title="柳荫社区积分细则",
                                   state=StandardState.DRAFT, created_at=clock.now(), resolution="居民代表会议通过")
        db.session.add(standard)
        db.session.flush()
        help_ = rule(standard, 1, HELP, "志愿服务", DeedKind.VOLUNTEERING, shape=Shape.PER_HOUR, points=100,
                     receiver=Receiver.HOUSEHOLD, by_itself=True, records_minutes=True)
        visit = rule(standard, 2, VISIT, "看望独居老人", DeedKind.OTHER, shape=Shape.PER_UNIT, points=200, unit="次",
                     receiver=Receiver.HOUSEHOLD)
        snap = rule(standard, 3, SNAP, "随手拍属实", DeedKind.SNAPSHOT, shape=Shape.PER_TIME, points=300,
                    receiver=Receiver.RESIDENT, by_itself=True, timing=Timing.IMMEDIATE)
        db.session.add_all([help_, visit, snap])
        db.session.flush()
        db.session.add_all([
            RuleCap(community_id=community_id, rule_id=help_.id, window=Window.ACTIVITY, subject=Subject.PERSON,
                    measure=Measure.QUANTITY, most=120),
            RuleCap(community_id=community_id, rule_id=help_.id, window=Window.MONTH, subject=Subject.PERSON,
                    measure=Measure.POINTS, most=500)])
        db.session.flush()
        standard.state, standard.in_force_on = StandardState.IN_FORCE, dt.date(2026, 1, 1)
    return standard


def draft(village: Village, key: str, number: int = 1, **values: Any) -> services.DeedDraft:
    """An attendance of two hours, as the activities' room hands it over."""
    given = {"kind": "volunteering", "resident_id": village.residents[key], "title": "河边捡垃圾", "on": DAY,
             "source_key": f"attendance:{key}-{number}", "minutes": 120, "activity_key": f"occurrence:{number}",
             "first_review": "done", "recorder_user_id": village.users[key], "team_id": village.team, **values}
    return services.DeedDraft(**given)


def recorded(village: Village, *drafts: services.DeedDraft, by: str = "leader") -> list[int]:
    """Ids of deeds handed over by ``by``."""
    with transaction():
        return [c.id for c in services.record(village.actor(by), drafts)]


def filed(village: Village, key: str = "alice", *, by: str | None = None, **values: Any) -> int:
    """A visit filed by a resident (or ``by`` somebody else, as a proxy)."""
    given: dict[str, Any] = {"kind": "other", "title": "看望王奶奶", "on": DAY, "item_code": VISIT, "units": 2}
    given |= values
    with transaction():
        if by is None:
            return services.file(village.actor(key), services.Filing(**given)).id
        return services.file(village.actor(by), services.Filing(**given), resident_id=village.residents[key],
                             reason="老人没有手机").id


def approved(village: Village, ids: list[int], by: str = "reviewer") -> None:
    with transaction():
        services.approve(village.actor(by), ids)


def drafted(village: Village, by: str = "member", **values: Any) -> int:
    with transaction():
        return services.draft_month(village.actor(by), DAY.replace(day=1), **values).id


def published(village: Village, by: str = "member", second: str = "second", **values: Any) -> int:
    """A notice of April, made and published."""
    notice_id = drafted(village, by, **values)
    with transaction():
        services.publish_notice(village.actor(second), notice_id)
    return notice_id


def on_notice(village: Village, *keys: str) -> tuple[int, dict[str, int]]:
    """Deeds of these people on a published notice: its id, and each one's line id."""
    ids = recorded(village, *(draft(village, key) for key in keys))
    approved(village, ids)
    notice_id = published(village)
    return notice_id, lines_on(village, notice_id, ids, keys)


def lines_on(village: Village, notice_id: int, ids: list[int], keys: tuple[str, ...]) -> dict[str, int]:
    by_key = {f"award:{line.id}": line.contribution_id for line in db.session.query(AwardLine)}
    who = dict(zip(ids, keys, strict=True))
    found = {who[by_key[row.source_key]]: row.id
             for row in db.session.query(NoticeLine).filter_by(notice_id=notice_id)}
    db.session.rollback()
    return found


def balance(village: Village, key: str, book: Book = Book.POINTS, *, person: bool = False) -> int:
    """Hundredths in the wallet of somebody's household, or of the person."""
    from tests.support.village import PEOPLE

    owner = f"resident:{village.residents[key]}" if person else f"household:{village.households[PEOPLE[key][1]]}"
    found = ledger.balance(village.community, owner, book)
    db.session.rollback()
    return found


def _leave() -> None:
    """Let go of what was read, so that reading it later opens no transaction of its own."""
    db.session.expunge_all()
    db.session.rollback()


def deed(contribution_id: int) -> Contribution:
    found = db.session.get(Contribution, contribution_id, populate_existing=True)
    _leave()
    assert found is not None
    return found


def notice(notice_id: int) -> PublicNotice:
    found = db.session.get(PublicNotice, notice_id, populate_existing=True)
    _leave()
    assert found is not None
    return found


def award_lines(contribution_id: int, book: Book = Book.POINTS) -> list[AwardLine]:
    query = db.session.query(AwardLine).filter_by(contribution_id=contribution_id, book=book)
    found = query.order_by(AwardLine.id).all()
    _leave()
    return found


def anonymous() -> Actor:
    return Actor(user_id=None)
