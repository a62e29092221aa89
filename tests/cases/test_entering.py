"""Reports that staff enter, reports of three taps, and the code word of those who give no name."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.cases import errors, queries, services
from pointsbank.cases.models import Case, CaseState, Report, Source
from pointsbank.cases.services import ReportDraft, Step, reporting
from pointsbank.cases.services.dispatching import Board
from pointsbank.contributions.models import Contribution
from pointsbank.core import tenancy
from pointsbank.core.audit import AuditRow
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import NotFound
from pointsbank.people.models import Resident
from pointsbank.places import services as places
from pointsbank.places.facts import Facts
from tests.cases.desk import Desk

ROOT = "/api/v1"


def draft(desk: Desk, **given: Any) -> ReportDraft:
    return ReportDraft(**{"client_id": "draft-0001", "category_id": desk.lamp, "text": "路灯三天没亮",
                          "place": "东巷 3 号", **given})


def entered(desk: Desk, who: str = "grid", source: Source = Source.VISIT, resident: str | None = "alice",
            **given: Any) -> Report:
    resident_id = desk.village.residents[resident] if resident else None
    return run(lambda: services.enter(desk.actor(who), draft(desk, **given), source, resident_id))


# ── Three taps ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_photo_speaks_for_itself(desk: Desk) -> None:
    photo = desk.photo("alice", "report")
    report = run(lambda: services.send(desk.actor("alice"), draft(desk, text="  ", photo_ids=[photo])))
    assert report.text == ""
    again = run(lambda: services.send(desk.actor("alice"), draft(desk, text="", photo_ids=[photo])).id)
    assert again == report.id


@pytest.mark.parametrize("text", ["😀😀😀", "!!!", "字"])
def test_signs_say_nothing_even_beside_a_photo(desk: Desk, text: str) -> None:
    photo = desk.photo("alice", "report")
    with pytest.raises(errors.WordsMissing):
        run(lambda: services.send(desk.actor("alice"), draft(desk, text=text, photo_ids=[photo])))
    with pytest.raises(errors.WordsMissing):
        run(lambda: services.send(desk.actor("alice"), draft(desk, text="")))


# ── Entered by staff ────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_told_on_a_visit_is_the_residents_report_and_earns_for_them(desk: Desk) -> None:
    report = entered(desk)
    case = desk.case(report.case_id)
    assert (case.source, case.reporter_user_id, case.reporter_resident_id) == (
        Source.VISIT, desk.village.users["grid"], desk.village.residents["alice"])
    assert any("has come in" in text for text in desk.heard("alice"))
    desk.do("member", "accept", case.id)
    with transaction():
        deed = db.session.scalars(sa.select(Contribution)).one()
        assert (deed.resident_id, deed.recorder_user_id) == (
            desk.village.residents["alice"], desk.village.users["grid"])
        assert db.session.scalars(sa.select(AuditRow).where(AuditRow.verb == "cases.enter")).one().detail == {
            "source": "visit", "resident": desk.village.residents["alice"]}


def test_what_a_grid_worker_saw_is_nobodys_and_earns_nothing(desk: Desk) -> None:
    report = entered(desk, source=Source.GRID_WORKER, resident=None)
    desk.do("member", "accept", report.case_id)
    with transaction():
        assert db.session.scalars(sa.select(Contribution)).all() == []


def test_who_entered_it_neither_distributes_nor_inspects(desk: Desk) -> None:
    report = entered(desk, "member", Source.HOTLINE)
    with pytest.raises(errors.NotIndependent):
        desk.do("member", "accept", report.case_id)
    for verb, who in (("accept", "second"), ("assign", "second"), ("acknowledge", "dora"), ("start", "dora"),
                      ("finish", "dora")):
        desk.do(who, verb, report.case_id)
    with pytest.raises(errors.NotIndependent):
        desk.do("member", "approve", report.case_id)


@pytest.mark.parametrize(("who", "source", "refusal"), [
    ("alice", Source.VISIT, errors.NotYourPart), ("reviewer", Source.VISIT, errors.NotYourPart),
    ("keeper", Source.VISIT, errors.NotYourPart), ("grid", Source.SNAPSHOT, errors.BadSource),
    ("grid", Source.PATROL, errors.BadSource), ("grid", Source.OPEN311, errors.BadSource),
])
def test_others_enter_nothing_and_nothing_else(desk: Desk, who: str, source: Source, refusal: type) -> None:
    with pytest.raises(refusal):
        entered(desk, who, source)


def test_a_resident_of_elsewhere_or_one_who_is_gone_is_refused(desk: Desk) -> None:
    with pytest.raises(NotFound):
        entered(desk, resident="mallory")
    with transaction():
        db.session.execute(sa.update(Resident).where(Resident.id == desk.village.residents["bob"])
                           .values(left_on=dt.date(2026, 1, 1)))
    with pytest.raises(NotFound):
        entered(desk, resident="bob")
    with transaction():
        assert db.session.scalars(sa.select(Report)).all() == []


def test_the_same_sheet_entered_twice_is_one_report(desk: Desk) -> None:
    assert entered(desk).id == entered(desk).id
    with pytest.raises(errors.ClientIdReused):
        entered(desk, resident="bob")


def test_the_interface_takes_entered_reports_from_staff_only(desk: Desk, client: Any) -> None:
    body = {"client_id": "draft-0001", "category_id": desk.lamp, "text": "路灯不亮", "place": "东巷 3 号",
            "source": "hotline", "resident_id": desk.village.residents["bob"]}
    for who, status in (("grid", 201), ("alice", 403), ("reviewer", 403), ("other_member", 404)):
        answer = client.post(ROOT + "/reports/entered", json=body, headers=desk.village.bearer(desk.app, who))
        assert answer.status_code == status, (who, answer.json)
    wrong = client.post(ROOT + "/reports/entered", json={**body, "source": "snapshot"},
                        headers=desk.village.bearer(desk.app, "grid"))
    assert wrong.status_code == 422


# ── The code word ───────────────────────────────────────────────────────────────────────────────────────────────


def anonymous(desk: Desk, **given: Any) -> tuple[Report, str]:
    report = run(lambda: services.send(desk.actor("alice"), draft(desk, anonymous=True, **given)))
    return report, services.code_of(report)


def test_an_anonymous_report_is_followed_by_its_code_without_names_or_words(desk: Desk, client: Any) -> None:
    report, code = anonymous(desk)
    assert [len(part) for part in code.split()] == [4, 4, 4]
    desk.do("member", "accept", report.case_id)
    for typed in (code, code.replace(" ", ""), code.replace(" ", "-")):
        answer = client.get(ROOT + "/reports/by-code", query_string={"code": typed})
        assert answer.status_code == 200
        assert (answer.json["number"], answer.json["state"]) == (report.case_id, "accepted")
        assert [step["verb"] for step in answer.json["steps"]] == ["report", "accept"]
        text = answer.get_data(as_text=True)
        assert not any(word in text for word in ("陈", "路灯三天", "东巷"))


def test_a_code_is_told_to_the_sender_alone_and_kept_as_a_hash(desk: Desk, client: Any) -> None:
    body = {"client_id": "draft-0001", "category_id": desk.lamp, "text": "路灯不亮", "place": "东巷 3 号",
            "anonymous": True}
    head = desk.village.bearer(desk.app, "alice")
    sent = client.post(ROOT + "/reports", json=body, headers=head)
    code = sent.json["code"]
    assert client.post(ROOT + "/reports", json=body, headers=head).json["code"] == code  # an answer that got lost
    named = client.post(ROOT + "/reports", json={**body, "client_id": "draft-0002", "anonymous": False}, headers=head)
    assert named.json["code"] == ""
    for who in ("alice", "member"):
        seen = client.get(f"{ROOT}/cases/{sent.json['case_id']}", headers=desk.village.bearer(desk.app, who))
        assert code not in seen.get_data(as_text=True)
        assert all("code" not in row for row in seen.json["reports"])
    with transaction():
        kept = db.session.scalars(sa.select(Report.code_hash).order_by(Report.id)).all()
    assert kept[1] is None
    assert code.replace(" ", "") not in str(kept[0])


def test_two_reports_never_have_one_code(desk: Desk, monkeypatch: Any) -> None:
    from pointsbank.cases.services import following

    monkeypatch.setattr(following, "_code", lambda community, key, client, attempt: f"{attempt:012d}")
    first, one = anonymous(desk)
    second, other = anonymous(desk, client_id="draft-0002")
    assert (one, other) == ("0000 0000 0000", "0000 0000 0001")
    assert first.code_hash != second.code_hash


def test_a_merged_report_follows_its_parent(desk: Desk) -> None:
    report, code = anonymous(desk)
    parent = desk.send("bob")
    desk.do("member", "merge", report.case_id, Step(parent_id=parent))
    desk.do("member", "accept", parent)
    with transaction():
        found = queries.by_code(code)
    assert (found.number, found.follows, found.state) == (report.case_id, parent, CaseState.ACCEPTED)


def look_up(code: str, guesser: str = "10.0.0.1") -> Any:
    return run(lambda: services.by_code(code, guesser), write=False)


def test_guesses_are_counted_and_slips_of_the_finger_are_not(desk: Desk, clock: Any) -> None:
    _report, code = anonymous(desk)
    slip = code[:-1] + str((int(code[-1]) + 1) % 10)
    for _ in range(9):
        for typed in (slip, "12", "", "x" * 60):
            with pytest.raises(errors.WrongCode):
                look_up(typed)
    assert look_up(code).number
    from pointsbank.core import tokens

    guesses = [f"{n:011d}" + tokens.damm_digit(f"{n:011d}") for n in range(5)]
    for guess in guesses:
        with pytest.raises(errors.WrongCode):
            look_up(guess)
    with pytest.raises(errors.TooManyGuesses):
        look_up(code)
    assert look_up(code, "10.0.0.2").number
    clock.forward(minutes=16)
    assert look_up(code).number


def test_a_code_is_good_whoever_is_signed_in_where(desk: Desk) -> None:
    _report, code = anonymous(desk)
    with transaction(), tenancy.scope(desk.village.other):
        assert queries.by_code(code).state is CaseState.RECEIVED


# ── Whose it is ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_whom_it_was_entered_for_never_puts_it_right(desk: Desk) -> None:
    """Dora works for the unit and lives here: what is entered for her goes to somebody else."""
    case_id = entered(desk, resident="dora").case_id
    desk.do("member", "accept", case_id)
    with pytest.raises(errors.BadHandler):
        desk.do("member", "assign", case_id, Step(unit_id=desk.unit, handler_id=desk.village.users["dora"]))
    with transaction():
        board = Board(desk.village.community)
        assert board.takers([db.session.get_one(Case, case_id)])[case_id].user_id == desk.village.users["erin"]
    assert desk.do("member", "assign", case_id, Step(
        unit_id=desk.unit, handler_id=desk.village.users["erin"])).state is CaseState.ASSIGNED


def test_what_others_enter_and_report_themselves_counts_apart(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporting, "MOST_A_DAY", 2)
    desk.village.grants["alice"] = desk.village.grants["grid"]
    for n in range(3):
        entered(desk, "alice", resident="bob", client_id=f"entered-{n:04d}")
    desk.send("alice")
    desk.send("alice")
    with pytest.raises(errors.TooManyReports):
        desk.send("alice")


def test_a_place_renamed_meanwhile_makes_no_second_case(desk: Desk) -> None:
    member = desk.actor("member")
    place = run(lambda: places.create(member, Facts("东门")).id)
    first = desk.send("alice", client_id="draft-0009", place="", place_id=place)
    run(lambda: places.change(member, place, Facts("新东门")))
    assert desk.send("alice", client_id="draft-0009", place="", place_id=place) == first
    run(lambda: places.close(member, place))
    assert desk.send("alice", client_id="draft-0009", place="", place_id=place) == first
    with pytest.raises(errors.ClientIdReused):
        desk.send("alice", client_id="draft-0009", place="别处")
