"""Honours: ladders, awards, votes of observers, closed years, certificates; and the tags of residents.

Revision 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = [
    "best_candidate", "best_month", "best_vote", "hidden_resident", "honour_award", "honour_counter",
    "honour_ladder", "honour_league", "honour_proposal", "honour_revocation", "honour_year", "honour_year_line",
    "ladder_step", "no_show", "resident_tag", "service_certificate",
]
MATCHES = ("CASE WHEN coalesce(current_setting('pointsbank.community', true), '') = '' THEN true "
           "ELSE community_id = current_setting('pointsbank.community', true)::integer END")
FUNCTIONS = [
    "honours_refuse", "honours_guard_step", "honours_guard_year_line", "honours_guard_honour_ladder",
    "honours_guard_honour_revocation", "honours_guard_honour_year", "honours_guard_service_certificate",
]

SQLITE = [
    r"""CREATE TRIGGER honour_award_no_update BEFORE UPDATE ON honour_award WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'this is kept for ever and never changed'); END""",
    r"""CREATE TRIGGER honour_award_no_delete BEFORE DELETE ON honour_award WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'this is kept for ever and never changed'); END""",
    r"""CREATE TRIGGER best_vote_no_update BEFORE UPDATE ON best_vote WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'this is kept for ever and never changed'); END""",
    r"""CREATE TRIGGER best_vote_no_delete BEFORE DELETE ON best_vote WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'this is kept for ever and never changed'); END""",
    r"""CREATE TRIGGER honour_ladder_closed_update BEFORE UPDATE ON honour_ladder WHEN (OLD.state <> 'draft') AND NOT (OLD.state = 'in_force' AND NEW.state = 'superseded' AND NEW.superseded_on IS NOT NULL AND NEW.id IS OLD.id AND NEW.community_id IS OLD.community_id AND NEW.series IS OLD.series AND NEW.number IS OLD.number AND NEW.title IS OLD.title AND NEW.period IS OLD.period AND NEW.cycle_minutes IS OLD.cycle_minutes AND NEW.no_show_limit IS OLD.no_show_limit AND NEW.note IS OLD.note AND NEW.in_force_on IS OLD.in_force_on AND NEW.resolution IS OLD.resolution AND NEW.copied_from_id IS OLD.copied_from_id AND NEW.created_by IS OLD.created_by AND NEW.created_at IS OLD.created_at AND NEW.editors IS OLD.editors AND NEW.adopted_by IS OLD.adopted_by AND NEW.adopted_at IS OLD.adopted_at) BEGIN SELECT RAISE(ABORT, 'an adopted ladder is never changed'); END""",
    r"""CREATE TRIGGER honour_ladder_closed_delete BEFORE DELETE ON honour_ladder WHEN OLD.state <> 'draft' BEGIN SELECT RAISE(ABORT, 'an adopted ladder is never changed'); END""",
    r"""CREATE TRIGGER honour_revocation_closed_update BEFORE UPDATE ON honour_revocation WHEN (OLD.state <> 'proposed') AND NOT (1 = 0 AND NEW.id IS OLD.id AND NEW.community_id IS OLD.community_id AND NEW.award_id IS OLD.award_id AND NEW.state IS OLD.state AND NEW.resolution IS OLD.resolution AND NEW.revoked_on IS OLD.revoked_on AND NEW.proposed_by_id IS OLD.proposed_by_id AND NEW.proposed_at IS OLD.proposed_at AND NEW.decided_by_id IS OLD.decided_by_id AND NEW.decided_at IS OLD.decided_at AND NEW.answer IS OLD.answer) BEGIN SELECT RAISE(ABORT, 'a decided revocation is never changed'); END""",
    r"""CREATE TRIGGER honour_revocation_closed_delete BEFORE DELETE ON honour_revocation WHEN OLD.state <> 'proposed' BEGIN SELECT RAISE(ABORT, 'a decided revocation is never changed'); END""",
    r"""CREATE TRIGGER honour_year_closed_update BEFORE UPDATE ON honour_year WHEN (1 = 1) AND NOT (OLD.state = 'prepared' AND NEW.state = 'frozen' AND NEW.id IS OLD.id AND NEW.community_id IS OLD.community_id AND NEW.year IS OLD.year AND NEW.line_count IS OLD.line_count AND NEW.minutes IS OLD.minutes AND NEW.honour IS OLD.honour AND NEW.hash IS OLD.hash AND NEW.previous_hash IS OLD.previous_hash AND NEW.prepared_by_id IS OLD.prepared_by_id AND NEW.prepared_at IS OLD.prepared_at) BEGIN SELECT RAISE(ABORT, 'the statement of a year is never changed'); END""",
    r"""CREATE TRIGGER honour_year_closed_delete BEFORE DELETE ON honour_year WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'the statement of a year is never changed'); END""",
    r"""CREATE TRIGGER service_certificate_closed_update BEFORE UPDATE ON service_certificate WHEN (OLD.state IN ('issued', 'withdrawn')) AND NOT (OLD.state = 'issued' AND NEW.state = 'withdrawn' AND NEW.id IS OLD.id AND NEW.community_id IS OLD.community_id AND NEW.resident_id IS OLD.resident_id AND NEW.since_on IS OLD.since_on AND NEW.until_on IS OLD.until_on AND NEW.purpose IS OLD.purpose AND NEW.volunteer_number IS OLD.volunteer_number AND NEW.requested_by_id IS OLD.requested_by_id AND NEW.requested_at IS OLD.requested_at AND NEW.minutes IS OLD.minutes AND NEW.content IS OLD.content AND NEW.handler_id IS OLD.handler_id AND NEW.handler_contact IS OLD.handler_contact AND NEW.prepared_at IS OLD.prepared_at AND NEW.notice_id IS OLD.notice_id AND NEW.year IS OLD.year AND NEW.number IS OLD.number AND NEW.issuer IS OLD.issuer AND NEW.responsible_id IS OLD.responsible_id AND NEW.issued_on IS OLD.issued_on AND NEW.refused_by_id IS OLD.refused_by_id AND NEW.answer IS OLD.answer) BEGIN SELECT RAISE(ABORT, 'an issued certificate is never changed'); END""",
    r"""CREATE TRIGGER service_certificate_closed_delete BEFORE DELETE ON service_certificate WHEN OLD.state IN ('issued', 'withdrawn') BEGIN SELECT RAISE(ABORT, 'an issued certificate is never changed'); END""",
    r"""CREATE TRIGGER ladder_step_closed_insert BEFORE INSERT ON ladder_step WHEN EXISTS (SELECT 1 FROM honour_ladder l WHERE l.id = NEW.ladder_id AND l.state <> 'draft') BEGIN SELECT RAISE(ABORT, 'the steps of an adopted ladder are never changed'); END""",
    r"""CREATE TRIGGER ladder_step_closed_update BEFORE UPDATE ON ladder_step WHEN EXISTS (SELECT 1 FROM honour_ladder l WHERE l.id = OLD.ladder_id AND l.state <> 'draft') OR EXISTS (SELECT 1 FROM honour_ladder l WHERE l.id = NEW.ladder_id AND l.state <> 'draft') BEGIN SELECT RAISE(ABORT, 'the steps of an adopted ladder are never changed'); END""",
    r"""CREATE TRIGGER ladder_step_closed_delete BEFORE DELETE ON ladder_step WHEN EXISTS (SELECT 1 FROM honour_ladder l WHERE l.id = OLD.ladder_id AND l.state <> 'draft') BEGIN SELECT RAISE(ABORT, 'the steps of an adopted ladder are never changed'); END""",
    r"""CREATE TRIGGER honour_year_line_closed_insert BEFORE INSERT ON honour_year_line WHEN EXISTS (SELECT 1 FROM honour_year y WHERE y.id = NEW.year_id AND y.state = 'frozen') BEGIN SELECT RAISE(ABORT, 'the lines of a year are never changed'); END""",
    r"""CREATE TRIGGER honour_year_line_closed_update BEFORE UPDATE ON honour_year_line WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'the lines of a year are never changed'); END""",
    r"""CREATE TRIGGER honour_year_line_closed_delete BEFORE DELETE ON honour_year_line WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'the lines of a year are never changed'); END""",
]

POSTGRESQL = [
    r"""
CREATE OR REPLACE FUNCTION honours_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN

  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'this is kept for ever and never changed';
END $$""",
    r"""CREATE TRIGGER honour_award_for_ever BEFORE UPDATE OR DELETE ON honour_award FOR EACH ROW EXECUTE FUNCTION honours_refuse()""",
    r"""CREATE TRIGGER honour_award_no_truncate BEFORE TRUNCATE ON honour_award FOR EACH STATEMENT EXECUTE FUNCTION honours_refuse()""",
    r"""CREATE TRIGGER best_vote_for_ever BEFORE UPDATE OR DELETE ON best_vote FOR EACH ROW EXECUTE FUNCTION honours_refuse()""",
    r"""CREATE TRIGGER best_vote_no_truncate BEFORE TRUNCATE ON best_vote FOR EACH STATEMENT EXECUTE FUNCTION honours_refuse()""",
    r"""
CREATE OR REPLACE FUNCTION honours_guard_honour_ladder() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT (OLD.state <> 'draft') THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.state = 'in_force' AND NEW.state = 'superseded' AND NEW.superseded_on IS NOT NULL AND to_jsonb(NEW) - 'state' - 'superseded_on' = to_jsonb(OLD) - 'state' - 'superseded_on' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'an adopted ladder is never changed';
END $$""",
    r"""CREATE TRIGGER honour_ladder_closed BEFORE UPDATE OR DELETE ON honour_ladder FOR EACH ROW EXECUTE FUNCTION honours_guard_honour_ladder()""",
    r"""CREATE TRIGGER honour_ladder_no_truncate BEFORE TRUNCATE ON honour_ladder FOR EACH STATEMENT EXECUTE FUNCTION honours_refuse()""",
    r"""
CREATE OR REPLACE FUNCTION honours_guard_honour_revocation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT (OLD.state <> 'proposed') THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND 1 = 0 AND to_jsonb(NEW) = to_jsonb(OLD) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'a decided revocation is never changed';
END $$""",
    r"""CREATE TRIGGER honour_revocation_closed BEFORE UPDATE OR DELETE ON honour_revocation FOR EACH ROW EXECUTE FUNCTION honours_guard_honour_revocation()""",
    r"""CREATE TRIGGER honour_revocation_no_truncate BEFORE TRUNCATE ON honour_revocation FOR EACH STATEMENT EXECUTE FUNCTION honours_refuse()""",
    r"""
CREATE OR REPLACE FUNCTION honours_guard_honour_year() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT (1 = 1) THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.state = 'prepared' AND NEW.state = 'frozen' AND to_jsonb(NEW) - 'state' - 'frozen_by_id' - 'frozen_at' = to_jsonb(OLD) - 'state' - 'frozen_by_id' - 'frozen_at' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'the statement of a year is never changed';
END $$""",
    r"""CREATE TRIGGER honour_year_closed BEFORE UPDATE OR DELETE ON honour_year FOR EACH ROW EXECUTE FUNCTION honours_guard_honour_year()""",
    r"""CREATE TRIGGER honour_year_no_truncate BEFORE TRUNCATE ON honour_year FOR EACH STATEMENT EXECUTE FUNCTION honours_refuse()""",
    r"""
CREATE OR REPLACE FUNCTION honours_guard_service_certificate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT (OLD.state IN ('issued', 'withdrawn')) THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.state = 'issued' AND NEW.state = 'withdrawn' AND to_jsonb(NEW) - 'state' - 'withdrawn_by_id' - 'withdrawn_on' - 'withdrawn_because' = to_jsonb(OLD) - 'state' - 'withdrawn_by_id' - 'withdrawn_on' - 'withdrawn_because' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'an issued certificate is never changed';
END $$""",
    r"""CREATE TRIGGER service_certificate_closed BEFORE UPDATE OR DELETE ON service_certificate FOR EACH ROW EXECUTE FUNCTION honours_guard_service_certificate()""",
    r"""CREATE TRIGGER service_certificate_no_truncate BEFORE TRUNCATE ON service_certificate FOR EACH STATEMENT EXECUTE FUNCTION honours_refuse()""",
    r"""
CREATE OR REPLACE FUNCTION honours_guard_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM honour_ladder l WHERE l.state <> 'draft'
    AND ((TG_OP <> 'INSERT' AND l.id = OLD.ladder_id) OR (TG_OP <> 'DELETE' AND l.id = NEW.ladder_id));
  IF NOT FOUND THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
  END IF;
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'the steps of an adopted ladder are never changed';
END $$""",
    r"""CREATE TRIGGER ladder_step_closed BEFORE INSERT OR UPDATE OR DELETE ON ladder_step FOR EACH ROW EXECUTE FUNCTION honours_guard_step()""",
    r"""CREATE TRIGGER ladder_step_no_truncate BEFORE TRUNCATE ON ladder_step FOR EACH STATEMENT EXECUTE FUNCTION honours_refuse()""",
    r"""
CREATE OR REPLACE FUNCTION honours_guard_year_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM honour_year y
    WHERE TG_OP = 'INSERT' AND y.id = NEW.year_id AND y.state = 'prepared';
  IF FOUND THEN RETURN NEW; END IF;
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'the lines of a year are never changed';
END $$""",
    r"""CREATE TRIGGER honour_year_line_closed BEFORE INSERT OR UPDATE OR DELETE ON honour_year_line FOR EACH ROW EXECUTE FUNCTION honours_guard_year_line()""",
    r"""CREATE TRIGGER honour_year_line_no_truncate BEFORE TRUNCATE ON honour_year_line FOR EACH STATEMENT EXECUTE FUNCTION honours_refuse()""",
]


def _run(statements: list[str]) -> None:
    # A driver-level call: the texts stay as they are.
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


def upgrade() -> None:
    """Tables, then what guards them."""
    op.create_table('honour_counter',
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=12), nullable=False),
        sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('last', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_honour_counter_community_id')),
        sa.PrimaryKeyConstraint('community_id', 'kind', 'year', name=op.f('pk_honour_counter'))
    )
    op.create_table('honour_ladder',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('series', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('title', sa.String(length=60), nullable=False),
        sa.Column('period', sa.Enum('lifetime', 'year', 'cycle', name='period', native_enum=False, length=32), nullable=False),
        sa.Column('cycle_minutes', sa.Integer(), nullable=True),
        sa.Column('no_show_limit', sa.Integer(), nullable=True),
        sa.Column('note', sa.String(length=400), nullable=False),
        sa.Column('state', sa.Enum('draft', 'in_force', 'superseded', name='ladderstate', native_enum=False, length=32), nullable=False),
        sa.Column('in_force_on', sa.Date(), nullable=True),
        sa.Column('superseded_on', sa.Date(), nullable=True),
        sa.Column('resolution', sa.String(length=400), nullable=False),
        sa.Column('copied_from_id', sa.Integer(), nullable=True),
        sa.Column('created_by', sa.Integer(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('editors', JSON, nullable=False),
        sa.Column('adopted_by', sa.Integer(), nullable=True),
        sa.Column('adopted_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(period = 'cycle') = (cycle_minutes IS NOT NULL)", name=op.f('ck_honour_ladder_cycle')),
        sa.CheckConstraint("(state = 'draft') = (in_force_on IS NULL)", name=op.f('ck_honour_ladder_dated')),
        sa.CheckConstraint('adopted_by IS NULL OR created_by IS NULL OR adopted_by <> created_by', name=op.f('ck_honour_ladder_two_people')),
        sa.CheckConstraint('cycle_minutes > 0', name=op.f('ck_honour_ladder_cycle_minutes')),
        sa.CheckConstraint('no_show_limit > 0', name=op.f('ck_honour_ladder_no_show_limit')),
        sa.CheckConstraint('superseded_on IS NULL OR superseded_on > in_force_on', name=op.f('ck_honour_ladder_span')),
        sa.ForeignKeyConstraint(['adopted_by'], ['user.id'], name=op.f('fk_honour_ladder_adopted_by')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_honour_ladder_community_id')),
        sa.ForeignKeyConstraint(['copied_from_id'], ['honour_ladder.id'], name=op.f('fk_honour_ladder_copied_from_id')),
        sa.ForeignKeyConstraint(['created_by'], ['user.id'], name=op.f('fk_honour_ladder_created_by')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_honour_ladder')),
        sa.UniqueConstraint('community_id', 'series', 'in_force_on', name=op.f('uq_honour_ladder_community_id_series_in_force_on')),
        sa.UniqueConstraint('community_id', 'series', 'number', name=op.f('uq_honour_ladder_community_id_series_number'))
    )
    op.create_index('uq_honour_ladder_draft', 'honour_ladder', ['community_id', 'series'], unique=True, sqlite_where=sa.text("state = 'draft'"), postgresql_where=sa.text("state = 'draft'"))
    op.create_table('honour_league',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('position', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=30), nullable=False),
        sa.Column('tags', JSON, nullable=False),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_honour_league_community_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_honour_league')),
        sa.UniqueConstraint('community_id', 'name', name=op.f('uq_honour_league_community_id_name')),
        sa.UniqueConstraint('community_id', 'position', name=op.f('uq_honour_league_community_id_position'))
    )
    op.create_table('honour_year',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('year', sa.Integer(), nullable=False),
        sa.Column('state', sa.Enum('prepared', 'frozen', name='yearstate', native_enum=False, length=32), nullable=False),
        sa.Column('line_count', sa.Integer(), nullable=False),
        sa.Column('minutes', sa.BigInteger(), nullable=False),
        sa.Column('honour', sa.BigInteger(), nullable=False),
        sa.Column('hash', sa.String(length=64), nullable=False),
        sa.Column('previous_hash', sa.String(length=64), nullable=False),
        sa.Column('prepared_by_id', sa.Integer(), nullable=True),
        sa.Column('prepared_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('frozen_by_id', sa.Integer(), nullable=True),
        sa.Column('frozen_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'frozen') = (frozen_by_id IS NOT NULL)", name=op.f('ck_honour_year_frozen')),
        sa.CheckConstraint('frozen_by_id IS NULL OR prepared_by_id IS NULL OR frozen_by_id <> prepared_by_id', name=op.f('ck_honour_year_second_person')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_honour_year_community_id')),
        sa.ForeignKeyConstraint(['frozen_by_id'], ['user.id'], name=op.f('fk_honour_year_frozen_by_id')),
        sa.ForeignKeyConstraint(['prepared_by_id'], ['user.id'], name=op.f('fk_honour_year_prepared_by_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_honour_year')),
        sa.UniqueConstraint('community_id', 'year', name=op.f('uq_honour_year_community_id_year'))
    )
    op.create_table('best_month',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('team_id', sa.Integer(), nullable=False),
        sa.Column('month', sa.Date(), nullable=False),
        sa.Column('state', sa.Enum('first', 'second', 'leader', 'decided', 'nobody', name='beststate', native_enum=False, length=32), nullable=False),
        sa.Column('members', sa.Integer(), nullable=False),
        sa.Column('closes_on', sa.Date(), nullable=False),
        sa.Column('opened_by_id', sa.Integer(), nullable=True),
        sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('chosen_id', sa.Integer(), nullable=True),
        sa.Column('decided_by_id', sa.Integer(), nullable=True),
        sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('reason', sa.String(length=300), nullable=False),
        sa.CheckConstraint("(state = 'decided') = (chosen_id IS NOT NULL)", name=op.f('ck_best_month_chosen')),
        sa.CheckConstraint("(state IN ('decided', 'nobody')) = (decided_at IS NOT NULL)", name=op.f('ck_best_month_decided')),
        sa.ForeignKeyConstraint(['chosen_id'], ['resident.id'], name=op.f('fk_best_month_chosen_id')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_best_month_community_id')),
        sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_best_month_decided_by_id')),
        sa.ForeignKeyConstraint(['opened_by_id'], ['user.id'], name=op.f('fk_best_month_opened_by_id')),
        sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_best_month_team_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_best_month')),
        sa.UniqueConstraint('team_id', 'month', name=op.f('uq_best_month_team_id_month'))
    )
    op.create_index(op.f('ix_best_month_community_id_state_id'), 'best_month', ['community_id', 'state', 'id'], unique=False)
    op.create_table('hidden_resident',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('resident_id', sa.Integer(), nullable=False),
        sa.Column('by_user_id', sa.Integer(), nullable=False),
        sa.Column('since_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['by_user_id'], ['user.id'], name=op.f('fk_hidden_resident_by_user_id')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_hidden_resident_community_id')),
        sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_hidden_resident_resident_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_hidden_resident')),
        sa.UniqueConstraint('community_id', 'resident_id', name=op.f('uq_hidden_resident_community_id_resident_id'))
    )
    op.create_table('honour_year_line',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('year_id', sa.Integer(), nullable=False),
        sa.Column('owner_key', sa.String(length=40), nullable=False),
        sa.Column('minutes', sa.BigInteger(), nullable=False),
        sa.Column('honour', sa.BigInteger(), nullable=False),
        sa.Column('minutes_in_all', sa.BigInteger(), nullable=False),
        sa.Column('honour_in_all', sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_honour_year_line_community_id')),
        sa.ForeignKeyConstraint(['year_id'], ['honour_year.id'], name=op.f('fk_honour_year_line_year_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_honour_year_line')),
        sa.UniqueConstraint('year_id', 'owner_key', name=op.f('uq_honour_year_line_year_id_owner_key'))
    )
    op.create_index(op.f('ix_honour_year_line_community_id_owner_key'), 'honour_year_line', ['community_id', 'owner_key'], unique=False)
    op.create_table('ladder_step',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('ladder_id', sa.Integer(), nullable=False),
        sa.Column('level', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=30), nullable=False),
        sa.Column('minutes', sa.Integer(), nullable=True),
        sa.Column('honour', sa.BigInteger(), nullable=True),
        sa.CheckConstraint('honour > 0', name=op.f('ck_ladder_step_honour')),
        sa.CheckConstraint('minutes > 0', name=op.f('ck_ladder_step_minutes')),
        sa.CheckConstraint('minutes IS NOT NULL OR honour IS NOT NULL', name=op.f('ck_ladder_step_threshold')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_ladder_step_community_id')),
        sa.ForeignKeyConstraint(['ladder_id'], ['honour_ladder.id'], name=op.f('fk_ladder_step_ladder_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_ladder_step')),
        sa.UniqueConstraint('ladder_id', 'level', name=op.f('uq_ladder_step_ladder_id_level'))
    )
    op.create_index(op.f('ix_ladder_step_community_id_ladder_id'), 'ladder_step', ['community_id', 'ladder_id'], unique=False)
    op.create_table('no_show',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('resident_id', sa.Integer(), nullable=False),
        sa.Column('on_day', sa.Date(), nullable=False),
        sa.Column('what', sa.String(length=80), nullable=False),
        sa.Column('source_key', sa.String(length=80), nullable=False),
        sa.Column('noted_by_id', sa.Integer(), nullable=True),
        sa.Column('noted_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('excused_by_id', sa.Integer(), nullable=True),
        sa.Column('excused_because', sa.String(length=200), nullable=False),
        sa.CheckConstraint("(excused_by_id IS NULL) = (excused_because = '')", name=op.f('ck_no_show_excused')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_no_show_community_id')),
        sa.ForeignKeyConstraint(['excused_by_id'], ['user.id'], name=op.f('fk_no_show_excused_by_id')),
        sa.ForeignKeyConstraint(['noted_by_id'], ['user.id'], name=op.f('fk_no_show_noted_by_id')),
        sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_no_show_resident_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_no_show')),
        sa.UniqueConstraint('community_id', 'source_key', name=op.f('uq_no_show_community_id_source_key'))
    )
    op.create_index(op.f('ix_no_show_community_id_resident_id_on_day'), 'no_show', ['community_id', 'resident_id', 'on_day'], unique=False)
    op.create_table('resident_tag',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('resident_id', sa.Integer(), nullable=False),
        sa.Column('tag', sa.String(length=20), nullable=False),
        sa.Column('since_on', sa.Date(), nullable=False),
        sa.Column('until_on', sa.Date(), nullable=True),
        sa.CheckConstraint('until_on IS NULL OR until_on > since_on', name=op.f('ck_resident_tag_span')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_resident_tag_community_id')),
        sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_resident_tag_resident_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_resident_tag'))
    )
    op.create_index(op.f('ix_resident_tag_community_id_resident_id'), 'resident_tag', ['community_id', 'resident_id'], unique=False)
    op.create_index('uq_resident_tag_open', 'resident_tag', ['resident_id', 'tag'], unique=True, sqlite_where=sa.text('until_on IS NULL'), postgresql_where=sa.text('until_on IS NULL'))
    op.create_table('service_certificate',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('resident_id', sa.Integer(), nullable=False),
        sa.Column('state', sa.Enum('requested', 'prepared', 'issued', 'refused', 'withdrawn', name='certificatestate', native_enum=False, length=32), nullable=False),
        sa.Column('since_on', sa.Date(), nullable=False),
        sa.Column('until_on', sa.Date(), nullable=False),
        sa.Column('purpose', sa.String(length=120), nullable=False),
        sa.Column('volunteer_number', sa.String(length=24), nullable=False),
        sa.Column('requested_by_id', sa.Integer(), nullable=False),
        sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('minutes', sa.Integer(), nullable=True),
        sa.Column('content', JSON, nullable=True),
        sa.Column('handler_id', sa.Integer(), nullable=True),
        sa.Column('handler_contact', sa.String(length=60), nullable=False),
        sa.Column('prepared_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('notice_id', sa.Integer(), nullable=True),
        sa.Column('year', sa.Integer(), nullable=True),
        sa.Column('number', sa.Integer(), nullable=True),
        sa.Column('issuer', sa.String(length=80), nullable=False),
        sa.Column('responsible_id', sa.Integer(), nullable=True),
        sa.Column('issued_on', sa.Date(), nullable=True),
        sa.Column('refused_by_id', sa.Integer(), nullable=True),
        sa.Column('answer', sa.String(length=300), nullable=False),
        sa.Column('withdrawn_by_id', sa.Integer(), nullable=True),
        sa.Column('withdrawn_on', sa.Date(), nullable=True),
        sa.Column('withdrawn_because', sa.String(length=300), nullable=False),
        sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_on IS NOT NULL)", name=op.f('ck_service_certificate_withdrawn')),
        sa.CheckConstraint("state NOT IN ('issued', 'withdrawn') OR (number IS NOT NULL AND issued_on IS NOT NULL AND handler_id IS NOT NULL AND responsible_id IS NOT NULL AND notice_id IS NOT NULL AND minutes > 0)", name=op.f('ck_service_certificate_whole')),
        sa.CheckConstraint('responsible_id IS NULL OR responsible_id <> handler_id', name=op.f('ck_service_certificate_second_person')),
        sa.CheckConstraint('until_on >= since_on', name=op.f('ck_service_certificate_span')),
        sa.CheckConstraint('withdrawn_by_id IS NULL OR withdrawn_by_id <> responsible_id', name=op.f('ck_service_certificate_withdrawn_by_another')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_service_certificate_community_id')),
        sa.ForeignKeyConstraint(['handler_id'], ['user.id'], name=op.f('fk_service_certificate_handler_id')),
        sa.ForeignKeyConstraint(['notice_id'], ['public_notice.id'], name=op.f('fk_service_certificate_notice_id')),
        sa.ForeignKeyConstraint(['refused_by_id'], ['user.id'], name=op.f('fk_service_certificate_refused_by_id')),
        sa.ForeignKeyConstraint(['requested_by_id'], ['user.id'], name=op.f('fk_service_certificate_requested_by_id')),
        sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_service_certificate_resident_id')),
        sa.ForeignKeyConstraint(['responsible_id'], ['user.id'], name=op.f('fk_service_certificate_responsible_id')),
        sa.ForeignKeyConstraint(['withdrawn_by_id'], ['user.id'], name=op.f('fk_service_certificate_withdrawn_by_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_service_certificate')),
        sa.UniqueConstraint('community_id', 'year', 'number', name=op.f('uq_service_certificate_community_id_year_number'))
    )
    op.create_index(op.f('ix_service_certificate_community_id_resident_id_id'), 'service_certificate', ['community_id', 'resident_id', 'id'], unique=False)
    op.create_index(op.f('ix_service_certificate_community_id_state_id'), 'service_certificate', ['community_id', 'state', 'id'], unique=False)
    op.create_table('best_candidate',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('best_id', sa.Integer(), nullable=False),
        sa.Column('resident_id', sa.Integer(), nullable=False),
        sa.Column('rounds', sa.Integer(), nullable=False),
        sa.Column('snapshots', sa.Integer(), nullable=False),
        sa.Column('ballot', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['best_id'], ['best_month.id'], name=op.f('fk_best_candidate_best_id')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_best_candidate_community_id')),
        sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_best_candidate_resident_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_best_candidate')),
        sa.UniqueConstraint('best_id', 'resident_id', name=op.f('uq_best_candidate_best_id_resident_id'))
    )
    op.create_index(op.f('ix_best_candidate_community_id_best_id'), 'best_candidate', ['community_id', 'best_id'], unique=False)
    op.create_table('best_vote',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('best_id', sa.Integer(), nullable=False),
        sa.Column('ballot', sa.Integer(), nullable=False),
        sa.Column('voter_id', sa.Integer(), nullable=False),
        sa.Column('candidate_id', sa.Integer(), nullable=False),
        sa.Column('on_paper', sa.Boolean(), nullable=False),
        sa.Column('entered_by_id', sa.Integer(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('ballot IN (1, 2)', name=op.f('ck_best_vote_ballot')),
        sa.CheckConstraint('voter_id <> candidate_id', name=op.f('ck_best_vote_not_oneself')),
        sa.ForeignKeyConstraint(['best_id'], ['best_month.id'], name=op.f('fk_best_vote_best_id')),
        sa.ForeignKeyConstraint(['candidate_id'], ['resident.id'], name=op.f('fk_best_vote_candidate_id')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_best_vote_community_id')),
        sa.ForeignKeyConstraint(['entered_by_id'], ['user.id'], name=op.f('fk_best_vote_entered_by_id')),
        sa.ForeignKeyConstraint(['voter_id'], ['resident.id'], name=op.f('fk_best_vote_voter_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_best_vote')),
        sa.UniqueConstraint('best_id', 'ballot', 'voter_id', name=op.f('uq_best_vote_best_id_ballot_voter_id'))
    )
    op.create_index(op.f('ix_best_vote_community_id_best_id'), 'best_vote', ['community_id', 'best_id'], unique=False)
    op.create_table('honour_proposal',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('ladder_id', sa.Integer(), nullable=False),
        sa.Column('step_id', sa.Integer(), nullable=False),
        sa.Column('series', sa.Integer(), nullable=False),
        sa.Column('level', sa.Integer(), nullable=False),
        sa.Column('period_key', sa.String(length=12), nullable=False),
        sa.Column('resident_id', sa.Integer(), nullable=False),
        sa.Column('minutes', sa.BigInteger(), nullable=False),
        sa.Column('honour', sa.BigInteger(), nullable=False),
        sa.Column('no_shows', sa.Integer(), nullable=False),
        sa.Column('figures_on', sa.Date(), nullable=False),
        sa.Column('state', sa.Enum('proposed', 'confirmed', 'granted', 'declined', 'struck', 'revoked', name='proposalstate', native_enum=False, length=32), nullable=False),
        sa.Column('proposed_by_id', sa.Integer(), nullable=True),
        sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('reason', sa.String(length=400), nullable=False),
        sa.Column('decided_by_id', sa.Integer(), nullable=True),
        sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('answer', sa.String(length=400), nullable=False),
        sa.Column('notice_id', sa.Integer(), nullable=True),
        sa.CheckConstraint("(state = 'proposed') = (decided_by_id IS NULL)", name=op.f('ck_honour_proposal_decided')),
        sa.CheckConstraint("state NOT IN ('granted', 'struck', 'revoked') OR notice_id IS NOT NULL", name=op.f('ck_honour_proposal_published')),
        sa.CheckConstraint('decided_by_id IS NULL OR proposed_by_id IS NULL OR decided_by_id <> proposed_by_id', name=op.f('ck_honour_proposal_second_person')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_honour_proposal_community_id')),
        sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_honour_proposal_decided_by_id')),
        sa.ForeignKeyConstraint(['ladder_id'], ['honour_ladder.id'], name=op.f('fk_honour_proposal_ladder_id')),
        sa.ForeignKeyConstraint(['notice_id'], ['public_notice.id'], name=op.f('fk_honour_proposal_notice_id')),
        sa.ForeignKeyConstraint(['proposed_by_id'], ['user.id'], name=op.f('fk_honour_proposal_proposed_by_id')),
        sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_honour_proposal_resident_id')),
        sa.ForeignKeyConstraint(['step_id'], ['ladder_step.id'], name=op.f('fk_honour_proposal_step_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_honour_proposal'))
    )
    op.create_index(op.f('ix_honour_proposal_community_id_notice_id'), 'honour_proposal', ['community_id', 'notice_id'], unique=False)
    op.create_index(op.f('ix_honour_proposal_community_id_state_id'), 'honour_proposal', ['community_id', 'state', 'id'], unique=False)
    op.create_index('uq_honour_proposal_live', 'honour_proposal', ['community_id', 'resident_id', 'series', 'level', 'period_key'], unique=True, sqlite_where=sa.text("state IN ('proposed', 'confirmed', 'granted')"), postgresql_where=sa.text("state IN ('proposed', 'confirmed', 'granted')"))
    op.create_table('honour_award',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('year', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('proposal_id', sa.Integer(), nullable=False),
        sa.Column('resident_id', sa.Integer(), nullable=False),
        sa.Column('ladder_id', sa.Integer(), nullable=False),
        sa.Column('step_id', sa.Integer(), nullable=False),
        sa.Column('series', sa.Integer(), nullable=False),
        sa.Column('level', sa.Integer(), nullable=False),
        sa.Column('period_key', sa.String(length=12), nullable=False),
        sa.Column('ladder_title', sa.String(length=60), nullable=False),
        sa.Column('step_name', sa.String(length=30), nullable=False),
        sa.Column('minutes', sa.BigInteger(), nullable=False),
        sa.Column('honour', sa.BigInteger(), nullable=False),
        sa.Column('notice_id', sa.Integer(), nullable=False),
        sa.Column('granted_on', sa.Date(), nullable=False),
        sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_honour_award_community_id')),
        sa.ForeignKeyConstraint(['ladder_id'], ['honour_ladder.id'], name=op.f('fk_honour_award_ladder_id')),
        sa.ForeignKeyConstraint(['notice_id'], ['public_notice.id'], name=op.f('fk_honour_award_notice_id')),
        sa.ForeignKeyConstraint(['proposal_id'], ['honour_proposal.id'], name=op.f('fk_honour_award_proposal_id')),
        sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_honour_award_resident_id')),
        sa.ForeignKeyConstraint(['step_id'], ['ladder_step.id'], name=op.f('fk_honour_award_step_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_honour_award')),
        sa.UniqueConstraint('community_id', 'year', 'number', name=op.f('uq_honour_award_community_id_year_number')),
        sa.UniqueConstraint('proposal_id', name=op.f('uq_honour_award_proposal_id'))
    )
    op.create_index(op.f('ix_honour_award_community_id_resident_id_id'), 'honour_award', ['community_id', 'resident_id', 'id'], unique=False)
    op.create_index(op.f('ix_honour_award_community_id_series_period_key'), 'honour_award', ['community_id', 'series', 'period_key'], unique=False)
    op.create_table('honour_revocation',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('community_id', sa.Integer(), nullable=False),
        sa.Column('award_id', sa.Integer(), nullable=False),
        sa.Column('state', sa.Enum('proposed', 'confirmed', 'refused', name='revocationstate', native_enum=False, length=32), nullable=False),
        sa.Column('resolution', sa.String(length=400), nullable=False),
        sa.Column('revoked_on', sa.Date(), nullable=False),
        sa.Column('proposed_by_id', sa.Integer(), nullable=False),
        sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('decided_by_id', sa.Integer(), nullable=True),
        sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('answer', sa.String(length=400), nullable=False),
        sa.CheckConstraint("(state = 'proposed') = (decided_by_id IS NULL)", name=op.f('ck_honour_revocation_decided')),
        sa.CheckConstraint('decided_by_id IS NULL OR decided_by_id <> proposed_by_id', name=op.f('ck_honour_revocation_second_person')),
        sa.ForeignKeyConstraint(['award_id'], ['honour_award.id'], name=op.f('fk_honour_revocation_award_id')),
        sa.ForeignKeyConstraint(['community_id'], ['area.id'], name=op.f('fk_honour_revocation_community_id')),
        sa.ForeignKeyConstraint(['decided_by_id'], ['user.id'], name=op.f('fk_honour_revocation_decided_by_id')),
        sa.ForeignKeyConstraint(['proposed_by_id'], ['user.id'], name=op.f('fk_honour_revocation_proposed_by_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_honour_revocation'))
    )
    op.create_index(op.f('ix_honour_revocation_community_id_state_id'), 'honour_revocation', ['community_id', 'state', 'id'], unique=False)
    op.create_index('uq_honour_revocation_live', 'honour_revocation', ['award_id'], unique=True, sqlite_where=sa.text("state <> 'refused'"), postgresql_where=sa.text("state <> 'refused'"))
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
    op.drop_index('uq_honour_revocation_live', table_name='honour_revocation', sqlite_where=sa.text("state <> 'refused'"), postgresql_where=sa.text("state <> 'refused'"))
    op.drop_index(op.f('ix_honour_revocation_community_id_state_id'), table_name='honour_revocation')
    op.drop_table('honour_revocation')
    op.drop_index(op.f('ix_honour_award_community_id_series_period_key'), table_name='honour_award')
    op.drop_index(op.f('ix_honour_award_community_id_resident_id_id'), table_name='honour_award')
    op.drop_table('honour_award')
    op.drop_index('uq_honour_proposal_live', table_name='honour_proposal', sqlite_where=sa.text("state IN ('proposed', 'confirmed', 'granted')"), postgresql_where=sa.text("state IN ('proposed', 'confirmed', 'granted')"))
    op.drop_index(op.f('ix_honour_proposal_community_id_state_id'), table_name='honour_proposal')
    op.drop_index(op.f('ix_honour_proposal_community_id_notice_id'), table_name='honour_proposal')
    op.drop_table('honour_proposal')
    op.drop_index(op.f('ix_best_vote_community_id_best_id'), table_name='best_vote')
    op.drop_table('best_vote')
    op.drop_index(op.f('ix_best_candidate_community_id_best_id'), table_name='best_candidate')
    op.drop_table('best_candidate')
    op.drop_index(op.f('ix_service_certificate_community_id_state_id'), table_name='service_certificate')
    op.drop_index(op.f('ix_service_certificate_community_id_resident_id_id'), table_name='service_certificate')
    op.drop_table('service_certificate')
    op.drop_index('uq_resident_tag_open', table_name='resident_tag', sqlite_where=sa.text('until_on IS NULL'), postgresql_where=sa.text('until_on IS NULL'))
    op.drop_index(op.f('ix_resident_tag_community_id_resident_id'), table_name='resident_tag')
    op.drop_table('resident_tag')
    op.drop_index(op.f('ix_no_show_community_id_resident_id_on_day'), table_name='no_show')
    op.drop_table('no_show')
    op.drop_index(op.f('ix_ladder_step_community_id_ladder_id'), table_name='ladder_step')
    op.drop_table('ladder_step')
    op.drop_index(op.f('ix_honour_year_line_community_id_owner_key'), table_name='honour_year_line')
    op.drop_table('honour_year_line')
    op.drop_table('hidden_resident')
    op.drop_index(op.f('ix_best_month_community_id_state_id'), table_name='best_month')
    op.drop_table('best_month')
    op.drop_table('honour_year')
    op.drop_table('honour_league')
    op.drop_index('uq_honour_ladder_draft', table_name='honour_ladder', sqlite_where=sa.text("state = 'draft'"), postgresql_where=sa.text("state = 'draft'"))
    op.drop_table('honour_ladder')
    op.drop_table('honour_counter')
    if op.get_bind().dialect.name == "postgresql":
        _run([f"DROP FUNCTION {name}()" for name in FUNCTIONS])
