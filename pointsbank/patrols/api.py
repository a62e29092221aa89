"""Rounds as JSON: observers their own, leaders those of their team, the desk those of the community."""

from __future__ import annotations

from typing import Any

from pointsbank.core.api import ApiRoom, PageInput, paged
from pointsbank.core.paging import Page
from pointsbank.core.web import current_actor, guard, repeats_itself
from pointsbank.patrols import policy, services
from pointsbank.patrols.models import Finding, PatrolSwap, SecondLook
from pointsbank.patrols.queries import proposals, rounds
from pointsbank.patrols.schemas import (
    AcceptInput,
    AnswerInput,
    ConfirmInput,
    FindingView,
    LookInput,
    LookView,
    NoteInput,
    PatrolRowView,
    ProposalInput,
    ProposalView,
    ReasonInput,
    RoundInput,
    RoundsInput,
    StopInput,
    SwapView,
    WholeView,
)
from pointsbank.patrols.services.walking import stop_of_values, values_of

api = ApiRoom("patrols", __name__, prefix="/patrols", description="Rounds of the observers, and their proposals.")


@api.get("/mine")
@guard.resident
@api.response(200, PatrolRowView(many=True))
def mine() -> list[rounds.Row]:
    """One's next rounds, the nearest first."""
    return rounds.coming(current_actor())


@api.get("")
@guard.staff(*policy.LOOKERS)
@api.arguments(RoundsInput, location="query")
@api.response(200, paged(PatrolRowView))
def patrols(asked: dict[str, Any]) -> Page[rounds.Row]:
    """Rounds of the community, or of the own teams, newest first."""
    return rounds.listed(current_actor(), **asked)


@api.get("/<int:patrol_id>")
@guard.signed_in
@api.response(200, WholeView)
def patrol(patrol_id: int) -> rounds.Whole:
    """One round with its checkpoints."""
    return rounds.whole(current_actor(), patrol_id)


@api.post("/<int:patrol_id>/submit")
@guard.resident
@repeats_itself
@api.arguments(RoundInput)
@api.response(200, WholeView)
def submit(given: dict[str, Any], patrol_id: int) -> rounds.Whole:
    """Hand in a whole round; the same one sent again is answered with the same round."""
    actor = current_actor()
    return rounds.whole(actor, services.submit(actor, patrol_id, values_of(given)).id)


@api.post("/<int:patrol_id>/start")
@guard.resident
@api.response(200, WholeView)
def start(patrol_id: int) -> rounds.Whole:
    """Set out."""
    actor = current_actor()
    return rounds.whole(actor, services.start(actor, patrol_id).id)


@api.post("/<int:patrol_id>/stops")
@guard.resident
@api.arguments(StopInput)
@api.response(200, WholeView)
def note_stop(given: dict[str, Any], patrol_id: int) -> rounds.Whole:
    """Write one checkpoint down at once."""
    actor = current_actor()
    services.note_stop(actor, patrol_id, stop_of_values(given))
    return rounds.whole(actor, patrol_id)


@api.post("/<int:patrol_id>/accept")
@guard.staff(*policy.LOOKERS)
@api.arguments(AcceptInput)
@api.response(200, WholeView)
def accept(given: dict[str, Any], patrol_id: int) -> rounds.Whole:
    """The round counts."""
    actor = current_actor()
    return rounds.whole(actor, services.accept(actor, patrol_id, **given).id)


@api.post("/<int:patrol_id>/send-back")
@guard.staff(*policy.LOOKERS)
@api.arguments(ReasonInput)
@api.response(200, WholeView)
def send_back(given: dict[str, Any], patrol_id: int) -> rounds.Whole:
    """Something is missing."""
    actor = current_actor()
    return rounds.whole(actor, services.send_back(actor, patrol_id, given["reason"]).id)


@api.post("/<int:patrol_id>/void")
@guard.staff(*policy.LOOKERS)
@api.arguments(ReasonInput)
@api.response(200, WholeView)
def void(given: dict[str, Any], patrol_id: int) -> rounds.Whole:
    """Call it off."""
    actor = current_actor()
    return rounds.whole(actor, services.void(actor, patrol_id, given["reason"]).id)


@api.post("/<int:patrol_id>/swap")
@guard.resident
@api.arguments(NoteInput)
@api.response(201, SwapView)
def ask_swap(given: dict[str, Any], patrol_id: int) -> PatrolSwap:
    """Ask the team to take one's round over."""
    return services.ask_swap(current_actor(), patrol_id, given["text"])


@api.post("/swaps/<int:swap_id>/take")
@guard.resident
@api.response(200, SwapView)
def take_swap(swap_id: int) -> PatrolSwap:
    """Walk instead of who asked."""
    return services.take_swap(current_actor(), swap_id)


@api.post("/findings/<int:finding_id>/confirm")
@guard.signed_in
@api.arguments(ConfirmInput)
@api.response(200, FindingView)
def confirm(given: dict[str, Any], finding_id: int) -> Finding:
    """A second person says whether it was put right on the spot."""
    return services.confirm_fixed(current_actor(), finding_id, **given)


@api.post("/findings/<int:finding_id>/look")
@guard.resident
@api.arguments(LookInput)
@api.response(201, LookView)
def look(given: dict[str, Any], finding_id: int) -> SecondLook:
    """Look again at a closed case."""
    return services.look_again(current_actor(), finding_id, **given)


@api.get("/proposals")
@guard.resident
@api.arguments(PageInput, location="query")
@api.response(200, paged(ProposalView))
def own_proposals(asked: dict[str, Any]) -> Page[proposals.ProposalRow]:
    """One's own proposals, newest first."""
    return proposals.mine(current_actor(), **asked)


@api.get("/proposals/answered")
@guard.signed_in
@api.arguments(PageInput, location="query")
@api.response(200, paged(ProposalView))
def answered(asked: dict[str, Any]) -> Page[proposals.ProposalRow]:
    """What was proposed and answered; proposers masked."""
    return proposals.answered(current_actor().community_id or 0, **asked)


@api.post("/proposals")
@guard.resident
@api.arguments(ProposalInput)
@api.response(201, ProposalView)
def propose(given: dict[str, Any]) -> proposals.ProposalRow:
    """Propose something."""
    row = services.propose(current_actor(), services.ProposalDraft(**given))
    return proposals.ProposalRow(row, "", "")


@api.post("/proposals/<int:proposal_id>/answer")
@guard.staff(*policy.ANSWERERS)
@api.arguments(AnswerInput)
@api.response(200, ProposalView)
def answer(given: dict[str, Any], proposal_id: int) -> proposals.ProposalRow:
    """Answer in writing."""
    actor = current_actor()
    services.answer(actor, proposal_id, given["outcome"], given["answer"])
    return proposals.one(actor, proposal_id)
