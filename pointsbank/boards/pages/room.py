"""The room's HTML routes hang on this blueprint; what waits at the desk is asked once a request."""

from __future__ import annotations

from flask import g

from pointsbank.boards.queries.desk import Waiting, waiting
from pointsbank.core.web import Room, current_actor
from pointsbank.people.roles import DESK

bp = Room("boards", __name__)


def desk_waiting() -> Waiting | None:
    """What waits for the one at the desk; None for visitors who don't sit there."""
    actor = current_actor()
    if not actor.has_role_within(*DESK):
        return None
    if "desk_waiting" not in g:
        g.desk_waiting = waiting(actor)
    found: Waiting = g.desk_waiting
    return found
