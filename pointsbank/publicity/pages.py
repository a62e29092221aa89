"""HTML routes of the notice board: for everybody, for paper, and the desk's list."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request, url_for
from flask_babel import gettext as _

from pointsbank.communities import queries as communities
from pointsbank.communities import settings
from pointsbank.core import clock, sheets
from pointsbank.core.errors import NotFound
from pointsbank.core.points import to_decimal
from pointsbank.core.web import Room, current_actor, guard, render, xlsx_response
from pointsbank.people import queries as people
from pointsbank.people.roles import DESK
from pointsbank.publicity import policy, queries, services, wording
from pointsbank.publicity.models import NoticeLine, PublicNotice

bp = Room("publicity", __name__)


@bp.record_once
def _words(state: Any) -> None:
    # Macros that are imported see globals only, no context of the page.
    state.app.jinja_env.globals["notice_words"] = wording


def _unlisted(answer: Response) -> Response:
    """Search engines keep nothing of it, and no cache on the way either."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer


def _community() -> int:
    community_id = current_actor().community_id
    if community_id is None:
        raise NotFound
    return community_id


@bp.get("/notices")
@guard.public
def notices() -> Response:
    """What hangs out now, of one's own community or, for visitors, of all; and what is over."""
    code = request.args.get("community", "")
    place_id = communities.community_by_code(code).id if code else current_actor().community_id
    shown = queries.current(place_id)
    over = queries.archive(place_id, cursor=request.args.get("cursor")) if place_id is not None else None
    return _unlisted(render("publicity/notices.html", notices=shown, over=over, code=code,
                            places=queries.communities_of(shown), alone=place_id is not None))


@bp.get("/notices/<int:notice_id>")
@guard.public
def notice(notice_id: int) -> Response:
    """One notice with its masked lines, as long as it hangs out; afterwards lines are for members only."""
    found = queries.notice(notice_id)
    actor = current_actor()
    household = request.args.get("household", "").strip()[:24]
    visible = queries.may_see_lines(actor, found)
    page = queries.lines(found, household=household, cursor=request.args.get("cursor")) if visible else None
    at_home = actor.community_id == found.community_id
    return _unlisted(render(
        "publicity/notice.html", notice=found, page=page, household=household, is_open=queries.is_open(found),
        place=communities.area(found.community_id), settings=settings.of(found.community_id),
        may_object=queries.is_open(found) and (at_home or actor.user_id is None),
        on_paper=at_home and policy.may_enter_on_paper(actor) and actor.resident_id is None))


@bp.get("/notices/<int:notice_id>/print")
@guard.public
def printed(notice_id: int) -> Response:
    """The sheet for the notice board, A4."""
    found = queries.notice(notice_id)
    if not queries.may_see_lines(current_actor(), found):
        raise NotFound
    return _unlisted(_sheet(found))


def _sheet(found: PublicNotice) -> Response:
    lines = list(queries.all_lines(found))
    names = people.names_of_users([found.made_by_id, found.published_by_id or 0])
    return render(
        "publicity/printed.html", notice=found, pages=wording.sheets(lines), lines=lines,
        place=communities.area(found.community_id), settings=settings.of(found.community_id),
        made_by=names.get(found.made_by_id, ""), checked_by=names.get(found.published_by_id or 0, ""),
        address=current_app.config["BASE_URL"] + url_for("publicity.notice", notice_id=found.id))


# ── Desk ────────────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/desk/notices")
@guard.staff(*DESK)
def desk() -> Response:
    """Objections that wait for an answer, drafts that wait for a second person, and all notices."""
    community_id = _community()
    page = queries.all_of(community_id, cursor=request.args.get("cursor"))
    if request.args.get("format") == "xlsx":
        return _notices_xlsx(list(queries.all_of(community_id, limit=100).items))
    waiting = queries.open_objections(community_id)
    lines = queries.lines_by_id(community_id, {o.line_id for o in waiting})
    boards = queries.notices_by_id(community_id, {o.notice_id for o in waiting})
    return render("publicity/desk.html", page=page, objections=waiting, lines=lines, boards=boards,
                  drafts=queries.drafts(community_id), missing_year=services.year_without_calendar(clock.today()),
                  names=people.names_of_users([n.made_by_id for n in page.items]))


@bp.get("/desk/notices/<int:notice_id>")
@guard.staff(*DESK)
def desk_notice(notice_id: int) -> Response:
    """One notice as the desk sees it, a draft too."""
    found = queries.desk_notice(_community(), notice_id)
    if request.args.get("format") == "xlsx":
        return _lines_xlsx(found, list(queries.all_lines(found)))
    actor = current_actor()
    page = queries.lines(found, household=request.args.get("household", ""), cursor=request.args.get("cursor"))
    names = people.names_of_users([found.made_by_id, found.published_by_id or 0])
    return render(
        "publicity/desk_notice.html", notice=found, page=page, is_open=queries.is_open(found), names=names,
        household=request.args.get("household", ""), made_it=found.made_by_id == actor.user_id,
        may_publish=policy.may_make(actor) and found.made_by_id != actor.user_id, may_make=policy.may_make(actor),
        may_enter=policy.may_enter_on_paper(actor))


def _notices_xlsx(found: list[PublicNotice]) -> Response:
    headings = [_("Number"), _("Title"), _("State"), _("From"), _("Until"), _("Lines"), _("Points")]
    rows = [[wording.number_label(n), n.title, wording.notice_chip(n)[2], _stamp(n.opens_at), _stamp(n.closes_at),
             n.line_count, to_decimal(n.total)] for n in found]
    return xlsx_response("notices", sheets.write_xlsx(_("Notices"), headings, rows))


def _lines_xlsx(found: PublicNotice, lines: list[NoticeLine]) -> Response:
    headings = [_("Line"), _("Area"), _("Household"), _("Name"), _("What was done"), _("Day"), _("Points"), _("State")]
    rows = [[line.position, line.grouping, line.household_number, line.masked_name, wording.item(line),
             line.done_on.isoformat() if line.done_on else "",
             to_decimal(line.amount) if line.unit == "points" else wording.amount(line),
             (wording.line_chip(line) or ("", "", _("On the board")))[2]] for line in lines]
    return xlsx_response(f"notice-{found.id}", sheets.write_xlsx(found.title, headings, rows))


def _stamp(instant: Any) -> str:
    return clock.local(instant).strftime("%Y-%m-%d %H:%M") if instant is not None else ""
