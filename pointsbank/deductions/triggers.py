"""What the database refuses by itself: family that decides, a child's own points, steps out of turn, rewritten history.

CHECK constraints already hold the three people apart and the amounts within bounds (``models``).
"""

from __future__ import annotations

from pointsbank.core.triggers import TriggerSet
from pointsbank.deductions.models import ALLOWED, Deduction, DeductionStep

PEOPLE = ("announced_by_id", "decided_by_id", "appeal_decided_by_id")
_KIN_SAID = "nobody announces or decides a deduction of their own family"
_MINOR_SAID = "nothing is taken from somebody under 18"
_FINAL_SAID = "a deduction is never rewritten"
_STEPS_SAID = "steps of a deduction are append-only"
_FIXED = ("community_id", "owner_key", "household_id", "resident_id", "standard_id", "rule_code", "rule_name",
          "seen_on", "seen", "how", "quantity", "foreseen", "announced_by_id", "announced_at", "announced_on",
          "rectify_by")
_ONCE = ("decided_by_id", "imposed_on", "appeal_by", "appeal_decided_by_id")


def _kin(user: str) -> str:
    """Linked to the resident, or to anybody who was in the household on the day or joined it later; or the same by a
    declared relative."""
    there = "m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.seen_on)"
    return (
        "EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id "
        f"AND {there} WHERE u.user_id = NEW.{user} AND (u.resident_id = NEW.resident_id OR m.id IS NOT NULL) "
        "UNION ALL SELECT 1 FROM declared_relative d LEFT JOIN household_member m ON m.resident_id = d.resident_id "
        f"AND {there} WHERE d.user_id = NEW.{user} AND (d.until_on IS NULL OR d.until_on > NEW.seen_on) "
        "AND (d.resident_id = NEW.resident_id OR d.household_id = NEW.household_id OR m.id IS NOT NULL))")


def _final(differs: str) -> str:
    moves = " OR ".join(f"(OLD.state = '{old}' AND NEW.state = '{new}')"
                        for old, news in ALLOWED.items() for new in sorted(news))
    fixed = " OR ".join(f"OLD.{name} {differs} NEW.{name}" for name in _FIXED)
    once = " OR ".join(f"(OLD.{name} IS NOT NULL AND OLD.{name} {differs} NEW.{name})" for name in _ONCE)
    return (f"NOT (OLD.state = NEW.state OR {moves}) OR {fixed} OR {once} "
            "OR (OLD.taken IS NOT NULL AND NEW.taken > OLD.taken) "
            "OR (OLD.amount IS NOT NULL AND NEW.amount > OLD.amount)")


# ── PostgreSQL ──────────────────────────────────────────────────────────────────────────────────────────────────


def _function(name: str, said: str, check: str = "") -> str:
    body = f"RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = '{said}';"
    if check:
        body = f"PERFORM 1 WHERE {check};\n  IF FOUND THEN\n    {body}\n  END IF;\n  RETURN NEW;"
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  {body}
END $$"""


def _row(name: str, when: str, function: str, condition: str = "") -> str:
    clause = f" WHEN ({condition})" if condition else ""
    return f"CREATE TRIGGER {name} {when} ON deduction FOR EACH ROW{clause} EXECUTE FUNCTION {function}()"


def _whole(name: str, verbs: str, table: str, function: str) -> str:
    return f"CREATE TRIGGER {name} BEFORE {verbs} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"


_MINOR = ("EXISTS (SELECT 1 FROM resident r WHERE r.id = NEW.resident_id "
          "AND r.born_on > NEW.seen_on - interval '18 years')")
_POSTGRESQL = {
    "deduction": {
        "deduction_announcer_kin": [_function("deductions_announcer_kin", _KIN_SAID, _kin(PEOPLE[0])), _row(
            "deduction_announcer_kin", "BEFORE INSERT", "deductions_announcer_kin")],
        "deduction_decider_kin": [_function("deductions_decider_kin", _KIN_SAID, _kin(PEOPLE[1])), _row(
            "deduction_decider_kin", "BEFORE UPDATE", "deductions_decider_kin",
            "OLD.decided_by_id IS NULL AND NEW.decided_by_id IS NOT NULL")],
        "deduction_appeal_kin": [_function("deductions_appeal_kin", _KIN_SAID, _kin(PEOPLE[2])), _row(
            "deduction_appeal_kin", "BEFORE UPDATE", "deductions_appeal_kin",
            "OLD.appeal_decided_by_id IS NULL AND NEW.appeal_decided_by_id IS NOT NULL")],
        "deduction_minor": [_function("deductions_minor", _MINOR_SAID, _MINOR), _row(
            "deduction_minor", "BEFORE INSERT", "deductions_minor")],
        "deduction_final": [_function("deductions_final", _FINAL_SAID), _row(
            "deduction_final", "BEFORE UPDATE", "deductions_final", _final("IS DISTINCT FROM"))],
        "deduction_no_delete": [_whole("deduction_no_delete", "DELETE OR TRUNCATE", "deduction", "deductions_final")],
    },
    "deduction_step": {
        "deduction_step_append_only": [_function("deductions_steps", _STEPS_SAID), _whole(
            "deduction_step_append_only", "UPDATE OR DELETE OR TRUNCATE", "deduction_step", "deductions_steps")],
    },
}
FUNCTIONS = ("deductions_announcer_kin", "deductions_decider_kin", "deductions_appeal_kin", "deductions_minor",
             "deductions_final", "deductions_steps")

# ── SQLite ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _abort(name: str, when: str, table: str, said: str, condition: str = "") -> list[str]:
    clause = f" WHEN {condition}" if condition else ""
    return [f"CREATE TRIGGER {name} BEFORE {when} ON {table}{clause} BEGIN SELECT RAISE(ABORT, '{said}'); END"]


_SQLITE = {
    "deduction": {
        "deduction_announcer_kin": _abort("deduction_announcer_kin", "INSERT", "deduction", _KIN_SAID, _kin(PEOPLE[0])),
        "deduction_decider_kin": _abort(
            "deduction_decider_kin", "UPDATE", "deduction", _KIN_SAID,
            f"OLD.decided_by_id IS NULL AND NEW.decided_by_id IS NOT NULL AND {_kin(PEOPLE[1])}"),
        "deduction_appeal_kin": _abort(
            "deduction_appeal_kin", "UPDATE", "deduction", _KIN_SAID,
            f"OLD.appeal_decided_by_id IS NULL AND NEW.appeal_decided_by_id IS NOT NULL AND {_kin(PEOPLE[2])}"),
        "deduction_minor": _abort(
            "deduction_minor", "INSERT", "deduction", _MINOR_SAID,
            "EXISTS (SELECT 1 FROM resident r WHERE r.id = NEW.resident_id "
            "AND r.born_on > date(NEW.seen_on, '-18 years'))"),
        "deduction_final": _abort("deduction_final", "UPDATE", "deduction", _FINAL_SAID, _final("IS NOT")),
        "deduction_no_delete": _abort("deduction_no_delete", "DELETE", "deduction", _FINAL_SAID),
    },
    "deduction_step": {
        f"deduction_step_no_{verb.lower()}": _abort(
            f"deduction_step_no_{verb.lower()}", verb, "deduction_step", _STEPS_SAID) for verb in ("UPDATE", "DELETE")
    },
}

TRIGGERS = TriggerSet(_POSTGRESQL, _SQLITE, FUNCTIONS)
TRIGGERS.attach(Deduction, DeductionStep)
