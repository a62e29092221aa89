"""Points of a team, shared among its members: proposed by its leader, confirmed by somebody who is not of the team."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, UtcDateTime, enum_type
from pointsbank.core.triggers import TriggerSet


class ShareState(enum.StrEnum):
    """proposed -> posted | refused | withdrawn (by whoever proposed it)."""

    PROPOSED = "proposed"
    POSTED = "posted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class TeamShare(Base):
    """How a team's points are to be shared. One waits at a time, so that nobody confirms what is not there any more."""

    __tablename__ = "team_share"
    __table_args__ = (
        sa.Index(None, "community_id", "team_id", "id"), sa.Index(None, "community_id", "state"),
        sa.Index("uq_team_share_open", "team_id", unique=True, sqlite_where=sa.text("state = 'proposed'"),
                 postgresql_where=sa.text("state = 'proposed'")),
        sa.CheckConstraint("(state IN ('posted', 'refused')) = (decided_by_id IS NOT NULL)", name="decided"),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name="second_person"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"))
    state: Mapped[ShareState] = mapped_column(enum_type(ShareState))
    reason: Mapped[str] = mapped_column(sa.String(300))
    proposed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    proposed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(sa.String(300), default="")

    @property
    def key(self) -> str:
        """Begins the keys of its lines in the book."""
        return f"share:{self.id}"


class TeamShareLine(Base):
    """What one member gets, in hundredths; ``owner_key`` is the wallet it went to, once it was posted."""

    __tablename__ = "team_share_line"
    __table_args__ = (sa.CheckConstraint("amount > 0", name="amount_positive"),)

    share_id: Mapped[int] = mapped_column(sa.ForeignKey("team_share.id"), primary_key=True, autoincrement=False)
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"), primary_key=True, autoincrement=False)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    owner_key: Mapped[str | None] = mapped_column(sa.String(40))


# ── What the database refuses by itself ─────────────────────────────────────────────────────────────────────────

_MEMBER = ("EXISTS (SELECT 1 FROM user_resident u JOIN team_member m ON m.resident_id = u.resident_id "
           "WHERE u.user_id = NEW.decided_by_id AND m.team_id = NEW.team_id AND m.until_on IS NULL)")
_MEMBER_SAID = "nobody of the team confirms how its points are shared"
_FINAL_SAID = "a share that was decided is never rewritten"
_FIXED = ("community_id", "team_id", "reason", "proposed_by_id", "proposed_at")
_FINAL = "OLD.state <> 'proposed' OR " + " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in _FIXED)
_CONFIRMED = "NEW.decided_by_id IS NOT NULL"

_FUNCTIONS = [f"""
CREATE OR REPLACE FUNCTION team_share_check_member() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 WHERE {_MEMBER};
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = '{_MEMBER_SAID}';
  END IF;
  RETURN NEW;
END $$""", f"""
CREATE OR REPLACE FUNCTION team_share_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = '{_FINAL_SAID}';
END $$"""]
_POSTGRESQL = {"team_share": {
    "team_share_member": [_FUNCTIONS[0], "CREATE TRIGGER team_share_member BEFORE UPDATE ON team_share FOR EACH ROW"
                          f" WHEN ({_CONFIRMED}) EXECUTE FUNCTION team_share_check_member()"],
    "team_share_final": [_FUNCTIONS[1], "CREATE TRIGGER team_share_final BEFORE UPDATE ON team_share FOR EACH ROW"
                         f" WHEN ({_FINAL}) EXECUTE FUNCTION team_share_refuse_change()"],
    "team_share_no_delete": [_FUNCTIONS[1], "CREATE TRIGGER team_share_no_delete BEFORE DELETE OR TRUNCATE ON"
                             " team_share FOR EACH STATEMENT EXECUTE FUNCTION team_share_refuse_change()"]}}


def _abort(name: str, verb: str, said: str, condition: str = "") -> list[str]:
    clause = f" WHEN {condition}" if condition else ""
    return [f"CREATE TRIGGER {name} BEFORE {verb} ON team_share{clause} BEGIN SELECT RAISE(ABORT, '{said}'); END"]


_SQLITE = {"team_share": {
    "team_share_member": _abort("team_share_member", "UPDATE", _MEMBER_SAID, f"{_CONFIRMED} AND {_MEMBER}"),
    "team_share_final": _abort("team_share_final", "UPDATE", _FINAL_SAID,
                               _FINAL.replace("IS DISTINCT FROM", "IS NOT")),
    "team_share_no_delete": _abort("team_share_no_delete", "DELETE", _FINAL_SAID)}}
TRIGGERS = TriggerSet(_POSTGRESQL, _SQLITE, ("team_share_check_member", "team_share_refuse_change"))
TRIGGERS.attach(TeamShare)
