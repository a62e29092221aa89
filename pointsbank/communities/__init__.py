"""Where people live: the tree county > town > community > grid > micro-grid > building, and each community's settings.

Knows nobody who lives there; every tenant table of the rooms above points at an Area of kind community.
"""
