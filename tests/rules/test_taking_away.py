"""Items that take points away: only in a draft where it is switched on, in editor, interface and files alike."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from pointsbank.communities import services as communities
from pointsbank.core.actor import system
from pointsbank.core.db import db, transaction
from pointsbank.rules import errors, queries, services, sheets
from pointsbank.rules.evaluation import Cap
from pointsbank.rules.faults import faults
from pointsbank.rules.models import Measure, Receiver, ScoringStandard, Shape, Subject, Window
from tests.deductions.cases import SINCE, Cases, bags, rubbish
from tests.rules.support import RESOLUTION, hours_rule, steps_rule
from tests.rules.test_sheets import MORE, as_csv
from tests.support.village import Village

pytestmark = pytest.mark.usefixtures("clock")
ENGLISH = {"Accept-Language": "en"}
ITEM = {"code": "9.1", "name": "乱倒垃圾", "category": "扣分", "shape": "per_time", "points": "2", "takes_away": "1",
        "repeat_days": "90", "receiver": "household", "do": "save"}


@pytest.fixture
def draft(app: Flask, village: Village) -> ScoringStandard:
    with app.app_context(), transaction():
        return services.start_draft(village.actor("member"), "积分细则", [hours_rule()])


def switch(village: Village, standard: ScoringStandard, on: bool) -> None:
    with transaction():
        services.switch_deductions(village.actor("member"), standard.id, on)


def text_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers=ENGLISH)
    assert answer.status_code == 200, answer.status
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def test_an_item_that_takes_away_is_refused_until_it_is_switched_on(app: Flask, village: Village,
                                                                    draft: ScoringStandard) -> None:
    with app.app_context():
        with pytest.raises(errors.DeductionsOff), transaction():
            services.add_rule(village.actor("member"), draft.id, rubbish())
        with pytest.raises(errors.DeductionsOff), transaction():
            services.start_draft(village.actor("other_member"), "细则", [rubbish()])
        switch(village, draft, True)
        with transaction():
            services.add_rule(village.actor("member"), draft.id, rubbish())
        assert [r.code for r in queries.taking(queries.version(village.community, draft.id))] == ["9.1"]


def test_it_is_not_switched_off_under_items_that_take_away(app: Flask, village: Village,
                                                           draft: ScoringStandard) -> None:
    with app.app_context():
        switch(village, draft, True)
        with transaction():
            row = services.add_rule(village.actor("member"), draft.id, rubbish())
        with pytest.raises(errors.DeductionsInUse) as refused:
            switch(village, draft, False)
        assert "9.1" in refused.value.sentence
        with transaction():
            services.remove_rule(village.actor("member"), draft.id, row.id)
        switch(village, draft, False)
        assert db.session.get_one(ScoringStandard, draft.id).deductions is False


def test_the_switch_is_adopted_with_the_version_and_goes_on_in_the_next_draft(
        app: Flask, village: Village, draft: ScoringStandard) -> None:
    with app.app_context():
        switch(village, draft, True)
        with transaction():
            services.add_rule(village.actor("member"), draft.id, rubbish())
        with transaction():
            services.adopt(village.actor("second"), draft.id, SINCE, RESOLUTION, on_paper=True)
        with pytest.raises(errors.NotADraft):
            switch(village, draft, False)
        with pytest.raises(sa.exc.IntegrityError), transaction():
            db.session.execute(sa.text(f"UPDATE scoring_standard SET deductions = false WHERE id = {draft.id}"))
        db.session.rollback()
        with transaction():
            following = services.start_draft(village.actor("member"), "第二版")
        assert following.deductions is True
        assert len(queries.taking(queries.version(village.community, following.id))) == 1


def test_others_do_not_switch_it(app: Flask, village: Village, draft: ScoringStandard) -> None:
    for who in ("reviewer", "keeper", "alice", "other_member"):
        client = village.sign_in(app.test_client(), who)
        assert client.post(f"/desk/rules/{draft.id}/deductions", data={"on": "1"}).status_code in (403, 404)
    with app.app_context():
        assert db.session.get_one(ScoringStandard, draft.id).deductions is False


@pytest.mark.parametrize("changes", [
    {"caps": (Cap(Window.MONTH, Subject.HOUSEHOLD, Measure.POINTS, 1000),)}, {"receiver": Receiver.TEAM},
    {"highest_group": "表彰"}, {"least": 10}, {"honour_percent": 50}, {"by_itself": True}])
def test_an_item_that_takes_away_is_plain(changes: dict[str, Any]) -> None:
    assert faults(rubbish()) == {}
    assert "book" in faults(rubbish(**changes))


def test_steps_that_add_up_take_nothing_away() -> None:
    assert "book" in faults(steps_rule(takes_away=True, by_itself=False, caps=(), receiver=Receiver.HOUSEHOLD))


@pytest.mark.slow
def test_a_file_brings_it_in_only_where_it_is_switched_on_and_takes_it_out_again(
        app: Flask, village: Village, draft: ScoringStandard) -> None:
    raw = as_csv(["9.1", "扣分", "乱倒垃圾", "其他", "按次", "2", "本户", "是", "90"],
                 head=[*MORE, "扣分", "再犯加倍天数"])
    client = village.sign_in(app.test_client(), "member")

    def bring_in(expected: int) -> None:
        answer = client.post(f"/desk/rules/{draft.id}/import", data={"file": (io.BytesIO(raw), "a.csv"), "rows": "all"})
        assert answer.status_code == expected

    bring_in(422)
    client.post(f"/desk/rules/{draft.id}/deductions", data={"on": "1"})
    bring_in(303)
    with app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        version = queries.version(village.community, draft.id)
        out = sheets.write_standard(version.rules, "细则")
        (again,) = sheets.read_standard(out, deductions=True).rules
        assert (again.takes_away, again.repeat_days, again.points) == (True, 90, 200)
        assert sheets.read_standard(out).rules == ()
        parsed = sheets.read_standard(out, deductions=True)
        with transaction():
            services.discard(village.actor("member"), draft.id)
        with transaction():
            other = services.import_draft(village.actor("member"), out, "细则", deductions=True)
        with transaction():
            services.replace_rules(village.actor("member"), other.id, parsed)
        assert other.deductions


def test_the_editor_says_in_a_sentence_what_it_will_cost(app: Flask, village: Village, draft: ScoringStandard) -> None:
    client = village.sign_in(app.test_client(), "member")
    new = f"/desk/rules/{draft.id}/items/new"
    assert "take points away" not in text_of(client, new)
    answer = client.post(f"{new}?shape=per_time", data=ITEM, headers=ENGLISH)
    assert answer.status_code == 422
    client.post(f"/desk/rules/{draft.id}/deductions", data={"on": "1"})
    assert "Or does it take points away?" in text_of(client, new)
    form = client.get(f"{new}?shape=per_time&takes=1", headers=ENGLISH).get_data(as_text=True)
    assert 'name="repeat_days"' in form
    assert 'name="by_itself"' not in form
    said = client.post("/desk/rules/sentence", data=ITEM, headers=ENGLISH).get_data(as_text=True)
    plain = re.sub(r"<[^>]+>", "", said)
    assert plain.startswith("2 points taken away each time, doubled when repeated within 90 days, "
                            "after 7 days to put it right.")
    with app.app_context(), transaction():
        communities.update_settings(system(village.community), village.community, {"rectify_days": 10})
    assert "after 10 days to put it right" in re.sub(r"<[^>]+>", "", client.post(
        "/desk/rules/sentence", data=ITEM, headers=ENGLISH).get_data(as_text=True))
    assert client.post(f"{new}?shape=per_time", data=ITEM).status_code == 303
    wrong = client.post(f"{new}?shape=per_time", data={**ITEM, "code": "9.5", "repeat_days": "99999"}, headers=ENGLISH)
    assert wrong.status_code == 422
    assert "99999" in wrong.get_data(as_text=True)
    with app.app_context():
        (rule,) = queries.taking(queries.version(village.community, draft.id))
        assert (rule.points, rule.repeat_days, rule.by_itself) == (200, 90, False)
    stored = client.get(f"/desk/rules/{draft.id}/items/{rule.id}", headers=ENGLISH).get_data(as_text=True)
    assert 'value="90"' in stored
    assert client.post(f"/desk/rules/{draft.id}/items/{rule.id}", data={**ITEM, "points": "3"}).status_code == 303


def test_the_interface_keeps_to_the_switch(app: Flask, village: Village, draft: ScoringStandard) -> None:
    client, bearer = app.test_client(), village.bearer(app, "member")
    item = {"code": "9.1", "name": "乱倒垃圾", "category": "扣分", "kind": "other", "shape": "per_time", "points": "2",
            "receiver": "household", "takes_away": True, "repeat_days": 90}
    path = f"/api/v1/standards/{draft.id}"
    refused = client.post(f"{path}/rules", json=item, headers=bearer)
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (422, "rules.deductions_off")
    assert client.put(f"{path}/deductions", json={"on": True}, headers=bearer).get_json()["deductions"] is True
    assert client.post(f"{path}/rules", json=item, headers=bearer).status_code == 201
    off = client.put(f"{path}/deductions", json={"on": False}, headers=bearer)
    assert (off.status_code, off.get_json()["error"]["code"]) == (409, "rules.deductions_in_use")


def test_everybody_reads_what_it_takes_away_for_and_who_decided_it(app: Flask, village: Village) -> None:
    with app.app_context():
        cases = Cases(app, village)
        cases.adopt(rubbish(), bags())
    text = text_of(app.test_client(), "/rules?community=liuyin")
    assert "This standard takes points away for 乱倒垃圾, 随意堆放, decided by: " + RESOLUTION in text
    assert "0.5 points taken away for each 袋" in text


def test_a_standard_without_it_says_nothing_of_it(app: Flask, village: Village) -> None:
    with app.app_context():
        Cases(app, village).adopt(deductions=False)
    assert "away" not in text_of(app.test_client(), "/rules?community=liuyin")


def test_nobody_files_a_deed_of_what_takes_away(app: Flask, village: Village) -> None:
    with app.app_context():
        Cases(app, village).adopt(rubbish())
        assert [r.code for r in queries.items(village.community)] == ["1.1"]
    page = village.sign_in(app.test_client(), "alice").get("/deeds/new").get_data(as_text=True)
    assert "乱倒垃圾" not in page


def test_what_is_measured_may_take_away_too() -> None:
    assert faults(bags(shape=Shape.PER_UNIT)) == {}
