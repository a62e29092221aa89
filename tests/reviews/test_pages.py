"""The desk's pages and files of reviews, and the JSON beside them: what they show, to whom, at what price."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from openpyxl import load_workbook

from pointsbank.core.db import run
from pointsbank.places import services as places
from pointsbank.reviews import jobs, services, wording
from pointsbank.reviews.models import CaseReview
from tests.reviews.april import COUNTED, April
from tests.support.village import Village

Ask = Callable[..., Any]
READERS = ("member", "second", "reviewer", "grid", "admin", "supervisor")
OTHERS = ("alice", "leader", "keeper")


def path(frozen: CaseReview, tail: str = "") -> str:
    return f"/desk/case-reviews/{frozen.id}{tail}"


def main(answer: Any) -> str:
    text = answer.get_data(as_text=True)
    return text[text.index("<main"):text.index("</main>")]


def test_staff_read_reviews_and_others_do_not(april: April, frozen: CaseReview, ask: Ask) -> None:
    for tail in ("", "/print", "/cases?figure=closed"):
        for who in READERS:
            ask(who, path(frozen, tail))
        for who in OTHERS:
            ask(who, path(frozen, tail), status=403)
        ask("nobody", path(frozen, tail), status=303)
        ask("other_member", path(frozen, tail), status=404)
    ask("member", "/desk/case-reviews")
    assert "2026年4月" not in ask("other_member", "/desk/case-reviews").text


def test_the_list_is_paged_and_filtered(april: April, ask: Ask) -> None:
    jobs.make_due()
    assert main(ask("member", "/desk/case-reviews")).count("/desk/case-reviews/") == 13
    monthly = main(ask("member", "/desk/case-reviews?only=monthly"))
    assert monthly.count("/desk/case-reviews/") == 2
    assert "收到 10\u00a0件，销号 5\u00a0件，逾期 1\u00a0件" in monthly
    assert main(ask("member", "/desk/case-reviews?only=nonsense")).count("/desk/case-reviews/") == 13
    ask("member", "/desk/case-reviews?cursor=nonsense", status=422)


def test_a_review_tells_each_figure_with_what_it_counts(april: April, frozen: CaseReview, ask: Ask) -> None:
    page = main(ask("member", path(frozen)))
    for words in ("收到", "按期销号", "没回话不算满意", "销号用时（中位数）", "3.8 天",
                  "按名称排列，不排名次，不按个人统计", "村（居）委会的说明", "按问题类别"):
        assert words in page, words
    assert page.count("<svg class=\"pb-svg\"") == 2
    assert "第 1 名" not in page
    assert page.index("井盖抢修队") < page.index("物业维修组")
    squad = main(ask("member", path(frozen, f"?unit={april.squad}")))
    assert "井盖抢修队" in squad
    assert "1.5 天" in squad
    assert "物业维修组" not in squad
    ask("member", path(frozen, "?unit=999999"), status=404)
    with april.desk.app.test_request_context(headers={"Accept-Language": "en"}), force_locale("en"):
        assert "Silence is not satisfaction" in wording.definition("answer.unanswered")


def test_a_figure_opens_with_exactly_its_cases(april: April, frozen: CaseReview, ask: Ask) -> None:
    for code, letters in COUNTED.items():
        page = main(ask("member", path(frozen, f"/cases?figure={code}")))
        for letter, number in april.cases.items():
            assert (f"第 {number} 号 " in page) is (letter in letters), (code, letter)
            assert (f'href="/desk/cases/{number}"' in page) is (letter in letters), (code, letter)
    ask("member", path(frozen, "/cases?figure=nonsense"), status=404)
    ask("member", path(frozen, f"/cases?figure=received&unit={april.squad}"), status=404)
    page = main(ask("member", path(frozen, f"/cases?figure=closed&unit={april.squad}")))
    assert [f"第 {april.cases[one]} 号 " in page for one in "JA"] == [True, False]


def test_the_cases_of_a_figure_mask_the_reporter_and_keep_words_inside(april: April, frozen: CaseReview,
                                                                       ask: Ask) -> None:
    page = main(ask("member", path(frozen, "/cases?figure=received")))
    assert "陈*芳" in page
    for words in ("陈桂芳", "李明贵", "两口子", "三天没亮了"):
        assert words not in page
    only = main(ask("member", path(frozen, "/cases?figure=reopened")))
    assert "陈*芳" not in only, "H was sent without a name, though others of hers have one"


def test_pages_of_a_figure_follow_one_another(april: April, frozen: CaseReview, app: Flask, village: Village) -> None:
    headers, seen, cursor = village.bearer(app, "member"), [], None
    while True:
        asked = f"/api/v1/case-reviews/{frozen.id}/cases?figure=received&limit=4" + (
            f"&cursor={cursor}" if cursor else "")
        body = app.test_client().get(asked, headers=headers).get_json()
        assert len(body["items"]) <= 4
        seen += [one["id"] for one in body["items"]]
        cursor = body["next"]
        if cursor is None:
            break
    assert seen == april.ids(COUNTED["received"])


# ── Files ───────────────────────────────────────────────────────────────────────────────────────────────────────


def table(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))


def test_csv_files_read_back(april: April, frozen: CaseReview, ask: Ask) -> None:
    head, *rows = table(ask("member", path(frozen, "/file?format=csv&what=figures")))
    assert head == ["统计对象", "单位、类别或期间", "项目", "数量", "计量单位", "算的是什么"]
    whole = {row[2]: row[3] for row in rows if row[0] == "全部"}
    assert (whole["收到"], whole["销号"], whole["按期销号"], whole["销号用时（中位数）"]) == ("10", "5", "3", "3.8")
    assert all(row[5] for row in rows), "each with what it counts"
    assert "问题类别" in {row[0] for row in rows}
    head, *rows = table(ask("member", path(frozen, "/file?format=csv&what=cases")))
    assert head[7] == "评议"
    by_case = {int(row[0]): row for row in rows}
    counted = {letter for letters in COUNTED.values() for letter in letters}
    assert sorted(by_case) == april.ids("".join(sorted(counted)))
    first = by_case[april.cases["A"]]
    assert first[1:5] == ["路灯不亮", "物业维修组", "东门", "陈*芳"]
    assert first[6:8] == ["已整改", "满意"]
    assert "按期销号" in first[10]
    assert by_case[april.cases["H"]][4] == ""


def test_a_place_that_was_closed_keeps_its_name_for_what_happened_there(april: April, frozen: CaseReview,
                                                                        ask: Ask) -> None:
    run(lambda: places.close(april.desk.actor("member"), april.gate))
    _head, *rows = table(ask("member", path(frozen, "/file?format=csv&what=cases")))
    assert {int(row[0]): row[3] for row in rows}[april.cases["A"]] == "东门"
    assert "东门" in main(ask("member", path(frozen, "/cases?figure=received")))
    assert "东门" in main(ask("nobody", f"/problems/{april.cases['A']}"))


def test_the_workbook_reads_back_and_no_cell_is_live(april: April, frozen: CaseReview, ask: Ask) -> None:
    book = load_workbook(io.BytesIO(ask("member", path(frozen, "/file?format=xlsx")).get_data()))
    figures, cases = book.worksheets
    whole = {row[2]: row[3] for row in figures.iter_rows(values_only=True) if row[0] == "全部"}
    assert (whole["收到"], whole["逾期未结"], whole["销号用时（中位数）"]) == (10, 1, 3.8)
    assert [row[0] for row in cases.iter_rows(min_row=2, values_only=True)] == sorted(april.cases.values())
    text = "\n".join(str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
    assert not any(words in text for words in ("陈桂芳", "李明贵", "两口子", "三天没亮"))


def test_a_name_that_looks_like_a_formula_stays_text(april: April, ask: Ask) -> None:
    from pointsbank.cases import services as cases
    from pointsbank.core.actor import system
    from tests.reviews.april import APRIL

    run(lambda: cases.add_unit(april.desk.actor("member"), "=1+1组", member_ids=[april.desk.village.users["frank"]]))
    april.at(2, 9, month=5)
    from pointsbank.cases import queries

    unit = next(one.id for one in queries.units(april.desk.village.community).items if one.name == "=1+1组")
    april.do("G", ("member", "assign"), unit_id=unit, handler_id=april.desk.village.users["frank"])
    home = april.desk.village.community
    made = run(lambda: services.make(system(home), home, APRIL))
    assert made is not None
    book = load_workbook(io.BytesIO(ask("member", path(made, "/file?format=xlsx")).get_data()))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert not any(cell.data_type == "f" for cell in cells)
    assert any(cell.value == "'=1+1组" for cell in cells)
    assert not any(value.startswith(("=", "+", "-", "@")) for what in ("figures", "cases")
                   for row in table(ask("member", path(made, f"/file?format=csv&what={what}"))) for value in row)


def test_files_are_for_fewer_people(april: April, frozen: CaseReview, ask: Ask) -> None:
    for who in ("member", "reviewer", "admin", "supervisor"):
        ask(who, path(frozen, "/file"))
    for who in ("grid", *OTHERS):
        ask(who, path(frozen, "/file"), status=403)
    ask("other_member", path(frozen, "/file"), status=404)
    ask("member", path(frozen, "/file?format=csv&what=nonsense"), status=404)


def test_the_sheet_has_no_words_of_people_and_its_hash(april: April, frozen: CaseReview, ask: Ask) -> None:
    sheet = main(ask("member", path(frozen, "/print")))
    assert frozen.hash in sheet
    assert "2026年4月1日" in sheet
    assert not any(words in sheet for words in ("陈桂芳", "两口子", "三天没亮"))


# ── Remarks, corrections ────────────────────────────────────────────────────────────────────────────────────────


def test_a_remark_is_signed_on_the_page(april: April, frozen: CaseReview, ask: Ask) -> None:
    ask("member", path(frozen, "/remarks"), status=303, text="等供电所更换电缆 <b>")
    page = main(ask("reviewer", path(frozen)))
    assert "等供电所更换电缆 &lt;b&gt;" in page
    assert "member · 5月1日 0:15" in page
    assert "签上说明" not in page, "who may not sign gets no form"
    again = ask("member", path(frozen, "/remarks"), status=422, text="短")
    assert "4 到 500 个字" in again.text
    assert "短</textarea>" in again.text, "what was typed is still there"
    ask("reviewer", path(frozen, "/remarks"), status=403, text="有话要说的")
    ask("other_member", path(frozen, "/remarks"), status=404, text="有话要说的")


def test_counting_again_without_a_difference_says_so(april: April, frozen: CaseReview, ask: Ask) -> None:
    ask("member", path(frozen, "/correct"))
    answer = ask("member", path(frozen, "/correct"), status=409, reason="再数一次试试")
    assert "每个数字都一样" in answer.text
    assert "再数一次试试</textarea>" in answer.text
    april.at(2, 9, month=5)
    april.do("G", ("member", "assign"), unit_id=april.squad, handler_id=april.desk.village.users["frank"])
    done = ask("member", path(frozen, "/correct"), status=303, reason="G 归井盖抢修队")
    assert "第 2 版" in ask("member", done.location).text
    assert "以后来的一版为准" in ask("member", path(frozen)).text
    ask("member", path(frozen, "/correct"), status=409, reason="再数一次试试")
    ask("reviewer", path(frozen, "/correct"), status=403)


def test_the_check_of_a_review(april: April, frozen: CaseReview, ask: Ask) -> None:
    assert "没有改动" in ask("member", path(frozen, "?check=1")).text


# ── JSON ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_as_json(april: April, frozen: CaseReview, app: Flask, village: Village) -> None:
    client, headers = app.test_client(), village.bearer(app, "member")
    listed = client.get("/api/v1/case-reviews?kind=monthly", headers=headers).get_json()
    assert [one["id"] for one in listed["items"]] == [frozen.id]
    whole = client.get(f"/api/v1/case-reviews/{frozen.id}", headers=headers).get_json()
    told = {one["code"]: one for one in whole["figures"]}
    assert (told["received"]["value"], told["median"]["value"], told["median"]["unit"]) == (10, 5400, "minutes")
    assert all(one["definition"] for one in whole["figures"])
    assert [one["name"] for one in whole["units"]] == ["井盖抢修队", "物业维修组"]
    signed = client.post(f"/api/v1/case-reviews/{frozen.id}/remarks", headers=headers, json={"text": "等供电所"})
    assert signed.status_code == 201
    assert signed.get_json()["remarks"][0]["by"] == "member"
    refused = client.post(f"/api/v1/case-reviews/{frozen.id}/correct", headers=headers, json={"reason": "再数一次"})
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (409, "reviews.nothing_to_correct")


@pytest.mark.parametrize(("who", "status"), [("alice", 403), ("other_member", 404), ("nobody", 401)])
def test_json_refuses_strangers(april: April, frozen: CaseReview, app: Flask, village: Village, who: str,
                                status: int) -> None:
    headers = {} if who == "nobody" else village.bearer(app, who)
    for tail in ("", "/cases?figure=closed"):
        answer = app.test_client().get(f"/api/v1/case-reviews/{frozen.id}{tail}", headers=headers)
        assert answer.status_code == status


# ── What it costs ───────────────────────────────────────────────────────────────────────────────────────────────


def test_statements_of_the_desks_pages(april: April, frozen: CaseReview, ask: Ask, queries: Any,
                                       village: Village, app: Flask) -> None:
    jobs.make_due()
    client = village.sign_in(app.test_client(), "member")
    shell = "/desk/places"  # the same frame around one statement
    client.get(shell)
    with queries() as frame:
        client.get(shell)
    for address, most in (("/desk/case-reviews", 3), (path(frozen), 8), (path(frozen, "/cases?figure=received"), 6),
                          (path(frozen, "/print"), 4)):
        with queries() as seen:
            assert client.get(address).status_code == 200
        own = [one for one in seen if "problem_case" in one or "case_review" in one]
        assert len(own) <= most, address
        assert len(seen) <= len(frame) + most + 4, address
    with queries() as seen:
        client.get(path(frozen))
    assert not any("problem_case" in one or "case_event" in one for one in seen), "from its frozen rows alone"
