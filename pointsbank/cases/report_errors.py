"""What the residents' pages refuse before anything is sent."""

from __future__ import annotations

from pointsbank.core.errors import Conflict, Invalid, lazy


class FarAway(Invalid):
    """The phone says that it is somewhere else altogether."""

    code = "cases.far_away"
    message = lazy("The phone says you are %(km)s km away from here. Choose the place from the list instead.")


class NoPosition(Invalid):
    """Not two numbers on this earth."""

    code = "cases.no_position"
    message = lazy("The phone could not say where it is. Choose the place from the list.")


class TagOfElsewhere(Conflict):
    """The tag hangs in another community."""

    code = "cases.tag_of_elsewhere"
    message = lazy("This tag hangs in another community. Report it there, or choose a place here.")


class AnswerMissing(Invalid):
    """Neither solved nor unsolved."""

    code = "cases.answer_missing"
    message = lazy("Choose one of the answers.")


class KindMissing(Invalid):
    """The office has to know who is to look at it."""

    code = "cases.kind_missing"
    message = lazy("Choose what kind of problem it is.")


class BadPhotos(Invalid):
    """Some of the photos can't be kept; the others are."""

    code = "cases.bad_photos"
    message = lazy("Photo %(n)s: %(why)s")
