"""Foreign clients, taken as they are: ``three`` (JSON, over the wire) and ``georeport`` (both formats)."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import sys
from typing import Any

import pytest
import sqlalchemy as sa
from georeport import GeoReport

from pointsbank.cases.models import CaseState
from pointsbank.core.db import db, transaction
from pointsbank.media.models import Photo
from tests.cases.desk import picture
from tests.open311.conftest import Served


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module. It was written for Python 2, whose ``itertools.ifilter`` is ``filter`` today; nothing else of it has
    to be helped."""
    monkeypatch.setattr(itertools, "ifilter", filter, raising=False)
    monkeypatch.delitem(sys.modules, "three", raising=False)
    monkeypatch.delitem(sys.modules, "three.core", raising=False)
    import three

    return three


def test_three_reports_and_follows_a_problem(served: Served, three: Any) -> None:
    platform = served.platform
    client = three.Three(f"{served.url}/open311/v2", api_key=platform.key, jurisdiction="liuyin")
    assert client.discovery()["endpoints"][0]["type"] == "production"
    service, = client.services()
    assert client.services(service["service_code"])["attributes"][0]["code"] == "fixmystreet_id"
    photo = io.BytesIO(picture())
    photo.name = "lamp.jpg"
    answer, = client.post(service["service_code"], address="东巷 3 号", name="三 张", phone="13900000000",
                          description="路灯三天没亮", media=photo)
    number = answer["service_request_id"]
    assert client.token(number, api_key=platform.key)[0]["service_request_id"] == number
    platform.do(number, ("accept", "member"))
    found, = client.requests()
    assert (found["service_request_id"], found["status"]) == (number, "open")
    assert client.request(number)[0]["service_name"] == "路灯不亮"
    assert client.requests(service["service_code"], count=1, status="open") == [found]
    assert client.requests(between=[dt.date(2026, 4, 1), dt.date(2026, 4, 30)]) == [found]
    assert client.requests(between=["03-01-2026", "03-31-2026"]) == []
    with platform.app.app_context(), transaction():
        assert db.session.scalars(sa.select(Photo.owner_key)).one().startswith("report:")


def test_three_hears_why_it_is_refused(served: Served, three: Any) -> None:
    client = three.Three(f"{served.url}/open311/v2", api_key="wrong", jurisdiction="liuyin")
    assert client.post(served.platform.code, description="不亮", address="东巷")[0]["code"] == 403
    client.configure(api_key=served.platform.key)
    refusal, = client.post(served.platform.code, description="不亮")
    assert (refusal["code"], refusal["description"].rpartition(" ")[2]) == (400, "(open311.position_missing)")


@pytest.mark.parametrize("suffix", ["json", "xml"])
def test_georeport_reads_both_formats(served: Served, suffix: str) -> None:
    platform = served.platform
    numbers = [platform.report(), platform.report()]
    for number in numbers:
        platform.bring(number, CaseState.ACCEPTED)
    client = GeoReport(f"{served.url}/open311/v2", jurisdiction="liuyin", output_format=suffix)
    services = client.get_service_list()
    services = services if isinstance(services, list) else [services]
    assert [one["service_code"] for one in services] == [platform.code]
    assert client.get_service_definition(platform.code)["service_code"] == platform.code
    assert [one["service_request_id"] for one in client.get_service_requests(status="open")] == numbers[::-1]
    assert client.get_service_request(numbers[0])["status_notes"] == "已立案。"
