"""The judging of deeds: approve with the rules of the day, return, reject. Recorder and approver are two people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from pointsbank.contributions import policy, queries
from pointsbank.contributions.errors import AlreadyDecided, NotOpenAnyMore, ReasonMissing
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
from pointsbank.contributions.services.booking import book
from pointsbank.contributions.services.facts import deed_of, deeds_of, known_of
from pointsbank.contributions.services.recording import refuse_gone
from pointsbank.core import audit, clock
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, scoped
from pointsbank.core.errors import NotFound, lazy
from pointsbank.core.i18n import N_
from pointsbank.ledger.models import Book
from pointsbank.notifications.services import Message, tell_each
from pointsbank.people import queries as people
from pointsbank.rules import services as rules
from pointsbank.rules.evaluation import Evaluation, LineDraft

MOST_AT_ONCE = 500


def approve(actor: Actor, contribution_ids: Sequence[int]) -> list[Contribution]:
    """Approve deeds, all or none: the rules give their lines, immediate ones are posted at once.

    Raises NotAReviewer, OwnRecord, OwnHousehold, OwnTeam, AlreadyDecided, NotOpenAnyMore, GoneByThen; nothing is
    changed then. The number of statements doesn't grow with the batch.
    """
    deeds = _locked(actor, contribution_ids, State.APPROVED)
    residents = people.residents_by_id(deeds[0].community_id, {c.resident_id for c in deeds})
    refuse_gone((residents[c.resident_id], c.done_on) for c in deeds)
    now = clock.now()
    judged = _judge(deeds)
    for contribution in deeds:
        evaluation = judged[contribution.id]
        contribution.state, contribution.approver_user_id, contribution.decided_at = State.APPROVED, actor.user_id, now
        keep_notes(contribution, evaluation)
    db.session.flush()
    lines = add_lines(deeds, judged)
    _steps(actor, deeds, ReviewStep.APPROVED, "")
    book(actor, [line for line in lines if line.state is LineState.POSTED])
    tell_each(deeds[0].community_id, [_approved(c, lines) for c in deeds])
    return deeds


def return_(actor: Actor, contribution_id: int, reason: str) -> Contribution:
    """Send a deed back to be completed. Raises ReasonMissing and those of :func:`approve`."""
    return _refuse(actor, contribution_id, State.RETURNED, ReviewStep.RETURNED, reason,
                   N_("“%(what)s” came back: %(why)s You can complete it and send it again."))


def reject(actor: Actor, contribution_id: int, reason: str) -> Contribution:
    """Turn a deed down for good. Raises ReasonMissing and those of :func:`approve`."""
    return _refuse(actor, contribution_id, State.REJECTED, ReviewStep.REJECTED, reason,
                   N_("“%(what)s” was not accepted: %(why)s"))


def _locked(actor: Actor, contribution_ids: Sequence[int], target: State) -> list[Contribution]:
    """The deeds, locked in the order of their ids, once it is sure that the actor may decide about each."""
    wanted = sorted(set(contribution_ids))[:MOST_AT_ONCE]
    deeds = list(db.session.scalars(
        scoped(Contribution, actor.community_id).where(Contribution.id.in_(wanted)).order_by(Contribution.id)
        .with_for_update(key_share=True).execution_options(populate_existing=True)))
    if not deeds or len(deeds) != len(set(contribution_ids)):
        raise NotFound
    facts = queries.facts_of(actor.user_id)
    for contribution in deeds:
        policy.check_review(actor, facts, contribution)
        if contribution.state in {State.APPROVED, State.REJECTED}:
            raise AlreadyDecided
        if target not in ALLOWED[contribution.state]:
            raise NotOpenAnyMore
    return deeds


def _refuse(actor: Actor, contribution_id: int, target: State, step: ReviewStep, reason: str,
            text: str) -> Contribution:
    if len(reason.strip()) < 2:
        raise ReasonMissing(fields={"reason": lazy("Say why, so that the resident knows what to do.")})
    contribution = _locked(actor, [contribution_id], target)[0]
    contribution.state = target
    if target is State.REJECTED:
        contribution.decided_at = clock.now()
    db.session.flush()
    _steps(actor, [contribution], step, reason.strip())
    tell_each(contribution.community_id, [Message(
        contribution.resident_id, text, {"what": contribution.title, "why": reason.strip()[:300]},
        f"/deeds/{contribution.id}")])
    return contribution


def _steps(actor: Actor, deeds: Sequence[Contribution], step: ReviewStep, reason: str) -> None:
    db.session.execute(sa.insert(Review), [
        {"community_id": c.community_id, "contribution_id": c.id, "step": step, "by_user_id": actor.user_id,
         "reason": reason[:500], "at": clock.now()} for c in deeds])
    audit.write_many(actor, f"contributions.{step.value}", [f"contribution:{c.id}" for c in deeds])


# ── What a deed earns ───────────────────────────────────────────────────────────────────────────────────────────


def preview(deeds: Sequence[Contribution]) -> dict[int, Evaluation]:
    """What deeds would earn if they were approved now, by id; nothing is counted."""
    if not deeds:
        return {}
    found = rules.preview_many(deeds[0].community_id, deeds_of(deeds))
    return {c.id: evaluation for c, evaluation in zip(deeds, found, strict=True)}


def _judge(deeds: Sequence[Contribution]) -> dict[int, Evaluation]:
    """Judge for real. A deed for a household that isn't known yet waits whole, with nothing counted."""
    community_id = deeds[0].community_id
    homeless = [c for c in deeds if c.household_id is None]
    waiting = {i: e for i, e in preview(homeless).items() if e.waits_for_household}
    ready = [c for c in deeds if c.id not in waiting]
    known = known_of(ready)
    found = rules.evaluate_deeds(community_id, [deed_of(c, known[c.id]) for c in ready])
    for contribution in ready:
        contribution.facts = known[contribution.id]
    return {**waiting, **{c.id: e for c, e in zip(ready, found, strict=True)}}


def keep_notes(contribution: Contribution, evaluation: Evaluation) -> None:
    """Write down by which version a deed was judged and what earned nothing, and why."""
    contribution.version_id = evaluation.version_id
    contribution.waits_for_household = contribution.household_id is None and evaluation.waits_for_household
    contribution.counted = evaluation.counted or None
    contribution.notes = [{"reason": n.reason, "entry": n.entry, "rule": n.rule_name} for n in evaluation.notes]


def add_lines(deeds: Sequence[Contribution], judged: dict[int, Evaluation]) -> list[AwardLine]:
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
    judged = _judge(found)
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
