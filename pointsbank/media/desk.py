"""The desk's page of one photo: cover parts of it, see what was covered, and, for the committee, look behind it."""

from __future__ import annotations

import math
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.core.errors import DomainError, NotFound, lazy
from pointsbank.core.web import (
    answers_secret,
    back_to,
    begin_write,
    current_actor,
    flash_done,
    form_refused,
    guard,
    reads_first,
    render,
    safe_next,
)
from pointsbank.media import covering, policy, queries
from pointsbank.media.boxes import MOST_BOXES
from pointsbank.media.forms import CoverForm, Row, WhyForm, fractions, rows_of
from pointsbank.media.models import CoverKind, Photo
from pointsbank.media.pages import bp, original_of
from pointsbank.people import queries as people
from pointsbank.people.roles import DESK

AT_FIRST = 2
STEPS = {
    CoverKind.COVERED: ("eye-slash", lazy("Covered")),
    CoverKind.OPENED: ("eye-fill", lazy("The uncovered photo was opened")),
    CoverKind.RESTORED: ("arrow-counterclockwise", lazy("Boxes taken away")),
    CoverKind.FORGOTTEN: ("check-lg", lazy("The uncovered photo was deleted")),
}


def may_cover(photo: Photo) -> bool:
    """Whether the visitor may draw boxes on this photo: for the link beside it."""
    return policy.can_cover(current_actor(), photo)


@bp.record_once
def _words(state: Any) -> None:
    # Macros that are imported see globals only.
    state.app.jinja_env.globals.update(may_cover=may_cover, cover_words=STEPS)


@bp.get("/desk/photos/<int:photo_id>/cover")
@guard.staff(*DESK)
def cover(photo_id: int) -> Response:
    """The photo with room for boxes; beside it what was covered before and by whom."""
    return _page(queries.coverable(current_actor(), photo_id), [])


def _page(photo: Photo, rows: list[Row], *, boxes: CoverForm | None = None, why: WhyForm | None = None,
          refusal: DomainError | None = None, previewed: bool = False) -> Response:
    actor = current_actor()
    steps = queries.cover_steps(actor, photo.id, cursor=request.args.get("cursor"))
    blank: Row = ("", "", "", "")
    opening = request.args.get("open", "")
    values = {
        "photo": photo, "steps": steps, "rows": [*rows, *[blank] * (MOST_BOXES - len(rows))],
        "shown_rows": max(AT_FIRST, min(len(rows) + 1, MOST_BOXES)), "drawn": _drawable(rows), "previewed": previewed,
        "names": people.names_of_users({step.by_user_id for step in steps.items if step.by_user_id}),
        "kept": queries.kept_original(actor, photo.id), "may_uncover": policy.can_uncover(actor, photo),
        "opening": opening if opening and _opens(opening, photo) else "",
        "back": safe_next(url_for("boards.desk")), "why": why or WhyForm(formdata=None)}
    if refusal is not None:
        return form_refused("media/cover.html", why or boxes or CoverForm(), refusal, **values)
    return render("media/cover.html", form=CoverForm(formdata=None), **values)


def _drawable(rows: list[Row]) -> list[list[str]]:
    """Those boxes that can be shown on the picture, as percent with a point; a wrong one is named in words instead."""
    found = []
    for row in rows:
        numbers = [number * 100 for number in fractions(row)]
        if all(math.isfinite(number) and 0 <= number <= 100 for number in numbers):
            found.append([f"{number:.2f}" for number in numbers])
    return found


def _opens(text: str, photo: Photo) -> bool:
    try:
        return queries.opened(current_actor(), text)[0] == photo.id
    except NotFound:
        return False


@bp.post("/desk/photos/<int:photo_id>/cover")
@guard.staff(*DESK)
@reads_first
def draw(photo_id: int) -> Response:
    """Look at the boxes first, or draw them into the photo."""
    actor, rows = current_actor(), rows_of(request.form)
    photo = queries.coverable(actor, photo_id)
    try:
        if request.form.get("do") == "preview":
            covering.check([fractions(row) for row in rows])
            return _page(photo, rows, previewed=True)
        prepared = covering.prepare_cover(actor, photo_id, [fractions(row) for row in rows])
    except DomainError as refusal:
        return _page(photo, rows, boxes=CoverForm(), refusal=refusal)
    begin_write()
    covering.cover(current_actor(), prepared)
    flash_done(_("Covered. The photo can only be seen with the black boxes now."))
    return _on(photo_id)


def _on(photo_id: int, **more: str) -> Response:
    wanted = safe_next("")
    return back_to("media.cover", photo_id=photo_id, **({"next": wanted} if wanted else {}), **more)


@bp.post("/desk/photos/<int:photo_id>/original")
@guard.staff(*policy.UNCOVERERS)
@answers_secret
def open_original(photo_id: int) -> Response:
    """The committee looks at the uncovered picture, with a reason on record."""
    form = WhyForm()
    try:
        opening = covering.open_original(current_actor(), photo_id, form.reason.data or "")
    except DomainError as refusal:
        return _page(queries.coverable(current_actor(), photo_id), [], why=form, refusal=refusal)
    return _on(photo_id, open=opening)


@bp.post("/desk/photos/<int:photo_id>/restore")
@guard.staff(*policy.UNCOVERERS)
def restore(photo_id: int) -> Response:
    """The committee takes the boxes away again."""
    form = WhyForm()
    try:
        covering.restore(current_actor(), photo_id, form.reason.data or "")
    except DomainError as refusal:
        return _page(queries.coverable(current_actor(), photo_id), [], why=form, refusal=refusal)
    flash_done(_("The boxes are taken away. The photo is shown as it was sent."))
    return _on(photo_id)


@bp.get("/desk/photos/originals/<text>")
@guard.staff(*policy.UNCOVERERS)
def original(text: str) -> Response:
    """The uncovered picture, for five minutes, for the one who opened it."""
    return original_of(text)
