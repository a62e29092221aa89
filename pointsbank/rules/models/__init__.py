"""Scoring standards with their rules and caps, the papers around them, and what the caps have used up."""

from pointsbank.rules.models.flags import FLAG_ALLOWED, FlagKind, FlagState, StandingFlag
from pointsbank.rules.models.items import RuleCap, ScoringRule, StandardCap
from pointsbank.rules.models.keeping import CapCounter, CommunityScoring
from pointsbank.rules.models.papers import (
    COMMENT_ALLOWED,
    STAGE_ALLOWED,
    TEMPLATE_ALLOWED,
    CommentKind,
    CommentRound,
    CommentState,
    Meeting,
    Stage,
    StandardComment,
    StandardOrigin,
    StandardResolution,
    StandardTemplate,
    TemplateItem,
    TemplateState,
)
from pointsbank.rules.models.standards import ScoringStandard
from pointsbank.rules.models.words import (
    ALLOWED,
    ConditionKind,
    DayKind,
    DeedKind,
    Measure,
    Quantity,
    Receiver,
    Rounding,
    Shape,
    StandardState,
    Subject,
    Timing,
    WeightKind,
    Window,
)

__all__ = ["ALLOWED", "COMMENT_ALLOWED", "FLAG_ALLOWED", "STAGE_ALLOWED", "TEMPLATE_ALLOWED", "CapCounter",
           "CommentKind", "CommentRound", "CommentState", "CommunityScoring", "ConditionKind", "DayKind", "DeedKind",
           "FlagKind", "FlagState", "Measure", "Meeting", "Quantity", "Receiver", "Rounding", "RuleCap", "ScoringRule",
           "ScoringStandard", "Shape", "Stage", "StandardCap", "StandardComment", "StandardOrigin",
           "StandardResolution", "StandardState", "StandardTemplate", "StandingFlag", "Subject", "TemplateItem",
           "TemplateState", "Timing", "WeightKind", "Window"]
