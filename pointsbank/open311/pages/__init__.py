"""The interface itself, the page that explains it, the desk that gives keys out, a resident's own codes."""

from flask import Flask

from pointsbank.core.web import csrf
from pointsbank.open311.pages import desk, georeport, mine, public
from pointsbank.open311.pages.room import bp

__all__ = ["bp", "desk", "georeport", "init_app", "mine", "public"]


def init_app(app: Flask) -> None:
    """The interface is a blueprint of its own: it asks for keys, never for cookies, and so for no form token."""
    app.register_blueprint(georeport.georeport)
    csrf.exempt(georeport.georeport)
