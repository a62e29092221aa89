"""Certificates of service: asked for, gathered by one person, hung out for seven days, issued by another, withdrawn."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from pointsbank.communities import queries as communities
from pointsbank.communities import settings
from pointsbank.contributions.queries import served
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import Invalid, NotFound, lazy
from pointsbank.core.i18n import N_
from pointsbank.honours import policy
from pointsbank.honours.errors import (
    AlreadyAsked,
    FiguresMoved,
    LineStruck,
    NotAllowed,
    NothingServed,
    NothingToList,
    NoticeRuns,
    ReasonMissing,
    SecondPersonNeeded,
    WrongStep,
)
from pointsbank.honours.models import CERTIFICATE_ALLOWED, CertificateState, ServiceCertificate
from pointsbank.honours.queries import unlisted
from pointsbank.honours.services.independence import check_not_kin
from pointsbank.honours.services.listing import (
    PASSED,
    draft_on_board,
    homes_of,
    house_words,
    public_name,
)
from pointsbank.honours.services.numbering import CERTIFICATE, take
from pointsbank.notifications.services import tell
from pointsbank.people import queries as people
from pointsbank.people.models import Resident
from pointsbank.publicity import queries as notices
from pointsbank.publicity import services as publicity
from pointsbank.publicity.models import LineState, NoticeState, PublicNotice

EARLIEST = dt.date(2000, 1, 1)
OPEN = (CertificateState.REQUESTED, CertificateState.PREPARED)
# An ID number has no place on a certificate, and is refused also when somebody types one.
ID_NUMBER = re.compile(r"\d{15}|\d{17}[\dXx]")
VOLUNTEER_NUMBER = re.compile(r"[0-9A-Za-z-]{0,24}")


def request_certificate(actor: Actor, since_on: dt.date, until_on: dt.date, *, purpose: str = "",
                        volunteer_number: str = "", resident_id: int | None = None) -> ServiceCertificate:
    """Ask for a certificate of the hours of some days, for oneself or at the counter for ``resident_id``. Free.

    Raises NotAllowed, Invalid, AlreadyAsked.
    """
    if actor.user_id is None or (resident_id is not None and not policy.may_help(actor)):
        raise NotAllowed
    wanted = resident_id if resident_id is not None else actor.resident_id
    if wanted is None:
        raise NotAllowed(lazy("Choose first for whom it is."))
    resident = get_scoped(Resident, wanted, actor.community_id, lock=True)
    number = "".join(volunteer_number.split()) or _card_number(resident)
    _check_request(since_on, until_on, purpose, number)
    if db.session.scalar(sa.select(sa.literal(1)).where(
            ServiceCertificate.community_id == resident.community_id, ServiceCertificate.resident_id == resident.id,
            ServiceCertificate.state.in_(OPEN))):
        raise AlreadyAsked
    row = ServiceCertificate(
        community_id=resident.community_id, resident_id=resident.id, state=CertificateState.REQUESTED,
        since_on=since_on, until_on=until_on, purpose=purpose.strip(), volunteer_number=number,
        requested_by_id=actor.user_id, requested_at=clock.now())
    db.session.add(row)
    db.session.flush()
    audit.write(actor, "honours.request_certificate", row.source_key)
    return row


def _card_number(resident: Resident) -> str:
    """Without a number of the national system the member card's stands for it."""
    card = people.card_of(resident.community_id, resident.id)
    return card.number if card is not None else ""


def _check_request(since_on: dt.date, until_on: dt.date, purpose: str, number: str) -> None:
    wrong: dict[str, Any] = {}
    if not EARLIEST <= since_on <= until_on:
        wrong["since_on"] = lazy("The first day comes before the last one.")
    if until_on > clock.today():
        wrong["until_on"] = lazy("This day is still to come.")
    if len(purpose.strip()) > 120:
        wrong["purpose"] = lazy("At most 120 characters.")
    if ID_NUMBER.fullmatch(number):
        wrong["volunteer_number"] = lazy("This looks like an ID number. It does not belong here; leave it out.")
    elif not VOLUNTEER_NUMBER.fullmatch(number):
        wrong["volunteer_number"] = lazy("At most 24 letters and digits.")
    if wrong:
        raise Invalid(fields=wrong)


def prepare(actor: Actor, certificate_id: int, contact: str = "") -> ServiceCertificate:
    """The handler gathers what was served in those days; the contact is printed with it. Again before it hangs out.

    Raises NotAllowed, OwnHousehold, WrongStep, ReasonMissing, NothingServed.
    """
    row = _locked(actor, certificate_id)
    if row.state not in OPEN or not _may_change(row):
        raise WrongStep
    contact = contact.strip() or settings.of(row.community_id).objection_phone
    if not 2 <= len(contact) <= 60:
        raise ReasonMissing(fields={"contact": lazy("Write how the handler can be reached; it is printed.")})
    content, minutes = gather(row)
    if not minutes:
        raise NothingServed
    row.state, row.content, row.minutes = CertificateState.PREPARED, content, minutes
    row.handler_id, row.handler_contact, row.prepared_at = actor.user_id, contact, clock.now()
    db.session.flush()
    audit.write(actor, "honours.prepare_certificate", row.source_key, minutes=minutes)
    return row


def gather(row: ServiceCertificate) -> tuple[list[dict[str, Any]], int]:
    """What was served in the certificate's days, added up by what it was, in order of the first time; and the sum."""
    found: dict[str, dict[str, Any]] = {}
    for one in served(row.community_id, row.resident_id, row.since_on, row.until_on):
        line = found.setdefault(one.what, {"what": one.what, "times": 0, "minutes": 0,
                                           "first": one.done_on.isoformat(), "last": one.done_on.isoformat()})
        line["times"] += 1
        line["minutes"] += one.minutes
        line["last"] = one.done_on.isoformat()
    return list(found.values()), sum(line["minutes"] for line in found.values())


def refuse(actor: Actor, certificate_id: int, answer: str) -> ServiceCertificate:
    """No certificate, and why; the resident is told. Not while it hangs out, but after an objection was upheld.

    Raises NotAllowed, OwnHousehold, WrongStep, ReasonMissing.
    """
    row = _locked(actor, certificate_id)
    if CertificateState.REFUSED not in CERTIFICATE_ALLOWED[row.state] or not (_may_change(row) or _is_over(row)):
        raise WrongStep
    if not 2 <= len(answer.strip()) <= 300:
        raise ReasonMissing(fields={"answer": lazy("Write why there will be none.")})
    row.state, row.refused_by_id, row.answer = CertificateState.REFUSED, actor.user_id, answer.strip()
    db.session.flush()
    tell(row.community_id, [row.resident_id], N_("There will be no certificate of service: %(why)s"),
         {"why": row.answer}, "/certificates")
    audit.write(actor, "honours.refuse_certificate", row.source_key)
    return row


def draft_certificates(actor: Actor, ids: Collection[int] = ()) -> PublicNotice:
    """Hang out what is prepared (or only ``ids``), as a draft that a second person publishes.

    Raises NothingToList and those of ``publicity.services.draft``.
    """
    if actor.community_id is None:
        raise NotFound
    query = unlisted.certificates(actor.community_id)
    if ids:
        query = query.where(ServiceCertificate.id.in_(ids))
    rows = list(db.session.scalars(query.order_by(ServiceCertificate.id).limit(500).with_for_update(
        of=ServiceCertificate, key_share=True).execution_options(populate_existing=True)))
    if not rows:
        raise NothingToList
    who = [row.resident_id for row in rows]
    residents, homes = people.residents_by_id(actor.community_id, who), homes_of(actor.community_id, who)
    notice = draft_on_board(
        actor, house_words(N_("List of service certificates to be issued")), f"certificates:{rows[0].id}",
        [_line(row, residents[row.resident_id], homes[row.resident_id]) for row in rows])
    for row in rows:
        row.notice_id = notice.id
    db.session.flush()
    return notice


def _line(row: ServiceCertificate, resident: Resident, home: Any) -> publicity.NoticeLineDraft:
    return publicity.NoticeLineDraft(
        source_key=row.source_key, household_number=home.number if home is not None else "",
        masked_name=public_name(resident), item=house_words(N_("Certificate of service")),
        detail={"text": N_("%(first)s to %(last)s"),
                "params": {"first": {"day": row.since_on.isoformat()}, "last": {"day": row.until_on.isoformat()}}},
        amount=row.minutes or 0, unit="minutes", household_id=home.id if home is not None else None,
        barred_user_ids=(row.handler_id,) if row.handler_id is not None else ())


def issue(actor: Actor, certificate_id: int) -> ServiceCertificate:
    """After its seven days a second person, who is responsible, issues it: it gets its number and is never changed.

    Raises NotAllowed, OwnHousehold, WrongStep, SecondPersonNeeded, NoticeRuns, LineStruck, FiguresMoved.
    """
    row = _locked(actor, certificate_id)
    if row.state is not CertificateState.PREPARED:
        raise WrongStep
    if row.handler_id == actor.user_id:
        raise SecondPersonNeeded
    _check_notice(row)
    content, _minutes = gather(row)
    if content != row.content:
        raise FiguresMoved(lazy("What was served in these days has changed since it hung out. Refuse this one and "
                                "prepare a new one."))
    today = clock.today()
    issuer = settings.of(row.community_id).office_name or communities.area(row.community_id).name
    # All at once: the database takes no half-issued row, and asking it anything in between would send one.
    (number,) = take(row.community_id, CERTIFICATE, today.year)
    row.state, row.year, row.number, row.issued_on = CertificateState.ISSUED, today.year, number, today
    row.responsible_id, row.issuer = actor.user_id, issuer
    db.session.flush()
    publicity.mark_lines(row.community_id, row.notice_id or 0, LineState.POSTED, [row.source_key])
    tell(row.community_id, [row.resident_id],
         N_("Your certificate of service is issued. Print it here, or fetch it at the office; it is free."),
         link="/certificates")
    audit.write(actor, "honours.issue_certificate", row.source_key, number=row.number)
    return row


def _check_notice(row: ServiceCertificate) -> None:
    if row.notice_id is None:
        raise NoticeRuns
    notice = get_scoped(PublicNotice, row.notice_id, row.community_id, lock=True)
    if notice.state is not NoticeState.CLOSED:
        raise NoticeRuns
    if row.source_key in notices.keys_in_state(row.community_id, notice.id, LineState.STRUCK):
        raise LineStruck
    if row.source_key not in notices.keys_in_state(row.community_id, notice.id, *PASSED):
        raise NoticeRuns


def withdraw(actor: Actor, certificate_id: int, because: str) -> ServiceCertificate:
    """An issued certificate is declared void by somebody else than who issued it; its number stays in the register.

    Raises NotAllowed, OwnHousehold, WrongStep, SecondPersonNeeded, ReasonMissing.
    """
    row = _locked(actor, certificate_id)
    if row.state is not CertificateState.ISSUED:
        raise WrongStep
    if row.responsible_id == actor.user_id:
        raise SecondPersonNeeded(lazy("You issued it yourself. Somebody else has to withdraw it."))
    if not 2 <= len(because.strip()) <= 300:
        raise ReasonMissing(fields={"because": lazy("Write why it is void.")})
    row.state, row.withdrawn_by_id = CertificateState.WITHDRAWN, actor.user_id
    row.withdrawn_on, row.withdrawn_because = clock.today(), because.strip()
    db.session.flush()
    tell(row.community_id, [row.resident_id], N_("Your certificate of service no. %(number)s was withdrawn: %(why)s"),
         {"number": row.number, "why": row.withdrawn_because}, "/certificates")
    audit.write(actor, "honours.withdraw_certificate", row.source_key)
    return row


# ── Small steps ─────────────────────────────────────────────────────────────────────────────────────────────────


def _locked(actor: Actor, certificate_id: int) -> ServiceCertificate:
    """The certificate under its lock, for somebody at the desk who is not of its family."""
    if not policy.may_decide(actor):
        raise NotAllowed
    row = get_scoped(ServiceCertificate, certificate_id, actor.community_id, lock=True)
    check_not_kin(actor, row.community_id, [row.resident_id])
    return row


def _notice_state(row: ServiceCertificate) -> NoticeState | None:
    if row.notice_id is None:
        return None
    found = notices.notices_by_id(row.community_id, [row.notice_id]).get(row.notice_id)
    return found.state if found is not None else None


def _may_change(row: ServiceCertificate) -> bool:
    return _notice_state(row) in {None, NoticeState.DISCARDED}


def _is_over(row: ServiceCertificate) -> bool:
    return _notice_state(row) is NoticeState.CLOSED
