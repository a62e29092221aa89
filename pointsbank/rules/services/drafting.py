"""Writing a draft: from the version in force, from a sample, from a file, item by item."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped, scoped
from pointsbank.core.errors import Forbidden, Invalid, NotFound, lazy
from pointsbank.core.formats import format_day
from pointsbank.rules import counters, papers, policy, queries, sheets
from pointsbank.rules.drafts import RuleDraft, from_rule
from pointsbank.rules.errors import (
    CodeTaken,
    DeductionsInUse,
    DeductionsOff,
    DraftExists,
    FileNotUnderstood,
    Frozen,
    HasComments,
    NotADraft,
)
from pointsbank.rules.evaluation import WideCap
from pointsbank.rules.faults import cap_faults, faults
from pointsbank.rules.models import (
    CommentRound,
    RuleCap,
    ScoringRule,
    ScoringStandard,
    StandardCap,
    StandardOrigin,
    StandardState,
)


def start_draft(actor: Actor, title: str, rules: Sequence[RuleDraft] | None = None, *,
                caps: Sequence[WideCap] = (), deductions: bool = False) -> ScoringStandard:
    """A new draft with these items and caps; without any, those of the version in force (or of the next one to come).

    ``deductions``: its items may take points away; a copy keeps what its source says. Raises Forbidden, Invalid,
    :class:`DeductionsOff` and :class:`DraftExists`: one draft at a time, so that nobody adopts the wrong one.
    """
    community_id = _writer(actor)
    if not title.strip() or len(title) > 80:
        raise Invalid(fields={"title": lazy("The title has 1 to 80 characters.")})
    counters.lock_community(community_id)
    known = queries.standards(community_id)
    open_draft = next((s for s in known if s.is_draft), None)
    if open_draft is not None:
        raise DraftExists(number=open_draft.number)
    source = None if rules is not None else _newest(known)
    deductions = source.deductions if source is not None else deductions
    _check_taking(rules or (), deductions)
    standard = ScoringStandard(
        community_id=community_id, number=max((s.number for s in known), default=0) + 1, title=title.strip(),
        state=StandardState.DRAFT, resolution="", copied_from_id=source.id if source else None,
        created_by=actor.user_id, created_at=clock.now(), editors=[actor.user_id] if actor.user_id else [],
        deductions=deductions, cycle_months=source.cycle_months if source else 12,
        cycle_first_month=source.cycle_first_month if source else 1)
    db.session.add(standard)
    db.session.flush()
    if source is not None:
        version = queries.version(community_id, source.id)
        rules, caps = [from_rule(rule) for rule in version.rules], version.caps
        _inherit_template(standard, source)
    _write_rules(standard, rules or [])
    _write_wide_caps(standard, caps)
    audit.write(actor, "rules.start_draft", f"standard:{standard.id}", copied_from=standard.copied_from_id)
    return standard


def _inherit_template(standard: ScoringStandard, source: ScoringStandard) -> None:
    """What was built on a template stays bound to it, or copying would be a way round its bounds."""
    template = papers.origin(source.community_id, source.id)
    if template is not None:
        db.session.add(StandardOrigin(standard_id=standard.id, community_id=standard.community_id,
                                      template_id=template.id))


def _newest(known: Sequence[ScoringStandard]) -> ScoringStandard | None:
    """The version with the latest start: what is changed next is what was decided last."""
    dated = [s for s in known if s.in_force_on is not None]
    return max(dated, key=lambda s: s.in_force_on or clock.today(), default=None)


def import_draft(actor: Actor, raw: bytes, title: str, *, good_rows_only: bool = False,
                 deductions: bool = False) -> ScoringStandard:
    """A new draft from a file in our column form (docs/rules-format.md).

    ``deductions``: a resolution switched them on. Raises :class:`FileNotUnderstood` with ``faults`` (row, sentence)
    unless ``good_rows_only`` and there is a good row, and :class:`TooManyRows`.
    """
    _writer(actor)
    parsed = sheets.read_standard(raw, deductions=deductions)
    return start_draft(actor, title, _understood(parsed, good_rows_only), caps=parsed.caps, deductions=deductions)


def replace_rules(actor: Actor, standard_id: int, parsed: sheets.Parsed, *, good_rows_only: bool = False) -> int:
    """All items of a draft anew from a parsed file; returns how many there are now.

    Raises as :func:`import_draft`, and :class:`DeductionsOff`.
    """
    standard = _draft(actor, standard_id)
    rules = _understood(parsed, good_rows_only)
    _check_taking(rules, standard.deductions)
    _delete_rules(standard)
    _write_rules(standard, rules)
    _write_wide_caps(standard, parsed.caps)
    audit.write(actor, "rules.import", f"standard:{standard.id}", items=len(rules), faults=len(parsed.faults))
    return len(rules)


def _understood(parsed: sheets.Parsed, good_rows_only: bool) -> list[RuleDraft]:
    # Not one good row: bringing in "the good ones" would empty the draft.
    if parsed.faults and not (good_rows_only and parsed.rules):
        raise FileNotUnderstood(list(parsed.faults))
    return list(parsed.rules)


def set_caps(actor: Actor, standard_id: int, caps: Sequence[WideCap], *, cycle_months: int = 12,
             cycle_first_month: int = 1) -> ScoringStandard:
    """The caps on categories and on the whole standard anew, and how long a cycle is. Raises Invalid."""
    standard = _draft(actor, standard_id)
    if not (1 <= cycle_months <= 60 and 1 <= cycle_first_month <= 12):
        raise Invalid(fields={"cycle_months": lazy("A cycle has 1 to 60 months and begins with a month of the year.")})
    drafts = [from_rule(rule) for rule in queries.version(standard.community_id, standard.id).rules]
    wrong = [sentence for _name, sentence in cap_faults(drafts, caps)]
    if wrong:
        raise Invalid(fields={"caps": wrong[0]})
    standard.cycle_months, standard.cycle_first_month = cycle_months, cycle_first_month
    _write_wide_caps(standard, caps)
    audit.write(actor, "rules.set_caps", f"standard:{standard.id}", caps=len(caps))
    return standard


def rename(actor: Actor, standard_id: int, title: str) -> ScoringStandard:
    """Another title for a draft."""
    standard = _draft(actor, standard_id)
    if not title.strip() or len(title) > 80:
        raise Invalid(fields={"title": lazy("The title has 1 to 80 characters.")})
    standard.title = title.strip()
    audit.write(actor, "rules.rename", f"standard:{standard.id}")
    return standard


def switch_deductions(actor: Actor, standard_id: int, on: bool) -> ScoringStandard:
    """Say whether items of a draft may take points away; the resolution that adopts the version adopts this with it.

    Raises :class:`DeductionsInUse` where it would be switched off under items that do.
    """
    standard = _draft(actor, standard_id)
    taking = [] if on else db.session.scalars(sa.select(ScoringRule.code).where(
        ScoringRule.community_id == standard.community_id, ScoringRule.standard_id == standard.id,
        ScoringRule.takes_away).order_by(ScoringRule.position)).all()
    if taking:
        raise DeductionsInUse(codes=", ".join(taking))
    standard.deductions = on
    audit.write(actor, "rules.switch_deductions", f"standard:{standard.id}", on=on)
    return standard


def add_rule(actor: Actor, standard_id: int, draft: RuleDraft) -> ScoringRule:
    """One more item, at the end of its category. Raises Invalid, :class:`CodeTaken`, :class:`NotADraft`."""
    standard = _draft(actor, standard_id)
    _check(standard, draft, None)
    here, anywhere = db.session.execute(
        sa.select(sa.func.max(ScoringRule.position).filter(ScoringRule.category == draft.category),
                  sa.func.max(ScoringRule.position))
        .where(ScoringRule.community_id == standard.community_id, ScoringRule.standard_id == standard.id)).one()
    position = here if here is not None else (anywhere or 0) + 1
    rule = ScoringRule(community_id=standard.community_id, standard_id=standard.id, position=position,
                       **draft.values())
    db.session.add(rule)
    db.session.flush()
    _write_caps([(rule.id, draft)], standard.community_id)
    audit.write(actor, "rules.add_rule", f"standard:{standard.id}", code=draft.code)
    return rule


def change_rule(actor: Actor, standard_id: int, rule_id: int, draft: RuleDraft) -> ScoringRule:
    """Change an item of a draft. Raises NotFound and as :func:`add_rule`."""
    standard = _draft(actor, standard_id)
    rule = _rule(standard, rule_id)
    _check(standard, draft, rule.id)
    for name, value in draft.values().items():
        setattr(rule, name, value)
    db.session.flush()
    db.session.execute(sa.delete(RuleCap).where(RuleCap.community_id == standard.community_id,
                                                RuleCap.rule_id == rule.id))
    _write_caps([(rule.id, draft)], standard.community_id)
    audit.write(actor, "rules.change_rule", f"standard:{standard.id}", code=draft.code)
    return rule


def remove_rule(actor: Actor, standard_id: int, rule_id: int) -> None:
    """Take an item out of a draft."""
    standard = _draft(actor, standard_id)
    rule = _rule(standard, rule_id)
    code = rule.code
    _delete_rules(standard, [rule.id])
    audit.write(actor, "rules.remove_rule", f"standard:{standard.id}", code=code)


def discard(actor: Actor, standard_id: int) -> None:
    """Throw a draft away. Raises HasComments where people said something about it."""
    standard = _draft(actor, standard_id)
    if sum(papers.counts(standard.community_id, standard.id).values()):
        raise HasComments
    _delete_rules(standard)
    _write_wide_caps(standard, ())
    for beside in (StandardOrigin, CommentRound):
        db.session.execute(sa.delete(beside).where(beside.community_id == standard.community_id,
                                                   beside.standard_id == standard.id))
    db.session.delete(standard)
    db.session.flush()
    audit.write(actor, "rules.discard", f"standard:{standard_id}", number=standard.number)


# ── Small steps ─────────────────────────────────────────────────────────────────────────────────────────────────


def _writer(actor: Actor) -> int:
    if actor.community_id is None or not policy.may_write(actor):
        raise Forbidden
    return actor.community_id


def _draft(actor: Actor, standard_id: int) -> ScoringStandard:
    """The draft under its lock, with the actor noted as one who wrote in it. What was adopted, or is open for comment
    just now, is refused."""
    standard = get_scoped(ScoringStandard, standard_id, _writer(actor), lock=True)
    if not standard.is_draft:
        raise NotADraft(number=standard.number)
    heard = papers.open_round(standard.community_id)
    if heard is not None and heard.standard_id == standard.id:
        raise Frozen(until=format_day(heard.closes_on))
    if actor.user_id is not None and actor.user_id not in standard.editors:
        standard.editors = [*standard.editors, actor.user_id]
    return standard


def _rule(standard: ScoringStandard, rule_id: int) -> ScoringRule:
    rule = db.session.scalars(scoped(ScoringRule, standard.community_id).where(
        ScoringRule.standard_id == standard.id, ScoringRule.id == rule_id)).one_or_none()
    if rule is None:
        raise NotFound
    return rule


def _check_taking(rules: Sequence[RuleDraft], on: bool) -> None:
    taking = next((rule for rule in rules if rule.takes_away), None)
    if taking is not None and not on:
        refusal = DeductionsOff(code=taking.code)
        raise DeductionsOff(code=taking.code, fields={"takes_away": refusal.sentence})


def _check(standard: ScoringStandard, draft: RuleDraft, own_id: int | None) -> None:
    _check_taking([draft], standard.deductions)
    wrong = faults(draft)
    if wrong:
        raise Invalid(fields=wrong)
    taken = db.session.scalar(sa.select(ScoringRule.id).where(
        ScoringRule.community_id == standard.community_id, ScoringRule.standard_id == standard.id,
        ScoringRule.code == draft.code))
    if taken is not None and taken != own_id:
        raise CodeTaken(code=draft.code, fields={"code": CodeTaken(code=draft.code).sentence})


def _write_rules(standard: ScoringStandard, drafts: Sequence[RuleDraft]) -> None:
    if not drafts:
        return
    # With render_nulls all rows are of one form: without it each change between them costs a statement.
    db.session.execute(sa.insert(ScoringRule).execution_options(render_nulls=True), [
        {"community_id": standard.community_id, "standard_id": standard.id, "position": place, **draft.values()}
        for place, draft in enumerate(drafts, 1)])
    # Asked for afterwards: SQLite would insert row by row to give the ids back in order.
    ids = db.session.scalars(
        sa.select(ScoringRule.id).where(ScoringRule.community_id == standard.community_id,
                                        ScoringRule.standard_id == standard.id)
        .order_by(ScoringRule.position)).all()
    _write_caps(list(zip(ids, drafts, strict=True)), standard.community_id)


def _write_caps(owners: Sequence[tuple[int, RuleDraft]], community_id: int) -> None:
    rows = [{"community_id": community_id, "rule_id": rule_id, "window": cap.window, "subject": cap.subject,
             "measure": cap.measure, "most": cap.most} for rule_id, draft in owners for cap in draft.caps]
    if rows:
        db.session.execute(sa.insert(RuleCap), rows)


def _write_wide_caps(standard: ScoringStandard, caps: Sequence[WideCap]) -> None:
    """The caps on categories and on the whole, in place of those that were there."""
    db.session.execute(sa.delete(StandardCap).where(
        StandardCap.community_id == standard.community_id, StandardCap.standard_id == standard.id))
    rows = [{"community_id": standard.community_id, "standard_id": standard.id, **vars(cap)} for cap in caps]
    if rows:
        db.session.execute(sa.insert(StandardCap), rows)


def _delete_rules(standard: ScoringStandard, ids: Sequence[int] | None = None) -> None:
    chosen = sa.select(ScoringRule.id).where(
        ScoringRule.community_id == standard.community_id, ScoringRule.standard_id == standard.id)
    if ids is not None:
        chosen = chosen.where(ScoringRule.id.in_(ids))
    options = {"synchronize_session": False}
    db.session.execute(sa.delete(RuleCap).where(RuleCap.rule_id.in_(chosen)).execution_options(**options))
    db.session.execute(sa.delete(ScoringRule).where(ScoringRule.id.in_(chosen)).execution_options(**options))
    db.session.flush()
