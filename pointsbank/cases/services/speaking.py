"""Something is said to whoever reported a case, between its steps."""

from __future__ import annotations

from pointsbank.cases import policy, queries
from pointsbank.cases.errors import NotOpen, NotYourPart
from pointsbank.cases.models import Case, ClockKind
from pointsbank.cases.services import clocks
from pointsbank.cases.services.steps import concerned, note, tell_about, words
from pointsbank.core.actor import Actor
from pointsbank.core.db import get_scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.i18n import N_

_SAID = N_("There is news about report %(number)s (%(what)s). The words stand with it.")


def feed_back(actor: Actor, case_id: int, text: str) -> Case:
    """The unit or the office says how it stands: no new state, but words for the reporter and joiners, and the end of
    the clock that waits for them. Raises NotFound, NotYourPart, NotOpen, ReasonMissing."""
    case = get_scoped(Case, case_id, actor.community_id, lock=True)
    if not queries.may_see(actor, case):
        raise NotFound
    if not policy.may_speak(actor, case, queries.unit_users(case.community_id, case.unit_id)):
        raise NotYourPart
    if not policy.is_told_of(case):
        raise NotOpen
    said = words(text)
    clocks.stop(case, ClockKind.FEED_BACK)
    note(actor, case, "feed_back", case.state, said)
    tell_about(case, concerned(case), _SAID)
    return case
