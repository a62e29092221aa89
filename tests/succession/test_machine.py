"""Any sequence of lives, deaths and business, on both databases, against a community kept in plain dictionaries."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pointsbank.communities import services as communities
from pointsbank.communities.models import Area, AreaKind
from pointsbank.core import clock
from pointsbank.core.actor import Actor, Grant, system
from pointsbank.core.db import db, run
from pointsbank.ledger import queries as book
from pointsbank.ledger import services as ledger
from pointsbank.ledger.errors import NotEnough, StillHeld
from pointsbank.people import services as people
from pointsbank.people.models import HouseholdMember, User
from pointsbank.people.roles import Role
from pointsbank.succession import services
from pointsbank.succession.models import ChangeKind, HouseholdChange, ShareMode
from pointsbank.succession.plans import Wish, household_key, remainder_key, resident_key
from tests.succession.ledgerbook import Life

START = dt.datetime(2026, 4, 18, 1, tzinfo=dt.UTC)
LEAVER_DAYS, HEIR_DAYS = 30, 50
numbers = itertools.count(1)
NEVER = ledger.NEVER
RARELY = st.sampled_from([False, False, False, True])


class Machine(RuleBasedStateMachine):
    """Rules do the same through the services and to the dictionaries; after each step both are compared."""

    app: Flask

    @initialize(keeps=st.booleans())
    def found_the_community(self, keeps: bool) -> None:
        self.now = START
        self.fixed = clock.fixed(lambda: self.now)
        self.fixed.__enter__()
        self.keeps = keeps
        self.keys = itertools.count(1)
        self.doors = itertools.count(100)
        self.awards: dict[str, tuple[str, int, dt.date]] = {}
        self.orders: dict[str, tuple[str, int, dict[dt.date, int]]] = {}
        self.collected: list[str] = []
        self.life = Life()
        self.swept: set[Any] = set()
        self.do(self._found)
        for owner in self.owners():
            for days in (20, 60, None) if owner.startswith("household") else (None, 200):
                self.give(owner, 101 + 7 * next(self.keys), days)
        for owner in self.owners()[1::4]:  # some have spent what is then taken back: they owe it
            self.buy(owner, sum(self.life.live(owner, self.today).values()), at_once=True)
            self.take_back(next(key for key, award in self.awards.items() if award[0] == owner))

    def _found(self) -> None:
        code = f"machine-{next(numbers)}"
        area = Area(kind=AreaKind.COMMUNITY, code=code, name=code, path=code, settings={}, created_at=START)
        db.session.add(area)
        db.session.flush()
        area.path, area.community_id = f"{area.id}.", area.id
        self.community = area.id
        communities.update_settings(system(area.id), area.id, {
            "leaver_points": "keep" if self.keeps else "pass", "leaver_days": LEAVER_DAYS, "heir_days": HEIR_DAYS})
        self.office = []
        for name in ("one", "two"):
            user = User(name=name, username=f"{code}-{name}", created_at=START)
            db.session.add(user)
            db.session.flush()
            self.office.append(Actor(user_id=user.id, community_id=area.id, area_path=area.path, name=name,
                                     grants=(Grant(Role.COMMITTEE_MEMBER, area.id, area.path),)))
        for door, size in enumerate((4, 3, 2, 1), 1):
            home = people.found_household(self.office[0], str(door)).id
            self.life.homes[home], self.life.heads[home] = [], None
            for place in range(size):
                person = people.add_resident(self.office[0], name=f"p{door}{place}", household_id=home,
                                             is_head=place == 0, since_on=dt.date(2026, 1, 1)).id
                self.life.homes[home].append(person)
                self.life.heads[home] = self.life.heads[home] or person

    def teardown(self) -> None:
        if hasattr(self, "community"):
            self.now += dt.timedelta(days=1)
            with self.app.app_context():
                faults = book.verify(self.community)
                db.session.rollback()
            assert [f"{f.code} {f.row} {f.text}" for f in faults] == []
            self.fixed.__exit__(None, None, None)

    def do(self, work: Any) -> Any:
        with self.app.app_context():
            return run(work)

    @property
    def today(self) -> dt.date:
        return clock.today()

    def post(self, build: Any) -> None:
        self.do(lambda: ledger.post(self.community, build(), self.today))

    # ── Cases ───────────────────────────────────────────────────────────────────────────────────────────────────

    def case(self, kind: ChangeKind, givers: list[str], **values: Any) -> HouseholdChange | None:
        """Proposed and confirmed; None where an order of a giver waits, which refuses it."""
        wish = Wish(kind, self.today, "reason", **values)

        def work() -> HouseholdChange:
            change = services.propose(self.office[0], wish)
            return services.confirm(self.office[1], change.id)

        if any(self.life.held[giver] for giver in givers):
            with pytest.raises(StillHeld):
                self.do(work)
            return None
        done: HouseholdChange = self.do(work)
        return done

    def undo(self, done: HouseholdChange, before: Life, emptied: dict[str, str] | None = None) -> None:
        """Taken back at once, all is as before; what still comes to a passbook that was ``emptied`` goes on."""
        self.case(ChangeKind.UNDO, [], undoes_id=done.id)
        self.life = before
        for giver, owner in (emptied or {}).items():
            self.life.heirs[giver] = (owner, None)

    def stay_head(self, home: int, goers: list[int]) -> int | None:
        """Somebody has to be named where the head goes, or was missing."""
        stayers = [p for p in self.life.homes[home] if p not in goers]
        return None if self.life.heads[home] in stayers else stayers[0] if stayers else None

    @rule(data=st.data(), what=st.sampled_from(["split", "split", "merge", "move", "join"]), undo=RARELY)
    def change_a_household(self, data: Any, what: str, undo: bool) -> None:
        getattr(self, what)(data, undo)

    @rule(data=st.data(), what=st.sampled_from(["leave", "come_back", "die"]), undo=RARELY)
    def somebody_goes_or_comes(self, data: Any, what: str, undo: bool) -> None:
        getattr(self, what)(data, undo)

    def split(self, data: Any, undo: bool) -> None:
        mode, share = data.draw(st.sampled_from(list(ShareMode))), data.draw(st.integers(0, 100))
        large = [h for h, members in self.life.homes.items() if len(members) > 1]
        if not large:
            return
        home = data.draw(st.sampled_from(large))
        members = self.life.homes[home]
        goers = data.draw(st.lists(st.sampled_from(members), min_size=1, max_size=len(members) - 1, unique=True))
        key, before = household_key(home), self.life.copy()
        if mode is ShareMode.POINTS:
            share = min(share, sum(self.life.live(key, self.today).values()))
        stay = self.stay_head(home, goers)
        done = self.case(ChangeKind.SPLIT, [key], household_id=home, resident_ids=tuple(goers), head_id=goers[0],
                         stay_head_id=stay, number=str(next(self.doors)), share_mode=mode, share=share)
        if done is None:
            return
        new = done.other_household_id or 0
        part, whole = (share, 100) if mode is ShareMode.PERCENT else (len(goers), len(members))
        self.life.homes[new], self.life.heads[new] = [], goers[0]
        self.life.bequeath(key, household_key(new), self.today, part=part, whole=whole,
                           exact=share if mode is ShareMode.POINTS else None, closes=False)
        for person in goers:
            self.life.go(person, new)
        self.life.heads[home] = stay or self.life.heads[home]
        if undo:
            self.undo(done, before, {household_key(new): household_key(home)})

    def merge(self, data: Any, undo: bool) -> None:
        if len(self.life.homes) < 2:
            return
        home, into = data.draw(st.lists(st.sampled_from(sorted(self.life.homes)), min_size=2, max_size=2, unique=True))
        before = self.life.copy()
        done = self.case(ChangeKind.MERGE, [household_key(home)], household_id=home, into_id=into)
        if done is None:
            return
        self.life.bequeath(household_key(home), household_key(into), self.today)
        for person in list(self.life.homes[home]):
            self.life.go(person, into)
        del self.life.homes[home]
        if undo:
            self.undo(done, before)

    def move(self, data: Any, undo: bool) -> None:
        if self.life.homes:
            home = data.draw(st.sampled_from(sorted(self.life.homes)))
            done = self.case(ChangeKind.MOVE, [], household_id=home, number=str(next(self.doors)))
            if undo and done is not None:
                self.undo(done, self.life)

    def leave(self, data: Any, undo: bool) -> None:
        everybody = data.draw(RARELY)
        homes = [h for h, members in self.life.homes.items() if members and self.life.heads[h] is not None]
        if not homes:
            return
        home = data.draw(st.sampled_from(homes))
        members = self.life.homes[home]
        goers = list(members) if everybody else [data.draw(st.sampled_from(members))]
        whole = len(goers) == len(members)
        keeps, key, before = whole or self.keeps, household_key(home), self.life.copy()
        stay, holder = self.stay_head(home, goers), self.life.heads[home] or 0
        done = self.case(ChangeKind.LEAVE, [*map(resident_key, goers), *([key] if whole else [])], household_id=home,
                         resident_ids=tuple(goers), stay_head_id=stay)
        if done is None:
            return
        days = LEAVER_DAYS if keeps else None
        for person in goers if keeps else []:
            self.life.heirs.pop(remainder_key(person), None)
        for person in goers:
            self.life.bequeath(resident_key(person), remainder_key(person) if keeps else key, self.today, days=days)
            self.life.go(person, None)
            self.life.gone[person] = "left"
        if whole:
            self.life.bequeath(key, remainder_key(holder), self.today, days=days)
            del self.life.homes[home]
        else:
            self.life.heads[home] = stay or self.life.heads[home]
        if undo:
            self.undo(done, before, {remainder_key(p): resident_key(p) for p in goers if keeps})

    def come_back(self, data: Any, _undo: bool) -> None:
        founds = data.draw(st.booleans())
        left = sorted(p for p, how in self.life.gone.items() if how == "left")
        if not left or not (founds or self.life.homes):
            return
        person = data.draw(st.sampled_from(left))
        into = None if founds else data.draw(st.sampled_from(sorted(self.life.homes)))
        done = self.case(ChangeKind.RETURN, [remainder_key(person)], resident_ids=(person,), into_id=into,
                         number=str(next(self.doors)) if founds else "")
        if done is None:
            return
        del self.life.gone[person]
        self.life.heirs.pop(resident_key(person), None)
        self.life.bequeath(remainder_key(person), resident_key(person), self.today)
        home = done.other_household_id or 0
        if founds:
            self.life.homes[home], self.life.heads[home] = [], person
        self.life.go(person, home)

    def die(self, data: Any, undo: bool) -> None:
        named = data.draw(st.booleans())
        here = sorted(p for members in self.life.homes.values() for p in members)
        if len(here) < 2:
            return
        person, heir = data.draw(st.lists(st.sampled_from(here), min_size=2, max_size=2, unique=True))
        home = self.life.home_of(person) or 0
        key, before = household_key(home), self.life.copy()
        last = len(self.life.homes[home]) == 1
        stay = None if last else self.stay_head(home, [person])
        to = resident_key(heir) if named else remainder_key(person) if last else key
        days = HEIR_DAYS if last and not named else None
        done = self.case(ChangeKind.DEATH, [resident_key(person), *([key] if last else [])], household_id=home,
                         resident_ids=(person,), stay_head_id=stay, heir_id=heir if named else None)
        if done is None:
            return
        if to == remainder_key(person):
            self.life.heirs.pop(to, None)
        self.life.bequeath(resident_key(person), to, self.today, days=days)
        self.life.go(person, None)
        self.life.gone[person] = "dead"
        if last:
            self.life.bequeath(key, to, self.today, days=days)
            del self.life.homes[home]
        else:
            self.life.heads[home] = stay or self.life.heads[home]
        if undo:
            self.undo(done, before, {to: resident_key(person)} if to == remainder_key(person) else None)

    def join(self, data: Any, _undo: bool) -> None:
        """Somebody marries into another household: no case, no points."""
        here = sorted(p for members in self.life.homes.values() for p in members)
        if here:
            person = data.draw(st.sampled_from(here))
            home = data.draw(st.sampled_from(sorted(self.life.homes)))
            if home != self.life.home_of(person):
                self.do(lambda: people.join_household(self.office[0], person, home))
                self.life.go(person, home)

    # ── Business ────────────────────────────────────────────────────────────────────────────────────────────────

    def owners(self) -> list[str]:
        """Everybody who could ever be given something, closed passbooks and the dead among them."""
        homes = {*self.life.homes, *(int(o.partition(":")[2]) for o in self.life.heirs if o.startswith("household"))}
        everybody = {*self.life.gone, *(p for members in self.life.homes.values() for p in members)}
        return sorted([*map(household_key, homes), *map(resident_key, everybody)])

    @rule(data=st.data(), amount=st.integers(1, 900), days=st.sampled_from([0, 5, 20, 60, 200, None]))
    def award(self, data: Any, amount: int, days: int | None) -> None:
        self.give(data.draw(st.sampled_from(self.owners())), amount, days)

    def give(self, owner: str, amount: int, days: int | None) -> None:
        key = f"award:{next(self.keys)}"
        day = NEVER if days is None else self.today + dt.timedelta(days)
        self.post(lambda: ledger.award_transfers(self.community, [ledger.Award(owner, amount, key, day)]))
        self.awards[key] = (owner, amount, day)
        self.life.issued += amount
        self.life.arrive(owner, amount, day, self.today, earned=True)

    @precondition(lambda self: self.awards)
    @rule(data=st.data())
    def take_an_award_back(self, data: Any) -> None:
        self.take_back(data.draw(st.sampled_from(sorted(self.awards))))

    def take_back(self, key: str) -> None:
        owner, amount, day = self.awards.pop(key)
        self.post(lambda: ledger.reversal_transfers(self.community, [key]))
        self.life.reverse(owner, amount, day, self.today)

    @rule(data=st.data(), amount=st.integers(1, 400), at_once=st.booleans())
    def spend(self, data: Any, amount: int, at_once: bool) -> None:
        self.buy(self.life.last(data.draw(st.sampled_from(self.owners())))[0], amount, at_once=at_once)

    def buy(self, owner: str, amount: int, *, at_once: bool) -> None:
        key = f"redemption:{next(self.keys)}"
        taken = self.life.take(owner, amount, self.today)
        hold = lambda: ledger.hold_transfers(self.community, [ledger.Hold(owner, amount, key)])  # noqa: E731
        if taken is None:
            with pytest.raises(NotEnough):
                self.post(hold)
            return
        self.post(hold)
        self.life.held[owner] += amount
        self.orders[key] = (owner, amount, taken)
        if at_once:
            self.close(key, collect=True)

    def close(self, key: str, *, collect: bool) -> None:
        owner, amount, taken = self.orders[key]
        build = ledger.collect_transfers if collect else ledger.release_transfers
        self.post(lambda: build(self.community, [key]))
        self.life.held[owner] -= amount
        if collect:
            self.life.spent += amount
            self.collected.append(key)
            return
        del self.orders[key]
        for day, part in taken.items():
            self.life.arrive(owner, part, day, self.today, earned=False)

    @rule(data=st.data(), collect=st.booleans())
    def close_an_order(self, data: Any, collect: bool) -> None:
        waiting = sorted(set(self.orders) - set(self.collected))
        if waiting:
            self.close(data.draw(st.sampled_from(waiting)), collect=collect)

    @precondition(lambda self: self.collected)
    @rule(data=st.data())
    def bring_goods_back(self, data: Any) -> None:
        key = data.draw(st.sampled_from(self.collected))
        self.collected.remove(key)
        owner, amount, taken = self.orders.pop(key)
        self.post(lambda: [*ledger.reversal_transfers(self.community, [f"{key}/close"], "/returned"),
                           *ledger.reversal_transfers(self.community, [key], "/returned")])
        self.life.spent -= amount
        for day, part in taken.items():
            self.life.arrive(owner, part, day, self.today, earned=False)

    @rule()
    def expire(self) -> None:
        self.post(lambda: ledger.expiry_transfers(self.community, self.today))
        for owner, lots in self.life.lots.items():
            for day in [d for d in lots if d < self.today and lots[d]]:
                if (owner, day, self.today) not in self.swept:
                    self.swept.add((owner, day, self.today))
                    self.life.expired += lots[day]
                    lots[day] = 0

    @rule(days=st.sampled_from([1, 7, 40]))
    def time_passes(self, days: int) -> None:
        self.now += dt.timedelta(days=days)

    # ── What must always hold ───────────────────────────────────────────────────────────────────────────────────

    @invariant()
    def passbooks_and_households_are_as_in_the_dictionaries(self) -> None:
        if not hasattr(self, "community"):
            return
        lots, held, debts, members = self.do(self.stored)
        mine = {o: {day: a for day, a in own.items() if a} for o, own in self.life.lots.items()}
        assert lots == {o: own for o, own in mine.items() if own}
        assert held == {o: a for o, a in self.life.held.items() if a}
        assert debts == {o: a for o, a in self.life.debts.items() if a}
        assert members == {p: h for h, people_ in self.life.homes.items() for p in people_}
        owed, aside = sum(debts.values()), sum(held.values())
        assert self.life.issued - self.life.reversed == (
            self.life.left() + self.life.spent + self.life.expired + aside - owed)

    def stored(self) -> Any:
        values = {"c": self.community}
        lots: dict[str, dict[dt.date, int]] = {}
        for owner, day, left in db.session.execute(sa.text(
                "SELECT owner_key, expires_on, remaining FROM lot JOIN points_account a ON a.id = account_id"
                " WHERE community_id = :c AND remaining > 0"), values):
            lots.setdefault(owner, {})[dt.date.fromisoformat(str(day))] = left
        sums: dict[str, dict[str, int]] = {"held": {}, "debt": {}}
        for owner, kind, balance in db.session.execute(sa.text(
                "SELECT owner_key, kind, balance FROM points_account WHERE community_id = :c"
                " AND kind IN ('held', 'debt') AND balance <> 0"), values):
            sums[kind][owner] = abs(balance)
        rows = db.session.execute(sa.select(
            HouseholdMember.resident_id, HouseholdMember.household_id, HouseholdMember.since_on,
            HouseholdMember.until_on).where(HouseholdMember.community_id == self.community)
            .order_by(HouseholdMember.resident_id, HouseholdMember.since_on)).all()
        for one, two in itertools.pairwise(rows):
            assert one[0] != two[0] or (one[3] is not None and one[3] <= two[2])
        return lots, sums["held"], sums["debt"], {r[0]: r[1] for r in rows if r[3] is None}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_any_sequence_of_lives_gives_the_passbooks_that_dictionaries_give(app: Flask) -> None:
    machine = type("MachineHere", (Machine,), {"app": app})
    run_state_machine_as_test(machine, settings=settings(
        max_examples=16, stateful_step_count=30, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink)))
