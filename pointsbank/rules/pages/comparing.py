"""Two versions side by side in sentences, and a standard as a sheet for the wall."""

from __future__ import annotations

from flask import Response, current_app, request, url_for

from pointsbank.communities import queries as communities
from pointsbank.communities import settings
from pointsbank.core import tenancy
from pointsbank.core.errors import NotFound
from pointsbank.core.web import current_actor, guard, render
from pointsbank.people.roles import DESK
from pointsbank.rules import queries
from pointsbank.rules.models import ScoringStandard
from pointsbank.rules.pages.room import SHARED, bp, community, load, resolution_of, standing

SIZES = ("a4", "a3")


@bp.get("/desk/rules/<int:standard_id>/difference")
@guard.staff(*DESK)
def difference(standard_id: int) -> Response:
    """What changes from one version (``?with=`` its number) to this one; from the one before where none is named."""
    row, version = load(standard_id)
    known = queries.standards(row.community_id)
    other = _other(row, known)
    old = queries.version(row.community_id, other.id) if other is not None else None
    return render("rules/difference.html", standard=row, other=other, others=[s for s in known if s.id != row.id],
                  changes=queries.said_differences(old, version) if old is not None else [], on_desk=True, code="",
                  **SHARED)


@bp.get("/rules/difference")
@guard.public
def public_difference() -> Response:
    """The same for everybody, between versions that were adopted."""
    code, number = request.args.get("community", ""), request.args.get("version", type=int)
    community_id = communities.community_by_code(code).id if code else community()
    with tenancy.visiting(community_id):
        known = [s for s in queries.standards(community_id) if not s.is_draft]
        row = next((s for s in known if s.number == number or (number is None and standing(s) == "in_force")), None)
        if row is None:
            raise NotFound
        other = _other(row, known)
        loaded = queries.versions(community_id, [s for s in (row, other) if s is not None])
        changes = queries.said_differences(loaded[other.id], loaded[row.id]) if other is not None else []
    return render("rules/difference.html", standard=row, other=other, others=[s for s in known if s.id != row.id],
                  changes=changes, on_desk=False, code=code, **{**SHARED, "section": "boards.around"})


def _other(row: ScoringStandard, known: list[ScoringStandard]) -> ScoringStandard | None:
    wanted = request.args.get("with", type=int)
    if wanted is not None:
        found = next((s for s in known if s.number == wanted and s.id != row.id), None)
        if found is None:
            raise NotFound
        return found
    before = next((s for s in known if s.id == row.copied_from_id), None)
    adopted = [s for s in known if s.in_force_on is not None and s.id != row.id
               and (row.in_force_on is None or s.in_force_on < row.in_force_on)]
    return before or max(adopted, key=lambda s: s.in_force_on or s.created_at.date(), default=None)


@bp.get("/rules/poster")
@guard.public
def poster() -> Response:
    """The standard in plain words for the wall, A4 or (``?size=a3``) A3, with a code that leads to its page."""
    code, number = request.args.get("community", ""), request.args.get("version", type=int)
    community_id = communities.community_by_code(code).id if code else community()
    with tenancy.visiting(community_id):
        known = [s for s in queries.standards(community_id) if not s.is_draft]
        row = next((s for s in known if s.number == number or (number is None and standing(s) == "in_force")), None)
        if row is None:
            raise NotFound
        version = queries.versions(community_id, [row])[row.id]
        around = resolution_of(row)
    place = communities.area(community_id)
    size = request.args.get("size", "a4")
    address = current_app.config["BASE_URL"] + url_for("rules.public", community=place.code, version=row.number)
    return render("rules/poster.html", standard=row, version=version, place=place, address=address, sizes=SIZES,
                  size=size if size in SIZES else "a4", code=code, settings=settings.of(community_id),
                  home=current_actor().community_id == community_id, **around, **SHARED)
