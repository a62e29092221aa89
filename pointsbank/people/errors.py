"""Refusals of the room people."""

from __future__ import annotations

from pointsbank.core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, lazy


class WrongSignIn(Invalid):
    """The one answer to a wrong number, an unknown number and a wrong password: it must not tell who lives here."""

    code = "people.wrong_sign_in"
    message = lazy("The number and the password or code don't match. Please try again, or ask at the office.")


class LockedOut(TooMany):
    """Five failures in fifteen minutes, counted for known and unknown numbers alike."""

    code = "people.locked_out"
    message = lazy("Five tries went wrong. Please wait 15 minutes, or ask at the office for a new password.")


class TooManyCodes(TooMany):
    """Ten codes a day."""

    code = "people.too_many_codes"
    message = lazy("Ten codes were sent to this number today. Please use your password, or ask at the office.")


class CodeTooSoon(TooMany):
    """One code a minute."""

    code = "people.code_too_soon"
    message = lazy("A code was sent just now. It can take a minute to arrive.")


class TooBusy(TooMany):
    """Too many passwords are being checked at once."""

    code = "people.too_busy"
    message = lazy("Many people are signing in right now. Please try again in a moment.")


class Frozen(Forbidden):
    """The owner froze the account, because a phone was lost."""

    code = "people.frozen"
    message = lazy("This account is frozen. Nothing can be changed until you or the office open it again.")


class WeakPassword(Invalid):
    """The password does not meet the profile in force."""

    code = "people.weak_password"
    message = lazy("This password is too easy to guess.")


class PasswordTooOld(Forbidden):
    """Profile dengbao: staff change their password every 90 days."""

    code = "people.password_too_old"
    message = lazy("Your password is older than 90 days. Please choose a new one.")


class NotYours(NotFound):
    """For what belongs to other people: it does not exist here."""


class MayNotAppoint(Forbidden):
    """Only below one's own level and inside one's own area."""

    code = "people.may_not_appoint"
    message = lazy("You can only give roles below your own, inside your own area.")


class AlreadyAppointed(Conflict):
    """The same role on the same place."""

    code = "people.already_appointed"
    message = lazy("This person already has this role here.")


class PhoneTaken(Conflict):
    """A phone signs in one user."""

    code = "people.phone_taken"
    message = lazy("This number already belongs to another sign-in.")


class NumberTaken(Conflict):
    """Household numbers are unique in a community."""

    code = "people.number_taken"
    message = lazy("There is already a household with the number %(number)s.")


class NameTaken(Conflict):
    """Team names are unique in a community."""

    code = "people.name_taken"
    message = lazy("There is already a team with this name.")


class AlreadyMember(Conflict):
    """Somebody is in the team or household already."""

    code = "people.already_member"
    message = lazy("This person is already a member.")


class HasLeft(Conflict):
    """Moved out, or erased."""

    code = "people.has_left"
    message = lazy("This person has moved away. Nothing can be entered for them any more.")


class TagOverlaps(Conflict):
    """A resident carries a tag once at a time."""

    code = "people.tag_overlaps"
    message = lazy("This person carries this tag at that time already.")


class NoSuchCard(NotFound):
    """Neither a code nor a number of ours."""

    code = "people.no_such_card"
    message = lazy("This is not a card of this community. Please check the number.")


class CardBlocked(Conflict):
    """Lost or replaced."""

    code = "people.card_blocked"
    message = lazy("This card was blocked or replaced. Please ask for the new one.")


class WrongNumber(Invalid):
    """The check digit does not fit."""

    code = "people.wrong_number"
    message = lazy("One digit of this card number is wrong. Please read it again.")


class ImportRefused(Invalid):
    """All or nothing was chosen, and there are rows that can't be taken."""

    code = "people.import_refused"
    message = lazy("Nothing was taken over: %(count)s rows can't be read. Correct them and send the file again.")


class ExportOpen(Conflict):
    """One open request for each list is enough."""

    code = "people.export_open"
    message = lazy("You have asked for this list already. It waits for a second person.")


class ExportNeedsAnother(Forbidden):
    """Who asks does not decide."""

    code = "people.export_needs_another"
    message = lazy("You asked for this list yourself. Somebody else has to decide.")


class ExportDecided(Conflict):
    """Approved or refused meanwhile."""

    code = "people.export_decided"
    message = lazy("This request was decided already.")


class ExportNotYours(Forbidden):
    """Only who asked takes the list along."""

    code = "people.export_not_yours"
    message = lazy("Only the person who asked for this list can download it.")


class ExportNotApproved(Forbidden):
    """One person alone gets nothing."""

    code = "people.export_not_approved"
    message = lazy("This list can’t be downloaded: no second person has approved it.")


class ExportExpired(Conflict):
    """An approval is good for a day."""

    code = "people.export_expired"
    message = lazy("The 24 hours in which this list could be downloaded are over. Please ask for it again.")


class ExportUsedUp(Conflict):
    """An approval is good for a few downloads."""

    code = "people.export_used_up"
    message = lazy("This list was downloaded %(most)s times, and that was all that was approved. Please ask for it "
                   "again.")
