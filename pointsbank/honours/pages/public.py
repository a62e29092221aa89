"""For everybody: the board of honours, and whether a certificate is genuine."""

from __future__ import annotations

from flask import Response, request

from pointsbank.communities import queries as communities
from pointsbank.core import clock, tenancy
from pointsbank.core.errors import DomainError
from pointsbank.core.web import current_actor, guard, render, status_of
from pointsbank.honours.forms import CheckForm
from pointsbank.honours.pages.room import bp, checked, unlisted
from pointsbank.honours.queries import board as boards
from pointsbank.honours.queries import certificates


@bp.get("/honours/board")
@guard.public
def board() -> Response:
    """Stars by league and the best observers, masked; of one's own community or, for visitors, a chosen one."""
    code, today = request.args.get("community", ""), clock.today()
    actor = current_actor()
    place_id = communities.community_by_code(code).id if code else actor.community_id
    if place_id is None:
        return unlisted(render("honours/board.html", place=None, places=communities.all_communities(), ladders=[],
                               best=[], year=today.year, years=[], code=""))
    with tenancy.visiting(place_id):
        years = boards.years(place_id)
        year = request.args.get("year", today.year, type=int)
        year = year if year in years else max(years, default=today.year)
        ladders, best = boards.stars(place_id, today, year), boards.best_of(place_id, today)
    return unlisted(render("honours/board.html", place=communities.area(place_id), places=[], ladders=ladders,
                           best=best, year=year, years=years, code=code))


@bp.get("/certificates/check")
@guard.public
def check() -> Response:
    """Whether a certificate with this number and code was issued here, and still stands. Masked; tries are limited."""
    asked = "number" in request.args or "code" in request.args
    form = CheckForm(request.args if asked else None)
    if not asked:
        return unlisted(render("honours/check.html", form=form, found=None))
    try:
        checked(form)
        found = certificates.verify(form.number.data or "", form.code.data or "")
    except DomainError as refusal:
        form.form_errors = [refusal.sentence]
        return unlisted(render("honours/check.html", status_of(refusal), form=form, found=None))
    return unlisted(render("honours/check.html", form=form, found=found))
