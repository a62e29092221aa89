"""The JSON interface's furniture: rooms under ``/api/v1``, strict schemas, points as decimal strings, OpenAPI 3.1."""

from __future__ import annotations

import functools
from typing import Any

import marshmallow as ma
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls
from flask import Flask, Response
from flask_smorest import Api, Blueprint

from pointsbank.core.points import NotPoints, format_points, parse_points
from pointsbank.core.web import csrf, guard, render

PREFIX = "/api/v1"


class Input(ma.Schema):
    """What may be sent. Unknown fields are refused."""

    class Meta:
        """Strict and in order."""

        unknown = ma.RAISE


class View(ma.Schema):
    """What leaves the house. A field that isn't here doesn't."""


class PointsField(ma.fields.Field):
    """Hundredths inside, a decimal string such as ``"2.5"`` outside."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else format_points(value).replace("−", "-").replace(",", "")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        try:
            return parse_points(str(value))
        except NotPoints as refusal:
            raise ma.ValidationError(refusal.sentence) from None


@functools.cache
def paged(item: type[ma.Schema]) -> type[ma.Schema]:
    """The schema of one page of ``item``."""
    return type(f"Paged{item.__name__}", (View,), {
        "items": ma.fields.List(ma.fields.Nested(item)), "next": ma.fields.String(allow_none=True),
        "__module__": item.__module__})


class PageInput(ma.Schema):
    """The query of a list. More than 100 at a time is answered with 100."""

    cursor = ma.fields.String(load_default=None)
    limit = ma.fields.Integer(load_default=None)


class ApiRoom(Blueprint):
    """A room's JSON routes, mounted at ``/api/v1<prefix>``."""

    def __init__(self, name: str, import_name: str, prefix: str, description: str = "") -> None:
        super().__init__(f"api_{name}", import_name, url_prefix=PREFIX + prefix, description=description)


class HouseApi(Api):
    """flask-smorest without its error handlers, which would turn every HTML refusal into JSON."""

    def _register_error_handlers(self) -> None:
        """``core.web`` answers errors, by the path asked for."""


def init_app(app: Flask, rooms: list[ApiRoom]) -> HouseApi:
    """Mount the rooms and the specification at ``/api/openapi.json``."""
    app.config.update(API_TITLE="PointsBank", API_VERSION="v1", OPENAPI_VERSION="3.1.0", OPENAPI_URL_PREFIX="/api",
                      OPENAPI_JSON_PATH="openapi.json")
    api = HouseApi(app, spec_kwargs={
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
        "marshmallow_plugin": MarshmallowPlugin(schema_name_resolver=_name_of)})
    api.spec.options["security"] = [{"bearer": []}]
    for room in rooms:
        api.register_blueprint(room)
        csrf.exempt(room)
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith("api-docs."):
            guard.static(view)

    @app.get("/api/docs")
    @guard.public
    def api_docs() -> Response:
        """Every operation of the interface on one printable page; nothing is loaded from elsewhere."""
        spec = api.spec.to_dict()
        return render("api_docs.html", spec=spec, operations=_operations(spec))

    return api


def _name_of(schema: Any) -> str:
    """``ShopOfferView`` rather than ``OfferView``: two rooms may use the same word."""
    cls = resolve_schema_cls(schema)
    cls = cls[0] if isinstance(cls, list) else cls
    room = str(cls.__module__).removeprefix("pointsbank.").split(".")[0]
    return room.capitalize() + str(cls.__name__)


def _operations(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """The specification as rows: tag, method, path, sentence, parameters, body and answers."""
    rows = []
    for path, methods in spec.get("paths", {}).items():
        shared = methods.get("parameters", [])
        for method, operation in methods.items():
            if method not in {"get", "post", "put", "patch", "delete"}:
                continue
            content = operation.get("requestBody", {}).get("content", {})
            kinds: list[dict[str, Any]] = list(content.values())
            body = kinds[0].get("schema", {}) if kinds else {}
            rows.append({
                "tag": (operation.get("tags") or [""])[0].removeprefix("api_"), "method": method.upper(), "path": path,
                "summary": operation.get("summary", ""), "description": operation.get("description", ""),
                "parameters": [*shared, *operation.get("parameters", [])], "body": _schema_name(body),
                "answers": [(status, answer.get("description", "")) for status, answer
                            in operation.get("responses", {}).items() if str(status).isdigit()],
            })
    return sorted(rows, key=lambda row: (row["tag"], row["path"], row["method"]))


def _schema_name(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]
