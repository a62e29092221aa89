"""Cases of households: divided, joined, moved, somebody leaves or dies. Passbooks get successors, deaths a day, and the
database itself keeps memberships of one resident apart.

Revision 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = ["household_change", "household_change_person"]
MATCHES = ("CASE WHEN coalesce(current_setting('pointsbank.community', true), '') = '' THEN true "
           "ELSE community_id = current_setting('pointsbank.community', true)::integer END")
SUCCESSOR = ("successor_id IS NULL OR (successor_id <> id AND kind IN ('wallet', 'debt')"
             " AND succeeded_on IS NOT NULL)")
NO_OVERLAP = ("EXCLUDE USING gist (int4range(resident_id, resident_id, '[]') WITH &&,"
              " daterange(since_on, until_on) WITH &&)")
MEMBER_TRIGGERS = ("household_member_overlap_insert", "household_member_overlap_update")

SQLITE = [
    r"""CREATE TRIGGER household_member_overlap_insert BEFORE INSERT ON household_member WHEN EXISTS (SELECT 1 FROM household_member m WHERE m.resident_id = NEW.resident_id AND m.id IS NOT NEW.id AND m.since_on < coalesce(NEW.until_on, '9999-12-31') AND NEW.since_on < coalesce(m.until_on, '9999-12-31')) BEGIN SELECT RAISE(ABORT, 'a resident belongs to one household at a time'); END""",
    r"""CREATE TRIGGER household_member_overlap_update BEFORE UPDATE OF resident_id, since_on, until_on ON household_member WHEN EXISTS (SELECT 1 FROM household_member m WHERE m.resident_id = NEW.resident_id AND m.id IS NOT NEW.id AND m.since_on < coalesce(NEW.until_on, '9999-12-31') AND NEW.since_on < coalesce(m.until_on, '9999-12-31')) BEGIN SELECT RAISE(ABORT, 'a resident belongs to one household at a time'); END""",
    r"""CREATE TRIGGER household_change_kin_insert BEFORE INSERT ON household_change WHEN EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id IN (NEW.household_id, NEW.other_household_id) AND (m.until_on IS NULL OR m.until_on >= NEW."on") WHERE u.user_id IN (NEW.proposed_by_id, NEW.decided_by_id) AND (u.resident_id = NEW.resident_id OR m.id IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'nobody proposes or confirms a change of their own household'); END""",
    r"""CREATE TRIGGER household_change_kin_update BEFORE UPDATE ON household_change WHEN NEW.state <> 'withdrawn' AND EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id IN (NEW.household_id, NEW.other_household_id) AND (m.until_on IS NULL OR m.until_on >= NEW."on") WHERE u.user_id IN (NEW.proposed_by_id, NEW.decided_by_id) AND (u.resident_id = NEW.resident_id OR m.id IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'nobody proposes or confirms a change of their own household'); END""",
    r"""CREATE TRIGGER household_change_final BEFORE UPDATE ON household_change WHEN OLD.state <> 'proposed' OR OLD.community_id IS NOT NEW.community_id OR OLD.kind IS NOT NEW.kind OR OLD."on" IS NOT NEW."on" OR OLD.reason IS NOT NEW.reason OR OLD.household_id IS NOT NEW.household_id OR OLD.resident_id IS NOT NEW.resident_id OR OLD.undoes_id IS NOT NEW.undoes_id OR OLD.wish IS NOT NEW.wish OR OLD.proposed_by_id IS NOT NEW.proposed_by_id OR OLD.proposed_at IS NOT NEW.proposed_at BEGIN SELECT RAISE(ABORT, 'a household change is never rewritten'); END""",
    r"""CREATE TRIGGER household_change_no_delete BEFORE DELETE ON household_change  BEGIN SELECT RAISE(ABORT, 'a household change is never rewritten'); END""",
    r"""CREATE TRIGGER household_change_person_no_update BEFORE UPDATE ON household_change_person  BEGIN SELECT RAISE(ABORT, 'a household change is never rewritten'); END""",
    r"""CREATE TRIGGER household_change_person_no_delete BEFORE DELETE ON household_change_person  BEGIN SELECT RAISE(ABORT, 'a household change is never rewritten'); END""",
]

POSTGRESQL = [
    r"""
CREATE OR REPLACE FUNCTION succession_check_kin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 WHERE EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id IN (NEW.household_id, NEW.other_household_id) AND (m.until_on IS NULL OR m.until_on >= NEW."on") WHERE u.user_id IN (NEW.proposed_by_id, NEW.decided_by_id) AND (u.resident_id = NEW.resident_id OR m.id IS NOT NULL));
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'nobody proposes or confirms a change of their own household';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER household_change_kin BEFORE INSERT OR UPDATE ON household_change FOR EACH ROW WHEN (NEW.state <> 'withdrawn') EXECUTE FUNCTION succession_check_kin()""",
    r"""
CREATE OR REPLACE FUNCTION succession_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'a household change is never rewritten';
END $$""",
    r"""CREATE TRIGGER household_change_final BEFORE UPDATE ON household_change FOR EACH ROW WHEN (OLD.state <> 'proposed' OR OLD.community_id IS DISTINCT FROM NEW.community_id OR OLD.kind IS DISTINCT FROM NEW.kind OR OLD."on" IS DISTINCT FROM NEW."on" OR OLD.reason IS DISTINCT FROM NEW.reason OR OLD.household_id IS DISTINCT FROM NEW.household_id OR OLD.resident_id IS DISTINCT FROM NEW.resident_id OR OLD.undoes_id IS DISTINCT FROM NEW.undoes_id OR OLD.wish IS DISTINCT FROM NEW.wish OR OLD.proposed_by_id IS DISTINCT FROM NEW.proposed_by_id OR OLD.proposed_at IS DISTINCT FROM NEW.proposed_at) EXECUTE FUNCTION succession_refuse_change()""",
    r"""CREATE TRIGGER household_change_no_delete BEFORE DELETE OR TRUNCATE ON household_change FOR EACH STATEMENT EXECUTE FUNCTION succession_refuse_change()""",
    r"""CREATE TRIGGER household_change_person_final BEFORE UPDATE OR DELETE OR TRUNCATE ON household_change_person FOR EACH STATEMENT EXECUTE FUNCTION succession_refuse_change()""",
]
FUNCTIONS = ("succession_check_kin", "succession_refuse_change")


def _run(statements: list[str]) -> None:
    for sql in statements:
        op.get_bind().exec_driver_sql(sql)


def upgrade() -> None:
    """SQLite takes a column with its own constraints as it is; rebuilding the table would lose what hangs on it."""
    postgres = op.get_bind().dialect.name == "postgresql"
    op.create_table('household_change',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.Enum('split', 'merge', 'move', 'head', 'leave', 'return', 'death', 'heir', 'undo', name='changekind', native_enum=False, length=32), nullable=False),
        sa.Column('state', sa.Enum('proposed', 'confirmed', 'refused', 'withdrawn', name='changestate', native_enum=False, length=32), nullable=False),
        sa.Column('number', sa.Integer(), nullable=True),
        sa.Column('on', sa.Date(), nullable=False),
        sa.Column('reason', sa.String(length=500), nullable=False),
        sa.Column('household_id', sa.Integer(), nullable=True),
        sa.Column('other_household_id', sa.Integer(), nullable=True),
        sa.Column('resident_id', sa.Integer(), nullable=True),
        sa.Column('undoes_id', sa.Integer(), nullable=True),
        sa.Column('wish', JSON, nullable=False),
        sa.Column('statement', JSON, nullable=True),
        sa.Column('proposed_by_id', sa.Integer(), nullable=False),
        sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('decided_by_id', sa.Integer(), nullable=True),
        sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('answer', sa.String(length=500), nullable=False),
        sa.CheckConstraint("(kind = 'undo') = (undoes_id IS NOT NULL)", name=op.f('ck_household_change_undoes_something')),
        sa.CheckConstraint("(state = 'confirmed') = (number IS NOT NULL)", name=op.f('ck_household_change_numbered')),
        sa.CheckConstraint("(state = 'confirmed') = (statement IS NOT NULL)", name=op.f('ck_household_change_stated')),
        sa.CheckConstraint("(state IN ('confirmed', 'refused')) = (decided_by_id IS NOT NULL)", name=op.f('ck_household_change_decided')),
        sa.CheckConstraint('decided_by_id IS NULL OR decided_by_id <> proposed_by_id', name=op.f('ck_household_change_second_person')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_household_change_community_id')),
        sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_household_change_decided_by_id')),
        sa.ForeignKeyConstraint(['household_id'], ['household.id'], name=op.f('fk_household_change_household_id')),
        sa.ForeignKeyConstraint(['other_household_id'], ['household.id'], name=op.f('fk_household_change_other_household_id')),
        sa.ForeignKeyConstraint(['proposed_by_id'], ['user.id'], name=op.f('fk_household_change_proposed_by_id')),
        sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_household_change_resident_id')),
        sa.ForeignKeyConstraint(['undoes_id'], ['household_change.id'], name=op.f('fk_household_change_undoes_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_household_change')),
        sa.UniqueConstraint('community_id', 'number', name=op.f('uq_household_change_community_id_number'))
    )
    op.create_index(op.f('ix_household_change_community_id_household_id'), 'household_change', ['community_id', 'household_id'], unique=False)
    op.create_index(op.f('ix_household_change_community_id_other_household_id'), 'household_change', ['community_id', 'other_household_id'], unique=False)
    op.create_index(op.f('ix_household_change_community_id_state_id'), 'household_change', ['community_id', 'state', 'id'], unique=False)
    op.create_index('uq_household_change_open_household', 'household_change', ['household_id'], unique=True, sqlite_where=sa.text("state = 'proposed'"), postgresql_where=sa.text("state = 'proposed'"))
    op.create_index('uq_household_change_open_resident', 'household_change', ['resident_id'], unique=True, sqlite_where=sa.text("state = 'proposed'"), postgresql_where=sa.text("state = 'proposed'"))
    op.create_index('uq_household_change_open_undoes', 'household_change', ['undoes_id'], unique=True, sqlite_where=sa.text("state = 'proposed'"), postgresql_where=sa.text("state = 'proposed'"))
    op.create_index('uq_household_change_undone', 'household_change', ['undoes_id'], unique=True, sqlite_where=sa.text("state = 'confirmed'"), postgresql_where=sa.text("state = 'confirmed'"))
    op.create_table('household_change_person',
        sa.Column('change_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('resident_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['change_id'], ['household_change.id'], name=op.f('fk_household_change_person_change_id')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_household_change_person_community_id')),
        sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_household_change_person_resident_id')),
        sa.PrimaryKeyConstraint('change_id', 'resident_id', name=op.f('pk_household_change_person'))
    )
    op.create_index(op.f('ix_household_change_person_community_id_resident_id'), 'household_change_person', ['community_id', 'resident_id'], unique=False)
    op.add_column('points_account', sa.Column('succeeded_on', sa.Date(), nullable=True))
    op.add_column('points_account', sa.Column('successor_days', sa.Integer(), nullable=True))
    op.add_column('resident', sa.Column('died_on', sa.Date(), nullable=True))
    if postgres:
        op.add_column('points_account', sa.Column('successor_id', sa.Integer(), nullable=True))
        op.create_foreign_key('fk_points_account_successor_id', 'points_account', 'points_account', ['successor_id'],
                              ['id'])
        op.create_check_constraint(op.f('ck_points_account_successor'), 'points_account', SUCCESSOR)
        op.execute(f"ALTER TABLE household_member ADD CONSTRAINT ex_household_member_overlap {NO_OVERLAP}")
        _run(POSTGRESQL)
        for table in TABLES:
            op.execute(f"CREATE POLICY one_community ON {table} USING ({MATCHES}) WITH CHECK ({MATCHES})")
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    else:
        op.execute("ALTER TABLE points_account ADD COLUMN successor_id INTEGER"
                   " CONSTRAINT fk_points_account_successor_id REFERENCES points_account(id)"
                   f" CONSTRAINT ck_points_account_successor CHECK ({SUCCESSOR})")
        _run(SQLITE)


def downgrade() -> None:
    """Cases go; what they did to people and points stays."""
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        _run([f"DROP FUNCTION {name}()" for name in FUNCTIONS])
        op.execute("ALTER TABLE household_member DROP CONSTRAINT ex_household_member_overlap")
        op.drop_constraint(op.f('ck_points_account_successor'), 'points_account', type_='check')
    else:
        _run([f"DROP TRIGGER {name}" for name in MEMBER_TRIGGERS])
    for column in ("successor_id", "successor_days", "succeeded_on"):
        op.drop_column('points_account', column)
    op.drop_column('resident', 'died_on')
