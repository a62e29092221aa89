"""Black boxes on photos: the uncovered picture under guard, and the history of what was covered.

Revision 0015.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = ["photo_original", "photo_cover_step"]
MATCHES = ("CASE WHEN coalesce(current_setting('pointsbank.community', true), '') = '' THEN true "
           "ELSE community_id = current_setting('pointsbank.community', true)::integer END")

SQLITE = [
    r"""CREATE TRIGGER photo_cover_step_no_update BEFORE UPDATE ON photo_cover_step BEGIN SELECT RAISE(ABORT, 'steps of a cover are append-only'); END""",
    r"""CREATE TRIGGER photo_cover_step_no_delete BEFORE DELETE ON photo_cover_step WHEN EXISTS (SELECT 1 FROM photo WHERE photo.id = OLD.photo_id) BEGIN SELECT RAISE(ABORT, 'steps of a cover are append-only'); END""",
]

POSTGRESQL = [
    r"""
CREATE OR REPLACE FUNCTION photo_cover_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'steps of a cover are append-only';
END $$""",
    r"""CREATE TRIGGER photo_cover_step_no_update BEFORE UPDATE OR TRUNCATE ON photo_cover_step FOR EACH STATEMENT EXECUTE FUNCTION photo_cover_refuse()""",
    r"""
CREATE OR REPLACE FUNCTION photo_cover_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM photo WHERE photo.id = OLD.photo_id) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'steps of a cover are append-only';
  END IF;
  RETURN OLD;
END $$""",
    r"""CREATE TRIGGER photo_cover_step_no_delete BEFORE DELETE ON photo_cover_step FOR EACH ROW EXECUTE FUNCTION photo_cover_keep()""",
]
FUNCTIONS = ("photo_cover_refuse", "photo_cover_keep")


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _run(statements: list[str]) -> None:
    for sql in statements:
        op.get_bind().exec_driver_sql(sql)


def upgrade() -> None:
    """Both tables, their triggers and policies."""
    op.create_table('photo_original',
        sa.Column('photo_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('key', sa.String(length=32), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('bytes', sa.Integer(), nullable=False),
        sa.Column('keep_until', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_photo_original_community_id')),
        sa.ForeignKeyConstraint(['photo_id'], ['photo.id'], name=op.f('fk_photo_original_photo_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('photo_id', name=op.f('pk_photo_original')),
        sa.UniqueConstraint('key', name=op.f('uq_photo_original_key'))
    )
    op.create_index(op.f('ix_photo_original_keep_until'), 'photo_original', ['keep_until'], unique=False)
    op.create_table('photo_cover_step',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('photo_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.Enum('covered', 'opened', 'restored', 'forgotten', name='coverkind', native_enum=False, length=32), nullable=False),
        sa.Column('boxes', JSON, nullable=False),
        sa.Column('reason', sa.String(length=200), nullable=False),
        sa.Column('by_user_id', sa.Integer(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['by_user_id'], ['user.id'], name=op.f('fk_photo_cover_step_by_user_id')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_photo_cover_step_community_id')),
        sa.ForeignKeyConstraint(['photo_id'], ['photo.id'], name=op.f('fk_photo_cover_step_photo_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_photo_cover_step'))
    )
    op.create_index(op.f('ix_photo_cover_step_community_id_photo_id_id'), 'photo_cover_step', ['community_id', 'photo_id', 'id'], unique=False)
    if _sqlite():
        _run(SQLITE)
        return
    _run(POSTGRESQL)
    for table in TABLES:
        op.execute(f"CREATE POLICY one_community ON {table} USING ({MATCHES}) WITH CHECK ({MATCHES})")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Both tables go, policies and triggers with them. The pictures stay as they are: covered."""
    op.drop_index(op.f('ix_photo_cover_step_community_id_photo_id_id'), table_name='photo_cover_step')
    op.drop_table('photo_cover_step')
    op.drop_index(op.f('ix_photo_original_keep_until'), table_name='photo_original')
    op.drop_table('photo_original')
    if not _sqlite():
        _run([f"DROP FUNCTION {name}()" for name in FUNCTIONS])
