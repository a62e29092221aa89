"""The room's blueprint, and what several pages ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, request

from pointsbank.cases.moves import Part
from pointsbank.core import charts
from pointsbank.core.errors import NotFound, lazy
from pointsbank.core.web import Room, current_actor
from pointsbank.reviews import wording
from pointsbank.reviews.figures import By

bp = Room("reviews", "pointsbank.reviews.pages")
PARTS = {Part.REPORTER: lazy("whoever reported it"), Part.DISPATCHER: lazy("the office"),
         Part.HANDLER: lazy("the unit"), Part.INSPECTOR: lazy("the inspection"),
         Part.NEIGHBOURS: lazy("three neighbours"), Part.SYSTEM: lazy("by itself, on time")}


def community_id() -> int:
    """The community acted in. Raises NotFound where none is chosen."""
    found = current_actor().community_id
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Asked:
    """Of whom figures are asked: the whole community, a unit, or a kind of problem."""

    by: By = By.WHOLE
    group_id: int = 0

    @property
    def values(self) -> dict[str, int]:
        """The same as the values of an address."""
        return {} if self.by is By.WHOLE else {self.by.value: self.group_id}


def asked() -> Asked:
    """What the address asks for: ``?unit=5`` or ``?kind=3``, else the whole."""
    for by in (By.UNIT, By.KIND):
        number = request.args.get(by.value, type=int)
        if number is not None:
            return Asked(by, number)
    return Asked()


def unlisted(answer: Response) -> Response:
    """Search engines keep nothing of it."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer


@bp.record_once
def _words(state: Any) -> None:
    # Macros that are imported see globals only.
    state.app.jinja_env.globals.update(review_words=wording, case_parts=PARTS, chart_key=charts.key)
