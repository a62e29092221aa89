"""The demo street on both databases: the book is right, and every page opens to those who may open it."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from pointsbank import demo
from pointsbank.cases.models import Case, Category
from pointsbank.communities.models import Area, AreaKind
from pointsbank.core import clock, tokens
from pointsbank.core.db import db, transaction
from pointsbank.demo.accounts import STAFF
from pointsbank.honours.models import BestMonth, HonourAward, HonourProposal, ServiceCertificate
from pointsbank.ledger import queries as ledger
from pointsbank.patrols.models import Finding, Patrol
from pointsbank.people.models import Resident, SignInSession, User, UserResident
from pointsbank.publicity.models import PublicNotice
from pointsbank.shop.models import Redemption
from tests.conftest import KINDS, Houses

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
WHO = ("nobody", "resident", "duizhang", "shenhe", "weiyuan", "dianzhang", "kuguan", "jianguan", "wangge", "jiedao",
       "admin")


@pytest.fixture(scope="module", params=KINDS)
def street(request: pytest.FixtureRequest, houses: Houses) -> Flask:
    """An application with the whole demo in its database."""
    app = houses.empty(request.param)
    demo.build(app, lambda _percent: None)
    return app


def sign_in(app: Flask, who: str) -> FlaskClient:
    client = app.test_client()
    if who == "nobody":
        return client
    token = tokens.random_token()
    with app.app_context(), transaction():
        home = db.session.scalars(sa.select(Area).where(Area.code == "liuyin")).one()
        resident_id = None
        if who == "resident":
            user_id, resident_id = db.session.execute(
                sa.select(UserResident.user_id, Resident.id).join(Resident, Resident.id == UserResident.resident_id)
                .join(User, User.id == UserResident.user_id)
                .where(Resident.community_id == home.id, User.is_demo)).first() or (0, 0)
        else:
            user_id = db.session.scalars(sa.select(User.id).where(User.username == who)).one()
        db.session.add(SignInSession(token_hash=tokens.digest(token), user_id=user_id, community_id=home.id,
                                     resident_id=resident_id, device="test", created_at=clock.now(),
                                     expires_at=clock.now().replace(year=clock.now().year + 1)))
    with client.session_transaction() as session:
        session["_user_id"] = token
        session["_fresh"] = True
    return client


def addresses(app: Flask) -> list[str]:
    """Every page that can be opened with a GET; ids are taken from the demo's first rows."""
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint.startswith(("static", "bootstrap", "probe")):
            continue
        path = re.sub(r"<int:\w+>", "1", rule.rule)
        if "<" not in path:
            found.append(path)
    return sorted(set(found))


def test_the_book_of_the_demo_is_right(street: Flask) -> None:
    with street.app_context():
        assert ledger.verify(None) == []


def test_the_demo_has_something_on_every_shelf(street: Flask) -> None:
    with street.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).where(Area.kind == AreaKind.COMMUNITY)) == 3
        assert (db.session.scalar(sa.select(sa.func.count(Resident.id))) or 0) > 500
        states = set(db.session.scalars(sa.select(PublicNotice.state.distinct())))
        assert {"published", "closed"} <= {str(s) for s in states}
        assert {"reserved", "collected", "cancelled"} <= {
            str(s) for s in db.session.scalars(sa.select(Redemption.state.distinct()))}
        assert (db.session.scalar(sa.select(sa.func.count(HonourAward.id))) or 0) >= 5
        for model, wanted in ((HonourProposal, {"granted", "proposed"}), (BestMonth, {"decided"}),
                              (ServiceCertificate, {"issued", "requested"}),
                              (Case, {"received", "assigned", "rectifying", "to_inspect", "to_evaluate", "closed"}),
                              (Patrol, {"assigned", "accepted"})):
            assert wanted <= {str(s) for s in db.session.scalars(sa.select(model.state.distinct()))}


def test_what_is_found_on_the_rounds_of_the_demo_is_of_the_kind_that_it_tells_of(street: Flask) -> None:
    from pointsbank.demo.rounds import FINDINGS

    with street.app_context(), transaction():
        found = set(db.session.execute(sa.select(Category.name, Finding.text).join(
            Finding, Finding.category_id == Category.id)).all())
    assert found
    assert {tuple(row) for row in found} <= {(kind, text) for kind, text, _drawing in FINDINGS}


@pytest.mark.parametrize("who", WHO)
def test_no_page_breaks_for_anybody(street: Flask, who: str) -> None:
    client = sign_in(street, who)
    broken, opened = [], 0
    for path in addresses(street):
        try:
            status = client.get(path).status_code
        except Exception as fault:
            broken.append(f"{path}: {fault!r:.200}")
            continue
        opened += status == 200
        if status >= 500:
            broken.append(f"{path}: {status}")
    assert broken == []
    assert opened >= 5


def test_every_sign_in_of_the_demo_exists(street: Flask) -> None:
    with street.app_context():
        names = set(db.session.scalars(sa.select(User.username).where(User.username.is_not(None))))
        assert {s.username for s in STAFF} <= names
        assert len(demo.sign_ins()) > 5


def test_production_refuses_the_demo(street: Flask) -> None:
    from pointsbank.people.queries import has_demo_accounts

    with street.app_context():
        assert has_demo_accounts()


def test_english_pages_show_no_sentence_without_translation(street: Flask) -> None:
    """Chinese on an English page may only be what people wrote: names, titles, places, goods."""
    client = sign_in(street, "resident")
    with client.session_transaction() as session:
        session["locale"] = "en"
    page = client.get("/").get_data(as_text=True)
    assert 'lang="en"' in page
    nav = re.findall(r"<nav.*?</nav>", page, flags=re.S)
    labels = [label for block in nav for label in re.findall(r">([^<>]*[\u4e00-\u9fff][^<>]*)<", block)]
    assert [label for label in labels if label.strip() not in {"柳荫社区", "中文"}] == []
