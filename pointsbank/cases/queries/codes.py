"""What somebody who is not signed in finds behind the code word of a report."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass

import sqlalchemy as sa

from pointsbank.cases.errors import WrongCode
from pointsbank.cases.models import Case, CaseEvent, CaseState, Category, Outcome, Report
from pointsbank.core import tenancy, tokens
from pointsbank.core.db import db, scoped

CODE_DIGITS = 12


@dataclass(frozen=True)
class Followed:
    """A case without anybody's name, words or place. ``steps``: what it went through and when; ``number`` that of the
    report's own case, ``follows`` the one that it was merged into, whose state this is then."""

    number: int
    follows: int | None
    category: str
    state: CaseState
    outcome: Outcome | None
    opened_at: dt.datetime
    evaluate_by: dt.datetime | None
    closed_at: dt.datetime | None
    steps: tuple[tuple[str, CaseState, dt.datetime], ...]


def plain_code(code: str) -> str:
    """The digits of a code as it was typed, in whatever groups and width."""
    return "".join(c for c in unicodedata.normalize("NFKC", code[:60]) if c.isascii() and c.isdigit())


def code_hash(code: str) -> str:
    """What is kept of a code: it opens nothing without the house's secret."""
    return tokens.mac(tokens.derive("case-code-kept"), plain_code(code)).hex()


def by_code(code: str) -> Followed:
    """The state of the case behind a code word. Guesses are counted by ``services.by_code``, through which pages and
    the interface ask. Raises WrongCode."""
    with tenancy.unscoped():  # whoever has the code need not be signed in, or may be at home elsewhere
        report = db.session.scalars(sa.select(Report).where(Report.code_hash == code_hash(code))).one_or_none()
        if report is None:
            raise WrongCode(fields={"code": WrongCode.message})
        case = own = db.session.get_one(Case, report.case_id)
        if own.parent_id is not None:
            case = db.session.get_one(Case, own.parent_id)
        events = db.session.scalars(scoped(CaseEvent, case.community_id).where(
            CaseEvent.case_id == case.id, sa.or_(CaseEvent.before.is_(None), CaseEvent.before != CaseEvent.after))
            .order_by(CaseEvent.id))
        return Followed(
            number=own.id, follows=own.parent_id, state=case.state, outcome=case.outcome,
            category=db.session.get_one(Category, case.category_id).name, opened_at=own.opened_at,
            evaluate_by=case.evaluate_by, closed_at=case.closed_at,
            steps=tuple((event.verb, event.after, event.at) for event in events))
