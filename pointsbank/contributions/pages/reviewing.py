"""The review desk: the queue, a deed with everything about it, approve one or many, return, reject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.communities import queries as communities
from pointsbank.communities import settings
from pointsbank.contributions import policy, queries, services, wording
from pointsbank.contributions.errors import PanelDecides
from pointsbank.contributions.forms import CorrectionForm, ReasonForm
from pointsbank.contributions.models import Contribution, State
from pointsbank.contributions.pages.deeds import asked, story
from pointsbank.contributions.pages.room import bp, community
from pointsbank.contributions.queries import sittings
from pointsbank.core import clock, sheets
from pointsbank.core.errors import DomainError, Invalid
from pointsbank.core.masking import mask_name
from pointsbank.core.points import to_decimal
from pointsbank.core.web import (
    back_to,
    current_actor,
    flash_done,
    form_refused,
    guard,
    render,
    safe_next,
    xlsx_response,
)
from pointsbank.media import queries as media
from pointsbank.people import queries as people
from pointsbank.people.models import Household, Resident
from pointsbank.people.roles import DESK
from pointsbank.rules import queries as rules
from pointsbank.rules.evaluation import Evaluation

FILTERS = ("", "mine", "by_hand", "sent_up")


@dataclass(frozen=True)
class QueueRow:
    """One deed of the queue with everything its row says. ``hindrance`` is why the visitor can't approve it alone,
    ``late`` how many days it has waited if that is longer than the community wants."""

    deed: Contribution
    resident: Resident
    home: Household | None
    preview: Evaluation | None
    photos: int
    hindrance: type[DomainError] | None
    late: int

    @property
    def locked(self) -> str:
        """Who else decides, in words; empty where the visitor may."""
        return wording.who_else(self.hindrance)

    @property
    def may_refuse(self) -> bool:
        """Send back and turn down: also what only the panel may approve, as long as it is on no list."""
        return self.hindrance in {None, PanelDecides}


def _rows(deeds: list[Contribution]) -> list[QueueRow]:
    """Rows for any number of deeds in a constant number of statements."""
    community_id, actor = community(), current_actor()
    residents = people.residents_by_id(community_id, {c.resident_id for c in deeds})
    homes = people.households_by_id(community_id, {c.household_id for c in deeds if c.household_id is not None})
    previews = services.preview([c for c in deeds if c.state is State.SUBMITTED])
    hindered = services.hindrances(actor, deeds, previews)
    most = settings.of(community_id).review_days
    photos = media.photos_of(community_id, [f"contribution:{c.id}" for c in deeds])
    rows = []
    for deed in deeds:
        waited = (clock.now() - deed.submitted_at).days if deed.submitted_at and deed.state is State.SUBMITTED else 0
        rows.append(QueueRow(deed, residents[deed.resident_id], homes.get(deed.household_id or 0),
                             previews.get(deed.id), len(photos[f"contribution:{deed.id}"]),
                             hindered.get(deed.id), waited if waited > most else 0))
    return rows


@bp.get("/desk/reviews")
@guard.staff(*DESK)
def reviews() -> Response:
    """The queue, oldest first, with filters."""
    chosen = request.args.get("only", "")
    wanted = queries.Waiting(only=chosen if chosen in FILTERS else "", kind=request.args.get("kind", ""),
                             text=request.args.get("q", "")[:40])
    actor = current_actor()
    if request.args.get("format") == "xlsx":
        return _xlsx(_rows(list(queries.waiting_for(actor, wanted, limit=100).items)))
    page = queries.waiting_for(actor, wanted, cursor=request.args.get("cursor"))
    above = communities.by_ids({c.sent_up_area_id for c in page.items if c.sent_up_area_id is not None})
    return render("contributions/reviews.html", rows=_rows(list(page.items)), page=page, wanted=wanted, above=above,
                  load=queries.load_of(community()))


def _xlsx(rows: list[QueueRow]) -> Response:
    headings = [_("Household"), _("Name"), _("What was done"), _("Kind"), _("Day"), _("How it came in"), _("Points"),
                _("Photos")]
    body = [[r.home.number if r.home else "", mask_name(r.resident.name), wording.title(r.deed), wording.kind(r.deed),
             r.deed.done_on.isoformat(), wording.via(r.deed),
             to_decimal(r.preview.points) if r.preview else 0, r.photos] for r in rows]
    return xlsx_response("reviews", sheets.write_xlsx(_("Deeds to review"), headings, body))


@bp.get("/desk/deeds/<int:deed_id>")
@guard.staff(*DESK)
def review(deed_id: int) -> Response:
    """A deed with everything about it, and what can be done."""
    return render("contributions/review.html", **_values(deed_id))


def _grouped(found: Contribution) -> dict[str, str]:
    """By code: the "highest only" groups of the standard of the deed's day."""
    return {rule.code: rule.highest_group for rule in rules.items(found.community_id, on=found.done_on)
            if rule.highest_group}


def _values(deed_id: int, **given: Any) -> dict[str, Any]:
    actor = current_actor()
    found = queries.deed(actor, deed_id)
    row = _rows([found])[0]
    near = queries.acts.near(found) if found.state is State.SUBMITTED else []
    return {**story(found), **asked(found), "row": row, "near": near,
            "grouped": _grouped(found) if near or found.act_key else {}, "reason_form": ReasonForm(formdata=None),
            "correction_form": CorrectionForm(formdata=None), "may_correct": policy.may_correct(actor),
            "corrections": queries.corrections_of(found.community_id, found.id),
            "listed": sittings.waiting_item(found.community_id, found.id),
            "above": communities.by_ids([found.sent_up_area_id] if found.sent_up_area_id else []), **given}


@bp.post("/desk/reviews/approve")
@guard.staff(*DESK)
def approve_many() -> BaseResponse:
    """Approve every ticked deed, all or none."""
    ids = [int(text) for text in request.form.getlist("deed") if text.isdecimal()]
    if not ids:
        raise Invalid(_("Tick the deeds first."))
    done = services.approve(current_actor(), ids)
    flash_done(ngettext("%(num)d deed accepted.", "%(num)d deeds accepted.", len(done)))
    return back_to("contributions.reviews")


@bp.post("/desk/deeds/<int:deed_id>/approve")
@guard.staff(*DESK)
def approve(deed_id: int) -> BaseResponse:
    """Approve one deed."""
    (done,) = services.approve(current_actor(), [deed_id])
    flash_done(_("“%(what)s” accepted.", what=done.title))
    return _onward()


@bp.post("/desk/deeds/<int:deed_id>/act")
@guard.staff(*DESK)
def mark_act(deed_id: int) -> BaseResponse:
    """Mark a deed as the same act as another one of its resident, or as an act of its own."""
    chosen = request.form.get("other", "")
    if chosen and not chosen.isdecimal():
        raise Invalid(_("Choose the other deed."))
    services.mark_same_act(current_actor(), deed_id, int(chosen) if chosen else None)
    flash_done(_("Noted. Of items that count once only the highest counts for one act.") if chosen else
               _("Noted: an act of its own."))
    return back_to("contributions.review", deed_id=deed_id)


@bp.post("/desk/deeds/<int:deed_id>/return")
@guard.staff(*DESK)
def return_(deed_id: int) -> Response | BaseResponse:
    """Send a deed back with a reason."""
    return _with_reason(deed_id, reject=False)


@bp.post("/desk/deeds/<int:deed_id>/reject")
@guard.staff(*DESK)
def reject(deed_id: int) -> Response | BaseResponse:
    """Turn a deed down with a reason."""
    return _with_reason(deed_id, reject=True)


def _with_reason(deed_id: int, *, reject: bool) -> Response | BaseResponse:
    form = ReasonForm()
    verb = services.reject if reject else services.return_
    try:
        done = verb(current_actor(), deed_id, form.reason.data or "")
    except DomainError as refusal:
        if not refusal.fields:
            raise
        return form_refused("contributions/review.html", form, refusal, **_values(deed_id, reason_form=form))
    flash_done(_("“%(what)s” was not accepted.", what=done.title) if reject else
               _("“%(what)s” was sent back.", what=done.title))
    return _onward()


def _onward() -> BaseResponse:
    """Back to where the button stood: the queue, or the desk."""
    from flask import redirect

    return redirect(safe_next(url_for("contributions.reviews")), 303)
