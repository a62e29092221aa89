"""PostgreSQL itself keeps communities apart: a policy on each table whose rows belong to one.

Revision 0002.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = [
    "activity", "attendance", "award_correction", "award_line", "cap_counter", "card", "check_in_event",
    "community_scoring", "contribution", "contribution_review", "household", "household_member", "inbox_message",
    "job", "leader_screen", "notice_counter", "notice_line", "number_try", "objection", "occurrence", "offer",
    "opening_batch", "outlet", "outlet_keeper", "photo", "points_account", "public_notice", "redemption",
    "redemption_line", "resident", "rule_cap", "scoring_rule", "scoring_standard", "shop_limit_use", "sign_up",
    "stock_check", "stock_lot", "stock_movement", "team", "transfer", "venue",
]
MATCHES = ("CASE WHEN coalesce(current_setting('pointsbank.community', true), '') = '' THEN true "
           "ELSE community_id = current_setting('pointsbank.community', true)::integer END")


def upgrade() -> None:
    """SQLite knows no policies."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in TABLES:
        op.execute(f"CREATE POLICY one_community ON {table} USING ({MATCHES}) WITH CHECK ({MATCHES})")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Only the queries keep communities apart again."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in reversed(TABLES):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        op.execute(f"DROP POLICY one_community ON {table}")
