"""The database's own refusal: nobody's deed is approved from inside their household, and no step is rewritten.

CHECK constraints already hold recorder and approver apart (``models.py``); these need a look into other tables, or
forbid a change altogether. Made by ``create_all`` and by the migration alike, as in ``ledger.triggers``.
"""

from __future__ import annotations

from pointsbank.contributions.models import Contribution, Review
from pointsbank.core.triggers import TriggerSet

# Linked to the resident, or to anybody who was in the household on the day of the deed or joined it later.
_KIN = ("SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id "
        "AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.done_on) "
        "WHERE u.user_id = NEW.approver_user_id AND (u.resident_id = NEW.resident_id OR m.id IS NOT NULL)")
_MESSAGE = "nobody approves a deed of their own household"

_FUNCTIONS = [
    f"""
CREATE OR REPLACE FUNCTION contributions_check_approver() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 WHERE EXISTS ({_KIN});
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = '{_MESSAGE}';
  END IF;
  RETURN NEW;
END $$""",
    """
CREATE OR REPLACE FUNCTION contributions_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'steps of a review are append-only, ' || lower(TG_OP) || ' is refused';
END $$""",
]

_POSTGRESQL = {
    "contribution": {
        "contribution_own_household": [
            _FUNCTIONS[0],
            "CREATE TRIGGER contribution_own_household BEFORE INSERT OR UPDATE OF approver_user_id, household_id"
            " ON contribution"
            " FOR EACH ROW WHEN (NEW.approver_user_id IS NOT NULL)"
            " EXECUTE FUNCTION contributions_check_approver()"],
    },
    "contribution_review": {
        "contribution_review_append_only": [
            _FUNCTIONS[1],
            "CREATE TRIGGER contribution_review_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON contribution_review"
            " FOR EACH STATEMENT EXECUTE FUNCTION contributions_refuse_change()"],
    },
}


def _sqlite_household(name: str, when: str) -> list[str]:
    return [f"CREATE TRIGGER {name} BEFORE {when} ON contribution WHEN NEW.approver_user_id IS NOT NULL "
            f"AND EXISTS ({_KIN}) BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"]


def _sqlite_refusal(name: str, verb: str) -> list[str]:
    return [f"CREATE TRIGGER {name} BEFORE {verb} ON contribution_review BEGIN "
            f"SELECT RAISE(ABORT, 'steps of a review are append-only, {verb.lower()} is refused'); END"]


_SQLITE = {
    "contribution": {
        "contribution_own_household_insert": _sqlite_household("contribution_own_household_insert", "INSERT"),
        "contribution_own_household_update": _sqlite_household("contribution_own_household_update",
                                                               "UPDATE OF approver_user_id, household_id"),
    },
    "contribution_review": {
        "contribution_review_no_update": _sqlite_refusal("contribution_review_no_update", "UPDATE"),
        "contribution_review_no_delete": _sqlite_refusal("contribution_review_no_delete", "DELETE"),
    },
}

TRIGGERS = TriggerSet(_POSTGRESQL, _SQLITE, ("contributions_check_approver", "contributions_refuse_change"))
TRIGGERS.attach(Contribution, Review)
names = TRIGGERS.names
create_statements = TRIGGERS.create_statements
drop_statements = TRIGGERS.drop_statements
found = TRIGGERS.found
