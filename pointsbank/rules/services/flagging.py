"""Effects that are no number: proposed with a resolution, decided by a second person of another household, told."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import Forbidden, Invalid, NotFound, lazy
from pointsbank.core.i18n import N_
from pointsbank.notifications.services import Message, tell_each
from pointsbank.people import queries as people
from pointsbank.rules import policy
from pointsbank.rules.errors import FlagDecided, OwnFlag, OwnProposal
from pointsbank.rules.models import FLAG_ALLOWED, FlagKind, FlagState, StandingFlag

_TOLD = {
    FlagKind.EXCLUDED: N_("From %(day)s on nothing is counted: %(why)s If that is wrong, tell the office."),
    FlagKind.NO_REDEMPTION: N_("From %(day)s on points can't be spent for a time: %(why)s They stay in the passbook. "
                               "If that is wrong, tell the office."),
    FlagKind.VETO: N_("From %(day)s on nothing is counted and no honours are given: %(why)s If that is wrong, tell the "
                      "office."),
}


@dataclass(frozen=True)
class FlagDraft:
    """What is proposed. ``owner_key`` is ``resident:5`` or ``household:7``; ``until_on`` the first day no longer."""

    owner_key: str
    kind: FlagKind
    since_on: dt.date
    until_on: dt.date | None
    reason: str
    resolution: str


def propose_flag(actor: Actor, draft: FlagDraft) -> StandingFlag:
    """Propose an effect. Raises Forbidden, NotFound for somebody not of this community, Invalid."""
    if actor.community_id is None or actor.user_id is None or not policy.may_write(actor):
        raise Forbidden
    _concerned(actor.community_id, draft.owner_key)
    fields = {}
    if len(draft.reason.strip()) < 2 or len(draft.reason) > 200:
        fields["reason"] = lazy("Say why: 2 to 200 characters.")
    if len(draft.resolution.strip()) < 4 or len(draft.resolution) > 400:
        fields["resolution"] = lazy("Say which meeting decided it, and when: 4 to 400 characters.")
    if draft.until_on is not None and draft.until_on <= draft.since_on:
        fields["until_on"] = lazy("The end lies before the beginning.")
    if draft.until_on is None and draft.kind is not FlagKind.EXCLUDED:
        fields["until_on"] = lazy("This effect needs an end.")
    if fields:
        raise Invalid(fields=fields)
    flag = StandingFlag(
        community_id=actor.community_id, owner_key=draft.owner_key, kind=draft.kind, state=FlagState.PROPOSED,
        since_on=draft.since_on, until_on=draft.until_on, reason=draft.reason.strip(),
        resolution=draft.resolution.strip(), proposed_by_id=actor.user_id, proposed_at=clock.now())
    db.session.add(flag)
    db.session.flush()
    audit.write(actor, "rules.propose_flag", f"flag:{flag.id}", kind=flag.kind.value)
    return flag


def decide_flag(actor: Actor, flag_id: int, *, agreed: bool) -> StandingFlag:
    """A second person agrees, and those concerned are told; or refuses. Raises OwnProposal, OwnFlag, FlagDecided."""
    flag = _locked(actor, flag_id)
    target = FlagState.IN_FORCE if agreed else FlagState.REFUSED
    if target not in FLAG_ALLOWED[flag.state]:
        raise FlagDecided
    if flag.proposed_by_id == actor.user_id:
        raise OwnProposal
    flag.state, flag.decided_by_id, flag.decided_at = target, actor.user_id, clock.now()
    db.session.flush()
    audit.write(actor, f"rules.flag_{target.value}", f"flag:{flag.id}")
    if agreed:
        day = {"day": flag.since_on.isoformat()}
        tell_each(flag.community_id, [Message(r, _TOLD[flag.kind], {"day": day, "why": flag.reason}, "/rules")
                                      for r in _concerned(flag.community_id, flag.owner_key)])
    return flag


def lift_flag(actor: Actor, flag_id: int, reason: str) -> StandingFlag:
    """End an effect from today on; what it did before stays. Raises OwnFlag, FlagDecided, Invalid."""
    flag = _locked(actor, flag_id)
    if FlagState.LIFTED not in FLAG_ALLOWED[flag.state]:
        raise FlagDecided
    if len(reason.strip()) < 2 or len(reason) > 200:
        raise Invalid(fields={"reason": lazy("Say why: 2 to 200 characters.")})
    flag.state, flag.lifted_by_id, flag.lifted_at = FlagState.LIFTED, actor.user_id, clock.now()
    flag.lift_reason = reason.strip()
    db.session.flush()
    audit.write(actor, "rules.lift_flag", f"flag:{flag.id}")
    text = N_("What held you back was lifted: %(why)s")
    tell_each(flag.community_id, [Message(r, text, {"why": flag.lift_reason}, "/")
                                  for r in _concerned(flag.community_id, flag.owner_key)])
    return flag


def _locked(actor: Actor, flag_id: int) -> StandingFlag:
    if actor.user_id is None or not policy.may_adopt(actor):
        raise Forbidden
    flag = get_scoped(StandingFlag, flag_id, actor.community_id, lock=True)
    if actor.user_id in _users(flag):
        raise OwnFlag
    return flag


def _users(flag: StandingFlag) -> set[int]:
    """Everybody who may act for somebody concerned: none of them decides."""
    linked = people.users_of_resident(_concerned(flag.community_id, flag.owner_key))
    return {user_id for users in linked.values() for user_id in users}


def _concerned(community_id: int, owner_key: str) -> list[int]:
    """The residents behind an owner key: the person, or the members of the household today. Raises NotFound."""
    kind, _, number = owner_key.partition(":")
    if not number.isdecimal():
        raise NotFound
    if kind == "resident":
        return [people.resident(community_id, int(number)).id]
    if kind != "household" or int(number) not in people.households_by_id(community_id, [int(number)]):
        raise NotFound
    return [m.resident_id for m in people.members_on(community_id, [int(number)], clock.today())[int(number)]]
