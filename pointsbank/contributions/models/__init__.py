"""What the funnel stores: deeds with their steps and award lines, requests for a review, the panel that judges deeds
together, and sheets of paper that are typed in."""

from pointsbank.contributions.models.appeals import APPEAL_ALLOWED, Appeal, AppealState
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
    as_barred,
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
from pointsbank.contributions.models.sharing import ShareState, TeamShare, TeamShareLine
from pointsbank.contributions.models.sheets import (
    MOST_ROWS,
    SHEET_ALLOWED,
    SHEET_OPEN,
    Sheet,
    SheetRow,
    SheetState,
)

__all__ = ["ALLOWED", "APPEAL_ALLOWED", "CORRECTED", "LINE_ALLOWED", "MOST_ROWS", "PENDING", "SHEET_ALLOWED",
           "SHEET_OPEN", "SITTING_ALLOWED", "Appeal", "AppealState", "AwardLine", "Choice", "Contribution",
           "Correction", "CorrectionState", "DeclaredRelative", "DeedKind", "LineState", "Outcome", "PanelVote",
           "Receiver", "RecordedVia", "Review", "ReviewStep", "ShareState", "Sheet", "SheetRow", "SheetState",
           "Sitting", "SittingItem", "SittingMember", "SittingState", "State", "TeamShare", "TeamShareLine", "Timing",
           "as_barred"]
