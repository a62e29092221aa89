"""What is stored: ladders, honours, months of observers, certificates, closed years, who is shown where."""

from pointsbank.honours.models.awards import (
    ALLOWED,
    LIVE,
    HonourAward,
    HonourProposal,
    HonourRevocation,
    ProposalState,
    RevocationState,
)
from pointsbank.honours.models.certificates import CERTIFICATE_ALLOWED, CertificateState, ServiceCertificate
from pointsbank.honours.models.ladders import HonourLadder, LadderState, LadderStep, Period
from pointsbank.honours.models.observers import BestCandidate, BestMonth, BestState, BestVote
from pointsbank.honours.models.people import HiddenResident, HonourLeague, NoShow
from pointsbank.honours.models.years import HonourCounter, HonourYear, HonourYearLine, YearState

__all__ = [
    "ALLOWED", "CERTIFICATE_ALLOWED", "LIVE", "BestCandidate", "BestMonth", "BestState", "BestVote",
    "CertificateState", "HiddenResident", "HonourAward", "HonourCounter", "HonourLadder", "HonourLeague",
    "HonourProposal", "HonourRevocation", "HonourYear", "HonourYearLine", "LadderState", "LadderStep", "NoShow",
    "Period", "ProposalState", "RevocationState", "ServiceCertificate", "YearState",
]
