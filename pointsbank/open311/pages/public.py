"""For whoever builds or chooses a platform: what this is, where it is, how it is asked."""

from __future__ import annotations

from flask import Response, request

from pointsbank.communities import queries as communities
from pointsbank.core import tenancy
from pointsbank.core.web import current_actor, guard, render
from pointsbank.open311 import asking, describing
from pointsbank.open311.pages.room import base, bp
from pointsbank.open311.queries import requests as queries


@bp.get("/open311")
@guard.public
def public() -> Response:
    """The explanation, with the services of one's own community or of a chosen one."""
    code = request.args.get("community", "")
    everyone = communities.all_communities()
    community_id = communities.community_by_code(code).id if code else current_actor().community_id
    if community_id is None and len(everyone) == 1:
        community_id = everyone[0].id
    place, services = None, []
    if community_id is not None:
        place = communities.area(community_id)
        with tenancy.visiting(place.id):
            services = [describing.service(kind) for kind in queries.services(place.id)]
    return render("open311/public.html", place=place, places=everyone, services=services,
                  url=f"{base()}/open311/v2", days=asking.MOST_DAYS, most=asking.MOST)
