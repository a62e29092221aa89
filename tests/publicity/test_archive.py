"""Notices that are over: looked up by members, by year, kind and number; gone for everybody else."""

from __future__ import annotations

from typing import Any

import pytest

from pointsbank.core.db import transaction
from pointsbank.publicity import services
from pointsbank.publicity.models import NoticeKind
from pointsbank.publicity.services import Paragraph
from tests.publicity.board import drafted, published
from tests.support.village import Village


@pytest.fixture
def shelf(street: Village, clock: Any) -> dict[str, int]:
    """Two lists and one notice of rules in 2025, one list in 2026 that is over, and one that hangs out."""
    found = {}
    clock.at(2025, 11, 3)
    found["first"] = published(street, title="2025年10月积分公示表")
    found["rules"] = _rules(street)
    clock.at(2025, 12, 3)
    found["third"] = published(street, title="2025年11月积分公示表")
    clock.at(2026, 1, 5)
    found["fourth"] = published(street, title="2025年12月积分公示表")
    clock.at(2026, 4, 16)
    found["open"] = published(street, title="2026年4月积分公示表")
    clock.at(2026, 4, 18)
    return found


def _rules(street: Village) -> int:
    with transaction():
        made = services.draft(street.actor("member"), services.NoticeDraft(
            NoticeKind.STANDARD, "积分细则第 2 版", body=[Paragraph("要点", "打扫院子 3 分")]))
    with transaction():
        return services.publish(street.actor("second"), made.id).id


TITLES = {"first": "2025年10月积分公示表", "rules": "积分细则第 2 版", "third": "2025年11月积分公示表",
          "fourth": "2025年12月积分公示表", "open": "2026年4月积分公示表"}


@pytest.mark.parametrize(("query", "wanted"), [
    ("", ["first", "rules", "third", "fourth"]), ("?year=2025", ["first", "rules", "third"]),
    ("?year=2026", ["fourth"]), ("?kind=standard", ["rules"]), ("?kind=awards&year=2025", ["first", "third"]),
    ("?number=2", ["rules"]), ("?number=1", ["first", "fourth"]), ("?number=2025-3", ["third"]),
    ("?number=2025年第3号", ["third"]), ("?number=9", []), ("?number=abc", []),
    ("?year=99999999999&kind=nonsense", ["first", "rules", "third", "fourth"]),
])
def test_members_look_notices_up(ask: Any, shelf: dict[str, int], query: str, wanted: list[str]) -> None:
    text = ask("bob", f"/notices/archive{query}").text
    assert [key for key, title in TITLES.items() if title in text] == wanted


def test_the_archive_comes_in_pages(ask: Any, street: Village, clock: Any, queries: Any) -> None:
    costs = []
    ask("bob", "/notices/archive")
    for count in (3, 25):
        for _ in range(count):
            published(street)
        clock.forward(days=8)
        with queries() as seen:
            first = ask("bob", "/notices/archive").text
        costs.append(len(seen))
    assert first.count('href="/notices/') - first.count('href="/notices/archive') >= 20
    more = first[first.index("cursor="):].split('"')[0]
    assert "2026年第1号" in ask("bob", f"/notices/archive?{more}").text
    assert "2026年第1号 " not in first
    assert costs[0] == costs[1] <= 10


def test_it_is_not_for_the_public_the_neighbours_or_strangers(ask: Any, shelf: dict[str, int]) -> None:
    assert "/sign-in" in ask("nobody", "/notices/archive", status=303).headers["Location"]
    assert not any(title in ask("mallory", "/notices/archive").text for title in TITLES.values())
    ask("keeper", "/notices/archive", status=404)
    for key in ("grid", "member", "reviewer", "supervisor"):
        assert TITLES["first"] in ask(key, "/notices/archive").text
        assert "陈*芳" in ask(key, f"/notices/{shelf['first']}").text
    for who in ("nobody", "mallory", "keeper"):
        assert TITLES["first"] not in ask(who, f"/notices/{shelf['first']}", status=410).text
    text = ask("nobody", "/notices?community=liuyin").text
    assert [key for key, title in TITLES.items() if title in text] == ["open"]


def test_the_hour_decides_and_not_the_job(ask: Any, street: Village, clock: Any) -> None:
    notice_id = published(street, title="2026年4月积分公示表")
    clock.at(2026, 4, 25, 17, 59, 59)
    assert "2026年4月积分公示表" not in ask("bob", "/notices/archive").text
    ask("nobody", f"/notices/{notice_id}")
    clock.at(2026, 4, 25, 18, 0)  # no job has run
    assert "2026年4月积分公示表" in ask("bob", "/notices/archive").text
    ask("nobody", f"/notices/{notice_id}", status=410)
    assert "2026年4月积分公示表" not in ask("nobody", "/notices?community=liuyin").text


def test_the_desk_and_the_interface_narrow_their_lists_the_same_way(ask: Any, street: Village,
                                                                    shelf: dict[str, int]) -> None:
    drafted(street, title="还没贴的")
    text = ask("member", "/desk/notices?kind=standard").text
    assert [key for key, title in TITLES.items() if title in text] == ["rules"]
    told = ask("bob", "/api/v1/notices?year=2025&number=3").json["items"]
    assert [row["title"] for row in told] == [TITLES["third"]]
    assert [row["kind"] for row in ask("bob", "/api/v1/notices?kind=standard").json["items"]] == ["standard"]
    assert len(ask("bob", "/api/v1/notices").json["items"]) == 5, "drafts are the desk's"
    assert len(ask("member", "/api/v1/notices").json["items"]) == 6
    ask("bob", "/api/v1/notices?year=1", status=422)
