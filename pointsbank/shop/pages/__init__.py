"""The pages of the shop: for residents, for the counter, for the desk."""

from __future__ import annotations

from flask import Flask

from pointsbank.core.points import format_points
from pointsbank.shop import texts
from pointsbank.shop.pages import counter, desk, publishing, resident, stock
from pointsbank.shop.pages.room import bp

__all__ = ["bp", "counter", "desk", "init_app", "publishing", "resident", "stock"]


def init_app(app: Flask) -> None:
    """Words of the shop for its templates; ``yuan`` shows fen."""
    app.jinja_env.globals["shop_words"] = texts
    app.jinja_env.filters["yuan"] = format_points
