"""What the database refuses by itself: moves that are not in the table, changed reports, rewritten events."""

from __future__ import annotations

from pointsbank.cases.models import Case, CaseEvent, Escalation, Report
from pointsbank.cases.moves import PAIRS
from pointsbank.core.triggers import TriggerSet

_MOVES_SAID = "a case only moves as its table says"
_KEPT_SAID = "reports, events and escalations of cases are append-only"
KEPT = ("snapshot_report", "case_event", "case_escalation")
_FIXED = ("community_id", "reporter_resident_id", "reporter_user_id", "opened_at", "category_id", "place", "source")


def _wrong(differs: str) -> str:
    moves = " OR ".join(f"(OLD.state = '{old}' AND NEW.state = '{new}')" for old, new in PAIRS)
    fixed = " OR ".join(f"OLD.{name} {differs} NEW.{name}" for name in _FIXED)
    return f"NOT (OLD.state = NEW.state OR {moves}) OR {fixed}"


def _function(name: str, said: str) -> str:
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = '{said}';
END $$"""


def _keep(table: str) -> list[str]:
    return [_function("cases_kept", _KEPT_SAID),
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION cases_kept()"]


_POSTGRESQL = {
    "problem_case": {
        "problem_case_moves": [
            _function("cases_moves", _MOVES_SAID),
            "CREATE TRIGGER problem_case_moves BEFORE UPDATE ON problem_case FOR EACH ROW WHEN "
            f"({_wrong('IS DISTINCT FROM')}) EXECUTE FUNCTION cases_moves()"],
        "problem_case_no_delete": [
            "CREATE TRIGGER problem_case_no_delete BEFORE DELETE OR TRUNCATE ON problem_case "
            "FOR EACH STATEMENT EXECUTE FUNCTION cases_moves()"],
    },
    **{table: {f"{table}_kept": _keep(table)} for table in KEPT},
}
_SQLITE = {
    "problem_case": {
        "problem_case_moves": [f"CREATE TRIGGER problem_case_moves BEFORE UPDATE ON problem_case WHEN "
                               f"{_wrong('IS NOT')} BEGIN SELECT RAISE(ABORT, '{_MOVES_SAID}'); END"],
        "problem_case_no_delete": ["CREATE TRIGGER problem_case_no_delete BEFORE DELETE ON problem_case "
                                   f"BEGIN SELECT RAISE(ABORT, '{_MOVES_SAID}'); END"],
    },
    **{table: {f"{table}_no_{verb.lower()}": [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{_KEPT_SAID}'); END"] for verb in ("UPDATE", "DELETE")} for table in KEPT},
}
TRIGGERS = TriggerSet(_POSTGRESQL, _SQLITE, ("cases_moves", "cases_kept"))
TRIGGERS.attach(Case, CaseEvent, Escalation, Report)
