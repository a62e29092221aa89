"""What goes out as Excel or CSV comes in again unchanged, whatever the standard, in both languages."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings

from pointsbank.rules import sheets
from pointsbank.rules.drafts import RuleDraft
from pointsbank.rules.evaluation import WideCap
from tests.rules.strategies import standards
from tests.rules.support import hours_rule

Standard = tuple[list[RuleDraft], list[WideCap]]


@pytest.fixture(scope="module")
def plain_app(houses) -> Flask:  # type: ignore[no-untyped-def]
    """No database is needed to read or write a file."""
    return houses.empty("sqlite")


def came_back(app: Flask, language: str, standard: Standard, *, as_csv: bool) -> None:
    rules, caps = standard
    with app.test_request_context(headers={"Accept-Language": language}):
        raw = sheets.write_standard(rules, "细则", caps=caps, as_csv=as_csv)
        parsed = sheets.read_standard(raw, deductions=True)
    assert parsed.faults == (() if rules or caps else parsed.faults)
    assert list(map(in_order, parsed.rules)) == list(map(in_order, rules))
    assert set(parsed.caps) == set(caps)
    assert len(parsed.caps) == len(caps)


def in_order(draft: RuleDraft) -> RuleDraft:
    """The order of caps says nothing."""
    return dataclasses.replace(draft, caps=tuple(sorted(draft.caps, key=str)))


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh-CN", "en"])
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture,
                                                                  HealthCheck.too_slow])
@given(standard=standards())
@example(standard=([hours_rule(name="'=1"), hours_rule(code="2", name="=1+1", who="＝x", evidence="''+1")], []))
def test_a_csv_comes_in_again_unchanged(plain_app: Flask, language: str, standard: Standard) -> None:
    came_back(plain_app, language, standard, as_csv=True)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh-CN", "en"])
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture,
                                                                HealthCheck.too_slow])
@given(standard=standards())
def test_a_workbook_comes_in_again_unchanged(plain_app: Flask, language: str, standard: Standard) -> None:
    """Each one is read in a process of its own, so there are few of them."""
    came_back(plain_app, language, standard, as_csv=False)
