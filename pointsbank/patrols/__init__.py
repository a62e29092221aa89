"""Rounds of the observers (巡查): routes with checkpoints, a rota, the round on a phone or on paper, findings.

A round is planned with a blank row for each checkpoint, so that a missed one is seen. What an observer finds is put
right on the spot and confirmed by a second person, or becomes a case of ``cases`` (or joins one), and somebody else
looks again once that case is closed. A round counts after somebody who did not walk it has accepted it; what it earns
goes through ``contributions``. Observers also propose, and every proposal is answered in writing.

It stands on ``places`` (where a checkpoint is, and its tag), ``cases``, ``contributions``, ``honours`` (the best of a
month) and ``media``. It ranks nobody and decides nothing about a case.
"""
