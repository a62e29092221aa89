"""FixMyStreet as it is: imports our services, posts a report, pulls our FIXED, sends its reporter's answer back.

``Fix`` says and reads exactly what ``Open311.pm`` of FixMyStreet says and reads: form fields, XML, lists of
``request``, ``request_update``, ``service`` and ``attribute``, times compared as texts in UTC.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa

from pointsbank.cases.models import CaseState, Report
from pointsbank.core.db import db, transaction
from tests.open311.conftest import Platform, photo

MAPPED = {"fixed": "fixed - council", "not councils responsibility": "not responsible",
          "no further action": "unable to fix", "open": "confirmed", "closed": "fixed - council"}
VISIBLE = {"confirmed", "fixed - council", "action scheduled", "in progress", "investigating", "unable to fix",
           "not responsible", "duplicate", "closed"}


@dataclass
class Fix:
    """One FixMyStreet with one body whose endpoint is ours."""

    platform: Platform
    clock: Any
    categories: dict[str, list[str]] = field(default_factory=dict)
    state: dict[str, str] = field(default_factory=dict)
    comments: list[tuple[str, str, str]] = field(default_factory=list)
    pulled: dt.datetime | None = None

    def _get(self, path: str, **query: str) -> ElementTree.Element:
        answer = self.platform.app.test_client().get(f"/open311/v2/{path}", query_string={
            **query, "jurisdiction_id": self.platform.jurisdiction})
        assert answer.status_code == 200
        return ElementTree.fromstring(answer.get_data())

    def _post(self, path: str, **form: Any) -> ElementTree.Element | None:
        answer = self.platform.app.test_client().post(f"/open311/v2/{path}", data={
            **form, "jurisdiction_id": self.platform.jurisdiction, "api_key": self.platform.key})
        return ElementTree.fromstring(answer.get_data()) if answer.status_code == 200 else None

    def populate_service_list(self) -> None:
        for service in self._get("services.xml").findall("service"):
            code = service.findtext("service_code") or ""
            if (service.findtext("metadata") or "").lower() == "true":
                meta = self._get(f"services/{code}.xml").findall("attributes/attribute")
                meta.sort(key=lambda one: int(one.findtext("order") or 0))
                self.categories[code] = [one.findtext("code") or "" for one in meta]

    def send_report(self, code: str, own: int, **form: Any) -> str:
        given = {"service_code": code, "description": "灯不亮\n\n三天没亮了\n\nhttps://fms.example/report/7\n",
                 "first_name": "三", "last_name": "张", "email": "zhang@example.org", "phone": "13900000000",
                 "lat": "27.094500", "long": "113.521800", "media_url": "https://fms.example/photo/7.0.full.jpeg"}
        for name in self.categories[code]:
            given[f"attribute[{name}]"] = {"fixmystreet_id": str(own), "closest_address": "幸福路"}[name]
        answer = self._post("requests.xml", **given, **form)
        assert answer is not None
        number = answer.findtext("request/service_request_id") or ""
        self.state[number] = "confirmed"
        return number

    def fetch_updates(self) -> None:
        """The last two hours at first, then from where it stopped."""
        until = self.clock().replace(microsecond=0)
        since = self.pulled or until - dt.timedelta(hours=2)
        self.pulled = until
        first, last = (one.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for one in (since, until))
        known = {update for update, _number, _text in self.comments}
        for one in self._get("servicerequestupdates.xml", api_key=self.platform.key, start_date=first,
                             end_date=last).findall("request_update"):
            at = dt.datetime.fromisoformat(one.findtext("updated_datetime") or "").astimezone(dt.UTC)
            assert first <= at.strftime("%Y-%m-%dT%H:%M:%SZ") <= last
            number, update = one.findtext("service_request_id") or "", one.findtext("update_id") or ""
            if number not in self.state or update in known:
                continue
            said = (one.findtext("status") or "").lower().replace("_", " ")
            state = MAPPED.get(said, said)
            assert state in VISIBLE
            self.comments.append((update, number, one.findtext("description") or ""))
            self.state[number] = state

    def send_comment(self, number: str, own: int, text: str, status: str) -> str:
        answer = self._post("servicerequestupdates.xml", service_request_id=number, update_id=str(own), status=status,
                            description=text, first_name="三", last_name="张", email="zhang@example.org",
                            updated_datetime=self.clock().strftime("%Y-%m-%dT%H:%M:%SZ"))
        return (answer.findtext("request_update/update_id") or "") if answer is not None else ""


@pytest.fixture
def fix(platform: Platform, clock: Any) -> Fix:
    return Fix(platform, clock)


def test_a_report_goes_out_comes_back_fixed_and_is_opened_again(fix: Fix, clock: Any) -> None:
    platform = fix.platform
    fix.populate_service_list()
    assert fix.categories == {platform.code: ["fixmystreet_id", "closest_address"]}
    number = fix.send_report(platform.code, 7, media=photo())
    assert fix.send_report(platform.code, 7, media=photo()) == number, "its cron job tries again after a lost answer"
    with platform.app.app_context(), transaction():
        report = db.session.scalars(sa.select(Report)).one()
        assert (report.place, report.case_id) == ("幸福路", int(number))
    clock.forward(minutes=5)
    platform.bring(number, CaseState.TO_EVALUATE)
    clock.forward(seconds=0.5)
    fix.fetch_updates()
    assert fix.state[number] == "fixed - council"
    assert [text for _update, _number, text in fix.comments][-1] == \
        "问题已解决。 已检查。如果没有解决，请在 7 天内说明原因。"
    told = len(fix.comments)
    fix.fetch_updates()
    assert len(fix.comments) == told, "windows that touch tell nothing twice"
    clock.forward(days=1)
    assert fix.send_comment(number, 70, "昨天修的，今天又不亮了", "OPEN")
    assert platform.state(number) is CaseState.ACCEPTED
    fix.fetch_updates()
    assert len(fix.comments) == told, "its own words do not come back as ours"
    clock.forward(hours=1)
    platform.do(number, ("assign", "member"), ("acknowledge", "dora"), ("start", "dora"), ("finish", "dora"),
                ("approve", "reviewer"))
    fix.fetch_updates()
    assert fix.state[number] == "fixed - council"
    assert fix.send_comment(number, 71, "好了，谢谢", "FIXED")
    assert platform.state(number) is CaseState.CLOSED
    clock.forward(days=20)
    assert fix.send_comment(number, 72, "又不亮了", "REOPEN")
    assert platform.state(number) is CaseState.ACCEPTED


@pytest.mark.parametrize(("state", "wanted"), [
    (CaseState.DECLINED, "unable to fix"), (CaseState.MERGED, "duplicate"), (CaseState.ACCEPTED, "confirmed"),
    (CaseState.ASSIGNED, "action scheduled"), (CaseState.RECTIFYING, "in progress"),
    (CaseState.MORE_INFORMATION, "confirmed")])
def test_each_state_arrives_as_one_that_it_knows(fix: Fix, state: CaseState, wanted: str) -> None:
    fix.populate_service_list()
    number = fix.send_report(fix.platform.code, 8)
    fix.platform.bring(number, state)
    fix.fetch_updates()
    assert fix.state[number] == wanted


def test_an_answer_to_the_offices_question_comes_back(fix: Fix, clock: Any) -> None:
    fix.populate_service_list()
    number = fix.send_report(fix.platform.code, 9)
    fix.platform.bring(number, CaseState.MORE_INFORMATION)
    fix.fetch_updates()
    assert "具体在哪里" in fix.comments[-1][2]
    assert "情况如上所述" not in fix.comments[-1][2], "the office's own words may name people"
    assert fix.send_comment(number, 90, "东门往南第二盏", "OPEN")
    assert fix.platform.state(number) is CaseState.RECEIVED


def test_what_is_refused_is_told_as_a_list_of_errors(fix: Fix) -> None:
    answer = fix.platform.app.test_client().post("/open311/v2/requests.xml", data={"api_key": "wrong"})
    errors = ElementTree.fromstring(answer.get_data()).findall("error")
    assert [one.findtext("code") for one in errors] == ["403"]
