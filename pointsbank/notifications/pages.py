"""The inbox as a page."""

from __future__ import annotations

from flask import Flask, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.core.web import Room, back_to, current_actor, flash_done, guard, render
from pointsbank.notifications import queries, services

bp = Room("notifications", __name__)


@bp.get("/inbox")
@guard.resident
def inbox() -> Response:
    """What the resident was told, newest first."""
    actor = current_actor()
    assert actor.community_id is not None
    assert actor.resident_id is not None
    page = queries.inbox(actor.community_id, actor.resident_id, cursor=request.args.get("cursor"))
    return render("notifications/inbox.html", page=page, said=queries.said,
                  is_own_link=queries.is_own_link)


@bp.post("/inbox/<int:message_id>/read")
@guard.resident
def read(message_id: int) -> Response:
    """Mark one message as read and go where it points."""
    row = services.mark_read(current_actor(), message_id)
    if queries.is_own_link(row.link):
        return redirect(str(row.link), 303)
    return back_to("notifications.inbox")


@bp.post("/inbox/read")
@guard.resident
def read_all() -> Response:
    """Mark everything as read."""
    services.mark_all_read(current_actor())
    flash_done(_("All messages are marked as read."))
    return back_to("notifications.inbox")


def _unread() -> int:
    actor = current_actor()
    return queries.unread_count(actor.community_id, actor.resident_id)


def init_app(app: Flask) -> None:
    """``unread_count()`` for the bell in the top bar."""
    app.jinja_env.globals["unread_count"] = _unread
