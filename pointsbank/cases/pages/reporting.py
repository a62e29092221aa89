"""A report (随手拍): photo, place, send on one page. With and without a script, and from the outbox of a phone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.cases import queries, resident_queries, resident_wording, services
from pointsbank.cases.models import Report
from pointsbank.cases.pages.photos import MOST_PHOTOS, Batch, prepared, stored
from pointsbank.cases.pages.room import bp
from pointsbank.cases.report_forms import MOST_KEPT, CodeForm, ReportForm, degrees, whole
from pointsbank.communities import queries as communities
from pointsbank.core.actor import Actor
from pointsbank.core.errors import DomainError, Invalid
from pointsbank.core.web import (
    back_to,
    begin_again,
    begin_write,
    current_actor,
    flash_done,
    form_refused,
    from_outbox,
    guard,
    reads_first,
    render,
    repeats_itself,
)
from pointsbank.media import queries as pictures
from pointsbank.media.models import Purpose
from pointsbank.places import drawing
from pointsbank.places.models import Place
from pointsbank.places.pages.room import spots_of

# ── Photos: what came, what is here already ─────────────────────────────────────────────────────────────────────


def _kept_ids() -> list[int]:
    """Photos that an earlier try left here, without those taken out since."""
    dropped = whole(request.form.get("drop"))
    ids = [whole(text) for text in request.form.getlist("photo_ids")[:MOST_KEPT]]
    return [i for i in dict.fromkeys(ids) if i is not None and i != dropped]


def _photos(actor: Actor, batch: Batch) -> list[int]:
    """All photos of the report by number: those that were here and are still the actor's own, then the new ones."""
    return stored(actor, _kept_ids(), batch, Purpose.REPORT)


# ── The page ────────────────────────────────────────────────────────────────────────────────────────────────────


@bp.route("/report", methods=["GET", "POST"])
@reads_first
@repeats_itself
@guard.resident
def report() -> Response | BaseResponse:
    """Photo, place, send. Without a script the buttons beside "send" come back here, with everything still there."""
    form = ReportForm()
    if not form.is_submitted():
        return _new(form)
    known = _sent_before(form)
    if known is not None:
        return _thanks(known)
    batch = prepared("photos", len(_kept_ids()))
    begin_write()
    try:
        actor = current_actor()
        photo_ids = _photos(actor, batch)
        if batch.refusal is not None:
            raise batch.refusal
        if "look" in request.form or "drop" in request.form:
            return render("cases/report.html", **_page(form, photo_ids))
        alike = [] if from_outbox() or "sure" in request.form else _alike(actor, form)
        if alike:
            return render("cases/report.html", **_page(form, photo_ids, alike=alike, ask=True))
        sent = _send(actor, form, photo_ids)
    except DomainError as refusal:
        return _refused(form, batch, refusal)
    return _thanks(sent)


def _sent_before(form: ReportForm) -> Report | None:
    """A draft sent once more, because no answer had come: it is in already, and its photos with it."""
    if "look" in request.form or "drop" in request.form:
        return None
    actor, photos = current_actor(), [*_kept_ids(), *(0 for one in request.files.getlist("photos") if one.filename)]
    try:
        return services.sent(actor, form.draft(photos, None, resident_queries.kinds(actor)))
    except DomainError:
        return None  # said below, where the form comes back


def _thanks(sent: Report) -> BaseResponse:
    flash_done(_("It has come in: No. %(number)s. You will hear.", number=sent.case_id))
    code = services.code_of(sent)
    if code:
        flash_done(_("Your code: %(code)s. Write it down: with it the report can be followed without signing in.",
                     code=code), "open")
    return back_to("cases.case", case_id=sent.case_id)


def _new(form: ReportForm) -> Response:
    actor, code = current_actor(), request.args.get("tag")
    said, place_id = "", request.args.get("place", type=int)
    if code:
        try:
            place_id = resident_queries.place_of_tag(actor, code).id
        except DomainError as refusal:
            said = refusal.sentence
    form.begin(resident_queries.kinds(actor), resident_queries.last_kind(actor))
    form.place_id.data = str(place_id or "")
    return render("cases/report.html", said=said, **_page(form, []))


def _send(actor: Actor, form: ReportForm, photo_ids: Sequence[int]) -> Any:
    if not form.validate():
        raise Invalid
    spot = None
    if form.chosen_place is not None:
        resident_queries.chosen_place(actor, form.chosen_place)
    if form.position is not None:
        spot = resident_queries.checked_position(actor, *form.position)
    return services.send(actor, form.draft(photo_ids, spot, resident_queries.kinds(actor)))


def _alike(actor: Actor, form: ReportForm) -> list[resident_queries.Row]:
    place = "" if form.chosen_place is not None else form.place.data or ""
    return resident_queries.offered(actor, whole(form.category.data), form.chosen_place, place)


def _refused(form: ReportForm, batch: Batch, refusal: DomainError) -> Response:
    """The form again with its photos: those that could be kept are here from now on, and need not be sent twice."""
    if from_outbox():
        return form_refused("cases/report.html", form, refusal)
    begin_again()
    try:
        photo_ids = _photos(current_actor(), batch)
    except DomainError:  # too many that hang nowhere: then they come again with the form
        begin_again()
        photo_ids = []
    return form_refused("cases/report.html", form, refusal, **{
        name: value for name, value in _page(form, photo_ids).items() if name != "form"})


def _page(form: ReportForm, photo_ids: Sequence[int], *, alike: Sequence[Any] = (), ask: bool = False
          ) -> dict[str, Any]:
    actor = current_actor()
    found = resident_queries.found_places(actor, form.q.data or "")
    chosen = form.chosen_place
    likely = resident_queries.likely_places(actor, [*([chosen] if chosen else []), *(p.id for p in found)])
    if chosen is None and form.place_id.data != "0" and not form.place.data and likely and not form.is_submitted():
        form.place_id.data = str(likely[0].id)
    listed = sorted(likely, key=lambda p: (p.id != form.chosen_place, p.lat is None))
    form.offer_kinds(resident_queries.kinds(actor))
    form.offer_places(listed, _small(listed))
    plan = drawing.draw(spots_of(listed), title=_("Plan of the places below"), highlighted=form.chosen_place, width=343,
                        tallest=0.62)
    return {"form": form, "photos": pictures.own_loose(actor, photo_ids), "most": MOST_PHOTOS, "plan": plan,
            "budget": queries.own_budget(actor), "alike": alike, "ask": ask, "words": resident_wording,
            "searched": form.q.data and not found}


def _small(listed: Sequence[Place]) -> dict[int, str]:
    """A line about each place: its building or grid, and where it lies beside the others."""
    areas = communities.by_ids(p.area_id for p in listed if p.area_id is not None)
    beside = drawing.neighbours(spots_of(listed))
    lines = {p.id: [areas[p.area_id].name if p.area_id in areas else "", beside.get(p.id, "")] for p in listed}
    return {i: _(", ").join(part for part in parts if part) for i, parts in lines.items()}


# ── By code, without signing in ─────────────────────────────────────────────────────────────────────────────────


@bp.route("/report/code", methods=["GET", "POST"])
@guard.public
@repeats_itself
def by_code() -> Response:
    """How a report stands, for whoever knows its code. By POST, because addresses end up in logs."""
    form = CodeForm()
    if not form.is_submitted():
        return render("cases/by_code.html", form=form, found=None, words=resident_wording)
    try:
        found = services.by_code(form.code.data or "", request.remote_addr or "")
    except DomainError as refusal:
        return form_refused("cases/by_code.html", form, refusal, found=None, words=resident_wording)
    return render("cases/by_code.html", form=form, found=found, words=resident_wording)


# ── What the script asks ────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/report/places")
@guard.resident
def report_places() -> dict[str, Any]:
    """Places by name, or those nearest to the phone, whose position is kept nowhere; a sentence where there is none."""
    actor, text = current_actor(), request.args.get("q", "")[:60]
    try:
        if text.strip():
            found = resident_queries.found_places(actor, text)
            small = _small(found)
            rows = [{"id": p.id, "name": p.name, "small": small[p.id]} for p in found]
            said = "" if rows else _("No place of this name is known. Write it in words below.")
        else:
            near = resident_queries.near_places(actor, degrees(request.args.get("lat")),
                                                degrees(request.args.get("lon")))
            rows = [{"id": n.spot.id, "name": n.spot.name, "small": n.words} for n in near]
            said = "" if rows else _("No place here has a position. Choose it by its name.")
    except DomainError as refusal:
        return {"places": [], "said": refusal.sentence}
    return {"places": rows, "said": said}


@bp.get("/report/similar")
@guard.resident
def report_similar() -> Response:
    """A piece of the page: what others reported here already; empty if nothing looks like it."""
    args = request.args
    rows = resident_queries.offered(current_actor(), whole(args.get("category")), whole(args.get("place_id")),
                                    args.get("place", "")[:120])
    return render("cases/_alike.html", alike=rows[:3], words=resident_wording)


