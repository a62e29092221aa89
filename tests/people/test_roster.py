"""The roster from Excel and CSV."""

from __future__ import annotations

import io
import time

import pytest
import sqlalchemy as sa

from pointsbank.core import sheets
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Forbidden
from pointsbank.core.jobs import Job, JobState
from pointsbank.core.sheets import MissingColumns, NotASheet
from pointsbank.people import jobs, listing, queries, roster
from pointsbank.people.models import HouseholdMember, LinkKind, Resident, User, UserResident

HEAD = ["姓名", "户号", "与户主关系", "手机号", "楼栋"]
GOOD = [["赵一", "5-0101", "户主", "13800000001", "5 栋"], ["赵二", "5-0101", "儿子", "13800000002", "5 栋"],
        ["钱三", "5-0102", "户主", "", ""], ["钱小宝", "5-0102", "孙子", "13800000003", ""],
        ["钱奶奶", "5-0102", "母亲", "13800000003", ""]]


def _xlsx(rows, head=HEAD) -> bytes:
    return sheets.write_xlsx("名册", head, rows)


def _csv(rows, head=HEAD, encoding="utf-8-sig") -> bytes:
    return "\r\n".join(",".join(map(str, row)) for row in [head, *rows]).encode(encoding)


def _count(model) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


@pytest.mark.parametrize("raw", [_xlsx(GOOD), _csv(GOOD), _csv(GOOD, encoding="gb18030"), _csv(
    GOOD, ["Name", "Household number", "Relation", "Phone", "Building"])], ids=["xlsx", "utf-8", "gb18030", "english"])
def test_a_roster_founds_households_buildings_and_sign_ins(app, village, clock, raw):
    with app.app_context(), transaction():
        report = roster.import_roster(village.actor("member"), raw)
        assert (report.imported, report.households, report.faults) == (5, 2, [])
        found = queries.search_residents(village.community, "5-0101")
        assert {r.name for r in found} == {"赵一", "赵二"}
        home = listing.household_by_number(village.community, "5-0101")
        assert queries.heads(village.community, [home.id])[home.id].name == "赵一"
        assert home.area_id is not None
        assert db.session.get(User, next(iter(queries.users_of_resident([found[0].id]).values())).pop()) is not None


def test_one_phone_serves_a_family(app, village, clock):
    with app.app_context(), transaction():
        roster.import_roster(village.actor("member"), _xlsx(GOOD))
        user = db.session.scalars(sa.select(User).where(User.phone == "13800000003")).one()
        links = {db.session.get(Resident, row.resident_id).name: row.kind for row in db.session.scalars(
            sa.select(UserResident).where(UserResident.user_id == user.id))}
        assert links == {"钱小宝": LinkKind.SELF, "钱奶奶": LinkKind.FAMILY}


def test_faults_are_named_by_row_in_the_readers_language_and_nothing_is_taken(app, village, clock):
    bad = [*GOOD, ["", "5-0103", "", "", ""], ["孙五", "", "", "", ""], ["李六", "5-0104", "", "12ab", ""],
           ["赵一", "5-0101", "", "", ""], ["周七", "5-0101", "户主", "", ""]]
    with app.test_request_context(headers={"Accept-Language": "en"}), transaction():
        before = _count(Resident)
        report = roster.import_roster(village.actor("member"), _xlsx(bad))
        assert [f.row for f in report.faults] == [7, 8, 9, 10, 11]
        assert "12ab" in report.faults[2].sentence
        assert "row 2" in report.faults[3].sentence
        assert (report.imported, _count(Resident)) == (0, before)


def test_the_good_rows_are_taken_when_that_is_chosen(app, village, clock):
    with app.app_context(), transaction():
        raw = _xlsx([*GOOD, ["", "9", "", "", ""]])
        report = roster.import_roster(village.actor("member"), raw, good_rows_only=True)
        assert (report.imported, len(report.faults)) == (5, 1)


def test_the_same_file_twice_adds_nobody(app, village, clock):
    with app.app_context(), transaction():
        roster.import_roster(village.actor("member"), _xlsx(GOOD))
        before = (_count(Resident), _count(User), _count(HouseholdMember))
        report = roster.import_roster(village.actor("member"), _xlsx(GOOD))
        assert (report.imported, report.known, report.faults) == (0, 5, [])
        assert (_count(Resident), _count(User), _count(HouseholdMember)) == before


def test_known_people_join_by_household_and_name(app, village, clock):
    rows = [["陈桂芳", "2-0317", "户主", "10000000001", ""], ["新媳妇", "2-0317", "儿媳", "", ""]]
    with app.app_context(), transaction():
        report = roster.import_roster(village.actor("member"), _xlsx(rows))
        assert (report.imported, report.known, report.households) == (1, 1, 0)


@pytest.mark.parametrize(("raw", "error"), [(b"\x00\x01\x02\xff\xfe", NotASheet), (b"PK\x03\x04 no zip", NotASheet),
                                            (b"a,b\n1,2\n", MissingColumns), (b"", MissingColumns)])
def test_other_files_are_refused(app, village, raw, error):
    with app.app_context(), pytest.raises(error), transaction():
        roster.plan(village.actor("member"), raw)


@pytest.mark.parametrize("key", ["alice", "reviewer", "leader", "keeper", "grid"])
def test_only_the_office_imports(app, village, key):
    with app.app_context(), pytest.raises(Forbidden), transaction():
        roster.plan(village.actor(key), _xlsx(GOOD))


def _send(client, raw: bytes):
    return client.post("/desk/residents/import", data={"file": (io.BytesIO(raw), "roster.xlsx")})


def test_the_page_shows_what_would_happen_and_the_worker_does_it(app, client, clock, village):
    village.sign_in(client, "member")
    answer = _send(client, _xlsx(GOOD))
    assert answer.status_code == 303
    url = answer.location
    with app.app_context(), transaction():
        assert _count(Resident) == 9
        job_id = db.session.scalars(sa.select(Job.id)).one()
    assert "roster.xlsx" in client.get(url).get_data(as_text=True)
    assert client.post(f"{url}/start", data={"rows": "all"}).status_code == 303
    waiting = client.get(url).get_data(as_text=True)
    assert 'http-equiv="refresh"' in waiting
    assert "<progress" in waiting
    with app.test_request_context():
        assert jobs.run_import(job_id)["imported"] == 5
        assert jobs.run_import(job_id)["imported"] == 5  # a second worker finds it done
    done = client.get(url).get_data(as_text=True)
    assert 'http-equiv="refresh"' not in done
    with app.app_context(), transaction():
        job = db.session.get(Job, job_id)
        assert (job.state, job.done, job.payload) == (JobState.DONE, job.total, None)
        assert _count(Resident) == 14


def test_all_or_nothing_is_refused_while_rows_are_wrong(client, clock, village):
    village.sign_in(client, "member")
    url = _send(client, _xlsx([*GOOD, ["", "9", "", "", ""]])).location
    assert client.post(f"{url}/start", data={"rows": "all"}).status_code == 422
    assert client.post(f"{url}/start", data={"rows": "good"}).status_code == 303


def test_an_import_of_another_community_does_not_exist(app, client, clock, village):
    village.sign_in(client, "member")
    url = _send(client, _xlsx(GOOD)).location
    stranger = village.sign_in(app.test_client(), "other_member")
    assert stranger.get(url).status_code == 404
    assert stranger.post(f"{url}/start", data={"rows": "all"}).status_code == 404


def test_a_right_that_ended_imports_nothing(app, client, clock, village):
    from pointsbank.people.models import Appointment

    village.sign_in(client, "member")
    url = _send(client, _xlsx(GOOD)).location
    client.post(f"{url}/start", data={"rows": "all"})
    with app.app_context(), transaction():
        db.session.execute(sa.update(Appointment).values(until_at=clock()))
        job_id = db.session.scalars(sa.select(Job.id)).one()
    clock.forward(seconds=1)
    with app.test_request_context(), pytest.raises(Forbidden):
        jobs.run_import(job_id)


def test_the_template_can_be_read_back(app, village, clock):
    for english in (False, True):
        with app.app_context(), transaction():
            planned = roster.plan(village.actor("member"), roster.template(english=english))
            assert (len(planned.people), planned.faults) == (2, [])


@pytest.mark.slow
def test_five_thousand_people_take_less_than_a_minute_and_a_few_dozen_statements(app, village, clock, queries):
    rows = [[f"人{n}", f"{n // 4 // 50 + 1}-{n // 4:04d}", "户主" if n % 4 == 0 else "家人",
             f"137{n:08d}" if n % 3 else "", f"{n // 4 // 50 + 1} 栋"] for n in range(5000)]
    raw = _xlsx(rows)
    steps: list[int] = []
    begun = time.perf_counter()
    with app.app_context(), transaction(), queries() as seen:
        report = roster.import_roster(village.actor("member"), raw, progress=lambda done, total: steps.append(done))
    assert time.perf_counter() - begun < 60
    assert (report.imported, report.households) == (5000, 1250)
    assert steps == sorted(steps)
    assert len(steps) > 5
    assert len(seen) < 120


def test_a_roster_nobody_decided_about_is_forgotten_after_two_days(app, client, clock, village):
    village.sign_in(client, "member")
    url = _send(client, _xlsx(GOOD)).location
    with app.app_context():
        assert jobs.forget_old()["uploads"] == 0
        clock.forward(days=3)
        assert jobs.forget_old()["uploads"] == 1
        with transaction():
            assert db.session.scalars(sa.select(Job)).one().payload is None
    assert client.post(f"{url}/start", data={"rows": "all"}).status_code == 404
