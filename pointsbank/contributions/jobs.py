"""What runs by the clock: notices are closed and settled one by one, each in its own unit of work."""

from __future__ import annotations

import datetime as dt
import logging
from functools import partial
from typing import Any

from pointsbank.communities import queries as communities
from pointsbank.contributions import services
from pointsbank.contributions.queries import sittings
from pointsbank.core import clock
from pointsbank.core import db as edge
from pointsbank.core.actor import system
from pointsbank.core.i18n import N_
from pointsbank.ledger import queries as ledger
from pointsbank.notifications.services import Message, tell_each
from pointsbank.people import queries as people
from pointsbank.publicity import queries as notices

log = logging.getLogger(__name__)
ANNOUNCED_BEFORE = dt.timedelta(days=30)
REMINDED_BEFORE = dt.timedelta(days=2)


def settle_due(now: dt.datetime | None = None) -> dict[str, Any]:
    """Close every notice whose hour has come and post its lines; then look again at what waits.

    Run twice, or by five schedulers at once, it has one effect. A notice that can't be settled doesn't hold up others.
    """
    moment = now or clock.now()
    settled, failed = [], []
    with edge.transaction():
        due = notices.due(moment)
    for community_id, notice_id in due:
        try:
            if _settle(community_id, notice_id, moment):
                settled.append(notice_id)
        except Exception:
            log.exception("notice %s could not be settled", notice_id)
            failed.append(notice_id)
    return {"settled": settled, "failed": failed, **_look_again()}


def _settle(community_id: int, notice_id: int, moment: dt.datetime) -> bool:
    """True if this run settled it."""
    return edge.run(lambda: services.settle_notice(community_id, notice_id, moment) is not None)


def _look_again() -> dict[str, int]:
    """Deeds that waited for a household, or for somebody independent, may go on now."""
    awarded = sent_up = 0
    with edge.transaction():
        ids = [area.id for area in communities.all_communities()]
    for community_id in ids:
        def work(c: int = community_id) -> tuple[int, int]:
            return len(services.award_waiting(system(c), c)), len(services.look_again(c))

        found = edge.run(work)
        awarded, sent_up = awarded + found[0], sent_up + found[1]
    return {"awarded": awarded, "sent_up": sent_up}


def base_points() -> dict[str, int]:
    """Record what base items give for the period that today belongs to; once a day, each community by itself."""
    given = 0
    with edge.transaction():
        ids = [area.id for area in communities.all_communities()]
    for community_id in ids:
        given += edge.run(partial(services.give_base_points, community_id))
    return {"recorded": given}


def remind_panel() -> dict[str, int]:
    """Two days before the votes of a sitting are due, its members hear that theirs are missing; each once."""
    with edge.transaction():
        due = [(s.id, s.community_id) for s in sittings.open_until(clock.today() + REMINDED_BEFORE)]
    return {"reminded": sum(edge.run(lambda s=s, c=c: services.remind(s, c)) for s, c in due)}  # type: ignore[misc]


def forget_typed() -> dict[str, int]:
    """Names and notes typed on sheets of paper about people who were erased since; what became of the rows stays."""
    return {"typed names": edge.run(services.forget_typed)}


def announce_expiry() -> dict[str, int]:
    """Tell everybody whose points lapse in exactly 30 days, so that nothing disappears unannounced; once a day."""
    day = clock.today() + ANNOUNCED_BEFORE
    told = 0
    with edge.transaction():
        ids = [area.id for area in communities.all_communities()]
    for community_id in ids:
        told += edge.run(lambda c=community_id: _announce(c, day))  # type: ignore[misc]
    return {"told": told}


def _announce(community_id: int, day: dt.date) -> int:
    lapsing = ledger.expiring(community_id, day, day)
    homes = [int(owner.partition(":")[2]) for owner, _day, _amount in lapsing if owner.startswith("household:")]
    members = people.members_on(community_id, homes, clock.today())
    messages = []
    for owner, last_day, amount in lapsing:
        kind, _colon, number = owner.partition(":")
        if kind == "remainder":
            continue  # of somebody who is not here any more: they were told the day, or nobody is left to tell
        readers = [m.resident_id for m in members[int(number)]] if kind == "household" else [int(number)]
        messages += [Message(reader, N_("%(points)s points can be used until %(day)s. After that they lapse."),
                             {"points": {"points": amount}, "day": {"day": last_day.isoformat()}}, "/shop")
                     for reader in readers]
    return tell_each(community_id, messages)
