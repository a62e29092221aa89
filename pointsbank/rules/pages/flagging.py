"""The desk: effects that are no number. Only the committee sees them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import DateField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from pointsbank.core import clock
from pointsbank.core.errors import DomainError, Invalid, lazy
from pointsbank.core.web import back_to, current_actor, flash_done, form_refused, guard, render
from pointsbank.people import queries as people
from pointsbank.rules import flags, policy, services
from pointsbank.rules.models import FlagKind, FlagState
from pointsbank.rules.pages.room import bp, community
from pointsbank.rules.services import FlagDraft

KINDS = {FlagKind.EXCLUDED: lazy("nothing is counted"), FlagKind.NO_REDEMPTION: lazy("points can't be spent"),
         FlagKind.VETO: lazy("veto: nothing is counted, no honours")}
STATES = {FlagState.PROPOSED: ("wait", "hourglass-split", lazy("Waits for a second person")),
          FlagState.IN_FORCE: ("stop", "pause-circle-fill", lazy("Decided")),
          FlagState.REFUSED: ("idle", "dash-circle", lazy("Refused")),
          FlagState.LIFTED: ("done", "check-circle-fill", lazy("Lifted"))}
SECTION = {"section": "rules.desk", "kinds": KINDS, "states": STATES}


class FlagForm(FlaskForm):
    """Whom, what, how long, why."""

    household = StringField(lazy("Household number"), [InputRequired(lazy("Write the number of the household."))])
    name = StringField(lazy("Name, if it concerns one person only"), [Optional()])
    kind = RadioField(lazy("What"), [InputRequired(lazy("Choose one."))],
                      choices=[(kind.value, text) for kind, text in KINDS.items()])
    since_on = DateField(lazy("From"), [InputRequired(lazy("Choose the day."))])
    until_on = DateField(lazy("Until (first day no longer)"), [Optional()])
    reason = StringField(lazy("Why, as they will read it"), [Length(max=200)])
    resolution = TextAreaField(lazy("Resolution"), [Length(max=400)],
                               description=lazy("Which meeting decided it, when, and with how many votes."))


@bp.get("/desk/flags")
@guard.staff(*policy.WRITERS)
def standing_flags() -> Response:
    """All of them, newest first."""
    page = flags.listed(community(), cursor=request.args.get("cursor"))
    return render("rules/standing_flags.html", page=page, names=_names(page.items), today_on=clock.today(),
                  may_decide=policy.may_adopt(current_actor()), user_id=current_actor().user_id, **SECTION)


def _names(found: Any) -> dict[str, str]:
    """Who is behind each owner key; two statements."""
    ids: dict[str, set[int]] = {"resident": set(), "household": set()}
    for flag in found:
        kind, _colon, number = flag.owner_key.partition(":")
        ids[kind].add(int(number))
    persons = people.residents_by_id(community(), ids["resident"])
    homes = people.households_by_id(community(), ids["household"])
    return {**{f"resident:{i}": person.name for i, person in persons.items()},
            **{f"household:{i}": home.number for i, home in homes.items()}}


@bp.route("/desk/flags/new", methods=["GET", "POST"])
@guard.staff(*policy.WRITERS)
def new_flag() -> Response | BaseResponse:
    """Propose one."""
    form = FlagForm()
    if request.method == "GET":
        form.since_on.data = clock.today()
        return render("rules/new_flag.html", form=form, **SECTION)
    try:
        if not form.validate():
            raise Invalid
        services.propose_flag(current_actor(), FlagDraft(
            _owner(form), FlagKind(form.kind.data), form.since_on.data or dt.date.max, form.until_on.data,
            form.reason.data or "", form.resolution.data or ""))
    except DomainError as refusal:
        return form_refused("rules/new_flag.html", form, refusal, **SECTION)
    flash_done(_("Proposed. Somebody else of the committee decides it."))
    return back_to("rules.standing_flags")


def _owner(form: FlagForm) -> str:
    """The owner key of the household or of the member named. Raises Invalid at the field."""
    home = people.household_numbered(community(), form.household.data or "")
    if home is None:
        raise Invalid(fields={"household": lazy("There is no household of this number here.")})
    wanted = (form.name.data or "").strip()
    if not wanted:
        return f"household:{home.id}"
    members = people.members_on(community(), [home.id], clock.today())[home.id]
    found = [m.resident_id for m in members if m.resident.name == wanted]
    if len(found) != 1:
        raise Invalid(fields={"name": lazy("Nobody of this name belongs to the household.")})
    return f"resident:{found[0]}"


@bp.post("/desk/flags/<int:flag_id>/decide")
@guard.staff(*policy.ADOPTERS)
def decide_flag(flag_id: int) -> BaseResponse:
    """A second person agrees or refuses."""
    agreed = request.form.get("agreed") == "1"
    services.decide_flag(current_actor(), flag_id, agreed=agreed)
    flash_done(_("Decided. The people concerned were told.") if agreed else _("Refused. Nothing changes for anybody."))
    return back_to("rules.standing_flags")


@bp.post("/desk/flags/<int:flag_id>/lift")
@guard.staff(*policy.ADOPTERS)
def lift_flag(flag_id: int) -> BaseResponse:
    """End it from today on."""
    services.lift_flag(current_actor(), flag_id, request.form.get("reason", ""))
    flash_done(_("Lifted from today on. The people concerned were told."))
    return back_to("rules.standing_flags")
