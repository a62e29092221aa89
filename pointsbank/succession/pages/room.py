"""The room's blueprint."""

from __future__ import annotations

from pointsbank.core.web import Room

bp = Room("succession", "pointsbank.succession.pages")
