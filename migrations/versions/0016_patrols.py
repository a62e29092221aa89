"""Rounds of the observers: routes, checkpoints, the rota, rounds with their rows, findings, second looks, proposals.

Revision 0016.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = ['patrol_setting', 'patrol_proposal', 'patrol_route', 'patrol_checkpoint', 'patrol_shift', 'patrol', 'patrol_event', 'patrol_observer', 'patrol_sending', 'patrol_stop', 'patrol_swap', 'patrol_finding', 'patrol_look']
MATCHES = ("CASE WHEN coalesce(current_setting('pointsbank.community', true), '') = '' THEN true "
           "ELSE community_id = current_setting('pointsbank.community', true)::integer END")

SQLITE = [
    r"""CREATE TRIGGER patrol_moves BEFORE UPDATE ON patrol WHEN NOT (OLD.state = NEW.state OR (OLD.state = 'assigned' AND NEW.state = 'missed') OR (OLD.state = 'assigned' AND NEW.state = 'started') OR (OLD.state = 'assigned' AND NEW.state = 'submitted') OR (OLD.state = 'assigned' AND NEW.state = 'void') OR (OLD.state = 'missed' AND NEW.state = 'submitted') OR (OLD.state = 'missed' AND NEW.state = 'void') OR (OLD.state = 'planned' AND NEW.state = 'assigned') OR (OLD.state = 'planned' AND NEW.state = 'missed') OR (OLD.state = 'planned' AND NEW.state = 'void') OR (OLD.state = 'sent_back' AND NEW.state = 'submitted') OR (OLD.state = 'sent_back' AND NEW.state = 'void') OR (OLD.state = 'started' AND NEW.state = 'missed') OR (OLD.state = 'started' AND NEW.state = 'submitted') OR (OLD.state = 'started' AND NEW.state = 'void') OR (OLD.state = 'submitted' AND NEW.state = 'accepted') OR (OLD.state = 'submitted' AND NEW.state = 'sent_back') OR (OLD.state = 'submitted' AND NEW.state = 'void')) OR OLD.community_id IS NOT NEW.community_id OR OLD.route_id IS NOT NEW.route_id OR OLD.team_id IS NOT NEW.team_id OR OLD.shift_id IS NOT NEW.shift_id BEGIN SELECT RAISE(ABORT, 'rounds, findings and proposals only move as their tables say'); END""",
    r"""CREATE TRIGGER patrol_no_delete BEFORE DELETE ON patrol BEGIN SELECT RAISE(ABORT, 'rounds, findings and proposals only move as their tables say'); END""",
    r"""CREATE TRIGGER patrol_finding_moves BEFORE UPDATE ON patrol_finding WHEN NOT (OLD.state = NEW.state OR (OLD.state = 'joined' AND NEW.state = 'raised') OR (OLD.state = 'to_confirm' AND NEW.state = 'confirmed') OR (OLD.state = 'to_confirm' AND NEW.state = 'joined') OR (OLD.state = 'to_confirm' AND NEW.state = 'raised')) OR OLD.community_id IS NOT NEW.community_id OR OLD.patrol_id IS NOT NEW.patrol_id OR OLD.stop_id IS NOT NEW.stop_id OR OLD.text IS NOT NEW.text BEGIN SELECT RAISE(ABORT, 'rounds, findings and proposals only move as their tables say'); END""",
    r"""CREATE TRIGGER patrol_finding_no_delete BEFORE DELETE ON patrol_finding BEGIN SELECT RAISE(ABORT, 'rounds, findings and proposals only move as their tables say'); END""",
    r"""CREATE TRIGGER patrol_proposal_moves BEFORE UPDATE ON patrol_proposal WHEN NOT (OLD.state = NEW.state OR (OLD.state = 'later' AND NEW.state = 'adopted') OR (OLD.state = 'later' AND NEW.state = 'not_adopted') OR (OLD.state = 'waiting' AND NEW.state = 'adopted') OR (OLD.state = 'waiting' AND NEW.state = 'later') OR (OLD.state = 'waiting' AND NEW.state = 'not_adopted')) OR OLD.community_id IS NOT NEW.community_id OR OLD.resident_id IS NOT NEW.resident_id OR OLD.text IS NOT NEW.text BEGIN SELECT RAISE(ABORT, 'rounds, findings and proposals only move as their tables say'); END""",
    r"""CREATE TRIGGER patrol_proposal_no_delete BEFORE DELETE ON patrol_proposal BEGIN SELECT RAISE(ABORT, 'rounds, findings and proposals only move as their tables say'); END""",
    r"""CREATE TRIGGER patrol_event_no_update BEFORE UPDATE ON patrol_event BEGIN SELECT RAISE(ABORT, 'steps, sendings and second looks of rounds are append-only'); END""",
    r"""CREATE TRIGGER patrol_event_no_delete BEFORE DELETE ON patrol_event BEGIN SELECT RAISE(ABORT, 'steps, sendings and second looks of rounds are append-only'); END""",
    r"""CREATE TRIGGER patrol_sending_no_update BEFORE UPDATE ON patrol_sending BEGIN SELECT RAISE(ABORT, 'steps, sendings and second looks of rounds are append-only'); END""",
    r"""CREATE TRIGGER patrol_sending_no_delete BEFORE DELETE ON patrol_sending BEGIN SELECT RAISE(ABORT, 'steps, sendings and second looks of rounds are append-only'); END""",
    r"""CREATE TRIGGER patrol_look_no_update BEFORE UPDATE ON patrol_look BEGIN SELECT RAISE(ABORT, 'steps, sendings and second looks of rounds are append-only'); END""",
    r"""CREATE TRIGGER patrol_look_no_delete BEFORE DELETE ON patrol_look BEGIN SELECT RAISE(ABORT, 'steps, sendings and second looks of rounds are append-only'); END""",
]

POSTGRESQL = [
    r"""
CREATE OR REPLACE FUNCTION patrols_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'rounds, findings and proposals only move as their tables say';
END $$""",
    r"""CREATE TRIGGER patrol_moves BEFORE UPDATE ON patrol FOR EACH ROW WHEN (NOT (OLD.state = NEW.state OR (OLD.state = 'assigned' AND NEW.state = 'missed') OR (OLD.state = 'assigned' AND NEW.state = 'started') OR (OLD.state = 'assigned' AND NEW.state = 'submitted') OR (OLD.state = 'assigned' AND NEW.state = 'void') OR (OLD.state = 'missed' AND NEW.state = 'submitted') OR (OLD.state = 'missed' AND NEW.state = 'void') OR (OLD.state = 'planned' AND NEW.state = 'assigned') OR (OLD.state = 'planned' AND NEW.state = 'missed') OR (OLD.state = 'planned' AND NEW.state = 'void') OR (OLD.state = 'sent_back' AND NEW.state = 'submitted') OR (OLD.state = 'sent_back' AND NEW.state = 'void') OR (OLD.state = 'started' AND NEW.state = 'missed') OR (OLD.state = 'started' AND NEW.state = 'submitted') OR (OLD.state = 'started' AND NEW.state = 'void') OR (OLD.state = 'submitted' AND NEW.state = 'accepted') OR (OLD.state = 'submitted' AND NEW.state = 'sent_back') OR (OLD.state = 'submitted' AND NEW.state = 'void')) OR OLD.community_id IS DISTINCT FROM NEW.community_id OR OLD.route_id IS DISTINCT FROM NEW.route_id OR OLD.team_id IS DISTINCT FROM NEW.team_id OR OLD.shift_id IS DISTINCT FROM NEW.shift_id) EXECUTE FUNCTION patrols_moves()""",
    r"""CREATE TRIGGER patrol_no_delete BEFORE DELETE OR TRUNCATE ON patrol FOR EACH STATEMENT EXECUTE FUNCTION patrols_moves()""",
    r"""
CREATE OR REPLACE FUNCTION patrols_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'rounds, findings and proposals only move as their tables say';
END $$""",
    r"""CREATE TRIGGER patrol_finding_moves BEFORE UPDATE ON patrol_finding FOR EACH ROW WHEN (NOT (OLD.state = NEW.state OR (OLD.state = 'joined' AND NEW.state = 'raised') OR (OLD.state = 'to_confirm' AND NEW.state = 'confirmed') OR (OLD.state = 'to_confirm' AND NEW.state = 'joined') OR (OLD.state = 'to_confirm' AND NEW.state = 'raised')) OR OLD.community_id IS DISTINCT FROM NEW.community_id OR OLD.patrol_id IS DISTINCT FROM NEW.patrol_id OR OLD.stop_id IS DISTINCT FROM NEW.stop_id OR OLD.text IS DISTINCT FROM NEW.text) EXECUTE FUNCTION patrols_moves()""",
    r"""CREATE TRIGGER patrol_finding_no_delete BEFORE DELETE OR TRUNCATE ON patrol_finding FOR EACH STATEMENT EXECUTE FUNCTION patrols_moves()""",
    r"""
CREATE OR REPLACE FUNCTION patrols_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'rounds, findings and proposals only move as their tables say';
END $$""",
    r"""CREATE TRIGGER patrol_proposal_moves BEFORE UPDATE ON patrol_proposal FOR EACH ROW WHEN (NOT (OLD.state = NEW.state OR (OLD.state = 'later' AND NEW.state = 'adopted') OR (OLD.state = 'later' AND NEW.state = 'not_adopted') OR (OLD.state = 'waiting' AND NEW.state = 'adopted') OR (OLD.state = 'waiting' AND NEW.state = 'later') OR (OLD.state = 'waiting' AND NEW.state = 'not_adopted')) OR OLD.community_id IS DISTINCT FROM NEW.community_id OR OLD.resident_id IS DISTINCT FROM NEW.resident_id OR OLD.text IS DISTINCT FROM NEW.text) EXECUTE FUNCTION patrols_moves()""",
    r"""CREATE TRIGGER patrol_proposal_no_delete BEFORE DELETE OR TRUNCATE ON patrol_proposal FOR EACH STATEMENT EXECUTE FUNCTION patrols_moves()""",
    r"""
CREATE OR REPLACE FUNCTION patrols_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'steps, sendings and second looks of rounds are append-only';
END $$""",
    r"""CREATE TRIGGER patrol_event_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON patrol_event FOR EACH STATEMENT EXECUTE FUNCTION patrols_kept()""",
    r"""
CREATE OR REPLACE FUNCTION patrols_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'steps, sendings and second looks of rounds are append-only';
END $$""",
    r"""CREATE TRIGGER patrol_sending_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON patrol_sending FOR EACH STATEMENT EXECUTE FUNCTION patrols_kept()""",
    r"""
CREATE OR REPLACE FUNCTION patrols_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'steps, sendings and second looks of rounds are append-only';
END $$""",
    r"""CREATE TRIGGER patrol_look_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON patrol_look FOR EACH STATEMENT EXECUTE FUNCTION patrols_kept()""",
]
FUNCTIONS = ('patrols_moves', 'patrols_kept')


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    """The tables with their triggers and policies."""
    op.create_table('patrol_setting',
    sa.Column('community_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('round_item', sa.String(length=12), nullable=False),
    sa.Column('look_item', sa.String(length=12), nullable=False),
    sa.Column('proposal_item', sa.String(length=12), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_patrol_setting_community_id')),
    sa.PrimaryKeyConstraint('community_id', name=op.f('pk_patrol_setting'))
    )
    op.create_table('patrol_proposal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.Integer(), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=False),
    sa.Column('client_id', sa.String(length=64), nullable=False),
    sa.Column('place_id', sa.Integer(), nullable=True),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'adopted', 'not_adopted', 'later', name='proposalstate', native_enum=False, length=32), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('answer', sa.String(length=500), nullable=False),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'waiting') = (answered_by_id IS NULL)", name=op.f('ck_patrol_proposal_answered')),
    sa.CheckConstraint("answered_by_id IS NULL OR (answered_by_id <> by_user_id AND answer <> '')", name=op.f('ck_patrol_proposal_answered_by_other')),
    sa.ForeignKeyConstraint(['answered_by_id'], ['user.id'], name=op.f('fk_patrol_proposal_answered_by_id')),
    sa.ForeignKeyConstraint(['by_user_id'], ['user.id'], name=op.f('fk_patrol_proposal_by_user_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_patrol_proposal_community_id')),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_patrol_proposal_place_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_patrol_proposal_resident_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_patrol_proposal_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patrol_proposal')),
    sa.UniqueConstraint('community_id', 'by_user_id', 'client_id', name=op.f('uq_patrol_proposal_community_id_by_user_id_client_id'))
    )
    op.create_index(op.f('ix_patrol_proposal_community_id_resident_id_id'), 'patrol_proposal', ['community_id', 'resident_id', 'id'], unique=False)
    op.create_index(op.f('ix_patrol_proposal_community_id_state_id'), 'patrol_proposal', ['community_id', 'state', 'id'], unique=False)
    op.create_table('patrol_route',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('kind', sa.Enum('street', 'building_site', 'estate', 'stairwell', 'charging', name='routekind', native_enum=False, length=32), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_patrol_route_community_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['user.id'], name=op.f('fk_patrol_route_created_by_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_patrol_route_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patrol_route'))
    )
    op.create_index(op.f('ix_patrol_route_community_id_team_id_id'), 'patrol_route', ['community_id', 'team_id', 'id'], unique=False)
    op.create_index('uq_patrol_route_open_name', 'patrol_route', ['community_id', 'name'], unique=True, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
    op.create_table('patrol_checkpoint',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('route_id', sa.Integer(), nullable=False),
    sa.Column('place_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('checklist', JSON, nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_patrol_checkpoint_community_id')),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_patrol_checkpoint_place_id')),
    sa.ForeignKeyConstraint(['route_id'], ['patrol_route.id'], name=op.f('fk_patrol_checkpoint_route_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patrol_checkpoint'))
    )
    op.create_index(op.f('ix_patrol_checkpoint_community_id_route_id_position'), 'patrol_checkpoint', ['community_id', 'route_id', 'position'], unique=False)
    op.create_index('uq_patrol_checkpoint_open', 'patrol_checkpoint', ['route_id', 'place_id'], unique=True, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
    op.create_table('patrol_shift',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('route_id', sa.Integer(), nullable=False),
    sa.Column('weekday', sa.Integer(), nullable=False),
    sa.Column('starts', sa.Integer(), nullable=False),
    sa.Column('ends', sa.Integer(), nullable=False),
    sa.Column('wanted', sa.Integer(), nullable=False),
    sa.Column('since_on', sa.Date(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.CheckConstraint('starts >= 0 AND ends <= 1440 AND ends > starts', name=op.f('ck_patrol_shift_window')),
    sa.CheckConstraint('wanted BETWEEN 1 AND 6', name=op.f('ck_patrol_shift_wanted')),
    sa.CheckConstraint('weekday BETWEEN 0 AND 6', name=op.f('ck_patrol_shift_weekday')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_patrol_shift_community_id')),
    sa.ForeignKeyConstraint(['route_id'], ['patrol_route.id'], name=op.f('fk_patrol_shift_route_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patrol_shift'))
    )
    op.create_index(op.f('ix_patrol_shift_community_id_route_id_weekday'), 'patrol_shift', ['community_id', 'route_id', 'weekday'], unique=False)
    op.create_table('patrol',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('route_id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('shift_id', sa.Integer(), nullable=True),
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('wanted', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('planned', 'assigned', 'started', 'submitted', 'sent_back', 'accepted', 'missed', 'void', name='patrolstate', native_enum=False, length=32), nullable=False),
    sa.Column('source', sa.Enum('phone', 'paper', name='patrolsource', native_enum=False, length=32), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('submitted_by_id', sa.Integer(), nullable=True),
    sa.Column('said_from', sa.DateTime(timezone=True), nullable=True),
    sa.Column('said_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('clock_off', sa.Boolean(), nullable=False),
    sa.Column('arrived_late', sa.Boolean(), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.CheckConstraint("state <> 'accepted' OR (decided_by_id IS NOT NULL AND decided_by_id <> submitted_by_id)", name=op.f('ck_patrol_accepted_by_other')),
    sa.CheckConstraint("state NOT IN ('submitted', 'sent_back', 'accepted') OR submitted_by_id IS NOT NULL", name=op.f('ck_patrol_handed_in')),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_patrol_window')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_patrol_community_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_patrol_decided_by_id')),
    sa.ForeignKeyConstraint(['route_id'], ['patrol_route.id'], name=op.f('fk_patrol_route_id')),
    sa.ForeignKeyConstraint(['shift_id'], ['patrol_shift.id'], name=op.f('fk_patrol_shift_id')),
    sa.ForeignKeyConstraint(['submitted_by_id'], ['user.id'], name=op.f('fk_patrol_submitted_by_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_patrol_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patrol')),
    sa.UniqueConstraint('shift_id', 'on', name=op.f('uq_patrol_shift_id_on'))
    )
    op.create_index(op.f('ix_patrol_community_id_route_id_on'), 'patrol', ['community_id', 'route_id', 'on'], unique=False)
    op.create_index(op.f('ix_patrol_community_id_state_id'), 'patrol', ['community_id', 'state', 'id'], unique=False)
    op.create_index(op.f('ix_patrol_community_id_team_id_on'), 'patrol', ['community_id', 'team_id', 'on'], unique=False)
    op.create_table('patrol_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('patrol_id', sa.Integer(), nullable=False),
    sa.Column('verb', sa.String(length=24), nullable=False),
    sa.Column('before', sa.Enum('planned', 'assigned', 'started', 'submitted', 'sent_back', 'accepted', 'missed', 'void', name='patrolstate', native_enum=False, length=32), nullable=True),
    sa.Column('after', sa.Enum('planned', 'assigned', 'started', 'submitted', 'sent_back', 'accepted', 'missed', 'void', name='patrolstate', native_enum=False, length=32), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('text', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['by_user_id'], ['user.id'], name=op.f('fk_patrol_event_by_user_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_patrol_event_community_id')),
    sa.ForeignKeyConstraint(['patrol_id'], ['patrol.id'], name=op.f('fk_patrol_event_patrol_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patrol_event'))
    )
    op.create_index(op.f('ix_patrol_event_community_id_patrol_id_id'), 'patrol_event', ['community_id', 'patrol_id', 'id'], unique=False)
    op.create_table('patrol_observer',
    sa.Column('patrol_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('resident_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('assigned_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_patrol_observer_community_id')),
    sa.ForeignKeyConstraint(['patrol_id'], ['patrol.id'], name=op.f('fk_patrol_observer_patrol_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_patrol_observer_resident_id')),
    sa.PrimaryKeyConstraint('patrol_id', 'resident_id', name=op.f('pk_patrol_observer'))
    )
    op.create_index(op.f('ix_patrol_observer_community_id_resident_id_patrol_id'), 'patrol_observer', ['community_id', 'resident_id', 'patrol_id'], unique=False)
    op.create_table('patrol_sending',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('patrol_id', sa.Integer(), nullable=False),
    sa.Column('client_id', sa.String(length=64), nullable=False),
    sa.Column('body_hash', sa.String(length=64), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_user_id'], ['user.id'], name=op.f('fk_patrol_sending_by_user_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_patrol_sending_community_id')),
    sa.ForeignKeyConstraint(['patrol_id'], ['patrol.id'], name=op.f('fk_patrol_sending_patrol_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patrol_sending')),
    sa.UniqueConstraint('community_id', 'client_id', name=op.f('uq_patrol_sending_community_id_client_id'))
    )
    op.create_index(op.f('ix_patrol_sending_community_id_patrol_id'), 'patrol_sending', ['community_id', 'patrol_id'], unique=False)
    op.create_table('patrol_stop',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('patrol_id', sa.Integer(), nullable=False),
    sa.Column('checkpoint_id', sa.Integer(), nullable=False),
    sa.Column('place_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('checklist', JSON, nullable=False),
    sa.Column('result', sa.Enum('blank', 'ok', 'finding', 'skipped', 'missed', name='stopresult', native_enum=False, length=32), nullable=False),
    sa.Column('checks', JSON, nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('proof', sa.Enum('none', 'tag', 'photo', 'leader', name='proof', native_enum=False, length=32), nullable=False),
    sa.Column('said_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("result <> 'skipped' OR reason <> ''", name=op.f('ck_patrol_stop_skipped_with_reason')),
    sa.ForeignKeyConstraint(['checkpoint_id'], ['patrol_checkpoint.id'], name=op.f('fk_patrol_stop_checkpoint_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_patrol_stop_community_id')),
    sa.ForeignKeyConstraint(['patrol_id'], ['patrol.id'], name=op.f('fk_patrol_stop_patrol_id')),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_patrol_stop_place_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patrol_stop')),
    sa.UniqueConstraint('patrol_id', 'checkpoint_id', name=op.f('uq_patrol_stop_patrol_id_checkpoint_id'))
    )
    op.create_index(op.f('ix_patrol_stop_community_id_patrol_id_position'), 'patrol_stop', ['community_id', 'patrol_id', 'position'], unique=False)
    op.create_table('patrol_swap',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('patrol_id', sa.Integer(), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('state', sa.Enum('asked', 'taken', 'withdrawn', name='swapstate', native_enum=False, length=32), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_by_id', sa.Integer(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'taken') = (taken_by_id IS NOT NULL)", name=op.f('ck_patrol_swap_taken')),
    sa.CheckConstraint('taken_by_id IS NULL OR taken_by_id <> asked_by_id', name=op.f('ck_patrol_swap_by_another')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['resident.id'], name=op.f('fk_patrol_swap_asked_by_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_patrol_swap_community_id')),
    sa.ForeignKeyConstraint(['patrol_id'], ['patrol.id'], name=op.f('fk_patrol_swap_patrol_id')),
    sa.ForeignKeyConstraint(['taken_by_id'], ['resident.id'], name=op.f('fk_patrol_swap_taken_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patrol_swap'))
    )
    op.create_index(op.f('ix_patrol_swap_community_id_state_id'), 'patrol_swap', ['community_id', 'state', 'id'], unique=False)
    op.create_index('uq_patrol_swap_open', 'patrol_swap', ['patrol_id', 'asked_by_id'], unique=True, sqlite_where=sa.text("state = 'asked'"), postgresql_where=sa.text("state = 'asked'"))
    op.create_table('patrol_finding',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('patrol_id', sa.Integer(), nullable=False),
    sa.Column('stop_id', sa.Integer(), nullable=False),
    sa.Column('client_id', sa.String(length=64), nullable=False),
    sa.Column('category_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.Column('fixed_on_spot', sa.Boolean(), nullable=False),
    sa.Column('state', sa.Enum('to_confirm', 'confirmed', 'raised', 'joined', name='findingstate', native_enum=False, length=32), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=True),
    sa.Column('confirmed_by_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(state IN ('raised', 'joined')) = (case_id IS NOT NULL)", name=op.f('ck_patrol_finding_case')),
    sa.CheckConstraint("state <> 'confirmed' OR (fixed_on_spot AND confirmed_by_id IS NOT NULL)", name=op.f('ck_patrol_finding_confirmed')),
    sa.CheckConstraint('confirmed_by_id IS NULL OR confirmed_by_id <> by_user_id', name=op.f('ck_patrol_finding_second_person')),
    sa.ForeignKeyConstraint(['by_user_id'], ['user.id'], name=op.f('fk_patrol_finding_by_user_id')),
    sa.ForeignKeyConstraint(['case_id'], ['problem_case.id'], name=op.f('fk_patrol_finding_case_id')),
    sa.ForeignKeyConstraint(['category_id'], ['case_category.id'], name=op.f('fk_patrol_finding_category_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_patrol_finding_community_id')),
    sa.ForeignKeyConstraint(['confirmed_by_id'], ['user.id'], name=op.f('fk_patrol_finding_confirmed_by_id')),
    sa.ForeignKeyConstraint(['patrol_id'], ['patrol.id'], name=op.f('fk_patrol_finding_patrol_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_patrol_finding_resident_id')),
    sa.ForeignKeyConstraint(['stop_id'], ['patrol_stop.id'], name=op.f('fk_patrol_finding_stop_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patrol_finding')),
    sa.UniqueConstraint('patrol_id', 'client_id', name=op.f('uq_patrol_finding_patrol_id_client_id'))
    )
    op.create_index(op.f('ix_patrol_finding_community_id_case_id'), 'patrol_finding', ['community_id', 'case_id'], unique=False)
    op.create_index(op.f('ix_patrol_finding_community_id_patrol_id'), 'patrol_finding', ['community_id', 'patrol_id'], unique=False)
    op.create_index(op.f('ix_patrol_finding_community_id_state_id'), 'patrol_finding', ['community_id', 'state', 'id'], unique=False)
    op.create_table('patrol_look',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('finding_id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.Integer(), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.Enum('pass', 'reopen', name='lookoutcome', native_enum=False, length=32), nullable=False),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_user_id'], ['user.id'], name=op.f('fk_patrol_look_by_user_id')),
    sa.ForeignKeyConstraint(['case_id'], ['problem_case.id'], name=op.f('fk_patrol_look_case_id')),
    sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_patrol_look_community_id')),
    sa.ForeignKeyConstraint(['finding_id'], ['patrol_finding.id'], name=op.f('fk_patrol_look_finding_id')),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_patrol_look_resident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patrol_look')),
    sa.UniqueConstraint('case_id', 'round', name=op.f('uq_patrol_look_case_id_round'))
    )
    op.create_index(op.f('ix_patrol_look_community_id_finding_id'), 'patrol_look', ['community_id', 'finding_id'], unique=False)
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
    op.drop_index(op.f('ix_patrol_look_community_id_finding_id'), table_name='patrol_look')
    op.drop_table('patrol_look')
    op.drop_index(op.f('ix_patrol_finding_community_id_state_id'), table_name='patrol_finding')
    op.drop_index(op.f('ix_patrol_finding_community_id_patrol_id'), table_name='patrol_finding')
    op.drop_index(op.f('ix_patrol_finding_community_id_case_id'), table_name='patrol_finding')
    op.drop_table('patrol_finding')
    op.drop_index('uq_patrol_swap_open', table_name='patrol_swap', sqlite_where=sa.text("state = 'asked'"), postgresql_where=sa.text("state = 'asked'"))
    op.drop_index(op.f('ix_patrol_swap_community_id_state_id'), table_name='patrol_swap')
    op.drop_table('patrol_swap')
    op.drop_index(op.f('ix_patrol_stop_community_id_patrol_id_position'), table_name='patrol_stop')
    op.drop_table('patrol_stop')
    op.drop_index(op.f('ix_patrol_sending_community_id_patrol_id'), table_name='patrol_sending')
    op.drop_table('patrol_sending')
    op.drop_index(op.f('ix_patrol_observer_community_id_resident_id_patrol_id'), table_name='patrol_observer')
    op.drop_table('patrol_observer')
    op.drop_index(op.f('ix_patrol_event_community_id_patrol_id_id'), table_name='patrol_event')
    op.drop_table('patrol_event')
    op.drop_index(op.f('ix_patrol_community_id_team_id_on'), table_name='patrol')
    op.drop_index(op.f('ix_patrol_community_id_state_id'), table_name='patrol')
    op.drop_index(op.f('ix_patrol_community_id_route_id_on'), table_name='patrol')
    op.drop_table('patrol')
    op.drop_index(op.f('ix_patrol_shift_community_id_route_id_weekday'), table_name='patrol_shift')
    op.drop_table('patrol_shift')
    op.drop_index('uq_patrol_checkpoint_open', table_name='patrol_checkpoint', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
    op.drop_index(op.f('ix_patrol_checkpoint_community_id_route_id_position'), table_name='patrol_checkpoint')
    op.drop_table('patrol_checkpoint')
    op.drop_index('uq_patrol_route_open_name', table_name='patrol_route', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
    op.drop_index(op.f('ix_patrol_route_community_id_team_id_id'), table_name='patrol_route')
    op.drop_table('patrol_route')
    op.drop_index(op.f('ix_patrol_proposal_community_id_state_id'), table_name='patrol_proposal')
    op.drop_index(op.f('ix_patrol_proposal_community_id_resident_id_id'), table_name='patrol_proposal')
    op.drop_table('patrol_proposal')
    op.drop_table('patrol_setting')
    if not _sqlite():
        for name in FUNCTIONS:
            op.execute(f"DROP FUNCTION {name}()")
