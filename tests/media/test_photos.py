"""Photos: upright, stripped, bounded, and shown only to those who may see them."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from pointsbank.core.actor import NOBODY
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import NotFound
from pointsbank.media import files, queries, services
from pointsbank.media.errors import NotAPhoto, NotYours, TooManyLoose, TooManyPhotos
from pointsbank.media.jobs import clean_orphans
from pointsbank.media.models import Photo, Purpose
from tests.media.bombs import encoded, picture
from tests.support.village import Village

GPS, MAKE = 0x8825, 0x010F


def with_gps(kind: str = "JPEG", turn: int = 1) -> bytes:
    exif = Image.Exif()
    exif[MAKE] = "Phone"
    exif[0x0112] = turn
    exif.get_ifd(GPS).update({1: "N", 2: (31.0, 14.0, 0.0), 3: "E", 4: (121.0, 28.0, 0.0)})
    return encoded(picture(), kind, exif=exif, comment=b"at home" if kind == "JPEG" else None)


def opened(raw: bytes) -> Image.Image:
    return Image.open(io.BytesIO(raw))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_nothing_but_the_picture_is_kept(kind: str) -> None:
    raw = with_gps(kind)
    assert GPS in opened(raw).getexif()
    ready = services.prepare(raw)
    for made in (ready.full, ready.thumb):
        image = opened(made)
        assert image.format == "JPEG"
        assert not dict(image.getexif())
        assert "exif" not in image.info
        assert "icc_profile" not in image.info
        assert b"Phone" not in made
        assert b"at home" not in made


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_photo_stands_upright_before_its_metadata_go(turn: int) -> None:
    corner = Image.new("RGB", (600, 300), "white")
    corner.paste("black", (0, 0, 200, 100))
    exif = Image.Exif()
    exif[0x0112] = turn
    ready = services.prepare(encoded(corner, "JPEG", exif=exif))
    assert (ready.width > ready.height) == (turn <= 4)
    image = opened(ready.full).convert("L")
    ends = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}[turn]
    dark = (5 if ends[0] == 0 else image.width - 6, 5 if ends[1] == 0 else image.height - 6)
    assert image.getpixel(dark) < 40
    assert image.getpixel((image.width // 2, image.height // 2)) > 200


def test_a_photo_is_brought_down_to_1600_pixels_and_a_light_thumbnail() -> None:
    ready = services.prepare(encoded(picture(4032, 3024), "JPEG", quality=90))
    assert (ready.width, ready.height) == (1600, 1200)
    assert max(opened(ready.thumb).size) == 400
    assert len(ready.thumb) <= 12 * 1024


def test_near_equal_photos_have_near_equal_fingerprints() -> None:
    first = int(services.prepare(encoded(picture(), "PNG")).fingerprint, 16)
    again = int(services.prepare(encoded(picture().resize((500, 375)), "JPEG", quality=40)).fingerprint, 16)
    other = int(services.prepare(encoded(picture().rotate(90, expand=True), "JPEG")).fingerprint, 16)
    assert (first ^ again).bit_count() < 10
    assert (first ^ other).bit_count() > 25


def test_a_name_makes_no_photo() -> None:
    with pytest.raises(NotAPhoto):
        services.prepare(b"GIF89a" + b"\0" * 100)


def kept(village: Village, key: str = "alice", purpose: str = "deed") -> Photo:
    with transaction():
        return services.store(village.actor(key), encoded(picture(), "JPEG"), "x.jpg", purpose)


def test_the_row_names_the_hash_of_its_file(app: Flask, village: Village) -> None:
    with app.app_context():
        photo = kept(village)
        content = files.path_of(photo.key, "full").read_bytes()
        assert hashlib.sha256(content).hexdigest() == photo.sha256
        assert photo.bytes == len(content)


def test_nine_photos_find_room_and_a_tenth_does_not(app: Flask, village: Village) -> None:
    with app.app_context():
        actor = village.actor("alice")
        ids = [kept(village).id for _ in range(10)]
        with transaction():
            services.attach(actor, ids[:9], "contribution:5")
        with transaction():
            services.attach(actor, ids[:9], "contribution:5")
        with pytest.raises(TooManyPhotos), transaction():
            services.attach(actor, ids[9:], "contribution:5")
        shown = queries.photos_of(village.community, ["contribution:5", "contribution:6"])
        assert [p.id for p in shown["contribution:5"]] == ids[:9]
        assert shown["contribution:6"] == []


def test_nobody_hangs_up_the_photos_of_others(app: Flask, village: Village) -> None:
    with app.app_context():
        photo = kept(village)
        with pytest.raises(NotYours), transaction():
            services.attach(village.actor("bob"), [photo.id], "contribution:5")
        with pytest.raises(NotFound), transaction():
            services.attach(village.actor("mallory"), [photo.id], "contribution:5")
        with transaction():
            services.attach(village.actor("alice"), [photo.id], "contribution:5")
        with pytest.raises(NotYours), transaction():
            services.attach(village.actor("alice"), [photo.id], "contribution:6")


def test_photos_that_are_never_used_have_an_end(app: Flask, village: Village) -> None:
    with app.app_context():
        ready = services.prepare(encoded(picture(), "JPEG"))
        with transaction():
            for _ in range(services.MOST_LOOSE):
                services.store(village.actor("alice"), None, "", "deed", ready)
        with pytest.raises(TooManyLoose), transaction():
            services.store(village.actor("alice"), None, "", "deed", ready)


def hung(app: Flask, village: Village, purpose: str) -> str:
    with app.app_context():
        photo = kept(village, purpose=purpose)
        with transaction():
            services.attach(village.actor("alice"), [photo.id], "thing:1")
        return photo.key


SEEN = {
    "deed": {"alice": True, "bob": False, "reviewer": True, "leader": True, "keeper": False, "mallory": False,
             "": False},
    "activity": {"alice": True, "bob": True, "reviewer": True, "keeper": True, "mallory": False, "": False},
    "offer": {"alice": True, "bob": True, "keeper": True, "mallory": True, "": True},
    "document": {"alice": True, "bob": False, "keeper": False, "stock": True, "shop_boss": True, "other_member": False},
}


@pytest.mark.parametrize("purpose", sorted(SEEN))
def test_a_photo_is_shown_by_its_visibility_and_else_does_not_exist(app: Flask, village: Village, purpose: str) -> None:
    key = hung(app, village, purpose)
    for who, seen in SEEN[purpose].items():
        client = app.test_client()
        if who:
            village.sign_in(client, who)
        for size in ("full", "thumb"):
            answer = client.get(f"/media/{key}/{size}")
            assert answer.status_code == (200 if seen else 404), (who, purpose)
            if seen:
                assert answer.content_type == "image/jpeg"
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Cache-Control"].startswith("private")


def test_a_photo_not_used_yet_is_its_senders_alone(app: Flask, village: Village) -> None:
    with app.app_context():
        photo = kept(village, purpose="offer")
        assert queries.visible(village.actor("alice"), photo.key).id == photo.id
        for actor in (village.actor("reviewer"), village.actor("bob"), NOBODY):
            with pytest.raises(NotFound):
                queries.visible(actor, photo.key)


TRAVELS = ["../../etc/passwd", "..%2f..%2fsecret-key", "....//....//secret-key", "%2e%2e/%2e%2e/secret-key",
           "..\\..\\secret",
           "/etc/passwd", "\0", "a" * 32, "0" * 31, "g" * 32, "0" * 32 + ".jpg", "secret-key", "~root", "C:\\windows"]


def test_no_path_leads_out_of_the_folder(app: Flask, village: Village) -> None:
    key = hung(app, village, "offer")
    client = app.test_client()
    tried = 0
    for path in TRAVELS:
        for address in (f"/media/{path}/full", f"/media/{key}/{path}", f"/media/{key}/full/{path}", f"/media/{path}",
                        f"/media/{key}{path}/thumb"):
            tried += 1
            assert client.get(address).status_code in {404, 308}, address
            assert b"test-secret" not in client.get(address, follow_redirects=True).data
    assert tried >= 60
    assert client.get(f"/media/{key.upper()}/full").status_code in {200, 404}


def test_a_photo_asks_the_database_little(
        app: Flask, village: Village, queries: Callable[[], AbstractContextManager[list[str]]]) -> None:
    key = hung(app, village, "activity")
    client = village.sign_in(app.test_client(), "bob")
    with queries() as seen:
        assert client.get(f"/media/{key}/thumb").status_code == 200
    assert len(seen) <= 6


def aged(path: Path) -> None:
    os.utime(path, (1_600_000_000, 1_600_000_000))


def test_files_without_a_row_and_photos_without_a_use_go(app: Flask, village: Village, clock: object) -> None:
    with app.app_context():
        clean_orphans()  # what other tests left in the folder
        loose, used, fresh = kept(village), kept(village), kept(village)
        with transaction():
            services.attach(village.actor("alice"), [used.id], "contribution:5")
            db.session.execute(sa.update(Photo).where(Photo.id.in_([loose.id, used.id]))
                               .values(created_at=fresh.created_at - dt.timedelta(days=2)))
        rolled_back = run(lambda: services.store(village.actor("alice"), encoded(picture(), "JPEG"), "", "deed"),
                          keep=lambda _photo: False)
        for photo in (loose, used, rolled_back):
            for size in files.SIZES:
                aged(files.path_of(photo.key, size))
        assert clean_orphans() == 4
        assert files.path_of(used.key, "full").is_file()
        assert files.path_of(fresh.key, "full").is_file()
        assert not files.path_of(loose.key, "thumb").is_file()
        assert not files.path_of(rolled_back.key, "full").is_file()
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Photo)) == 2
        assert clean_orphans() == 0


def test_a_photo_taken_off_its_owner_is_gone(app: Flask, village: Village) -> None:
    with app.app_context():
        photos = [kept(village, purpose="offer") for _ in range(2)]
        actor = village.actor("alice")
        with transaction():
            services.attach(actor, [p.id for p in photos], "offer:1")
        with transaction():
            assert services.detach(actor, "offer:1", [photos[0].id]) == 1
        assert [p.id for p in queries.photos_of(village.community, ["offer:1"])["offer:1"]] == [photos[1].id]
        assert queries.first_photos(village.community, ["offer:1", "offer:2"])["offer:1"].id == photos[1].id


def test_a_photo_is_sent_and_taken_back_by_the_interface(client: FlaskClient, village: Village) -> None:
    assert client.post("/api/v1/photos").status_code == 401
    headers = village.bearer(client.application, "alice")
    village.sign_in(client, "alice")
    sent = client.post("/api/v1/photos", data={"photo": (io.BytesIO(with_gps()), "x.jpg"), "purpose": "activity"},
                       content_type="multipart/form-data", headers=headers)
    assert sent.status_code == 201
    assert sent.json["purpose"] == "activity"
    served = client.get(sent.json["full_url"])
    assert GPS not in opened(served.data).getexif()
    bob = village.bearer(client.application, "bob")
    assert client.application.test_client().delete(f"/api/v1/photos/{sent.json['id']}", headers=bob).status_code == 403
    assert client.delete(f"/api/v1/photos/{sent.json['id']}", headers=headers).status_code == 204
    assert client.get(sent.json["full_url"]).status_code == 404
    nothing = client.post("/api/v1/photos", data={"purpose": "deed"}, headers=headers,
                          content_type="multipart/form-data")
    assert nothing.status_code == 422
    assert "photo" in nothing.json["error"]["fields"]


def test_every_purpose_says_who_may_see_it() -> None:
    from pointsbank.media.models import SEEN_BY
    from pointsbank.media.policy import LOOKS_AT

    assert set(SEEN_BY) == set(LOOKS_AT) == set(Purpose)
