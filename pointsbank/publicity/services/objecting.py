"""Objections: one line is frozen, somebody independent answers in writing, and the line is posted or struck."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import NotFound, lazy
from pointsbank.core.formats import format_moment
from pointsbank.people import queries as people
from pointsbank.publicity import policy, queries
from pointsbank.publicity.errors import (
    AlreadyDecided,
    AlreadyObjected,
    LineGone,
    NotAllowed,
    NoticeOver,
    NotIndependent,
    PaperMissing,
    TextMissing,
)
from pointsbank.publicity.models import (
    LineState,
    NoticeKind,
    NoticeLine,
    NoticeState,
    Objection,
    ObjectionState,
    PublicNotice,
)
from pointsbank.publicity.services.deadlines import answer_due


@dataclass(frozen=True)
class PaperDraft:
    """What a member writes down for somebody who objects on paper or at the counter: who it is, and what proves it."""

    name: str
    household: str
    reason: str = ""
    has_photo: bool = False


def object_to(actor: Actor, line_id: int, text: str, *, contact: str = "",
              paper: PaperDraft | None = None) -> Objection:
    """Object to one line of a notice that hangs out; the line is frozen, all others go on.

    A resident objects for the one acted for. With ``paper`` a member enters it for somebody else. Raises TextMissing,
    PaperMissing, NoticeOver, LineGone, AlreadyObjected, NotAllowed.
    """
    if paper is not None and not policy.may_enter_on_paper(actor):
        raise NotAllowed
    if actor.user_id is None or (actor.resident_id is None and paper is None):
        raise NotAllowed(lazy("Choose first for whom you object."))
    line, notice = _open_line(actor, line_id)
    if len(text.strip()) < 2:
        raise TextMissing(fields={"text": lazy("Write what is wrong with this line.")})
    now = clock.now()
    objection = Objection(
        community_id=notice.community_id, notice_id=notice.id, line_id=line.id, state=ObjectionState.OPEN,
        resident_id=actor.resident_id, on_paper=paper is not None, entered_by_id=actor.user_id,
        text=text.strip()[:500], contact=contact.strip()[:80], opened_at=now,
        answer_due_on=answer_due(notice.community_id, clock.local_date(now)))
    if paper is not None:
        _put_on_paper(objection, paper)
    _check_first(objection)
    db.session.add(objection)
    if line.state is LineState.LISTED:
        line.state = LineState.FROZEN
    db.session.flush()
    audit.write(actor, "publicity.object", f"objection:{objection.id}", line=line.id, on_paper=objection.on_paper)
    return objection


def _put_on_paper(objection: Objection, paper: PaperDraft) -> None:
    wrong = {}
    if not paper.name.strip():
        wrong["name"] = lazy("Write who objects.")
    if not paper.household.strip():
        wrong["household"] = lazy("Write the household number, or the address if there is none.")
    if not paper.has_photo and len(paper.reason.strip()) < 2:
        wrong["reason"] = lazy("Add a photo of the paper, or say why there is none.")
    if wrong:
        raise PaperMissing(fields=wrong)
    objection.objector_name, objection.objector_household = paper.name.strip()[:60], paper.household.strip()[:24]
    objection.paper_reason = paper.reason.strip()[:200]
    found = people.member_called(objection.community_id, objection.objector_name, objection.objector_household,
                                 clock.today())
    objection.resident_id = found.id if found is not None else None


def _check_first(objection: Objection) -> None:
    """Nobody objects twice to a line while the first one is open. The line is locked, so that no race gets past."""
    same = Objection.resident_id == objection.resident_id if objection.resident_id is not None else sa.and_(
        Objection.on_paper, Objection.objector_name == objection.objector_name,
        Objection.objector_household == objection.objector_household)
    if db.session.scalar(sa.select(sa.literal(1)).where(
            Objection.community_id == objection.community_id, Objection.line_id == objection.line_id, same,
            Objection.state == ObjectionState.OPEN).limit(1)):
        raise AlreadyObjected


def _open_line(actor: Actor, line_id: int) -> tuple[NoticeLine, PublicNotice]:
    """The line and its notice, both locked. The notice comes first, as when it is closed."""
    notice_id = get_scoped(NoticeLine, line_id, actor.community_id).notice_id
    notice = get_scoped(PublicNotice, notice_id, actor.community_id, lock=True)
    if notice.state not in {NoticeState.PUBLISHED, NoticeState.CLOSED} or notice.closes_at is None:
        raise NotFound
    if notice.state is NoticeState.CLOSED or notice.closes_at <= clock.now():
        raise NoticeOver(moment=format_moment(notice.closes_at))
    line = get_scoped(NoticeLine, line_id, actor.community_id, lock=True)
    if line.state is LineState.STRUCK:
        raise LineGone
    return line, notice


def decide(actor: Actor, objection_id: int, upheld: bool, text: str) -> tuple[list[Objection], NoticeLine]:
    """Answer an objection in writing, once. Returns it, followed by all others answered with it, and the line.

    Upheld, the line is struck and every other open objection to it is answered with it; dismissed, it is posted (or,
    where it stands for no points, simply hangs on) unless another one is still open. Raises NotAllowed,
    NotIndependent, TextMissing, AlreadyDecided.
    """
    if not policy.may_decide(actor):
        raise NotAllowed
    seen = get_scoped(Objection, objection_id, actor.community_id)
    notice = get_scoped(PublicNotice, seen.notice_id, actor.community_id, lock=True)
    line = get_scoped(NoticeLine, seen.line_id, actor.community_id, lock=True)
    objection = get_scoped(Objection, objection_id, actor.community_id, lock=True)
    if objection.state is not ObjectionState.OPEN:
        raise AlreadyDecided
    check_independent(actor, line, objection)
    if len(text.strip()) < 2:
        raise TextMissing(fields={"answer": lazy("The answer has to be in writing.")})
    others = queries.open_on_line(actor.community_id, line.id, but=objection.id)
    answered = [objection]
    if upheld:
        answered += [other for other in others if other.entered_by_id != actor.user_id]
    for each in answered:
        _answer(each, actor, upheld, text)
    if upheld:
        line.state = LineState.STRUCK
    elif not others and line.state is LineState.FROZEN:
        line.state = LineState.POSTED if _stands_alone(notice) else LineState.LISTED
    db.session.flush()
    audit.write_many(actor, "publicity.decide", [f"objection:{each.id}" for each in answered], upheld=upheld)
    return answered, line


def _stands_alone(notice: PublicNotice) -> bool:
    """Awards are posted one by one; opening balances as one batch when the notice ends, and hang on until then. Of
    other kinds nothing is posted."""
    return notice.kind is NoticeKind.AWARDS or (
        notice.kind is NoticeKind.OPENING_BALANCES and notice.state is NoticeState.CLOSED)


def check_independent(actor: Actor, line: NoticeLine, objection: Objection) -> None:
    """Raises NotIndependent for the recorder, the approver, the household concerned and the objector."""
    today = clock.today()
    own = people.households_of_actor(actor, today)
    if line.done_on is not None:
        own |= people.households_of_actor(actor, line.done_on)
    residents = {r.id for r in people.residents_of_user(actor.user_id)} if actor.user_id is not None else set()
    if not policy.is_independent(actor, line, objection, own, residents):
        raise NotIndependent


def _answer(objection: Objection, actor: Actor, upheld: bool, text: str) -> None:
    objection.state = ObjectionState.UPHELD if upheld else ObjectionState.DISMISSED
    objection.answer, objection.decided_by_id, objection.decided_at = text.strip()[:500], actor.user_id, clock.now()
