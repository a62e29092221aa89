"""What is counted, as pure functions: from what happened to cases in a period to figures with their lists of cases.

Every figure but the median is the number of different cases in its list. Nothing is ever counted by person.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pointsbank.cases.models import Evaluation, Outcome

EDITION = 1  # of the sentences that say what is counted; a new one whenever one of them means something else
SMALL = 5  # below this a number is told to staff only


class Scope(enum.StrEnum):
    """All cases, for staff; or the cases that everybody may see."""

    ALL = "all"
    PUBLIC = "public"


class By(enum.StrEnum):
    """Of the whole community, of a unit, of a kind of problem."""

    WHOLE = "whole"
    UNIT = "unit"
    KIND = "kind"


RECEIVED, ACCEPTED, DECLINED, MERGED, WITHDRAWN = "received", "accepted", "declined", "merged", "withdrawn"
CLOSED, ON_TIME, LATE, MEDIAN = "closed", "on_time", "late", "median"
REWORK, REOPENED, SENT_BACK = "rework", "reopened", "sent_back"
OPEN, SUSPENDED, OVERDUE = "open", "suspended", "overdue"
OUTCOME, ANSWER, JOINER = "outcome.", "answer.", "joiner."
# How neighbours who met it too answered; told where there are any, behind what reporters said.
JOINERS = tuple(JOINER + one.value for one in Evaluation if one is not Evaluation.UNANSWERED)
# Always told, also where they are 0; the order of the pages.
ALWAYS = (RECEIVED, ACCEPTED, DECLINED, MERGED, WITHDRAWN, CLOSED, *(OUTCOME + one.value for one in Outcome), ON_TIME,
          LATE, MEDIAN, REWORK, REOPENED, SENT_BACK, *(ANSWER + one.value for one in Evaluation), OPEN, SUSPENDED,
          OVERDUE)


@dataclass(frozen=True)
class Subject:
    """What has to be known of a case to count it."""

    id: int
    unit_id: int | None
    kind_id: int
    is_public: bool


@dataclass
class Happened:
    """What happened in a period: the cases of each figure by code, and the minutes from opening to closing."""

    cases: dict[str, dict[int, Subject]] = field(default_factory=lambda: defaultdict(dict))
    minutes: dict[int, int] = field(default_factory=dict)

    def add(self, code: str, case: Subject) -> None:
        """Count a case under a figure; twice is once."""
        self.cases[code][case.id] = case


@dataclass(frozen=True)
class Figure:
    """A number, what it counts, and the cases it counts."""

    scope: Scope
    by: By
    group_id: int
    group_name: str
    code: str
    value: int | None
    case_ids: tuple[int, ...]


def median(values: Iterable[int]) -> int | None:
    """The middle value, the mean of the two middle ones, None of nothing; whole minutes, halves rounded down."""
    ordered = sorted(values)
    if not ordered:
        return None
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return (low + high) // 2


def _codes(happened: Happened) -> list[str]:
    """Every code to tell, answers and outcomes that are new to this file among them."""
    more = sorted((code for code in happened.cases if code not in ALWAYS),
                  key=lambda code: (JOINERS.index(code) if code in JOINERS else -1, code))
    found = list(ALWAYS)
    for code in more:
        group = code.partition(".")[0] + "."
        groups = (ANSWER, JOINER) if group == JOINER else (group,)
        place = max((i for i, one in enumerate(found) if one.startswith(groups)), default=len(found) - 1)
        found.insert(place + 1, code)
    return found


def _figures(happened: Happened, scope: Scope, by: By, group_id: int, name: str, wanted: Mapping[str, Sequence[int]],
             codes: Sequence[str]) -> list[Figure]:
    made = []
    for code in codes:
        ids = tuple(sorted(wanted.get(code, ())))
        value = len(ids) if code != MEDIAN else median(happened.minutes[one] for one in ids)
        made.append(Figure(scope, by, group_id, name, code, value, ids if scope is Scope.ALL else ()))
    return made


def _grouped(happened: Happened, scope: Scope, by: By, names: Mapping[int, str]) -> list[Figure]:
    """The figures of each unit or kind that has any, in the order of their names: no league table."""
    groups: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for code, cases in happened.cases.items():
        for case in cases.values():
            if scope is Scope.ALL or case.is_public:
                groups[(case.unit_id or 0) if by is By.UNIT else case.kind_id][code].append(case.id)
    made = []
    for group_id in sorted(groups, key=lambda one: (one == 0, names.get(one, ""), one)):
        found = groups[group_id]
        codes = [code for code in _codes(happened) if found.get(code)]
        made += _figures(happened, scope, by, group_id, names.get(group_id, ""), found, codes)
    return made


def figures(happened: Happened, units: Mapping[int, str], kinds: Mapping[int, str], *, for_all: bool) -> list[Figure]:
    """All figures of a review, in the order in which they are told; with ``for_all`` also those for everybody."""
    made = []
    for scope in Scope if for_all else (Scope.ALL,):
        whole = {code: [case.id for case in cases.values() if scope is Scope.ALL or case.is_public]
                 for code, cases in happened.cases.items()}
        made += _figures(happened, scope, By.WHOLE, 0, "", whole, _codes(happened))
        made += _grouped(happened, scope, By.UNIT, units)
        made += _grouped(happened, scope, By.KIND, kinds)
    return made
