"""What others may see of a case beside its state: a title that names nobody, and photos that somebody looked at."""

from __future__ import annotations

from pointsbank.cases import policy, queries
from pointsbank.cases.errors import NotForOthers, NotYourPart
from pointsbank.cases.models import Case, CaseVisibility
from pointsbank.cases.services.steps import concerned, note, tell_about, title_of
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.i18n import N_
from pointsbank.media import services as media
from pointsbank.media.models import Visibility

SHOWN_TO = {CaseVisibility.PUBLIC: Visibility.PUBLIC, CaseVisibility.RESIDENTS: Visibility.RESIDENTS,
            CaseVisibility.STAFF: Visibility.STAFF}
_SAID = {True: N_("Photos of report %(number)s (%(what)s) are shown to whoever may see it."),
         False: N_("Photos of report %(number)s (%(what)s) are not shown to others any more.")}


def show_photos(actor: Actor, case_id: int, shown: bool = True) -> Case:
    """Let whoever may see a case see its photos, those that hang there now: of the reports (before) and of the repair
    (after); or take them back. A photo that comes later waits to be looked at. Raises NotFound, NotYourPart,
    NotForOthers.
    """
    case = get_scoped(Case, case_id, actor.community_id, lock=True)
    if actor.user_id is None or not actor.has_role(*policy.DISPATCHERS):
        raise NotYourPart
    show(actor, case, shown)
    return case


def show(actor: Actor, case: Case, shown: bool) -> None:
    """The same for a case under its lock, once who may has been asked."""
    if shown and (case.visibility is CaseVisibility.STAFF or case.accepted_at is None):
        raise NotForOthers
    case.photos_public = shown
    visibility = SHOWN_TO[case.visibility] if shown else Visibility.STAFF
    for key in sorted({case.key, *queries.report_keys(case)}):
        media.show_to(actor, key, visibility)
    db.session.flush()
    note(actor, case, "show_photos" if shown else "hide_photos", case.state)
    tell_about(case, concerned(case), _SAID[shown])


def set_title(actor: Actor, case_id: int, title: str) -> Case:
    """What others read instead of the reporter's words; empty for kind and place. Raises NotFound, NotYourPart,
    BadTitle."""
    case = get_scoped(Case, case_id, actor.community_id, lock=True)
    if actor.user_id is None or not actor.has_role(*policy.DISPATCHERS):
        raise NotYourPart
    case.title = title_of(title)
    db.session.flush()
    note(actor, case, "set_title", case.state)
    return case
