"""The people of the demo: names, households and doors drawn with a fixed seed. Nobody of them exists."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from faker import Faker

SEED = 20260418


@dataclass(frozen=True)
class Person:
    """One row of a roster."""

    name: str
    household: str
    relation: str
    phone: str
    building: str
    born_on: dt.date

    @property
    def row(self) -> list[str]:
        """As the office keeps it in its sheet."""
        return [self.name, self.household, self.relation, self.phone, self.building]


@dataclass(frozen=True)
class Place:
    """A community of the demo: its doors and how many households live behind them."""

    code: str
    name: str
    buildings: tuple[str, ...]
    households: int
    door: str  # pattern of a household number


PLACES = (
    Place("xingshi", "兴石社区", ("兴石花园1栋", "兴石花园2栋", "兴石花园3栋"), 70, "{building}-{number:04d}"),
    Place("liuyin", "柳荫社区", ("柳荫1栋", "柳荫2栋", "柳荫3栋", "柳荫5栋"), 80, "{building}-{number:04d}"),
    Place("shiqiao", "石桥村", ("一组", "二组", "三组", "四组"), 150, "{building}-{number:03d}"),
)
COUNTY = ("yunxi", "云溪县")
TOWN = ("liuyin-street", "柳荫街道")


class Cast:
    """Draws the people; the same seed gives the same street."""

    def __init__(self, seed: int = SEED) -> None:
        self.random = random.Random(seed)
        self.faker = Faker("zh_CN")
        self.faker.seed_instance(seed)
        self._phones = 0
        self._names: set[str] = set()

    def phone(self) -> str:
        """A number from a range that no operator gives out, so that a demo can never call anybody."""
        self._phones += 1
        return f"100{self._phones:08d}"

    def _name(self, family: str | None = None) -> str:
        """A name that nobody else on the street has."""
        while True:
            name = (family or self.faker.last_name()) + self.faker.first_name()[:2]
            if name not in self._names:
                self._names.add(name)
                return name

    def _born(self, low: int, high: int) -> dt.date:
        return dt.date(2026 - self.random.randint(low, high), self.random.randint(1, 12), self.random.randint(1, 28))

    def household(self, number: str, building: str) -> list[Person]:
        """One household: mostly couples over 60, some with their grown children and a grandchild."""
        family = self.faker.last_name()
        head = Person(self._name(family), number, "户主", self.phone(), building, self._born(58, 82))
        people = [head]
        if self.random.random() < 0.78:
            phone = self.phone() if self.random.random() < 0.6 else ""
            people.append(Person(self._name(), number, "配偶", phone, building,
                                 self._born(56, 80)))
        if self.random.random() < 0.4:
            people.append(Person(self._name(family), number, "子女", self.phone(), building,
                                 self._born(28, 48)))
            if self.random.random() < 0.5:
                people.append(Person(self._name(family), number, "孙辈", "", building,
                                     self._born(4, 15)))
        return people

    def roster(self, place: Place) -> list[Person]:
        """All people of a community, household by household."""
        people: list[Person] = []
        for number in range(1, place.households + 1):
            index = number % len(place.buildings)
            people += self.household(place.door.format(building=index + 1, number=number), place.buildings[index])
        return people
