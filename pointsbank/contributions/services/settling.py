"""Objections and the end of a notice: lines are frozen, struck, or posted as one batch."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from pointsbank.contributions import queries
from pointsbank.contributions.errors import OwnRelative
from pointsbank.contributions.models import AwardLine, Contribution, LineState
from pointsbank.contributions.services.booking import book
from pointsbank.contributions.services.publishing import line_of, opening_batch_id
from pointsbank.core import clock
from pointsbank.core.actor import Actor, system
from pointsbank.core.db import db, scoped
from pointsbank.core.errors import Invalid, lazy
from pointsbank.core.i18n import N_
from pointsbank.ledger import services as ledger
from pointsbank.ledger.models import Book
from pointsbank.media import services as media
from pointsbank.media.models import Purpose
from pointsbank.notifications.services import Message, tell, tell_each
from pointsbank.publicity import queries as notices
from pointsbank.publicity import services as publicity
from pointsbank.publicity.models import POINTS_KINDS, NoticeKind, NoticeLine, NoticeState, Objection, PublicNotice
from pointsbank.publicity.models import LineState as Shown
from pointsbank.rules import services as rules


def object_to(actor: Actor, line_id: int, text: str, *, contact: str = "", paper: publicity.PaperDraft | None = None,
              photo_ids: Sequence[int] = ()) -> Objection:
    """Object to a line of a notice that hangs out: its award line is frozen, and its resident is told.

    ``photo_ids`` are photos of the paper, stored by the same actor for this purpose. Raises those of
    ``publicity.services.object_to`` and of ``media.services.attach``.
    """
    if paper is not None:
        paper = dataclasses.replace(paper, has_photo=bool(photo_ids))
    objection = publicity.object_to(actor, line_id, text, contact=contact, paper=paper)
    hung = media.attach(actor, photo_ids, f"objection:{objection.id}")
    if any(photo.purpose is not Purpose.OBJECTION for photo in hung):
        raise Invalid(fields={"photo_ids": lazy("This photo was sent for something else.")})
    shown = notices.line(actor.community_id, line_id)
    line = line_of(actor.community_id, shown.source_key, lock=True)
    if line is not None and line.state is LineState.LISTED:
        line.state = LineState.FROZEN
        db.session.flush()
    if line is not None:
        deed = queries.by_ids(line.community_id, [line.contribution_id])[line.contribution_id]
        tell(line.community_id, [deed.resident_id],
             N_("Somebody has a question about “%(what)s”. Only this line waits; you get the answer by %(day)s."),
             {"what": deed.title, "day": {"day": objection.answer_due_on.isoformat()}}, f"/deeds/{deed.id}")
    return objection


def decide_objection(actor: Actor, objection_id: int, upheld: bool, answer: str) -> Objection:
    """Answer an objection: the line is posted or struck at once, both sides are told. A line that stands for no points
    is struck, or hangs on.

    A line whose points were in the book already is taken back by a reversal. Raises OwnRelative and those of
    ``publicity.decide``.
    """
    answered, shown = publicity.decide(actor, objection_id, upheld, answer)
    line = line_of(actor.community_id, shown.source_key, lock=True)
    if line is not None:
        _carry_out(actor, line, shown)
    elif (notice := notices.desk_notice(shown.community_id, shown.notice_id)).kind is NoticeKind.OPENING_BALANCES:
        if shown.state is Shown.STRUCK:
            ledger.strike_opening_line(actor, shown.source_key, answer.strip())
        _finish_opening(notice)
    tell(shown.community_id, [each.resident_id for each in answered if each.resident_id is not None],
         N_("Your objection was upheld, and the line was struck. The answer: %(answer)s") if upheld else
         N_("Your objection was answered, and the line stands. The answer: %(answer)s"),
         {"answer": answer.strip()[:250]}, "/objections")
    return answered[0]


def _carry_out(actor: Actor, line: AwardLine, shown: NoticeLine) -> None:
    deed = queries.by_ids(line.community_id, [line.contribution_id])[line.contribution_id]
    if queries.facts_of(actor.user_id).is_relative(deed.resident_id, deed.household_id, deed.done_on):
        raise OwnRelative  # the board knows households; relatives are declared here
    if shown.state is Shown.STRUCK:
        strike(actor, deed, line)
    elif shown.state is Shown.POSTED and line.state is LineState.FROZEN:
        post_lines(actor, [line])
        _tell_posted(line.community_id, [line])


def strike(actor: Actor, deed: Contribution, line: AwardLine) -> None:
    """The line falls, and with it what the same rule noted for the same deed in another book (the hours)."""
    siblings = db.session.scalars(
        scoped(AwardLine, line.community_id).where(
            AwardLine.contribution_id == line.contribution_id, AwardLine.rule_id == line.rule_id)
        .order_by(AwardLine.id).with_for_update(key_share=True).execution_options(populate_existing=True)).all()
    void(actor, [s for s in siblings if s.state not in {LineState.STRUCK, LineState.REVERSED}])
    tell(line.community_id, [deed.resident_id],
         N_("After an objection “%(what)s” was struck off the list. The written answer lies at the office."),
         {"what": deed.title}, f"/deeds/{deed.id}")


def void(actor: Actor, lines: Sequence[AwardLine]) -> None:
    """Take award lines back: what was posted is reversed in the book, the rest is struck; caps are given back."""
    if not lines:
        return
    community_id = lines[0].community_id
    posted = [line for line in lines if line.state is LineState.POSTED]
    for line in lines:
        line.state = LineState.REVERSED if line in posted else LineState.STRUCK
    db.session.flush()
    rules.give_back(community_id, [*(line.cap_left or {} for line in lines), *_counted(lines)])
    if posted:
        ledger.post(community_id, ledger.reversal_transfers(community_id, [p.source_key for p in posted], "/reversed"),
                    clock.today())


def _counted(lines: Sequence[AwardLine]) -> list[dict[str, dict[str, int]]]:
    """What deeds had added to counters without a line: given back once, with the last line of the deed."""
    community_id = lines[0].community_id
    ids = {line.contribution_id for line in lines}
    live = set(db.session.scalars(sa.select(AwardLine.contribution_id).where(
        AwardLine.community_id == community_id, AwardLine.contribution_id.in_(ids),
        AwardLine.state.notin_([LineState.STRUCK, LineState.REVERSED]))))
    deeds = queries.by_ids(community_id, ids - live)
    return [deed.counted for deed in deeds.values() if deed.counted]


# ── The end of a notice ─────────────────────────────────────────────────────────────────────────────────────────


def settle_notice(community_id: int, notice_id: int, now: dt.datetime) -> PublicNotice | None:
    """Close a notice whose hour has come and post its lines as one batch; None if it isn't due, or done already.

    Frozen lines wait for their answers. Constant statements, however many lines.
    """
    notice = publicity.close(community_id, notice_id, now)
    if notice is None:
        return None
    if notice.kind not in POINTS_KINDS:
        return notice
    actor = system(community_id)
    frozen = notices.frozen_source_keys(community_id, notice_id)
    if notice.kind is NoticeKind.OPENING_BALANCES:
        posted = set(ledger.post_opening(actor, opening_batch_id(notice), frozen))
    else:
        posted = _post_listed(actor, notice, frozen)
    publicity.mark_lines(community_id, notice_id, Shown.POSTED,
                         notices.keys_in_state(community_id, notice_id, Shown.LISTED) & posted)
    return notice


def _post_listed(actor: Actor, notice: PublicNotice, frozen: Collection[str]) -> set[str]:
    lines = db.session.scalars(
        scoped(AwardLine, notice.community_id).where(
            AwardLine.notice_id == notice.id, AwardLine.state == LineState.LISTED)
        .order_by(AwardLine.id).with_for_update(key_share=True).execution_options(populate_existing=True)).all()
    for line in lines:
        if line.source_key in frozen:
            line.state = LineState.FROZEN
    due = [line for line in lines if line.source_key not in frozen]
    post_lines(actor, due)
    _tell_posted(notice.community_id, due)
    return {line.source_key for line in due}


def post_lines(actor: Actor, lines: Sequence[AwardLine]) -> None:
    """Listed or frozen lines become posted, and the book gets them as one batch."""
    if not lines:
        return
    now = clock.now()
    for line in lines:
        line.state, line.posted_at = LineState.POSTED, now
    db.session.flush()
    book(actor, lines)


def _tell_posted(community_id: int, lines: Sequence[AwardLine]) -> None:
    deeds = queries.by_ids(community_id, {line.contribution_id for line in lines})
    sums: dict[int, int] = {}
    for line in lines:
        if line.book is Book.POINTS:
            resident_id = deeds[line.contribution_id].resident_id
            sums[resident_id] = sums.get(resident_id, 0) + line.amount
    params: dict[int, Any] = {r: {"points": {"points": total}} for r, total in sums.items()}
    tell_each(community_id, [Message(r, N_("%(points)s points have gone into the passbook. They can be used now."),
                                     params[r], "/passbook") for r in sorted(sums)])


def _finish_opening(notice: PublicNotice) -> None:
    """After the notice an answer lets the balance be posted, and the batch be finished with its last one."""
    if notice.state is NoticeState.CLOSED:
        frozen = notices.frozen_source_keys(notice.community_id, notice.id)
        ledger.post_opening(system(notice.community_id), opening_batch_id(notice), frozen)
