"""The inspectors, observers among them, on a phone: what waits, with before and after; passed or not good yet."""

from __future__ import annotations

from flask import Response, request

from pointsbank.cases import desk_queries, policy
from pointsbank.cases.pages.room import bp
from pointsbank.core.web import current_actor, guard, render


@bp.get("/desk/inspections")
@guard.staff(*policy.INSPECTORS)
def inspections() -> Response:
    """What is to be inspected, the nearest deadline first; what the reader has a part in is locked."""
    actor = current_actor()
    found = desk_queries.to_inspect(actor, cursor=request.args.get("cursor"))
    return render("cases/inspections.html", page=found, known=desk_queries.independence(actor))
