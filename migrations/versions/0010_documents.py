"""Standards as documents: templates from above, rounds of comments, resolutions, and PDFs of minutes.

Revision 0010.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
# Those of a county or town belong to no community: standard_template, template_item.
TABLES = ['comment_round', 'paper_file', 'standard_comment', 'standard_origin', 'standard_resolution']
MATCHES = ("CASE WHEN coalesce(current_setting('pointsbank.community', true), '') = '' THEN true "
           "ELSE community_id = current_setting('pointsbank.community', true)::integer END")
# What was hung on tables that were there before, by trigger.
ON_OLD_TABLES = {'scoring_standard_frozen': 'scoring_standard', 'scoring_rule_frozen_insert': 'scoring_rule', 'scoring_rule_frozen_update': 'scoring_rule', 'scoring_rule_frozen_delete': 'scoring_rule', 'rule_cap_frozen_insert': 'rule_cap', 'rule_cap_frozen_update': 'rule_cap', 'rule_cap_frozen_delete': 'rule_cap', 'standard_cap_frozen_insert': 'standard_cap', 'standard_cap_frozen_update': 'standard_cap', 'standard_cap_frozen_delete': 'standard_cap'}
FUNCTIONS = ['rules_scoring_standard_frozen', 'rules_scoring_rule_frozen_insert', 'rules_scoring_rule_frozen_update', 'rules_scoring_rule_frozen_delete', 'rules_rule_cap_frozen_insert', 'rules_rule_cap_frozen_update', 'rules_rule_cap_frozen_delete', 'rules_standard_cap_frozen_insert', 'rules_standard_cap_frozen_update', 'rules_standard_cap_frozen_delete', 'rules_standard_origin_adopted_insert', 'rules_standard_origin_adopted_update', 'rules_standard_origin_adopted_delete', 'rules_template_item_issued_insert', 'rules_template_item_issued_update', 'rules_template_item_issued_delete', 'rules_standard_template_no_rewrite', 'rules_standard_template_moves_on', 'rules_standard_template_no_delete', 'rules_standard_resolution_no_update', 'rules_standard_resolution_no_delete', 'rules_comment_round_no_rewrite', 'rules_comment_round_ends_once', 'rules_standard_comment_no_rewrite', 'rules_standard_comment_answer_stays', 'rules_standard_comment_no_delete', 'rules_keep_papers']

SQLITE = [
    r"""CREATE TRIGGER scoring_standard_frozen BEFORE UPDATE OF title, cycle_months, cycle_first_month ON scoring_standard WHEN OLD.state = 'draft' AND NEW.state = 'draft' AND EXISTS (SELECT 1 FROM comment_round c WHERE c.standard_id = OLD.id AND c.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'a draft that is open for comment is not changed'); END""",
    r"""CREATE TRIGGER scoring_rule_frozen_insert BEFORE INSERT ON scoring_rule WHEN EXISTS (SELECT 1 FROM comment_round c WHERE c.standard_id = NEW.standard_id AND c.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'a draft that is open for comment is not changed'); END""",
    r"""CREATE TRIGGER scoring_rule_frozen_update BEFORE UPDATE ON scoring_rule WHEN EXISTS (SELECT 1 FROM comment_round c WHERE c.standard_id = OLD.standard_id AND c.ended_at IS NULL) OR EXISTS (SELECT 1 FROM comment_round c WHERE c.standard_id = NEW.standard_id AND c.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'a draft that is open for comment is not changed'); END""",
    r"""CREATE TRIGGER scoring_rule_frozen_delete BEFORE DELETE ON scoring_rule WHEN EXISTS (SELECT 1 FROM comment_round c WHERE c.standard_id = OLD.standard_id AND c.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'a draft that is open for comment is not changed'); END""",
    r"""CREATE TRIGGER rule_cap_frozen_insert BEFORE INSERT ON rule_cap WHEN EXISTS (SELECT 1 FROM comment_round c JOIN scoring_rule r ON r.standard_id = c.standard_id WHERE r.id = NEW.rule_id AND c.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'a draft that is open for comment is not changed'); END""",
    r"""CREATE TRIGGER rule_cap_frozen_update BEFORE UPDATE ON rule_cap WHEN EXISTS (SELECT 1 FROM comment_round c JOIN scoring_rule r ON r.standard_id = c.standard_id WHERE r.id = OLD.rule_id AND c.ended_at IS NULL) OR EXISTS (SELECT 1 FROM comment_round c JOIN scoring_rule r ON r.standard_id = c.standard_id WHERE r.id = NEW.rule_id AND c.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'a draft that is open for comment is not changed'); END""",
    r"""CREATE TRIGGER rule_cap_frozen_delete BEFORE DELETE ON rule_cap WHEN EXISTS (SELECT 1 FROM comment_round c JOIN scoring_rule r ON r.standard_id = c.standard_id WHERE r.id = OLD.rule_id AND c.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'a draft that is open for comment is not changed'); END""",
    r"""CREATE TRIGGER standard_cap_frozen_insert BEFORE INSERT ON standard_cap WHEN EXISTS (SELECT 1 FROM comment_round c WHERE c.standard_id = NEW.standard_id AND c.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'a draft that is open for comment is not changed'); END""",
    r"""CREATE TRIGGER standard_cap_frozen_update BEFORE UPDATE ON standard_cap WHEN EXISTS (SELECT 1 FROM comment_round c WHERE c.standard_id = OLD.standard_id AND c.ended_at IS NULL) OR EXISTS (SELECT 1 FROM comment_round c WHERE c.standard_id = NEW.standard_id AND c.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'a draft that is open for comment is not changed'); END""",
    r"""CREATE TRIGGER standard_cap_frozen_delete BEFORE DELETE ON standard_cap WHEN EXISTS (SELECT 1 FROM comment_round c WHERE c.standard_id = OLD.standard_id AND c.ended_at IS NULL) BEGIN SELECT RAISE(ABORT, 'a draft that is open for comment is not changed'); END""",
    r"""CREATE TRIGGER standard_origin_adopted_insert BEFORE INSERT ON standard_origin WHEN EXISTS (SELECT 1 FROM scoring_standard s WHERE s.id = NEW.standard_id AND s.state <> 'draft') BEGIN SELECT RAISE(ABORT, 'what was said, decided or issued about a standard stays as it was'); END""",
    r"""CREATE TRIGGER standard_origin_adopted_update BEFORE UPDATE ON standard_origin WHEN EXISTS (SELECT 1 FROM scoring_standard s WHERE s.id = OLD.standard_id AND s.state <> 'draft') OR EXISTS (SELECT 1 FROM scoring_standard s WHERE s.id = NEW.standard_id AND s.state <> 'draft') BEGIN SELECT RAISE(ABORT, 'what was said, decided or issued about a standard stays as it was'); END""",
    r"""CREATE TRIGGER standard_origin_adopted_delete BEFORE DELETE ON standard_origin WHEN EXISTS (SELECT 1 FROM scoring_standard s WHERE s.id = OLD.standard_id AND s.state <> 'draft') BEGIN SELECT RAISE(ABORT, 'what was said, decided or issued about a standard stays as it was'); END""",
    r"""CREATE TRIGGER template_item_issued_insert BEFORE INSERT ON template_item WHEN EXISTS (SELECT 1 FROM standard_template t WHERE t.id = NEW.template_id AND t.state <> 'draft') BEGIN SELECT RAISE(ABORT, 'what was said, decided or issued about a standard stays as it was'); END""",
    r"""CREATE TRIGGER template_item_issued_update BEFORE UPDATE ON template_item WHEN EXISTS (SELECT 1 FROM standard_template t WHERE t.id = OLD.template_id AND t.state <> 'draft') OR EXISTS (SELECT 1 FROM standard_template t WHERE t.id = NEW.template_id AND t.state <> 'draft') BEGIN SELECT RAISE(ABORT, 'what was said, decided or issued about a standard stays as it was'); END""",
    r"""CREATE TRIGGER template_item_issued_delete BEFORE DELETE ON template_item WHEN EXISTS (SELECT 1 FROM standard_template t WHERE t.id = OLD.template_id AND t.state <> 'draft') BEGIN SELECT RAISE(ABORT, 'what was said, decided or issued about a standard stays as it was'); END""",
    r"""CREATE TRIGGER standard_template_no_rewrite BEFORE UPDATE OF id, area_id, number, title, note, additions_most, addition_points_most, cycle_months, cycle_first_month, caps, created_by, created_at, issued_by, issued_at ON standard_template WHEN OLD.state <> 'draft' BEGIN SELECT RAISE(ABORT, 'what was said, decided or issued about a standard stays as it was'); END""",
    r"""CREATE TRIGGER standard_template_moves_on BEFORE UPDATE OF state ON standard_template WHEN OLD.state <> 'draft' AND NOT (OLD.state = 'issued' AND NEW.state = 'superseded') BEGIN SELECT RAISE(ABORT, 'what was said, decided or issued about a standard stays as it was'); END""",
    r"""CREATE TRIGGER standard_template_no_delete BEFORE DELETE ON standard_template WHEN OLD.state <> 'draft' BEGIN SELECT RAISE(ABORT, 'what was said, decided or issued about a standard stays as it was'); END""",
    r"""CREATE TRIGGER standard_resolution_no_update BEFORE UPDATE ON standard_resolution WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'what was said, decided or issued about a standard stays as it was'); END""",
    r"""CREATE TRIGGER standard_resolution_no_delete BEFORE DELETE ON standard_resolution WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'what was said, decided or issued about a standard stays as it was'); END""",
    r"""CREATE TRIGGER comment_round_no_rewrite BEFORE UPDATE OF id, community_id, standard_id, number, opens_on, closes_on, snapshot, opened_by_id, opened_at ON comment_round WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'what was said, decided or issued about a standard stays as it was'); END""",
    r"""CREATE TRIGGER comment_round_ends_once BEFORE UPDATE OF ended_by_id, ended_at ON comment_round WHEN OLD.ended_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'what was said, decided or issued about a standard stays as it was'); END""",
    r"""CREATE TRIGGER standard_comment_no_rewrite BEFORE UPDATE OF id, community_id, standard_id, round_id, kind, item_code, text, proposed_name, proposed_points, resident_id, on_paper, entered_by_id, made_at ON standard_comment WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'what was said, decided or issued about a standard stays as it was'); END""",
    r"""CREATE TRIGGER standard_comment_answer_stays BEFORE UPDATE OF state, answer, answered_by_id, answered_at ON standard_comment WHEN OLD.state <> 'open' BEGIN SELECT RAISE(ABORT, 'what was said, decided or issued about a standard stays as it was'); END""",
    r"""CREATE TRIGGER standard_comment_no_delete BEFORE DELETE ON standard_comment WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'what was said, decided or issued about a standard stays as it was'); END""",
]

POSTGRESQL = [
    r"""
CREATE OR REPLACE FUNCTION rules_scoring_standard_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'draft' AND NEW.state = 'draft' AND EXISTS (SELECT 1 FROM comment_round c WHERE c.standard_id = OLD.id AND c.ended_at IS NULL) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'a draft that is open for comment is not changed';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER scoring_standard_frozen BEFORE UPDATE OF title, cycle_months, cycle_first_month ON scoring_standard FOR EACH ROW EXECUTE FUNCTION rules_scoring_standard_frozen()""",
    r"""
CREATE OR REPLACE FUNCTION rules_scoring_rule_frozen_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM comment_round c WHERE c.standard_id = NEW.standard_id AND c.ended_at IS NULL) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'a draft that is open for comment is not changed';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER scoring_rule_frozen_insert BEFORE INSERT ON scoring_rule FOR EACH ROW EXECUTE FUNCTION rules_scoring_rule_frozen_insert()""",
    r"""
CREATE OR REPLACE FUNCTION rules_scoring_rule_frozen_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM comment_round c WHERE c.standard_id = OLD.standard_id AND c.ended_at IS NULL) OR EXISTS (SELECT 1 FROM comment_round c WHERE c.standard_id = NEW.standard_id AND c.ended_at IS NULL) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'a draft that is open for comment is not changed';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER scoring_rule_frozen_update BEFORE UPDATE ON scoring_rule FOR EACH ROW EXECUTE FUNCTION rules_scoring_rule_frozen_update()""",
    r"""
CREATE OR REPLACE FUNCTION rules_scoring_rule_frozen_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM comment_round c WHERE c.standard_id = OLD.standard_id AND c.ended_at IS NULL) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'a draft that is open for comment is not changed';
  END IF;
  RETURN OLD;
END $$""",
    r"""CREATE TRIGGER scoring_rule_frozen_delete BEFORE DELETE ON scoring_rule FOR EACH ROW EXECUTE FUNCTION rules_scoring_rule_frozen_delete()""",
    r"""
CREATE OR REPLACE FUNCTION rules_rule_cap_frozen_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM comment_round c JOIN scoring_rule r ON r.standard_id = c.standard_id WHERE r.id = NEW.rule_id AND c.ended_at IS NULL) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'a draft that is open for comment is not changed';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER rule_cap_frozen_insert BEFORE INSERT ON rule_cap FOR EACH ROW EXECUTE FUNCTION rules_rule_cap_frozen_insert()""",
    r"""
CREATE OR REPLACE FUNCTION rules_rule_cap_frozen_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM comment_round c JOIN scoring_rule r ON r.standard_id = c.standard_id WHERE r.id = OLD.rule_id AND c.ended_at IS NULL) OR EXISTS (SELECT 1 FROM comment_round c JOIN scoring_rule r ON r.standard_id = c.standard_id WHERE r.id = NEW.rule_id AND c.ended_at IS NULL) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'a draft that is open for comment is not changed';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER rule_cap_frozen_update BEFORE UPDATE ON rule_cap FOR EACH ROW EXECUTE FUNCTION rules_rule_cap_frozen_update()""",
    r"""
CREATE OR REPLACE FUNCTION rules_rule_cap_frozen_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM comment_round c JOIN scoring_rule r ON r.standard_id = c.standard_id WHERE r.id = OLD.rule_id AND c.ended_at IS NULL) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'a draft that is open for comment is not changed';
  END IF;
  RETURN OLD;
END $$""",
    r"""CREATE TRIGGER rule_cap_frozen_delete BEFORE DELETE ON rule_cap FOR EACH ROW EXECUTE FUNCTION rules_rule_cap_frozen_delete()""",
    r"""
CREATE OR REPLACE FUNCTION rules_standard_cap_frozen_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM comment_round c WHERE c.standard_id = NEW.standard_id AND c.ended_at IS NULL) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'a draft that is open for comment is not changed';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER standard_cap_frozen_insert BEFORE INSERT ON standard_cap FOR EACH ROW EXECUTE FUNCTION rules_standard_cap_frozen_insert()""",
    r"""
CREATE OR REPLACE FUNCTION rules_standard_cap_frozen_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM comment_round c WHERE c.standard_id = OLD.standard_id AND c.ended_at IS NULL) OR EXISTS (SELECT 1 FROM comment_round c WHERE c.standard_id = NEW.standard_id AND c.ended_at IS NULL) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'a draft that is open for comment is not changed';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER standard_cap_frozen_update BEFORE UPDATE ON standard_cap FOR EACH ROW EXECUTE FUNCTION rules_standard_cap_frozen_update()""",
    r"""
CREATE OR REPLACE FUNCTION rules_standard_cap_frozen_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM comment_round c WHERE c.standard_id = OLD.standard_id AND c.ended_at IS NULL) THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'a draft that is open for comment is not changed';
  END IF;
  RETURN OLD;
END $$""",
    r"""CREATE TRIGGER standard_cap_frozen_delete BEFORE DELETE ON standard_cap FOR EACH ROW EXECUTE FUNCTION rules_standard_cap_frozen_delete()""",
    r"""
CREATE OR REPLACE FUNCTION rules_standard_origin_adopted_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM scoring_standard s WHERE s.id = NEW.standard_id AND s.state <> 'draft') THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'what was said, decided or issued about a standard stays as it was';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER standard_origin_adopted_insert BEFORE INSERT ON standard_origin FOR EACH ROW EXECUTE FUNCTION rules_standard_origin_adopted_insert()""",
    r"""
CREATE OR REPLACE FUNCTION rules_standard_origin_adopted_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM scoring_standard s WHERE s.id = OLD.standard_id AND s.state <> 'draft') OR EXISTS (SELECT 1 FROM scoring_standard s WHERE s.id = NEW.standard_id AND s.state <> 'draft') THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'what was said, decided or issued about a standard stays as it was';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER standard_origin_adopted_update BEFORE UPDATE ON standard_origin FOR EACH ROW EXECUTE FUNCTION rules_standard_origin_adopted_update()""",
    r"""
CREATE OR REPLACE FUNCTION rules_standard_origin_adopted_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM scoring_standard s WHERE s.id = OLD.standard_id AND s.state <> 'draft') THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'what was said, decided or issued about a standard stays as it was';
  END IF;
  RETURN OLD;
END $$""",
    r"""CREATE TRIGGER standard_origin_adopted_delete BEFORE DELETE ON standard_origin FOR EACH ROW EXECUTE FUNCTION rules_standard_origin_adopted_delete()""",
    r"""
CREATE OR REPLACE FUNCTION rules_keep_papers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'what was said, decided or issued about a standard stays as it was';
END $$""",
    r"""CREATE TRIGGER standard_origin_no_truncate BEFORE TRUNCATE ON standard_origin FOR EACH STATEMENT EXECUTE FUNCTION rules_keep_papers()""",
    r"""
CREATE OR REPLACE FUNCTION rules_template_item_issued_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM standard_template t WHERE t.id = NEW.template_id AND t.state <> 'draft') THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'what was said, decided or issued about a standard stays as it was';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER template_item_issued_insert BEFORE INSERT ON template_item FOR EACH ROW EXECUTE FUNCTION rules_template_item_issued_insert()""",
    r"""
CREATE OR REPLACE FUNCTION rules_template_item_issued_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM standard_template t WHERE t.id = OLD.template_id AND t.state <> 'draft') OR EXISTS (SELECT 1 FROM standard_template t WHERE t.id = NEW.template_id AND t.state <> 'draft') THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'what was said, decided or issued about a standard stays as it was';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER template_item_issued_update BEFORE UPDATE ON template_item FOR EACH ROW EXECUTE FUNCTION rules_template_item_issued_update()""",
    r"""
CREATE OR REPLACE FUNCTION rules_template_item_issued_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM standard_template t WHERE t.id = OLD.template_id AND t.state <> 'draft') THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'what was said, decided or issued about a standard stays as it was';
  END IF;
  RETURN OLD;
END $$""",
    r"""CREATE TRIGGER template_item_issued_delete BEFORE DELETE ON template_item FOR EACH ROW EXECUTE FUNCTION rules_template_item_issued_delete()""",
    r"""CREATE TRIGGER template_item_no_truncate BEFORE TRUNCATE ON template_item FOR EACH STATEMENT EXECUTE FUNCTION rules_keep_papers()""",
    r"""
CREATE OR REPLACE FUNCTION rules_standard_template_no_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'draft' THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'what was said, decided or issued about a standard stays as it was';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER standard_template_no_rewrite BEFORE UPDATE OF id, area_id, number, title, note, additions_most, addition_points_most, cycle_months, cycle_first_month, caps, created_by, created_at, issued_by, issued_at ON standard_template FOR EACH ROW EXECUTE FUNCTION rules_standard_template_no_rewrite()""",
    r"""
CREATE OR REPLACE FUNCTION rules_standard_template_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'draft' AND NOT (OLD.state = 'issued' AND NEW.state = 'superseded') THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'what was said, decided or issued about a standard stays as it was';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER standard_template_moves_on BEFORE UPDATE OF state ON standard_template FOR EACH ROW EXECUTE FUNCTION rules_standard_template_moves_on()""",
    r"""
CREATE OR REPLACE FUNCTION rules_standard_template_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'draft' THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'what was said, decided or issued about a standard stays as it was';
  END IF;
  RETURN OLD;
END $$""",
    r"""CREATE TRIGGER standard_template_no_delete BEFORE DELETE ON standard_template FOR EACH ROW EXECUTE FUNCTION rules_standard_template_no_delete()""",
    r"""CREATE TRIGGER standard_template_no_truncate BEFORE TRUNCATE ON standard_template FOR EACH STATEMENT EXECUTE FUNCTION rules_keep_papers()""",
    r"""
CREATE OR REPLACE FUNCTION rules_standard_resolution_no_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF 1 = 1 THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'what was said, decided or issued about a standard stays as it was';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER standard_resolution_no_update BEFORE UPDATE ON standard_resolution FOR EACH ROW EXECUTE FUNCTION rules_standard_resolution_no_update()""",
    r"""
CREATE OR REPLACE FUNCTION rules_standard_resolution_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF 1 = 1 THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'what was said, decided or issued about a standard stays as it was';
  END IF;
  RETURN OLD;
END $$""",
    r"""CREATE TRIGGER standard_resolution_no_delete BEFORE DELETE ON standard_resolution FOR EACH ROW EXECUTE FUNCTION rules_standard_resolution_no_delete()""",
    r"""CREATE TRIGGER standard_resolution_no_truncate BEFORE TRUNCATE ON standard_resolution FOR EACH STATEMENT EXECUTE FUNCTION rules_keep_papers()""",
    r"""
CREATE OR REPLACE FUNCTION rules_comment_round_no_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF 1 = 1 THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'what was said, decided or issued about a standard stays as it was';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER comment_round_no_rewrite BEFORE UPDATE OF id, community_id, standard_id, number, opens_on, closes_on, snapshot, opened_by_id, opened_at ON comment_round FOR EACH ROW EXECUTE FUNCTION rules_comment_round_no_rewrite()""",
    r"""
CREATE OR REPLACE FUNCTION rules_comment_round_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'what was said, decided or issued about a standard stays as it was';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER comment_round_ends_once BEFORE UPDATE OF ended_by_id, ended_at ON comment_round FOR EACH ROW EXECUTE FUNCTION rules_comment_round_ends_once()""",
    r"""CREATE TRIGGER comment_round_no_truncate BEFORE TRUNCATE ON comment_round FOR EACH STATEMENT EXECUTE FUNCTION rules_keep_papers()""",
    r"""
CREATE OR REPLACE FUNCTION rules_standard_comment_no_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF 1 = 1 THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'what was said, decided or issued about a standard stays as it was';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER standard_comment_no_rewrite BEFORE UPDATE OF id, community_id, standard_id, round_id, kind, item_code, text, proposed_name, proposed_points, resident_id, on_paper, entered_by_id, made_at ON standard_comment FOR EACH ROW EXECUTE FUNCTION rules_standard_comment_no_rewrite()""",
    r"""
CREATE OR REPLACE FUNCTION rules_standard_comment_answer_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'open' THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'what was said, decided or issued about a standard stays as it was';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER standard_comment_answer_stays BEFORE UPDATE OF state, answer, answered_by_id, answered_at ON standard_comment FOR EACH ROW EXECUTE FUNCTION rules_standard_comment_answer_stays()""",
    r"""
CREATE OR REPLACE FUNCTION rules_standard_comment_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF 1 = 1 THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'what was said, decided or issued about a standard stays as it was';
  END IF;
  RETURN OLD;
END $$""",
    r"""CREATE TRIGGER standard_comment_no_delete BEFORE DELETE ON standard_comment FOR EACH ROW EXECUTE FUNCTION rules_standard_comment_no_delete()""",
    r"""CREATE TRIGGER standard_comment_no_truncate BEFORE TRUNCATE ON standard_comment FOR EACH STATEMENT EXECUTE FUNCTION rules_keep_papers()""",
]


def _run(statements: list[str]) -> None:
    # A driver-level call: the texts stay as they are.
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


def upgrade() -> None:
    """Tables, then what guards them."""
    op.create_table('paper_file',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('key', sa.String(length=32), nullable=False),
        sa.Column('owner_key', sa.String(length=40), nullable=False),
        sa.Column('name', sa.String(length=60), nullable=False),
        sa.Column('purpose', sa.Enum('deed', 'activity', 'offer', 'document', 'household', 'objection', 'minutes', name='purpose', native_enum=False, length=32), nullable=False),
        sa.Column('visibility', sa.Enum('public', 'residents', 'staff', name='visibility', native_enum=False, length=32), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('bytes', sa.Integer(), nullable=False),
        sa.Column('created_by', sa.Integer(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_paper_file_community_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_paper_file')),
        sa.UniqueConstraint('key', name=op.f('uq_paper_file_key'))
    )
    op.create_index(op.f('ix_paper_file_community_id_owner_key'), 'paper_file', ['community_id', 'owner_key'], unique=False)
    op.create_table('standard_template',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('area_id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('title', sa.String(length=80), nullable=False),
        sa.Column('note', sa.String(length=400), nullable=False),
        sa.Column('state', sa.Enum('draft', 'issued', 'superseded', name='templatestate', native_enum=False, length=32), nullable=False),
        sa.Column('additions_most', sa.Integer(), nullable=False),
        sa.Column('addition_points_most', sa.Integer(), nullable=False),
        sa.Column('cycle_months', sa.Integer(), nullable=False),
        sa.Column('cycle_first_month', sa.Integer(), nullable=False),
        sa.Column('caps', JSON, nullable=False),
        sa.Column('created_by', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('issued_by', sa.Integer(), nullable=True),
        sa.Column('issued_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'draft') = (issued_at IS NULL)", name=op.f('ck_standard_template_issued')),
        sa.CheckConstraint('additions_most >= 0 AND addition_points_most >= 0', name=op.f('ck_standard_template_bounds')),
        sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_standard_template_area_id')),
        sa.ForeignKeyConstraint(['created_by'], ['user.id'], name=op.f('fk_standard_template_created_by')),
        sa.ForeignKeyConstraint(['issued_by'], ['user.id'], name=op.f('fk_standard_template_issued_by')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_standard_template')),
        sa.UniqueConstraint('area_id', 'number', name=op.f('uq_standard_template_area_id_number'))
    )
    op.create_index('uq_standard_template_draft', 'standard_template', ['area_id'], unique=True, sqlite_where=sa.text("state = 'draft'"), postgresql_where=sa.text("state = 'draft'"))
    op.create_table('comment_round',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('standard_id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('opens_on', sa.Date(), nullable=False),
        sa.Column('closes_on', sa.Date(), nullable=False),
        sa.Column('snapshot', JSON, nullable=False),
        sa.Column('opened_by_id', sa.Integer(), nullable=False),
        sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ended_by_id', sa.Integer(), nullable=True),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('(ended_at IS NULL) = (ended_by_id IS NULL)', name=op.f('ck_comment_round_ended')),
        sa.CheckConstraint('closes_on >= opens_on', name=op.f('ck_comment_round_span')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_comment_round_community_id')),
        sa.ForeignKeyConstraint(['ended_by_id'], ['user.id'], name=op.f('fk_comment_round_ended_by_id')),
        sa.ForeignKeyConstraint(['opened_by_id'], ['user.id'], name=op.f('fk_comment_round_opened_by_id')),
        sa.ForeignKeyConstraint(['standard_id'], ['scoring_standard.id'], name=op.f('fk_comment_round_standard_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_comment_round')),
        sa.UniqueConstraint('standard_id', 'number', name=op.f('uq_comment_round_standard_id_number'))
    )
    op.create_index('uq_comment_round_open', 'comment_round', ['community_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('standard_origin',
        sa.Column('standard_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('template_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_standard_origin_community_id')),
        sa.ForeignKeyConstraint(['standard_id'], ['scoring_standard.id'], name=op.f('fk_standard_origin_standard_id')),
        sa.ForeignKeyConstraint(['template_id'], ['standard_template.id'], name=op.f('fk_standard_origin_template_id')),
        sa.PrimaryKeyConstraint('standard_id', name=op.f('pk_standard_origin'))
    )
    op.create_table('standard_resolution',
        sa.Column('standard_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('meeting', sa.Enum('assembly', 'representatives', 'committee', name='meeting', native_enum=False, length=32), nullable=True),
        sa.Column('held_on', sa.Date(), nullable=True),
        sa.Column('present', sa.Integer(), nullable=True),
        sa.Column('votes_for', sa.Integer(), nullable=True),
        sa.Column('votes_against', sa.Integer(), nullable=True),
        sa.Column('votes_abstain', sa.Integer(), nullable=True),
        sa.Column('text', sa.String(length=400), nullable=False),
        sa.Column('on_paper', sa.Boolean(), nullable=False),
        sa.Column('recorded_by_id', sa.Integer(), nullable=False),
        sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('(votes_for IS NULL) = (meeting IS NULL) AND (votes_for IS NULL) = (held_on IS NULL) AND (votes_for IS NULL) = (present IS NULL) AND (votes_for IS NULL) = (votes_against IS NULL) AND (votes_for IS NULL) = (votes_abstain IS NULL)', name=op.f('ck_standard_resolution_whole')),
        sa.CheckConstraint('on_paper OR votes_for IS NOT NULL', name=op.f('ck_standard_resolution_voted')),
        sa.CheckConstraint('votes_for > votes_against AND votes_against >= 0 AND votes_abstain >= 0 AND votes_for + votes_against + votes_abstain <= present', name=op.f('ck_standard_resolution_carried')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_standard_resolution_community_id')),
        sa.ForeignKeyConstraint(['recorded_by_id'], ['user.id'], name=op.f('fk_standard_resolution_recorded_by_id')),
        sa.ForeignKeyConstraint(['standard_id'], ['scoring_standard.id'], name=op.f('fk_standard_resolution_standard_id')),
        sa.PrimaryKeyConstraint('standard_id', name=op.f('pk_standard_resolution'))
    )
    op.create_table('template_item',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('area_id', sa.Integer(), nullable=False),
        sa.Column('template_id', sa.Integer(), nullable=False),
        sa.Column('position', sa.Integer(), nullable=False),
        sa.Column('code', sa.String(length=12), nullable=False),
        sa.Column('content', JSON, nullable=False),
        sa.Column('points_percent', sa.Integer(), nullable=False),
        sa.Column('caps_percent', sa.Integer(), nullable=False),
        sa.Column('may_drop', sa.Boolean(), nullable=False),
        sa.CheckConstraint('points_percent BETWEEN 0 AND 100 AND caps_percent BETWEEN 0 AND 100', name=op.f('ck_template_item_percent')),
        sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_template_item_area_id')),
        sa.ForeignKeyConstraint(['template_id'], ['standard_template.id'], name=op.f('fk_template_item_template_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_template_item')),
        sa.UniqueConstraint('template_id', 'code', name=op.f('uq_template_item_template_id_code'))
    )
    op.create_index(op.f('ix_template_item_area_id_template_id_position'), 'template_item', ['area_id', 'template_id', 'position'], unique=False)
    op.create_table('standard_comment',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('standard_id', sa.Integer(), nullable=False),
        sa.Column('round_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.Enum('remark', 'proposal', name='commentkind', native_enum=False, length=32), nullable=False),
        sa.Column('state', sa.Enum('open', 'accepted', 'declined', 'withdrawn', name='commentstate', native_enum=False, length=32), nullable=False),
        sa.Column('item_code', sa.String(length=12), nullable=False),
        sa.Column('text', sa.String(length=500), nullable=False),
        sa.Column('proposed_name', sa.String(length=80), nullable=False),
        sa.Column('proposed_points', sa.Integer(), nullable=True),
        sa.Column('resident_id', sa.Integer(), nullable=True),
        sa.Column('on_paper', sa.Boolean(), nullable=False),
        sa.Column('author_name', sa.String(length=60), nullable=False),
        sa.Column('author_household', sa.String(length=24), nullable=False),
        sa.Column('entered_by_id', sa.Integer(), nullable=False),
        sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('answer', sa.String(length=500), nullable=False),
        sa.Column('answered_by_id', sa.Integer(), nullable=True),
        sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state IN ('accepted', 'declined')) = (answered_by_id IS NOT NULL)", name=op.f('ck_standard_comment_answered')),
        sa.CheckConstraint('answered_by_id IS NULL OR answered_by_id <> entered_by_id', name=op.f('ck_standard_comment_second_person')),
        sa.ForeignKeyConstraint(['answered_by_id'], ['user.id'], name=op.f('fk_standard_comment_answered_by_id')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_standard_comment_community_id')),
        sa.ForeignKeyConstraint(['entered_by_id'], ['user.id'], name=op.f('fk_standard_comment_entered_by_id')),
        sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_standard_comment_resident_id')),
        sa.ForeignKeyConstraint(['round_id'], ['comment_round.id'], name=op.f('fk_standard_comment_round_id')),
        sa.ForeignKeyConstraint(['standard_id'], ['scoring_standard.id'], name=op.f('fk_standard_comment_standard_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_standard_comment'))
    )
    op.create_index(op.f('ix_standard_comment_community_id_resident_id'), 'standard_comment', ['community_id', 'resident_id'], unique=False)
    op.create_index(op.f('ix_standard_comment_community_id_standard_id_state'), 'standard_comment', ['community_id', 'standard_id', 'state'], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        _run(SQLITE)
        return
    _run(POSTGRESQL)
    for table in TABLES:
        op.execute(f"CREATE POLICY one_community ON {table} USING ({MATCHES}) WITH CHECK ({MATCHES})")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Everything of this chapter goes, policies and triggers with their tables."""
    postgres = op.get_bind().dialect.name == "postgresql"
    for name, table in ON_OLD_TABLES.items():
        op.execute(f"DROP TRIGGER {name} ON {table}" if postgres else f"DROP TRIGGER {name}")
    op.drop_index(op.f('ix_standard_comment_community_id_standard_id_state'), table_name='standard_comment')
    op.drop_index(op.f('ix_standard_comment_community_id_resident_id'), table_name='standard_comment')
    op.drop_table('standard_comment')
    op.drop_index(op.f('ix_template_item_area_id_template_id_position'), table_name='template_item')
    op.drop_table('template_item')
    op.drop_table('standard_resolution')
    op.drop_table('standard_origin')
    op.drop_index('uq_comment_round_open', table_name='comment_round', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_table('comment_round')
    op.drop_index('uq_standard_template_draft', table_name='standard_template', sqlite_where=sa.text("state = 'draft'"), postgresql_where=sa.text("state = 'draft'"))
    op.drop_table('standard_template')
    op.drop_index(op.f('ix_paper_file_community_id_owner_key'), table_name='paper_file')
    op.drop_table('paper_file')
    if postgres:
        _run([f"DROP FUNCTION {name}()" for name in FUNCTIONS])
