"""Production's door: ``gunicorn wsgi:app``. Refuses to open with a development secret or the demo's accounts inside."""

from __future__ import annotations

from pointsbank.production import make_app

app = make_app()
