"""The blueprint that every page of the shop hangs on."""

from __future__ import annotations

from pointsbank.core.web import Room

bp = Room("shop", "pointsbank.shop")
