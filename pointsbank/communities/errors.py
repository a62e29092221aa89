"""Refusals of the room communities."""

from __future__ import annotations

from pointsbank.core.errors import Conflict, Forbidden, Invalid, lazy


class CodeTaken(Conflict):
    """Codes of areas are unique in the whole county: files and addresses name them."""

    code = "communities.code_taken"
    message = lazy("The code “%(code)s” is already in use. Choose another one.")


class WrongPlace(Invalid):
    """A grid can't hang below a building."""

    code = "communities.wrong_place"
    message = lazy("An area of this kind can't lie inside that one. The order is county, town, community, grid, "
                   "micro-grid, building.")


class NotYours(Forbidden):
    """The area lies outside the actor's own."""

    code = "communities.not_yours"
    message = lazy("Only the office of this area, or one above it, may change it.")


class DayTaken(Conflict):
    """The area has said something about this day before."""

    code = "communities.day_taken"
    message = lazy("Something is entered for %(day)s already. Take that out first.")


class DayOver(Conflict):
    """Answers were counted by it."""

    code = "communities.day_over"
    message = lazy("This day is over. Answers were counted by it, so it stays as it was.")
