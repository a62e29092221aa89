"""Requests for a review in a client: on a deed's page, from paper, at the desk, as a letter and over JSON."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from pointsbank.contributions import services
from pointsbank.contributions.models import Appeal
from pointsbank.core.db import db
from tests.contributions.asking import answered, asked, paid_in, rejected, stage
from tests.contributions.test_pages import picture
from tests.support.village import Village


def test_the_way_on_the_pages(ask: Any, street: Village) -> None:
    old = rejected(street)
    body = ask("alice", f"/deeds/{old}").text
    assert "没有照片" in body
    assert f"/deeds/{old}/ask" in body
    ask("alice", f"/deeds/{old}/ask", {"text": "照片在这里"})
    appeal = db.session.scalar(sa.select(Appeal.id))
    db.session.rollback()
    assert "照片在这里" in ask("alice", f"/deeds/{old}").text
    assert "照片在这里" in ask("alice", "/appeals").text
    assert "照片在这里" not in ask("bob", "/appeals").text
    ask("bob", f"/deeds/{old}/ask", status=404)
    ask("alice", "/desk/appeals", status=403)
    assert "照片在这里" in ask("member", "/desk/appeals").text
    ask("reviewer", f"/desk/appeals/{appeal}", {"outcome": "upheld", "answer": "不行"}, status=403)
    ask("alice", f"/appeals/{appeal}/letter", status=404)
    bad = ask("member", f"/desk/appeals/{appeal}", {"outcome": "upheld", "answer": "补看了照片", "right_units": "三"},
              status=422)
    assert "补看了照片" in bad.text
    ask("member", f"/desk/appeals/{appeal}", {"outcome": "upheld", "answer": "补看了照片", "right_units": "3"})
    letter = ask("alice", f"/appeals/{appeal}/letter").text
    assert "补看了照片" in letter
    assert "陈桂芳" in letter
    ask("bob", f"/appeals/{appeal}/letter", status=404)
    ask("other_member", f"/desk/appeals/{appeal}", status=404)
    assert "补看了照片" in ask("alice", f"/deeds/{old}").text


def test_a_slip_of_paper_is_entered_at_the_desk(ask: Any, street: Village) -> None:
    old = rejected(street)
    assert f"/deeds/{old}/ask?paper=1" in ask("member", f"/desk/deeds/{old}").text
    back = ask("member", f"/deeds/{old}/ask", {"paper": "1", "text": "老人说去过"}, status=422)
    assert "老人说去过" in back.text
    ask("member", f"/deeds/{old}/ask", {"paper": "1", "text": "老人说去过", "photo": picture()})
    appeal = db.session.scalar(sa.select(Appeal.id))
    db.session.rollback()
    assert "/media/" in ask("second", f"/desk/appeals/{appeal}").text
    ask("alice", f"/appeals/{appeal}/withdraw", {})


def test_the_second_proposal_is_made_on_the_page(ask: Any, street: Village, clock: Any) -> None:
    old = paid_in(street, clock, minutes=60)
    appeal = asked(street, old)
    answered(street, appeal, right=services.Figures(minutes=180))
    found = stage(street, appeal).correction
    assert found is not None
    assert f"/desk/appeals/{appeal}" in ask("second", f"/desk/corrections/{found.id}").text
    ask("second", f"/desk/corrections/{found.id}/refuse", {"answer": "表上是两小时"})
    assert "表上是两小时" in ask("member", f"/desk/appeals/{appeal}").text
    bad = ask("member", f"/desk/appeals/{appeal}/propose", {"reason": "按表改", "right_minutes": "二"}, status=422)
    assert "按表改" in bad.text
    ask("member", f"/desk/appeals/{appeal}/propose", {"reason": "按表改", "right_minutes": "2"})
    assert stage(street, appeal).stage == "second_person"


def test_the_way_over_json(ask: Any, street: Village) -> None:
    old = rejected(street)
    made = ask("alice", "/api/v1/appeals", json={"deed_id": old, "text": "再看看"}, status=201).json
    assert (made["stage"], made["answer_due_on"], made["overdue"]) == ("open", "2026-04-28", False)
    again = ask("alice", "/api/v1/appeals", json={"deed_id": old, "text": "再看看"}, status=409).json
    assert again["error"]["code"] == "contributions.appeal_open"
    assert ask("bob", "/api/v1/appeals").json["items"] == []
    ask("bob", f"/api/v1/appeals/{made['id']}", status=404)
    (seen,) = ask("member", "/api/v1/appeals?to_do=true").json["items"]
    assert seen["id"] == made["id"]
    path = f"/api/v1/appeals/{made['id']}/decision"
    ask("reviewer", path, json={"upheld": True, "answer": "同意"}, status=403)
    ask("member", path, json={"upheld": True, "answer": "同意", "right_units": 0}, status=422)
    done = ask("member", path, json={"upheld": True, "answer": "同意", "right_units": 3}, status=200).json
    assert (done["stage"], done["renewed_deed"]["units"], done["correction"]) == ("anew", 3, None)
    assert ask("alice", f"/api/v1/appeals/{made['id']}").json["where"]


def test_lists_cost_the_same_for_one_and_for_many(ask: Any, street: Village, queries: Any) -> None:
    asked(street, rejected(street))
    ask("member", "/desk/appeals")
    with queries() as few:
        ask("member", "/desk/appeals")
    for number, key in enumerate(("bob", "charlie", "dora", "erin", "frank"), 2):
        asked(street, rejected(street, key, title=f"送饭{number}"), key)
    with queries() as many:
        ask("member", "/desk/appeals")
    assert len(many) == len(few)
