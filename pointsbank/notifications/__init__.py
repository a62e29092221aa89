"""What people are told: an inbox in the house, an outbox that leaves it.

Knows addresses and resident ids only; texts come from the rooms above as English messages with their values, and are
shown in the reader's language.
"""
