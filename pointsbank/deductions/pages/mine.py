"""For the people concerned: their own list, one letter, answering, appealing, the paper; and for nobody else."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.communities import queries as areas
from pointsbank.communities import settings
from pointsbank.core import clock
from pointsbank.core.errors import DomainError, Invalid, NotFound
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
from pointsbank.deductions import queries, services
from pointsbank.deductions.forms import AnswerForm, AppealForm
from pointsbank.deductions.models import DeductionState
from pointsbank.deductions.pages.room import bp, rule_of
from pointsbank.media import services as media
from pointsbank.media.pages import file_of


@bp.get("/deductions")
@guard.resident
def mine() -> Response:
    """Those of the resident acted for and of their household."""
    page = queries.own(current_actor(), cursor=request.args.get("cursor"))
    return render("deductions/mine.html", page=page)


@bp.get("/deductions/<int:deduction_id>")
@guard.resident
def own(deduction_id: int) -> Response:
    """One letter, what came of it, and what can be done."""
    return render("deductions/own.html", **_values(deduction_id))


def _values(deduction_id: int, forms: dict[str, Any] | None = None) -> dict[str, Any]:
    actor = current_actor()
    found = queries.seen(actor, deduction_id)
    if not queries.is_concerned(actor, found):
        raise NotFound  # the desk has a page of its own
    today = clock.today()
    speaks = queries.may_speak(actor, found)
    return {"deduction": found, "steps": queries.steps(found), "photos": queries.photos(found), "rule": rule_of(found),
            "may_answer": speaks and found.state is DeductionState.ANNOUNCED,
            "may_appeal": speaks and found.state is DeductionState.IMPOSED and found.appeal_by is not None
            and today <= found.appeal_by,
            "forms": {"answer": AnswerForm(formdata=None), "appeal": AppealForm(formdata=None), **(forms or {})}}


@bp.post("/deductions/<int:deduction_id>/answer")
@guard.resident
@reads_first
def answer(deduction_id: int) -> BaseResponse:
    """Answer, or say that it is put right."""
    form = AnswerForm()
    try:
        photo_ids = _sent(form)
        services.answer(current_actor(), deduction_id, form.text.data or "", put_right=form.said.data == "put_right",
                        photo_ids=photo_ids)
    except DomainError as refusal:
        return _refused(form, "answer", refusal, deduction_id)
    flash_done(_("Sent. Somebody looks at it; you will be told."))
    return back_to("deductions.own", deduction_id=deduction_id)


@bp.post("/deductions/<int:deduction_id>/appeal")
@guard.resident
@reads_first
def appeal(deduction_id: int) -> BaseResponse:
    """Appeal in writing."""
    form = AppealForm()
    try:
        photo_ids = _sent(form)
        services.appeal(current_actor(), deduction_id, form.text.data or "", photo_ids=photo_ids)
    except DomainError as refusal:
        return _refused(form, "appeal", refusal, deduction_id)
    flash_done(_("Your appeal has come in. Somebody who had no part in it answers in writing within 7 working days."))
    return back_to("deductions.own", deduction_id=deduction_id)


def _sent(form: Any) -> list[int]:
    """The photo of a form, stored; it was prepared before the write lock is taken."""
    if not form.validate():
        raise Invalid
    prepared = media.prepare_uploads([request.files.get("photo")], most=1)
    begin_write()
    return [media.store(current_actor(), None, "", "deduction", prepared=one).id for one in prepared]


def _refused(form: Any, name: str, refusal: DomainError, deduction_id: int) -> BaseResponse:
    if isinstance(refusal, NotFound):
        raise refusal
    values = _values(deduction_id, {name: form})
    return form_refused("deductions/own.html", form, refusal, **values)


@bp.get("/deductions/<int:deduction_id>/letter")
@guard.signed_in
def letter(deduction_id: int) -> Response:
    """The letter on A4, for those concerned, whoever announced it, and the desk."""
    found = queries.seen(current_actor(), deduction_id)
    place = areas.area(found.community_id)
    steps = queries.steps(found)
    return render("deductions/letter.html", deduction=found, steps=steps, rule=rule_of(found), place=place,
                  settings=settings.of(found.community_id), whose=queries.whose(found.community_id, [found])[found.id],
                  last_words=queries.last_words)


@bp.get("/deductions/<int:deduction_id>/photos/<key>/<size>")
@guard.signed_in
def photo(deduction_id: int, key: str, size: str) -> Response:
    """A photo that a deduction rests on, or that was sent as an answer, for those who may see the deduction."""
    return file_of(queries.photo(current_actor(), deduction_id, key).key, size)
