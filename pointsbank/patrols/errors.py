"""What the room refuses, in sentences that say what to do."""

from __future__ import annotations

from pointsbank.core.errors import Conflict, Forbidden, Invalid, lazy


class NotAllowed(Forbidden):
    """Neither of the office nor leading this team."""

    code = "patrols.not_allowed"
    message = lazy("Routes, rota and rounds are kept by the leader of the team and by the committee.")


class NotYourRound(Forbidden):
    """Somebody else walks it."""

    code = "patrols.not_your_round"
    message = lazy("This round is assigned to somebody else. Ask the leader, or take it over as a swap.")


class NotAnObserver(Forbidden):
    """Not a member of the team."""

    code = "patrols.not_an_observer"
    message = lazy("This is for the observers of the team. Ask the office if you would like to join.")


class NotIndependent(Forbidden):
    """Walked it, entered it, or is family of who did."""

    code = "patrols.not_independent"
    message = lazy("You walked this round, entered it, or are family of somebody who did. Somebody else has to decide.")


class NotAnInspector(Forbidden):
    """Opening a case again needs the role."""

    code = "patrols.not_an_inspector"
    message = lazy("Only an appointed observer can open a case again. Tell the leader what you saw.")


class OutOfTurn(Conflict):
    """Not from this state, or somebody was quicker."""

    code = "patrols.out_of_turn"
    message = lazy("This has moved on, or the step is not possible now. Please look at it again.")


class TooLate(Conflict):
    """The days for handing it in are over."""

    code = "patrols.too_late"
    message = lazy("A round can be handed in until %(days)s days after its day. Give your notes to the leader.")


class SheetTooLate(Conflict):
    """The days for entering its sheet are over."""

    code = "patrols.sheet_too_late"
    message = lazy("The sheet of a round can be entered until %(days)s days after its day.")


class TooEarly(Conflict):
    """Before its day."""

    code = "patrols.too_early"
    message = lazy("This round is for %(day)s. It can be walked on that day.")


class ClientIdReused(Conflict):
    """The same number came with another round."""

    code = "patrols.client_id_reused"
    message = lazy("Something else was sent with this number already. Open the round again and send it anew.")


class BadClientId(Invalid):
    """The key that tells one sending from another."""

    code = "patrols.bad_client_id"
    message = lazy("What was sent has no valid number of its own. Open the page again.")


class BadStop(Invalid):
    """No checkpoint of this round, or twice the same."""

    code = "patrols.bad_stop"
    message = lazy("One of the checkpoints does not belong to this round, or came twice. Open the round again.")


class BadTime(Invalid):
    """No instant at all."""

    code = "patrols.bad_time"
    message = lazy("One of the times can't be read, or ends before it begins.")


class SkipReasonMissing(Invalid):
    """Left out without a word."""

    code = "patrols.skip_reason_missing"
    message = lazy("Say in a few words why this checkpoint was left out: 2 to 200 characters.")


class WordsMissing(Invalid):
    """A finding or proposal that says nothing."""

    code = "patrols.words_missing"
    message = lazy("Say in a few words what you saw: 2 to 500 characters.")


class FindingMissing(Invalid):
    """A checkpoint with something wrong, and nothing said about it."""

    code = "patrols.finding_missing"
    message = lazy("Say what is wrong there, and choose its kind.")


class KindNotTaken(Invalid):
    """A kind of problem that is closed, or that only staff may see."""

    code = "patrols.kind_not_taken"
    message = lazy("Rounds don’t take this kind of problem, or no longer. Choose another one, or tell the committee.")


class TooManyFindings(Invalid):
    """More than anybody reads."""

    code = "patrols.too_many_findings"
    message = lazy("At most %(most)s findings at one checkpoint. Send further ones as reports.")


class ReasonMissing(Invalid):
    """Sent back or called off without a word."""

    code = "patrols.reason_missing"
    message = lazy("Say why in a few words: 4 to 300 characters.")


class BadRoute(Invalid):
    """Without a name, or with an odd team."""

    code = "patrols.bad_route"
    message = lazy("A route needs a name of at most 60 characters and a team that is not dissolved.")


class NameTaken(Conflict):
    """Two routes of one name would be mixed up."""

    code = "patrols.name_taken"
    message = lazy("There is already a route with this name.")


class RouteClosed(Conflict):
    """Nothing is planned on what is over."""

    code = "patrols.route_closed"
    message = lazy("This route is closed. Enter a new one if it is walked again.")


class BadPlace(Invalid):
    """Not here, gone, or on the route already."""

    code = "patrols.bad_place"
    message = lazy("Choose an open place that is not on this route yet.")


class NoCheckpoints(Invalid):
    """A round along nothing."""

    code = "patrols.no_checkpoints"
    message = lazy("This route has no checkpoints yet. Add places first.")


class TooManyCheckpoints(Invalid):
    """More than a round can hold."""

    code = "patrols.too_many_checkpoints"
    message = lazy("A route has at most %(most)s checkpoints. Make two routes of it.")


class BadChecklist(Invalid):
    """Too long, or of unknown kinds."""

    code = "patrols.bad_checklist"
    message = lazy("At most %(most)s questions of 2 to 80 characters, each with a kind of problem from here.")


class BadShift(Invalid):
    """A window that isn't one."""

    code = "patrols.bad_shift"
    message = lazy("A round needs a day, a time from and to on that day (at least 15 minutes), and 1 to 6 observers.")


class BadObservers(Invalid):
    """Not of the team, or nobody."""

    code = "patrols.bad_observers"
    message = lazy("Choose grown-up members of this team, at least one.")


class BadAbsent(Invalid):
    """Nobody would be left, or it is somebody who is not on the list."""

    code = "patrols.bad_absent"
    message = lazy("At least one of those on the list walked it. If nobody did, send it back or call it off.")


class Busy(Conflict):
    """Two rounds at one time."""

    code = "patrols.busy"
    message = lazy("On another round at that time: %(names)s. Choose somebody else, or change that round first.")


class BusyYourself(Conflict):
    """Taking over what overlaps with one's own."""

    code = "patrols.busy_yourself"
    message = lazy("You walk another round at that time.")


class AlreadyYours(Conflict):
    """Taking over what one walks already."""

    code = "patrols.already_yours"
    message = lazy("You walk this round already. Somebody else of the team has to take it over.")


class BadAnswer(Invalid):
    """No outcome, or no words."""

    code = "patrols.bad_answer"
    message = lazy("Choose what comes of it and answer in a few sentences: 4 to 500 characters.")


class TooManyProposals(Invalid):
    """Enough until some are answered."""

    code = "patrols.too_many_proposals"
    message = lazy("You have %(most)s proposals waiting for an answer. Please wait for those first.")


class NothingToLookAt(Conflict):
    """Not closed, looked at already, or closed long ago."""

    code = "patrols.nothing_to_look_at"
    message = lazy("This is not closed, was closed more than 30 days ago, or somebody looked at it already.")


class BadItem(Invalid):
    """No item of the standard in force."""

    code = "patrols.bad_item"
    message = lazy("There is no such item in the scoring rules that are in force.")
