"""For everybody, without signing in: what was reported, what was done, how long it took, what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _

from pointsbank.cases.queries import public_photos
from pointsbank.communities import queries as communities
from pointsbank.communities.models import Area
from pointsbank.core import clock, sheets, tenancy
from pointsbank.core.actor import NOBODY
from pointsbank.core.errors import NotFound
from pointsbank.core.web import csv_response, current_actor, guard, render
from pointsbank.places import drawing as plans
from pointsbank.places.positions import Spot
from pointsbank.reviews import drawing, figures, wording
from pointsbank.reviews.figures import Scope
from pointsbank.reviews.pages import papers
from pointsbank.reviews.pages.room import bp, unlisted
from pointsbank.reviews.periods import PeriodKind
from pointsbank.reviews.queries import frozen, public
from pointsbank.reviews.queries.public import Course, Wanted

MOST_SPOTS = 24
CHART = (figures.RECEIVED, figures.CLOSED)


@bp.get("/problems")
@guard.public
def problems() -> Response:
    """The public cases of one's own community or, for visitors, of a chosen one: plan, list, figures of the month."""
    code, place_id = _whose()
    if place_id is None:
        return unlisted(render("reviews/choose.html", places=communities.all_communities()))
    with tenancy.visiting(place_id):
        return unlisted(render("reviews/problems.html", code=code, **_board(communities.area(place_id))))


@bp.get("/problems/file")
@guard.public
def problems_file() -> Response:
    """The same list as CSV, for whoever wants to count for themselves."""
    _code, place_id = _whose()
    if place_id is None:
        raise NotFound
    with tenancy.visiting(place_id):
        kinds = public.kinds(place_id)
        shown = public.sights(public.newest(place_id, _wanted(kinds)), kinds)
        name = f"problems-{communities.area(place_id).code}-{clock.today().isoformat()}"
        return unlisted(csv_response(name, sheets.write_csv(*papers.public_table(shown))))


def _whose() -> tuple[str, int | None]:
    """The community that the address names by its code, else one's own."""
    code = request.args.get("community", "")
    return code, communities.community_by_code(code).id if code else current_actor().community_id


def _wanted(kinds: Mapping[int, str]) -> Wanted:
    """What the address asks for; what there is not is not asked for."""
    kind, place = request.args.get("kind", type=int), request.args.get("place", type=int)
    course = request.args.get("course", "")
    return Wanted(kind if kind in kinds else None, Course(course) if course in set(Course) else None,
                  place if place is not None and 0 < place < 2**31 else None)


def _board(area: Area) -> dict[str, Any]:
    kinds = public.kinds(area.id)
    wanted, cursor = _wanted(kinds), request.args.get("cursor")
    page = public.listed(area.id, wanted, cursor=cursor)
    shown = public.sights(page.items, kinds)
    values: dict[str, Any] = {
        "area": area, "kinds": kinds, "wanted": wanted, "cases": shown, "next": page.next, "first": cursor is None,
        "photos": public_photos(NOBODY, area.id, [one.id for one in shown]), "courses": Course, "plan": None,
        "month": None}
    if cursor is None:  # the plan and the figures stand before the first page of the list
        values |= _plan(area, wanted) | _month(area.id)
    return values


def _plan(area: Area, wanted: Wanted) -> dict[str, Any]:
    pins = public.pins(area.id, wanted)
    spots = [Spot(p.id, p.name, p.lat, p.lon) for p in public.spots(area.id) if p.lat is not None and p.lon is not None]
    pinned = sorted((s for s in spots if s.id in pins.at), key=lambda s: (-pins.at[s.id], s.id))[:MOST_SPOTS]
    others = [s for s in spots if s.id not in pins.at]
    on_it = {s.id: pins.at[s.id] for s in pinned}
    return {"pins": on_it, "elsewhere": pins.elsewhere + sum(pins.at.values()) - sum(on_it.values()),
            "plan": plans.draw([*pinned, *others[:MOST_SPOTS - len(pinned)]], pins=on_it,
                               title=_("Where the problems lie in %(area)s", area=area.name)) if on_it else None}


def _month(community_id: int) -> dict[str, Any]:
    """The figures of the last month that is over, of public cases only."""
    row = frozen.newest(community_id, PeriodKind.MONTHLY)
    if row is None:
        return {"month": None}
    found = frozen.figures_of(row, Scope.PUBLIC)
    series = frozen.series(row, CHART, scope=Scope.PUBLIC)
    return {"month": row, "figures": found, "sections": wording.sections(list(found.whole)),
            "chart": drawing.bars(row.kind, series, CHART, "public", public=True)}


@bp.get("/problems/<int:case_id>")
@guard.public
def problem(case_id: int) -> Response:
    """One public case: what, where, how long, what came of it, and each change of state with its day and part."""
    found = public.case(case_id)
    with tenancy.visiting(found.community_id):
        area = communities.area(found.community_id)
        shown = public.sights([found], {})[0]
        return unlisted(render("reviews/problem.html", area=area, one=shown, steps=public.steps(found),
                               photos=public_photos(NOBODY, area.id, [found.id]).get(found.id),
                               back=url_for("reviews.problems", community=area.code)))
