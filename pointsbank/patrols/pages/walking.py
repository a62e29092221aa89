"""The round on a phone: the page that holds all of it, works without a network and is sent once."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.core import clock, tokens
from pointsbank.core.errors import DomainError
from pointsbank.core.web import (
    back_to,
    begin_again,
    begin_write,
    current_actor,
    flash_done,
    from_outbox,
    guard,
    reads_first,
    render,
    repeats_itself,
    status_of,
)
from pointsbank.patrols import services, times
from pointsbank.patrols.errors import BadStop
from pointsbank.patrols.pages import reading
from pointsbank.patrols.pages.room import bp
from pointsbank.patrols.queries import rounds
from pointsbank.patrols.services import RoundDraft
from pointsbank.patrols.services.routing import open_kinds
from pointsbank.places import queries as places


def round_page(view: rounds.Whole, template: str, resident_id: int, status: int = 200, **more: Any) -> Response:
    """A page with the fields of a round."""
    ids = {v.stop.id: reading.finding_ids(v.stop, resident_id, len(v.findings)) for v in view.stops}
    return render(template, status, view=view, patrol=view.patrol, route=view.route, ids=ids,
                  kinds=open_kinds(view.patrol.community_id), **more)


def _shown(patrol_id: int, status: int = 200, **more: Any) -> Response:
    actor = current_actor()
    view, tag = rounds.walked_by(actor, patrol_id), more.pop("tag", "")
    return round_page(view, "patrols/walk.html", actor.resident_id or 0, status,
                      is_open=times.is_walkable(view.patrol, clock.today()),
                      client_id=more.pop("client_id", "") or tokens.random_token(12),
                      given=reading.given_values(more.pop("form", None)), kept=more.pop("kept", {}),
                      refusal=more.pop("refusal", None), tag=tag, tag_place=_place_of(tag))


def _place_of(tag: str) -> int:
    """The place at which a scanned tag hangs; 0 for none. The service looks again when the round comes in."""
    try:
        return places.place_of_tag(tag).id if tag else 0
    except DomainError:
        return 0


@bp.get("/patrols/<int:patrol_id>/walk")
@guard.resident
def walk(patrol_id: int) -> Response:
    """One's round: all checkpoints in order; afterwards how far it is."""
    return _shown(patrol_id, tag=request.args.get("tag", "")[:64])


@bp.get("/patrols/at/<code>")
@guard.resident
def at_tag(code: str) -> BaseResponse:
    """Whoever scanned a tag on the round comes back to that checkpoint."""
    place = places.place_of_tag(code)
    stop = rounds.stop_at(current_actor(), place.id)
    if stop is None:
        flash_done(_("“%(place)s” is on none of your rounds of today.", place=place.name), "open")
        return back_to("patrols.index")
    return back_to("patrols.walk", patrol_id=stop.patrol_id, tag=code, _anchor=f"stop-{stop.id}")


@bp.post("/patrols/<int:patrol_id>/walk")
@guard.resident
@reads_first
@repeats_itself
def send_round(patrol_id: int) -> BaseResponse:
    """Hand the whole round in; sent twice it is one."""
    actor, photos = current_actor(), {}
    client_id = request.form.get("client_id", "")[:80]
    sent = reading.Sent({})
    try:
        if not services.is_known(actor, client_id):
            sent = reading.prepare(request.files)
        begin_write()
        actor = current_actor()
        rows = [view.stop for view in rounds.walked_by(actor, patrol_id).stops]
        photos = {} if services.is_known(actor, client_id) else sent.stored(actor)
        services.submit(actor, patrol_id, RoundDraft(
            client_id, reading.stops_from(request.form, rows, photos),
            reading.instant(request.form.get("started_at", "")[:40])))
    except DomainError as refusal:
        return refused(refusal, sent, lambda said, kept: _shown(
            patrol_id, status_of(said), form=request.form, kept=kept, refusal=said, client_id=client_id))
    flash_done(_("Your round is in. Somebody who did not walk it looks at it now."))
    return back_to("patrols.walk", patrol_id=patrol_id)


def refused(refusal: DomainError, sent: reading.Sent, page: Any) -> Response:
    """The form again with what was filled in; its photos are kept, so that nobody takes them twice. The outbox of a
    phone keeps its own and is answered in JSON."""
    if from_outbox():
        raise refusal
    begin_again()
    kept = reading.kept_fields(sent.stored(current_actor()))
    answer: Response = page(refusal, kept)
    return answer


@bp.post("/patrols/<int:patrol_id>/stops/<int:stop_id>")
@guard.resident
@reads_first
def save_stop(patrol_id: int, stop_id: int) -> BaseResponse:
    """Keep one checkpoint at once: the way through a round without a script."""
    sent = reading.Sent({})
    try:
        sent = reading.prepare(request.files)
        begin_write()
        actor = current_actor()
        row = next((v.stop for v in rounds.walked_by(actor, patrol_id).stops if v.stop.id == stop_id), None)
        draft = reading.stop_from(request.form, row, sent.stored(actor)) if row is not None else None
        if draft is None:
            raise BadStop
        services.note_stop(actor, patrol_id, draft)
    except DomainError as refusal:
        return refused(refusal, sent, lambda said, kept: _shown(
            patrol_id, status_of(said), form=request.form, kept=kept, refusal=said))
    flash_done(_("This checkpoint is kept."))
    return back_to("patrols.walk", patrol_id=patrol_id, _anchor=f"stop-{stop_id}")
