"""Files that want to do harm: each is refused with a sentence or taken as an ordinary photo, cheaply."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image

from tests.media.bombs import BOMBS, HARMLESS
from tests.support.village import Village

MEASURE = Path(__file__).with_name("measure.py")


@pytest.fixture(scope="session")
def bombs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("bombs")
    for name, make in BOMBS.items():
        (folder / name).write_bytes(make())
    return {name: folder / name for name in BOMBS}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(BOMBS))
def test_a_bomb_costs_under_two_seconds_and_300_megabytes(name: str, bombs: dict[str, Path]) -> None:
    told = subprocess.run([sys.executable, str(MEASURE), str(bombs[name])], capture_output=True, text=True, check=True,
                          cwd=Path(__file__).parents[2], env={"PYTHONPATH": str(Path(__file__).parents[2])})
    cost = json.loads(told.stdout.splitlines()[-1])
    assert (cost["outcome"] == "taken") == (name in HARMLESS), cost
    assert cost["seconds"] < 2
    assert cost["megabytes"] < 300


@pytest.mark.slow
def test_no_bomb_shakes_the_server(client: FlaskClient, village: Village, bombs: dict[str, Path]) -> None:
    village.sign_in(client, "alice")
    headers = village.bearer(client.application, "alice")
    for name, file in bombs.items():
        raw = file.read_bytes()
        answer = client.post("/api/v1/photos", data={"photo": (io.BytesIO(raw), "evil/../../x.php.jpg")},
                             content_type="multipart/form-data", headers=headers)
        if name in HARMLESS:
            assert answer.status_code == 201, (name, answer.text)
            for url in (answer.json["full_url"], answer.json["thumb_url"]):
                served = client.get(url)
                assert served.content_type == "image/jpeg"
                assert served.headers["X-Content-Type-Options"] == "nosniff"
                with Image.open(io.BytesIO(served.data)) as image:
                    assert max(image.size) <= 1600
                assert b"<script" not in served.data
        else:
            assert answer.status_code in {413, 422}, (name, answer.text)
            assert answer.json["error"]["code"].startswith(("media.", "core."))


def test_there_are_at_least_thirty_bombs() -> None:
    assert len(BOMBS) >= 30
