"""Icons by the names of bootstrap-icons, copied into the page one by one.

Linking the packaged sprite would send 1.1 MB for a handful of icons; a page needs 5 to 20 kB of them, and repeated ones
pack to almost nothing.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import flask_bootstrap
from markupsafe import Markup

SPRITE = Path(flask_bootstrap.__file__).parent / "static/bootstrap5/icons/bootstrap-icons.svg"
SYMBOL = re.compile(r'<symbol [^>]*viewBox="([^"]+)" id="([^"]+)"[^>]*>(.*?)</symbol>', re.DOTALL)


@cache
def _drawings() -> dict[str, tuple[str, str]]:
    return {name: (box, inner) for box, name, inner in SYMBOL.findall(SPRITE.read_text(encoding="utf-8"))}


def exists(name: str) -> bool:
    """Whether there is an icon of this name."""
    return name in _drawings()


@cache
def icon(name: str, label: str = "") -> Markup:
    """The icon as inline SVG. Without a label screen readers pass it over: then a word must stand beside it.

    Raises KeyError for a name that isn't in the set, so that a mistyped one is found by the first test of its page.
    """
    box, inner = _drawings()[name]
    told = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="bi" viewBox="{}" {}>{}</svg>').format(box, told, Markup(inner))


def current(name: str) -> Markup:
    """The filled form of an icon where there is one: it marks the page one is on."""
    return icon(name + "-fill" if exists(name + "-fill") else name)
