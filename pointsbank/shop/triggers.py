"""The database's own refusal to change the stock book, as plain SQL for both databases.

``create_all`` makes them; a migration runs :func:`create_statements` itself.
"""

from __future__ import annotations

from pointsbank.core.triggers import TriggerSet
from pointsbank.shop.models import StockMovement

_FUNCTION = """
CREATE OR REPLACE FUNCTION shop_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'the stock book is append-only, ' || lower(TG_OP) || ' on ' || TG_TABLE_NAME || ' is refused';
END $$"""

_POSTGRESQL = {"stock_movement": {"stock_movement_append_only": [
    _FUNCTION,
    "CREATE TRIGGER stock_movement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_movement"
    " FOR EACH STATEMENT EXECUTE FUNCTION shop_refuse_change()",
]}}
_SQLITE = {"stock_movement": {
    f"stock_movement_no_{verb.lower()}": [
        f"CREATE TRIGGER stock_movement_no_{verb.lower()} BEFORE {verb} ON stock_movement BEGIN "
        f"SELECT RAISE(ABORT, 'the stock book is append-only, {verb.lower()} on stock_movement is refused'); END"]
    for verb in ("UPDATE", "DELETE")
}}

TRIGGERS = TriggerSet(_POSTGRESQL, _SQLITE, ("shop_refuse_change",))
TRIGGERS.attach(StockMovement)
names = TRIGGERS.names
create_statements = TRIGGERS.create_statements
drop_statements = TRIGGERS.drop_statements
found = TRIGGERS.found
