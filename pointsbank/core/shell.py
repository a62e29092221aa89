"""What the frame around every page asks: who is here, which doors open to them, where they stand."""

from __future__ import annotations

from typing import Any, cast

from flask import Flask, current_app, request, url_for

from pointsbank.core import icons
from pointsbank.core.web import Requirement, current_actor


def may_open(endpoint: str) -> bool:
    """Whether a link to this endpoint should be shown: it exists, and its guard would let this visitor in.

    The guard decides again when the link is followed; this only spares people doors that stay shut.
    """
    view = current_app.view_functions.get(endpoint)
    requirement = cast(Requirement | None, getattr(view, "guard", None))
    if requirement is None:
        return False
    if requirement.kind in {"public", "static"}:
        return True
    actor = current_actor()
    if requirement.kind == "staff":
        return actor.user_id is not None and actor.has_role_within(*requirement.roles)
    return actor.resident_id is not None if requirement.kind == "resident" else actor.user_id is not None


def is_here(endpoint: str, section: str = "", *, exact: bool = False) -> bool:
    """Whether the page belongs to this entry of the navigation: named by the page as its section, or below its path."""
    if section:
        return section == endpoint
    if request.endpoint == endpoint:
        return True
    if exact or endpoint not in current_app.view_functions:
        return False
    return request.path.startswith(url_for(endpoint) + "/")


def here() -> str:
    """The address of this page for forms that return to it; the home page for pages that only take a POST."""
    if request.method not in {"GET", "HEAD"}:
        return "/"
    return request.full_path.rstrip("?")


def has_view(endpoint: str) -> bool:
    """Whether there is such a page at all; asks nothing about the visitor."""
    return endpoint in current_app.view_functions


def field_attributes(described_by: str, wrong: bool, given: dict[str, Any]) -> dict[str, Any]:
    """The attributes of a control: what describes it, whether it is wrong, and what the page adds."""
    about: dict[str, Any] = {k: v for k, v in given.items() if k != "two"}
    if described_by.strip():
        about["aria-describedby"] = described_by.strip()
    if wrong:
        about["aria-invalid"] = "true"
    return about


def wrong_fields(form: Any) -> list[Any]:
    """The fields of a form that came back with errors, in the order of the form."""
    return [field for field in form if field.errors]


def is_number_column(heading: str) -> bool:
    """Whether a table's heading is marked as one of numbers: ``'>' ~ _('Points')`` (escaped when joined to markup)."""
    return heading.startswith((">", "&gt;"))


def column_name(heading: str) -> str:
    """The heading without its mark."""
    return heading.removeprefix("&gt;").removeprefix(">")


def init_app(app: Flask) -> None:
    """Install the frame's questions for templates."""
    names: dict[str, Any] = {
        "has_view": has_view, "field_attributes": field_attributes, "may_open": may_open, "is_here": is_here,
        "here": here, "icon_now": icons.current,
        # Twice: the macro ``icon`` of the templates needs the function under another name than its own.
        "icon": icons.icon, "draw_icon": icons.icon}
    app.jinja_env.globals.update(names)
    app.jinja_env.filters.update(wrong_fields=wrong_fields, is_number_column=is_number_column, column_name=column_name)
