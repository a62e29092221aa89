"""The pages: everybody reads the standard, the committee writes it. On both databases."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from pointsbank.core.db import db, transaction
from pointsbank.rules import queries, services, sheets
from pointsbank.rules.models import ScoringRule, ScoringStandard
from tests.rules.support import adopted, hours_rule, piece_rule, visit_rule
from tests.rules.test_sheets import GOOD, as_csv, with_cell
from tests.support.village import Village

pytestmark = pytest.mark.usefixtures("clock")
ENGLISH = {"Accept-Language": "en"}
FORM = {"code": "1.1", "name": "参加志愿服务", "category": "志愿服务", "kind": "volunteering", "shape": "per_hour",
        "points": "1", "rounding_minutes": "60", "rounding": "down", "ceiling": "2", "receiver": "household",
        "timing": "after_notice", "by_itself": "y", "caps-0-most": "20", "caps-0-measure": "points",
        "caps-0-window": "month", "caps-0-subject": "person", "team_kind": "", "try_hours": "3", "try_points": "19",
        "do": "save"}
# A browser sends the empty lines as well.
FORM |= {f"caps-{n}-{name}": value for n in (1, 2, 3) for name, value in (
    ("most", ""), ("measure", "points"), ("window", "day"), ("subject", "person"))}


@pytest.fixture
def in_force(app: Flask, village: Village) -> ScoringStandard:
    with app.app_context():
        return adopted(village, [hours_rule(), visit_rule(), piece_rule()])


@pytest.fixture
def draft(app: Flask, village: Village) -> ScoringStandard:
    with app.app_context(), transaction():
        return services.start_draft(village.actor("member"), "积分细则", [visit_rule()])


def text_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers=ENGLISH)
    assert answer.status_code == 200, answer.status
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def post(client: FlaskClient, path: str, data: dict, expected: int = 303) -> str:
    answer = client.post(path, data=data, headers=ENGLISH)
    assert answer.status_code == expected, answer.get_data(as_text=True)[:2000]
    return answer.get_data(as_text=True)


def test_everybody_reads_the_standard_of_a_community(client: FlaskClient, village: Village,
                                                     in_force: ScoringStandard) -> None:
    text = text_of(client, "/rules?community=liuyin")
    assert "1 point an hour, at most 2 hours an activity, at most 20 points a month per person." in text
    assert "29票" in text


def test_a_neighbour_signed_in_at_home_reads_it_too(client: FlaskClient, village: Village,
                                                    in_force: ScoringStandard) -> None:
    assert "29票" in text_of(village.sign_in(client, "mallory"), "/rules?community=liuyin")


def test_a_resident_reads_the_own_communitys_standard(client: FlaskClient, village: Village,
                                                      in_force: ScoringStandard) -> None:
    assert "看望独居老人" in text_of(village.sign_in(client, "alice"), "/rules")
    assert "No rules are in force yet" in text_of(village.sign_in(client, "mallory"), "/rules")


def test_a_visitor_without_a_community_chooses_one(client: FlaskClient, village: Village) -> None:
    assert "柳荫社区" in text_of(client, "/rules")


def test_a_draft_is_not_public(client: FlaskClient, village: Village, draft: ScoringStandard) -> None:
    assert client.get("/rules?community=liuyin&version=1").status_code == 404
    assert client.get("/rules?community=nowhere").status_code == 404


def test_an_older_version_stays_readable(app: Flask, client: FlaskClient, village: Village,
                                         in_force: ScoringStandard, clock: object) -> None:
    with app.app_context():
        adopted(village, [hours_rule(points=700)], dt.date(2026, 4, 20), on_paper=False)
    clock.at(2026, 5, 1)  # type: ignore[attr-defined]
    assert "7 points an hour" in text_of(client, "/rules?community=liuyin")
    assert "1 point an hour" in text_of(client, "/rules?community=liuyin&version=1")


def test_the_desk_is_for_the_desk(client: FlaskClient, village: Village, draft: ScoringStandard) -> None:
    for path in ("/desk/rules", f"/desk/rules/{draft.id}", f"/desk/rules/{draft.id}/export", "/desk/rules/new"):
        assert client.get(path).status_code == 303
    village.sign_in(client, "alice")
    for path in ("/desk/rules", f"/desk/rules/{draft.id}", "/desk/rules/new", f"/desk/rules/{draft.id}/adopt"):
        assert client.get(path).status_code == 403
    village.sign_in(client, "other_member")
    for path in ("", "/export", "/items/new", "/import", "/adopt"):
        assert client.get(f"/desk/rules/{draft.id}{path}").status_code == 404


def test_the_committee_starts_a_draft_from_a_sample(client: FlaskClient, village: Village) -> None:
    village.sign_in(client, "member")
    assert "No rules are in force yet" in text_of(client, "/desk/rules")
    text_of(client, "/desk/rules/new")
    post(client, "/desk/rules/new", {"title": "石桥村积分细则", "source": "village"})
    with client.application.app_context():
        row = queries.standards(village.community)[0]
        assert len(queries.version(village.community, row.id).rules) == 15
    assert "at most 60 points a month per person" in text_of(client, f"/desk/rules/{row.id}")


def test_a_second_draft_is_refused_with_a_sentence(client: FlaskClient, village: Village,
                                                   draft: ScoringStandard) -> None:
    village.sign_in(client, "second")
    body = post(client, "/desk/rules/new", {"title": "另一份", "source": "empty"}, 409)
    assert "There is a draft already" in body


def test_an_item_is_added_tried_and_changed_in_its_form(app: Flask, client: FlaskClient, village: Village,
                                                        draft: ScoringStandard) -> None:
    village.sign_in(client, "member")
    new = f"/desk/rules/{draft.id}/items/new"
    text_of(client, new)
    tried = post(client, new, {**FORM, "do": "try"}, 200)
    assert "2 of 3 hours counted: at most 2 hours an activity" in tried
    assert "1 point less: at most 20 points a month per person" in tried
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(ScoringRule)) == 1
    post(client, new, FORM)
    with app.app_context():
        rule = next(r for r in queries.version(village.community, draft.id).rules if r.code == "1.1")
    edit = f"/desk/rules/{draft.id}/items/{rule.id}"
    page = client.get(edit, headers=ENGLISH).get_data(as_text=True)
    assert 'value="20"' in page
    assert "<mark>2 hours</mark>" in page
    post(client, edit, {**FORM, "points": "２．５"})
    with app.app_context():
        changed = next(r for r in queries.version(village.community, draft.id).rules if r.id == rule.id)
        assert (changed.points, set(changed.caps)) == (250, set(rule.caps))


@pytest.mark.parametrize(("field", "value", "words"), [
    ("points", "1分/小时", "is not a number of points"), ("points", "0", "more than 0"), ("code", "", "such as 1.1"),
    ("name", "", "must not be empty"), ("ceiling", "两小时", "counted with"),
    ("caps-0-most", "0.5", "smaller than what a single time gives"), ("caps-0-most", "-3", "more than 0"),
    ("shape", "per_day", "Not a valid choice"), ("code", "1.2", "is there already")])
def test_what_is_wrong_in_the_form_is_said_at_its_field_and_kept(client: FlaskClient, village: Village,
                                                                 draft: ScoringStandard, field: str, value: str,
                                                                 words: str) -> None:
    village.sign_in(client, "member")
    body = post(client, f"/desk/rules/{draft.id}/items/new", {**FORM, field: value}, 422)
    assert words in body
    assert f'value="{FORM["category"]}"' in body


def test_an_item_is_taken_out_and_a_draft_thrown_away(client: FlaskClient, village: Village,
                                                      draft: ScoringStandard) -> None:
    village.sign_in(client, "member")
    with client.application.app_context():
        rule = queries.version(village.community, draft.id).rules[0]
    post(client, f"/desk/rules/{draft.id}/items/{rule.id}/remove", {})
    assert "This draft has no items yet" in text_of(client, f"/desk/rules/{draft.id}")
    post(client, f"/desk/rules/{draft.id}/discard", {})
    assert client.get(f"/desk/rules/{draft.id}").status_code == 404


def test_a_file_with_broken_rows_comes_back_as_a_list_and_then_goes_in(client: FlaskClient, village: Village,
                                                                       draft: ScoringStandard) -> None:
    village.sign_in(client, "member")
    raw = as_csv(GOOD, with_cell("分值", "+5至+10", "1.2"), with_cell("种类", "劳动", "1.3"))
    path = f"/desk/rules/{draft.id}/import"
    text_of(client, path)
    body = post(client, path, {"file": (io.BytesIO(raw), "细则.csv"), "rows": "all"}, 422)
    assert "A range is no number" in body
    assert "<td>4</td>" in body
    post(client, path, {"file": (io.BytesIO(raw), "细则.csv"), "rows": "good"})
    text = text_of(client, f"/desk/rules/{draft.id}")
    assert "Items brought in: 1." in text
    assert "看望独居老人" not in text


def test_no_file_is_said_in_a_sentence(client: FlaskClient, village: Village, draft: ScoringStandard) -> None:
    village.sign_in(client, "member")
    assert "Choose a file first" in post(client, f"/desk/rules/{draft.id}/import", {"rows": "all"}, 422)
    body = post(client, f"/desk/rules/{draft.id}/import", {"file": (io.BytesIO(b"\0"), "x.xlsx"), "rows": "all"}, 422)
    assert "read" in body


def test_the_export_and_the_template_are_workbooks(client: FlaskClient, village: Village,
                                                   in_force: ScoringStandard) -> None:
    village.sign_in(client, "reviewer")
    for path in (f"/desk/rules/{in_force.id}/export", "/desk/rules/template"):
        answer = client.get(path)
        assert answer.data[:4] == b"PK\x03\x04"
        assert "attachment" in answer.headers["Content-Disposition"]
    assert "1.1" in client.get(f"/desk/rules/{in_force.id}/export?format=csv").get_data(as_text=True)


def test_a_sample_s_wide_caps_come_into_the_draft_and_go_out_again(client: FlaskClient, village: Village) -> None:
    village.sign_in(client, "member")
    post(client, "/desk/rules/new", {"title": "积分细则", "source": "villages"})
    with client.application.app_context(), transaction():
        standard_id = db.session.scalars(sa.select(ScoringStandard.id)).one()
    raw = client.get(f"/desk/rules/{standard_id}/export?format=csv").data
    assert len(sheets.read_standard(raw).caps) == len(sheets.sample_caps("villages")) == 2


def test_the_second_person_puts_it_in_force_and_the_first_cannot(client: FlaskClient, village: Village,
                                                                 draft: ScoringStandard) -> None:
    village.sign_in(client, "member")
    form = {"in_force_on": "2026-05-01", "resolution": "4月10日居民代表会议，赞成29票", "meeting": "representatives",
            "held_on": "2026-04-10", "present": "31", "votes_for": "29", "votes_against": "2", "votes_abstain": ""}
    assert "You wrote in this draft yourself" in post(client, f"/desk/rules/{draft.id}/adopt", form, 403)
    village.sign_in(client, "second")
    text_of(client, f"/desk/rules/{draft.id}/adopt")
    for wrong, words in (({"in_force_on": ""}, "Choose the day"), ({"in_force_on": "2026-04-18"}, "tomorrow at the"),
                         ({"resolution": ""}, "Say which meeting"), ({"votes_for": ""}, "How many voted for it"),
                         ({"votes_for": "2"}, "it was not adopted"), ({"present": "30"}, "more votes than people")):
        assert words in post(client, f"/desk/rules/{draft.id}/adopt", {**form, **wrong}, 422)
    post(client, f"/desk/rules/{draft.id}/adopt", form)
    text = text_of(client, f"/desk/rules/{draft.id}")
    assert "Adopted" in text
    assert "31 present, 29 for, 2 against, 0 abstained" in text
    assert "Put it in force" not in text
    post(client, f"/desk/rules/{draft.id}/items/new", FORM, 409)


def test_the_sentence_is_told_while_typing(client: FlaskClient, village: Village) -> None:
    village.sign_in(client, "member")
    assert "<mark>1 point</mark> an hour" in post(client, "/desk/rules/sentence", FORM, 200)
    for half in ({"points": "x"}, {"name": ""}, {"shape": "?"}):
        assert post(client, "/desk/rules/sentence", {**FORM, **half}, 204) == ""


def test_reading_costs_the_same_however_many_items(app: Flask, client: FlaskClient, village: Village,
                                                   clock: object, queries: Callable) -> None:
    with app.app_context():
        adopted(village, [visit_rule()], dt.date(2025, 12, 1))  # each has one before it to be compared with
        standing = adopted(village, [hours_rule()])
    village.sign_in(client, "member")
    counts = []
    for extra in (0, 200):
        if extra:
            with app.app_context():
                more = [visit_rule(code=f"3.{n}") for n in range(extra)]
                standing = adopted(village, more, dt.date(2026, 4, 20), on_paper=False)
            clock.at(2026, 4, 20)  # type: ignore[attr-defined]
        row = []
        for path in ("/rules", "/desk/rules", f"/desk/rules/{standing.id}"):
            with queries() as seen:
                assert client.get(path).status_code == 200
            row.append(len(seen))
        counts.append(row)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 18


# ── A form per shape ────────────────────────────────────────────────────────────────────────────────────────────

STEPS = {"code": "1.5", "name": "全年累计服务", "category": "志愿服务", "kind": "volunteering", "shape": "tiers",
         "quantity": "minutes", "period": "year", "rounding_minutes": "1", "rounding": "down", "receiver": "resident",
         "timing": "after_notice", "by_itself": "y", "team_kind": "", "bands-0-start": "10", "bands-0-points": "2",
         "bands-1-start": "20", "bands-1-points": "5", "try_hours": "3", "try_before": "18", "do": "save"}
DONATION = {"code": "7.1", "name": "捐款", "category": "公益", "kind": "other", "shape": "brackets",
            "quantity": "amount", "by_parts": "parts", "receiver": "household", "timing": "after_notice",
            "bands-0-start": "0", "bands-0-step": "10", "bands-0-points": "0.1", "bands-1-start": "100",
            "bands-1-step": "100", "bands-1-points": "1", "try_amount": "250", "do": "save"}
YARD = {"code": "4.1", "name": "庭院干净", "category": "环境", "kind": "other", "shape": "per_score", "points": "0.5",
        "full_score": "100", "receiver": "household", "timing": "after_notice", "honour_percent": "100",
        "age_least": "18", "tags": "党员、干部", "weekdays": ["6", "7"], "begins": "22:00", "ends": "6:00",
        "holiday": "2", "night": "1.5", "night_begins": "22:00", "night_ends": "6:00", "highest_group": "评比",
        "least": "5", "first": "y", "size": "1", "size_unit": "㎡", "share": "60", "photos": "2", "do": "save"}


def test_whoever_adds_an_item_chooses_first_how_it_is_counted(client: FlaskClient, village: Village,
                                                             draft: ScoringStandard) -> None:
    village.sign_in(client, "member")
    text = text_of(client, f"/desk/rules/{draft.id}/items/new")
    assert "By steps that add up" in text
    for shape in ("per_time", "per_hour", "per_unit", "per_score", "tiers", "brackets"):
        assert "Put it into the draft" in text_of(client, f"/desk/rules/{draft.id}/items/new?shape={shape}")


@pytest.mark.parametrize(("form", "sentence"), [
    (STEPS, "by what adds up in a year: 10 hours make 2 points, 20 hours make 5 points, counted by the minute"),
    (DONATION, "by amount: 0.1 points for each 10 yuan, above 100 yuan 1 point for each 100 yuan"),
    (YARD, "0.5 points for each mark of the inspection, 100 marks at best")])
def test_an_item_of_any_shape_comes_back_as_it_was_typed(app: Flask, client: FlaskClient, village: Village,
                                                         draft: ScoringStandard, form: dict, sentence: str) -> None:
    village.sign_in(client, "member")
    post(client, f"/desk/rules/{draft.id}/items/new", form)
    assert sentence in text_of(client, f"/desk/rules/{draft.id}")
    with app.app_context():
        stored = next(r for r in queries.version(village.community, draft.id).rules if r.code == form["code"])
    edit = f"/desk/rules/{draft.id}/items/{stored.id}"
    page = client.get(edit, headers=ENGLISH).get_data(as_text=True)
    shown = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
    again = {name: shown.get(name, value) if isinstance(value, str) else value for name, value in form.items()}
    post(client, edit, again)
    with app.app_context():
        same = next(r for r in queries.version(village.community, draft.id).rules if r.code == form["code"])
    assert same == stored


def test_the_box_climbs_steps_and_brackets(client: FlaskClient, village: Village, draft: ScoringStandard) -> None:
    village.sign_in(client, "member")
    new = f"/desk/rules/{draft.id}/items/new"
    tried = post(client, new, {**STEPS, "do": "try"}, 200)
    assert "21 hours so far, the step of 20 hours is reached: 5 points, less 2 points paid before" in tried
    assert "From 100 yuan on: 1 × 1 point (each full 100 yuan) = 1 point" in post(
        client, new, {**DONATION, "do": "try"}, 200)


@pytest.mark.parametrize(("form", "wrong", "sentence"), [
    (STEPS, {"bands-1-start": "10"}, "The steps overlap"), (STEPS, {"bands-1-points": "1"}, "A higher step has to be"),
    (STEPS, {"bands-0-start": "", "bands-0-points": "", "bands-1-start": "", "bands-1-points": ""},
     "Write at least one step"),
    (YARD, {"begins": "25:00"}, "is no time of day"), (YARD, {"share": "160"}, "too small or too large"),
    (YARD, {"age_least": "70", "age_most": "60"}, "asks for more than it allows"),
    (YARD, {"night": "99"}, "A weight lies between")])
def test_a_shape_that_is_not_sound_is_said_with_what_to_change(client: FlaskClient, village: Village,
                                                               draft: ScoringStandard, form: dict, wrong: dict,
                                                               sentence: str) -> None:
    village.sign_in(client, "member")
    body = post(client, f"/desk/rules/{draft.id}/items/new", {**form, **wrong}, 422)
    assert sentence in body
    assert form["name"] in body


def test_caps_on_categories_and_on_the_whole_are_set_in_one_form(app: Flask, client: FlaskClient, village: Village,
                                                                draft: ScoringStandard) -> None:
    village.sign_in(client, "member")
    page = f"/desk/rules/{draft.id}/caps"
    text_of(client, page)
    form = {"caps-0-category": "志愿服务", "caps-0-window": "quarter", "caps-0-subject": "household",
            "caps-0-most": "５０", "caps-0-counts": "points", "caps-1-category": "", "caps-1-window": "cycle",
            "caps-1-subject": "person", "caps-1-most": "12", "caps-1-counts": "times", "cycle_months": "6",
            "cycle_first_month": "3"}
    post(client, page, form)
    text = text_of(client, f"/desk/rules/{draft.id}")
    assert "for “志愿服务” in all at most 50 points a quarter per household" in text
    assert "for all items in all at most 12 times a cycle per person" in text
    with app.app_context():
        version = queries.version(village.community, draft.id)
        assert (len(version.caps), version.rules[0].cycle) == (2, (6, 3))
    assert "smaller than what this item gives" in post(client, page, {**form, "caps-0-most": "1"}, 422)
    assert "1 to 60 months" in post(client, page, {**form, "cycle_months": "0"}, 422)
    assert "can&#39;t be counted with" in post(client, page, {**form, "caps-1-most": "many"}, 422)
    village.sign_in(client, "other_member")
    assert client.get(page).status_code == 404
