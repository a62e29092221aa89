"""Recorder, approver and household are three: every pair of roles on every path, in services and in the database."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.contributions import queries, services
from pointsbank.contributions.errors import (
    NotAReviewer,
    OwnHousehold,
    OwnRecord,
    OwnTeam,
)
from pointsbank.contributions.errors import SecondPersonNeeded as SecondForCorrection
from pointsbank.contributions.models import RecordedVia, State
from pointsbank.core import clock
from pointsbank.core.actor import Actor, Grant
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import DomainError, NotFound
from pointsbank.people.models import Appointment, LinkKind, Resident, TeamMember, UserResident
from pointsbank.people.roles import JUDGES, Role
from pointsbank.publicity.errors import NotAllowed, NotIndependent
from pointsbank.publicity.errors import SecondPersonNeeded as SecondForNotice
from pointsbank.publicity.services import PaperDraft
from tests.contributions import funnel
from tests.contributions.funnel import approved, award_lines, deed, draft, filed, recorded
from tests.support.village import STAFF, Village

EVERYBODY = [*STAFF, "supervisor", "other_member", "alice", "bob"]
JUDGE_KEYS = {"reviewer", "member", "second", "supervisor"}


def refusal(work: Callable[[], Any]) -> type[Exception] | None:
    """Why it was refused; everything is rolled back either way."""
    class Enough(Exception):
        pass

    try:
        with transaction():
            work()
            raise Enough
    except Enough:
        return None
    except (DomainError, sa.exc.IntegrityError) as error:
        return type(error)


@pytest.mark.slow
@pytest.mark.parametrize("via", list(RecordedVia))
def test_every_pair_of_recorder_and_approver(street: Village, via: RecordedVia) -> None:
    wrong = []
    for recorder, approver in itertools.product(EVERYBODY, EVERYBODY):
        if recorder == "other_member":
            continue  # lives in another community and can't record here

        def work(recorder: str = recorder, approver: str = approver) -> None:
            made = services.record(street.actor("leader"), [draft(
                street, "charlie", recorded_via=via, recorder_user_id=street.users[recorder], first_review="needed")])
            services.approve(street.actor(approver), [c.id for c in made])

        allowed = approver in JUDGE_KEYS and approver != recorder
        if (refusal(work) is None) != allowed:
            wrong.append((recorder, approver))
    assert wrong == []


@pytest.mark.parametrize("verb", ["approve", "return", "reject"])
def test_nobody_decides_about_what_they_entered(street: Village, verb: str) -> None:
    deed_id = filed(street, by="member")
    verbs: dict[str, Callable[[Actor], Any]] = {
        "approve": lambda a: services.approve(a, [deed_id]),
        "return": lambda a: services.return_(a, deed_id, "请补充"),
        "reject": lambda a: services.reject(a, deed_id, "不属实")}
    assert refusal(lambda: verbs[verb](street.actor("member"))) is OwnRecord
    assert refusal(lambda: verbs[verb](street.actor("keeper"))) is NotAReviewer
    assert refusal(lambda: verbs[verb](street.actor("second"))) is None


def related(street: Village, judge: str, resident: str, kind: LinkKind = LinkKind.SELF) -> None:
    with transaction():
        db.session.add(UserResident(user_id=street.users[judge], resident_id=street.residents[resident], kind=kind,
                                    created_at=clock.now()))


def test_nobody_approves_for_their_own_household(street: Village) -> None:
    related(street, "reviewer", "andrew")  # of Alice's household
    ids = recorded(street, draft(street, "alice"), draft(street, "bob"))
    assert refusal(lambda: services.approve(street.actor("reviewer"), ids)) is OwnHousehold
    assert refusal(lambda: services.approve(street.actor("reviewer"), [ids[1]])) is None
    assert deed(ids[1]).state is State.SUBMITTED, "a batch is refused whole"


def test_nobody_approves_for_the_parent_they_act_for(street: Village) -> None:
    related(street, "reviewer", "dora", LinkKind.FAMILY)
    ids = recorded(street, draft(street, "dora"))
    assert refusal(lambda: services.approve(street.actor("reviewer"), ids)) is OwnHousehold


def test_the_leader_who_looked_first_does_not_approve(street: Village) -> None:
    with transaction():
        db.session.add(Appointment(user_id=street.users["leader"], role=Role.REVIEWER, area_id=street.community,
                                   since_at=clock.now(), appointed_by="test"))
    both = Actor(**{**street.actor("leader").__dict__, "grants": (
        *street.grants["leader"], Grant(Role.REVIEWER, street.community, street.path))})
    ids = recorded(street, draft(street, "alice"))
    assert deed(ids[0]).checker_user_id == street.users["leader"]
    assert refusal(lambda: services.approve(both, ids)) is OwnRecord


@pytest.mark.parametrize("values", [
    {"recorded_via": RecordedVia.LEADER_SCAN}, {"recorded_via": RecordedVia.LEADER_TYPED},
    {"recorded_via": RecordedVia.PAPER}, {"flagged": True}, {"first_review": "needed"}])
def test_rows_entered_by_hand_need_an_approver_outside_the_team(street: Village, values: dict[str, Any]) -> None:
    related(street, "reviewer", "grace")
    with transaction():
        db.session.add(TeamMember(team_id=street.team, resident_id=street.residents["grace"], since_on=funnel.DAY))
    ids = recorded(street, draft(street, "alice", **values))
    assert refusal(lambda: services.approve(street.actor("reviewer"), ids)) is OwnTeam
    assert refusal(lambda: services.approve(street.actor("member"), ids)) is None


def test_an_unflagged_self_scan_may_be_approved_from_inside_the_team(street: Village) -> None:
    related(street, "reviewer", "grace")
    with transaction():
        db.session.add(TeamMember(team_id=street.team, resident_id=street.residents["grace"], since_on=funnel.DAY))
    ids = recorded(street, draft(street, "alice"))
    assert refusal(lambda: services.approve(street.actor("reviewer"), ids)) is None


def test_closing_is_no_first_look_at_the_leaders_own_row(street: Village) -> None:
    related(street, "leader", "erin")
    ids = recorded(street, draft(street, "erin"), draft(street, "alice"))
    assert deed(ids[0]).checker_user_id is None
    assert deed(ids[0]).outside_team
    assert not deed(ids[1]).outside_team


def only_judge(street: Village, key: str) -> None:
    """Everybody else who may decide here steps back."""
    with transaction():
        db.session.execute(sa.update(Appointment).where(
            Appointment.area_id == street.community, Appointment.role.in_(JUDGES),
            Appointment.user_id != street.users[key]).values(until_at=clock.now()))


def test_what_nobody_independent_can_decide_goes_to_the_parent_area(street: Village) -> None:
    only_judge(street, "reviewer")
    related(street, "reviewer", "andrew")
    ids = recorded(street, draft(street, "alice"), draft(street, "bob"))
    assert [deed(i).sent_up_area_id for i in ids] == [street.town, None]
    assert [str(s.step) for s in queries.steps_of(street.community, ids[0])][-1] == "sent_up"
    found = queries.waiting_for(street.actor("supervisor"), queries.Waiting(only="sent_up"))
    assert [c.id for c in found.items] == [ids[0]]
    assert refusal(lambda: services.approve(street.actor("supervisor"), [ids[0]])) is None


def test_a_deed_comes_back_once_somebody_independent_is_appointed(street: Village) -> None:
    only_judge(street, "reviewer")
    related(street, "reviewer", "andrew")
    ids = recorded(street, draft(street, "alice"))
    with transaction():
        db.session.add(Appointment(user_id=street.users["second"], role=Role.COMMITTEE_MEMBER,
                                   area_id=street.community, since_at=clock.now(), appointed_by="test"))
    with transaction():
        services.look_again(street.community)
    assert deed(ids[0]).sent_up_area_id is None


def test_a_resignation_sends_waiting_deeds_up(street: Village) -> None:
    related(street, "reviewer", "andrew")
    ids = recorded(street, draft(street, "alice"))
    assert deed(ids[0]).sent_up_area_id is None
    only_judge(street, "reviewer")
    with transaction():
        assert [c.id for c in services.look_again(street.community)] == ids
    with transaction():
        assert services.look_again(street.community) == []


def test_the_maker_of_a_list_does_not_publish_it(street: Village) -> None:
    approved(street, recorded(street, draft(street, "alice")))
    notice_id = funnel.drafted(street, "member")
    wrong = []
    for key in EVERYBODY:
        found = refusal(lambda key=key: services.publish_notice(street.actor(key), notice_id))  # type: ignore[misc]
        wanted = SecondForNotice if key == "member" else None if key in JUDGE_KEYS else NotAllowed
        if key == "other_member":
            wanted = NotFound
        if found is not wanted:
            wrong.append((key, found))
    assert wrong == []


def test_the_proposer_of_a_correction_does_not_confirm_it(street: Village) -> None:
    ids = recorded(street, draft(street, "bob", kind="snapshot", minutes=None, team_id=None))
    approved(street, ids)
    with transaction():
        correction = services.correct_award(street.actor("member"), ids[0], "照片是旧的")
    wrong = []
    for key in EVERYBODY:
        work = lambda key=key: services.confirm_correction(street.actor(key), correction.id)  # type: ignore[misc] # noqa: E731
        found = refusal(work)
        wanted = SecondForCorrection if key == "member" else None if key in {"second", "supervisor"} else NotAReviewer
        if key == "other_member":
            wanted = NotFound
        if found is not wanted:
            wrong.append((key, found))
    assert wrong == []


def test_neither_recorder_nor_approver_nor_kin_nor_objector_decides_an_objection(street: Village) -> None:
    related(street, "second", "andrew")
    _notice, lines = funnel.on_notice(street, "alice", "bob")
    with transaction():
        first = services.object_to(street.actor("charlie"), lines["alice"], "那天下雨没出工")
        slip = PaperDraft("老张", "7-0001", "口述")
        typed = services.object_to(street.actor("member"), lines["bob"], "没来", paper=slip)
    decide = lambda key, which: refusal(  # noqa: E731
        lambda: services.decide_objection(street.actor(key), which.id, False, "签到表上有"))
    assert decide("reviewer", first) is NotIndependent, "approved it"
    assert decide("second", first) is NotIndependent, "same household"
    assert decide("member", typed) is NotIndependent, "brought it"
    assert decide("keeper", first) is NotAllowed
    assert decide("member", first) is None
    assert decide("supervisor", typed) is None


# ── The database's own refusal ──────────────────────────────────────────────────────────────────────────────────


def broken(statement: str, **values: Any) -> bool:
    """True if the database refuses this."""
    return refusal(lambda: db.session.execute(sa.text(statement), values)) is sa.exc.IntegrityError


def test_the_database_refuses_an_approval_by_the_recorder(street: Village) -> None:
    deed_id = filed(street, by="member")
    approve = "UPDATE contribution SET state = 'approved', approver_user_id = :user WHERE id = :id"
    assert broken(approve, user=street.users["member"], id=deed_id)
    assert not broken(approve, user=street.users["second"], id=deed_id), "control: another person may"


def test_the_database_refuses_an_approval_by_who_looked_first(street: Village) -> None:
    ids = recorded(street, draft(street, "alice"))
    approve = "UPDATE contribution SET state = 'approved', approver_user_id = :user WHERE id = :id"
    assert broken(approve, user=street.users["leader"], id=ids[0])


def test_the_database_refuses_an_approval_inside_the_household(street: Village) -> None:
    ids = recorded(street, draft(street, "alice"))
    approve = "UPDATE contribution SET state = 'approved', approver_user_id = :user WHERE id = :id"
    assert broken(approve, user=street.users["andrew"], id=ids[0])
    assert broken("UPDATE contribution SET state = 'approved' WHERE id = :id", id=ids[0]), "approved by nobody"
    assert not broken(approve, user=street.users["bob"], id=ids[0]), "control: of another household"


def test_the_database_refuses_an_award_for_a_deed_that_nobody_approved(street: Village) -> None:
    waiting, done = recorded(street, draft(street, "alice"), draft(street, "bob"))
    approved(street, [done])
    insert = ("INSERT INTO award_line (community_id, contribution_id, approver_user_id, rule_id, rule_code, rule_name, "
              "version_id, receiver, owner_key, book, amount, timing, state, explanation, created_at) VALUES "
              "(:community, :deed, :user, 99, '9', 'x', 1, 'household', 'household:1', 'honour', 100, "
              "'after_notice', 'proposed', '[]', '2026-04-18')")
    values = {"community": street.community, "user": street.users["reviewer"]}
    assert broken(insert, deed=waiting, **values)
    assert broken(insert, deed=done, **{**values, "user": street.users["second"]}), "not the approver"
    assert not broken(insert, deed=done, **values), "control: under its own approver"


def test_the_database_refuses_a_second_live_award_for_the_same_deed_and_rule(street: Village) -> None:
    ids = recorded(street, draft(street, "alice"))
    approved(street, ids)
    copied = ("INSERT INTO award_line (community_id, contribution_id, approver_user_id, rule_id, rule_code, rule_name, "
              "version_id, receiver, owner_key, book, amount, timing, state, explanation, created_at) SELECT "
              "community_id, contribution_id, approver_user_id, rule_id, rule_code, rule_name, version_id, receiver, "
              "owner_key, book, amount, timing, state, explanation, created_at FROM award_line WHERE id = :id")
    assert broken(copied, id=award_lines(ids[0])[0].id)


def test_the_database_refuses_to_rewrite_the_steps_of_a_review(street: Village) -> None:
    deed_id = filed(street)
    assert broken("UPDATE contribution_review SET reason = 'x' WHERE contribution_id = :id", id=deed_id)
    assert broken("DELETE FROM contribution_review WHERE contribution_id = :id", id=deed_id)


def test_the_database_refuses_a_notice_published_by_its_maker(street: Village) -> None:
    approved(street, recorded(street, draft(street, "alice")))
    notice_id = funnel.drafted(street, "member")
    publish = ("UPDATE public_notice SET state = 'published', year = 2026, number = 1, "
               "opens_at = '2026-04-18 01:00:00', closes_at = '2026-04-25 10:00:00', published_by_id = :user "
               "WHERE id = :id")
    assert broken(publish, user=street.users["member"], id=notice_id)
    assert not broken(publish, user=street.users["second"], id=notice_id)


def test_the_triggers_that_the_room_names_are_there(street: Village) -> None:
    connection = db.session.connection()
    assert services.triggers.found(connection) == services.triggers.names(connection.dialect.name)
    db.session.rollback()


def test_nobody_was_left_out_of_the_pairs(street: Village) -> None:
    assert {str(g.role) for key in EVERYBODY for g in street.grants.get(key, ())} >= {
        str(role) for role in STAFF.values()} | {str(Role.AREA_SUPERVISOR)}
    assert db.session.query(Resident).count() > 0
    db.session.rollback()
