"""The sentences of rules and judgements, kept in English with their values and put into the reader's language later.

A phrase is ``{"text": message, "params": {...}}`` and may stand inside another; ``notifications.queries.said`` speaks
them. Whole sentences are translated, never parts glued together: Chinese puts who and when before how much.
"""

from pointsbank.rules.wording.amounts import minutes, points, quantity, score, team, times, units, yuan
from pointsbank.rules.wording.caps import cap, points_cut, points_room, quantity_cut, reached, wide_cap
from pointsbank.rules.wording.explaining import below_step, products, rounding, step_reached, weighed
from pointsbank.rules.wording.items import clock, condition, conditions, head, step, taking, weighs
from pointsbank.rules.wording.papers import COMMENT_CHIPS, COMMENT_KINDS, MEETINGS, TEMPLATE_CHIPS, resolution
from pointsbank.rules.wording.words import (
    CONDITIONS,
    DAY_KINDS,
    KINDS,
    MEASURES,
    QUANTITIES,
    RECEIVERS,
    ROUNDINGS,
    SHAPES,
    SUBJECTS,
    TEAMS,
    TIMINGS,
    WEEKDAYS,
    WEIGHTS,
    WINDOWS,
    Phrase,
    entry,
    listed,
    phrase,
)

__all__ = ["COMMENT_CHIPS", "COMMENT_KINDS", "CONDITIONS", "DAY_KINDS", "KINDS", "MEASURES", "MEETINGS", "QUANTITIES",
           "RECEIVERS", "ROUNDINGS", "SHAPES", "SUBJECTS", "TEAMS", "TEMPLATE_CHIPS", "TIMINGS", "WEEKDAYS",
           "WEIGHTS", "WINDOWS", "Phrase", "below_step", "cap", "clock", "condition", "conditions", "entry", "head",
           "listed", "minutes", "phrase", "points", "points_cut", "points_room", "products", "quantity",
           "quantity_cut", "reached", "resolution", "rounding", "score", "step", "step_reached", "taking", "team",
           "times", "units", "weighed", "weighs", "wide_cap", "yuan"]
