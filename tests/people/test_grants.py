"""The tables of docs/grants.md, cell by cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from pointsbank.communities.models import Area, AreaKind
from pointsbank.core.actor import Actor, Grant, system
from pointsbank.people import policy
from pointsbank.people.roles import Role

DOC = Path(__file__).parents[2] / "docs" / "grants.md"
TOWN, HOME, GRID, OTHER_GRID, ELSEWHERE = "1.2.", "1.2.3.", "1.2.3.4.", "1.2.3.5.", "1.2.9."
TEAM, OTHER_TEAM = 7, 8


def _table(heading: str) -> tuple[list[str], list[list[str]]]:
    text = DOC.read_text(encoding="utf-8").split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [[c.strip() for c in line.strip("|").split(" | ")] for line in text.splitlines() if line.startswith("| ")]
    return [c.strip() for c in lines[0]], [[c.strip() for c in line] for line in lines[1:]]


def _grants() -> list[tuple[str, Role, str]]:
    head, rows = _table("People")
    return [(row[0], Role(role), cell) for row in rows for role, cell in zip(head[2:], row[2:], strict=True)]


def _givers() -> list[tuple[Role, Role, str]]:
    head, rows = _table("Who gives which role")
    return [(Role(row[0]), Role(role), cell) for row in rows for role, cell in zip(head[1:], row[1:], strict=True)]


def _actor(role: Role, path: str, team_id: int | None = None) -> Actor:
    return Actor(user_id=1, community_id=3, area_path=HOME, grants=(Grant(role.value, 0, path, team_id),))


def test_the_table_names_every_verb_and_every_role() -> None:
    head, rows = _table("People")
    assert head[2:] == [r.value for r in Role]
    assert {row[0] for row in rows} == set(policy.GRANTS)


@pytest.mark.parametrize(("verb", "role", "cell"), _grants(), ids=lambda v: str(getattr(v, "value", v)))
def test_a_role_may_do_what_its_cell_says_and_nothing_more(verb: str, role: Role, cell: str) -> None:
    on_community, above, elsewhere = _actor(role, HOME), _actor(role, TOWN), _actor(role, ELSEWHERE)
    assert policy.can(on_community, verb) is (cell == "community")
    assert policy.can(above, verb) is (cell == "community")
    assert not policy.can(elsewhere, verb, path=GRID, team_id=TEAM)
    on_grid = _actor(role, GRID)
    assert policy.can(on_grid, verb, path=GRID) is (cell == "area")
    assert policy.can(on_grid, verb, path=GRID + "6.") is (cell == "area")
    assert not policy.can(on_grid, verb, path=OTHER_GRID)
    assert not policy.can(on_grid, verb)
    of_team = _actor(role, HOME, TEAM)
    assert policy.can(of_team, verb, team_id=TEAM) is (cell == "team")
    assert not policy.can(of_team, verb, team_id=OTHER_TEAM)


@pytest.mark.parametrize(("giver", "role", "cell"), _givers(), ids=lambda v: str(getattr(v, "value", v)))
def test_roles_are_given_below_ones_own_level_and_inside_ones_own_area(giver: Role, role: Role, cell: str) -> None:
    def area(path: str, kind: AreaKind = AreaKind.COMMUNITY) -> Area:
        return Area(path=path, kind=kind)

    actor = _actor(giver, TOWN)
    assert policy.may_appoint(actor, role, area(TOWN)) is (cell == "yes")
    assert policy.may_appoint(actor, role, area(HOME)) is (cell in {"yes", "below"})
    assert not policy.may_appoint(actor, role, area("1."))
    assert not policy.may_appoint(actor, role, area("1.8."))
    assert not policy.may_appoint(_actor(giver, TOWN, TEAM), role, area(HOME))


def test_the_places_of_roles_are_those_of_the_table() -> None:
    _head, rows = _table("Where a role is held")
    told = {Role(r[0]): r[1].removesuffix(" (and one team)").split(", ") for r in rows}
    assert told == {role: [k.value for k in kinds] for role, kinds in policy.PLACES.items()}


def test_nobody_signed_in_without_a_role_may_do_anything() -> None:
    resident = Actor(user_id=1, community_id=3, resident_id=4, area_path=HOME)
    assert not any(policy.can(resident, verb, path=GRID, team_id=TEAM) for verb in policy.GRANTS)
    assert all(policy.can(system(3), verb) for verb in policy.GRANTS)
