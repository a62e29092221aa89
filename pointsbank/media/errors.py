"""What is refused about photos, in sentences."""

from __future__ import annotations

from pointsbank.core.errors import Conflict, Forbidden, Invalid, TooLarge, TooMany, lazy


class NotAPhoto(Invalid):
    """The content is no picture that is read here, whatever its name says."""

    code = "media.not_a_photo"
    message = lazy("This file is not a photo that can be read here. Please take JPEG, PNG, WebP or HEIC.")


class BrokenPhoto(Invalid):
    """It began like a picture and could not be read to its end."""

    code = "media.broken"
    message = lazy("This photo is damaged. Please take it again or choose another one.")


class TooManyPixels(TooLarge):
    """Refused by its header, before anything is decoded."""

    code = "media.too_many_pixels"
    message = lazy("This photo is too large: at most %(most)s million pixels. Please choose a smaller one.")


class PhotoTooLarge(TooLarge):
    """More bytes than any phone writes."""

    code = "media.too_large"
    message = lazy("This photo is too large: at most %(most)s MB.")


class TooManyPhotos(Conflict):
    """One deed, activity or offer has room for so many."""

    code = "media.too_many"
    message = lazy("At most %(most)s photos belong here. Please leave some out.")


class TooManyLoose(TooMany):
    """Somebody keeps sending photos that they use nowhere."""

    code = "media.too_many_loose"
    message = lazy("Many of your photos are not used anywhere yet. Send what you have begun first, then add more.")


class NotYours(Forbidden):
    """Only who sent a photo hangs it somewhere or takes it away."""

    code = "media.not_yours"
    message = lazy("This photo was sent by somebody else.")


class NotForThis(Conflict):
    """What a photo was sent for says who sees it; it can't be hung elsewhere."""

    code = "media.not_for_this"
    message = lazy("This photo was sent for something else. Please send it again, for this.")


class NotAPaper(Invalid):
    """Neither a photo nor a PDF, whatever its name says."""

    code = "media.not_a_paper"
    message = lazy("This file is neither a photo nor a PDF that can be kept here.")


class LivePaper(Invalid):
    """A PDF that runs something or carries other files inside."""

    code = "media.live_paper"
    message = lazy("This PDF holds programs or other files inside. Print it as a PDF anew, or photograph the paper.")


class PaperTooLarge(TooLarge):
    """More bytes than the minutes of any meeting need."""

    code = "media.paper_too_large"
    message = lazy("This PDF is too large: at most %(most)s MB. Scan it in black and white, or photograph it.")
