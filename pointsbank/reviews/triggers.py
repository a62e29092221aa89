"""What the database refuses by itself: changing or deleting a review, a figure or a remark."""

from __future__ import annotations

from pointsbank.core.triggers import TriggerSet
from pointsbank.reviews.models import CaseReview, ReviewFigure, ReviewRemark

_SAID = "reviews of cases are append-only"
TABLES = ("case_review", "case_review_figure", "case_review_remark")
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION reviews_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = '{_SAID}';
END $$"""
_POSTGRESQL = {table: {f"{table}_kept": [
    _FUNCTION, f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
               "FOR EACH STATEMENT EXECUTE FUNCTION reviews_kept()"]} for table in TABLES}
_SQLITE = {table: {f"{table}_no_{verb.lower()}": [
    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"] for verb in ("UPDATE", "DELETE")} for table in TABLES}
TRIGGERS = TriggerSet(_POSTGRESQL, _SQLITE, ("reviews_kept",))
TRIGGERS.attach(CaseReview, ReviewFigure, ReviewRemark)
