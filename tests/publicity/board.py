"""What the board's tests share: drafts, published notices, and reading them without staying in a transaction."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from pointsbank.core.db import db, transaction
from pointsbank.publicity import services
from pointsbank.publicity.models import NoticeKind, NoticeLine, PublicNotice
from tests.support.village import PEOPLE, Village

PUBLIC = ("陈*芳", "李*贵", "2-0317", "1-0412")


def line(village: Village, number: int, *, grid: str = "", **values: Any) -> services.NoticeLineDraft:
    """Row ``number`` of a list: even ones of Alice's household, odd ones of Bob's."""
    key, name, amount = [("alice", "陈*芳", 200), ("bob", "李*贵", 400)][number % 2]
    given = {"source_key": f"award:{number + 1}", "household_number": PEOPLE[key][1], "masked_name": name,
             "item": "志愿服务", "amount": amount, "grouping": grid, "done_on": dt.date(2026, 4, 12),
             "household_id": village.households[PEOPLE[key][1]], "barred_user_ids": (village.users["reviewer"],),
             **values}
    return services.NoticeLineDraft(**given)


def lines(village: Village, count: int = 2) -> list[services.NoticeLineDraft]:
    return [line(village, number) for number in range(count)]


def drafted(village: Village, by: str = "member", **values: Any) -> int:
    given = {"kind": NoticeKind.AWARDS, "title": "2026年4月积分公示表", "lines": lines(village),
             "standard_label": "《柳荫社区积分细则》（7）", **values}
    with transaction():
        return services.draft(village.actor(by), services.NoticeDraft(**given)).id


def published(village: Village, by: str = "member", second: str = "second", **values: Any) -> int:
    notice_id = drafted(village, by, **values)
    with transaction():
        services.publish(village.actor(second), notice_id)
    return notice_id


def notice(notice_id: int) -> PublicNotice:
    found = db.session.get(PublicNotice, notice_id, populate_existing=True)
    db.session.expunge_all()
    db.session.rollback()
    assert found is not None
    return found


def line_ids(notice_id: int) -> list[int]:
    query = db.session.query(NoticeLine).filter_by(notice_id=notice_id).order_by(NoticeLine.position)
    found = [row.id for row in query]
    db.session.rollback()
    return found


def readable(answer: Any) -> str:
    """A page as it is, JSON with its Chinese characters instead of their codes."""
    return json.dumps(answer.json, ensure_ascii=False) if answer.is_json else str(answer.text)
