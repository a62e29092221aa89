"""The dispatcher's list: tabs, deadlines, masks, costs, and many at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.cases import desk_queries
from pointsbank.cases.desk_queries import Tab
from pointsbank.cases.models import Case, CaseClock, CaseState, Report
from pointsbank.core.db import db, transaction
from tests.cases.desk import Desk, Door, post, text_of

S = CaseState
Counter = Callable[[], AbstractContextManager[list[str]]]


def test_each_tab_shows_its_cases_and_their_number(desk: Desk, door: Door, clock: Any) -> None:
    new, accepted, back = desk.send(), desk.at(S.ACCEPTED), desk.at(S.SENT_BACK)
    held, asked, work = desk.at(S.SUSPENDED), desk.at(S.TO_EVALUATE), desk.at(S.RECTIFYING)
    member = door("member")
    for tab, wanted in (("new", new), ("unassigned", accepted), ("sent_back", back), ("suspended", held),
                        ("evaluate", asked), ("work", work)):
        page = text_of(member, f"/desk/cases?tab={tab}")
        assert [one for one in (new, accepted, back, held, asked, work)
                if f'href="/desk/cases/{one}"' in page] == [wanted]
    assert all(f'href="/desk/cases/{one}"' in text_of(member, "/desk/cases?tab=all")
               for one in (new, accepted, back, held, asked, work))
    assert "待交办 1" in text_of(member, "/desk/cases")
    assert f'href="/desk/cases/{new}"' not in text_of(member, "/desk/cases?tab=overdue")
    clock.forward(days=9)
    late = text_of(member, "/desk/cases?tab=overdue")
    assert f'href="/desk/cases/{new}"' in late
    assert f'href="/desk/cases/{held}"' not in late
    assert f'href="/desk/cases/{asked}"' not in late
    assert "受理晚了" in late
    assert text_of(member, "/desk/cases?tab=nonsense")


def test_the_nearest_deadline_stands_first_and_pages_follow_each_other(desk: Desk, clock: Any) -> None:
    late = desk.send()
    clock.forward(days=3)
    urgent = desk.send(category_id=desk.family)  # answered within four working hours
    others = [desk.send() for _ in range(4)]
    with transaction():
        actor, seen, cursor = desk.actor("member"), [], None
        for _ in range(10):
            found = desk_queries.dispatched(actor, Tab.NEW, cursor=cursor, limit=2)
            seen += [row.case.id for row in found.items]
            cursor = found.next
            if cursor is None:
                break
    assert seen == [late, urgent, *others]


def test_a_list_names_nobody_in_full_and_a_bad_cursor_is_refused(desk: Desk, door: Door) -> None:
    desk.send()
    desk.send(anonymous=True)
    page = text_of(door("member"), "/desk/cases")
    assert "陈*芳" in page
    assert "陈桂芳" not in page
    assert "对外不具名" in page
    assert door("member").get("/desk/cases?cursor=nonsense").status_code == 422


@pytest.mark.parametrize("path", ["/desk/cases", "/desk/cases/{}", "/desk/inspections", "/desk/supervision",
                                  "/desk/cases/settings", "/desk/cases/new"])
def test_residents_are_refused_and_other_communities_find_nothing(desk: Desk, door: Door, path: str) -> None:
    case_id = desk.at(S.TO_INSPECT)
    assert door("bob").get(path.format(case_id)).status_code == 403
    other = door("other_member").get(path.format(case_id))
    assert other.status_code == (404 if "{}" in path else 200)
    assert f'href="/desk/cases/{case_id}"' not in other.get_data(as_text=True)
    assert desk.app.test_client().get(path.format(case_id)).status_code in (302, 303, 401)


def many_cases(desk: Desk, count: int) -> None:
    """Rows as the services write them, without their course."""
    with transaction():
        first = db.session.get_one(Case, desk.send())
        report = db.session.scalars(sa.select(Report).where(Report.case_id == first.id)).one()
        row = db.session.scalars(sa.select(CaseClock).where(CaseClock.case_id == first.id)).one()
        known = {c.name: getattr(first, "class_" if c.name == "class" else c.name) for c in Case.__table__.columns
                 if c.name != "id"}
        said = {c.name: getattr(report, c.name) for c in Report.__table__.columns if c.name != "id"}
        runs = {c.name: getattr(row, c.name) for c in CaseClock.__table__.columns if c.name != "id"}
        last = db.session.scalar(sa.select(sa.func.max(Case.id))) or 0
        ids = range(last + 1, last + count)
        db.session.execute(sa.insert(Case.__table__), [{**known, "id": one} for one in ids])
        db.session.execute(sa.insert(Report.__table__), [
            {**said, "case_id": one, "client_id": f"client-{one:06d}", "code_hash": None} for one in ids])
        db.session.execute(sa.insert(CaseClock.__table__), [
            {**runs, "case_id": one, "due_at": row.due_at + dt.timedelta(minutes=one)} for one in ids])


def test_a_hundred_of_a_thousand_take_the_statements_of_twenty(desk: Desk, queries: Counter) -> None:
    many_cases(desk, 1000)

    def cost(limit: int) -> int:
        with transaction(), queries() as seen:
            assert len(desk_queries.dispatched(desk.actor("member"), Tab.NEW, limit=limit).items) == limit
            db.session.expunge_all()
        return len(seen)

    assert cost(20) == cost(100) <= 9


def test_the_page_of_the_dispatcher_costs_the_same_for_one_and_for_twenty(
        desk: Desk, door: Door, queries: Counter) -> None:
    member = door("member")

    def cost() -> int:
        with queries() as seen:
            text_of(member, "/desk/cases?tab=unassigned")
        return len(seen)

    desk.at(S.ACCEPTED)
    text_of(member, "/desk/cases?tab=unassigned")
    few = cost()
    for _ in range(6):
        desk.at(S.ACCEPTED)
    assert cost() == few <= 36


# ── Many at once ────────────────────────────────────────────────────────────────────────────────────────────────


def test_many_are_accepted_then_given_out_and_refusals_are_named(desk: Desk, door: Door) -> None:
    ids, member = [desk.send() for _ in range(3)], door("member")
    assert post(member, "/desk/cases/many", case=ids, do="accept", tab="new").status_code == 303
    assert {desk.state(one) for one in ids} == {S.ACCEPTED}
    new = desk.send()
    assert post(member, "/desk/cases/many", case=[*ids, new], do="assign", tab="unassigned").status_code == 303
    page = text_of(member, "/desk/cases")
    assert "已交办 3 件。" in page
    assert f"#{new}：" in page
    assert desk.state(new) is S.RECEIVED
    for ticked in ([], ["x"], range(1, 150)):
        refused = post(member, "/desk/cases/many", case=list(ticked), do="assign", tab="unassigned")
        assert refused.status_code == 422
        assert "请勾选 1 到 100 件" in refused.get_data(as_text=True)
    assert post(door("reviewer"), "/desk/cases/many", case=ids, do="accept").status_code == 403


def test_a_row_is_given_out_with_one_tap_and_the_list_comes_back(desk: Desk, door: Door) -> None:
    case_id, member = desk.at(S.ACCEPTED), door("member")
    page = text_of(member, "/desk/cases?tab=unassigned")
    taker = f"{desk.unit}:{desk.village.users['dora']}"
    assert f'name="assign-handler_id" value="{taker}"' in page
    sent = post(member, f"/desk/cases/{case_id}/assign", assign__handler_id=taker, next="/desk/cases?tab=unassigned")
    assert (sent.status_code, sent.headers["Location"]) == (303, "/desk/cases?tab=unassigned")
    assert desk.case(case_id).handler_id == desk.village.users["dora"]
