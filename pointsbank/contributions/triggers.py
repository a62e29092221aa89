"""The database's own refusal: nobody's deed is approved, voted about or looked at again from inside their family, or by
those who had a hand in it before, and no step, no vote, no minutes, no answer and no confirmed sheet are rewritten.

CHECK constraints already hold recorder and approver apart (``models``); these need a look into other tables, or forbid
a change altogether. Made by ``create_all`` and by the migration alike, as in ``ledger.triggers``.
"""

from __future__ import annotations

from pointsbank.contributions.models import (
    Appeal,
    Contribution,
    DeclaredRelative,
    PanelVote,
    Review,
    Sheet,
    SheetRow,
    Sitting,
    SittingItem,
    SittingMember,
)
from pointsbank.core.triggers import TriggerSet


def _kin(deed: str, *users: str) -> str:
    """Linked to the resident, or to anybody who was in the household on the day of the deed or joined it later; or the
    same by a declared relative. ``deed`` is the row of the deed, ``users`` are the columns of those who decide."""
    who = f"IN ({', '.join(users)})"
    there = f"m.household_id = {deed}.household_id AND (m.until_on IS NULL OR m.until_on > {deed}.done_on)"
    own = ("SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id "
           f"AND {there} WHERE u.user_id {who} AND (u.resident_id = {deed}.resident_id OR m.id IS NOT NULL)")
    declared = ("SELECT 1 FROM declared_relative d LEFT JOIN household_member m ON m.resident_id = d.resident_id "
                f"AND {there} WHERE d.user_id {who} AND (d.until_on IS NULL OR d.until_on > {deed}.done_on) "
                f"AND (d.resident_id = {deed}.resident_id OR d.household_id = {deed}.household_id "
                "OR m.id IS NOT NULL)")
    return f"{own} UNION ALL {declared}"


_APPROVER = f"EXISTS ({_kin('NEW', 'NEW.approver_user_id')})"
_APPROVER_SAID = "nobody approves a deed of their own household"
_AGAIN = "replace(NEW.barred, ',' || NEW.approver_user_id || ',', '') <> NEW.barred"
_AGAIN_SAID = "whoever decided about a deed before does not approve it"
_BY_ANSWER = "= NEW.decided_by_id"
_ANSWER = ("EXISTS (SELECT 1 FROM contribution c WHERE c.id = NEW.contribution_id AND (c.recorder_user_id "
           f"{_BY_ANSWER} OR c.checker_user_id {_BY_ANSWER} OR c.approver_user_id {_BY_ANSWER} "
           "OR EXISTS (SELECT 1 FROM contribution_review r WHERE r.contribution_id = c.id "
           f"AND r.by_user_id {_BY_ANSWER} AND r.step IN ('checked', 'returned', 'approved', 'rejected')) "
           f"OR EXISTS ({_kin('c', 'NEW.decided_by_id')})))")
_ANSWER_SAID = "nobody answers for what they decided, or about their own household"
_ASKED_SAID = "a request for a review and its answer are kept, {} is refused"
_SHEET_SAID = "a sheet is changed while it is a draft or came back, {} is refused"
_SHEET_OVER = "OLD.state IN ('confirmed', 'discarded')"
_ROW_COLUMNS = ("sheet_id, position, day, item, amount, double_ok, resident_id, done_on, item_code, minutes, units, "
                "score, amount_fen")


def _shut(row: str) -> str:
    """The sheet of this row is not open for changes."""
    return f"EXISTS (SELECT 1 FROM deed_sheet s WHERE s.id = {row}.sheet_id AND s.state NOT IN ('draft', 'returned'))"


_VOTERS = "NEW.user_id", "NEW.entered_by_id"
_BY_VOTER = f"IN ({', '.join(_VOTERS)})"
_VOTER = ("EXISTS (SELECT 1 FROM sitting_item i JOIN contribution c ON c.id = i.contribution_id "
          f"WHERE i.id = NEW.item_id AND (c.recorder_user_id {_BY_VOTER} OR c.checker_user_id {_BY_VOTER} "
          f"OR EXISTS ({_kin('c', *_VOTERS)})))")
_VOTER_SAID = "nobody votes about a deed of their own household"
_OVER = ("NOT EXISTS (SELECT 1 FROM sitting_item i JOIN sitting s ON s.id = i.sitting_id WHERE i.id = NEW.item_id "
         "AND i.outcome = 'waiting' AND s.state = 'open')")
_OVER_SAID = "votes are cast while the sitting is open"
# Once decided, closed or ended a row stays as it is. IS DISTINCT FROM, on SQLite IS NOT, sees changes to NULL as well.
_SEALED = {"sitting": "OLD.state <> 'open'", "sitting_item": "OLD.outcome <> 'waiting'"}
_TOLD = ("community_id", "user_id", "resident_id", "household_id", "relation", "declared_at")
_TOLD_SAID = "a declaration is ended once, and never changed or deleted"
_STEPS_SAID = "steps of a review are append-only, {} is refused"
_KEPT_SAID = "what a panel voted is kept, {} is refused"
_KEPT = ("sitting", "sitting_item", "sitting_member", "panel_vote", "declared_relative")


def _changed(differs: str) -> str:
    return " OR ".join(["OLD.until_on IS NOT NULL", *(f"NEW.{name} {differs} OLD.{name}" for name in _TOLD)])


# ── PostgreSQL ──────────────────────────────────────────────────────────────────────────────────────────────────


def _function(name: str, *refusals: tuple[str, str], back: str = "NEW") -> str:
    tests = "\n".join(f"  PERFORM 1 WHERE {found};\n  IF FOUND THEN\n"
                      "    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', "
                      f"MESSAGE = '{said}';\n  END IF;" for found, said in refusals)
    return (f"\nCREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n{tests}\n"
            f"  RETURN {back};\nEND $$")


def _refusing(name: str, said: str) -> str:
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = '{said.format("' || lower(TG_OP) || '")}';
END $$"""


_KEEP = "contributions_keep"
_POSTGRESQL: dict[str, dict[str, list[str]]] = {
    "contribution": {
        "contribution_own_household": [
            _function("contributions_check_approver", (_APPROVER, _APPROVER_SAID)),
            "CREATE TRIGGER contribution_own_household BEFORE INSERT OR UPDATE OF approver_user_id, household_id"
            " ON contribution"
            " FOR EACH ROW WHEN (NEW.approver_user_id IS NOT NULL)"
            " EXECUTE FUNCTION contributions_check_approver()"],
        "contribution_earlier_round": [
            _refusing("contributions_refuse_again", _AGAIN_SAID),
            "CREATE TRIGGER contribution_earlier_round BEFORE INSERT OR UPDATE OF approver_user_id, barred"
            f" ON contribution FOR EACH ROW WHEN (NEW.approver_user_id IS NOT NULL AND {_AGAIN})"
            " EXECUTE FUNCTION contributions_refuse_again()"],
    },
    "appeal": {
        "appeal_barred": [
            _function("contributions_check_answer", (_ANSWER, _ANSWER_SAID)),
            "CREATE TRIGGER appeal_barred BEFORE INSERT OR UPDATE OF decided_by_id ON appeal"
            " FOR EACH ROW WHEN (NEW.decided_by_id IS NOT NULL) EXECUTE FUNCTION contributions_check_answer()"],
        "appeal_kept": [
            _refusing("contributions_keep_asked", _ASKED_SAID),
            "CREATE TRIGGER appeal_kept BEFORE DELETE OR TRUNCATE ON appeal"
            " FOR EACH STATEMENT EXECUTE FUNCTION contributions_keep_asked()"],
        "appeal_sealed": [
            "CREATE TRIGGER appeal_sealed BEFORE UPDATE ON appeal"
            " FOR EACH ROW WHEN (OLD.state <> 'open') EXECUTE FUNCTION contributions_keep_asked()"],
    },
    "deed_sheet": {
        "deed_sheet_sealed": [
            _refusing("contributions_keep_sheet", _SHEET_SAID),
            "CREATE TRIGGER deed_sheet_sealed BEFORE UPDATE ON deed_sheet"
            f" FOR EACH ROW WHEN ({_SHEET_OVER}) EXECUTE FUNCTION contributions_keep_sheet()"],
        "deed_sheet_kept": [
            "CREATE TRIGGER deed_sheet_kept BEFORE DELETE OR TRUNCATE ON deed_sheet"
            " FOR EACH STATEMENT EXECUTE FUNCTION contributions_keep_sheet()"],
    },
    "deed_sheet_row": {
        "deed_sheet_row_entered": [
            _function("contributions_guard_sheet_row", (_shut("NEW"), _SHEET_SAID.format("change"))),
            "CREATE TRIGGER deed_sheet_row_entered BEFORE INSERT ON deed_sheet_row"
            " FOR EACH ROW EXECUTE FUNCTION contributions_guard_sheet_row()",
            f"CREATE TRIGGER deed_sheet_row_changed BEFORE UPDATE OF {_ROW_COLUMNS} ON deed_sheet_row"
            " FOR EACH ROW EXECUTE FUNCTION contributions_guard_sheet_row()"],
        "deed_sheet_row_changed": [],
        "deed_sheet_row_taken": [
            _function("contributions_guard_sheet_row_taken", (_shut("OLD"), _SHEET_SAID.format("delete")), back="OLD"),
            "CREATE TRIGGER deed_sheet_row_taken BEFORE DELETE ON deed_sheet_row"
            " FOR EACH ROW EXECUTE FUNCTION contributions_guard_sheet_row_taken()"],
        "deed_sheet_row_kept": [
            "CREATE TRIGGER deed_sheet_row_kept BEFORE TRUNCATE ON deed_sheet_row"
            " FOR EACH STATEMENT EXECUTE FUNCTION contributions_keep_sheet()"],
    },
    "contribution_review": {
        "contribution_review_append_only": [
            _refusing("contributions_refuse_change", _STEPS_SAID),
            "CREATE TRIGGER contribution_review_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON contribution_review"
            " FOR EACH STATEMENT EXECUTE FUNCTION contributions_refuse_change()"],
    },
    "panel_vote": {
        "panel_vote_barred": [
            _function("contributions_check_vote", (_VOTER, _VOTER_SAID), (_OVER, _OVER_SAID)),
            "CREATE TRIGGER panel_vote_barred BEFORE INSERT ON panel_vote"
            " FOR EACH ROW EXECUTE FUNCTION contributions_check_vote()"],
    },
    "declared_relative": {
        "declared_relative_ended_once": [
            _function("contributions_guard_declared", (_changed("IS DISTINCT FROM"), _TOLD_SAID)),
            "CREATE TRIGGER declared_relative_ended_once BEFORE UPDATE ON declared_relative"
            " FOR EACH ROW EXECUTE FUNCTION contributions_guard_declared()"],
    },
}
for _table in _KEPT:
    _events = "UPDATE OR DELETE OR TRUNCATE" if _table == "panel_vote" else "DELETE OR TRUNCATE"
    _POSTGRESQL.setdefault(_table, {})[f"{_table}_kept"] = [
        _refusing(_KEEP, _KEPT_SAID),
        f"CREATE TRIGGER {_table}_kept BEFORE {_events} ON {_table} FOR EACH STATEMENT EXECUTE FUNCTION {_KEEP}()"]
for _table, _when in _SEALED.items():
    _POSTGRESQL[_table][f"{_table}_sealed"] = [
        _refusing(_KEEP, _KEPT_SAID),
        f"CREATE TRIGGER {_table}_sealed BEFORE UPDATE ON {_table}"
        f" FOR EACH ROW WHEN ({_when}) EXECUTE FUNCTION {_KEEP}()"]


# ── SQLite ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _sqlite(name: str, event: str, table: str, when: str, said: str) -> dict[str, list[str]]:
    condition = f" WHEN {when}" if when else ""
    return {name: [f"CREATE TRIGGER {name} BEFORE {event} ON {table}{condition} "
                   f"BEGIN SELECT RAISE(ABORT, '{said}'); END"]}


_BY_APPROVER = f"NEW.approver_user_id IS NOT NULL AND {_APPROVER}"
_BY_AGAIN = f"NEW.approver_user_id IS NOT NULL AND {_AGAIN}"
_BY_ANSWERED = f"NEW.decided_by_id IS NOT NULL AND {_ANSWER}"
_SQLITE: dict[str, dict[str, list[str]]] = {
    "contribution": {
        **_sqlite("contribution_own_household_insert", "INSERT", "contribution", _BY_APPROVER, _APPROVER_SAID),
        **_sqlite("contribution_own_household_update", "UPDATE OF approver_user_id, household_id", "contribution",
                  _BY_APPROVER, _APPROVER_SAID),
        **_sqlite("contribution_earlier_round_insert", "INSERT", "contribution", _BY_AGAIN, _AGAIN_SAID),
        **_sqlite("contribution_earlier_round_update", "UPDATE OF approver_user_id, barred", "contribution", _BY_AGAIN,
                  _AGAIN_SAID),
    },
    "appeal": {
        **_sqlite("appeal_barred_insert", "INSERT", "appeal", _BY_ANSWERED, _ANSWER_SAID),
        **_sqlite("appeal_barred_update", "UPDATE OF decided_by_id", "appeal", _BY_ANSWERED, _ANSWER_SAID),
        **_sqlite("appeal_no_delete", "DELETE", "appeal", "", _ASKED_SAID.format("delete")),
        **_sqlite("appeal_sealed", "UPDATE", "appeal", "OLD.state <> 'open'", _ASKED_SAID.format("update")),
    },
    "deed_sheet": {
        **_sqlite("deed_sheet_sealed", "UPDATE", "deed_sheet", _SHEET_OVER, _SHEET_SAID.format("update")),
        **_sqlite("deed_sheet_no_delete", "DELETE", "deed_sheet", "", _SHEET_SAID.format("delete")),
    },
    "deed_sheet_row": {
        **_sqlite("deed_sheet_row_entered", "INSERT", "deed_sheet_row", _shut("NEW"), _SHEET_SAID.format("change")),
        **_sqlite("deed_sheet_row_changed", f"UPDATE OF {_ROW_COLUMNS}", "deed_sheet_row", _shut("NEW"),
                  _SHEET_SAID.format("change")),
        **_sqlite("deed_sheet_row_taken", "DELETE", "deed_sheet_row", _shut("OLD"), _SHEET_SAID.format("delete")),
    },
    "contribution_review": {
        **_sqlite("contribution_review_no_update", "UPDATE", "contribution_review", "", _STEPS_SAID.format("update")),
        **_sqlite("contribution_review_no_delete", "DELETE", "contribution_review", "", _STEPS_SAID.format("delete")),
    },
    "panel_vote": {
        **_sqlite("panel_vote_barred", "INSERT", "panel_vote", _VOTER, _VOTER_SAID),
        **_sqlite("panel_vote_over", "INSERT", "panel_vote", _OVER, _OVER_SAID),
    },
    "declared_relative": _sqlite("declared_relative_ended_once", "UPDATE", "declared_relative", _changed("IS NOT"),
                                 _TOLD_SAID),
}
for _table in _KEPT:
    _SQLITE.setdefault(_table, {}).update(
        _sqlite(f"{_table}_no_delete", "DELETE", _table, "", _KEPT_SAID.format("delete")))
for _table, _when in {**_SEALED, "panel_vote": ""}.items():
    _SQLITE[_table].update(_sqlite(f"{_table}_sealed", "UPDATE", _table, _when, _KEPT_SAID.format("update")))

TRIGGERS = TriggerSet(_POSTGRESQL, _SQLITE, (
    "contributions_check_approver", "contributions_check_vote", "contributions_guard_declared",
    "contributions_refuse_change", _KEEP, "contributions_refuse_again", "contributions_check_answer",
    "contributions_keep_asked", "contributions_keep_sheet", "contributions_guard_sheet_row",
    "contributions_guard_sheet_row_taken"))
TRIGGERS.attach(Contribution, Review, Sitting, SittingMember, SittingItem, PanelVote, DeclaredRelative, Appeal, Sheet,
                SheetRow)
names = TRIGGERS.names
create_statements = TRIGGERS.create_statements
drop_statements = TRIGGERS.drop_statements
found = TRIGGERS.found
