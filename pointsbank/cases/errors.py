"""What the room refuses, in sentences that say what to do."""

from __future__ import annotations

from pointsbank.core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, lazy


class NotYourPart(Forbidden):
    """This step belongs to somebody else."""

    code = "cases.not_your_part"
    message = lazy("This step is for somebody else: whoever reported, distributes, puts right or inspects this case.")


class NotIndependent(Forbidden):
    """Reporter, handler and inspector of a case are three people."""

    code = "cases.not_independent"
    message = lazy("You have a part in this case already. Somebody else has to take this step.")


class OutOfTurn(Conflict):
    """Not from this state, or somebody was quicker."""

    code = "cases.out_of_turn"
    message = lazy("The case has moved on, or this step is not possible now. Please look at it again.")


class UnknownVerb(Invalid):
    """No such step."""

    code = "cases.unknown_verb"
    message = lazy("There is no such step.")


class ReasonMissing(Invalid):
    """Words have to go with it."""

    code = "cases.reason_missing"
    message = lazy("Say why in a few words: 4 to 500 characters.")


class PhotoMissing(Invalid):
    """Nobody can inspect what nobody can see."""

    code = "cases.photo_missing"
    message = lazy("A photo taken afterwards belongs to it.")


class WordsMissing(Invalid):
    """A report without anything to read or to look at."""

    code = "cases.words_missing"
    message = lazy("Say in a few words what is wrong: 2 to 1,000 characters, not only signs. With a photo you may "
                   "leave the words out.")


class BadSource(Invalid):
    """Not one of the ways in which staff come to know of something."""

    code = "cases.bad_source"
    message = lazy("Say how you know of it: seen yourself, on a visit, or by phone.")


class WrongCode(NotFound):
    """No report has this code word."""

    code = "cases.wrong_code"
    message = lazy("No report has this code. Please compare the 12 digits once more.")


class TooManyGuesses(TooMany):
    """Five wrong codes within a quarter of an hour."""

    code = "cases.too_many_guesses"
    message = lazy("Five codes went wrong. Please wait 15 minutes, or ask the office about your report.")


class PlaceMissing(Invalid):
    """Nobody could find it."""

    code = "cases.place_missing"
    message = lazy("Say where it is: 2 to 120 characters.")


class BadPosition(Invalid):
    """Half a position, or none on this earth."""

    code = "cases.bad_position"
    message = lazy("The position needs a latitude and a longitude. Leave both out if you don’t know them.")


class BadClientId(Invalid):
    """The key that tells one draft from another."""

    code = "cases.bad_client_id"
    message = lazy("The report has no valid number of its own. Open the form again.")


class ClientIdReused(Conflict):
    """The same number came with another report."""

    code = "cases.client_id_reused"
    message = lazy("A different report was sent with this number already. Open the form again and send it anew.")


class TooManyReports(TooMany):
    """Enough for one day."""

    code = "cases.too_many_reports"
    message = lazy("You have sent %(most)s reports today. Please send the others tomorrow; if it is urgent, call the "
                   "office.")


class BadHandler(Invalid):
    """Unit and person don't fit."""

    code = "cases.bad_handler"
    message = lazy("Choose a unit and one of its members who did not report this.")


class BadParent(Invalid):
    """Merged into something that can't take it."""

    code = "cases.bad_parent"
    message = lazy("Choose another open case of the same group to merge this one into. A case that others were merged "
                   "into can’t be merged itself.")


class BadSuspension(Invalid):
    """Too long, or in the past."""

    code = "cases.bad_suspension"
    message = lazy("A case is suspended for 1 to %(days)s days.")


class EvaluatedAlready(Conflict):
    """One answer for each person and round."""

    code = "cases.evaluated_already"
    message = lazy("You have answered already. If the problem comes back, have the case opened again.")


class NothingToEvaluate(Conflict):
    """Not put right yet, or the seven days are over."""

    code = "cases.nothing_to_evaluate"
    message = lazy("This case can’t be evaluated now: it is still being worked on, or its days are over.")


class SupportedAlready(Conflict):
    """One voice for each person and round."""

    code = "cases.supported_already"
    message = lazy("You have said so already. The third neighbour opens the case again.")


class BadTitle(Invalid):
    """What others read has to be short."""

    code = "cases.bad_title"
    message = lazy("The title takes 2 to 60 characters and names nobody.")


class NotForOthers(Conflict):
    """Nobody else sees the case, so nobody else sees its photos."""

    code = "cases.not_for_others"
    message = lazy("Others don’t see this case, so its photos can’t be shown to them.")


class SettledAlready(Conflict):
    """Somebody was quicker, or there is nothing to decide."""

    code = "cases.settled_already"
    message = lazy("This has been decided already, or nothing has to be decided.")


class AppealedAlready(Conflict):
    """One appeal for each case."""

    code = "cases.appealed_already"
    message = lazy("You appealed once already. Please turn to the office.")


class TooLate(Conflict):
    """The days for it are over."""

    code = "cases.too_late"
    message = lazy("This was possible for %(days)s days. Please report it anew.")


class NotOpen(Conflict):
    """Joining what is over."""

    code = "cases.not_open"
    message = lazy("This case is over. Please report it anew.")


class OwnCase(Conflict):
    """Joining one's own."""

    code = "cases.own_case"
    message = lazy("You reported this yourself. You hear of each step.")


class NoExtension(Conflict):
    """Asked already, approved already, or not asked at all."""

    code = "cases.no_extension"
    message = lazy("A deadline is extended once, and only while it runs.")


class BadSetting(Invalid):
    """A unit or category that can't be."""

    code = "cases.bad_setting"
    message = lazy("Give it a name of its own and check the unit, its members and the spans.")
