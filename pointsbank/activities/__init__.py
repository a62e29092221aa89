"""Activities: plan, sign up, check in and out, close; from hours to contributions.

The room writes down who was there and says where each row came from. It gives no points: closing hands one
contribution per attendance down to ``contributions``. It stands on ``contributions``, ``rules``, ``media``, ``people``,
``notifications`` and ``communities``; cases and patrols are other rooms.
"""
