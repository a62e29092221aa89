"""All shapes of rules: steps, brackets, scores, conditions, weights, groups, caps on categories; what deeds add to it.

Revision 0009.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MATCHES = ("CASE WHEN coalesce(current_setting('pointsbank.community', true), '') = '' THEN true "
           "ELSE community_id = current_setting('pointsbank.community', true)::integer END")
STANDARD = [("cycle_months", sa.Integer(), "12"), ("cycle_first_month", sa.Integer(), "1")]
RULE = [
    ("quantity", sa.String(32), None), ("bands", JSON, "[]"), ("by_parts", sa.Boolean(), sa.true()),
    ("period", sa.String(32), "year"), ("full_score", sa.Integer(), "0"), ("highest_group", sa.String(20), ""),
    ("conditions", JSON, "[]"), ("weights", JSON, "[]"), ("least", sa.Integer(), "0"),
    ("honour_percent", sa.Integer(), "0"), ("takes_away", sa.Boolean(), sa.false()), ("repeat_days", sa.Integer(), "0"),
]
DEED = [
    ("act_key", sa.String(80)), ("score", sa.Integer()), ("amount_fen", sa.BigInteger()), ("size", sa.Integer()),
    ("share", sa.Integer()), ("started_at", sa.DateTime(timezone=True)), ("beneficiary_id", sa.Integer()),
    ("facts", JSON), ("counted", JSON),
]
OLD_GUARD = r"""CREATE TRIGGER scoring_standard_adopted_update BEFORE UPDATE ON scoring_standard WHEN OLD.state <> 'draft' AND NOT (NEW.state = 'superseded' AND NEW.superseded_on IS NOT NULL AND (OLD.superseded_on IS NULL OR NEW.superseded_on < OLD.superseded_on) AND NEW.id IS OLD.id AND NEW.community_id IS OLD.community_id AND NEW.number IS OLD.number AND NEW.title IS OLD.title AND NEW.in_force_on IS OLD.in_force_on AND NEW.on_paper IS OLD.on_paper AND NEW.resolution IS OLD.resolution AND NEW.copied_from_id IS OLD.copied_from_id AND NEW.created_by IS OLD.created_by AND NEW.created_at IS OLD.created_at AND NEW.editors IS OLD.editors AND NEW.adopted_by IS OLD.adopted_by AND NEW.adopted_at IS OLD.adopted_at) BEGIN SELECT RAISE(ABORT, 'an adopted standard is never changed'); END"""
NEW_GUARD = r"""CREATE TRIGGER scoring_standard_adopted_update BEFORE UPDATE ON scoring_standard WHEN OLD.state <> 'draft' AND NOT (NEW.state = 'superseded' AND NEW.superseded_on IS NOT NULL AND (OLD.superseded_on IS NULL OR NEW.superseded_on < OLD.superseded_on) AND NEW.id IS OLD.id AND NEW.community_id IS OLD.community_id AND NEW.number IS OLD.number AND NEW.title IS OLD.title AND NEW.in_force_on IS OLD.in_force_on AND NEW.on_paper IS OLD.on_paper AND NEW.resolution IS OLD.resolution AND NEW.copied_from_id IS OLD.copied_from_id AND NEW.created_by IS OLD.created_by AND NEW.created_at IS OLD.created_at AND NEW.editors IS OLD.editors AND NEW.adopted_by IS OLD.adopted_by AND NEW.adopted_at IS OLD.adopted_at AND NEW.cycle_months IS OLD.cycle_months AND NEW.cycle_first_month IS OLD.cycle_first_month) BEGIN SELECT RAISE(ABORT, 'an adopted standard is never changed'); END"""
SQLITE = [
    r"""CREATE TRIGGER standard_cap_adopted_insert BEFORE INSERT ON standard_cap WHEN EXISTS (SELECT 1 FROM scoring_standard s WHERE s.id = NEW.standard_id AND s.state <> 'draft') BEGIN SELECT RAISE(ABORT, 'the caps of an adopted standard are never changed'); END""",
    r"""CREATE TRIGGER standard_cap_adopted_update BEFORE UPDATE ON standard_cap WHEN EXISTS (SELECT 1 FROM scoring_standard s WHERE s.id = OLD.standard_id AND s.state <> 'draft') OR EXISTS (SELECT 1 FROM scoring_standard s WHERE s.id = NEW.standard_id AND s.state <> 'draft') BEGIN SELECT RAISE(ABORT, 'the caps of an adopted standard are never changed'); END""",
    r"""CREATE TRIGGER standard_cap_adopted_delete BEFORE DELETE ON standard_cap WHEN EXISTS (SELECT 1 FROM scoring_standard s WHERE s.id = OLD.standard_id AND s.state <> 'draft') BEGIN SELECT RAISE(ABORT, 'the caps of an adopted standard are never changed'); END""",
]
POSTGRESQL = [
    r"""CREATE OR REPLACE FUNCTION rules_guard_wide_cap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM scoring_standard s WHERE s.state <> 'draft'
    AND ((TG_OP <> 'INSERT' AND s.id = OLD.standard_id) OR (TG_OP <> 'DELETE' AND s.id = NEW.standard_id));
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
      MESSAGE = 'the caps of an adopted standard are never changed';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER standard_cap_adopted BEFORE INSERT OR UPDATE OR DELETE ON standard_cap FOR EACH ROW  EXECUTE FUNCTION rules_guard_wide_cap()""",
    r"""CREATE OR REPLACE FUNCTION rules_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'standards are never emptied';
END $$""",
    r"""CREATE TRIGGER standard_cap_no_truncate BEFORE TRUNCATE ON standard_cap FOR EACH STATEMENT EXECUTE FUNCTION rules_refuse_truncate()""",
]


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _add(table: str, name: str, kind: sa.types.TypeEngine, default: object | None) -> None:
    """What stands there already gets the default; the application names every value from now on."""
    op.add_column(table, sa.Column(name, kind, nullable=default is None, server_default=default))


def upgrade() -> None:
    """New columns at the end of their tables, so that SQLite keeps its tables and triggers."""
    for name, kind, default in STANDARD:
        _add("scoring_standard", name, kind, default)
    for name, kind, default in RULE:
        _add("scoring_rule", name, kind, default)
    for name, kind in DEED:
        _add("contribution", name, kind, None)
    op.create_index(op.f("ix_contribution_community_id_done_on_source_key"), "contribution",
                    ["community_id", "done_on", "source_key"])
    op.create_table(
        "standard_cap",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("standard_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("cap_window", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(32), nullable=False),
        sa.Column("measure", sa.String(32), nullable=False),
        sa.Column("book", sa.String(32), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.CheckConstraint("most > 0", name=op.f("ck_standard_cap_most")),
        sa.ForeignKeyConstraint(["community_id"], ["area.id"], name=op.f("fk_standard_cap_community_id")),
        sa.ForeignKeyConstraint(["standard_id"], ["scoring_standard.id"], name=op.f("fk_standard_cap_standard_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard_cap")),
        sa.UniqueConstraint("standard_id", "category", "cap_window", "subject", "measure", "book",
                            name=op.f("uq_standard_cap_standard_id_category_cap_window_subject_measure_book")),
    )
    op.create_index(op.f("ix_standard_cap_community_id_standard_id"), "standard_cap", ["community_id", "standard_id"])
    _flags()
    if _sqlite():
        op.execute("DROP TRIGGER scoring_standard_adopted_update")
    policies = [*policy("standard_cap"), *policy("standing_flag")]
    for statement in [NEW_GUARD, *SQLITE] if _sqlite() else [*POSTGRESQL, *policies]:
        op.get_bind().exec_driver_sql(statement)


def _flags() -> None:
    """Effects that are no number."""
    op.create_table(
        "standing_flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("owner_key", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("resolution", sa.String(400), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_id", sa.Integer(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lift_reason", sa.String(200), nullable=False),
        sa.CheckConstraint("until_on IS NULL OR until_on > since_on", name=op.f("ck_standing_flag_span")),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> proposed_by_id",
                           name=op.f("ck_standing_flag_second_person")),
        sa.CheckConstraint("(state = 'proposed') = (decided_by_id IS NULL)", name=op.f("ck_standing_flag_decided")),
        *(sa.ForeignKeyConstraint([name], [target], name=op.f(f"fk_standing_flag_{name}")) for name, target in (
            ("community_id", "area.id"), ("proposed_by_id", "user.id"), ("decided_by_id", "user.id"),
            ("lifted_by_id", "user.id"))),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_flag")),
    )
    op.create_index(op.f("ix_standing_flag_community_id_owner_key"), "standing_flag", ["community_id", "owner_key"])
    op.create_index(op.f("ix_standing_flag_community_id_state_id"), "standing_flag", ["community_id", "state", "id"])


def policy(table: str) -> list[str]:
    """The second line between communities, as in revision 0002."""
    return [f"CREATE POLICY one_community ON {table} USING ({MATCHES}) WITH CHECK ({MATCHES})",
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"]


def downgrade() -> None:
    """The first shapes only."""
    op.drop_table("standing_flag")
    op.drop_table("standard_cap")
    op.drop_index(op.f("ix_contribution_community_id_done_on_source_key"), "contribution")
    if _sqlite():
        op.execute("DROP TRIGGER scoring_standard_adopted_update")
    else:
        op.execute("DROP FUNCTION rules_guard_wide_cap()")
    for table, columns in (("contribution", DEED), ("scoring_rule", RULE),
                           ("scoring_standard", STANDARD)):
        for column in columns:
            op.drop_column(table, column[0])
    if _sqlite():
        op.get_bind().exec_driver_sql(OLD_GUARD)

