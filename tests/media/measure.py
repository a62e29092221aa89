"""Prepares one file in a process of its own and prints what it cost: ``python measure.py FILE``."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from pointsbank.core.errors import DomainError
from pointsbank.media import preparing


def main() -> None:
    """Seconds of the processor (a busy machine must not count), and by how many megabytes the process grew."""
    raw = Path(sys.argv[1]).read_bytes()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    try:
        preparing.prepare(raw)
        outcome = "taken"
    except DomainError as refusal:
        outcome = refusal.code
    spent = time.process_time() - started
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps({"outcome": outcome, "seconds": spent, "megabytes": grown / 1024}))


if __name__ == "__main__":
    main()
