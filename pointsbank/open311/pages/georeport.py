"""Open311 GeoReport v2. Programs knock here with a key, no cookie is read; each answer has the format asked for."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from pointsbank.core import tenancy
from pointsbank.core.errors import (
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    SignInRequired,
    TooMany,
    Unavailable,
)
from pointsbank.core.web import PROGRAMS, Room, begin_write, guard, reads_first, repeats_itself
from pointsbank.media import services as media
from pointsbank.open311 import answering, asking, describing, services, wording
from pointsbank.open311.asking import Asked
from pointsbank.open311.errors import UnknownRequest
from pointsbank.open311.pages.room import base
from pointsbank.open311.queries import doorway
from pointsbank.open311.queries import requests as queries

georeport = Room("georeport", "pointsbank.open311.pages.georeport", url_prefix=PROGRAMS.rstrip("/"))
STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (Forbidden, 403), (SignInRequired, 403), (NotFound, 404), (TooMany, 429), (Unavailable, 503))


def _asked() -> Asked:
    return Asked([*request.args.items(multi=True), *request.form.items(multi=True)])


def _visitor(asked: Asked, *, sends: bool = False) -> doorway.Visitor:
    return doorway.enter(asked.one("jurisdiction_id"), asked.one("api_key"), sends=sends)


def _checked(suffix: str) -> str:
    if suffix not in answering.TYPES:
        raise NotFound
    return suffix


def _sent(suffix: str, text: str, status: int = 200) -> Response:
    return Response(text, status, content_type=answering.TYPES[suffix])


def _list(suffix: str, root: str, item: str, rows: list[answering.Row]) -> Response:
    return _sent(suffix, answering.listed(suffix, root, item, rows))


# ── What is here ────────────────────────────────────────────────────────────────────────────────────────────────


@georeport.get("/discovery.<suffix>")
@guard.public
def discovery(suffix: str) -> Response:
    """Where everything is, and in which formats."""
    return _sent(suffix, answering.single(_checked(suffix), "discovery", describing.discovery(base())))


@georeport.get("/services.<suffix>")
@guard.public
def service_list(suffix: str) -> Response:
    """The kinds of problems that may be reported."""
    visitor = _visitor(_asked())
    with tenancy.scope(visitor.community.id):
        rows = [describing.service(kind) for kind in queries.services(visitor.community.id)]
    return _list(_checked(suffix), "services", "service", rows)


@georeport.get("/services/<service_code>.<suffix>")
@guard.public
def service_definition(service_code: str, suffix: str) -> Response:
    """What may be told about one of them besides."""
    visitor = _visitor(_asked())
    with tenancy.scope(visitor.community.id):
        row = describing.definition(queries.service(visitor.community.id, service_code))
    return _sent(suffix, answering.single(_checked(suffix), "service_definition", row))


@georeport.get("/requests.<suffix>")
@guard.public
def service_requests(suffix: str) -> Response:
    """Requests, newest first."""
    asked = _asked()
    visitor, wanted = _visitor(asked), asking.wanted(asked)
    with tenancy.scope(visitor.community.id):
        rows = [describing.request(one, base()) for one in queries.requests(visitor, wanted)]
    return _list(_checked(suffix), "service_requests", "request", rows)


@georeport.get("/requests/<request_id>.<suffix>")
@guard.public
def service_request(request_id: str, suffix: str) -> Response:
    """One request; in JSON a list of one."""
    visitor = _visitor(_asked())
    with tenancy.scope(visitor.community.id):
        row = describing.request(queries.request(visitor, asking.number_in(request_id)), base())
    return _list(_checked(suffix), "service_requests", "request", [row])


@georeport.get("/tokens/<token>.<suffix>")
@guard.public
def token_of(token: str, suffix: str) -> Response:
    """The number of a request is known at once, so it is its own token."""
    visitor = _visitor(_asked())
    with tenancy.scope(visitor.community.id):
        number = str(queries.request(visitor, asking.number_in(token)).case.id)
    return _list(_checked(suffix), "service_requests", "request", [{"service_request_id": number, "token": token}])


@georeport.get("/servicerequestupdates.<suffix>")
@guard.public
def updates(suffix: str) -> Response:
    """What happened, oldest first."""
    asked = _asked()
    visitor, wanted = _visitor(asked), asking.wanted(asked)
    with tenancy.scope(visitor.community.id):
        rows = [describing.update(one, base()) for one in queries.updates(visitor, wanted)]
    return _list(_checked(suffix), "service_request_updates", "request_update", rows)


# ── What comes in ───────────────────────────────────────────────────────────────────────────────────────────────


def _entered(asked: Asked) -> tuple[int, int, list[Any]]:
    """Who sends, and the photos that came along, made ready before the lock is taken."""
    visitor = _visitor(asked, sends=True)
    ids = visitor.community.id, visitor.client.id if visitor.client is not None else 0
    prepared = media.prepare_uploads([file for _name, file in request.files.items(multi=True)])
    begin_write()
    return *ids, prepared


@georeport.post("/requests.<suffix>")
@guard.public
@reads_first
@repeats_itself
def post_request(suffix: str) -> Response:
    """A report comes in; its number is known at once."""
    asked, _suffix = _asked(), _checked(suffix)
    community_id, client_id, photos = _entered(asked)
    taken = services.take(community_id, client_id, asking.request_draft(asked), photos)
    account = asked.one("account_id") if taken.is_linked else ""
    return _list(suffix, "service_requests", "request", [{
        "service_request_id": str(taken.request_id), "service_notice": str(wording.NOTICE), "account_id": account}])


@georeport.post("/servicerequestupdates.<suffix>")
@guard.public
@reads_first
@repeats_itself
def post_update(suffix: str) -> Response:
    """Something is said about a request by the platform that brought it."""
    asked, _suffix = _asked(), _checked(suffix)
    community_id, client_id, photos = _entered(asked)
    number = services.hear(community_id, client_id, asking.update_draft(asked), photos)
    return _list(suffix, "service_request_updates", "request_update", [{"update_id": str(number)}])


# ── Refusals ────────────────────────────────────────────────────────────────────────────────────────────────────


@georeport.route("/", defaults={"rest": ""}, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@georeport.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@guard.public
@reads_first
@repeats_itself
def nothing(rest: str) -> Response:
    """No such address, or not with this verb: said in the format that was asked for."""
    raise UnknownRequest if rest.startswith("requests/") else NotFound


def _refused(code: int, sentence: str, stable: str) -> Response:
    suffix = answering.JSON if request.path.endswith(".json") else answering.XML
    row = {"code": code, "description": f"{sentence} ({stable})"}
    return _sent(suffix, answering.listed(suffix, "errors", "error", [row]), code)


@georeport.errorhandler(DomainError)
def refused(refusal: DomainError) -> Response:
    """A refusal in the standard's shape: its sentence, and the stable code in brackets."""
    code = next((status for kind, status in STATUS if isinstance(refusal, kind)), 400)
    return _refused(code, refusal.sentence, refusal.code)


@georeport.errorhandler(HTTPException)
def http_refused(error: HTTPException) -> Response:
    """What Flask itself refuses: too much, too often, a broken body."""
    return refused(TooMany() if error.code == 429 else Invalid())


@georeport.errorhandler(500)
def fault(error: Exception) -> Response:
    """A fault of ours. Registered by its number like the house's own, which would answer with a page otherwise."""
    current_app.logger.exception("request %s failed", g.get("request_id"))
    return _refused(500, Unavailable().sentence, "core.fault")


@georeport.errorhandler(OverflowError)
@georeport.errorhandler(sa.exc.DataError)
def misfit(error: Exception) -> Response:
    """A number or text that no column holds."""
    return refused(Invalid())
