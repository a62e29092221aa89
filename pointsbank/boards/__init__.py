"""Boards: the home pages, the passbook, the committee's desk, the general book, the figures and the public screen.

They read what all rooms below keep and write nothing; each page asks a constant number of statements, however many
rows there are. What a line of the book is called is asked of the room that caused it (``describe.py``).
"""
