"""PDFs: told by what is in them, kept as they came, handed out to members only and never opened inside a page."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from pointsbank.core.db import transaction
from pointsbank.media import files, jobs, papers, queries
from pointsbank.media.errors import BrokenPhoto, LivePaper, NotAPaper, PaperTooLarge, TooManyPhotos
from pointsbank.media.models import PaperFile, Purpose
from pointsbank.media.papers import Pdf, prepare_paper, prepare_papers
from pointsbank.media.preparing import Prepared
from tests.support.village import Village

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
OWNER = "resolution:1"


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(out, "PNG")
    return out.getvalue()


def test_a_pdf_and_a_photo_are_told_apart_by_their_bytes() -> None:
    assert isinstance(prepare_paper(PDF), Pdf)
    assert isinstance(prepare_paper(photo()), Prepared)


@pytest.mark.parametrize("raw", [
    b"", b"PK\x03\x04docx", b"<html>%PDF-1.4</html>", b" %PDF-1.4\n%%EOF", b"%PDF-1.4\nno end", b"GIF89a",
    b"%!PS-Adobe"])
def test_what_is_neither_is_refused(raw: bytes) -> None:
    with pytest.raises(NotAPaper):
        prepare_paper(raw)


def test_a_broken_photo_and_too_large_a_pdf_are_refused() -> None:
    with pytest.raises(BrokenPhoto):
        prepare_paper(photo()[:60])
    with pytest.raises(PaperTooLarge):
        prepare_paper(b"%PDF-1.4\n" + b"0" * papers.MOST_BYTES + b"%%EOF")


@pytest.mark.parametrize("inside", [b"/JavaScript (app.alert(1))", b"/S /Launch", b"/EmbeddedFiles 3 0 R",
                                    b"/XFA 4 0 R", b"/EmbeddedFile", b"/RichMedia"])
def test_a_pdf_that_runs_or_carries_something_is_refused(inside: bytes) -> None:
    with pytest.raises(LivePaper):
        prepare_paper(PDF.replace(b"/Type/Catalog", b"/Type/Catalog " + inside))


def test_empty_fields_are_passed_over_and_too_many_files_refused() -> None:
    assert len(prepare_papers([io.BytesIO(b""), io.BytesIO(PDF), None], most=1)) == 1
    with pytest.raises(TooManyPhotos):
        prepare_papers([io.BytesIO(PDF), io.BytesIO(PDF)], most=1)


@pytest.fixture
def kept(app: Flask, village: Village) -> PaperFile:
    with app.app_context():
        with transaction():
            papers.hang(village.actor("member"), [prepare_paper(PDF), prepare_paper(photo())], OWNER, Purpose.MINUTES,
                        "minutes/1")
        assert len(queries.photos_of(village.community, [OWNER])[OWNER]) == 1
        return queries.papers_of(village.community, OWNER)[0]


def test_it_is_handed_out_to_be_saved_and_never_opened_in_a_page(client: FlaskClient, village: Village,
                                                                 kept: PaperFile) -> None:
    answer = village.sign_in(client, "alice").get(f"/media/papers/{kept.key}")
    assert (answer.status_code, answer.data) == (200, PDF)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == "attachment; filename=minutes-1.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(("who", "status"), [
    ("alice", 200), ("keeper", 200), ("member", 200), ("mallory", 404), ("other_member", 404), (None, 404)])
def test_only_members_of_the_community_get_it(client: FlaskClient, village: Village, kept: PaperFile, who: str | None,
                                              status: int) -> None:
    if who is not None:
        village.sign_in(client, who)
    assert client.get(f"/media/papers/{kept.key}").status_code == status


@pytest.mark.parametrize("key", ["0" * 32, "x", "..%2f..%2fsecret", "0" * 31 + "G"])
def test_no_other_address_leads_to_a_file(client: FlaskClient, village: Village, kept: PaperFile, key: str) -> None:
    assert village.sign_in(client, "alice").get(f"/media/papers/{key}").status_code == 404


def test_clearing_away_keeps_what_has_a_row(app: Flask, kept: PaperFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "YOUNG_SECONDS", -10.0)
    orphan = "a" * 32
    with app.app_context():
        files.write(orphan, files.PAPER, PDF)
        jobs.clean_orphans()
        assert files.path_of(kept.key, files.PAPER).is_file()
        assert not files.path_of(orphan, files.PAPER).is_file()
