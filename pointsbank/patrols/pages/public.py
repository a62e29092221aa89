"""What observers proposed and what came of it, for everybody."""

from __future__ import annotations

from flask import Response, request

from pointsbank.communities import queries as communities
from pointsbank.communities.models import AreaKind
from pointsbank.core import tenancy
from pointsbank.core.errors import NotFound
from pointsbank.core.web import guard, render
from pointsbank.patrols.pages.room import bp
from pointsbank.patrols.queries import proposals


@bp.get("/areas/<int:area_id>/proposals")
@guard.public
def answered(area_id: int) -> Response:
    """Proposals with their answers; names masked, no photos. Search engines keep nothing of it."""
    area = communities.area(area_id)
    if area.kind is not AreaKind.COMMUNITY:
        raise NotFound
    with tenancy.visiting(area.id):
        page = proposals.answered(area.id, cursor=request.args.get("cursor"))
    answer = render("patrols/answered.html", page=page, area=area)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer
