"""How a panel's votes become a decision: who may vote, the quorum, the majority. Pure functions of plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from pointsbank.contributions.models import Choice

LEAST_VOTES = 2  # one vote alone is no panel, whatever the settings say


def quorum_of(entitled: int, number: int) -> int:
    """How many votes are needed where ``entitled`` members have no conflict of interest.

    ``number`` is the community's setting, 0 for more than half. Who is barred can't be missed: the quorum is never
    more than those entitled, as long as these are two at least.
    """
    wanted = number or entitled // 2 + 1
    return max(min(wanted, entitled), LEAST_VOTES)


@dataclass(frozen=True)
class Count:
    """The votes of those entitled about one deed, and what they make of it."""

    votes_for: int
    votes_against: int
    abstained: int
    entitled: int
    needed: int

    @property
    def cast(self) -> int:
        """Votes that count for the quorum: abstaining is a vote."""
        return self.votes_for + self.votes_against + self.abstained

    @property
    def has_quorum(self) -> bool:
        """Enough of those entitled voted."""
        return self.cast >= self.needed

    @property
    def is_carried(self) -> bool:
        """More than half of the votes for and against are for it; a tie fails, and so does a row of abstentions."""
        return self.has_quorum and self.votes_for > self.votes_against


def count(choices: Iterable[Choice], entitled: int, number: int) -> Count:
    """Count the last votes of those entitled; ``number`` as in :func:`quorum_of`."""
    found = Counter(choices)
    return Count(found[Choice.FOR], found[Choice.AGAINST], found[Choice.ABSTAIN], entitled,
                 quorum_of(entitled, number))
