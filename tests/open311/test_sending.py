"""What platforms send: reports and updates, in both formats, and everything that is refused."""

from __future__ import annotations

import io
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from pointsbank.cases import services as cases
from pointsbank.cases.errors import NotYourPart
from pointsbank.cases.models import Case, CaseEvent, CaseState, Report, Source
from pointsbank.contributions.models import Contribution
from pointsbank.core.audit import AuditRow
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import Forbidden, NotFound
from pointsbank.media.models import Photo, Purpose, Visibility
from pointsbank.open311 import services
from pointsbank.open311.asking import LONGEST, RequestDraft
from pointsbank.open311.models import Open311Client, Open311Link
from pointsbank.places import services as places
from pointsbank.places.facts import Facts
from pointsbank.places.models import PlaceKind
from tests.media import bombs
from tests.open311.conftest import HERE, ROOT, Platform, photo
from tests.support.village import Village


def rows(platform: Platform, query: Any) -> list[Any]:
    with platform.app.app_context(), transaction():
        return list(db.session.scalars(query))


def events(platform: Platform, number: str) -> list[tuple[str, str]]:
    return [(e.verb, e.text) for e in rows(platform, sa.select(CaseEvent).where(
        CaseEvent.case_id == int(number)).order_by(CaseEvent.id))]


def test_a_report_opens_a_case(both: Platform) -> None:
    answer, = both.send(media=photo(), address_string="东巷 3 号", first_name="三", last_name="张", phone="13900000000",
                        email="zhang@example.org", media_url="http://elsewhere.example/1.jpg",
                        **{"attribute[colour]": "白", "attribute[side][]": ["南", "北"], "attribute[name]": "张三",
                           "attribute[Phone]": "13900000000", "attribute[email]": "zhang@example.org"})
    assert answer["account_id"] == ""
    case, = rows(both, sa.select(Case))
    report, = rows(both, sa.select(Report))
    assert answer["service_request_id"] == str(case.id)
    assert (case.source, case.state, case.place, case.lat, case.lon) == (
        Source.OPEN311, CaseState.RECEIVED, "东巷 3 号", 27.0945, HERE[1])
    assert (report.text, report.user_id, report.resident_id) == ("三天没亮了\ncolour: 白\nside: 南、北", None, None)
    kept, = rows(both, sa.select(Photo))
    assert (kept.owner_key, kept.purpose, kept.visibility) == (report.key, Purpose.REPORT, Visibility.STAFF)
    assert events(both, answer["service_request_id"])[1] == ("comment", "http://elsewhere.example/1.jpg")
    comment = rows(both, sa.select(CaseEvent).where(CaseEvent.verb == "comment"))[0]
    assert list(comment.detail) == ["sender"], "what the office has to know it can read"
    with both.app.app_context(), transaction():
        everything = "".join(str(tuple(row)) for table in (Case, Report, CaseEvent, AuditRow)
                             for row in db.session.execute(sa.select(table.__table__)))
    assert not any(word in everything for word in ("张", "1390000", "example.org")), "who it was is not kept"


def test_a_bare_position_is_told_in_words(platform: Platform) -> None:
    near, far = platform.report(), platform.report(lat="27.2", long="113.6")
    found = {str(case.id): case.place for case in rows(platform, sa.select(Case))}
    assert found[near] == "东门北边 20 米"
    assert found[far] == "27.20000, 113.60000"


def test_a_place_is_enough_without_a_position(platform: Platform) -> None:
    platform.report(lat=None, long=None, address_id=str(platform.gate))
    case, = rows(platform, sa.select(Case))
    assert (case.place, case.place_id, case.lat, case.lon) == ("东门", platform.gate, *HERE)


REFUSED: list[tuple[int, str, dict[str, Any]]] = [
    (403, "open311.key_missing", {"api_key": None}), (403, "open311.key_missing", {"api_key": " "}),
    (403, "open311.key_wrong", {"api_key": "x" * 32}), (403, "open311.key_elsewhere", {"jurisdiction_id": "heping"}),
    (404, "open311.unknown_jurisdiction", {"jurisdiction_id": "t"}),
    (404, "open311.unknown_service", {"service_code": "c999"}), (404, "open311.unknown_service",
                                                                 {"service_code": "99'; --"}),
    (400, "open311.service_missing", {"service_code": ""}),
    (400, "open311.position_missing", {"lat": None, "long": ""}),
    (400, "open311.bad_position", {"lat": None}), (400, "open311.bad_position", {"lat": "27,09"}),
    (400, "open311.bad_position", {"lat": "91"}), (400, "open311.bad_position", {"lat": "NaN"}),
    (400, "open311.far_away", {"lat": "29.7"}), (400, "open311.far_away", {"lat": "-27.09"}),
    (400, "open311.unknown_address", {"address_id": "999"}),
    (400, "open311.unknown_address", {"address_id": "#", "lat": None, "long": None}),
    (400, "cases.words_missing", {"description": "🀄️🧧🎉"}), (400, "cases.words_missing", {"description": ""}),
    (400, "open311.too_long", {"description": "长" * 4001}), (400, "cases.place_missing", {"address_string": "🏠🏠"}),
    (400, "core.invalid", {"description": "三天\0没亮"}),
]


def test_far_away_is_measured_as_everywhere_in_the_house(platform: Platform, village: Village) -> None:
    """From the middle of the community, not from the place that lies furthest out; also where a place is named."""
    with platform.app.app_context(), transaction():
        for name, lat in (("西门", HERE[0]), ("水库", HERE[0] + 0.25)):
            places.create(village.actor("member"), Facts(name, PlaceKind.FACILITY, lat=lat, lon=HERE[1]))
    for more in ({}, {"address_id": str(platform.gate)}):
        assert platform.send(400, lat=str(HERE[0] + 0.4), **more) == "open311.far_away"
    assert platform.send(lat=str(HERE[0] + 0.25))


def test_a_kind_that_was_closed_takes_nothing_new(both: Platform, village: Village) -> None:
    own = {"attribute[external_id]": "7"}
    number = both.report(**own)
    both.do(number, ("accept", "member"))
    with both.app.app_context(), transaction():
        cases.close_category(village.actor("member"), both.desk.lamp)
    assert both.ask("services", "services") == []
    assert both.send(404, description="别的灯") == "open311.unknown_service"
    assert both.report(**own) == number, "what came in stays in"
    assert both.ask("requests", "service_requests")[0]["service_code"] == both.code
    assert both.ask(f"services/{both.code}", "definition")["service_code"] == both.code


def test_what_is_refused_has_its_code_and_leaves_nothing(both: Platform) -> None:
    """Two degrees and a half to the north are nearly 300 km."""
    for status, code, form in REFUSED:
        assert both.send(status, **form) == code, form
    assert rows(both, sa.select(Case)) == []
    assert rows(both, sa.select(Photo)) == []


HARMFUL: dict[str, tuple[bytes, str]] = {
    "169 megapixels": (bombs.with_size(bombs.encoded(bombs.picture(), "JPEG"), 13_000, 13_000),
                       "media.too_many_pixels"),
    "a PDF": (b"%PDF-1.7\n%%EOF", "media.not_a_photo"),
    "a polyglot": (b"GIF89a<script>alert(1)</script>", "media.not_a_photo"),
    "a stump": (b"\xff\xd8\xff\xe0 not a picture", "media.broken"),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_bombs_and_disguises_are_refused_like_everywhere(platform: Platform, name: str) -> None:
    raw, code = HARMFUL[name]
    assert platform.send(400, media=(io.BytesIO(raw), "a.jpg", "image/jpeg")) == code
    assert rows(platform, sa.select(Case)) == []


def test_nine_photos_are_taken_and_ten_refused(platform: Platform) -> None:
    platform.send(media=[photo(n) for n in range(9)])
    assert len(rows(platform, sa.select(Photo).where(Photo.owner_key.like("report:%")))) == 9
    assert platform.send(400, media=[photo(n) for n in range(10)]) == "media.too_many"


def test_nobody_without_a_key_has_pictures_decoded(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pointsbank.media.services.prepare", lambda raw: pytest.fail("decoded"))
    assert platform.send(403, api_key=None, media=photo()) == "open311.key_missing"


def test_a_long_description_is_kept_whole(platform: Platform) -> None:
    text = "".join(f"第{n}段说明；" for n in range(500))[:3500]
    number = platform.report(description=text)
    said = [text for verb, text in events(platform, number) if verb == "comment"]
    assert rows(platform, sa.select(Report.text))[0] + "".join(said) == text


def test_attributes_are_read_by_the_office_and_stay_within_the_measure(platform: Platform) -> None:
    more = {f"attribute[a{n}]": "满" * 500 for n in range(12)}
    number = platform.report(**{"attribute[colour]": "白", "attribute[external_id]": "7", **more})
    said = [text for verb, text in events(platform, number) if verb == "comment"]
    text = rows(platform, sa.select(Report.text))[0]
    assert text.startswith("三天没亮了\ncolour: 白\na0: 满满")
    assert len(text) + sum(map(len, said)) == LONGEST
    assert platform.report(**{"attribute[colour]": "白", "attribute[external_id]": "7", **more}) == number
    assert platform.send(400, **{"attribute[colour]": "黑", "attribute[external_id]": "7", **more}) == (
        "cases.client_id_reused")
    member = platform.desk.village.sign_in(platform.app.test_client(), "member")
    assert "colour: 白" in member.get(f"/desk/cases/{number}").text


# ── Sent again ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["external_id", "fixmystreet_id"])
@pytest.mark.parametrize("own", ["7", "县 2026/0418-7"])
def test_the_same_report_sent_again_is_the_same_request(both: Platform, name: str, own: str) -> None:
    more: dict[str, Any] = {f"attribute[{name}]": own}
    first = both.report(media=photo(), **more)
    assert both.report(media=photo(), **more) == first
    assert len(rows(both, sa.select(Case))) == 1
    assert len(rows(both, sa.select(Photo))) == 1
    assert both.send(400, description="别的事情", **more) == "cases.client_id_reused"
    assert both.report(**{f"attribute[{name}]": f"{own}8"}) != first


def test_two_platforms_may_use_the_same_number(platform: Platform, village: Village) -> None:
    with platform.app.app_context(), transaction():
        _client, other = services.make_key(village.actor("member"), "另一家", "李工 12345")
    own = {"attribute[external_id]": "7"}
    assert platform.report(**own) != platform.report(api_key=other, **own)


@pytest.mark.slow
def test_the_same_report_sent_five_times_at_once_is_one(platform: Platform) -> None:
    gate, answers = threading.Barrier(5), []

    def send() -> None:
        gate.wait()
        answers.append(platform.send(**{"attribute[external_id]": "77"})[0]["service_request_id"])

    threads = [threading.Thread(target=send) for _n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1
    assert len(answers) == 5
    assert len(rows(platform, sa.select(Case))) == 1


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
def test_without_its_queue_the_same_report_breaks_on_the_unique_key(
        platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: some of the five then fail on the constraint, which is what the queue is for."""
    monkeypatch.setattr("pointsbank.open311.services.taking_in.queue",
                        lambda community_id, client_id: db.session.get_one(Open311Client, client_id))
    client, = rows(platform, sa.select(Open311Client))
    seen: set[str] = set()

    def send(draft: RequestDraft, gate: threading.Barrier) -> None:
        gate.wait()
        with platform.app.app_context():
            try:
                run(lambda: services.take(client.community_id, client.id, draft))
            except sa.exc.IntegrityError as fault:
                seen.add(type(fault).__name__)

    for number in range(12):
        draft, gate = RequestDraft(platform.code, "三天没亮了", "东巷", own_id=f"race-{number}"), threading.Barrier(5)
        threads = [threading.Thread(target=send, args=(draft, gate)) for _n in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if seen:
            break
    assert seen == {"IntegrityError"}


# ── Keys ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_revoked_key_opens_nothing_and_leaves_what_came(platform: Platform, village: Village) -> None:
    number = platform.report()
    client, = rows(platform, sa.select(Open311Client))
    assert client.last_sent_at is not None
    with platform.app.app_context(), transaction():
        services.revoke_key(village.actor("member"), client.id)
    assert platform.send(403) == "open311.key_wrong"
    assert platform.say(number, 403, description="还没修") == "open311.key_wrong"
    assert platform.ask("requests", "service_requests", 403, key=True) == "open311.key_wrong"
    assert len(rows(platform, sa.select(Case))) == 1


def test_a_renewed_key_goes_on_where_the_lost_one_ended(platform: Platform, village: Village) -> None:
    code, own = consent(platform), {"attribute[external_id]": "7"}
    number = platform.send(account_id=code, **own)[0]["service_request_id"]
    client, = rows(platform, sa.select(Open311Client))
    for lost in ("", "and revoked"):
        old = platform.key
        with platform.app.app_context(), transaction():
            if lost:
                services.revoke_key(village.actor("member"), client.id)
            client, platform.key = services.renew_key(village.actor("member"), client.id)
            assert (client.revoked_at, client.prefix) == (None, platform.key[:6])
        assert platform.send(403, api_key=old) == "open311.key_wrong", "from this moment on"
        assert platform.ask(f"requests/{number}", "service_requests", key=True)[0]["status"] == "open"
        again = platform.send(account_id=code, **own)[0]
        assert (again["service_request_id"], again["account_id"]) == (number, code)
        assert platform.say(number, description=f"还没修{lost}")
    assert platform.send(account_id=code)[0]["account_id"] == code, "whoever agreed need not agree again"


def test_keys_are_renewed_by_whoever_keeps_them_and_at_home(platform: Platform, village: Village) -> None:
    client, = rows(platform, sa.select(Open311Client))
    for who, refusal in (("alice", Forbidden), ("reviewer", Forbidden), ("other_member", NotFound)):
        with platform.app.app_context(), pytest.raises(refusal), transaction():
            services.renew_key(village.actor(who), client.id)
    assert platform.send()


def test_keys_are_kept_as_hashes(platform: Platform) -> None:
    with platform.app.app_context(), transaction():
        everything = "".join(str(tuple(row)) for table in (Open311Client, AuditRow)
                             for row in db.session.execute(sa.select(table.__table__)))
    assert platform.key not in everything
    assert platform.key[:6] in everything


def test_a_platform_has_its_measure_of_reports_a_day(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pointsbank.open311.services.taking_in.MOST_A_DAY", 2)
    platform.report()
    platform.report()
    assert platform.send(429) == "cases.too_many_reports"


# ── A resident's consent ────────────────────────────────────────────────────────────────────────────────────────


def consent(platform: Platform, who: str = "alice") -> str:
    with platform.app.app_context(), transaction():
        return services.link(platform.desk.actor(who))[1]


def test_without_consent_a_report_earns_nothing(platform: Platform) -> None:
    platform.do(platform.report(), ("accept", "member"))
    assert rows(platform, sa.select(Contribution)) == []


def test_with_consent_it_counts_as_the_residents_own(platform: Platform) -> None:
    code = consent(platform)
    answer, = platform.send(account_id=f"{code[:4]} {code[4:]}")
    assert answer["account_id"], "linked"
    number = answer["service_request_id"]
    platform.do(number, ("accept", "member"))
    deed, = rows(platform, sa.select(Contribution))
    assert deed.resident_id == platform.desk.village.residents["alice"]
    with platform.app.app_context():
        assert [text for text in platform.desk.heard("alice") if "受理" in text or "accepted" in text]


def test_a_code_is_the_platforms_that_used_it_first_and_can_be_taken_back(platform: Platform, village: Village) -> None:
    code = consent(platform)
    with platform.app.app_context(), transaction():
        _client, other = services.make_key(village.actor("member"), "另一家", "李工 12345")
    assert platform.send(account_id=code)[0]["account_id"] == code
    assert platform.send(api_key=other, account_id=code)[0]["account_id"] == ""
    link, = rows(platform, sa.select(Open311Link))
    with platform.app.app_context(), transaction():
        services.unlink(village.actor("alice"), link.id)
    assert platform.send(account_id=code)[0]["account_id"] == "", "taken in, but nobody's"
    for foreign in ("42", "1234567890123456", "🀄️", code[::-1]):
        assert platform.send(account_id=foreign)[0]["account_id"] == "", "an account of another system's own"
    assert sum(r is not None for r in rows(platform, sa.select(Report.resident_id))) == 1


def test_who_moved_away_is_not_linked_any_more(platform: Platform) -> None:
    code = consent(platform)
    with platform.app.app_context(), transaction():
        db.session.execute(sa.text("UPDATE resident SET left_on = '2026-04-01'"))
    assert platform.send(account_id=code)[0]["account_id"] == ""


def test_the_linked_reporter_may_not_accept_their_own(platform: Platform) -> None:
    number = platform.send(account_id=consent(platform))[0]["service_request_id"]
    with pytest.raises(NotYourPart):
        platform.do(number, ("accept", "alice"))


# ── Updates ─────────────────────────────────────────────────────────────────────────────────────────────────────


UPDATES: list[tuple[CaseState, dict[str, Any], CaseState, str]] = [
    (CaseState.TO_EVALUATE, {"status": "FIXED"}, CaseState.CLOSED, "satisfied"),
    (CaseState.TO_EVALUATE, {"status": "REOPEN", "description": "灯还是不亮"}, CaseState.ACCEPTED, "unhappy"),
    (CaseState.TO_EVALUATE, {"status": "OPEN", "description": "灯还是不亮"}, CaseState.ACCEPTED, "unhappy"),
    (CaseState.TO_EVALUATE, {"status": "CLOSED", "description": "谢谢"}, CaseState.TO_EVALUATE, "comment"),
    (CaseState.MORE_INFORMATION, {"status": "OPEN", "description": "东门往南第二盏"}, CaseState.RECEIVED, "supply"),
    (CaseState.DECLINED, {"status": "OPEN", "description": "请再看一看"}, CaseState.RECEIVED, "appeal"),
    (CaseState.RECEIVED, {"status": "open", "description": "还有一盏也不亮"}, CaseState.RECEIVED, "comment"),
    (CaseState.RECEIVED, {"status": "FIXED"}, CaseState.RECEIVED, "comment"),
    (CaseState.RECTIFYING, {"description": "辛苦了"}, CaseState.RECTIFYING, "comment"),
]


@pytest.mark.parametrize(("before", "form", "after", "verb"), UPDATES, ids=lambda v: getattr(v, "value", None))
def test_updates_move_what_the_reporter_may_move(
        platform: Platform, before: CaseState, form: dict[str, Any], after: CaseState, verb: str) -> None:
    number = platform.report()
    platform.bring(number, before)
    update, = platform.say(number, **form)
    assert platform.state(number) is after
    event, = rows(platform, sa.select(CaseEvent).where(CaseEvent.id == int(update["update_id"])))
    assert (event.verb, event.text) == (verb, form.get("description") or ("FIXED" if verb == "comment" else ""))


def test_reopening_ends_after_thirty_days(both: Platform, clock: Any) -> None:
    number = both.report()
    both.bring(number, CaseState.TO_EVALUATE)
    both.say(number, status="FIXED")
    clock.forward(days=30)
    assert both.say(number, 400, status="REOPEN", description="又") == "cases.reason_missing"
    clock.forward(seconds=1)
    assert both.say(number, 400, status="REOPEN", description="又不亮了") == "cases.too_late"
    assert both.state(number) is CaseState.CLOSED


def test_an_update_that_was_overtaken_moves_nothing(platform: Platform, clock: Any) -> None:
    """Written there while the case was still open here, sent after it had been inspected."""
    number = platform.report()
    platform.bring(number, CaseState.TO_INSPECT)
    clock.forward(hours=1)
    platform.do(number, ("approve", "reviewer"))
    platform.say(number, status="OPEN", description="还没有人来", updated_datetime="2026-04-18T09:30:00+08:00")
    assert platform.state(number) is CaseState.TO_EVALUATE
    platform.say(number, status="OPEN", description="还是不亮", updated_datetime="2026-04-18T10:30:00+08:00")
    assert platform.state(number) is CaseState.ACCEPTED


def test_the_same_update_sent_again_is_the_same(both: Platform) -> None:
    number = both.report()
    first = both.say(number, update_id="55", description="还有一盏也不亮")
    assert both.say(number, update_id="55", description="还有一盏也不亮") == first
    assert len(events(both, number)) == 2


def test_an_update_names_a_request_that_the_platform_brought(both: Platform, village: Village) -> None:
    own = both.report(**{"attribute[external_id]": "7"})
    with both.app.app_context():
        foreign = str(both.desk.send())
    both.do(foreign, ("accept", "member"))
    for number in (foreign, "0", "garbage", "99999999"):
        assert both.say(number, 404, description="不是我的") == "open311.unknown_request"
    assert both.say(own, 400) == "open311.nothing_said"
    assert both.say(own, 400, status="EXPLODED") == "open311.bad_status"
    assert both.say(own, 400, description="好", updated_datetime="gestern") == "open311.bad_date"
    assert both.say(own, 403, api_key=None, description="没有密钥") == "open311.key_missing"
    assert [verb for verb, _text in events(both, own)] == ["report"]
    both.say("", service_request_id_ext="7", description="用自己的编号", media=photo())
    assert events(both, own)[-1] == ("comment", "用自己的编号")
    assert len(rows(both, sa.select(Photo).where(Photo.owner_key.like("report:%")))) == 1


def test_a_long_update_is_kept_whole(platform: Platform) -> None:
    number, text = platform.report(), "".join(f"第{n}句。" for n in range(200))
    platform.bring(number, CaseState.TO_EVALUATE)
    platform.say(number, status="REOPEN", description=text)
    said = events(platform, number)
    assert "".join(t for verb, t in said if verb in {"unhappy", "comment"}) == text


def test_what_a_platform_said_is_not_told_to_itself(platform: Platform) -> None:
    number = platform.report()
    platform.bring(number, CaseState.TO_EVALUATE)
    platform.say(number, status="REOPEN", description="灯还是不亮")
    own = platform.ask("servicerequestupdates", "service_request_updates", key=True)
    public = platform.ask("servicerequestupdates", "service_request_updates")
    assert [one["status"] for one in own] == ["OPEN", "ACTION_SCHEDULED", "IN_PROGRESS", "FIXED"]
    assert [one["status"] for one in public] == ["OPEN", "ACTION_SCHEDULED", "IN_PROGRESS", "FIXED", "OPEN"]
    assert "灯还是不亮" not in str(public), "not in the words of anybody"


def test_jurisdiction_and_key_may_stand_in_the_query(app: Flask, platform: Platform) -> None:
    answer = app.test_client().post(f"{ROOT}/requests.json?jurisdiction_id=liuyin&api_key={platform.key}", data={
        "service_code": platform.code, "description": "三天没亮了", "address_string": "东巷"})
    assert answer.status_code == 200
