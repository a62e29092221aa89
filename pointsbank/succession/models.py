"""Cases of households: proposed by one person, confirmed by another, then never changed."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.core.db import Base, Json, UtcDateTime, enum_type
from pointsbank.core.triggers import TriggerSet


class ChangeKind(enum.StrEnum):
    """What happens to a household, or to somebody of it."""

    SPLIT = "split"
    MERGE = "merge"
    MOVE = "move"
    HEAD = "head"
    LEAVE = "leave"
    RETURN = "return"
    DEATH = "death"
    HEIR = "heir"
    UNDO = "undo"


class ChangeState(enum.StrEnum):
    """proposed -> confirmed | refused | withdrawn (by whoever proposed it)."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ShareMode(enum.StrEnum):
    """How the points of a divided household are shared out."""

    HEADS = "heads"
    PERCENT = "percent"
    POINTS = "points"


class HouseholdChange(Base):
    """One case. ``on`` is the day from which memberships change; the points move when it is confirmed.

    ``household_id`` is the household it is about, ``other_household_id`` the one that is founded or receives,
    ``resident_id`` whoever died, left, came back or inherits to somebody. ``wish`` is what was asked for, ``statement``
    what was done: steps and lots by their keys, never a name. ``number`` counts the community's confirmed cases.
    """

    __tablename__ = "household_change"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "number"),
        sa.Index(None, "community_id", "state", "id"), sa.Index(None, "community_id", "household_id"),
        sa.Index(None, "community_id", "other_household_id"),
        *(sa.Index(f"uq_household_change_open_{what}", f"{what}_id", unique=True,
                   sqlite_where=sa.text("state = 'proposed'"), postgresql_where=sa.text("state = 'proposed'"))
          for what in ("household", "resident", "undoes")),
        sa.Index("uq_household_change_undone", "undoes_id", unique=True,
                 sqlite_where=sa.text("state = 'confirmed'"), postgresql_where=sa.text("state = 'confirmed'")),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name="second_person"),
        sa.CheckConstraint("(state IN ('confirmed', 'refused')) = (decided_by_id IS NOT NULL)", name="decided"),
        sa.CheckConstraint("(state = 'confirmed') = (number IS NOT NULL)", name="numbered"),
        sa.CheckConstraint("(state = 'confirmed') = (statement IS NOT NULL)", name="stated"),
        sa.CheckConstraint("(kind = 'undo') = (undoes_id IS NOT NULL)", name="undoes_something"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))
    kind: Mapped[ChangeKind] = mapped_column(enum_type(ChangeKind))
    state: Mapped[ChangeState] = mapped_column(enum_type(ChangeState))
    number: Mapped[int | None]
    on: Mapped[dt.date]
    reason: Mapped[str] = mapped_column(sa.String(500))
    household_id: Mapped[int | None] = mapped_column(sa.ForeignKey("household.id"))
    other_household_id: Mapped[int | None] = mapped_column(sa.ForeignKey("household.id"))
    resident_id: Mapped[int | None] = mapped_column(sa.ForeignKey("resident.id"))
    undoes_id: Mapped[int | None] = mapped_column(sa.ForeignKey("household_change.id"))
    wish: Mapped[dict[str, Any]] = mapped_column(Json)
    statement: Mapped[dict[str, Any] | None] = mapped_column(Json)
    proposed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    proposed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(sa.String(500), default="")

    @property
    def key(self) -> str:
        """Begins the keys of its transfers, and is what its papers hang on."""
        return f"succession:{self.id}"


class HouseholdChangePerson(Base):
    """Somebody whom a case concerns, so that their page can tell it."""

    __tablename__ = "household_change_person"
    __table_args__ = (sa.Index(None, "community_id", "resident_id"),)

    change_id: Mapped[int] = mapped_column(sa.ForeignKey("household_change.id"), primary_key=True, autoincrement=False)
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey("resident.id"), primary_key=True, autoincrement=False)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("area.id"))


# ── What the database refuses by itself ─────────────────────────────────────────────────────────────────────────

# Linked to the person concerned, or to anybody who was in one of the households on the day or came into it since.
# Whoever left on that very day counts: that may be this case's own doing.
_KIN = ("SELECT 1 FROM user_resident u LEFT JOIN household_member m ON m.resident_id = u.resident_id "
        "AND m.household_id IN (NEW.household_id, NEW.other_household_id) "
        'AND (m.until_on IS NULL OR m.until_on >= NEW."on") '
        "WHERE u.user_id IN (NEW.proposed_by_id, NEW.decided_by_id) "
        "AND (u.resident_id = NEW.resident_id OR m.id IS NOT NULL)")
_KIN_MESSAGE = "nobody proposes or confirms a change of their own household"
_FIXED = ("community_id", "kind", '"on"', "reason", "household_id", "resident_id", "undoes_id", "wish",
          "proposed_by_id", "proposed_at")
_FINAL = "OLD.state <> 'proposed' OR " + " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in _FIXED)
_FINAL_MESSAGE = "a household change is never rewritten"

_FUNCTIONS = [f"""
CREATE OR REPLACE FUNCTION succession_check_kin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 WHERE EXISTS ({_KIN});
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = '{_KIN_MESSAGE}';
  END IF;
  RETURN NEW;
END $$""", f"""
CREATE OR REPLACE FUNCTION succession_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = '{_FINAL_MESSAGE}';
END $$"""]

_POSTGRESQL = {
    "household_change": {
        "household_change_kin": [
            _FUNCTIONS[0], "CREATE TRIGGER household_change_kin BEFORE INSERT OR UPDATE ON household_change"
            " FOR EACH ROW WHEN (NEW.state <> 'withdrawn') EXECUTE FUNCTION succession_check_kin()"],
        "household_change_final": [
            _FUNCTIONS[1], f"CREATE TRIGGER household_change_final BEFORE UPDATE ON household_change FOR EACH ROW"
            f" WHEN ({_FINAL}) EXECUTE FUNCTION succession_refuse_change()"],
        "household_change_no_delete": [
            _FUNCTIONS[1], "CREATE TRIGGER household_change_no_delete BEFORE DELETE OR TRUNCATE ON household_change"
            " FOR EACH STATEMENT EXECUTE FUNCTION succession_refuse_change()"],
    },
    "household_change_person": {
        "household_change_person_final": [
            _FUNCTIONS[1], "CREATE TRIGGER household_change_person_final BEFORE UPDATE OR DELETE OR TRUNCATE"
            " ON household_change_person FOR EACH STATEMENT EXECUTE FUNCTION succession_refuse_change()"],
    },
}


def _abort(name: str, when: str, table: str, message: str, condition: str = "") -> list[str]:
    return [f"CREATE TRIGGER {name} BEFORE {when} ON {table} {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END"]


_SQLITE = {
    "household_change": {
        "household_change_kin_insert": _abort("household_change_kin_insert", "INSERT", "household_change",
                                              _KIN_MESSAGE, f"WHEN EXISTS ({_KIN})"),
        "household_change_kin_update": _abort("household_change_kin_update", "UPDATE", "household_change",
                                              _KIN_MESSAGE, f"WHEN NEW.state <> 'withdrawn' AND EXISTS ({_KIN})"),
        "household_change_final": _abort("household_change_final", "UPDATE", "household_change", _FINAL_MESSAGE,
                                         f"WHEN {_FINAL.replace('IS DISTINCT FROM', 'IS NOT')}"),
        "household_change_no_delete": _abort("household_change_no_delete", "DELETE", "household_change",
                                             _FINAL_MESSAGE),
    },
    "household_change_person": {
        f"household_change_person_no_{verb.lower()}": _abort(
            f"household_change_person_no_{verb.lower()}", verb, "household_change_person", _FINAL_MESSAGE)
        for verb in ("UPDATE", "DELETE")
    },
}

TRIGGERS = TriggerSet(_POSTGRESQL, _SQLITE, ("succession_check_kin", "succession_refuse_change"))
TRIGGERS.attach(HouseholdChange, HouseholdChangePerson)
