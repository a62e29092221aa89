"""Judging deeds by versions: plain values in, plain values out, in integers only; see ``judging.evaluate``."""

from pointsbank.rules.evaluation.counting import rounded
from pointsbank.rules.evaluation.deeds import Deed, Entry, Evaluation, LineDraft, Note
from pointsbank.rules.evaluation.judging import assess, evaluate
from pointsbank.rules.evaluation.keys import (
    candidates,
    counter_key,
    counter_keys,
    history_of,
    subject_key,
    taken,
    window_key,
)
from pointsbank.rules.evaluation.versions import HOUR, Band, Cap, Condition, Rule, Version, Weight, WideCap

__all__ = ["HOUR", "Band", "Cap", "Condition", "Deed", "Entry", "Evaluation", "LineDraft", "Note", "Rule", "Version",
           "Weight", "WideCap", "assess", "candidates", "counter_key", "counter_keys", "evaluate", "history_of",
           "rounded", "subject_key", "taken", "window_key"]
