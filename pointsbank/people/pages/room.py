"""The blueprint that the pages of people share."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _

from pointsbank.communities import queries as communities
from pointsbank.core.actor import Actor
from pointsbank.core.web import Room

bp = Room("people", __name__)


def community_of(actor: Actor) -> int:
    """The community acted in; guards have seen to it that there is one."""
    assert actor.community_id is not None
    return actor.community_id


def area_choices(actor: Actor) -> list[tuple[int, str]]:
    """The areas of the community for a select box; 0 stands for none."""
    areas = [a for a in communities.areas_of(community_of(actor)) if a.id != actor.community_id]
    return [(0, _("Not given")), *((a.id, a.name) for a in areas)]


def device() -> str:
    """What the visitor's browser says it is, in a few words people know."""
    agent = request.user_agent.string
    systems = (("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
               ("Windows", "Windows"), ("Macintosh", "Mac"), ("Linux", "Linux"))
    browsers = (("MicroMessenger", "WeChat"), ("Edg/", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
                ("Safari", "Safari"))
    names = [next((name for mark, name in known if mark in agent), "") for known in (browsers, systems)]
    return " · ".join(n for n in names if n) or agent[:60]


def present(text: str | None) -> Any:
    """An empty text box means nothing."""
    return text.strip() or None if text else None
