"""Two people press at once: one decision, one deed, one line on a list."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from pointsbank.contributions import services
from pointsbank.contributions.errors import AlreadyDecided, NothingListed
from pointsbank.contributions.models import AwardLine, Contribution
from pointsbank.core import db as edge
from pointsbank.core.db import db
from pointsbank.publicity.errors import AlreadyDecided as AlreadyAnswered
from tests.contributions import funnel
from tests.contributions.funnel import balance, draft, on_notice, recorded
from tests.support.village import Village

RUNS = 5


def at_once(app: Any, work: Callable[[int], Any]) -> list[Any]:
    """Five threads, each one unit of work; what each returned or raised."""
    answers: list[Any] = [None] * RUNS
    start = threading.Barrier(RUNS)

    def one(place: int) -> None:
        with app.app_context():
            start.wait(30)
            try:
                answers[place] = edge.run(lambda: work(place))
            except Exception as error:
                answers[place] = error

    threads = [threading.Thread(target=one, args=(i,)) for i in range(RUNS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def kinds(answers: list[Any]) -> list[str]:
    return sorted(type(a).__name__ if isinstance(a, Exception) else "done" for a in answers)


def test_five_reviewers_approve_a_deed_once(app: Any, street: Village) -> None:
    ids = recorded(street, draft(street, "alice"), draft(street, "bob"))
    judges = ["reviewer", "member", "second", "supervisor", "reviewer"]
    answers = at_once(app, lambda n: bool(services.approve(street.actor(judges[n]), ids)))
    assert kinds(answers) == [AlreadyDecided.__name__] * 4 + ["done"]
    assert db.session.query(AwardLine).count() == 4, "points and hours of two deeds"
    db.session.rollback()


def test_an_attendance_handed_over_five_times_at_once_is_one_deed(app: Any, street: Village) -> None:
    drafts = [draft(street, "alice"), draft(street, "bob")]
    answers = at_once(app, lambda _n: [c.id for c in services.record(street.actor("leader"), drafts)])
    assert kinds(answers) == ["done"] * RUNS
    assert all(answer == answers[0] for answer in answers)
    assert db.session.query(Contribution).count() == 2
    db.session.rollback()


def test_five_lists_made_at_once_share_no_line(app: Any, street: Village) -> None:
    funnel.approved(street, recorded(street, *(draft(street, key) for key in ("alice", "bob", "charlie"))))
    answers = at_once(app, lambda _n: services.draft_month(
        street.actor("member"), funnel.DAY.replace(day=1)).line_count)
    assert kinds(answers) == [NothingListed.__name__] * 4 + ["done"]


def test_an_objection_answered_five_times_at_once_moves_its_line_once(app: Any, street: Village) -> None:
    _notice, lines = on_notice(street, "alice")
    with edge.transaction():
        objection_id = services.object_to(street.actor("charlie"), lines["alice"], "没看见").id
    judges = ["member", "second", "supervisor", "member", "second"]
    answers = at_once(app, lambda n: bool(services.decide_objection(
        street.actor(judges[n]), objection_id, False, "签到表上有")))
    assert kinds(answers) == [AlreadyAnswered.__name__] * 4 + ["done"]
    assert balance(street, "alice") == 200
