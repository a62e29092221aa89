"""The stock book: nothing changes a line, two people for what is changed by hand, and the sums always agree."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import DomainError
from pointsbank.ledger import queries as book
from pointsbank.shop import figures, queries, services, triggers
from pointsbank.shop.models import (
    MovementKind,
    Redemption,
    RedemptionState,
    StockCheck,
    StockLot,
    StockMovement,
    StockSource,
)
from tests.shop.conftest import Shop
from tests.shop.test_orders import lot, refused


@pytest.mark.parametrize("change", ["UPDATE stock_movement SET reason = 'x'", "DELETE FROM stock_movement",
                                    "INSERT OR REPLACE INTO stock_movement SELECT * FROM stock_movement",
                                    "TRUNCATE stock_movement CASCADE"])
def test_the_database_itself_refuses_to_change_the_stock_book(app: Flask, shop: Shop, change: str) -> None:
    with app.app_context():
        postgres = db.engine.dialect.name == "postgresql"
        if ("TRUNCATE" in change) != postgres and ("TRUNCATE" in change or "REPLACE" in change):
            return
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), transaction():
            db.session.execute(sa.text(change))


def test_a_line_that_its_kind_does_not_allow_cannot_be_written(app: Flask, shop: Shop) -> None:
    with app.app_context():
        for kind, on_hand, reserved in [("receive", -1, 0), ("collect", -1, 0), ("reserve", 1, 1), ("count", 0, 0),
                                        ("write_off", 1, 0), ("release", 0, 1), ("return", -1, 0), ("gift", 1, 0)]:
            with pytest.raises((sa.exc.IntegrityError, sa.exc.StatementError, LookupError)), transaction():
                db.session.execute(sa.text(
                    "INSERT INTO stock_movement (community_id, lot_id, kind, on_hand_change, reserved_change, reason,"
                    " recorded_at) VALUES (:c, :l, :k, :o, :r, '', '2026-04-18 00:00:00')"),
                    {"c": shop.village.community, "l": shop.lot, "k": kind, "o": on_hand, "r": reserved})


def test_every_trigger_has_its_end() -> None:
    for dialect in ("sqlite", "postgresql"):
        assert triggers.create_statements(dialect)
        assert triggers.drop_statements(dialect)


def test_a_write_off_waits_for_a_second_person(app: Flask, shop: Shop) -> None:
    with app.app_context():
        manager, boss = shop.village.actor("stock"), shop.village.actor("shop_boss")
        with transaction():
            check = services.propose(manager, shop.lot, "write_off", 2, "受潮")
        assert lot(shop.lot).on_hand == 5
        refused("shop.not_allowed", lambda: services.decide(manager, check.id, True))
        refused("shop.not_allowed", lambda: services.decide(shop.village.actor("keeper"), check.id, True))
        with transaction():
            services.decide(boss, check.id, True)
        assert lot(shop.lot).on_hand == 3
        line = db.session.scalars(sa.select(StockMovement).where(StockMovement.kind == MovementKind.WRITE_OFF)).one()
        assert (line.by_user_id, line.second_user_id) == (manager.user_id, boss.user_id)


def test_the_database_refuses_one_person_as_two(app: Flask, shop: Shop) -> None:
    with app.app_context():
        with transaction():
            check = services.propose(shop.village.actor("stock"), shop.lot, "count", 4, "数过")
        with pytest.raises(sa.exc.IntegrityError), transaction():
            db.session.execute(sa.update(StockCheck).values(decided_by_id=check.proposed_by_id))


def test_a_count_posts_the_difference_of_its_own_moment(app: Flask, shop: Shop) -> None:
    with app.app_context():
        with transaction():
            check = services.propose(shop.village.actor("stock"), shop.lot, "count", 4, "少一袋")
        shop.hand_over(shop.order("alice", shop.rice).id)
        with transaction():
            services.decide(shop.village.actor("shop_boss"), check.id, True)
        assert lot(shop.lot).on_hand == 3


def test_what_is_put_aside_is_not_written_off(app: Flask, shop: Shop) -> None:
    with app.app_context():
        shop.order("alice", shop.rice, 4)
        manager, boss = shop.village.actor("stock"), shop.village.actor("shop_boss")
        refused("shop.stock_moved", lambda: services.propose(manager, shop.lot, "write_off", 2, "受潮"))
        with transaction():
            check = services.propose(manager, shop.lot, "write_off", 1, "受潮")
        shop.give(shop.home("bob"), 10_000, key="award:more")
        shop.order("bob", shop.rice)
        refused("shop.stock_moved", lambda: services.decide(boss, check.id, True))
        assert lot(shop.lot).on_hand == 5


@pytest.mark.parametrize(("more", "field"), [
    ({"quantity": 0}, "quantity"), ({"quantity": -5}, "quantity"), ({"unit_value_fen": -1}, "unit_value_fen"),
    ({"source": "donation", "donor": " "}, "donor"), ({"expires_on": dt.date(2026, 4, 17)}, "expires_on"),
    ({"received_on": dt.date(2026, 4, 19)}, "received_on")])
def test_goods_that_make_no_sense_are_not_received(app: Flask, shop: Shop, more: dict[str, object], field: str) -> None:
    with app.app_context():
        receipt = {"outlet_id": shop.outlet, "offer_id": shop.rice, "quantity": 1, "source": "purchase", **more}
        manager = shop.village.actor("stock")
        told = refused("core.invalid", lambda: services.receive(manager, services.Receipt(**receipt)))
        assert field in told.fields


def test_keeping_stock_is_the_managers_alone(app: Flask, shop: Shop) -> None:
    with app.app_context():
        receipt = services.Receipt(shop.outlet, shop.rice, 1, "purchase")
        for who in ("keeper", "shop_boss", "member", "alice"):
            refused("shop.not_allowed", lambda w=who: services.receive(shop.village.actor(w), receipt))  # type: ignore[misc]
        refused("core.not_found", lambda: services.propose(
            shop.village.actor("stock"), 999, "count", 1, "x"))


def test_figures_follow_the_book(app: Flask, shop: Shop) -> None:
    with app.app_context():
        community, today = shop.village.community, dt.date(2026, 4, 18)
        shop.hand_over(shop.order("alice", shop.rice, 2).id)
        shop.order("alice", shop.soap)
        assert figures.stock_value(community) == 3 * 6000 + 30 * 1900
        assert figures.stock_value(community, StockSource.DONATION) == 3 * 6000
        done = figures.settlement(community, today)
        assert [(s.orders, s.points, s.goods_fen) for s in done] == [(1, 8800, 12_000)]
        since = queries.all_redemptions(community).items[-1].placed_at
        assert [p.units for p in figures.popular(community, since)] == [2, 1]
        assert [(m.orders, m.points) for m in figures.months(community, 2)] == [(0, 0), (1, 8800)]
        shop.settings(budget_fen=100_000)
        cover = figures.cover(community, today)
        assert cover.owed_points == 30_000 - 8800
        assert cover.owed_fen == 21_200
        assert cover.budget_fen == 100_000 - 57_000
        assert cover.ratio == pytest.approx(21_200 / (75_000 + 43_000))


STEPS = st.lists(st.tuples(
    st.sampled_from(["receive", "order", "collect", "cancel", "lapse", "return", "write_off", "count", "confirm"]),
    st.integers(0, 6), st.integers(1, 4)), min_size=1, max_size=25)


def step(shop: Shop, kind: str, which: int, quantity: int) -> None:
    """One random step; refusals are answers too, and must leave everything as it was."""
    manager, boss, alice = (shop.village.actor(key) for key in ("stock", "shop_boss", "alice"))
    orders = db.session.scalars(sa.select(Redemption.id).order_by(Redemption.id)).all()
    lots = db.session.scalars(sa.select(StockLot.id).where(StockLot.offer_id == shop.rice).order_by(StockLot.id)).all()
    checks = db.session.scalars(sa.select(StockCheck.id).order_by(StockCheck.id.desc())).all()
    db.session.rollback()
    order, place = (orders[which % len(orders)] if orders else 0), lots[which % len(lots)]
    verbs = {
        "receive": lambda: services.receive(manager, services.Receipt(
            shop.outlet, shop.rice, quantity, "purchase", expires_on=dt.date(2026, 5 + which, 1))),
        "order": lambda: services.order(alice, shop.rice, quantity),
        "collect": lambda: services.hand_over(shop.village.actor("keeper"), order),
        "cancel": lambda: services.cancel(alice, order),
        "lapse": lambda: services.lapse(boss, order, dt.date(2026, 6, 30)),
        "return": lambda: services.take_back(boss, order, "坏了"),
        "write_off": lambda: services.propose(manager, place, "write_off", quantity, "坏了"),
        "count": lambda: services.propose(manager, place, "count", quantity, "数过"),
        "confirm": lambda: services.decide(boss, checks[0] if checks else 0, True),
    }
    with suppress(DomainError):
        run(verbs[kind])


def sums_agree(shop: Shop) -> None:
    """Invariants 12 and 13: the cached numbers are the sums of the lines, each closed order moved its goods once."""
    moved = {row[0]: (int(row[1]), int(row[2])) for row in db.session.execute(sa.select(
        StockMovement.lot_id, sa.func.sum(StockMovement.on_hand_change), sa.func.sum(StockMovement.reserved_change))
        .group_by(StockMovement.lot_id))}
    for each in db.session.scalars(sa.select(StockLot).execution_options(populate_existing=True)):
        assert moved[each.id] == (each.on_hand, each.reserved)
        assert 0 <= each.reserved <= each.on_hand
    orders = db.session.scalars(sa.select(Redemption)).all()
    waiting = sum(r.points for r in orders if r.state is RedemptionState.RESERVED)
    paid = sum(r.points for r in orders if r.state is RedemptionState.COLLECTED)
    assert book.held(shop.village.community, shop.home("alice")) == waiting
    assert book.totals(shop.village.community).redeemed == paid
    assert shop.balance("alice") == 20_000 + 500_000 - waiting - paid
    reserved = sum(each.reserved for each in db.session.scalars(sa.select(StockLot)))
    assert reserved == waiting // 4400
    db.session.rollback()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_stock_book_holds_under_any_order_of_steps(app: Flask, shop: Shop) -> None:
    with app.app_context():
        shop.give(shop.home("alice"), 500_000)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(STEPS)
    def play(steps: list[tuple[str, int, int]]) -> None:
        with app.app_context():
            for kind, which, quantity in steps:
                step(shop, kind, which, quantity)
            sums_agree(shop)

    play()
    with app.app_context():
        assert book.verify(shop.village.community) == []
