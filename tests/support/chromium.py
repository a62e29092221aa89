"""Finds the Chromium that the journeys drive, and says how to start it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

LAUNCH_ARGUMENTS = (
    # As root, Chromium refuses to start with its sandbox; the pages under test are our own.
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    # A browser under test speaks to the server under test and to nobody else.
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # /dev/shm is small in containers, and a tab that runs out of it dies.
    "--disable-dev-shm-usage",
)


def find() -> Path | None:
    """The browser's path, or None where the journeys have to be skipped.

    `POINTSBANK_TEST_CHROMIUM` has the word, and when it is empty there is no browser; unset, the PATH is searched.
    """
    given = os.environ.get("POINTSBANK_TEST_CHROMIUM")
    if given is not None:
        path = Path(given)
        return path if given and os.access(path, os.X_OK) else None
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    return None


def launch_options() -> dict[str, Any]:
    """Arguments for Playwright's `chromium.launch()`, which itself brings a new, empty profile."""
    path = find()
    if path is None:
        raise FileNotFoundError("no Chromium: tests/support/prepare.sh installs one, or says why it cannot")
    return {"executable_path": str(path), "headless": True, "args": list(LAUNCH_ARGUMENTS)}
