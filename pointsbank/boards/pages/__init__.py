"""The boards' pages: for residents, for the desk, for everybody."""

from __future__ import annotations

from flask import Flask

from pointsbank.boards.pages import desk, public, resident
from pointsbank.boards.pages.room import bp, desk_waiting

__all__ = ["bp", "desk", "init_app", "public", "resident"]


def desk_counts() -> dict[str, int]:
    """The numbers beside the entries of the desk's navigation."""
    found = desk_waiting()
    if found is None:
        return {}
    return {"all": found.all, "reviews": found.reviews, "corrections": found.corrections,
            "appeals": found.appeals, "sheets": found.sheets, "rules": found.comments,
            "sittings": found.sittings + found.to_close,
            "notices": found.draft_notices, "objections": found.objections, "activities": found.activities,
            "shop": found.stock_checks, "exports": found.exports, "honours": found.honours,
            "certificates": found.certificates, "deductions": found.deductions,
            "deductions_on": int(found.deductions_on), "cases": found.cases, "inspections": found.inspections,
            "cases_late": found.cases_late, "rounds": found.rounds + found.proposals}


def init_app(app: Flask) -> None:
    """Let the frame of the desk's pages ask for its numbers."""
    app.jinja_env.globals["desk_counts"] = desk_counts
