"""The database's own refusal to change what was read by everybody: a draft that is open for comment, what was said and
answered about it, the resolution that adopted it, a template that was issued.

Beside ``triggers``, which guards adopted versions: each of the two can be read, and migrated, without the other.
"""

from __future__ import annotations

from typing import Any

from pointsbank.core.triggers import TriggerSet
from pointsbank.rules.models import (
    CommentRound,
    RuleCap,
    ScoringRule,
    ScoringStandard,
    StandardCap,
    StandardComment,
    StandardOrigin,
    StandardResolution,
    StandardTemplate,
    TemplateItem,
)

_FROZEN = "a draft that is open for comment is not changed"
_KEPT = "what was said, decided or issued about a standard stays as it was"
_OPEN = "EXISTS (SELECT 1 FROM comment_round c WHERE c.standard_id = {} AND c.ended_at IS NULL)"
_OF_RULE = "EXISTS (SELECT 1 FROM comment_round c JOIN scoring_rule r ON r.standard_id = c.standard_id" \
           " WHERE r.id = {} AND c.ended_at IS NULL)"
_ISSUED = "EXISTS (SELECT 1 FROM standard_template t WHERE t.id = {} AND t.state <> 'draft')"
_ADOPTED = "EXISTS (SELECT 1 FROM scoring_standard s WHERE s.id = {} AND s.state <> 'draft')"


def _but(model: Any, *free: str) -> list[str]:
    """The columns of a table without those that may change."""
    return [c.name for c in model.__table__.columns if c.name not in free]


_COMMENT = _but(StandardComment, "state", "answer", "answered_by_id", "answered_at", "author_name", "author_household")
_ANSWER = ["state", "answer", "answered_by_id", "answered_at"]
_ROUND = _but(CommentRound, "ended_by_id", "ended_at")
_TEMPLATE = _but(StandardTemplate, "state")
_NOW_OLD = "OLD.state = 'issued' AND NEW.state = 'superseded'"

# table -> trigger -> (verb, columns of an update, when it is refused, what is said)
_Guard = tuple[str, list[str], str, str]


def _children(table: str, suffix: str, key: str, condition: str, said: str) -> dict[str, _Guard]:
    rows = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}
    return {f"{table}_{suffix}_{verb.lower()}": (
        verb, [], " OR ".join(condition.format(f"{row}.{key}") for row in sides), said)
        for verb, sides in rows.items()}


_GUARDS: dict[str, dict[str, _Guard]] = {
    "scoring_standard": {"scoring_standard_frozen": (
        "UPDATE", ["title", "cycle_months", "cycle_first_month"],
        f"OLD.state = 'draft' AND NEW.state = 'draft' AND {_OPEN.format('OLD.id')}", _FROZEN)},
    "scoring_rule": _children("scoring_rule", "frozen", "standard_id", _OPEN, _FROZEN),
    "rule_cap": _children("rule_cap", "frozen", "rule_id", _OF_RULE, _FROZEN),
    "standard_cap": _children("standard_cap", "frozen", "standard_id", _OPEN, _FROZEN),
    "standard_origin": _children("standard_origin", "adopted", "standard_id", _ADOPTED, _KEPT),
    "template_item": _children("template_item", "issued", "template_id", _ISSUED, _KEPT),
    "standard_template": {
        "standard_template_no_rewrite": ("UPDATE", _TEMPLATE, "OLD.state <> 'draft'", _KEPT),
        "standard_template_moves_on": ("UPDATE", ["state"], f"OLD.state <> 'draft' AND NOT ({_NOW_OLD})", _KEPT),
        "standard_template_no_delete": ("DELETE", [], "OLD.state <> 'draft'", _KEPT)},
    "standard_resolution": {"standard_resolution_no_update": ("UPDATE", [], "1 = 1", _KEPT),
                            "standard_resolution_no_delete": ("DELETE", [], "1 = 1", _KEPT)},
    "comment_round": {"comment_round_no_rewrite": ("UPDATE", _ROUND, "1 = 1", _KEPT),
                      "comment_round_ends_once": ("UPDATE", ["ended_by_id", "ended_at"], "OLD.ended_at IS NOT NULL",
                                                  _KEPT)},
    "standard_comment": {"standard_comment_no_rewrite": ("UPDATE", _COMMENT, "1 = 1", _KEPT),
                         "standard_comment_answer_stays": ("UPDATE", _ANSWER, "OLD.state <> 'open'", _KEPT),
                         "standard_comment_no_delete": ("DELETE", [], "1 = 1", _KEPT)},
}
# The old tables have their own against TRUNCATE.
_NEW_TABLES = ("standard_origin", "template_item", "standard_template", "standard_resolution", "comment_round",
               "standard_comment")


def _verb(verb: str, columns: list[str]) -> str:
    return f"{verb} OF {', '.join(columns)}" if columns else verb


def _sqlite(name: str, table: str, guard: _Guard) -> list[str]:
    verb, columns, when, said = guard
    return [f"CREATE TRIGGER {name} BEFORE {_verb(verb, columns)} ON {table} WHEN {when} BEGIN "
            f"SELECT RAISE(ABORT, '{said}'); END"]


def _postgresql(name: str, table: str, guard: _Guard) -> list[str]:
    """A function for each: a trigger's WHEN can't look into another table there."""
    verb, columns, when, said = guard
    function = f"""
CREATE OR REPLACE FUNCTION rules_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF {when} THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = '{said}';
  END IF;
  RETURN {'OLD' if verb == 'DELETE' else 'NEW'};
END $$"""
    return [function, f"CREATE TRIGGER {name} BEFORE {_verb(verb, columns)} ON {table} FOR EACH ROW"
                      f" EXECUTE FUNCTION rules_{name}()"]


_TRUNCATE = f"""
CREATE OR REPLACE FUNCTION rules_keep_papers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = '{_KEPT}';
END $$"""


def _no_truncate(table: str) -> dict[str, list[str]]:
    name = f"{table}_no_truncate"
    return {name: [_TRUNCATE, f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
                              " EXECUTE FUNCTION rules_keep_papers()"]}


_SQLITE = {table: {name: _sqlite(name, table, guard) for name, guard in guards.items()}
           for table, guards in _GUARDS.items()}
_POSTGRESQL = {table: {**{name: _postgresql(name, table, guard) for name, guard in guards.items()},
                       **(_no_truncate(table) if table in _NEW_TABLES else {})}
               for table, guards in _GUARDS.items()}
FUNCTIONS = (*(f"rules_{name}" for guards in _GUARDS.values() for name in guards), "rules_keep_papers")

TRIGGERS = TriggerSet(_POSTGRESQL, _SQLITE, FUNCTIONS)
TRIGGERS.attach(ScoringStandard, ScoringRule, RuleCap, StandardCap, StandardTemplate, TemplateItem, StandardOrigin,
                CommentRound, StandardComment, StandardResolution)
names = TRIGGERS.names
create_statements = TRIGGERS.create_statements
drop_statements = TRIGGERS.drop_statements
found = TRIGGERS.found
