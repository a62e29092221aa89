"""Where the files lie: ``DATA_DIR/media/ab/cd/<key>-full.jpg``, a document ``<key>-paper.pdf``. Names are made here,
never taken from anybody."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask import current_app

SIZES = ("full", "thumb")
PAPER = "paper"
_ENDS = {"full": "jpg", "thumb": "jpg", PAPER: "pdf"}
KEY = re.compile(r"[0-9a-f]{32}")
NAME = re.compile(r"([0-9a-f]{32})-(full\.jpg|thumb\.jpg|paper\.pdf)")


def folder() -> Path:
    """The folder of all photos."""
    return Path(current_app.config["DATA_DIR"]) / "media"


def path_of(key: str, size: str) -> Path:
    """The file of a photo or document. Raises ValueError for anything that is not a key and a size of ours."""
    if not KEY.fullmatch(key) or size not in _ENDS:
        raise ValueError("no such file")
    return folder() / key[:2] / key[2:4] / f"{key}-{size}.{_ENDS[size]}"


def write(key: str, size: str, content: bytes) -> None:
    """Write a file whole, on the disk, before the row that names it is committed: a row without a file must not be."""
    target = path_of(key, size)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    os.chmod(name, 0o640)
    os.replace(name, target)


def shards() -> Iterator[Path]:
    """The innermost folders, in order."""
    if folder().is_dir():
        for outer in sorted(p for p in folder().iterdir() if p.is_dir()):
            yield from sorted(p for p in outer.iterdir() if p.is_dir())
