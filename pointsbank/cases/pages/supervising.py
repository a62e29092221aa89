"""The supervisor: what ran out and is not closed, what asks for a decision, figures of units and kinds."""

from __future__ import annotations

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.cases import desk_queries, policy, services
from pointsbank.cases.desk_queries import Tab
from pointsbank.cases.pages.room import bp, community_id
from pointsbank.core import clock
from pointsbank.core.web import back_to, current_actor, flash_done, guard, render


@bp.get("/desk/supervision")
@guard.staff(*policy.DISPATCHERS)
def supervision() -> Response:
    """The supervision list with what has to be decided; ``?only=joint`` for the joint meeting."""
    actor, joint = current_actor(), request.args.get("only") == "joint"
    first = clock.at_local(clock.today().replace(day=1))
    return render("cases/supervision.html", joint=joint,
                  page=desk_queries.supervised(actor, joint=joint, cursor=request.args.get("cursor")),
                  asking=desk_queries.asking_for_time(actor), back=desk_queries.dispatched(actor, Tab.SENT_BACK).items,
                  breaches=desk_queries.breaches(community_id(), first), known=desk_queries.independence(actor))


@bp.post("/desk/cases/<int:case_id>/more-time")
@guard.staff(*policy.DISPATCHERS)
def give_time(case_id: int) -> BaseResponse:
    """Agree to more time."""
    services.approve_extension(current_actor(), case_id)
    flash_done(_("More time is given, once. The unit is told, and everybody reads why."))
    return back_to("cases.supervision")
