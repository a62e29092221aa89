"""The panel's pages and its JSON in a client: who sees what, what can be pressed, and what it costs."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.contributions import jobs
from pointsbank.contributions.models import DeclaredRelative, Outcome, Sitting, SittingItem, State
from pointsbank.core.db import db
from pointsbank.notifications.models import InboxMessage
from tests.contributions import sitting
from tests.contributions.funnel import approved, deed, draft, filed, recorded
from tests.contributions.sitting import AGAINST, FOR, closed, decided, item, opened, seated, voted
from tests.support.village import Village

API = "/api/v1/sittings"


def newest(model: Any) -> int:
    found = db.session.scalar(sa.select(sa.func.max(model.id)))
    db.session.rollback()
    return int(found or 0)


@pytest.fixture
def april(street: Village) -> tuple[int, list[int]]:
    """An open sitting with four deeds, the last of them Bob's own."""
    seated(street)
    ids = [filed(street, title=f"第{n}件") for n in range(3)] + [filed(street, "bob")]
    return opened(street), ids


# ── Voting ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_member_votes_on_the_page_and_changes_a_vote(ask: Any, street: Village, april: tuple[int, list[int]]) -> None:
    sitting_id, ids = april
    place = sitting.items(sitting_id)
    page = ask("bob", f"/desk/sittings/{sitting_id}?show=left").text
    assert page.count('type="radio"') == 9, "three boxes for each of three deeds"
    assert "请别人投" not in page, "what one may not vote about is not left to be voted"
    assert "请别人投" in ask("bob", f"/desk/sittings/{sitting_id}").text
    form = {f"vote-{place[ids[0]]}": "for", f"vote-{place[ids[1]]}": "against", f"reason-{place[ids[1]]}": "没有照片"}
    ask("bob", f"/desk/sittings/{sitting_id}", form)
    assert ask("bob", f"/desk/sittings/{sitting_id}?show=left").text.count('type="radio"') == 3
    ask("bob", f"/desk/sittings/{sitting_id}", {f"vote-{place[ids[1]]}": "abstain"})
    ask("bob", f"/desk/sittings/{sitting_id}", {"rest": "for"})
    assert [str(v.choice) for v in sitting.votes(sitting_id)] == ["for", "against", "abstain", "for"]
    assert "您都表过态了" in ask("bob", f"/desk/sittings/{sitting_id}?show=left").text


def test_a_vote_against_without_a_reason_comes_back_filled_in(ask: Any, april: tuple[int, list[int]]) -> None:
    sitting_id, ids = april
    place = sitting.items(sitting_id)
    form = {f"vote-{place[ids[0]]}": "abstain", f"vote-{place[ids[1]]}": "against", f"reason-{place[ids[1]]}": " "}
    page = ask("bob", f"/desk/sittings/{sitting_id}", form, status=422).text
    assert f'id="reason-{place[ids[1]]}-err"' in page
    assert page.count(" checked") == 2
    assert sitting.votes(sitting_id) == []


def test_the_same_tap_twice_is_one_vote(ask: Any, april: tuple[int, list[int]]) -> None:
    sitting_id, ids = april
    form = {f"vote-{sitting.items(sitting_id)[ids[0]]}": "for", "_once": "tap-1"}
    ask("bob", f"/desk/sittings/{sitting_id}", form)
    ask("bob", f"/desk/sittings/{sitting_id}", form)
    assert len(sitting.votes(sitting_id)) == 1


def test_members_see_no_names_beside_votes_and_the_desk_does(ask: Any, street: Village,
                                                            april: tuple[int, list[int]]) -> None:
    sitting_id, ids = april
    place = sitting.items(sitting_id)[ids[0]]
    voted(street, sitting_id, "charlie", {ids[0]: AGAINST})
    page = ask("bob", f"/desk/sittings/{sitting_id}").text
    assert "证据不足" not in page
    assert f"/items/{place}" not in page
    ask("bob", f"/desk/sittings/{sitting_id}/items/{place}", status=403)
    ask("bob", f"/desk/sittings/{sitting_id}/result", status=403)
    told = ask("member", f"/desk/sittings/{sitting_id}/items/{place}").text
    assert "周秀兰" in told
    assert "证据不足" in told
    assert "已投 1 件" in ask("member", f"/desk/sittings/{sitting_id}").text
    assert "证据不足" not in ask("alice", f"/deeds/{ids[0]}").text


def test_whose_deed_was_carried_does_not_read_who_voted_for_it(ask: Any, street: Village) -> None:
    seated(street)
    sitting.related(street, "member", "andrew")
    deed_id = filed(street)
    sitting_id = opened(street)
    for key in ("bob", "charlie", "dora"):
        voted(street, sitting_id, key, {deed_id: FOR})
    closed(street, sitting_id)
    assert deed(deed_id).approver_user_id == street.users["bob"], "somebody stands for it"
    page = ask("alice", f"/deeds/{deed_id}").text
    assert "李明贵" not in page
    assert "赞成 3 票" in page


def test_a_signed_sheet_is_entered_on_the_page(ask: Any, street: Village, april: tuple[int, list[int]]) -> None:
    sitting_id, ids = april
    place = sitting.items(sitting_id)[ids[0]]
    path = f"/desk/sittings/{sitting_id}?member={street.users['frank']}"
    assert "蒋玉珍" in ask("reviewer", path).text
    page = ask("reviewer", path, {f"vote-{place}": "for"}, status=422).text
    assert " checked" in page
    ask("reviewer", path, {f"vote-{place}": "for", "paper_note": "档案盒 3"})
    assert "档案盒 3" in ask("member", f"/desk/sittings/{sitting_id}/items/{place}").text
    ask("bob", path, status=404)
    ask("bob", path, {f"vote-{place}": "for", "paper_note": "档案盒 3"}, status=403)
    ask("reviewer", f"/desk/sittings/{sitting_id}?member={street.users['alice']}", status=403)
    assert "□" in ask("reviewer", f"/desk/sittings/{sitting_id}/ballot?member={street.users['frank']}").text
    ask("bob", f"/desk/sittings/{sitting_id}/ballot?member={street.users['frank']}", status=404)
    assert "请别人投" in ask("bob", f"/desk/sittings/{sitting_id}/ballot").text


# ── The chair ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_chair_opens_decides_and_closes_on_pages(ask: Any, street: Village, clock: Any) -> None:
    seated(street)
    ids = [filed(street, title=f"第{n}件") for n in range(3)]
    ask("member", "/desk/sittings/new")
    form = {"title": "四月评议", "held_on": "2026-04-18", "due_on": "2026-04-20", "kind": "", "team_id": "0"}
    page = ask("member", "/desk/sittings/new", {**form, "due_on": "2026-04-01"}, status=422).text
    assert "四月评议" in page
    ask("member", "/desk/sittings/new", form)
    sitting_id = newest(Sitting)
    place = sitting.items(sitting_id)
    for key in ("bob", "charlie", "dora"):
        voted(street, sitting_id, key, {ids[0]: FOR, ids[1]: AGAINST})
    page = ask("member", f"/desk/sittings/{sitting_id}/result").text
    assert page.count(f'name="ruling-{place[ids[1]]}"') == 2
    assert "证据不足" in page, "the chair starts from the members' reasons"
    (seen,) = re.findall(r'name="seen_vote_id" value="(\d+)"', page)
    voted(street, sitting_id, "erin", {ids[2]: FOR})
    answer = {"seen_vote_id": seen, f"ruling-{place[ids[1]]}": "return", f"reason-{place[ids[1]]}": "请补照片"}
    page = ask("member", f"/desk/sittings/{sitting_id}/close", answer, status=409).text
    assert "请补照片" in page
    answer["seen_vote_id"] = str(int(seen) + 1)
    page = ask("member", f"/desk/sittings/{sitting_id}/close", answer, status=409).text
    assert "请补照片" in page, "votes are due until the 20th, and some are missing"
    assert "到时才能结束" in page
    clock.at(2026, 4, 20)
    assert "到时才能结束" not in ask("member", f"/desk/sittings/{sitting_id}/result").text
    ask("member", f"/desk/sittings/{sitting_id}/close", {**answer, "seen_vote_id": str(int(seen) + 1)})
    assert [deed(i).state for i in ids] == [State.APPROVED, State.RETURNED, State.SUBMITTED]
    ask("second", f"/desk/sittings/{sitting_id}/close", answer, status=409)
    ask("bob", f"/desk/sittings/{sitting_id}", {f"vote-{place[ids[2]]}": "for"}, status=409)
    ask("member", f"/desk/sittings/{sitting_id}/result", status=404)
    record = ask("member", f"/desk/sittings/{sitting_id}/minutes").text
    assert all(word in record for word in ("四月评议", "陈桂芳", "李明贵", "票数不够"))
    ask("bob", f"/desk/sittings/{sitting_id}/minutes", status=403)
    assert "四月评议" in ask("alice", f"/deeds/{ids[0]}").text


def test_a_deed_is_sent_back_and_a_sitting_called_off_on_pages(ask: Any, april: tuple[int, list[int]]) -> None:
    sitting_id, ids = april
    path = f"/desk/sittings/{sitting_id}/items/{sitting.items(sitting_id)[ids[0]]}/return"
    ask("reviewer", path, {"reason": ""}, status=422)
    ask("reviewer", path, {"reason": "请写清楚"})
    ask("reviewer", path, {"reason": "请写清楚"}, status=409)
    assert item(sitting_id, ids[0]).outcome is Outcome.RETURNED
    assert "请写清楚" in ask("alice", f"/deeds/{ids[0]}").text
    ask("member", f"/desk/sittings/{sitting_id}/minutes", status=404)
    ask("member", f"/desk/sittings/{sitting_id}/cancel", {"reason": ""}, status=422)
    ask("reviewer", f"/desk/sittings/{sitting_id}/cancel", {"reason": "改期"}, status=403)
    ask("member", f"/desk/sittings/{sitting_id}/cancel", {"reason": "人没到齐"})
    assert "人没到齐" in ask("bob", f"/desk/sittings/{sitting_id}").text


PATHS = ("", "/result", "/minutes", "/ballot", "/items/{item}")


def test_sittings_are_not_for_other_roles_nor_for_other_communities(ask: Any, street: Village,
                                                                    april: tuple[int, list[int]]) -> None:
    sitting_id, ids = april
    place = sitting.items(sitting_id)[ids[0]]
    for path in ("/desk/sittings", "/desk/sittings/new", "/desk/relatives",
                 *(f"/desk/sittings/{sitting_id}{p.format(item=place)}" for p in PATHS)):
        for key in ("alice", "keeper", "leader", "grid"):
            ask(key, path, status=403)
        assert "/sign-in" in ask("nobody", path, status=303).headers["Location"]
    for path in PATHS:
        ask("other_member", f"/desk/sittings/{sitting_id}{path.format(item=place)}", status=404)
    ask("other_member", f"/desk/sittings/{sitting_id}", {f"vote-{place}": "for"}, status=404)
    for path in ("close", "cancel", f"items/{place}/return"):
        ask("other_member", f"/desk/sittings/{sitting_id}/{path}", {"reason": "改期"}, status=404)
    ask("member", f"/desk/sittings/{sitting_id}", {f"vote-{place}": "for"}, status=403)
    assert "四月评议" not in ask("other_member", "/desk/sittings").text
    assert sitting.votes(sitting_id) == []


def test_a_member_without_a_desk_stays_among_the_residents_pages(ask: Any, april: tuple[int, list[int]]) -> None:
    page = ask("bob", "/desk/sittings").text
    assert 'href="/passbook"' in page
    assert 'href="/desk/reviews"' not in page
    assert 'href="/desk/sittings"' in ask("bob", "/me").text
    assert 'href="/desk/sittings"' not in ask("grace", "/me").text


# ── The review desk ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_queue_marks_what_is_late_what_is_voted_on_and_what_the_panel_decides(ask: Any, street: Village,
                                                                                 clock: Any) -> None:
    old = filed(street, title="很久以前")
    clock.forward(days=31)
    seated(street)
    listed = filed(street, "grace", title="正在评议", on=clock.instant.date())
    assert "等了 31 天" in ask("reviewer", "/desk/reviews").text
    opened(street, from_on=clock.instant.date())
    assert deed(old).state is State.SUBMITTED
    decided(street, panel_required="filed")
    page = ask("reviewer", "/desk/reviews").text
    assert 'name="deed"' not in page
    assert "由评议会定，等下一次" in page
    assert page.count("等了 31 天") == 1
    refused = ask("reviewer", f"/desk/deeds/{old}/approve", {}, status=409)
    assert "评议会" in refused.text
    shown = ask("reviewer", f"/desk/deeds/{old}").text
    assert f"/desk/deeds/{old}/approve" not in shown
    assert f"/desk/deeds/{old}/return" in shown
    assert deed(listed).state is State.SUBMITTED


def test_a_deed_on_a_list_leads_to_its_votes(ask: Any, april: tuple[int, list[int]]) -> None:
    sitting_id, ids = april
    page = ask("reviewer", f"/desk/deeds/{ids[0]}").text
    assert f"/desk/sittings/{sitting_id}/items/" in page
    assert "/approve" not in page
    assert "评议会正在表决" in ask("reviewer", "/desk/reviews").text
    ask("reviewer", f"/desk/deeds/{ids[0]}/approve", {}, status=409)


def test_the_desk_shows_where_ones_votes_are_missing(ask: Any, street: Village, clock: Any) -> None:
    seated(street, "bob", "second")
    ids = [filed(street), filed(street, "grace")]
    sitting_id = opened(street)
    card = "场评议会等您表态"
    assert card in ask("second", "/desk").text
    assert card not in ask("member", "/desk").text, "no member"
    assert "条积分要审核" not in ask("member", "/desk").text, "what is voted on is nobody's alone"
    voted(street, sitting_id, "second", {ids[0]: FOR})
    assert "还差 1 票" in ask("second", "/desk/sittings").text
    voted(street, sitting_id, "second", {ids[1]: FOR})
    assert card not in ask("second", "/desk").text
    assert "场评议会该结束了" not in ask("member", "/desk").text
    clock.forward(days=5)
    assert "场评议会该结束了" in ask("member", "/desk").text
    assert "场评议会该结束了" not in ask("reviewer", "/desk").text, "for the chair"


# ── Reminders ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_members_are_reminded_once_two_days_before(street: Village, clock: Any) -> None:
    seated(street)
    deed_id = filed(street)
    sitting_id = opened(street, due_in=5)
    voted(street, sitting_id, "bob", {deed_id: FOR})
    assert jobs.remind_panel() == {"reminded": 0}
    clock.forward(days=3)
    before = newest(InboxMessage)
    assert jobs.remind_panel() == {"reminded": 4}
    told = db.session.scalars(sa.select(InboxMessage.resident_id).where(InboxMessage.id > before)).all()
    db.session.rollback()
    assert sorted(told) == sorted(street.residents[k] for k in ("charlie", "dora", "erin", "frank"))
    assert jobs.remind_panel() == {"reminded": 0}, "once"
    closed(street, sitting_id)
    assert jobs.remind_panel() == {"reminded": 0}


# ── Relatives ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_relatives_are_declared_seen_by_the_committee_and_ended(ask: Any, street: Village) -> None:
    seated(street, "bob", "charlie")
    found = ask("bob", "/desk/relatives?q=2-0317").text
    assert f"household-{street.households['2-0317']}" in found
    form = {"whom": f"resident-{street.residents['andrew']}", "relation": "", "q": "2-0317"}
    page = ask("bob", "/desk/relatives", form, status=422).text
    assert f"resident-{street.residents['andrew']}" in page
    ask("bob", "/desk/relatives", {**form, "relation": "堂弟"})
    ask("bob", "/desk/relatives", {**form, "relation": "堂弟"}, status=409)
    ask("bob", "/desk/relatives", {**form, "whom": "resident-x", "relation": "堂弟"}, status=404)
    declared = newest(DeclaredRelative)
    assert "陈志强" in ask("bob", "/desk/relatives").text
    assert "陈志强" not in ask("charlie", "/desk/relatives").text
    assert "堂弟" in ask("member", "/desk/relatives/all").text
    for key in ("bob", "reviewer", "alice"):
        ask(key, "/desk/relatives/all", status=403)
    ask("charlie", f"/desk/relatives/{declared}/end", {}, status=404)
    ask("bob", f"/desk/relatives/{declared}/end", {})
    ask("bob", f"/desk/relatives/{declared}/end", {}, status=409)
    deed_id = filed(street)
    filed(street, "grace")
    sitting_id = opened(street)
    assert "您亲属家的事，请别人投" in ask("bob", f"/desk/sittings/{sitting_id}").text
    assert deed(deed_id).state is State.SUBMITTED


# ── Costs ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_pages_of_the_panel_cost_the_same_for_few_deeds_and_for_many(ask: Any, street: Village, queries: Any) -> None:
    seated(street)
    costs = []
    for size in (2, 30):
        ids = recorded(street, *(draft(street, ("alice", "grace")[n % 2], size * 100 + n) for n in range(size)))
        sitting_id = opened(street, title=f"{size} 件")
        voted(street, sitting_id, "dora", dict.fromkeys(ids[:2], FOR))
        paths = [("bob", f"/desk/sittings/{sitting_id}"), ("bob", f"/desk/sittings/{sitting_id}?show=left"),
                 ("member", f"/desk/sittings/{sitting_id}"), ("member", f"/desk/sittings/{sitting_id}/result"),
                 ("member", "/desk/sittings"), ("bob", f"/desk/sittings/{sitting_id}/ballot")]
        seen_by = []
        for key, path in paths:
            ask(key, path)
            with queries() as seen:
                ask(key, path)
            seen_by.append(len(seen))
        sitting.closed(street, sitting_id)
        ask("member", f"/desk/sittings/{sitting_id}/minutes")
        with queries() as seen:
            ask("member", f"/desk/sittings/{sitting_id}/minutes")
        costs.append([*seen_by, len(seen)])
    assert all(many <= few for few, many in zip(*costs, strict=True)), costs
    assert max(costs[1]) <= 27, costs


# ── JSON ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_whole_sitting_over_json(ask: Any, street: Village, clock: Any) -> None:
    seated(street)
    ids = [filed(street, title=f"第{n}件") for n in range(2)]
    approved(street, recorded(street, draft(street, "alice", 9)))
    made = ask("member", API, json={"title": "四月评议", "held_on": "2026-04-18", "due_on": "2026-04-20"},
               status=201).json
    path = f"{API}/{made['id']}"
    assert (made["deeds"], made["left"], made["state"]) == (2, 0, "open")
    assert ask("bob", path).json["left"] == 2
    rows = ask("bob", f"{path}/items?left=true").json["items"]
    assert [r["deed"]["id"] for r in rows] == ids
    against = {"votes": [{"item_id": rows[1]["id"], "choice": "against", "reason": ""}]}
    refused = ask("bob", f"{path}/votes", json=against, status=422).json["error"]
    assert refused["code"] == "contributions.reason_missing"
    assert set(refused["fields"]) == {f"reason-{rows[1]['id']}"}
    against["votes"][0]["reason"] = "没有照片"
    for key in ("bob", "charlie", "dora"):
        assert ask(key, f"{path}/votes", json={**against, "rest_for": True}, status=200).json == {"kept": 2}
    assert ask("bob", f"{path}/items").json["items"][1]["own_vote"] == "against"
    assert ask("erin", f"{path}/items").json["items"][1]["own_vote"] is None
    refused = ask("member", f"{path}/votes", json={"rest_for": True}, status=403).json["error"]
    assert refused["code"] == "contributions.not_seated"
    ruling = {"rulings": [{"item_id": rows[1]["id"], "send_back": True, "reason": "请补照片"}]}
    ask("bob", f"{path}/close", json=ruling, status=403)
    refused = ask("member", f"{path}/close", json=ruling, status=409).json["error"]
    assert refused["code"] == "contributions.votes_still_due"
    clock.at(2026, 4, 20)
    assert ask("member", f"{path}/close", json=ruling, status=200).json["state"] == "closed"
    assert ask("member", f"{path}/close", json=ruling, status=200).json["state"] == "closed"
    assert ask("second", f"{path}/close", json=ruling, status=409).json["error"]["code"] == "contributions.sitting_over"
    shown = ask("bob", f"{path}/items").json["items"]
    assert [(r["outcome"], r["votes_for"], r["votes_against"]) for r in shown] == [("approved", 3, 0),
                                                                                  ("returned", 0, 3)]
    assert [deed(i).state for i in ids] == [State.APPROVED, State.RETURNED]
    assert [s["id"] for s in ask("bob", API).json["items"]] == [made["id"]]
    ask("alice", API, status=403)
    ask("other_member", path, status=404)


def test_unknown_fields_and_foreign_items_are_refused_over_json(ask: Any, street: Village) -> None:
    seated(street)
    filed(street)
    first = opened(street)
    filed(street, "grace")
    second = opened(street, title="另一次")
    foreign = next(iter(sitting.items(first).values()))
    body = {"votes": [{"item_id": foreign, "choice": "for"}]}
    ask("bob", f"{API}/{second}/votes", json=body, status=404)
    ask("bob", f"{API}/{second}/votes", json={**body, "user_id": 7}, status=422)
    ask("reviewer", f"{API}/{second}/items/{foreign}/return", json={"reason": "请补照片"}, status=404)
    ask("reviewer", f"{API}/{first}/items/{foreign}/return", json={"reason": "请补照片"}, status=200)
    ask("member", f"{API}/{second}/cancel", json={"reason": "改期"}, status=200)
    found = db.session.query(SittingItem).filter_by(outcome=Outcome.WAITING).count()
    db.session.rollback()
    assert found == 0
