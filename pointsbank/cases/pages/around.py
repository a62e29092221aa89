"""What neighbours reported: taken on, no family's matter, without anybody's words or name."""

from __future__ import annotations

from flask import Response, request

from pointsbank.cases import resident_queries, resident_wording
from pointsbank.cases.pages.room import bp
from pointsbank.cases.report_forms import whole
from pointsbank.core.web import current_actor, guard, render


@bp.get("/cases")
@guard.signed_in
def around() -> Response:
    """The cases of the community, newest first, by state and by kind."""
    actor, wanted, kind = current_actor(), request.args.get("show", ""), whole(request.args.get("kind"))
    page = resident_queries.around(actor, wanted, kind, cursor=request.args.get("cursor"))
    return render("cases/around.html", page=page, wanted=wanted, kind=kind, kinds=resident_queries.kinds(actor),
                  words=resident_wording)
