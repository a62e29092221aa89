"""A resident's deeds: the list, filing one for oneself or by proxy, the page with the whole story."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.contributions import policy, queries, services
from pointsbank.contributions.forms import DeedForm, fill
from pointsbank.contributions.models import Contribution, State
from pointsbank.contributions.pages.room import bp, community
from pointsbank.contributions.services.recording import Filing
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.errors import DomainError, NotFound
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
from pointsbank.media import queries as media_queries
from pointsbank.media import services as media
from pointsbank.people import queries as people
from pointsbank.people.models import Resident
from pointsbank.people.roles import PROXIES
from pointsbank.publicity import queries as notices
from pointsbank.rules import queries as rules

CAN_CHANGE = {State.DRAFT, State.RETURNED}


@bp.get("/deeds")
@guard.resident
def mine() -> Response:
    """The deeds of the resident acted for, newest first, each with its state and reason."""
    actor = current_actor()
    page = queries.mine(actor, cursor=request.args.get("cursor"))
    ids = [c.id for c in page.items]
    lines = queries.lines_of(community(), ids)
    boards = notices.notices_by_id(community(), {x.notice_id for found in lines.values() for x in found if x.notice_id})
    return render("contributions/mine.html", page=page, lines=lines, boards=boards)


@bp.get("/deeds/for")
@guard.staff(*PROXIES)
def choose() -> Response:
    """For whom a deed is entered by proxy; and what one entered for others so far."""
    text = request.args.get("q", "").strip()
    found = people.search_residents(community(), text) if text else []
    homes = people.household_on(community(), [r.id for r in found], clock.today())
    page = queries.filed_for_others(current_actor(), cursor=request.args.get("cursor"))
    names = people.residents_by_id(community(), {c.resident_id for c in page.items})
    return render("contributions/choose.html", q=text, residents=found, homes=homes, page=page, names=names)


def _whom(actor: Actor, given: str | None) -> int | None:
    """The resident whom the deed is entered for, None for the one acted for. Raises NotFound for anybody not here."""
    if not given or not given.isdecimal() or int(given) == actor.resident_id:
        return None
    return people.resident(community(), int(given)).id


@bp.route("/deeds/new", methods=["GET", "POST"])
@reads_first
@guard.signed_in
def new() -> Response | BaseResponse:
    """File a deed. Photos are prepared before the write lock is taken."""
    actor = current_actor()
    whom_id = _whom(actor, request.values.get("for_resident") or request.args.get("for"))
    if whom_id is None and actor.resident_id is None:
        return back_to("contributions.choose")
    form = DeedForm()
    items = rules.items(community())
    form.offer(items)
    _offer_people(form, whom_id or actor.resident_id or 0)
    if not form.is_submitted():
        form.on.data = form.on.data or clock.today()
        form.item.data = request.args.get("item", "")
        form.for_resident.data = str(whom_id or "")
        return render("contributions/new.html", form=form, whom=_named(whom_id), deed=None, photos=[])
    try:
        form_checked(form)
        prepared = media.prepare_uploads(request.files.getlist("photos"))
        begin_write()
        filing = _filing(form, items, _stored(current_actor(), prepared, whom_id or actor.resident_id))
        sent = request.form.get("later") != "1"
        deed = services.file(current_actor(), filing, resident_id=whom_id, reason=form.reason.data or "", submit=sent)
    except DomainError as refusal:
        return form_refused("contributions/new.html", form, refusal, whom=_named(whom_id), deed=None, photos=[])
    _say_sent(sent)
    return back_to("contributions.choose") if whom_id is not None else back_to("contributions.deed", deed_id=deed.id)


def _offer_people(form: DeedForm, resident_id: int, but: int = 0) -> None:
    family = people.relatives(community(), resident_id, clock.today()).values()
    earlier = queries.earlier_acts(community(), resident_id, but)
    form.offer_people(sorted(family, key=lambda person: person.name), earlier)


def _named(resident_id: int | None) -> Resident | None:
    return people.resident(community(), resident_id) if resident_id is not None else None


def _say_sent(sent: bool) -> None:
    flash_done(_("Sent. You will be told of the decision.") if sent else _("Kept as a draft. Nobody else sees it."))


def form_checked(form: Any) -> None:
    """Raises Invalid when the shape of a form is wrong; its fields then carry their sentences."""
    from pointsbank.core.errors import Invalid

    if not form.validate():
        raise Invalid


def _stored(actor: Actor, prepared: list[Any], resident_id: int | None) -> tuple[int, ...]:
    return tuple(media.store(actor, None, "", "deed", prepared=one, resident_id=resident_id).id for one in prepared)


def _filing(form: DeedForm, items: list[Any], photo_ids: tuple[int, ...]) -> Filing:
    return Filing(kind=form.kind_of(items), title=form.title.data or "", on=form.on.data or dt.date.min,
                  item_code=form.item.data or None, minutes=form.minutes, units=form.units, place=form.place.data or "",
                  text=form.text.data or "", photo_ids=photo_ids, **form.more)


@bp.get("/deeds/<int:deed_id>")
@guard.signed_in
def deed(deed_id: int) -> Response:
    """One deed: state, photos, what it earned and why, and every step with its day."""
    actor = current_actor()
    found = queries.deed(actor, deed_id)
    return render("contributions/deed.html", **story(found), may_change=policy.may_change(actor, found),
                  can_change=found.state in CAN_CHANGE, can_withdraw=found.state in {*CAN_CHANGE, State.SUBMITTED},
                  own=found.resident_id == actor.resident_id, **asked(found))


def asked(found: Contribution) -> dict[str, Any]:
    """Whether a review of the deed can be asked for, and where the requests about it stand."""
    actor = current_actor()
    chance = queries.appeals.chance(found)
    standings = queries.appeals.standings(found.community_id, chance.asked)
    shown = {line.notice_id for s in standings.values() for line in s.lines if line.notice_id is not None}
    return {"chance": chance, "standings": standings,
            "later_boards": notices.notices_by_id(found.community_id, shown),
            "may_ask": policy.may_ask_review(actor, found), "may_ask_on_paper": policy.may_ask_on_paper(actor, found)}


def story(found: Contribution) -> dict[str, Any]:
    """What the page of a deed tells, for its resident and for the desk."""
    steps = queries.steps_of(found.community_id, found.id)
    lines = queries.lines_of(found.community_id, [found.id])[found.id]
    resident = people.resident(found.community_id, found.resident_id)
    homes = people.households_by_id(found.community_id, [found.household_id] if found.household_id else [])
    rounds = queries.earlier_rounds(found.community_id, [found])[found.id]
    shown = media_queries.photos_of(found.community_id, [f"contribution:{i}" for i in (found.id, *rounds)])
    return {
        "same_act": queries.acts.same(found) if found.state is not State.DRAFT else [],
        "deed": found, "steps": steps, "lines": lines, "resident": resident, "home": homes.get(found.household_id or 0),
        "boards": notices.notices_by_id(found.community_id, {x.notice_id for x in lines if x.notice_id is not None}),
        "names": people.names_of_users({s.by_user_id for s in steps if s.by_user_id is not None}),
        "photos": [photo for key in shown for photo in shown[key]], "earlier_id": rounds[0] if rounds else None,
    }


@bp.route("/deeds/<int:deed_id>/edit", methods=["GET", "POST"])
@reads_first
@guard.signed_in
def edit(deed_id: int) -> Response | BaseResponse:
    """Complete a draft or a returned deed, and send it."""
    found = _changeable(deed_id)
    resident_id = found.resident_id
    form = DeedForm()
    items = rules.items(community())
    form.offer(items)
    _offer_people(form, resident_id, but=deed_id)
    if not form.is_submitted():
        fill(form, found)
        return render("contributions/new.html", form=form, **_edited(deed_id))
    try:
        form_checked(form)
        prepared = media.prepare_uploads(request.files.getlist("photos"))
        begin_write()
        photo_ids = _stored(current_actor(), prepared, resident_id)
        services.change(current_actor(), deed_id, _filing(form, items, photo_ids))
        sent = request.form.get("later") != "1"
        if sent:
            services.submit(current_actor(), deed_id)
    except DomainError as refusal:
        return form_refused("contributions/new.html", form, refusal, **_edited(deed_id))
    _say_sent(sent)
    return back_to("contributions.deed", deed_id=deed_id)


def _changeable(deed_id: int) -> Contribution:
    actor = current_actor()
    found = queries.deed(actor, deed_id)
    if not policy.may_change(actor, found) or found.state not in CAN_CHANGE:
        raise NotFound
    return found


def _edited(deed_id: int) -> dict[str, Any]:
    """Read anew: what was read before the write lock is gone."""
    key = f"contribution:{deed_id}"
    return {"whom": None, "deed": queries.deed(current_actor(), deed_id),
            "photos": media_queries.photos_of(community(), [key])[key]}


@bp.post("/deeds/<int:deed_id>/withdraw")
@guard.signed_in
def withdraw(deed_id: int) -> BaseResponse:
    """Take a deed back before it is decided."""
    services.withdraw(current_actor(), deed_id)
    flash_done(_("You took this deed back."))
    return back_to("contributions.deed", deed_id=deed_id)
