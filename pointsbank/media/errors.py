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


class NoBoxes(Invalid):
    """Nothing was marked."""

    code = "media.no_boxes"
    message = lazy("Mark at least one place that is to be covered.")


class TooManyBoxes(Invalid):
    """More boxes than anybody draws on one photo."""

    code = "media.too_many_boxes"
    message = lazy("At most %(most)s boxes at a time. Cover these first, then go on.")


class BrokenBox(Invalid):
    """Not four numbers."""

    code = "media.broken_box"
    message = lazy("Box %(n)s: it takes four numbers: from the left, from the top, width and height.")


class BoxOutside(Invalid):
    """It reaches over the edge of the picture."""

    code = "media.box_outside"
    message = lazy("Box %(n)s reaches over the edge of the photo. Make it smaller or move it.")


class BoxTooSmall(Invalid):
    """Too small to cover anything."""

    code = "media.box_too_small"
    message = lazy("Box %(n)s is too small: at least one hundredth of the photo on each side.")


class NoOriginal(Conflict):
    """The photo isn't covered, or the days for which the uncovered one was kept are over."""

    code = "media.no_original"
    message = lazy("The uncovered photo is not kept any more, or nothing was covered.")


class WhyNeeded(Invalid):
    """Nobody looks behind a cover, or takes it off, without saying why."""

    code = "media.why_needed"
    message = lazy("Please write why, in 4 to 200 characters. It is kept with your name.")
