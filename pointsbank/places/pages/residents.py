"""For everybody of the community: the tree of places, one place, the plan."""

from __future__ import annotations

from flask import Response, request
from flask_babel import gettext as _

from pointsbank.communities import queries as communities
from pointsbank.core.errors import NotFound
from pointsbank.core.web import guard, render
from pointsbank.places import drawing, queries
from pointsbank.places.pages.room import areas_of, bp, community_id, spots_of
from pointsbank.places.positions import describe


@bp.get("/places")
@guard.signed_in
def index() -> Response:
    """From the community down to grids, buildings and places; or what a search finds."""
    text = request.args.get("q", "")[:60]
    if text:
        page = queries.listed(community_id(), text=text, cursor=request.args.get("cursor"))
        return render("places/index.html", q=text, page=page, branch=None, areas=areas_of(page.items))
    branch = queries.branch(community_id(), request.args.get("area", type=int), areas=request.args.get("areas"),
                            places=request.args.get("cursor"))
    return render("places/index.html", q="", page=branch.places, branch=branch, areas={})


@bp.get("/places/<int:place_id>")
@guard.signed_in
def show(place_id: int) -> Response:
    """One place, and where it lies."""
    place = queries.place(community_id(), place_id)
    spots = spots_of(queries.on_the_plan(community_id())) if place.lat is not None else []
    where, plan = "", None
    if place.lat is not None and place.lon is not None and place.closed_at is None:
        where = describe((place.lat, place.lon), [s for s in spots if s.id != place.id])
        plan = drawing.draw(spots, title=_("Where %(place)s is", place=place.name), highlighted=place.id)
    return render("places/show.html", place=place, areas=areas_of([place]), where=where, plan=plan)


@bp.get("/places/plan")
@guard.signed_in
def plan() -> Response:
    """The plan of the community or of one grid, with the same places as a list; ``?print=1`` as a sheet of A4."""
    home = communities.area(community_id())
    area_id = request.args.get("area", type=int)
    area = communities.area(area_id) if area_id else home
    if area.community_id != home.id:
        raise NotFound
    places = queries.on_the_plan(home.id, area_path=area.path if area.id != home.id else "")
    paper = request.args.get("print") == "1"
    drawn = drawing.draw(spots_of(places), title=_("Plan of %(area)s", area=area.name),
                         highlighted=request.args.get("place", type=int), width=640 if paper else 360)
    names = drawing.neighbours(drawn.spots) if drawn is not None else {}
    grids = [a for a in communities.areas_of(home.id) if a.parent_id == home.id]
    return render("places/print_plan.html" if paper else "places/plan.html", plan=drawn, area=area, home=home,
                  names=names, grids=grids[:30], chosen=request.args.get("place", type=int))
