"""What the room refuses, in sentences that say what to do first."""

from __future__ import annotations

from pointsbank.core.errors import Conflict, Forbidden, Invalid, lazy


class NotAllowed(Forbidden):
    """Changes of households are the office's to enter."""

    code = "succession.not_allowed"
    message = lazy("Changes of households are entered by the committee, the street or an administrator.")


class OwnHousehold(Forbidden):
    """Proposed or confirmed by somebody of one of the households."""

    code = "succession.own_household"
    message = lazy("This concerns your own household. Somebody else has to enter and to confirm it.")


class SecondPersonNeeded(Forbidden):
    """Nobody confirms what they proposed."""

    code = "succession.second_person_needed"
    message = lazy("You entered this change. Somebody else has to look at it and confirm it.")


class AlreadyProposed(Conflict):
    """One at a time, so that nobody confirms what another case has made untrue."""

    code = "succession.already_proposed"
    message = lazy("A change of this household or person already waits to be confirmed. Decide that one first.")


class AlreadyDecided(Conflict):
    """Somebody was quicker."""

    code = "succession.already_decided"
    message = lazy("This change was already decided. Please look at the page again.")


class ChangedSince(Conflict):
    """What the case stands on isn't so any more."""

    code = "succession.changed_since"
    message = lazy("The household has changed since this was entered. Withdraw or refuse it and enter it anew.")


class CannotUndo(Conflict):
    """Too late, or something else was built on it."""

    code = "succession.cannot_undo"
    message = lazy("This change can't be taken back any more, because something has come after it. Enter a new change "
                   "that puts things right.")


class PointsSince(Conflict):
    """The founded household has earned something of its own."""

    code = "succession.points_since"
    message = lazy("Household %(number)s has points of its own by now. Join the two households instead.")


class OpenOrders(Conflict):
    """Points that are put aside belong to nobody's share. ``orders`` lists them."""

    code = "succession.open_orders"
    message = lazy("These orders are not picked up yet: %(orders)s. Have them picked up or cancelled first, then the "
                   "points can be settled.")


class WrongPerson(Invalid):
    """Somebody who isn't (or isn't any more) in the household, or not the kind of person that is needed."""

    code = "succession.wrong_person"
    message = lazy("This person does not belong here. Please look at the household again.")


class WrongHousehold(Invalid):
    """Dissolved, the same one, or of another community."""

    code = "succession.wrong_household"
    message = lazy("There is no such household here, or it is dissolved.")


class WrongDay(Invalid):
    """Still to come, or before what it changes."""

    code = "succession.wrong_day"
    message = lazy("This day is not possible: it is still to come, or lies before the time of this household.")


class ReasonNeeded(Invalid):
    """Everybody who reads the case later will ask."""

    code = "succession.reason_needed"
    message = lazy("Write in a few words why, without names: it is kept for good.")


class NothingWaits(Invalid):
    """No points wait for an heir, or not any more."""

    code = "succession.nothing_waits"
    message = lazy("No points wait for an heir here.")


class NotEmpty(Conflict):
    """Points would be left behind that nobody can use."""

    code = "succession.not_empty"
    message = lazy("There are points in this passbook, or on their way to it. Join it with another household instead.")


class NobodyFound(Invalid):
    """A name that fits nobody, or several."""

    code = "succession.nobody_found"
    message = lazy("Nobody, or more than one person, is found by this. Enter the card or phone number.")
