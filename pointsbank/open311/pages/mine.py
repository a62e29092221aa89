"""A resident's codes: what another platform sends with one counts as theirs."""

from __future__ import annotations

from flask import Response
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.core.errors import DomainError
from pointsbank.core.web import answers_secret, back_to, current_actor, flash_done, guard, render, status_of
from pointsbank.open311 import services
from pointsbank.open311.pages.room import bp, community_id
from pointsbank.open311.queries import keys


@bp.get("/me/open311")
@guard.resident
def mine() -> Response:
    """The codes that a resident gave to other platforms."""
    return _page()


def _page(status: int = 200, code: str = "", refusal: DomainError | None = None) -> Response:
    links = keys.links(community_id(), current_actor().resident_id)
    names = keys.names_of_clients(community_id(), [one.client_id for one in links if one.client_id is not None])
    return render("open311/mine.html", status, links=links, names=names, code=code, refusal=refusal)


@bp.post("/me/open311")
@guard.resident
@answers_secret
def link() -> Response:
    """Consent: a new code, shown this once."""
    try:
        _made, code = services.link(current_actor())
    except DomainError as refusal:
        return _page(status_of(refusal), refusal=refusal)
    return _page(201, code)


@bp.post("/me/open311/<int:link_id>/unlink")
@guard.resident
def unlink(link_id: int) -> BaseResponse:
    """Take the consent back."""
    services.unlink(current_actor(), link_id)
    flash_done(_("Taken back. What was reported before still counts as yours."))
    return back_to("open311.mine")
