"""Photos through the JSON interface: sent, seen by those who may, gone for others."""

from __future__ import annotations

import io

from flask import Flask
from PIL import Image

from tests.support.village import Village


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "#0d6149").save(out, "JPEG")
    return out.getvalue()


def test_a_token_sends_a_photo_and_sees_it_again(app: Flask, village: Village) -> None:
    client, alice = app.test_client(), village.bearer(app, "alice")
    sent = client.post("/api/v1/photos", headers=alice, content_type="multipart/form-data",
                       data={"photo": (io.BytesIO(picture()), "a.jpg"), "purpose": "deed"})
    assert sent.status_code == 201, sent.text
    address = sent.json["thumb_url"]
    seen = client.get(address, headers=alice)
    assert (seen.status_code, seen.mimetype) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(seen.data)).size[0] <= 400
    assert client.get(address).status_code == 401
    assert client.get(address, headers=village.bearer(app, "mallory")).status_code == 404
    assert client.get(address.replace("thumb", "huge"), headers=alice).status_code == 404
