"""Signals that somebody should look at, and cases drawn by lot for a second look. Nothing follows by itself."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.cases import desk_forms, desk_queries, policy, queries, services, supervising_queries
from pointsbank.cases.models import Verdict
from pointsbank.cases.pages.room import bp
from pointsbank.cases.pages.stepping import submitted
from pointsbank.core.web import back_to, current_actor, flash_done, guard, render
from pointsbank.people import queries as people


@bp.get("/desk/cases/signals")
@guard.staff(*policy.DISPATCHERS)
def signals() -> Response:
    """What nobody has looked at yet, or all."""
    return render("cases/signals.html", **_signals())


def _signals(sent: dict[int, desk_forms.WordsForm] | None = None) -> dict[str, Any]:
    actor, everything = current_actor(), request.args.get("only") == "all"
    found = queries.signals(actor, open_only=not everything, cursor=request.args.get("cursor"))
    return {"page": found, "everything": everything, "known": desk_queries.independence(actor),
            "stray": bool(set(sent or {}) - {one.signal.id for one in found.items}),
            "forms": {**{one.signal.id: desk_forms.words_form(f"found{one.signal.id}") for one in found.items},
                      **(sent or {})},
            "names": people.names_of_users({one.signal.settled_by_id for one in found.items
                                            if one.signal.settled_by_id is not None})}


@bp.post("/desk/cases/signals/<int:signal_id>/settle")
@guard.staff(*policy.DISPATCHERS)
def settle_signal(signal_id: int) -> BaseResponse:
    """Write down what was found."""
    form = desk_forms.words_form(f"found{signal_id}", sent=True)
    refused = submitted(form, lambda: services.settle_signal(current_actor(), signal_id, form.text.data or ""),
                        "cases/signals.html", lambda: _signals({signal_id: form}))
    if refused is None:
        flash_done(_("Noted. Whatever has to follow is a step of its own in the case."))
    return refused or back_to("cases.signals")


# ── A second look ───────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/desk/cases/second-looks")
@guard.staff(*policy.INSPECTORS)
def second_looks() -> Response:
    """Closed cases drawn by lot: those to look at, or all."""
    return render("cases/second_looks.html", **_looks())


def _looks(sent: dict[int, Any] | None = None) -> dict[str, Any]:
    actor, everything = current_actor(), request.args.get("only") == "all"
    found = queries.audits(actor, open_only=not everything, cursor=request.args.get("cursor"))
    rows = desk_queries.rows(actor, [one.sight.case for one in found.items], after=True)
    forms = {one.audit.id: desk_forms.AgreementForm(formdata=None, prefix=f"agree{one.audit.id}-") if one.audit.verdict
             else desk_forms.VerdictForm(formdata=None, prefix=f"look{one.audit.id}-") for one in found.items}
    return {"page": found, "everything": everything, "known": desk_queries.independence(actor),
            "rows": {row.case.id: row for row in rows},
            "took": supervising_queries.took_part(actor, [row.case.id for row in rows]),
            "settles": actor.has_role(*policy.DISPATCHERS),
            "stray": bool(set(sent or {}) - set(forms)), "forms": {**forms, **(sent or {})},
            "names": people.names_of_users({user for one in found.items for user in (
                one.audit.auditor_id, one.audit.settled_by_id) if user is not None})}


@bp.post("/desk/cases/second-looks/<int:audit_id>/decide")
@guard.staff(*policy.INSPECTORS)
def decide_look(audit_id: int) -> BaseResponse:
    """Say what a second look found."""
    form = desk_forms.VerdictForm(prefix=f"look{audit_id}-")
    refused = submitted(form, lambda: services.decide_audit(
        current_actor(), audit_id, Verdict(form.verdict.data), form.text.data or ""),
        "cases/second_looks.html", lambda: _looks({audit_id: form}))
    if refused is None:
        flash_done(_("Noted."))
    return refused or back_to("cases.second_looks")


@bp.post("/desk/cases/second-looks/<int:audit_id>/settle")
@guard.staff(*policy.DISPATCHERS)
def settle_look(audit_id: int) -> BaseResponse:
    """A second person agrees that a report was false, or doesn't."""
    form = desk_forms.AgreementForm(prefix=f"agree{audit_id}-")
    refused = submitted(form, lambda: services.settle_audit(
        current_actor(), audit_id, form.agrees.data == "yes", form.text.data or ""),
        "cases/second_looks.html", lambda: _looks({audit_id: form}))
    if refused is None:
        flash_done(_("Noted."))
    return refused or back_to("cases.second_looks")
