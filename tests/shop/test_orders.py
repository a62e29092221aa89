"""An order from the phone to the counter: what it puts aside, what closes it, and each refusal with its sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from pointsbank.core.actor import Actor
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import DomainError, NotFound
from pointsbank.ledger import queries as book
from pointsbank.notifications.models import InboxMessage
from pointsbank.people.models import User
from pointsbank.shop import queries, services
from pointsbank.shop.jobs import lapse_due
from pointsbank.shop.models import (
    LimitPeriod,
    LimitUse,
    MovementKind,
    Redemption,
    RedemptionState,
    StockLot,
    StockMovement,
)
from pointsbank.shop.services import days, vouchers
from tests.conftest import SettableClock
from tests.shop.conftest import Shop

S = RedemptionState


def refused(code: str, work: Callable[[], object]) -> DomainError:
    """The refusal, after a look that it has its code and a sentence without a hole in it."""
    with pytest.raises(DomainError) as caught, transaction():
        work()
    assert caught.value.code == code
    assert caught.value.sentence
    assert "%(" not in caught.value.sentence
    return caught.value


def lot(lot_id: int) -> StockLot:
    return db.session.scalars(sa.select(StockLot).where(StockLot.id == lot_id)
                              .execution_options(populate_existing=True)).one()


def test_an_order_puts_goods_and_points_aside_and_gives_a_voucher(app: Flask, shop: Shop) -> None:
    with app.app_context():
        redemption = shop.order("alice", shop.rice, 2)
        assert redemption.state is S.RESERVED
        assert (redemption.points, shop.balance("alice")) == (8800, 11_200)
        assert book.held(shop.village.community, shop.home("alice")) == 8800
        assert (lot(shop.lot).on_hand, lot(shop.lot).reserved) == (5, 2)
        assert redemption.pick_up_by == dt.date(2026, 5, 18)
        assert len(redemption.number) == 12
        assert queries.by_voucher(shop.village.community, redemption.spoken_number).id == redemption.id
        address = vouchers.address_of(redemption)
        assert queries.by_voucher(shop.village.community, address).id == redemption.id
        assert vouchers.code_of(redemption) not in redemption.code_hash


def test_handing_over_pays_and_takes_the_goods_off_the_shelf(app: Flask, shop: Shop) -> None:
    with app.app_context():
        redemption = shop.hand_over(shop.order("alice", shop.rice).id)
        assert redemption.state is S.COLLECTED
        assert (lot(shop.lot).on_hand, lot(shop.lot).reserved) == (4, 0)
        assert book.held(shop.village.community, shop.home("alice")) == 0
        assert book.totals(shop.village.community).redeemed == 4400
        assert book.verify(shop.village.community) == []


def test_a_second_scan_shows_when_and_where_the_first_was(app: Flask, shop: Shop, clock: SettableClock) -> None:
    with app.app_context():
        redemption = shop.order("alice", shop.rice)
        clock.forward(minutes=5)
        shop.hand_over(redemption.id)
        clock.forward(hours=3)
        keeper = shop.village.actor("keeper")
        told = refused("shop.already_collected", lambda: services.hand_over(keeper, redemption.id))
        assert "9:05" in told.sentence
        assert "柳荫店" in told.sentence
        assert lot(shop.lot).on_hand == 4


def test_cancelling_returns_the_points_to_the_very_lots(app: Flask, shop: Shop) -> None:
    with app.app_context():
        soon, later = dt.date(2026, 5, 1), dt.date(2026, 12, 31)
        shop.give(shop.home("erin"), 3000, expires_on=soon)
        shop.give(shop.home("erin"), 3000, expires_on=later)
        before = book.lots(shop.village.community, shop.home("erin"), dt.date(2026, 4, 18))
        redemption = shop.order("erin", shop.rice)
        left = book.lots(shop.village.community, shop.home("erin"), dt.date(2026, 4, 18))
        assert [(each.expires_on, each.remaining) for each in left] == [(later, 1600)]
        with transaction():
            services.cancel(shop.village.actor("erin"), redemption.id)
        assert book.lots(shop.village.community, shop.home("erin"), dt.date(2026, 4, 18)) == before
        assert (lot(shop.lot).on_hand, lot(shop.lot).reserved) == (5, 0)


def test_a_cancelled_order_does_not_make_old_points_young(app: Flask, shop: Shop, clock: SettableClock) -> None:
    with app.app_context():
        shop.give(shop.home("erin"), 5000, expires_on=dt.date(2026, 4, 30))
        redemption = shop.order("erin", shop.rice)
        clock.at(2026, 5, 10)
        with transaction():
            services.cancel(shop.village.actor("erin"), redemption.id)
        assert shop.balance("erin") == 0


def test_goods_of_several_lots_leave_with_the_earliest_date_first(app: Flask, shop: Shop) -> None:
    with app.app_context():
        early = shop.receive(shop.rice, 2, expires_on=dt.date(2026, 6, 30)).id
        never = shop.receive(shop.rice, 2).id
        redemption = shop.order("alice", shop.rice, 4)
        taken = {each.id: quantity for each, quantity in queries.lots_of(redemption.id)}
        assert taken == {early: 2, shop.lot: 2}
        with transaction():
            services.cancel(shop.village.actor("alice"), redemption.id)
        assert [lot(i).reserved for i in (early, shop.lot, never)] == [0, 0, 0]


def test_goods_over_their_date_are_not_sold(app: Flask, shop: Shop, clock: SettableClock) -> None:
    with app.app_context():
        clock.at(2026, 10, 1)
        refused("shop.sold_out", lambda: services.order(shop.village.actor("alice"), shop.rice, 1))


def test_out_of_stock_is_told_with_what_is_left(app: Flask, shop: Shop) -> None:
    with app.app_context():
        shop.give(shop.home("alice"), 50_000)
        told = refused("shop.sold_out", lambda: services.order(shop.village.actor("alice"), shop.rice, 6))
        assert "5" in told.sentence
        assert (shop.balance("alice"), lot(shop.lot).reserved) == (70_000, 0)


def test_not_enough_points_is_told_and_nothing_is_put_aside(app: Flask, shop: Shop) -> None:
    with app.app_context():
        refused("ledger.not_enough", lambda: services.order(shop.village.actor("charlie"), shop.rice, 1))
        assert lot(shop.lot).reserved == 0
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Redemption)) == 0


def test_on_a_closed_day_orders_are_taken_and_nothing_is_handed_over(
        app: Flask, shop: Shop, clock: SettableClock) -> None:
    with app.app_context():
        shop.settings(open_days=(19, 29))
        redemption = shop.order("alice", shop.rice)
        told = refused("shop.closed_today", lambda: services.hand_over(shop.village.actor("keeper"), redemption.id))
        assert "19" in told.sentence
        clock.at(2026, 4, 19)
        assert shop.hand_over(redemption.id).state is S.COLLECTED


def test_an_order_waits_until_an_open_day_at_least(app: Flask, shop: Shop, clock: SettableClock) -> None:
    with app.app_context():
        shop.settings(open_days=(9,), pickup_days=3)
        assert shop.order("alice", shop.rice).pick_up_by == dt.date(2026, 5, 9)


def test_a_lapsed_order_gives_back_and_its_voucher_says_so(app: Flask, shop: Shop, clock: SettableClock) -> None:
    with app.app_context():
        redemption = shop.order("alice", shop.rice)
        clock.at(2026, 5, 18, 23, 59)
        assert lapse_due() == {"lapsed": 0}
        clock.at(2026, 5, 19, 0, 1)
        refused("shop.lapsed", lambda: services.hand_over(shop.village.actor("keeper"), redemption.id))
        assert lapse_due() == {"lapsed": 1}
        assert lapse_due() == {"lapsed": 0}
        assert (shop.balance("alice"), lot(shop.lot).reserved) == (20_000, 0)
        refused("shop.lapsed", lambda: services.hand_over(shop.village.actor("keeper"), redemption.id))
        refused("shop.lapsed", lambda: services.cancel(shop.village.actor("alice"), redemption.id))
        told = db.session.scalars(sa.select(InboxMessage).where(
            InboxMessage.resident_id == shop.village.residents["alice"])).all()
        assert [m.link for m in told] == [f"/redemptions/{redemption.id}"]


def test_a_cancelled_voucher_is_refused_at_the_counter(app: Flask, shop: Shop) -> None:
    with app.app_context():
        redemption = shop.order("alice", shop.rice)
        with transaction():
            services.cancel(shop.village.actor("andrew"), redemption.id)
        refused("shop.cancelled", lambda: services.hand_over(shop.village.actor("keeper"), redemption.id))
        refused("shop.cancelled", lambda: services.cancel(shop.village.actor("alice"), redemption.id))


def test_foreign_vouchers_do_not_exist(app: Flask, shop: Shop) -> None:
    with app.app_context():
        redemption = shop.order("alice", shop.rice)
        village = shop.village
        refused("core.not_found", lambda: services.cancel(village.actor("bob"), redemption.id))
        refused("core.not_found", lambda: services.cancel(village.actor("mallory"), redemption.id))
        refused("shop.no_such_voucher", lambda: queries.by_voucher(village.other, redemption.number))
        refused("shop.no_such_voucher", lambda: queries.by_voucher(village.community, "A" * 16))
        swapped = redemption.number[1] + redemption.number[0] + redemption.number[2:]
        if swapped != redemption.number:
            refused("shop.wrong_number", lambda: queries.by_voucher(village.community, swapped))
        for actor in (village.actor("bob"), village.actor("mallory"), village.actor("keeper")):
            with pytest.raises(NotFound):
                queries.redemption(actor, redemption.id, dt.date(2026, 4, 18))


def test_a_voucher_is_good_at_its_own_outlet_only(app: Flask, shop: Shop) -> None:
    with app.app_context():
        boss = shop.village.actor("shop_boss")
        redemption = shop.order("alice", shop.rice)
        with transaction():
            second = services.save_outlet(boss, "桥头店").id
            services.put_keeper(boss, second, shop.village.users["keeper"])
            services.end_keeper(boss, shop.outlet, shop.village.users["keeper"])
        told = refused("shop.other_outlet", lambda: services.hand_over(shop.village.actor("keeper"), redemption.id))
        assert "柳荫店" in told.sentence


def test_where_two_outlets_have_it_one_is_chosen(app: Flask, shop: Shop) -> None:
    with app.app_context():
        boss = shop.village.actor("shop_boss")
        with transaction():
            second = services.save_outlet(boss, "桥头店").id
            services.receive(shop.village.actor("stock"), services.Receipt(second, shop.rice, 3, "purchase"))
        refused("shop.choose_outlet", lambda: services.order(shop.village.actor("alice"), shop.rice, 1))
        with transaction():
            redemption = services.order(shop.village.actor("alice"), shop.rice, 1, outlet_id=second)
        assert redemption.outlet_id == second
        refused("core.not_found",
                lambda: services.order(shop.village.actor("alice"), shop.rice, 1, outlet_id=second + 99))


def test_limits_of_person_and_household_hold_and_are_given_back(app: Flask, shop: Shop) -> None:
    with app.app_context():
        first = shop.order("alice", shop.soap, 2)
        refused("shop.person_limit", lambda: services.order(shop.village.actor("alice"), shop.soap, 1))
        shop.order("andrew", shop.soap, 1)
        refused("shop.household_limit", lambda: services.order(shop.village.actor("andrew"), shop.soap, 1))
        with transaction():
            services.cancel(shop.village.actor("alice"), first.id)
        assert shop.order("andrew", shop.soap, 1).state is S.RESERVED
        used = {row.subject: row.used for row in db.session.scalars(sa.select(LimitUse))}
        home = shop.village.households["2-0317"]
        assert used[f"offer:{shop.soap}/household:{home}"] == 2


def test_a_household_spends_no_more_a_day_than_the_cap(app: Flask, shop: Shop, clock: SettableClock) -> None:
    with app.app_context():
        shop.settings(daily_redeem_cap=6000)
        shop.order("alice", shop.rice)
        refused("shop.daily_cap", lambda: services.order(shop.village.actor("andrew"), shop.soap, 1))
        clock.forward(days=1)
        assert shop.order("andrew", shop.soap).state is S.RESERVED


def test_a_frozen_user_orders_nothing_and_a_lost_phones_voucher_waits(app: Flask, shop: Shop) -> None:
    with app.app_context():
        redemption = shop.order("alice", shop.rice)
        with transaction():
            db.session.execute(sa.update(User).where(User.id == shop.village.users["alice"])
                               .values(frozen_at=redemption.placed_at))
        refused("shop.frozen", lambda: services.order(shop.village.actor("alice"), shop.rice, 1))
        refused("shop.frozen", lambda: services.hand_over(shop.village.actor("keeper"), redemption.id))
        assert lot(shop.lot).on_hand == 5


def test_children_do_not_spend_the_households_points(app: Flask, shop: Shop) -> None:
    from pointsbank.people.models import Resident

    with app.app_context():
        with transaction():
            db.session.execute(sa.update(Resident).where(Resident.id == shop.village.residents["andrew"])
                               .values(born_on=dt.date(2014, 1, 1)))
        refused("ledger.not_enough", lambda: services.order(shop.village.actor("andrew"), shop.soap, 1))
        refused("shop.not_your_wallet", lambda: services.order(
            shop.village.actor("andrew"), shop.soap, 1, owner_key=shop.home("alice")))
        refused("shop.not_your_wallet", lambda: services.order(
            shop.village.actor("bob"), shop.soap, 1, owner_key=shop.home("alice")))


def test_the_head_is_told_when_a_member_spends(app: Flask, shop: Shop) -> None:
    with app.app_context():
        shop.order("andrew", shop.rice)
        told = db.session.scalars(sa.select(InboxMessage)).all()
        assert [m.resident_id for m in told] == [shop.village.residents["alice"]]


def test_ones_own_wallet_pays_where_the_households_does_not_suffice(app: Flask, shop: Shop) -> None:
    with app.app_context():
        own = f"resident:{shop.village.residents['charlie']}"
        shop.give(own, 5000)
        assert shop.order("charlie", shop.rice).owner_key == own


def test_what_is_not_on_offer_is_not_ordered(app: Flask, shop: Shop, clock: SettableClock) -> None:
    with app.app_context():
        boss = shop.village.actor("shop_boss")
        with transaction():
            services.set_offer_state(boss, shop.rice, "paused")
        refused("shop.not_on_offer", lambda: services.order(shop.village.actor("alice"), shop.rice, 1))
        with transaction():
            services.set_offer_state(boss, shop.rice, "open")
            services.save_offer(boss, services.OfferDraft(name="米", price=1, until_on=dt.date(2026, 4, 17)),
                                offer_id=shop.rice)
        refused("shop.not_on_offer", lambda: services.order(shop.village.actor("alice"), shop.rice, 1))
        refused("shop.bad_quantity", lambda: services.order(shop.village.actor("alice"), shop.soap, 0))
        refused("core.not_found", lambda: services.order(shop.village.actor("mallory"), shop.soap, 1))


def test_residents_cancel_only_where_the_community_lets_them(app: Flask, shop: Shop) -> None:
    with app.app_context():
        redemption = shop.order("alice", shop.rice)
        shop.settings(resident_cancel=False)
        refused("shop.not_cancellable", lambda: services.cancel(shop.village.actor("alice"), redemption.id))
        boss = shop.village.actor("shop_boss")
        refused("shop.reason_needed", lambda: services.cancel(boss, redemption.id))
        with transaction():
            services.cancel(boss, redemption.id, "袋子破了")
        assert shop.balance("alice") == 20_000


def test_services_that_are_not_counted_need_no_stock(app: Flask, shop: Shop) -> None:
    with app.app_context():
        redemption = shop.order("alice", shop.haircut, 3)
        assert shop.hand_over(redemption.id).points == 1800
        assert queries.lots_of(redemption.id) == []


def test_goods_taken_back_bring_back_stock_and_points(app: Flask, shop: Shop) -> None:
    with app.app_context():
        redemption = shop.hand_over(shop.order("alice", shop.rice).id)
        refused("shop.not_allowed", lambda: services.take_back(shop.village.actor("keeper"), redemption.id, "坏了"))
        boss = shop.village.actor("shop_boss")
        refused("shop.reason_needed", lambda: services.take_back(boss, redemption.id, " "))
        with transaction():
            services.take_back(boss, redemption.id, "米有虫")
        assert (shop.balance("alice"), lot(shop.lot).on_hand) == (20_000, 5)
        assert book.verify(shop.village.community) == []
        refused("shop.bad_step", lambda: services.take_back(boss, redemption.id, "米有虫"))
        refused("shop.already_collected", lambda: services.hand_over(shop.village.actor("keeper"), redemption.id))


def test_a_passbook_line_is_described(app: Flask, shop: Shop) -> None:
    with app.app_context(), app.test_request_context("/", headers={"Accept-Language": "en"}):
        first, second = shop.order("alice", shop.rice, 2), shop.order("alice", shop.soap)
        shop.hand_over(first.id)
        with transaction():
            services.cancel(shop.village.actor("alice"), second.id)
        told = queries.describe(shop.village.community, [first.key, f"{first.key}/close", f"{second.key}/close",
                                                         "award:5", "redemption:999", "redemption:x"])
        assert told[first.key].title == "爱心大米 10 公斤 × 2"
        assert set(told) == {first.key, f"{first.key}/close", f"{second.key}/close"}
        assert told[f"{second.key}/close"].note
        assert queries.describe(shop.village.other, [first.key]) == {}


def test_each_step_stands_in_the_stock_book(app: Flask, shop: Shop) -> None:
    with app.app_context():
        shop.hand_over(shop.order("alice", shop.rice, 2).id)
        kinds = [m.kind for m in queries.movements(shop.village.community, lot_id=shop.lot).items]
        assert kinds == [MovementKind.COLLECT, MovementKind.RESERVE, MovementKind.RECEIVE]
        assert db.session.scalar(sa.select(sa.func.sum(StockMovement.on_hand_change)).where(
            StockMovement.lot_id == shop.lot)) == 3


def test_windows_of_limits_follow_the_calendar() -> None:
    day = dt.date(2026, 5, 3)
    assert [days.window(p, day) for p in LimitPeriod] == [
        "2026-05-03", "2026-05", "2026-Q2", "2026", "ever"]


def test_the_system_itself_orders_nothing(app: Flask, shop: Shop) -> None:
    with app.app_context():
        refused("core.not_found", lambda: services.order(Actor(user_id=None), shop.rice, 1))
