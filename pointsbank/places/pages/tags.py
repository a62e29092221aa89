"""Tags: issuing, printing and revoking them at the desk; the page that whoever scans one is shown."""

from __future__ import annotations

from flask import Response, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.communities import queries as communities
from pointsbank.core import tenancy
from pointsbank.core.errors import DomainError
from pointsbank.core.web import answers_secret, back_to, current_actor, flash_done, guard, render, status_of
from pointsbank.places import codes, policy, queries, services
from pointsbank.places.pages.room import areas_of, bp, community_id, spots_of
from pointsbank.places.positions import describe

PER_SHEET = 8
MOST_AT_ONCE = 80


@bp.post("/desk/places/<int:place_id>/tag")
@guard.staff(*policy.EDITORS)
def issue_tag(place_id: int) -> BaseResponse:
    """The first tag of a place, or the next after one was taken away."""
    services.issue_tags(current_actor(), [place_id])
    flash_done(_("The tag is issued. Print it now."))
    return back_to("places.one", place_id=place_id)


@bp.post("/desk/places/<int:place_id>/tag/reissue")
@guard.staff(*policy.EDITORS)
def reissue_tag(place_id: int) -> BaseResponse:
    """A new tag; the old one stops working."""
    services.reissue_tag(current_actor(), place_id)
    flash_done(_("A new tag is issued, and the old one no longer works. Print the new one now."))
    return back_to("places.one", place_id=place_id)


@bp.post("/desk/places/<int:place_id>/tag/revoke")
@guard.staff(*policy.EDITORS)
def revoke_tag(place_id: int) -> BaseResponse:
    """The tag stops working."""
    services.revoke_tag(current_actor(), place_id)
    flash_done(_("The tag no longer works."))
    return back_to("places.one", place_id=place_id)


@bp.post("/desk/places/tags/issue")
@guard.staff(*policy.EDITORS)
def issue_tags() -> BaseResponse:
    """A tag for each of the places on this page of the list that has none."""
    ids = request.form.getlist("place", type=int)[:100]
    tags = services.issue_tags(current_actor(), ids)
    flash_done(ngettext("%(num)s tag was issued.", "%(num)s tags were issued.", len(tags)))
    return back_to("places.desk")


@bp.post("/desk/places/tags/print")
@guard.staff(*policy.EDITORS)
@answers_secret
def print_tags() -> Response:
    """Sheets of A4 with eight tags each, to cut out. Codes leave the house: each print stands in the audit."""
    ids = request.form.getlist("place", type=int)[:MOST_AT_ONCE]
    tags = queries.tags_in_force(community_id(), ids)
    places = queries.by_ids(community_id(), tags)
    shown = [(places[i], codes.address(tags[i])) for i in dict.fromkeys(ids) if i in tags and i in places]
    if shown:
        services.print_tags(current_actor(), [place.id for place, _address in shown])
    pages = [shown[i:i + PER_SHEET] for i in range(0, len(shown), PER_SHEET)]
    return render("places/print_tags.html", pages=pages, community=communities.area(community_id()),
                  areas=areas_of([place for place, _address in shown]))


@bp.get("/t/<code>")
@bp.get("/T/<code>", endpoint="tag_capitals")
@guard.public
def tag(code: str) -> Response:
    """What whoever scans a tag is shown: which place this is and what is there. Search engines keep nothing of it."""
    try:
        place = queries.place_of_tag(code)
    except DomainError as refusal:
        answer = render("places/tag.html", status_of(refusal), place=None, refusal=refusal)
    else:
        with tenancy.visiting(place.community_id):
            spots = spots_of(queries.on_the_plan(place.community_id)) if place.lat is not None else []
        where = "" if place.lat is None or place.lon is None else describe(
            (place.lat, place.lon), [s for s in spots if s.id != place.id])
        own = current_actor().community_id == place.community_id
        answer = render("places/tag.html", code=code, place=place, own=own,
                        community=communities.area(place.community_id),
                        areas=areas_of([place]), where=where if len(spots) > 1 else "")
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer
