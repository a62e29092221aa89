"""What the public sees of a notice, how long, and what it never sees."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pointsbank.core.db import transaction
from pointsbank.publicity import services
from tests.publicity.board import PUBLIC, drafted, line_ids, lines, published
from tests.support.village import PEOPLE, Village


def test_anybody_reads_a_notice_that_hangs_out_masked_and_unlisted(ask: Any, street: Village) -> None:
    notice_id = published(street)
    answer = ask("nobody", f"/notices/{notice_id}")
    assert all(text in answer.text for text in PUBLIC)
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert re.search(r'<meta name="robots" content="[^"]*noindex', answer.text)
    for name, _household, _head in PEOPLE.values():
        assert name not in answer.text
    assert not re.search(r"100\d{8}", answer.text), "no phone"
    assert "2026年4月积分公示表" in ask("nobody", "/notices").text
    assert "2026年4月积分公示表" in ask("nobody", "/notices?community=liuyin").text
    ask("nobody", "/notices?community=nowhere", status=404)


def test_a_neighbour_signed_in_at_home_reads_it_too(ask: Any, street: Village) -> None:
    notice_id = published(street)
    for path in (f"/notices/{notice_id}", f"/notices/{notice_id}/print", f"/api/v1/notices/{notice_id}/lines"):
        assert "2-0317" in ask("mallory", path).text, path
    assert "2026年4月积分公示表" in ask("mallory", "/notices?community=liuyin").text
    assert "2026年4月积分公示表" not in ask("mallory", "/notices").text


def test_after_its_hour_the_public_page_shows_nobody(ask: Any, street: Village, clock: Any) -> None:
    notice_id = published(street)
    clock.at(2026, 4, 25, 18, 0)  # no job has run
    for who in ("nobody", "mallory"):
        for path in (f"/notices/{notice_id}", f"/notices/{notice_id}/print"):
            answer = ask(who, path, status=410)
            assert not any(text in answer.text for text in (*PUBLIC, "积分公示表", "评议")), "only that it is over"
            assert "4月25日 18:00" in answer.text
            assert "noindex" in answer.headers["X-Robots-Tag"]
        ask(who, f"/api/v1/notices/{notice_id}/lines", status=404)
    assert "陈*芳" in ask("bob", f"/notices/{notice_id}").text, "members look it up"
    assert "陈*芳" in ask("member", f"/desk/notices/{notice_id}").text


def test_a_draft_is_not_public(ask: Any, street: Village) -> None:
    notice_id = drafted(street)
    ask("nobody", f"/notices/{notice_id}", status=404)
    ask("bob", f"/notices/{notice_id}", status=404)
    ask("nobody", f"/notices/{notice_id}/print", status=404)
    assert "陈*芳" in ask("member", f"/desk/notices/{notice_id}").text
    ask("other_member", f"/desk/notices/{notice_id}", status=404)
    ask("nobody", "/notices/999999", status=404)


def test_the_objectors_name_and_words_stay_with_those_who_decide(ask: Any, street: Village) -> None:
    notice_id = published(street)
    with transaction():
        services.object_to(street.actor("charlie"), line_ids(notice_id)[0], "那天没看见她", contact="周秀兰家")
    for key in ("nobody", "alice", "bob"):
        text = ask(key, f"/notices/{notice_id}").text
        assert "那天没看见她" not in text
        assert "周秀兰" not in text
    assert "那天没看见她" in ask("member", "/desk/notices").text


def test_the_sheet_carries_all_that_a_notice_board_needs(ask: Any, street: Village) -> None:
    notice_id = published(street, lines=lines(street, 30), resolution="评议组4月14日评议通过")
    sheet = ask("nobody", f"/notices/{notice_id}/print").text
    assert sheet.count('class="pb-sheet"') == 2
    wanted = ("陈*芳", "2-0317", "18:00", "《柳荫社区积分细则》（7）", "评议组4月14日评议通过", "member", "second",
              "pb-qr-svg")
    assert [text for text in wanted if text not in sheet] == []
    assert not any(name in sheet for name, _h, _head in PEOPLE.values())
    assert "noindex" in ask("nobody", f"/notices/{notice_id}/print").headers["X-Robots-Tag"]


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/notices", "/notices/{}", "/notices/{}/print", "/desk/notices", "/desk/notices/{}"])
def test_a_page_costs_the_same_for_few_lines_and_for_many(ask: Any, street: Village, queries: Any, path: str) -> None:
    costs = []
    for count in (2, 100):
        notice_id = published(street, lines=lines(street, count))
        ask("member", path.format(notice_id))
        with queries() as seen:
            ask("member", path.format(notice_id))
        costs.append(len(seen))
    assert costs[0] == costs[1]
    assert costs[1] <= 12
