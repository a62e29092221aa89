"""Review by a panel: opened with what waits, voted deed by deed, closed into one batch of decisions."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.contributions import queries, services
from pointsbank.contributions.errors import (
    AlreadyDecided,
    ItemDecided,
    NotAReviewer,
    NothingForPanel,
    NotInTheChair,
    NotSeated,
    OnPanelList,
    OwnHousehold,
    PanelDecides,
    PanelTooSmall,
    ReasonMissing,
    SittingOver,
    VotesChanged,
    VotesStillDue,
)
from pointsbank.contributions.models import SITTING_ALLOWED, Outcome, ReviewStep, SittingState, State
from pointsbank.contributions.panel import LEAST_VOTES, Count, count, quorum_of
from pointsbank.contributions.queries import sittings as panel
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Invalid, NotFound
from pointsbank.ledger import queries as ledger
from pointsbank.notifications.models import InboxMessage
from pointsbank.people.models import Appointment
from tests.contributions import funnel, sitting
from tests.contributions.funnel import award_lines, balance, deed, draft, filed, recorded
from tests.contributions.sitting import ABSTAIN, AGAINST, FOR, closed, decided, item, opened, seated, voted
from tests.support.village import Village

# ── Counting ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("entitled", "number", "needed"), [
    (5, 0, 3), (4, 0, 3), (3, 0, 2), (2, 0, 2), (1, 0, 2), (0, 0, 2), (5, 4, 4), (3, 4, 3), (2, 4, 2), (1, 4, 2),
    (5, 1, 2), (99, 0, 50)])
def test_the_quorum_counts_only_those_who_may_vote(entitled: int, number: int, needed: int) -> None:
    assert quorum_of(entitled, number) == needed


@pytest.mark.parametrize(("votes", "carried", "has_quorum"), [
    ([FOR, FOR, FOR], True, True), ([FOR, FOR, AGAINST], True, True), ([FOR, AGAINST, ABSTAIN], False, True),
    ([FOR, ABSTAIN, ABSTAIN], True, True), ([ABSTAIN] * 3, False, True), ([AGAINST] * 3, False, True),
    ([FOR, FOR], False, False), ([FOR, FOR, AGAINST, AGAINST], False, True), ([], False, False)])
def test_more_for_than_against_carries_and_a_tie_fails(votes: list[Any], carried: bool, has_quorum: bool) -> None:
    found = count(votes, 5, 0)
    assert (found.is_carried, found.has_quorum) == (carried, has_quorum)


def test_one_vote_alone_is_no_panel() -> None:
    assert not Count(1, 0, 0, 1, quorum_of(1, 1)).has_quorum
    assert LEAST_VOTES == 2


def test_every_state_of_a_sitting_has_its_way_out() -> None:
    assert set(SITTING_ALLOWED) == set(SittingState)
    assert SITTING_ALLOWED[SittingState.CLOSED] == SITTING_ALLOWED[SittingState.CANCELLED] == frozenset()


# ── Opening ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_sitting_is_opened_with_what_waits_and_its_members_are_told(street: Village) -> None:
    seated(street)
    first, second = filed(street), recorded(street, draft(street, "grace"))[0]
    funnel.approved(street, recorded(street, draft(street, "alice", 2)))
    sitting_id = opened(street)
    assert list(sitting.items(sitting_id)) == [first, second]
    assert [item(sitting_id, i).position for i in (first, second)] == [1, 2]
    assert [str(s.step) for s in queries.steps_of(street.community, first)][-1] == "to_panel"
    told = db.session.scalars(sa.select(InboxMessage.resident_id).where(
        InboxMessage.link == f"/desk/sittings/{sitting_id}")).all()
    db.session.rollback()
    assert sorted(told) == sorted(street.residents[k] for k in sitting.MEMBERS)


def test_only_the_committee_opens_closes_and_calls_off(street: Village) -> None:
    seated(street)
    filed(street)
    for key in ("reviewer", "bob", "alice", "keeper", "leader"):
        with pytest.raises(NotInTheChair):
            opened(street, key)
    sitting_id = opened(street, "supervisor")
    for key in ("reviewer", "bob", "alice"):
        with pytest.raises(NotInTheChair):
            closed(street, sitting_id, key)
        with pytest.raises(NotInTheChair), transaction():
            services.cancel_sitting(street.actor(key), sitting_id, "改期")
    assert closed(street, sitting_id).state is SittingState.CLOSED


@pytest.mark.parametrize(("values", "field"), [
    ({"title": " "}, "title"), ({"due_in": -1}, "due_on"), ({"kind": "feast"}, "kind"),
    ({"from_on": dt.date(2026, 4, 2), "to_on": dt.date(2026, 4, 1)}, "to_on")])
def test_a_sitting_that_makes_no_sense_is_refused_by_field(street: Village, values: dict[str, Any], field: str) -> None:
    seated(street)
    filed(street)
    with pytest.raises(Invalid) as refused:
        opened(street, **values)
    assert set(refused.value.fields) == {field}
    with pytest.raises(NotFound):
        opened(street, team_id=10**6)


def test_a_panel_of_one_and_an_empty_list_are_refused(street: Village) -> None:
    filed(street)
    seated(street, "bob")
    with pytest.raises(PanelTooSmall):
        opened(street)
    seated(street, "charlie")
    opened(street)
    with pytest.raises(NothingForPanel):
        opened(street)


def test_a_list_is_made_of_a_period_a_kind_or_a_team(street: Village) -> None:
    seated(street)
    march = filed(street, on=dt.date(2026, 3, 30), title="三月的事")
    april = filed(street, "bob")
    team = recorded(street, draft(street, "charlie"))[0]
    assert list(sitting.items(opened(street, team_id=street.team))) == [team]
    assert list(sitting.items(opened(street, to_on=dt.date(2026, 3, 31)))) == [march]
    assert list(sitting.items(opened(street, kind="other", from_on=dt.date(2026, 4, 1)))) == [april]


# ── Voting ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_vote_can_be_changed_and_every_change_is_kept(street: Village) -> None:
    seated(street)
    deed_id = filed(street)
    sitting_id = opened(street)
    assert voted(street, sitting_id, "bob", {deed_id: AGAINST}) == 1
    assert voted(street, sitting_id, "bob", {deed_id: AGAINST}) == 0, "said already"
    assert voted(street, sitting_id, "bob", {deed_id: FOR}) == 1
    voted(street, sitting_id, "charlie", {deed_id: FOR})
    voted(street, sitting_id, "dora", {deed_id: ABSTAIN})
    assert [str(v.choice) for v in sitting.votes(sitting_id)] == ["against", "for", "for", "abstain"]
    closed(street, sitting_id)
    found = item(sitting_id, deed_id)
    assert (found.votes_for, found.votes_against, found.abstained, found.entitled, found.needed) == (2, 0, 1, 5, 3)
    assert deed(deed_id).state is State.APPROVED


def test_a_vote_against_has_a_reason(street: Village) -> None:
    seated(street)
    deed_id = filed(street)
    sitting_id = opened(street)
    place = sitting.items(sitting_id)[deed_id]
    with pytest.raises(ReasonMissing) as refused, transaction():
        services.vote(street.actor("bob"), sitting_id, [services.Ballot(place, AGAINST, " ")])
    assert set(refused.value.fields) == {f"reason-{place}"}
    assert sitting.votes(sitting_id) == []


def test_the_rest_of_a_list_is_voted_for_but_for_the_exceptions(street: Village) -> None:
    seated(street)
    ids = [filed(street, title=f"第{n}件") for n in range(4)]
    own = filed(street, "bob")
    sitting_id = opened(street)
    voted(street, sitting_id, "bob", {ids[0]: AGAINST})
    assert voted(street, sitting_id, "bob", {ids[1]: ABSTAIN}, rest_for=True) == 3, "one exception, two others"
    kept = {v.item_id: str(v.choice) for v in sitting.votes(sitting_id)}
    places = sitting.items(sitting_id)
    assert [kept.get(places[i]) for i in (*ids, own)] == ["against", "abstain", "for", "for", None]


def test_only_members_named_for_the_sitting_vote(street: Village) -> None:
    seated(street)
    deed_id = filed(street)
    sitting_id = opened(street)
    seated(street, "grace")
    for key in ("grace", "member", "reviewer"):
        with pytest.raises(NotSeated):
            voted(street, sitting_id, key, {deed_id: FOR})
    for key in ("alice", "keeper"):
        with pytest.raises(NotFound):
            voted(street, sitting_id, key, {deed_id: FOR})
    assert voted(street, sitting_id, "bob", {deed_id: FOR}) == 1


def test_the_votes_of_somebody_who_left_the_panel_do_not_count(street: Village) -> None:
    seated(street)
    deed_id = filed(street)
    sitting_id = opened(street)
    for key in ("bob", "charlie", "dora"):
        voted(street, sitting_id, key, {deed_id: FOR})
    sitting.unseated(street, "dora")
    with pytest.raises(NotSeated):
        voted(street, sitting_id, "dora", {deed_id: AGAINST})
    closed(street, sitting_id)
    found = item(sitting_id, deed_id)
    assert (found.outcome, found.votes_for, found.entitled, found.needed) == (Outcome.NO_QUORUM, 2, 4, 3)


def test_a_signed_sheet_is_entered_by_the_desk_and_its_member_told(street: Village) -> None:
    seated(street)
    deed_id = filed(street)
    sitting_id = opened(street)
    frank = street.users["frank"]
    with pytest.raises(ReasonMissing):
        voted(street, sitting_id, "reviewer", {deed_id: FOR}, member_id=frank)
    note = {"member_id": frank, "paper_note": "档案盒 3"}
    for key in ("charlie", "bob"):
        with pytest.raises(NotAReviewer):
            voted(street, sitting_id, key, {deed_id: FOR}, **note)
    with pytest.raises(NotSeated):
        voted(street, sitting_id, "reviewer", {deed_id: FOR}, **{**note, "member_id": street.users["alice"]})
    assert voted(street, sitting_id, "reviewer", {deed_id: FOR}, **note) == 1
    (vote,) = sitting.votes(sitting_id)
    assert (vote.user_id, vote.entered_by_id, vote.paper_note) == (frank, street.users["reviewer"], "档案盒 3")
    told = db.session.scalars(sa.select(InboxMessage.resident_id).order_by(InboxMessage.id.desc())).first()
    db.session.rollback()
    assert told == street.residents["frank"]
    assert voted(street, sitting_id, "frank", {deed_id: ABSTAIN}) == 1, "and may be changed by the member"


def test_the_clerk_enters_no_vote_about_their_own_family(street: Village) -> None:
    seated(street)
    sitting.related(street, "reviewer", "andrew")
    ids = [filed(street), filed(street, "grace")]
    sitting_id = opened(street)
    note = {"member_id": street.users["frank"], "paper_note": "档案盒 3"}
    with pytest.raises(OwnHousehold):
        voted(street, sitting_id, "reviewer", {ids[0]: FOR}, **note)
    assert voted(street, sitting_id, "reviewer", {}, rest_for=True, **note) == 1


# ── Closing ─────────────────────────────────────────────────────────────────────────────────────────────────────


def everybody(street: Village, sitting_id: int, votes: dict[int, str]) -> None:
    """``"++-0."``: what each of the five members says about a deed; a dot says nothing."""
    meaning = {"+": FOR, "-": AGAINST, "0": ABSTAIN}
    for place, key in enumerate(sitting.MEMBERS):
        said = {i: meaning[text[place]] for i, text in votes.items() if text[place] != "."}
        if said:
            voted(street, sitting_id, key, said)


def test_a_closed_sitting_approves_refuses_returns_and_puts_off(street: Village) -> None:
    seated(street)
    ids = [filed(street, title=f"第{n}件") for n in range(5)]
    sitting_id = opened(street)
    everybody(street, sitting_id, dict(zip(ids, ["+++-.", "+--..", "--+..", "++...", "++--0"], strict=True)))
    closed(street, sitting_id, rulings={ids[2]: services.Ruling(True, "请补一张照片")})
    states = [deed(i).state for i in ids]
    assert states == [State.APPROVED, State.REJECTED, State.RETURNED, State.SUBMITTED, State.REJECTED]
    assert [str(item(sitting_id, i).outcome) for i in ids] == [
        "approved", "rejected", "returned", "no_quorum", "rejected"]
    assert [line.amount for line in award_lines(ids[0])] == [400]
    steps = {i: queries.steps_of(street.community, i)[-1] for i in ids}
    assert [steps[i].step for i in ids] == [ReviewStep.APPROVED, ReviewStep.REJECTED, ReviewStep.RETURNED,
                                            ReviewStep.PUT_OFF, ReviewStep.REJECTED]
    assert all(step.by_user_id is None for step in steps.values()), "the panel decided, not one person"
    assert "四月评议" in steps[ids[0]].reason
    assert "证据不足" in steps[ids[1]].reason
    assert steps[ids[2]].reason == "请补一张照片"
    assert deed(ids[0]).approver_user_id == street.users["member"], "the chair stands as approver"


def test_what_had_no_quorum_comes_to_the_next_sitting_visibly(street: Village) -> None:
    seated(street)
    old, new = filed(street, on=dt.date(2026, 3, 1), title="三月的事"), filed(street, "grace")
    first = opened(street, to_on=dt.date(2026, 3, 31))
    closed(street, first)
    assert deed(old).state is State.SUBMITTED
    second = opened(street, title="五月评议", from_on=dt.date(2026, 4, 1))
    assert item(second, old).carried_over, "although it was done before the period"
    assert not item(second, new).carried_over


def test_closing_needs_the_votes_that_the_chair_saw(street: Village) -> None:
    seated(street)
    deed_id = filed(street)
    sitting_id = opened(street)
    voted(street, sitting_id, "bob", {deed_id: FOR})
    seen = panel.standing(panel.sitting(street.actor("member"), sitting_id)).last_vote_id
    db.session.rollback()
    voted(street, sitting_id, "charlie", {deed_id: AGAINST})
    with pytest.raises(VotesChanged):
        closed(street, sitting_id, seen_vote_id=seen)
    assert deed(deed_id).state is State.SUBMITTED
    assert closed(street, sitting_id, seen_vote_id=seen + 1).state is SittingState.CLOSED


def test_closing_again_changes_nothing_and_for_others_it_is_over(street: Village) -> None:
    seated(street)
    deed_id = filed(street)
    sitting_id = opened(street)
    everybody(street, sitting_id, {deed_id: "+++.."})
    closed(street, sitting_id)
    steps = len(queries.steps_of(street.community, deed_id))
    assert closed(street, sitting_id).state is SittingState.CLOSED
    assert len(queries.steps_of(street.community, deed_id)) == steps
    for work in (lambda: closed(street, sitting_id, "second"), lambda: voted(street, sitting_id, "bob", {deed_id: FOR}),
                 lambda: returned(street, sitting_id, deed_id)):
        with pytest.raises(SittingOver):
            work()
    with pytest.raises(SittingOver), transaction():
        services.cancel_sitting(street.actor("member"), sitting_id, "改期")


def returned(street: Village, sitting_id: int, deed_id: int, by: str = "reviewer", reason: str = "请补照片") -> None:
    place = sitting.items(sitting_id)[deed_id]
    with transaction():
        services.return_item(street.actor(by), sitting_id, place, reason)


def test_a_deed_sent_back_drops_off_the_list_and_comes_again(street: Village) -> None:
    seated(street)
    ids = [filed(street), filed(street, "grace")]
    sitting_id = opened(street)
    with pytest.raises(ReasonMissing):
        returned(street, sitting_id, ids[0], reason="")
    returned(street, sitting_id, ids[0])
    assert (deed(ids[0]).state, item(sitting_id, ids[0]).outcome) == (State.RETURNED, Outcome.RETURNED)
    with pytest.raises(ItemDecided):
        returned(street, sitting_id, ids[0])
    with pytest.raises(ItemDecided):
        voted(street, sitting_id, "bob", {ids[0]: FOR})
    with transaction():
        services.submit(street.actor("alice"), ids[0])
    assert list(sitting.items(opened(street, title="补议"))) == [ids[0]]


def test_a_deed_that_its_resident_took_back_is_not_decided(street: Village) -> None:
    seated(street)
    deed_id = filed(street)
    sitting_id = opened(street)
    everybody(street, sitting_id, {deed_id: "+++++"})
    with transaction():
        services.withdraw(street.actor("alice"), deed_id)
    with pytest.raises(ItemDecided):
        voted(street, sitting_id, "bob", {deed_id: ABSTAIN})
    closed(street, sitting_id)
    assert (deed(deed_id).state, item(sitting_id, deed_id).outcome) == (State.WITHDRAWN, Outcome.DROPPED)


def test_a_sitting_called_off_leaves_its_deeds_waiting(street: Village) -> None:
    seated(street)
    deed_id = filed(street)
    sitting_id = opened(street)
    with pytest.raises(ReasonMissing), transaction():
        services.cancel_sitting(street.actor("member"), sitting_id, "")
    with transaction():
        services.cancel_sitting(street.actor("second"), sitting_id, "人没到齐，改期")
    assert (deed(deed_id).state, item(sitting_id, deed_id).outcome) == (State.SUBMITTED, Outcome.DROPPED)
    with pytest.raises(SittingOver):
        closed(street, sitting_id)
    assert list(sitting.items(opened(street))) == [deed_id]


def test_where_the_chair_has_an_interest_a_member_who_voted_for_it_stands_as_approver(street: Village) -> None:
    seated(street)
    sitting.related(street, "member", "andrew")
    ids = [filed(street), filed(street, "grace"), filed(street, title="第二件")]
    sitting_id = opened(street)
    everybody(street, sitting_id, dict(zip(ids, ["0-+++", "+++..", "---.."], strict=True)))
    closed(street, sitting_id, rulings={ids[2]: services.Ruling(True, "给自己家留条路")})
    assert [deed(i).approver_user_id for i in ids[:2]] == [street.users["dora"], street.users["member"]]
    assert deed(ids[2]).state is State.REJECTED, "no ruling about one's own family"
    assert ledger.verify(street.community) == []
    db.session.rollback()


def test_caps_and_notices_go_on_as_after_any_approval(street: Village) -> None:
    seated(street)
    ids = recorded(street, *(draft(street, "alice", n) for n in range(1, 5)))
    sitting_id = opened(street)
    everybody(street, sitting_id, dict.fromkeys(ids, "+++.."))
    closed(street, sitting_id)
    assert sum(line.amount for i in ids for line in award_lines(i)) == 500, "five points a month, no more"
    funnel.published(street)
    assert balance(street, "alice") == 0


# ── Where the panel is required ─────────────────────────────────────────────────────────────────────────────────


def test_a_deed_on_an_open_list_is_decided_nowhere_else(street: Village) -> None:
    seated(street)
    deed_id, free = filed(street), filed(street, "grace")
    sitting_id = opened(street, kind="other", to_on=funnel.DAY)
    actor = street.actor("reviewer")
    for verb in (lambda: services.approve(actor, [deed_id]), lambda: services.reject(actor, deed_id, "不属实"),
                 lambda: services.return_(actor, deed_id, "请补照片")):
        with pytest.raises(OnPanelList), transaction():
            verb()
    with transaction():
        services.cancel_sitting(street.actor("member"), sitting_id, "改期")
    funnel.approved(street, [deed_id, free])
    with pytest.raises(AlreadyDecided):
        funnel.approved(street, [deed_id])


def test_where_the_panel_is_required_nobody_approves_filed_deeds_alone(street: Village) -> None:
    decided(street, panel_required="filed")
    by_resident, by_proxy = filed(street), filed(street, "grace", by="grid")
    (attended,) = recorded(street, draft(street, "bob"))
    for deed_id in (by_resident, by_proxy):
        with pytest.raises(PanelDecides):
            funnel.approved(street, [deed_id])
    with pytest.raises(PanelDecides):
        funnel.approved(street, [attended, by_resident])
    assert deed(attended).state is State.SUBMITTED, "a batch is refused whole"
    funnel.approved(street, [attended])
    with transaction():
        services.return_(street.actor("reviewer"), by_proxy, "请补照片")


def test_where_points_decide_only_what_earns_more_goes_to_the_panel(street: Village) -> None:
    decided(street, panel_required="points", panel_points=200)
    big, small = filed(street), filed(street, "grace", units=1)
    with pytest.raises(PanelDecides):
        funnel.approved(street, [big])
    funnel.approved(street, [small])
    seated(street)
    sitting_id = opened(street)
    everybody(street, sitting_id, {big: "+++.."})
    closed(street, sitting_id)
    assert deed(big).state is State.APPROVED


def test_what_waits_for_a_household_may_earn_anything_and_goes_to_the_panel(street: Village) -> None:
    decided(street, panel_required="points", panel_points=10_000)
    with transaction():
        db.session.execute(sa.text("UPDATE household_member SET since_on = '2026-04-15' WHERE resident_id = :r"),
                           {"r": street.residents["grace"]})
    homeless, housed = filed(street, "grace"), filed(street)
    with pytest.raises(PanelDecides):
        funnel.approved(street, [homeless])
    funnel.approved(street, [housed])


def test_what_went_to_the_area_above_is_decided_there(street: Village) -> None:
    decided(street, panel_required="filed")
    with transaction():
        db.session.execute(sa.update(Appointment).where(
            Appointment.area_id == street.community, Appointment.role.in_(["reviewer", "committee_member"]))
            .values(until_at=house_clock.now()))
    deed_id = filed(street)
    assert deed(deed_id).sent_up_area_id == street.town
    funnel.approved(street, [deed_id], "supervisor")


# ── Costs ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_a_sitting_of_300_deeds_costs_no_more_statements_than_one_of_three(street: Village, queries: Any) -> None:
    seated(street)
    costs = []
    for size in (3, 300):
        keys = ["alice", "grace", "andrew"]
        recorded(street, *(draft(street, keys[n % 3], size * 1000 + n) for n in range(size)))
        with queries() as seen:
            sitting_id = opened(street)
        opening = len(seen)
        with queries() as seen:
            for key in sitting.MEMBERS:
                with transaction():
                    services.vote(street.actor(key), sitting_id, [], rest_for=True)
        voting = len(seen)
        with queries() as seen, transaction():
            services.close_sitting(street.actor("member"), sitting_id)
        costs.append((opening, voting, len(seen)))
    # A batch of many rows may need a page or two of parameters more.
    assert all(many <= few + 3 for few, many in zip(*costs, strict=True)), costs
    assert costs[1][0] <= 20
    assert costs[1][1] <= 50
    assert costs[1][2] <= 45


def test_it_closes_early_only_when_nobody_s_vote_is_missing(street: Village) -> None:
    seated(street, "bob", "charlie", "dora")
    deed_id = filed(street)
    sitting_id = opened(street)
    for key in ("bob", "charlie"):
        voted(street, sitting_id, key, {deed_id: FOR})
    with pytest.raises(VotesStillDue), transaction():
        services.close_sitting(street.actor("member"), sitting_id)
    voted(street, sitting_id, "dora", {deed_id: FOR})
    with transaction():
        services.close_sitting(street.actor("member"), sitting_id)
    assert deed(deed_id).state is State.APPROVED
