"""What production insists on before it serves: a secret of its own, a current database, no demo accounts,
and a role that the database's own policies hold for."""

from __future__ import annotations

import os
import sys

from flask import Flask

LEAST_SECRET = 32


def refusal() -> str | None:
    """Why this process must not serve, judged by the environment alone; None if it may."""
    secret = os.environ.get("POINTSBANK_SECRET_KEY", "")
    if len(secret) < LEAST_SECRET:
        return (f"POINTSBANK_SECRET_KEY is missing or shorter than {LEAST_SECRET} characters. Make one with: "
                "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'")
    if not os.environ.get("POINTSBANK_BASE_URL"):
        return "POINTSBANK_BASE_URL is missing: the address that residents open, such as https://points.example.cn"
    return None


def database_refusal(app: Flask) -> str | None:
    """Why this database must not be served; None if it may."""
    from pointsbank.core import tenancy
    from pointsbank.core.schema import is_current
    from pointsbank.people.queries import has_demo_accounts

    with app.app_context():
        if tenancy.bypassed():
            return ("The database role is a superuser or has BYPASSRLS, so that nothing in the database keeps "
                    "communities apart. Use a role of its own (docs/production.md).")
        if not is_current():
            return "The database is not of this version. Run: pointsbank db upgrade"
        if has_demo_accounts():
            return "The database holds the demo's accounts, whose passwords are public. Use another database."
    return None


def make_app() -> Flask:
    """The application for a production server; ends the process with one sentence if it must not serve."""
    from pointsbank.app import create_app

    reason = refusal()
    app = None if reason else create_app()
    if app is not None:
        reason = database_refusal(app)
    if reason or app is None:
        sys.exit(f"PointsBank does not start: {reason}")
    return app
