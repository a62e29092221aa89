"""What a deed is worth: a community's scoring standard, its versions, and the judging of deeds by them.

A standard is a document that a committee adopts. It is drafted by one person and adopted by another, starts on a day to
come, and is never edited afterwards: what changes is a new version. A deed is judged by the version that was in force
on the day of the deed, and each line of the judgement says which rule fired, what was counted and which cap cut it.

The room does not know where deeds come from, who reviews them, or what becomes of the points: ``contributions`` asks
it, and posts. It stands on ``ledger`` for the names of the books, on ``people`` for roles and on ``communities``.

Around the items stand papers: the template of a county or town that a draft began with, rounds of comments, the
resolution that adopted it. ``papers`` asks for them, ``bounds`` and ``differing`` compare (pure functions).

``evaluation`` judges (a pure function), ``counters`` keeps what caps have used up, ``services`` writes, ``queries``
answers.
"""
