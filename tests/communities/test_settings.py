"""What a community decides for itself."""

from __future__ import annotations

import pytest

from pointsbank.communities import services
from pointsbank.communities import settings as settings_module
from pointsbank.communities.errors import NotYours
from pointsbank.communities.forms import GROUPS
from pointsbank.communities.models import Area
from pointsbank.communities.settings import FIELDS
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Invalid, NotFound

FORM = {"notice_days": "5", "objection_window": "一楼 1 号窗口", "objection_phone": "028-1234567", "office_name": "",
        "pickup_days": "14", "fen_per_point": "0.5", "budget_fen": "20000", "monthly_cap": "5000.5",
        "expiry": "year_end", "expiry_months": "36", "open_days": "29，9、19", "checkout_share": "40",
        "minimum_stay": "60", "daily_redeem_cap": "", "typed_rows_cap": "60", "leaver_points": "pass",
        "leaver_days": "60", "heir_days": "180", "panel_required": "points",
        "panel_points": "12.5", "panel_quorum": "0", "review_days": "30", "comment_days": "7",
        "appeal_days": "30", "cover_days": "30", "rectify_days": "10",
        "resident_tags": "党员，干部、老师"}


def test_the_form_shows_every_setting_with_its_sentence(client, village):
    village.sign_in(client, "member")
    page = client.get("/desk/settings").get_data(as_text=True)
    shown = [name for _title, names in GROUPS for name in names]
    assert sorted(shown) == sorted(FIELDS)
    assert all(f'name="{name}"' in page for name in FIELDS)
    assert all(about.metadata["help"] and about.metadata["label"] for about in FIELDS.values())


def test_what_is_entered_is_kept_and_only_the_differences_are_stored(app, client, village):
    village.sign_in(client, "member")
    assert client.post("/desk/settings", data=FORM).status_code == 303
    with app.app_context(), transaction():
        kept = settings_module.of(village.community)
        assert (kept.notice_days, kept.fen_per_point, kept.budget_fen, kept.monthly_cap) == (5, 50, 2_000_000, 500_050)
        assert (kept.open_days, kept.expiry, kept.resident_cancel) == ((9, 19, 29), "year_end", False)
        assert kept.resident_tags == ("党员", "干部", "老师")
        stored = db.session.get(Area, village.community).settings
        assert (kept.panel_required, kept.panel_points) == ("points", 1250)
        assert "minimum_stay" not in stored
        assert stored["open_days"] == [9, 19, 29]
        assert settings_module.of(village.other) == settings_module.CommunitySettings()


@pytest.mark.parametrize(("field", "value"), [("notice_days", "2"), ("pickup_days", "0"), ("fen_per_point", "abc"),
                                              ("fen_per_point", "0.001"), ("open_days", "9, 32"), ("open_days", "x"),
                                              ("monthly_cap", "-1"), ("minimum_stay", "101"), ("budget_fen", "NaN"),
                                              ("panel_required", "all"), ("panel_points", "many"),
                                              ("panel_quorum", "100"), ("review_days", "0"), ("rectify_days", "2"),
                                              ("cover_days", "0"),
                                              ("appeal_days", "6"),
                                              ("resident_tags", "一" * 21),
                                              ("resident_tags", ",".join("abcdefghijklmnopqrstu"))])
def test_what_is_out_of_bounds_is_refused_by_field_and_nothing_is_kept(app, client, village, field, value):
    village.sign_in(client, "member")
    answer = client.post("/desk/settings", data={**FORM, field: value})
    assert answer.status_code == 422
    assert f'id="{field}-err"' in answer.get_data(as_text=True)
    with app.app_context(), transaction():
        assert db.session.get(Area, village.community).settings == {}


@pytest.mark.parametrize("key", ["alice", "reviewer", "leader", "keeper"])
def test_others_change_no_settings(app, village, key):
    with app.app_context(), pytest.raises(NotYours), transaction():
        services.update_settings(village.actor(key), village.community, {"notice_days": 30})


def test_settings_of_another_community_do_not_exist(app, village):
    with app.app_context(), pytest.raises(NotFound), transaction():
        services.update_settings(village.actor("member"), village.other, {"notice_days": 30})


@pytest.mark.parametrize("changes", [{"nothing": 1}, {"notice_days": "7"}, {"notice_days": True}, {"open_days": 9},
                                     {"office_name": 7}, {"expiry": "soon"}, {"leaver_points": "soon"}])
def test_values_of_the_wrong_kind_are_refused(app, village, changes):
    with app.app_context(), pytest.raises(Invalid), transaction():
        services.update_settings(village.actor("member"), village.community, changes)


def test_settings_as_json(client, village):
    village.sign_in(client, "member")
    changed = client.patch("/api/v1/areas/settings", json={"monthly_cap": "500.5", "open_days": [9]})
    assert changed.status_code == 200
    assert (changed.get_json()["monthly_cap"], changed.get_json()["open_days"]) == ("500.5", [9])
    assert client.patch("/api/v1/areas/settings", json={"secret": 1}).status_code == 422
    assert set(client.get("/api/v1/areas/settings").get_json()) == set(FIELDS)


def test_unknown_settings_of_older_versions_are_passed_over():
    assert settings_module.from_json({"gone": 1, "notice_days": 9}).notice_days == 9
