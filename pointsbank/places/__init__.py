"""Places without outside maps: what stands where in a community, by name first and by coordinates second.

A place has a name, other names it is known by, a grid or building it lies in, and, if somebody measured it, a position
in WGS84 beside the numbers as they were given. Tags with a QR code hang at places; plans and sentences ("60 m north of
Building 3") are made here on the server. Reports and rounds build on it and are never known here.
"""
