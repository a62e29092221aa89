"""Conflicts of interest: in votes, in ordinary reviews and in the database, declared relatives included; each with a
control."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.contributions import policy, queries, services
from pointsbank.contributions.errors import (
    AlreadyDeclared,
    DeclarationOver,
    NotAReviewer,
    NotFromHere,
    OwnHousehold,
    OwnRecord,
    OwnRelative,
    OwnTeam,
)
from pointsbank.contributions.models import Contribution, DeclaredRelative, Outcome, State
from pointsbank.contributions.queries import kinship
from pointsbank.contributions.queries import sittings as panel
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import DomainError, Invalid, NotFound
from pointsbank.people.models import TeamMember
from tests.contributions import funnel, sitting
from tests.contributions.funnel import approved, deed, draft, filed, recorded
from tests.contributions.sitting import FOR, closed, item, opened, related, seated, voted
from tests.contributions.test_separation_of_duties import broken, only_judge, refusal
from tests.support.village import PEOPLE, Village


def declared(street: Village, by: str, *, resident: str | None = None, household: str | None = None) -> int:
    """``by`` declares a person, or the household of one."""
    with transaction():
        return services.declare_relative(
            street.actor(by), "堂弟", resident_id=street.residents[resident] if resident else None,
            household_id=street.households[PEOPLE[household][1]] if household else None).id


# ── Votes ───────────────────────────────────────────────────────────────────────────────────────────────────────


def of_alice(street: Village) -> int:
    return filed(street)


def from_team(street: Village, **values: Any) -> int:
    return recorded(street, draft(street, "alice", **values))[0]


def own_household(street: Village) -> int:
    related(street, "bob", "andrew")
    return of_alice(street)


def own_resident(street: Village) -> int:
    related(street, "bob", "alice")
    return of_alice(street)


def entered(street: Village) -> int:
    return from_team(street, recorder_user_id=street.users["bob"])


def own_team(street: Village) -> int:
    return from_team(street, flagged=True)


def declared_resident(street: Village) -> int:
    declared(street, "bob", resident="andrew")
    return of_alice(street)


def declared_household(street: Village) -> int:
    declared(street, "bob", household="alice")
    return of_alice(street)


CONFLICTS: list[tuple[Callable[[Village], int], type[DomainError]]] = [
    (own_household, OwnHousehold), (own_resident, OwnHousehold), (entered, OwnRecord), (own_team, OwnTeam),
    (declared_resident, OwnRelative), (declared_household, OwnRelative)]


@pytest.mark.parametrize(("make", "why"), CONFLICTS, ids=lambda v: getattr(v, "__name__", ""))
def test_nobody_votes_about_what_is_their_own_and_the_quorum_does_without_them(
        street: Village, make: Callable[[Village], int], why: type[DomainError]) -> None:
    seated(street)
    deed_id = make(street)
    sitting_id = opened(street)
    with pytest.raises(why):
        voted(street, sitting_id, "bob", {deed_id: FOR})
    for key in ("dora", "erin"):
        assert voted(street, sitting_id, key, {deed_id: FOR}) == 1, "control: others may"
    with transaction():
        assert services.vote(street.actor("bob"), sitting_id, [], rest_for=True) == 0, "nor with the rest of a list"
    barred = 2 if make is own_team else 1  # Charlie is of the team as well
    voted(street, sitting_id, "frank", {deed_id: FOR})
    closed(street, sitting_id)
    found = item(sitting_id, deed_id)
    assert (found.entitled, found.outcome) == (5 - barred, Outcome.APPROVED)
    assert street.users["bob"] in (found.barred_user_ids or [])


def test_whoever_looked_first_has_no_vote(street: Village) -> None:
    seated(street, "leader", "dora", "erin")
    deed_id = from_team(street)
    assert deed(deed_id).checker_user_id == street.users["leader"]
    sitting_id = opened(street)
    with pytest.raises(OwnRecord):
        voted(street, sitting_id, "leader", {deed_id: FOR})
    assert voted(street, sitting_id, "dora", {deed_id: FOR}) == 1


def test_a_relative_declared_after_the_vote_takes_it_out_of_the_count(street: Village) -> None:
    seated(street)
    deed_id = filed(street)
    sitting_id = opened(street)
    for key in ("bob", "charlie", "dora"):
        voted(street, sitting_id, key, {deed_id: FOR})
    declared(street, "bob", resident="alice")
    closed(street, sitting_id)
    found = item(sitting_id, deed_id)
    assert (found.votes_for, found.entitled, found.needed, found.outcome) == (2, 4, 3, Outcome.NO_QUORUM)


def test_what_was_decided_is_counted_as_it_was_whatever_is_declared_later(street: Village) -> None:
    seated(street)
    deed_id = filed(street)
    sitting_id = opened(street)
    for key in ("bob", "charlie", "dora"):
        voted(street, sitting_id, key, {deed_id: FOR})
    closed(street, sitting_id)
    declared(street, "bob", resident="alice")
    (entry,) = panel.standing(panel.sitting(street.actor("member"), sitting_id)).entries
    db.session.rollback()
    assert (entry.count.votes_for, entry.count.entitled, entry.barred) == (3, 5, {})


# ── Ordinary reviews ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("whom", [{"resident": "andrew"}, {"household": "alice"}, {"resident": "alice"}])
def test_nobody_decides_alone_about_declared_relatives(street: Village, whom: dict[str, str]) -> None:
    declared(street, "reviewer", **whom)
    ids = [filed(street), filed(street, "grace")]
    actor = street.actor("reviewer")
    assert refusal(lambda: services.approve(actor, ids)) is OwnRelative
    assert refusal(lambda: services.reject(actor, ids[0], "不属实")) is OwnRelative
    assert refusal(lambda: services.return_(actor, ids[0], "请补照片")) is OwnRelative
    assert refusal(lambda: services.approve(actor, [ids[1]])) is None, "control: of another household"
    assert refusal(lambda: services.approve(street.actor("member"), ids)) is None, "control: another reviewer"


def test_an_ended_declaration_frees_deeds_done_since_and_no_earlier_ones(street: Village, clock: Any) -> None:
    made = declared(street, "reviewer", resident="andrew")
    with transaction():
        services.end_relative(street.actor("reviewer"), made)
    before = filed(street)
    clock.forward(days=1)
    after = filed(street, on=dt.date(2026, 4, 19), title="后来的事")
    actor = street.actor("reviewer")
    assert refusal(lambda: services.approve(actor, [before])) is OwnRelative
    assert refusal(lambda: services.approve(actor, [after])) is None
    approve = "UPDATE contribution SET state = 'approved', approver_user_id = :user WHERE id = :id"
    assert broken(approve, user=street.users["reviewer"], id=before)
    assert not broken(approve, user=street.users["reviewer"], id=after)


def test_declared_relatives_send_a_deed_up_where_nobody_else_judges(street: Village) -> None:
    only_judge(street, "reviewer")
    declared(street, "reviewer", household="alice")
    assert deed(filed(street)).sent_up_area_id == street.town
    assert deed(filed(street, "grace")).sent_up_area_id is None


def test_nobody_confirms_a_correction_or_answers_an_objection_about_declared_relatives(street: Village) -> None:
    _notice, lines = funnel.on_notice(street, "alice", "bob")
    with transaction():
        about = {key: services.object_to(street.actor("charlie"), lines[key], "没看见").id for key in ("alice", "bob")}
    declared(street, "member", resident="andrew")
    answer = lambda key: refusal(  # noqa: E731
        lambda: services.decide_objection(street.actor("member"), about[key], False, "签到表上有"))
    assert answer("alice") is OwnRelative
    assert answer("bob") is None
    (posted,) = recorded(street, draft(street, "alice", 2, kind="snapshot", minutes=None, team_id=None))
    approved(street, [posted])
    with transaction():
        correction = services.correct_award(street.actor("second"), posted, "照片是旧的")
    confirm = lambda key: refusal(  # noqa: E731
        lambda: services.confirm_correction(street.actor(key), correction.id))
    assert confirm("member") is OwnHousehold
    assert confirm("supervisor") is None


# ── Declaring ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_relatives_are_declared_once_by_those_who_have_a_say(street: Village) -> None:
    seated(street, "bob", "charlie")
    for key in ("reviewer", "member", "supervisor", "bob"):
        declared(street, key, resident="andrew")
        with pytest.raises(AlreadyDeclared):
            declared(street, key, resident="andrew")
    for key in ("alice", "leader", "keeper", "grid", "admin"):
        with pytest.raises(NotAReviewer):
            declared(street, key, resident="andrew")
    with pytest.raises(NotFromHere):
        declared(street, "reviewer", resident="mallory")
    both = {"resident_id": street.residents["bob"], "household_id": street.households["1-0412"]}
    for whom in ({}, both):
        with pytest.raises(Invalid), transaction():
            services.declare_relative(street.actor("reviewer"), "堂弟", **whom)
    with pytest.raises(Invalid), transaction():
        services.declare_relative(street.actor("reviewer"), " ", resident_id=street.residents["bob"])


def test_only_the_declarer_ends_a_declaration_and_once(street: Village) -> None:
    made = declared(street, "reviewer", resident="andrew")
    with pytest.raises(NotFound), transaction():
        services.end_relative(street.actor("member"), made)
    with transaction():
        assert services.end_relative(street.actor("reviewer"), made).until_on == dt.date(2026, 4, 18)
    with pytest.raises(DeclarationOver), transaction():
        services.end_relative(street.actor("reviewer"), made)
    again = declared(street, "reviewer", resident="andrew")
    rows = [d.row.id for d in kinship.relatives_of(street.community, street.users["reviewer"])]
    db.session.rollback()
    assert rows == [again, made], "both are kept"


# ── The same in SQL ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_condition_of_lists_and_the_policy_say_the_same_of_every_user_and_deed(street: Village) -> None:
    seated(street)
    related(street, "reviewer", "andrew")
    related(street, "member", "grace")
    declared(street, "second", resident="alice")
    declared(street, "supervisor", household="dora")
    ended = declared(street, "bob", resident="erin")
    with transaction():
        services.end_relative(street.actor("bob"), ended)
        db.session.add(TeamMember(team_id=street.team, resident_id=street.residents["grace"], since_on=funnel.DAY))
    for number, key in enumerate(("alice", "andrew", "bob", "dora", "erin", "grace")):
        filed(street, key, title=f"第{number}件")
        recorded(street, draft(street, key, number), draft(street, key, number + 50, flagged=True),
                 draft(street, key, number + 90, recorder_user_id=street.users["member"]))
    with transaction():
        db.session.execute(sa.text("UPDATE contribution SET household_id = NULL WHERE resident_id = :r AND id % 2 = 0"),
                           {"r": street.residents["dora"]})
    users = [street.users[k] for k in ("reviewer", "member", "second", "supervisor", "leader", "alice", "bob", "dora")]
    deeds = db.session.scalars(sa.select(Contribution)).all()
    facts = queries.facts_of_users(users)
    differences, barred = [], 0
    for user in users:
        free = set(db.session.scalars(sa.select(Contribution.id).where(*queries.independent_of(user))))
        for one in deeds:
            found = policy.conflict(facts[user], one)
            barred += found is not None
            if (found is None) != (one.id in free):
                differences.append((user, one.id, found))
    db.session.rollback()
    assert differences == []
    assert 20 < barred < len(deeds) * len(users)


# ── The database's own refusal ──────────────────────────────────────────────────────────────────────────────────

VOTE = ("INSERT INTO panel_vote (community_id, sitting_id, item_id, user_id, choice, reason, paper_note, at, "
        "entered_by_id) VALUES (:community, :sitting, :item, :user, 'for', '', :note, '2026-04-18', :clerk)")


def cast(street: Village, sitting_id: int, deed_id: int, key: str, clerk: str | None = None) -> bool:
    """True if the database refuses this vote."""
    return broken(VOTE, community=street.community, sitting=sitting_id, item=sitting.items(sitting_id)[deed_id],
                  user=street.users[key], note="盒 3" if clerk else "", clerk=street.users[clerk] if clerk else None)


@pytest.mark.parametrize("make", [own_household, own_resident, entered, declared_resident, declared_household])
def test_the_database_refuses_a_vote_by_kin(street: Village, make: Callable[[Village], int]) -> None:
    seated(street)
    deed_id = make(street)
    sitting_id = opened(street)
    assert cast(street, sitting_id, deed_id, "bob")
    assert not cast(street, sitting_id, deed_id, "dora"), "control: another member"
    assert cast(street, sitting_id, deed_id, "dora", "bob"), "nor does kin enter somebody else's sheet"
    assert not cast(street, sitting_id, deed_id, "dora", "member"), "control: another clerk"


@pytest.mark.parametrize("whom", [{"resident": "andrew"}, {"household": "alice"}])
def test_the_database_refuses_an_approval_by_declared_relatives(street: Village, whom: dict[str, str]) -> None:
    declared(street, "reviewer", **whom)
    deed_id = filed(street)
    approve = "UPDATE contribution SET state = 'approved', approver_user_id = :user WHERE id = :id"
    assert broken(approve, user=street.users["reviewer"], id=deed_id)
    assert not broken(approve, user=street.users["member"], id=deed_id), "control"


def test_the_database_takes_votes_of_members_only_and_while_it_is_open(street: Village) -> None:
    seated(street)
    ids = [filed(street), filed(street, "grace")]
    sitting_id = opened(street)
    assert cast(street, sitting_id, ids[0], "grace"), "no member"
    with transaction():
        services.return_item(street.actor("reviewer"), sitting_id, sitting.items(sitting_id)[ids[0]], "请补照片")
    assert cast(street, sitting_id, ids[0], "dora"), "off the list"
    assert not cast(street, sitting_id, ids[1], "dora"), "control: still on it"
    closed(street, sitting_id)
    assert cast(street, sitting_id, ids[1], "dora"), "over"


def test_votes_minutes_and_declarations_are_never_rewritten(street: Village) -> None:
    seated(street)
    deed_id = filed(street)
    made = declared(street, "reviewer", resident="bob")
    sitting_id = opened(street)
    voted(street, sitting_id, "dora", {deed_id: FOR})
    assert not broken("UPDATE sitting SET title = 'x' WHERE id = :id", id=sitting_id), "control: while it is open"
    closed(street, sitting_id)
    for statement in (
            "UPDATE panel_vote SET choice = 'abstain'", "DELETE FROM panel_vote", "DELETE FROM sitting_member",
            "UPDATE sitting SET title = 'x'", "UPDATE sitting_item SET votes_for = 5", "DELETE FROM sitting_item",
            "DELETE FROM declared_relative", "UPDATE declared_relative SET relation = 'x'",
            "UPDATE declared_relative SET resident_id = NULL, household_id = 1"):
        assert broken(statement), statement
    end = "UPDATE declared_relative SET until_on = :day WHERE id = :id"
    assert not broken(end, day="2026-04-18", id=made), "control: it may be ended"
    with transaction():
        services.end_relative(street.actor("reviewer"), made)
    assert broken(end, day="2027-01-01", id=made), "once"
    assert db.session.query(DeclaredRelative).count() == 1
    db.session.rollback()
    assert deed(deed_id).state is State.SUBMITTED


def test_the_database_keeps_a_deed_on_one_open_list(street: Village) -> None:
    seated(street)
    deed_id = filed(street)
    opened(street)
    second = filed(street, "grace")
    other = opened(street, title="另一次")
    insert = ("INSERT INTO sitting_item (community_id, sitting_id, contribution_id, position, carried_over, outcome, "
              "reason, votes_for, votes_against, abstained, entitled, needed) VALUES (:c, :s, :d, 9, :no, 'waiting', "
              "'', 0, 0, 0, 0, 0)")
    assert broken(insert, c=street.community, s=other, d=deed_id, no=False)
    free = filed(street, "erin")
    assert not broken(insert, c=street.community, s=other, d=free, no=False), "control"
    assert sitting.items(other) == {second: sitting.items(other)[second]}
