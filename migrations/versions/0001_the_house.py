"""The first house: every table and trigger of version 0.1.

Revision 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text  # noqa: F401
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

SQLITE_TRIGGERS = [
    r"""CREATE TRIGGER allocation_no_delete BEFORE DELETE ON allocation BEGIN SELECT RAISE(ABORT, 'the book is append-only, delete on allocation is refused'); END""",
    r"""CREATE TRIGGER allocation_no_update BEFORE UPDATE ON allocation BEGIN SELECT RAISE(ABORT, 'the book is append-only, update on allocation is refused'); END""",
    r"""CREATE TRIGGER contribution_own_household_insert BEFORE INSERT ON contribution WHEN NEW.approver_user_id IS NOT NULL AND EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.done_on) WHERE u.user_id = NEW.approver_user_id AND (u.resident_id = NEW.resident_id OR m.id IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'nobody approves a deed of their own household'); END""",
    r"""CREATE TRIGGER contribution_own_household_update BEFORE UPDATE OF approver_user_id, household_id ON contribution WHEN NEW.approver_user_id IS NOT NULL AND EXISTS (SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id AND m.household_id = NEW.household_id AND (m.until_on IS NULL OR m.until_on > NEW.done_on) WHERE u.user_id = NEW.approver_user_id AND (u.resident_id = NEW.resident_id OR m.id IS NOT NULL)) BEGIN SELECT RAISE(ABORT, 'nobody approves a deed of their own household'); END""",
    r"""CREATE TRIGGER contribution_review_no_delete BEFORE DELETE ON contribution_review BEGIN SELECT RAISE(ABORT, 'steps of a review are append-only, delete is refused'); END""",
    r"""CREATE TRIGGER contribution_review_no_update BEFORE UPDATE ON contribution_review BEGIN SELECT RAISE(ABORT, 'steps of a review are append-only, update is refused'); END""",
    r"""CREATE TRIGGER rule_cap_adopted_delete BEFORE DELETE ON rule_cap WHEN EXISTS (SELECT 1 FROM scoring_rule r JOIN scoring_standard s ON s.id = r.standard_id WHERE r.id = OLD.rule_id AND s.state <> 'draft') BEGIN SELECT RAISE(ABORT, 'the caps of an adopted standard are never changed'); END""",
    r"""CREATE TRIGGER rule_cap_adopted_insert BEFORE INSERT ON rule_cap WHEN EXISTS (SELECT 1 FROM scoring_rule r JOIN scoring_standard s ON s.id = r.standard_id WHERE r.id = NEW.rule_id AND s.state <> 'draft') BEGIN SELECT RAISE(ABORT, 'the caps of an adopted standard are never changed'); END""",
    r"""CREATE TRIGGER rule_cap_adopted_update BEFORE UPDATE ON rule_cap WHEN EXISTS (SELECT 1 FROM scoring_rule r JOIN scoring_standard s ON s.id = r.standard_id WHERE r.id = OLD.rule_id AND s.state <> 'draft') OR EXISTS (SELECT 1 FROM scoring_rule r JOIN scoring_standard s ON s.id = r.standard_id WHERE r.id = NEW.rule_id AND s.state <> 'draft') BEGIN SELECT RAISE(ABORT, 'the caps of an adopted standard are never changed'); END""",
    r"""CREATE TRIGGER scoring_rule_adopted_delete BEFORE DELETE ON scoring_rule WHEN EXISTS (SELECT 1 FROM scoring_standard s WHERE s.id = OLD.standard_id AND s.state <> 'draft') BEGIN SELECT RAISE(ABORT, 'the rules of an adopted standard are never changed'); END""",
    r"""CREATE TRIGGER scoring_rule_adopted_insert BEFORE INSERT ON scoring_rule WHEN EXISTS (SELECT 1 FROM scoring_standard s WHERE s.id = NEW.standard_id AND s.state <> 'draft') BEGIN SELECT RAISE(ABORT, 'the rules of an adopted standard are never changed'); END""",
    r"""CREATE TRIGGER scoring_rule_adopted_update BEFORE UPDATE ON scoring_rule WHEN EXISTS (SELECT 1 FROM scoring_standard s WHERE s.id = OLD.standard_id AND s.state <> 'draft') OR EXISTS (SELECT 1 FROM scoring_standard s WHERE s.id = NEW.standard_id AND s.state <> 'draft') BEGIN SELECT RAISE(ABORT, 'the rules of an adopted standard are never changed'); END""",
    r"""CREATE TRIGGER scoring_standard_adopted_delete BEFORE DELETE ON scoring_standard WHEN OLD.state <> 'draft' BEGIN SELECT RAISE(ABORT, 'an adopted standard is never changed'); END""",
    r"""CREATE TRIGGER scoring_standard_adopted_update BEFORE UPDATE ON scoring_standard WHEN OLD.state <> 'draft' AND NOT (NEW.state = 'superseded' AND NEW.superseded_on IS NOT NULL AND (OLD.superseded_on IS NULL OR NEW.superseded_on < OLD.superseded_on) AND NEW.id IS OLD.id AND NEW.community_id IS OLD.community_id AND NEW.number IS OLD.number AND NEW.title IS OLD.title AND NEW.in_force_on IS OLD.in_force_on AND NEW.on_paper IS OLD.on_paper AND NEW.resolution IS OLD.resolution AND NEW.copied_from_id IS OLD.copied_from_id AND NEW.created_by IS OLD.created_by AND NEW.created_at IS OLD.created_at AND NEW.editors IS OLD.editors AND NEW.adopted_by IS OLD.adopted_by AND NEW.adopted_at IS OLD.adopted_at) BEGIN SELECT RAISE(ABORT, 'an adopted standard is never changed'); END""",
    r"""CREATE TRIGGER stock_movement_no_delete BEFORE DELETE ON stock_movement BEGIN SELECT RAISE(ABORT, 'the stock book is append-only, delete on stock_movement is refused'); END""",
    r"""CREATE TRIGGER stock_movement_no_update BEFORE UPDATE ON stock_movement BEGIN SELECT RAISE(ABORT, 'the stock book is append-only, update on stock_movement is refused'); END""",
    r"""CREATE TRIGGER transfer_no_delete BEFORE DELETE ON transfer BEGIN SELECT RAISE(ABORT, 'the book is append-only, delete on transfer is refused'); END""",
    r"""CREATE TRIGGER transfer_no_update BEFORE UPDATE ON transfer BEGIN SELECT RAISE(ABORT, 'the book is append-only, update on transfer is refused'); END""",
    r"""CREATE TRIGGER transfer_reversal_mirrors BEFORE INSERT ON transfer WHEN NEW.reverses_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM transfer o WHERE o.id = NEW.reverses_id AND o.from_id = NEW.to_id AND o.to_id = NEW.from_id AND o.amount = NEW.amount AND o.reverses_id IS NULL) BEGIN SELECT RAISE(ABORT, 'a reversal mirrors one transfer that is no reversal itself'); END""",
]
POSTGRESQL_FUNCTIONS = [
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
    r"""CREATE OR REPLACE FUNCTION public.contributions_refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'steps of a review are append-only, ' || lower(TG_OP) || ' is refused';
END $function$""",
    r"""CREATE OR REPLACE FUNCTION public.ledger_check_reversal()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  PERFORM 1 FROM transfer o WHERE o.id = NEW.reverses_id AND o.from_id = NEW.to_id AND o.to_id = NEW.from_id
    AND o.amount = NEW.amount AND o.reverses_id IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
      MESSAGE = 'a reversal mirrors one transfer that is no reversal itself';
  END IF;
  RETURN NEW;
END $function$""",
    r"""CREATE OR REPLACE FUNCTION public.ledger_refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'the book is append-only, ' || lower(TG_OP) || ' on ' || TG_TABLE_NAME || ' is refused';
END $function$""",
    r"""CREATE OR REPLACE FUNCTION public.rules_guard_cap()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  PERFORM 1 FROM scoring_rule r JOIN scoring_standard s ON s.id = r.standard_id WHERE s.state <> 'draft'
    AND ((TG_OP <> 'INSERT' AND r.id = OLD.rule_id) OR (TG_OP <> 'DELETE' AND r.id = NEW.rule_id));
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
      MESSAGE = 'the caps of an adopted standard are never changed';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $function$""",
    r"""CREATE OR REPLACE FUNCTION public.rules_guard_rule()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  PERFORM 1 FROM scoring_standard s WHERE s.state <> 'draft'
    AND ((TG_OP <> 'INSERT' AND s.id = OLD.standard_id) OR (TG_OP <> 'DELETE' AND s.id = NEW.standard_id));
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
      MESSAGE = 'the rules of an adopted standard are never changed';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $function$""",
    r"""CREATE OR REPLACE FUNCTION public.rules_guard_standard()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.state = 'superseded' AND NEW.superseded_on IS NOT NULL
    AND (OLD.superseded_on IS NULL OR NEW.superseded_on < OLD.superseded_on)
    AND to_jsonb(NEW) - 'state' - 'superseded_on' = to_jsonb(OLD) - 'state' - 'superseded_on' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'an adopted standard is never changed';
END $function$""",
    r"""CREATE OR REPLACE FUNCTION public.rules_refuse_truncate()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'standards are never emptied';
END $function$""",
    r"""CREATE OR REPLACE FUNCTION public.shop_refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'the stock book is append-only, ' || lower(TG_OP) || ' on ' || TG_TABLE_NAME || ' is refused';
END $function$""",
]
POSTGRESQL_TRIGGERS = [
    r"""CREATE TRIGGER allocation_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.allocation FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()""",
    r"""CREATE TRIGGER contribution_own_household BEFORE INSERT OR UPDATE OF approver_user_id, household_id ON public.contribution FOR EACH ROW WHEN ((new.approver_user_id IS NOT NULL)) EXECUTE FUNCTION contributions_check_approver()""",
    r"""CREATE TRIGGER contribution_review_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.contribution_review FOR EACH STATEMENT EXECUTE FUNCTION contributions_refuse_change()""",
    r"""CREATE TRIGGER rule_cap_adopted BEFORE INSERT OR DELETE OR UPDATE ON public.rule_cap FOR EACH ROW EXECUTE FUNCTION rules_guard_cap()""",
    r"""CREATE TRIGGER rule_cap_no_truncate BEFORE TRUNCATE ON public.rule_cap FOR EACH STATEMENT EXECUTE FUNCTION rules_refuse_truncate()""",
    r"""CREATE TRIGGER scoring_rule_adopted BEFORE INSERT OR DELETE OR UPDATE ON public.scoring_rule FOR EACH ROW EXECUTE FUNCTION rules_guard_rule()""",
    r"""CREATE TRIGGER scoring_rule_no_truncate BEFORE TRUNCATE ON public.scoring_rule FOR EACH STATEMENT EXECUTE FUNCTION rules_refuse_truncate()""",
    r"""CREATE TRIGGER scoring_standard_adopted BEFORE DELETE OR UPDATE ON public.scoring_standard FOR EACH ROW WHEN (((old.state)::text <> 'draft'::text)) EXECUTE FUNCTION rules_guard_standard()""",
    r"""CREATE TRIGGER scoring_standard_no_truncate BEFORE TRUNCATE ON public.scoring_standard FOR EACH STATEMENT EXECUTE FUNCTION rules_refuse_truncate()""",
    r"""CREATE TRIGGER stock_movement_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.stock_movement FOR EACH STATEMENT EXECUTE FUNCTION shop_refuse_change()""",
    r"""CREATE TRIGGER transfer_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.transfer FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()""",
    r"""CREATE TRIGGER transfer_reversal_mirrors BEFORE INSERT ON public.transfer FOR EACH ROW WHEN ((new.reverses_id IS NOT NULL)) EXECUTE FUNCTION ledger_check_reversal()""",
]
POSTGRESQL_FUNCTION_NAMES = ['contributions_check_approver()', 'contributions_refuse_change()', 'ledger_check_reversal()', 'ledger_refuse_change()', 'rules_guard_cap()', 'rules_guard_rule()', 'rules_guard_standard()', 'rules_refuse_truncate()', 'shop_refuse_change()']


def _run(statements: list[str]) -> None:
    # A driver-level call: the texts hold percent signs and colons that must stay as they are.
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


def upgrade() -> None:
    """Everything."""
    op.create_table('area',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('community_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('path', sa.String(length=200), nullable=False),
    sa.Column('settings', JSON, nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_area_community_id')),
    sa.ForeignKeyConstraint(['parent_id'], ['area.id'], name=op.f('fk_area_parent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_area')),
    sa.UniqueConstraint('code', name=op.f('uq_area_code')),
    sa.UniqueConstraint('path', name=op.f('uq_area_path'))
    )
    op.create_index(op.f('ix_area_community_id_kind'), 'area', ['community_id', 'kind'], unique=False)
    op.create_index(op.f('ix_area_parent_id'), 'area', ['parent_id'], unique=False)
    op.create_table('audit_row',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_key', sa.String(length=40), nullable=False),
    sa.Column('verb', sa.String(length=60), nullable=False),
    sa.Column('object_key', sa.String(length=80), nullable=False),
    sa.Column('outcome', sa.String(length=16), nullable=False),
    sa.Column('request_id', sa.String(length=32), nullable=True),
    sa.Column('detail', JSON, nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_row'))
    )
    op.create_index(op.f('ix_audit_row_community_id_id'), 'audit_row', ['community_id', 'id'], unique=False)
    op.create_index(op.f('ix_audit_row_object_key_id'), 'audit_row', ['object_key', 'id'], unique=False)
    op.create_table('idempotency_key',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('scope', sa.String(length=80), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('body_hash', sa.String(length=64), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('location', sa.String(length=500), nullable=True),
    sa.Column('content_type', sa.String(length=80), nullable=True),
    sa.Column('answer', sa.LargeBinary(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_idempotency_key')),
    sa.UniqueConstraint('scope', 'key', name=op.f('uq_idempotency_key_scope_key'))
    )
    op.create_index(op.f('ix_idempotency_key_created_at'), 'idempotency_key', ['created_at'], unique=False)
    op.create_table('job',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=True),
    sa.Column('actor_key', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('arguments', JSON, nullable=False),
    sa.Column('payload', sa.LargeBinary(), nullable=True),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('result', JSON, nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('beat_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job'))
    )
    op.create_index(op.f('ix_job_state_id'), 'job', ['state', 'id'], unique=False)
    op.create_table('job_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('job', sa.String(length=60), nullable=False),
    sa.Column('period', sa.String(length=40), nullable=False),
    sa.Column('ran_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('result', JSON, nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job_run')),
    sa.UniqueConstraint('job', 'period', name=op.f('uq_job_run_job_period'))
    )
    op.create_table('one_time_code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('phone', sa.String(length=20), nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_time_code'))
    )
    op.create_index(op.f('ix_one_time_code_phone_created_at'), 'one_time_code', ['phone', 'created_at'], unique=False)
    op.create_table('outbox_message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('address', sa.String(length=120), nullable=False),
    sa.Column('body', sa.String(length=500), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('error', sa.String(length=200), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox_message'))
    )
    op.create_index(op.f('ix_outbox_message_state_due_at'), 'outbox_message', ['state', 'due_at'], unique=False)
    op.create_table('sign_in_try',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=80), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_try'))
    )
    op.create_index(op.f('ix_sign_in_try_subject_at'), 'sign_in_try', ['subject', 'at'], unique=False)
    op.create_table('user',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('phone', sa.String(length=20), nullable=True),
    sa.Column('username', sa.String(length=40), nullable=True),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=True),
    sa.Column('password_set_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('locale', sa.String(length=10), nullable=True),
    sa.Column('elder', sa.Boolean(), nullable=False),
    sa.Column('is_demo', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('frozen_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user')),
    sa.UniqueConstraint('phone', name=op.f('uq_user_phone')),
    sa.UniqueConstraint('username', name=op.f('uq_user_username'))
    )
    op.create_table('cap_counter',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('used', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('used >= 0', name=op.f('ck_cap_counter_used')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_cap_counter_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cap_counter')),
    sa.UniqueConstraint('community_id', 'key', name=op.f('uq_cap_counter_community_id_key'))
    )
    op.create_table('community_scoring',
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('first_award_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_community_scoring_community_id')),
    sa.PrimaryKeyConstraint('community_id', name=op.f('pk_community_scoring'))
    )
    op.create_table('household',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('area_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_household_area_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_household_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_household')),
    sa.UniqueConstraint('community_id', 'number', name=op.f('uq_household_community_id_number'))
    )
    op.create_table('inbox_message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=300), nullable=False),
    sa.Column('params', JSON, nullable=False),
    sa.Column('link', sa.String(length=200), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_inbox_message_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbox_message'))
    )
    op.create_index(op.f('ix_inbox_message_community_id_resident_id_id'), 'inbox_message', ['community_id', 'resident_id', 'id'], unique=False)
    op.create_table('notice_counter',
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_notice_counter_community_id')),
    sa.PrimaryKeyConstraint('community_id', 'year', name=op.f('pk_notice_counter'))
    )
    op.create_table('number_try',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_number_try_community_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_number_try_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_number_try'))
    )
    op.create_index(op.f('ix_number_try_community_id_user_id_at'), 'number_try', ['community_id', 'user_id', 'at'], unique=False)
    op.create_table('offer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('portion', sa.String(length=40), nullable=False),
    sa.Column('unit', sa.String(length=8), nullable=False),
    sa.Column('text', sa.String(length=400), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('shelf', sa.String(length=32), nullable=False),
    sa.Column('price', sa.BigInteger(), nullable=False),
    sa.Column('top_up_fen', sa.Integer(), nullable=False),
    sa.Column('stocked', sa.Boolean(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=True),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.Column('per_person', sa.Integer(), nullable=True),
    sa.Column('per_household', sa.Integer(), nullable=True),
    sa.Column('period', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('per_household > 0', name=op.f('ck_offer_per_household_positive')),
    sa.CheckConstraint('per_person > 0', name=op.f('ck_offer_per_person_positive')),
    sa.CheckConstraint('price > 0', name=op.f('ck_offer_price_positive')),
    sa.CheckConstraint('top_up_fen >= 0', name=op.f('ck_offer_top_up_not_negative')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_offer_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offer'))
    )
    op.create_index(op.f('ix_offer_community_id_state'), 'offer', ['community_id', 'state'], unique=False)
    op.create_table('opening_batch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('imported_by_id', sa.Integer(), nullable=False),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_by_id', sa.Integer(), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('notice_id', sa.Integer(), nullable=True),
    sa.Column('posted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_opening_batch_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_opening_batch'))
    )
    op.create_index(op.f('ix_opening_batch_community_id_id'), 'opening_batch', ['community_id', 'id'], unique=False)
    op.create_table('outlet',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('place', sa.String(length=120), nullable=False),
    sa.Column('hours', sa.String(length=60), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_outlet_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outlet')),
    sa.UniqueConstraint('community_id', 'name', name=op.f('uq_outlet_community_id_name'))
    )
    op.create_table('photo',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=32), nullable=False),
    sa.Column('owner_key', sa.String(length=40), nullable=True),
    sa.Column('position', sa.Integer(), nullable=True),
    sa.Column('purpose', sa.String(length=32), nullable=False),
    sa.Column('visibility', sa.String(length=32), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('fingerprint', sa.String(length=32), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('bytes', sa.Integer(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('resident_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('(owner_key IS NULL) = (position IS NULL)', name=op.f('ck_photo_hung_with_position')),
    sa.CheckConstraint('position BETWEEN 1 AND 9', name=op.f('ck_photo_position_bounded')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_photo_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_photo')),
    sa.UniqueConstraint('community_id', 'owner_key', 'position', name=op.f('uq_photo_community_id_owner_key_position')),
    sa.UniqueConstraint('key', name=op.f('uq_photo_key'))
    )
    op.create_index(op.f('ix_photo_community_id_created_by_owner_key'), 'photo', ['community_id', 'created_by', 'owner_key'], unique=False)
    op.create_table('points_account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('book', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('owner_key', sa.String(length=40), nullable=False),
    sa.Column('floor', sa.BigInteger(), nullable=True),
    sa.Column('balance', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("kind <> 'debt' OR balance <= 0", name=op.f('ck_points_account_debt_not_overpaid')),
    sa.CheckConstraint('balance >= floor', name=op.f('ck_points_account_not_below_floor')),
    sa.CheckConstraint('floor IS NULL OR balance IS NOT NULL', name=op.f('ck_points_account_floor_needs_balance')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_points_account_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_points_account')),
    sa.UniqueConstraint('community_id', 'book', 'kind', 'owner_key', name=op.f('uq_points_account_community_id_book_kind_owner_key')),
    sa.UniqueConstraint('id', 'community_id', 'book', name=op.f('uq_points_account_id_community_id_book')),
    postgresql_with={'fillfactor': 70}
    )
    op.create_table('public_notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('year', sa.Integer(), nullable=True),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('subject_key', sa.String(length=60), nullable=False),
    sa.Column('standard_label', sa.String(length=160), nullable=False),
    sa.Column('resolution', sa.String(length=400), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('opens_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('made_by_id', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_by_id', sa.Integer(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('line_count', sa.Integer(), nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=False),
    sa.Column('sealed_number', sa.Integer(), nullable=True),
    sa.Column('sealed_root', sa.String(length=64), nullable=True),
    sa.CheckConstraint("state IN ('draft', 'discarded') OR (number IS NOT NULL AND opens_at IS NOT NULL AND closes_at IS NOT NULL AND published_by_id IS NOT NULL)", name=op.f('ck_public_notice_whole')),
    sa.CheckConstraint('closes_at > opens_at', name=op.f('ck_public_notice_span')),
    sa.CheckConstraint('published_by_id IS NULL OR published_by_id <> made_by_id', name=op.f('ck_public_notice_second_person')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_public_notice_community_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['user.id'], name=op.f('fk_public_notice_made_by_id')),
    sa.ForeignKeyConstraint(['published_by_id'], ['user.id'], name=op.f('fk_public_notice_published_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_public_notice')),
    sa.UniqueConstraint('community_id', 'year', 'number', name=op.f('uq_public_notice_community_id_year_number'))
    )
    op.create_index(op.f('ix_public_notice_community_id_state_closes_at'), 'public_notice', ['community_id', 'state', 'closes_at'], unique=False)
    op.create_index(op.f('ix_public_notice_state_closes_at'), 'public_notice', ['state', 'closes_at'], unique=False)
    op.create_table('resident',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=24), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('phone', sa.String(length=20), nullable=True),
    sa.Column('born_on', sa.Date(), nullable=True),
    sa.Column('area_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('left_on', sa.Date(), nullable=True),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_resident_area_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_resident_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_resident')),
    sa.UniqueConstraint('public_id', name=op.f('uq_resident_public_id'))
    )
    op.create_index(op.f('ix_resident_community_id_name'), 'resident', ['community_id', 'name'], unique=False)
    op.create_index(op.f('ix_resident_community_id_phone'), 'resident', ['community_id', 'phone'], unique=False)
    op.create_table('scoring_standard',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=80), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('in_force_on', sa.Date(), nullable=True),
    sa.Column('superseded_on', sa.Date(), nullable=True),
    sa.Column('on_paper', sa.Boolean(), nullable=False),
    sa.Column('resolution', sa.String(length=400), nullable=False),
    sa.Column('copied_from_id', sa.Integer(), nullable=True),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('editors', JSON, nullable=False),
    sa.Column('adopted_by', sa.Integer(), nullable=True),
    sa.Column('adopted_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'draft') = (in_force_on IS NULL)", name=op.f('ck_scoring_standard_dated')),
    sa.CheckConstraint('adopted_by IS NULL OR created_by IS NULL OR adopted_by <> created_by', name=op.f('ck_scoring_standard_two_people')),
    sa.CheckConstraint('superseded_on IS NULL OR superseded_on > in_force_on', name=op.f('ck_scoring_standard_span')),
    sa.ForeignKeyConstraint(['adopted_by'], ['user.id'], name=op.f('fk_scoring_standard_adopted_by')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_scoring_standard_community_id')),
    sa.ForeignKeyConstraint(['copied_from_id'], ['scoring_standard.id'], name=op.f('fk_scoring_standard_copied_from_id')),
    sa.ForeignKeyConstraint(['created_by'], ['user.id'], name=op.f('fk_scoring_standard_created_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scoring_standard')),
    sa.UniqueConstraint('community_id', 'in_force_on', name=op.f('uq_scoring_standard_community_id_in_force_on')),
    sa.UniqueConstraint('community_id', 'number', name=op.f('uq_scoring_standard_community_id_number'))
    )
    op.create_index('uq_scoring_standard_draft', 'scoring_standard', ['community_id'], unique=True, sqlite_where=sa.text("state = 'draft'"), postgresql_where=sa.text("state = 'draft'"))
    op.create_table('shop_limit_use',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=60), nullable=False),
    sa.Column('period', sa.String(length=12), nullable=False),
    sa.Column('used', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('used >= 0', name=op.f('ck_shop_limit_use_used_not_negative')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_shop_limit_use_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shop_limit_use')),
    sa.UniqueConstraint('community_id', 'subject', 'period', name=op.f('uq_shop_limit_use_community_id_subject_period'))
    )
    op.create_table('team',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_team_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team')),
    sa.UniqueConstraint('community_id', 'name', name=op.f('uq_team_community_id_name'))
    )
    op.create_table('venue',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_venue_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_venue')),
    sa.UniqueConstraint('community_id', 'name', name=op.f('uq_venue_community_id_name'))
    )
    op.create_table('account_rollup',
    sa.Column('account_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('through_id', sa.BigInteger(), nullable=False),
    sa.Column('balance', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['points_account.id'], name=op.f('fk_account_rollup_account_id')),
    sa.PrimaryKeyConstraint('account_id', name=op.f('pk_account_rollup'))
    )
    op.create_table('activity',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('leader_id', sa.Integer(), nullable=False),
    sa.Column('venue_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('title', sa.String(length=80), nullable=False),
    sa.Column('text', sa.String(length=1000), nullable=False),
    sa.Column('place', sa.String(length=80), nullable=False),
    sa.Column('mode', sa.String(length=32), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=True),
    sa.Column('needs_sign_up', sa.Boolean(), nullable=False),
    sa.Column('item_code', sa.String(length=12), nullable=True),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('returned_note', sa.String(length=300), nullable=True),
    sa.Column('published_by_id', sa.Integer(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cancel_reason', sa.String(length=300), nullable=True),
    sa.CheckConstraint("state <> 'published' OR (published_by_id IS NOT NULL AND published_by_id <> leader_id)", name=op.f('ck_activity_approver')),
    sa.CheckConstraint('capacity IS NULL OR capacity > 0', name=op.f('ck_activity_capacity')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_activity_community_id')),
    sa.ForeignKeyConstraint(['leader_id'], ['user.id'], name=op.f('fk_activity_leader_id')),
    sa.ForeignKeyConstraint(['published_by_id'], ['user.id'], name=op.f('fk_activity_published_by_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_activity_team_id')),
    sa.ForeignKeyConstraint(['venue_id'], ['venue.id'], name=op.f('fk_activity_venue_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_activity'))
    )
    op.create_index(op.f('ix_activity_community_id_state_id'), 'activity', ['community_id', 'state', 'id'], unique=False)
    op.create_index(op.f('ix_activity_team_id'), 'activity', ['team_id'], unique=False)
    op.create_table('appointment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(length=32), nullable=False),
    sa.Column('area_id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('since_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('appointed_by', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_appointment_area_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_appointment_team_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_appointment_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appointment'))
    )
    op.create_index(op.f('ix_appointment_area_id_role'), 'appointment', ['area_id', 'role'], unique=False)
    op.create_index(op.f('ix_appointment_user_id_until_at'), 'appointment', ['user_id', 'until_at'], unique=False)
    op.create_table('card',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.Integer(), nullable=False),
    sa.Column('issue', sa.Integer(), nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('number', sa.String(length=8), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('blocked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_card_community_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_card_resident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_card')),
    sa.UniqueConstraint('code_hash', name=op.f('uq_card_code_hash')),
    sa.UniqueConstraint('community_id', 'number', name=op.f('uq_card_community_id_number')),
    sa.UniqueConstraint('resident_id', 'issue', name=op.f('uq_card_resident_id_issue'))
    )
    op.create_index('uq_card_active', 'card', ['resident_id'], unique=True, sqlite_where=sa.text("state = 'active'"), postgresql_where=sa.text("state = 'active'"))
    op.create_table('contribution',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('source_key', sa.String(length=80), nullable=False),
    sa.Column('resident_id', sa.Integer(), nullable=False),
    sa.Column('household_id', sa.Integer(), nullable=True),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('done_on', sa.Date(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=True),
    sa.Column('units', sa.Integer(), nullable=True),
    sa.Column('item_code', sa.String(length=12), nullable=True),
    sa.Column('activity_key', sa.String(length=80), nullable=True),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.Column('place', sa.String(length=120), nullable=False),
    sa.Column('recorder_user_id', sa.Integer(), nullable=True),
    sa.Column('recorded_via', sa.String(length=32), nullable=False),
    sa.Column('proxy_reason', sa.String(length=200), nullable=False),
    sa.Column('flagged', sa.Boolean(), nullable=False),
    sa.Column('outside_team', sa.Boolean(), nullable=False),
    sa.Column('checker_user_id', sa.Integer(), nullable=True),
    sa.Column('approver_user_id', sa.Integer(), nullable=True),
    sa.Column('sent_up_area_id', sa.Integer(), nullable=True),
    sa.Column('notes', JSON, nullable=True),
    sa.Column('waits_for_household', sa.Boolean(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'approved') = (approver_user_id IS NOT NULL)", name=op.f('ck_contribution_approved_by_somebody')),
    sa.CheckConstraint('approver_user_id IS NULL OR checker_user_id IS NULL OR approver_user_id <> checker_user_id', name=op.f('ck_contribution_approver_is_not_checker')),
    sa.CheckConstraint('approver_user_id IS NULL OR recorder_user_id IS NULL OR approver_user_id <> recorder_user_id', name=op.f('ck_contribution_approver_is_not_recorder')),
    sa.CheckConstraint('minutes IS NULL OR minutes >= 0', name=op.f('ck_contribution_minutes')),
    sa.CheckConstraint('units IS NULL OR units > 0', name=op.f('ck_contribution_units')),
    sa.ForeignKeyConstraint(['approver_user_id'], ['user.id'], name=op.f('fk_contribution_approver_user_id')),
    sa.ForeignKeyConstraint(['checker_user_id'], ['user.id'], name=op.f('fk_contribution_checker_user_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_contribution_community_id')),
    sa.ForeignKeyConstraint(['household_id'], ['household.id'], name=op.f('fk_contribution_household_id')),
    sa.ForeignKeyConstraint(['recorder_user_id'], ['user.id'], name=op.f('fk_contribution_recorder_user_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_contribution_resident_id')),
    sa.ForeignKeyConstraint(['sent_up_area_id'], ['area.id'], name=op.f('fk_contribution_sent_up_area_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_contribution_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contribution')),
    sa.UniqueConstraint('community_id', 'source_key', name=op.f('uq_contribution_community_id_source_key')),
    sa.UniqueConstraint('id', 'approver_user_id', name=op.f('uq_contribution_id_approver_user_id'))
    )
    op.create_index(op.f('ix_contribution_community_id_household_id'), 'contribution', ['community_id', 'household_id'], unique=False)
    op.create_index(op.f('ix_contribution_community_id_resident_id_id'), 'contribution', ['community_id', 'resident_id', 'id'], unique=False)
    op.create_index(op.f('ix_contribution_community_id_state_id'), 'contribution', ['community_id', 'state', 'id'], unique=False)
    op.create_table('household_member',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('household_id', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.Integer(), nullable=False),
    sa.Column('relation', sa.String(length=20), nullable=False),
    sa.Column('is_head', sa.Boolean(), nullable=False),
    sa.Column('since_on', sa.Date(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.CheckConstraint('until_on IS NULL OR until_on > since_on', name=op.f('ck_household_member_span')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_household_member_community_id')),
    sa.ForeignKeyConstraint(['household_id'], ['household.id'], name=op.f('fk_household_member_household_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_household_member_resident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_household_member'))
    )
    op.create_index(op.f('ix_household_member_community_id_household_id'), 'household_member', ['community_id', 'household_id'], unique=False)
    op.create_index(op.f('ix_household_member_resident_id_since_on'), 'household_member', ['resident_id', 'since_on'], unique=False)
    op.create_index('uq_household_member_head', 'household_member', ['household_id'], unique=True, sqlite_where=sa.text('until_on IS NULL AND is_head'), postgresql_where=sa.text('until_on IS NULL AND is_head'))
    op.create_index('uq_household_member_open', 'household_member', ['resident_id'], unique=True, sqlite_where=sa.text('until_on IS NULL'), postgresql_where=sa.text('until_on IS NULL'))
    op.create_table('lot',
    sa.Column('account_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=False),
    sa.Column('remaining', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('remaining >= 0', name=op.f('ck_lot_remaining_not_negative')),
    sa.ForeignKeyConstraint(['account_id'], ['points_account.id'], name=op.f('fk_lot_account_id')),
    sa.PrimaryKeyConstraint('account_id', 'expires_on', name=op.f('pk_lot')),
    postgresql_with={'fillfactor': 70}
    )
    op.create_table('notice_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('notice_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('source_key', sa.String(length=80), nullable=False),
    sa.Column('grouping', sa.String(length=80), nullable=False),
    sa.Column('household_number', sa.String(length=24), nullable=False),
    sa.Column('masked_name', sa.String(length=60), nullable=False),
    sa.Column('item', sa.String(length=200), nullable=False),
    sa.Column('detail', JSON, nullable=True),
    sa.Column('done_on', sa.Date(), nullable=True),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('unit', sa.String(length=16), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('household_id', sa.Integer(), nullable=True),
    sa.Column('barred_user_ids', JSON, nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_notice_line_community_id')),
    sa.ForeignKeyConstraint(['notice_id'], ['public_notice.id'], name=op.f('fk_notice_line_notice_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice_line')),
    sa.UniqueConstraint('notice_id', 'position', name=op.f('uq_notice_line_notice_id_position')),
    sa.UniqueConstraint('notice_id', 'source_key', name=op.f('uq_notice_line_notice_id_source_key'))
    )
    op.create_index(op.f('ix_notice_line_community_id_source_key'), 'notice_line', ['community_id', 'source_key'], unique=False)
    op.create_table('opening_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('batch_id', sa.Integer(), nullable=False),
    sa.Column('row_number', sa.Integer(), nullable=False),
    sa.Column('owner_key', sa.String(length=40), nullable=False),
    sa.Column('household_number', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.Column('struck_because', sa.String(length=500), nullable=True),
    sa.CheckConstraint('amount > 0', name=op.f('ck_opening_line_amount_positive')),
    sa.ForeignKeyConstraint(['batch_id'], ['opening_batch.id'], name=op.f('fk_opening_line_batch_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_opening_line')),
    sa.UniqueConstraint('batch_id', 'owner_key', name=op.f('uq_opening_line_batch_id_owner_key')),
    sa.UniqueConstraint('batch_id', 'row_number', name=op.f('uq_opening_line_batch_id_row_number'))
    )
    op.create_table('outlet_keeper',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('outlet_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('since_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_outlet_keeper_community_id')),
    sa.ForeignKeyConstraint(['outlet_id'], ['outlet.id'], name=op.f('fk_outlet_keeper_outlet_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_outlet_keeper_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outlet_keeper'))
    )
    op.create_index(op.f('ix_outlet_keeper_community_id_user_id'), 'outlet_keeper', ['community_id', 'user_id'], unique=False)
    op.create_index('uq_outlet_keeper_present', 'outlet_keeper', ['outlet_id', 'user_id'], unique=True, sqlite_where=sa.text('until_at IS NULL'), postgresql_where=sa.text('until_at IS NULL'))
    op.create_table('redemption',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('outlet_id', sa.Integer(), nullable=False),
    sa.Column('owner_key', sa.String(length=40), nullable=False),
    sa.Column('resident_id', sa.Integer(), nullable=False),
    sa.Column('household_id', sa.Integer(), nullable=True),
    sa.Column('ordered_by_id', sa.Integer(), nullable=True),
    sa.Column('channel', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('points', sa.BigInteger(), nullable=False),
    sa.Column('top_up_fen', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('placed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('pick_up_by', sa.Date(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by_id', sa.Integer(), nullable=True),
    sa.Column('received_by', sa.String(length=32), nullable=True),
    sa.Column('proxy_name', sa.String(length=40), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('takings', JSON, nullable=False),
    sa.CheckConstraint('points > 0', name=op.f('ck_redemption_points_positive')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_redemption_community_id')),
    sa.ForeignKeyConstraint(['household_id'], ['household.id'], name=op.f('fk_redemption_household_id')),
    sa.ForeignKeyConstraint(['outlet_id'], ['outlet.id'], name=op.f('fk_redemption_outlet_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_redemption_resident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_redemption')),
    sa.UniqueConstraint('code_hash', name=op.f('uq_redemption_code_hash')),
    sa.UniqueConstraint('community_id', 'number', name=op.f('uq_redemption_community_id_number'))
    )
    op.create_index(op.f('ix_redemption_community_id_outlet_id_id'), 'redemption', ['community_id', 'outlet_id', 'id'], unique=False)
    op.create_index(op.f('ix_redemption_community_id_owner_key_id'), 'redemption', ['community_id', 'owner_key', 'id'], unique=False)
    op.create_index(op.f('ix_redemption_community_id_state_pick_up_by'), 'redemption', ['community_id', 'state', 'pick_up_by'], unique=False)
    op.create_table('scoring_rule',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('standard_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('category', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('shape', sa.String(length=32), nullable=False),
    sa.Column('book', sa.String(length=32), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('unit', sa.String(length=12), nullable=False),
    sa.Column('rounding_minutes', sa.Integer(), nullable=False),
    sa.Column('rounding', sa.String(length=32), nullable=False),
    sa.Column('receiver', sa.String(length=32), nullable=False),
    sa.Column('timing', sa.String(length=32), nullable=False),
    sa.Column('team_kind', sa.String(length=16), nullable=True),
    sa.Column('by_itself', sa.Boolean(), nullable=False),
    sa.Column('records_minutes', sa.Boolean(), nullable=False),
    sa.Column('who', sa.String(length=120), nullable=False),
    sa.Column('evidence', sa.String(length=120), nullable=False),
    sa.CheckConstraint('points > 0', name=op.f('ck_scoring_rule_points')),
    sa.CheckConstraint('rounding_minutes > 0', name=op.f('ck_scoring_rule_rounding')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_scoring_rule_community_id')),
    sa.ForeignKeyConstraint(['standard_id'], ['scoring_standard.id'], name=op.f('fk_scoring_rule_standard_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scoring_rule')),
    sa.UniqueConstraint('standard_id', 'code', name=op.f('uq_scoring_rule_standard_id_code'))
    )
    op.create_index(op.f('ix_scoring_rule_community_id_standard_id_position'), 'scoring_rule', ['community_id', 'standard_id', 'position'], unique=False)
    op.create_table('sign_in_session',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=True),
    sa.Column('resident_id', sa.Integer(), nullable=True),
    sa.Column('is_bearer', sa.Boolean(), nullable=False),
    sa.Column('device', sa.String(length=120), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_sign_in_session_community_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_sign_in_session_resident_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_sign_in_session_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_sign_in_session_token_hash'))
    )
    op.create_index(op.f('ix_sign_in_session_user_id_revoked_at'), 'sign_in_session', ['user_id', 'revoked_at'], unique=False)
    op.create_table('stock_lot',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('outlet_id', sa.Integer(), nullable=False),
    sa.Column('offer_id', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=32), nullable=False),
    sa.Column('donor', sa.String(length=80), nullable=False),
    sa.Column('wish', sa.String(length=200), nullable=False),
    sa.Column('document', sa.String(length=60), nullable=False),
    sa.Column('unit_value_fen', sa.Integer(), nullable=False),
    sa.Column('received_on', sa.Date(), nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.Column('on_hand', sa.Integer(), nullable=False),
    sa.Column('reserved', sa.Integer(), nullable=False),
    sa.CheckConstraint('reserved >= 0 AND on_hand >= reserved', name=op.f('ck_stock_lot_never_negative')),
    sa.CheckConstraint('unit_value_fen >= 0', name=op.f('ck_stock_lot_value_not_negative')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_stock_lot_community_id')),
    sa.ForeignKeyConstraint(['offer_id'], ['offer.id'], name=op.f('fk_stock_lot_offer_id')),
    sa.ForeignKeyConstraint(['outlet_id'], ['outlet.id'], name=op.f('fk_stock_lot_outlet_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_lot'))
    )
    op.create_index(op.f('ix_stock_lot_community_id_offer_id_outlet_id'), 'stock_lot', ['community_id', 'offer_id', 'outlet_id'], unique=False)
    op.create_table('team_member',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.Integer(), nullable=False),
    sa.Column('since_on', sa.Date(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_team_member_resident_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_team_member_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team_member'))
    )
    op.create_index(op.f('ix_team_member_resident_id'), 'team_member', ['resident_id'], unique=False)
    op.create_index('uq_team_member_open', 'team_member', ['team_id', 'resident_id'], unique=True, sqlite_where=sa.text('until_on IS NULL'), postgresql_where=sa.text('until_on IS NULL'))
    op.create_table('transfer',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('from_id', sa.Integer(), nullable=False),
    sa.Column('to_id', sa.Integer(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('reverses_id', sa.BigInteger(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.Column('recorded_on', sa.Date(), nullable=False),
    sa.Column('book', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('source_key', sa.String(length=80), nullable=False),
    sa.Column('request_hash', sa.LargeBinary(length=16), nullable=False),
    sa.CheckConstraint('amount > 0', name=op.f('ck_transfer_amount_positive')),
    sa.CheckConstraint('from_id <> to_id', name=op.f('ck_transfer_two_accounts')),
    sa.ForeignKeyConstraint(['from_id', 'community_id', 'book'], ['points_account.id', 'points_account.community_id', 'points_account.book'], name=op.f('fk_transfer_from_id_community_id_book')),
    sa.ForeignKeyConstraint(['to_id', 'community_id', 'book'], ['points_account.id', 'points_account.community_id', 'points_account.book'], name=op.f('fk_transfer_to_id_community_id_book')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_transfer')),
    sa.UniqueConstraint('community_id', 'source_key', name=op.f('uq_transfer_community_id_source_key'))
    )
    op.create_index(op.f('ix_transfer_from_id_id'), 'transfer', ['from_id', 'id'], unique=False)
    op.create_index(op.f('ix_transfer_to_id_id'), 'transfer', ['to_id', 'id'], unique=False)
    op.create_index('uq_transfer_reverses_id', 'transfer', ['reverses_id'], unique=True, postgresql_where=sa.text('reverses_id IS NOT NULL'), sqlite_where=sa.text('reverses_id IS NOT NULL'))
    op.create_table('user_resident',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_user_resident_resident_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_user_resident_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'resident_id', name=op.f('pk_user_resident'))
    )
    op.create_index(op.f('ix_user_resident_resident_id'), 'user_resident', ['resident_id'], unique=False)
    op.create_table('allocation',
    sa.Column('transfer_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('amount <> 0', name=op.f('ck_allocation_amount_not_zero')),
    sa.ForeignKeyConstraint(['transfer_id'], ['transfer.id'], name=op.f('fk_allocation_transfer_id')),
    sa.PrimaryKeyConstraint('transfer_id', 'expires_on', name=op.f('pk_allocation'))
    )
    op.create_table('award_correction',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('contribution_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('right_minutes', sa.Integer(), nullable=True),
    sa.Column('right_units', sa.Integer(), nullable=True),
    sa.Column('proposed_by_id', sa.Integer(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer', sa.String(length=500), nullable=False),
    sa.CheckConstraint("(state = 'proposed') = (decided_by_id IS NULL)", name=op.f('ck_award_correction_decided')),
    sa.CheckConstraint('decided_by_id IS NULL OR decided_by_id <> proposed_by_id', name=op.f('ck_award_correction_second_person')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_award_correction_community_id')),
    sa.ForeignKeyConstraint(['contribution_id'], ['contribution.id'], name=op.f('fk_award_correction_contribution_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_award_correction_decided_by_id')),
    sa.ForeignKeyConstraint(['proposed_by_id'], ['user.id'], name=op.f('fk_award_correction_proposed_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_award_correction'))
    )
    op.create_index(op.f('ix_award_correction_community_id_state_id'), 'award_correction', ['community_id', 'state', 'id'], unique=False)
    op.create_index('uq_award_correction_open', 'award_correction', ['contribution_id'], unique=True, sqlite_where=sa.text("state = 'proposed'"), postgresql_where=sa.text("state = 'proposed'"))
    op.create_table('award_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('contribution_id', sa.Integer(), nullable=False),
    sa.Column('approver_user_id', sa.Integer(), nullable=False),
    sa.Column('rule_id', sa.Integer(), nullable=False),
    sa.Column('rule_code', sa.String(length=12), nullable=False),
    sa.Column('rule_name', sa.String(length=80), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('receiver', sa.String(length=32), nullable=False),
    sa.Column('owner_key', sa.String(length=40), nullable=False),
    sa.Column('book', sa.String(length=32), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('timing', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('explanation', JSON, nullable=False),
    sa.Column('cap_left', JSON, nullable=True),
    sa.Column('notice_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('posted_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state IN ('posted', 'reversed')) = (posted_at IS NOT NULL)", name=op.f('ck_award_line_posted')),
    sa.CheckConstraint('amount > 0', name=op.f('ck_award_line_amount')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_award_line_community_id')),
    sa.ForeignKeyConstraint(['contribution_id', 'approver_user_id'], ['contribution.id', 'contribution.approver_user_id'], name=op.f('fk_award_line_contribution_id_approver_user_id')),
    sa.ForeignKeyConstraint(['notice_id'], ['public_notice.id'], name=op.f('fk_award_line_notice_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_award_line'))
    )
    op.create_index(op.f('ix_award_line_community_id_notice_id'), 'award_line', ['community_id', 'notice_id'], unique=False)
    op.create_index(op.f('ix_award_line_community_id_owner_key_state'), 'award_line', ['community_id', 'owner_key', 'state'], unique=False)
    op.create_index(op.f('ix_award_line_community_id_state_id'), 'award_line', ['community_id', 'state', 'id'], unique=False)
    op.create_index('uq_award_line_live', 'award_line', ['contribution_id', 'rule_id', 'book'], unique=True, sqlite_where=sa.text("state NOT IN ('struck', 'reversed')"), postgresql_where=sa.text("state NOT IN ('struck', 'reversed')"))
    op.create_table('contribution_review',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('contribution_id', sa.Integer(), nullable=False),
    sa.Column('step', sa.String(length=32), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_user_id'], ['user.id'], name=op.f('fk_contribution_review_by_user_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_contribution_review_community_id')),
    sa.ForeignKeyConstraint(['contribution_id'], ['contribution.id'], name=op.f('fk_contribution_review_contribution_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contribution_review'))
    )
    op.create_index(op.f('ix_contribution_review_contribution_id_id'), 'contribution_review', ['contribution_id', 'id'], unique=False)
    op.create_table('objection',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('notice_id', sa.Integer(), nullable=False),
    sa.Column('line_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('resident_id', sa.Integer(), nullable=True),
    sa.Column('on_paper', sa.Boolean(), nullable=False),
    sa.Column('entered_by_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.Column('contact', sa.String(length=80), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer_due_on', sa.Date(), nullable=False),
    sa.Column('answer', sa.String(length=500), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'open') = (decided_by_id IS NULL)", name=op.f('ck_objection_decided')),
    sa.CheckConstraint('decided_by_id IS NULL OR decided_by_id <> entered_by_id', name=op.f('ck_objection_second_person')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_objection_community_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_objection_decided_by_id')),
    sa.ForeignKeyConstraint(['entered_by_id'], ['user.id'], name=op.f('fk_objection_entered_by_id')),
    sa.ForeignKeyConstraint(['line_id'], ['notice_line.id'], name=op.f('fk_objection_line_id')),
    sa.ForeignKeyConstraint(['notice_id'], ['public_notice.id'], name=op.f('fk_objection_notice_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_objection_resident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_objection'))
    )
    op.create_index(op.f('ix_objection_community_id_state_answer_due_on'), 'objection', ['community_id', 'state', 'answer_due_on'], unique=False)
    op.create_index(op.f('ix_objection_line_id_state'), 'objection', ['line_id', 'state'], unique=False)
    op.create_index('uq_objection_open', 'objection', ['line_id', 'resident_id'], unique=True, sqlite_where=sa.text("state = 'open' AND resident_id IS NOT NULL"), postgresql_where=sa.text("state = 'open' AND resident_id IS NOT NULL"))
    op.create_table('occurrence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('activity_id', sa.Integer(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('headcount', sa.Integer(), nullable=True),
    sa.Column('counted', sa.Integer(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_occurrence_span')),
    sa.ForeignKeyConstraint(['activity_id'], ['activity.id'], name=op.f('fk_occurrence_activity_id')),
    sa.ForeignKeyConstraint(['closed_by_id'], ['user.id'], name=op.f('fk_occurrence_closed_by_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_occurrence_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_occurrence'))
    )
    op.create_index(op.f('ix_occurrence_activity_id'), 'occurrence', ['activity_id'], unique=False)
    op.create_index(op.f('ix_occurrence_community_id_starts_at'), 'occurrence', ['community_id', 'starts_at'], unique=False)
    op.create_table('redemption_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('redemption_id', sa.Integer(), nullable=False),
    sa.Column('offer_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('unit', sa.String(length=8), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('price', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_redemption_line_quantity_positive')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_redemption_line_community_id')),
    sa.ForeignKeyConstraint(['offer_id'], ['offer.id'], name=op.f('fk_redemption_line_offer_id')),
    sa.ForeignKeyConstraint(['redemption_id'], ['redemption.id'], name=op.f('fk_redemption_line_redemption_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_redemption_line'))
    )
    op.create_index(op.f('ix_redemption_line_community_id_offer_id'), 'redemption_line', ['community_id', 'offer_id'], unique=False)
    op.create_index(op.f('ix_redemption_line_redemption_id'), 'redemption_line', ['redemption_id'], unique=False)
    op.create_table('rule_cap',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('rule_id', sa.Integer(), nullable=False),
    sa.Column('cap_window', sa.String(length=32), nullable=False),
    sa.Column('subject', sa.String(length=32), nullable=False),
    sa.Column('measure', sa.String(length=32), nullable=False),
    sa.Column('most', sa.Integer(), nullable=False),
    sa.CheckConstraint('most > 0', name=op.f('ck_rule_cap_most')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_rule_cap_community_id')),
    sa.ForeignKeyConstraint(['rule_id'], ['scoring_rule.id'], name=op.f('fk_rule_cap_rule_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rule_cap')),
    sa.UniqueConstraint('rule_id', 'cap_window', 'subject', 'measure', name=op.f('uq_rule_cap_rule_id_cap_window_subject_measure'))
    )
    op.create_index(op.f('ix_rule_cap_community_id_rule_id'), 'rule_cap', ['community_id', 'rule_id'], unique=False)
    op.create_table('stock_check',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('lot_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('expected', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('proposed_by_id', sa.Integer(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decision', sa.String(length=200), nullable=False),
    sa.CheckConstraint('decided_by_id IS NULL OR decided_by_id <> proposed_by_id', name=op.f('ck_stock_check_two_people')),
    sa.CheckConstraint('quantity >= 0', name=op.f('ck_stock_check_quantity_not_negative')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_stock_check_community_id')),
    sa.ForeignKeyConstraint(['lot_id'], ['stock_lot.id'], name=op.f('fk_stock_check_lot_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_check'))
    )
    op.create_index(op.f('ix_stock_check_community_id_state'), 'stock_check', ['community_id', 'state'], unique=False)
    op.create_table('attendance',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('occurrence_id', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('method', sa.String(length=32), nullable=False),
    sa.Column('in_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('out_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('flags', JSON, nullable=False),
    sa.Column('closing_flags', JSON, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('paid_minutes', sa.Integer(), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_attendance_community_id')),
    sa.ForeignKeyConstraint(['occurrence_id'], ['occurrence.id'], name=op.f('fk_attendance_occurrence_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_attendance_resident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attendance')),
    sa.UniqueConstraint('occurrence_id', 'resident_id', name=op.f('uq_attendance_occurrence_id_resident_id'))
    )
    op.create_index(op.f('ix_attendance_community_id_resident_id_id'), 'attendance', ['community_id', 'resident_id', 'id'], unique=False)
    op.create_table('leader_screen',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('occurrence_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_leader_screen_community_id')),
    sa.ForeignKeyConstraint(['occurrence_id'], ['occurrence.id'], name=op.f('fk_leader_screen_occurrence_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_leader_screen_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_leader_screen')),
    sa.UniqueConstraint('occurrence_id', 'user_id', 'epoch', name=op.f('uq_leader_screen_occurrence_id_user_id_epoch'))
    )
    op.create_index(op.f('ix_leader_screen_community_id'), 'leader_screen', ['community_id'], unique=False)
    op.create_table('sign_up',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('occurrence_id', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['by_user_id'], ['user.id'], name=op.f('fk_sign_up_by_user_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_sign_up_community_id')),
    sa.ForeignKeyConstraint(['occurrence_id'], ['occurrence.id'], name=op.f('fk_sign_up_occurrence_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_sign_up_resident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_up')),
    sa.UniqueConstraint('occurrence_id', 'resident_id', name=op.f('uq_sign_up_occurrence_id_resident_id'))
    )
    op.create_index(op.f('ix_sign_up_community_id_resident_id'), 'sign_up', ['community_id', 'resident_id'], unique=False)
    op.create_table('stock_movement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('lot_id', sa.Integer(), nullable=False),
    sa.Column('line_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('on_hand_change', sa.Integer(), nullable=False),
    sa.Column('reserved_change', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=True),
    sa.Column('second_user_id', sa.Integer(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(kind = 'receive' AND on_hand_change > 0 AND reserved_change = 0) OR (kind = 'reserve' AND on_hand_change = 0 AND reserved_change > 0) OR (kind = 'release' AND on_hand_change = 0 AND reserved_change < 0) OR (kind = 'collect' AND on_hand_change < 0 AND reserved_change = on_hand_change) OR (kind = 'return' AND on_hand_change > 0 AND reserved_change = 0) OR (kind = 'write_off' AND on_hand_change < 0 AND reserved_change = 0) OR (kind = 'count' AND on_hand_change <> 0 AND reserved_change = 0)", name=op.f('ck_stock_movement_kind_tells_change')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_stock_movement_community_id')),
    sa.ForeignKeyConstraint(['line_id'], ['redemption_line.id'], name=op.f('fk_stock_movement_line_id')),
    sa.ForeignKeyConstraint(['lot_id'], ['stock_lot.id'], name=op.f('fk_stock_movement_lot_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_movement'))
    )
    op.create_index(op.f('ix_stock_movement_community_id_id'), 'stock_movement', ['community_id', 'id'], unique=False)
    op.create_index(op.f('ix_stock_movement_line_id'), 'stock_movement', ['line_id'], unique=False, sqlite_where=sa.text('line_id IS NOT NULL'), postgresql_where=sa.text('line_id IS NOT NULL'))
    op.create_index(op.f('ix_stock_movement_lot_id_id'), 'stock_movement', ['lot_id', 'id'], unique=False)
    op.create_table('check_in_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('occurrence_id', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.Integer(), nullable=False),
    sa.Column('client_id', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('method', sa.String(length=32), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by_id', sa.Integer(), nullable=True),
    sa.Column('screen_id', sa.Integer(), nullable=True),
    sa.Column('step', sa.Integer(), nullable=True),
    sa.Column('step_age', sa.Integer(), nullable=True),
    sa.Column('browser', sa.String(length=16), nullable=True),
    sa.Column('holds', JSON, nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=True),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_check_in_event_community_id')),
    sa.ForeignKeyConstraint(['occurrence_id'], ['occurrence.id'], name=op.f('fk_check_in_event_occurrence_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['user.id'], name=op.f('fk_check_in_event_recorded_by_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_check_in_event_resident_id')),
    sa.ForeignKeyConstraint(['screen_id'], ['leader_screen.id'], name=op.f('fk_check_in_event_screen_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_check_in_event')),
    sa.UniqueConstraint('client_id', name=op.f('uq_check_in_event_client_id'))
    )
    op.create_index(op.f('ix_check_in_event_community_id_occurrence_id_resident_id'), 'check_in_event', ['community_id', 'occurrence_id', 'resident_id'], unique=False)
    op.create_index(op.f('ix_check_in_event_recorded_by_id_recorded_at'), 'check_in_event', ['recorded_by_id', 'recorded_at'], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        _run(SQLITE_TRIGGERS)
    else:
        _run(POSTGRESQL_FUNCTIONS + POSTGRESQL_TRIGGERS)


def downgrade() -> None:
    """Nothing is left; triggers go with their tables."""
    op.drop_index(op.f('ix_check_in_event_recorded_by_id_recorded_at'), table_name='check_in_event')
    op.drop_index(op.f('ix_check_in_event_community_id_occurrence_id_resident_id'), table_name='check_in_event')
    op.drop_table('check_in_event')
    op.drop_index(op.f('ix_stock_movement_lot_id_id'), table_name='stock_movement')
    op.drop_index(op.f('ix_stock_movement_line_id'), table_name='stock_movement', sqlite_where=sa.text('line_id IS NOT NULL'), postgresql_where=sa.text('line_id IS NOT NULL'))
    op.drop_index(op.f('ix_stock_movement_community_id_id'), table_name='stock_movement')
    op.drop_table('stock_movement')
    op.drop_index(op.f('ix_sign_up_community_id_resident_id'), table_name='sign_up')
    op.drop_table('sign_up')
    op.drop_index(op.f('ix_leader_screen_community_id'), table_name='leader_screen')
    op.drop_table('leader_screen')
    op.drop_index(op.f('ix_attendance_community_id_resident_id_id'), table_name='attendance')
    op.drop_table('attendance')
    op.drop_index(op.f('ix_stock_check_community_id_state'), table_name='stock_check')
    op.drop_table('stock_check')
    op.drop_index(op.f('ix_rule_cap_community_id_rule_id'), table_name='rule_cap')
    op.drop_table('rule_cap')
    op.drop_index(op.f('ix_redemption_line_redemption_id'), table_name='redemption_line')
    op.drop_index(op.f('ix_redemption_line_community_id_offer_id'), table_name='redemption_line')
    op.drop_table('redemption_line')
    op.drop_index(op.f('ix_occurrence_community_id_starts_at'), table_name='occurrence')
    op.drop_index(op.f('ix_occurrence_activity_id'), table_name='occurrence')
    op.drop_table('occurrence')
    op.drop_index('uq_objection_open', table_name='objection', sqlite_where=sa.text("state = 'open' AND resident_id IS NOT NULL"), postgresql_where=sa.text("state = 'open' AND resident_id IS NOT NULL"))
    op.drop_index(op.f('ix_objection_line_id_state'), table_name='objection')
    op.drop_index(op.f('ix_objection_community_id_state_answer_due_on'), table_name='objection')
    op.drop_table('objection')
    op.drop_index(op.f('ix_contribution_review_contribution_id_id'), table_name='contribution_review')
    op.drop_table('contribution_review')
    op.drop_index('uq_award_line_live', table_name='award_line', sqlite_where=sa.text("state NOT IN ('struck', 'reversed')"), postgresql_where=sa.text("state NOT IN ('struck', 'reversed')"))
    op.drop_index(op.f('ix_award_line_community_id_state_id'), table_name='award_line')
    op.drop_index(op.f('ix_award_line_community_id_owner_key_state'), table_name='award_line')
    op.drop_index(op.f('ix_award_line_community_id_notice_id'), table_name='award_line')
    op.drop_table('award_line')
    op.drop_index('uq_award_correction_open', table_name='award_correction', sqlite_where=sa.text("state = 'proposed'"), postgresql_where=sa.text("state = 'proposed'"))
    op.drop_index(op.f('ix_award_correction_community_id_state_id'), table_name='award_correction')
    op.drop_table('award_correction')
    op.drop_table('allocation')
    op.drop_index(op.f('ix_user_resident_resident_id'), table_name='user_resident')
    op.drop_table('user_resident')
    op.drop_index('uq_transfer_reverses_id', table_name='transfer', postgresql_where=sa.text('reverses_id IS NOT NULL'), sqlite_where=sa.text('reverses_id IS NOT NULL'))
    op.drop_index(op.f('ix_transfer_to_id_id'), table_name='transfer')
    op.drop_index(op.f('ix_transfer_from_id_id'), table_name='transfer')
    op.drop_table('transfer')
    op.drop_index('uq_team_member_open', table_name='team_member', sqlite_where=sa.text('until_on IS NULL'), postgresql_where=sa.text('until_on IS NULL'))
    op.drop_index(op.f('ix_team_member_resident_id'), table_name='team_member')
    op.drop_table('team_member')
    op.drop_index(op.f('ix_stock_lot_community_id_offer_id_outlet_id'), table_name='stock_lot')
    op.drop_table('stock_lot')
    op.drop_index(op.f('ix_sign_in_session_user_id_revoked_at'), table_name='sign_in_session')
    op.drop_table('sign_in_session')
    op.drop_index(op.f('ix_scoring_rule_community_id_standard_id_position'), table_name='scoring_rule')
    op.drop_table('scoring_rule')
    op.drop_index(op.f('ix_redemption_community_id_state_pick_up_by'), table_name='redemption')
    op.drop_index(op.f('ix_redemption_community_id_owner_key_id'), table_name='redemption')
    op.drop_index(op.f('ix_redemption_community_id_outlet_id_id'), table_name='redemption')
    op.drop_table('redemption')
    op.drop_index('uq_outlet_keeper_present', table_name='outlet_keeper', sqlite_where=sa.text('until_at IS NULL'), postgresql_where=sa.text('until_at IS NULL'))
    op.drop_index(op.f('ix_outlet_keeper_community_id_user_id'), table_name='outlet_keeper')
    op.drop_table('outlet_keeper')
    op.drop_table('opening_line')
    op.drop_index(op.f('ix_notice_line_community_id_source_key'), table_name='notice_line')
    op.drop_table('notice_line')
    op.drop_table('lot')
    op.drop_index('uq_household_member_open', table_name='household_member', sqlite_where=sa.text('until_on IS NULL'), postgresql_where=sa.text('until_on IS NULL'))
    op.drop_index('uq_household_member_head', table_name='household_member', sqlite_where=sa.text('until_on IS NULL AND is_head'), postgresql_where=sa.text('until_on IS NULL AND is_head'))
    op.drop_index(op.f('ix_household_member_resident_id_since_on'), table_name='household_member')
    op.drop_index(op.f('ix_household_member_community_id_household_id'), table_name='household_member')
    op.drop_table('household_member')
    op.drop_index(op.f('ix_contribution_community_id_state_id'), table_name='contribution')
    op.drop_index(op.f('ix_contribution_community_id_resident_id_id'), table_name='contribution')
    op.drop_index(op.f('ix_contribution_community_id_household_id'), table_name='contribution')
    op.drop_table('contribution')
    op.drop_index('uq_card_active', table_name='card', sqlite_where=sa.text("state = 'active'"), postgresql_where=sa.text("state = 'active'"))
    op.drop_table('card')
    op.drop_index(op.f('ix_appointment_user_id_until_at'), table_name='appointment')
    op.drop_index(op.f('ix_appointment_area_id_role'), table_name='appointment')
    op.drop_table('appointment')
    op.drop_index(op.f('ix_activity_team_id'), table_name='activity')
    op.drop_index(op.f('ix_activity_community_id_state_id'), table_name='activity')
    op.drop_table('activity')
    op.drop_table('account_rollup')
    op.drop_table('venue')
    op.drop_table('team')
    op.drop_table('shop_limit_use')
    op.drop_index('uq_scoring_standard_draft', table_name='scoring_standard', sqlite_where=sa.text("state = 'draft'"), postgresql_where=sa.text("state = 'draft'"))
    op.drop_table('scoring_standard')
    op.drop_index(op.f('ix_resident_community_id_phone'), table_name='resident')
    op.drop_index(op.f('ix_resident_community_id_name'), table_name='resident')
    op.drop_table('resident')
    op.drop_index(op.f('ix_public_notice_state_closes_at'), table_name='public_notice')
    op.drop_index(op.f('ix_public_notice_community_id_state_closes_at'), table_name='public_notice')
    op.drop_table('public_notice')
    op.drop_table('points_account')
    op.drop_index(op.f('ix_photo_community_id_created_by_owner_key'), table_name='photo')
    op.drop_table('photo')
    op.drop_table('outlet')
    op.drop_index(op.f('ix_opening_batch_community_id_id'), table_name='opening_batch')
    op.drop_table('opening_batch')
    op.drop_index(op.f('ix_offer_community_id_state'), table_name='offer')
    op.drop_table('offer')
    op.drop_index(op.f('ix_number_try_community_id_user_id_at'), table_name='number_try')
    op.drop_table('number_try')
    op.drop_table('notice_counter')
    op.drop_index(op.f('ix_inbox_message_community_id_resident_id_id'), table_name='inbox_message')
    op.drop_table('inbox_message')
    op.drop_table('household')
    op.drop_table('community_scoring')
    op.drop_table('cap_counter')
    op.drop_table('user')
    op.drop_index(op.f('ix_sign_in_try_subject_at'), table_name='sign_in_try')
    op.drop_table('sign_in_try')
    op.drop_index(op.f('ix_outbox_message_state_due_at'), table_name='outbox_message')
    op.drop_table('outbox_message')
    op.drop_index(op.f('ix_one_time_code_phone_created_at'), table_name='one_time_code')
    op.drop_table('one_time_code')
    op.drop_table('job_run')
    op.drop_index(op.f('ix_job_state_id'), table_name='job')
    op.drop_table('job')
    op.drop_index(op.f('ix_idempotency_key_created_at'), table_name='idempotency_key')
    op.drop_table('idempotency_key')
    op.drop_index(op.f('ix_audit_row_object_key_id'), table_name='audit_row')
    op.drop_index(op.f('ix_audit_row_community_id_id'), table_name='audit_row')
    op.drop_table('audit_row')
    op.drop_index(op.f('ix_area_parent_id'), table_name='area')
    op.drop_index(op.f('ix_area_community_id_kind'), table_name='area')
    op.drop_table('area')
    if op.get_bind().dialect.name == "postgresql":
        _run([f"DROP FUNCTION {name}" for name in POSTGRESQL_FUNCTION_NAMES])
