"""Measurements against the database's own limit; see README.md."""
