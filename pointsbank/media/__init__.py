"""Photos: checked, re-encoded, stripped of everything that was not picture, kept under random names, served by rule.

A PDF (the minutes of a meeting) is checked and kept as it came, and only ever handed out to be saved.

This room knows no deed, no activity and no offer, only owner keys (``contribution:5``, ``offer:3``). It gives nothing
away that its visibility does not allow, and it is the only one that touches the files. It stands on ``people`` (roles).
"""
