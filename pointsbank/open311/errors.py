"""What the room refuses. The interface answers 403 for keys, 404 for what isn't there and 400 for everything else."""

from __future__ import annotations

from pointsbank.core.errors import Conflict, Forbidden, Invalid, NotFound, lazy


class KeyMissing(Forbidden):
    """Reading is open, sending is not."""

    code = "open311.key_missing"
    message = lazy("Sending needs a key: api_key. The community office gives keys out.")


class KeyWrong(Forbidden):
    """Unknown or revoked."""

    code = "open311.key_wrong"
    message = lazy("This key is unknown or was revoked. Please ask the community office for a new one.")


class KeyElsewhere(Forbidden):
    """A key opens one community."""

    code = "open311.key_elsewhere"
    message = lazy("This key is for another community than jurisdiction_id says.")


class UnknownJurisdiction(NotFound):
    """No such community."""

    code = "open311.unknown_jurisdiction"
    message = lazy("There is no community with this jurisdiction_id.")


class JurisdictionMissing(Invalid):
    """Several communities live in this house."""

    code = "open311.jurisdiction_missing"
    message = lazy("Several communities are here: say which one by jurisdiction_id.")


class UnknownService(NotFound):
    """No such kind of problem."""

    code = "open311.unknown_service"
    message = lazy("There is no service with this service_code.")


class ServiceMissing(Invalid):
    """What kind of problem is it?"""

    code = "open311.service_missing"
    message = lazy("Say what kind of problem it is by service_code.")


class UnknownRequest(NotFound):
    """Not there, not public, or brought by somebody else."""

    code = "open311.unknown_request"
    message = lazy("There is no such request that could be shown.")


class PositionMissing(Invalid):
    """Nobody could find it."""

    code = "open311.position_missing"
    message = lazy("Say where it is: lat and long together, address_string, or address_id.")


class BadNumbers(Invalid):
    """A position that is none."""

    code = "open311.bad_position"
    message = lazy("lat and long are degrees of WGS84 written as decimal numbers, and belong together.")


class FarAway(Invalid):
    """Somewhere else altogether."""

    code = "open311.far_away"
    message = lazy("This position lies %(km)s km from the middle of the community. Is it another community, or are lat "
                   "and long swapped?")


class UnknownAddress(Invalid):
    """No such place."""

    code = "open311.unknown_address"
    message = lazy("There is no open place with this address_id here.")


class TooLong(Invalid):
    """More than anybody reads."""

    code = "open311.too_long"
    message = lazy("description takes at most %(most)s characters.")


class BadDate(Invalid):
    """Not an instant."""

    code = "open311.bad_date"
    message = lazy("%(name)s is an instant with its offset, like 2026-04-18T09:00:00+08:00.")


class BadWindow(Invalid):
    """Backwards, or too wide."""

    code = "open311.bad_window"
    message = lazy("start_date comes before end_date, with at most %(days)s days between them.")


class BadPage(Invalid):
    """Not a number, or beyond what is answered."""

    code = "open311.bad_page"
    message = lazy("page is a number from 1 on, page_size one from 1 to %(most)s.")


class BadStatus(Invalid):
    """A word that is no status here."""

    code = "open311.bad_status"
    message = lazy("status takes: %(words)s.")


class NothingSaid(Invalid):
    """An update without a word."""

    code = "open311.nothing_said"
    message = lazy("An update needs a description, a status or a photo.")


class BadClient(Invalid):
    """A name that is missing or taken."""

    code = "open311.bad_client"
    message = lazy("Give the platform a name of its own (2 to 60 characters) and say whom to call (2 to 120).")


class RevokedAlready(Conflict):
    """A key is revoked once, a code taken back once."""

    code = "open311.revoked_already"
    message = lazy("This was taken out of use already.")


class TooManyLinks(Conflict):
    """Nobody uses so many platforms."""

    code = "open311.too_many_links"
    message = lazy("You have %(most)s codes in use. Take one back first.")
