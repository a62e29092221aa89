"""Snapshot reports, the cases that come of them, their events and clocks, units and categories.

Revision 0014.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = ['case_unit', 'case_category', 'case_unit_member', 'problem_case', 'case_audit', 'case_clock', 'case_evaluation', 'case_event', 'case_joiner', 'case_signal', 'case_support', 'snapshot_report', 'case_escalation']
MATCHES = ("CASE WHEN coalesce(current_setting('pointsbank.community', true), '') = '' THEN true "
           "ELSE community_id = current_setting('pointsbank.community', true)::integer END")

SQLITE = [
    r"""CREATE TRIGGER problem_case_moves BEFORE UPDATE ON problem_case WHEN NOT (OLD.state = NEW.state OR (OLD.state = 'accepted' AND NEW.state = 'assigned') OR (OLD.state = 'accepted' AND NEW.state = 'closed') OR (OLD.state = 'acknowledged' AND NEW.state = 'closed') OR (OLD.state = 'acknowledged' AND NEW.state = 'on_site') OR (OLD.state = 'acknowledged' AND NEW.state = 'rectifying') OR (OLD.state = 'acknowledged' AND NEW.state = 'sent_back') OR (OLD.state = 'assigned' AND NEW.state = 'acknowledged') OR (OLD.state = 'assigned' AND NEW.state = 'closed') OR (OLD.state = 'assigned' AND NEW.state = 'sent_back') OR (OLD.state = 'closed' AND NEW.state = 'accepted') OR (OLD.state = 'declined' AND NEW.state = 'received') OR (OLD.state = 'merged' AND NEW.state = 'received') OR (OLD.state = 'more_information' AND NEW.state = 'declined') OR (OLD.state = 'more_information' AND NEW.state = 'merged') OR (OLD.state = 'more_information' AND NEW.state = 'received') OR (OLD.state = 'more_information' AND NEW.state = 'withdrawn') OR (OLD.state = 'on_site' AND NEW.state = 'closed') OR (OLD.state = 'on_site' AND NEW.state = 'rectifying') OR (OLD.state = 'on_site' AND NEW.state = 'sent_back') OR (OLD.state = 'received' AND NEW.state = 'accepted') OR (OLD.state = 'received' AND NEW.state = 'declined') OR (OLD.state = 'received' AND NEW.state = 'merged') OR (OLD.state = 'received' AND NEW.state = 'more_information') OR (OLD.state = 'received' AND NEW.state = 'withdrawn') OR (OLD.state = 'rectifying' AND NEW.state = 'closed') OR (OLD.state = 'rectifying' AND NEW.state = 'sent_back') OR (OLD.state = 'rectifying' AND NEW.state = 'suspended') OR (OLD.state = 'rectifying' AND NEW.state = 'to_inspect') OR (OLD.state = 'rework' AND NEW.state = 'closed') OR (OLD.state = 'rework' AND NEW.state = 'sent_back') OR (OLD.state = 'rework' AND NEW.state = 'to_inspect') OR (OLD.state = 'sent_back' AND NEW.state = 'assigned') OR (OLD.state = 'sent_back' AND NEW.state = 'closed') OR (OLD.state = 'suspended' AND NEW.state = 'rectifying') OR (OLD.state = 'to_evaluate' AND NEW.state = 'accepted') OR (OLD.state = 'to_evaluate' AND NEW.state = 'closed') OR (OLD.state = 'to_inspect' AND NEW.state = 'rework') OR (OLD.state = 'to_inspect' AND NEW.state = 'to_evaluate')) OR OLD.community_id IS NOT NEW.community_id OR OLD.reporter_resident_id IS NOT NEW.reporter_resident_id OR OLD.reporter_user_id IS NOT NEW.reporter_user_id OR OLD.opened_at IS NOT NEW.opened_at OR OLD.category_id IS NOT NEW.category_id OR OLD.place IS NOT NEW.place OR OLD.source IS NOT NEW.source BEGIN SELECT RAISE(ABORT, 'a case only moves as its table says'); END""",
    r"""CREATE TRIGGER problem_case_no_delete BEFORE DELETE ON problem_case BEGIN SELECT RAISE(ABORT, 'a case only moves as its table says'); END""",
    r"""CREATE TRIGGER snapshot_report_no_update BEFORE UPDATE ON snapshot_report BEGIN SELECT RAISE(ABORT, 'reports, events and escalations of cases are append-only'); END""",
    r"""CREATE TRIGGER snapshot_report_no_delete BEFORE DELETE ON snapshot_report BEGIN SELECT RAISE(ABORT, 'reports, events and escalations of cases are append-only'); END""",
    r"""CREATE TRIGGER case_event_no_update BEFORE UPDATE ON case_event BEGIN SELECT RAISE(ABORT, 'reports, events and escalations of cases are append-only'); END""",
    r"""CREATE TRIGGER case_event_no_delete BEFORE DELETE ON case_event BEGIN SELECT RAISE(ABORT, 'reports, events and escalations of cases are append-only'); END""",
    r"""CREATE TRIGGER case_escalation_no_update BEFORE UPDATE ON case_escalation BEGIN SELECT RAISE(ABORT, 'reports, events and escalations of cases are append-only'); END""",
    r"""CREATE TRIGGER case_escalation_no_delete BEFORE DELETE ON case_escalation BEGIN SELECT RAISE(ABORT, 'reports, events and escalations of cases are append-only'); END""",
]

POSTGRESQL = [
    r"""
CREATE OR REPLACE FUNCTION cases_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'a case only moves as its table says';
END $$""",
    r"""CREATE TRIGGER problem_case_moves BEFORE UPDATE ON problem_case FOR EACH ROW WHEN (NOT (OLD.state = NEW.state OR (OLD.state = 'accepted' AND NEW.state = 'assigned') OR (OLD.state = 'accepted' AND NEW.state = 'closed') OR (OLD.state = 'acknowledged' AND NEW.state = 'closed') OR (OLD.state = 'acknowledged' AND NEW.state = 'on_site') OR (OLD.state = 'acknowledged' AND NEW.state = 'rectifying') OR (OLD.state = 'acknowledged' AND NEW.state = 'sent_back') OR (OLD.state = 'assigned' AND NEW.state = 'acknowledged') OR (OLD.state = 'assigned' AND NEW.state = 'closed') OR (OLD.state = 'assigned' AND NEW.state = 'sent_back') OR (OLD.state = 'closed' AND NEW.state = 'accepted') OR (OLD.state = 'declined' AND NEW.state = 'received') OR (OLD.state = 'merged' AND NEW.state = 'received') OR (OLD.state = 'more_information' AND NEW.state = 'declined') OR (OLD.state = 'more_information' AND NEW.state = 'merged') OR (OLD.state = 'more_information' AND NEW.state = 'received') OR (OLD.state = 'more_information' AND NEW.state = 'withdrawn') OR (OLD.state = 'on_site' AND NEW.state = 'closed') OR (OLD.state = 'on_site' AND NEW.state = 'rectifying') OR (OLD.state = 'on_site' AND NEW.state = 'sent_back') OR (OLD.state = 'received' AND NEW.state = 'accepted') OR (OLD.state = 'received' AND NEW.state = 'declined') OR (OLD.state = 'received' AND NEW.state = 'merged') OR (OLD.state = 'received' AND NEW.state = 'more_information') OR (OLD.state = 'received' AND NEW.state = 'withdrawn') OR (OLD.state = 'rectifying' AND NEW.state = 'closed') OR (OLD.state = 'rectifying' AND NEW.state = 'sent_back') OR (OLD.state = 'rectifying' AND NEW.state = 'suspended') OR (OLD.state = 'rectifying' AND NEW.state = 'to_inspect') OR (OLD.state = 'rework' AND NEW.state = 'closed') OR (OLD.state = 'rework' AND NEW.state = 'sent_back') OR (OLD.state = 'rework' AND NEW.state = 'to_inspect') OR (OLD.state = 'sent_back' AND NEW.state = 'assigned') OR (OLD.state = 'sent_back' AND NEW.state = 'closed') OR (OLD.state = 'suspended' AND NEW.state = 'rectifying') OR (OLD.state = 'to_evaluate' AND NEW.state = 'accepted') OR (OLD.state = 'to_evaluate' AND NEW.state = 'closed') OR (OLD.state = 'to_inspect' AND NEW.state = 'rework') OR (OLD.state = 'to_inspect' AND NEW.state = 'to_evaluate')) OR OLD.community_id IS DISTINCT FROM NEW.community_id OR OLD.reporter_resident_id IS DISTINCT FROM NEW.reporter_resident_id OR OLD.reporter_user_id IS DISTINCT FROM NEW.reporter_user_id OR OLD.opened_at IS DISTINCT FROM NEW.opened_at OR OLD.category_id IS DISTINCT FROM NEW.category_id OR OLD.place IS DISTINCT FROM NEW.place OR OLD.source IS DISTINCT FROM NEW.source) EXECUTE FUNCTION cases_moves()""",
    r"""CREATE TRIGGER problem_case_no_delete BEFORE DELETE OR TRUNCATE ON problem_case FOR EACH STATEMENT EXECUTE FUNCTION cases_moves()""",
    r"""
CREATE OR REPLACE FUNCTION cases_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'reports, events and escalations of cases are append-only';
END $$""",
    r"""CREATE TRIGGER snapshot_report_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON snapshot_report FOR EACH STATEMENT EXECUTE FUNCTION cases_kept()""",
    r"""CREATE TRIGGER case_event_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON case_event FOR EACH STATEMENT EXECUTE FUNCTION cases_kept()""",
    r"""CREATE TRIGGER case_escalation_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON case_escalation FOR EACH STATEMENT EXECUTE FUNCTION cases_kept()""",
]
FUNCTIONS = ('cases_moves', 'cases_kept')


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    """The tables with their triggers and policies."""
    op.create_table('case_unit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('area_id', sa.Integer(), nullable=True),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_case_unit_area_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_case_unit_community_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_case_unit_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_unit')),
    sa.UniqueConstraint('community_id', 'name', name=op.f('uq_case_unit_community_id_name'))
    )
    op.create_table('case_category',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('group_code', sa.String(length=20), nullable=False),
    sa.Column('class', sa.Enum('family', 'shared', 'public', name='caseclass', native_enum=False, length=32), nullable=False),
    sa.Column('visibility', sa.Enum('public', 'residents', 'staff', name='casevisibility', native_enum=False, length=32), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('nearby_m', sa.Integer(), nullable=False),
    sa.Column('respond_span', sa.Integer(), nullable=False),
    sa.Column('respond_unit', sa.Enum('minutes', 'work_hours', 'work_days', name='spanunit', native_enum=False, length=32), nullable=False),
    sa.Column('rectify_span', sa.Integer(), nullable=False),
    sa.Column('rectify_unit', sa.Enum('minutes', 'work_hours', 'work_days', name='spanunit', native_enum=False, length=32), nullable=False),
    sa.Column('dispatch_span', sa.Integer(), nullable=True),
    sa.Column('dispatch_unit', sa.Enum('minutes', 'work_hours', 'work_days', name='spanunit', native_enum=False, length=32), nullable=True),
    sa.Column('arrive_span', sa.Integer(), nullable=True),
    sa.Column('arrive_unit', sa.Enum('minutes', 'work_hours', 'work_days', name='spanunit', native_enum=False, length=32), nullable=True),
    sa.Column('feed_back_span', sa.Integer(), nullable=True),
    sa.Column('feed_back_unit', sa.Enum('minutes', 'work_hours', 'work_days', name='spanunit', native_enum=False, length=32), nullable=True),
    sa.Column('joined_item', sa.String(length=12), nullable=False),
    sa.Column('evaluated_item', sa.String(length=12), nullable=False),
    sa.Column('accepted_item', sa.String(length=12), nullable=False),
    sa.Column('fixed_item', sa.String(length=12), nullable=False),
    sa.CheckConstraint("class <> 'family' OR visibility = 'staff'", name=op.f('ck_case_category_family_never_public')),
    sa.CheckConstraint('(dispatch_span IS NULL) = (dispatch_unit IS NULL) AND (arrive_span IS NULL) = (arrive_unit IS NULL) AND (feed_back_span IS NULL) = (feed_back_unit IS NULL)', name=op.f('ck_case_category_whole_spans')),
    sa.CheckConstraint('nearby_m IN (30, 100, 250)', name=op.f('ck_case_category_nearby')),
    sa.CheckConstraint('respond_span > 0 AND rectify_span > 0 AND dispatch_span > 0 AND arrive_span > 0 AND feed_back_span > 0', name=op.f('ck_case_category_spans')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_case_category_community_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['case_unit.id'], name=op.f('fk_case_category_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_category')),
    sa.UniqueConstraint('community_id', 'name', name=op.f('uq_case_category_community_id_name'))
    )
    op.create_table('case_unit_member',
    sa.Column('unit_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('user_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_case_unit_member_community_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['case_unit.id'], name=op.f('fk_case_unit_member_unit_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_case_unit_member_user_id')),
    sa.PrimaryKeyConstraint('unit_id', 'user_id', name=op.f('pk_case_unit_member'))
    )
    op.create_table('problem_case',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('source', sa.Enum('snapshot', 'patrol', 'grid_worker', 'visit', 'hotline', 'open311', name='source', native_enum=False, length=32), nullable=False),
    sa.Column('state', sa.Enum('received', 'more_information', 'declined', 'merged', 'withdrawn', 'accepted', 'assigned', 'sent_back', 'acknowledged', 'on_site', 'rectifying', 'suspended', 'to_inspect', 'rework', 'to_evaluate', 'closed', name='casestate', native_enum=False, length=32), nullable=False),
    sa.Column('category_id', sa.Integer(), nullable=False),
    sa.Column('class', sa.Enum('family', 'shared', 'public', name='caseclass', native_enum=False, length=32), nullable=False),
    sa.Column('visibility', sa.Enum('public', 'residents', 'staff', name='casevisibility', native_enum=False, length=32), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('reporter_resident_id', sa.Integer(), nullable=True),
    sa.Column('reporter_user_id', sa.Integer(), nullable=True),
    sa.Column('household_id', sa.Integer(), nullable=True),
    sa.Column('anonymous', sa.Boolean(), nullable=False),
    sa.Column('place_id', sa.Integer(), nullable=True),
    sa.Column('place', sa.String(length=120), nullable=False),
    sa.Column('place_key', sa.String(length=120), nullable=False),
    sa.Column('lat', sa.Double(), nullable=True),
    sa.Column('lon', sa.Double(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_by_id', sa.Integer(), nullable=True),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('handler_id', sa.Integer(), nullable=True),
    sa.Column('inspector_id', sa.Integer(), nullable=True),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('suspended_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('evaluate_by', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.Enum('fixed', 'resolved_by_itself', 'cannot_be_fixed', 'not_ours', 'false_report', name='outcome', native_enum=False, length=32), nullable=True),
    sa.Column('evaluation', sa.Enum('satisfied', 'partly', 'unhappy', 'unanswered', name='evaluation', native_enum=False, length=32), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('appeals', sa.Integer(), nullable=False),
    sa.Column('sent_back', sa.Integer(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('photos_public', sa.Boolean(), nullable=False),
    sa.Column('to_watch', sa.Boolean(), nullable=False),
    sa.CheckConstraint("(state = 'merged') = (parent_id IS NOT NULL)", name=op.f('ck_problem_case_merged_has_parent')),
    sa.CheckConstraint("(state = 'suspended') = (suspended_until IS NOT NULL)", name=op.f('ck_problem_case_suspended_until_a_day')),
    sa.CheckConstraint("NOT photos_public OR visibility <> 'staff'", name=op.f('ck_problem_case_shown_to_somebody')),
    sa.CheckConstraint("class <> 'family' OR visibility = 'staff'", name=op.f('ck_problem_case_family_never_public')),
    sa.CheckConstraint("source = 'open311' OR reporter_user_id IS NOT NULL", name=op.f('ck_problem_case_somebody_sent_it')),
    sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f('ck_problem_case_closed_at_a_time')),
    sa.CheckConstraint("state <> 'closed' OR outcome IS NOT NULL", name=op.f('ck_problem_case_closed_with_outcome')),
    sa.CheckConstraint('accepted_by_id IS NULL OR accepted_by_id <> reporter_user_id', name=op.f('ck_problem_case_accepted_by_other')),
    sa.CheckConstraint('handler_id IS NULL OR handler_id <> reporter_user_id', name=op.f('ck_problem_case_handler_not_reporter')),
    sa.CheckConstraint('inspector_id IS NULL OR (inspector_id <> reporter_user_id AND inspector_id <> handler_id)', name=op.f('ck_problem_case_inspector_independent')),
    sa.CheckConstraint('parent_id IS NULL OR parent_id <> id', name=op.f('ck_problem_case_not_its_own_parent')),
    sa.ForeignKeyConstraint(['accepted_by_id'], ['user.id'], name=op.f('fk_problem_case_accepted_by_id')),
    sa.ForeignKeyConstraint(['category_id'], ['case_category.id'], name=op.f('fk_problem_case_category_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_problem_case_community_id')),
    sa.ForeignKeyConstraint(['handler_id'], ['user.id'], name=op.f('fk_problem_case_handler_id')),
    sa.ForeignKeyConstraint(['household_id'], ['household.id'], name=op.f('fk_problem_case_household_id')),
    sa.ForeignKeyConstraint(['inspector_id'], ['user.id'], name=op.f('fk_problem_case_inspector_id')),
    sa.ForeignKeyConstraint(['parent_id'], ['problem_case.id'], name=op.f('fk_problem_case_parent_id')),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_problem_case_place_id')),
    sa.ForeignKeyConstraint(['reporter_resident_id'], ['resident.id'], name=op.f('fk_problem_case_reporter_resident_id')),
    sa.ForeignKeyConstraint(['reporter_user_id'], ['user.id'], name=op.f('fk_problem_case_reporter_user_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['case_unit.id'], name=op.f('fk_problem_case_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_problem_case'))
    )
    op.create_index(op.f('ix_problem_case_community_id_category_id_place_key'), 'problem_case', ['community_id', 'category_id', 'place_key'], unique=False)
    op.create_index(op.f('ix_problem_case_community_id_reporter_resident_id_id'), 'problem_case', ['community_id', 'reporter_resident_id', 'id'], unique=False)
    op.create_index(op.f('ix_problem_case_community_id_id'), 'problem_case', ['community_id', 'id'], unique=False)
    op.create_index(op.f('ix_problem_case_community_id_state_id'), 'problem_case', ['community_id', 'state', 'id'], unique=False)
    op.create_index(op.f('ix_problem_case_community_id_to_watch'), 'problem_case', ['community_id', 'to_watch'], unique=False)
    op.create_index(op.f('ix_problem_case_community_id_unit_id_id'), 'problem_case', ['community_id', 'unit_id', 'id'], unique=False)
    op.create_index(op.f('ix_problem_case_parent_id'), 'problem_case', ['parent_id'], unique=False)
    op.create_table('case_audit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('drawn_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('auditor_id', sa.Integer(), nullable=True),
    sa.Column('verdict', sa.Enum('holds', 'not_fixed', 'false', name='verdict', native_enum=False, length=32), nullable=True),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_by_id', sa.Integer(), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('agreed', sa.Boolean(), nullable=True),
    sa.CheckConstraint('(verdict IS NULL) = (decided_at IS NULL)', name=op.f('ck_case_audit_decided_whole')),
    sa.CheckConstraint('settled_by_id IS NULL OR settled_by_id <> auditor_id', name=op.f('ck_case_audit_second_person')),
    sa.ForeignKeyConstraint(['auditor_id'], ['user.id'], name=op.f('fk_case_audit_auditor_id')),
    sa.ForeignKeyConstraint(['case_id'], ['problem_case.id'], name=op.f('fk_case_audit_case_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_case_audit_community_id')),
    sa.ForeignKeyConstraint(['settled_by_id'], ['user.id'], name=op.f('fk_case_audit_settled_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_audit')),
    sa.UniqueConstraint('case_id', 'month', name=op.f('uq_case_audit_case_id_month'))
    )
    op.create_index(op.f('ix_case_audit_community_id_decided_at_id'), 'case_audit', ['community_id', 'decided_at', 'id'], unique=False)
    op.create_index(op.f('ix_case_audit_community_id_month'), 'case_audit', ['community_id', 'month'], unique=False)
    op.create_table('case_clock',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('respond', 'dispatch', 'acknowledge', 'arrive', 'feed_back', 'rectify', 'inspect', 'evaluate', name='clockkind', native_enum=False, length=32), nullable=False),
    sa.Column('span', sa.Integer(), nullable=False),
    sa.Column('unit', sa.Enum('minutes', 'work_hours', 'work_days', name='spanunit', native_enum=False, length=32), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('stopped_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('paused_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('pauses', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql'), nullable=False),
    sa.Column('next_level', sa.Integer(), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('extra', sa.Integer(), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=True),
    sa.Column('asked_why', sa.String(length=500), nullable=False),
    sa.Column('extended_by_id', sa.Integer(), nullable=True),
    sa.Column('refused_by_id', sa.Integer(), nullable=True),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.CheckConstraint('extended_by_id IS NULL OR extended_by_id <> asked_by_id', name=op.f('ck_case_clock_second_person')),
    sa.CheckConstraint('extended_by_id IS NULL OR refused_by_id IS NULL', name=op.f('ck_case_clock_one_answer')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['user.id'], name=op.f('fk_case_clock_asked_by_id')),
    sa.ForeignKeyConstraint(['case_id'], ['problem_case.id'], name=op.f('fk_case_clock_case_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_case_clock_community_id')),
    sa.ForeignKeyConstraint(['extended_by_id'], ['user.id'], name=op.f('fk_case_clock_extended_by_id')),
    sa.ForeignKeyConstraint(['refused_by_id'], ['user.id'], name=op.f('fk_case_clock_refused_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_clock'))
    )
    op.create_index(op.f('ix_case_clock_community_id_case_id_id'), 'case_clock', ['community_id', 'case_id', 'id'], unique=False)
    op.create_index(op.f('ix_case_clock_community_id_next_at'), 'case_clock', ['community_id', 'next_at'], unique=False)
    op.create_table('case_evaluation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('resident_id', sa.Integer(), nullable=True),
    sa.Column('by_reporter', sa.Boolean(), nullable=False),
    sa.Column('answer', sa.Enum('satisfied', 'partly', 'unhappy', 'unanswered', name='evaluation', native_enum=False, length=32), nullable=False),
    sa.Column('words', sa.String(length=500), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("answer <> 'unanswered'", name=op.f('ck_case_evaluation_an_answer')),
    sa.ForeignKeyConstraint(['case_id'], ['problem_case.id'], name=op.f('fk_case_evaluation_case_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_case_evaluation_community_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_case_evaluation_resident_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_case_evaluation_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_evaluation')),
    sa.UniqueConstraint('case_id', 'round', 'resident_id', name=op.f('uq_case_evaluation_case_id_round_resident_id'))
    )
    op.create_table('case_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('verb', sa.String(length=32), nullable=False),
    sa.Column('before', sa.Enum('received', 'more_information', 'declined', 'merged', 'withdrawn', 'accepted', 'assigned', 'sent_back', 'acknowledged', 'on_site', 'rectifying', 'suspended', 'to_inspect', 'rework', 'to_evaluate', 'closed', name='casestate', native_enum=False, length=32), nullable=True),
    sa.Column('after', sa.Enum('received', 'more_information', 'declined', 'merged', 'withdrawn', 'accepted', 'assigned', 'sent_back', 'acknowledged', 'on_site', 'rectifying', 'suspended', 'to_inspect', 'rework', 'to_evaluate', 'closed', name='casestate', native_enum=False, length=32), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.Column('detail', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['by_user_id'], ['user.id'], name=op.f('fk_case_event_by_user_id')),
    sa.ForeignKeyConstraint(['case_id'], ['problem_case.id'], name=op.f('fk_case_event_case_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_case_event_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_event'))
    )
    op.create_index(op.f('ix_case_event_community_id_case_id_id'), 'case_event', ['community_id', 'case_id', 'id'], unique=False)
    op.create_table('case_joiner',
    sa.Column('case_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('resident_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['problem_case.id'], name=op.f('fk_case_joiner_case_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_case_joiner_community_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_case_joiner_resident_id')),
    sa.PrimaryKeyConstraint('case_id', 'resident_id', name=op.f('pk_case_joiner'))
    )
    op.create_table('case_signal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('reused_photo', 'before_is_after', 'own_fixer', 'impossible_travel', 'many_at_once', name='signalkind', native_enum=False, length=32), nullable=False),
    sa.Column('about', sa.String(length=40), nullable=False),
    sa.Column('detail', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_by_id', sa.Integer(), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('verdict', sa.String(length=500), nullable=False),
    sa.CheckConstraint('(settled_at IS NULL) = (settled_by_id IS NULL)', name=op.f('ck_case_signal_settled_by_somebody')),
    sa.ForeignKeyConstraint(['case_id'], ['problem_case.id'], name=op.f('fk_case_signal_case_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_case_signal_community_id')),
    sa.ForeignKeyConstraint(['settled_by_id'], ['user.id'], name=op.f('fk_case_signal_settled_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_signal')),
    sa.UniqueConstraint('case_id', 'kind', 'about', name=op.f('uq_case_signal_case_id_kind_about'))
    )
    op.create_index(op.f('ix_case_signal_community_id_settled_at_id'), 'case_signal', ['community_id', 'settled_at', 'id'], unique=False)
    op.create_table('case_support',
    sa.Column('case_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('round', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('resident_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['problem_case.id'], name=op.f('fk_case_support_case_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_case_support_community_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_case_support_resident_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_case_support_user_id')),
    sa.PrimaryKeyConstraint('case_id', 'round', 'resident_id', name=op.f('pk_case_support')),
    sa.UniqueConstraint('case_id', 'round', 'user_id', name=op.f('uq_case_support_case_id_round_user_id'))
    )
    op.create_table('snapshot_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('sender_key', sa.String(length=64), nullable=False),
    sa.Column('client_id', sa.String(length=64), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('resident_id', sa.Integer(), nullable=True),
    sa.Column('anonymous', sa.Boolean(), nullable=False),
    sa.Column('category_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=1000), nullable=False),
    sa.Column('place_id', sa.Integer(), nullable=True),
    sa.Column('place', sa.String(length=120), nullable=False),
    sa.Column('lat', sa.Double(), nullable=True),
    sa.Column('lon', sa.Double(), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('code_hash', sa.String(length=20), nullable=True),
    sa.CheckConstraint('(lat IS NULL) = (lon IS NULL)', name=op.f('ck_snapshot_report_both_or_none')),
    sa.ForeignKeyConstraint(['case_id'], ['problem_case.id'], name=op.f('fk_snapshot_report_case_id')),
    sa.ForeignKeyConstraint(['category_id'], ['case_category.id'], name=op.f('fk_snapshot_report_category_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_snapshot_report_community_id')),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_snapshot_report_place_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_snapshot_report_resident_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_snapshot_report_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_snapshot_report')),
    sa.UniqueConstraint('code_hash', name=op.f('uq_snapshot_report_code_hash')),
    sa.UniqueConstraint('community_id', 'sender_key', 'client_id', name=op.f('uq_snapshot_report_community_id_sender_key_client_id'))
    )
    op.create_index(op.f('ix_snapshot_report_community_id_case_id'), 'snapshot_report', ['community_id', 'case_id'], unique=False)
    op.create_index(op.f('ix_snapshot_report_community_id_resident_id_id'), 'snapshot_report', ['community_id', 'resident_id', 'id'], unique=False)
    op.create_table('case_escalation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('clock_id', sa.Integer(), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('level IN (80, 100, 200, 300)', name=op.f('ck_case_escalation_level')),
    sa.ForeignKeyConstraint(['case_id'], ['problem_case.id'], name=op.f('fk_case_escalation_case_id')),
    sa.ForeignKeyConstraint(['clock_id'], ['case_clock.id'], name=op.f('fk_case_escalation_clock_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_case_escalation_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_escalation')),
    sa.UniqueConstraint('case_id', 'clock_id', 'level', name=op.f('uq_case_escalation_case_id_clock_id_level'))
    )
    for statement in SQLITE if _sqlite() else POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)
    if _sqlite():
        return
    for table in TABLES:
        op.execute(f"CREATE POLICY one_community ON {table} USING ({MATCHES}) WITH CHECK ({MATCHES})")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Everything of this chapter goes, policies and triggers with their tables."""
    op.drop_table('case_escalation')
    op.drop_index(op.f('ix_snapshot_report_community_id_resident_id_id'), table_name='snapshot_report')
    op.drop_index(op.f('ix_snapshot_report_community_id_case_id'), table_name='snapshot_report')
    op.drop_table('snapshot_report')
    op.drop_table('case_support')
    op.drop_index(op.f('ix_case_signal_community_id_settled_at_id'), table_name='case_signal')
    op.drop_table('case_signal')
    op.drop_table('case_joiner')
    op.drop_index(op.f('ix_case_event_community_id_case_id_id'), table_name='case_event')
    op.drop_table('case_event')
    op.drop_table('case_evaluation')
    op.drop_index(op.f('ix_case_clock_community_id_next_at'), table_name='case_clock')
    op.drop_index(op.f('ix_case_clock_community_id_case_id_id'), table_name='case_clock')
    op.drop_table('case_clock')
    op.drop_index(op.f('ix_case_audit_community_id_month'), table_name='case_audit')
    op.drop_index(op.f('ix_case_audit_community_id_decided_at_id'), table_name='case_audit')
    op.drop_table('case_audit')
    op.drop_index(op.f('ix_problem_case_parent_id'), table_name='problem_case')
    op.drop_index(op.f('ix_problem_case_community_id_unit_id_id'), table_name='problem_case')
    op.drop_index(op.f('ix_problem_case_community_id_to_watch'), table_name='problem_case')
    op.drop_index(op.f('ix_problem_case_community_id_id'), table_name='problem_case')
    op.drop_index(op.f('ix_problem_case_community_id_state_id'), table_name='problem_case')
    op.drop_index(op.f('ix_problem_case_community_id_reporter_resident_id_id'), table_name='problem_case')
    op.drop_index(op.f('ix_problem_case_community_id_category_id_place_key'), table_name='problem_case')
    op.drop_table('problem_case')
    op.drop_table('case_unit_member')
    op.drop_table('case_category')
    op.drop_table('case_unit')
    if not _sqlite():
        for name in FUNCTIONS:
            op.execute(f"DROP FUNCTION {name}()")
