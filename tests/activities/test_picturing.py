"""Photos of an activity: who hangs them up, who sees them, the cover, the tenth, and what is taken down."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image

from pointsbank.activities import queries, services
from pointsbank.activities.errors import Cancelled, NotLeader
from pointsbank.activities.models import Activity
from pointsbank.core.audit import AuditRow
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import NotFound
from pointsbank.demo.scenes import SCENES, scene
from pointsbank.media import services as media
from pointsbank.media.errors import NotForThis, TooManyPhotos
from pointsbank.media.models import Photo
from tests.activities.support import draft, found_morning

COLOURS = ("#0d6149", "#b3261e", "#1a568a", "#d19a2a", "#46544d", "#8fb9a4", "#c47f7a", "#33475a", "#e3a72f", "#5d7183")


def jpeg(colour: str = COLOURS[0], size: tuple[int, int] = (640, 480)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def morning(app, clock, village):
    with app.app_context():
        return found_morning(village, opened=False)


def hang(village: Any, activity_id: int, count: int = 1, key: str = "leader") -> list[int]:
    """Call inside an application context; the numbers of the new photos."""
    prepared = [media.prepare(jpeg(colour)) for colour in COLOURS[:count]]
    with transaction():
        return [photo.id for photo in services.add_photos(village.actor(key), activity_id, prepared)]


def hung(village: Any, activity_id: int, key: str = "alice") -> list[int]:
    found = queries.photos_of(village.actor(key), db.session.get_one(Activity, activity_id))
    db.session.rollback()
    return [photo.id for photo in found]


def files(*colours: str) -> list[tuple[io.BytesIO, str]]:
    return [(io.BytesIO(jpeg(colour)), "a.jpg") for colour in colours]


# ── On the pages ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_leader_hangs_photos_up_and_residents_see_them_in_list_and_page(app, client, village, clock):
    with app.app_context():
        later = found_morning(village, opened=False, starts_at=clock.instant.replace(hour=6),
                              ends_at=clock.instant.replace(hour=8)).activity
    village.sign_in(client, "leader")
    page = f"/lead/activities/{later}"
    answer = client.post(f"{page}/photos", data={"photos": files(*COLOURS[:2])}, follow_redirects=True)
    assert "挂上了 2 张照片" in answer.text
    assert answer.text.count("/thumb") == 2
    assert "封面" in answer.text
    village.sign_in(client, "alice")
    shown = client.get(f"/activities/{later}").text
    assert 'alt="照片 1：楼道清洁日"' in shown
    assert 'alt="照片 2：楼道清洁日"' in shown
    with app.app_context():
        keys = [db.session.get_one(Photo, i).key for i in hung(village, later)]
    listed = client.get("/activities").text
    assert (f"/media/{keys[0]}/thumb" in listed, f"/media/{keys[1]}/thumb" in listed) == (True, False)
    thumb = client.get(f"/media/{keys[0]}/thumb")
    assert (thumb.status_code, thumb.mimetype, len(thumb.data) <= 12 * 1024) == (200, "image/jpeg", True)
    village.sign_in(client, "member")
    assert f"/media/{keys[1]}/thumb" in client.get(f"/desk/activities/{later}").text


def test_what_is_no_photo_comes_back_with_a_sentence(app, client, village, clock, morning):
    village.sign_in(client, "leader")
    page = f"/lead/activities/{morning.activity}/photos"
    refused = client.post(page, data={"photos": [(io.BytesIO(b"%PDF-1.4 no photo"), "a.jpg")]})
    assert (refused.status_code, "照片" in refused.text, 'role="alert"' in refused.text) == (422, True, True)
    empty = client.post(page, data={})
    assert (empty.status_code, "请选一张照片" in empty.text) == (422, True)
    with app.app_context():
        assert hung(village, morning.activity) == []


def test_another_photo_becomes_the_cover_and_one_is_taken_down(app, client, village, clock, morning):
    with app.app_context():
        first, second, third = hang(village, morning.activity, 3)
    village.sign_in(client, "leader")
    page = f"/lead/activities/{morning.activity}/photos"
    assert client.post(f"{page}/{third}/cover").status_code == 303
    with app.app_context():
        assert hung(village, morning.activity) == [third, second, first]
    assert client.post(f"{page}/{third}/cover").status_code == 303  # again: it stays
    assert client.post(f"{page}/{third}/remove").status_code == 303
    assert client.post(f"{page}/{third}/remove").status_code == 404
    with app.app_context():
        assert hung(village, morning.activity) == [second, first]
        with transaction():  # the place that became free is taken first
            [fourth] = services.add_photos(village.actor("leader"), morning.activity, [media.prepare(jpeg())])
        assert hung(village, morning.activity) == [fourth.id, second, first]
        verbs = db.session.scalars(sa.select(AuditRow.verb).where(
            AuditRow.object_key == f"activity:{morning.activity}", AuditRow.verb.startswith("media."))
            .order_by(AuditRow.id)).all()
        assert verbs == ["media.attach", "media.put_first", "media.detach", "media.attach"]


def test_the_desk_takes_a_photo_down_that_should_not_hang_there(app, client, village, clock, morning):
    with app.app_context():
        [photo] = hang(village, morning.activity)
    village.sign_in(client, "reviewer")
    assert "撤下" in client.get(f"/desk/activities/{morning.activity}").text
    assert client.post(f"/lead/activities/{morning.activity}/photos/{photo}/remove").status_code == 403
    assert client.post(f"/desk/activities/{morning.activity}/photos/{photo}/remove").status_code == 303
    with app.app_context():
        assert hung(village, morning.activity) == []


def test_a_list_of_many_activities_with_photos_asks_once_for_all_covers(app, client, village, clock, queries):
    def cost() -> int:
        with queries() as seen:
            assert client.get("/activities").status_code == 200
        return len(seen)

    def planned(number: int) -> None:
        with app.app_context():
            for _ in range(number):
                hang(village, found_morning(village, opened=False, starts_at=clock.instant.replace(hour=6),
                                            ends_at=clock.instant.replace(hour=8)).activity, 2)

    village.sign_in(client, "alice")
    planned(1)
    few = cost()
    planned(5)
    assert cost() == few
    assert client.get("/activities").text.count("/thumb") == 6


# ── Who may ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_who_leads_it_hangs_photos_up(app, client, village, clock, morning):
    page = f"/lead/activities/{morning.activity}/photos"
    for key, status in (("alice", 403), ("keeper", 403), ("reviewer", 403), ("mallory", 403), ("other_member", 404)):
        village.sign_in(client, key)
        assert client.post(page, data={"photos": files(COLOURS[0])}).status_code == status, key
    with app.app_context():
        for key in ("alice", "reviewer", "grid"):
            with pytest.raises(NotLeader), transaction():
                services.add_photos(village.actor(key), morning.activity)
        with pytest.raises(NotFound), transaction():
            services.add_photos(village.actor("other_member"), morning.activity)
        assert hung(village, morning.activity) == []
        assert len(hang(village, morning.activity, key="member")) == 1


def test_photos_are_seen_by_whoever_may_see_the_activity(app, client, village, clock):
    with app.app_context():
        with transaction():
            planned = services.plan(village.actor("leader"), draft(village)).id
            services.submit(village.actor("leader"), planned)
        [photo] = hang(village, planned)
        address = f"/media/{db.session.get_one(Photo, photo).key}/thumb"
        db.session.rollback()

    def seen() -> dict[str, int]:
        found = {}
        for key in ("leader", "member", "alice", "keeper", "mallory", "other_member"):
            found[key] = village.sign_in(client, key).get(address).status_code
        return {**found, "nobody": app.test_client().get(address).status_code}

    hidden = {"alice": 404, "keeper": 404, "mallory": 404, "other_member": 404, "nobody": 404}
    assert seen() == {"leader": 200, "member": 200, **hidden}
    api = f"/api/v1/activities/{planned}/photos"
    bearers = {key: village.bearer(app, key) for key in ("alice", "member", "mallory")}
    programs = app.test_client()
    assert [programs.get(api, headers=bearers[key]).status_code for key in bearers] == [404, 200, 404]
    with app.app_context(), transaction():
        services.publish(village.actor("member"), planned)
    assert seen() == {"leader": 200, "member": 200, **hidden, "alice": 200, "keeper": 200}
    assert [programs.get(api, headers=bearers[key]).status_code for key in bearers] == [200, 200, 404]
    assert len(programs.get(api, headers=bearers["alice"]).json["items"]) == 1


def test_a_cancelled_activity_takes_no_more_photos_and_loses_those_that_should_go(app, village, clock, morning):
    with app.app_context():
        [photo] = hang(village, morning.activity)
        with transaction():
            services.cancel(village.actor("leader"), morning.activity, "下雨")
        with pytest.raises(Cancelled):
            hang(village, morning.activity)
        with transaction():
            services.remove_photo(village.actor("leader"), morning.activity, photo)
        assert hung(village, morning.activity) == []


def test_a_photo_of_another_activity_is_neither_cover_nor_taken_down(app, village, clock, morning):
    with app.app_context():
        other = found_morning(village, opened=False).activity
        [photo] = hang(village, other)
        for act in (services.put_cover, services.remove_photo):
            with pytest.raises(NotFound), transaction():
                act(village.actor("leader"), morning.activity, photo)
        assert hung(village, other) == [photo]


# ── Nine ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_tenth_photo_is_refused_and_nothing_of_its_batch_stays(app, client, village, clock, morning):
    with app.app_context():
        assert len(hang(village, morning.activity, 8)) == 8
    village.sign_in(client, "leader")
    refused = client.post(f"/lead/activities/{morning.activity}/photos", data={"photos": files(*COLOURS[8:10])})
    assert (refused.status_code, "9" in refused.text) == (409, True)
    with app.app_context():
        assert len(hung(village, morning.activity)) == 8
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Photo)) == 8
        hang(village, morning.activity)
    assert 'name="photos"' not in client.get(f"/lead/activities/{morning.activity}").text


def test_two_who_add_at_once_do_not_get_past_nine(app, village, clock, morning):
    with app.app_context():
        hang(village, morning.activity, 7)
    prepared = [media.prepare(jpeg(colour)) for colour in COLOURS[7:9]]
    start = threading.Barrier(4)

    def one(key: str) -> str:
        with app.app_context():
            start.wait(30)
            try:
                run(lambda: services.add_photos(village.actor(key), morning.activity, prepared) and None)
            except TooManyPhotos:
                return "too many"
            return "hung"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one, ["leader", "member", "second", "leader"])) == ["hung", *["too many"] * 3]
    with app.app_context():
        assert len(hung(village, morning.activity)) == 9


# ── As JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_whole_way_as_json(app, client, village, clock, morning):
    leader, alice = village.bearer(app, "leader"), village.bearer(app, "alice")

    def send(purpose: str, colour: str) -> int:
        answer = client.post("/api/v1/photos", headers=leader, content_type="multipart/form-data",
                             data={"photo": (io.BytesIO(jpeg(colour)), "a.jpg"), "purpose": purpose})
        assert answer.status_code == 201, answer.text
        return int(answer.json["id"])

    api = f"/api/v1/activities/{morning.activity}/photos"
    ids = [send("activity", colour) for colour in COLOURS[:2]]
    made = client.post(api, json={"photo_ids": ids}, headers=leader)
    assert (made.status_code, [p["id"] for p in made.json["items"]]) == (201, ids)
    assert client.get(made.json["items"][0]["thumb_url"], headers=alice).status_code == 200
    assert [p["id"] for p in client.post(f"{api}/{ids[1]}/cover", headers=leader).json["items"]] == ids[::-1]
    assert client.delete(f"{api}/{ids[0]}", headers=alice).status_code == 403
    assert client.delete(f"{api}/{ids[0]}", headers=leader).status_code == 204
    assert [p["id"] for p in client.get(api, headers=alice).json["items"]] == ids[1:]
    wrong = client.post(api, json={"photo_ids": [send("deed", COLOURS[3])]}, headers=leader)
    assert (wrong.status_code, wrong.json["error"]["code"]) == (409, NotForThis.code)
    assert client.post(api, json={"photo_ids": [99999]}, headers=leader).status_code == 404
    assert client.post(api, json={"photo_ids": []}, headers=leader).status_code == 422


@pytest.mark.parametrize("name", SCENES)
def test_the_demos_drawings_make_light_thumbnails(name):
    prepared = media.prepare(scene(name))
    assert (prepared.width, prepared.height) == (800, 600)
    assert len(prepared.thumb) <= 12 * 1024
