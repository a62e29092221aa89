"""Objections on paper, their letters, corrected lines, and objecting in the moment in which a notice is settled."""

from __future__ import annotations

import io
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image

from pointsbank.contributions import jobs, queries, services
from pointsbank.contributions.models import AwardLine, LineState
from pointsbank.core import clock as house_clock
from pointsbank.core import db as edge
from pointsbank.core.db import db, transaction
from pointsbank.ledger import queries as book
from pointsbank.ledger import services as ledger
from pointsbank.ledger.models import Book
from pointsbank.media.models import Photo
from pointsbank.notifications.models import InboxMessage
from pointsbank.people.models import Resident
from pointsbank.publicity import queries as notices
from pointsbank.publicity.errors import AlreadyObjected, NotAllowed, NoticeOver, PaperMissing
from pointsbank.publicity.models import Grouping, NoticeLine, NoticeState, Objection, ObjectionState, PublicNotice
from pointsbank.publicity.models import LineState as Shown
from pointsbank.publicity.services import PaperDraft
from tests.contributions import funnel
from tests.contributions.funnel import approved, award_lines, balance, draft, on_notice, published, recorded
from tests.contributions.test_settling import in_parallel
from tests.support.village import PEOPLE, Village

SLIP = PaperDraft(name="夏老伯", household="5-0099", reason="口头说的，不会写字")


def picture() -> io.BytesIO:
    """A photo of a slip of paper."""
    found = io.BytesIO()
    Image.new("RGB", (64, 48), "#f8f4e6").save(found, "JPEG")
    found.seek(0)
    return found


def form(**values: Any) -> dict[str, Any]:
    return {"paper": "1", "name": "夏老伯", "household": "5-0099", "text": "那天没看见他", "contact": "", "reason": "",
            **values}


def newest(model: Any) -> Any:
    found = db.session.query(model).order_by(model.id.desc()).first()
    db.session.expunge_all()
    db.session.rollback()
    return found


def on_paper(street: Village, line_id: int, by: str = "grid", slip: PaperDraft = SLIP, **values: Any) -> int:
    with transaction():
        return services.object_to(street.actor(by), line_id, "那天没看见他", paper=slip, **values).id


# ── On paper ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_grid_worker_enters_a_slip_with_its_photo(ask: Any, street: Village) -> None:
    notice_id, lines = on_notice(street, "alice", "bob")
    path = f"/notices/{notice_id}/lines/{lines['alice']}/object?paper=1"
    assert 'type="file"' in ask("grid", path).text
    sent = ask("grid", path, form(photo=(picture(), "slip.jpg")))
    assert sent.headers["Location"].endswith(f"/notices/{notice_id}"), "the desk is not the grid worker's"
    ask("grid", sent.headers["Location"])
    found = newest(Objection)
    assert (found.on_paper, found.objector_name, found.objector_household, found.paper_reason, found.resident_id,
            found.entered_by_id) == (True, "夏老伯", "5-0099", "", None, street.users["grid"])
    photo = newest(Photo)
    assert photo.owner_key == f"objection:{found.id}"
    page = ask("member", f"/desk/objections/{found.id}").text
    assert all(text in page for text in ("夏老伯", "5-0099", "纸条录入", f"/media/{photo.key}"))
    for key, status in (("member", 200), ("grid", 200), ("stock", 404), ("alice", 404), ("leader", 404)):
        ask(key, f"/media/{photo.key}/thumb", status=status)
    assert {row.position: row.state for row in db.session.query(NoticeLine).filter_by(notice_id=notice_id)} == {
        1: Shown.LISTED, 2: Shown.FROZEN}
    db.session.rollback()
    for who in ("nobody", "bob"):
        assert "夏老伯" not in ask(who, f"/notices/{notice_id}").text


@pytest.mark.parametrize(("missing", "told"), [
    ({"name": ""}, "请写是谁提的"), ({"household": ""}, "请写户号"), ({"text": ""}, "哪里不对"),
    ({"reason": ""}, "请附上纸条的照片"),
])
def test_what_is_missing_is_told_and_what_was_typed_stays(ask: Any, street: Village, missing: dict[str, str],
                                                         told: str) -> None:
    notice_id, lines = on_notice(street, "alice")
    given = form(reason="口头说的") | missing
    answer = ask("member", f"/notices/{notice_id}/lines/{lines['alice']}/object?paper=1", given, status=422)
    assert told in answer.text
    assert all(value in answer.text for value in given.values() if len(value) > 1)
    assert newest(Objection) is None


def test_the_one_who_entered_it_never_decides(ask: Any, street: Village) -> None:
    notice_id, lines = on_notice(street, "alice", "bob")
    ask("member", f"/notices/{notice_id}/lines/{lines['alice']}/object?paper=1", form(reason="口头说的"))
    objection_id = newest(Objection).id
    assert "请别人答复" in ask("member", f"/desk/objections/{objection_id}").text
    ask("member", f"/desk/objections/{objection_id}", {"outcome": "upheld", "answer": "查过"}, status=403)
    ask("second", f"/desk/objections/{objection_id}", {"outcome": "upheld", "answer": "查过，没来"})
    ask("second", f"/desk/objections/{objection_id}", {"outcome": "upheld", "answer": "再来一次"}, status=409)
    assert balance(street, "alice") == 0
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.add(Objection(
            community_id=street.community, notice_id=notice_id, line_id=lines["bob"], state=ObjectionState.UPHELD,
            on_paper=True, entered_by_id=street.users["second"], decided_by_id=street.users["second"], text="没来",
            opened_at=house_clock.now(), answer_due_on=house_clock.today(), objector_name="某人"))


def test_a_resident_named_on_the_slip_reads_the_answer_too(ask: Any, street: Village) -> None:
    _notice, lines = on_notice(street, "alice")
    objection_id = on_paper(street, lines["alice"], slip=PaperDraft("周秀兰", "2-0108", "口述"))
    assert newest(Objection).resident_id == street.residents["charlie"]
    with pytest.raises(AlreadyObjected), transaction():
        services.object_to(street.actor("charlie"), lines["alice"], "我自己再说一次")
    with transaction():
        services.decide_objection(street.actor("member"), objection_id, False, "签到表上有")
    assert "签到表上有" in ask("charlie", "/objections").text
    assert newest(InboxMessage).resident_id == street.residents["charlie"]
    ask("charlie", f"/objections/{objection_id}/letter")


@pytest.mark.parametrize("slip", [PaperDraft("周秀兰", "1-0412", "口述"), PaperDraft("周秀", "2-0108", "口述")])
def test_a_name_and_a_household_that_do_not_fit_name_no_resident(street: Village, slip: PaperDraft) -> None:
    _notice, lines = on_notice(street, "alice")
    on_paper(street, lines["alice"], slip=slip)
    assert newest(Objection).resident_id is None


def test_who_may_not_enter_for_others_and_twice_and_too_late(street: Village, clock: Any) -> None:
    _notice, lines = on_notice(street, "alice", "bob")
    for key in ("alice", "keeper", "leader", "stock", "admin"):
        with pytest.raises(NotAllowed):
            on_paper(street, lines["alice"], key)
    with pytest.raises(edge.NotFound):
        on_paper(street, lines["alice"], "other_member")
    on_paper(street, lines["alice"])
    with pytest.raises(AlreadyObjected):
        on_paper(street, lines["alice"], "member")
    on_paper(street, lines["bob"])
    on_paper(street, lines["alice"], slip=PaperDraft("夏老伯", "5-0100", "口述"))
    clock.at(2026, 4, 25, 18, 0)
    with pytest.raises(NoticeOver):
        on_paper(street, lines["bob"], slip=PaperDraft("别人", "5-0100", "口述"))


def test_a_photo_of_something_else_is_no_proof(ask: Any, street: Village) -> None:
    _notice, lines = on_notice(street, "alice")
    sent = {"line_id": lines["alice"], "text": "没来", "paper": {"name": "夏老伯", "household": "5-0099"}}
    assert ask("grid", "/api/v1/objections", json=sent, status=422).json["error"]["code"] == "publicity.paper_missing"
    for purpose, status in (("deed", 422), ("objection", 201)):
        made = ask("grid", "/api/v1/photos", {"photo": (picture(), "a.jpg"), "purpose": purpose}, status=201).json
        ask("grid", "/api/v1/objections", json={**sent, "photo_ids": [made["id"]]}, status=status)
    assert ask("grid", "/api/v1/objections").json["items"][0]["objector_name"] == "夏老伯"
    assert ask("bob", "/api/v1/objections").json["items"] == []


def test_a_member_who_lives_here_can_do_both(ask: Any, street: Village) -> None:
    """A grid worker with a household of their own: the form leads from one to the other."""
    from pointsbank.people.models import LinkKind, SignInSession, UserResident

    with transaction():
        db.session.add(UserResident(user_id=street.users["grid"], resident_id=street.residents["dora"],
                                    kind=LinkKind.SELF, created_at=house_clock.now()))
    notice_id, lines = on_notice(street, "alice", "bob")
    ask("grid", "/notices")
    with transaction():
        db.session.execute(sa.update(SignInSession).where(SignInSession.user_id == street.users["grid"]).values(
            resident_id=street.residents["dora"]))
    path = f"/notices/{notice_id}/lines/{lines['alice']}/object"
    own = ask("grid", path).text
    assert "paper=1" in own
    assert 'name="household"' not in own
    ask("grid", path, {"text": "我没看见他", "contact": ""})
    assert (newest(Objection).on_paper, newest(Objection).resident_id) == (False, street.residents["dora"])
    ask("grid", f"{path}?paper=1", form(reason="口头说的"))
    assert (newest(Objection).on_paper, newest(Objection).resident_id) == (True, None)


# ── The letter ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("upheld", [False, True])
def test_the_answer_is_a_letter_for_the_objector(ask: Any, street: Village, upheld: bool) -> None:
    notice_id, lines = on_notice(street, "alice", "bob")
    objection_id = on_paper(street, lines["alice"])
    path = f"/objections/{objection_id}/letter"
    for key in ("grid", "member"):
        ask(key, path, status=409)
    with transaction():
        services.decide_objection(street.actor("member"), objection_id, upheld, "看了签到表，问了队长")
    position = db.session.get_one(NoticeLine, lines["alice"]).position
    db.session.rollback()
    for key in ("grid", "second"):
        letter = ask(key, path).text
        wanted = ("夏老伯", "5-0099", "2026年第1号", f"第 {position} 行", "那天没看见他", "看了签到表，问了队长",
                  "4月28日", "陈*芳", "（盖章）", "这一行已划掉" if upheld else "这一行没有错")
        assert [text for text in wanted if text not in letter] == []
        assert "陈桂芳" not in letter
    for key in ("alice", "bob", "keeper", "mallory", "other_member"):
        ask(key, path, status=404)
    ask("nobody", path, status=303)
    page = ask("grid", "/objections").text
    assert path in page
    assert "替 夏老伯（5-0099）录的" in page
    assert "夏老伯" not in ask("bob", "/objections").text
    assert notices.notice(notice_id).state is NoticeState.PUBLISHED
    db.session.rollback()


def test_a_resident_finds_the_own_letter(ask: Any, street: Village) -> None:
    _notice, lines = on_notice(street, "alice")
    with transaction():
        objection_id = services.object_to(street.actor("charlie"), lines["alice"], "没看见她").id
        other = services.object_to(street.actor("bob"), lines["alice"], "我也没看见").id
    with transaction():
        services.decide_objection(street.actor("member"), objection_id, True, "确实没来")
    text = ask("charlie", f"/objections/{objection_id}/letter").text
    assert "周秀兰" in text
    assert "2-0108" in text
    assert "确实没来" in ask("bob", f"/objections/{other}/letter").text, "answered with it"
    told = {m.resident_id for m in db.session.query(InboxMessage) if m.link == "/objections"}
    assert told == {street.residents["charlie"], street.residents["bob"]}
    db.session.rollback()


# ── A corrected line ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_corrected_line_goes_on_the_next_notice_and_names_the_old_one(ask: Any, street: Village, clock: Any) -> None:
    old, lines = on_notice(street, "alice", "bob")
    position = db.session.get_one(NoticeLine, lines["alice"]).position
    db.session.rollback()
    with transaction():
        objection_id = services.object_to(street.actor("charlie"), lines["alice"], "只做了一小时").id
    with transaction():
        services.decide_objection(street.actor("member"), objection_id, True, "查签到表，一小时")
    (deed_id,) = [line.contribution_id for line in db.session.query(AwardLine).filter_by(state=LineState.STRUCK,
                                                                                        book=Book.POINTS)]
    db.session.rollback()
    assert "更正" in ask("member", f"/desk/objections/{objection_id}").text
    with transaction():
        correction = services.correct_award(street.actor("member"), deed_id, "一小时", right_minutes=60)
    with transaction():
        services.confirm_correction(street.actor("second"), correction.id)
    (again,) = queries.waiting_for(street.actor("reviewer")).items
    db.session.rollback()
    approved(street, [again.id])
    new = published(street, "second", "member")
    assert f"更正 2026年第1号第{position}行" in ask("nobody", f"/notices/{new}").text
    assert f"（更正 2026年第1号第{position}行）" in ask("nobody", f"/notices/{new}/print").text
    assert "已在 2026年第2号第1行 更正" in ask("nobody", f"/notices/{old}").text
    clock.forward(days=8)
    jobs.settle_due()
    assert balance(street, "alice") == 100
    assert award_lines(again.id)[0].state is LineState.POSTED


def test_a_list_by_household_is_made_as_chosen(ask: Any, street: Village) -> None:
    with transaction():
        for key, home in (("alice", "2-0317"), ("bob", "1-0412")):
            assert PEOPLE[key][1] == home
    approved(street, recorded(street, *(draft(street, key, n) for n in (1, 2) for key in ("alice", "bob"))))
    page = ask("member", "/desk/month").text
    assert "按网格" in page
    shown = [line.id for line in db.session.query(AwardLine)]
    db.session.rollback()
    ask("member", "/desk/month", {"month": "2026-04", "grouped_by": "nonsense", "shown": shown, "line": shown},
        status=422)
    ask("member", "/desk/month", {"month": "2026-04", "grouped_by": "household", "shown": shown, "line": shown})
    made = newest(PublicNotice)
    assert made.grouped_by is Grouping.HOUSEHOLD
    text = ask("member", f"/desk/notices/{made.id}").text
    assert "1-0412 小计 2 行" in text
    assert text.index("1-0412 小计 2 行") < text.index("2-0317 小计 2 行")


# ── At the very end ─────────────────────────────────────────────────────────────────────────────────────────────

HURRIED = ("charlie", "dora", "erin")


@pytest.mark.slow
def test_whoever_objects_while_the_notice_is_settled_is_heard_or_told_and_never_both(
        app: Any, street: Village, clock: Any) -> None:
    """Three object to three lines a second before the end while two schedulers, a second ahead, settle the notice."""
    heard = late = 0
    for number in range(6):
        keys = ("alice", "bob", "frank")
        ids = recorded(street, *(draft(street, key, number * 10 + 1, kind="other", item_code=funnel.VISIT, units=1,
                                       minutes=None) for key in keys))
        approved(street, ids)
        notice_id = published(street)
        lines = funnel.lines_on(street, notice_id, ids, keys)
        closes = funnel.notice(notice_id).closes_at
        assert closes is not None
        clock.instant = closes
        clock.forward(seconds=-1)
        start = threading.Barrier(5)

        def work(place: int, lines: Any = lines, keys: Any = keys, start: Any = start, closes: Any = closes,
                 notice_id: int = notice_id) -> Any:
            start.wait(30)
            if place >= 3:
                return edge.run(lambda: services.settle_notice(street.community, notice_id, closes) is not None)
            return edge.run(lambda: services.object_to(street.actor(HURRIED[place]), lines[keys[place]], "没看见").id)

        answers = in_parallel(app, work)
        assert sorted(answers[3:]) == [False, True], "settled once"
        assert all(isinstance(a, int | NoticeOver) for a in answers[:3]), answers
        for place, key in enumerate(keys):
            (line,) = [a for i in ids for a in award_lines(i) if lines[key] and a.source_key == _key(lines[key])]
            is_heard = isinstance(answers[place], int)
            assert line.state is (LineState.FROZEN if is_heard else LineState.POSTED), key
            heard, late = heard + is_heard, late + (not is_heard)
    assert heard + late == 18
    assert book.verify(street.community) == []
    db.session.rollback()


def _key(line_id: int) -> str:
    found = db.session.get_one(NoticeLine, line_id).source_key
    db.session.rollback()
    return found


def test_without_the_lock_the_same_steps_hear_and_pay_the_same_line(app: Any, street: Village, clock: Any) -> None:
    """The negative control: both sides look, wait for each other, and write."""
    notice_id, lines = on_notice(street, "alice")
    seen = threading.Barrier(2)

    def careless(place: int) -> str:
        if place > 1:
            return "idle"
        state = db.session.scalar(sa.select(NoticeLine.state).where(NoticeLine.id == lines["alice"]))
        db.session.rollback()
        seen.wait(30)
        if state is not Shown.LISTED:
            return "too late"
        with transaction():
            if place == 0:
                db.session.add(Objection(
                    community_id=street.community, notice_id=notice_id, line_id=lines["alice"],
                    state=ObjectionState.OPEN, resident_id=street.residents["charlie"], on_paper=False,
                    entered_by_id=street.users["charlie"], text="没看见", opened_at=house_clock.now(),
                    answer_due_on=house_clock.today()))
            else:
                line = db.session.query(AwardLine).filter_by(notice_id=notice_id, book=Book.POINTS).one()
                award = ledger.Award(line.owner_key, line.amount, line.source_key)
                ledger.post(street.community, ledger.award_transfers(street.community, [award]), house_clock.today())
        return "done"

    assert in_parallel(app, careless)[:2] == ["done", "done"]
    assert db.session.query(Objection).filter_by(state=ObjectionState.OPEN).count() == 1
    db.session.rollback()
    assert balance(street, "alice") == 200, "paid although somebody was heard"


def test_missing_parts_of_a_slip_are_named_one_by_one(street: Village) -> None:
    _notice, lines = on_notice(street, "alice")
    with pytest.raises(PaperMissing) as refused:
        on_paper(street, lines["alice"], slip=PaperDraft(" ", "", "x"))
    assert sorted(refused.value.fields) == ["household", "name", "reason"]
    assert db.session.query(Resident).count() > 0
    db.session.rollback()
