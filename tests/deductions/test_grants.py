"""The table of docs/grants.md about deductions and points of teams, cell by cell."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pointsbank.contributions import policy as funnel
from pointsbank.core.actor import Actor
from pointsbank.deductions import policy
from pointsbank.people.roles import Role
from tests.people.test_grants import ELSEWHERE, GRID, HOME, OTHER_GRID, OTHER_TEAM, TEAM, TOWN, _actor, _table

OWN, OTHERS = SimpleNamespace(announced_by_id=1), SimpleNamespace(announced_by_id=2)
HEADING = "Deductions and points of teams"
VERBS: dict[str, Any] = {
    "deductions.see": lambda actor, case: policy.may_see(actor, case, is_concerned=False),
    "deductions.take_down": policy.may_take_down, "deductions.close": policy.may_close,
    "deductions.impose": lambda actor, _case: policy.is_judge(actor),
    "deductions.decide_appeal": lambda actor, _case: policy.is_judge(actor),
    "teams.confirm_share": lambda actor, _case: funnel.may_correct(actor)}


def _cells() -> list[tuple[str, Role, str]]:
    head, rows = _table(HEADING)
    return [(row[0], Role(role), cell) for row in rows for role, cell in zip(head[2:], row[2:], strict=True)]


def _stands_there(actor: Actor, verb: str, role: Role) -> bool:
    """Whoever announces is let in by the guard of the page first."""
    return role in policy.LOOKERS or verb.startswith("teams.")


@pytest.mark.parametrize(("verb", "role", "cell"), _cells(), ids=lambda v: str(getattr(v, "value", v)))
def test_a_role_may_do_what_its_cell_says_and_nothing_more(verb: str, role: Role, cell: str) -> None:
    here, above, elsewhere, on_grid = (_actor(role, path) for path in (HOME, TOWN, ELSEWHERE, GRID))
    if verb == "deductions.announce":
        assert policy.may_announce(here, GRID) is (cell in ("community", "area"))
        assert policy.may_announce(on_grid, GRID + "6.") is (cell == "area")
        assert not policy.may_announce(on_grid, OTHER_GRID)
        assert not policy.may_announce(elsewhere, GRID)
        return
    if verb == "teams.share":
        of_team = _actor(role, HOME, TEAM)
        assert of_team.leads_team(TEAM) is (cell == "team")
        assert not of_team.leads_team(OTHER_TEAM)
        return
    may = VERBS[verb]
    assert may(here, OTHERS) is (cell == "community")
    assert may(above, OTHERS) is (cell == "community")
    assert not may(elsewhere, OTHERS)
    assert not may(on_grid, OTHERS)
    if cell == "own":
        assert may(on_grid, OWN)
    elif _stands_there(here, verb, role) and verb in ("deductions.impose", "deductions.decide_appeal"):
        assert may(on_grid, OWN) is False


def test_the_table_names_every_role() -> None:
    head, rows = _table(HEADING)
    assert head[2:] == [role.value for role in Role]
    assert {row[0] for row in rows} == {*VERBS, "deductions.announce", "teams.share"}
