"""Refusals of the rules."""

from __future__ import annotations

from pointsbank.core.errors import Conflict, Forbidden, Invalid, lazy


class CountersMoved(Conflict):
    """A cap's counter changed under our hands."""

    code = "rules.counters_moved"
    message = lazy("Somebody approved something for the same people at this moment. Please do it once more.")


class NotADraft(Conflict):
    """A version that was adopted is never edited."""

    code = "rules.not_a_draft"
    message = lazy("Version %(number)s was adopted and can't be changed any more. Start a new draft from it.")


class DraftExists(Conflict):
    """One draft at a time."""

    code = "rules.draft_exists"
    message = lazy("There is a draft already: version %(number)s. Finish it or throw it away first.")


class OwnDraft(Forbidden):
    """Two people for every standard."""

    code = "rules.own_draft"
    message = lazy("You wrote in this draft yourself. Somebody else of the committee has to put it in force.")


class EmptyDraft(Invalid):
    """Nothing to adopt."""

    code = "rules.empty_draft"
    message = lazy("This draft has no items yet. Add at least one first.")


class Unsound(Invalid):
    """Items or caps of a standard that contradict one another."""

    code = "rules.unsound"
    message = lazy("%(where)s: %(sentence)s")


class OwnProposal(Forbidden):
    """Two people for every effect on somebody."""

    code = "rules.own_proposal"
    message = lazy("You proposed this yourself. Somebody else of the committee has to decide it.")


class OwnFlag(Forbidden):
    """Nobody decides about their own family."""

    code = "rules.own_flag"
    message = lazy("This concerns your own family. Somebody else has to decide it.")


class FlagDecided(Conflict):
    """Decided already, or not in force."""

    code = "rules.flag_decided"
    message = lazy("This was decided already. Nothing was changed.")


class TooEarly(Invalid):
    """A start day that would change what deeds of the past are worth."""

    code = "rules.too_early"
    message = lazy("A new version can start tomorrow at the earliest: %(earliest)s. What was done before counts by the "
                   "version of its day.")


class NotOnPaper(Invalid):
    """The old start day comes too late."""

    code = "rules.not_on_paper"
    message = lazy("Points were already counted here, so no version may start on a day gone by. Choose a day from "
                   "%(earliest)s on.")


class DayTaken(Conflict):
    """Two versions for one day."""

    code = "rules.day_taken"
    message = lazy("Version %(number)s starts on this very day. Choose another day.")


class CodeTaken(Invalid):
    """Two items of one number."""

    code = "rules.code_taken"
    message = lazy("Item %(code)s is there already. Give this one another number.")


class DeductionsOff(Invalid):
    """An item takes points away, and this draft does not switch that on."""

    code = "rules.deductions_off"
    message = lazy("Taking points away is switched off in this draft. Item %(code)s can't be in it.")


class DeductionsInUse(Conflict):
    """Items that take points away are still in the draft."""

    code = "rules.deductions_in_use"
    message = lazy("Items of this draft still take points away: %(codes)s. Take them out first, then switch it off.")


class TooManyRows(Invalid):
    """More items than a standard may have."""

    code = "rules.too_many_rows"
    message = lazy("This file has %(rows)s rows, and a standard has at most %(most)s. Leave out what is no item of it.")


class FileNotUnderstood(Invalid):
    """Rows of a file that can't be read; ``faults`` lists them."""

    code = "rules.file_not_understood"
    message = lazy("Cells of this file that were not understood: %(count)s. Nothing was brought in.")

    def __init__(self, faults: list[object]) -> None:
        super().__init__(count=len(faults))
        self.faults = faults
