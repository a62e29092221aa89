"""The office enters what came by a visit, by phone, or was seen on a round: for a resident, or for nobody."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.cases import desk_queries, policy, services
from pointsbank.cases.desk_forms import EnterForm
from pointsbank.cases.models import Source
from pointsbank.cases.pages.photos import keep, numbers, prepared, stored
from pointsbank.cases.pages.room import bp, community_id
from pointsbank.cases.services import ReportDraft
from pointsbank.core.errors import DomainError, Invalid, NotFound, lazy
from pointsbank.core.web import (
    back_to,
    begin_write,
    current_actor,
    flash_done,
    form_refused,
    guard,
    reads_first,
    render,
)
from pointsbank.media.models import Purpose
from pointsbank.people import queries as people
from pointsbank.places import queries as places
from pointsbank.places.wording import folded


@bp.route("/desk/cases/new", methods=["GET", "POST"])
@guard.staff(*policy.ENTERERS)
@reads_first
def new() -> BaseResponse:
    """Write down what somebody told or what was seen."""
    form = EnterForm()
    form.offer(desk_queries.kinds(community_id()))
    if request.method == "GET":
        form.client_id.data = secrets.token_hex(12)
        return _page(form)
    kept = numbers(form.kept.data)
    batch = prepared("photos", len(kept))
    try:
        if batch.refusal is not None:
            raise batch.refusal
        if not form.validate():
            raise Invalid
        resident_id, name = _resident(form.person.data or "")
        begin_write()
        draft = _draft(form, stored(current_actor(), kept, batch, Purpose.REPORT))
        report = services.enter(current_actor(), draft, Source(form.source.data), resident_id)
    except NotFound:
        raise
    except DomainError as refusal:
        keep(form.kept, batch, Purpose.REPORT)
        return form_refused("cases/new.html", form, refusal, **_around())
    flash_done(_("Entered as no. %(number)s. Somebody else accepts it and gives it out.", number=report.case_id))
    if name:
        flash_done(_("For %(name)s, who hears of each step.", name=name), "open")
    return back_to("cases.desk_case", case_id=report.case_id)


def _page(form: EnterForm) -> Response:
    return render("cases/new.html", form=form, **_around())


def _around() -> dict[str, Any]:
    return {"places": places.listed(community_id(), limit=100).items}


def _draft(form: EnterForm, photo_ids: list[int]) -> ReportDraft:
    return ReportDraft(form.client_id.data or "", form.category_id.data, form.text.data or "", form.place.data or "",
                       photo_ids=photo_ids, place_id=_place(form.place.data or ""))


def _place(text: str) -> int | None:
    """The place of this very name or other name; None where it is said in own words."""
    wanted = folded(text)
    found = places.listed(community_id(), text=text, limit=20).items if wanted else []
    return next((p.id for p in found if wanted in {folded(name) for name in (p.name, *p.aliases)}), None)


def _resident(text: str) -> tuple[int | None, str]:
    """Number and name of the one resident with this number or this very name: the only one whose name merely holds it
    may be somebody else. Raises Invalid for nobody, and for more than one."""
    wanted = text.strip()
    if not wanted:
        return None, ""
    found = people.search_residents(community_id(), wanted, limit=100)
    if not wanted.isdecimal():
        found = [one for one in found if one.name == wanted]
    if len(found) != 1:
        raise Invalid(fields={"person": lazy(
            "Nobody, or more than one person, is found by this. Enter the card or phone number.")})
    return found[0].id, found[0].name
