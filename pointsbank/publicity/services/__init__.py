"""What can be done with notices and objections. What it means for points is done by the rooms above, in one unit."""

from pointsbank.publicity.services.deadlines import WORKING_DAYS, answer_due, is_working_day, year_without_calendar
from pointsbank.publicity.services.noticing import (
    NoticeDraft,
    NoticeLineDraft,
    close,
    close_due,
    discard,
    draft,
    mark_lines,
    publish,
)
from pointsbank.publicity.services.objecting import decide, object_to

__all__ = [
    "WORKING_DAYS", "NoticeDraft", "NoticeLineDraft", "answer_due", "close", "close_due", "decide", "discard", "draft",
    "is_working_day", "mark_lines", "object_to", "publish", "year_without_calendar",
]
