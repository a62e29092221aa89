"""What became of the cases: figures, the frozen reviews of a day, a week or a month, and the page for everybody.

A figure is a number with the list of the cases that it counts and a sentence that says what it counts
(``figures``, ``wording``). A review freezes the figures of one period; a correction is a new version that names the
old one. Nothing is counted by person. Stands on ``cases`` and ``places``; writes nothing of theirs.
"""
