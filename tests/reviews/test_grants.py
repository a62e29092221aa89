"""The rows of docs/grants.md about reviews of cases, cell by cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from pointsbank.people.roles import Role
from pointsbank.reviews import policy

DOC = Path(__file__).parents[2] / "docs" / "grants.md"
VERBS = {"reviews.see": policy.READERS, "reviews.write": policy.WRITERS, "reviews.take": policy.TAKERS}


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_the_document_says_what_the_code_does(verb: str) -> None:
    row = next(line for line in DOC.read_text(encoding="utf-8").splitlines() if line.startswith(f"| {verb} |"))
    cells = [cell.strip() for cell in row.strip("|").split("|")][2:]
    assert cells == ["community" if role in VERBS[verb] else "-" for role in Role]
