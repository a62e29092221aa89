"""The pages of the rules: the standard for everybody, and the desk where the committee writes it."""

from pointsbank.rules.pages import (
    adopting,
    caps,
    comments,
    comparing,
    desk,
    flagging,
    items,
    public,
    templating,
)
from pointsbank.rules.pages.room import bp

__all__ = ["adopting", "bp", "caps", "comments", "comparing", "desk", "flagging", "items", "public", "templating"]
