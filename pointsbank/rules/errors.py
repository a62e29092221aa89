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


# ── Templates ───────────────────────────────────────────────────────────────────────────────────────────────────


class NotYourArea(Forbidden):
    """Templates are written by those who stand above."""

    code = "rules.not_your_area"
    message = lazy("Only a supervisor of this county or town writes its template.")


class NotATemplateDraft(Conflict):
    """What was issued is never edited."""

    code = "rules.template_issued"
    message = lazy("This template was issued and can't be changed any more. Start a new one; it takes its place.")


class TemplateDraftExists(Conflict):
    """One draft of a template at a time."""

    code = "rules.template_draft_exists"
    message = lazy("There is a draft of a template here already. Issue it or throw it away first.")


class EmptyTemplate(Invalid):
    """Nothing to issue."""

    code = "rules.empty_template"
    message = lazy("This template has no items yet. Bring some in first.")


class BeyondTemplate(Invalid):
    """More than the template leaves room for; ``excesses`` lists all of it."""

    code = "rules.beyond_template"
    message = lazy("%(where)s: %(sentence)s")

    def __init__(self, excesses: list[tuple[object, object]]) -> None:
        where, sentence = excesses[0]
        super().__init__(where=where, sentence=sentence)
        self.excesses = excesses


# ── Comments ────────────────────────────────────────────────────────────────────────────────────────────────────


class Frozen(Conflict):
    """What everybody reads just now isn't changed under their eyes."""

    code = "rules.frozen"
    message = lazy("This draft is open for comment until %(until)s. Take it back first; what people said stays.")


class AlreadyOpen(Conflict):
    """Open already."""

    code = "rules.already_open"
    message = lazy("This draft is open for comment already.")


class NotOpen(Conflict):
    """Nothing to take back."""

    code = "rules.not_open"
    message = lazy("This draft is not open for comment.")


class CommentsOver(Conflict):
    """Before or after the days."""

    code = "rules.comments_over"
    message = lazy("Comments on this draft are taken from %(first)s until %(until)s.")


class SameComment(Conflict):
    """Said already."""

    code = "rules.same_comment"
    message = lazy("This was sent already, word for word. It is not entered twice.")


class TooManyComments(Conflict):
    """Enough from one person."""

    code = "rules.too_many_comments"
    message = lazy("At most %(most)s comments on one draft. Withdraw one of yours first.")


class CommentAnswered(Conflict):
    """Answered or withdrawn already."""

    code = "rules.comment_answered"
    message = lazy("This comment was answered or withdrawn already. Nothing was changed.")


class OwnComment(Forbidden):
    """Nobody answers what they wrote or entered themselves."""

    code = "rules.own_comment"
    message = lazy("You wrote or entered this comment yourself. Somebody else has to answer it.")


class HasComments(Conflict):
    """What residents said is not thrown away with a draft."""

    code = "rules.has_comments"
    message = lazy("People said what they think of this draft, so it can't be thrown away. Change its items instead; "
                   "their comments and your answers stay with it.")


# ── Resolutions ─────────────────────────────────────────────────────────────────────────────────────────────────


class StillOpen(Conflict):
    """The days of comment are running."""

    code = "rules.still_open"
    message = lazy("This draft is open for comment until %(until)s. It can be put in force after that day.")


class CommentsMissing(Conflict):
    """This community asks everybody first."""

    code = "rules.comments_missing"
    message = lazy("Here a draft has to be open for comment for %(days)s days before it is put in force.")


class CommentsUnanswered(Conflict):
    """Everybody gets an answer first."""

    code = "rules.comments_unanswered"
    message = lazy("Comments that still wait for an answer: %(count)s. Answer them in writing first.")


class VotesMissing(Invalid):
    """A resolution without votes."""

    code = "rules.votes_missing"
    message = lazy("Write which meeting decided it, on which day, and how many voted for it and against it.")


class NotCarried(Invalid):
    """More against than for."""

    code = "rules.not_carried"
    message = lazy("%(votes_for)s voted for it and %(against)s against it: it was not adopted.")


class AlreadyAnnounced(Conflict):
    """One notice for each step."""

    code = "rules.already_announced"
    message = lazy("There is a notice about this already.")
