"""What the database refuses by itself: a rewritten or shortened history of what was covered on a photo."""

from __future__ import annotations

from pointsbank.core.triggers import TriggerSet
from pointsbank.media.models import CoverStep

_SAID = "steps of a cover are append-only"
_THERE = "EXISTS (SELECT 1 FROM photo WHERE photo.id = OLD.photo_id)"

_POSTGRESQL = {
    "photo_cover_step": {
        "photo_cover_step_no_update": [f"""
CREATE OR REPLACE FUNCTION photo_cover_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = '{_SAID}';
END $$""", "CREATE TRIGGER photo_cover_step_no_update BEFORE UPDATE OR TRUNCATE ON photo_cover_step "
            "FOR EACH STATEMENT EXECUTE FUNCTION photo_cover_refuse()"],
        # It goes with its photo, and only then: when the database cascades, the photo has gone already.
        "photo_cover_step_no_delete": [f"""
CREATE OR REPLACE FUNCTION photo_cover_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF {_THERE} THEN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = '{_SAID}';
  END IF;
  RETURN OLD;
END $$""", "CREATE TRIGGER photo_cover_step_no_delete BEFORE DELETE ON photo_cover_step "
            "FOR EACH ROW EXECUTE FUNCTION photo_cover_keep()"],
    },
}
_SQLITE = {
    "photo_cover_step": {
        "photo_cover_step_no_update": [
            "CREATE TRIGGER photo_cover_step_no_update BEFORE UPDATE ON photo_cover_step "
            f"BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"],
        "photo_cover_step_no_delete": [
            f"CREATE TRIGGER photo_cover_step_no_delete BEFORE DELETE ON photo_cover_step WHEN {_THERE} "
            f"BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"],
    },
}
FUNCTIONS = ("photo_cover_refuse", "photo_cover_keep")

TRIGGERS = TriggerSet(_POSTGRESQL, _SQLITE, FUNCTIONS)
TRIGGERS.attach(CoverStep)
