"""The one table of moves: who may take which step from where. Services, the interface and the tests read it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from pointsbank.cases.models import CaseState as S


class Part(enum.StrEnum):
    """The part somebody plays in one case."""

    REPORTER = "reporter"
    DISPATCHER = "dispatcher"
    HANDLER = "handler"
    INSPECTOR = "inspector"
    NEIGHBOURS = "neighbours"
    SYSTEM = "system"


@dataclass(frozen=True)
class Move:
    """One step. ``reason``: words have to go with it; ``photo``: a photo taken afterwards has to."""

    verb: str
    sources: frozenset[S]
    target: S
    parts: frozenset[Part]
    reason: bool = False
    photo: bool = False


def _move(verb: str, sources: tuple[S, ...], target: S, *parts: Part, reason: bool = False,
          photo: bool = False) -> Move:
    return Move(verb, frozenset(sources), target, frozenset(parts), reason, photo)


NEW = (S.RECEIVED, S.MORE_INFORMATION)
WORK = (S.ACCEPTED, S.ASSIGNED, S.SENT_BACK, S.ACKNOWLEDGED, S.ON_SITE, S.RECTIFYING, S.REWORK)
TAKEN = (S.ASSIGNED, S.ACKNOWLEDGED, S.ON_SITE, S.RECTIFYING, S.REWORK)
MOVES: dict[str, Move] = {move.verb: move for move in (
    _move("ask_more", (S.RECEIVED,), S.MORE_INFORMATION, Part.DISPATCHER, reason=True),
    _move("supply", (S.MORE_INFORMATION,), S.RECEIVED, Part.REPORTER, reason=True),
    _move("decline", NEW, S.DECLINED, Part.DISPATCHER, reason=True),
    _move("appeal", (S.DECLINED,), S.RECEIVED, Part.REPORTER, reason=True),
    _move("merge", NEW, S.MERGED, Part.DISPATCHER),
    _move("split", (S.MERGED,), S.RECEIVED, Part.DISPATCHER, reason=True),
    _move("withdraw", NEW, S.WITHDRAWN, Part.REPORTER),
    _move("accept", (S.RECEIVED,), S.ACCEPTED, Part.DISPATCHER),
    _move("assign", (S.ACCEPTED, S.SENT_BACK), S.ASSIGNED, Part.DISPATCHER),
    _move("send_back", (S.ASSIGNED, S.ACKNOWLEDGED), S.SENT_BACK, Part.HANDLER, reason=True),
    _move("refuse_return", (S.SENT_BACK,), S.ASSIGNED, Part.DISPATCHER, reason=True),
    _move("take_away", TAKEN, S.SENT_BACK, Part.DISPATCHER, reason=True),
    _move("acknowledge", (S.ASSIGNED,), S.ACKNOWLEDGED, Part.HANDLER),
    _move("arrive", (S.ACKNOWLEDGED,), S.ON_SITE, Part.HANDLER),
    _move("start", (S.ACKNOWLEDGED, S.ON_SITE), S.RECTIFYING, Part.HANDLER),
    _move("suspend", (S.RECTIFYING,), S.SUSPENDED, Part.DISPATCHER, reason=True),
    _move("resume", (S.SUSPENDED,), S.RECTIFYING, Part.HANDLER, Part.DISPATCHER, Part.SYSTEM),
    _move("finish", (S.RECTIFYING, S.REWORK), S.TO_INSPECT, Part.HANDLER, photo=True),
    _move("rework", (S.TO_INSPECT,), S.REWORK, Part.INSPECTOR, reason=True),
    _move("approve", (S.TO_INSPECT,), S.TO_EVALUATE, Part.INSPECTOR),
    _move("satisfied", (S.TO_EVALUATE,), S.CLOSED, Part.REPORTER),
    _move("partly", (S.TO_EVALUATE,), S.CLOSED, Part.REPORTER),
    _move("unhappy", (S.TO_EVALUATE,), S.ACCEPTED, Part.REPORTER, reason=True),
    _move("unanswered", (S.TO_EVALUATE,), S.CLOSED, Part.SYSTEM),
    _move("declare_false", WORK, S.CLOSED, Part.DISPATCHER, reason=True),
    _move("reopen", (S.CLOSED,), S.ACCEPTED, Part.REPORTER, Part.INSPECTOR, Part.NEIGHBOURS,
          reason=True),
)}
ANSWERS = ("satisfied", "partly", "unhappy")
# Steps without a user that a date brings; any other comes from another system.
BY_DATE = frozenset({"unanswered", "resume", "escalate"})
PAIRS = sorted({(source, move.target) for move in MOVES.values() for source in move.sources})
OPEN = tuple(s for s in S if s not in {S.DECLINED, S.MERGED, S.WITHDRAWN, S.CLOSED})
