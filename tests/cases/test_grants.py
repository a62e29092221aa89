"""The table of docs/grants.md about cases, cell by cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from pointsbank.cases import policy
from pointsbank.people.roles import Role

DOC = Path(__file__).parents[2] / "docs" / "grants.md"
VERBS = {"cases.see": policy.LOOKERS, "cases.dispatch": policy.DISPATCHERS, "cases.inspect": policy.INSPECTORS,
         "cases.enter": policy.ENTERERS, "cases.set_up": policy.SETTERS}


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_the_document_says_what_the_code_does(verb: str) -> None:
    row = next(line for line in DOC.read_text(encoding="utf-8").splitlines() if line.startswith(f"| {verb} |"))
    cells = [cell.strip() for cell in row.strip("|").split("|")][2:]
    assert cells == ["community" if role in VERBS[verb] else "-" for role in Role]
