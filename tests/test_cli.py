"""The command line, as an operator types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "pointsbank" / "rules" / "samples"


class Shell:
    """A directory with a database of its own, and the command in it."""

    def __init__(self, folder: Path) -> None:
        self.environment = {
            **os.environ, "POINTSBANK_DATA_DIR": str(folder), "POINTSBANK_SECRET_KEY": "s" * 40,
            "POINTSBANK_LOCALE": "en", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}
        self.environment.pop("POINTSBANK_DATABASE_URL", None)
        self.folder = folder

    def run(self, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "pointsbank.cli", *words], cwd=self.folder, text=True, input=typed,
                              env=self.environment, capture_output=True, check=False)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    made = Shell(tmp_path_factory.mktemp("operator"))
    assert made.run("db", "upgrade").returncode == 0
    assert made.run("demo").returncode == 0
    return made


def test_a_database_of_another_version_is_a_sentence(tmp_path: Path) -> None:
    refused = Shell(tmp_path).run("ledger", "verify")
    assert refused.returncode == 1
    assert "pointsbank db upgrade" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_demo_is_not_built_twice(shell: Shell) -> None:
    assert shell.run("demo", "--if-empty").returncode == 0
    refused = shell.run("demo")
    assert refused.returncode == 1
    assert "not empty" in refused.stderr


def test_verify_answers_in_words_and_for_machines(shell: Shell) -> None:
    assert shell.run("ledger", "verify").stdout.strip() == "The book is right."
    assert json.loads(shell.run("ledger", "verify", "--json").stdout) == {"clean": True, "faults": []}


def test_jobs_are_listed_and_run_by_hand(shell: Shell) -> None:
    listed = shell.run("jobs", "list").stdout
    for name in ("close-notices", "lapse-redemptions", "expire-lots", "announce-expiry", "deliver", "verify", "tidy"):
        assert name in listed
        ran = shell.run("jobs", "run", name)
        assert ran.returncode == 0, ran.stderr
        json.loads(ran.stdout)
    assert shell.run("jobs", "run", "nothing").returncode == 1


def test_standards_are_checked_and_imported(shell: Shell) -> None:
    good = shell.run("rules", "check", str(SAMPLES / "village.csv"))
    assert good.returncode == 0, good.stderr
    assert good.stdout.startswith("15 rules understood, 0")
    text = (SAMPLES / "village.csv").read_text(encoding="utf-8-sig").replace(",5,", ",1分/小时,", 1)
    bad = shell.folder / "bad.csv"
    bad.write_text(text, encoding="utf-8-sig")
    refused = shell.run("rules", "check", str(bad))
    assert refused.returncode == 1
    assert refused.stderr.startswith("2: ")
    assert "Points" in refused.stderr
    assert refused.stdout.startswith("14 rules understood, 1 rows not.")
    for file in ("villages", "donations", "volunteer_steps"):
        assert shell.run("rules", "check", str(SAMPLES / f"{file}.csv")).returncode == 0
    again = shell.run("rules", "import", str(bad), "--community", "shiqiao")
    assert again.returncode == 1
    assert again.stderr.startswith("2: ")
    good_rows = shell.run("rules", "import", str(bad), "--community", "liuyin", "--good-rows-only")
    assert good_rows.returncode == 0, good_rows.stderr
    assert good_rows.stderr.startswith("2: ")
    assert shell.run("rules", "import", str(SAMPLES / "village.csv"), "--community", "shiqiao").returncode == 0
    assert shell.run("rules", "import", str(SAMPLES / "village.csv"), "--community", "nowhere").returncode == 1
    commented = shell.run("rules", "import", str(SAMPLES / "village.csv"), "--community", "xingshi")
    assert commented.returncode == 1
    assert "There is a draft already" in commented.stderr, "next door one is open for comment"


def test_a_roster_is_imported_all_or_nothing_or_good_rows_only(shell: Shell) -> None:
    roster = shell.folder / "roster.csv"
    roster.write_text("姓名,户号,与户主关系,手机号,楼栋\n新来甲,99-1,户主,,\n,99-1,家人,,\n新来乙,99-1,家人,,\n",
                      encoding="utf-8-sig")
    refused = shell.run("residents", "import", str(roster), "--community", "shiqiao")
    assert refused.returncode == 1
    assert refused.stderr.strip().splitlines()[-1].startswith("3: ") or "3: " in refused.stderr
    taken = shell.run("residents", "import", str(roster), "--community", "shiqiao", "--good-rows-only")
    assert taken.returncode == 0, taken.stderr
    assert taken.stdout.startswith("2 residents imported, 1 row")


def test_the_first_administrator_is_made_and_appointed(shell: Shell) -> None:
    password = "a-long-and-odd-sentence"
    made = shell.run("user", "create", "root2", "--name", "Root", typed=f"{password}\n{password}\n")
    assert made.returncode == 0, made.stderr
    assert shell.run("user", "grant", "root2", "administrator", "--area", "yunxi").returncode == 0
    assert shell.run("user", "grant", "root2", "king", "--area", "yunxi").returncode == 1


def test_production_refuses_without_secret_and_with_the_demo(shell: Shell) -> None:
    def serve(**changes: str) -> str:
        environment = {**shell.environment, "POINTSBANK_BASE_URL": "https://points.example.cn", **changes}
        done = subprocess.run([sys.executable, "-c", "import wsgi"], cwd=ROOT, env=environment, text=True,
                              capture_output=True, check=False)
        assert done.returncode != 0
        return done.stderr.strip().splitlines()[-1]

    assert "POINTSBANK_SECRET_KEY" in serve(POINTSBANK_SECRET_KEY="")
    assert "POINTSBANK_BASE_URL" in serve(POINTSBANK_BASE_URL="")
    assert "demo's accounts" in serve()
    assert "db upgrade" in serve(POINTSBANK_DATA_DIR=str(shell.folder / "elsewhere"))
