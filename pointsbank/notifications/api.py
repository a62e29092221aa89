"""The inbox as JSON."""

from __future__ import annotations

from typing import Any

from pointsbank.core.api import ApiRoom, PageInput
from pointsbank.core.web import current_actor, guard
from pointsbank.notifications import queries, services
from pointsbank.notifications.schemas import MessageView, PagedMessageView

api = ApiRoom("notifications", __name__, prefix="/messages", description="The inbox of the resident acted for")


@api.get("")
@guard.resident
@api.arguments(PageInput, location="query")
@api.response(200, PagedMessageView)
def list_messages(asked: dict[str, Any]) -> Any:
    """The messages, newest first."""
    actor = current_actor()
    return queries.inbox(actor.community_id or 0, actor.resident_id or 0, **asked)


@api.post("/<int:message_id>/read")
@guard.resident
@api.response(200, MessageView)
def read_message(message_id: int) -> Any:
    """Mark one as read."""
    return services.mark_read(current_actor(), message_id)


@api.post("/read")
@guard.resident
@api.response(204)
def read_all_messages() -> None:
    """Mark everything as read."""
    services.mark_all_read(current_actor())
