"""Who may file, change, review, vote, publish and correct. Separation of duties stands here, once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from pointsbank.contributions.errors import (
    NotAReviewer,
    OwnDecision,
    OwnHousehold,
    OwnRecord,
    OwnRelative,
    OwnTeam,
)
from pointsbank.contributions.models import Appeal, Contribution, Sheet
from pointsbank.core.actor import Actor
from pointsbank.core.errors import DomainError
from pointsbank.people.roles import DESK, JUDGES, PROXIES, VOICES, Role

# The committee itself, and who stands above it.
CHAIRS = (Role.COMMITTEE_MEMBER, Role.AREA_SUPERVISOR)
# Who may write down what somebody says at the counter.
CLERKS = tuple(dict.fromkeys((*JUDGES, *PROXIES)))
# Who types in sheets of paper for anybody, and who has pages of them at all.
SHEET_CLERKS = (Role.COMMITTEE_MEMBER, Role.REVIEWER)
SHEET_PEOPLE = (Role.TEAM_LEADER, *DESK)
# Who looks at the sittings of the panel.
SITTERS = (*DESK, Role.PANEL_MEMBER)


@dataclass(frozen=True)
class Stay:
    """Somebody's time in a household; ``until_on`` is the first day no longer in it."""

    household_id: int
    since_on: dt.date
    until_on: dt.date | None


@dataclass(frozen=True)
class Tie:
    """A resident whom somebody declared as a relative; it holds for deeds done before ``until_on``."""

    resident_id: int
    until_on: dt.date | None


@dataclass(frozen=True)
class Facts:
    """What separation of duties has to know of a user: whom they are linked to, where those live, which teams; and
    the same of the relatives that they declared (a declared household is one in which a relative stays)."""

    user_id: int | None
    resident_ids: frozenset[int] = frozenset()
    stays: tuple[Stay, ...] = field(default=())
    team_ids: frozenset[int] = frozenset()
    ties: tuple[Tie, ...] = field(default=())
    relatives_stays: tuple[Stay, ...] = field(default=())

    def is_own(self, resident_id: int, household_id: int | None, day: dt.date) -> bool:
        """Linked to the resident, or to somebody who was in the household on the day or joined it later."""
        return resident_id in self.resident_ids or _stayed(self.stays, household_id, day)

    def is_relative(self, resident_id: int, household_id: int | None, day: dt.date) -> bool:
        """The same by a relative whom the user declared."""
        tied = any(t.resident_id == resident_id and _lasts(t.until_on, day) for t in self.ties)
        return tied or _stayed(self.relatives_stays, household_id, day)

    def is_kin(self, resident_id: int, household_id: int | None, day: dt.date) -> bool:
        """One's own, or a declared relative's."""
        return self.is_own(resident_id, household_id, day) or self.is_relative(resident_id, household_id, day)


def _lasts(until_on: dt.date | None, day: dt.date) -> bool:
    return until_on is None or until_on > day


def _stayed(stays: tuple[Stay, ...], household_id: int | None, day: dt.date) -> bool:
    return household_id is not None and any(
        s.household_id == household_id and _lasts(s.until_on, day) for s in stays)


def is_judge(actor: Actor) -> bool:
    """Reviewer, committee member, or supervisor of an area above."""
    return actor.user_id is not None and actor.has_role(*JUDGES)


def is_desk(actor: Actor) -> bool:
    """May see the community's deeds."""
    return actor.is_system or actor.has_role(*DESK)


def conflict(facts: Facts, contribution: Contribution) -> type[DomainError] | None:
    """Why this user can't decide about this deed; None when independent."""
    if facts.user_id is None or facts.user_id in (contribution.recorder_user_id, contribution.checker_user_id):
        return OwnRecord
    if facts.user_id in contribution.barred_user_ids:
        return OwnDecision
    whose = (contribution.resident_id, contribution.household_id, contribution.done_on)
    if facts.is_own(*whose):
        return OwnHousehold
    if facts.is_relative(*whose):
        return OwnRelative
    if contribution.outside_team and contribution.team_id is not None and contribution.team_id in facts.team_ids:
        return OwnTeam
    return None


def check_review(actor: Actor, facts: Facts, contribution: Contribution) -> None:
    """Raises why the actor can't decide about this deed."""
    if not is_judge(actor):
        raise NotAReviewer
    found = conflict(facts, contribution)
    if found is not None:
        raise found


def may_enter_for(actor: Actor, area_path: str | None) -> bool:
    """File for a resident by proxy. ``area_path`` is where the resident lives: a grid worker's own grid only.

    While nobody has entered where somebody lives, everybody who may enter for others here may.
    """
    if actor.user_id is None:
        return False
    if area_path is None:
        return actor.has_role_within(*PROXIES)
    return any(g.role in PROXIES and g.team_id is None and area_path.startswith(g.area_path) for g in actor.grants)


def may_file_for_others(actor: Actor) -> bool:
    """Has a role to enter deeds for others at all."""
    return actor.user_id is not None and actor.has_role_within(*PROXIES)


def may_change(actor: Actor, contribution: Contribution) -> bool:
    """Rewrite, hand in or withdraw: the resident acted for, and whoever entered it."""
    if actor.user_id is None:
        return False
    return contribution.resident_id == actor.resident_id or contribution.recorder_user_id == actor.user_id


def may_see(actor: Actor, contribution: Contribution) -> bool:
    """The resident acted for, whoever entered it, and the desk."""
    return may_change(actor, contribution) or is_desk(actor)


def may_correct(actor: Actor) -> bool:
    """Propose and confirm corrections of posted awards."""
    return actor.user_id is not None and actor.has_role(*CHAIRS)


def may_ask_review(actor: Actor, contribution: Contribution) -> bool:
    """Ask for a review of a deed: whoever acts for its resident."""
    return actor.user_id is not None and actor.resident_id == contribution.resident_id


def may_ask_on_paper(actor: Actor, contribution: Contribution) -> bool:
    """Enter such a request for somebody with a slip of paper: a member who may see the deed."""
    return actor.user_id is not None and actor.has_role_within(*CLERKS) and may_see(actor, contribution)


def may_read_appeal(actor: Actor, appeal: Appeal) -> bool:
    """The resident acted for, whoever entered it, and the desk."""
    if actor.user_id is None:
        return False
    own = actor.resident_id is not None and appeal.resident_id == actor.resident_id
    return own or appeal.entered_by_id == actor.user_id or is_desk(actor)


# ── Sheets of paper ─────────────────────────────────────────────────────────────────────────────────────────────


def may_enter_sheet(actor: Actor, team_id: int | None) -> bool:
    """Type in a sheet of paper: a leader for the own team, the desk's clerks for anybody."""
    return actor.user_id is not None and (actor.leads_team(team_id) or actor.has_role(*SHEET_CLERKS))


def may_see_sheet(actor: Actor, sheet: Sheet) -> bool:
    """Whoever entered it, and the desk."""
    return actor.user_id is not None and (sheet.entered_by_id == actor.user_id or is_desk(actor))


def may_confirm_sheet(actor: Actor, sheet: Sheet) -> bool:
    """A second person who judges deeds; about single rows :func:`conflict` decides."""
    return is_judge(actor) and sheet.entered_by_id != actor.user_id


# ── The panel ───────────────────────────────────────────────────────────────────────────────────────────────────


def may_chair(actor: Actor) -> bool:
    """Open, close and call off a sitting of the panel."""
    return actor.user_id is not None and actor.has_role(*CHAIRS)


def may_vote(actor: Actor) -> bool:
    """Holds a seat in the panel; whether in this very sitting its list of members says."""
    return actor.user_id is not None and actor.has_role(Role.PANEL_MEMBER)


def may_see_sittings(actor: Actor) -> bool:
    """The desk and the panel. What is voted there is nobody else's to know."""
    return is_desk(actor) or may_vote(actor)


def may_see_votes(actor: Actor) -> bool:
    """Who voted how: the desk only."""
    return is_desk(actor)


def may_declare(actor: Actor) -> bool:
    """Declare relatives: whoever has a say about deeds."""
    return actor.user_id is not None and actor.has_role(*VOICES)
