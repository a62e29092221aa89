"""The desk's pages about teams and appointments."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.communities import queries as communities
from pointsbank.core import clock, sheets
from pointsbank.core.errors import DomainError, Forbidden, Invalid, lazy
from pointsbank.core.formats import format_short_day
from pointsbank.core.web import back_to, current_actor, flash_done, form_refused, guard, render, xlsx_response
from pointsbank.people import listing, policy, queries, services
from pointsbank.people.forms import GrantForm, PersonForm, TeamForm
from pointsbank.people.models import Resident, Team, TeamKind
from pointsbank.people.pages.room import bp, community_of
from pointsbank.people.roles import DESK, OFFICE, Role
from pointsbank.people.services.users import user_by_name
from pointsbank.people.texts import ROLE_NAMES, TEAM_KINDS


@bp.get("/desk/teams")
@guard.staff(*DESK)
def teams() -> Response:
    """The teams of the community."""
    actor = current_actor()
    found = queries.teams(community_of(actor))
    ids = [t.id for t in found]
    sizes, leaders = listing.team_sizes(ids), queries.leaders_of(ids)
    if request.args.get("format") == "xlsx":
        rows = [[t.name, str(TEAM_KINDS[t.kind]), sizes.get(t.id, 0), "、".join(u.name for u in leaders.get(t.id, []))]
                for t in found]
        headings = [_("Name of the team"), _("What is it for?"), _("Members"), _("Team leader")]
        return xlsx_response("teams", sheets.write_xlsx(_("Teams"), headings, rows))
    return render("people/teams.html", teams=found, sizes=sizes, leaders=leaders, kinds=TEAM_KINDS,
                  may_change=policy.can(actor, "teams.change"))


@bp.get("/desk/teams/new")
@guard.staff(*OFFICE)
def new_team() -> Response:
    """A new team."""
    return render("people/new_team.html", form=TeamForm(formdata=None))


@bp.post("/desk/teams/new")
@guard.staff(*OFFICE)
def create_team() -> Response:
    """Found it."""
    form = TeamForm()
    try:
        if not form.validate():
            raise Invalid
        made = services.create_team(current_actor(), name=form.name.data or "", kind=TeamKind(form.kind.data))
    except DomainError as refusal:
        return form_refused("people/new_team.html", form, refusal)
    flash_done(_("The team %(name)s is founded. Now add its members and its leader.", name=made.name))
    return back_to("people.team", team_id=made.id)


def _visible_team(team_id: int) -> Team:
    actor = current_actor()
    found = queries.team(actor.community_id, team_id)
    if not policy.can(actor, "teams.see", team_id=found.id):
        raise Forbidden
    return found


def _shown(found: Team, form: PersonForm, status: int = 200, candidates: object = ()) -> Response:
    actor = current_actor()
    return render(
        "people/team.html", status, team=found, form=form, candidates=candidates, kinds=TEAM_KINDS,
        members=queries.team_members(community_of(actor), found.id, clock.today()),
        leaders=queries.leaders_of([found.id]).get(found.id, []), may_change=policy.can(actor, "teams.change"),
        may_add=policy.can(actor, "teams.members", team_id=found.id) and found.closed_on is None)


@bp.get("/desk/teams/<int:team_id>")
@guard.staff(*DESK, Role.TEAM_LEADER)
def team(team_id: int) -> Response:
    """One team and its members; its leader keeps the roster."""
    return _shown(_visible_team(team_id), PersonForm(formdata=None))


def _one_of(community_id: int, text: str) -> Resident | list[Resident]:
    """The one resident meant, or the several it could be."""
    found = list(queries.search_residents(community_id, text, limit=20))
    exact = [r for r in found if r.name == text.strip()]
    return exact[0] if len(exact) == 1 else found[0] if len(found) == 1 else found


@bp.post("/desk/teams/<int:team_id>/members")
@guard.staff(*OFFICE, Role.TEAM_LEADER)
def add_member(team_id: int) -> Response:
    """Take somebody in, by name, phone or card number; where several are meant, the page asks which."""
    found, actor, form = _visible_team(team_id), current_actor(), PersonForm()
    try:
        chosen = request.form.get("resident_id", type=int)
        if chosen is None:
            if not form.validate():
                raise Invalid
            meant = _one_of(community_of(actor), form.person.data or "")
            if isinstance(meant, list):
                if not meant:
                    raise Invalid(fields={"person": lazy("Nobody here goes by this name or number.")})
                return _shown(found, form, 422, candidates=meant)
            chosen = meant.id
        services.add_team_member(actor, team_id, chosen)
    except DomainError as refusal:
        form.person.errors = [str(t) for t in refusal.fields.values()] or [refusal.sentence]
        return _shown(found, form, 422)
    flash_done(_("The new member is on the list."))
    return back_to("people.team", team_id=team_id)


@bp.post("/desk/teams/<int:team_id>/members/<int:resident_id>/remove")
@guard.staff(*OFFICE, Role.TEAM_LEADER)
def remove_member(team_id: int, resident_id: int) -> Response:
    """Somebody leaves the team."""
    services.remove_team_member(current_actor(), team_id, resident_id)
    flash_done(_("The membership ends today."))
    return back_to("people.team", team_id=team_id)


@bp.post("/desk/teams/<int:team_id>/close")
@guard.staff(*OFFICE)
def close_team(team_id: int) -> Response:
    """Dissolve a team."""
    services.close_team(current_actor(), team_id)
    flash_done(_("The team is dissolved."))
    return back_to("people.teams")


# ── Appointments ────────────────────────────────────────────────────────────────────────────────────────────────


def _grant_form(form: GrantForm) -> GrantForm:
    actor = current_actor()
    areas = communities.areas_of(community_of(actor))
    form.role.choices = [(r.value, ROLE_NAMES[r]) for r in policy.appointable(actor)]
    form.area_id.choices = [(a.id, a.name) for a in areas]
    form.team_id.choices = [(0, _("None")), *((t.id, t.name) for t in queries.teams(community_of(actor)))]
    return form


@bp.get("/desk/appointments")
@guard.staff(*DESK)
def appointments() -> Response:
    """Who holds which role here."""
    actor, ended = current_actor(), request.args.get("ended") == "1"
    held = listing.appointments(actor, ended=ended)
    if request.args.get("format") == "xlsx":
        rows = [[str(ROLE_NAMES[h.appointment.role]), h.user.name, h.area.name, h.team.name if h.team else "",
                 format_short_day(h.appointment.since_at)] for h in held]
        headings = [_("Role"), _("Name"), _("Where"), _("Team"), _("Since")]
        return xlsx_response("appointments", sheets.write_xlsx(_("Appointments"), headings, rows))
    return render("people/appointments.html", held=held, ended=ended, names=ROLE_NAMES,
                  may_change=policy.can(actor, "appointments.change"))


@bp.get("/desk/appointments/new")
@guard.staff(*OFFICE)
def new_appointment() -> Response:
    """Give somebody a role."""
    form = _grant_form(GrantForm(formdata=None))
    team_id = request.args.get("team", type=int)
    if team_id:
        form.role.data, form.team_id.data = Role.TEAM_LEADER.value, team_id
    form.area_id.data = current_actor().community_id
    return render("people/new_appointment.html", form=form)


@bp.post("/desk/appointments/new")
@guard.staff(*OFFICE)
def grant() -> Response:
    """Appoint."""
    form = _grant_form(GrantForm())
    try:
        if not form.validate():
            raise Invalid
        user = user_by_name(form.number.data or "")
        row = services.grant(current_actor(), user_id=user.id, role=Role(form.role.data),
                             area_id=form.area_id.data or 0, team_id=form.team_id.data or None)
    except DomainError as refusal:
        return form_refused("people/new_appointment.html", form, refusal)
    flash_done(_("%(name)s is now %(role)s.", name=user.name, role=ROLE_NAMES[row.role]))
    return back_to("people.appointments")


@bp.post("/desk/appointments/<int:appointment_id>/end")
@guard.staff(*OFFICE)
def end_appointment(appointment_id: int) -> Response:
    """End an appointment now."""
    services.end_appointment(current_actor(), appointment_id)
    flash_done(_("The appointment has ended."))
    return back_to("people.appointments")
