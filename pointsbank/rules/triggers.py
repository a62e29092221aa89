"""The database's own refusal to change a version that was adopted, as plain SQL for both databases.

``create_all`` makes them; a migration runs ``create_statements`` itself, and again after a table was rebuilt. None of
the texts holds ``%`` or ``:``, so every way of sending them leaves them alone.
"""

from __future__ import annotations

from pointsbank.core.triggers import TriggerSet
from pointsbank.rules.models import RuleCap, ScoringRule, ScoringStandard, StandardCap

_STANDARD_FUNCTION = """
CREATE OR REPLACE FUNCTION rules_guard_standard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.state = 'superseded' AND NEW.superseded_on IS NOT NULL
    AND (OLD.superseded_on IS NULL OR NEW.superseded_on < OLD.superseded_on)
    AND to_jsonb(NEW) - 'state' - 'superseded_on' = to_jsonb(OLD) - 'state' - 'superseded_on' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'an adopted standard is never changed';
END $$"""

_RULE_FUNCTION = """
CREATE OR REPLACE FUNCTION rules_guard_rule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM scoring_standard s WHERE s.state <> 'draft'
    AND ((TG_OP <> 'INSERT' AND s.id = OLD.standard_id) OR (TG_OP <> 'DELETE' AND s.id = NEW.standard_id));
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
      MESSAGE = 'the rules of an adopted standard are never changed';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$"""

_CAP_FUNCTION = """
CREATE OR REPLACE FUNCTION rules_guard_cap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM scoring_rule r JOIN scoring_standard s ON s.id = r.standard_id WHERE s.state <> 'draft'
    AND ((TG_OP <> 'INSERT' AND r.id = OLD.rule_id) OR (TG_OP <> 'DELETE' AND r.id = NEW.rule_id));
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
      MESSAGE = 'the caps of an adopted standard are never changed';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$"""

_WIDE_FUNCTION = (_RULE_FUNCTION.replace("rules_guard_rule", "rules_guard_wide_cap")
                  .replace("the rules of", "the caps of"))

_TRUNCATE_FUNCTION = """
CREATE OR REPLACE FUNCTION rules_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'standards are never emptied';
END $$"""


def _row_trigger(name: str, verbs: str, table: str, function: str, when: str = "") -> str:
    return f"CREATE TRIGGER {name} BEFORE {verbs} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION {function}()"


def _no_truncate(table: str) -> list[str]:
    return [_TRUNCATE_FUNCTION, f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
                                " FOR EACH STATEMENT EXECUTE FUNCTION rules_refuse_truncate()"]


_POSTGRESQL = {
    "scoring_standard": {
        "scoring_standard_adopted": [_STANDARD_FUNCTION, _row_trigger(
            "scoring_standard_adopted", "UPDATE OR DELETE", "scoring_standard", "rules_guard_standard",
            "WHEN (OLD.state <> 'draft')")],
        "scoring_standard_no_truncate": _no_truncate("scoring_standard"),
    },
    "scoring_rule": {
        "scoring_rule_adopted": [_RULE_FUNCTION, _row_trigger(
            "scoring_rule_adopted", "INSERT OR UPDATE OR DELETE", "scoring_rule", "rules_guard_rule")],
        "scoring_rule_no_truncate": _no_truncate("scoring_rule"),
    },
    "rule_cap": {
        "rule_cap_adopted": [_CAP_FUNCTION, _row_trigger(
            "rule_cap_adopted", "INSERT OR UPDATE OR DELETE", "rule_cap", "rules_guard_cap")],
        "rule_cap_no_truncate": _no_truncate("rule_cap"),
    },
    "standard_cap": {
        "standard_cap_adopted": [_WIDE_FUNCTION, _row_trigger(
            "standard_cap_adopted", "INSERT OR UPDATE OR DELETE", "standard_cap", "rules_guard_wide_cap")],
        "standard_cap_no_truncate": _no_truncate("standard_cap"),
    },
}

# Everything of an adopted standard but its state and its last day; SQLite has no whole-row comparison.
_FIXED = ("id", "community_id", "number", "title", "in_force_on", "on_paper", "resolution", "copied_from_id",
          "created_by", "created_at", "editors", "adopted_by", "adopted_at", "cycle_months", "cycle_first_month",
          "deductions")


def _sqlite(name: str, verb: str, table: str, condition: str, message: str) -> list[str]:
    return [f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {condition} BEGIN "
            f"SELECT RAISE(ABORT, '{message}'); END"]


def _sqlite_children(table: str, adopted: str, message: str) -> dict[str, list[str]]:
    rows = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}
    return {f"{table}_adopted_{verb.lower()}": _sqlite(
        f"{table}_adopted_{verb.lower()}", verb, table,
        " OR ".join(f"EXISTS ({adopted.replace('ROW', row)})" for row in sides), message)
        for verb, sides in rows.items()}


_SQLITE = {
    "scoring_standard": {
        "scoring_standard_adopted_update": _sqlite(
            "scoring_standard_adopted_update", "UPDATE", "scoring_standard",
            "OLD.state <> 'draft' AND NOT (NEW.state = 'superseded' AND NEW.superseded_on IS NOT NULL"
            " AND (OLD.superseded_on IS NULL OR NEW.superseded_on < OLD.superseded_on) AND "
            + " AND ".join(f"NEW.{c} IS OLD.{c}" for c in _FIXED) + ")", "an adopted standard is never changed"),
        "scoring_standard_adopted_delete": _sqlite(
            "scoring_standard_adopted_delete", "DELETE", "scoring_standard", "OLD.state <> 'draft'",
            "an adopted standard is never changed"),
    },
    "scoring_rule": _sqlite_children(
        "scoring_rule", "SELECT 1 FROM scoring_standard s WHERE s.id = ROW.standard_id AND s.state <> 'draft'",
        "the rules of an adopted standard are never changed"),
    "rule_cap": _sqlite_children(
        "rule_cap", "SELECT 1 FROM scoring_rule r JOIN scoring_standard s ON s.id = r.standard_id"
                    " WHERE r.id = ROW.rule_id AND s.state <> 'draft'",
        "the caps of an adopted standard are never changed"),
    "standard_cap": _sqlite_children(
        "standard_cap", "SELECT 1 FROM scoring_standard s WHERE s.id = ROW.standard_id AND s.state <> 'draft'",
        "the caps of an adopted standard are never changed"),
}

TRIGGERS = TriggerSet(_POSTGRESQL, _SQLITE, ("rules_guard_standard", "rules_guard_rule", "rules_guard_cap",
                                             "rules_guard_wide_cap", "rules_refuse_truncate"))
TRIGGERS.attach(ScoringStandard, ScoringRule, RuleCap, StandardCap)
names = TRIGGERS.names
create_statements = TRIGGERS.create_statements
drop_statements = TRIGGERS.drop_statements
found = TRIGGERS.found
