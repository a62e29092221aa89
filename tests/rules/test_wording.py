"""The sentences people read, in both languages."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask

from pointsbank.rules import queries
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.evaluation import Cap, evaluate
from pointsbank.rules.models import Measure, Rounding, Subject, Window
from tests.rules.support import deed, hours_rule, piece_rule, version_of, visit_rule


@pytest.mark.parametrize(("draft", "english", "chinese"), [
    (hours_rule(), "1 point an hour, at most 2 hours an activity, at most 20 points a month per person",
     "每小时 1 分，一场最多算 2 小时，每人每月最多 20 分"),
    (visit_rule(), "2 points each time, at most 1 time a day per person", "每次 2 分，每人每天最多 1 次"),
    (piece_rule(), "0.5 points for each 米, at most 3 points a day per household", "每米 0.5 分，每户每天最多 3 分"),
    (hours_rule(caps=(), rounding_minutes=30), "1 point an hour, each full 30 minutes counts",
     "每小时 1 分，满 30 分钟算一次"),
    (hours_rule(caps=(), rounding_minutes=1, rounding=Rounding.UP), "1 point an hour, counted by the minute",
     "每小时 1 分，按分钟算"),
])
def test_a_rule_is_one_sentence(app: Flask, draft: RuleDraft, english: str, chinese: str) -> None:
    for language, expected in (("en", english), ("zh-CN", chinese)):
        with app.test_request_context(headers={"Accept-Language": language}):
            assert queries.sentence(draft.as_rule()) == expected


def test_the_explanation_says_what_counted_and_what_a_cap_cost(app: Flask) -> None:
    version = version_of(hours_rule())
    (line,) = evaluate(deed(), version, {"1.1|points|resident:5|month:2026-04": 1900}).lines
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert queries.explain(line.explanation) == [
            "2 of 3 hours counted: at most 2 hours an activity", "2 hours × 1 point an hour = 2 points",
            "1 point less: at most 20 points a month per person, and 19 points were given before"]
    with app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        assert queries.explain(line.explanation) == [
            "3 小时算 2：一场最多算 2 小时", "2 小时 × 每小时 1 分 = 2 分",
            "每人每月最多 20 分，此前已得 19 分，减去 1 分"]


def test_the_whole_sentence_marks_its_numbers_and_escapes_what_people_wrote(app: Flask) -> None:
    rule = piece_rule(unit="<b>%").as_rule()
    with app.test_request_context(headers={"Accept-Language": "en"}):
        text = queries.full_sentence(rule)
    assert "<mark>0.5 points</mark>" in text
    assert "&lt;b&gt;%" in text
    assert "<b>" not in text


def test_every_cap_and_note_has_words_in_both_languages(app: Flask) -> None:
    caps = [Cap(w, s, m, 600) for w in Window for s in Subject for m in Measure]
    for language in ("en", "zh-CN"):
        with app.test_request_context(headers={"Accept-Language": language}):
            for cap in caps:
                rule = dataclasses.replace(hours_rule().as_rule(), caps=(cap,))
                said = queries.sentence(rule)
                assert "%(" not in said
                assert ("最多" in said) == (language == "zh-CN")
