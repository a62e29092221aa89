"""What can be done with cases: propose, withdraw, confirm, refuse."""

from pointsbank.succession.services.confirming import confirm, refuse
from pointsbank.succession.services.dissolving import dissolve
from pointsbank.succession.services.planning import plan
from pointsbank.succession.services.proposing import open_orders, propose, refuse_kin, withdraw

__all__ = ["confirm", "dissolve", "open_orders", "plan", "propose", "refuse", "refuse_kin", "withdraw"]
