"""HTML routes of the notice board: for everybody, for paper, and the desk's list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, current_app, request, url_for
from flask_babel import gettext as _

from pointsbank.communities import queries as communities
from pointsbank.communities import settings, working_days
from pointsbank.core import clock, sheets
from pointsbank.core.errors import NotFound
from pointsbank.core.paging import Page
from pointsbank.core.points import to_decimal
from pointsbank.core.web import Room, current_actor, guard, render, xlsx_response
from pointsbank.people import queries as people
from pointsbank.people.roles import DESK
from pointsbank.publicity import layout, policy, queries, wording
from pointsbank.publicity.models import NoticeKind, NoticeLine, PublicNotice

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


def _ended(found: PublicNotice) -> Response:
    """All that is left for the public once a notice is over."""
    return _unlisted(render("publicity/ended.html", 410, notice=found))


def _lines_view(found: PublicNotice, page: Page[NoticeLine]) -> dict[str, Any]:
    """One page of lines with the heads and sums of their groups, and the lines of other notices that belong to them."""
    corrects, corrected = queries.references(found, page.items)
    return {"page": page, "runs": layout.runs(found, page.items, queries.groups(found, page.items)),
            "corrects": corrects, "corrected": corrected}


@bp.get("/notices")
@guard.public
def notices() -> Response:
    """What hangs out now, of one's own community or, for visitors, of all."""
    actor = current_actor()
    code = request.args.get("community", "")
    place_id = communities.community_by_code(code).id if code else actor.community_id
    shown = queries.current(place_id)
    member = place_id is not None and policy.may_see_closed_lines(actor, place_id)
    return _unlisted(render("publicity/notices.html", notices=shown, member=member,
                            places=queries.communities_of(shown), alone=place_id is not None))


@bp.get("/notices/archive")
@guard.signed_in
def archive() -> Response:
    """The notices that are over, for members: by year and kind, or by number."""
    community_id = _community()
    if not policy.may_see_closed_lines(current_actor(), community_id):
        raise NotFound
    wanted, years = _wanted(community_id)
    page = queries.archive(community_id, wanted, cursor=request.args.get("cursor"))
    return _unlisted(render("publicity/archive.html", page=page, wanted=wanted, years=years, kinds=wording.KINDS))


def _wanted(community_id: int) -> tuple[queries.Wanted, Sequence[int]]:
    years = queries.years(community_id)
    kind, year = request.args.get("kind", ""), request.args.get("year", type=int)
    return queries.Wanted(year=year if year in years else None,
                          kind=NoticeKind(kind) if kind in set(NoticeKind) else None,
                          number=request.args.get("number", "").strip()[:20]), years


@bp.get("/notices/<int:notice_id>")
@guard.public
def notice(notice_id: int) -> Response:
    """One notice with its masked lines, as long as it hangs out; afterwards lines are for members only."""
    found = queries.notice(notice_id)
    actor = current_actor()
    if not queries.may_see_lines(actor, found):
        return _ended(found)
    household = request.args.get("household", "").strip()[:24]
    page = queries.lines(found, household=household, cursor=request.args.get("cursor"))
    is_open, at_home = queries.is_open(found), actor.community_id == found.community_id
    return _unlisted(render(
        "publicity/notice.html", notice=found, household=household, is_open=is_open, view=_lines_view(found, page),
        place=communities.area(found.community_id), settings=settings.of(found.community_id),
        may_object=is_open and (at_home or actor.user_id is None),
        on_paper=at_home and policy.may_enter_on_paper(actor) and actor.resident_id is None))


@bp.get("/notices/<int:notice_id>/print")
@guard.public
def printed(notice_id: int) -> Response:
    """The sheet for the notice board, A4."""
    found = queries.notice(notice_id)
    if not queries.may_see_lines(current_actor(), found):
        return _ended(found)
    return _unlisted(_sheet(found))


def _sheet(found: PublicNotice) -> Response:
    lines = queries.all_lines(found)
    names = people.names_of_users([found.made_by_id, found.published_by_id or 0])
    place = communities.area(found.community_id)
    title, lead = f"{place.name} {found.title}", f"{wording.lead(found)}{found.resolution}"
    corrects, _later = queries.references(found, lines)
    return render(
        "publicity/printed.html", notice=found, title=title, place=place, corrects=corrects,
        pages=layout.sheets(found, title, lead, lines, queries.groups(found, lines)),
        settings=settings.of(found.community_id),
        made_by=names.get(found.made_by_id, ""), checked_by=names.get(found.published_by_id or 0, ""),
        address=current_app.config["BASE_URL"] + url_for("publicity.notice", notice_id=found.id))


# ── Desk ────────────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/desk/notices")
@guard.staff(*DESK)
def desk() -> Response:
    """Objections that wait for an answer, drafts that wait for a second person, and all notices."""
    community_id = _community()
    wanted, years = _wanted(community_id)
    page = queries.all_of(community_id, wanted, cursor=request.args.get("cursor"))
    if request.args.get("format") == "xlsx":
        return _notices_xlsx(list(queries.all_of(community_id, wanted, limit=100).items))
    waiting = queries.open_objections(community_id)
    lines = queries.lines_by_id(community_id, {o.line_id for o in waiting})
    boards = queries.notices_by_id(community_id, {o.notice_id for o in waiting})
    return render("publicity/desk.html", page=page, objections=waiting, lines=lines, boards=boards, wanted=wanted,
                  years=years, kinds=wording.KINDS, drafts=queries.drafts(community_id),
                  missing_year=working_days.year_without_calendar(clock.today()),
                  names=people.names_of_users([n.made_by_id for n in page.items]))


@bp.get("/desk/notices/<int:notice_id>")
@guard.staff(*DESK)
def desk_notice(notice_id: int) -> Response:
    """One notice as the desk sees it, a draft too."""
    found = queries.desk_notice(_community(), notice_id)
    if request.args.get("format") == "xlsx":
        return _lines_xlsx(found, queries.all_lines(found))
    actor = current_actor()
    page = queries.lines(found, household=request.args.get("household", ""), cursor=request.args.get("cursor"))
    names = people.names_of_users([found.made_by_id, found.published_by_id or 0])
    return render(
        "publicity/desk_notice.html", notice=found, view=_lines_view(found, page), is_open=queries.is_open(found),
        names=names,
        household=request.args.get("household", ""), made_it=found.made_by_id == actor.user_id,
        may_publish=policy.may_make(actor) and found.made_by_id != actor.user_id, may_make=policy.may_make(actor),
        may_enter=policy.may_enter_on_paper(actor))


def _notices_xlsx(found: list[PublicNotice]) -> Response:
    headings = [_("Number"), _("Title"), _("State"), _("From"), _("Until"), _("Lines"), _("Points")]
    rows = [[wording.number_label(n), n.title, wording.notice_chip(n)[2], _stamp(n.opens_at), _stamp(n.closes_at),
             n.line_count, to_decimal(n.total)] for n in found]
    return xlsx_response("notices", sheets.write_xlsx(_("Notices"), headings, rows))


def _lines_xlsx(found: PublicNotice, lines: Sequence[NoticeLine]) -> Response:
    state = [(wording.line_chip(line) or ("", "", _("On the board")))[2] for line in lines]
    if found.sections is not None:
        headings = [_("Line"), _("Part"), _("What it says"), _("State")]
        rows = [[line.position, wording.in_words(found.sections[layout.section_of(line) or 0]["heading"]),
                 wording.in_short(line), state[n]] for n, line in enumerate(lines)]
    else:
        headings = [_("Line"), _("Area"), _("Household"), _("Name"), _("What was done"), _("Day"), _("Points"),
                    _("State")]
        rows = [[line.position, line.grouping, line.household_number, line.masked_name, wording.item(line),
                 line.done_on.isoformat() if line.done_on else "",
                 to_decimal(line.amount) if line.unit == "points" else wording.amount(line), state[n]]
                for n, line in enumerate(lines)]
    return xlsx_response(f"notice-{found.id}", sheets.write_xlsx(found.title, headings, rows))


def _stamp(instant: Any) -> str:
    return clock.local(instant).strftime("%Y-%m-%d %H:%M") if instant is not None else ""
