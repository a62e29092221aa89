"""The list of the month: what was approved becomes a notice that one person makes and another publishes."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from pointsbank.communities import queries as communities
from pointsbank.communities.settings import of
from pointsbank.contributions import queries
from pointsbank.contributions.describing import is_own_words, measure, units_of
from pointsbank.contributions.errors import AlreadyDrafted, NothingListed
from pointsbank.contributions.models import AwardLine, Contribution, LineState
from pointsbank.contributions.services.reviewing import award_waiting
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.formats import format_month
from pointsbank.core.i18n import N_
from pointsbank.core.masking import mask_name
from pointsbank.ledger import services as ledger
from pointsbank.ledger.models import Book, OpeningBatch, OpeningState
from pointsbank.notifications.services import Message, tell_each
from pointsbank.people import queries as people
from pointsbank.people.models import Household, Resident
from pointsbank.publicity import queries as notices
from pointsbank.publicity import services as publicity
from pointsbank.publicity.models import Grouping, NoticeKind, PublicNotice
from pointsbank.rules.models import ScoringStandard

MOST_LINES = 2000


@dataclass(frozen=True)
class ListRow:
    """One row of the month's list as the desk sees it, before masking."""

    line: AwardLine
    contribution: Contribution
    resident: Resident
    household: Household | None
    grouping: str
    unit: str = ""

    @property
    def act(self) -> tuple[int, int]:
        """What points and minutes of one deed and rule have in common."""
        return self.contribution.id, self.line.rule_id


def month_rows(community_id: int, month: dt.date, *, grouped_by: Grouping = Grouping.GRID,
               lock: bool = False) -> list[ListRow]:
    """What would stand on the notice of a month: every line that hangs on no notice, of deeds up to its last day.

    Lines that were posted at once come along for information. Of one deed and rule only one line is shown: its points,
    or the minutes where it earned no points. In the order printed: by grid (or not), household, day.
    """
    last = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    query = (scoped(AwardLine, community_id).join(Contribution, Contribution.id == AwardLine.contribution_id)
             .where(AwardLine.notice_id.is_(None), AwardLine.state.in_([LineState.PROPOSED, LineState.POSTED]),
                    Contribution.done_on <= last).order_by(AwardLine.id).limit(MOST_LINES))
    if lock:
        query = query.with_for_update(of=AwardLine, key_share=True).execution_options(populate_existing=True)
    lines = list(db.session.scalars(query))
    deeds = queries.by_ids(community_id, {line.contribution_id for line in lines})
    residents = people.residents_by_id(community_id, {c.resident_id for c in deeds.values()})
    homes = people.households_by_id(community_id, {c.household_id for c in deeds.values() if c.household_id})
    grids = communities.grid_names(community_id)
    units = units_of(community_id, {line.rule_id for line in lines})
    rows = []
    for line in lines:
        deed = deeds[line.contribution_id]
        home = homes.get(deed.household_id or 0)
        rows.append(ListRow(line, deed, residents[deed.resident_id], home,
                            grids.get(home.area_id or 0, "") if home is not None else "", units.get(line.rule_id, "")))
    by_grid = grouped_by is Grouping.GRID
    return sorted(rows, key=lambda r: (r.grouping if by_grid else "", r.household.number if r.household else "~",
                                       r.contribution.done_on, r.line.id))


def shown(rows: Sequence[ListRow]) -> list[ListRow]:
    """Without the minutes beside points of the same deed and rule: one act, one row."""
    with_points = {r.act for r in rows if r.line.book is not Book.MINUTES}
    return [r for r in rows if r.line.book is not Book.MINUTES or r.act not in with_points]


def draft_month(actor: Actor, month: dt.date, *, leave_out: Collection[int] = (), resolution: str = "",
                days: int | None = None, grouped_by: Grouping = Grouping.GRID) -> PublicNotice:
    """Make a notice out of the month's list, without the award lines in ``leave_out``: they come with the next one.

    The maker chooses how its lines stand together. A line of a corrected deed names the line that it puts right. What
    the community gives out a month at most is kept to: the latest deeds then wait for the next month. Raises
    NothingListed and those of ``publicity.services.draft``.
    """
    community_id = actor.community_id
    if community_id is None:
        raise NotFound
    award_waiting(actor, community_id)
    found = month_rows(community_id, month, grouped_by=grouped_by, lock=True)
    left_out = {r.act for r in found if r.line.id in set(leave_out)}
    rows = _within_cap(community_id, [r for r in found if r.act not in left_out])
    if not rows:
        raise NothingListed
    old = _lines_put_right(community_id, rows)
    lines = [_line_draft(r, old.get((r.contribution.id, r.line.book), "")) for r in shown(rows)]
    notice = publicity.draft(actor, publicity.NoticeDraft(
        kind=NoticeKind.AWARDS, title=_month_title(month), lines=lines, grouped_by=grouped_by,
        standard_label=_standards(community_id, {r.line.version_id for r in rows}), resolution=resolution,
        subject_key=f"month:{month:%Y-%m}", days=days))
    db.session.execute(sa.update(AwardLine).where(AwardLine.id.in_([r.line.id for r in rows]))
                       .values(notice_id=notice.id).execution_options(synchronize_session=False))
    return notice


def _month_title(month: dt.date) -> str:
    """In the house's language, whoever made it: the title hangs on the board."""
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        return _("List of points, %(month)s", month=format_month(month))


def _opening_title() -> str:
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        return _("List of balances taken over from the paper book")


def _within_cap(community_id: int, rows: list[ListRow]) -> list[ListRow]:
    """Keep to the community's monthly limit, the earliest deeds first. What is posted already always stays."""
    cap = of(community_id).monthly_cap
    if not cap:
        return rows
    first = clock.at_local(clock.today().replace(day=1))
    spent = db.session.scalar(sa.select(sa.func.coalesce(sa.func.sum(AwardLine.amount), 0)).where(
        AwardLine.community_id == community_id, AwardLine.book == Book.POINTS,
        sa.or_(AwardLine.state.in_([LineState.LISTED, LineState.FROZEN]),
               sa.and_(AwardLine.state == LineState.POSTED, AwardLine.posted_at >= first)))) or 0
    kept: set[int] = set()
    for row in sorted(rows, key=lambda r: (r.contribution.done_on, r.line.id)):
        counts = row.line.state is LineState.PROPOSED and row.line.book is Book.POINTS
        if counts and spent + row.line.amount > cap:
            continue
        spent += row.line.amount if counts else 0
        kept.add(row.line.id)
    return [r for r in rows if r.line.id in kept]


def _lines_put_right(community_id: int, rows: Sequence[ListRow]) -> dict[tuple[int, Book], str]:
    """By deed and book: the key of the award line, of the deed as it was first, that a corrected deed stands for."""
    first = {r.contribution.id: old for r in rows if (old := r.contribution.first_deed_id) is not None}
    if not first:
        return {}
    before: dict[tuple[int, Book], str] = {}
    for line in db.session.scalars(scoped(AwardLine, community_id).where(
            AwardLine.contribution_id.in_(set(first.values())), AwardLine.notice_id.is_not(None))
            .order_by(AwardLine.id)):
        before[line.contribution_id, line.book] = line.source_key
    return {(deed, book): before[old, book] for deed, old in first.items() for book in Book if (old, book) in before}


def _line_draft(row: ListRow, corrects: str = "") -> publicity.NoticeLineDraft:
    """Only what the public list may carry: household number, masked name, item, day, amount."""
    deed, line = row.contribution, row.line
    own_words = is_own_words(deed.source_key)
    item = line.rule_name if own_words or deed.title == line.rule_name else f"{line.rule_name}（{deed.title}）"
    barred = [u for u in (deed.recorder_user_id, deed.checker_user_id, deed.approver_user_id) if u is not None]
    return publicity.NoticeLineDraft(
        source_key=line.source_key, household_number=row.household.number if row.household else "",
        masked_name=mask_name(row.resident.name), item=item, amount=line.amount, grouping=row.grouping,
        done_on=deed.done_on, detail=measure(deed, row.unit), unit=str(line.book), household_id=deed.household_id,
        barred_user_ids=tuple(dict.fromkeys(barred)), posted=line.state is LineState.POSTED, corrects=corrects)


def _standards(community_id: int, version_ids: Collection[int]) -> str:
    found = db.session.scalars(scoped(ScoringStandard, community_id).where(ScoringStandard.id.in_(version_ids))
                               .order_by(ScoringStandard.number)).all()
    return "、".join(f"《{s.title}》（{s.number}）" for s in found)


def publish_notice(actor: Actor, notice_id: int) -> PublicNotice:
    """A second person publishes a draft: its lines are listed, and the residents are told until when.

    Raises those of ``publicity.services.publish``.
    """
    notice = publicity.publish(actor, notice_id)
    if notice.kind is NoticeKind.OPENING_BALANCES:
        ledger.mark_opening_published(actor, opening_batch_id(notice), notice.id)
    if notice.kind is not NoticeKind.AWARDS:
        return notice
    db.session.execute(sa.update(AwardLine).where(
        AwardLine.community_id == notice.community_id, AwardLine.notice_id == notice.id,
        AwardLine.state == LineState.PROPOSED).values(state=LineState.LISTED)
        .execution_options(synchronize_session=False))
    _tell_listed(notice)
    return notice


def discard_notice(actor: Actor, notice_id: int) -> PublicNotice:
    """Throw a draft away; its award lines wait for the next one. Raises those of ``publicity.services.discard``."""
    notice = publicity.discard(actor, notice_id)
    db.session.execute(sa.update(AwardLine).where(
        AwardLine.community_id == notice.community_id, AwardLine.notice_id == notice.id).values(notice_id=None)
        .execution_options(synchronize_session=False))
    return notice


def _tell_listed(notice: PublicNotice) -> None:
    rows = db.session.execute(
        sa.select(Contribution.resident_id, sa.func.sum(AwardLine.amount))
        .join(AwardLine, AwardLine.contribution_id == Contribution.id)
        .where(AwardLine.community_id == notice.community_id, AwardLine.notice_id == notice.id,
               AwardLine.state == LineState.LISTED, AwardLine.book == Book.POINTS)
        .group_by(Contribution.resident_id).order_by(Contribution.resident_id))
    until: dict[str, Any] = {"moment": notice.closes_at.isoformat() if notice.closes_at else ""}
    tell_each(notice.community_id, [Message(
        resident_id, N_("%(points)s points of yours hang out on notice no. %(number)s until %(until)s. Without an "
                        "objection they then go into the passbook."),
        {"points": {"points": int(total)}, "number": notice.number, "until": until}, f"/notices/{notice.id}")
        for resident_id, total in rows])


# ── Opening balances ────────────────────────────────────────────────────────────────────────────────────────────


def draft_opening(actor: Actor, batch_id: int, *, resolution: str = "", days: int | None = None) -> PublicNotice:
    """Make a notice out of a confirmed batch of opening balances. Raises NothingListed and those of ``publicity``."""
    community_id = actor.community_id
    if community_id is None:
        raise NotFound
    lines = [line for line in ledger.opening_lines(community_id, batch_id) if line.struck_because is None]
    batch = get_scoped(OpeningBatch, batch_id, community_id, lock=True)
    if not lines or batch.state is not OpeningState.CONFIRMED:
        raise NothingListed
    if any(n.subject_key == f"opening:{batch_id}" for n in notices.drafts(community_id)):
        raise AlreadyDrafted
    drafts = [publicity.NoticeLineDraft(
        source_key=line.source_key, household_number=line.household_number, masked_name=mask_name(line.name),
        item="", detail={"text": N_("Balance in the paper book"), "params": {}}, amount=line.amount,
        household_id=_household_id(line.owner_key)) for line in lines]
    notice = publicity.draft(actor, publicity.NoticeDraft(
        kind=NoticeKind.OPENING_BALANCES, title=_opening_title(), lines=drafts, resolution=resolution,
        subject_key=f"opening:{batch_id}", days=days))
    audit.write(actor, "contributions.draft_opening", f"opening:{batch_id}", notice=notice.id)
    return notice


def _household_id(owner_key: str) -> int | None:
    kind, _, number = owner_key.partition(":")
    return int(number) if kind == "household" else None


def opening_batch_id(notice: PublicNotice) -> int:
    """The batch that a notice of opening balances shows."""
    return int(notice.subject_key.partition(":")[2])


def line_of(community_id: int | None, source_key: str, *, lock: bool = False) -> AwardLine | None:
    """The award line behind a notice line; None where it stands for something else."""
    kind, _, number = source_key.partition(":")
    if kind != "award" or not number.isdecimal():
        return None
    return get_scoped(AwardLine, int(number), community_id, lock=lock)
