"""What a phone needs to write without a network: the worker that keeps pages, the page for everything else, and who may
send what waited. The queue itself is ``static/js/outbox.js``; docs/outbox.md tells how another room uses it."""

from __future__ import annotations

from flask import Flask, Response, g, make_response
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import generate_csrf

from pointsbank.core.assets import asset, find
from pointsbank.core.web import current_actor, guard, render


def init_app(app: Flask) -> None:
    """Install the three addresses, and ``outbox_writer()`` and ``outbox_script()`` for templates."""
    app.add_url_rule("/sw.js", "sw", worker)
    app.add_url_rule("/offline", "offline", offline)
    app.add_url_rule("/outbox/ready", "outbox_ready", ready)
    app.jinja_env.globals.update(outbox_writer=lambda: current_actor().writes_as,
                                 outbox_script=lambda: asset("js/outbox.js"))


@guard.static
def worker() -> Response:
    """The service worker. It stands at the root, because it may only look after what lies below its own address."""
    answer = make_response(find("js/sw.js").body)
    answer.headers["Content-Type"] = "text/javascript; charset=utf-8"
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Service-Worker-Allowed"] = "/"
    return answer


@guard.static
def offline() -> Response:
    """What a phone shows instead of a page that it can't load. It is kept on phones: nothing of anybody is in it."""
    g._login_user = AnonymousUserMixin()
    return render("offline.html")


@guard.public
def ready() -> Response:
    """Who is signed in, and a fresh form token: asked before anything that waited is sent."""
    answer = make_response({"who": current_actor().writes_as, "token": generate_csrf()})
    answer.headers["Cache-Control"] = "no-store"
    return answer
