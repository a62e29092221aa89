"""The pages of people; a file for each door: signing in, one's own things, the desk, cards, teams and roles."""

from __future__ import annotations

from flask import Flask

from pointsbank.core.masking import mask_phone
from pointsbank.people import signed_in
from pointsbank.people.pages import cards, door, exports, households, mine, residents, roster, teams
from pointsbank.people.pages.room import bp
from pointsbank.people.texts import LINK_KINDS

__all__ = ["bp", "cards", "door", "exports", "households", "init_app", "mine", "residents", "roster", "teams"]


def init_app(app: Flask) -> None:
    """Install signing in, and what the templates of people need."""
    signed_in.init_app(app)
    app.jinja_env.globals.update(mask_phone=mask_phone, link_kinds=LINK_KINDS)
