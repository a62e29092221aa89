"""The one funnel: a deed is recorded or filed, judged, published, and only then posted to the book.

A Contribution is the deed; its AwardLines are what the rules gave for it. Pending lines (proposed, listed, frozen) are
shown to the resident and never stand in the ledger. Whoever recorded a deed never approves it, and nobody decides about
their own household: services refuse it, and the database refuses it once more (see ``triggers.py``).

The room stands on ``rules`` (what a deed earns), ``publicity`` (the notice board), ``ledger`` (the book), ``media``
(photos) and ``people``. Rooms above hand it deeds with :func:`contributions.services.record`.
"""
