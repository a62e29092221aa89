"""People as JSON: sessions, me, residents, households, teams, appointments, cards."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from pointsbank.core.api import ApiRoom, PageInput
from pointsbank.core.errors import Invalid
from pointsbank.core.web import answers_secret, begin_write, current_actor, guard, reads_first, xlsx_response
from pointsbank.people import exporting, listing, schemas, services
from pointsbank.people.models import ExportRequest, Household, Resident
from pointsbank.people.roles import DESK, OFFICE, ROUNDS, Role

api = ApiRoom("people", __name__, prefix="", description="Sessions, residents, households, teams and cards")


@api.post("/sessions")
@guard.public
@reads_first
@answers_secret
@api.arguments(schemas.SessionInput)
@api.response(201, schemas.SessionView)
def open_session(given: dict[str, Any]) -> Any:
    """Sign in; the bearer token is told once. With one choice only, it acts for that resident at once."""
    number, device = given["number"], given["device"]
    if bool(given["password"]) == bool(given["code"]):
        raise Invalid
    if given["code"]:
        begin_write()
        return services.sign_in_by_code(number, given["code"], device=device, is_bearer=True)
    checked = services.verify_password(number, given["password"])
    begin_write()
    return services.sign_in_by_password(checked, device=device, is_bearer=True)


@api.post("/sessions/codes")
@guard.public
@answers_secret
@api.arguments(schemas.CodeInput)
@api.response(204)
def send_code(given: dict[str, Any]) -> None:
    """Send a one-time code; the answer is the same for every number."""
    services.prepare_code(given["number"])


@api.get("/sessions")
@guard.signed_in
@api.response(200, schemas.DevicesView)
def list_sessions() -> Any:
    """One's own open sessions."""
    return {"items": services.own_sessions(current_actor())}


@api.delete("/sessions/current")
@guard.signed_in
@api.response(204)
def end_session() -> None:
    """Sign out."""
    services.end_session(current_actor())
    g.pop("_login_user", None)


@api.delete("/sessions/<int:session_id>")
@guard.signed_in
@api.response(204)
def end_one_session(session_id: int) -> None:
    """End one of one's own sessions."""
    services.end_session(current_actor(), session_id)


def _me() -> dict[str, Any]:
    actor = current_actor()
    assert actor.user_id is not None
    return {"user_id": actor.user_id, "name": actor.name, "community_id": actor.community_id,
            "community_name": actor.community_name, "resident_id": actor.resident_id, "is_self": actor.is_self,
            "grants": actor.grants, "choices": services.choices_of(actor.user_id)}


@api.get("/me")
@guard.signed_in
@api.response(200, schemas.MeView)
def me() -> Any:
    """Who is signed in, for whom, with which roles."""
    return _me()


@api.put("/me/acting-for")
@guard.signed_in
@api.arguments(schemas.ActInput)
@api.response(200, schemas.MeView)
def act_for(given: dict[str, Any]) -> Any:
    """Answer "for whom?" for this session."""
    services.act_for(current_actor(), given["value"])
    g.pop("_login_user", None)
    return _me()


# ── Residents ───────────────────────────────────────────────────────────────────────────────────────────────────


@api.get("/residents")
@guard.staff(*DESK, *ROUNDS)
@api.arguments(schemas.SearchInput, location="query")
@api.response(200, schemas.PagedResidentRowView)
def list_residents(asked: dict[str, Any]) -> Any:
    """Residents whom the role may see, newest first."""
    return listing.residents(current_actor(), text=asked["q"], cursor=asked["cursor"], limit=asked["limit"])


@api.post("/residents")
@guard.staff(*OFFICE)
@api.arguments(schemas.NewResidentInput)
@api.response(201, schemas.ResidentView)
def add_resident(given: dict[str, Any]) -> Resident:
    """Enter a resident."""
    return services.add_resident(current_actor(), **given)


@api.get("/residents/<int:resident_id>")
@guard.staff(*DESK, *ROUNDS)
@api.response(200, schemas.ResidentView)
def get_resident(resident_id: int) -> Resident:
    """One resident, the phone masked."""
    return listing.visible_resident(current_actor(), resident_id)


@api.put("/residents/<int:resident_id>")
@guard.staff(*OFFICE)
@api.arguments(schemas.ResidentInput)
@api.response(200, schemas.ResidentView)
def change_resident(given: dict[str, Any], resident_id: int) -> Resident:
    """Correct an entry."""
    return services.change_resident(current_actor(), resident_id, **given)


@api.post("/residents/<int:resident_id>/phone")
@guard.staff(*OFFICE, Role.GRID_WORKER)
@answers_secret
@api.arguments(schemas.ReasonInput)
@api.response(200, schemas.PhoneView)
def reveal_phone(given: dict[str, Any], resident_id: int) -> Any:
    """The whole phone number against a reason, which is kept."""
    return {"phone": services.reveal_phone(current_actor(), resident_id, given["reason"])}


@api.post("/residents/<int:resident_id>/card")
@guard.staff(*OFFICE)
@api.response(201, schemas.CardView)
def reissue_card(resident_id: int) -> Any:
    """A new card; an old one stops working."""
    return services.reissue_card(current_actor(), resident_id)


@api.delete("/residents/<int:resident_id>/card")
@guard.staff(*OFFICE, *ROUNDS, Role.SHOP_SUPERVISOR)
@api.response(200, schemas.CardView)
def block_card(resident_id: int) -> Any:
    """Block a lost card."""
    return services.block_card(current_actor(), resident_id)


# ── Households ──────────────────────────────────────────────────────────────────────────────────────────────────


@api.get("/households")
@guard.staff(*DESK, *ROUNDS)
@api.arguments(schemas.SearchInput, location="query")
@api.response(200, schemas.PagedHouseholdRowView)
def list_households(asked: dict[str, Any]) -> Any:
    """Households that the role may see, newest first."""
    return listing.households(current_actor(), text=asked["q"], cursor=asked["cursor"], limit=asked["limit"])


@api.post("/households")
@guard.staff(*OFFICE)
@api.arguments(schemas.HouseholdInput)
@api.response(201, schemas.HouseholdView)
def found_household(given: dict[str, Any]) -> Household:
    """Add a household."""
    return services.found_household(current_actor(), **given)


@api.get("/households/<int:household_id>")
@guard.staff(*DESK, *ROUNDS)
@api.response(200, schemas.HouseholdView)
def get_household(household_id: int) -> Household:
    """One household."""
    return listing.visible_household(current_actor(), household_id)


@api.put("/households/<int:household_id>")
@guard.staff(*OFFICE)
@api.arguments(schemas.HouseholdInput)
@api.response(200, schemas.HouseholdView)
def renumber_household(given: dict[str, Any], household_id: int) -> Household:
    """Correct the number or the building."""
    return services.renumber_household(current_actor(), household_id, given["number"], area_id=given["area_id"])


@api.get("/households/<int:household_id>/members")
@guard.staff(*DESK, *ROUNDS)
@api.response(200, schemas.MembersView)
def list_members(household_id: int) -> Any:
    """Who belongs and belonged to a household."""
    home = listing.visible_household(current_actor(), household_id)
    return {"items": listing.history(home.community_id, home.id)}


@api.post("/households/<int:household_id>/members")
@guard.staff(*OFFICE)
@api.arguments(schemas.MemberInput)
@api.response(201, schemas.MemberView)
def join_household(given: dict[str, Any], household_id: int) -> Any:
    """Move a resident into a household."""
    return services.join_household(current_actor(), household_id=household_id, **given)


# ── Whole lists as files ────────────────────────────────────────────────────────────────────────────────────────


@api.get("/exports")
@guard.staff(*DESK)
@api.arguments(PageInput, location="query")
@api.response(200, schemas.PagedExportView)
def list_exports(asked: dict[str, Any]) -> Any:
    """Who asked for which list and what for, newest first."""
    return listing.exports(current_actor(), **asked)


@api.post("/exports")
@guard.staff(*DESK)
@api.arguments(schemas.ExportInput)
@api.response(201, schemas.ExportView)
def ask_for_export(given: dict[str, Any]) -> ExportRequest:
    """Ask for a whole list; a second person decides."""
    return services.ask_for_export(current_actor(), **given)


@api.get("/exports/<int:export_id>")
@guard.staff(*DESK)
@api.response(200, schemas.ExportView)
def get_export(export_id: int) -> ExportRequest:
    """One request."""
    return listing.export(current_actor(), export_id)


@api.post("/exports/<int:export_id>/approve")
@guard.staff(*OFFICE)
@api.response(200, schemas.ExportView)
def approve_export(export_id: int) -> ExportRequest:
    """The second person agrees; never the one who asked."""
    return services.approve_export(current_actor(), export_id)


@api.post("/exports/<int:export_id>/refuse")
@guard.staff(*OFFICE)
@api.arguments(schemas.ReasonInput)
@api.response(200, schemas.ExportView)
def refuse_export(given: dict[str, Any], export_id: int) -> ExportRequest:
    """The second person disagrees, with a reason."""
    return services.refuse_export(current_actor(), export_id, given["reason"])


@api.post("/exports/<int:export_id>/file")
@guard.staff(*DESK)
@reads_first
@answers_secret
def download_export(export_id: int) -> Response:
    """The list as an .xlsx, for who asked: within 24 hours of the approval, three times. Each time is on record."""
    made = exporting.workbook(current_actor(), export_id)
    begin_write()
    services.take_export(current_actor(), export_id, made.rows)
    return xlsx_response(made.name, made.content)


# ── Teams and appointments ──────────────────────────────────────────────────────────────────────────────────────


@api.get("/teams")
@guard.signed_in
@api.arguments(PageInput, location="query")
@api.response(200, schemas.PagedTeamView)
def list_teams(asked: dict[str, Any]) -> Any:
    """The teams of the community acted in."""
    return listing.teams_page(current_actor(), **asked)


@api.post("/teams")
@guard.staff(*OFFICE)
@api.arguments(schemas.TeamInput)
@api.response(201, schemas.TeamView)
def create_team(given: dict[str, Any]) -> Any:
    """Found a team."""
    return services.create_team(current_actor(), **given)


@api.patch("/teams/<int:team_id>")
@guard.staff(*OFFICE)
@api.arguments(schemas.TeamChange)
@api.response(200, schemas.TeamView)
def rename_team(given: dict[str, Any], team_id: int) -> Any:
    """Give a team another name."""
    return services.rename_team(current_actor(), team_id, given["name"])


@api.post("/teams/<int:team_id>/members")
@guard.staff(*OFFICE, Role.TEAM_LEADER)
@api.arguments(schemas.TeamMemberInput)
@api.response(201, schemas.TeamMemberView)
def add_team_member(given: dict[str, Any], team_id: int) -> Any:
    """Take somebody into a team."""
    return services.add_team_member(current_actor(), team_id, given["resident_id"])


@api.delete("/teams/<int:team_id>/members/<int:resident_id>")
@guard.staff(*OFFICE, Role.TEAM_LEADER)
@api.response(204)
def remove_team_member(team_id: int, resident_id: int) -> None:
    """End a membership today."""
    services.remove_team_member(current_actor(), team_id, resident_id)


@api.get("/appointments")
@guard.staff(*DESK)
@api.response(200, schemas.AppointmentsView)
def list_appointments() -> Any:
    """The roles held in the community acted in."""
    return {"items": [h.appointment for h in listing.appointments(current_actor())]}


@api.post("/appointments")
@guard.staff(*OFFICE)
@api.arguments(schemas.AppointmentInput)
@api.response(201, schemas.AppointmentView)
def grant(given: dict[str, Any]) -> Any:
    """Give a role."""
    return services.grant(current_actor(), **given)


@api.delete("/appointments/<int:appointment_id>")
@guard.staff(*OFFICE)
@api.response(200, schemas.AppointmentView)
def end_appointment(appointment_id: int) -> Any:
    """End an appointment now."""
    return services.end_appointment(current_actor(), appointment_id)
