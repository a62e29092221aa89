"""The pages and the interface around a standard: everybody reads and says, the desk answers. On both databases."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pointsbank.core.db import transaction
from pointsbank.people.models import Resident
from pointsbank.rules import papers, queries, services
from pointsbank.rules.models import ScoringStandard
from pointsbank.rules.services import CommentDraft
from tests.conftest import SettableClock
from tests.media.test_papers import PDF, photo
from tests.rules.support import A_DAY, adopted, hours_rule, visit_rule
from tests.rules.test_rules_pages import ENGLISH, post, text_of
from tests.rules.test_templates import above, issued
from tests.support.village import Village

pytestmark = pytest.mark.usefixtures("clock")
UNTIL = A_DAY + dt.timedelta(days=6)
ADOPT = {"in_force_on": "2026-05-01", "resolution": "通过积分细则第二版", "meeting": "representatives",
         "held_on": "2026-04-25", "present": "31", "votes_for": "28", "votes_against": "1", "votes_abstain": "2"}


@pytest.fixture
def asked(app: Flask, village: Village) -> ScoringStandard:
    """Version 1 in force, version 2 open for comment: an hour counts double, visits are new."""
    with app.app_context():
        adopted(village, [hours_rule()])
        with transaction():
            row = services.start_draft(village.actor("member"), "积分细则", [hours_rule(points=200), visit_rule()])
            services.open_comments(village.actor("member"), row.id, UNTIL)
        return row


def say(app: Flask, village: Village, row: ScoringStandard, text: str, who: str = "alice") -> int:
    with app.app_context(), transaction():
        return services.comment(village.actor(who), row.id, CommentDraft(text)).id


def answered(app: Flask, village: Village, comment_id: int) -> None:
    with app.app_context(), transaction():
        services.answer(village.actor("second"), comment_id, "有道理", accepted=True)


# ── Comments ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_everybody_reads_the_draft_what_changes_and_what_was_said(app: Flask, client: FlaskClient, village: Village,
                                                                  asked: ScoringStandard) -> None:
    say(app, village, asked, "两分好")
    text = text_of(client, "/rules/comments?community=liuyin")
    assert "参加志愿服务: 1 → 2 points an hour" in text
    assert "New: 看望独居老人" in text
    assert "两分好" in text
    assert "陈*芳" in text
    assert "陈桂芳" not in text
    assert "Read the draft" in text_of(client, "/rules?community=liuyin")


def test_nothing_is_shown_of_a_draft_that_nobody_was_asked_about(client: FlaskClient, app: Flask,
                                                                 village: Village) -> None:
    with app.app_context(), transaction():
        services.start_draft(village.actor("member"), "积分细则", [visit_rule()])
    assert "看望独居老人" not in text_of(client, "/rules/comments?community=liuyin")
    for path in ("/rules/comments?community=liuyin&version=1", "/rules/difference?community=liuyin&version=1",
                 "/rules/poster?community=liuyin&version=1", "/rules/comments?community=nowhere"):
        assert client.get(path).status_code == 404


def test_what_was_read_stays_readable_while_the_draft_is_changed(app: Flask, client: FlaskClient, village: Village,
                                                                 asked: ScoringStandard) -> None:
    with app.app_context(), transaction():
        services.take_back(village.actor("member"), asked.id)
        services.add_rule(village.actor("member"), asked.id, visit_rule(code="8.8", name="秘密条目"))
    text = text_of(client, "/rules/comments?community=liuyin")
    assert "Being revised" in text
    assert "秘密条目" not in text


def test_a_resident_says_what_they_think_and_takes_it_back(client: FlaskClient, village: Village,
                                                           asked: ScoringStandard) -> None:
    village.sign_in(client, "alice")
    post(client, f"/rules/comments/{asked.id}", {"about": "1.2", "text": "应该给3分"})
    text = text_of(client, "/rules/comments")
    assert "About 1.2 看望独居老人" in text
    comment_id = re.search(r"comments/(\d+)/withdraw", client.get("/rules/comments").get_data(as_text=True))
    assert comment_id is not None
    post(client, f"/rules/comments/{comment_id[1]}/withdraw", {})
    assert "应该给3分" not in text_of(client, "/rules/comments")


def test_a_refused_comment_comes_back_filled_in(client: FlaskClient, village: Village, asked: ScoringStandard) -> None:
    village.sign_in(client, "alice")
    for data, words in (({"about": "+", "text": "缺一项"}, "What should it be called?"),
                        ({"about": "+", "text": "缺一项", "proposed_name": "送", "proposed_points": "很多"}, "缺一项"),
                        ({"about": "", "text": ""}, "Say in 1 to 500"), ({"about": "9.9", "text": "缺一项"}, "缺一项"),
                        ({"about": "", "text": "打13800138000"}, "Take out the number")):
        assert words in post(client, f"/rules/comments/{asked.id}", data, 422)
    post(client, f"/rules/comments/{asked.id}",
         {"about": "+", "text": "缺一项", "proposed_name": "送水", "proposed_points": "1.5"})
    assert "A new item: 送水, 1.5 points" in text_of(client, "/rules/comments")


def test_strangers_and_staff_do_not_speak_as_residents(client: FlaskClient, village: Village,
                                                       asked: ScoringStandard) -> None:
    assert client.post(f"/rules/comments/{asked.id}", data={"text": "好"}).status_code == 401
    village.sign_in(client, "mallory")
    assert client.post(f"/rules/comments/{asked.id}", data={"text": "好"}).status_code == 404
    assert "Say what you think" not in text_of(client, "/rules/comments?community=liuyin")
    assert client.get(f"/rules/comments/{asked.id}/paper").status_code == 403
    assert client.get(f"/desk/rules/{asked.id}/comments").status_code == 403


def test_a_grid_worker_enters_what_somebody_without_a_phone_says(client: FlaskClient, village: Village,
                                                                 asked: ScoringStandard) -> None:
    village.sign_in(client, "grid")
    path = f"/rules/comments/{asked.id}/paper"
    text_of(client, path)
    assert "Write whose opinion it is" in post(client, path, {"about": "", "text": "走不动"}, 422)
    post(client, path, {"about": "", "text": "走不动", "name": "周秀兰", "household": "2-0108"})
    text = text_of(client, "/rules/comments")
    assert "周*兰" in text
    assert "entered from paper" in text


def test_the_desk_answers_with_the_whole_name_before_it(app: Flask, client: FlaskClient, village: Village,
                                                        asked: ScoringStandard) -> None:
    comment_id = say(app, village, asked, "两分好")
    village.sign_in(client, "reviewer")
    assert "陈桂芳" in text_of(client, f"/desk/rules/{asked.id}/comments?only=open")
    assert "The committee answers" in text_of(client, f"/desk/rules/comments/{comment_id}")
    village.sign_in(client, "second")
    path = f"/desk/rules/comments/{comment_id}"
    assert "in writing: 2 to 500" in post(client, path, {"outcome": "accepted", "answer": ""}, 422)
    post(client, path, {"outcome": "declined", "answer": "预算不够"})
    assert post(client, path, {"outcome": "accepted", "answer": "再来"}, 409)
    assert "预算不够" in text_of(client, "/rules/comments")
    assert "Nothing to answer" in text_of(client, f"/desk/rules/{asked.id}/comments?only=open")


def test_the_desk_opens_freezes_and_takes_back(app: Flask, client: FlaskClient, village: Village) -> None:
    with app.app_context(), transaction():
        row = services.start_draft(village.actor("member"), "积分细则", [visit_rule()])
    village.sign_in(client, "member")
    assert 'value="2026-04-24"' in client.get(f"/desk/rules/{row.id}/open").get_data(as_text=True)  # seven days
    assert "within the next 90" in post(client, f"/desk/rules/{row.id}/open",
                                        {"opens_on": "2026-04-01", "closes_on": "2026-04-24"}, 422)
    post(client, f"/desk/rules/{row.id}/open", {"opens_on": "2026-04-18", "closes_on": "2026-04-24"})
    text = text_of(client, f"/desk/rules/{row.id}")
    assert "Open for comment" in text
    assert "Add an item" not in text
    post(client, f"/desk/rules/{row.id}/discard", {}, 409)
    post(client, f"/desk/rules/{row.id}/take-back", {})
    assert "Add an item" in text_of(client, f"/desk/rules/{row.id}")


def test_a_list_of_comments_is_paged_and_costs_the_same(app: Flask, client: FlaskClient, village: Village,
                                                        asked: ScoringStandard, queries: Callable) -> None:
    costs = []
    for more in (1, 24):
        with app.app_context(), transaction():
            for number in range(more):
                services.comment(village.actor("grid"), asked.id, CommentDraft(f"第{more}-{number}条"),
                                 services.PaperAuthor(f"某某{number}", "9-9"))
        with queries() as seen:
            body = client.get("/rules/comments?community=liuyin").get_data(as_text=True)
        costs.append(len(seen))
    assert body.count('id="comment-') == 20
    assert "cursor=" in body
    assert costs[0] == costs[1] <= 14


# ── The resolution ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_resolution_with_minutes_is_read_by_all_and_its_minutes_by_members(
        client: FlaskClient, village: Village, asked: ScoringStandard, clock: SettableClock) -> None:
    clock.at(2026, 4, 26)
    village.sign_in(client, "second")
    files = [(io.BytesIO(PDF), "记录.pdf"), (io.BytesIO(photo()), "a.png")]
    post(client, f"/desk/rules/{asked.id}/adopt", {**ADOPT, "minutes": files})
    clock.at(2026, 5, 2)
    body = client.get("/rules").get_data(as_text=True)
    assert "到会 31 人，赞成 28 票，反对 1 票，弃权 2 票" in body
    link = re.search(r"/media/papers/[0-9a-f]{32}", body)
    assert link is not None
    assert client.get(link[0]).headers["Content-Disposition"].startswith("attachment")
    assert "/media/" in body.replace(link[0], "")  # and the photo
    visitor = client.application.test_client()
    public = visitor.get("/rules?community=liuyin").get_data(as_text=True)
    assert "赞成 28 票" in public
    assert "/media/papers/" not in public
    assert visitor.get(link[0]).status_code == 404


def test_minutes_that_are_no_paper_are_refused_and_the_form_comes_back(client: FlaskClient, village: Village,
                                                                       asked: ScoringStandard,
                                                                       clock: SettableClock) -> None:
    clock.at(2026, 4, 26)
    village.sign_in(client, "second")
    body = post(client, f"/desk/rules/{asked.id}/adopt", {**ADOPT, "minutes": [(io.BytesIO(b"MZ.."), "a.pdf")]}, 422)
    assert "neither a photo nor a PDF" in body
    assert 'value="28"' in body
    with client.application.app_context():
        assert queries.version(village.community, asked.id).in_force_on is None


def test_comments_and_changes_since_are_shown_before_it_is_adopted(app: Flask, client: FlaskClient, village: Village,
                                                                   asked: ScoringStandard,
                                                                   clock: SettableClock) -> None:
    answered(app, village, say(app, village, asked, "看望给3分"))
    clock.at(2026, 4, 25)
    with app.app_context(), transaction():
        services.take_back(village.actor("member"), asked.id)
        rule = queries.version(village.community, asked.id).by_code["1.2"]
        services.change_rule(village.actor("member"), asked.id, rule.id, visit_rule(points=300))
    village.sign_in(client, "second")
    text = text_of(client, f"/desk/rules/{asked.id}/adopt")
    assert "看望独居老人: 2 → 3 points each time" in text
    assert "It was open for comment" in text


def test_a_member_reads_minutes_and_a_notice_is_made_once(client: FlaskClient, village: Village,
                                                          asked: ScoringStandard) -> None:
    village.sign_in(client, "member")
    answer = client.post(f"/desk/rules/{asked.id}/announce", headers=ENGLISH)
    assert answer.status_code == 303
    assert "Open for comment" in text_of(client, answer.headers["Location"]) or "征求意见" in text_of(
        client, answer.headers["Location"])
    assert client.post(f"/desk/rules/{asked.id}/announce").status_code == 409
    assert "Notice:" in text_of(client, f"/desk/rules/{asked.id}")


# ── Differences, posters ────────────────────────────────────────────────────────────────────────────────────────


def test_any_two_versions_are_compared_in_both_directions(app: Flask, client: FlaskClient, village: Village,
                                                          clock: SettableClock) -> None:
    with app.app_context():
        adopted(village, [hours_rule()])
        second = adopted(village, [hours_rule(points=300)], dt.date(2026, 4, 20), on_paper=False)
    clock.at(2026, 5, 1)
    assert "1 → 3 points an hour" in text_of(client, "/rules/difference?community=liuyin")
    assert "3 → 1 points an hour" in text_of(client, "/rules/difference?community=liuyin&version=1&with=2")
    assert "It is the first version" in text_of(client, "/rules/difference?community=liuyin&version=1")
    assert client.get("/rules/difference?community=liuyin&with=9").status_code == 404
    village.sign_in(client, "reviewer")
    assert "1 → 3 points an hour" in text_of(client, f"/desk/rules/{second.id}/difference?with=1")


@pytest.mark.parametrize(("size", "sheet"), [("a4", "poster-a4"), ("a3", "poster-a3"), ("b9", "poster-a4")])
def test_a_poster_has_every_item_the_votes_and_a_code(client: FlaskClient, app: Flask, village: Village, size: str,
                                                      sheet: str) -> None:
    with app.app_context():
        adopted(village, [hours_rule(), visit_rule()], on_paper=True)
    body = client.get(f"/rules/poster?community=liuyin&size={size}", headers=ENGLISH).get_data(as_text=True)
    assert sheet in body
    assert "看望独居老人" in body
    assert "<svg" in body
    assert "29票" in body


# ── Templates ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_supervisor_writes_bounds_and_issues_and_a_community_starts_from_it(client: FlaskClient, app: Flask,
                                                                              village: Village) -> None:
    village.sign_in(client, "member")
    assert client.get("/desk/rules/templates/new").status_code == 403
    _enter(client, village)
    text_of(client, "/desk/rules/templates/new")
    form = {"area_id": str(village.town), "title": "街道细则", "note": "请照此起草", "source": "community"}
    assert post(client, "/desk/rules/templates/new", {**form, "title": ""}, 422)
    post(client, "/desk/rules/templates/new", form)
    with app.app_context():
        row = papers.templates(village.path, drafts_of=[village.town]).items[0]
        codes = [item.code for item in papers.template_items(row.id)]
    path = f"/desk/rules/templates/{row.id}"
    assert "What a community may make of it" in text_of(client, path)
    rows = {f"items-{n}-{name}": value for n, code in enumerate(codes)
            for name, value in (("code", code), ("points_percent", "20"), ("caps_percent", "0"))}
    bounds = {"additions_most": "3", "addition_points_most": "1.5", **rows}
    assert post(client, f"{path}/bounds", {**bounds, "items-0-points_percent": "200"}, 422)
    post(client, f"{path}/bounds", bounds)
    assert client.get(f"{path}/export").status_code == 200
    post(client, f"{path}/issue", {})
    text = text_of(client, path)
    assert "points by 20%" in text
    assert "at most 3, each of at most 1.5 points" in text
    village.sign_in(client, "member")
    assert "柳河街道" in text_of(client, "/desk/rules/templates")
    post(client, "/desk/rules/new", {"title": "柳荫细则", "source": f"template-{row.id}"})
    with app.app_context():
        draft = queries.draft(village.community)
        assert draft is not None
    assert "Built on the template of 柳河街道, no. 1" in text_of(client, f"/desk/rules/{draft.id}")


def _enter(client: FlaskClient, village: Village) -> None:
    """The supervisor of the town, at the desk of this community."""
    village.sign_in(client, "supervisor")


def test_what_goes_beyond_a_template_stands_on_the_draft(client: FlaskClient, app: Flask, village: Village) -> None:
    with app.app_context():
        template = issued(village, hours_rule())
        with transaction():
            row = services.start_from_template(village.actor("member"), template.id, "柳荫细则")
            services.add_rule(village.actor("member"), row.id, visit_rule(points=500))
    village.sign_in(client, "member")
    text = text_of(client, f"/desk/rules/{row.id}")
    assert "More than the template of 柳河街道 leaves room for" in text
    assert "1.2 看望独居老人: An item of your own gives at most 2 points" in text
    form = {"opens_on": "2026-04-18", "closes_on": "2026-04-24"}
    assert "1.2 看望独居老人" in post(client, f"/desk/rules/{row.id}/open", form, 422)


def test_a_draft_of_a_template_is_the_supervisors_alone(client: FlaskClient, app: Flask, village: Village) -> None:
    with app.app_context(), transaction():
        row = services.start_template(above(village), village.town, "还没好", [hours_rule()])
    village.sign_in(client, "member")
    assert "还没好" not in text_of(client, "/desk/rules/templates")
    for path in ("", "/export"):
        assert client.get(f"/desk/rules/templates/{row.id}{path}").status_code == 404
    _enter(client, village)
    assert "还没好" in text_of(client, "/desk/rules/templates")


# ── The interface ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_interface_opens_hears_answers_and_adopts(app: Flask, client: FlaskClient, village: Village,
                                                      clock: SettableClock) -> None:
    with app.app_context(), transaction():
        row = services.start_draft(village.actor("member"), "积分细则", [visit_rule()])
    path = f"/api/v1/standards/{row.id}"
    village.sign_in(client, "member")
    assert client.get(f"{path}/comments").status_code == 404
    opened = client.post(f"{path}/rounds", json={"closes_on": "2026-04-24"})
    assert (opened.status_code, opened.json["opens_on"]) == (201, "2026-04-18")
    assert [s["stage"] for s in client.get("/api/v1/standards").json["items"]] == ["commenting"]
    village.sign_in(client, "alice")
    made = client.post(f"{path}/comments", json={"text": "好", "item_code": "1.2"})
    assert (made.status_code, made.json["author"]) == (201, "陈*芳")
    assert client.post(f"{path}/comments", json={"text": "好", "resident_id": 3}).status_code == 422
    assert client.post(f"/api/v1/standards/comments/{made.json['id']}/answer",
                       json={"accepted": True, "answer": "好的"}).status_code == 403
    village.sign_in(client, "second")
    paper = client.post(f"{path}/comments", json={"text": "好", "paper": {"name": "周秀兰", "household": "2-0108"}})
    assert (paper.status_code, paper.json["on_paper"]) == (201, True)
    gone = client.post(f"/api/v1/standards/comments/{paper.json['id']}/withdraw")
    assert (gone.json["state"], gone.json["text"]) == ("withdrawn", "")
    said = client.post(f"/api/v1/standards/comments/{made.json['id']}/answer",
                       json={"accepted": True, "answer": "好的"})
    assert (said.json["state"], said.json["answer"]) == ("accepted", "好的")
    notice = client.post(f"{path}/notice")
    assert notice.status_code == 201
    clock.at(2026, 4, 25)
    body = {"in_force_on": "2026-05-01", "resolution": "通过第一版"}
    assert client.post(f"{path}/adopt", json=body).json["error"]["code"] == "rules.votes_missing"
    votes = {"meeting": "assembly", "held_on": "2026-04-25", "present": 80, "votes_for": 70, "votes_against": 5}
    assert client.post(f"{path}/adopt", json={**body, "votes": votes}).status_code == 200
    found = client.get(f"{path}/resolution").json
    assert (found["votes_for"], found["votes_abstain"], found["minutes"]) == (70, 0, [])


def test_the_interface_tells_what_changes(app: Flask, client: FlaskClient, village: Village,
                                          asked: ScoringStandard) -> None:
    village.sign_in(client, "alice")
    assert client.get(f"/api/v1/standards/{asked.id}/difference").status_code == 404  # a draft
    village.sign_in(client, "member")
    found = client.get(f"/api/v1/standards/{asked.id}/difference?with=1", headers=ENGLISH).json
    assert next((i["code"], i["change"], i["sentences"]) for i in found["items"]) == (
        "1.1", "changed", ["参加志愿服务: 1 → 2 points an hour"])
    assert (found["before"]["number"], found["after"]["number"]) == (1, 2)


def test_the_interface_writes_issues_and_starts_templates(client: FlaskClient, village: Village) -> None:
    rule = {"code": "1.1", "name": "看望", "category": "互助", "kind": "other", "shape": "per_time", "points": "2",
            "receiver": "resident"}
    _enter(client, village)
    made = client.post("/api/v1/standards/templates",
                       json={"area_id": village.town, "title": "街道细则", "rules": [rule]})
    assert made.status_code == 201
    path = f"/api/v1/standards/templates/{made.json['id']}"
    bounds = client.put(f"{path}/bounds", json={"additions_most": 2, "addition_points_most": "1.5",
                                                "items": [{"code": "1.1", "points_percent": 10}]})
    assert (bounds.json["addition_points_most"], bounds.json["items"][0]["points_percent"]) == ("1.5", 10)
    village.sign_in(client, "member")
    assert client.get(path).status_code == 404
    assert client.post(f"{path}/issue").status_code == 403
    _enter(client, village)
    assert client.post(f"{path}/issue").json["state"] == "issued"
    assert client.delete(path).json["error"]["code"] == "rules.template_issued"
    village.sign_in(client, "member")
    assert [t["id"] for t in client.get("/api/v1/standards/templates").json["items"]] == [made.json["id"]]
    started = client.post(f"{path}/drafts", json={"title": "柳荫细则"})
    assert (started.status_code, started.json["state"]) == (201, "draft")


def test_an_erased_resident_is_named_nowhere(app: Flask, client: FlaskClient, village: Village,
                                             asked: ScoringStandard) -> None:
    say(app, village, asked, "两分好")
    with app.app_context(), transaction():
        from pointsbank.core.db import db
        resident = db.session.get_one(Resident, village.residents["alice"])
        resident.name, resident.erased_at = "#1", dt.datetime(2026, 4, 18, tzinfo=dt.UTC)
    text = text_of(client, "/rules/comments?community=liuyin")
    assert "陈" not in text
    assert "两分好" in text
