"""A standard on the notice board: when its draft is open for comment, and when it was adopted."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import get_scoped
from pointsbank.core.errors import Forbidden
from pointsbank.core.formats import format_day
from pointsbank.core.i18n import N_
from pointsbank.publicity import queries as notices
from pointsbank.publicity import services as publicity
from pointsbank.publicity.models import NoticeKind, PublicNotice
from pointsbank.rules import papers, policy, queries
from pointsbank.rules.differing import compare
from pointsbank.rules.errors import AlreadyAnnounced, NotOpen
from pointsbank.rules.evaluation import Version
from pointsbank.rules.models import CommentRound, ScoringStandard
from pointsbank.rules.packing import unpacked_version

LEAST_DAYS, MOST_DAYS = 3, 60
LONGEST_PARAGRAPH = 1800


def announce(actor: Actor, standard_id: int) -> PublicNotice:
    """A draft of a notice about what is open for comment, or about what was adopted; a second person publishes it.

    Raises Forbidden, NotOpen for a draft that nobody is asked about, AlreadyAnnounced, and what ``publicity`` raises.
    """
    if actor.user_id is None or actor.community_id is None or not policy.may_write(actor):
        raise Forbidden
    standard = get_scoped(ScoringStandard, standard_id, actor.community_id, lock=True)
    heard = papers.open_round(standard.community_id)
    if standard.is_draft and (heard is None or heard.standard_id != standard.id):
        raise NotOpen
    subject = subject_of(standard, heard if standard.is_draft else None)
    if notices.about(standard.community_id, [subject]):
        raise AlreadyAnnounced
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):  # it hangs on the board, whoever made it
        wanted = _open(standard, heard, subject) if standard.is_draft and heard else _adopted(standard, subject)
    notice = publicity.draft(actor, wanted)
    audit.write(actor, "rules.announce", f"standard:{standard.id}", notice=notice.id)
    return notice


def subject_of(standard: ScoringStandard, heard: CommentRound | None) -> str:
    """What the notice is made from: a round of comments, or the adopted version."""
    return f"standard:{standard.id}:round:{heard.number}" if heard is not None else f"standard:{standard.id}:adopted"


def _open(standard: ScoringStandard, heard: CommentRound, subject: str) -> publicity.NoticeDraft:
    version = unpacked_version(heard.snapshot, standard.number)
    days = (heard.closes_on - clock.today()).days + 1
    asked = _("Whoever thinks otherwise says so here, at the office or to the grid worker until %(day)s. Each opinion "
              "is answered in writing.", day=format_day(heard.closes_on))
    return publicity.NoticeDraft(
        kind=NoticeKind.STANDARD, subject_key=subject, days=min(max(days, LEAST_DAYS), MOST_DAYS),
        title=_("%(title)s, version %(number)s (open for comment)", title=standard.title, number=standard.number),
        body=[publicity.Paragraph(N_("What do you think?"), asked), *_changes(standard, version),
              _items(f"round:{heard.id}", version)])


def _adopted(standard: ScoringStandard, subject: str) -> publicity.NoticeDraft:
    version = queries.version(standard.community_id, standard.id)
    day = standard.in_force_on or clock.today()
    return publicity.NoticeDraft(
        kind=NoticeKind.STANDARD, subject_key=subject, resolution=standard.resolution,
        title=_("%(title)s, version %(number)s, in force from %(day)s", title=standard.title, number=standard.number,
                day=format_day(day, weekday=False)),
        body=[*_changes(standard, version), _items(f"standard:{standard.id}", version)])


def _changes(standard: ScoringStandard, version: Version) -> Sequence[publicity.Paragraph]:
    """What changes, in as many paragraphs as it takes; none for the first version."""
    before = queries.compared_with(standard)
    if before is None:
        return []
    blocks: list[str] = []
    for said in (queries.said_phrase(p) for one in compare(before, version) for p in one.phrases):
        if blocks and len(blocks[-1]) + len(said) < LONGEST_PARAGRAPH:
            blocks[-1] += f"\n{said}"
        else:
            blocks.append(said[:LONGEST_PARAGRAPH])
    return [publicity.Paragraph(N_("What changes"), block) for block in blocks]


def _items(key: str, version: Version) -> publicity.Table:
    rows = [(f"{key}:{rule.code}", (rule.code, rule.name, queries.sentence(rule))) for rule in version.rules]
    return publicity.Table(N_("All items"), (N_("No."), N_("Item"), N_("How it counts")), rows)
