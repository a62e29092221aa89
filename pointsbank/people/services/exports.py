"""A whole list leaves the house by two: one asks and says why, another decides, the first takes it along.

Each step and each download is one row of the audit.
"""

from __future__ import annotations

import sqlalchemy as sa

from pointsbank.communities import queries as communities
from pointsbank.core import audit, clock, tenancy
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import Forbidden, Invalid, lazy
from pointsbank.core.i18n import N_
from pointsbank.notifications.services import tell
from pointsbank.people import listing, policy, queries
from pointsbank.people.errors import (
    ExportDecided,
    ExportExpired,
    ExportNeedsAnother,
    ExportNotApproved,
    ExportNotYours,
    ExportOpen,
    ExportUsedUp,
)
from pointsbank.people.models import MOST_DOWNLOADS, ExportKind, ExportRequest, ExportState
from pointsbank.people.roles import OFFICE
from pointsbank.people.texts import EXPORT_NAMES


def ask_for_export(actor: Actor, kind: ExportKind, reason: str, *, search: str = "",
                   moved_out: bool = False) -> ExportRequest:
    """Ask for a whole list as a file. Who may decide is told; where nobody else here may, it goes to the area above.

    Raises Forbidden, Invalid and :class:`ExportOpen`.
    """
    if not policy.can(actor, "exports.ask") or actor.user_id is None or actor.community_id is None:
        raise Forbidden
    plain = " ".join(reason.split())
    if not 2 <= len(plain) <= 200:
        raise Invalid(fields={"reason": lazy("Say in a few words what the list is for. It is kept on record.")})
    wanted = " ".join(search.split())[:listing.LONGEST_SEARCH]
    judges = queries.deciders(actor.community_id, [actor.user_id], roles=OFFICE)
    request = ExportRequest(
        community_id=actor.community_id, kind=kind, search=wanted, moved_out=moved_out, reason=plain,
        rows=listing.count_listed(actor, kind, text=wanted, left=moved_out), state=ExportState.ASKED,
        asked_by_id=actor.user_id, asked_at=clock.now(), sent_up_area_id=_sent_up(actor.community_id, judges))
    try:
        with db.session.begin_nested():  # the page that is shown again still asks the database
            db.session.add(request)
    except sa.exc.IntegrityError:
        raise ExportOpen from None
    audit.write(actor, "people.ask_export", f"export:{request.id}", kind=kind.value, rows=request.rows, reason=plain)
    _tell_deciders(request, [judge.user_id for judge in judges])
    return request


def _sent_up(community_id: int, judges: list[queries.Judge]) -> int | None:
    if not judges:
        return communities.area(community_id).parent_id
    return judges[0].area_id if judges[0].from_above else None


def _tell_deciders(request: ExportRequest, user_ids: list[int]) -> None:
    """Into the inbox of each; those of an office above may live in another community, where the link opens nothing."""
    values = {"name": queries.names_of_users([request.asked_by_id])[request.asked_by_id],
              "place": communities.area(request.community_id).name, "why": request.reason,
              "list": {"text": EXPORT_NAMES[request.kind], "params": {}}}
    text = N_("%(name)s (%(place)s) asks for a file: %(list)s. What for: %(why)s. A second person decides.")
    homes: dict[int, list[int]] = {}
    for community_id, resident_id in queries.selves_of_users(user_ids):
        homes.setdefault(community_id, []).append(resident_id)
    here = homes.pop(request.community_id, [])
    tell(request.community_id, here, text, values, link=f"/desk/exports/{request.id}")
    if homes:
        with tenancy.unscoped():
            for community_id, resident_ids in homes.items():
                tell(community_id, resident_ids, text, values)


def approve_export(actor: Actor, export_id: int) -> ExportRequest:
    """The second person agrees: good for a day and three downloads.

    Raises Forbidden, NotFound, :class:`ExportNeedsAnother` and :class:`ExportDecided`.
    """
    request = _asked(actor, export_id)
    _decide(actor, request, ExportState.APPROVED)
    audit.write(actor, "people.approve_export", f"export:{request.id}")
    _tell_asker(request, N_("Your request was approved: %(list)s. Download it within 24 hours."))
    return request


def refuse_export(actor: Actor, export_id: int, answer: str) -> ExportRequest:
    """The second person disagrees and says why. Raises as approving does, and Invalid without a reason."""
    plain = " ".join(answer.split())
    if not 2 <= len(plain) <= 200:
        raise Invalid(fields={"answer": lazy("Say in a few words why not.")})
    request = _asked(actor, export_id)
    request.answer = plain
    _decide(actor, request, ExportState.REFUSED)
    audit.write(actor, "people.refuse_export", f"export:{request.id}", reason=plain)
    _tell_asker(request, N_("Your request was refused: %(list)s. %(why)s"))
    return request


def _asked(actor: Actor, export_id: int) -> ExportRequest:
    if not policy.can(actor, "exports.decide"):
        raise Forbidden
    request = get_scoped(ExportRequest, export_id, actor.community_id, lock=True)
    if request.asked_by_id == actor.user_id:
        raise ExportNeedsAnother
    if request.state is not ExportState.ASKED:
        raise ExportDecided
    return request


def _decide(actor: Actor, request: ExportRequest, state: ExportState) -> None:
    request.state, request.decided_by_id, request.decided_at = state, actor.user_id, clock.now()
    db.session.flush()


def _tell_asker(request: ExportRequest, text: str) -> None:
    own = [resident_id for community_id, resident_id in queries.selves_of_users([request.asked_by_id])
           if community_id == request.community_id]
    tell(request.community_id, own, text,
         {"list": {"text": EXPORT_NAMES[request.kind], "params": {}}, "why": request.answer},
         link=f"/desk/exports/{request.id}")


def downloadable(actor: Actor, export_id: int, *, lock: bool = False) -> ExportRequest:
    """A request whose list the actor may take along now.

    Raises Forbidden, NotFound, :class:`ExportNotYours`, :class:`ExportNotApproved`, :class:`ExportExpired` and
    :class:`ExportUsedUp`.
    """
    if not policy.can(actor, "exports.ask"):
        raise Forbidden
    request = get_scoped(ExportRequest, export_id, actor.community_id, lock=lock)
    if request.asked_by_id != actor.user_id:
        raise ExportNotYours
    if request.good_until is None:
        raise ExportNotApproved
    if clock.now() >= request.good_until:
        raise ExportExpired
    if request.downloads >= MOST_DOWNLOADS:
        raise ExportUsedUp(most=MOST_DOWNLOADS)
    return request


def take_export(actor: Actor, export_id: int, rows: int) -> ExportRequest:
    """Count one download of the list, of this many rows. Raises as :func:`downloadable` does."""
    request = downloadable(actor, export_id, lock=True)
    request.downloads += 1
    db.session.flush()
    audit.write(actor, "people.download_export", f"export:{request.id}", rows=rows, download=request.downloads)
    return request
