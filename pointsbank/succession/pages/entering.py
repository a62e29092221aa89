"""Writing a case down, without JavaScript: choose what happened, fill in, look at what it comes to, propose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.core import clock
from pointsbank.core.errors import DomainError, Invalid, NotFound
from pointsbank.core.points import parse_points
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
from pointsbank.media import services as media
from pointsbank.people import listing
from pointsbank.people import queries as people
from pointsbank.people.models import Household, HouseholdMember, Resident
from pointsbank.people.pages.room import area_choices, community_of
from pointsbank.people.roles import OFFICE
from pointsbank.succession import queries, services
from pointsbank.succession.errors import NobodyFound
from pointsbank.succession.forms import SHOWN, ChangeForm
from pointsbank.succession.models import ChangeKind, HouseholdChange, ShareMode
from pointsbank.succession.pages.room import bp
from pointsbank.succession.plans import Wish

OF_A_HOUSEHOLD = (ChangeKind.SPLIT, ChangeKind.MERGE, ChangeKind.MOVE, ChangeKind.HEAD, ChangeKind.LEAVE,
                  ChangeKind.DEATH)


@dataclass(frozen=True)
class Subject:
    """Where a case begins: a household with its members, a resident, or another case that is taken back."""

    household: Household | None = None
    members: tuple[HouseholdMember, ...] = ()
    resident: Resident | None = None
    change: HouseholdChange | None = None

    @property
    def kinds(self) -> list[ChangeKind]:
        """What may have happened to it."""
        if self.change is not None:
            return [ChangeKind.UNDO]
        if self.household is not None:
            useless = set()
            if len(self.members) < 2:
                useless.add(ChangeKind.SPLIT)
            if all(m.is_head for m in self.members):
                useless.add(ChangeKind.HEAD)
            if not self.members:
                useless |= {ChangeKind.LEAVE, ChangeKind.DEATH}
            return [kind for kind in OF_A_HOUSEHOLD if kind not in useless]
        if self.resident is None:
            return []
        if self.resident.died_on is not None:
            return [ChangeKind.HEIR]
        return [ChangeKind.RETURN] if self.resident.left_on is not None else [ChangeKind.LEAVE, ChangeKind.DEATH]

    @property
    def place(self) -> dict[str, int]:
        """How addresses name it."""
        found = {"household": self.household, "resident": self.resident, "change": self.change}
        return {name: row.id for name, row in found.items() if row is not None}


def subject_of(values: Any) -> Subject:
    """The subject that an address or a form names. Raises NotFound for what isn't here."""
    actor = current_actor()

    def number(name: str) -> int | None:
        text = values.get(name) or ""
        return int(text) if text.isdecimal() and len(text) < 10 else None

    household, resident, change = number("household"), number("resident"), number("change")
    if change is not None:
        return Subject(change=queries.change(actor.community_id, change))
    who = listing.visible_resident(actor, resident) if resident is not None else None
    if who is not None and household is None:
        row = people.present_membership(community_of(actor), who.id)
        household = row.household_id if row is not None else None
    if household is None:
        if who is None:
            raise NotFound
        return Subject(resident=who)
    home = listing.visible_household(actor, household)
    return Subject(home, tuple(people.present_members(community_of(actor), home.id)), who)


@bp.get("/desk/household-changes/new")
@guard.staff(*OFFICE)
def choose() -> Response:
    """What happened?"""
    subject = subject_of(request.args)
    if subject.household is not None and subject.household.closed_on is not None:
        raise NotFound
    return render("succession/choose.html", subject=subject)


def _form(kind: ChangeKind, subject: Subject, given: Any) -> ChangeForm:
    form = ChangeForm(given, meta={"csrf": False})
    form.offer(kind, subject.members, area_choices(current_actor()))
    for name, value in subject.place.items():
        form[name].data = str(value)
    return form


def _kind(kind: str, subject: Subject) -> ChangeKind:
    if kind not in {k.value for k in subject.kinds}:
        raise NotFound
    return ChangeKind(kind)


@bp.get("/desk/household-changes/new/<kind>")
@guard.staff(*OFFICE)
def details(kind: str) -> Response:
    """Who, which day, how are the points shared out? Comes back filled in from the preview."""
    subject = subject_of(request.args)
    chosen = _kind(kind, subject)
    form = _form(chosen, subject, request.args)
    if "on" not in request.args:
        form.on.data = clock.today()
        form.share_mode.data = ShareMode.HEADS.value
        form.number.data = subject.household.number if subject.household and chosen is ChangeKind.MOVE else ""
        form.area_id.data = (subject.household.area_id or 0) if subject.household else 0
        form.resident_id.data = subject.resident.id if subject.resident else None
    return _details(chosen, subject, form)


def _details(kind: ChangeKind, subject: Subject, form: ChangeForm, refusal: DomainError | None = None) -> Response:
    values = {"kind": kind, "subject": subject, "shown": SHOWN[kind]}
    if refusal is not None:
        return form_refused("succession/details.html", form, refusal, **values)
    return render("succession/details.html", form=form, **values)


@bp.get("/desk/household-changes/new/<kind>/preview")
@guard.staff(*OFFICE)
def preview(kind: str) -> Response:
    """Who goes where, and which points with which last day; nothing is written yet."""
    subject = subject_of(request.args)
    chosen = _kind(kind, subject)
    form = _form(chosen, subject, request.args)
    try:
        found = queries.preview(current_actor(), wish_of(chosen, subject, form))
    except DomainError as refusal:
        return _details(chosen, subject, form, refusal)
    given = [(name, value) for name, value in request.args.items(multi=True) if name in form and name != "photos"]
    return render("succession/preview.html", kind=chosen, subject=subject, found=found, given=given, form=form,
                  back=request.args.to_dict(flat=False))


@bp.post("/desk/household-changes/new/<kind>")
@reads_first
@guard.staff(*OFFICE)
def propose(kind: str) -> Response:
    """Write it down for a second person. Photos are prepared before the write lock is taken."""
    subject = subject_of(request.form)
    chosen = _kind(kind, subject)
    try:
        prepared = media.prepare_uploads(request.files.getlist("photos"))
        begin_write()
        subject = subject_of(request.form)
        form = _form(chosen, subject, request.form)
        actor = current_actor()
        ids = tuple(media.store(actor, None, "", "household", prepared=one).id for one in prepared)
        change = services.propose(actor, wish_of(chosen, subject, form), photo_ids=ids)
    except DomainError as refusal:
        return _details(chosen, subject, _form(chosen, subject, request.form), refusal)
    flash_done(_("Entered. Somebody else confirms it before anything changes."))
    return back_to("succession.change", change_id=change.id)


# ── From the form to the wish ───────────────────────────────────────────────────────────────────────────────────


def wish_of(kind: ChangeKind, subject: Subject, form: ChangeForm) -> Wish:
    """What was filled in, as plain values. Raises Invalid with the fields that can't be read."""
    if not form.validate():
        raise Invalid
    home, who = subject.household, subject.resident
    chosen = form.resident_ids.data or [] if home is not None else [who.id] if who is not None else []
    if kind is ChangeKind.DEATH and home is not None:
        chosen = [form.resident_id.data] if form.resident_id.data else []
    into = _into(kind, form)
    mode = ShareMode(form.share_mode.data or ShareMode.HEADS)
    return Wish(
        kind, form.on.data, form.reason.data or "", household_id=home.id if home is not None else None,
        resident_ids=tuple(int(r) for r in chosen), number=form.number.data or "", area_id=form.area_id.data or None,
        head_id=form.head_id.data, stay_head_id=form.stay_head_id.data, into_id=into, heir_id=_heir(kind, form),
        share_mode=mode, share=_share(mode, form), undoes_id=subject.change.id if subject.change else None)


def _into(kind: ChangeKind, form: ChangeForm) -> int | None:
    """The household that takes somebody in: for joining it must be there; who comes back may found a new one."""
    text = {ChangeKind.MERGE: form.into.data, ChangeKind.RETURN: form.number.data}.get(kind)
    found = listing.household_by_number(current_actor().community_id, text or "") if text else None
    if found is None and kind is ChangeKind.MERGE:
        raise Invalid(fields={"into": _("There is no household with this number.")})
    return found.id if found is not None else None


def _heir(kind: ChangeKind, form: ChangeForm) -> int | None:
    text = (form.heir.data or "").strip()
    if kind not in {ChangeKind.DEATH, ChangeKind.HEIR} or not text:
        return None
    found = people.search_residents(community_of(current_actor()), text, limit=2)
    if len(found) != 1:
        raise NobodyFound(fields={"heir": NobodyFound.message})
    return found[0].id


def _share(mode: ShareMode, form: ChangeForm) -> int:
    if mode is ShareMode.PERCENT:
        if form.percent.data is None:
            raise Invalid(fields={"percent": _("How many percent?")})
        return int(form.percent.data)
    if mode is ShareMode.POINTS:
        try:
            return parse_points(form.points.data or "")
        except DomainError as refusal:
            raise Invalid(fields={"points": refusal.sentence}) from None
    return 0
