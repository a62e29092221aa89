"""Refusals: each is a sentence for people, a stable code for machines, and nothing half done.

Rooms raise; ``core.web`` alone knows which status number a refusal becomes.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel.speaklater import LazyString
from markupsafe import escape

__all__ = ["Conflict", "DomainError", "Forbidden", "Invalid", "KeyReused", "NotFound", "OtherPerson", "SignInRequired",
           "TooLarge", "TooMany", "Unavailable", "lazy"]


class LazyText(LazyString):
    """A sentence translated when it is shown. On a page it is text: Flask-Babel's own vouches for itself as markup,
    so that the name of an area filled into it would be taken for markup as well."""

    def __html__(self) -> str:
        return str(escape(str(self)))


def lazy(message: str, **data: Any) -> LazyText:
    """A sentence translated when it is shown, its places filled by ``data``."""
    return LazyText(gettext, message, **data)


class DomainError(Exception):
    """A refusal. Subclasses in ``<room>/errors.py`` set ``code`` (``<room>.<what>``) and ``message`` (a lazy sentence
    with ``%(name)s`` places that ``data`` fills). ``fields`` maps a form field to its own sentence."""

    code = "core.refused"
    message: Any = lazy("This can't be done.")

    def __init__(self, message: Any = None, *, fields: dict[str, Any] | None = None, **data: Any) -> None:
        self._message = message if message is not None else type(self).message
        self.data = data
        self.fields = fields or {}
        super().__init__(self.code)

    @property
    def sentence(self) -> str:
        """The sentence in the reader's language."""
        text = str(self._message)
        return text % self.data if self.data and "%(" in text else text


class Invalid(DomainError):
    """What was sent can't be understood or breaks a bound."""

    code = "core.invalid"
    message = lazy("Something in the form is missing or not right.")


class Conflict(DomainError):
    """It was right when the page was opened, and isn't any more."""

    code = "core.conflict"
    message = lazy("Somebody was quicker. Please look at the page again.")


class KeyReused(DomainError):
    """The same idempotency key came with other content."""

    code = "core.key_reused"
    message = lazy("This form was already sent with other content. Open it again and send it anew.")


class Forbidden(DomainError):
    """Known, but not allowed."""

    code = "core.forbidden"
    message = lazy("Your role does not allow this. Please ask the community office.")


class NotFound(DomainError):
    """Not there, or not this person's to know of."""

    code = "core.not_found"
    message = lazy("This page or item does not exist here.")


class OtherPerson(Conflict):
    """A draft that waited on a phone, and somebody else is signed in there by now."""

    code = "core.other_person"
    message = lazy("This was written by somebody else on this phone. It is sent when that person signs in again.")


class SignInRequired(DomainError):
    """Nobody is signed in."""

    code = "core.sign_in_required"
    message = lazy("Please sign in first.")


class TooMany(DomainError):
    """Too many tries."""

    code = "core.too_many"
    message = lazy("Too many tries. Please wait a little and try again.")


class TooLarge(DomainError):
    """A body or file over the limit."""

    code = "core.too_large"
    message = lazy("This file is too large.")


class Unavailable(DomainError):
    """The house itself is not in order."""

    code = "core.unavailable"
    message = lazy("It did not work, and that is our fault. Your points have not changed. Please try again later.")
