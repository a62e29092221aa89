"""Notices in groups and in words, objections on paper, an office's own calendar; and nothing that hung is rewritten.

Revision 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
CORRECTS = sa.text("corrects_line_id IS NOT NULL")

REFUSAL = "what hung on the board stays as it was"
SHOWN = "OLD.state IN ('published', 'closed')"
HUNG = "EXISTS (SELECT 1 FROM public_notice n WHERE n.id = OLD.notice_id AND n.state IN ('published', 'closed'))"
NOTICE = ("id, community_id, kind, year, number, title, subject_key, standard_label, resolution, grouped_by, sections, "
          "days, opens_at, closes_at, made_by_id, made_at, published_by_id, line_count, total")
LINE = ("id, community_id, notice_id, position, source_key, grouping, household_number, masked_name, item, detail, "
        "done_on, amount, unit, household_id, barred_user_ids, plain, corrects_line_id")
OBJECTION = ("id, community_id, notice_id, line_id, resident_id, on_paper, entered_by_id, text, paper_reason, "
             "opened_at, answer_due_on")
# trigger, table, what is refused, and when
GUARDS = [
    ("public_notice_no_rewrite", "public_notice", f"UPDATE OF {NOTICE}", SHOWN),
    ("public_notice_no_delete", "public_notice", "DELETE", SHOWN),
    ("notice_line_no_rewrite", "notice_line", f"UPDATE OF {LINE}", ""),
    ("notice_line_no_delete", "notice_line", "DELETE", HUNG),
    ("objection_no_rewrite", "objection", f"UPDATE OF {OBJECTION}", ""),
    ("objection_answer_stays", "objection", "UPDATE OF state, answer, decided_by_id, decided_at",
     "OLD.state <> 'open'"),
    ("objection_no_delete", "objection", "DELETE", ""),
]
TABLES = ("public_notice", "notice_line", "objection")
FUNCTIONS = [
    f"""CREATE OR REPLACE FUNCTION publicity_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = '{REFUSAL}, ' || lower(TG_OP) || ' on ' || TG_TABLE_NAME || ' is refused';
END $$""",
    f"""CREATE OR REPLACE FUNCTION publicity_keep_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM public_notice n WHERE n.id = OLD.notice_id AND n.state IN ('published', 'closed');
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
      MESSAGE = '{REFUSAL}, delete on notice_line is refused';
  END IF;
  RETURN OLD;
END $$""",
]


def upgrade() -> None:
    """SQLite adds a column with its foreign key only when told in one breath; the rest is alike."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "calendar_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_worked", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_calendar_day_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_day")),
        sa.UniqueConstraint("area_id", "day", name=op.f("uq_calendar_day_area_id_day")),
    )
    op.add_column("public_notice", sa.Column("grouped_by", sa.String(length=32), server_default="none", nullable=False))
    op.add_column("public_notice", sa.Column("sections", JSON, nullable=True))
    op.execute("UPDATE public_notice SET grouped_by = 'grid' WHERE kind = 'awards'")
    op.add_column("notice_line", sa.Column("plain", JSON, nullable=True))
    if on_sqlite:
        op.execute("ALTER TABLE notice_line ADD COLUMN corrects_line_id INTEGER "
                   "CONSTRAINT fk_notice_line_corrects_line_id REFERENCES notice_line (id)")
    else:
        op.add_column("notice_line", sa.Column("corrects_line_id", sa.Integer(), nullable=True))
        op.create_foreign_key(op.f("fk_notice_line_corrects_line_id"), "notice_line", "notice_line",
                              ["corrects_line_id"], ["id"])
    op.create_index(op.f("ix_notice_line_corrects_line_id"), "notice_line", ["corrects_line_id"],
                    sqlite_where=CORRECTS, postgresql_where=CORRECTS)
    for name, length in (("objector_name", 60), ("objector_household", 24), ("paper_reason", 200)):
        op.add_column("objection", sa.Column(name, sa.String(length=length), server_default="", nullable=False))
    # Until now the objector's name stood with the address.
    op.execute("UPDATE objection SET objector_name = substr(contact, 1, 60) WHERE on_paper")
    op.add_column("stock_lot", sa.Column("donor_is_organisation", sa.Boolean(), server_default=sa.false(),
                                         nullable=False))
    _guard(on_sqlite)


def _guard(on_sqlite: bool) -> None:
    if on_sqlite:
        for name, table, verb, when in GUARDS:
            word = verb.split()[0].lower()
            op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {f'WHEN {when} ' if when else ''}BEGIN "
                       f"SELECT RAISE(ABORT, '{REFUSAL}, {word} on {table} is refused'); END")
        return
    for function in FUNCTIONS:
        op.execute(function)
    for name, table, verb, when in [*GUARDS, *((f"{t}_no_truncate", t, "TRUNCATE", "") for t in TABLES)]:
        each = "ROW" if when == HUNG else f"ROW WHEN ({when})" if when else "STATEMENT"
        function = "publicity_keep_line" if when == HUNG else "publicity_refuse_change"
        op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()")


def downgrade() -> None:
    """Triggers go first: columns that they name can't be dropped before."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, *_rest in GUARDS:
        op.execute(f"DROP TRIGGER {name}" + ("" if on_sqlite else f" ON {table}"))
    if not on_sqlite:
        for table in TABLES:
            op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
        op.execute("DROP FUNCTION publicity_refuse_change()")
        op.execute("DROP FUNCTION publicity_keep_line()")
    op.drop_column("stock_lot", "donor_is_organisation")
    for name in ("paper_reason", "objector_household", "objector_name"):
        op.drop_column("objection", name)
    op.drop_index(op.f("ix_notice_line_corrects_line_id"), table_name="notice_line")
    if not on_sqlite:
        op.drop_constraint(op.f("fk_notice_line_corrects_line_id"), "notice_line", type_="foreignkey")
    op.drop_column("notice_line", "corrects_line_id")
    op.drop_column("notice_line", "plain")
    op.drop_column("public_notice", "sections")
    op.drop_column("public_notice", "grouped_by")
    op.drop_table("calendar_day")
