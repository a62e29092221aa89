"""The browser's own QR encoder draws what the server's draws, and the screen's codes are the server's."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_ALPHA_NUM, QRData

import pointsbank
from tests.support import chromium

SCRIPTS = Path(pointsbank.__file__).parent / "static" / "js"
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def texts() -> list[str]:
    dice = random.Random(3)
    sizes = [*range(1, 155, 4), 20, 38, 61, 90, 122, 154]
    made = ["".join(dice.choice(LETTERS) for _ in range(size)) for size in sizes]
    return [*made, "HTTPS://JF.EXAMPLE.CN/S/CEAAAAABAAAACDY7ODYZWFRNTJFIA4LEMU"]


def drawn(script: str, given: list[str]) -> list[dict]:
    """Run the encoder in Node, or in Chromium where there is no Node."""
    source = (SCRIPTS / "qr.js").read_text(encoding="utf-8")
    if node := shutil.which("node"):
        whole = (f"{source}\nconst given = JSON.parse(require('fs').readFileSync(0));"
                 f"\nconsole.log(JSON.stringify({script}))")
        done = subprocess.run([node, "-e", whole], input=json.dumps(given), capture_output=True, text=True, check=True)
        return json.loads(done.stdout)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(chromium.find()), args=["--no-sandbox"])
        page = browser.new_page()
        page.add_script_tag(content=source)
        return page.evaluate(f"given => ({script})", given)


ENCODE = "given.map(t => { const c = PointsBankQr.encode(t); return {v: c.version, m: c.mask, g: c.modules}; })"


def test_the_browsers_encoder_draws_the_same_modules_as_the_servers():
    given = texts()
    for text, found in zip(given, drawn(ENCODE, given), strict=True):
        code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=found["m"])
        code.add_data(QRData(text, mode=MODE_ALPHA_NUM))
        code.make(fit=True)
        assert code.version == found["v"], text
        assert code.get_matrix() == found["g"], text


def test_every_mask_is_drawn_right():
    text = texts()[-1]
    script = "[0,1,2,3,4,5,6,7].map(m => ({m: m, g: PointsBankQr.encode(given[0], m).modules}))"
    for found in drawn(script, [text]):
        code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=found["m"])
        code.add_data(QRData(text, mode=MODE_ALPHA_NUM))
        code.make(fit=True)
        assert code.get_matrix() == found["g"]


def test_what_does_not_fit_is_refused_and_not_drawn_wrong():
    assert drawn("given.map(t => PointsBankQr.encode(t))", ["a", "ü", "A" * 155]) == [None, None, None]


