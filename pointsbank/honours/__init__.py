"""Honours: stars by hours and points, the best observer of the month, the year-end close, certificates of service.

What somebody gave is read from the ledger's books of minutes and honour, which redeeming never touches. A ladder is a
document that a committee adopts; who reached a step is *proposed* from figures, confirmed by a second person, hung out
on a notice and only then granted, under a number. Nothing here happens to anybody automatically: not even a suspension
for no-shows does more than show a person to the desk. Nothing here is spent.

The room keeps no points and judges no deeds. It stands on ``people``, ``ledger``, ``publicity`` and ``contributions``,
and knows nothing of activities: what it has to know of them (who signed up and did not come) the roof hands it.

``reaching`` says who reached what (pure functions), ``services`` write, ``queries`` answer.
"""
