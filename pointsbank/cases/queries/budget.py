"""What a report may still earn this month: the caps of the items that would pay for it, and the community's own."""

from __future__ import annotations

from dataclasses import dataclass

from pointsbank.cases.models import Category
from pointsbank.communities import settings
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import get_scoped
from pointsbank.core.errors import NotFound
from pointsbank.ledger import queries as ledger
from pointsbank.people import queries as people
from pointsbank.rules import counters
from pointsbank.rules import queries as rules
from pointsbank.rules.evaluation import Deed, candidates
from pointsbank.rules.evaluation.keys import cap_key
from pointsbank.rules.models import DeedKind, Measure, Subject, Window


@dataclass(frozen=True)
class Rest:
    """One cap: at most ``most``, of which ``left`` is left; points in hundredths, or times."""

    window: Window
    subject: Subject
    measure: Measure
    most: int
    left: int


@dataclass(frozen=True)
class Budget:
    """What is left for reports. ``personal``: the tightest cap of the resident or their household, ``shared`` that of
    all residents together, None where the standard has none; ``month_most`` and ``month_left`` what the community
    gives out in a month (hundredths), None where it has set no limit. ``earns``: the standard pays for reports."""

    earns: bool
    personal: Rest | None
    shared: Rest | None
    month_most: int | None
    month_left: int | None

    @property
    def is_used_up(self) -> bool:
        """Another report would earn nothing now; it is welcome all the same."""
        return any(one is not None and one.left <= 0 for one in (self.personal, self.shared)) or self.month_left == 0


def budget(community_id: int, resident_id: int, category: Category | None = None) -> Budget:
    """What another report of this resident could still earn today; ten statements at most, nothing is locked."""
    today = clock.today()
    home = people.household_on(community_id, [resident_id], today).get(resident_id)
    deed = Deed(kind=DeedKind.SNAPSHOT.value, on=today, resident_id=resident_id, source_key="budget",
                household_id=home.id if home is not None else None,
                item_code=(category.accepted_item or None) if category is not None else None)
    version = rules.version_in_force(community_id, today)
    chosen = candidates(deed, version)
    caps = {cap_key(rule, cap, deed): cap for rule in chosen for cap in (
        *rule.caps, *(version.wide_caps(rule, rule.book) if version is not None else ()))
        if cap.window is not Window.ACTIVITY and cap.measure is not Measure.QUANTITY}
    used = counters.read(community_id, caps)
    rests = [Rest(cap.window, cap.subject, cap.measure, cap.most, max(cap.most - used[key], 0))
             for key, cap in caps.items()]
    most = settings.of(community_id).monthly_cap
    left = None
    if most:
        flow = ledger.monthly_flow(community_id, 1)[-1]
        left = max(most - (flow.issued - flow.taken_back), 0)
    return Budget(bool(chosen), _tightest([r for r in rests if r.subject is not Subject.ITEM]),
                  _tightest([r for r in rests if r.subject is Subject.ITEM]), most or None, left)


def _tightest(rests: list[Rest]) -> Rest | None:
    """One that is used up, else that of which the fewest points are left; times where no cap counts points."""
    return min(rests, key=lambda rest: (rest.left > 0, rest.measure is not Measure.POINTS, rest.left), default=None)


def own_budget(actor: Actor, category_id: int | None = None) -> Budget:
    """The same for the resident acted for. Raises NotFound without one, or for a category of elsewhere."""
    if actor.community_id is None or actor.resident_id is None:
        raise NotFound
    chosen = get_scoped(Category, category_id, actor.community_id) if category_id is not None else None
    return budget(actor.community_id, actor.resident_id, chosen)
