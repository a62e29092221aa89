"""The desk's pages about residents."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.communities import settings
from pointsbank.communities.queries import by_ids
from pointsbank.core import audit, clock
from pointsbank.core.errors import DomainError, Invalid, NotFound
from pointsbank.core.web import (
    answers_secret,
    back_to,
    current_actor,
    flash_done,
    form_refused,
    guard,
    render,
    status_of,
)
from pointsbank.people import listing, policy, queries, services
from pointsbank.people.forms import (
    EraseForm,
    JoinForm,
    LinkForm,
    NewResidentForm,
    ResidentForm,
    RevealForm,
    TagForm,
)
from pointsbank.people.models import LinkKind, Resident
from pointsbank.people.pages.room import area_choices, bp, community_of, present
from pointsbank.people.roles import DESK, OFFICE, ROUNDS, Role
from pointsbank.people.services.residents import path_of


@bp.get("/desk/residents")
@guard.staff(*DESK, *ROUNDS)
def residents() -> Response:
    """Who lives here."""
    actor = current_actor()
    text, left = request.args.get("q", ""), request.args.get("left") == "1"
    page = listing.residents(actor, text=text, left=left, cursor=request.args.get("cursor"))
    return render("people/residents.html", page=page, q=text, left=left,
                  may_change=policy.can(actor, "residents.change"), count=listing.count_residents(community_of(actor)))


@bp.get("/desk/residents/new")
@guard.staff(*OFFICE)
def new_resident() -> Response:
    """Enter somebody."""
    form = NewResidentForm(formdata=None, number=request.args.get("number", ""))
    form.area_id.choices = area_choices(current_actor())
    return render("people/new_resident.html", form=form)


@bp.post("/desk/residents/new")
@guard.staff(*OFFICE)
def add_resident() -> Response:
    """Enter somebody, and their household if it is new."""
    actor = current_actor()
    form = NewResidentForm()
    form.area_id.choices = area_choices(actor)
    try:
        if not form.validate():
            raise Invalid
        number = form.number.data or ""
        home = listing.household_by_number(actor.community_id, number)
        if home is None:
            home = services.found_household(actor, number, area_id=form.area_id.data or None)
        resident = services.add_resident(
            actor, name=form.name.data or "", phone=form.phone.data, born_on=form.born_on.data,
            area_id=form.area_id.data or None, household_id=home.id, relation=form.relation.data or "",
            is_head=bool(form.is_head.data), may_sign_in=bool(form.may_sign_in.data))
    except DomainError as refusal:
        return form_refused("people/new_resident.html", form, refusal)
    flash_done(_("%(name)s is on the list.", name=resident.name))
    return back_to("people.resident", resident_id=resident.id)


def _shown(resident: Resident, phone: str | None = None, status: int = 200, **values: object) -> Response:
    actor = current_actor()
    community_id = community_of(actor)
    may = {verb: policy.can(actor, verb) for verb in ("residents.change", "residents.erase", "residents.tags",
                                                      "users.link", "cards.issue")}
    path = path_of(resident)
    may.update({verb: policy.can(actor, verb, path=path) for verb in ("residents.reveal", "cards.block")})
    links = listing.links(resident.id)
    forms = {"reveal": RevealForm(formdata=None), "link": LinkForm(formdata=None), "tag": _tag_form(formdata=None)}
    return render(
        "people/resident.html", status, resident=resident, phone=phone, may=may, links=links,
        homes=listing.memberships(community_id, resident.id), card=queries.card_of(community_id, resident.id),
        teams=queries.teams_of_resident(resident.id, clock.today()), place=_place(resident),
        tags=queries.tags_of(community_id, resident.id) if may["residents.tags"] else [],
        manageable={user.id for user, _kind in links if may["users.link"] and services.can_manage(actor, user.id)},
        **{**forms, **values})


def _tag_form(**options: Any) -> TagForm:
    form = TagForm(**options)
    form.tag.choices = [(tag, tag) for tag in settings.of(community_of(current_actor())).resident_tags]
    return form


def _place(resident: Resident) -> str:
    return by_ids([resident.area_id])[resident.area_id].name if resident.area_id else ""


@bp.get("/desk/residents/<int:resident_id>")
@guard.staff(*DESK, *ROUNDS)
def resident(resident_id: int) -> Response:
    """One resident; the phone stays masked."""
    return _shown(listing.visible_resident(current_actor(), resident_id))


@bp.post("/desk/residents/<int:resident_id>/phone")
@guard.staff(*OFFICE, Role.GRID_WORKER)
@answers_secret
def reveal(resident_id: int) -> Response:
    """Look behind the mask, against a reason."""
    actor = current_actor()
    found = listing.visible_resident(actor, resident_id)
    form = RevealForm()
    try:
        if not form.validate():
            raise Invalid
        phone = services.reveal_phone(actor, resident_id, form.reason.data or "")
    except DomainError as refusal:
        for text in refusal.fields.values():
            form.reason.errors = [str(text)]
        return _shown(found, status=422, reveal=form)
    return _shown(found, phone=phone or "-")


@bp.get("/desk/residents/<int:resident_id>/edit")
@guard.staff(*OFFICE)
def edit_resident(resident_id: int) -> Response:
    """Correct somebody's entry."""
    found = listing.visible_resident(current_actor(), resident_id)
    form = ResidentForm(formdata=None, obj=found)
    form.area_id.choices = area_choices(current_actor())
    form.area_id.data = found.area_id or 0
    # The whole number is filled in, so opening this page is a look behind the mask; it is entered anew instead.
    form.phone.data = ""
    return render("people/edit_resident.html", form=form, resident=found)


@bp.post("/desk/residents/<int:resident_id>/edit")
@guard.staff(*OFFICE)
def change_resident(resident_id: int) -> Response:
    """Keep the corrections. An empty phone box keeps the number, "-" takes it away."""
    actor = current_actor()
    found = listing.visible_resident(actor, resident_id)
    form = ResidentForm()
    form.area_id.choices = area_choices(actor)
    typed = present(form.phone.data)
    try:
        if not form.validate():
            raise Invalid
        services.change_resident(
            actor, resident_id, name=form.name.data or "", born_on=form.born_on.data,
            phone=found.phone if typed is None else None if typed == "-" else typed, area_id=form.area_id.data or None)
    except DomainError as refusal:
        return form_refused("people/edit_resident.html", form, refusal, resident=found)
    flash_done(_("The changes are kept."))
    return back_to("people.resident", resident_id=resident_id)


@bp.get("/desk/residents/<int:resident_id>/move")
@guard.staff(*OFFICE)
def move(resident_id: int) -> Response:
    """Into another household."""
    found = listing.visible_resident(current_actor(), resident_id)
    return render("people/move.html", form=JoinForm(formdata=None, on=clock.today()), resident=found)


@bp.post("/desk/residents/<int:resident_id>/move")
@guard.staff(*OFFICE)
def join(resident_id: int) -> Response:
    """Into another household."""
    actor = current_actor()
    found = listing.visible_resident(actor, resident_id)
    form = JoinForm()
    try:
        if not form.validate():
            raise Invalid
        home = listing.household_by_number(actor.community_id, form.number.data or "")
        if home is None:
            home = services.found_household(actor, form.number.data or "")
        services.join_household(actor, resident_id, home.id, relation=form.relation.data or "",
                                is_head=bool(form.is_head.data), on=form.on.data)
    except DomainError as refusal:
        return form_refused("people/move.html", form, refusal, resident=found)
    flash_done(_("%(name)s now belongs to household %(number)s.", name=found.name, number=home.number))
    return back_to("people.resident", resident_id=resident_id)


@bp.get("/desk/residents/<int:resident_id>/erase")
@guard.staff(*OFFICE)
def erase_page(resident_id: int) -> Response:
    """What erasing does, before it is done."""
    found = listing.visible_resident(current_actor(), resident_id)
    return render("people/erase_page.html", form=EraseForm(formdata=None), resident=found)


@bp.post("/desk/residents/<int:resident_id>/erase")
@guard.staff(*OFFICE)
@answers_secret
def erase(resident_id: int) -> Response:
    """Erase a person on their wish."""
    found = listing.visible_resident(current_actor(), resident_id)
    form = EraseForm()
    try:
        if not form.validate():
            raise Invalid
        services.erase_resident(current_actor(), resident_id, confirmation=form.confirmation.data or "")
    except DomainError as refusal:
        return form_refused("people/erase_page.html", form, refusal, resident=found)
    flash_done(_("This person is erased. The book keeps only a number."))
    return back_to("people.residents")


# ── Who may sign in for whom ────────────────────────────────────────────────────────────────────────────────────


@bp.post("/desk/residents/<int:resident_id>/links")
@guard.staff(*OFFICE)
def add_link(resident_id: int) -> Response:
    """Let a sign-in act for this resident."""
    actor = current_actor()
    found = listing.visible_resident(actor, resident_id)
    form = LinkForm()
    try:
        if not form.validate():
            raise Invalid
        services.link(actor, resident_id, form.number.data or "", LinkKind(form.kind.data),
                      confirmed=bool(form.confirmed.data))
    except DomainError as refusal:
        for name, text in refusal.fields.items():
            if name in form:
                form[name].errors = [str(text)]
        form.form_errors = [refusal.sentence]
        return _shown(found, status=422, link=form)
    flash_done(_("This sign-in may now act for %(name)s.", name=found.name))
    return back_to("people.resident", resident_id=resident_id)


@bp.post("/desk/residents/<int:resident_id>/links/<int:user_id>/end")
@guard.staff(*OFFICE)
def end_link(resident_id: int, user_id: int) -> Response:
    """End it."""
    services.unlink(current_actor(), resident_id, user_id)
    flash_done(_("This sign-in no longer acts for this person."))
    return back_to("people.resident", resident_id=resident_id)


@bp.post("/desk/residents/<int:resident_id>/sign-in")
@guard.staff(*OFFICE)
def open_sign_in(resident_id: int) -> Response:
    """Give a resident without one a sign-in of their own."""
    services.open_sign_in(current_actor(), resident_id)
    flash_done(_("The sign-in is made. Now tell a one-time code, so that a password can be set."))
    return back_to("people.resident", resident_id=resident_id)


def _check_link(resident_id: int, user_id: int) -> None:
    if user_id not in queries.users_of_resident([resident_id]).get(resident_id, set()):
        raise NotFound


@bp.post("/desk/residents/<int:resident_id>/links/<int:user_id>/code")
@guard.staff(*OFFICE)
@answers_secret
def desk_code(resident_id: int, user_id: int) -> Response:
    """A one-time code to tell or to print; the old password is void."""
    actor = current_actor()
    found = listing.visible_resident(actor, resident_id)
    _check_link(resident_id, user_id)
    code = services.reset_password(actor, user_id)
    user = queries.users_by_id([user_id])[user_id]
    card = queries.card_of(community_of(actor), resident_id)
    return render("people/desk_code.html", resident=found, user=user, code=code, card=card)


@bp.post("/desk/residents/<int:resident_id>/links/<int:user_id>/unfreeze")
@guard.staff(*OFFICE)
def open_frozen(resident_id: int, user_id: int) -> Response:
    """The owner came in person: open the frozen sign-in."""
    listing.visible_resident(current_actor(), resident_id)
    _check_link(resident_id, user_id)
    services.open_frozen(current_actor(), user_id)
    audit.write(current_actor(), "people.seen_in_person", f"resident:{resident_id}")
    flash_done(_("The account is open again."))
    return back_to("people.resident", resident_id=resident_id)


# ── Tags ────────────────────────────────────────────────────────────────────────────────────────────────────────


@bp.post("/desk/residents/<int:resident_id>/tags")
@guard.staff(*OFFICE)
def add_tag(resident_id: int) -> Response:
    """A tag of the community's list, from a day on."""
    found = listing.visible_resident(current_actor(), resident_id)
    form = _tag_form()
    try:
        if not form.validate():
            raise Invalid
        services.add_tag(current_actor(), resident_id, form.tag.data, form.since_on.data)
    except DomainError as refusal:
        for name, text in refusal.fields.items():
            form[name].errors = [str(text)]
        form.form_errors = [refusal.sentence]
        return _shown(found, status=status_of(refusal), tag=form)
    flash_done(_("The tag is entered. Only the desk sees it."))
    return back_to("people.resident", resident_id=resident_id)


@bp.post("/desk/residents/<int:resident_id>/tags/<int:tag_id>/end")
@guard.staff(*OFFICE)
def end_tag(resident_id: int, tag_id: int) -> Response:
    """The tag ends today."""
    services.end_tag(current_actor(), resident_id, tag_id)
    flash_done(_("The tag ends today."))
    return back_to("people.resident", resident_id=resident_id)
