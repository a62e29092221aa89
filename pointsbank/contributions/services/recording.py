"""The way in: deeds handed over by other rooms in one batch, and deeds filed by residents or for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from pointsbank.communities.models import Area
from pointsbank.contributions import policy, queries
from pointsbank.contributions.errors import (
    FiledTwice,
    GoneByThen,
    InFuture,
    NotFromHere,
    NotOpenAnyMore,
    NotYourDeed,
    ReasonMissing,
    TooLongAgo,
)
from pointsbank.contributions.models import (
    ALLOWED,
    Contribution,
    DeedKind,
    RecordedVia,
    Review,
    ReviewStep,
    State,
    as_barred,
)
from pointsbank.contributions.services.independence import send_up
from pointsbank.core import audit, clock, tokens
from pointsbank.core.actor import Actor
from pointsbank.core.db import db, get_scoped
from pointsbank.core.errors import Invalid, NotFound, lazy
from pointsbank.core.formats import format_day
from pointsbank.core.i18n import N_
from pointsbank.media import services as media
from pointsbank.media.models import Purpose
from pointsbank.notifications.services import Message, tell, tell_each
from pointsbank.people import queries as people
from pointsbank.people.models import Resident

DAYS_BACK = 366
DONE, NEEDED = "done", "needed"
MEASURED = ("score", "amount_fen", "size", "share", "started_at", "act_key", "beneficiary_id")
FILED = "filed:"  # how the source keys of deeds begin that residents, or others for them, filed


@dataclass(frozen=True)
class DeedDraft:
    """A deed that another room hands over. ``on`` is the day in Shanghai, ``source_key`` unique in the community.

    ``title`` is public (the name of the activity): it must not name anybody. ``first_review`` is ``"done"`` when the
    actor's handing over counts as the first look (an unflagged self-scan in a closed activity), else ``"needed"``.
    ``recorder_user_id`` is who entered it; without one it is the actor. ``reason`` says why it was entered on behalf.
    ``barred`` had a hand in an earlier round of the same deed and don't approve this one.
    """

    kind: str
    resident_id: int
    title: str
    on: dt.date
    source_key: str
    minutes: int | None = None
    units: int | None = None
    score: int | None = None
    amount_fen: int | None = None
    size: int | None = None
    share: int | None = None
    started_at: dt.datetime | None = None
    act_key: str | None = None
    beneficiary_id: int | None = None
    item_code: str | None = None
    activity_key: str | None = None
    place: str = ""
    text: str = ""
    recorded_via: RecordedVia = RecordedVia.SELF
    team_id: int | None = None
    flagged: bool = False
    first_review: str = NEEDED
    recorder_user_id: int | None = None
    reason: str = ""
    barred: tuple[int, ...] = ()


def record(actor: Actor, deeds: Sequence[DeedDraft]) -> list[Contribution]:
    """Take deeds into the funnel, all or none, as submitted; returns them in the order given.

    A source key that is known already is answered and not recorded again. The number of statements doesn't grow with
    the batch. The leader's own and own household's rows never count as looked at. Raises NotFromHere, InFuture,
    GoneByThen.
    """
    if not deeds:
        return []
    community_id = _community(actor)
    people_here = people.residents_by_id(community_id, {d.resident_id for d in deeds})
    if any(d.resident_id not in people_here for d in deeds):
        raise NotFromHere
    if any(d.on > clock.today() for d in deeds):
        raise InFuture
    refuse_gone((people_here[d.resident_id], d.on) for d in deeds)
    homes = _homes(community_id, deeds)
    facts = queries.facts_of(actor.user_id)
    rows = [_row(actor, community_id, d, homes[d.resident_id, d.on], facts) for d in deeds]
    fresh = _insert(community_id, rows)
    found = {c.source_key: c for c in queries.by_source_keys(community_id, [d.source_key for d in deeds])}
    new = [found[key] for key in fresh]
    _note_recorded(actor, new)
    send_up(community_id, new)
    return [found[d.source_key] for d in deeds]


def refuse_gone(claimed: Iterable[tuple[Resident, dt.date]]) -> None:
    """Raises GoneByThen for the first deed whose resident had died or moved away before its day."""
    for resident, day in claimed:
        if resident.left_on is not None and day >= resident.left_on:
            raise GoneByThen(name=resident.name, day=format_day(day))


def _community(actor: Actor) -> int:
    if actor.community_id is None:
        raise NotFound
    return actor.community_id


def _homes(community_id: int, deeds: Iterable[DeedDraft]) -> dict[tuple[int, dt.date], int | None]:
    """The household of each (resident, day), in one statement: a sheet of paper has many days."""
    wanted = {(deed.resident_id, deed.on) for deed in deeds}
    home = people.households_then(community_id, {resident_id for resident_id, _day in wanted})
    return {(resident_id, day): home(resident_id, day) for resident_id, day in wanted}


def _row(actor: Actor, community_id: int, deed: DeedDraft, household_id: int | None,
         facts: queries.Facts) -> dict[str, Any]:
    now = clock.now()
    own = facts.is_kin(deed.resident_id, household_id, deed.on)
    looked_at = deed.first_review == DONE and not deed.flagged and not own and actor.user_id is not None
    recorder = deed.recorder_user_id if deed.recorder_user_id is not None else actor.user_id
    return {
        "community_id": community_id, "kind": DeedKind(deed.kind), "state": State.SUBMITTED,
        "source_key": deed.source_key, "resident_id": deed.resident_id, "household_id": household_id,
        "team_id": deed.team_id, "title": deed.title[:120], "done_on": deed.on, "minutes": deed.minutes,
        "units": deed.units, **{name: getattr(deed, name) for name in MEASURED},
        "item_code": deed.item_code, "activity_key": deed.activity_key, "text": deed.text[:500],
        "place": deed.place[:120], "recorder_user_id": recorder, "recorded_via": RecordedVia(deed.recorded_via),
        "proxy_reason": deed.reason[:200], "flagged": deed.flagged,
        "outside_team": not looked_at or RecordedVia(deed.recorded_via) is not RecordedVia.SELF,
        "checker_user_id": actor.user_id if looked_at and actor.user_id != recorder else None,
        "waits_for_household": False, "barred": as_barred(deed.barred), "created_at": now, "submitted_at": now,
    }


def _insert(community_id: int, rows: Sequence[dict[str, Any]]) -> list[str]:
    """Insert what isn't known yet; the source keys of the new rows, in the order given."""
    module: Any = {"sqlite": sqlite, "postgresql": postgresql}[db.engine.dialect.name]
    statement = module.insert(Contribution).on_conflict_do_nothing(
        index_elements=["community_id", "source_key"]).returning(Contribution.source_key)
    new = set(db.session.scalars(statement, list(rows)))
    return [key for key in dict.fromkeys(r["source_key"] for r in rows) if key in new]


def _note_recorded(actor: Actor, new: Sequence[Contribution]) -> None:
    if not new:
        return
    now = clock.now()
    steps = [{"community_id": c.community_id, "contribution_id": c.id, "step": ReviewStep.RECORDED,
              "by_user_id": c.recorder_user_id, "reason": c.proxy_reason, "at": now} for c in new]
    steps += [{"community_id": c.community_id, "contribution_id": c.id, "step": ReviewStep.CHECKED,
               "by_user_id": c.checker_user_id, "reason": "", "at": now} for c in new if c.checker_user_id is not None]
    db.session.execute(sa.insert(Review), steps)
    audit.write_many(actor, "contributions.record", [f"contribution:{c.id}" for c in new])
    tell_each(new[0].community_id, [Message(
        c.resident_id, N_("“%(what)s” on %(day)s was recorded for you and waits for its review."),
        {"what": c.title, "day": {"day": c.done_on.isoformat()}}, f"/deeds/{c.id}") for c in new])


# ── Filed by a resident, or for one ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Filing:
    """What somebody writes on the form. ``photo_ids`` are photos stored by the same actor and not attached yet.

    ``score`` of an inspection in hundredths, ``amount_fen`` of a donation, ``size`` in hundredths. ``same_as`` is the
    earlier deed of which this is the same act, ``beneficiary_id`` the relative who is to have the points.
    """

    kind: str
    title: str
    on: dt.date
    item_code: str | None = None
    minutes: int | None = None
    units: int | None = None
    score: int | None = None
    amount_fen: int | None = None
    size: int | None = None
    same_as: int | None = None
    beneficiary_id: int | None = None
    place: str = ""
    text: str = ""
    photo_ids: tuple[int, ...] = ()


def file(actor: Actor, filing: Filing, *, resident_id: int | None = None, reason: str = "",
         submit: bool = True) -> Contribution:
    """File a deed for the resident acted for, or by proxy for ``resident_id`` with a ``reason``.

    With ``submit`` False it stays a draft that only its filer sees. Raises NotYourDeed, ReasonMissing, InFuture,
    TooLongAgo, GoneByThen, FiledTwice.
    """
    community_id = _community(actor)
    wanted = resident_id if resident_id is not None else actor.resident_id
    resident = people.residents_by_id(community_id, [wanted or 0]).get(wanted or 0)
    if resident is None:
        raise NotFromHere
    proxy = wanted != actor.resident_id
    if proxy and not policy.may_enter_for(actor, _where(resident)):
        raise NotYourDeed
    if proxy and not reason.strip():
        raise ReasonMissing(fields={"reason": lazy("Write why you enter it and not the resident.")})
    _check(filing)
    _check_relative(community_id, resident.id, filing)
    refuse_gone([(resident, filing.on)])
    _refuse_double(community_id, resident.id, filing)
    household = people.household_on(community_id, [resident.id], filing.on)[resident.id]
    now = clock.now()
    contribution = Contribution(
        community_id=community_id, state=State.SUBMITTED if submit else State.DRAFT,
        source_key=f"{FILED}{tokens.random_token(12)}", resident_id=resident.id,
        household_id=household.id if household else None, recorder_user_id=actor.user_id,
        recorded_via=RecordedVia.PROXY if proxy else RecordedVia.SELF, proxy_reason=reason.strip()[:200], flagged=False,
        outside_team=True, waits_for_household=False, created_at=now, submitted_at=now if submit else None,
        act_key=_act(community_id, filing), **_values(filing))
    db.session.add(contribution)
    db.session.flush()
    _attach(actor, contribution, filing)
    _step(actor, contribution, ReviewStep.SUBMITTED if submit else ReviewStep.RECORDED, reason.strip())
    if submit:
        send_up(community_id, [contribution])
    if proxy:
        tell(community_id, [resident.id], N_("“%(what)s” was filed for you. Look whether it is right."),
             {"what": contribution.title}, f"/deeds/{contribution.id}")
    return contribution


def _where(resident: Resident) -> str | None:
    """The path of the area that somebody lives in; None while nobody has entered it."""
    area = db.session.get(Area, resident.area_id) if resident.area_id is not None else None
    return area.path if area is not None else None


def change(actor: Actor, contribution_id: int, filing: Filing) -> Contribution:
    """Rewrite a draft or a returned deed. Raises NotYourDeed, NotOpenAnyMore and those of :func:`file`."""
    contribution = _own(actor, contribution_id)
    if contribution.state not in {State.DRAFT, State.RETURNED}:
        raise NotOpenAnyMore
    _check(filing)
    _check_relative(contribution.community_id, contribution.resident_id, filing)
    refuse_gone([(people.resident(contribution.community_id, contribution.resident_id), filing.on)])
    _refuse_double(contribution.community_id, contribution.resident_id, filing, but=contribution.id)
    contribution.act_key = _act(contribution.community_id, filing) or contribution.act_key
    household = people.household_on(contribution.community_id, [contribution.resident_id], filing.on)
    home = household[contribution.resident_id]
    contribution.household_id = home.id if home else None
    for name, value in _values(filing).items():
        setattr(contribution, name, value)
    _attach(actor, contribution, filing)
    audit.write(actor, "contributions.change", f"contribution:{contribution.id}")
    return contribution


def submit(actor: Actor, contribution_id: int) -> Contribution:
    """Hand a draft, or a returned deed, in for review. Raises NotYourDeed, NotOpenAnyMore."""
    contribution = _own(actor, contribution_id)
    _move(contribution, State.SUBMITTED)
    contribution.submitted_at = clock.now()
    _step(actor, contribution, ReviewStep.SUBMITTED)
    send_up(contribution.community_id, [contribution])
    return contribution


def withdraw(actor: Actor, contribution_id: int, reason: str = "") -> Contribution:
    """Take a deed back before it is decided. Raises NotYourDeed, NotOpenAnyMore."""
    contribution = _own(actor, contribution_id)
    _move(contribution, State.WITHDRAWN)
    contribution.decided_at = clock.now()
    _step(actor, contribution, ReviewStep.WITHDRAWN, reason)
    return contribution


def _own(actor: Actor, contribution_id: int) -> Contribution:
    """The deed, locked, if it is the actor's: the resident's acted for, or one that the actor entered."""
    contribution = get_scoped(Contribution, contribution_id, actor.community_id, lock=True)
    if not policy.may_change(actor, contribution):
        raise NotFound
    return contribution


def _move(contribution: Contribution, target: State) -> None:
    if target not in ALLOWED[contribution.state]:
        raise NotOpenAnyMore
    contribution.state = target


def _check(filing: Filing) -> None:
    today = clock.today()
    if filing.on > today:
        raise InFuture(fields={"on": InFuture.message})
    if (today - filing.on).days > DAYS_BACK:
        raise TooLongAgo(fields={"on": TooLongAgo.message})
    fields: dict[str, Any] = {}
    if not filing.title.strip():
        fields["title"] = lazy("Write in a few words what was done.")
    if filing.minutes is not None and not 0 < filing.minutes <= 24 * 60:
        fields["minutes"] = lazy("Between one minute and 24 hours.")
    if filing.units is not None and not 0 < filing.units <= 10_000:
        fields["units"] = lazy("A whole number from 1.")
    if filing.score is not None and not 0 <= filing.score <= 100_000:
        fields["score"] = lazy("A score from 0 to 1,000.")
    if filing.amount_fen is not None and not 0 < filing.amount_fen <= 10**10:
        fields["amount"] = lazy("An amount in yuan above 0.")
    if filing.size is not None and not 0 < filing.size <= 10**8:
        fields["size"] = lazy("A size above 0.")
    if filing.kind not in set(DeedKind) - {DeedKind.BASE}:
        fields["kind"] = lazy("Choose what kind of deed it was.")
    if fields:
        raise Invalid(fields=fields)


def _values(filing: Filing) -> dict[str, Any]:
    return {"kind": DeedKind(filing.kind), "title": filing.title.strip()[:120], "done_on": filing.on,
            "item_code": filing.item_code or None, "minutes": filing.minutes, "units": filing.units,
            "score": filing.score, "amount_fen": filing.amount_fen, "size": filing.size,
            "beneficiary_id": filing.beneficiary_id,
            "place": filing.place.strip()[:120], "text": filing.text.strip()[:500]}


def _act(community_id: int, filing: Filing) -> str | None:
    """The act that an earlier deed stands for: the same honour at county and at province. Raises NotFound."""
    if filing.same_as is None:
        return None
    earlier = get_scoped(Contribution, filing.same_as, community_id)
    return earlier.act


def _check_relative(community_id: int, resident_id: int, filing: Filing) -> None:
    """Points may go to a relative: somebody of the same household, or whom the same person may act for."""
    wanted = filing.beneficiary_id
    if wanted is None or wanted == resident_id:
        return
    if wanted not in people.relatives(community_id, resident_id, filing.on):
        raise Invalid(fields={"beneficiary": lazy("Choose somebody of the family.")})


def _refuse_double(community_id: int, resident_id: int, filing: Filing, but: int = 0) -> None:
    """The same deed typed in once more, for instance by the resident and by the grid worker."""
    values = _values(filing)
    alike = {"kind", "item_code", "done_on", "minutes", "units", "score", "amount_fen", "place"}
    same = [getattr(Contribution, name) == value if value is not None else getattr(Contribution, name).is_(None)
            for name, value in values.items() if name in alike]
    query = sa.select(sa.literal(1)).where(
        Contribution.community_id == community_id, Contribution.resident_id == resident_id, Contribution.id != but,
        Contribution.title == values["title"], *same,
        Contribution.state.notin_([State.WITHDRAWN, State.REJECTED]))
    if db.session.scalar(query.limit(1)):
        raise FiledTwice


def _attach(actor: Actor, contribution: Contribution, filing: Filing) -> None:
    if filing.photo_ids:
        media.attach(actor, list(filing.photo_ids), f"contribution:{contribution.id}", purpose=Purpose.DEED)


def _step(actor: Actor, contribution: Contribution, step: ReviewStep, reason: str = "") -> None:
    db.session.execute(sa.insert(Review), {
        "community_id": contribution.community_id, "contribution_id": contribution.id, "step": step,
        "by_user_id": actor.user_id, "reason": reason[:500], "at": clock.now()})
    audit.write(actor, f"contributions.{step.value}", f"contribution:{contribution.id}")
