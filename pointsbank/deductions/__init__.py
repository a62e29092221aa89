"""Points that are taken away, where a community's resolution says so: announced, put right or imposed, appealed.

Off by default. A standard adopted with it may hold items that take points away, and even then nothing goes at once: a
letter says what was seen and how to put it right, there are days to do so, a second person decides afterwards, and a
third one about an appeal. It never makes a debt, never touches a child's own points, and is nobody's business but that
of the people concerned: this room gives nothing to notices, boards or lists for others.

It asks ``rules`` what an item comes to and has ``ledger`` post it. It stands above ``contributions``, which knows who
is family to whom.
"""
