"""What the funnel stores: deeds with their steps and award lines, and the panel that judges them together."""

from pointsbank.contributions.models.deeds import (
    ALLOWED,
    CORRECTED,
    LINE_ALLOWED,
    PENDING,
    AwardLine,
    Contribution,
    Correction,
    CorrectionState,
    DeedKind,
    LineState,
    Receiver,
    RecordedVia,
    Review,
    ReviewStep,
    State,
    Timing,
)
from pointsbank.contributions.models.panel import (
    SITTING_ALLOWED,
    Choice,
    DeclaredRelative,
    Outcome,
    PanelVote,
    Sitting,
    SittingItem,
    SittingMember,
    SittingState,
)

__all__ = ["ALLOWED", "CORRECTED", "LINE_ALLOWED", "PENDING", "SITTING_ALLOWED", "AwardLine", "Choice",
           "Contribution", "Correction", "CorrectionState", "DeclaredRelative", "DeedKind", "LineState", "Outcome",
           "PanelVote", "Receiver", "RecordedVia", "Review", "ReviewStep", "Sitting", "SittingItem",
           "SittingMember", "SittingState", "State", "Timing"]
