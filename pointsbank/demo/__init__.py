"""The demo: an invented street of three communities and three months of its life, lived through the services.

Nothing here inserts into tables. People are drawn by a generator with a fixed seed; nobody of them exists.
"""

from pointsbank.demo.accounts import has_communities, sign_ins
from pointsbank.demo.story import build

__all__ = ["build", "has_communities", "sign_ins"]
