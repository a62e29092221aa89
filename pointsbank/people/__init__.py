"""Who people are: residents and households, users who sign in, teams, appointments and member cards.

A user (somebody who signs in) and a resident (one per community) are many-to-many: one phone often serves a family.
Stands on ``communities`` and ``notifications``; knows no points.
"""
