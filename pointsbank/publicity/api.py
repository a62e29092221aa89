"""JSON routes of the notice board. What changes award lines (publish, object, decide) stands in ``contributions``."""

from __future__ import annotations

from typing import Any

from pointsbank.core.api import ApiRoom, paged
from pointsbank.core.errors import NotFound
from pointsbank.core.paging import Page
from pointsbank.core.web import current_actor, guard
from pointsbank.people.roles import DESK
from pointsbank.publicity import queries
from pointsbank.publicity.models import NoticeLine, PublicNotice
from pointsbank.publicity.schemas import LinesInput, NoticeLineView, NoticesInput, NoticeView

api = ApiRoom("publicity", __name__, prefix="/notices", description="Public notices and their masked lines.")


def _community() -> int:
    community_id = current_actor().community_id
    if community_id is None:
        raise NotFound
    return community_id


@api.get("")
@guard.signed_in
@api.arguments(NoticesInput, location="query")
@api.response(200, paged(NoticeView))
def notices(values: dict[str, Any]) -> Page[PublicNotice]:
    """The notices of the community that are over or hang out, newest first; the desk sees drafts too."""
    states = () if current_actor().has_role(*DESK) else queries.SHOWN
    wanted = queries.Wanted(year=values["year"], kind=values["kind"], number=values["number"])
    return queries.all_of(_community(), wanted, states=states, cursor=values["cursor"], limit=values["limit"])


@api.get("/<int:notice_id>")
@guard.public
@api.response(200, NoticeView)
def notice(notice_id: int) -> PublicNotice:
    """One notice, of any community."""
    return queries.notice(notice_id)


@api.get("/<int:notice_id>/lines")
@guard.public
@api.arguments(LinesInput, location="query")
@api.response(200, paged(NoticeLineView))
def lines(values: dict[str, Any], notice_id: int) -> Page[NoticeLine]:
    """The masked lines while the notice hangs out; afterwards for members only."""
    found = queries.notice(notice_id)
    if not queries.may_see_lines(current_actor(), found):
        raise NotFound
    return queries.lines(found, household=values["household"], cursor=values["cursor"], limit=values["limit"])
