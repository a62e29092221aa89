"""Many at once: the last bag goes to exactly one, an order is closed exactly once, and limits hold."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, run, transaction
from pointsbank.ledger import queries as book
from pointsbank.ledger.models import PostedTransfer, TransferKind
from pointsbank.people.models import Household, HouseholdMember, LinkKind, Resident, User, UserResident
from pointsbank.shop import services
from pointsbank.shop.models import LimitUse, Redemption, RedemptionState, StockLot
from tests.conftest import SettableClock
from tests.shop.conftest import Shop
from tests.shop.crowd import Crowd, crowd
from tests.support.village import LONG_AGO

WANTING = 20


@pytest.fixture
def many(app: Flask, shop: Shop, clock: SettableClock) -> Iterator[Crowd]:
    with crowd(app, clock.instant) as made:
        yield made


def neighbours(app: Flask, shop: Shop, count: int) -> list[dict[str, str]]:
    """So many households with points, and the headers of somebody of each."""
    village = shop.village
    with app.app_context():
        for n in range(count):
            with transaction():
                now = house_clock.now()
                person = Resident(community_id=village.community, public_id=f"n-{n}", name=f"邻{n}", created_at=now)
                home = Household(community_id=village.community, number=f"9-{n:04d}", created_at=now)
                user = User(name=f"邻{n}", username=f"n{n}", created_at=now)
                db.session.add_all([person, home, user])
                db.session.flush()
                db.session.add(HouseholdMember(community_id=village.community, household_id=home.id,
                                               resident_id=person.id, relation="户主", is_head=True, since_on=LONG_AGO))
                db.session.add(UserResident(user_id=user.id, resident_id=person.id, kind=LinkKind.SELF, created_at=now))
                village.residents[f"n{n}"], village.users[f"n{n}"] = person.id, user.id
                number = home.id
            shop.give(f"household:{number}", 10_000)
    return [village.bearer(app, f"n{n}") for n in range(count)]


def only_one_left(app: Flask, shop: Shop) -> int:
    """An offer of which there is one."""
    with app.app_context():
        boss = shop.village.actor("shop_boss")
        with transaction():
            offer = services.save_offer(boss, services.OfferDraft(name="最后一袋", price=4400, unit="袋"))
            services.set_offer_state(boss, offer.id, "open")
        shop.receive(offer.id, 1)
        return offer.id


@pytest.mark.slow
def test_the_last_bag_wanted_by_twenty_at_once_goes_to_one(app: Flask, shop: Shop, many: Crowd) -> None:
    offer = only_one_left(app, shop)
    headers = neighbours(app, shop, WANTING)
    answers = many.post([("/api/v1/redemptions", {"offer_id": offer}, each) for each in headers])
    assert Counter(answers) == {(201, ""): 1, (409, "shop.sold_out"): WANTING - 1}
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Redemption)) == 1
        holds = db.session.scalars(sa.select(PostedTransfer.amount)
                                   .where(PostedTransfer.kind == TransferKind.HOLD)).all()
        assert list(holds) == [4400]
        lot = db.session.scalars(sa.select(StockLot).where(StockLot.offer_id == offer)).one()
        assert (lot.on_hand, lot.reserved) == (1, 1)
        assert book.verify(shop.village.community) == []


@pytest.mark.slow
def test_without_the_guard_the_last_bag_would_be_promised_to_twenty(app: Flask, shop: Shop) -> None:
    """The control: the same reading and writing without lock and guard, with everybody reading before anybody
    writes."""
    with app.app_context():
        offer = only_one_left(app, shop)
        lot_id = db.session.scalar(sa.select(StockLot.id).where(StockLot.offer_id == offer))
        db.session.rollback()
    barrier, promised = threading.Barrier(WANTING), []

    def want() -> None:
        with app.app_context():
            def look() -> sa.Row[tuple[int, int]]:
                return db.session.execute(sa.select(StockLot.on_hand, StockLot.reserved)
                                          .where(StockLot.id == lot_id)).one()

            seen = run(look, write=False)
            db.session.remove()
            barrier.wait()
            if seen.on_hand - seen.reserved >= 1:
                run(lambda: db.session.execute(sa.update(StockLot).where(StockLot.id == lot_id)
                                               .values(reserved=seen.reserved + 1)))
                promised.append(1)

    threads = [threading.Thread(target=want) for _ in range(WANTING)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(promised) == WANTING


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_hundred_rounds_of_eight_at_once_succeed_once_each(app: Flask, shop: Shop, many: Crowd) -> None:
    offer = only_one_left(app, shop)
    alice, keeper = shop.village.bearer(app, "alice"), shop.village.bearer(app, "keeper")
    with app.app_context():
        shop.give(shop.home("alice"), 1_000_000)
    for _round in range(100):
        orders = many.post([("/api/v1/redemptions", {"offer_id": offer}, alice)] * 8)
        assert Counter(orders) == {(201, ""): 1, (409, "shop.sold_out"): 7}
        with app.app_context():
            number = db.session.scalar(sa.select(sa.func.max(Redemption.id)))
            db.session.rollback()
        closed = many.post([(f"/api/v1/redemptions/{number}/collect", {}, keeper)] * 8)
        assert Counter(closed) == {(200, ""): 1, (409, "shop.already_collected"): 7}
        with app.app_context():
            shop.receive(offer, 1)
    with app.app_context():
        assert book.totals(shop.village.community).redeemed == 100 * 4400
        assert book.verify(shop.village.community) == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_of_cancelling_and_collecting_at_once_only_one_happens(app: Flask, shop: Shop, many: Crowd) -> None:
    alice, keeper = shop.village.bearer(app, "alice"), shop.village.bearer(app, "keeper")
    with app.app_context():
        shop.receive(shop.rice, 60)
        shop.give(shop.home("alice"), 1_000_000)
    outcomes: Counter[str] = Counter()
    for _round in range(30):
        with app.app_context():
            before = shop.balance("alice")
            order = shop.order("alice", shop.rice).id
        path = f"/api/v1/redemptions/{order}"
        answers = many.post([(f"{path}/cancel", {}, alice), (f"{path}/collect", {}, keeper)] * 4)
        assert sum(status == 200 for status, _code in answers) == 1, answers
        assert all(status in {200, 409} for status, _code in answers), answers
        with app.app_context():
            state = db.session.scalars(sa.select(Redemption.state).where(Redemption.id == order)).one()
            assert before - shop.balance("alice") == (4400 if state is RedemptionState.COLLECTED else 0)
            outcomes[state] += 1
            db.session.rollback()
    with app.app_context():
        assert book.verify(shop.village.community) == []
        lots = db.session.execute(sa.select(sa.func.sum(StockLot.on_hand), sa.func.sum(StockLot.reserved))
                                  .where(StockLot.offer_id == shop.rice)).one()
        assert tuple(lots) == (65 - outcomes[RedemptionState.COLLECTED], 0)


@pytest.mark.slow
def test_a_households_limit_holds_when_all_its_phones_order_at_once(app: Flask, shop: Shop, many: Crowd) -> None:
    alice, andrew = shop.village.bearer(app, "alice"), shop.village.bearer(app, "andrew")
    answers = many.post([("/api/v1/redemptions", {"offer_id": shop.soap}, each) for each in [alice, andrew] * 6])
    assert sum(status == 201 for status, _code in answers) == 3, answers
    assert {code for status, code in answers if status != 201} <= {"shop.person_limit", "shop.household_limit"}
    with app.app_context():
        home = shop.village.households["2-0317"]
        used = db.session.scalar(sa.select(LimitUse.used).where(
            LimitUse.subject == f"offer:{shop.soap}/household:{home}"))
        assert used == 3


@pytest.mark.slow
def test_a_wallet_is_never_spent_twice_by_two_phones(app: Flask, shop: Shop, many: Crowd) -> None:
    with app.app_context():
        shop.receive(shop.rice, 40)
    alice, andrew = shop.village.bearer(app, "alice"), shop.village.bearer(app, "andrew")
    answers = many.post([("/api/v1/redemptions", {"offer_id": shop.rice}, each) for each in [alice, andrew] * 6])
    assert Counter(answers) == {(201, ""): 4, (409, "ledger.not_enough"): 8}
    with app.app_context():
        assert shop.balance("alice") == 20_000 - 4 * 4400
