"""What the tests of the panel share: members, an open sitting with deeds, votes by name, closing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from pointsbank.communities.models import Area
from pointsbank.contributions import services
from pointsbank.contributions.models import Choice, PanelVote, Sitting, SittingItem
from pointsbank.core import clock
from pointsbank.core.actor import Grant
from pointsbank.core.db import db, transaction
from pointsbank.people.models import Appointment, LinkKind, UserResident
from pointsbank.people.roles import Role
from tests.support.village import Village

MEMBERS = ("bob", "charlie", "dora", "erin", "frank")
FOR, AGAINST, ABSTAIN = Choice.FOR, Choice.AGAINST, Choice.ABSTAIN


def seated(village: Village, *keys: str) -> None:
    """Give these people a seat in the panel."""
    with transaction():
        for key in keys or MEMBERS:
            db.session.add(Appointment(user_id=village.users[key], role=Role.PANEL_MEMBER, area_id=village.community,
                                       since_at=clock.now(), appointed_by="test"))
            village.grants[key] = (*village.grants.get(key, ()), Grant(Role.PANEL_MEMBER, village.community,
                                                                       village.path))


def unseated(village: Village, key: str) -> None:
    """The appointment ends."""
    with transaction():
        db.session.execute(sa.update(Appointment).where(
            Appointment.user_id == village.users[key], Appointment.role == Role.PANEL_MEMBER).values(
            until_at=clock.now()))


def decided(village: Village, **changes: Any) -> None:
    """The community changes its settings."""
    with transaction():
        area = db.session.get_one(Area, village.community)
        area.settings = {**(area.settings or {}), **changes}


def related(village: Village, user: str, resident: str) -> None:
    """From now on this user acts for that resident."""
    with transaction():
        db.session.add(UserResident(user_id=village.users[user], resident_id=village.residents[resident],
                                    kind=LinkKind.FAMILY, created_at=clock.now()))


def opened(village: Village, by: str = "member", *, title: str = "四月评议", due_in: int = 3,
           **chosen: Any) -> int:
    """A sitting with everything that waits."""
    with transaction():
        day = clock.today()
        call = services.Call(title, day, day + dt.timedelta(days=due_in), services.Selection(**chosen))
        return services.open_sitting(village.actor(by), call).id


def items(sitting_id: int) -> dict[int, int]:
    """The item of each deed on the list."""
    rows = db.session.execute(sa.select(SittingItem.contribution_id, SittingItem.id).where(
        SittingItem.sitting_id == sitting_id)).all()
    db.session.rollback()
    return {row[0]: row[1] for row in rows}


def voted(village: Village, sitting_id: int, key: str, deeds: dict[int, Choice], **values: Any) -> int:
    """Somebody votes; against has its reason."""
    places = items(sitting_id)
    ballots = [services.Ballot(places[i], choice, "证据不足" if choice is AGAINST else "")
               for i, choice in deeds.items()]
    with transaction():
        return services.vote(village.actor(key), sitting_id, ballots, **values)


@contextmanager
def after_its_days(sitting_id: int) -> Iterator[None]:
    """The morning on which votes are due no more."""
    due_on = db.session.scalar(sa.select(Sitting.due_on).where(Sitting.id == sitting_id))
    db.session.rollback()
    assert due_on is not None
    morning = max(clock.now(), clock.at_local(due_on + dt.timedelta(days=1), dt.time(9)))
    with clock.fixed(lambda: morning):
        yield


def closed(village: Village, sitting_id: int, by: str = "member", rulings: dict[int, services.Ruling] | None = None,
           **values: Any) -> Sitting:
    """The chair closes on the day after the last one for votes; rulings by deed."""
    places = items(sitting_id)
    with after_its_days(sitting_id), transaction():
        return services.close_sitting(village.actor(by), sitting_id,
                                      {places[i]: ruling for i, ruling in (rulings or {}).items()}, **values)


def item(sitting_id: int, deed_id: int) -> SittingItem:
    found = db.session.scalars(sa.select(SittingItem).where(
        SittingItem.sitting_id == sitting_id, SittingItem.contribution_id == deed_id)).one()
    db.session.expunge_all()
    db.session.rollback()
    return found


def votes(sitting_id: int) -> list[PanelVote]:
    found = list(db.session.scalars(sa.select(PanelVote).where(PanelVote.sitting_id == sitting_id)
                                    .order_by(PanelVote.id)))
    db.session.expunge_all()
    db.session.rollback()
    return found
