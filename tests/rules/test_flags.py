"""Effects that are no number: two people, an end, told to those concerned, and felt where they should be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Forbidden, Invalid, NotFound
from pointsbank.notifications.models import InboxMessage
from pointsbank.people.models import LinkKind, UserResident
from pointsbank.rules import flags, services
from pointsbank.rules.errors import FlagDecided, OwnFlag, OwnProposal
from pointsbank.rules.models import FlagKind, FlagState, StandingFlag
from tests.support.village import Village

TODAY = dt.date(2026, 4, 18)
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def place(app: Any, clock: Any, village: Village) -> Any:
    with app.app_context():
        yield village


def a_flag(place: Village, key: str = "alice", **changes: Any) -> services.FlagDraft:
    values: dict[str, Any] = {
        "owner_key": f"resident:{place.residents[key]}", "kind": FlagKind.NO_REDEMPTION, "since_on": TODAY,
        "until_on": TODAY + dt.timedelta(days=30), "reason": "一票否决",
        "resolution": "4月10日会议，28票赞成"}
    return services.FlagDraft(**{**values, **changes})


def proposed(place: Village, **changes: Any) -> int:
    with transaction():
        return services.propose_flag(place.actor("member"), a_flag(place, **changes)).id


def decided(place: Village, flag_id: int, by: str = "second", *, agreed: bool = True) -> None:
    with transaction():
        services.decide_flag(place.actor(by), flag_id, agreed=agreed)


def test_it_takes_a_second_person_and_those_concerned_are_told(place: Village) -> None:
    flag_id = proposed(place)
    assert flags.no_redemption(place.community, [f"resident:{place.residents['alice']}"], TODAY) is None
    with pytest.raises(OwnProposal), transaction():
        services.decide_flag(place.actor("member"), flag_id, agreed=True)
    decided(place, flag_id)
    assert flags.no_redemption(place.community, [f"resident:{place.residents['alice']}"], TODAY) is not None
    told = db.session.scalars(sa.select(InboxMessage).where(InboxMessage.resident_id == place.residents["alice"])).all()
    assert len(told) == 1
    with pytest.raises(FlagDecided), transaction():
        services.decide_flag(place.actor("second"), flag_id, agreed=False)
    db.session.rollback()


def test_the_database_refuses_one_person_alone(place: Village) -> None:
    flag_id = proposed(place)
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.update(StandingFlag).where(StandingFlag.id == flag_id).values(
            state=FlagState.IN_FORCE, decided_by_id=StandingFlag.proposed_by_id))


def test_nobody_decides_about_their_own_family(place: Village) -> None:
    with transaction():
        db.session.add(UserResident(user_id=place.users["second"], resident_id=place.residents["andrew"],
                                    kind=LinkKind.FAMILY, created_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)))
    flag_id = proposed(place, owner_key=f"household:{place.households['2-0317']}")
    with pytest.raises(OwnFlag), transaction():
        services.decide_flag(place.actor("second"), flag_id, agreed=True)


def test_it_ends_on_its_day_and_may_be_lifted_before(place: Village, clock: Any) -> None:
    key = f"resident:{place.residents['alice']}"
    flag_id = proposed(place)
    decided(place, flag_id)
    assert flags.no_redemption(place.community, [key], TODAY + dt.timedelta(days=29)) is not None
    assert flags.no_redemption(place.community, [key], TODAY + dt.timedelta(days=30)) is None
    clock.forward(days=3)
    with transaction():
        services.lift_flag(place.actor("second"), flag_id, "已整改")
    assert flags.no_redemption(place.community, [key], TODAY + dt.timedelta(days=3)) is None
    assert flags.no_redemption(place.community, [key], TODAY + dt.timedelta(days=2)) is not None
    with pytest.raises(FlagDecided), transaction():
        services.lift_flag(place.actor("second"), flag_id, "再来一次")


def test_a_refused_one_changes_nothing(place: Village) -> None:
    flag_id = proposed(place)
    decided(place, flag_id, agreed=False)
    assert flags.no_redemption(place.community, [f"resident:{place.residents['alice']}"], TODAY) is None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(InboxMessage)) == 0
    db.session.rollback()


def test_a_household_excluded_counts_nothing_for_each_of_its_members(place: Village) -> None:
    home = place.households["2-0317"]
    flag_id = proposed(place, owner_key=f"household:{home}", kind=FlagKind.EXCLUDED, until_on=None)
    decided(place, flag_id)
    wanted = [(place.residents[key], home, day) for key in ("alice", "andrew")
              for day in (TODAY - dt.timedelta(days=1), TODAY)]
    found = flags.not_counted(place.community, [*wanted, (place.residents["bob"], None, TODAY)])
    assert set(found) == {w for w in wanted if w[2] == TODAY}


@pytest.mark.parametrize(("changes", "field"), [
    ({"reason": " "}, "reason"), ({"resolution": ""}, "resolution"), ({"until_on": TODAY}, "until_on"),
    ({"until_on": None}, "until_on")])
def test_what_is_missing_is_said_at_its_field(place: Village, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        proposed(place, **changes)
    assert list(refusal.value.fields or {}) == [field]
    db.session.rollback()


def test_only_the_committee_proposes_and_only_about_its_own_people(place: Village) -> None:
    with pytest.raises(Forbidden), transaction():
        services.propose_flag(place.actor("bob"), a_flag(place))
    with pytest.raises(NotFound), transaction():
        services.propose_flag(place.actor("member"), a_flag(place, owner_key=f"resident:{place.residents['mallory']}"))
    with pytest.raises(NotFound), transaction():
        services.propose_flag(place.actor("member"), a_flag(place, owner_key="team:1"))


def test_the_desk_proposes_decides_and_lifts(client: FlaskClient, village: Village) -> None:
    village.sign_in(client, "member")
    assert client.get("/desk/flags").status_code == 200
    assert client.get("/desk/flags/new").status_code == 200
    form = {"household": "2-0317", "name": "陈桂芳", "kind": "no_redemption", "since_on": "2026-04-18",
            "until_on": "2026-06-01", "reason": "一票否决", "resolution": "4月10日会议，28票赞成"}
    wrong = client.post("/desk/flags/new", data={**form, "name": "没有这个人"})
    assert wrong.status_code == 422
    assert "一票否决" in wrong.get_data(as_text=True)
    assert client.post("/desk/flags/new", data=form).status_code == 303
    with client.application.app_context():
        flag_id = db.session.scalars(sa.select(StandingFlag.id)).one()
    village.sign_in(client, "second")
    assert "陈桂芳" in client.get("/desk/flags").get_data(as_text=True)
    assert client.post(f"/desk/flags/{flag_id}/decide", data={"agreed": "1"}).status_code == 303
    assert client.post(f"/desk/flags/{flag_id}/lift", data={"reason": "已整改"}).status_code == 303
    village.sign_in(client, "alice")
    assert client.get("/desk/flags").status_code == 403
    village.sign_in(client, "other_member")
    assert client.post(f"/desk/flags/{flag_id}/lift", data={"reason": "不是这里的"}).status_code == 404


def test_more_people_cost_one_statement(place: Village, queries: Callable[..., Any]) -> None:
    with queries() as seen:
        flags.not_counted(place.community, [(r, None, TODAY) for r in place.residents.values()])
    assert len(seen) == 1
