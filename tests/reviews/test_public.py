"""The page for everybody: what was reported and done; no name, no words, no family matter; the same price for more."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from pointsbank.cases import services as cases
from pointsbank.cases.models import Case, CaseVisibility
from pointsbank.core.db import db, run, transaction
from pointsbank.reviews.models import CaseReview
from pointsbank.reviews.periods import PeriodKind, containing
from pointsbank.reviews.queries import public
from pointsbank.reviews.queries.public import Course, Wanted
from tests.reviews.april import April
from tests.support.village import PEOPLE, Village

Ask = Callable[..., Any]
HERE = "/problems?community=liuyin"
NAMES = [name for name, _home, _head in PEOPLE.values()]
# Words that people of April wrote: reports, the place as it was typed, the steps of staff, kinds of families.
WORDS = ("三天没亮了", "李明贵把灯打坏了", "陈桂芳家对面", "东巷", "情况如上所述", "两口子", "家庭纠纷", "陈*芳",
         "member", "dora")


def main(answer: Any) -> str:
    text = answer.get_data(as_text=True)
    return text[text.index("<main"):text.index("</main>")]


def leaks(text: str) -> list[str]:
    return [words for words in (*WORDS, *NAMES) if words in text]


def numbers(text: str) -> list[int]:
    return [int(found) for found in re.findall(r'href="/problems/(\d+)"', text)]


def test_everybody_sees_what_was_accepted_and_is_public(april: April, frozen: CaseReview, ask: Ask) -> None:
    for who, path in (("nobody", HERE), ("alice", "/problems"), ("mallory", HERE), ("member", "/problems")):
        answer = ask(who, path)
        page = main(answer)
        # C, D, E and K were not taken on, F is a family's matter.
        assert numbers(page) == april.ids("ABGHIJ")[::-1], who
        assert "noindex" in answer.headers["X-Robots-Tag"]
        for words in ("已整改 · 反映人满意", "东门", "用了 6 天", "查实不属实", "2026年4月的数字", "没回话不算满意",
                      "全部类别"):
            assert words in page, words


def test_no_name_no_words_no_family_matter(april: April, frozen: CaseReview, ask: Ask, app: Flask) -> None:
    pages = [HERE, *(f"/problems/{april.cases[letter]}" for letter in "ABGHIJ"), f"{HERE}&place={april.gate}",
             f"{HERE}&course=open", "/api/v1/case-figures?community=liuyin"]
    for path in pages:
        answer = ask("nobody", path)
        text = answer.get_data(as_text=True)
        assert leaks(text) == [], path


def test_the_reader_of_the_pages_would_see_a_leak(april: April, frozen: CaseReview, app: Flask,
                                                  village: Village) -> None:
    """The control: what staff are told of the same cases holds such words."""
    body = app.test_client().get("/api/v1/cases", headers=village.bearer(app, "member")).get_data(as_text=True)
    body = body.encode().decode("unicode_escape") if "\\u" in body else body
    assert {"三天没亮了", "李明贵把灯打坏了", "陈桂芳家对面", "两口子", "家庭纠纷"} <= set(leaks(body))


def test_everybody_takes_the_list_as_a_table(april: April, frozen: CaseReview, ask: Ask) -> None:
    for who, path in (("nobody", "/problems/file?community=liuyin"), ("alice", "/problems/file")):
        answer = ask(who, path)
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
        assert [int(row[0]) for row in rows[1:]] == april.ids("ABGHIJ")[::-1]
        assert leaks(answer.text) == []
        told = dict(zip(rows[0], next(row for row in rows if row[0] == str(april.cases["A"])), strict=True))
        assert told["地点"] == "东门"
        assert told["结果"] == "已整改"
    some = ask("nobody", f"/problems/file?community=liuyin&kind={april.cover}")
    assert len(some.text.splitlines()) == 2
    ask("nobody", "/problems/file", status=404)
    assert "/problems/file?community=liuyin" in main(ask("nobody", HERE))


@pytest.mark.parametrize("letter", list("CDEFK"))
def test_what_is_not_for_everybody_has_no_page(april: April, ask: Ask, letter: str) -> None:
    for who in ("nobody", "alice", "member", "mallory"):
        ask(who, f"/problems/{april.cases[letter]}", status=404)
    ask("nobody", "/problems/999999", status=404)


def test_a_hostile_row_that_says_public_stays_inside_without_acceptance(april: April, ask: Ask) -> None:
    """Somebody makes a kind public afterwards: what nobody accepted still isn't."""
    with transaction():
        kinds = {one.visibility for one in db.session.scalars(sa.select(Case).where(
            Case.id.in_(april.ids("CDEK"))))}
    assert kinds == {CaseVisibility.PUBLIC}
    assert not set(april.ids("CDEK")) & set(numbers(main(ask("nobody", HERE))))
    with pytest.raises(sa.exc.IntegrityError, match="family_never_public"), transaction():
        db.session.execute(sa.update(Case).where(Case.id == april.cases["F"]).values(visibility=CaseVisibility.PUBLIC))


def test_one_case_tells_its_steps_with_days_and_parts(april: April, ask: Ask) -> None:
    page = main(ask("nobody", f"/problems/{april.cases['H']}"))
    for words in ("收到反映", "已立案", "已交办", "待督查", "待评议", "已销号", "4月17日 9:00", "承办单位", "督查",
                  "社区", "报的人"):
        assert words in page, words
    course = page[page.index("办理经过"):]
    assert course.index("4月21日") < course.index("4月15日"), "newest first"
    late = main(ask("mallory", f"/problems/{april.cases['B']}"))
    assert "到时自动" in late
    assert "21 天" in late


def test_filters_and_what_makes_no_sense(april: April, ask: Ask) -> None:
    assert numbers(main(ask("nobody", f"{HERE}&course=open"))) == april.ids("G")
    assert numbers(main(ask("nobody", f"{HERE}&course=closed"))) == april.ids("ABHIJ")[::-1]
    assert numbers(main(ask("nobody", f"{HERE}&kind={april.cover}"))) == april.ids("J")
    assert numbers(main(ask("nobody", f"{HERE}&place={april.gate}"))) == april.ids("AB")[::-1]
    everything = april.ids("ABGHIJ")[::-1]
    for odd in ("kind=999", "kind=x", "course=sideways", f"kind={april.desk.family}"):
        assert numbers(main(ask("nobody", f"{HERE}&{odd}"))) == everything, odd
    assert numbers(main(ask("nobody", f"{HERE}&place={2**40}"))) == everything
    ask("nobody", f"{HERE}&cursor=nonsense", status=422)
    ask("nobody", "/problems?community=nowhere", status=404)
    choice = ask("nobody", "/problems").text
    assert "柳荫社区" in choice
    assert "和平村" in choice
    assert numbers(ask("nobody", "/problems?community=heping").text) == []


def test_the_plan_and_the_list_beside_it_say_the_same(april: April, ask: Ask) -> None:
    page = main(ask("nobody", HERE))
    assert 'fill="#b3261e"' in page
    assert ">2</text>" in page
    assert f'place={april.gate}">东门</a> <b class="pb-n">2 件</b>' in page.replace("&amp;", "&")
    assert "还有 4 件不在图上的地点" in page


def test_photos_that_were_shown_stand_side_by_side_and_no_others(april: April, app: Flask) -> None:
    """A and B have photos; those of A are shown to everybody, with a title for it."""
    member = april.desk.actor("member")
    run(lambda: cases.set_title(member, april.cases["A"], "东门路灯不亮"))
    run(lambda: cases.show_photos(member, april.cases["A"], shown=True))
    db.session.remove()
    page = main(app.test_client().get(HERE))
    assert page.count("/media/") == 4, "each picture and the way to it"
    assert page.index("整改前") < page.index("整改后")
    assert "东门路灯不亮" in page
    key = page.split("/media/")[1].split("/")[0]
    assert app.test_client().get(f"/media/{key}/thumb").status_code == 200
    db.session.remove()
    one = main(app.test_client().get(f"/problems/{april.cases['A']}"))
    assert key in one
    assert "/media/" not in main(app.test_client().get(f"/problems/{april.cases['B']}"))


# ── The figures of the month ────────────────────────────────────────────────────────────────────────────────────


def test_few_are_told_as_few(april: April, frozen: CaseReview, ask: Ask, app: Flask) -> None:
    page = main(ask("nobody", HERE))
    assert "9 件" in page
    assert "少于 5 件" in page
    body = app.test_client().get("/api/v1/case-figures?community=liuyin").get_json()
    told = {one["code"]: (one["value"], one["fewer_than"]) for one in body["figures"]}
    # Of the public cases: F is not among them.
    assert (told["received"], told["accepted"], told["closed"]) == ((9, None), (5, None), (5, None))
    assert (told["on_time"], told["late"], told["overdue"]) == ((None, 5),) * 3
    assert told["suspended"] == (0, None), "F hangs, and nobody is told"
    assert [one["name"] for one in body["kinds"]] == ["井盖松动", "路灯不亮"]
    assert not any(one["value"] and one["value"] < 5 for group in (*body["units"], *body["kinds"])
                   for one in group["figures"] if one["code"] != "median")


def test_before_the_first_month_is_over_there_are_no_figures(april: April, ask: Ask, app: Flask) -> None:
    assert "第一个月过完以后" in main(ask("nobody", HERE))
    assert app.test_client().get("/api/v1/case-figures?community=liuyin").status_code == 404
    assert app.test_client().get("/api/v1/case-figures?community=nowhere").status_code == 404
    assert app.test_client().get("/api/v1/case-figures").status_code == 422


def test_the_screen_in_the_lobby_tells_what_was_put_right_this_month(april: April, ask: Ask) -> None:
    """Few are told as few; what was untrue, is a family's or open again doesn't count, nor does the month before."""
    home, begin = april.desk.village.community, containing(PeriodKind.MONTHLY, dt.date(2026, 4, 1)).begin
    with transaction():
        assert public.put_right(home, begin) == len("ABHJ")
        assert public.put_right(home, begin + dt.timedelta(days=20)) == len("BH")
        assert public.put_right(april.desk.village.other, begin) == 0
    assert "<b>0</b> 件问题本月已整改" in ask("nobody", "/board/liuyin").text, "it is May already"
    april.do("H", ("alice", "reopen"))
    april.at(30, 9)
    page = ask("nobody", "/board/liuyin").text
    assert "<b>少于 5</b> 件问题本月已整改" in page
    assert "只算公开的事件" in page, "what it counts"
    with transaction():
        assert public.put_right(home, begin) == len("ABJ"), "H is open again"


# ── What it costs ───────────────────────────────────────────────────────────────────────────────────────────────


def many(april: April, count: int, **other: Any) -> None:
    """Closed public cases as a table of its own would hold them: without their stories."""
    with transaction():
        case = db.session.get_one(Case, april.cases["A"])
        row = {c.key: getattr(case, c.key) for c in sa.inspect(Case).mapper.column_attrs if c.key != "id"} | other
        db.session.execute(sa.insert(Case), [
            {**row, "opened_at": case.opened_at + dt.timedelta(minutes=n)} for n in range(count)])


def test_statements_of_the_public_pages_do_not_grow(april: April, frozen: CaseReview, app: Flask,
                                                    queries: Any) -> None:
    client = app.test_client()

    def sent(path: str) -> list[str]:
        db.session.remove()  # a request of its own finds nothing that is loaded already
        with queries() as seen:
            assert client.get(path).status_code == 200
        return seen

    for path in (HERE, f"{HERE}&course=open", f"{HERE}&kind={april.desk.lamp}", f"/problems/{april.cases['A']}"):
        assert len(sent(path)) <= 14, path
    few = sent(HERE)
    many(april, 300)
    more = sent(HERE)
    assert len(more) == len(few), [one[:90] + one[-60:] for one in more]
    assert "cursor=" in client.get(HERE).text


def test_every_case_is_on_exactly_one_page(april: April, app: Flask) -> None:
    many(april, 60)
    home = april.desk.village.community
    for wanted in (Wanted(), Wanted(course=Course.CLOSED), Wanted(kind_id=april.desk.lamp)):
        seen, cursor = [], None
        with transaction():
            while True:
                page = public.listed(home, wanted, cursor=cursor)
                seen += [one.id for one in page.items]
                cursor = page.next
                if cursor is None:
                    break
        assert seen == sorted(set(seen), reverse=True)
        assert len(seen) >= 64


@pytest.mark.parametrize(("wanted", "index"), [
    (Wanted(), "ix_problem_case_public_all"), (Wanted(course=Course.OPEN), "ix_problem_case_public_open"),
    (Wanted(kind_id=1), "ix_problem_case_public_kind"), (Wanted(place_id=1), "ix_problem_case_public_place")])
def test_each_list_walks_an_index_of_its_own(april: April, database_kind: str, wanted: Wanted, index: str) -> None:
    many(april, 400)
    many(april, 4000, visibility=CaseVisibility.RESIDENTS)
    home = april.desk.village.community
    with transaction():
        query = public._shown(home, wanted).where(Case.id < 10**6).order_by(Case.id.desc()).limit(21)
        compiled = str(query.compile(db.engine, compile_kwargs={"literal_binds": True}))
        if database_kind == "postgres":
            db.session.execute(sa.text("ANALYZE problem_case"))  # autovacuum does it in a house that is lived in
            db.session.execute(sa.text("SET LOCAL enable_seqscan = off"))
            db.session.execute(sa.text("SET LOCAL enable_bitmapscan = off"))
            db.session.execute(sa.text("SET LOCAL enable_sort = off"))
        prefix = "EXPLAIN QUERY PLAN " if database_kind == "sqlite" else "EXPLAIN "
        plan = "\n".join(str(row) for row in db.session.connection().exec_driver_sql(prefix + compiled))
    assert (index if database_kind == "sqlite" else "ix_problem_case_public_") in plan, plan
    assert not any(words in plan for words in ("TEMP B-TREE", "Sort")), "in the order of the index, not sorted"


def test_the_pins_count_no_more_than_the_newest(april: April) -> None:
    many(april, 300)
    with transaction():
        found = public.pins(april.desk.village.community, Wanted())
    assert sum(found.at.values()) + found.elsewhere == public.ON_THE_MAP
