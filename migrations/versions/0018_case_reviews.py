"""Reviews of cases, and the indexes that figures and the public page of cases read by.

Revision 0018.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = ["case_review", "case_review_figure", "case_review_remark"]
MATCHES = ("CASE WHEN coalesce(current_setting('pointsbank.community', true), '') = '' THEN true "
           "ELSE community_id = current_setting('pointsbank.community', true)::integer END")
SHOWN = "visibility = 'public' AND accepted_at IS NOT NULL"
PUBLIC_LISTS = (("all", ["community_id", "visibility", "id"], SHOWN),
                ("open", ["community_id", "visibility", "closed_at", "id"], f"{SHOWN} AND closed_at IS NULL"),
                ("kind", ["community_id", "visibility", "category_id", "id"], SHOWN),
                ("place", ["community_id", "visibility", "place_id", "id"], SHOWN))
INDEXES = (("ix_problem_case_community_id_opened_at", "problem_case", ["community_id", "opened_at"]),
           ("ix_case_event_community_id_at", "case_event", ["community_id", "at"]))
STOPPED = "stopped_at IS NOT NULL"
SAID = "reviews of cases are append-only"
FUNCTION = f"""
CREATE OR REPLACE FUNCTION reviews_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = '{SAID}';
END $$"""


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _run(sql: str) -> None:
    op.get_bind().exec_driver_sql(sql)


def upgrade() -> None:
    """Three append-only tables, kept apart by community; indexes on the tables of cases."""
    op.create_table(
        "case_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Enum("daily", "weekly", "monthly", name="periodkind", native_enum=False, length=32),
                  nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("definitions", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(version = 1) = (corrects_id IS NULL)", name=op.f("ck_case_review_corrects_one")),
        sa.CheckConstraint("version = 1 OR (made_by_id IS NOT NULL AND reason <> '')",
                           name=op.f("ck_case_review_corrected_by_somebody")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_case_review_days")),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f("fk_case_review_community_id")),
        sa.ForeignKeyConstraint(["corrects_id"], ["case_review.id"], name=op.f("fk_case_review_corrects_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_case_review_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_review")),
        sa.UniqueConstraint("community_id", "kind", "starts_on", "version",
                            name=op.f("uq_case_review_community_id_kind_starts_on_version")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_case_review_corrects_id")),
    )
    op.create_index(op.f("ix_case_review_community_id_id"), "case_review", ["community_id", "id"])
    op.create_table(
        "case_review_figure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.Enum("all", "public", name="scope", native_enum=False, length=32), nullable=False),
        sa.Column("by", sa.Enum("whole", "unit", "kind", name="by", native_enum=False, length=32), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("group_name", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("case_ids", JSON, nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f("fk_case_review_figure_community_id")),
        sa.ForeignKeyConstraint(["review_id"], ["case_review.id"], name=op.f("fk_case_review_figure_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_review_figure")),
        sa.UniqueConstraint("review_id", "scope", "by", "group_id", "code",
                            name=op.f("uq_case_review_figure_review_id_scope_by_group_id_code")),
    )
    op.create_index(op.f("ix_case_review_figure_community_id_review_id"), "case_review_figure",
                    ["community_id", "review_id"])
    op.create_table(
        "case_review_remark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("by_user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_user_id"], ["user.id"], name=op.f("fk_case_review_remark_by_user_id")),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f("fk_case_review_remark_community_id")),
        sa.ForeignKeyConstraint(["review_id"], ["case_review.id"], name=op.f("fk_case_review_remark_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_review_remark")),
    )
    op.create_index(op.f("ix_case_review_remark_community_id_review_id_id"), "case_review_remark",
                    ["community_id", "review_id", "id"])
    for name, table, columns in INDEXES:
        op.create_index(op.f(name), table, columns)
    op.create_index("ix_case_clock_stopped", "case_clock", ["community_id", "stopped_at"],
                    sqlite_where=sa.text(STOPPED), postgresql_where=sa.text(STOPPED))
    for name, columns, shown in PUBLIC_LISTS:
        op.create_index(f"ix_problem_case_public_{name}", "problem_case", columns, sqlite_where=sa.text(shown),
                        postgresql_where=sa.text(shown))
    _keep()


def _keep() -> None:
    """Triggers on both databases; policies on PostgreSQL."""
    for table in TABLES:
        if _sqlite():
            for verb in ("UPDATE", "DELETE"):
                _run(f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                     f"BEGIN SELECT RAISE(ABORT, '{SAID}'); END")
            continue
        _run(FUNCTION)
        _run(f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
             "FOR EACH STATEMENT EXECUTE FUNCTION reviews_kept()")
        op.execute(f"CREATE POLICY one_community ON {table} USING ({MATCHES}) WITH CHECK ({MATCHES})")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Tables and indexes go, triggers and policies with them."""
    op.drop_index("ix_case_clock_stopped", table_name="case_clock")
    for name, _columns, _shown in PUBLIC_LISTS:
        op.drop_index(f"ix_problem_case_public_{name}", table_name="problem_case")
    for name, table, _columns in INDEXES:
        op.drop_index(op.f(name), table_name=table)
    for table in reversed(TABLES):
        op.drop_table(table)
    if not _sqlite():
        _run("DROP FUNCTION reviews_kept()")
