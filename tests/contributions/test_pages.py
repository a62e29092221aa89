"""The funnel's pages in a client: who sees what, what can be pressed, and what it costs."""

from __future__ import annotations

import io
from typing import Any

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook
from PIL import Image

from pointsbank.contributions import services
from pointsbank.contributions.models import Correction, State
from pointsbank.core.db import db, transaction
from pointsbank.ledger.models import OpeningBatch
from pointsbank.publicity.models import Objection
from tests.contributions import funnel
from tests.contributions.funnel import approved, balance, deed, draft, filed, on_notice, recorded
from tests.support.village import Village


def picture() -> tuple[io.BytesIO, str]:
    body = io.BytesIO()
    Image.new("RGB", (320, 240), (10, 100, 60)).save(body, "JPEG")
    body.seek(0)
    return body, "deed.jpg"


def newest(model: Any) -> int:
    """The id of the row made last."""
    found = db.session.scalar(sa.select(sa.func.max(model.id)))
    db.session.rollback()
    return int(found or 0)


def test_a_resident_files_a_deed_with_a_photo_and_follows_it(ask: Any, street: Village) -> None:
    ask("alice", "/deeds/new")
    sent = ask("alice", "/deeds/new", {"item": funnel.VISIT, "title": "看望王奶奶", "on": "2026-04-12", "number": "2",
                                        "place": "3栋", "photos": picture()})
    deed_id = int(sent.headers["Location"].rsplit("/", 1)[1])
    found = deed(deed_id)
    assert (found.state, found.units, str(found.kind)) == (State.SUBMITTED, 2, "other")
    body = ask("alice", f"/deeds/{deed_id}").text
    assert "看望王奶奶" in body
    assert "/media/" in body
    approved(street, [deed_id])
    assert "看望王奶奶" in ask("alice", "/deeds").text
    ask("bob", f"/deeds/{deed_id}", status=404)
    ask("mallory", f"/deeds/{deed_id}", status=404)


def test_a_form_that_is_not_right_comes_back_filled_in(ask: Any) -> None:
    form = {"item": funnel.VISIT, "title": "看望王奶奶", "on": "2026-04-30", "number": "二"}
    answer = ask("alice", "/deeds/new", form, status=422)
    assert "看望王奶奶" in answer.text
    answer = ask("alice", "/deeds/new", {**form, "number": "2"}, status=422)
    assert "2026-04-30" in answer.text


def test_a_draft_is_kept_completed_and_sent(ask: Any) -> None:
    sent = ask("alice", "/deeds/new", {"item": "", "title": "扫楼道", "on": "2026-04-12", "later": "1"})
    deed_id = int(sent.headers["Location"].rsplit("/", 1)[1])
    assert deed(deed_id).state is State.DRAFT
    ask("alice", f"/deeds/{deed_id}/edit")
    ask("alice", f"/deeds/{deed_id}/edit",
        {"item": funnel.VISIT, "title": "扫楼道两次", "on": "2026-04-12", "number": "2"})
    assert deed(deed_id).state is State.SUBMITTED
    ask("alice", f"/deeds/{deed_id}/withdraw", {})
    assert deed(deed_id).state is State.WITHDRAWN


def test_a_grid_worker_files_for_somebody_without_a_phone(ask: Any, street: Village) -> None:
    assert "/deeds/for" in ask("grid", "/deeds/new", status=303).headers["Location"]
    found = ask("grid", "/deeds/for?q=2-0317").text
    assert f"for={street.residents['alice']}" in found
    form = {"item": funnel.VISIT, "title": "陪诊", "on": "2026-04-12", "number": "1",
            "for_resident": str(street.residents["alice"])}
    ask("grid", "/deeds/new", form, status=422)
    ask("grid", "/deeds/new", {**form, "reason": "老人没有手机"})
    assert "陪诊" in ask("grid", "/deeds/for").text
    ask("bob", "/deeds/new", {**form, "reason": "帮忙"}, status=403)


def test_a_reviewer_accepts_from_the_row_and_all_ticked(ask: Any, street: Village) -> None:
    ids = recorded(street, *(draft(street, key) for key in ("alice", "bob", "charlie")))
    body = ask("reviewer", "/desk/reviews").text
    assert body.count('name="deed"') == 3
    ask("reviewer", f"/desk/deeds/{ids[0]}/approve", {})
    ask("reviewer", "/desk/reviews/approve", {"deed": [str(ids[1]), str(ids[2])]})
    assert [deed(i).state for i in ids] == [State.APPROVED] * 3
    ask("reviewer", "/desk/reviews/approve", {"deed": [str(ids[1])]}, status=409)
    ask("reviewer", "/desk/reviews/approve", {}, status=422)


def test_ones_own_household_is_locked_in_the_queue(ask: Any, street: Village) -> None:
    from pointsbank.core import clock
    from pointsbank.people.models import LinkKind, UserResident

    with transaction():
        db.session.add(UserResident(user_id=street.users["reviewer"], resident_id=street.residents["andrew"],
                                    kind=LinkKind.SELF, created_at=clock.now()))
    ids = recorded(street, draft(street, "alice"), draft(street, "bob"))
    body = ask("reviewer", "/desk/reviews").text
    assert body.count('name="deed"') == 1
    assert "somebody else reviews" in body or "您家的事，请别人审" in body
    ask("reviewer", f"/desk/deeds/{ids[0]}/approve", {}, status=403)


def test_a_deed_is_sent_back_or_refused_with_a_reason(ask: Any, street: Village) -> None:
    first, second = filed(street), filed(street, "bob")
    ask("reviewer", f"/desk/deeds/{first}")
    ask("reviewer", f"/desk/deeds/{first}/return", {"reason": ""}, status=422)
    ask("reviewer", f"/desk/deeds/{first}/return", {"reason": "请写清楚"})
    ask("reviewer", f"/desk/deeds/{second}/reject", {"reason": "没有这件事"})
    assert [deed(first).state, deed(second).state] == [State.RETURNED, State.REJECTED]
    assert "请写清楚" in ask("alice", f"/deeds/{first}").text


def test_the_month_becomes_a_notice_by_two_people(ask: Any, street: Village) -> None:
    ids = recorded(street, draft(street, "alice"), draft(street, "bob"))
    approved(street, ids)
    lines = [funnel.award_lines(i)[0].id for i in ids]
    body = ask("member", "/desk/month").text
    assert body.count('name="line"') == 2
    made = ask("member", "/desk/month", {"month": "2026-04", "shown": [str(i) for i in lines], "line": str(lines[0]),
                                          "resolution": "评议组4月14日评议通过"})
    notice_id = int(made.headers["Location"].rsplit("/", 1)[1])
    assert funnel.notice(notice_id).line_count == 1
    ask("member", f"/desk/notices/{notice_id}")
    ask("member", f"/desk/notices/{notice_id}/publish", {}, status=403)
    ask("second", f"/desk/notices/{notice_id}/publish", {})
    assert "2026年第1号" in ask("second", f"/desk/notices/{notice_id}").text
    ask("nobody", f"/notices/{notice_id}")
    ask("second", f"/desk/notices/{notice_id}/discard", {}, status=409)


def test_a_resident_objects_and_a_member_answers(ask: Any, street: Village) -> None:
    notice_id, lines = on_notice(street, "alice", "bob")
    path = f"/notices/{notice_id}/lines/{lines['alice']}/object"
    assert "/sign-in" in ask("nobody", path, status=303).headers["Location"]
    ask("charlie", path)
    ask("charlie", path, {"text": ""}, status=422)
    ask("charlie", path, {"text": "那天没看见他", "contact": "电话"})
    ask("charlie", path, {"text": "还是没看见"}, status=409)
    assert "那天没看见他" in ask("charlie", "/objections").text
    assert "那天没看见他" in ask("member", "/desk/notices").text
    ask("member", "/desk/objections")
    ask("member", f"/desk/objections/{newest(Objection)}")
    ask("member", f"/desk/objections/{newest(Objection)}", {"outcome": "dismissed", "answer": ""}, status=422)
    ask("member", f"/desk/objections/{newest(Objection)}", {"outcome": "dismissed", "answer": "签到表上有"})
    assert balance(street, "alice") == 200
    assert "签到表上有" in ask("charlie", "/objections").text
    assert "那天没看见他" not in ask("bob", f"/notices/{notice_id}").text


def test_a_wrong_award_is_taken_back_by_two_people(ask: Any, street: Village) -> None:
    (deed_id,) = recorded(street, draft(street, "bob", kind="snapshot", minutes=None, team_id=None))
    approved(street, [deed_id])
    assert balance(street, "bob", person=True) == 300
    ask("member", f"/desk/deeds/{deed_id}")
    ask("member", f"/desk/deeds/{deed_id}/correct", {"reason": ""}, status=422)
    ask("member", f"/desk/deeds/{deed_id}/correct", {"reason": "照片是旧的"})
    ask("member", "/desk/corrections")
    ask("member", f"/desk/corrections/{newest(Correction)}")
    ask("member", f"/desk/corrections/{newest(Correction)}/confirm", {}, status=403)
    ask("second", f"/desk/corrections/{newest(Correction)}/refuse", {"answer": ""}, status=422)
    ask("second", f"/desk/corrections/{newest(Correction)}/confirm", {})
    assert balance(street, "bob", person=True) == 0
    ask("bob", f"/deeds/{deed_id}")


def test_opening_balances_are_brought_confirmed_and_put_on_a_notice(ask: Any, street: Village) -> None:
    sheet = "户号,姓名,积分\n2-0317,陈桂芳,126.5\n9-9999,谁,1\n".encode()
    ask("member", "/desk/opening")
    bad = ask("member", "/desk/opening", {"file": (io.BytesIO(sheet), "book.csv")}, status=422)
    assert "3" in bad.text
    ask("member", "/desk/opening", {"file": (io.BytesIO(sheet.replace("9-9999,谁,1\n".encode(), b"")), "book.csv")})
    ask("member", f"/desk/opening/{newest(OpeningBatch)}")
    ask("member", f"/desk/opening/{newest(OpeningBatch)}/confirm", {}, status=403)
    ask("second", f"/desk/opening/{newest(OpeningBatch)}/confirm", {})
    made = ask("member", f"/desk/opening/{newest(OpeningBatch)}/notice", {})
    notice_id = int(made.headers["Location"].rsplit("/", 1)[1])
    ask("member", f"/desk/opening/{newest(OpeningBatch)}/notice", {}, status=409)
    ask("second", f"/desk/notices/{notice_id}/publish", {})
    assert "陈*芳" in ask("nobody", f"/notices/{notice_id}").text


@pytest.mark.parametrize("path", ["/desk/reviews", "/desk/month", "/desk/notices", "/desk/objections",
                                  "/desk/notices/{}"])
def test_each_list_of_the_desk_is_an_excel_sheet_too(ask: Any, street: Village, path: str) -> None:
    notice_id, _lines = on_notice(street, "alice", "bob")
    path = path.format(notice_id)
    approved(street, recorded(street, draft(street, "charlie", 2)))
    filed(street, "dora", title="=HYPERLINK(1)")
    answer = ask("member", f"{path}?format=xlsx")
    rows = list(load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True))
    assert len(rows) >= (1 if path == "/desk/objections" else 2)
    assert not any(isinstance(cell, str) and cell.startswith("=") for row in rows for cell in row)
    texts = {cell for row in rows for cell in row}
    assert texts.isdisjoint({"陈桂芳", "李明贵", "周秀兰", "罗光明"}), "names are masked in a file"
    if path in {"/desk/reviews", "/desk/month"}:
        assert texts & {"罗*明", "周*兰"}


@pytest.mark.parametrize("path", ["/desk/reviews", "/desk/month", "/desk/corrections", "/desk/objections",
                                  "/desk/notices", "/desk/opening"])
def test_the_desk_is_not_for_residents_and_strangers(ask: Any, path: str) -> None:
    ask("alice", path, status=403)
    ask("keeper", path, status=403)
    assert "/sign-in" in ask("nobody", path, status=303).headers["Location"]


def test_lists_cost_the_same_for_few_rows_and_for_many(ask: Any, street: Village, queries: Any) -> None:
    costs: list[dict[str, int]] = []
    for size in (1, 6):
        keys = ["alice", "bob", "charlie"]
        ids = recorded(street, *(draft(street, k, size * 100 + n) for n in range(size) for k in keys))
        approved(street, ids[: len(ids) // 2 or 1])
        for n in range(size):
            filed(street, "alice", title=f"第{size}{n}件事")
        seen_by = {}
        for key, path in (("alice", "/deeds"), ("reviewer", "/desk/reviews"), ("member", "/desk/month")):
            ask(key, path)
            with queries() as seen:
                ask(key, path)
            seen_by[path] = len(seen)
        costs.append(seen_by)
    assert costs[0] == costs[1]
    assert max(costs[1].values()) <= 26
    assert costs[1]["/deeds"] <= 8


def test_nothing_is_changed_by_looking(ask: Any, street: Village) -> None:
    deed_id = filed(street)
    for path in ("approve", "return", "reject", "correct"):
        assert ask("reviewer", f"/desk/deeds/{deed_id}/{path}", status=405)
    assert deed(deed_id).state is State.SUBMITTED


def test_the_same_tap_twice_files_one_deed(ask: Any) -> None:
    form = {"item": "", "title": "扫楼道", "on": "2026-04-12", "_once": "tap-1"}
    first = ask("alice", "/deeds/new", form)
    again = ask("alice", "/deeds/new", form)
    assert first.headers["Location"] == again.headers["Location"]


def test_the_list_of_services_is_whole() -> None:
    assert all(hasattr(services, name) for name in services.__all__)
