"""The web edge: one unit of work a request, guards, idempotency, refusals as pages or JSON, headers.

Routes load, call one service and render. Everything they have in common stands here, and only here are status
numbers known.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from flask import (
    Blueprint,
    Flask,
    Request,
    Response,
    current_app,
    flash,
    g,
    has_request_context,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.core import audit, clock, idempotency
from pointsbank.core import db as edge
from pointsbank.core.actor import NOBODY, Actor
from pointsbank.core.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    OtherPerson,
    SignInRequired,
    TooLarge,
    TooMany,
    Unavailable,
)
from pointsbank.core.sheets import XLSX

SAFE = {"GET", "HEAD", "OPTIONS"}
STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (SignInRequired, 401), (Forbidden, 403), (NotFound, 404), (Conflict, 409), (TooLarge, 413), (TooMany, 429),
    (Unavailable, 503), (Invalid, 422), (DomainError, 422),
)
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'self'; "
                               "frame-ancestors 'none'; form-action 'self'; worker-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# Where programs knock that follow a foreign standard: they bring a key of their own; no cookie is read or set there.
PROGRAMS = "/open311/v2/"
F = TypeVar("F", bound=Callable[..., Any])
csrf = CSRFProtect()


class Room(Blueprint):
    """A room's HTML routes."""


# ── Guards: every route declares who may knock; the service has the final say ─────────────────────────────────────


@dataclass(frozen=True)
class Requirement:
    """What a route asks of its visitor before anything else happens."""

    kind: str  # public | static | signed_in | resident | staff
    roles: tuple[str, ...] = ()


class Guard:
    """``@guard.public``, ``@guard.signed_in``, ``@guard.resident``, ``@guard.staff(Role.X, ...)``."""

    @staticmethod
    def _mark(view: F, requirement: Requirement) -> F:
        cast(Any, getattr(view, "__func__", view)).guard = requirement
        return view

    def public(self, view: F) -> F:
        """Anybody."""
        return self._mark(view, Requirement("public"))

    def static(self, view: F) -> F:
        """Anybody, and the database is not touched."""
        return self._mark(view, Requirement("static"))

    def signed_in(self, view: F) -> F:
        """Somebody signed in, whether or not a resident is chosen."""
        return self._mark(view, Requirement("signed_in"))

    def resident(self, view: F) -> F:
        """Somebody signed in who acts for a resident."""
        return self._mark(view, Requirement("resident"))

    def staff(self, *roles: str) -> Callable[[F], F]:
        """One of these roles on the community acted in, an area above it, or anything inside it."""
        return lambda view: self._mark(view, Requirement("staff", tuple(roles)))


guard = Guard()


def reads_first(view: F) -> F:
    """The view hashes, decodes or parses before it writes: it starts reading and calls :func:`begin_write` itself."""
    cast(Any, view).reads_first = True
    return view


def answers_secret(view: F) -> F:
    """The answer holds a secret (a session, a code), so it is never kept for a repeated request."""
    cast(Any, view).keeps_no_answer = True
    return view


repeats_itself = answers_secret  # the view is idempotent by its own unique key and needs no stored answer


def current_actor() -> Actor:
    """Who is acting in this request."""
    return cast(Actor, getattr(current_user, "actor", NOBODY)) if has_request_context() else NOBODY


def _check(requirement: Requirement) -> None:
    if requirement.kind == "public":
        return
    actor = current_actor()
    if actor.user_id is None:
        raise SignInRequired
    if requirement.kind == "resident" and actor.resident_id is None:
        raise ChooseFirst
    if requirement.kind == "staff" and not actor.has_role_within(*requirement.roles):
        where = request.endpoint or ""
        edge.record_refusal(lambda: audit.write(actor, "core.denied", f"route:{where}"[:80], outcome="denied"))
        raise Forbidden


class ChooseFirst(SignInRequired):
    """Signed in, but for whom?"""

    code = "core.choose_resident"


# ── The edge ────────────────────────────────────────────────────────────────────────────────────────────────────


class Replay(Exception):
    """The answer to this request is already known."""

    def __init__(self, row: idempotency.IdempotencyKey) -> None:
        super().__init__(row.key)
        self.row = row


def _body_hash() -> str:
    parts = [request.method.encode(), request.path.encode()]
    if request.mimetype in {"multipart/form-data", "application/x-www-form-urlencoded"}:
        for name, value in sorted(request.form.items(multi=True)):
            if name not in {"csrf_token", "_once"}:
                parts += [name.encode(), value.encode()]
        for name, file in sorted(request.files.items(multi=True), key=lambda item: item[0]):
            parts += [name.encode(), file.read()]
            file.seek(0)
    else:
        parts.append(request.get_data())
    return idempotency.hash_of(*parts)


def _begin_once() -> None:
    """Take this request's idempotency key; raises :class:`Replay` when its answer is known."""
    key = request.headers.get("Idempotency-Key") or (request.form.get("_once") if not _is_api() else None)
    actor = current_actor()
    g.once = None
    if not key or actor.user_id is None:
        return
    if len(key) > 80:
        raise Invalid
    row = idempotency.begin(actor, key, g.body_hash)
    if row.status is not None:
        raise Replay(row)
    g.once = row


def begin_write() -> None:
    """For views marked :func:`reads_first`: from here on the request writes. Read again what was read before."""
    edge.begin_write()
    g.pop("_login_user", None)
    view = current_app.view_functions[request.endpoint or ""]
    _check(cast(Any, view).guard)
    _check_writer()
    if not getattr(view, "keeps_no_answer", False):
        _begin_once()


def begin_again() -> None:
    """After a refusal: what was begun is undone. What is written from here on is kept, although the answer refuses:
    photos that somebody took need not be taken twice because a word is missing."""
    edge.begin_write()
    g.pop("_login_user", None)
    g.once, g.keeps_refused = None, True


def _is_kept(answer: Response) -> bool:
    return answer.status_code < 400 or bool(g.get("keeps_refused"))


def _replayed(row: idempotency.IdempotencyKey) -> Response:
    answer = make_response(row.answer or b"", row.status or 200)
    if row.location:
        answer.headers["Location"] = row.location
    if row.content_type:
        answer.headers["Content-Type"] = row.content_type
    answer.headers["Idempotent-Replay"] = "true"
    return answer


def _store(row: idempotency.IdempotencyKey, answer: Response) -> None:
    row.status = answer.status_code
    row.location = answer.headers.get("Location")
    row.content_type = answer.headers.get("Content-Type")
    row.answer = answer.get_data()


def _is_static() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(getattr(view, "guard", None), "kind", "") == "static"


class PageSessions(SecureCookieSessionInterface):
    """Sessions of pages. A static file with a cookie, or one that varies by it, would stay in no cache."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """As Flask does, but an empty one where only keys count."""
        return self.session_class() if request.path.startswith(PROGRAMS) else super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: BaseResponse) -> None:
        """As Flask does, but not on static files."""
        if not (_is_static() or request.path.startswith(PROGRAMS)):
            super().save_session(app, session, cast(Response, response))


class RowNumber(IntegerConverter):
    """A row's number in an address. One that no row can have is no page, rather than a fault of the database."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"max": 2**31 - 1, **options})


def _refuse_what_nothing_keeps() -> None:
    """NUL is in no text that anybody writes, and PostgreSQL keeps none: it is refused here, the same everywhere."""
    values = [v for texts in (request.args, request.form) for _name, v in texts.items(multi=True)]
    if any("\0" in value for value in values) or (request.is_json and b"\\u0000" in request.get_data()):
        raise Invalid


class PointsBank(Flask):
    """The application; each request is one unit of work."""

    session_interface = PageSessions()

    def dispatch_request(self) -> Any:
        """Guard, idempotency, view, commit: in this order, again from the start after a lost race."""
        if request.routing_exception is not None:
            return super().dispatch_request()
        view = self.view_functions[request.endpoint or ""]
        requirement = getattr(view, "guard", None)
        if requirement is None:
            raise Forbidden
        if request.method not in SAFE:
            clock.now()  # before 2020 nothing is recorded, whatever else may be wrong with it
        if requirement.kind == "static":
            return super().dispatch_request()
        _refuse_what_nothing_keeps()
        unsafe = request.method not in SAFE
        write_first = unsafe and not getattr(view, "reads_first", False)
        once = unsafe and not getattr(view, "keeps_no_answer", False)
        if once:
            g.body_hash = _body_hash()

        def work() -> Response:
            g.pop("_login_user", None)
            g.once, g.keeps_refused = None, False
            if unsafe and _is_api():
                _check_cookie()
            _check(requirement)
            _check_writer()
            try:
                if once and write_first:
                    _begin_once()
                answer = self.make_response(Flask.dispatch_request(self))
            except Replay as replay:
                return _replayed(replay.row)
            if g.once is not None and answer.status_code < 400:
                _store(g.once, answer)
            return answer

        return edge.run(work, write=write_first, keep=_is_kept)


def _check_cookie() -> None:
    """The API takes a bearer token as it is, but a cookie only with the form token that no other site can know."""
    by_cookie = "Authorization" not in request.headers and current_actor().user_id is not None
    if by_cookie and current_app.config["WTF_CSRF_ENABLED"]:
        csrf.protect()


def _check_writer() -> None:
    """A draft of the outbox says who wrote it; a family shares a phone, and somebody else may be signed in by now."""
    if from_outbox() and request.headers["X-Outbox"] != current_actor().writes_as:
        raise OtherPerson


def from_outbox() -> bool:
    """Sent by ``static/js/outbox.js``: the answer is JSON, ``{"next": address}`` or ``{"error": …}``."""
    return "X-Outbox" in request.headers


def _is_api() -> bool:
    return request.path.startswith("/api/")


def _wants_json() -> bool:
    return _is_api() or from_outbox()


# ── Answers ─────────────────────────────────────────────────────────────────────────────────────────────────────


def render(template: str, status: int = 200, /, **values: Any) -> Response:
    """The page as an answer."""
    return make_response(render_template(template, **values), status)


def back_to(endpoint: str, **values: Any) -> BaseResponse:
    """After a POST: on to a page, so that reloading sends nothing twice."""
    return redirect(url_for(endpoint, **values), 303)


def safe_next(default: str) -> str:
    """The local address in ``?next=``, else ``default``; never somebody else's site."""
    wanted = request.values.get("next", "")
    local = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not any(c < " " for c in wanted)
    return wanted if local else default


def flash_done(text: str, kind: str = "done") -> None:
    """A banner on the next page; kinds: done, open, wait, stop."""
    flash(text, kind)


def form_refused(template: str, form: Any, refusal: DomainError, **values: Any) -> Response:
    """The form again, filled in as it was, with the refusal's sentence and those of its fields (422 or its own)."""
    for name, text in refusal.fields.items():
        if name in form:
            form[name].errors = [*form[name].errors, str(text)]
    if from_outbox():
        wrong = {f.name: " ".join(str(e) for e in f.errors) for f in form if f.errors}
        return _json_error(refusal.code, refusal.sentence, status_of(refusal), wrong)
    form.form_errors = [*form.form_errors, refusal.sentence]
    return render(template, status_of(refusal), form=form, refusal=refusal, **values)


def xlsx_response(name: str, content: bytes) -> Response:
    """A workbook to download."""
    return _file(f"{name}.xlsx", content, XLSX)


def csv_response(name: str, content: bytes) -> Response:
    """A table to download as CSV."""
    return _file(f"{name}.csv", content, "text/csv; charset=utf-8")


def _file(name: str, content: bytes, kind: str) -> Response:
    answer = make_response(content)
    answer.headers["Content-Type"] = kind
    clean = re.sub(r"[^\w.-]+", "-", name)  # a household's number may stand in it
    answer.headers.set("Content-Disposition", "attachment", filename=clean)
    return answer


def status_of(refusal: DomainError) -> int:
    """The status number of a refusal."""
    return next(status for kind, status in STATUS if isinstance(refusal, kind))


def _json_error(code: str, message: str, status: int, fields: dict[str, Any] | None = None) -> Response:
    error: dict[str, Any] = {"code": code, "message": message}
    if fields:
        error["fields"] = fields
    return make_response(current_app.json.response({"error": error}), status)


def _error_page(status: int, **values: Any) -> Response:
    """The page of a refusal. Flask-Login tells every template who is signed in, which is a statement, and it may be the
    database or the clock that is in trouble: here nobody is."""
    g._login_user = AnonymousUserMixin()
    return render("error.html", status, status=status, **values)


def _on_refusal(refusal: DomainError) -> BaseResponse:
    status = status_of(refusal)
    if _wants_json():
        return _json_error(refusal.code, refusal.sentence, status, {k: str(v) for k, v in refusal.fields.items()})
    if status == 401 and request.method in SAFE:
        endpoint = "people.for_whom" if isinstance(refusal, ChooseFirst) else "people.sign_in"
        return redirect(url_for(endpoint, next=request.full_path.rstrip("?")), 303)
    return _error_page(status, sentence=refusal.sentence, code=refusal.code)


def _on_http(error: HTTPException) -> BaseResponse:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error.get_response()
    sentences = {
        404: NotFound().sentence, 405: _("This can't be done here."), 413: TooLarge().sentence,
        429: TooMany().sentence, 422: Invalid().sentence,
    }
    code = {404: "core.not_found", 405: "core.method", 413: "core.too_large", 429: "core.too_many",
            422: "core.invalid"}.get(status, "core.bad_request")
    sentence = sentences.get(status, _("This request could not be understood. Please open the page again."))
    if isinstance(error, CSRFError):
        code, sentence = "core.csrf", _("This page was open for too long. Open it again; nothing was changed.")
    if isinstance(error, RequestEntityTooLarge):
        code = "core.too_large"
    if _wants_json():
        messages = (getattr(error, "data", None) or {}).get("messages", {})
        fields = next(iter(messages.values())) if isinstance(messages, dict) and len(messages) == 1 else messages
        return _json_error(code, sentence, status, fields if isinstance(fields, dict) else None)
    return _error_page(status, sentence=sentence, code=code)


def _on_misfit(error: Exception) -> BaseResponse:
    """A number or text that no column holds got past the form: it is the sender's, and nothing was kept of it."""
    current_app.logger.warning("request %s held what nothing can keep: %s", g.get("request_id"), type(error).__name__)
    return _on_refusal(Invalid())


def _on_fault(error: Exception) -> BaseResponse:
    current_app.logger.exception("request %s failed", g.get("request_id"))
    sentence = Unavailable().sentence
    if _wants_json():
        return _json_error("core.fault", sentence, 500)
    return _error_page(500, sentence=sentence, code="core.fault")


def _finish(answer: Response) -> Response:
    if from_outbox() and answer.status_code == 303:
        answer = make_response(current_app.json.response({"next": answer.headers["Location"]}))
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    answer.headers["X-Request-ID"] = g.get("request_id", "")
    if "Cache-Control" not in answer.headers:
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _start() -> None:
    g.request_id = secrets.token_hex(8)
    if not _is_static():
        session.permanent = True


def init_app(app: Flask) -> None:
    """Install the edge on the application."""
    csrf.init_app(app)
    app.before_request_funcs.setdefault(None, []).insert(0, _start)
    app.after_request(_finish)
    app.register_error_handler(DomainError, _on_refusal)
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(OverflowError, _on_misfit)
    app.register_error_handler(sa.exc.DataError, _on_misfit)
    app.url_map.converters["int"] = RowNumber
    if not app.config.get("PROPAGATE_EXCEPTIONS"):
        app.register_error_handler(500, _on_fault)
    app.jinja_env.globals["current_actor"] = current_actor
    guard.static(app.view_functions["static"])
