"""Photos: checked, re-encoded, stripped of everything that was not picture, kept under random names, served by rule.

This room knows no deed, no activity and no offer, only owner keys (``contribution:5``, ``offer:3``). It gives no
picture
away that its visibility does not allow, and it is the only one that touches the files. It stands on ``people`` (roles).
"""
