"""The database's own refusal to change the book, as plain SQL for both databases.

``create_all`` makes them; a migration runs ``create_statements`` itself, and again after SQLite's batch mode has
rebuilt a table, which loses its triggers. None of the texts holds ``%`` or ``:``, so every way of sending them leaves
them alone.
"""

from __future__ import annotations

from pointsbank.core.triggers import TriggerSet
from pointsbank.ledger.models import Allocation, PostedTransfer

_REFUSE_FUNCTION = """
CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'the book is append-only, ' || lower(TG_OP) || ' on ' || TG_TABLE_NAME || ' is refused';
END $$"""

_REVERSAL_FUNCTION = """
CREATE OR REPLACE FUNCTION ledger_check_reversal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM transfer o WHERE o.id = NEW.reverses_id AND o.from_id = NEW.to_id AND o.to_id = NEW.from_id
    AND o.amount = NEW.amount AND o.reverses_id IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
      MESSAGE = 'a reversal mirrors one transfer that is no reversal itself';
  END IF;
  RETURN NEW;
END $$"""

_POSTGRESQL = {
    "transfer": {
        "transfer_append_only": [
            _REFUSE_FUNCTION,
            "CREATE TRIGGER transfer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON transfer"
            " FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()",
        ],
        "transfer_reversal_mirrors": [
            _REVERSAL_FUNCTION,
            "CREATE TRIGGER transfer_reversal_mirrors BEFORE INSERT ON transfer"
            " FOR EACH ROW WHEN (NEW.reverses_id IS NOT NULL) EXECUTE FUNCTION ledger_check_reversal()",
        ],
    },
    "allocation": {
        "allocation_append_only": [
            _REFUSE_FUNCTION,
            "CREATE TRIGGER allocation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation"
            " FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()",
        ],
    },
}


def _sqlite_refusal(name: str, verb: str, table: str) -> list[str]:
    return [f"CREATE TRIGGER {name} BEFORE {verb} ON {table} BEGIN "
            f"SELECT RAISE(ABORT, 'the book is append-only, {verb.lower()} on {table} is refused'); END"]


_SQLITE = {
    "transfer": {
        "transfer_no_update": _sqlite_refusal("transfer_no_update", "UPDATE", "transfer"),
        "transfer_no_delete": _sqlite_refusal("transfer_no_delete", "DELETE", "transfer"),
        "transfer_reversal_mirrors": [
            "CREATE TRIGGER transfer_reversal_mirrors BEFORE INSERT ON transfer WHEN NEW.reverses_id IS NOT NULL "
            "AND NOT EXISTS (SELECT 1 FROM transfer o WHERE o.id = NEW.reverses_id AND o.from_id = NEW.to_id "
            "AND o.to_id = NEW.from_id AND o.amount = NEW.amount AND o.reverses_id IS NULL) BEGIN "
            "SELECT RAISE(ABORT, 'a reversal mirrors one transfer that is no reversal itself'); END"],
    },
    "allocation": {
        "allocation_no_update": _sqlite_refusal("allocation_no_update", "UPDATE", "allocation"),
        "allocation_no_delete": _sqlite_refusal("allocation_no_delete", "DELETE", "allocation"),
    },
}

TRIGGERS = TriggerSet(_POSTGRESQL, _SQLITE, ("ledger_refuse_change", "ledger_check_reversal"))
TRIGGERS.attach(PostedTransfer, Allocation)
names = TRIGGERS.names
create_statements = TRIGGERS.create_statements
drop_statements = TRIGGERS.drop_statements
found = TRIGGERS.found
