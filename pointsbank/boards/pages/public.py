"""Pages for everybody: the welcome before the door and the screen in the lobby. Masked text and sums only."""

from __future__ import annotations

from flask import current_app, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.activities import queries as activities
from pointsbank.boards import texts
from pointsbank.boards.pages.room import bp
from pointsbank.boards.queries import figures
from pointsbank.communities import queries as communities
from pointsbank.communities import settings
from pointsbank.communities.models import Area
from pointsbank.core import charts, clock, tenancy
from pointsbank.core.formats import format_day, format_moment, format_time
from pointsbank.core.points import format_points
from pointsbank.core.web import current_actor, guard, render
from pointsbank.ledger import queries as ledger
from pointsbank.publicity import queries as publicity
from pointsbank.reviews import wording
from pointsbank.reviews.figures import CLOSED
from pointsbank.reviews.queries import public as reviews

MOST_ON_A_SCREEN = 4


def welcome() -> Response:
    """The page of visitors: what this is, the notices that hang out, the way in."""
    notices = publicity.current()
    return render("boards/welcome.html", places=communities.all_communities(), notices=notices[:10],
                  names=publicity.communities_of(notices))


def _coming(community_id: int) -> list[tuple[str, str]]:
    """(when, what) of what comes next: activities, and notices that can still be objected to."""
    rows = [(one.occurrence.starts_at,
             f"{format_day(one.occurrence.starts_at)} {format_time(one.occurrence.starts_at)}",
             _("%(what)s, %(place)s", what=one.activity.title, place=one.activity.place) if one.activity.place
             else one.activity.title) for one in activities.upcoming(community_id, limit=3)]
    rows += [(one.closes_at, _("before %(day)s", day=format_moment(one.closes_at)),
              _("Notice No. %(number)s: speak up if a line is wrong", number=one.number))
             for one in publicity.current(community_id)[:2] if one.closes_at is not None]
    return [(when, what) for _at, when, what in sorted(rows)[:MOST_ON_A_SCREEN]]


@bp.get("/board/<code>")
@guard.public
def board(code: str) -> Response:
    """The screen in the lobby: how many took part this month, what came and went, what comes next. No names."""
    place = communities.community_by_code(code)
    current_actor()  # a neighbour may look in while signed in at home: known before the house is visited
    with tenancy.visiting(place.id):
        return _board(place)


def _board(place: Area) -> Response:
    today = clock.today()
    took_part = figures.participation(place.id, today.replace(day=1))
    flow = ledger.monthly_flow(place.id, 1)[-1]
    given, taken = flow.issued - flow.taken_back, flow.redeemed - flow.returned
    return render(
        "boards/board.html", place=place, took_part=took_part, now_at=clock.now(),
        houses=charts.houses(took_part.percent, _(
            "One hundred houses, %(num)d of them with light", num=took_part.percent)),
        flow=charts.flow(
            (_("Entered"), given, _("%(points)s points", points=format_points(given))),
            (_("Exchanged"), taken, _("%(points)s points", points=format_points(taken))),
            _("This month %(given)s points were entered and %(taken)s exchanged",
              given=format_points(given), taken=format_points(taken)), name="flow"),
        put_right=wording.public_number(
            CLOSED, reviews.put_right(place.id, clock.at_local(today.replace(day=1)))),
        done_words=texts.done_words(*figures.done_this_month(place.id)),
        coming=_coming(place.id),
        offers=texts.shelf_rows(place.id)[:3],
        shop_hint=texts.shop_hint(settings.from_json(place.settings or {})),
        address=current_app.config["BASE_URL"] + url_for("publicity.notices"))
