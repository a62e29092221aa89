"""A draft open for comment: frozen while everybody reads it, commented on, answered in writing, taken back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.communities import settings
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import Forbidden, Invalid, NotFound, lazy
from pointsbank.core.formats import format_day
from pointsbank.core.i18n import N_
from pointsbank.notifications.services import tell
from pointsbank.people import queries as people
from pointsbank.publicity.errors import PersonalNumber
from pointsbank.publicity.services import personal_number
from pointsbank.rules import papers, policy
from pointsbank.rules.errors import (
    AlreadyOpen,
    CommentAnswered,
    CommentsOver,
    NotADraft,
    NotOpen,
    OwnComment,
    SameComment,
    TooManyComments,
)
from pointsbank.rules.faults import MOST_POINTS
from pointsbank.rules.models import (
    COMMENT_ALLOWED,
    STAGE_ALLOWED,
    CommentKind,
    CommentRound,
    CommentState,
    ScoringStandard,
    Stage,
    StandardComment,
)
from pointsbank.rules.packing import packed_version
from pointsbank.rules.services.soundness import check_sound

LONGEST_ROUND = 90
MOST_COMMENTS = 10
SUGGESTED_DAYS = 7


@dataclass(frozen=True)
class CommentDraft:
    """What somebody says: on the whole, or on the item ``item_code``; with ``proposed_name`` it proposes a new item
    worth ``proposed_points`` (hundredths)."""

    text: str
    item_code: str = ""
    proposed_name: str = ""
    proposed_points: int | None = None


@dataclass(frozen=True)
class PaperAuthor:
    """Who said it on a slip of paper or at the counter, for whom a member enters it."""

    name: str
    household: str


def open_comments(actor: Actor, standard_id: int, closes_on: dt.date, *,
                  opens_on: dt.date | None = None) -> CommentRound:
    """Open a draft for comment from ``opens_on`` (today) to ``closes_on``, both included; it is frozen at once.

    Raises Forbidden, NotADraft, AlreadyOpen, EmptyDraft, Unsound, BeyondTemplate, Invalid for the days.
    """
    if actor.user_id is None or actor.community_id is None or not policy.may_write(actor):
        raise Forbidden
    standard = get_scoped(ScoringStandard, standard_id, actor.community_id, lock=True)
    if not standard.is_draft:
        raise NotADraft(number=standard.number)
    before = papers.rounds(standard.community_id, standard.id)
    if before and before[0].ended_at is None:
        raise AlreadyOpen
    first = opens_on or clock.today()
    _check_days(standard.community_id, first, closes_on)
    version = check_sound(standard)
    opened = CommentRound(
        community_id=standard.community_id, standard_id=standard.id, number=len(before) + 1, opens_on=first,
        closes_on=closes_on, snapshot=packed_version(version), opened_by_id=actor.user_id, opened_at=clock.now())
    db.session.add(opened)
    db.session.flush()
    audit.write(actor, "rules.open_comments", f"standard:{standard.id}", opens_on=first.isoformat(),
                closes_on=closes_on.isoformat())
    return opened


def _check_days(community_id: int, first: dt.date, last: dt.date) -> None:
    least = max(settings.of(community_id).comment_days, 1)
    wrong = {}
    if not clock.today() <= first <= clock.today() + dt.timedelta(days=LONGEST_ROUND):
        wrong["opens_on"] = lazy("From today on, and within the next 90 days.")
    days = (last - first).days + 1
    if days < least:
        wrong["closes_on"] = lazy("Here it has to be open for %(least)s days at least.", least=least)
    elif days > LONGEST_ROUND:
        wrong["closes_on"] = lazy("At most 90 days.")
    if wrong:
        raise Invalid(fields=wrong)


def take_back(actor: Actor, standard_id: int) -> CommentRound:
    """Make a draft one that can be changed again; what was said about it stays. Raises Forbidden, NotOpen."""
    if not policy.may_write(actor):
        raise Forbidden
    standard = get_scoped(ScoringStandard, standard_id, actor.community_id, lock=True)
    ended = end_round(actor, standard, Stage.DRAFT)
    if ended is None:
        raise NotOpen
    audit.write(actor, "rules.take_back", f"standard:{standard.id}", round=ended.number)
    return ended


def end_round(actor: Actor, standard: ScoringStandard, target: Stage) -> CommentRound | None:
    """End the open round of a standard that the caller has locked; None where there is none."""
    heard = papers.open_round(standard.community_id)
    if heard is None or heard.standard_id != standard.id:
        return None
    if target not in STAGE_ALLOWED[Stage.COMMENTING]:
        raise NotOpen
    # Comments wait at this row: one that comes at this moment is either counted or told that it is over.
    heard = get_scoped(CommentRound, heard.id, standard.community_id, lock=True)
    if heard.ended_at is not None:
        return None
    heard.ended_at, heard.ended_by_id = clock.now(), actor.user_id
    db.session.flush()
    return heard


# ── What people say ─────────────────────────────────────────────────────────────────────────────────────────────


def comment(actor: Actor, standard_id: int, draft: CommentDraft, paper: PaperAuthor | None = None) -> StandardComment:
    """Say something about a draft that is open for comment, for the resident acted for; with ``paper`` a member enters
    it for somebody without a phone.

    Raises Forbidden, NotFound, CommentsOver, Invalid, PersonalNumber, SameComment, TooManyComments.
    """
    if actor.user_id is None or actor.community_id is None:
        raise Forbidden
    if paper is not None and not policy.may_enter_comments(actor):
        raise Forbidden
    if paper is None and actor.resident_id is None:
        raise Forbidden(lazy("Choose first for whom you speak."))
    heard = _heard(actor.community_id, standard_id)
    _check_text(heard, draft)
    row = StandardComment(
        community_id=actor.community_id, standard_id=standard_id, round_id=heard.id,
        kind=CommentKind.PROPOSAL if draft.proposed_name.strip() else CommentKind.REMARK, state=CommentState.OPEN,
        item_code=draft.item_code, text=draft.text.strip(), proposed_name=draft.proposed_name.strip(),
        proposed_points=draft.proposed_points if draft.proposed_name.strip() else None,
        resident_id=actor.resident_id if paper is None else None, on_paper=paper is not None,
        entered_by_id=actor.user_id, made_at=clock.now())
    if paper is not None:
        _put_on_paper(row, paper)
    _check_first(row)
    db.session.add(row)
    db.session.flush()
    audit.write(actor, "rules.comment", f"comment:{row.id}", standard=standard_id, on_paper=row.on_paper)
    return row


def _heard(community_id: int, standard_id: int) -> CommentRound:
    """The round, locked: ending it and speaking up queue here."""
    found = papers.last_round(community_id, standard_id)
    if found is None:
        raise NotFound
    heard = get_scoped(CommentRound, found.id, community_id, lock=True)
    if not heard.is_heard(clock.today()):
        raise CommentsOver(first=format_day(heard.opens_on), until=format_day(heard.closes_on))
    return heard


def _check_text(heard: CommentRound, draft: CommentDraft) -> None:
    wrong = {}
    if not 1 <= len(draft.text.strip()) <= 500:
        wrong["text"] = lazy("Say in 1 to 500 characters what you think.")
    codes = {rule["code"] for rule in heard.snapshot["rules"]}
    if draft.item_code and draft.item_code not in codes:
        wrong["item_code"] = lazy("This draft has no such item.")
    if len(draft.proposed_name.strip()) > 80:
        wrong["proposed_name"] = lazy("A name has 1 to 80 characters.")
    if draft.proposed_name.strip() and draft.item_code:
        wrong["item_code"] = lazy("Either something about an item, or a new one.")
    if draft.proposed_name.strip() and not 0 < (draft.proposed_points or 0) <= MOST_POINTS:
        wrong["proposed_points"] = lazy("How many points should it give?")
    if wrong:
        raise Invalid(fields=wrong)
    number = personal_number(draft.text, draft.proposed_name)
    if number is not None:
        raise PersonalNumber(lazy("Everybody reads this. Take out the number “%(number)s” first."), number=number)


def _put_on_paper(row: StandardComment, paper: PaperAuthor) -> None:
    wrong = {}
    if not paper.name.strip():
        wrong["name"] = lazy("Write whose opinion it is.")
    if not paper.household.strip():
        wrong["household"] = lazy("Write the household number, or the address if there is none.")
    if wrong:
        raise Invalid(fields=wrong)
    row.author_name, row.author_household = paper.name.strip()[:60], paper.household.strip()[:24]
    found = people.member_called(row.community_id, row.author_name, row.author_household, clock.today())
    row.resident_id = found.id if found is not None else None


def _check_first(row: StandardComment) -> None:
    """Nobody says the same twice, and nobody more than their share. The round is locked, so no race gets past."""
    mine = StandardComment.resident_id == row.resident_id if row.resident_id is not None else sa.and_(
        StandardComment.author_name == row.author_name, StandardComment.author_household == row.author_household)
    known = db.session.scalars(sa.select(StandardComment).where(
        StandardComment.community_id == row.community_id, StandardComment.standard_id == row.standard_id, mine,
        StandardComment.state != CommentState.WITHDRAWN).limit(MOST_COMMENTS)).all()
    same = (row.text, row.item_code, row.proposed_name, row.proposed_points)
    if any((c.text, c.item_code, c.proposed_name, c.proposed_points) == same for c in known):
        raise SameComment
    if len(known) >= MOST_COMMENTS:
        raise TooManyComments(most=MOST_COMMENTS)


def withdraw(actor: Actor, comment_id: int) -> StandardComment:
    """Take back what the resident acted for said, as long as nobody answered; nobody is shown it any more.

    Whoever entered a comment from paper takes it back for its author. Raises NotFound, CommentAnswered.
    """
    row = get_scoped(StandardComment, comment_id, actor.community_id, lock=True)
    if not papers.is_author(actor, row):
        raise NotFound
    _move(row, CommentState.WITHDRAWN)
    db.session.flush()
    audit.write(actor, "rules.withdraw_comment", f"comment:{row.id}")
    return row


def answer(actor: Actor, comment_id: int, text: str, *, accepted: bool) -> StandardComment:
    """Answer in writing: accepted into the draft, or declined with the reason. Its author is told.

    Raises Forbidden, OwnComment, CommentAnswered, Invalid.
    """
    if not policy.may_adopt(actor):
        raise Forbidden
    row = get_scoped(StandardComment, comment_id, actor.community_id, lock=True)
    if row.entered_by_id == actor.user_id or papers.is_author(actor, row):
        raise OwnComment
    if not 2 <= len(text.strip()) <= 500:
        raise Invalid(fields={"answer": lazy("The answer has to be in writing: 2 to 500 characters.")})
    _move(row, CommentState.ACCEPTED if accepted else CommentState.DECLINED)
    row.answer, row.answered_by_id, row.answered_at = text.strip(), actor.user_id, clock.now()
    db.session.flush()
    audit.write(actor, "rules.answer_comment", f"comment:{row.id}", accepted=accepted)
    if row.resident_id is not None:
        told = N_("Your opinion on the scoring rules was taken up: %(answer)s") if accepted else N_(
            "Your opinion on the scoring rules was not taken up: %(answer)s")
        tell(row.community_id, [row.resident_id], told, {"answer": row.answer}, f"/rules/comments#comment-{row.id}")
    return row


def _move(row: StandardComment, target: CommentState) -> None:
    if target not in COMMENT_ALLOWED[row.state]:
        raise CommentAnswered
    row.state = target
