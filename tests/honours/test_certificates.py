"""A certificate of service: free, gathered by one, hung out seven days, issued by another, checked by anybody."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.contributions import services as funnel_services
from pointsbank.contributions.jobs import settle_due
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Invalid, NotFound
from pointsbank.honours import services
from pointsbank.honours.errors import (
    AlreadyAsked,
    FiguresMoved,
    LineStruck,
    NotAllowed,
    NothingServed,
    NothingToList,
    NoticeRuns,
    OwnHousehold,
    ReasonMissing,
    SecondPersonNeeded,
    UnknownCertificate,
    WrongStep,
)
from pointsbank.honours.models import CertificateState, ServiceCertificate
from pointsbank.honours.queries import certificates as papers
from pointsbank.people import services as people
from pointsbank.publicity.models import NoticeLine, PublicNotice
from tests.contributions import funnel
from tests.honours.support import refused
from tests.honours.test_proposing import at_once, kin
from tests.support.village import PEOPLE, Village

SINCE, UNTIL = dt.date(2026, 1, 1), dt.date(2026, 4, 18)


def served(street: Village, clock: Any, *keys: str) -> None:
    """Two evenings of two hours and a visit in words of one's own, all posted."""
    funnel.adopt(street.community)
    drafts = [funnel.draft(street, key, number, title="傍晚巡逻", on=dt.date(2026, 4, 10 + number))
              for key in keys or ("alice",) for number in (1, 2)]
    funnel.approved(street, funnel.recorded(street, *drafts))
    funnel.published(street)
    clock.forward(days=8)
    settle_due()


def asked(street: Village, key: str = "alice", **values: Any) -> int:
    with transaction():
        return services.request_certificate(street.actor(key), values.pop("since", SINCE), values.pop("until", UNTIL),
                                            **values).id


def prepared(street: Village, clock: Any, key: str = "alice", by: str = "member") -> int:
    certificate_id = asked(street, key)
    with transaction():
        services.prepare(street.actor(by), certificate_id, "0000-8123456 罗光明")
    return certificate_id


def on_notice(street: Village, by: str = "member", second: str = "second") -> int:
    with transaction():
        notice_id = services.draft_certificates(street.actor(by)).id
    with transaction():
        funnel_services.publish_notice(street.actor(second), notice_id)
    return notice_id


def issued(street: Village, clock: Any, key: str = "alice") -> ServiceCertificate:
    certificate_id = prepared(street, clock, key)
    on_notice(street)
    clock.forward(days=8)
    settle_due()
    with transaction():
        services.issue(street.actor("second"), certificate_id)
    return row(certificate_id)


def row(certificate_id: int) -> ServiceCertificate:
    found = db.session.get(ServiceCertificate, certificate_id, populate_existing=True)
    db.session.expunge_all()
    db.session.rollback()
    assert found is not None
    return found


def test_the_whole_way_from_asking_to_the_paper(street: Village, clock: Any) -> None:
    served(street, clock)
    found = issued(street, clock)
    assert (found.state, found.year, found.number, found.minutes) == (CertificateState.ISSUED, 2026, 1, 240)
    assert found.content == [
        {"what": "傍晚巡逻", "times": 2, "minutes": 240, "first": "2026-04-11", "last": "2026-04-12"}]
    assert (found.handler_id, found.responsible_id) == (street.users["member"], street.users["second"])
    assert found.issuer == "柳荫社区"
    assert found.issued_on == house_clock.today()
    assert found.handler_contact == "0000-8123456 罗光明"


def test_a_title_in_somebodys_own_words_is_not_printed(street: Village, clock: Any) -> None:
    funnel.adopt(street.community)
    deed_id = funnel.filed(street, kind="volunteering", title="看望王奶奶", item_code=funnel.HELP, units=None,
                           minutes=60)
    funnel.approved(street, [deed_id])
    funnel.published(street)
    clock.forward(days=8)
    settle_due()
    content = row(prepared(street, clock)).content
    assert content is not None
    assert [line["what"] for line in content] == ["志愿服务"]


def test_only_hours_of_the_days_asked_for_are_counted(street: Village, clock: Any) -> None:
    served(street, clock)
    certificate_id = asked(street, since=dt.date(2026, 4, 12), until=dt.date(2026, 4, 12))
    with transaction():
        services.prepare(street.actor("member"), certificate_id, "电话 1")
    assert row(certificate_id).minutes == 120
    with transaction():
        services.refuse(street.actor("member"), certificate_id, "换个日期重办")
    certificate_id = asked(street, since=SINCE, until=dt.date(2026, 4, 10))
    with pytest.raises(NothingServed), transaction():
        services.prepare(street.actor("member"), certificate_id, "电话 1")


def test_it_is_issued_only_after_seven_days_on_the_notice(street: Village, clock: Any) -> None:
    served(street, clock)
    certificate_id = prepared(street, clock)
    second = street.actor("second")
    with pytest.raises(NoticeRuns), transaction():
        services.issue(second, certificate_id)
    notice_id = on_notice(street)
    notice = db.session.get(PublicNotice, notice_id)
    assert notice is not None
    assert notice.days == 7
    db.session.rollback()
    clock.forward(days=6)
    settle_due()
    with pytest.raises(NoticeRuns), transaction():
        services.issue(second, certificate_id)
    clock.forward(days=2)
    settle_due()
    with transaction():
        services.issue(second, certificate_id)


def test_the_line_on_the_notice_is_masked(street: Village, clock: Any) -> None:
    served(street, clock)
    prepared(street, clock)
    notice_id = on_notice(street)
    line = db.session.scalars(sa.select(NoticeLine).where(NoticeLine.notice_id == notice_id)).one()
    assert (line.masked_name, line.household_number, line.item, line.amount, line.unit) == (
        "陈*芳", "2-0317", "志愿服务记录证明", 240, "minutes")
    db.session.rollback()


def test_whoever_gathered_the_hours_does_not_issue_it(street: Village, clock: Any) -> None:
    served(street, clock)
    certificate_id = prepared(street, clock)
    on_notice(street)
    clock.forward(days=8)
    settle_due()
    with pytest.raises(SecondPersonNeeded), transaction():
        services.issue(street.actor("member"), certificate_id)
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.update(ServiceCertificate).values(responsible_id=street.users["member"]))
    for key in ("alice", "leader", "grid", "admin", "other_member"):
        with pytest.raises((NotAllowed, NotFound)), transaction():
            services.issue(street.actor(key), certificate_id)


def test_nobody_handles_the_papers_of_the_own_household(street: Village, clock: Any) -> None:
    served(street, clock)
    kin(street, "member", "andrew")
    certificate_id = asked(street)
    for work in (lambda: services.prepare(street.actor("member"), certificate_id, "电话 1"),
                 lambda: services.refuse(street.actor("member"), certificate_id, "不开")):
        with pytest.raises(OwnHousehold), transaction():
            work()


def test_hours_taken_back_while_it_hangs_out_stop_it(street: Village, clock: Any) -> None:
    served(street, clock)
    certificate_id = prepared(street, clock)
    on_notice(street)
    deed_id = db.session.scalar(sa.text("SELECT min(id) FROM contribution"))
    db.session.rollback()
    with transaction():
        correction = funnel_services.correct_award(street.actor("member"), deed_id, "没有来").id
    with transaction():
        funnel_services.confirm_correction(street.actor("second"), correction)
    clock.forward(days=8)
    settle_due()
    with pytest.raises(FiguresMoved), transaction():
        services.issue(street.actor("second"), certificate_id)
    with transaction():
        services.refuse(street.actor("second"), certificate_id, "时长有更正，重办一份")
    assert row(certificate_id).state is CertificateState.REFUSED


def test_an_upheld_objection_stops_it_and_an_open_one_holds_it(street: Village, clock: Any) -> None:
    served(street, clock)
    certificate_id = prepared(street, clock)
    notice_id = on_notice(street)
    line_id = db.session.scalar(sa.select(NoticeLine.id).where(NoticeLine.notice_id == notice_id))
    db.session.rollback()
    with transaction():
        objection = funnel_services.object_to(street.actor("bob"), line_id, "没看见他").id
    clock.forward(days=8)
    settle_due()
    with pytest.raises(NoticeRuns), transaction():
        services.issue(street.actor("second"), certificate_id)
    with transaction():
        funnel_services.decide_objection(street.actor("supervisor"), objection, True, "核实后不属实")
    with pytest.raises(LineStruck), transaction():
        services.issue(street.actor("second"), certificate_id)


def test_numbers_count_per_year_and_five_at_once_get_five(app: Any, street: Village, clock: Any) -> None:
    from pointsbank.core import db as edge

    keys = ("alice", "bob", "charlie", "dora", "erin")
    served(street, clock, *keys)
    ids = [prepared(street, clock, key) for key in keys]
    on_notice(street)
    clock.forward(days=8)
    settle_due()
    answers = at_once(app, lambda n: edge.run(lambda: services.issue(street.actor("second"), ids[n]).number))
    assert sorted(answers) == [1, 2, 3, 4, 5]
    again = at_once(app, lambda _n: edge.run(lambda: services.issue(street.actor("second"), ids[0]).number))
    assert {type(a) for a in again} == {WrongStep}


# ── Asking ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("field", "values"), [
    ("since_on", {"since": dt.date(2026, 5, 1)}), ("since_on", {"since": dt.date(1999, 1, 1)}),
    ("until_on", {"until": dt.date(2026, 4, 19)}), ("purpose", {"purpose": "长" * 121}),
    ("volunteer_number", {"volunteer_number": "510101195505051234"}),
    ("volunteer_number", {"volunteer_number": "51010119550505123x"}),
    ("volunteer_number", {"volunteer_number": "510101550505123"}),
    ("volunteer_number", {"volunteer_number": "志愿者"}), ("volunteer_number", {"volunteer_number": "1" * 25})])
def test_what_makes_no_sense_is_refused_by_field(street: Village, field: str, values: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refusal:
        asked(street, **values)
    assert field in refusal.value.fields


def test_without_a_volunteer_number_the_card_stands_for_it(street: Village) -> None:
    with transaction():
        people.issue_cards(street.actor("member"), [street.residents["alice"]])
    number = row(asked(street)).volunteer_number
    assert len(number) == 8
    assert row(asked(street, "bob", volunteer_number=" 1234 5678 ")).volunteer_number == "12345678"


def test_one_at_a_time_and_at_the_counter_for_somebody(street: Village) -> None:
    asked(street)
    with pytest.raises(AlreadyAsked):
        asked(street)
    assert row(asked(street, "grid", resident_id=street.residents["bob"])).resident_id == street.residents["bob"]
    for key, resident in (("charlie", "dora"), ("keeper", "dora")):
        with pytest.raises(NotAllowed):
            asked(street, key, resident_id=street.residents[resident])
    with pytest.raises(NotFound):
        asked(street, "member", resident_id=street.residents["mallory"])
    with pytest.raises(NotAllowed):
        asked(street, "member")


def test_reasons_and_contacts_are_asked_for(street: Village, clock: Any) -> None:
    served(street, clock)
    certificate_id = asked(street)
    with pytest.raises(ReasonMissing), transaction():
        services.prepare(street.actor("member"), certificate_id, " ")
    with pytest.raises(ReasonMissing), transaction():
        services.refuse(street.actor("member"), certificate_id, " ")
    with pytest.raises(NothingToList), transaction():
        services.draft_certificates(street.actor("member"))


# ── Once issued ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_issued_certificate_cannot_be_changed_by_straight_sql(street: Village, clock: Any) -> None:
    served(street, clock)
    issued(street, clock)
    assert refused(
        "UPDATE service_certificate SET minutes = 99999", "UPDATE service_certificate SET content = '[]'",
        "UPDATE service_certificate SET resident_id = resident_id + 1", "UPDATE service_certificate SET number = 7",
        "UPDATE service_certificate SET state = 'prepared'", "DELETE FROM service_certificate",
        "UPDATE service_certificate SET state = 'withdrawn', withdrawn_on = '2026-05-01', minutes = 1") == []


def test_it_is_withdrawn_by_somebody_else_than_who_issued_it(street: Village, clock: Any) -> None:
    served(street, clock)
    found = issued(street, clock)
    with pytest.raises(SecondPersonNeeded), transaction():
        services.withdraw(street.actor("second"), found.id, "开错了人")
    with pytest.raises(ReasonMissing), transaction():
        services.withdraw(street.actor("member"), found.id, " ")
    with transaction():
        services.withdraw(street.actor("member"), found.id, "开错了人")
    assert row(found.id).state is CertificateState.WITHDRAWN
    with pytest.raises(sa.exc.DBAPIError), transaction():
        db.session.execute(sa.text("UPDATE service_certificate SET state = 'issued', withdrawn_on = NULL"))
    with pytest.raises(WrongStep), transaction():
        services.withdraw(street.actor("member"), found.id, "再来一次")


# ── Checked by anybody ──────────────────────────────────────────────────────────────────────────────────────────


def test_number_and_code_tell_a_masked_name_and_nothing_more(street: Village, clock: Any) -> None:
    served(street, clock)
    found = issued(street, clock)
    number, code = papers.full_number("liuyin", 2026, "S", 1), papers.code_of("S", found.id)
    assert number == "liuyin-2026-S0001"
    for typed_number, typed_code in ((number, code), (f" {number.upper()} ", f"{code[:4].lower()} {code[4:]}")):
        seen = papers.verify(typed_number, typed_code)
        assert (seen.masked_name, seen.minutes, seen.stands, seen.community) == ("陈*芳", 240, True, "柳荫社区")
    assert not any(name in str(seen) for name, _home, _head in PEOPLE.values())
    with transaction():
        services.withdraw(street.actor("member"), found.id, "开错了人")
    assert not papers.verify(number, code).stands
    db.session.rollback()


def test_a_number_that_is_none_gets_the_same_answer_as_a_wrong_code(street: Village, clock: Any) -> None:
    served(street, clock)
    found = issued(street, clock)
    code, other = papers.code_of("S", found.id), papers.code_of("S", found.id + 1)
    tried = [(number, code) for number in (
        "liuyin-2026-S0002", "heping-2026-S0001", "nowhere-2026-S0001", "liuyin-2025-S0001", "liuyin-2026-H0001",
        "liuyin-2026-S1", "", "2026-S0001", "liuyin-2026-S٠٠٠١", "liuyin-2026-S99999999", "x" * 300)]
    tried += [("liuyin-2026-S0001", wrong) for wrong in (
        "", "AAAAAAAA", code[:-1], code + "A", papers.code_of("H", found.id), other)]
    for number, typed in tried:
        with pytest.raises(UnknownCertificate):
            papers.verify(number, typed)
    db.session.rollback()


def test_of_somebody_erased_the_check_tells_no_name(street: Village, clock: Any) -> None:
    served(street, clock)
    found = issued(street, clock)
    with transaction():
        people.erase_resident(street.actor("member"), street.residents["alice"], confirmation="陈桂芳")
    assert papers.verify("liuyin-2026-S0001", papers.code_of("S", found.id)).masked_name == "–"
    db.session.rollback()
