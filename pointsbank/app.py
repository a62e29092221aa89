"""The roof: puts the rooms together. Holds no rule, starts no scheduler."""

from __future__ import annotations

import importlib
import logging
from typing import Any

from flask import Flask, Response, request
from flask_bootstrap import Bootstrap5
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from pointsbank.core import api as core_api
from pointsbank.core import assets, clock, db, formats, i18n, outbox, settings, shell, tokens, web
from pointsbank.core.db import db as database
from pointsbank.core.web import PointsBank, guard

# From the ground up; a room appears here once it exists.
ROOMS = ("communities", "notifications", "people", "ledger", "publicity", "media", "places", "rules", "contributions",
         "shop", "activities", "succession", "honours", "deductions", "cases", "patrols", "reviews", "open311",
         "boards")
limiter = Limiter(get_remote_address, default_limits=["1200 per minute"])
migrate = Migrate()


def _part(room: str, name: str) -> Any:
    """``pointsbank.<room>.<name>`` if the room has that file."""
    full = f"pointsbank.{room}.{name}"
    if importlib.util.find_spec(f"pointsbank.{room}") is None or importlib.util.find_spec(full) is None:
        return None
    return importlib.import_module(full)


def create_app(overrides: dict[str, Any] | None = None) -> Flask:
    """The application. ``overrides`` are configuration values that win over the environment (tests)."""
    i18n.compile_catalogues()
    config = settings.from_environment(overrides)
    app = PointsBank("pointsbank", template_folder=str(settings.resource("templates")), static_folder="static")
    app.config.from_mapping(config)
    if config["PROXIES"]:  # whoever guesses is told apart by the address that the proxies saw
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config["PROXIES"])  # type: ignore[method-assign]
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    db.init_app(app)
    formats.init_app(app)
    web.init_app(app)
    limiter.init_app(app)
    Bootstrap5(app)
    migrate.init_app(app, database, directory=str(settings.resource("migrations")), render_as_batch=False)
    api_rooms = []
    for room in ROOMS:
        _part(room, "models")
        pages = _part(room, "pages")
        if pages is not None:
            app.register_blueprint(pages.bp)
            if hasattr(pages, "init_app"):
                pages.init_app(app)
        api = _part(room, "api")
        if api is not None:
            api_rooms.append(api.api)
    core_api.init_app(app, api_rooms)
    _slow_down_guessing(app)
    assets.init_app(app)
    shell.init_app(app)
    outbox.init_app(app)
    _health(app)
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith("bootstrap."):
            guard.static(view)
    return app


def _slow_down_guessing(app: Flask) -> None:
    """A flood at the door from one address ends here; what counts is counted in the database (``people``)."""
    for endpoint in ("people.sign_in", "people.send_code", "api_people.open_session", "api_people.send_code"):
        limited: Any = limiter.limit("60 per minute", methods=["POST"])(app.view_functions[endpoint])
        app.view_functions[endpoint] = limited
    for endpoint in ("honours.check", "api_honours.check_certificate", "cases.by_code", "api_cases.by_code"):
        few: Any = limiter.limit("30 per minute")(app.view_functions[endpoint])
        app.view_functions[endpoint] = few
    for endpoint in [one for one in app.view_functions if one.startswith("georeport.")]:
        keyed: Any = limiter.limit(_by_verb, key_func=_by_key, override_defaults=False)(app.view_functions[endpoint])
        # A key that is only claimed has a fresh measure each time: refusals are counted by address, wherever it knocks.
        app.view_functions[endpoint] = limiter.shared_limit(
            "60 per minute", "georeport", key_func=get_remote_address, override_defaults=False,
            deduct_when=_is_refused)(keyed)


def _is_refused(answer: Response) -> bool:
    """No key, a wrong one, or one of elsewhere."""
    return answer.status_code == 403


def _by_key() -> str:
    """Each key has a measure of its own; who has none shares that of the address."""
    key = request.values.get("api_key", "").strip()
    return f"key:{tokens.digest(key)}" if key else str(get_remote_address())


def _by_verb() -> str:
    """Sending costs more than reading."""
    return "60 per minute" if request.method == "POST" else "300 per minute"


def _health(app: Flask) -> None:
    @app.get("/healthz")
    @guard.static
    def healthz() -> Response:
        """The process answers."""
        return Response("ok\n", mimetype="text/plain")

    @app.get("/readyz")
    @guard.public
    def readyz() -> Response:
        """The database answers, is of this version, and the clock is right."""
        from pointsbank.core.schema import is_current

        clock.now()
        ready = is_current()
        return Response("ready\n" if ready else "the database is of another version\n", 200 if ready else 503,
                        mimetype="text/plain")
