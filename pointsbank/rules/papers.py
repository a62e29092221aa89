"""Asking for what stands around a standard: templates and their bounds, rounds of comments, comments, resolutions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from pointsbank.communities import queries as communities
from pointsbank.communities.models import Area
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.masking import mask_name
from pointsbank.core.paging import Page, page
from pointsbank.people import queries as people
from pointsbank.people.models import Resident
from pointsbank.rules import policy
from pointsbank.rules.bounds import Bounded, Bounds
from pointsbank.rules.evaluation import Version
from pointsbank.rules.models import (
    CommentRound,
    CommentState,
    ScoringStandard,
    Stage,
    StandardComment,
    StandardOrigin,
    StandardResolution,
    StandardTemplate,
    TemplateItem,
    TemplateState,
)
from pointsbank.rules.packing import unpacked, unpacked_cap, version_of

# ── Templates ───────────────────────────────────────────────────────────────────────────────────────────────────


def areas_above(path: str) -> list[Area]:
    """The county and the town above a community, the nearest first."""
    return list(communities.above(path))


def template(path: str, template_id: int) -> StandardTemplate:
    """A template of an area above the community with this path. Raises NotFound: others' do not exist here."""
    ids = [area.id for area in areas_above(path)]
    found = db.session.scalars(sa.select(StandardTemplate).where(
        StandardTemplate.id == template_id, StandardTemplate.area_id.in_(ids))).one_or_none()
    if found is None:
        raise NotFound
    return found


def templates(path: str, *, drafts_of: Iterable[int] = (), cursor: str | None = None,
              limit: int | None = None) -> Page[StandardTemplate]:
    """The templates issued above the community with this path, newest first; drafts only of these areas."""
    ids = [area.id for area in areas_above(path)]
    query = sa.select(StandardTemplate).where(
        StandardTemplate.area_id.in_(ids),
        sa.or_(StandardTemplate.state != TemplateState.DRAFT, StandardTemplate.area_id.in_(list(drafts_of))))
    return page(query, StandardTemplate.id, cursor=cursor, limit=limit)


def in_use(path: str) -> list[tuple[StandardTemplate, Area]]:
    """The template issued last by each area above, the nearest area first."""
    above = {area.id: area for area in areas_above(path)}
    rows = db.session.scalars(sa.select(StandardTemplate).where(
        StandardTemplate.area_id.in_(above), StandardTemplate.state == TemplateState.ISSUED))
    return sorted(((row, above[row.area_id]) for row in rows), key=lambda pair: list(above).index(pair[1].id))


def template_items(template_id: int) -> Sequence[TemplateItem]:
    """The items of a template in their order."""
    return db.session.scalars(sa.select(TemplateItem).where(TemplateItem.template_id == template_id)
                              .order_by(TemplateItem.position, TemplateItem.id)).all()


def bounds_of(found: StandardTemplate) -> Bounds:
    """A template as it binds: its items with what may be changed of them, its caps, room for additions."""
    items = tuple(Bounded(unpacked(item.content), item.points_percent, item.caps_percent, item.may_drop)
                  for item in template_items(found.id))
    return Bounds(items, tuple(unpacked_cap(cap) for cap in found.caps), found.additions_most,
                  found.addition_points_most)


def template_version(found: StandardTemplate) -> Version:
    """A template as a version, for its sentences and its file."""
    bounds = bounds_of(found)
    return version_of([item.rule for item in bounds.items], bounds.caps, title=found.title, number=found.number)


def origin(community_id: int, standard_id: int) -> StandardTemplate | None:
    """The template that a version was built on."""
    return db.session.scalars(
        sa.select(StandardTemplate).join(StandardOrigin, StandardOrigin.template_id == StandardTemplate.id)
        .where(StandardOrigin.community_id == community_id, StandardOrigin.standard_id == standard_id)).one_or_none()


# ── Rounds of comments ──────────────────────────────────────────────────────────────────────────────────────────


def open_round(community_id: int) -> CommentRound | None:
    """The round that keeps the draft of this community frozen; there is one draft, so one round at most."""
    return db.session.scalars(scoped(CommentRound, community_id).where(
        CommentRound.ended_at.is_(None))).one_or_none()


def rounds(community_id: int, standard_id: int) -> Sequence[CommentRound]:
    """All rounds of a version, the latest first."""
    return db.session.scalars(scoped(CommentRound, community_id).where(
        CommentRound.standard_id == standard_id).order_by(CommentRound.number.desc())).all()


def last_round(community_id: int, standard_id: int | None = None) -> CommentRound | None:
    """The latest round of a version, or of the whole community."""
    query = scoped(CommentRound, community_id)
    if standard_id is not None:
        query = query.where(CommentRound.standard_id == standard_id)
    return db.session.scalars(query.order_by(CommentRound.id.desc()).limit(1)).first()


def ran_for(heard: CommentRound, days: int, today: dt.date) -> bool:
    """The round ran to its end and lasted so many days; one that was taken back before does not count."""
    last = clock.local_date(heard.ended_at) if heard.ended_at is not None else today
    return last > heard.closes_on and (heard.closes_on - heard.opens_on).days + 1 >= days


def stage_of(standard: ScoringStandard, heard: CommentRound | None) -> Stage:
    """How far a version has come; ``heard`` is the open round of its community."""
    if standard.is_draft and heard is not None and heard.standard_id == standard.id:
        return Stage.COMMENTING
    return Stage(standard.state.value)


# ── Comments ────────────────────────────────────────────────────────────────────────────────────────────────────


def comment(community_id: int | None, comment_id: int) -> StandardComment:
    """One comment of this community. Raises NotFound."""
    return get_scoped(StandardComment, comment_id, community_id)


def comments(community_id: int, standard_id: int, *, states: Sequence[CommentState] = (), cursor: str | None = None,
             limit: int | None = None) -> Page[StandardComment]:
    """What was said about a version, newest first."""
    query = scoped(StandardComment, community_id).where(StandardComment.standard_id == standard_id)
    if states:
        query = query.where(StandardComment.state.in_(states))
    return page(query, StandardComment.id, cursor=cursor, limit=limit)


def counts(community_id: int, standard_id: int) -> dict[CommentState, int]:
    """How many comments stand in each state. One statement."""
    rows: Any = db.session.execute(
        sa.select(StandardComment.state, sa.func.count()).where(
            StandardComment.community_id == community_id, StandardComment.standard_id == standard_id)
        .group_by(StandardComment.state))
    return {**dict.fromkeys(CommentState, 0), **dict(rows.all())}


def public_names(community_id: int, found: Iterable[StandardComment]) -> dict[int, str]:
    """The masked name of each comment's author by comment; empty for somebody under age, who is only called that.

    One statement, and what leaves here is masked already.
    """
    listed = list(found)
    known = people.residents_by_id(community_id, {c.resident_id for c in listed if c.resident_id is not None})
    return {c.id: _public_name(c, known.get(c.resident_id or 0)) for c in listed}


def _public_name(found: StandardComment, resident: Resident | None) -> str:
    if resident is None:
        return mask_name(found.author_name) if found.author_name else "*"
    if resident.erased_at is not None:
        return "*"
    return "" if resident.is_minor(clock.local_date(found.made_at)) else mask_name(resident.name)


def full_names(community_id: int, found: Iterable[StandardComment]) -> dict[int, str]:
    """The whole names, for the desk alone. One statement."""
    listed = list(found)
    known = people.residents_by_id(community_id, {c.resident_id for c in listed if c.resident_id is not None})
    return {c.id: c.author_name or (known[c.resident_id].name if c.resident_id in known else "*") for c in listed}


def is_author(actor: Actor, found: StandardComment) -> bool:
    """The resident acted for wrote it, or the actor entered it from paper."""
    if actor.user_id is None:
        return False
    own = found.resident_id is not None and found.resident_id == actor.resident_id
    return own or (found.on_paper and found.entered_by_id == actor.user_id)


def to_answer(actor: Actor) -> tuple[sa.ColumnElement[bool], ...]:
    """Of the comments that wait for an answer those that the actor may give one to; for a WHERE."""
    return (StandardComment.state == CommentState.OPEN, StandardComment.entered_by_id != actor.user_id,
            sa.true() if policy.may_adopt(actor) else sa.false())


# ── Resolutions ─────────────────────────────────────────────────────────────────────────────────────────────────


def resolution(community_id: int, standard_id: int) -> StandardResolution | None:
    """How a version was adopted; None for one that was adopted before resolutions were kept as records."""
    return db.session.scalars(scoped(StandardResolution, community_id).where(
        StandardResolution.standard_id == standard_id)).one_or_none()


def minutes_key(standard_id: int) -> str:
    """What the minutes of a resolution hang on."""
    return f"resolution:{standard_id}"
