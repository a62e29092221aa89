"""JSON routes of the funnel: deeds, reviews, making and publishing notices, objections, corrections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pointsbank.contributions import policy, queries, services
from pointsbank.contributions.api.room import api, community
from pointsbank.contributions.forms import first_of_month
from pointsbank.contributions.lists import list_rows
from pointsbank.contributions.models import Contribution, Correction, Sitting, SittingState, State, TeamShare
from pointsbank.contributions.queries import sharing
from pointsbank.contributions.queries import sittings as panel
from pointsbank.contributions.schemas import (
    ActInput,
    CloseInput,
    CorrectionAnswerInput,
    CorrectionInput,
    CorrectionView,
    DecisionInput,
    DeedInput,
    DeedStoryView,
    DeedView,
    ListInput,
    MonthInput,
    NewDeedInput,
    ObjectionInput,
    QueueInput,
    ReasonInput,
    ReviewedView,
    ReviewInput,
    ShareDecisionInput,
    ShareInput,
    ShareView,
    SittingInput,
    SittingItemView,
    SittingView,
    TeamPurseView,
    VotedView,
    VotesInput,
)
from pointsbank.contributions.services.recording import Filing
from pointsbank.core import clock
from pointsbank.core.api import PageInput, paged
from pointsbank.core.errors import Forbidden, Invalid, lazy
from pointsbank.core.paging import Page
from pointsbank.core.web import current_actor, guard
from pointsbank.people import policy as people_policy
from pointsbank.people import queries as people
from pointsbank.people.models import Team
from pointsbank.people.roles import DESK, Role
from pointsbank.publicity import queries as notices
from pointsbank.publicity.models import Objection, PublicNotice
from pointsbank.publicity.schemas import NoticeView, ObjectionView
from pointsbank.publicity.services import PaperDraft

DeedPage = paged(DeedView)

def _filing(values: dict[str, Any]) -> Filing:
    names = ("title", "on", "item_code", "minutes", "units", "score", "amount_fen", "size", "same_as", "beneficiary_id",
             "place", "text")
    return Filing(kind=str(values["kind"]), photo_ids=tuple(values["photo_ids"]), **{n: values[n] for n in names})


# ── Deeds ───────────────────────────────────────────────────────────────────────────────────────────────────────


@api.get("/contributions")
@guard.resident
@api.arguments(PageInput, location="query")
@api.response(200, DeedPage)
def deeds(values: dict[str, Any]) -> Page[Contribution]:
    """The deeds of the resident acted for, newest first."""
    return queries.mine(current_actor(), **values)


@api.post("/contributions")
@guard.signed_in
@api.arguments(NewDeedInput)
@api.response(201, DeedView)
def file_deed(values: dict[str, Any]) -> Contribution:
    """File a deed for oneself, or by proxy with a reason."""
    return services.file(current_actor(), _filing(values), resident_id=values["resident_id"], reason=values["reason"],
                         submit=values["submit"])


@api.get("/contributions/<int:deed_id>")
@guard.signed_in
@api.response(200, DeedStoryView)
def deed(deed_id: int) -> dict[str, Any]:
    """One deed with what it earned and every step."""
    found = queries.deed(current_actor(), deed_id)
    plain = {name: getattr(found, field.attribute or name) for name, field in DeedView().fields.items()}
    return {**plain, "done_on": found.done_on, "deed": found,
            "lines": queries.lines_of(found.community_id, [found.id])[found.id],
            "steps": queries.steps_of(found.community_id, found.id)}


@api.put("/contributions/<int:deed_id>")
@guard.signed_in
@api.arguments(DeedInput)
@api.response(200, DeedView)
def change_deed(values: dict[str, Any], deed_id: int) -> Contribution:
    """Complete a draft or a returned deed."""
    return services.change(current_actor(), deed_id, _filing(values))


@api.post("/contributions/<int:deed_id>/submit")
@guard.signed_in
@api.response(200, DeedView)
def submit_deed(deed_id: int) -> Contribution:
    """Hand a draft or a returned deed in."""
    return services.submit(current_actor(), deed_id)


@api.post("/contributions/<int:deed_id>/withdraw")
@guard.signed_in
@api.response(200, DeedView)
def withdraw_deed(deed_id: int) -> Contribution:
    """Take a deed back before it is decided."""
    return services.withdraw(current_actor(), deed_id)


# ── Reviews ─────────────────────────────────────────────────────────────────────────────────────────────────────


@api.get("/reviews")
@guard.staff(*DESK)
@api.arguments(QueueInput, location="query")
@api.response(200, DeedPage)
def reviews(values: dict[str, Any]) -> Page[Contribution]:
    """The review queue, oldest first."""
    wanted = queries.Waiting(only=values["show"], kind=values["kind"], state=State.SUBMITTED)
    return queries.waiting_for(current_actor(), wanted, cursor=values["cursor"], limit=values["limit"])


@api.post("/reviews")
@guard.staff(*DESK)
@api.arguments(ReviewInput)
@api.response(201, ReviewedView)
def decide_deeds(values: dict[str, Any]) -> dict[str, Any]:
    """Approve deeds, all or none; return or reject one, with a reason."""
    actor, ids = current_actor(), values["deed_ids"]
    if values["decision"] == "approve":
        return {"items": services.approve(actor, ids)}
    if len(ids) != 1:
        raise Invalid(fields={"deed_ids": lazy("Deeds are sent back or refused one by one, each with its reason.")})
    verb = services.return_ if values["decision"] == "return" else services.reject
    return {"items": [verb(actor, ids[0], values["reason"])]}


@api.post("/contributions/<int:deed_id>/act")
@guard.staff(*DESK)
@api.arguments(ActInput)
@api.response(200, DeedView)
def mark_act(values: dict[str, Any], deed_id: int) -> Contribution:
    """Mark a deed under review as the same act as another one of its resident; null: an act of its own."""
    return services.mark_same_act(current_actor(), deed_id, values["same_as"])


# ── Notices and objections ──────────────────────────────────────────────────────────────────────────────────────


@api.post("/notices")
@guard.staff(*DESK)
@api.arguments(MonthInput)
@api.response(201, NoticeView)
def make_notice(values: dict[str, Any]) -> PublicNotice:
    """A draft out of a month's list."""
    month = first_of_month(values["month"], clock.today())
    return services.draft_month(current_actor(), month, leave_out=values["leave_out"], resolution=values["resolution"],
                                days=values["days"], grouped_by=values["grouped_by"])


@api.post("/notices/<int:notice_id>/publish")
@guard.staff(*DESK)
@api.response(200, NoticeView)
def publish_notice(notice_id: int) -> PublicNotice:
    """The second person puts a draft on the board."""
    return services.publish_notice(current_actor(), notice_id)


@api.post("/notices/<int:notice_id>/discard")
@guard.staff(*DESK)
@api.response(200, NoticeView)
def discard_notice(notice_id: int) -> PublicNotice:
    """Throw a draft away."""
    return services.discard_notice(current_actor(), notice_id)


@api.get("/objections")
@guard.signed_in
@api.arguments(PageInput, location="query")
@api.response(200, paged(ObjectionView))
def objections(values: dict[str, Any]) -> Page[Objection]:
    """All objections for the desk; for others their own, and those they entered for somebody."""
    actor = current_actor()
    if policy.is_desk(actor):
        return notices.objections(community(), **values)
    return notices.objections_of(actor, **values)


@api.post("/objections")
@guard.signed_in
@api.arguments(ObjectionInput)
@api.response(201, ObjectionView)
def object_to_line(values: dict[str, Any]) -> Objection:
    """Object to one line of a notice that hangs out."""
    paper = PaperDraft(**values["paper"]) if values["paper"] is not None else None
    return services.object_to(current_actor(), values["line_id"], values["text"], contact=values["contact"],
                              paper=paper, photo_ids=values["photo_ids"])


@api.post("/objections/<int:objection_id>/decision")
@guard.staff(*DESK)
@api.arguments(DecisionInput)
@api.response(200, ObjectionView)
def decide_objection(values: dict[str, Any], objection_id: int) -> Objection:
    """Answer an objection in writing; its line is posted or struck at once."""
    return services.decide_objection(current_actor(), objection_id, values["upheld"], values["answer"])


# ── Corrections ─────────────────────────────────────────────────────────────────────────────────────────────────


@api.get("/corrections")
@guard.staff(*DESK)
@api.arguments(PageInput, location="query")
@api.response(200, paged(CorrectionView))
def corrections(values: dict[str, Any]) -> Page[Correction]:
    """Corrections, newest first."""
    return queries.corrections(community(), **values)


@api.post("/corrections")
@guard.staff(*DESK)
@api.arguments(CorrectionInput)
@api.response(201, CorrectionView)
def propose_correction(values: dict[str, Any]) -> Correction:
    """Propose to take back what a deed earned."""
    return services.correct_award(current_actor(), values["deed_id"], values["reason"],
                                  right=services.Figures(values["right_minutes"], values["right_units"],
                                                         values["right_score"], values["right_amount_fen"],
                                                         values["right_item_code"]))


@api.post("/corrections/<int:correction_id>/decision")
@guard.staff(*DESK)
@api.arguments(CorrectionAnswerInput)
@api.response(200, CorrectionView)
def decide_correction(values: dict[str, Any], correction_id: int) -> Correction:
    """The second person confirms or refuses."""
    actor = current_actor()
    if values["confirm"]:
        return services.confirm_correction(actor, correction_id, values["answer"])
    return services.refuse_correction(actor, correction_id, values["answer"])


# ── Points of teams ─────────────────────────────────────────────────────────────────────────────────────────────


def _team(team_id: int) -> Team:
    found = people.team(community(), team_id)
    if not people_policy.can(current_actor(), "teams.see", team_id=found.id):
        raise Forbidden
    return found


@api.get("/teams/<int:team_id>/points")
@guard.staff(*DESK, Role.TEAM_LEADER)
@api.response(200, TeamPurseView)
def team_points(team_id: int) -> sharing.TeamPurse:
    """What a team has to share."""
    return sharing.team_purse(community(), _team(team_id).id)


@api.get("/teams/<int:team_id>/shares")
@guard.staff(*DESK, Role.TEAM_LEADER)
@api.arguments(PageInput, location="query")
@api.response(200, paged(ShareView))
def team_shares(values: dict[str, Any], team_id: int) -> Page[TeamShare]:
    """How a team's points were shared, newest first."""
    return sharing.shares(community(), _team(team_id).id, **values)


@api.post("/teams/<int:team_id>/shares")
@guard.staff(Role.TEAM_LEADER)
@api.arguments(ShareInput)
@api.response(201, ShareView)
def propose_share(values: dict[str, Any], team_id: int) -> TeamShare:
    """The leader proposes who gets how many."""
    amounts = {line["resident_id"]: line["amount"] for line in values["lines"]}
    return services.propose_share(current_actor(), team_id, amounts, values["reason"])


@api.post("/team-shares/<int:share_id>/decision")
@guard.staff(*DESK)
@api.arguments(ShareDecisionInput)
@api.response(200, ShareView)
def decide_share(values: dict[str, Any], share_id: int) -> TeamShare:
    """Somebody of the committee who is not of the team confirms or refuses."""
    if values["confirm"]:
        return services.confirm_share(current_actor(), share_id)
    return services.refuse_share(current_actor(), share_id, values["answer"])


@api.post("/team-shares/<int:share_id>/withdraw")
@guard.staff(Role.TEAM_LEADER)
@api.response(200, ShareView)
def withdraw_share(share_id: int) -> TeamShare:
    """Whoever proposed it takes it back."""
    return services.withdraw_share(current_actor(), share_id)


# ── The panel ───────────────────────────────────────────────────────────────────────────────────────────────────


def _sittings(found: Sequence[Sitting]) -> list[dict[str, Any]]:
    """Sittings with the numbers of their lists."""
    actor = current_actor()
    numbers = panel.progress(actor.community_id, actor.user_id, [s.id for s in found])
    names = ("id", "title", "held_on", "due_on", "state", "quorum", "opened_at", "ended_at", "reason")
    return [{**{name: getattr(one, name) for name in names}, "deeds": numbers[one.id].items,
             "left": numbers[one.id].left if one.state is SittingState.OPEN else 0} for one in found]


@api.get("/sittings")
@guard.staff(*policy.SITTERS)
@api.arguments(PageInput, location="query")
@api.response(200, paged(SittingView))
def sittings(values: dict[str, Any]) -> dict[str, Any]:
    """The sittings of the panel, the newest first."""
    page = panel.sittings(current_actor(), **values)
    return {"items": _sittings(page.items), "next": page.next}


@api.post("/sittings")
@guard.staff(*policy.CHAIRS)
@api.arguments(SittingInput)
@api.response(201, SittingView)
def open_sitting(values: dict[str, Any]) -> dict[str, Any]:
    """Open a sitting with the deeds that wait."""
    chosen = services.Selection(values["from_on"], values["to_on"], values["kind"], values["team_id"])
    call = services.Call(values["title"], values["held_on"], values["due_on"], chosen)
    return _sittings([services.open_sitting(current_actor(), call)])[0]


@api.get("/sittings/<int:sitting_id>")
@guard.staff(*policy.SITTERS)
@api.response(200, SittingView)
def sitting(sitting_id: int) -> dict[str, Any]:
    """One sitting."""
    return _sittings([panel.sitting(current_actor(), sitting_id)])[0]


@api.get("/sittings/<int:sitting_id>/items")
@guard.staff(*policy.SITTERS)
@api.arguments(ListInput, location="query")
@api.response(200, paged(SittingItemView))
def sitting_items(values: dict[str, Any], sitting_id: int) -> dict[str, Any]:
    """The list of a sitting in its order, with one's own votes."""
    actor = current_actor()
    found = panel.sitting(actor, sitting_id)
    page = panel.items(found, left_of=actor.user_id if values["left"] else None, cursor=values["cursor"],
                       limit=values["limit"])
    names = ("id", "position", "outcome", "reason", "carried_over", "votes_for", "votes_against", "abstained")
    return {"next": page.next, "items": [
        {**{name: getattr(row.item, name) for name in names}, "deed": row.deed, "barred": row.barred,
         "own_vote": row.vote.choice if row.vote else None}
        for row in list_rows(actor, found, page.items, actor.user_id)]}


@api.post("/sittings/<int:sitting_id>/votes")
@guard.staff(*policy.SITTERS)
@api.arguments(VotesInput)
@api.response(200, VotedView)
def vote(values: dict[str, Any], sitting_id: int) -> dict[str, int]:
    """Vote, or change votes, all or none."""
    ballots = [services.Ballot(v["item_id"], v["choice"], v["reason"]) for v in values["votes"]]
    return {"kept": services.vote(current_actor(), sitting_id, ballots, rest_for=values["rest_for"],
                                  member_id=values["member_id"], paper_note=values["paper_note"])}


@api.post("/sittings/<int:sitting_id>/items/<int:item_id>/return")
@guard.staff(*DESK)
@api.arguments(ReasonInput)
@api.response(200, DeedView)
def return_item(values: dict[str, Any], sitting_id: int, item_id: int) -> Contribution:
    """Send a deed of the list back to its resident."""
    item = services.return_item(current_actor(), sitting_id, item_id, values["reason"])
    return queries.by_ids(item.community_id, [item.contribution_id])[item.contribution_id]


@api.post("/sittings/<int:sitting_id>/close")
@guard.staff(*policy.CHAIRS)
@api.arguments(CloseInput)
@api.response(200, SittingView)
def close_sitting(values: dict[str, Any], sitting_id: int) -> dict[str, Any]:
    """Count the votes and carry out the result; once more it answers the same."""
    rulings = {r["item_id"]: services.Ruling(r["send_back"], r["reason"]) for r in values["rulings"]}
    return _sittings([services.close_sitting(current_actor(), sitting_id, rulings,
                                             seen_vote_id=values["seen_vote_id"])])[0]


@api.post("/sittings/<int:sitting_id>/cancel")
@guard.staff(*policy.CHAIRS)
@api.arguments(ReasonInput)
@api.response(200, SittingView)
def cancel_sitting(values: dict[str, Any], sitting_id: int) -> dict[str, Any]:
    """Call a sitting off."""
    return _sittings([services.cancel_sitting(current_actor(), sitting_id, values["reason"])])[0]
