"""Deductions, off by default: standards that switch them on, the cases with their steps; points of teams shared out.

Revision 0012.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = ["deduction", "deduction_step", "team_share", "team_share_line"]
MATCHES = ("CASE WHEN coalesce(current_setting('pointsbank.community', true), '') = '' THEN true "
           "ELSE community_id = current_setting('pointsbank.community', true)::integer END")
GUARD = "scoring_standard_adopted_update"
FIXED = " AND NEW.deductions IS OLD.deductions"

SQLITE = [
    r"""CREATE TRIGGER deduction_announcer_kin BEFORE INSERT ON deduction WHEN EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.seen_on) WHERE u.user_id = NEW.announced_by_id AND (u.resident_id = NEW.resident_id OR m.id IS NOT NULL) UNION ALL SELECT 1 FROM declared_relative d LEFT JOIN household_member m ON m.resident_id = d.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.seen_on) WHERE d.user_id = NEW.announced_by_id AND (d.until_on IS NULL OR d.until_on > NEW.seen_on) AND (d.resident_id = NEW.resident_id OR d.household_id = NEW.household_id OR m.id IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'nobody announces or decides a deduction of their own family'); END""",
    r"""CREATE TRIGGER deduction_decider_kin BEFORE UPDATE ON deduction WHEN OLD.decided_by_id IS NULL AND NEW.decided_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.seen_on) WHERE u.user_id = NEW.decided_by_id AND (u.resident_id = NEW.resident_id OR m.id IS NOT NULL) UNION ALL SELECT 1 FROM declared_relative d LEFT JOIN household_member m ON m.resident_id = d.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.seen_on) WHERE d.user_id = NEW.decided_by_id AND (d.until_on IS NULL OR d.until_on > NEW.seen_on) AND (d.resident_id = NEW.resident_id OR d.household_id = NEW.household_id OR m.id IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'nobody announces or decides a deduction of their own family'); END""",
    r"""CREATE TRIGGER deduction_appeal_kin BEFORE UPDATE ON deduction WHEN OLD.appeal_decided_by_id IS NULL AND NEW.appeal_decided_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.seen_on) WHERE u.user_id = NEW.appeal_decided_by_id AND (u.resident_id = NEW.resident_id OR m.id IS NOT NULL) UNION ALL SELECT 1 FROM declared_relative d LEFT JOIN household_member m ON m.resident_id = d.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.seen_on) WHERE d.user_id = NEW.appeal_decided_by_id AND (d.until_on IS NULL OR d.until_on > NEW.seen_on) AND (d.resident_id = NEW.resident_id OR d.household_id = NEW.household_id OR m.id IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'nobody announces or decides a deduction of their own family'); END""",
    r"""CREATE TRIGGER deduction_minor BEFORE INSERT ON deduction WHEN EXISTS (SELECT 1 FROM resident r WHERE r.id = NEW.resident_id AND r.born_on > date(NEW.seen_on, '-18 years')) BEGIN SELECT RAISE(ABORT, 'nothing is taken from somebody under 18'); END""",
    r"""CREATE TRIGGER deduction_final BEFORE UPDATE ON deduction WHEN NOT (OLD.state = NEW.state OR (OLD.state = 'announced' AND NEW.state = 'dropped') OR (OLD.state = 'announced' AND NEW.state = 'imposed') OR (OLD.state = 'announced' AND NEW.state = 'rectified') OR (OLD.state = 'imposed' AND NEW.state = 'appealed') OR (OLD.state = 'appealed' AND NEW.state = 'reversed') OR (OLD.state = 'appealed' AND NEW.state = 'upheld')) OR OLD.community_id IS NOT NEW.community_id OR OLD.owner_key IS NOT NEW.owner_key OR OLD.household_id IS NOT NEW.household_id OR OLD.resident_id IS NOT NEW.resident_id OR OLD.standard_id IS NOT NEW.standard_id OR OLD.rule_code IS NOT NEW.rule_code OR OLD.rule_name IS NOT NEW.rule_name OR OLD.seen_on IS NOT NEW.seen_on OR OLD.seen IS NOT NEW.seen OR OLD.how IS NOT NEW.how OR OLD.quantity IS NOT NEW.quantity OR OLD.foreseen IS NOT NEW.foreseen OR OLD.announced_by_id IS NOT NEW.announced_by_id OR OLD.announced_at IS NOT NEW.announced_at OR OLD.announced_on IS NOT NEW.announced_on OR OLD.rectify_by IS NOT NEW.rectify_by OR (OLD.decided_by_id IS NOT NULL AND OLD.decided_by_id IS NOT NEW.decided_by_id) OR (OLD.imposed_on IS NOT NULL AND OLD.imposed_on IS NOT NEW.imposed_on) OR (OLD.appeal_by IS NOT NULL AND OLD.appeal_by IS NOT NEW.appeal_by) OR (OLD.appeal_decided_by_id IS NOT NULL AND OLD.appeal_decided_by_id IS NOT NEW.appeal_decided_by_id) OR (OLD.taken IS NOT NULL AND NEW.taken > OLD.taken) OR (OLD.amount IS NOT NULL AND NEW.amount > OLD.amount) BEGIN SELECT RAISE(ABORT, 'a deduction is never rewritten'); END""",
    r"""CREATE TRIGGER deduction_no_delete BEFORE DELETE ON deduction BEGIN SELECT RAISE(ABORT, 'a deduction is never rewritten'); END""",
    r"""CREATE TRIGGER deduction_step_no_update BEFORE UPDATE ON deduction_step BEGIN SELECT RAISE(ABORT, 'steps of a deduction are append-only'); END""",
    r"""CREATE TRIGGER deduction_step_no_delete BEFORE DELETE ON deduction_step BEGIN SELECT RAISE(ABORT, 'steps of a deduction are append-only'); END""",
    r"""CREATE TRIGGER team_share_member BEFORE UPDATE ON team_share WHEN NEW.decided_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM user_resident u JOIN team_member m ON m.resident_id = u.resident_id WHERE u.user_id = NEW.decided_by_id AND m.team_id = NEW.team_id AND m.until_on IS NULL) BEGIN SELECT RAISE(ABORT, 'nobody of the team confirms how its points are shared'); END""",
    r"""CREATE TRIGGER team_share_final BEFORE UPDATE ON team_share WHEN OLD.state <> 'proposed' OR OLD.community_id IS NOT NEW.community_id OR OLD.team_id IS NOT NEW.team_id OR OLD.reason IS NOT NEW.reason OR OLD.proposed_by_id IS NOT NEW.proposed_by_id OR OLD.proposed_at IS NOT NEW.proposed_at BEGIN SELECT RAISE(ABORT, 'a share that was decided is never rewritten'); END""",
    r"""CREATE TRIGGER team_share_no_delete BEFORE DELETE ON team_share BEGIN SELECT RAISE(ABORT, 'a share that was decided is never rewritten'); END""",
]

POSTGRESQL = [
    r"""
CREATE OR REPLACE FUNCTION deductions_announcer_kin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 WHERE EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.seen_on) WHERE u.user_id = NEW.announced_by_id AND (u.resident_id = NEW.resident_id OR m.id IS NOT NULL) UNION ALL SELECT 1 FROM declared_relative d LEFT JOIN household_member m ON m.resident_id = d.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.seen_on) WHERE d.user_id = NEW.announced_by_id AND (d.until_on IS NULL OR d.until_on > NEW.seen_on) AND (d.resident_id = NEW.resident_id OR d.household_id = NEW.household_id OR m.id IS NOT NULL));
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'nobody announces or decides a deduction of their own family';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER deduction_announcer_kin BEFORE INSERT ON deduction FOR EACH ROW EXECUTE FUNCTION deductions_announcer_kin()""",
    r"""
CREATE OR REPLACE FUNCTION deductions_decider_kin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 WHERE EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.seen_on) WHERE u.user_id = NEW.decided_by_id AND (u.resident_id = NEW.resident_id OR m.id IS NOT NULL) UNION ALL SELECT 1 FROM declared_relative d LEFT JOIN household_member m ON m.resident_id = d.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.seen_on) WHERE d.user_id = NEW.decided_by_id AND (d.until_on IS NULL OR d.until_on > NEW.seen_on) AND (d.resident_id = NEW.resident_id OR d.household_id = NEW.household_id OR m.id IS NOT NULL));
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'nobody announces or decides a deduction of their own family';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER deduction_decider_kin BEFORE UPDATE ON deduction FOR EACH ROW WHEN (OLD.decided_by_id IS NULL AND NEW.decided_by_id IS NOT NULL) EXECUTE FUNCTION deductions_decider_kin()""",
    r"""
CREATE OR REPLACE FUNCTION deductions_appeal_kin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 WHERE EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.seen_on) WHERE u.user_id = NEW.appeal_decided_by_id AND (u.resident_id = NEW.resident_id OR m.id IS NOT NULL) UNION ALL SELECT 1 FROM declared_relative d LEFT JOIN household_member m ON m.resident_id = d.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.seen_on) WHERE d.user_id = NEW.appeal_decided_by_id AND (d.until_on IS NULL OR d.until_on > NEW.seen_on) AND (d.resident_id = NEW.resident_id OR d.household_id = NEW.household_id OR m.id IS NOT NULL));
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'nobody announces or decides a deduction of their own family';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER deduction_appeal_kin BEFORE UPDATE ON deduction FOR EACH ROW WHEN (OLD.appeal_decided_by_id IS NULL AND NEW.appeal_decided_by_id IS NOT NULL) EXECUTE FUNCTION deductions_appeal_kin()""",
    r"""
CREATE OR REPLACE FUNCTION deductions_minor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 WHERE EXISTS (SELECT 1 FROM resident r WHERE r.id = NEW.resident_id AND r.born_on > NEW.seen_on - interval '18 years');
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'nothing is taken from somebody under 18';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER deduction_minor BEFORE INSERT ON deduction FOR EACH ROW EXECUTE FUNCTION deductions_minor()""",
    r"""
CREATE OR REPLACE FUNCTION deductions_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'a deduction is never rewritten';
END $$""",
    r"""CREATE TRIGGER deduction_final BEFORE UPDATE ON deduction FOR EACH ROW WHEN (NOT (OLD.state = NEW.state OR (OLD.state = 'announced' AND NEW.state = 'dropped') OR (OLD.state = 'announced' AND NEW.state = 'imposed') OR (OLD.state = 'announced' AND NEW.state = 'rectified') OR (OLD.state = 'imposed' AND NEW.state = 'appealed') OR (OLD.state = 'appealed' AND NEW.state = 'reversed') OR (OLD.state = 'appealed' AND NEW.state = 'upheld')) OR OLD.community_id IS DISTINCT FROM NEW.community_id OR OLD.owner_key IS DISTINCT FROM NEW.owner_key OR OLD.household_id IS DISTINCT FROM NEW.household_id OR OLD.resident_id IS DISTINCT FROM NEW.resident_id OR OLD.standard_id IS DISTINCT FROM NEW.standard_id OR OLD.rule_code IS DISTINCT FROM NEW.rule_code OR OLD.rule_name IS DISTINCT FROM NEW.rule_name OR OLD.seen_on IS DISTINCT FROM NEW.seen_on OR OLD.seen IS DISTINCT FROM NEW.seen OR OLD.how IS DISTINCT FROM NEW.how OR OLD.quantity IS DISTINCT FROM NEW.quantity OR OLD.foreseen IS DISTINCT FROM NEW.foreseen OR OLD.announced_by_id IS DISTINCT FROM NEW.announced_by_id OR OLD.announced_at IS DISTINCT FROM NEW.announced_at OR OLD.announced_on IS DISTINCT FROM NEW.announced_on OR OLD.rectify_by IS DISTINCT FROM NEW.rectify_by OR (OLD.decided_by_id IS NOT NULL AND OLD.decided_by_id IS DISTINCT FROM NEW.decided_by_id) OR (OLD.imposed_on IS NOT NULL AND OLD.imposed_on IS DISTINCT FROM NEW.imposed_on) OR (OLD.appeal_by IS NOT NULL AND OLD.appeal_by IS DISTINCT FROM NEW.appeal_by) OR (OLD.appeal_decided_by_id IS NOT NULL AND OLD.appeal_decided_by_id IS DISTINCT FROM NEW.appeal_decided_by_id) OR (OLD.taken IS NOT NULL AND NEW.taken > OLD.taken) OR (OLD.amount IS NOT NULL AND NEW.amount > OLD.amount)) EXECUTE FUNCTION deductions_final()""",
    r"""CREATE TRIGGER deduction_no_delete BEFORE DELETE OR TRUNCATE ON deduction FOR EACH STATEMENT EXECUTE FUNCTION deductions_final()""",
    r"""
CREATE OR REPLACE FUNCTION deductions_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'steps of a deduction are append-only';
END $$""",
    r"""CREATE TRIGGER deduction_step_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON deduction_step FOR EACH STATEMENT EXECUTE FUNCTION deductions_steps()""",
    r"""
CREATE OR REPLACE FUNCTION team_share_check_member() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 WHERE EXISTS (SELECT 1 FROM user_resident u JOIN team_member m ON m.resident_id = u.resident_id WHERE u.user_id = NEW.decided_by_id AND m.team_id = NEW.team_id AND m.until_on IS NULL);
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'nobody of the team confirms how its points are shared';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER team_share_member BEFORE UPDATE ON team_share FOR EACH ROW WHEN (NEW.decided_by_id IS NOT NULL) EXECUTE FUNCTION team_share_check_member()""",
    r"""
CREATE OR REPLACE FUNCTION team_share_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'a share that was decided is never rewritten';
END $$""",
    r"""CREATE TRIGGER team_share_final BEFORE UPDATE ON team_share FOR EACH ROW WHEN (OLD.state <> 'proposed' OR OLD.community_id IS DISTINCT FROM NEW.community_id OR OLD.team_id IS DISTINCT FROM NEW.team_id OR OLD.reason IS DISTINCT FROM NEW.reason OR OLD.proposed_by_id IS DISTINCT FROM NEW.proposed_by_id OR OLD.proposed_at IS DISTINCT FROM NEW.proposed_at) EXECUTE FUNCTION team_share_refuse_change()""",
    r"""CREATE TRIGGER team_share_no_delete BEFORE DELETE OR TRUNCATE ON team_share FOR EACH STATEMENT EXECUTE FUNCTION team_share_refuse_change()""",
]
FUNCTIONS = ("deductions_announcer_kin", "deductions_decider_kin", "deductions_appeal_kin", "deductions_minor",
             "deductions_final", "deductions_steps", "team_share_check_member", "team_share_refuse_change")


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _run(statements: list[str]) -> None:
    for sql in statements:
        op.get_bind().exec_driver_sql(sql)


def _guard(old: str, new: str) -> None:
    """SQLite compares an adopted standard column by column: the trigger as it is, with or without the new one."""
    query = f"SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = '{GUARD}'"
    text = op.get_bind().exec_driver_sql(query).scalar_one()
    assert text.count(old) == 1
    _run([f"DROP TRIGGER {GUARD}", text.replace(old, new)])


def upgrade() -> None:
    """The new column stands at the end of its table, so that SQLite keeps the table and its triggers."""
    op.add_column("scoring_standard", sa.Column("deductions", sa.Boolean(), nullable=False, server_default=sa.false()))
    if not _sqlite():
        op.alter_column("scoring_standard", "deductions", server_default=None)
    op.create_table('deduction',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('state', sa.Enum('announced', 'rectified', 'dropped', 'imposed', 'appealed', 'upheld', 'reversed', name='deductionstate', native_enum=False, length=32), nullable=False),
        sa.Column('owner_key', sa.String(length=40), nullable=False),
        sa.Column('household_id', sa.Integer(), nullable=True),
        sa.Column('resident_id', sa.Integer(), nullable=True),
        sa.Column('standard_id', sa.Integer(), nullable=False),
        sa.Column('rule_code', sa.String(length=12), nullable=False),
        sa.Column('rule_name', sa.String(length=80), nullable=False),
        sa.Column('seen_on', sa.Date(), nullable=False),
        sa.Column('seen', sa.String(length=500), nullable=False),
        sa.Column('how', sa.String(length=500), nullable=False),
        sa.Column('quantity', sa.BigInteger(), nullable=True),
        sa.Column('foreseen', sa.BigInteger(), nullable=False),
        sa.Column('announced_by_id', sa.Integer(), nullable=False),
        sa.Column('announced_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('announced_on', sa.Date(), nullable=False),
        sa.Column('rectify_by', sa.Date(), nullable=False),
        sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('put_right_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('due_on', sa.Date(), nullable=True),
        sa.Column('decided_by_id', sa.Integer(), nullable=True),
        sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('imposed_on', sa.Date(), nullable=True),
        sa.Column('amount', sa.BigInteger(), nullable=True),
        sa.Column('taken', sa.BigInteger(), nullable=True),
        sa.Column('explanation', JSON, nullable=False),
        sa.Column('doubled_by_id', sa.Integer(), nullable=True),
        sa.Column('booked_as', sa.String(length=80), nullable=False),
        sa.Column('appeal_by', sa.Date(), nullable=True),
        sa.Column('appealed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('appeal_decided_by_id', sa.Integer(), nullable=True),
        sa.Column('appeal_decided_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'announced') = (decided_by_id IS NULL)", name=op.f('ck_deduction_decided')),
        sa.CheckConstraint("(state IN ('imposed', 'appealed', 'upheld', 'reversed')) = (taken IS NOT NULL)", name=op.f('ck_deduction_taken_when_imposed')),
        sa.CheckConstraint("(state IN ('upheld', 'reversed')) = (appeal_decided_by_id IS NOT NULL)", name=op.f('ck_deduction_appeal_decided')),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> announced_by_id OR state IN ('rectified', 'dropped')", name=op.f('ck_deduction_second_person')),
        sa.CheckConstraint('(imposed_on IS NULL) = (taken IS NULL)', name=op.f('ck_deduction_imposed_on_a_day')),
        sa.CheckConstraint('appeal_decided_by_id IS NULL OR (appeal_decided_by_id <> announced_by_id AND appeal_decided_by_id <> decided_by_id)', name=op.f('ck_deduction_third_person')),
        sa.CheckConstraint('household_id IS NOT NULL OR resident_id IS NOT NULL', name=op.f('ck_deduction_somebody')),
        sa.CheckConstraint('imposed_on IS NULL OR imposed_on > rectify_by', name=op.f('ck_deduction_not_too_early')),
        sa.CheckConstraint('rectify_by > announced_on', name=op.f('ck_deduction_time_to_rectify')),
        sa.CheckConstraint('taken IS NULL OR (amount > 0 AND taken >= 0 AND taken <= amount)', name=op.f('ck_deduction_never_more')),
        sa.ForeignKeyConstraint(['announced_by_id'], ['user.id'], name=op.f('fk_deduction_announced_by_id')),
        sa.ForeignKeyConstraint(['appeal_decided_by_id'], ['user.id'], name=op.f('fk_deduction_appeal_decided_by_id')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_deduction_community_id')),
        sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_deduction_decided_by_id')),
        sa.ForeignKeyConstraint(['doubled_by_id'], ['deduction.id'], name=op.f('fk_deduction_doubled_by_id')),
        sa.ForeignKeyConstraint(['household_id'], ['household.id'], name=op.f('fk_deduction_household_id')),
        sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_deduction_resident_id')),
        sa.ForeignKeyConstraint(['standard_id'], ['scoring_standard.id'], name=op.f('fk_deduction_standard_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_deduction'))
    )
    op.create_index(op.f('ix_deduction_community_id_announced_by_id'), 'deduction', ['community_id', 'announced_by_id'], unique=False)
    op.create_index(op.f('ix_deduction_community_id_doubled_by_id'), 'deduction', ['community_id', 'doubled_by_id'], unique=False)
    op.create_index(op.f('ix_deduction_community_id_due_on_id'), 'deduction', ['community_id', 'due_on', 'id'], unique=False)
    op.create_index(op.f('ix_deduction_community_id_owner_key_rule_code'), 'deduction', ['community_id', 'owner_key', 'rule_code'], unique=False)
    op.create_index('uq_deduction_standing', 'deduction', ['community_id', 'owner_key', 'rule_code', 'seen_on'], unique=True, sqlite_where=sa.text("state NOT IN ('rectified', 'dropped', 'reversed')"), postgresql_where=sa.text("state NOT IN ('rectified', 'dropped', 'reversed')"))
    op.create_table('team_share',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('team_id', sa.Integer(), nullable=False),
        sa.Column('state', sa.Enum('proposed', 'posted', 'refused', 'withdrawn', name='sharestate', native_enum=False, length=32), nullable=False),
        sa.Column('reason', sa.String(length=300), nullable=False),
        sa.Column('proposed_by_id', sa.Integer(), nullable=False),
        sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('decided_by_id', sa.Integer(), nullable=True),
        sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('answer', sa.String(length=300), nullable=False),
        sa.CheckConstraint("(state IN ('posted', 'refused')) = (decided_by_id IS NOT NULL)", name=op.f('ck_team_share_decided')),
        sa.CheckConstraint('decided_by_id IS NULL OR decided_by_id <> proposed_by_id', name=op.f('ck_team_share_second_person')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_team_share_community_id')),
        sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_team_share_decided_by_id')),
        sa.ForeignKeyConstraint(['proposed_by_id'], ['user.id'], name=op.f('fk_team_share_proposed_by_id')),
        sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_team_share_team_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_team_share'))
    )
    op.create_index(op.f('ix_team_share_community_id_state'), 'team_share', ['community_id', 'state'], unique=False)
    op.create_index(op.f('ix_team_share_community_id_team_id_id'), 'team_share', ['community_id', 'team_id', 'id'], unique=False)
    op.create_index('uq_team_share_open', 'team_share', ['team_id'], unique=True, sqlite_where=sa.text("state = 'proposed'"), postgresql_where=sa.text("state = 'proposed'"))
    op.create_table('deduction_step',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('deduction_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.Enum('announced', 'answered', 'put_right', 'rectified', 'dropped', 'imposed', 'appealed', 'upheld', 'reversed', 'halved', name='stepkind', native_enum=False, length=32), nullable=False),
        sa.Column('by_user_id', sa.Integer(), nullable=False),
        sa.Column('resident_id', sa.Integer(), nullable=True),
        sa.Column('on_paper', sa.Boolean(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('text', sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(['by_user_id'], ['user.id'], name=op.f('fk_deduction_step_by_user_id')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_deduction_step_community_id')),
        sa.ForeignKeyConstraint(['deduction_id'], ['deduction.id'], name=op.f('fk_deduction_step_deduction_id')),
        sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_deduction_step_resident_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_deduction_step'))
    )
    op.create_index(op.f('ix_deduction_step_community_id_deduction_id_id'), 'deduction_step', ['community_id', 'deduction_id', 'id'], unique=False)
    op.create_table('team_share_line',
        sa.Column('share_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('resident_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('amount', sa.BigInteger(), nullable=False),
        sa.Column('owner_key', sa.String(length=40), nullable=True),
        sa.CheckConstraint('amount > 0', name=op.f('ck_team_share_line_amount_positive')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_team_share_line_community_id')),
        sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_team_share_line_resident_id')),
        sa.ForeignKeyConstraint(['share_id'], ['team_share.id'], name=op.f('fk_team_share_line_share_id')),
        sa.PrimaryKeyConstraint('share_id', 'resident_id', name=op.f('pk_team_share_line'))
    )
    if _sqlite():
        _guard(") BEGIN SELECT", f"{FIXED}) BEGIN SELECT")
        _run(SQLITE)
        return
    _run(POSTGRESQL)
    for table in TABLES:
        op.execute(f"CREATE POLICY one_community ON {table} USING ({MATCHES}) WITH CHECK ({MATCHES})")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Everything of this chapter goes, policies and triggers with their tables."""
    if _sqlite():
        _guard(FIXED, "")
    op.drop_table('team_share_line')
    op.drop_index(op.f('ix_deduction_step_community_id_deduction_id_id'), table_name='deduction_step')
    op.drop_table('deduction_step')
    op.drop_index('uq_team_share_open', table_name='team_share', sqlite_where=sa.text("state = 'proposed'"), postgresql_where=sa.text("state = 'proposed'"))
    op.drop_index(op.f('ix_team_share_community_id_team_id_id'), table_name='team_share')
    op.drop_index(op.f('ix_team_share_community_id_state'), table_name='team_share')
    op.drop_table('team_share')
    op.drop_index('uq_deduction_standing', table_name='deduction', sqlite_where=sa.text("state NOT IN ('rectified', 'dropped', 'reversed')"), postgresql_where=sa.text("state NOT IN ('rectified', 'dropped', 'reversed')"))
    op.drop_index(op.f('ix_deduction_community_id_owner_key_rule_code'), table_name='deduction')
    op.drop_index(op.f('ix_deduction_community_id_due_on_id'), table_name='deduction')
    op.drop_index(op.f('ix_deduction_community_id_doubled_by_id'), table_name='deduction')
    op.drop_index(op.f('ix_deduction_community_id_announced_by_id'), table_name='deduction')
    op.drop_table('deduction')
    if not _sqlite():
        _run([f"DROP FUNCTION {name}()" for name in FUNCTIONS])
    op.drop_column("scoring_standard", "deductions")
