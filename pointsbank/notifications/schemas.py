"""What messages look like in JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from pointsbank.core.api import View, paged
from pointsbank.notifications.queries import said


class MessageView(View):
    """A message of the inbox, in the reader's language."""

    id = ma.fields.Integer()
    text = ma.fields.Method("_said")
    link = ma.fields.String(allow_none=True)
    created_at = ma.fields.AwareDateTime(format="iso")
    read_at = ma.fields.AwareDateTime(format="iso", allow_none=True)

    def _said(self, row: Any) -> str:
        return said(row.text, row.params)


PagedMessageView = paged(MessageView)
