"""What people look like in JSON. A phone leaves the house masked; the whole number only by its own route."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from pointsbank.core.api import Input, PageInput, View, paged
from pointsbank.core.masking import mask_phone
from pointsbank.people.models import CardState, ExportKind, ExportState, LinkKind, TeamKind
from pointsbank.people.roles import Role

Instant = ma.fields.AwareDateTime


class SessionInput(Input):
    """A number (phone, sign-in name or card) with a password or a one-time code; ``acting_for`` as in ``me``."""

    number = ma.fields.String(required=True, validate=ma.validate.Length(1, 60))
    password = ma.fields.String(load_default=None, validate=ma.validate.Length(max=200))
    code = ma.fields.String(load_default=None, validate=ma.validate.Length(max=20))
    device = ma.fields.String(load_default="API", validate=ma.validate.Length(max=120))


class SessionView(View):
    """The bearer token: it is told once."""

    token = ma.fields.String()
    must_choose = ma.fields.Boolean()
    needs_password = ma.fields.Boolean()


class CodeInput(Input):
    """Where to send a one-time code."""

    number = ma.fields.String(required=True, validate=ma.validate.Length(1, 30))


class DeviceView(View):
    """An open session."""

    id = ma.fields.Integer()
    device = ma.fields.String()
    is_bearer = ma.fields.Boolean()
    created_at = Instant(format="iso")
    expires_at = Instant(format="iso")


class DevicesView(View):
    """All open sessions of a sign-in."""

    items = ma.fields.List(ma.fields.Nested(DeviceView))


class ChoiceView(View):
    """One answer to "for whom?"."""

    value = ma.fields.String()
    community_id = ma.fields.Integer()
    community_name = ma.fields.String()
    resident_id = ma.fields.Integer(allow_none=True)
    name = ma.fields.String()
    kind = ma.fields.Enum(LinkKind, by_value=True, allow_none=True)


class GrantView(View):
    """A role in force."""

    role = ma.fields.String()
    area_id = ma.fields.Integer()
    team_id = ma.fields.Integer(allow_none=True)


class MeView(View):
    """Who is signed in, and for whom."""

    user_id = ma.fields.Integer()
    name = ma.fields.String()
    community_id = ma.fields.Integer(allow_none=True)
    community_name = ma.fields.String()
    resident_id = ma.fields.Integer(allow_none=True)
    is_self = ma.fields.Boolean()
    roles = ma.fields.List(ma.fields.Nested(GrantView), attribute="grants")
    choices = ma.fields.List(ma.fields.Nested(ChoiceView))


class ActInput(Input):
    """The value of a choice."""

    value = ma.fields.String(required=True, validate=ma.validate.Length(1, 40))


class ResidentView(View):
    """A resident; the phone is masked."""

    id = ma.fields.Integer()
    name = ma.fields.String()
    phone = ma.fields.Method("_masked")
    born_on = ma.fields.Date(allow_none=True)
    area_id = ma.fields.Integer(allow_none=True)
    left_on = ma.fields.Date(allow_none=True)

    def _masked(self, row: Any) -> str | None:
        return mask_phone(row.phone) if row.phone else None


class ResidentRowView(View):
    """A resident in a list, with the household."""

    resident = ma.fields.Nested(ResidentView)
    household_number = ma.fields.String(attribute="number")
    relation = ma.fields.String()
    is_head = ma.fields.Boolean()


class ResidentInput(Input):
    """What is kept about a resident."""

    name = ma.fields.String(required=True, validate=ma.validate.Length(1, 60))
    phone = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=30))
    born_on = ma.fields.Date(load_default=None, allow_none=True)
    area_id = ma.fields.Integer(load_default=None, allow_none=True)


class NewResidentInput(ResidentInput):
    """A resident and the household to join."""

    household_id = ma.fields.Integer(load_default=None, allow_none=True)
    relation = ma.fields.String(load_default="", validate=ma.validate.Length(max=20))
    is_head = ma.fields.Boolean(load_default=False)
    may_sign_in = ma.fields.Boolean(load_default=False)


class ReasonInput(Input):
    """Why."""

    reason = ma.fields.String(required=True, validate=ma.validate.Length(2, 200))


class PhoneView(View):
    """The whole number."""

    phone = ma.fields.String(allow_none=True)


class SearchInput(PageInput):
    """A list that can be searched."""

    q = ma.fields.String(load_default="", validate=ma.validate.Length(max=60))


class HouseholdView(View):
    """A household."""

    id = ma.fields.Integer()
    number = ma.fields.String()
    area_id = ma.fields.Integer(allow_none=True)
    closed_on = ma.fields.Date(allow_none=True)


class HouseholdRowView(View):
    """A household in a list."""

    household = ma.fields.Nested(HouseholdView)
    head = ma.fields.String()
    members = ma.fields.Integer()


class HouseholdInput(Input):
    """A household's number and place."""

    number = ma.fields.String(required=True, validate=ma.validate.Length(1, 24))
    area_id = ma.fields.Integer(load_default=None, allow_none=True)


class MemberInput(Input):
    """Somebody joins a household."""

    resident_id = ma.fields.Integer(required=True)
    relation = ma.fields.String(load_default="", validate=ma.validate.Length(max=20))
    is_head = ma.fields.Boolean(load_default=False)
    on = ma.fields.Date(load_default=None, allow_none=True)


class MemberView(View):
    """A membership."""

    household_id = ma.fields.Integer()
    resident_id = ma.fields.Integer()
    relation = ma.fields.String()
    is_head = ma.fields.Boolean()
    since_on = ma.fields.Date()
    until_on = ma.fields.Date(allow_none=True)


class MembersView(View):
    """All memberships of a household."""

    items = ma.fields.List(ma.fields.Nested(MemberView))


class TeamView(View):
    """A team."""

    id = ma.fields.Integer()
    name = ma.fields.String()
    kind = ma.fields.Enum(TeamKind, by_value=True)
    closed_on = ma.fields.Date(allow_none=True)


class TeamInput(Input):
    """A new team."""

    name = ma.fields.String(required=True, validate=ma.validate.Length(1, 60))
    kind = ma.fields.Enum(TeamKind, by_value=True, required=True)


class TeamChange(Input):
    """Another name."""

    name = ma.fields.String(required=True, validate=ma.validate.Length(1, 60))


class TeamMemberInput(Input):
    """Somebody for a team."""

    resident_id = ma.fields.Integer(required=True)


class TeamMemberView(View):
    """A member of a team."""

    team_id = ma.fields.Integer()
    resident_id = ma.fields.Integer()
    since_on = ma.fields.Date()
    until_on = ma.fields.Date(allow_none=True)


class AppointmentInput(Input):
    """A role for a user."""

    user_id = ma.fields.Integer(required=True)
    role = ma.fields.Enum(Role, by_value=True, required=True)
    area_id = ma.fields.Integer(required=True)
    team_id = ma.fields.Integer(load_default=None, allow_none=True)


class AppointmentView(View):
    """An appointment."""

    id = ma.fields.Integer()
    user_id = ma.fields.Integer()
    role = ma.fields.Enum(Role, by_value=True)
    area_id = ma.fields.Integer()
    team_id = ma.fields.Integer(allow_none=True)
    since_at = Instant(format="iso")
    until_at = Instant(format="iso", allow_none=True)


class AppointmentsView(View):
    """All roles held in the community."""

    items = ma.fields.List(ma.fields.Nested(AppointmentView))


class CardView(View):
    """A member card without its code."""

    id = ma.fields.Integer()
    resident_id = ma.fields.Integer()
    number = ma.fields.String()
    issue = ma.fields.Integer()
    state = ma.fields.Enum(CardState, by_value=True)
    issued_at = Instant(format="iso")


class ExportInput(Input):
    """A whole list as a file: which one, narrowed by a search, and what for."""

    kind = ma.fields.Enum(ExportKind, by_value=True, required=True)
    reason = ma.fields.String(required=True, validate=ma.validate.Length(2, 200))
    search = ma.fields.String(load_default="", validate=ma.validate.Length(max=60))
    moved_out = ma.fields.Boolean(load_default=False)


class ExportView(View):
    """A request for a list. An approval is good until ``good_until`` and for three downloads by who asked."""

    id = ma.fields.Integer()
    kind = ma.fields.Enum(ExportKind, by_value=True)
    search = ma.fields.String()
    moved_out = ma.fields.Boolean()
    rows = ma.fields.Integer()
    reason = ma.fields.String()
    state = ma.fields.Enum(ExportState, by_value=True)
    asked_by_id = ma.fields.Integer()
    asked_at = Instant(format="iso")
    sent_up_area_id = ma.fields.Integer(allow_none=True)
    decided_by_id = ma.fields.Integer(allow_none=True)
    decided_at = Instant(format="iso", allow_none=True)
    answer = ma.fields.String()
    good_until = Instant(format="iso", allow_none=True)
    downloads = ma.fields.Integer()


PagedExportView = paged(ExportView)
PagedResidentRowView = paged(ResidentRowView)
PagedHouseholdRowView = paged(HouseholdRowView)
PagedTeamView = paged(TeamView)
