"""Templates: written and issued by the supervisor of a county or town, never changed afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.communities import queries as communities
from pointsbank.communities.models import Area, AreaKind
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db
from pointsbank.core.errors import Invalid, NotFound, lazy
from pointsbank.rules import papers, policy
from pointsbank.rules.bounds import Bounds
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.errors import (
    EmptyTemplate,
    FileNotUnderstood,
    NotATemplateDraft,
    NotYourArea,
    TemplateDraftExists,
    Unsound,
)
from pointsbank.rules.evaluation import WideCap
from pointsbank.rules.faults import faults, standard_faults
from pointsbank.rules.models import (
    TEMPLATE_ALLOWED,
    ScoringStandard,
    StandardOrigin,
    StandardTemplate,
    TemplateItem,
    TemplateState,
)
from pointsbank.rules.packing import packed, packed_cap
from pointsbank.rules.services.drafting import start_draft
from pointsbank.rules.sheets import Parsed

MOST_ADDITIONS = 50
MOST_ADDITION_POINTS = 1_000_000


@dataclass(frozen=True)
class ItemBound:
    """By how much (percent, 0 to 100) a community may change the points and caps of an item, and may it leave it
    out."""

    points_percent: int = 0
    caps_percent: int = 0
    may_drop: bool = False


def start_template(actor: Actor, area_id: int, title: str, rules: Sequence[RuleDraft] = (), *,
                   caps: Sequence[WideCap] = (), note: str = "") -> StandardTemplate:
    """A new draft of an area's template. Raises NotFound, NotYourArea, Invalid, TemplateDraftExists."""
    area = _area(actor, area_id)
    _check_words(title, note)
    known = list(db.session.scalars(sa.select(StandardTemplate).where(StandardTemplate.area_id == area.id)))
    if any(t.state is TemplateState.DRAFT for t in known):
        raise TemplateDraftExists
    last = max(known, key=lambda t: t.number, default=None)
    bounds = papers.bounds_of(last) if last is not None and not rules else None
    template = StandardTemplate(
        area_id=area.id, number=(last.number if last else 0) + 1, title=title.strip(), note=note.strip(),
        state=TemplateState.DRAFT, caps=[], created_by=actor.user_id, created_at=clock.now())
    if bounds is not None:
        template.additions_most, template.addition_points_most = bounds.additions_most, bounds.addition_points_most
        rules, caps = [item.rule for item in bounds.items], bounds.caps
    db.session.add(template)
    db.session.flush()
    _write_items(template, rules, caps, bounds)
    audit.write(actor, "rules.start_template", f"template:{template.id}", area=area.id)
    return template


def _check_words(title: str, note: str) -> None:
    wrong = {}
    if not title.strip() or len(title) > 80:
        wrong["title"] = lazy("The title has 1 to 80 characters.")
    if len(note) > 400:
        wrong["note"] = lazy("At most 400 characters.")
    if wrong:
        raise Invalid(fields=wrong)


def fill_template(actor: Actor, template_id: int, parsed: Parsed) -> int:
    """All items of a draft anew from a file; what may be changed of an item is kept by its number.

    Returns how many there are. Raises FileNotUnderstood, NotATemplateDraft.
    """
    template = _draft(actor, template_id)
    if parsed.faults:
        raise FileNotUnderstood(list(parsed.faults))
    bounds = papers.bounds_of(template)
    _delete_items(template)
    _write_items(template, parsed.rules, parsed.caps, bounds)
    audit.write(actor, "rules.fill_template", f"template:{template.id}", items=len(parsed.rules))
    return len(parsed.rules)


def set_bounds(actor: Actor, template_id: int, items: Mapping[str, ItemBound], *, additions_most: int = 5,
               addition_points_most: int = 200) -> StandardTemplate:
    """What communities may make of a draft template, by the numbers of its items; ``addition_points_most`` in
    hundredths. Items not named stay as they are. Raises Invalid, NotATemplateDraft."""
    template = _draft(actor, template_id)
    wrong = {}
    if not 0 <= additions_most <= MOST_ADDITIONS:
        wrong["additions_most"] = lazy("Between 0 and 50 items.")
    if not 0 <= addition_points_most <= MOST_ADDITION_POINTS:
        wrong["addition_points_most"] = lazy("This number is too small or too large.")
    for code, bound in items.items():
        if not (0 <= bound.points_percent <= 100 and 0 <= bound.caps_percent <= 100):
            wrong[f"item-{code}"] = lazy("Between 0 and 100 percent.")
    if wrong:
        raise Invalid(fields=wrong)
    template.additions_most, template.addition_points_most = additions_most, addition_points_most
    for item in papers.template_items(template.id):
        if item.code in items:
            wanted = items[item.code]
            item.points_percent, item.caps_percent = wanted.points_percent, wanted.caps_percent
            item.may_drop = wanted.may_drop
    db.session.flush()
    audit.write(actor, "rules.set_bounds", f"template:{template.id}", additions_most=additions_most,
                addition_points_most=addition_points_most)
    return template


def issue_template(actor: Actor, template_id: int) -> StandardTemplate:
    """Hand a template to the communities below; the one before is superseded, what was built on it stays bound to it.

    Raises EmptyTemplate, Unsound, NotATemplateDraft.
    """
    template = _draft(actor, template_id)
    bounds = papers.bounds_of(template)
    if not bounds.items:
        raise EmptyTemplate
    rules = [item.rule for item in bounds.items]
    for rule in rules:
        for sentence in faults(rule).values():
            raise Unsound(where=f"{rule.code} {rule.name}", sentence=sentence)
    for where, sentence in standard_faults(rules, bounds.caps):
        raise Unsound(where=where, sentence=sentence)
    for other in db.session.scalars(sa.select(StandardTemplate).where(
            StandardTemplate.area_id == template.area_id, StandardTemplate.state == TemplateState.ISSUED)
            .order_by(StandardTemplate.id).with_for_update()):
        _move(other, TemplateState.SUPERSEDED)
    db.session.flush()
    _move(template, TemplateState.ISSUED)
    template.issued_by, template.issued_at = actor.user_id, clock.now()
    db.session.flush()
    audit.write(actor, "rules.issue_template", f"template:{template.id}", area=template.area_id)
    return template


def discard_template(actor: Actor, template_id: int) -> None:
    """Throw a draft of a template away. Raises NotATemplateDraft."""
    template = _draft(actor, template_id)
    _delete_items(template)
    db.session.delete(template)
    db.session.flush()
    audit.write(actor, "rules.discard_template", f"template:{template_id}")


def start_from_template(actor: Actor, template_id: int, title: str) -> ScoringStandard:
    """A community's draft with the items and caps of a template in force above it; it stays bound to it.

    Raises NotFound for a template of elsewhere or one not in force any more, and what ``start_draft`` raises.
    """
    template = papers.template(actor.area_path, template_id)
    if template.state is not TemplateState.ISSUED:
        raise NotFound
    bounds = papers.bounds_of(template)
    standard = start_draft(actor, title, [item.rule for item in bounds.items], caps=bounds.caps)
    standard.cycle_months, standard.cycle_first_month = template.cycle_months, template.cycle_first_month
    db.session.add(StandardOrigin(standard_id=standard.id, community_id=standard.community_id,
                                  template_id=template.id))
    db.session.flush()
    audit.write(actor, "rules.start_from_template", f"standard:{standard.id}", template=template.id)
    return standard


# ── Small steps ─────────────────────────────────────────────────────────────────────────────────────────────────


def _area(actor: Actor, area_id: int) -> Area:
    """A county or town above the community acted in, under its lock. Raises NotFound, NotYourArea."""
    area = db.session.get(Area, area_id, with_for_update={"key_share": True}, populate_existing=True)
    if area is None or not actor.area_path.startswith(area.path) or area.kind not in (AreaKind.COUNTY, AreaKind.TOWN):
        raise NotFound
    if not policy.may_write_template(actor, area.path):
        raise NotYourArea
    return area


def _draft(actor: Actor, template_id: int) -> StandardTemplate:
    """The draft, its area locked first, as when one is started."""
    seen = papers.template(actor.area_path, template_id)
    if not policy.may_write_template(actor, communities.area(seen.area_id).path):
        raise NotYourArea
    _area(actor, seen.area_id)
    template = db.session.get(StandardTemplate, template_id, with_for_update={"key_share": True},
                              populate_existing=True)
    if template is None:
        raise NotFound
    if template.state is not TemplateState.DRAFT:
        raise NotATemplateDraft
    return template


def _move(template: StandardTemplate, target: TemplateState) -> None:
    if target not in TEMPLATE_ALLOWED[template.state]:
        raise NotATemplateDraft
    template.state = target


def _write_items(template: StandardTemplate, rules: Sequence[RuleDraft], caps: Sequence[WideCap],
                 before: Bounds | None) -> None:
    known = {item.rule.code: item for item in before.items} if before is not None else {}
    rows = []
    for place, rule in enumerate(rules, 1):
        bound = known.get(rule.code)
        rows.append({"area_id": template.area_id, "template_id": template.id, "position": place, "code": rule.code,
                     "content": packed(rule), "points_percent": bound.points_percent if bound else 0,
                     "caps_percent": bound.caps_percent if bound else 0, "may_drop": bool(bound and bound.may_drop)})
    if rows:
        db.session.execute(sa.insert(TemplateItem), rows)
    template.caps = [packed_cap(cap) for cap in caps]
    db.session.flush()


def _delete_items(template: StandardTemplate) -> None:
    db.session.execute(sa.delete(TemplateItem).where(TemplateItem.template_id == template.id)
                       .execution_options(synchronize_session=False))
