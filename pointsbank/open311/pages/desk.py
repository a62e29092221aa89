"""The desk: which platforms have a key, a new one, the end of one."""

from __future__ import annotations

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.communities import queries as communities
from pointsbank.core.errors import DomainError, Invalid
from pointsbank.core.web import answers_secret, back_to, current_actor, flash_done, form_refused, guard, render
from pointsbank.open311 import policy, services
from pointsbank.open311.forms import ClientForm
from pointsbank.open311.models import Open311Client
from pointsbank.open311.pages.room import base, bp, community_id
from pointsbank.open311.queries import keys


@bp.get("/desk/open311")
@guard.staff(*policy.KEEPERS)
def desk() -> Response:
    """What this is, and who has a key."""
    return render("open311/desk.html", form=ClientForm(), **_around())


def _around() -> dict[str, object]:
    return {"page": keys.clients(community_id(), cursor=request.args.get("cursor")), "base": base()}


@bp.post("/desk/open311/keys")
@guard.staff(*policy.KEEPERS)
@answers_secret
def make_key() -> BaseResponse:
    """A key, shown this once."""
    form = ClientForm()
    try:
        if not form.validate():
            raise Invalid
        client, key = services.make_key(current_actor(), form.name.data or "", form.contact.data or "")
    except DomainError as refusal:
        return form_refused("open311/desk.html", form, refusal, **_around())
    return _shown(client, key)


def _shown(client: Open311Client, key: str) -> BaseResponse:
    return render("open311/make_key.html", 201, client=client, key=key, base=base(),
                  community=communities.area(community_id()))


@bp.post("/desk/open311/keys/<int:client_id>/renew")
@guard.staff(*policy.KEEPERS)
@answers_secret
def renew_key(client_id: int) -> BaseResponse:
    """Another key for the same platform, shown this once."""
    return _shown(*services.renew_key(current_actor(), client_id))


@bp.post("/desk/open311/keys/<int:client_id>/revoke")
@guard.staff(*policy.KEEPERS)
def revoke_key(client_id: int) -> BaseResponse:
    """The key opens nothing any more."""
    services.revoke_key(current_actor(), client_id)
    flash_done(_("The key no longer works. What came with it stays."))
    return back_to("open311.desk")
