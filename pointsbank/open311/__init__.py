"""Open311 GeoReport v2: other platforms report problems here and hear what becomes of them, in XML and JSON.

The room translates and keeps nothing of its own but keys: a kind of problem is a *service*, a case a *request*, an
event of it an *update*. What comes in goes through ``cases`` like any other report; what goes out may be public.
mySociety's extension (updates in both directions) is spoken as FixMyStreet speaks it.
"""
