"""The room's blueprint, and what the pages of households and residents show of its cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pointsbank.core.web import Room, current_actor
from pointsbank.succession import policy, queries, wording

bp = Room("succession", "pointsbank.succession.pages")


@dataclass(frozen=True)
class Line:
    """A case in a history: where its page is, its state, its words, the day and number."""

    id: int
    chip: tuple[str, str, str]
    title: str
    when: str


def changes_of(*, household: int | None = None, resident: int | None = None) -> list[Line]:
    """The history of a household or a resident for whoever may see it; two statements."""
    actor = current_actor()
    if actor.community_id is None or not policy.may_see(actor):
        return []
    found = (queries.of_household(actor.community_id, household) if household is not None
             else queries.of_resident(actor.community_id, resident or 0))
    numbers = queries.numbers_of(actor.community_id, found)
    return [Line(c.id, wording.chip(c), wording.title(c, numbers), wording.when(c)) for c in found]


@bp.record_once
def _words(state: Any) -> None:
    # Macros that are imported see globals only; and the pages of people stand on a floor below and can't ask.
    state.app.jinja_env.globals.update(change_words=wording, household_changes=changes_of)
