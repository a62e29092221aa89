"""What can be done: keys made, renewed and revoked, accounts linked, reports and updates taken in."""

from pointsbank.open311.services.hearing import hear
from pointsbank.open311.services.keys import make_key, renew_key, revoke_key
from pointsbank.open311.services.linking import link, unlink
from pointsbank.open311.services.taking_in import take

__all__ = ["hear", "link", "make_key", "renew_key", "revoke_key", "take", "unlink"]
