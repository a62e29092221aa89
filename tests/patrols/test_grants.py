"""The table of docs/grants.md about rounds, cell by cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from pointsbank.core.actor import Actor, Grant
from pointsbank.patrols import policy
from pointsbank.people.roles import Role

DOC = Path(__file__).parents[2] / "docs" / "grants.md"
TEAM, OTHER, HOME = 7, 8, "1.2.3."
VERBS = {
    "patrols.see": lambda actor, team: policy.may_see(actor, team),
    "patrols.keep": policy.may_keep,
    "patrols.decide": policy.may_decide,
    "patrols.answer": lambda actor, _team: policy.may_answer(actor),
}


def cells(verb: str) -> dict[Role, str]:
    row = next(line for line in DOC.read_text(encoding="utf-8").splitlines() if line.startswith(f"| {verb} |"))
    return dict(zip(Role, (cell.strip() for cell in row.strip("|").split("|")[2:]), strict=True))


@pytest.mark.parametrize("role", list(Role), ids=str)
@pytest.mark.parametrize("verb", sorted(VERBS))
def test_a_role_may_do_what_its_cell_says_and_nothing_more(verb: str, role: Role) -> None:
    cell, may = cells(verb)[role], VERBS[verb]
    whole = Actor(user_id=1, community_id=3, area_path=HOME, grants=(Grant(role.value, 3, HOME),))
    of_team = Actor(user_id=1, community_id=3, area_path=HOME, grants=(Grant(role.value, 3, HOME, TEAM),))
    elsewhere = Actor(user_id=1, community_id=3, area_path=HOME, grants=(Grant(role.value, 9, "1.2.9."),))
    assert may(whole, TEAM) is (cell == "community")
    assert may(of_team, TEAM) is (cell == "team")
    assert not may(of_team, OTHER)
    assert not may(elsewhere, TEAM)
    assert not may(Actor(user_id=None, community_id=3, area_path=HOME), TEAM)
