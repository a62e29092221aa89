"""The code word by which whoever reported without a name follows a case without signing in.

It is made from the draft's own number, so that an answer that got lost on the way comes again with the same code; kept
is only a keyed hash of it. Its last digit checks the others: a slip of the finger costs no guess.
"""

from __future__ import annotations

import sqlalchemy as sa

from pointsbank.cases import queries
from pointsbank.cases.errors import TooManyGuesses, WrongCode
from pointsbank.cases.models import Report
from pointsbank.core import tenancy, tokens
from pointsbank.core.db import db
from pointsbank.people.errors import LockedOut
from pointsbank.people.services import signing_in

MOST_ATTEMPTS = 9


def _code(community_id: int, sender_key: str, client_id: str, attempt: int) -> str:
    raw = tokens.mac(tokens.derive("case-code"), f"{community_id}:{sender_key}:{client_id}:{attempt}")
    body = f"{int.from_bytes(raw, 'big') % 10**11:011d}"
    return body + tokens.damm_digit(body)


def new_hash(community_id: int, sender_key: str, client_id: str) -> str:
    """What is kept of the code of a new report: the first of its codes that no other report has."""
    codes = [_code(community_id, sender_key, client_id, n) for n in range(MOST_ATTEMPTS)]
    hashes = [queries.code_hash(code) for code in codes]
    with tenancy.unscoped():  # a code is one of the whole house: whoever types it is in no community yet
        taken = set(db.session.scalars(sa.select(Report.code_hash).where(Report.code_hash.in_(hashes))))
    return next(one for one in hashes if one not in taken)


def code_of(report: Report) -> str:
    """The code word of an anonymous report in groups of four, empty for one with a name. For the answer to its sender
    only, nowhere else."""
    for attempt in range(MOST_ATTEMPTS if report.code_hash else 0):
        code = _code(report.community_id, report.sender_key, report.client_id, attempt)
        if queries.code_hash(code) == report.code_hash:
            return f"{code[:4]} {code[4:8]} {code[8:]}"
    return ""


def by_code(code: str, guesser: str) -> queries.Followed:
    """The state of a case for whoever knows the code of its report; no names, no words, no place.

    ``guesser`` is where the question comes from (an address): five wrong codes within a quarter of an hour, counted in
    the database, block it, also for a right one. Raises WrongCode, TooManyGuesses.
    """
    digits = queries.plain_code(code)
    if not tokens.damm_valid(digits) or len(digits) != queries.CODE_DIGITS:
        raise WrongCode(fields={"code": WrongCode.message})
    subject = "case-code:" + tokens.digest(guesser)
    try:
        signing_in.refuse_guesses(subject)
    except LockedOut:
        raise TooManyGuesses from None
    try:
        return queries.by_code(digits)
    except WrongCode:
        signing_in.count_guess(subject)
        raise
