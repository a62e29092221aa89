"""Reading standards: the version of a day, its items, sentences and differences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from markupsafe import Markup, escape

from pointsbank.core import clock
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.ledger.models import Book
from pointsbank.notifications.queries import said
from pointsbank.rules import wording
from pointsbank.rules.differing import Difference, compare
from pointsbank.rules.drafts import COLUMNS, bands_of, conditions_of, weights_of
from pointsbank.rules.evaluation import Cap, Deed, Evaluation, Rule, Version, WideCap, evaluate, history_of
from pointsbank.rules.models import (
    CommunityScoring,
    DeedKind,
    Measure,
    RuleCap,
    ScoringRule,
    ScoringStandard,
    StandardCap,
    StandardState,
    Subject,
    Window,
)

# ── Versions ────────────────────────────────────────────────────────────────────────────────────────────────────


def version_in_force(community_id: int, day: dt.date) -> Version | None:
    """The version that judges deeds of this day; three statements at most."""
    return versions_for_days(community_id, [day]).get(day)


def versions_for_days(community_id: int, days: Iterable[dt.date]) -> dict[dt.date, Version | None]:
    """The version in force on each of these days; two or three statements, however many days."""
    wanted = set(days)
    if not wanted:
        return {}
    adopted = list(db.session.scalars(
        scoped(ScoringStandard, community_id).where(
            ScoringStandard.state != StandardState.DRAFT, ScoringStandard.in_force_on <= max(wanted),
            sa.or_(ScoringStandard.superseded_on.is_(None), ScoringStandard.superseded_on > min(wanted)))
        .order_by(ScoringStandard.in_force_on)))
    on_day = {day: next((s for s in adopted if _covers(s, day)), None) for day in wanted}
    needed = {s.id: s for s in on_day.values() if s is not None}
    loaded = versions(community_id, list(needed.values()))
    return {day: loaded[s.id] if s is not None else None for day, s in on_day.items()}


def _covers(standard: ScoringStandard, day: dt.date) -> bool:
    return (standard.in_force_on is not None and standard.in_force_on <= day
            and (standard.superseded_on is None or day < standard.superseded_on))


def version(community_id: int, standard_id: int) -> Version:
    """One standard, draft or adopted, with its rules. Raises NotFound."""
    standard = get_scoped(ScoringStandard, standard_id, community_id)
    return versions(community_id, [standard])[standard.id]


def versions(community_id: int, standards: Sequence[ScoringStandard]) -> dict[int, Version]:
    """Standards with their rules and caps as plain values, in three statements."""
    if not standards:
        return {}
    ids = sorted(s.id for s in standards)
    rules = list(db.session.scalars(
        scoped(ScoringRule, community_id).where(ScoringRule.standard_id.in_(ids))
        .order_by(ScoringRule.standard_id, ScoringRule.position, ScoringRule.id)))
    caps: dict[int, list[Cap]] = {}
    for row in db.session.scalars(
            scoped(RuleCap, community_id).join(ScoringRule, ScoringRule.id == RuleCap.rule_id)
            .where(ScoringRule.standard_id.in_(ids)).order_by(RuleCap.id)):
        caps.setdefault(row.rule_id, []).append(Cap(row.window, row.subject, row.measure, row.most))
    wide: dict[int, list[WideCap]] = {s.id: [] for s in standards}
    for cap in db.session.scalars(scoped(StandardCap, community_id).where(StandardCap.standard_id.in_(ids))
                                  .order_by(StandardCap.category, StandardCap.id)):
        wide[cap.standard_id].append(
            WideCap(cap.window, cap.subject, cap.measure, cap.most, category=cap.category, book=cap.book))
    cycles = {s.id: (s.cycle_months, s.cycle_first_month) for s in standards}
    plain: dict[int, list[Rule]] = {s.id: [] for s in standards}
    for rule in rules:
        plain[rule.standard_id].append(as_rule(rule, tuple(caps.get(rule.id, ())), cycles[rule.standard_id]))
    return {s.id: Version(s.id, s.number, s.title, s.in_force_on, s.superseded_on, s.resolution, tuple(plain[s.id]),
                          tuple(wide[s.id])) for s in standards}


def as_rule(row: ScoringRule, caps: tuple[Cap, ...], cycle: tuple[int, int] = (12, 1)) -> Rule:
    """A stored rule as evaluation reads it."""
    plain = {name: getattr(row, name) for name in COLUMNS}
    return Rule(id=row.id, caps=caps, cycle=cycle, bands=bands_of(row.bands), conditions=conditions_of(row.conditions),
                weights=weights_of(row.weights), **{**plain, "kind": str(row.kind)})


def standards(community_id: int) -> list[ScoringStandard]:
    """All versions of a community, newest first; one statement."""
    return list(db.session.scalars(scoped(ScoringStandard, community_id).order_by(ScoringStandard.number.desc())))


def draft(community_id: int) -> ScoringStandard | None:
    """The one draft of a community, if there is one."""
    return db.session.scalars(
        scoped(ScoringStandard, community_id).where(ScoringStandard.state == StandardState.DRAFT)).one_or_none()


def scoring(community_id: int) -> CommunityScoring | None:
    """Whether and since when points were counted here. Read anew: another process may have written it."""
    return db.session.scalars(scoped(CommunityScoring, community_id)
                              .execution_options(populate_existing=True)).one_or_none()


# ── Items and sentences ─────────────────────────────────────────────────────────────────────────────────────────


def items(community_id: int, kind: str | DeedKind | None = None, on: dt.date | None = None) -> list[Rule]:
    """The items that a form may offer for a deed of this kind on this day (default today), in the standard's order.

    Those that take points away are nobody's deed to file: see :func:`taking`.
    """
    found = version_in_force(community_id, on or clock.today())
    rules = found.rules if found is not None else ()
    return [rule for rule in rules if (kind is None or rule.kind == kind) and not rule.takes_away]


def taking(version: Version | None) -> list[Rule]:
    """The items of a version that take points away, in its order; none unless its resolution switched them on."""
    return [rule for rule in version.rules if rule.takes_away] if version is not None else []


def by_category(rules: Iterable[Rule]) -> list[tuple[str, list[Rule]]]:
    """Rules under their categories, in the order in which categories first appear."""
    groups: dict[str, list[Rule]] = {}
    for rule in rules:
        groups.setdefault(rule.category, []).append(rule)
    return list(groups.items())


def say(entry: Mapping[str, Any]) -> str:
    """An entry of an explanation or note in the reader's language."""
    return said(str(entry["text"]), dict(entry.get("params") or {}))


def explain(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """All sentences of a line's explanation in the reader's language."""
    return [say(entry) for entry in entries]


def _parts(rule: Rule, rectify_days: int | None = None) -> list[wording.Phrase]:
    parts = [wording.head(rule), wording.step(rule), *(wording.cap(rule, cap) for cap in sorted_caps(rule)),
             *wording.taking(rule, rectify_days)]
    return [part for part in parts if part is not None]


def sentence(rule: Rule, rectify_days: int | None = None) -> str:
    """``1 point an hour, at most 2 hours an activity, at most 20 points a month per person``.

    ``rectify_days``: how long the community gives to put right what would cost points.
    """
    return _(", ").join(said(part["text"], part["params"]) for part in _parts(rule, rectify_days))


def wide_sentence(cap: WideCap) -> str:
    """``for “Volunteering” in all at most 100 points a year per household``."""
    said_of_it = said_phrase(wording.wide_cap(cap))
    return _("%(sentence)s, honour score", sentence=said_of_it) if cap.book is Book.HONOUR else said_of_it


def said_phrase(value: Mapping[str, Any]) -> str:
    """A phrase in the reader's language."""
    return said(str(value["text"]), dict(value["params"]))


def receiver_word(rule: Rule) -> str:
    """Whose passbook an item fills."""
    return _(wording.RECEIVERS[rule.receiver])


def full_sentence(rule: Rule, rectify_days: int | None = None) -> Markup:
    """The sentence with its numbers marked, who may earn it, and where the points go: for the editor and the page."""
    first = Markup(_(", ")).join(_marked(part) for part in _parts(rule, rectify_days))
    text = Markup(_("%(sentence)s.")) % {"sentence": first}
    for more in wording.conditions(rule):
        text = Markup(_("%(first)s %(second)s")) % {"first": text, "second": _marked(more)}
    return text


def _marked(value: Any) -> Markup:
    if not isinstance(value, dict):
        return Markup(escape(value))
    if "text" not in value:
        return Markup(escape(said("%(v)s", {"v": value})))
    message = str(value["text"])
    params = {name: _marked(inner) for name, inner in value["params"].items()}
    text = Markup(escape(_(message))) % params
    return Markup("<mark>{}</mark>").format(text) if "n" in params else text


def sorted_caps(rule: Rule) -> list[Cap]:
    """A rule's caps, narrow windows first."""
    return sorted(rule.caps, key=lambda c: (list(Window).index(c.window), list(Subject).index(c.subject),
                                            list(Measure).index(c.measure)))


def compared_with(standard: ScoringStandard) -> Version | None:
    """What a version is read against: the one it was copied from, else the one before it; None for the first."""
    if standard.copied_from_id is not None:
        return version(standard.community_id, standard.copied_from_id)
    before = db.session.scalars(scoped(ScoringStandard, standard.community_id).where(
        ScoringStandard.state != StandardState.DRAFT, ScoringStandard.id != standard.id,
        ScoringStandard.in_force_on < (standard.in_force_on or clock.today() + dt.timedelta(days=1)))
        .order_by(ScoringStandard.in_force_on.desc()).limit(1)).first()
    return versions(standard.community_id, [before])[before.id] if before is not None else None


def said_differences(old: Version | None, new: Version) -> list[tuple[Difference, list[str]]]:
    """What changes from one version to another, in the reader's language."""
    return [(one, [said_phrase(part) for part in one.phrases]) for one in compare(old, new)]


def recompute(deed: Deed, version: Version, cap_left: Sequence[Mapping[str, Mapping[str, int]]]) -> Evaluation:
    """The judgement of a deed again, from its version and the ``cap_left`` that its lines were stored with."""
    return evaluate(deed, version, history_of(cap_left, version, deed))

