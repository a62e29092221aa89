"""The blueprint of the room, and what its pages share."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from pointsbank.communities import queries as communities
from pointsbank.communities import settings
from pointsbank.core import clock
from pointsbank.core.db import get_scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.web import (
    Room,
    current_actor,
)
from pointsbank.media import queries as media
from pointsbank.publicity import queries as notices
from pointsbank.rules import papers, policy, queries, wording
from pointsbank.rules.bounds import excesses
from pointsbank.rules.drafts import from_rule
from pointsbank.rules.evaluation import Rule, Version
from pointsbank.rules.models import CommentRound, ScoringStandard
from pointsbank.rules.services.announcing import subject_of

bp = Room("rules", "pointsbank.rules.pages")


def rectify_days(community_id: int | None = None) -> int | None:
    """How long the community gives to put right what would cost points; that acted in unless told otherwise."""
    place = community_id or current_actor().community_id
    return settings.of(place).rectify_days if place is not None else None


def sentence(rule: Rule) -> str:
    """An item in one sentence."""
    return queries.sentence(rule, rectify_days() if rule.takes_away else None)


def full_sentence(rule: Rule) -> Markup:
    """The same with its numbers marked and all that goes with it."""
    return queries.full_sentence(rule, rectify_days() if rule.takes_away else None)


SHARED = {"receiver_word": queries.receiver_word, "wide_sentence": queries.wide_sentence,
          "sentence": sentence, "full_sentence": full_sentence, "by_category": queries.by_category,
          "said": queries.said_phrase, "words": wording, "section": "rules.desk"}


def community() -> int:
    """The community acted in. Raises NotFound without one."""
    community_id = current_actor().community_id
    if community_id is None:
        raise NotFound
    return community_id


def standing(standard: ScoringStandard) -> str:
    """Where a version stands today: draft, coming, in_force, past."""
    today = clock.today()
    if standard.in_force_on is None:
        return "draft"
    if standard.in_force_on > today:
        return "coming"
    return "past" if standard.superseded_on is not None and standard.superseded_on <= today else "in_force"


def load(standard_id: int) -> tuple[ScoringStandard, Version]:
    """A version of the community acted in, with its items. Raises NotFound."""
    row = get_scoped(ScoringStandard, standard_id, community())
    return row, queries.versions(row.community_id, [row])[row.id]


def page_of(row: ScoringStandard, version: Version) -> dict[str, Any]:
    """What the page of a version shows."""
    actor = current_actor()
    before = queries.compared_with(row)
    heard = papers.open_round(row.community_id)
    frozen = heard is not None and heard.standard_id == row.id
    return {"standard": row, "version": version, "standing": standing, "before": before,
            "changes": queries.said_differences(before, version) if before is not None else [],
            "heard": heard, "frozen": frozen, "may_take_back": policy.may_write(actor) and frozen,
            "may_write": policy.may_write(actor) and row.is_draft and not frozen,
            "rectify_days": rectify_days(row.community_id),
            "may_adopt": policy.may_adopt(actor) and row.is_draft, "wrote": policy.wrote_in(actor, row), **SHARED}


def papers_of(row: ScoringStandard, version: Version) -> dict[str, Any]:
    """What stands around a version: its template, rounds of comments, resolution, minutes, notices."""
    template = papers.origin(row.community_id, row.id)
    beyond = [] if template is None or not row.is_draft else list(excesses(
        papers.bounds_of(template), [from_rule(rule) for rule in version.rules], version.caps))
    rounds = papers.rounds(row.community_id, row.id)
    subjects = [subject_of(row, None), *(subject_of(row, one) for one in rounds)]
    hung, subject = notices.about(row.community_id, subjects), _to_announce(row, rounds)
    return {"source": template, "source_area": communities.area(template.area_id) if template else None,
            "beyond": beyond, "rounds": rounds, "counts": papers.counts(row.community_id, row.id) if rounds else {},
            "notices": hung, "may_announce": policy.may_write(current_actor()) and bool(subject) and subject not in
            {notice.subject_key for notice in hung}, **resolution_of(row)}


def _to_announce(row: ScoringStandard, rounds: Any) -> str:
    """The subject of the notice that could be made now; empty where there is nothing to announce."""
    running: CommentRound | None = next((one for one in rounds if one.ended_at is None), None)
    if row.is_draft:
        return subject_of(row, running) if running is not None else ""
    return subject_of(row, None)


def resolution_of(row: ScoringStandard) -> dict[str, Any]:
    """How a version was adopted, and for members the minutes of it."""
    found = papers.resolution(row.community_id, row.id)
    spoken = wording.resolution(found) if found is not None else None
    values: dict[str, Any] = {"resolution": found, "votes": queries.said_phrase(spoken) if spoken else "",
                              "minutes_photos": [], "minutes_papers": []}
    if found is not None and policy.may_read_minutes(current_actor(), row.community_id):
        key = papers.minutes_key(row.id)
        values["minutes_photos"] = media.photos_of(row.community_id, [key])[key]
        values["minutes_papers"] = media.papers_of(row.community_id, key)
    return values
