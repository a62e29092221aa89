"""Routes for tests of the edge alone: one that writes a row, one that is refused half way, one that reads."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from pointsbank.core import audit
from pointsbank.core.audit import AuditRow
from pointsbank.core.db import db
from pointsbank.core.errors import Conflict
from pointsbank.core.web import begin_write, csrf, current_actor, guard, reads_first

bp = Blueprint("probe", __name__, url_prefix="/api/v1/probe")
csrf.exempt(bp)


def _write() -> int:
    audit.write(current_actor(), "probe.write", "probe:1")
    return db.session.scalar(sa.select(sa.func.max(AuditRow.id))) or 0


@bp.post("/write")
@guard.signed_in
def write() -> ResponseReturnValue:
    return jsonify(id=_write(), text=request.get_json(silent=True)), 201


@bp.post("/slow")
@guard.signed_in
@reads_first
def slow() -> ResponseReturnValue:
    begin_write()
    return jsonify(id=_write()), 201


@bp.post("/refused")
@guard.signed_in
def refused() -> ResponseReturnValue:
    _write()
    raise Conflict


@bp.get("/read")
@guard.public
def read() -> ResponseReturnValue:
    return jsonify(ok=True)


@bp.get("/writing-read")
@guard.public
def writing_read() -> ResponseReturnValue:
    _write()
    return jsonify(ok=False)


@bp.get("/undeclared")
def undeclared() -> ResponseReturnValue:
    return "open"
