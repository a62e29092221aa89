"""The notice board: lists that hang out before they count, and what people object to in them.

A notice is drafted by one person and published by another, hangs out until a named hour and is then closed. Each of
its lines carries a source key and text that is already masked; the room never learns what stands behind them, so no
feature above can make it show more. An objection freezes its one line until somebody independent has answered it in
writing. What a closed notice means for points is the business of the rooms above, which look down at it.

It stands on ``people`` (who objects, who may decide) and ``communities`` (how long a notice hangs, where to object).
"""
