"""The supervisor: what ran out and is not closed, what asks for a decision, figures of units and kinds."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.cases import desk_forms, desk_queries, policy, services, supervising_queries
from pointsbank.cases.desk_queries import Tab
from pointsbank.cases.pages.room import bp, community_id
from pointsbank.cases.pages.stepping import submitted
from pointsbank.core import clock
from pointsbank.core.web import back_to, current_actor, flash_done, guard, render


@bp.get("/desk/supervision")
@guard.staff(*policy.DISPATCHERS)
def supervision() -> Response:
    """The supervision list with what has to be decided; ``?only=joint`` for the joint meeting."""
    return render("cases/supervision.html", **_values())


def _values(sent: dict[int, desk_forms.WordsForm] | None = None) -> dict[str, Any]:
    actor, joint = current_actor(), request.args.get("only") == "joint"
    first = clock.at_local(clock.today().replace(day=1))
    asking = supervising_queries.asking_for_time(actor)
    forms = {row.case.id: desk_forms.words_form(f"no{row.case.id}") for row, _clock in asking}
    page = supervising_queries.supervised(actor, joint=joint, cursor=request.args.get("cursor"))
    return {"joint": joint, "page": page,
            "asking": asking, "forms": {**forms, **(sent or {})}, "stray": bool(set(sent or {}) - set(forms)),
            "back": desk_queries.dispatched(actor, Tab.SENT_BACK).items,
            "breaches": supervising_queries.breaches(community_id(), first), "known": desk_queries.independence(actor)}


@bp.post("/desk/cases/<int:case_id>/more-time")
@guard.staff(*policy.DISPATCHERS)
def give_time(case_id: int) -> BaseResponse:
    """Agree to more time."""
    services.approve_extension(current_actor(), case_id)
    flash_done(_("More time is given, once. The unit is told, and everybody reads why."))
    return back_to("cases.supervision")


@bp.post("/desk/cases/<int:case_id>/no-more-time")
@guard.staff(*policy.DISPATCHERS)
def refuse_time(case_id: int) -> BaseResponse:
    """Say no to more time, with a reason."""
    form = desk_forms.words_form(f"no{case_id}", sent=True)
    refused = submitted(form, lambda: services.refuse_extension(current_actor(), case_id, form.text.data or ""),
                        "cases/supervision.html", lambda: _values({case_id: form}))
    if refused is None:
        flash_done(_("Refused. The first deadline stays, and the unit is told why."))
    return refused or back_to("cases.supervision")
