"""Residents: entering, correcting, moving out, looking behind the mask, exporting and erasing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from pointsbank.communities.models import Area
from pointsbank.core import audit, clock, tenancy, tokens
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Forbidden, Invalid, NotFound, lazy
from pointsbank.notifications import services as notifications
from pointsbank.notifications.models import InboxMessage
from pointsbank.people import policy
from pointsbank.people.errors import HasLeft
from pointsbank.people.models import (
    Appointment,
    Card,
    CardState,
    Household,
    HouseholdMember,
    LinkKind,
    OneTimeCode,
    Resident,
    ResidentTag,
    SignInSession,
    Team,
    TeamMember,
    User,
    UserResident,
)
from pointsbank.people.services.households import (
    check_area,
    end_membership,
    join_household,
    open_membership,
    stop_being_head,
)
from pointsbank.people.services.users import clean_name, clean_phone, create_user

EARLIEST_BIRTH = dt.date(1900, 1, 1)


def _may_change(actor: Actor) -> None:
    if not policy.can(actor, "residents.change"):
        raise Forbidden


def _check_birth(born_on: dt.date | None) -> None:
    if born_on is not None and not EARLIEST_BIRTH <= born_on <= clock.today():
        raise Invalid(fields={"born_on": lazy("This birthday can't be right.")})


def _link_phone(actor: Actor, resident: Resident) -> None:
    """The owner of the phone may act for the resident: as oneself, or as family if the phone is somebody's already."""
    user = db.session.scalars(sa.select(User).where(User.phone == resident.phone)).one_or_none()
    kind = LinkKind.FAMILY
    if user is None:
        user, kind = create_user(actor, name=resident.name, phone=resident.phone), LinkKind.SELF
    db.session.add(UserResident(user_id=user.id, resident_id=resident.id, kind=kind, created_at=clock.now()))
    db.session.flush()
    audit.write(actor, "people.link", f"resident:{resident.id}", user=user.id, kind=kind.value)


def add_resident(actor: Actor, *, name: str, phone: str | None = None, born_on: dt.date | None = None,
                 area_id: int | None = None, household_id: int | None = None, relation: str = "",
                 is_head: bool = False, since_on: dt.date | None = None, may_sign_in: bool = False) -> Resident:
    """Enter one resident, into a household if given. ``may_sign_in``: the phone's owner may act for them.

    Raises Forbidden, Invalid, NotFound.
    """
    _may_change(actor)
    _check_birth(born_on)
    check_area(actor.community_id, area_id)
    resident = Resident(community_id=actor.community_id, public_id=tokens.random_token(12), name=clean_name(name),
                        phone=clean_phone(phone), born_on=born_on, area_id=area_id, created_at=clock.now())
    db.session.add(resident)
    db.session.flush()
    audit.write(actor, "people.add_resident", f"resident:{resident.id}")
    if household_id is not None:
        join_household(actor, resident.id, household_id, relation=relation, is_head=is_head, on=since_on)
    if may_sign_in and resident.phone:
        _link_phone(actor, resident)
    return resident


def _present(actor: Actor, resident_id: int) -> Resident:
    resident = get_scoped(Resident, resident_id, actor.community_id, lock=True)
    if resident.erased_at is not None or resident.left_on is not None:
        raise HasLeft
    return resident


def change_resident(actor: Actor, resident_id: int, *, name: str, phone: str | None, born_on: dt.date | None,
                    area_id: int | None) -> Resident:
    """Correct what is known about a resident. Who may sign in for them is changed separately."""
    _may_change(actor)
    resident = _present(actor, resident_id)
    _check_birth(born_on)
    if area_id != resident.area_id:
        check_area(actor.community_id, area_id)
    wanted = {"name": clean_name(name), "phone": clean_phone(phone), "born_on": born_on, "area_id": area_id}
    changed = sorted(k for k, v in wanted.items() if getattr(resident, k) != v)
    for key, value in wanted.items():
        setattr(resident, key, value)
    audit.write(actor, "people.change_resident", f"resident:{resident.id}", changed=changed)
    return resident


def _end_everything(resident: Resident, on: dt.date, *, keep_card: bool = False) -> None:
    row = open_membership(resident.community_id, resident.id)
    if row is not None:
        end_membership(row, max(on, row.since_on))
    db.session.execute(sa.delete(TeamMember).where(
        TeamMember.resident_id == resident.id, TeamMember.until_on.is_(None), TeamMember.since_on >= on))
    db.session.execute(sa.update(TeamMember).where(
        TeamMember.resident_id == resident.id, TeamMember.until_on.is_(None)).values(until_on=on))
    if not keep_card:
        db.session.execute(sa.update(Card).where(Card.resident_id == resident.id, Card.state == CardState.ACTIVE)
                           .values(state=CardState.BLOCKED, blocked_at=clock.now()))


def move_out(actor: Actor, resident_id: int, on: dt.date | None = None, *, keep_card: bool = False) -> Resident:
    """Somebody moved away: household, teams and card end on that day. What they earned stays in the book.

    ``keep_card``: with it, the shop still hands out what is left to them.
    """
    _may_change(actor)
    resident = _present(actor, resident_id)
    on = on or clock.today()
    if on > clock.today():
        raise Invalid(fields={"on": lazy("This day is still to come.")})
    _end_everything(resident, on, keep_card=keep_card)
    resident.left_on = on
    audit.write(actor, "people.move_out", f"resident:{resident.id}")
    return resident


def record_death(actor: Actor, resident_id: int, on: dt.date) -> Resident:
    """Somebody died on a day: household and teams end with it, the card is blocked and nobody acts for them any more.

    Who may act for somebody is kept: it still says who was too near to judge an earlier deed.
    """
    _may_change(actor)
    resident = _present(actor, resident_id)
    if on > clock.today():
        raise Invalid(fields={"on": lazy("This day is still to come.")})
    if resident.born_on is not None and on < resident.born_on:
        raise Invalid(fields={"on": lazy("This is before the birthday.")})
    resident.died_on, resident.left_on = on, on + dt.timedelta(days=1)
    _end_everything(resident, resident.left_on)
    _end_sign_in(resident.id)
    audit.write(actor, "people.record_death", f"resident:{resident.id}")
    return resident


def _end_sign_in(resident_id: int) -> None:
    """Sessions stop acting for the resident; their own sign-in ends with its offices, unless it serves others too."""
    now = clock.now()
    db.session.execute(sa.update(SignInSession).where(SignInSession.resident_id == resident_id).values(
        resident_id=None, community_id=None))
    own = set(db.session.scalars(sa.select(UserResident.user_id).where(
        UserResident.resident_id == resident_id, UserResident.kind == LinkKind.SELF)))
    db.session.execute(sa.update(Appointment).where(Appointment.user_id.in_(own), Appointment.until_at.is_(None))
                       .values(until_at=now))
    with tenancy.unscoped():  # a phone may serve somebody of the family in another community
        shared = set(db.session.scalars(
            sa.select(UserResident.user_id).join(Resident, Resident.id == UserResident.resident_id)
            .where(UserResident.user_id.in_(own), Resident.left_on.is_(None), Resident.id != resident_id)))
    alone = own - shared
    db.session.execute(sa.update(User).where(User.id.in_(alone)).values(disabled_at=now))
    db.session.execute(sa.update(SignInSession).where(
        SignInSession.user_id.in_(alone), SignInSession.revoked_at.is_(None)).values(revoked_at=now))


def come_back(actor: Actor, resident_id: int) -> Resident:
    """Somebody who was entered as gone is here again; a household is joined separately. Raises NotFound if erased."""
    _may_change(actor)
    resident = get_scoped(Resident, resident_id, actor.community_id, lock=True)
    if resident.erased_at is not None:
        raise NotFound
    if resident.died_on is not None:
        own = sa.select(UserResident.user_id).where(
            UserResident.resident_id == resident_id, UserResident.kind == LinkKind.SELF)
        db.session.execute(sa.update(User).where(User.id.in_(own)).values(disabled_at=None))
    resident.left_on = resident.died_on = None
    db.session.flush()
    audit.write(actor, "people.come_back", f"resident:{resident.id}")
    return resident


def resume(actor: Actor, resident_id: int, household_id: int | None) -> Resident:
    """Somebody was entered as gone by mistake: they are here, and their time in the household never ended.

    A new head gives the place back to the old one. Teams and card stay ended.
    """
    resident = get_scoped(Resident, resident_id, actor.community_id, lock=True)
    ended = resident.left_on
    come_back(actor, resident_id)
    row = db.session.scalars(scoped(HouseholdMember, actor.community_id).where(
        HouseholdMember.resident_id == resident_id, HouseholdMember.household_id == household_id,
        HouseholdMember.until_on == ended)).one_or_none()
    if row is not None:
        if row.is_head:
            stop_being_head(row.household_id, clock.today(), but=resident_id)
        row.until_on = None
        db.session.flush()
    elif household_id is not None:  # they went on the day they came: nothing of it was kept
        join_household(actor, resident_id, household_id)
    return resident


def path_of(resident: Resident) -> str | None:
    """The path of the area that somebody lives in, for the policy; None if it isn't known."""
    return db.session.scalar(sa.select(Area.path).where(Area.id == resident.area_id)) if resident.area_id else None


def reveal_phone(actor: Actor, resident_id: int, reason: str) -> str | None:
    """The whole phone number, against a reason that is kept with the audit row."""
    resident = get_scoped(Resident, resident_id, actor.community_id)
    if not policy.can(actor, "residents.reveal", path=path_of(resident)):
        raise Forbidden
    plain = " ".join(reason.split())
    if not 2 <= len(plain) <= 200:
        raise Invalid(fields={"reason": lazy("Say in a few words why you need the number. It is kept on record.")})
    audit.write(actor, "people.reveal_phone", f"resident:{resident.id}", reason=plain)
    return resident.phone


def _forget_users(resident_id: int, phone: str | None) -> None:
    """Sign-ins that served only this resident lose all that names a person."""
    linked = set(db.session.scalars(sa.select(UserResident.user_id).where(UserResident.resident_id == resident_id)))
    db.session.execute(sa.delete(UserResident).where(UserResident.resident_id == resident_id))
    if phone:
        db.session.execute(sa.delete(OneTimeCode).where(OneTimeCode.phone == phone))
    if not linked:
        return
    others = set(db.session.scalars(sa.select(UserResident.user_id).where(UserResident.user_id.in_(linked))))
    staff = set(db.session.scalars(sa.select(Appointment.user_id).where(Appointment.user_id.in_(linked))))
    alone = linked - others - staff
    now = clock.now()
    db.session.execute(sa.update(User).where(User.id.in_(alone)).values(
        name="-", phone=None, username=None, password_hash=None, disabled_at=now))
    db.session.execute(sa.update(SignInSession).where(SignInSession.user_id.in_(alone)).values(
        device="", revoked_at=sa.func.coalesce(SignInSession.revoked_at, now)))
    db.session.execute(sa.update(SignInSession).where(SignInSession.resident_id == resident_id).values(
        resident_id=None, community_id=None))


def erase_resident(actor: Actor, resident_id: int, *, confirmation: str) -> Resident:
    """Erase a person on their wish: name, phone, birthday, address, links, inbox. The ledger keeps a pseudonym.

    ``confirmation`` is the name typed once more, so that nobody is erased by a slip. This can't be undone.
    """
    if not policy.can(actor, "residents.erase"):
        raise Forbidden
    resident = get_scoped(Resident, resident_id, actor.community_id, lock=True)
    if resident.erased_at is not None:
        raise HasLeft
    if " ".join(confirmation.split()) != resident.name:
        raise Invalid(fields={"confirmation": lazy("This is not the name of this person. Nobody was erased.")})
    _end_everything(resident, clock.today())
    _forget_users(resident.id, resident.phone)
    notifications.forget(resident.community_id, resident.id)
    db.session.execute(sa.delete(ResidentTag).where(ResidentTag.resident_id == resident.id))
    resident.name = f"#{resident.id}"
    resident.public_id = tokens.random_token(12)
    resident.phone = resident.born_on = resident.died_on = resident.area_id = None
    resident.left_on = resident.left_on or clock.today()
    resident.erased_at = clock.now()
    db.session.execute(sa.update(HouseholdMember).where(HouseholdMember.resident_id == resident.id)
                       .values(relation="-"))
    audit.write(actor, "people.erase_resident", f"resident:{resident.id}")
    return resident


def own_data(actor: Actor) -> dict[str, Any]:
    """Everything this room keeps about the resident acted for, as JSON: the right to see and to take along."""
    if actor.resident_id is None:
        raise NotFound
    resident = get_scoped(Resident, actor.resident_id, actor.community_id)
    homes = db.session.execute(
        sa.select(Household.number, HouseholdMember.relation, HouseholdMember.is_head, HouseholdMember.since_on,
                  HouseholdMember.until_on)
        .join(HouseholdMember, HouseholdMember.household_id == Household.id)
        .where(HouseholdMember.resident_id == resident.id).order_by(HouseholdMember.since_on))
    teams = db.session.execute(
        sa.select(Team.name, TeamMember.since_on, TeamMember.until_on).join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.resident_id == resident.id).order_by(TeamMember.since_on))
    tags = db.session.scalars(scoped(ResidentTag, actor.community_id).where(ResidentTag.resident_id == resident.id)
                              .order_by(ResidentTag.since_on))
    cards = db.session.scalars(scoped(Card, actor.community_id).where(Card.resident_id == resident.id))
    told = db.session.scalars(scoped(InboxMessage, actor.community_id).where(InboxMessage.resident_id == resident.id)
                              .order_by(InboxMessage.id))
    return plain({
        "community": actor.community_name, "name": resident.name, "phone": resident.phone,
        "born_on": resident.born_on, "entered_at": resident.created_at,
        "households": [dict(r._mapping) for r in homes], "teams": [dict(r._mapping) for r in teams],
        "tags": [{"tag": t.tag, "since_on": t.since_on, "until_on": t.until_on} for t in tags],
        "cards": [{"number": c.number, "state": c.state, "issued_at": c.issued_at} for c in cards],
        "messages": [{"text": m.text, "values": m.params, "at": m.created_at} for m in told],
    })


def plain(value: Any) -> Any:
    """Days and instants as ISO 8601 texts, all the way down."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value.isoformat() if isinstance(value, dt.date) else value
