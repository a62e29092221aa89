"""Refusals of the room."""

from __future__ import annotations

from pointsbank.core.errors import Conflict, Forbidden, Invalid, TooMany, lazy


class ForgedCode(Invalid):
    """Forged, cut, or a code of another kind."""

    code = "activities.forged_code"
    message = lazy("This is not one of our check-in codes. Please scan the code on the leader's screen again.")


class OldReceipt(Invalid):
    """Ten minutes are over."""

    code = "activities.old_receipt"
    message = lazy("This page is more than 10 minutes old. Please scan the code again; nothing was recorded.")


class UsedReceipt(Conflict):
    """The same id with other content: another person, another activity."""

    code = "activities.used_receipt"
    message = lazy("This scan was already used for somebody else. Please scan the code again.")


class NotOpen(Conflict):
    """Before the leader opened, or long after the end."""

    code = "activities.not_open"
    message = lazy("Check-in is not open for this activity now. Please ask the leader.")


class Closed(Conflict):
    """The leader has closed it."""

    code = "activities.closed"
    message = lazy("The leader has closed this activity. If you were there, please tell the leader.")


class Cancelled(Conflict):
    """The activity does not take place."""

    code = "activities.cancelled"
    message = lazy("This activity was cancelled.")


class Full(Conflict):
    """Over capacity."""

    code = "activities.full"
    message = lazy("All %(capacity)s places are taken. If somebody cancels, a place becomes free here.")


class SignUpOver(Conflict):
    """Too late to sign up or to cancel."""

    code = "activities.sign_up_over"
    message = lazy("This activity has begun. Signing up and cancelling are over.")


class NumberBlocked(TooMany):
    """Five wrong numbers in ten minutes."""

    code = "activities.number_blocked"
    message = lazy("Five wrong numbers in 10 minutes. Please scan the code, or ask the leader to add you.")


class NotLeader(Forbidden):
    """Somebody else's activity."""

    code = "activities.not_leader"
    message = lazy("Only the leader of this activity can do this.")


class LeaderApproves(Forbidden):
    """A team publishes only with somebody who isn't its leader."""

    code = "activities.leader_approves"
    message = lazy("You lead this activity, so somebody else has to approve it.")


class NotDraft(Conflict):
    """Only drafts are edited, submitted and published."""

    code = "activities.not_draft"
    message = lazy("This activity is already published or cancelled.")


class NotPublished(Conflict):
    """Nobody checks in at a draft."""

    code = "activities.not_published"
    message = lazy("This activity is not published yet.")


class AlreadyClosed(Conflict):
    """Closed once, and that is it."""

    code = "activities.already_closed"
    message = lazy("This activity is already closed.")


class NotBegun(Conflict):
    """Closing before the start."""

    code = "activities.not_begun"
    message = lazy("This activity has not begun. It can be closed after it starts.")


class HeadcountDiffers(Conflict):
    """The leader counted other people than the list has."""

    code = "activities.headcount_differs"
    message = lazy("You counted %(headcount)s, the list has %(counted)s. Look at the rows below first. "
                   "If the list is right all the same, tick the box and close; the points then wait for the committee.")


class NoCardInPhoto(Invalid):
    """Nothing readable in the picture."""

    code = "activities.no_card_in_photo"
    message = lazy("No card code was found in this picture. Hold the card flat and close, or type its 8 digits.")


class NothingToRead(Invalid):
    """Neither digits nor a photo."""

    code = "activities.nothing_to_read"
    message = lazy("Type the 8 digits on the card, or take a picture of it.")


class NobodyFound(Invalid):
    """Name, phone or number match nobody, or several people."""

    code = "activities.nobody_found"
    message = lazy("“%(text)s” matches nobody or several people. Use the card number or the whole phone number.")


class NobodyTicked(Invalid):
    """An empty sheet."""

    code = "activities.nobody_ticked"
    message = lazy("Please tick at least one person.")


class ReasonNeeded(Invalid):
    """Typed rows say why."""

    code = "activities.reason_needed"
    message = lazy("Please say why these people could not scan.")


class TypedCap(TooMany):
    """The monthly cap of typed rows."""

    code = "activities.typed_cap"
    message = lazy("You can enter %(cap)s people by hand a month, and %(left)s are left. "
                   "Ask the committee to enter the rest.")


class BadTimes(Invalid):
    """The end is not after the start, or it lasts more than a day."""

    code = "activities.bad_times"
    message = lazy("The end must be after the start and within 24 hours of it.")
