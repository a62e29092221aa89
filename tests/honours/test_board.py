"""The public board: masked, by league, nobody ranked, nobody under age or unwilling; and what it costs."""

from __future__ import annotations

import datetime as dt
import re
import time
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.core import clock as house_clock
from pointsbank.core.actor import system
from pointsbank.core.db import db, transaction
from pointsbank.honours import services
from pointsbank.honours.models import HonourAward, HonourProposal, ProposalState
from pointsbank.honours.queries import board as boards
from pointsbank.honours.queries import ladders as ladder_queries
from pointsbank.ledger import services as ledger
from pointsbank.ledger.models import Book
from pointsbank.people import services as people
from pointsbank.people.models import Household, HouseholdMember, Resident, ResidentTag
from tests.honours.support import awards, confirm, give, grant_all, hang_out, ladder, over, propose, small
from tests.support.village import LONG_AGO, PEOPLE, Village

NAMES = [name for name, _home, _head in PEOPLE.values()]


def granted(street: Village, clock: Any, *keys: str) -> None:
    ladder(street, small())
    for place, key in enumerate(keys):
        give(street, key, 10 + place * 10, 60)
    grant_all(street, clock)


def shown(street: Village) -> dict[str, dict[str, list[str]]]:
    """league -> step -> masked names, as the board has them."""
    (found,) = boards.stars(street.community, house_clock.today(), house_clock.today().year)
    db.session.rollback()
    return {f"{one.place}{one.name}": {s.name: s.names for s in one.steps} for one in found.leagues}


def test_the_board_shows_masked_names_in_the_order_of_the_names(ask: Any, street: Village, clock: Any) -> None:
    granted(street, clock, "dora", "alice", "bob")
    assert shown(street) == {"0": {"二星": ["李*贵", "陈*芳"], "一星": ["罗*明"]}}
    for key, path in (("nobody", "/honours/board?community=liuyin"), ("alice", "/honours/board"),
                      ("mallory", "/honours/board?community=liuyin"), ("member", "/honours/board")):
        answer = ask(key, path)
        assert "陈*芳" in answer.text
        main = answer.text[answer.text.index("<main"):answer.text.index("</main>")]
        assert not any(name in main for name in NAMES), key
        assert not re.search(r"第 ?\d+ ?名|<ol", main), "no ranks"
        assert "noindex" in answer.headers["X-Robots-Tag"]


def test_without_a_community_a_visitor_chooses_one(ask: Any, street: Village) -> None:
    assert "柳荫社区" in ask("nobody", "/honours/board").text
    ask("nobody", "/honours/board?community=nowhere", status=404)


def test_cadres_and_party_members_never_stand_beside_residents(street: Village, clock: Any) -> None:
    with transaction():
        people.add_tag(street.actor("member"), street.residents["alice"], "党员", dt.date(2026, 1, 1))
        people.add_tag(street.actor("member"), street.residents["bob"], "学生", dt.date(2026, 1, 1))
    granted(street, clock, "dora", "alice", "bob")
    assert shown(street) == {"0": {"二星": ["李*贵"], "一星": ["罗*明"]}, "1": {"二星": ["陈*芳"]}}


def test_a_community_names_its_own_leagues_and_the_first_that_fits_counts(ask: Any, street: Village,
                                                                          clock: Any) -> None:
    with transaction():
        for key, tags in (("alice", ("党员", "干部")), ("bob", ("党员",)), ("dora", ("学生",))):
            for tag in tags:
                people.add_tag(street.actor("member"), street.residents[key], tag, dt.date(2026, 1, 1))
        services.set_leagues(street.actor("second"), [("干部组", ["干部"]), ("先锋组", ["党员"])])
    granted(street, clock, "dora", "alice", "bob", "charlie")
    assert shown(street) == {"0": {"一星": ["罗*明"], "二星": ["周*兰"]}, "1干部组": {"二星": ["陈*芳"]},
                             "2先锋组": {"二星": ["李*贵"]}}
    page = ask("nobody", "/honours/board?community=liuyin").text
    assert "先锋组" in page
    assert not any(tag in page for tag in ("党员", "学生")), "names of leagues, never a tag"


def test_minors_the_unwilling_and_those_who_left_are_not_shown(street: Village, clock: Any) -> None:
    granted(street, clock, "dora", "alice", "bob", "charlie")
    with transaction():
        db.session.execute(sa.update(Resident).where(Resident.id == street.residents["dora"]).values(
            born_on=dt.date(2010, 1, 1)))
        services.show_me(street.actor("alice"), shown=False)
        people.move_out(street.actor("member"), street.residents["bob"])
    assert shown(street) == {"0": {"二星": ["周*兰"]}}
    with transaction():
        services.show_me(street.actor("alice"), shown=True)
        services.show_me(street.actor("alice"), shown=True)
    assert shown(street) == {"0": {"二星": ["周*兰", "陈*芳"]}}


def test_what_was_taken_back_is_not_shown(street: Village, clock: Any) -> None:
    granted(street, clock, "alice")
    award_id = awards()[0].id
    with transaction():
        row = services.propose_revocation(street.actor("member"), award_id, "会议决定撤销", house_clock.today()).id
    with transaction():
        services.decide_revocation(street.actor("second"), row, confirm=True)
    assert shown(street) == {}


def test_a_ladder_by_year_is_shown_year_by_year(ask: Any, street: Village, clock: Any) -> None:
    ladder(street, "yearly")
    give(street, "alice", 12)
    grant_all(street, clock)
    clock.at(2027, 3, 1)
    give(street, "bob", 25)
    confirm(street, propose(street).proposed)
    hang_out(street)
    over(clock)
    page = ask("nobody", "/honours/board?community=liuyin").text
    assert "李*贵" in page
    assert "陈*芳" not in page
    assert "陈*芳" in ask("nobody", "/honours/board?community=liuyin&year=2026").text


# ── Fifteen hundred residents ───────────────────────────────────────────────────────────────────────────────────


def _town(street: Village) -> list[int]:
    """1,500 residents in 500 households, a tenth of them tagged, with hours and points in the book."""
    with transaction():
        homes = db.session.scalars(sa.insert(Household).returning(Household.id), [
            {"community_id": street.community, "number": f"8-{n:04d}", "created_at": house_clock.now()}
            for n in range(500)]).all()
        people_ids = db.session.scalars(sa.insert(Resident).returning(Resident.id), [
            {"community_id": street.community, "public_id": f"t-{n}", "name": f"居民{chr(0x4e00 + n)}",
             "created_at": house_clock.now()} for n in range(1500)]).all()
        db.session.execute(sa.insert(HouseholdMember), [
            {"community_id": street.community, "household_id": homes[n // 3], "resident_id": i, "relation": "户主",
             "is_head": n % 3 == 0, "since_on": LONG_AGO} for n, i in enumerate(people_ids)])
        db.session.execute(sa.insert(ResidentTag), [
            {"community_id": street.community, "resident_id": i, "tag": "党员", "since_on": LONG_AGO}
            for i in people_ids[::10]])
    for book, amount in ((Book.MINUTES, 900), (Book.HONOUR, 6000)):
        with transaction():
            given = [ledger.Award(f"resident:{i}", amount, f"town:{book}:{i}", None, book) for i in people_ids]
            ledger.post(street.community, ledger.award_transfers(street.community, given), house_clock.today())
    return list(people_ids)


def _grant_all_of(street: Village, ids: list[int]) -> None:
    """What a notice would have let through, put in as rows."""
    (found,) = ladder_queries.in_force(street.community, house_clock.today())
    with transaction():
        services.propose(system(street.community), street.community)
        db.session.execute(sa.text(
            "INSERT INTO public_notice (community_id, kind, state, year, number, title, subject_key, standard_label, "
            "resolution, days, opens_at, closes_at, made_by_id, made_at, published_by_id, line_count, total) VALUES "
            "(:c, 'awards', 'closed', 2026, 900, 'x', '', '', '', 7, :a, :b, :m, :a, :s, 0, 0)"),
            {"c": street.community, "a": house_clock.now(), "b": house_clock.now() + dt.timedelta(days=7),
             "m": street.users["member"], "s": street.users["second"]})
        notice_id = db.session.scalar(sa.text("SELECT max(id) FROM public_notice"))
        db.session.execute(sa.update(HonourProposal).values(
            state=ProposalState.GRANTED, decided_by_id=street.users["member"], notice_id=notice_id))
        rows = db.session.scalars(sa.select(HonourProposal)).all()
        db.session.execute(sa.insert(HonourAward.__table__), [
            {"community_id": street.community, "year": 2026, "number": n, "proposal_id": p.id,
             "resident_id": p.resident_id, "ladder_id": found.id, "step_id": p.step_id, "series": 1, "level": p.level,
             "period_key": p.period_key, "ladder_title": found.title, "step_name": "一星", "minutes": p.minutes,
             "honour": p.honour, "notice_id": notice_id, "granted_on": house_clock.today(),
             "granted_at": house_clock.now()} for n, p in enumerate(rows, 1)])
    assert len(rows) == len(ids)


@pytest.mark.slow
def test_fifteen_hundred_residents_cost_no_more_statements(ask: Any, street: Village, clock: Any,
                                                           queries: Any) -> None:
    """The board, one's own page, the desk with its proposals, and the nightly look: a fixed number of statements."""
    ladder(street, small())
    give(street, "alice", 10)
    pages = (("nobody", "/honours/board?community=liuyin", 16), ("alice", "/honours", 32),
             ("member", "/desk/honours", 34))
    for key, path, _most in pages:
        ask(key, path)
    few = {}
    for key, path, _most in pages:
        with queries() as seen:
            ask(key, path)
        few[path] = len(seen)
    ids = _town(street)
    with queries() as seen:
        started = time.monotonic()
        with transaction():
            found = services.propose(system(street.community), street.community)
        took = time.monotonic() - started
    assert len(found.proposed) == 1501
    assert len(seen) <= 16, "rows go in by five hundred"
    assert took < 20
    with queries() as seen:
        page = ask("member", "/desk/honours")
    assert len(seen) <= 34
    assert page.text.count('name="proposal"') == 50, "a page of it"
    with transaction():
        db.session.execute(sa.delete(HonourProposal))
    with transaction():
        db.session.execute(sa.update(Resident).where(Resident.id == street.residents["alice"]).values(
            left_on=house_clock.today()))
    _grant_all_of(street, ids)
    with transaction():
        db.session.execute(sa.update(Resident).where(Resident.id == street.residents["alice"]).values(left_on=None))
    for key, path, most in pages:
        with queries() as seen:
            answer = ask(key, path)
        assert len(seen) <= most, (path, len(seen), few[path])
        assert len(seen) <= few[path] + 3, (path, len(seen), few[path])
        if key == "nobody":
            assert answer.text.count("居*") == 1500
            assert "居民" not in re.sub(r"<h3.*?</h3>", "", answer.text), "masked, every one"
