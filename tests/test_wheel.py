"""A wheel built from the tree serves the same pages: templates, migrations and translations travel in it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TRY = """
import pointsbank, sys
assert pointsbank.__file__.startswith(sys.argv[1]), pointsbank.__file__
from flask_migrate import upgrade
from pointsbank.app import create_app
app = create_app({"TESTING": True})
with app.app_context():
    upgrade()
client = app.test_client()
assert client.get("/readyz").data == b"ready\\n"
chinese, english = client.get("/sign-in"), client.get("/sign-in", headers={"Accept-Language": "en"})
print(chinese.status_code, english.status_code, "登录" in chinese.get_data(as_text=True),
      "Sign in" in english.get_data(as_text=True))
import re
css = re.search(r'href="(/static/[^"]+theme[^"]*)"', chinese.get_data(as_text=True)).group(1)
print(client.get(css).status_code)
"""


@pytest.mark.slow
def test_a_wheel_serves_the_same_pages(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(tmp_path), str(ROOT)],
                   check=True, capture_output=True)
    wheel = next(tmp_path.glob("*.whl"))
    place = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(place)
    assert "pointsbank/wsgi.py" in names
    assert "pointsbank/templates/_base.html" in names
    assert any(n.startswith("pointsbank/migrations/versions/") for n in names)
    assert "pointsbank/translations/zh_Hans_CN/LC_MESSAGES/messages.mo" in names
    environment = {**os.environ, "PYTHONPATH": str(place), "POINTSBANK_DATA_DIR": str(tmp_path / "data"),
                   "POINTSBANK_SECRET_KEY": "x" * 40}
    environment.pop("POINTSBANK_DATABASE_URL", None)
    answer = subprocess.run([sys.executable, "-c", TRY, str(place)], cwd=tmp_path, env=environment, text=True,
                            capture_output=True, check=False)
    assert answer.stdout.split() == ["200", "200", "True", "True", "200"], answer.stderr[-2000:]
