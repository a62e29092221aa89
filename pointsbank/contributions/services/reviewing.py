"""The judging of deeds: approve with the rules of the day, return, reject. Recorder and approver are two people."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pointsbank.communities import settings
from pointsbank.contributions import policy, queries
from pointsbank.contributions.errors import (
    AlreadyDecided,
    NotAReviewer,
    NotOpenAnyMore,
    OnPanelList,
    PanelDecides,
    ReasonMissing,
)
from pointsbank.contributions.models import (
    ALLOWED,
    AwardLine,
    Contribution,
    LineState,
    Receiver,
    Review,
    ReviewStep,
    State,
    Timing,
)
from pointsbank.contributions.queries import sittings
from pointsbank.contributions.services.booking import book
from pointsbank.contributions.services.facts import deed_of, deeds_of, known_of
from pointsbank.contributions.services.recording import FILED, refuse_gone
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, scoped
from pointsbank.core.errors import DomainError, NotFound, lazy
from pointsbank.core.formats import format_short_day
from pointsbank.core.i18n import N_
from pointsbank.ledger.models import Book
from pointsbank.notifications.services import Message, tell_each
from pointsbank.people import queries as people
from pointsbank.rules import services as rules
from pointsbank.rules.evaluation import Evaluation, LineDraft

MOST_AT_ONCE = 500
REFUSALS = {
    ReviewStep.RETURNED: (State.RETURNED,
                          N_("“%(what)s” came back: %(why)s You can complete it and send it again.")),
    ReviewStep.REJECTED: (State.REJECTED, N_("“%(what)s” was not accepted: %(why)s")),
}


def approve(actor: Actor, contribution_ids: Sequence[int]) -> list[Contribution]:
    """Approve deeds, all or none: the rules give their lines, immediate ones are posted at once.

    Raises NotAReviewer, OwnRecord, OwnHousehold, OwnRelative, OwnTeam, AlreadyDecided, NotOpenAnyMore, OnPanelList,
    PanelDecides; nothing is changed then. The number of statements doesn't grow with the batch.
    """
    deeds = _locked(actor, contribution_ids, State.APPROVED)
    judged = judge(deeds)
    chosen = settings.of(deeds[0].community_id)
    if any(needs_panel(chosen, c, judged[c.id]) for c in deeds):
        raise PanelDecides
    award(actor, deeds, judged, {c.id: actor.user_id or 0 for c in deeds})
    return deeds


def approve_free(actor: Actor, contribution_ids: Sequence[int]) -> list[Contribution]:
    """Approve those of these submitted deeds about which the actor may decide alone; the others wait for somebody else.

    Raises NotAReviewer. The number of statements doesn't grow with the batch.
    """
    deeds = lock(actor.community_id, contribution_ids)
    while deeds:
        # Asked again for those that are left: where others fall out a cap leaves more, and then the panel may decide.
        hindered = hindrances(actor, deeds, preview(deeds))
        if not hindered:
            return approve(actor, [c.id for c in deeds])
        deeds = [c for c in deeds if c.id not in hindered]
    return []


def return_(actor: Actor, contribution_id: int, reason: str) -> Contribution:
    """Send a deed back to be completed. Raises ReasonMissing and those of :func:`approve`."""
    return _refuse(actor, contribution_id, ReviewStep.RETURNED, reason)


def reject(actor: Actor, contribution_id: int, reason: str) -> Contribution:
    """Turn a deed down for good. Raises ReasonMissing and those of :func:`approve`."""
    return _refuse(actor, contribution_id, ReviewStep.REJECTED, reason)


def return_from_list(actor: Actor, contribution_id: int, reason: str) -> Contribution:
    """Send a deed back that is on the list of an open sitting. Whoever calls takes it off the list."""
    return _refuse(actor, contribution_id, ReviewStep.RETURNED, reason, from_list=True)


def needs_panel(chosen: settings.CommunitySettings, contribution: Contribution, evaluation: Evaluation) -> bool:
    """By the community's settings nobody decides alone about this deed. What went up to the area above is decided
    there; what waits for a household may earn anything, so it counts as much."""
    if chosen.panel_required == settings.PanelRequired.NONE or contribution.sent_up_area_id is not None:
        return False
    if chosen.panel_required == settings.PanelRequired.FILED:
        return contribution.source_key.startswith(FILED)
    return evaluation.points > chosen.panel_points or (
        contribution.household_id is None and evaluation.waits_for_household)


def _locked(actor: Actor, contribution_ids: Sequence[int], target: State, *,
            from_list: bool = False) -> list[Contribution]:
    """The deeds, locked in the order of their ids, once it is sure that the actor may decide about each."""
    deeds = lock(actor.community_id, contribution_ids)
    if not deeds or len(deeds) != len(set(contribution_ids)):
        raise NotFound
    facts = queries.facts_of(actor.user_id)
    for contribution in deeds:
        policy.check_review(actor, facts, contribution)
        if contribution.state in {State.APPROVED, State.REJECTED}:
            raise AlreadyDecided
        if target not in ALLOWED[contribution.state]:
            raise NotOpenAnyMore
    if not from_list:
        refuse_listed(deeds)
    return deeds


def lock(community_id: int | None, contribution_ids: Collection[int]) -> list[Contribution]:
    """Deeds with their row locks, in the order of their ids: whoever locks many takes them in this order."""
    wanted = sorted(set(contribution_ids))[:MOST_AT_ONCE]
    return list(db.session.scalars(
        scoped(Contribution, community_id).where(Contribution.id.in_(wanted)).order_by(Contribution.id)
        .with_for_update(key_share=True).execution_options(populate_existing=True)))


def refuse_listed(deeds: Sequence[Contribution]) -> None:
    """While the panel votes about a deed nobody decides about it beside the panel."""
    listed = sittings.open_lists(deeds[0].community_id, [c.id for c in deeds])
    for contribution in deeds:
        if contribution.id in listed:
            found = listed[contribution.id]
            raise OnPanelList(what=contribution.title, title=found.title, day=format_short_day(found.due_on))


def _refuse(actor: Actor, contribution_id: int, step: ReviewStep, reason: str, *,
            from_list: bool = False) -> Contribution:
    if len(reason.strip()) < 2:
        raise ReasonMissing(fields={"reason": lazy("Say why, so that the resident knows what to do.")})
    deeds = _locked(actor, [contribution_id], REFUSALS[step][0], from_list=from_list)
    refuse(actor, deeds, step, {contribution_id: reason.strip()}, by_user_id=actor.user_id)
    return deeds[0]


def refuse(actor: Actor, deeds: Sequence[Contribution], step: ReviewStep, reasons: Mapping[int, str], *,
           by_user_id: int | None) -> None:
    """Send back or turn down locked deeds that were checked, each with its reason, and tell their residents."""
    if not deeds:
        return
    target, text = REFUSALS[step]
    for contribution in deeds:
        contribution.state = target
        if target is State.REJECTED:
            contribution.decided_at = clock.now()
    db.session.flush()
    note_steps(actor, deeds, step, reasons, by_user_id=by_user_id)
    tell_each(deeds[0].community_id, [Message(
        c.resident_id, text, {"what": c.title, "why": reasons[c.id][:300]}, f"/deeds/{c.id}") for c in deeds])


def note_steps(actor: Actor, deeds: Sequence[Contribution], step: ReviewStep, reasons: Mapping[int, str], *,
               by_user_id: int | None) -> None:
    """A step in the life of each deed; ``by_user_id`` is None for what the panel as a whole decided."""
    db.session.execute(sa.insert(Review), [
        {"community_id": c.community_id, "contribution_id": c.id, "step": step, "by_user_id": by_user_id,
         "reason": reasons.get(c.id, "")[:500], "at": clock.now()} for c in deeds])
    audit.write_many(actor, f"contributions.{step.value}", [f"contribution:{c.id}" for c in deeds])


# ── What a deed earns ───────────────────────────────────────────────────────────────────────────────────────────


def preview(deeds: Sequence[Contribution]) -> dict[int, Evaluation]:
    """What deeds would earn if they were approved now, by id; nothing is counted."""
    if not deeds:
        return {}
    found = rules.preview_many(deeds[0].community_id, deeds_of(deeds))
    return {c.id: evaluation for c, evaluation in zip(deeds, found, strict=True)}


def hindrances(actor: Actor, deeds: Sequence[Contribution],
               previews: Mapping[int, Evaluation]) -> dict[int, type[DomainError]]:
    """Why the actor can't decide about these deeds alone, as :func:`approve` would say; the others are left out.

    Four statements, however many deeds.
    """
    if not deeds:
        return {}
    facts = queries.facts_of(actor.user_id)
    listed = sittings.open_lists(deeds[0].community_id, [c.id for c in deeds])
    chosen = settings.of(deeds[0].community_id)
    found: dict[int, type[DomainError] | None] = {}
    for contribution in deeds:
        if not policy.is_judge(actor):
            found[contribution.id] = NotAReviewer
        elif contribution.id in listed:
            found[contribution.id] = OnPanelList
        elif contribution.id in previews and needs_panel(chosen, contribution, previews[contribution.id]):
            found[contribution.id] = PanelDecides
        else:
            found[contribution.id] = policy.conflict(facts, contribution)
    return {i: why for i, why in found.items() if why is not None}


def judge(deeds: Sequence[Contribution]) -> dict[int, Evaluation]:
    """Judge for real. A deed for a household that isn't known yet waits whole, with nothing counted.

    Raises GoneByThen for a day on which the person was not here any more."""
    community_id = deeds[0].community_id
    residents = people.residents_by_id(community_id, {c.resident_id for c in deeds})
    refuse_gone((residents[c.resident_id], c.done_on) for c in deeds)
    homeless = [c for c in deeds if c.household_id is None]
    waiting = {i: e for i, e in preview(homeless).items() if e.waits_for_household}
    ready = [c for c in deeds if c.id not in waiting]
    known = known_of(ready)
    found = rules.evaluate_deeds(community_id, [deed_of(c, known[c.id]) for c in ready])
    for contribution in ready:
        contribution.facts = known[contribution.id]
    return {**waiting, **{c.id: e for c, e in zip(ready, found, strict=True)}}


def award(actor: Actor, deeds: Sequence[Contribution], judged: Mapping[int, Evaluation],
          approvers: Mapping[int, int], said: Mapping[int, str] | None = None) -> None:
    """Approve locked deeds as they were judged, each under its approver, as one batch. Call it last in the unit.

    ``said`` is how the panel voted on each: then the step is the panel's, not one person's.
    """
    now = clock.now()
    for contribution in deeds:
        contribution.state, contribution.decided_at = State.APPROVED, now
        contribution.approver_user_id = approvers[contribution.id]
        keep_notes(contribution, judged[contribution.id])
    db.session.flush()
    lines = add_lines(deeds, judged)
    note_steps(actor, deeds, ReviewStep.APPROVED, said or {}, by_user_id=actor.user_id if said is None else None)
    book(actor, [line for line in lines if line.state is LineState.POSTED])
    tell_each(deeds[0].community_id, [_approved(c, lines) for c in deeds])


def keep_notes(contribution: Contribution, evaluation: Evaluation) -> None:
    """Write down by which version a deed was judged and what earned nothing, and why."""
    contribution.version_id = evaluation.version_id
    contribution.waits_for_household = contribution.household_id is None and evaluation.waits_for_household
    contribution.counted = evaluation.counted or None
    contribution.notes = [{"reason": n.reason, "entry": n.entry, "rule": n.rule_name} for n in evaluation.notes]


def add_lines(deeds: Sequence[Contribution], judged: Mapping[int, Evaluation]) -> list[AwardLine]:
    """The award lines of judged deeds; immediate ones stand as posted and have to be booked in the same unit.

    The rows go in as one statement, which the unit of work would not do where ids are made by the database.
    """
    rows = [_line_row(contribution, line, judged[contribution.id].version_id)
            for contribution in deeds if not contribution.waits_for_household
            for line in judged[contribution.id].lines]
    if not rows:
        return []
    # Without it each change between rows with and without an instant of posting would begin a statement of its own.
    same_shape = {"render_nulls": True}
    lines = db.session.scalars(sa.insert(AwardLine).returning(AwardLine), rows, execution_options=same_shape).all()
    return sorted(lines, key=lambda line: line.id)


def _line_row(contribution: Contribution, line: LineDraft, version_id: int | None) -> dict[str, Any]:
    now = clock.now()
    at_once = line.timing == Timing.IMMEDIATE
    return {"community_id": contribution.community_id, "contribution_id": contribution.id,
            "approver_user_id": contribution.approver_user_id, "rule_id": line.rule_id, "rule_code": line.rule_code,
            "rule_name": line.rule_name, "version_id": version_id, "receiver": Receiver(line.receiver),
            "owner_key": _owner_key(contribution, line.receiver), "book": Book(line.book), "amount": line.amount,
            "timing": Timing(line.timing), "state": LineState.POSTED if at_once else LineState.PROPOSED,
            "explanation": line.explanation, "cap_left": line.cap_left, "created_at": now,
            "posted_at": now if at_once else None}


def _owner_key(contribution: Contribution, receiver: str) -> str:
    """Whose wallet a line fills; a rule for the relative named falls back to the doer where nobody was named."""
    head_id = (contribution.facts or {}).get("head_id")
    return {
        Receiver.HOUSEHOLD: f"household:{contribution.household_id}", Receiver.HEAD: f"resident:{head_id}",
        Receiver.RELATIVE: f"resident:{contribution.beneficiary_id or contribution.resident_id}",
        Receiver.TEAM: f"team:{contribution.team_id}", Receiver.RESIDENT: f"resident:{contribution.resident_id}",
    }[Receiver(receiver)]


def award_waiting(actor: Actor, community_id: int) -> list[Contribution]:
    """Give approved deeds their lines whose households were entered meanwhile; returns those deeds."""
    deeds = list(db.session.scalars(
        scoped(Contribution, community_id).where(Contribution.state == State.APPROVED, Contribution.waits_for_household)
        .order_by(Contribution.id).limit(MOST_AT_ONCE).with_for_update(key_share=True)
        .execution_options(populate_existing=True)))
    found = _with_households(community_id, deeds)
    if not found:
        return []
    db.session.flush()
    judged = judge(found)
    for contribution in found:
        keep_notes(contribution, judged[contribution.id])
    lines = add_lines(found, judged)
    audit.write_many(actor, "contributions.award_waiting", [f"contribution:{c.id}" for c in found])
    book(actor, [line for line in lines if line.state is LineState.POSTED])
    tell_each(community_id, [_approved(c, lines) for c in found])
    return found


def _with_households(community_id: int, deeds: Sequence[Contribution]) -> list[Contribution]:
    """Those whose household is known now; one that turns out to be the approver's own goes on waiting."""
    found = []
    approvers = queries.facts_of_users({c.approver_user_id for c in deeds if c.approver_user_id is not None})
    for day in sorted({c.done_on for c in deeds}):
        of_day = [c for c in deeds if c.done_on == day]
        homes = people.household_on(community_id, {c.resident_id for c in of_day}, day)
        for contribution in of_day:
            home = homes[contribution.resident_id]
            facts = approvers[contribution.approver_user_id or 0]
            if home is not None and not facts.is_kin(contribution.resident_id, home.id, day):
                contribution.household_id = home.id
                found.append(contribution)
    return found


def _approved(contribution: Contribution, lines: Sequence[AwardLine]) -> Message:
    own = [line for line in lines if line.contribution_id == contribution.id and line.book is Book.POINTS]
    params: dict[str, Any] = {"what": contribution.title}
    if contribution.waits_for_household:
        text = N_("“%(what)s” was accepted. Its points wait until the office has entered your household.")
    elif not own:
        text = N_("“%(what)s” was accepted. By the standard it earned no points; the page says why.")
    else:
        params["points"] = {"points": sum(line.amount for line in own)}
        at_once = all(line.state is LineState.POSTED for line in own)
        text = (N_("“%(what)s” was accepted: %(points)s points are in the passbook.") if at_once else
                N_("“%(what)s” was accepted: %(points)s points come with the next public list."))
    return Message(contribution.resident_id, text, params, f"/deeds/{contribution.id}")
