"""Lists and the page of a case as reporters and neighbours see them, and what the reporter says in each state."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from pointsbank.cases import services
from pointsbank.cases.models import CaseState, Joiner, Source
from pointsbank.cases.moves import ANSWERS
from pointsbank.cases.services import ReportDraft, Step
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, run, transaction
from pointsbank.media import services as media
from pointsbank.media.models import Photo, Purpose, Visibility
from tests.cases.desk import Desk
from tests.conftest import SettableClock

Door = Callable[[str], FlaskClient]
S = CaseState


@pytest.fixture
def door(desk: Desk) -> Door:
    return lambda key: desk.village.sign_in(desk.app.test_client(), key)


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.get_data(as_text=True)[-3000:]
    return str(answer.get_data(as_text=True))


def with_photos(desk: Desk) -> int:
    """A case that waits for its evaluation, with a photo from before and one from after."""
    return desk.at(S.TO_EVALUATE, desk.send(photo_ids=[desk.photo("alice", "report", 33)]))


# ── The page ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_reporter_sees_steps_photos_dates_and_the_question(desk: Desk, door: Door, clock: SettableClock) -> None:
    case_id = with_photos(desk)
    page = text_of(door("alice").get(f"/cases/{case_id}"))
    for word in ("交办", "整改", "督查", "反馈", "评议", "整改前 4月18日", "整改后 4月18日", "现在解决了吗？",
                 "还剩 7 天", "收到随手拍", "居民 陈*芳", "督查：合格", "社区 → 物业维修组", "按时", "三天没亮了"):
        assert word in page, word
    assert page.count('class="pb-photo"') == 2
    shown = re.findall(r'src="(/cases/\d+/photos/[0-9a-f]+/full)"', page)
    assert len(shown) == 2
    assert {door("alice").get(one).status_code for one in shown} == {200}
    assert {door(who).get(one).status_code for one in shown for who in ("bob", "mallory")} == {404}
    assert "是，我也遇到" not in page


def test_lateness_is_shown_and_a_standing_clock_is_not_late(desk: Desk, door: Door, clock: SettableClock) -> None:
    case_id = desk.at(S.RECTIFYING)
    clock.at(2026, 4, 24, 9)  # accepted on a Saturday, three working days: due on Wednesday at 17:00
    page = text_of(door("alice").get(f"/cases/{case_id}"))
    assert "整改晚了 2 天" in page
    assert "期限 4月22日" in page
    assert "晚了 2 天" in text_of(door("alice").get("/reports"))
    run(lambda: desk.do("second", "suspend", case_id, Step(text="等材料到货", days=10)))
    assert "晚了" not in text_of(door("alice").get(f"/cases/{case_id}"))


def test_neighbours_see_a_case_without_names_words_and_photos(desk: Desk, door: Door) -> None:
    case_id = with_photos(desk)
    page = text_of(door("bob").get(f"/cases/{case_id}"))
    assert "居民 陈*芳" in page
    for hidden in ("陈桂芳", "三天没亮了", "情况如上所述", "现在解决了吗？", "/photos/"):
        assert hidden not in page, hidden
    unnamed = desk.at(S.ACCEPTED, desk.send(anonymous=True))
    page = text_of(door("bob").get(f"/cases/{unnamed}"))
    assert "不留名" in page
    assert "陈" not in page.partition("办理经过")[2]


def test_photos_that_may_be_shown_stand_there_for_neighbours(desk: Desk, door: Door) -> None:
    case_id = with_photos(desk)
    with transaction():
        for key in db.session.scalars(sa.select(Photo.owner_key).where(Photo.purpose.in_(
                [Purpose.REPORT, Purpose.REPAIR]))).all():
            media.show_to(desk.actor("member"), str(key), Visibility.RESIDENTS)
    assert text_of(door("bob").get(f"/cases/{case_id}")).count("/photos/") == 2
    assert "/photos/" in text_of(door("bob").get("/cases"))


def test_each_state_has_a_page_for_its_reporter_and_for_staff(desk: Desk, door: Door) -> None:
    alice, member = door("alice"), door("member")
    for state in S:
        case_id = desk.at(state)
        assert "办理经过" in text_of(alice.get(f"/cases/{case_id}")), state
        text_of(member.get(f"/cases/{case_id}"))
    assert "随手拍" in text_of(alice.get("/reports"))


def test_what_residents_may_not_see_is_not_there(desk: Desk, door: Door) -> None:
    fresh, family = desk.send(), desk.at(S.ACCEPTED, desk.send(category_id=desk.family))
    for who, one in (("bob", fresh), ("bob", family), ("mallory", fresh), ("other_member", fresh), ("bob", 99999)):
        assert door(who).get(f"/cases/{one}").status_code == 404, (who, one)
    assert "/sign-in" in desk.app.test_client().get(f"/cases/{fresh}").headers["Location"]


# ── What the reporter says ──────────────────────────────────────────────────────────────────────────────────────


def test_solved_closes_it_and_twice_is_refused_in_a_sentence(desk: Desk, door: Door) -> None:
    case_id, client = with_photos(desk), door("alice")
    sent = client.post(f"/cases/{case_id}/evaluate", data={"answer": "satisfied"})
    assert sent.status_code == 303
    assert desk.state(case_id) is S.CLOSED
    page = text_of(client.get(f"/cases/{case_id}"))
    assert "报的人说解决了" in page
    assert "已经整改好" in page
    again = text_of(client.post(f"/cases/{case_id}/evaluate", data={"answer": "satisfied"}), 409)
    assert "pb-banner is-stop" in again


@pytest.mark.parametrize(("data", "said"), [
    ({}, "请选一个回答"), ({"answer": "wonderful"}, "请选一个回答"), ({"answer": "unhappy", "text": "!"}, "4"),
    ({"answer": "unhappy", "text": "字" * 501}, "501"),
])
def test_an_answer_that_lacks_something_comes_back_filled_in(desk: Desk, door: Door, data: dict[str, str],
                                                             said: str) -> None:
    case_id = with_photos(desk)
    page = text_of(door("alice").post(f"/cases/{case_id}/evaluate", data=data), 422)
    assert "没有办成" in page or "处要改" in page or "is-stop" in page
    if said != "501":
        assert said in page
    if data.get("answer") == "unhappy":
        assert 'value="unhappy" checked' in page
        assert data["text"] in page
    assert desk.state(case_id) is S.TO_EVALUATE


def test_not_solved_with_a_reason_opens_it_again(desk: Desk, door: Door) -> None:
    case_id = with_photos(desk)
    sent = door("alice").post(f"/cases/{case_id}/evaluate", data={"answer": "unhappy", "text": "晚上还是不亮"})
    assert sent.status_code == 303
    assert desk.state(case_id) is S.ACCEPTED
    page = text_of(door("alice").get(f"/cases/{case_id}"))
    assert "评议：没解决" in page
    assert "晚上还是不亮" in page


@pytest.mark.parametrize(("state", "verb", "after"), [
    (S.MORE_INFORMATION, "supply", S.RECEIVED), (S.DECLINED, "appeal", S.RECEIVED),
    (S.RECEIVED, "withdraw", S.WITHDRAWN), (S.CLOSED, "reopen", S.ACCEPTED),
])
def test_the_reporter_supplies_appeals_withdraws_and_reopens(desk: Desk, door: Door, state: CaseState, verb: str,
                                                             after: CaseState) -> None:
    case_id, client = desk.at(state), door("alice")
    assert f"/cases/{case_id}/{verb}" in text_of(client.get(f"/cases/{case_id}"))
    if verb != "withdraw":
        page = text_of(client.post(f"/cases/{case_id}/{verb}", data={"text": "嗯"}), 422)
        assert "嗯</textarea>" in page
        assert "4 到 500 个字" in page
        assert desk.state(case_id) is state
    sent = client.post(f"/cases/{case_id}/{verb}", data={"text": "在三单元门口右边"})
    assert sent.status_code == 303
    assert desk.state(case_id) is after
    assert client.post(f"/cases/{case_id}/{verb}", data={"text": "在三单元门口右边"}).status_code == 409


def test_nobody_says_it_for_the_reporter(desk: Desk, door: Door) -> None:
    case_id = with_photos(desk)
    for verb, data in (("evaluate", {"answer": "satisfied"}), ("withdraw", {}), ("reopen", {"text": "又坏了又坏了"})):
        assert door("bob").post(f"/cases/{case_id}/{verb}", data=data).status_code in (403, 404, 409), verb
        assert door("mallory").post(f"/cases/{case_id}/{verb}", data=data).status_code == 404
    assert desk.state(case_id) is S.TO_EVALUATE


def test_too_late_is_said_with_the_days(desk: Desk, door: Door, clock: SettableClock) -> None:
    case_id = desk.at(S.CLOSED)
    clock.forward(days=31)
    client = door("alice")
    assert f"/cases/{case_id}/reopen" not in text_of(client.get(f"/cases/{case_id}"))
    assert "30" in text_of(client.post(f"/cases/{case_id}/reopen", data={"text": "又坏了又坏了"}), 409)


def test_an_appeal_is_offered_once(desk: Desk, door: Door) -> None:
    case_id = desk.at(S.DECLINED)
    door("alice").post(f"/cases/{case_id}/appeal", data={"text": "真的坏了三天"})
    desk.do("member", "decline", case_id)
    page = text_of(door("alice").get(f"/cases/{case_id}"))
    assert f"/cases/{case_id}/appeal" not in page
    assert door("alice").post(f"/cases/{case_id}/appeal", data={"text": "真的坏了三天"}).status_code == 409


# ── Me too ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_neighbour_joins_once_and_finds_it_again(desk: Desk, door: Door) -> None:
    case_id, bob = desk.at(S.ACCEPTED), door("bob")
    assert "是，我也遇到" in text_of(bob.get(f"/cases/{case_id}"))
    for _ in range(2):
        assert bob.post(f"/cases/{case_id}/join").headers["Location"].endswith(f"/cases/{case_id}")
    page = text_of(bob.get(f"/cases/{case_id}"))
    assert "1 位邻居也遇到" in page
    assert "是，我也遇到" not in page
    assert f"/cases/{case_id}" in text_of(bob.get("/reports?show=joined"))
    assert f"/cases/{case_id}" not in text_of(bob.get("/reports"))
    with transaction():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Joiner)) == 1
    assert door("alice").post(f"/cases/{case_id}/join").status_code == 409
    assert door("mallory").post(f"/cases/{case_id}/join").status_code == 404
    assert door("member").post(f"/cases/{case_id}/join").status_code == 401


def test_whoever_met_it_too_evaluates_beside_the_reporter(desk: Desk, door: Door) -> None:
    case_id = with_photos(desk)
    bob = door("bob")
    assert bob.post(f"/cases/{case_id}/evaluate", data={"answer": "partly"}).status_code == 404
    bob.post(f"/cases/{case_id}/join")
    assert "和报的人的并列" in text_of(bob.get(f"/cases/{case_id}"))
    assert bob.post(f"/cases/{case_id}/evaluate", data={"answer": "partly"}).status_code == 303
    assert desk.state(case_id) is S.TO_EVALUATE
    page = text_of(bob.get(f"/cases/{case_id}"))
    assert "好一些 1 人" in page
    assert "现在解决了吗？" not in page
    assert "is-stop" in text_of(bob.post(f"/cases/{case_id}/evaluate", data={"answer": "partly"}), 409)
    assert door("alice").post(f"/cases/{case_id}/evaluate", data={"answer": "partly"}).status_code == 303
    assert desk.state(case_id) is S.CLOSED
    assert "报的人说好一些" in text_of(bob.get(f"/cases/{case_id}"))


def test_who_entered_it_is_not_asked_how_it_ended(desk: Desk, door: Door) -> None:
    """Neither on the page of residents nor on that of the office: the answer would be refused."""
    draft = ReportDraft("draft-0001", desk.lamp, "路灯三天没亮", "东巷 3 号")
    case_id = run(lambda: services.enter(
        desk.actor("grid"), draft, Source.VISIT, desk.village.residents["alice"])).case_id
    desk.at(S.TO_EVALUATE, case_id)
    grid = door("grid")
    assert "现在解决了吗？" not in text_of(grid.get(f"/cases/{case_id}"))
    assert "请在" not in text_of(grid.get(f"/cases/{case_id}"))
    office = text_of(grid.get(f"/desk/cases/{case_id}"))
    assert not [verb for verb in ANSWERS if f'id="{verb}"' in office]
    assert grid.post(f"/cases/{case_id}/evaluate", data={"answer": "satisfied"}).status_code == 403
    assert "现在解决了吗？" in text_of(door("alice").get(f"/cases/{case_id}"))
    own = desk.at(S.TO_EVALUATE, run(lambda: services.enter(
        desk.actor("grid"), replace(draft, client_id="draft-0002", place="西巷"), Source.GRID_WORKER)).case_id)
    assert all(f'id="{verb}"' in text_of(grid.get(f"/desk/cases/{own}")) for verb in ANSWERS)


def test_who_puts_it_right_and_met_it_too_is_not_asked_how_it_ended(desk: Desk, door: Door) -> None:
    case_id = desk.at(S.RECEIVED)
    with transaction():
        db.session.add(Joiner(case_id=case_id, resident_id=desk.village.residents["erin"],
                              joined_at=house_clock.now(), community_id=desk.village.community))
    desk.at(S.TO_EVALUATE, case_id)
    assert "现在解决了吗？" not in text_of(door("erin").get(f"/cases/{case_id}"))
    assert door("erin").post(f"/cases/{case_id}/evaluate", data={"answer": "partly"}).status_code == 403


@pytest.mark.parametrize(("days", "seconds", "offered"), [(30, 0, True), (30, 1, False)])
def test_opening_again_is_offered_as_long_as_it_is_taken(desk: Desk, door: Door, clock: SettableClock, days: int,
                                                         seconds: int, offered: bool) -> None:
    case_id = desk.at(S.CLOSED)
    clock.forward(days=days, seconds=seconds)
    assert (f"/cases/{case_id}/reopen" in text_of(door("alice").get(f"/cases/{case_id}"))) is offered
    assert (f"/cases/{case_id}/support" in text_of(door("bob").get(f"/cases/{case_id}"))) is offered
    assert ('id="reopen"' in text_of(door("reviewer").get(f"/desk/cases/{case_id}"))) is offered
    sent = door("alice").post(f"/cases/{case_id}/reopen", data={"text": "又坏了又坏了"})
    assert sent.status_code == (303 if offered else 409)


def test_three_neighbours_open_a_closed_case_again(desk: Desk, door: Door) -> None:
    case_id = desk.at(S.CLOSED)
    bob = door("bob")
    assert f"/cases/{case_id}/support" in text_of(bob.get(f"/cases/{case_id}"))
    assert f"/cases/{case_id}/support" not in text_of(door("alice").get(f"/cases/{case_id}"))
    page = text_of(bob.post(f"/cases/{case_id}/support", data={"text": "没"}), 422)
    assert "没</textarea>" in page
    for n, who in enumerate(("bob", "charlie", "frank"), 1):
        client = door(who)
        assert client.post(f"/cases/{case_id}/support", data={"text": "晚上还是不亮"}).status_code == 303
        page = text_of(client.get(f"/cases/{case_id}"))
        assert (f"{n} 位邻居说没办好" in page) is (n < 3)
    assert desk.state(case_id) is S.ACCEPTED
    assert bob.post(f"/cases/{case_id}/support", data={"text": "晚上还是不亮"}).status_code == 409
    assert door("mallory").post(f"/cases/{case_id}/support", data={"text": "晚上还是不亮"}).status_code == 404


# ── Lists ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_ones_own_list_by_state_with_what_is_waited_for(desk: Desk, door: Door) -> None:
    ids = {state: desk.at(state) for state in (S.RECEIVED, S.MORE_INFORMATION, S.TO_EVALUATE, S.CLOSED, S.WITHDRAWN)}
    client = door("alice")
    wanted = {"": set(ids), "mine": {S.MORE_INFORMATION, S.TO_EVALUATE}, "open": {
        S.RECEIVED, S.MORE_INFORMATION, S.TO_EVALUATE}, "over": {S.CLOSED, S.WITHDRAWN}}
    for show, states in wanted.items():
        page = text_of(client.get(f"/reports?show={show}"))
        assert {s for s, i in ids.items() if f'href="/cases/{i}"' in page} == states, show
    page = text_of(client.get("/reports"))
    for words in ("社区在 4月20日 17:00 前回话", "请在 4月25日 周六 前说说解决了没有", "您回答以前不计时",
                  "已经整改好"):
        assert words in page, words
    assert "还没有报过" in text_of(door("bob").get("/reports"))


def test_what_is_waited_for_from_the_reporter_is_told_to_others_in_other_words(desk: Desk, door: Door) -> None:
    asked = desk.at(S.MORE_INFORMATION, desk.at(S.RECEIVED))
    ended, gone = desk.at(S.TO_EVALUATE), desk.at(S.DECLINED)
    with transaction():
        db.session.add_all(Joiner(case_id=one, resident_id=desk.village.residents["bob"], joined_at=house_clock.now(),
                                  community_id=desk.village.community) for one in (asked, gone))
    bob, alice = door("bob"), door("alice")
    pages = [text_of(bob.get(path)) for path in (
        "/reports?show=joined", "/cases", "/around", *(f"/cases/{one}" for one in (asked, ended, gone)))]
    for page in pages:
        for words in ("请在", "您回答以前不计时", "您可以申诉", "等您补充", "可以申诉一次"):
            assert words not in page, words
    assert "待补充" in pages[0]
    assert "等评议" in pages[1]
    own = text_of(alice.get("/reports"))
    assert all(words in own for words in ("请在", "您回答以前不计时", "等您补充", "申诉一次"))
    assert "等您补充" in text_of(alice.get(f"/cases/{asked}"))
    assert "请在" in text_of(alice.get(f"/cases/{ended}"))
    assert bob.post(f"/cases/{ended}/join").status_code == 303
    assert "请在" in text_of(bob.get(f"/cases/{ended}")), "whoever may answer is asked"


def test_neighbours_cases_by_state_and_kind_and_only_what_may_be_seen(desk: Desk, door: Door) -> None:
    open_, over = desk.at(S.ACCEPTED), desk.at(S.CLOSED)
    hidden = [desk.send(), desk.at(S.ACCEPTED, desk.send(category_id=desk.family))]
    client = door("bob")
    for query, found in (("", {open_, over}), ("?show=open", {open_}), ("?show=over", {over}),
                         (f"?kind={desk.lamp}", {open_, over}), (f"?kind={desk.family}", set()),
                         ("?kind=x", {open_, over})):
        page = text_of(client.get(f"/cases{query}"))
        assert {i for i in (open_, over, *hidden) if f'href="/cases/{i}"' in page} == found, query
    assert "三天没亮了" not in text_of(client.get("/cases"))
    assert "这里还没有" in text_of(door("mallory").get("/cases"))
    assert f'href="/cases/{over}"' in text_of(client.get("/around"))


def test_lists_are_paged_and_cost_the_same_for_many(desk: Desk, door: Door, clock: SettableClock,
                                                    queries: Callable[[], AbstractContextManager[list[str]]]) -> None:
    alice, bob = door("alice"), door("bob")
    desk.at(S.ACCEPTED)
    for client, path in ((alice, "/reports"), (bob, "/cases"), (alice, "/reports?show=joined")):
        with queries() as few:
            client.get(path)
        before = len(few)
        if path == "/reports":
            for _ in range(4):
                desk.at(S.ACCEPTED)
        with queries() as many:
            text_of(client.get(path))
        assert len(many) == before <= 14, many
    clock.forward(days=1)
    for _ in range(17):
        desk.send()
    page = text_of(alice.get("/reports"))
    assert page.count('href="/cases/') == 20
    assert "cursor=" in page


def test_one_case_costs_a_bounded_number_of_statements(
        desk: Desk, door: Door, queries: Callable[[], AbstractContextManager[list[str]]]) -> None:
    case_id = with_photos(desk)
    for who in ("alice", "bob"):
        client = door(who)
        with queries() as seen:
            text_of(client.get(f"/cases/{case_id}"))
        assert len(seen) <= 24, seen
