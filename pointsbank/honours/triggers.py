"""The database's own refusal to change what people rely on, as plain SQL for both databases.

Adopted ladders, granted honours, votes, frozen years and issued certificates. ``create_all`` makes the triggers; a
migration runs ``create_statements``. None of the texts holds ``%`` or ``:``, so every way of sending them leaves them
alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from pointsbank.core.triggers import TriggerSet
from pointsbank.honours.models import (
    BestVote,
    HonourAward,
    HonourLadder,
    HonourRevocation,
    HonourYear,
    HonourYearLine,
    LadderStep,
    ServiceCertificate,
)

# Append-only altogether.
_FOREVER = ("honour_award", "best_vote")
# table -> (when a row is closed, the one change that is still allowed to it, the columns of that change, what is said).
_CLOSED: dict[str, tuple[str, str, tuple[str, ...], str]] = {
    "honour_ladder": ("OLD.state <> 'draft'", "OLD.state = 'in_force' AND NEW.state = 'superseded'"
                      " AND NEW.superseded_on IS NOT NULL", ("state", "superseded_on"),
                      "an adopted ladder is never changed"),
    "honour_revocation": ("OLD.state <> 'proposed'", "1 = 0", (), "a decided revocation is never changed"),
    "honour_year": ("1 = 1", "OLD.state = 'prepared' AND NEW.state = 'frozen'", ("state", "frozen_by_id", "frozen_at"),
                    "the statement of a year is never changed"),
    "service_certificate": ("OLD.state IN ('issued', 'withdrawn')", "OLD.state = 'issued' AND NEW.state = 'withdrawn'",
                            ("state", "withdrawn_by_id", "withdrawn_on", "withdrawn_because"),
                            "an issued certificate is never changed"),
}
# Rows that belong to a parent: no change once the parent is closed, and for a year not even before.
_STEPS = "SELECT 1 FROM honour_ladder l WHERE l.id = ROW.ladder_id AND l.state <> 'draft'"
_FROZEN = "SELECT 1 FROM honour_year y WHERE y.id = ROW.year_id AND y.state = 'frozen'"
_STEPS_SAID, _LINES_SAID = "the steps of an adopted ladder are never changed", "the lines of a year are never changed"
_TABLES = {"honour_ladder": HonourLadder, "ladder_step": LadderStep, "honour_award": HonourAward,
           "honour_revocation": HonourRevocation, "best_vote": BestVote, "honour_year": HonourYear,
           "honour_year_line": HonourYearLine, "service_certificate": ServiceCertificate}


# ── PostgreSQL ──────────────────────────────────────────────────────────────────────────────────────────────────


def _function(name: str, body: str, said: str) -> str:
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
{body}
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = '{said}';
END $$"""


_REFUSE = _function("honours_refuse", "", "this is kept for ever and never changed")
_STEP_FUNCTION = _function("honours_guard_step", """  PERFORM 1 FROM honour_ladder l WHERE l.state <> 'draft'
    AND ((TG_OP <> 'INSERT' AND l.id = OLD.ladder_id) OR (TG_OP <> 'DELETE' AND l.id = NEW.ladder_id));
  IF NOT FOUND THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
  END IF;""", _STEPS_SAID)
_LINE_FUNCTION = _function("honours_guard_year_line", """  PERFORM 1 FROM honour_year y
    WHERE TG_OP = 'INSERT' AND y.id = NEW.year_id AND y.state = 'prepared';
  IF FOUND THEN RETURN NEW; END IF;""", _LINES_SAID)


def _guard_function(table: str) -> tuple[str, str]:
    closed, allowed, columns, said = _CLOSED[table]
    less = "".join(f" - '{column}'" for column in columns)
    body = f"""  IF NOT ({closed}) THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND {allowed} AND to_jsonb(NEW){less} = to_jsonb(OLD){less} THEN
    RETURN NEW;
  END IF;"""
    name = f"honours_guard_{table}"
    return name, _function(name, body, said)


def _row_trigger(name: str, verbs: str, table: str, function: str) -> str:
    return f"CREATE TRIGGER {name} BEFORE {verbs} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()"


def _no_truncate(table: str) -> dict[str, list[str]]:
    name = f"{table}_no_truncate"
    return {name: [_REFUSE, f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table}"
                            " FOR EACH STATEMENT EXECUTE FUNCTION honours_refuse()"]}


def _postgresql() -> dict[str, dict[str, list[str]]]:
    made: dict[str, dict[str, list[str]]] = {}
    for table in _FOREVER:
        name = f"{table}_for_ever"
        made[table] = {name: [_REFUSE, _row_trigger(name, "UPDATE OR DELETE", table, "honours_refuse")]}
    for table in _CLOSED:
        name, (function, text) = f"{table}_closed", _guard_function(table)
        made[table] = {name: [text, _row_trigger(name, "UPDATE OR DELETE", table, function)]}
    for table, function, text in (("ladder_step", "honours_guard_step", _STEP_FUNCTION),
                                  ("honour_year_line", "honours_guard_year_line", _LINE_FUNCTION)):
        name = f"{table}_closed"
        made[table] = {name: [text, _row_trigger(name, "INSERT OR UPDATE OR DELETE", table, function)]}
    return {table: {**triggers, **_no_truncate(table)} for table, triggers in made.items()}


# ── SQLite ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _lite(name: str, verb: str, table: str, condition: str, said: str) -> dict[str, list[str]]:
    return {name: [f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {condition} BEGIN "
                   f"SELECT RAISE(ABORT, '{said}'); END"]}


def _same(table: str, but: Sequence[str]) -> str:
    """Every other column is as it was: SQLite has no comparison of whole rows."""
    columns = [c.name for c in _TABLES[table].__table__.columns if c.name not in but]
    return " AND ".join(f"NEW.{c} IS OLD.{c}" for c in columns)


def _sqlite() -> dict[str, dict[str, list[str]]]:
    made: dict[str, dict[str, list[str]]] = {}
    for table in _FOREVER:
        made[table] = {}
        for verb in ("UPDATE", "DELETE"):
            made[table] |= _lite(f"{table}_no_{verb.lower()}", verb, table, "1 = 1",
                                 "this is kept for ever and never changed")
    for table, (closed, allowed, columns, said) in _CLOSED.items():
        may = f"({closed}) AND NOT ({allowed} AND {_same(table, columns)})"
        made[table] = {**_lite(f"{table}_closed_update", "UPDATE", table, may, said),
                       **_lite(f"{table}_closed_delete", "DELETE", table, closed, said)}
    made["ladder_step"] = {}
    for verb, sides in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",))):
        condition = " OR ".join(f"EXISTS ({_STEPS.replace('ROW', side)})" for side in sides)
        made["ladder_step"] |= _lite(f"ladder_step_closed_{verb.lower()}", verb, "ladder_step", condition, _STEPS_SAID)
    made["honour_year_line"] = _lite("honour_year_line_closed_insert", "INSERT", "honour_year_line",
                                     f"EXISTS ({_FROZEN.replace('ROW', 'NEW')})", _LINES_SAID)
    for verb in ("UPDATE", "DELETE"):
        made["honour_year_line"] |= _lite(f"honour_year_line_closed_{verb.lower()}", verb, "honour_year_line", "1 = 1",
                                          _LINES_SAID)
    return made


TRIGGERS = TriggerSet(_postgresql(), _sqlite(), (
    "honours_refuse", "honours_guard_step", "honours_guard_year_line",
    *(f"honours_guard_{table}" for table in _CLOSED)))
TRIGGERS.attach(*_TABLES.values())
names = TRIGGERS.names
create_statements = TRIGGERS.create_statements
drop_statements = TRIGGERS.drop_statements
found = TRIGGERS.found
