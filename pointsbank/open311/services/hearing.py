"""An update of another platform: an answer, a reopening, "it is fixed", or just something said."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from pointsbank.cases import services as cases
from pointsbank.cases.models import Case, CaseEvent, CaseState, Report
from pointsbank.cases.services.steps import LONGEST
from pointsbank.core import audit, tenancy
from pointsbank.core.actor import Actor, system
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.media import services as media
from pointsbank.media.models import Purpose
from pointsbank.media.services import Prepared
from pointsbank.open311.asking import UpdateDraft
from pointsbank.open311.errors import NothingSaid, UnknownRequest
from pointsbank.open311.models import Open311Client, Open311Update
from pointsbank.open311.services.keys import queue
from pointsbank.open311.services.taking_in import brought, keep, own_number

AGAIN = {"OPEN", "REOPEN"}


def hear(community_id: int, client_id: int, draft: UpdateDraft, photos: Sequence[Prepared] = ()) -> int:
    """Take in what a platform says about a request that it brought; returns the number of the update. The same one
    sent again is the same update.

    ``OPEN`` and ``REOPEN`` open again what was inspected or closed, ``FIXED`` says that the reporter is satisfied; an
    answer goes to the office that asked. Everything else is written down. Raises KeyWrong, UnknownRequest, NothingSaid
    and what the step itself refuses.
    """
    actor = system(community_id)
    with tenancy.scope(community_id):
        client = queue(community_id, client_id)
        known = _known(client, draft)
        if known is not None:
            return known.event_id
        if not (draft.text or draft.status or draft.media_urls or photos):
            raise NothingSaid
        report = _report(client, draft)
        case = get_scoped(Case, report.case_id, community_id, lock=True)
        before = _last(case)
        media.attach(actor, keep(actor, photos, report.resident_id), report.key, purpose=Purpose.REPORT)
        _do(actor, client, case, draft)
        events = db.session.scalars(scoped(CaseEvent, community_id).with_only_columns(CaseEvent.id).where(
            CaseEvent.case_id == case.id, CaseEvent.id > before).order_by(CaseEvent.id)).all()
        db.session.add_all(Open311Update(community_id=community_id, client_id=client.id, event_id=one,
                                         given_id=(draft.own_id or None) if one == events[0] else None)
                           for one in events)
        db.session.flush()
        audit.write(actor, "open311.hear", case.key, client=client.id)
        return events[0]


def _known(client: Open311Client, draft: UpdateDraft) -> Open311Update | None:
    if not draft.own_id:
        return None
    return db.session.scalars(scoped(Open311Update, client.community_id).where(
        Open311Update.client_id == client.id, Open311Update.given_id == draft.own_id)).one_or_none()


def _report(client: Open311Client, draft: UpdateDraft) -> Report:
    """The report that the update is about: by our number, or by the number that the platform gave it."""
    if draft.request_id:
        found = db.session.scalars(scoped(Report, client.community_id).where(
            Report.case_id == draft.request_id, Report.sender_key == client.sender_key)).first()
    else:
        found = brought(client, own_number(draft.own_request_id)) if draft.own_request_id else None
    if found is None:
        raise UnknownRequest
    return found


def _last(case: Case) -> int:
    return db.session.scalar(sa.select(sa.func.max(CaseEvent.id)).where(
        CaseEvent.community_id == case.community_id, CaseEvent.case_id == case.id)) or 0


def _verb(case: Case, draft: UpdateDraft) -> str | None:
    """The step that the reporter takes with this update, if it is one."""
    state = case.state
    if state is CaseState.MORE_INFORMATION and draft.text:
        return "supply"
    if draft.status == "FIXED" and state is CaseState.TO_EVALUATE:
        return "satisfied"
    if draft.status in AGAIN and not _is_late(case, draft):
        return {CaseState.TO_EVALUATE: "unhappy", CaseState.CLOSED: "reopen",
                CaseState.DECLINED: None if case.appeals else "appeal"}.get(state)
    return None


def _is_late(case: Case, draft: UpdateDraft) -> bool:
    """Said before the end that it seems to speak of: on the way, the case had moved. It is kept and moves nothing."""
    if draft.at is None or draft.status == "REOPEN":
        return False
    ended = db.session.scalar(sa.select(sa.func.max(CaseEvent.at, type_=CaseEvent.at.type)).where(
        CaseEvent.community_id == case.community_id, CaseEvent.case_id == case.id, CaseEvent.after == case.state,
        CaseEvent.before != case.state))
    return ended is not None and draft.at < ended.replace(microsecond=0)


def _do(actor: Actor, client: Open311Client, case: Case, draft: UpdateDraft) -> None:
    verb, text = _verb(case, draft), draft.text
    if verb is not None:
        cases.move_for_sender(case.community_id, client.sender_key, case.id, verb, cases.Step(text=text[:LONGEST]))
        text = text[LONGEST:]
    rest = "\n".join(line for line in (text, *draft.media_urls) if line)
    if verb is None or rest:
        cases.comment(actor, case.id, rest or draft.status, sender_key=client.sender_key, status=draft.status)
