"""Refusals of honours, votes, years and certificates."""

from __future__ import annotations

from pointsbank.core.errors import Conflict, Forbidden, Invalid, NotFound, lazy


class NotAllowed(Forbidden):
    """Not by this role."""

    code = "honours.not_allowed"
    message = lazy("Only reviewers and the committee decide this.")


class OwnHousehold(Forbidden):
    """Nobody decides about their own people."""

    code = "honours.own_household"
    message = lazy("This is about your own household. Somebody else has to decide it.")


class SecondPersonNeeded(Forbidden):
    """Two people for everything that counts."""

    code = "honours.second_person_needed"
    message = lazy("You made this yourself. Somebody else has to confirm it.")


class WrongStep(Conflict):
    """It stands elsewhere by now."""

    code = "honours.wrong_step"
    message = lazy("This was decided already, or it isn't that far yet. Please look at the page again.")


class ReasonMissing(Invalid):
    """Something is to be said in writing."""

    code = "honours.reason_missing"
    message = lazy("Please write the reason.")


# ── Ladders ─────────────────────────────────────────────────────────────────────────────────────────────────────


class NotADraft(Conflict):
    """A version that was adopted is never edited."""

    code = "honours.not_a_draft"
    message = lazy("Version %(number)s was adopted and can't be changed any more. Start a new draft from it.")


class DraftExists(Conflict):
    """One draft of a ladder at a time."""

    code = "honours.draft_exists"
    message = lazy("There is a draft of this ladder already. Finish it or throw it away first.")


class OwnDraft(Forbidden):
    """Two people for every ladder."""

    code = "honours.own_draft"
    message = lazy("You wrote in this draft yourself. Somebody else of the committee has to put it in force.")


class DayTaken(Conflict):
    """Versions follow one another."""

    code = "honours.day_taken"
    message = lazy("The version before starts on %(day)s. Choose a later day.")


# ── Honours ─────────────────────────────────────────────────────────────────────────────────────────────────────


class NothingReached(Conflict):
    """No step that isn't proposed or granted already."""

    code = "honours.nothing_reached"
    message = lazy("By the figures of today this person has reached no further step of this ladder.")


class NoLongerReached(Conflict):
    """The figures changed since the proposal."""

    code = "honours.no_longer_reached"
    message = lazy("The figures have changed since, and no longer reach the step: %(names)s. Decline these.")


class NothingToList(Conflict):
    """No row for a notice."""

    code = "honours.nothing_to_list"
    message = lazy("There is nothing that could go on a notice.")


class AlreadyRevoked(Conflict):
    """Once."""

    code = "honours.already_revoked"
    message = lazy("A revocation of this honour is proposed or confirmed already.")


class NoCertificate(NotFound):
    """Not every honour has one."""

    code = "honours.no_certificate"
    message = lazy("For this honour no certificate is printed: in a further cycle only the prize is given.")


# ── The best of the month ───────────────────────────────────────────────────────────────────────────────────────


class NotAnObserversTeam(Invalid):
    """Only observers choose a best member."""

    code = "honours.not_an_observers_team"
    message = lazy("Only a team of observers chooses its best member of the month.")


class MonthNotOver(Invalid):
    """Figures of a month that goes on would change."""

    code = "honours.month_not_over"
    message = lazy("This month isn't over yet, or lies too far back.")


class VoteClosed(Conflict):
    """Not any more, or not yet."""

    code = "honours.vote_closed"
    message = lazy("No votes are taken here at the moment.")


class AlreadyVoted(Conflict):
    """One vote each."""

    code = "honours.already_voted"
    message = lazy("This member has voted already. A vote once given stays.")


class NotAVoter(Forbidden):
    """Grown-up members of the team only."""

    code = "honours.not_a_voter"
    message = lazy("Only grown-up members of the team vote here, and nobody for themselves.")


class VoteGoesOn(Conflict):
    """Not everybody has voted and the time isn't over."""

    code = "honours.vote_goes_on"
    message = lazy("The vote goes on until %(day)s, or until everybody has voted.")


# ── Years ───────────────────────────────────────────────────────────────────────────────────────────────────────


class YearNotOver(Invalid):
    """Only what is over is closed."""

    code = "honours.year_not_over"
    message = lazy("%(year)s isn't over yet.")


class NothingToClose(Conflict):
    """A year in which nothing was recorded."""

    code = "honours.nothing_to_close"
    message = lazy("Nothing was recorded in %(year)s.")


class LaterYearClosed(Conflict):
    """Years hang together by their hashes."""

    code = "honours.later_year_closed"
    message = lazy("A later year is closed already, so this one can't be any more.")


class FiguresMoved(Conflict):
    """What was prepared is not what the book says."""

    code = "honours.figures_moved"
    message = lazy("The figures in the book are no longer those of this page. Nothing was done; tell the office.")


# ── Certificates ────────────────────────────────────────────────────────────────────────────────────────────────


class AlreadyAsked(Conflict):
    """One at a time."""

    code = "honours.already_asked"
    message = lazy("A certificate is being made for this person already.")


class NothingServed(Conflict):
    """No hours in that time."""

    code = "honours.nothing_served"
    message = lazy("No service time is recorded for these days, so there is nothing to certify.")


class NoticeRuns(Conflict):
    """Seven days first."""

    code = "honours.notice_runs"
    message = lazy("It can be issued once its notice is over and every objection to it is answered.")


class LineStruck(Conflict):
    """An objection was upheld."""

    code = "honours.line_struck"
    message = lazy("An objection to this certificate was upheld. Refuse it, with the reason.")


class UnknownCertificate(NotFound):
    """Neither number nor code of ours: one answer to both, so that nobody learns which numbers exist."""

    code = "honours.unknown_certificate"
    message = lazy("There is no certificate with this number and code. Please compare every letter.")


# ── Leagues and no-shows ────────────────────────────────────────────────────────────────────────────────────────


class AlreadyExcused(Conflict):
    """Once."""

    code = "honours.already_excused"
    message = lazy("This was excused already.")
