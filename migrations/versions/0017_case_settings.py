"""Kinds of problems and units can be closed; who is responsible by kind and area.

Revision 0017.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MATCHES = ("CASE WHEN coalesce(current_setting('pointsbank.community', true), '') = '' THEN true "
           "ELSE community_id = current_setting('pointsbank.community', true)::integer END")


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    """Two columns, an index, and the table of routes with its policy."""
    op.add_column("case_unit", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("case_category", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_case_unit_member_user_id_community_id"), "case_unit_member", ["user_id", "community_id"])
    op.create_table(
        "case_route",
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_case_route_area_id")),
        sa.ForeignKeyConstraint(["category_id"], ["case_category.id"], name=op.f("fk_case_route_category_id")),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f("fk_case_route_community_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["case_unit.id"], name=op.f("fk_case_route_unit_id")),
        sa.PrimaryKeyConstraint("category_id", "area_id", name=op.f("pk_case_route")))
    op.create_index(op.f("ix_case_route_community_id"), "case_route", ["community_id"])
    if _sqlite():
        return
    op.execute(f"CREATE POLICY one_community ON case_route USING ({MATCHES}) WITH CHECK ({MATCHES})")
    op.execute("ALTER TABLE case_route ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE case_route FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """As before."""
    op.drop_index(op.f("ix_case_route_community_id"), table_name="case_route")
    op.drop_table("case_route")
    op.drop_index(op.f("ix_case_unit_member_user_id_community_id"), table_name="case_unit_member")
    op.drop_column("case_category", "closed_at")
    op.drop_column("case_unit", "closed_at")
