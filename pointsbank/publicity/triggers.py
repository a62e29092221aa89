"""The database's own refusal to rewrite what hung on the board, or an answer that was given.

Made by ``create_all`` and by the migration alike, as in ``ledger.triggers``. What names an objector may be emptied, so
that somebody can be forgotten; what was said and answered may not.
"""

from __future__ import annotations

from typing import Any

from pointsbank.core.triggers import TriggerSet
from pointsbank.publicity.models import NoticeLine, Objection, PublicNotice

_FUNCTION = """
CREATE OR REPLACE FUNCTION publicity_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'what hung on the board stays as it was, ' || lower(TG_OP) || ' on ' || TG_TABLE_NAME || ' is refused';
END $$"""
_SHOWN = "OLD.state IN ('published', 'closed')"


def _but(model: Any, *free: str) -> str:
    """The columns of a table without those that may change."""
    return ", ".join(c.name for c in model.__table__.columns if c.name not in free)


_NOTICE = _but(PublicNotice, "state", "closed_at", "sealed_number", "sealed_root")
_LINE = _but(NoticeLine, "state")
_OBJECTION = _but(Objection, "state", "answer", "decided_by_id", "decided_at", "contact", "objector_name",
                  "objector_household")
_ANSWER = "state, answer, decided_by_id, decided_at"
# On PostgreSQL a trigger can't look into another table by its WHEN, so deleting lines has a function of its own.
_LINE_FUNCTION = """
CREATE OR REPLACE FUNCTION publicity_keep_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM public_notice n WHERE n.id = OLD.notice_id AND n.state IN ('published', 'closed');
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
      MESSAGE = 'what hung on the board stays as it was, delete on notice_line is refused';
  END IF;
  RETURN OLD;
END $$"""
_LINE_HUNG = "EXISTS (SELECT 1 FROM public_notice n WHERE n.id = OLD.notice_id AND n.state IN ('published', 'closed'))"

# table -> trigger -> (what is refused, and when)
_GUARDS: dict[str, dict[str, tuple[str, str]]] = {
    "public_notice": {"public_notice_no_rewrite": (f"UPDATE OF {_NOTICE}", _SHOWN),
                      "public_notice_no_delete": ("DELETE", _SHOWN)},
    "notice_line": {"notice_line_no_rewrite": (f"UPDATE OF {_LINE}", ""),
                    "notice_line_no_delete": ("DELETE", _LINE_HUNG)},
    "objection": {"objection_no_rewrite": (f"UPDATE OF {_OBJECTION}", ""),
                  "objection_answer_stays": (f"UPDATE OF {_ANSWER}", "OLD.state <> 'open'"),
                  "objection_no_delete": ("DELETE", "")},
}


def _on_postgresql(name: str, table: str, verb: str, when: str) -> list[str]:
    if when == _LINE_HUNG:
        return [_LINE_FUNCTION, f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW "
                                "EXECUTE FUNCTION publicity_keep_line()"]
    each = f"ROW WHEN ({when})" if when else "STATEMENT"
    return [_FUNCTION, f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH {each} "
                       "EXECUTE FUNCTION publicity_refuse_change()"]


def _on_sqlite(name: str, table: str, verb: str, when: str) -> list[str]:
    word = verb.split()[0].lower()
    return [f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {f'WHEN {when} ' if when else ''}BEGIN "
            f"SELECT RAISE(ABORT, 'what hung on the board stays as it was, {word} on {table} is refused'); END"]


_SQLITE = {table: {name: _on_sqlite(name, table, *guard) for name, guard in guards.items()}
           for table, guards in _GUARDS.items()}
_POSTGRESQL = {table: {name: _on_postgresql(name, table, *guard) for name, guard in
                       {**guards, f"{table}_no_truncate": ("TRUNCATE", "")}.items()}
               for table, guards in _GUARDS.items()}

TRIGGERS = TriggerSet(_POSTGRESQL, _SQLITE, ("publicity_refuse_change", "publicity_keep_line"))
TRIGGERS.attach(PublicNotice, NoticeLine, Objection)
names = TRIGGERS.names
create_statements = TRIGGERS.create_statements
drop_statements = TRIGGERS.drop_statements
found = TRIGGERS.found
