"""Who hears of a step: the reporter and joiners of each, whoever puts it right and the office of what is theirs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pointsbank.cases import policy, queries
from pointsbank.cases.models import Case
from pointsbank.cases.services.steps import concerned, residents_of, tell_about
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.i18n import N_
from pointsbank.people import queries as people

_SAID = {
    "ask_more": N_("The office has a question about report %(number)s (%(what)s). Please answer it."),
    "supply": N_("The answer about report %(number)s (%(what)s) has come in."),
    "decline": N_("Report %(number)s (%(what)s) is not taken on. The reason stands with it; you may appeal once."),
    "appeal": N_("The appeal about report %(number)s (%(what)s) has come in. The office looks at it again."),
    "merge": N_("Report %(number)s (%(what)s) is the same problem as an earlier one and follows it from now on."),
    "split": N_("Report %(number)s (%(what)s) is looked at by itself again."),
    "withdraw": N_("Report %(number)s (%(what)s) was withdrawn."),
    "accept": N_("Report %(number)s (%(what)s) is accepted."),
    "assign": N_("Report %(number)s (%(what)s) was given to somebody who puts it right."),
    "send_back": N_("Whoever has report %(number)s (%(what)s) asks the office to give it to somebody else."),
    "refuse_return": N_("Report %(number)s (%(what)s) stays with those who have to put it right."),
    "take_away": N_("Report %(number)s (%(what)s) is given to somebody else."),
    "acknowledge": N_("Somebody has taken on report %(number)s (%(what)s)."),
    "arrive": N_("Somebody is on site for report %(number)s (%(what)s)."),
    "start": N_("Work on report %(number)s (%(what)s) has begun."),
    "suspend": N_("Work on report %(number)s (%(what)s) has to wait until %(day)s at most. The reason stands with it."),
    "resume": N_("Work on report %(number)s (%(what)s) goes on."),
    "finish": N_("Work on report %(number)s (%(what)s) is done. Somebody else inspects it now."),
    "rework": N_("The inspection of report %(number)s (%(what)s) found that it has to be done again."),
    "approve": N_("Report %(number)s (%(what)s) is put right. Are you satisfied? Please answer within 7 days."),
    "satisfied": N_("Report %(number)s (%(what)s) is closed."),
    "partly": N_("Report %(number)s (%(what)s) is closed as put right in part."),
    "unhappy": N_("Report %(number)s (%(what)s) is open again, because it was not put right."),
    "unanswered": N_("Report %(number)s (%(what)s) is closed. Nobody answered whether it is put right."),
    "declare_false": N_("Report %(number)s (%(what)s) was found to be untrue and is closed. The reason is there."),
    "reopen": N_("Report %(number)s (%(what)s) is open again."),
}
_TASK = N_("Case %(number)s (%(what)s) is yours to put right.")
_OFFICE = N_("Case %(number)s (%(what)s) waits for the office.")
# Steps that whoever has it hears of, those after which all of its unit look at it again, and the office's turn.
HANDLERS = {"refuse_return", "take_away", "suspend", "resume", "rework", "approve", "satisfied", "partly", "unanswered",
            "declare_false"}
UNITS = {"unhappy", "reopen"}
OFFICES = {"supply", "appeal", "send_back", "unhappy", "reopen"}


def tell_of(actor: Actor, case: Case, verb: str, handler_id: int | None) -> None:
    """Tell everybody concerned of a step; ``handler_id`` had the case before it. Whoever took it hears nothing as one
    of the unit or the office."""
    params = {}
    if case.suspended_until is not None:
        params["day"] = {"day": clock.local_date(case.suspended_until).isoformat()}
    near = concerned(case)
    tell_about(case, near, _SAID[verb], params)
    unit = set(queries.unit_users(case.community_id, case.unit_id)) if verb in UNITS or verb == "assign" else set()
    if verb in HANDLERS and handler_id is not None:
        unit.add(handler_id)
    tell_users(case, unit - {actor.user_id}, _TASK if verb == "assign" else _SAID[verb], but=near, params=params)
    if verb in OFFICES:
        tell_office(actor, case, _OFFICE, but=near)


def tell_users(case: Case, user_ids: Iterable[int | None], text: str, *, but: set[int] | None = None,
               params: dict[str, Any] | None = None) -> None:
    """Tell users in their own inbox, where they live here, but not those who heard of it as residents already."""
    tell_about(case, residents_of(case, [one for one in user_ids if one is not None]) - (but or set()), text, params)


def tell_office(actor: Actor, case: Case, text: str, *, but: set[int] | None = None) -> None:
    """Tell those who distribute cases here, but not whoever caused it."""
    holders = {user.id for user in people.holders(case.community_id, *policy.DISPATCHERS)}
    tell_users(case, holders - {actor.user_id}, text, but=but)
