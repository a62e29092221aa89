"""The standard for everybody: what counts, and what counted on the day of a deed."""

from __future__ import annotations

from flask import Response, request

from pointsbank.communities import queries as communities
from pointsbank.communities import settings
from pointsbank.core import tenancy
from pointsbank.core.errors import NotFound
from pointsbank.core.web import (
    current_actor,
    guard,
    render,
)
from pointsbank.rules import papers, queries
from pointsbank.rules.pages.room import SHARED, bp, resolution_of, standing


@bp.get("/rules")
@guard.public
def public() -> Response:
    """The standard in force, or an older version: what counted on the day of a deed stays readable."""
    code = request.args.get("community", "")
    actor = current_actor()
    community_id = communities.community_by_code(code).id if code else actor.community_id
    if community_id is None:
        return render("rules/public.html", standard=None, places=communities.all_communities(), version=None,
                      others=[], standing=standing, place=None, code="", heard=None,
                      **{**SHARED, "section": "boards.around"})
    wanted = request.args.get("version", type=int)
    with tenancy.visiting(community_id):
        adopted = [s for s in queries.standards(community_id) if not s.is_draft]
        standard = next((s for s in adopted if s.number == wanted or (wanted is None and standing(s) == "in_force")),
                        None)
        if standard is None and wanted is not None:
            raise NotFound
        version = queries.versions(community_id, [standard])[standard.id] if standard is not None else None
        around = resolution_of(standard) if standard is not None else {}
        heard = papers.open_round(community_id)
        talked = standard is not None and papers.last_round(community_id, standard.id) is not None
    told = settings.of(community_id)
    days = told.rectify_days
    return render("rules/public.html", standard=standard, version=version, others=adopted, standing=standing,
                  places=[], place=communities.area(community_id), code=code, heard=heard, talked=talked,
                  taking=queries.taking(version), appeal_days=told.appeal_days, **around, **{
                      **SHARED, "section": "boards.around", "rectify_days": days,
                      "full_sentence": lambda rule: queries.full_sentence(rule, days if rule.takes_away else None)})
