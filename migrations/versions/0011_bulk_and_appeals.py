"""Requests for a review, sheets of paper typed in, and who had a hand in an earlier round of a deed.

Revision 0011.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = ["appeal", "deed_sheet", "deed_sheet_row"]
MATCHES = ("CASE WHEN coalesce(current_setting('pointsbank.community', true), '') = '' THEN true "
           "ELSE community_id = current_setting('pointsbank.community', true)::integer END")
CORRECTION = [
    ("right_item_code", sa.String(12)), ("right_score", sa.Integer()), ("right_amount_fen", sa.BigInteger()),
    ("appeal_id", sa.Integer()),
]
FUNCTIONS = [
    "contributions_refuse_again", "contributions_check_answer", "contributions_keep_asked", "contributions_keep_sheet",
    "contributions_guard_sheet_row", "contributions_guard_sheet_row_taken",
]

SQLITE = [
    r"""CREATE TRIGGER appeal_barred_insert BEFORE INSERT ON appeal WHEN NEW.decided_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM contribution c WHERE c.id = NEW.contribution_id AND (c.recorder_user_id = NEW.decided_by_id OR c.checker_user_id = NEW.decided_by_id OR c.approver_user_id = NEW.decided_by_id OR EXISTS (SELECT 1 FROM contribution_review r WHERE r.contribution_id = c.id AND r.by_user_id = NEW.decided_by_id AND r.step IN ('checked', 'returned', 'approved', 'rejected')) OR EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id = c.household_id AND (m.until_on IS NULL OR m.until_on > c.done_on) WHERE u.user_id IN (NEW.decided_by_id) AND (u.resident_id = c.resident_id OR m.id IS NOT NULL) UNION ALL SELECT 1 FROM declared_relative d LEFT JOIN household_member m ON m.resident_id = d.resident_id AND m.household_id = c.household_id AND (m.until_on IS NULL OR m.until_on > c.done_on) WHERE d.user_id IN (NEW.decided_by_id) AND (d.until_on IS NULL OR d.until_on > c.done_on) AND (d.resident_id = c.resident_id OR d.household_id = c.household_id OR m.id IS NOT NULL)))) BEGIN SELECT RAISE(ABORT, 'nobody answers for what they decided, or about their own household'); END""",
    r"""CREATE TRIGGER appeal_barred_update BEFORE UPDATE OF decided_by_id ON appeal WHEN NEW.decided_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM contribution c WHERE c.id = NEW.contribution_id AND (c.recorder_user_id = NEW.decided_by_id OR c.checker_user_id = NEW.decided_by_id OR c.approver_user_id = NEW.decided_by_id OR EXISTS (SELECT 1 FROM contribution_review r WHERE r.contribution_id = c.id AND r.by_user_id = NEW.decided_by_id AND r.step IN ('checked', 'returned', 'approved', 'rejected')) OR EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id = c.household_id AND (m.until_on IS NULL OR m.until_on > c.done_on) WHERE u.user_id IN (NEW.decided_by_id) AND (u.resident_id = c.resident_id OR m.id IS NOT NULL) UNION ALL SELECT 1 FROM declared_relative d LEFT JOIN household_member m ON m.resident_id = d.resident_id AND m.household_id = c.household_id AND (m.until_on IS NULL OR m.until_on > c.done_on) WHERE d.user_id IN (NEW.decided_by_id) AND (d.until_on IS NULL OR d.until_on > c.done_on) AND (d.resident_id = c.resident_id OR d.household_id = c.household_id OR m.id IS NOT NULL)))) BEGIN SELECT RAISE(ABORT, 'nobody answers for what they decided, or about their own household'); END""",
    r"""CREATE TRIGGER appeal_no_delete BEFORE DELETE ON appeal BEGIN SELECT RAISE(ABORT, 'a request for a review and its answer are kept, delete is refused'); END""",
    r"""CREATE TRIGGER appeal_sealed BEFORE UPDATE ON appeal WHEN OLD.state <> 'open' BEGIN SELECT RAISE(ABORT, 'a request for a review and its answer are kept, update is refused'); END""",
    r"""CREATE TRIGGER deed_sheet_sealed BEFORE UPDATE ON deed_sheet WHEN OLD.state IN ('confirmed', 'discarded') BEGIN SELECT RAISE(ABORT, 'a sheet is changed while it is a draft or came back, update is refused'); END""",
    r"""CREATE TRIGGER deed_sheet_no_delete BEFORE DELETE ON deed_sheet BEGIN SELECT RAISE(ABORT, 'a sheet is changed while it is a draft or came back, delete is refused'); END""",
    r"""CREATE TRIGGER deed_sheet_row_entered BEFORE INSERT ON deed_sheet_row WHEN EXISTS (SELECT 1 FROM deed_sheet s WHERE s.id = NEW.sheet_id AND s.state NOT IN ('draft', 'returned')) BEGIN SELECT RAISE(ABORT, 'a sheet is changed while it is a draft or came back, change is refused'); END""",
    r"""CREATE TRIGGER deed_sheet_row_changed BEFORE UPDATE OF sheet_id, position, day, item, amount, double_ok, resident_id, done_on, item_code, minutes, units, score, amount_fen ON deed_sheet_row WHEN EXISTS (SELECT 1 FROM deed_sheet s WHERE s.id = NEW.sheet_id AND s.state NOT IN ('draft', 'returned')) BEGIN SELECT RAISE(ABORT, 'a sheet is changed while it is a draft or came back, change is refused'); END""",
    r"""CREATE TRIGGER deed_sheet_row_taken BEFORE DELETE ON deed_sheet_row WHEN EXISTS (SELECT 1 FROM deed_sheet s WHERE s.id = OLD.sheet_id AND s.state NOT IN ('draft', 'returned')) BEGIN SELECT RAISE(ABORT, 'a sheet is changed while it is a draft or came back, delete is refused'); END""",
    r"""CREATE TRIGGER contribution_earlier_round_insert BEFORE INSERT ON contribution WHEN NEW.approver_user_id IS NOT NULL AND replace(NEW.barred, ',' || NEW.approver_user_id || ',', '') <> NEW.barred BEGIN SELECT RAISE(ABORT, 'whoever decided about a deed before does not approve it'); END""",
    r"""CREATE TRIGGER contribution_earlier_round_update BEFORE UPDATE OF approver_user_id, barred ON contribution WHEN NEW.approver_user_id IS NOT NULL AND replace(NEW.barred, ',' || NEW.approver_user_id || ',', '') <> NEW.barred BEGIN SELECT RAISE(ABORT, 'whoever decided about a deed before does not approve it'); END""",
]

POSTGRESQL = [
    r"""
CREATE OR REPLACE FUNCTION contributions_check_answer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 WHERE EXISTS (SELECT 1 FROM contribution c WHERE c.id = NEW.contribution_id AND (c.recorder_user_id = NEW.decided_by_id OR c.checker_user_id = NEW.decided_by_id OR c.approver_user_id = NEW.decided_by_id OR EXISTS (SELECT 1 FROM contribution_review r WHERE r.contribution_id = c.id AND r.by_user_id = NEW.decided_by_id AND r.step IN ('checked', 'returned', 'approved', 'rejected')) OR EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id = c.household_id AND (m.until_on IS NULL OR m.until_on > c.done_on) WHERE u.user_id IN (NEW.decided_by_id) AND (u.resident_id = c.resident_id OR m.id IS NOT NULL) UNION ALL SELECT 1 FROM declared_relative d LEFT JOIN household_member m ON m.resident_id = d.resident_id AND m.household_id = c.household_id AND (m.until_on IS NULL OR m.until_on > c.done_on) WHERE d.user_id IN (NEW.decided_by_id) AND (d.until_on IS NULL OR d.until_on > c.done_on) AND (d.resident_id = c.resident_id OR d.household_id = c.household_id OR m.id IS NOT NULL))));
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'nobody answers for what they decided, or about their own household';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER appeal_barred BEFORE INSERT OR UPDATE OF decided_by_id ON appeal FOR EACH ROW WHEN (NEW.decided_by_id IS NOT NULL) EXECUTE FUNCTION contributions_check_answer()""",
    r"""
CREATE OR REPLACE FUNCTION contributions_keep_asked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'a request for a review and its answer are kept, ' || lower(TG_OP) || ' is refused';
END $$""",
    r"""CREATE TRIGGER appeal_kept BEFORE DELETE OR TRUNCATE ON appeal FOR EACH STATEMENT EXECUTE FUNCTION contributions_keep_asked()""",
    r"""CREATE TRIGGER appeal_sealed BEFORE UPDATE ON appeal FOR EACH ROW WHEN (OLD.state <> 'open') EXECUTE FUNCTION contributions_keep_asked()""",
    r"""
CREATE OR REPLACE FUNCTION contributions_keep_sheet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'a sheet is changed while it is a draft or came back, ' || lower(TG_OP) || ' is refused';
END $$""",
    r"""CREATE TRIGGER deed_sheet_sealed BEFORE UPDATE ON deed_sheet FOR EACH ROW WHEN (OLD.state IN ('confirmed', 'discarded')) EXECUTE FUNCTION contributions_keep_sheet()""",
    r"""CREATE TRIGGER deed_sheet_kept BEFORE DELETE OR TRUNCATE ON deed_sheet FOR EACH STATEMENT EXECUTE FUNCTION contributions_keep_sheet()""",
    r"""
CREATE OR REPLACE FUNCTION contributions_guard_sheet_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 WHERE EXISTS (SELECT 1 FROM deed_sheet s WHERE s.id = NEW.sheet_id AND s.state NOT IN ('draft', 'returned'));
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'a sheet is changed while it is a draft or came back, change is refused';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER deed_sheet_row_entered BEFORE INSERT ON deed_sheet_row FOR EACH ROW EXECUTE FUNCTION contributions_guard_sheet_row()""",
    r"""CREATE TRIGGER deed_sheet_row_changed BEFORE UPDATE OF sheet_id, position, day, item, amount, double_ok, resident_id, done_on, item_code, minutes, units, score, amount_fen ON deed_sheet_row FOR EACH ROW EXECUTE FUNCTION contributions_guard_sheet_row()""",
    r"""
CREATE OR REPLACE FUNCTION contributions_guard_sheet_row_taken() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 WHERE EXISTS (SELECT 1 FROM deed_sheet s WHERE s.id = OLD.sheet_id AND s.state NOT IN ('draft', 'returned'));
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'a sheet is changed while it is a draft or came back, delete is refused';
  END IF;
  RETURN OLD;
END $$""",
    r"""CREATE TRIGGER deed_sheet_row_taken BEFORE DELETE ON deed_sheet_row FOR EACH ROW EXECUTE FUNCTION contributions_guard_sheet_row_taken()""",
    r"""CREATE TRIGGER deed_sheet_row_kept BEFORE TRUNCATE ON deed_sheet_row FOR EACH STATEMENT EXECUTE FUNCTION contributions_keep_sheet()""",
    r"""
CREATE OR REPLACE FUNCTION contributions_refuse_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'whoever decided about a deed before does not approve it';
END $$""",
    r"""CREATE TRIGGER contribution_earlier_round BEFORE INSERT OR UPDATE OF approver_user_id, barred ON contribution FOR EACH ROW WHEN (NEW.approver_user_id IS NOT NULL AND replace(NEW.barred, ',' || NEW.approver_user_id || ',', '') <> NEW.barred) EXECUTE FUNCTION contributions_refuse_again()""",
]


def _run(statements: list[str]) -> None:
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    """New columns at the end of their tables, so that SQLite keeps its tables and triggers."""
    op.add_column("contribution", sa.Column("barred", sa.String(400), nullable=False, server_default=""))
    for name, kind in CORRECTION:
        op.add_column("award_correction", sa.Column(name, kind, nullable=True))
    op.create_table('appeal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('contribution_id', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('open', 'upheld', 'dismissed', 'withdrawn', name='appealstate', native_enum=False, length=32), nullable=False),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.Column('on_paper', sa.Boolean(), nullable=False),
    sa.Column('paper_reason', sa.String(length=200), nullable=False),
    sa.Column('entered_by_id', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer_due_on', sa.Date(), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer', sa.String(length=500), nullable=False),
    sa.CheckConstraint("(decided_by_id IS NULL) = (answer = '')", name=op.f('ck_appeal_in_writing')),
    sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f('ck_appeal_ended')),
    sa.CheckConstraint("(state IN ('upheld', 'dismissed')) = (decided_by_id IS NOT NULL)", name=op.f('ck_appeal_decided')),
    sa.CheckConstraint('decided_by_id IS NULL OR decided_by_id <> entered_by_id', name=op.f('ck_appeal_second_person')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_appeal_community_id')),
    sa.ForeignKeyConstraint(['contribution_id'], ['contribution.id'], name=op.f('fk_appeal_contribution_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_appeal_decided_by_id')),
    sa.ForeignKeyConstraint(['entered_by_id'], ['user.id'], name=op.f('fk_appeal_entered_by_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_appeal_resident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appeal'))
    )
    op.create_index(op.f('ix_appeal_community_id_contribution_id'), 'appeal', ['community_id', 'contribution_id'], unique=False)
    op.create_index(op.f('ix_appeal_community_id_resident_id_id'), 'appeal', ['community_id', 'resident_id', 'id'], unique=False)
    op.create_index(op.f('ix_appeal_community_id_state_id'), 'appeal', ['community_id', 'state', 'id'], unique=False)
    op.create_index('uq_appeal_open', 'appeal', ['contribution_id'], unique=True, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
    op.create_table('deed_sheet',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('draft', 'submitted', 'returned', 'confirmed', 'discarded', name='sheetstate', native_enum=False, length=32), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('rows_shown', sa.Integer(), nullable=False),
    sa.Column('entered_by_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer', sa.String(length=300), nullable=False),
    sa.CheckConstraint("state NOT IN ('confirmed', 'returned') OR decided_by_id IS NOT NULL", name=op.f('ck_deed_sheet_decided')),
    sa.CheckConstraint("state NOT IN ('submitted', 'confirmed') OR reason <> ''", name=op.f('ck_deed_sheet_reason')),
    sa.CheckConstraint('decided_by_id IS NULL OR decided_by_id <> entered_by_id', name=op.f('ck_deed_sheet_second_person')),
    sa.CheckConstraint('rows_shown BETWEEN 1 AND 500', name=op.f('ck_deed_sheet_rows_shown')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_deed_sheet_community_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_deed_sheet_decided_by_id')),
    sa.ForeignKeyConstraint(['entered_by_id'], ['user.id'], name=op.f('fk_deed_sheet_entered_by_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_deed_sheet_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deed_sheet'))
    )
    op.create_index(op.f('ix_deed_sheet_community_id_entered_by_id_id'), 'deed_sheet', ['community_id', 'entered_by_id', 'id'], unique=False)
    op.create_index(op.f('ix_deed_sheet_community_id_state_id'), 'deed_sheet', ['community_id', 'state', 'id'], unique=False)
    op.create_table('deed_sheet_row',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('sheet_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('who', sa.String(length=60), nullable=False),
    sa.Column('household', sa.String(length=24), nullable=False),
    sa.Column('day', sa.String(length=20), nullable=False),
    sa.Column('item', sa.String(length=80), nullable=False),
    sa.Column('amount', sa.String(length=20), nullable=False),
    sa.Column('note', sa.String(length=120), nullable=False),
    sa.Column('double_ok', sa.Boolean(), nullable=False),
    sa.Column('resident_id', sa.Integer(), nullable=True),
    sa.Column('done_on', sa.Date(), nullable=True),
    sa.Column('item_code', sa.String(length=12), nullable=True),
    sa.Column('minutes', sa.Integer(), nullable=True),
    sa.Column('units', sa.Integer(), nullable=True),
    sa.Column('score', sa.Integer(), nullable=True),
    sa.Column('amount_fen', sa.BigInteger(), nullable=True),
    sa.Column('faults', JSON, nullable=True),
    sa.CheckConstraint('position BETWEEN 1 AND 500', name=op.f('ck_deed_sheet_row_position')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_deed_sheet_row_community_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_deed_sheet_row_resident_id')),
    sa.ForeignKeyConstraint(['sheet_id'], ['deed_sheet.id'], name=op.f('fk_deed_sheet_row_sheet_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deed_sheet_row')),
    sa.UniqueConstraint('sheet_id', 'position', name=op.f('uq_deed_sheet_row_sheet_id_position'))
    )
    op.create_index(op.f('ix_deed_sheet_row_community_id_sheet_id_position'), 'deed_sheet_row', ['community_id', 'sheet_id', 'position'], unique=False)
    _run(SQLITE if _sqlite() else POSTGRESQL)
    if _sqlite():
        return
    for table in TABLES:
        op.execute(f"CREATE POLICY one_community ON {table} USING ({MATCHES}) WITH CHECK ({MATCHES})")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """No requests, no sheets."""
    if _sqlite():
        _run(["DROP TRIGGER contribution_earlier_round_insert", "DROP TRIGGER contribution_earlier_round_update"])
    else:
        _run(["DROP TRIGGER contribution_earlier_round ON contribution"])
    op.drop_index(op.f('ix_deed_sheet_row_community_id_sheet_id_position'), table_name='deed_sheet_row')
    op.drop_table('deed_sheet_row')
    op.drop_index(op.f('ix_deed_sheet_community_id_state_id'), table_name='deed_sheet')
    op.drop_index(op.f('ix_deed_sheet_community_id_entered_by_id_id'), table_name='deed_sheet')
    op.drop_table('deed_sheet')
    op.drop_index('uq_appeal_open', table_name='appeal', sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
    op.drop_index(op.f('ix_appeal_community_id_state_id'), table_name='appeal')
    op.drop_index(op.f('ix_appeal_community_id_resident_id_id'), table_name='appeal')
    op.drop_index(op.f('ix_appeal_community_id_contribution_id'), table_name='appeal')
    op.drop_table('appeal')
    if not _sqlite():
        _run([f"DROP FUNCTION {name}()" for name in FUNCTIONS])
    for name, _kind in CORRECTION:
        op.drop_column("award_correction", name)
    op.drop_column("contribution", "barred")
