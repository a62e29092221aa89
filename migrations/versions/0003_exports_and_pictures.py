"""Whole lists as files, given by two.

Revision 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MATCHES = ("CASE WHEN coalesce(current_setting('pointsbank.community', true), '') = '' THEN true "
           "ELSE community_id = current_setting('pointsbank.community', true)::integer END")
OPEN = sa.text("state = 'asked'")


def upgrade() -> None:
    """The table of requests, kept apart by community on PostgreSQL."""
    op.create_table(
        "export_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("search", sa.String(length=60), nullable=False),
        sa.Column("moved_out", sa.Boolean(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_up_area_id", sa.Integer()),
        sa.Column("decided_by_id", sa.Integer()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("answer", sa.String(length=200), nullable=False),
        sa.Column("downloads", sa.Integer(), nullable=False),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id",
                           name=op.f("ck_export_request_second_person")),
        sa.CheckConstraint("(state = 'asked') = (decided_by_id IS NULL) AND (state = 'asked') = (decided_at IS NULL)",
                           name=op.f("ck_export_request_decided")),
        sa.CheckConstraint("downloads BETWEEN 0 AND 3 AND (downloads = 0 OR state = 'approved')",
                           name=op.f("ck_export_request_downloads")),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f("fk_export_request_community_id_area")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user.id"], name=op.f("fk_export_request_asked_by_id_user")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_export_request_decided_by_id_user")),
        sa.ForeignKeyConstraint(["sent_up_area_id"], ["area.id"], name=op.f("fk_export_request_sent_up_area_id_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_request")),
    )
    op.create_index(op.f("ix_export_request_community_id_state_id"), "export_request", ["community_id", "state", "id"])
    op.create_index("uq_export_request_open", "export_request", ["community_id", "asked_by_id", "kind"], unique=True,
                    sqlite_where=OPEN, postgresql_where=OPEN)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CREATE POLICY one_community ON export_request USING ({MATCHES}) WITH CHECK ({MATCHES})")
        op.execute("ALTER TABLE export_request ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE export_request FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Nobody can ask any more; the policy goes with its table."""
    op.drop_table("export_request")
