"""A team's points: proposed by its leader, confirmed by somebody who is not of the team, in the members' passbooks."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.contributions import errors, services
from pointsbank.contributions.models import ShareState, TeamShare
from pointsbank.contributions.queries import sharing
from pointsbank.core import clock as house_clock
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import NotFound
from pointsbank.ledger import errors as ledger_errors
from pointsbank.ledger import queries as book
from pointsbank.ledger import services as ledger
from pointsbank.notifications.models import InboxMessage
from pointsbank.people.models import LinkKind, TeamMember, UserResident
from tests.support.village import Village

MAY, JUNE = dt.date(2026, 5, 31), dt.date(2026, 6, 30)


def give(place: Village, points: int, expires_on: dt.date | None = None) -> None:
    owner = f"team:{place.team}"
    count = db.session.scalar(sa.text("SELECT count(*) FROM transfer"))
    db.session.rollback()
    with transaction():
        ledger.post(place.community, ledger.award_transfers(
            place.community, [ledger.Award(owner, points, f"award:{7000 + (count or 0)}", expires_on)]),
            house_clock.today())


def amounts(place: Village, **points: int) -> dict[int, int]:
    return {place.residents[key]: amount for key, amount in points.items()}


def proposed(place: Village, by: str = "leader", **points: int) -> int:
    return run(lambda: services.propose_share(
        place.actor(by), place.team, amounts(place, **points), "河道清理获奖").id)


def confirmed(place: Village, share: int, by: str = "member") -> None:
    run(lambda: services.confirm_share(place.actor(by), share).id)


def lots(place: Village, owner: str) -> dict[dt.date | None, int]:
    found = {lot.expires_on: lot.remaining for lot in book.lots(place.community, owner, house_clock.today())}
    db.session.rollback()
    return found


def home(place: Village, key: str) -> str:
    numbers = {"alice": "2-0317", "bob": "1-0412", "charlie": "2-0108"}
    return f"household:{place.households[numbers[key]]}"


def faults(place: Village) -> list[str]:
    found = [fault.code for fault in book.verify(place.community)]
    db.session.rollback()
    return found


def test_the_points_go_to_the_members_with_their_last_days(street: Village) -> None:
    give(street, 300, MAY)
    give(street, 700, JUNE)
    share = proposed(street, alice=400, bob=200)
    assert lots(street, f"team:{street.team}") == {MAY: 300, JUNE: 700}
    confirmed(street, share)
    assert lots(street, home(street, "alice")) == {MAY: 200, JUNE: 200}
    assert lots(street, home(street, "bob")) == {MAY: 100, JUNE: 100}
    assert lots(street, f"team:{street.team}") == {JUNE: 400}
    told = db.session.scalars(sa.select(InboxMessage.resident_id).where(InboxMessage.text.like("%of the team%"))).all()
    db.session.rollback()
    assert sorted(told) == sorted(street.residents[key] for key in ("alice", "bob"))
    assert faults(street) == []


@pytest.mark.parametrize(("points", "shares"), [(1000, (333, 333, 334)), (7, (1, 2, 4)), (100, (99, 1, 0)),
                                               (3, (1, 1, 1))])
def test_nothing_is_lost_or_made_by_rounding(street: Village, points: int, shares: tuple[int, ...]) -> None:
    for day, part in ((MAY, points // 3), (JUNE, points // 3), (None, points - 2 * (points // 3))):
        if part:
            give(street, part, day)
    wanted = {key: amount for key, amount in zip(("alice", "bob", "charlie"), shares, strict=True) if amount}
    confirmed(street, proposed(street, **wanted))
    for key, amount in wanted.items():
        assert sum(lots(street, home(street, key)).values()) == amount
    assert sum(lots(street, f"team:{street.team}").values()) == points - sum(shares)
    assert faults(street) == []


def test_somebody_without_a_household_gets_them_in_their_own_passbook(street: Village) -> None:
    give(street, 500)
    with transaction():
        db.session.execute(sa.text(
            f"UPDATE household_member SET until_on = '2026-04-01' WHERE resident_id = {street.residents['bob']}"))
    confirmed(street, proposed(street, bob=500))
    assert sum(lots(street, f"resident:{street.residents['bob']}").values()) == 500


@pytest.mark.parametrize(("points", "refusal"), [
    ({"alice": 600, "bob": 500}, errors.SharedTooMuch), ({"dora": 100}, errors.NothingShared),
    ({"alice": 0}, errors.NothingShared), ({"alice": -5}, errors.NothingShared), ({}, errors.NothingShared)])
def test_what_cannot_be_shared_is_refused(street: Village, points: dict[str, int], refusal: type[Exception]) -> None:
    give(street, 1000)
    with pytest.raises(refusal):
        proposed(street, **points)


@pytest.mark.parametrize("who", ["alice", "member", "grid", "admin"])
def test_only_the_leader_proposes(street: Village, who: str) -> None:
    give(street, 1000)
    with pytest.raises(errors.NotLeader):
        proposed(street, by=who, alice=100)
    with pytest.raises(NotFound):
        proposed(street, by="other_member", alice=100)


@pytest.mark.parametrize(("who", "refusal"), [
    ("leader", errors.NotAReviewer), ("reviewer", errors.NotAReviewer), ("admin", errors.NotAReviewer),
    ("alice", errors.NotAReviewer), ("other_member", NotFound)])
def test_only_the_committee_confirms(street: Village, who: str, refusal: type[Exception]) -> None:
    give(street, 1000)
    share = proposed(street, alice=100)
    with pytest.raises(refusal):
        confirmed(street, share, by=who)
    confirmed(street, share, by="second")


def test_nobody_of_the_team_or_of_the_family_confirms(street: Village) -> None:
    give(street, 1000)
    share = proposed(street, alice=100)
    with transaction():
        db.session.add(UserResident(user_id=street.users["member"], resident_id=street.residents["charlie"],
                                    kind=LinkKind.SELF, created_at=house_clock.now()))
        db.session.add(UserResident(user_id=street.users["second"], resident_id=street.residents["andrew"],
                                    kind=LinkKind.SELF, created_at=house_clock.now()))
    with pytest.raises(errors.OwnTeam):
        confirmed(street, share, by="member")
    with pytest.raises(errors.OwnHousehold):
        confirmed(street, share, by="second")
    with pytest.raises(sa.exc.IntegrityError, match="nobody of the team"), transaction():
        db.session.execute(sa.text(f"UPDATE team_share SET state = 'posted', decided_by_id = {street.users['member']}"))
    db.session.rollback()
    confirmed(street, share, by="supervisor")


def test_one_proposal_waits_at_a_time_and_each_is_decided_once(street: Village) -> None:
    give(street, 1000)
    share = proposed(street, alice=100)
    with pytest.raises(errors.ShareOpen):
        proposed(street, bob=100)
    confirmed(street, share)
    with pytest.raises(errors.NotOpenAnyMore):
        confirmed(street, share, by="second")
    again = proposed(street, bob=100)
    run(lambda: services.refuse_share(street.actor("member"), again, "请重新商量").id)
    third = proposed(street, bob=100)
    run(lambda: services.withdraw_share(street.actor("leader"), third).id)
    states = [row.state for row in sharing.shares(street.community, street.team).items]
    db.session.rollback()
    assert states == [ShareState.WITHDRAWN, ShareState.REFUSED, ShareState.POSTED]
    assert sum(lots(street, f"team:{street.team}").values()) == 900


def test_who_left_the_team_meanwhile_gets_nothing(street: Village) -> None:
    give(street, 1000)
    share = proposed(street, alice=100, bob=100)
    with transaction():
        db.session.execute(sa.update(TeamMember).where(TeamMember.resident_id == street.residents["bob"])
                           .values(until_on=house_clock.today()))
    with pytest.raises(errors.MembersChanged):
        confirmed(street, share)
    assert sum(lots(street, f"team:{street.team}").values()) == 1000


def test_points_that_lapsed_meanwhile_are_not_shared(street: Village, clock: Any) -> None:
    give(street, 1000, MAY)
    share = proposed(street, alice=600)
    clock.at(2026, 6, 1)
    with pytest.raises(ledger_errors.NotEnough):
        confirmed(street, share)
    db.session.rollback()
    row = db.session.get_one(TeamShare, share)
    assert row.state is ShareState.PROPOSED


def test_two_who_confirm_at_once_share_once(street: Village, app: Any) -> None:
    give(street, 1000)
    share = proposed(street, alice=400, bob=300)
    now, gate, found = house_clock.now(), threading.Barrier(3), []

    def one(who: str) -> None:
        with house_clock.fixed(lambda: now), app.app_context():
            gate.wait(20)
            try:
                found.append(run(lambda: services.confirm_share(street.actor(who), share).id))
            except Exception as error:
                found.append(type(error).__name__)

    threads = [threading.Thread(target=one, args=(who,)) for who in ("member", "second", "supervisor")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(map(str, found)) == sorted([str(share), "NotOpenAnyMore", "NotOpenAnyMore"])
    assert sum(lots(street, f"team:{street.team}").values()) == 300
    assert faults(street) == []


def test_the_pages_lead_from_the_team_to_its_members(street: Village, ask: Any) -> None:
    give(street, 1000, JUNE)
    assert f"/desk/teams/{street.team}/points" in ask("leader", f"/desk/teams/{street.team}").text
    page = f"/desk/teams/{street.team}/points"
    assert "10" in ask("leader", page).text
    alice = f"points-{street.residents['alice']}"
    assert 'value="7000"' in ask("leader", page, {"reason": "河道清理", alice: "7000"}, status=422).text
    ask("leader", page, {"reason": "河道清理", alice: "kaputt"}, status=422)
    share = ask("leader", page, {"reason": "河道清理", alice: "4.5"}).headers["Location"]
    assert "4.5" in ask("member", share).text
    ask("leader", f"{share}/confirm", {}, status=403)
    ask("member", f"{share}/refuse", {"answer": ""}, status=422)
    ask("member", f"{share}/confirm", {})
    assert "柳荫志愿服务队" in ask("alice", "/passbook").text
    assert "5.5" in ask("leader", page).text
    ask("bob", page, status=403)
    ask("other_member", page, status=404)


def test_the_interface_shares_as_well(street: Village, app: Any) -> None:
    give(street, 1000)
    client, bearer = app.test_client(), street.bearer
    path = f"/api/v1/teams/{street.team}"
    body = {"reason": "河道清理", "lines": [{"resident_id": street.residents["alice"], "amount": "2.5"}]}
    assert client.post(f"{path}/shares", json=body, headers=bearer(app, "member")).status_code == 403
    made = client.post(f"{path}/shares", json=body, headers=bearer(app, "leader"))
    assert (made.status_code, made.get_json()["lines"][0]["amount"]) == (201, "2.5")
    decision = f"/api/v1/team-shares/{made.get_json()['id']}/decision"
    done = client.post(decision, json={"confirm": True}, headers=bearer(app, "member")).get_json()
    assert (done["state"], done["lines"][0]["owner"]) == ("posted", home(street, "alice"))
    assert client.get(f"{path}/points", headers=bearer(app, "leader")).get_json() == {"available": "7.5"}
    listed = client.get(f"{path}/shares", headers=bearer(app, "reviewer")).get_json()
    assert len(listed["items"]) == 1
    assert client.get(f"{path}/points", headers=bearer(app, "other_member")).status_code == 404
