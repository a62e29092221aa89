"""What the room refuses, in sentences that say what to do."""

from __future__ import annotations

from pointsbank.core.errors import Conflict, Forbidden, Invalid, lazy


class NotAllowed(Forbidden):
    """Not this role, or not this grid."""

    code = "deductions.not_allowed"
    message = lazy("This is for the committee, its reviewers, and grid workers within their own grid.")


class OwnFamily(Forbidden):
    """Announced or decided by family."""

    code = "deductions.own_family"
    message = lazy("This concerns your own family. Somebody else has to do it.")


class SecondPersonNeeded(Forbidden):
    """Imposed by whoever announced it."""

    code = "deductions.second_person_needed"
    message = lazy("You announced this yourself. Somebody else has to look at it and decide.")


class ThirdPersonNeeded(Forbidden):
    """An appeal decided by somebody who had a part in it."""

    code = "deductions.third_person_needed"
    message = lazy("You had a part in this already. Somebody who had none has to decide about the appeal.")


class NotYours(Forbidden):
    """Answering or appealing for others, without a paper from them."""

    code = "deductions.not_yours"
    message = lazy("Only the people concerned answer and appeal, or a member who has it from them on paper.")


class SwitchedOff(Invalid):
    """No item of that day takes points away."""

    code = "deductions.switched_off"
    message = lazy("The rules of that day take nothing away for this. Choose an item that does.")


class NobodyConcerned(Invalid):
    """No household or person that the item could be taken from."""

    code = "deductions.nobody_concerned"
    message = lazy("Say whom it concerns: a household of that day, or a grown-up person for items that concern one.")


class UnderAge(Invalid):
    """A child's own name or points."""

    code = "deductions.under_age"
    message = lazy("Nothing is ever taken from somebody under 18. Speak with the household; if an item concerns the "
                   "household, announce it there without a child’s name.")


class BadDay(Invalid):
    """Still to come, or too long ago."""

    code = "deductions.bad_day"
    message = lazy("The day is today or at most %(days)s days ago.")


class TooLittleTime(Invalid):
    """Less time to put it right than the community promised."""

    code = "deductions.too_little_time"
    message = lazy("There are at least %(days)s days to put it right: until %(day)s or later.")


class WordsMissing(Invalid):
    """Nothing written where everybody will want to know."""

    code = "deductions.words_missing"
    message = lazy("Write it in a few words: 4 to 500 characters.")


class QuantityMissing(Invalid):
    """The item counts something, and nothing was counted."""

    code = "deductions.quantity_missing"
    message = lazy("This item counts something: write how much it was.")


class AlreadyAnnounced(Conflict):
    """The same of the same day, twice."""

    code = "deductions.already_announced"
    message = lazy("This was announced already, for the same day. Nothing was entered twice.")


class TooEarly(Conflict):
    """Imposed before the time to put it right is over."""

    code = "deductions.too_early"
    message = lazy("There is time to put it right until %(day)s. Nothing is taken before that day is over.")


class AlreadyDecided(Conflict):
    """Somebody was quicker, or the step is out of turn."""

    code = "deductions.already_decided"
    message = lazy("This has moved on already. Please look at the page again.")


class AppealTooLate(Conflict):
    """The time to appeal is over."""

    code = "deductions.appeal_too_late"
    message = lazy("The time to appeal ended on %(day)s. Turn to the office of the town or street above.")


class TooManyAnswers(Conflict):
    """Enough was said; the desk reads it."""

    code = "deductions.too_many_answers"
    message = lazy("You have answered many times already. The committee reads it all; please wait for its decision.")
