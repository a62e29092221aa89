"""The desk: what another version of the standard would have meant for a past period."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import DateField
from wtforms.validators import InputRequired

from pointsbank.contributions import simulating
from pointsbank.contributions.pages.room import bp, community
from pointsbank.contributions.wording import REASONS
from pointsbank.core import charts, clock
from pointsbank.core.db import get_scoped
from pointsbank.core.errors import DomainError, Invalid, lazy
from pointsbank.core.formats import format_month, format_month_name
from pointsbank.core.jobs import Job, JobState
from pointsbank.core.points import format_points, to_decimal
from pointsbank.core.sheets import write_xlsx
from pointsbank.core.web import back_to, current_actor, form_refused, guard, render, xlsx_response
from pointsbank.people.roles import DESK
from pointsbank.rules import queries as rules
from pointsbank.rules.models import ScoringStandard

SHOWN = 20
SECTION = {"section": "rules.desk"}


class PeriodForm(FlaskForm):
    """Which deeds are replayed."""

    since = DateField(lazy("Deeds done from"), [InputRequired(lazy("Choose the day."))])
    until = DateField(lazy("up to and including"), [InputRequired(lazy("Choose the day."))])


@bp.route("/desk/rules/<int:standard_id>/simulation", methods=["GET", "POST"])
@guard.staff(*DESK)
def simulation(standard_id: int) -> Response | BaseResponse:
    """Choose a past period; the last three months are proposed."""
    standard = get_scoped(ScoringStandard, standard_id, community())
    form = PeriodForm()
    page = {"standard": standard, "last": simulating.latest(community(), standard_id), **SECTION}
    if request.method == "GET":
        today = clock.today()
        form.until.data = today.replace(day=1) - dt.timedelta(days=1)
        form.since.data = (form.until.data - dt.timedelta(days=80)).replace(day=1)
        return render("contributions/simulation.html", form=form, **page)
    try:
        if not form.validate() or form.since.data is None or form.until.data is None:
            raise Invalid
        job = simulating.start(current_actor(), standard_id, form.since.data, form.until.data)
    except DomainError as refusal:
        return form_refused("contributions/simulation.html", form, refusal, **page)
    return back_to("contributions.simulated", job_id=job.id)


@bp.get("/desk/simulations/<int:job_id>")
@guard.staff(*DESK)
def simulated(job_id: int) -> Response | BaseResponse:
    """How far it is, then the report; with ``?format=xlsx`` every household as Excel."""
    job = simulating.job(current_actor(), job_id)
    if job.state is JobState.DONE and job.result and request.args.get("format") == "xlsx":
        return _as_excel(job.result)
    standard = next((s for s in rules.standards(community()) if s.id == job.arguments["standard"]), None)
    return render("contributions/simulated.html", job=job, standard=standard, states=JobState, **SECTION,
                  key=charts.key, percent=job.done * 100 // max(job.total, 1), **(_report(job) if job.result else {}))


def _report(job: Job) -> dict[str, Any]:
    result = job.result or {}
    changed = [row for row in result["households"] if row[2] != row[3]]
    proposers = set(result["proposers"])
    months = [(dt.date.fromisoformat(f"{name}-01"), now, then) for name, now, then in result["months"]]
    cost = result["points"] * result["fen_per_point"] // 100
    return {
        "said": result, "changed": len(changed), "more": sum(row[3] > row[2] for row in changed),
        "less": sum(row[3] < row[2] for row in changed), "rows": changed[:SHOWN],
        "own": [row for row in result["households"] if row[0] in proposers], "proposers": proposers,
        "cost_fen": cost, "budget_percent": cost * 100 // result["budget_fen"] if result["budget_fen"] else None,
        "chart": _chart(months) if months else "", "reasons": [
            (REASONS.get(name, name), number) for name, number in result["reasons"].items()],
        "month_rows": [[format_month(day), format_points(now), format_points(then)] for day, now, then in months],
        "since": dt.date.fromisoformat(result["since"]), "until": dt.date.fromisoformat(result["until"])}


def _chart(months: list[tuple[dt.date, int, int]]) -> Any:
    columns = [charts.Column(format_month_name(day), (now / 100, then / 100), day is months[-1][0])
               for day, now, then in months]
    finding = _("Points by month: given, and what it would have been. In all %(given)s and %(would)s.",
                given=format_points(sum(now for _day, now, _then in months)),
                would=format_points(sum(then for _day, _now, then in months)))
    return charts.bars(columns, finding, name="simulated", whole=True)


def _as_excel(result: dict[str, Any]) -> BaseResponse:
    own = set(result["proposers"])
    rows = [[number or _("no household"), float(to_decimal(now)), float(to_decimal(then)),
             float(to_decimal(then - now)), _("wrote in the draft") if home in own else ""]
            for home, number, now, then in result["households"]]
    headings = [_("Household"), _("Given"), _("Would have been"), _("Difference"), _("Note")]
    name = _("simulation-version-%(number)s", number=result["number"])
    return xlsx_response(name, write_xlsx(name, headings, rows))
