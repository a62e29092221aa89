"""Snapshot reports (随手拍) and the cases that come of them: from a photo to a closed, evaluated problem.

A report is what one person sent and never changes. A case is the work: assigned to a unit, put right, inspected by
somebody else, evaluated by whoever reported it. One table of moves (``moves``) says who may take which step from
where; clocks run beside it (``spans``, ``services/clocks``). What the first reporter earns goes through
``contributions``.
"""
