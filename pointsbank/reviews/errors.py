"""What the room refuses, in sentences that say what to do."""

from __future__ import annotations

from pointsbank.core.errors import Conflict, Invalid, lazy


class PeriodNotOver(Conflict):
    """It can still change."""

    code = "reviews.period_not_over"
    message = lazy("This period is not over yet. Its review is made when it is.")


class ReasonMissing(Invalid):
    """Words have to go with a correction."""

    code = "reviews.reason_missing"
    message = lazy("Say in a few words why: 4 to 500 characters.")


class RemarkMissing(Invalid):
    """Nothing to sign."""

    code = "reviews.remark_missing"
    message = lazy("Write a few words to sign: 4 to 500 characters.")


class NotTheLatest(Conflict):
    """Somebody corrected it already."""

    code = "reviews.not_the_latest"
    message = lazy("A later version takes the place of this one. Please look at that one.")


class NothingToCorrect(Conflict):
    """The same figures would come out."""

    code = "reviews.nothing_to_correct"
    message = lazy("Counted again, every figure comes out the same. Nothing was changed; sign a remark instead.")
