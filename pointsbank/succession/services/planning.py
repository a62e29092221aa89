"""From what is asked for to what it comes to. Reads only, and refuses what can't be; for preview and for real."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pointsbank.communities import settings
from pointsbank.communities.settings import CommunitySettings, LeaverPolicy
from pointsbank.core import clock
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Invalid, NotFound, lazy
from pointsbank.ledger import services as ledger
from pointsbank.ledger.services import Bequest
from pointsbank.people import listing
from pointsbank.people import queries as people
from pointsbank.people.models import Household, HouseholdMember, Resident
from pointsbank.people.services.households import check_area, clean_number
from pointsbank.succession.errors import NothingWaits, ReasonNeeded, WrongDay, WrongHousehold, WrongPerson
from pointsbank.succession.models import ChangeKind, ChangeState, HouseholdChange, ShareMode
from pointsbank.succession.plans import (
    NEW,
    Act,
    Inheritance,
    Plan,
    Step,
    Wish,
    household_key,
    remainder_key,
    resident_key,
)
from pointsbank.succession.services.undoing import plan_undo


@dataclass(frozen=True)
class _Home:
    """A household as it stands while a case is planned."""

    household: Household
    members: Sequence[HouseholdMember]

    @property
    def key(self) -> str:
        return household_key(self.household.id)

    @property
    def ids(self) -> list[int]:
        return [m.resident_id for m in self.members]

    @property
    def head(self) -> HouseholdMember | None:
        return next((m for m in self.members if m.is_head), None)

    def member(self, resident_id: int | None, field: str, among: Sequence[int] | None = None) -> HouseholdMember:
        """The member of this id. Raises WrongPerson with the field's name."""
        wanted = self.ids if among is None else among
        found = next((m for m in self.members if m.resident_id == resident_id and m.resident_id in wanted), None)
        if found is None:
            raise WrongPerson(fields={field: lazy("Choose somebody of this household.")})
        return found

    def grown(self, resident_ids: Sequence[int]) -> list[int]:
        today = clock.today()
        return [m.resident_id for m in self.members if m.resident_id in resident_ids and not m.resident.is_minor(today)]


class _Planner:
    """One community on one day."""

    def __init__(self, community_id: int) -> None:
        self.community_id = community_id
        self.today = clock.today()

    @property
    def settings(self) -> CommunitySettings:
        return settings.of(self.community_id)

    def home(self, household_id: int | None, field: str = "household_id") -> _Home:
        household = get_scoped(Household, household_id or 0, self.community_id)
        if household.closed_on is not None:
            raise WrongHousehold(fields={field: WrongHousehold.message})
        return _Home(household, people.present_members(self.community_id, household.id))

    def resident(self, resident_id: int | None, field: str = "resident_ids") -> Resident:
        try:
            found = people.resident(self.community_id, resident_id or 0)
        except NotFound:
            raise WrongPerson(fields={field: WrongPerson.message}) from None
        if found.erased_at is not None:
            raise WrongPerson(fields={field: WrongPerson.message})
        return found

    def check_since(self, members: Sequence[HouseholdMember], on: dt.date) -> None:
        """The day isn't before anybody of them came."""
        if any(m.since_on > on for m in members):
            raise WrongDay(fields={"on": lazy("On this day not all of them belonged to this household yet.")})

    # ── Divided, joined, moved, a new head ──────────────────────────────────────────────────────────────────────

    def split(self, wish: Wish) -> Plan:
        home = self.home(wish.household_id)
        goers = [home.member(r, "resident_ids").resident_id for r in dict.fromkeys(wish.resident_ids)]
        stayers = [r for r in home.ids if r not in goers]
        if not goers or not stayers:
            raise Invalid(fields={"resident_ids": lazy("Choose who goes; at least one has to stay.")})
        self.check_since(home.members, wish.on)
        head = home.member(wish.head_id, "head_id", home.grown(goers))
        number, area_id = self._new_door(wish)
        steps = [Step(Act.FOUND, NEW, number=number, area_id=area_id)]
        for member in sorted((home.member(r, "resident_ids") for r in goers), key=lambda m: m.id != head.id):
            steps.append(_join(member, NEW, is_head=member.id == head.id))
        steps += self._new_head(home, stayers, wish.stay_head_id)
        part, whole, exact = _share(wish, len(goers), len(home.ids))
        return Plan(wish, tuple(steps), (Bequest(home.key, household_key(NEW), part, whole, exact,
                                                 books=ledger.HOUSE_BOOKS),),
                    household_id=home.household.id, other_id=NEW, resident_ids=tuple(home.ids))

    def merge(self, wish: Wish) -> Plan:
        home, into = self.home(wish.household_id), self.home(wish.into_id, "into_id")
        if home.household.id == into.household.id:
            raise WrongHousehold(fields={"into_id": lazy("This is the same household. Choose the other one.")})
        self.check_since(home.members, wish.on)
        steps = [_join(m, into.household.id) for m in home.members]
        steps.append(Step(Act.CLOSE, home.household.id, number=home.household.number))
        return Plan(wish, tuple(steps), (Bequest(home.key, into.key, closes=True, books=ledger.HOUSE_BOOKS),),
                    household_id=home.household.id, other_id=into.household.id,
                    resident_ids=(*home.ids, *into.ids))

    def move(self, wish: Wish) -> Plan:
        home = self.home(wish.household_id)
        was = home.household
        number, area_id = clean_number(wish.number or was.number), wish.area_id or None
        if (number, area_id) == (was.number, was.area_id):
            raise Invalid(fields={"number": lazy("Number and building are the old ones. What changes?")})
        if number != was.number:
            self._new_door(wish)
        check_area(self.community_id, area_id)
        return Plan(wish, (Step(Act.RENUMBER, was.id, number=number, area_id=area_id, was_number=was.number,
                                was_area_id=was.area_id),),
                    household_id=was.id, resident_ids=tuple(home.ids))

    def head(self, wish: Wish) -> Plan:
        home = self.home(wish.household_id)
        member = home.member(wish.head_id, "head_id", home.grown(home.ids))
        if member.is_head:
            raise WrongPerson(fields={"head_id": lazy("This is the head already.")})
        both = [member, *([home.head] if home.head else [])]
        self.check_since(both, wish.on)
        step = Step(Act.HEAD, home.household.id, member.resident_id,
                    was_head_id=home.head.resident_id if home.head else None)
        return Plan(wish, (step,), household_id=home.household.id, resident_ids=tuple(home.ids))

    def _new_head(self, home: _Home, stayers: Sequence[int], chosen: int | None) -> list[Step]:
        """Where the head goes, one of the grown-ups who stay takes the place; children alone have none."""
        grown = home.grown(stayers)
        if (home.head is not None and home.head.resident_id in stayers) or not grown:
            return []
        if chosen not in grown:
            raise WrongPerson(fields={"stay_head_id": lazy("The head goes. Choose who of those who stay is the head "
                                                           "from now on.")})
        return [Step(Act.HEAD, home.household.id, chosen)]

    def _new_door(self, wish: Wish) -> tuple[str, int | None]:
        """A number that nobody has yet, and the building."""
        number = clean_number(wish.number)
        if listing.household_by_number(self.community_id, number) is not None:
            raise Invalid(fields={"number": lazy("There is already a household with this number.")})
        check_area(self.community_id, wish.area_id or None)
        return number, wish.area_id or None

    # ── Away and back again ─────────────────────────────────────────────────────────────────────────────────────

    def leave(self, wish: Wish) -> Plan:
        goers = [self.resident(r) for r in dict.fromkeys(wish.resident_ids)]
        if not goers or any(r.left_on is not None for r in goers):
            raise WrongPerson(fields={"resident_ids": lazy("Choose who moves away.")})
        home = self._common_home(wish, goers)
        ids = [r.id for r in goers]
        stayers = [r for r in home.ids if r not in ids] if home else []
        keeps = not stayers or self.settings.leaver_points == LeaverPolicy.KEEP
        steps = [_gone(Act.LEAVE, r, _member_of(home, r.id), keeps_card=keeps) for r in goers]
        days = self.settings.leaver_days if keeps else None
        bequests = [Bequest(resident_key(r), remainder_key(r) if keeps or home is None else home.key, days=days,
                            closes=True) for r in ids]
        if home is not None and not stayers:
            holder = home.head.resident_id if home.head else (home.grown(ids) or ids)[0]
            bequests.append(Bequest(home.key, remainder_key(holder), days=days, closes=True))
            steps.append(Step(Act.CLOSE, home.household.id, number=home.household.number))
        elif home is not None:
            steps += self._new_head(home, stayers, wish.stay_head_id)
        return Plan(wish, tuple(steps), tuple(bequests),
                    reopens=tuple(b.receiver for b in bequests if b.receiver.startswith("remainder:")),
                    household_id=home.household.id if home else None, resident_id=ids[0] if len(ids) == 1 else None,
                    resident_ids=tuple(dict.fromkeys([*ids, *stayers])))

    def _common_home(self, wish: Wish, goers: Sequence[Resident]) -> _Home | None:
        """The household of those who go, or none for one person without."""
        if wish.household_id is not None:
            home = self.home(wish.household_id)
            self.check_since([home.member(r.id, "resident_ids") for r in goers], wish.on)
            return home
        if len(goers) != 1 or people.present_membership(self.community_id, goers[0].id) is not None:
            raise WrongPerson(fields={"resident_ids": WrongPerson.message})
        return None

    def come_back(self, wish: Wish) -> Plan:
        resident = self.resident(wish.resident_ids[0] if wish.resident_ids else None)
        if resident.left_on is None or resident.died_on is not None:
            raise WrongPerson(fields={"resident_ids": lazy("This person is here, or is not alive any more.")})
        if wish.on < resident.left_on:
            raise WrongDay(fields={"on": WrongDay.message})
        steps = [Step(Act.COME_BACK, resident_id=resident.id)]
        if wish.into_id:
            into = self.home(wish.into_id, "into_id").household.id
        else:
            number, area_id = self._new_door(wish)
            into = NEW
            steps.append(Step(Act.FOUND, NEW, number=number, area_id=area_id))
        steps.append(Step(Act.JOIN, into, resident.id, is_head=into == NEW))
        own = resident_key(resident.id)
        return Plan(wish, tuple(steps), (Bequest(remainder_key(resident.id), own, closes=True),), reopens=(own,),
                    other_id=into, resident_id=resident.id, resident_ids=(resident.id,))

    # ── Death, and an heir ──────────────────────────────────────────────────────────────────────────────────────

    def death(self, wish: Wish) -> Plan:
        resident = self.resident(wish.resident_ids[0] if wish.resident_ids else None)
        if resident.left_on is not None:
            raise WrongPerson(fields={"resident_ids": lazy("This person is not here any more.")})
        row = people.present_membership(self.community_id, resident.id)
        home = self.home(row.household_id) if row is not None else None
        if row is not None and row.since_on > wish.on:
            raise WrongDay(fields={"on": WrongDay.message})
        stayers = [r for r in home.ids if r != resident.id] if home else []
        heir = self._heir(wish, resident.id) if wish.heir_id is not None else None
        to, days = ((heir, None) if heir else (home.key, None) if home is not None and stayers
                    else (remainder_key(resident.id), self.settings.heir_days))
        bequests = [Bequest(resident_key(resident.id), to, days=days, closes=True)]
        steps = [_gone(Act.DIE, resident, row)]
        if home is not None and stayers:
            steps += self._new_head(home, stayers, wish.stay_head_id)
        elif home is not None:
            bequests.append(Bequest(home.key, to, days=days, closes=True))
            steps.append(Step(Act.CLOSE, home.household.id, number=home.household.number))
        others = [wish.heir_id] if wish.heir_id is not None else []
        return Plan(wish, tuple(steps), tuple(bequests),
                    reopens=tuple(b.receiver for b in bequests if b.receiver.startswith("remainder:")),
                    household_id=home.household.id if home else None, resident_id=resident.id,
                    resident_ids=tuple(dict.fromkeys([resident.id, *stayers, *others])))

    def heir(self, wish: Wish) -> Plan:
        gone = self.resident(wish.resident_ids[0] if wish.resident_ids else None)
        waiting = remainder_key(gone.id)
        after = self._came_back(gone.id)
        found = ledger.returns(self.community_id, self.today, waiting=[waiting], after=after)
        if gone.died_on is None or not found:
            raise NothingWaits
        return Plan(wish, inheritance=Inheritance(waiting, self._heir(wish, gone.id), after=after),
                    returns=tuple(found), resident_id=gone.id, resident_ids=(gone.id, wish.heir_id or 0))

    def _came_back(self, resident_id: int) -> int:
        """The newest transfer when this person last came back: what waited before went with them; 0: never."""
        statement = db.session.scalar(scoped(HouseholdChange, self.community_id).with_only_columns(
            HouseholdChange.statement).where(
            HouseholdChange.kind == ChangeKind.RETURN, HouseholdChange.resident_id == resident_id,
            HouseholdChange.state == ChangeState.CONFIRMED).order_by(HouseholdChange.id.desc()).limit(1))
        return int((statement or {}).get("after", 0))

    def _heir(self, wish: Wish, but: int) -> str:
        heir = self.resident(wish.heir_id, "heir_id")
        if heir.id == but or heir.left_on is not None:
            raise WrongPerson(fields={"heir_id": lazy("The heir has to be somebody who lives here.")})
        return resident_key(heir.id)


def _share(wish: Wish, goers: int, all_: int) -> tuple[int, int, int | None]:
    """(part, whole, exact) of a division: by heads, as a percentage, or so many points."""
    if wish.share_mode is ShareMode.PERCENT:
        if not 0 <= wish.share <= 100:
            raise Invalid(fields={"share": lazy("From 0 to 100 percent.")})
        return wish.share, 100, None
    if wish.share_mode is ShareMode.POINTS:
        if wish.share < 0:
            raise Invalid(fields={"share": lazy("Not less than nothing.")})
        return goers, all_, wish.share
    return goers, all_, None


def _join(member: HouseholdMember, household_id: int, *, is_head: bool = False) -> Step:
    return Step(Act.JOIN, household_id, member.resident_id, is_head, was_household_id=member.household_id,
                was_head=member.is_head)


def _member_of(home: _Home | None, resident_id: int) -> HouseholdMember | None:
    return next((m for m in home.members if m.resident_id == resident_id), None) if home else None


def _gone(act: Act, resident: Resident, row: HouseholdMember | None, *, keeps_card: bool = False) -> Step:
    return Step(act, resident_id=resident.id, keeps_card=keeps_card,
                was_household_id=row.household_id if row else None, was_head=bool(row and row.is_head))


_KINDS: dict[ChangeKind, Callable[[_Planner, Wish], Plan]] = {
    ChangeKind.SPLIT: _Planner.split, ChangeKind.MERGE: _Planner.merge, ChangeKind.MOVE: _Planner.move,
    ChangeKind.HEAD: _Planner.head, ChangeKind.LEAVE: _Planner.leave, ChangeKind.RETURN: _Planner.come_back,
    ChangeKind.DEATH: _Planner.death, ChangeKind.HEIR: _Planner.heir,
}


def plan(community_id: int, wish: Wish) -> Plan:
    """What a wish comes to today. Raises what is wrong with it, with the names of the form's fields."""
    if wish.on > clock.today():
        raise WrongDay(fields={"on": lazy("This day is still to come.")})
    if len(" ".join(wish.reason.split())) < 2:
        raise ReasonNeeded(fields={"reason": ReasonNeeded.message})
    if wish.kind is ChangeKind.UNDO:
        return plan_undo(community_id, wish)
    return _KINDS[wish.kind](_Planner(community_id), wish)


def members_now(community_id: int, household_id: int | None) -> tuple[int, ...]:
    """Who belongs to the household today, to be compared when the case is confirmed."""
    found: list[Any] = people.present_members(community_id, household_id) if household_id is not None else []
    return tuple(sorted(m.resident_id for m in found))
