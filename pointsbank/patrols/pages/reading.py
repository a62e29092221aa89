"""The round page as it was sent: one form with a few fields for each checkpoint, named after its row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict

from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.media import services as media
from pointsbank.media.services import Prepared
from pointsbank.patrols.errors import BadStop, BadTime
from pointsbank.patrols.models import Stop, StopResult
from pointsbank.patrols.services import FindingDraft, StopDraft

FINDINGS = 2  # findings that a page has room for at one checkpoint; more go in as reports
PHOTOS = 3
Form = MultiDict[str, str]


def finding_ids(stop: Stop, resident_id: int, known: int) -> list[str]:
    """The numbers of the next findings of one person at a checkpoint: the same however often the page is opened, so
    that what is sent twice is one finding."""
    return [f"s{stop.id}-{resident_id}-f{known + n:02d}" for n in range(FINDINGS)]


@dataclass(frozen=True)
class Sent:
    """Photos that came with a form, decoded before the write lock is held: by the name of their field."""

    prepared: Mapping[str, Sequence[Prepared]]

    def stored(self, actor: Actor) -> dict[str, list[int]]:
        """Keep them, hanging nowhere yet."""
        return {name: [media.store(actor, None, "", "report", prepared=one).id for one in many]
                for name, many in self.prepared.items()}


def prepare(files: MultiDict[str, FileStorage]) -> Sent:
    """Decode what was sent. Raises what the room of photos refuses."""
    names = [name for name in dict.fromkeys(files) if name.endswith("-photos")]
    return Sent({name: found for name in names
                 if (found := media.prepare_uploads(files.getlist(name), most=PHOTOS))})


def instant(text: str) -> dt.datetime | None:
    """An instant in ISO, or none. Raises BadTime."""
    clean = text.strip()
    if not clean:
        return None
    try:
        found = dt.datetime.fromisoformat(clean)
    except ValueError:
        raise BadTime from None
    return found if found.tzinfo is not None else found.replace(tzinfo=clock.SHANGHAI)


def wall_time(text: str, day: dt.date) -> dt.datetime | None:
    """``9:05`` on a day, or none. Raises BadTime."""
    clean = text.strip().replace("：", ":")
    if not clean:
        return None
    try:
        hour, _colon, minute = clean.partition(":")
        return clock.at_local(day, dt.time(int(hour), int(minute)))
    except ValueError:
        raise BadTime(fields={"from": BadTime.message}) from None


def _numbers(texts: Sequence[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 10]


def stop_from(form: Form, stop: Stop, photos: Mapping[str, Sequence[int]]) -> StopDraft | None:
    """One checkpoint; None where nothing was chosen. Raises BadStop, BadTime."""
    name = f"s{stop.id}-"
    chosen = form.get(f"{name}result", "")
    findings = _findings(form, stop, photos)
    if not chosen and not findings:
        return None
    try:
        result = StopResult(chosen or StopResult.FINDING)
    except ValueError:
        raise BadStop from None
    flagged = set(form.getlist(f"{name}bad")) if result is StopResult.FINDING else set()
    checks = {} if result is StopResult.SKIPPED else {
        line["key"]: line["key"] not in flagged for line in stop.checklist}
    return StopDraft(
        stop.id, result, checks, form.get(f"{name}reason", ""), instant(form.get(f"{name}at", "")[:40]),
        form.get(f"{name}tag", "")[:64], _ids(form, name, photos),
        findings if result is StopResult.FINDING else ())


def _ids(form: Form, name: str, photos: Mapping[str, Sequence[int]]) -> list[int]:
    return [*_numbers(form.getlist(f"{name}kept")[:media.MOST_PER_OWNER]), *photos.get(f"{name}photos", ())]


def _findings(form: Form, stop: Stop, photos: Mapping[str, Sequence[int]]) -> tuple[FindingDraft, ...]:
    made = []
    for n in range(FINDINGS):
        name = f"s{stop.id}-f{n}-"
        text, ids = form.get(f"{name}text", "").strip(), _ids(form, name, photos)
        kind = form.get(f"{name}category_id", type=int)
        if not text and not ids:
            continue
        made.append(FindingDraft(form.get(f"{name}id", "")[:64], kind or _by_line(form, stop) or 0, text, ids,
                                 form.get(f"{name}fixed", "") == "1"))
    return tuple(made)


def _by_line(form: Form, stop: Stop) -> int | None:
    """The kind of the first question that was answered "not"."""
    flagged = set(form.getlist(f"s{stop.id}-bad"))
    return next((line["category_id"] for line in stop.checklist if line["key"] in flagged and line["category_id"]),
                None)


def stops_from(form: Form, stops: Sequence[Stop], photos: Mapping[str, Sequence[int]]) -> tuple[StopDraft, ...]:
    """All checkpoints at which something was chosen."""
    found = (stop_from(form, stop, photos) for stop in stops)
    return tuple(draft for draft in found if draft is not None)


def kept_fields(photos: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
    """The photos of a refused form, by the field that brings them along the next time."""
    return {name.removesuffix("photos") + "kept": list(ids) for name, ids in photos.items()}


def given_values(form: Form | None) -> dict[str, Any]:
    """What was filled in, for the page that comes back."""
    return {name: values[0] if len(values) == 1 and not name.endswith(("-bad", "-kept")) else values
            for name, values in form.lists()} if form is not None else {}
