"""The list of late cases, signals and second looks, as JSON."""

from __future__ import annotations

from typing import Any

from pointsbank.cases import policy, queries, services
from pointsbank.cases.models import CaseAudit, CaseSignal
from pointsbank.cases.schemas import (
    AgreementInput,
    AuditOnlyView,
    AuditView,
    BudgetView,
    OpenInput,
    SignalOnlyView,
    SignalView,
    SupervisedView,
    VerdictInput,
    WordsInput,
)
from pointsbank.core.api import ApiRoom, PageInput, paged
from pointsbank.core.paging import Page
from pointsbank.core.web import current_actor, guard


def mount(api: ApiRoom) -> None:
    """Hang the routes on the room's interface."""

    @api.get("/cases/supervised")
    @guard.signed_in
    @api.arguments(PageInput, location="query")
    @api.response(200, paged(SupervisedView))
    def supervised(asked: dict[str, Any]) -> Page[queries.Supervised]:
        """Open cases that were not put right in time, until they are closed out."""
        return queries.supervised(current_actor(), **asked)

    @api.get("/reports/budget")
    @guard.resident
    @api.response(200, BudgetView)
    def budget() -> queries.Budget:
        """What another report could still earn this month."""
        return queries.own_budget(current_actor())

    @api.get("/case-signals")
    @guard.staff(*policy.DISPATCHERS)
    @api.arguments(OpenInput, location="query")
    @api.response(200, paged(SignalView))
    def signals(asked: dict[str, Any]) -> Page[queries.SignalRow]:
        """What somebody should look at, newest first."""
        return queries.signals(current_actor(), **asked)

    @api.post("/case-signals/<int:signal_id>/settle")
    @guard.staff(*policy.DISPATCHERS)
    @api.arguments(WordsInput)
    @api.response(200, SignalOnlyView)
    def settle_signal(given: dict[str, Any], signal_id: int) -> CaseSignal:
        """Write down what was found."""
        return services.settle_signal(current_actor(), signal_id, given["text"])

    @api.get("/case-audits")
    @guard.staff(*policy.INSPECTORS)
    @api.arguments(OpenInput, location="query")
    @api.response(200, paged(AuditView))
    def audits(asked: dict[str, Any]) -> Page[queries.AuditLine]:
        """Cases drawn for a second look, newest first."""
        return queries.audits(current_actor(), **asked)

    @api.post("/case-audits/<int:audit_id>/decide")
    @guard.staff(*policy.INSPECTORS)
    @api.arguments(VerdictInput)
    @api.response(200, AuditOnlyView)
    def decide_audit(given: dict[str, Any], audit_id: int) -> CaseAudit:
        """Say what a second look found."""
        return services.decide_audit(current_actor(), audit_id, given["verdict"], given["text"])

    @api.post("/case-audits/<int:audit_id>/settle")
    @guard.staff(*policy.DISPATCHERS)
    @api.arguments(AgreementInput)
    @api.response(200, AuditOnlyView)
    def settle_audit(given: dict[str, Any], audit_id: int) -> CaseAudit:
        """A second person agrees that a report was false, or doesn't."""
        return services.settle_audit(current_actor(), audit_id, given["agrees"], given["text"])
