"""What the room refuses."""

from __future__ import annotations

from pointsbank.core.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge, lazy


class NotAllowed(Forbidden):
    """Somebody without the office."""

    code = "places.not_allowed"
    message = lazy("Places are entered by the committee and the administrators.")


class NameTaken(Conflict):
    """Two open places of one name would be mixed up."""

    code = "places.name_taken"
    message = lazy("There is already a place with this name. Add what tells them apart, for example the gate or grid.")


class WrongName(Invalid):
    """Empty or too long."""

    code = "places.wrong_name"
    message = lazy("A place needs a name of at most 60 characters.")


class WrongAliases(Invalid):
    """Too many or too long."""

    code = "places.wrong_aliases"
    message = lazy("At most 10 other names, each at most 40 characters.")


class WrongNote(Invalid):
    """Too long."""

    code = "places.wrong_note"
    message = lazy("What is there: at most 200 characters.")


class WrongArea(Invalid):
    """Closed, or of another community."""

    code = "places.wrong_area"
    message = lazy("There is no such grid or building in this community.")


class WrongPosition(Invalid):
    """Half a position, or none on this earth."""

    code = "places.wrong_position"
    message = lazy("This is no position. Latitude and longitude are degrees such as 27.0943 and 113.5218; "
                   "fill in both or neither.")


class TooFarAway(Invalid):
    """A typing error, or the wrong map."""

    code = "places.too_far_away"
    message = lazy("This position lies %(km)s km from the middle of the other places. Please look at the numbers "
                   "again: latitude first, and the right map chosen.")


class Closed(Conflict):
    """Nothing is changed about what is gone."""

    code = "places.closed"
    message = lazy("This place is closed. Enter a new one if it is there again.")


class TagInForce(Conflict):
    """One at a time."""

    code = "places.tag_in_force"
    message = lazy("This place has a tag already. If it is lost or damaged, issue a new one; the old one stops "
                   "working.")


class NoTag(Conflict):
    """Nothing to revoke."""

    code = "places.no_tag"
    message = lazy("No tag of this place is in force. Please look at the page again.")


class UnknownTag(NotFound):
    """Forged, cut or mistyped."""

    code = "places.unknown_tag"
    message = lazy("This code is not one of our place tags, or it is damaged.")


class RevokedTag(NotFound):
    """Replaced or taken away."""

    code = "places.revoked_tag"
    message = lazy("This tag is no longer in use. Please tell the office where it hangs, so that it is taken down.")


class NotGeoJson(Invalid):
    """Another kind of file."""

    code = "places.not_geojson"
    message = lazy("This file can't be read as GeoJSON. It must be a FeatureCollection of points.")


class TooMuch(TooLarge):
    """Over the bounds."""

    code = "places.too_much"
    message = lazy("This file is too large. At most %(count)s places and 2 MB at a time; please split it.")
