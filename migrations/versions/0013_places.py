"""Places and their tags.

Revision 0013.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = ["place", "place_tag"]
MATCHES = ("CASE WHEN coalesce(current_setting('pointsbank.community', true), '') = '' THEN true "
           "ELSE community_id = current_setting('pointsbank.community', true)::integer END")
OPEN, IN_FORCE = sa.text("closed_at IS NULL"), sa.text("revoked_at IS NULL")
WHOLE = ("(lat IS NULL) = (lon IS NULL) AND (lat IS NULL) = (given_lat IS NULL) "
         "AND (lat IS NULL) = (given_lon IS NULL) AND (lat IS NULL) = (crs IS NULL)")


def upgrade() -> None:
    """Two tables, kept apart by community."""
    op.create_table(
        "place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Enum("building", "road", "site", "facility", "other", name="placekind",
                                  native_enum=False, length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("aliases", JSON, nullable=False),
        sa.Column("search_text", sa.String(length=600), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("given_lat", sa.Double(), nullable=True),
        sa.Column("given_lon", sa.Double(), nullable=True),
        sa.Column("crs", sa.Enum("wgs84", "gcj02", "bd09", name="crs", native_enum=False, length=32), nullable=True),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(WHOLE, name=op.f("ck_place_whole_position")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_place_area_id")),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f("fk_place_community_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
    )
    op.create_index(op.f("ix_place_community_id_area_id_id"), "place", ["community_id", "area_id", "id"])
    op.create_index(op.f("ix_place_community_id_id"), "place", ["community_id", "id"])
    op.create_index("uq_place_open_name", "place", ["community_id", "name"], unique=True, sqlite_where=OPEN,
                    postgresql_where=OPEN)
    op.create_table(
        "place_tag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("issued_by", sa.String(length=40), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f("fk_place_tag_community_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_place_tag_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_tag")),
        sa.UniqueConstraint("place_id", "number", name=op.f("uq_place_tag_place_id_number")),
    )
    op.create_index(op.f("ix_place_tag_community_id_place_id"), "place_tag", ["community_id", "place_id"])
    op.create_index("uq_place_tag_in_force", "place_tag", ["place_id"], unique=True, sqlite_where=IN_FORCE,
                    postgresql_where=IN_FORCE)
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in TABLES:
        op.execute(f"CREATE POLICY one_community ON {table} USING ({MATCHES}) WITH CHECK ({MATCHES})")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Tags before places; policies go with their tables."""
    op.drop_table("place_tag")
    op.drop_table("place")
