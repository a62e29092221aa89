"""Every page of people, communities and notifications is shown, in both languages, within its budget of statements."""

from __future__ import annotations

import pytest

from pointsbank.core.db import transaction
from pointsbank.people import services

MINE = ["/me", "/me/card", "/me/devices", "/me/freeze", "/me/unfreeze", "/me/password", "/me/data", "/for-whom",
        "/inbox"]
DOOR = ["/sign-in?by=password", "/sign-in?by=code", "/sign-in?by=card", "/help", "/privacy"]
DESK = ["/desk/residents", "/desk/residents?q=桂", "/desk/residents?left=1", "/desk/residents/new",
        "/desk/residents/import", "/desk/households", "/desk/households/new", "/desk/teams", "/desk/teams/new",
        "/desk/appointments", "/desk/appointments?ended=1", "/desk/appointments/new", "/desk/cards",
        "/desk/exports", "/desk/exports/new?kind=households&q=2", "/desk/settings", "/desk/areas", "/desk/areas/new"]
BUDGET = 14


@pytest.fixture
def lived_in(app, village):
    with app.app_context(), transaction():
        services.issue_cards(village.actor("member"), list(village.residents.values()))
    return village


@pytest.mark.parametrize("path", DOOR)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_door_asks_the_database_nothing(client, village, queries, path, language):
    with queries() as seen:
        answer = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert seen == []


@pytest.mark.parametrize("path", MINE)
def test_ones_own_pages_are_shown_within_their_budget(client, lived_in, queries, path):
    lived_in.sign_in(client, "alice")
    with queries() as seen:
        answer = client.get(path)
    assert answer.status_code == 200
    assert len(seen) <= BUDGET


@pytest.mark.slow
@pytest.mark.parametrize("path", DESK)
def test_the_pages_of_the_desk_are_shown_within_their_budget(client, lived_in, queries, path):
    lived_in.sign_in(client, "member")
    with queries() as seen:
        answer = client.get(path)
    assert answer.status_code == 200
    assert len(seen) <= BUDGET + 8  # the numbers beside the entries of the desk's menu


@pytest.mark.parametrize("name", ["residents/{resident}", "residents/{resident}/edit", "residents/{resident}/move",
                                  "residents/{resident}/erase", "households/{household}", "households/{household}/edit",
                                  "teams/{team}"])
def test_the_pages_about_one_are_shown(client, lived_in, queries, name):
    lived_in.sign_in(client, "member")
    path = "/desk/" + name.format(resident=lived_in.residents["alice"], team=lived_in.team,
                                  household=lived_in.households["2-0317"])
    with queries() as seen:
        assert client.get(path).status_code == 200
    assert len(seen) <= BUDGET + 14


@pytest.mark.parametrize("name", ["teams", "appointments"])
def test_lists_of_offices_are_workbooks_at_once(client, lived_in, name):
    lived_in.sign_in(client, "member")
    answer = client.get(f"/desk/{name}?format=xlsx")
    assert answer.status_code == 200
    assert answer.data[:2] == b"PK"


@pytest.mark.parametrize(("who", "path"), [
    ("alice", "/"), ("member", "/desk"), ("keeper", "/counter"), ("leader", "/lead")])
def test_everybody_enters_by_the_right_first_page(client, lived_in, who, path):
    lived_in.sign_in(client, who)
    assert client.get("/enter").location == path


def test_a_form_that_is_not_right_comes_back_filled_in(client, lived_in):
    lived_in.sign_in(client, "member")
    data = {"name": "赵小明", "number": "2-0317", "phone": "12", "area_id": "0"}
    answer = client.post("/desk/residents/new", data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "赵小明" in page
    assert 'href="#phone"' in page


def test_a_resident_entered_with_a_new_number_founds_the_household(client, lived_in):
    lived_in.sign_in(client, "member")
    data = {"name": "赵小明", "number": "8-0801", "area_id": "0", "is_head": "y"}
    answer = client.post("/desk/residents/new", data=data)
    assert answer.status_code == 303
    page = client.get(answer.location).get_data(as_text=True)
    assert "8-0801" in page
    assert "户主" in page
