"""What the database refuses by itself: moves that are not in the tables, rewritten steps, rounds that vanish."""

from __future__ import annotations

import enum
from collections.abc import Mapping

from pointsbank.core.triggers import TriggerSet
from pointsbank.patrols.models import (
    ALLOWED,
    FINDING_MOVES,
    PROPOSAL_MOVES,
    Finding,
    Patrol,
    PatrolEvent,
    Proposal,
    SecondLook,
    Sending,
)

_MOVES_SAID = "rounds, findings and proposals only move as their tables say"
_KEPT_SAID = "steps, sendings and second looks of rounds are append-only"
KEPT = ("patrol_event", "patrol_sending", "patrol_look")
# table: its moves, and what never changes
_MOVED: dict[str, tuple[Mapping[enum.StrEnum, frozenset[enum.StrEnum]], tuple[str, ...]]] = {
    "patrol": (ALLOWED, ("community_id", "route_id", "team_id", "shift_id")),  # type: ignore[dict-item]
    "patrol_finding": (FINDING_MOVES, ("community_id", "patrol_id", "stop_id", "text")),  # type: ignore[dict-item]
    "patrol_proposal": (PROPOSAL_MOVES, ("community_id", "resident_id", "text")),  # type: ignore[dict-item]
}


def _wrong(table: str, differs: str) -> str:
    moves, fixed = _MOVED[table]
    pairs = sorted((str(old), str(new)) for old, targets in moves.items() for new in targets)
    allowed = " OR ".join(f"(OLD.state = '{old}' AND NEW.state = '{new}')" for old, new in pairs)
    changed = " OR ".join(f"OLD.{name} {differs} NEW.{name}" for name in fixed)
    return f"NOT (OLD.state = NEW.state OR {allowed}) OR {changed}"


def _function(name: str, said: str) -> str:
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = '{said}';
END $$"""


_POSTGRESQL = {
    **{table: {
        f"{table}_moves": [
            _function("patrols_moves", _MOVES_SAID),
            f"CREATE TRIGGER {table}_moves BEFORE UPDATE ON {table} FOR EACH ROW WHEN "
            f"({_wrong(table, 'IS DISTINCT FROM')}) EXECUTE FUNCTION patrols_moves()"],
        f"{table}_no_delete": [
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION patrols_moves()"],
    } for table in _MOVED},
    **{table: {f"{table}_kept": [
        _function("patrols_kept", _KEPT_SAID),
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION patrols_kept()"]} for table in KEPT},
}
_SQLITE = {
    **{table: {
        f"{table}_moves": [f"CREATE TRIGGER {table}_moves BEFORE UPDATE ON {table} WHEN {_wrong(table, 'IS NOT')} "
                           f"BEGIN SELECT RAISE(ABORT, '{_MOVES_SAID}'); END"],
        f"{table}_no_delete": [f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
                               f"BEGIN SELECT RAISE(ABORT, '{_MOVES_SAID}'); END"],
    } for table in _MOVED},
    **{table: {f"{table}_no_{verb.lower()}": [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{_KEPT_SAID}'); END"] for verb in ("UPDATE", "DELETE")} for table in KEPT},
}
TRIGGERS = TriggerSet(_POSTGRESQL, _SQLITE, ("patrols_moves", "patrols_kept"))
TRIGGERS.attach(Patrol, Finding, Proposal, PatrolEvent, Sending, SecondLook)
