"""What can be done with notices and objections. What it means for points is done by the rooms above, in one unit."""

from pointsbank.publicity.services.deadlines import WORKING_DAYS, answer_due
from pointsbank.publicity.services.noticing import (
    NoticeDraft,
    NoticeLineDraft,
    Paragraph,
    Table,
    close,
    close_due,
    discard,
    draft,
    mark_lines,
    personal_number,
    publish,
)
from pointsbank.publicity.services.objecting import PaperDraft, decide, object_to

__all__ = [
    "WORKING_DAYS", "NoticeDraft", "NoticeLineDraft", "PaperDraft", "Paragraph", "Table", "answer_due", "close",
    "close_due", "decide", "discard", "draft", "mark_lines", "object_to", "personal_number", "publish",
]
