"""A month from paper: kept as typed, every bad row named, confirmed by a second person, then through the funnel."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from pointsbank.communities.models import Area
from pointsbank.contributions import queries, services
from pointsbank.contributions.errors import (
    NotAReviewer,
    NotYourSheet,
    OwnRecord,
    ReasonMissing,
    SheetCap,
    SheetChanged,
    SheetNotReady,
    SheetOver,
    SheetSecondPerson,
    SheetTooLong,
)
from pointsbank.contributions.jobs import forget_typed
from pointsbank.contributions.models import Contribution, RecordedVia, Sheet, SheetRow, SheetState, State
from pointsbank.contributions.services import RowDraft
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Invalid, NotFound
from pointsbank.people import services as people
from pointsbank.people.models import Card, CardState, LinkKind, Resident, UserResident
from tests.contributions import funnel
from tests.contributions.funnel import approved, award_lines, recorded
from tests.contributions.sheeting import HELP, draft, faults, handed_in, opened, row
from tests.support.village import PEOPLE, Village


def confirmed(street: Village, sheet_id: int, by: str = "second") -> services.sheets.Confirmed:  # type: ignore[name-defined]
    with transaction():
        done = services.confirm_sheet(street.actor(by), sheet_id)
    return done


def deeds_of(sheet_id: int) -> list[Contribution]:
    found = list(db.session.scalars(sa.select(Contribution).where(
        Contribution.source_key.startswith(f"sheet:{sheet_id}/")).order_by(Contribution.source_key)))
    db.session.expunge_all()
    db.session.rollback()
    return found


def test_a_confirmed_sheet_becomes_deeds_that_are_accepted(street: Village) -> None:
    sheet_id = handed_in(street, row(1, "alice"), row(3, "bob", "4-13", "志愿服务", "1.5小时", note="河边"))
    confirmed(street, sheet_id)
    first, second = deeds_of(sheet_id)
    assert (first.source_key, second.source_key) == (f"sheet:{sheet_id}/row:1", f"sheet:{sheet_id}/row:3")
    assert (first.units, second.minutes, second.done_on) == (2, 90, dt.date(2026, 4, 13))
    assert {d.recorder_user_id for d in (first, second)} == {street.users["member"]}
    assert {d.approver_user_id for d in (first, second)} == {street.users["second"]}
    assert {d.recorded_via for d in (first, second)} == {RecordedVia.PAPER}
    assert award_lines(first.id)[0].amount == 400
    assert second.text == "河边"
    assert second.title == "志愿服务", "the public title names nobody"


def test_rows_in_which_the_second_person_has_an_interest_wait_for_another(street: Village) -> None:
    with transaction():
        db.session.add(UserResident(user_id=street.users["second"], resident_id=street.residents["andrew"],
                                    kind=LinkKind.SELF, created_at=house_clock.now()))
    sheet_id = handed_in(street, row(1, "alice"), row(2, "bob"))
    confirmed(street, sheet_id)
    own, other = deeds_of(sheet_id)
    assert (own.state, other.state) == (State.SUBMITTED, State.APPROVED)
    with pytest.raises(OwnRecord):
        approved(street, [own.id], by="member")
    approved(street, [own.id], by="reviewer")


def test_what_only_the_panel_may_accept_waits_for_it(street: Village) -> None:
    with transaction():
        area = db.session.get_one(Area, street.community)
        area.settings = {**(area.settings or {}), "panel_required": "points", "panel_points": 300}
    sheet_id = handed_in(street, row(1, "alice"), row(2, "bob", amount="1"))
    confirmed(street, sheet_id)
    assert [d.state for d in deeds_of(sheet_id)] == [State.SUBMITTED, State.APPROVED]


def test_every_bad_row_is_named_and_nothing_is_lost(street: Village) -> None:
    sheet_id = opened(
        street, row(1, "alice"), row(2, "alice", "31"), row(4, "bob", "20"), row(5, "bob", item="9.9"),
        row(6, "charlie", amount="两次"), RowDraft(7, "无名氏", "", "12", "2.1", "1"),
        RowDraft(8, "", "", "12", "2.1", "1"),
        row(9, "dora", "3-12"), row(10, "erin", household="1-0412"))
    found = faults(sheet_id)
    assert found[1] == []
    assert {n for n, texts in found.items() if texts} == {2, 4, 5, 6, 7, 8, 9, 10}
    assert "still to come" in found[4][0]
    assert "month of the sheet" in found[9][0]
    with pytest.raises(SheetNotReady) as refused, transaction():
        services.submit_sheet(street.actor("member"), sheet_id)
    assert "2、4、5、6、7、8、9、10" in str(refused.value.fields["rows"])
    kept = {r.position: (r.who, r.amount) for r in db.session.query(SheetRow)}
    db.session.rollback()
    assert kept[6] == ("周秀兰", "两次")
    assert kept[7] == ("无名氏", "1")


def test_a_person_is_found_by_card_by_phone_and_by_name(street: Village) -> None:
    with transaction():
        db.session.add(Card(community_id=street.community, resident_id=street.residents["bob"], issue=1,
                            code_hash="c" * 64, number="12345674", state=CardState.ACTIVE, issued_at=house_clock.now()))
        phone = db.session.get_one(Resident, street.residents["charlie"]).phone or ""
    sheet_id = opened(street, RowDraft(1, "１２３４５６７４", "", "12", "2.1", "1"), 
                      RowDraft(2, phone[-5:], "", "12", "2.1", "1"), RowDraft(3, "罗光明", "", "12", "2.1", "1"),
                      RowDraft(4, phone, "", "13", "看望", "1"))
    assert faults(sheet_id) == {1: [], 2: [], 3: [], 4: []}
    who = [r.resident_id for r in db.session.query(SheetRow).order_by(SheetRow.position)]
    db.session.rollback()
    assert who == [street.residents[key] for key in ("bob", "charlie", "dora", "charlie")]


def test_a_name_that_several_bear_is_refused_with_candidates(street: Village) -> None:
    with transaction():
        db.session.get_one(Resident, street.residents["bob"]).name = "周秀兰"
    sheet_id = opened(street, RowDraft(1, "周秀兰", "", "12", "2.1", "1"), row(2, "charlie"),
                      RowDraft(3, "周秀兰 0003", "", "12", "2.1", "1"))
    found = faults(sheet_id)
    assert "1-0412" in found[1][0]
    assert "2-0108" in found[1][0]
    assert found[2] == []
    assert all("Several" not in text for text in found[3])


def test_doubles_are_warned_of_and_need_a_tick(street: Village) -> None:
    recorded(street, funnel.draft(street, "alice", activity_key=None))
    sheet_id = opened(street, row(1, "alice", item=HELP, amount="2"), row(2, "bob"), row(3, "bob"), row(4, "bob", "13"))
    found = faults(sheet_id)
    assert "河边捡垃圾" in found[1][0], "by attendance"
    assert "The same as row 2" in found[3][0]
    assert (found[2], found[4]) == ([], [])
    with pytest.raises(SheetNotReady), transaction():
        services.submit_sheet(street.actor("member"), sheet_id)
    ticked = [row(1, "alice", item=HELP, amount="2", double_ok=True), row(2, "bob"), row(3, "bob", double_ok=True)]
    with transaction():
        services.save_sheet(street.actor("member"), sheet_id, draft(*ticked))
    with transaction():
        services.submit_sheet(street.actor("member"), sheet_id)
    other = opened(street, row(1, "bob"))
    assert "四月看望登记表" in faults(other)[1][0], "another sheet that waits"


def test_a_leader_enters_for_the_own_team_only(street: Village) -> None:
    with pytest.raises(NotYourSheet):
        opened(street, by="leader", photo=False)
    with pytest.raises(NotYourSheet):
        opened(street, by="grid", photo=False)
    sheet_id = opened(street, row(1, "alice"), row(2, "dora"), by="leader", team_id=street.team)
    found = faults(sheet_id)
    assert found[1] == []
    assert "your team" in found[2][0]
    with pytest.raises(NotFound), transaction():
        services.save_sheet(street.actor("member"), sheet_id, draft())


def test_a_leader_has_a_number_of_rows_a_month(street: Village) -> None:
    with transaction():
        area = db.session.get_one(Area, street.community)
        area.settings = {**(area.settings or {}), "typed_rows_cap": 2}
    handed_in(street, row(1, "alice"), by="leader", team_id=street.team)
    with pytest.raises(SheetCap):
        handed_in(street, row(1, "bob"), row(2, "charlie"), by="leader", team_id=street.team)
    handed_in(street, row(1, "dora"), row(2, "erin"), row(3, "frank"))


def test_a_reason_and_a_photo_are_needed(street: Village) -> None:
    sheet_id = opened(street, row(1, "alice"), reason="", photo=False)
    with pytest.raises(SheetNotReady) as refused, transaction():
        services.submit_sheet(street.actor("member"), sheet_id)
    assert set(refused.value.fields) == {"reason", "photos"}
    empty = opened(street)
    with pytest.raises(SheetNotReady) as refused, transaction():
        services.submit_sheet(street.actor("member"), empty)
    assert set(refused.value.fields) == {"rows"}


def test_it_takes_a_second_person_who_judges(street: Village) -> None:
    sheet_id = handed_in(street, row(1, "alice"))
    strangers = [(by, NotFound) for by in ("leader", "other_member")]
    for by, why in (("member", SheetSecondPerson), ("admin", NotAReviewer), *strangers):
        with pytest.raises(why):
            confirmed(street, sheet_id, by)
    with pytest.raises(ReasonMissing), transaction():
        services.return_sheet(street.actor("second"), sheet_id, "")
    with transaction():
        services.return_sheet(street.actor("second"), sheet_id, "第 1 行看不清")
    with pytest.raises(SheetOver):
        confirmed(street, sheet_id)
    with transaction():
        services.submit_sheet(street.actor("member"), sheet_id)
    confirmed(street, sheet_id)
    with pytest.raises(SheetOver):
        confirmed(street, sheet_id, "reviewer")
    assert len(deeds_of(sheet_id)) == 1


def test_a_draft_is_thrown_away_and_kept_for_the_record(street: Village) -> None:
    sheet_id = opened(street, row(1, "alice"))
    with transaction():
        services.discard_sheet(street.actor("member"), sheet_id)
    for again in (services.discard_sheet, services.submit_sheet):
        with pytest.raises(SheetOver), transaction():
            again(street.actor("member"), sheet_id)
    assert len(faults(sheet_id)) == 1


def test_what_changed_meanwhile_is_not_confirmed(street: Village) -> None:
    sheet_id = handed_in(street, row(1, "alice"), row(2, "bob"))
    with transaction():
        db.session.get_one(Resident, street.residents["bob"]).left_on = dt.date(2026, 4, 1)
    with pytest.raises(SheetChanged) as refused:
        confirmed(street, sheet_id)
    assert refused.value.data["rows"] == "2"
    assert deeds_of(sheet_id) == []


def test_at_most_500_rows_and_no_cell_too_long(street: Village) -> None:
    with pytest.raises(SheetTooLong):
        opened(street, row(501, "alice"))
    with pytest.raises(Invalid) as refused:
        opened(street, row(7, "alice", note="长" * 121))
    assert "7" in str(refused.value.fields["rows"])
    with pytest.raises(Invalid):
        opened(street, row(1, "alice"), row(1, "bob"))
    with pytest.raises(Invalid) as late:
        opened(street, title=" ", month=dt.date(2026, 6, 1))
    assert set(late.value.fields) == {"title", "month"}


def test_the_database_keeps_a_confirmed_sheet(street: Village) -> None:
    sheet_id = handed_in(street, row(1, "alice"))
    statements: list[Any] = [sa.update(SheetRow).values(amount="9"), sa.delete(SheetRow),
                             sa.delete(Sheet).where(Sheet.id == sheet_id)]
    for statement in statements:
        with pytest.raises(sa.exc.IntegrityError), transaction():
            db.session.execute(statement)
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.update(Sheet).values(state=SheetState.CONFIRMED, decided_by_id=street.users["member"]))
    confirmed(street, sheet_id)
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.update(Sheet).values(reason="别的"))
    with transaction():  # a name may be taken out when somebody is forgotten
        db.session.execute(sa.update(SheetRow).values(who=""))


def test_two_who_confirm_at_once_record_it_once(app: Flask, street: Village) -> None:
    sheet_id = handed_in(street, row(1, "alice"), row(2, "bob"))
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def confirm(by: str) -> None:
        with app.app_context():
            start.wait()
            try:
                confirmed(street, sheet_id, by)
                outcomes.append("done")
            except SheetOver:
                outcomes.append("over")

    threads = [threading.Thread(target=confirm, args=(by,)) for by in ("second", "reviewer")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "over"]
    assert len(deeds_of(sheet_id)) == 2


def test_300_rows_cost_no_more_statements_than_three(street: Village, queries: Any) -> None:
    people = [key for key in street.residents if key not in {"mallory"}]

    def rows(number: int) -> list[RowDraft]:
        return [row(n + 1, people[n % len(people)], str(n % 17 + 1), double_ok=True) for n in range(number)]

    counts = []
    for number in (3, 3, 300):  # the very first award of a community costs a little more
        sheet_id = opened(street)
        with queries() as seen, transaction():
            services.save_sheet(street.actor("member"), sheet_id, draft(*rows(number), rows_shown=300))
        with queries() as seen_in, transaction():
            services.submit_sheet(street.actor("member"), sheet_id)
        with queries() as seen_done, transaction():
            services.confirm_sheet(street.actor("second"), sheet_id)
        assert len(deeds_of(sheet_id)) == number
        counts.append([len(seen), len(seen_in), len(seen_done)])
    assert counts[1] == counts[2]
    assert max(counts[2]) < 65


def test_a_block_from_excel_is_read_with_and_without_headings() -> None:
    from pointsbank.contributions.sheet_reading import pasted

    plain = pasted("陈桂芳\t2-0317\t12\t2.1\t2\t河边\r\n\r\n李明贵\t\t4月13日\t看望\t1", after=3)
    read = [(r.position, r.who, r.day, r.note) for r in plain]
    assert read == [(4, "陈桂芳", "12", "河边"), (5, "李明贵", "4月13日", "")]
    headed = pasted("日期\t姓名\t序号\t项目\t数量\n12\t陈桂芳\t1\t2.1\t2")
    assert [(r.position, r.who, r.day, r.item, r.amount) for r in headed] == [(1, "陈桂芳", "12", "2.1", "2")]


def test_lists_show_the_desk_all_and_a_leader_the_own(street: Village) -> None:
    own = handed_in(street, row(1, "alice"), by="leader", team_id=street.team)
    other = opened(street, row(1, "bob"))
    mine = [s.id for s in queries.sheets.sheets(street.actor("leader")).items]
    desk = [s.id for s in queries.sheets.sheets(street.actor("reviewer")).items]
    waiting = [s.id for s in queries.sheets.sheets(street.actor("reviewer"), waiting=True).items]
    away = queries.sheets.sheets(street.actor("other_member")).items
    db.session.rollback()
    assert (mine, desk, waiting, list(away)) == ([own], [other, own], [own], [])


def test_who_is_erased_is_forgotten_on_confirmed_sheets_as_well(street: Village) -> None:
    sheet_id = handed_in(street, row(1, "alice"), row(2, "bob"))
    confirmed(street, sheet_id)
    alice = street.residents["alice"]
    with transaction():
        people.erase_resident(street.actor("admin"), alice, confirmation=PEOPLE["alice"][0])
    before = len(deeds_of(sheet_id))
    assert forget_typed()["typed names"] >= 1
    rows = db.session.execute(sa.select(SheetRow.resident_id, SheetRow.who).where(
        SheetRow.sheet_id == sheet_id)).all()
    db.session.rollback()
    assert {who for resident, who in rows if resident == alice} == {""}
    assert all(who for resident, who in rows if resident != alice)
    assert forget_typed()["typed names"] == 0
    assert len(deeds_of(sheet_id)) == before
