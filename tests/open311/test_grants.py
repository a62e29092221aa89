"""The row of docs/grants.md about keys, cell by cell."""

from __future__ import annotations

from pathlib import Path

from pointsbank.open311 import policy
from pointsbank.people.roles import Role

DOC = Path(__file__).parents[2] / "docs" / "grants.md"


def test_the_document_says_what_the_code_does() -> None:
    row = next(line for line in DOC.read_text(encoding="utf-8").splitlines() if line.startswith("| open311.keys |"))
    cells = [cell.strip() for cell in row.strip("|").split("|")][2:]
    assert cells == ["community" if role in policy.KEEPERS else "-" for role in Role]
