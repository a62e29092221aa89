"""The panel: sittings with their members, lists and votes; declared relatives; and triggers that know of them.

Revision 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = ["declared_relative", "panel_vote", "sitting", "sitting_item", "sitting_member"]
MATCHES = ("CASE WHEN coalesce(current_setting('pointsbank.community', true), '') = '' THEN true "
           "ELSE community_id = current_setting('pointsbank.community', true)::integer END")
APPROVER_TRIGGERS = ["contribution_own_household_insert", "contribution_own_household_update"]

SQLITE_TRIGGERS = [
    r"""CREATE TRIGGER contribution_own_household_insert BEFORE INSERT ON contribution WHEN NEW.approver_user_id IS NOT NULL AND EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.done_on) WHERE u.user_id IN (NEW.approver_user_id) AND (u.resident_id = NEW.resident_id OR m.id IS NOT NULL) UNION ALL SELECT 1 FROM declared_relative d LEFT JOIN household_member m ON m.resident_id = d.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.done_on) WHERE d.user_id IN (NEW.approver_user_id) AND (d.until_on IS NULL OR d.until_on > NEW.done_on) AND (d.resident_id = NEW.resident_id OR d.household_id = NEW.household_id OR m.id IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'nobody approves a deed of their own household'); END""",
    r"""CREATE TRIGGER contribution_own_household_update BEFORE UPDATE OF approver_user_id, household_id ON contribution WHEN NEW.approver_user_id IS NOT NULL AND EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.done_on) WHERE u.user_id IN (NEW.approver_user_id) AND (u.resident_id = NEW.resident_id OR m.id IS NOT NULL) UNION ALL SELECT 1 FROM declared_relative d LEFT JOIN household_member m ON m.resident_id = d.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.done_on) WHERE d.user_id IN (NEW.approver_user_id) AND (d.until_on IS NULL OR d.until_on > NEW.done_on) AND (d.resident_id = NEW.resident_id OR d.household_id = NEW.household_id OR m.id IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'nobody approves a deed of their own household'); END""",
    r"""CREATE TRIGGER declared_relative_ended_once BEFORE UPDATE ON declared_relative WHEN OLD.until_on IS NOT NULL OR NEW.community_id IS NOT OLD.community_id OR NEW.user_id IS NOT OLD.user_id OR NEW.resident_id IS NOT OLD.resident_id OR NEW.household_id IS NOT OLD.household_id OR NEW.relation IS NOT OLD.relation OR NEW.declared_at IS NOT OLD.declared_at BEGIN SELECT RAISE(ABORT, 'a declaration is ended once, and never changed or deleted'); END""",
    r"""CREATE TRIGGER declared_relative_no_delete BEFORE DELETE ON declared_relative BEGIN SELECT RAISE(ABORT, 'what a panel voted is kept, delete is refused'); END""",
    r"""CREATE TRIGGER sitting_no_delete BEFORE DELETE ON sitting BEGIN SELECT RAISE(ABORT, 'what a panel voted is kept, delete is refused'); END""",
    r"""CREATE TRIGGER sitting_sealed BEFORE UPDATE ON sitting WHEN OLD.state <> 'open' BEGIN SELECT RAISE(ABORT, 'what a panel voted is kept, update is refused'); END""",
    r"""CREATE TRIGGER sitting_item_no_delete BEFORE DELETE ON sitting_item BEGIN SELECT RAISE(ABORT, 'what a panel voted is kept, delete is refused'); END""",
    r"""CREATE TRIGGER sitting_item_sealed BEFORE UPDATE ON sitting_item WHEN OLD.outcome <> 'waiting' BEGIN SELECT RAISE(ABORT, 'what a panel voted is kept, update is refused'); END""",
    r"""CREATE TRIGGER sitting_member_no_delete BEFORE DELETE ON sitting_member BEGIN SELECT RAISE(ABORT, 'what a panel voted is kept, delete is refused'); END""",
    r"""CREATE TRIGGER panel_vote_barred BEFORE INSERT ON panel_vote WHEN EXISTS (SELECT 1 FROM sitting_item i JOIN contribution c ON c.id = i.contribution_id WHERE i.id = NEW.item_id AND (c.recorder_user_id IN (NEW.user_id, NEW.entered_by_id) OR c.checker_user_id IN (NEW.user_id, NEW.entered_by_id) OR EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id = c.household_id AND (m.until_on IS NULL OR m.until_on > c.done_on) WHERE u.user_id IN (NEW.user_id, NEW.entered_by_id) AND (u.resident_id = c.resident_id OR m.id IS NOT NULL) UNION ALL SELECT 1 FROM declared_relative d LEFT JOIN household_member m ON m.resident_id = d.resident_id AND m.household_id = c.household_id AND (m.until_on IS NULL OR m.until_on > c.done_on) WHERE d.user_id IN (NEW.user_id, NEW.entered_by_id) AND (d.until_on IS NULL OR d.until_on > c.done_on) AND (d.resident_id = c.resident_id OR d.household_id = c.household_id OR m.id IS NOT NULL)))) BEGIN SELECT RAISE(ABORT, 'nobody votes about a deed of their own household'); END""",
    r"""CREATE TRIGGER panel_vote_over BEFORE INSERT ON panel_vote WHEN NOT EXISTS (SELECT 1 FROM sitting_item i JOIN sitting s ON s.id = i.sitting_id WHERE i.id = NEW.item_id AND i.outcome = 'waiting' AND s.state = 'open') BEGIN SELECT RAISE(ABORT, 'votes are cast while the sitting is open'); END""",
    r"""CREATE TRIGGER panel_vote_no_delete BEFORE DELETE ON panel_vote BEGIN SELECT RAISE(ABORT, 'what a panel voted is kept, delete is refused'); END""",
    r"""CREATE TRIGGER panel_vote_sealed BEFORE UPDATE ON panel_vote BEGIN SELECT RAISE(ABORT, 'what a panel voted is kept, update is refused'); END""",
]
POSTGRESQL_TRIGGERS = [
    r"""CREATE OR REPLACE FUNCTION contributions_check_approver() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 WHERE EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.done_on) WHERE u.user_id IN (NEW.approver_user_id) AND (u.resident_id = NEW.resident_id OR m.id IS NOT NULL) UNION ALL SELECT 1 FROM declared_relative d LEFT JOIN household_member m ON m.resident_id = d.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.done_on) WHERE d.user_id IN (NEW.approver_user_id) AND (d.until_on IS NULL OR d.until_on > NEW.done_on) AND (d.resident_id = NEW.resident_id OR d.household_id = NEW.household_id OR m.id IS NOT NULL));
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'nobody approves a deed of their own household';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE OR REPLACE FUNCTION contributions_guard_declared() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 WHERE OLD.until_on IS NOT NULL OR NEW.community_id IS DISTINCT FROM OLD.community_id OR NEW.user_id IS DISTINCT FROM OLD.user_id OR NEW.resident_id IS DISTINCT FROM OLD.resident_id OR NEW.household_id IS DISTINCT FROM OLD.household_id OR NEW.relation IS DISTINCT FROM OLD.relation OR NEW.declared_at IS DISTINCT FROM OLD.declared_at;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'a declaration is ended once, and never changed or deleted';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER declared_relative_ended_once BEFORE UPDATE ON declared_relative FOR EACH ROW EXECUTE FUNCTION contributions_guard_declared()""",
    r"""CREATE OR REPLACE FUNCTION contributions_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'what a panel voted is kept, ' || lower(TG_OP) || ' is refused';
END $$""",
    r"""CREATE TRIGGER declared_relative_kept BEFORE DELETE OR TRUNCATE ON declared_relative FOR EACH STATEMENT EXECUTE FUNCTION contributions_keep()""",
    r"""CREATE TRIGGER sitting_kept BEFORE DELETE OR TRUNCATE ON sitting FOR EACH STATEMENT EXECUTE FUNCTION contributions_keep()""",
    r"""CREATE TRIGGER sitting_sealed BEFORE UPDATE ON sitting FOR EACH ROW WHEN (OLD.state <> 'open') EXECUTE FUNCTION contributions_keep()""",
    r"""CREATE TRIGGER sitting_item_kept BEFORE DELETE OR TRUNCATE ON sitting_item FOR EACH STATEMENT EXECUTE FUNCTION contributions_keep()""",
    r"""CREATE TRIGGER sitting_item_sealed BEFORE UPDATE ON sitting_item FOR EACH ROW WHEN (OLD.outcome <> 'waiting') EXECUTE FUNCTION contributions_keep()""",
    r"""CREATE TRIGGER sitting_member_kept BEFORE DELETE OR TRUNCATE ON sitting_member FOR EACH STATEMENT EXECUTE FUNCTION contributions_keep()""",
    r"""CREATE OR REPLACE FUNCTION contributions_check_vote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 WHERE EXISTS (SELECT 1 FROM sitting_item i JOIN contribution c ON c.id = i.contribution_id WHERE i.id = NEW.item_id AND (c.recorder_user_id IN (NEW.user_id, NEW.entered_by_id) OR c.checker_user_id IN (NEW.user_id, NEW.entered_by_id) OR EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id = c.household_id AND (m.until_on IS NULL OR m.until_on > c.done_on) WHERE u.user_id IN (NEW.user_id, NEW.entered_by_id) AND (u.resident_id = c.resident_id OR m.id IS NOT NULL) UNION ALL SELECT 1 FROM declared_relative d LEFT JOIN household_member m ON m.resident_id = d.resident_id AND m.household_id = c.household_id AND (m.until_on IS NULL OR m.until_on > c.done_on) WHERE d.user_id IN (NEW.user_id, NEW.entered_by_id) AND (d.until_on IS NULL OR d.until_on > c.done_on) AND (d.resident_id = c.resident_id OR d.household_id = c.household_id OR m.id IS NOT NULL))));
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'nobody votes about a deed of their own household';
  END IF;
  PERFORM 1 WHERE NOT EXISTS (SELECT 1 FROM sitting_item i JOIN sitting s ON s.id = i.sitting_id WHERE i.id = NEW.item_id AND i.outcome = 'waiting' AND s.state = 'open');
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'votes are cast while the sitting is open';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER panel_vote_barred BEFORE INSERT ON panel_vote FOR EACH ROW EXECUTE FUNCTION contributions_check_vote()""",
    r"""CREATE TRIGGER panel_vote_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON panel_vote FOR EACH STATEMENT EXECUTE FUNCTION contributions_keep()""",
]
# As revision 0001 made them.
SQLITE_APPROVER_BEFORE = [
    r"""CREATE TRIGGER contribution_own_household_insert BEFORE INSERT ON contribution WHEN NEW.approver_user_id IS NOT NULL AND EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.done_on) WHERE u.user_id = NEW.approver_user_id AND (u.resident_id = NEW.resident_id OR m.id IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'nobody approves a deed of their own household'); END""",
    r"""CREATE TRIGGER contribution_own_household_update BEFORE UPDATE OF approver_user_id, household_id ON contribution WHEN NEW.approver_user_id IS NOT NULL AND EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.done_on) WHERE u.user_id = NEW.approver_user_id AND (u.resident_id = NEW.resident_id OR m.id IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'nobody approves a deed of their own household'); END""",
]
POSTGRESQL_APPROVER_BEFORE = [
    r"""CREATE OR REPLACE FUNCTION public.contributions_check_approver()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  PERFORM 1 WHERE EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.done_on) WHERE u.user_id = NEW.approver_user_id AND (u.resident_id = NEW.resident_id OR m.id IS NOT NULL));
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'nobody approves a deed of their own household';
  END IF;
  RETURN NEW;
END $function$""",
]


def _run(statements: list[str]) -> None:
    for statement in statements:
        op.execute(statement)


def _drop_approver_triggers() -> None:
    _run([f"DROP TRIGGER {name}" for name in APPROVER_TRIGGERS])


def upgrade() -> None:
    """On PostgreSQL the trigger about approvers stays and its function is replaced; on SQLite it is made anew."""
    op.create_table('declared_relative',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.Integer(), nullable=True),
    sa.Column('household_id', sa.Integer(), nullable=True),
    sa.Column('relation', sa.String(length=20), nullable=False),
    sa.Column('declared_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.CheckConstraint('(resident_id IS NULL) <> (household_id IS NULL)', name=op.f('ck_declared_relative_one_of_two')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_declared_relative_community_id')),
    sa.ForeignKeyConstraint(['household_id'], ['household.id'], name=op.f('fk_declared_relative_household_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_declared_relative_resident_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_declared_relative_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_declared_relative'))
    )
    op.create_index(op.f('ix_declared_relative_community_id_user_id'), 'declared_relative', ['community_id', 'user_id'], unique=False)
    op.create_index('uq_declared_relative_household', 'declared_relative', ['user_id', 'household_id'], unique=True, sqlite_where=sa.text('until_on IS NULL'), postgresql_where=sa.text('until_on IS NULL'))
    op.create_index('uq_declared_relative_resident', 'declared_relative', ['user_id', 'resident_id'], unique=True, sqlite_where=sa.text('until_on IS NULL'), postgresql_where=sa.text('until_on IS NULL'))
    op.create_table('sitting',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=80), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=True),
    sa.Column('to_on', sa.Date(), nullable=True),
    sa.Column('kind', sa.String(length=32), nullable=True),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('quorum', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('opened_by_id', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_by_id', sa.Integer(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f('ck_sitting_ended')),
    sa.CheckConstraint('(ended_at IS NULL) = (ended_by_id IS NULL)', name=op.f('ck_sitting_ended_by')),
    sa.CheckConstraint('quorum >= 0', name=op.f('ck_sitting_quorum')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_sitting_community_id')),
    sa.ForeignKeyConstraint(['ended_by_id'], ['user.id'], name=op.f('fk_sitting_ended_by_id')),
    sa.ForeignKeyConstraint(['opened_by_id'], ['user.id'], name=op.f('fk_sitting_opened_by_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_sitting_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sitting'))
    )
    op.create_index(op.f('ix_sitting_community_id_state_id'), 'sitting', ['community_id', 'state', 'id'], unique=False)
    op.create_table('sitting_item',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('sitting_id', sa.Integer(), nullable=False),
    sa.Column('contribution_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('carried_over', sa.Boolean(), nullable=False),
    sa.Column('outcome', sa.String(length=32), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('votes_for', sa.Integer(), nullable=False),
    sa.Column('votes_against', sa.Integer(), nullable=False),
    sa.Column('abstained', sa.Integer(), nullable=False),
    sa.Column('entitled', sa.Integer(), nullable=False),
    sa.Column('needed', sa.Integer(), nullable=False),
    sa.Column('barred_user_ids', JSON, nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(outcome = 'waiting') = (decided_at IS NULL)", name=op.f('ck_sitting_item_decided')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_sitting_item_community_id')),
    sa.ForeignKeyConstraint(['contribution_id'], ['contribution.id'], name=op.f('fk_sitting_item_contribution_id')),
    sa.ForeignKeyConstraint(['sitting_id'], ['sitting.id'], name=op.f('fk_sitting_item_sitting_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sitting_item')),
    sa.UniqueConstraint('id', 'sitting_id', name=op.f('uq_sitting_item_id_sitting_id')),
    sa.UniqueConstraint('sitting_id', 'contribution_id', name=op.f('uq_sitting_item_sitting_id_contribution_id'))
    )
    op.create_index(op.f('ix_sitting_item_community_id_contribution_id'), 'sitting_item', ['community_id', 'contribution_id'], unique=False)
    op.create_index('uq_sitting_item_waiting', 'sitting_item', ['contribution_id'], unique=True, sqlite_where=sa.text("outcome = 'waiting'"), postgresql_where=sa.text("outcome = 'waiting'"))
    op.create_table('sitting_member',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('sitting_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('reminded_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_sitting_member_community_id')),
    sa.ForeignKeyConstraint(['sitting_id'], ['sitting.id'], name=op.f('fk_sitting_member_sitting_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_sitting_member_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sitting_member')),
    sa.UniqueConstraint('sitting_id', 'user_id', name=op.f('uq_sitting_member_sitting_id_user_id'))
    )
    op.create_table('panel_vote',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('sitting_id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('choice', sa.String(length=32), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('entered_by_id', sa.Integer(), nullable=True),
    sa.Column('paper_note', sa.String(length=120), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(entered_by_id IS NULL) = (paper_note = '')", name=op.f('ck_panel_vote_paper_has_a_note')),
    sa.CheckConstraint("choice <> 'against' OR reason <> ''", name=op.f('ck_panel_vote_against_has_a_reason')),
    sa.CheckConstraint('entered_by_id IS NULL OR entered_by_id <> user_id', name=op.f('ck_panel_vote_paper_is_entered_for_others')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_panel_vote_community_id')),
    sa.ForeignKeyConstraint(['entered_by_id'], ['user.id'], name=op.f('fk_panel_vote_entered_by_id')),
    sa.ForeignKeyConstraint(['item_id', 'sitting_id'], ['sitting_item.id', 'sitting_item.sitting_id'], name=op.f('fk_panel_vote_item_id_sitting_id')),
    sa.ForeignKeyConstraint(['sitting_id', 'user_id'], ['sitting_member.sitting_id', 'sitting_member.user_id'], name=op.f('fk_panel_vote_sitting_id_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_panel_vote'))
    )
    op.create_index(op.f('ix_panel_vote_sitting_id_item_id_user_id_id'), 'panel_vote', ['sitting_id', 'item_id', 'user_id', 'id'], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        _drop_approver_triggers()
        _run(SQLITE_TRIGGERS)
        return
    _run(POSTGRESQL_TRIGGERS)
    for table in TABLES:
        op.execute(f"CREATE POLICY one_community ON {table} USING ({MATCHES}) WITH CHECK ({MATCHES})")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Nobody declares relatives any more; triggers and policies of the tables go with them, functions do not."""
    if op.get_bind().dialect.name == "sqlite":
        _drop_approver_triggers()
        _run(SQLITE_APPROVER_BEFORE)
    else:
        _run(POSTGRESQL_APPROVER_BEFORE)
    op.drop_index(op.f('ix_panel_vote_sitting_id_item_id_user_id_id'), table_name='panel_vote')
    op.drop_table('panel_vote')
    op.drop_table('sitting_member')
    op.drop_index('uq_sitting_item_waiting', table_name='sitting_item', sqlite_where=sa.text("outcome = 'waiting'"), postgresql_where=sa.text("outcome = 'waiting'"))
    op.drop_index(op.f('ix_sitting_item_community_id_contribution_id'), table_name='sitting_item')
    op.drop_table('sitting_item')
    op.drop_index(op.f('ix_sitting_community_id_state_id'), table_name='sitting')
    op.drop_table('sitting')
    op.drop_index('uq_declared_relative_resident', table_name='declared_relative', sqlite_where=sa.text('until_on IS NULL'), postgresql_where=sa.text('until_on IS NULL'))
    op.drop_index('uq_declared_relative_household', table_name='declared_relative', sqlite_where=sa.text('until_on IS NULL'), postgresql_where=sa.text('until_on IS NULL'))
    op.drop_index(op.f('ix_declared_relative_community_id_user_id'), table_name='declared_relative')
    op.drop_table('declared_relative')
    if op.get_bind().dialect.name == "postgresql":
        _run(["DROP FUNCTION contributions_check_vote()", "DROP FUNCTION contributions_guard_declared()",
              "DROP FUNCTION contributions_keep()"])
