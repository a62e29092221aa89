"""One act, two deeds: a reviewer says so, and of a group of items only the highest counts for it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.contributions import queries, services
from pointsbank.contributions.errors import ActHasOthers, AlreadyDecided, NotAReviewer, OwnRecord
from pointsbank.contributions.models import Review, ReviewStep
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import NotFound
from pointsbank.rules.models import DeedKind, Receiver, ScoringStandard, Shape, StandardState
from tests.contributions import funnel
from tests.contributions.funnel import approved, award_lines, deed, filed
from tests.support.village import Village

COUNTY, PROVINCE = "4.1", "4.2"


@pytest.fixture
def honours(street: Village) -> Village:
    """A second version with two honours of one group: of the county 5 points, of the province 12."""
    import datetime as dt

    from pointsbank.core import clock

    with transaction():
        old = db.session.scalars(sa.select(ScoringStandard)).one()
        new = ScoringStandard(community_id=street.community, number=8, title="柳荫社区积分细则",
                              state=StandardState.DRAFT, created_at=clock.now(), resolution="居民代表会议通过")
        db.session.add(new)
        db.session.flush()
        for position, (code, name, points) in enumerate(((COUNTY, "县级表彰", 500), (PROVINCE, "省级表彰", 1200)), 1):
            db.session.add(funnel.rule(new, position, code, name, DeedKind.OTHER, shape=Shape.PER_TIME, points=points,
                                       receiver=Receiver.HOUSEHOLD, highest_group="表彰"))
        db.session.flush()
        old.state, old.superseded_on = StandardState.SUPERSEDED, dt.date(2026, 3, 1)
        new.state, new.in_force_on = StandardState.IN_FORCE, dt.date(2026, 3, 1)
    return street


def honoured(street: Village, code: str, title: str, key: str = "alice") -> int:
    return filed(street, key, item_code=code, title=title, units=None)


def marked(street: Village, deed_id: int, other: int | None, by: str = "reviewer") -> None:
    with transaction():
        services.mark_same_act(street.actor(by), deed_id, other)


def test_the_higher_one_earns_the_difference_and_says_why(honours: Village) -> None:
    county, province = honoured(honours, COUNTY, "县里的好人"), honoured(honours, PROVINCE, "省里的好人")
    approved(honours, [county])
    marked(honours, province, county)
    approved(honours, [province])
    (line,) = award_lines(province)
    assert line.amount == 700
    assert any("same act" in entry["text"] for entry in line.explanation)
    assert deed(province).act_key == deed(county).source_key


def test_without_the_mark_both_count(honours: Village) -> None:
    for deed_id in (honoured(honours, COUNTY, "县里的好人"), honoured(honours, PROVINCE, "省里的好人")):
        approved(honours, [deed_id])
    assert [line.amount for line in db.session.query(funnel.AwardLine).order_by(funnel.AwardLine.id)] == [500, 1200]
    db.session.rollback()


def test_the_lower_one_earns_nothing_and_says_why(honours: Village) -> None:
    county, province = honoured(honours, COUNTY, "县里的好人"), honoured(honours, PROVINCE, "省里的好人")
    marked(honours, county, province)
    approved(honours, [province])
    approved(honours, [county])
    assert award_lines(county) == []
    assert [note["reason"] for note in deed(county).notes or []] == ["not_higher"]


def test_it_is_undone_and_noted_each_time(honours: Village) -> None:
    county, province = honoured(honours, COUNTY, "县里的好人"), honoured(honours, PROVINCE, "省里的好人")
    for _again in range(2):
        marked(honours, province, county)
    marked(honours, province, None)
    marked(honours, province, None)
    query = sa.select(Review.step).where(Review.contribution_id == province).order_by(Review.id)
    steps = list(db.session.scalars(query))
    db.session.rollback()
    assert steps == [ReviewStep.SUBMITTED, ReviewStep.SAME_ACT, ReviewStep.OWN_ACT]
    approved(honours, [county])
    approved(honours, [province])
    assert award_lines(province)[0].amount == 1200


def test_who_may_say_so_and_of_which_deeds(honours: Village) -> None:
    county, province = honoured(honours, COUNTY, "县里的好人"), honoured(honours, PROVINCE, "省里的好人")
    bobs = honoured(honours, COUNTY, "县里的好人", "bob")
    for by, why in (("alice", NotAReviewer), ("admin", NotAReviewer), ("other_member", NotFound)):
        with pytest.raises(why):
            marked(honours, province, county, by)
    for other in (bobs, province, 999_999):
        with pytest.raises(NotFound):
            marked(honours, province, other)
    proxy = filed(honours, "alice", by="grid", item_code=COUNTY, title="代报的表彰", units=None)
    with transaction():
        services.withdraw(honours.actor("alice"), proxy)
    with pytest.raises(NotFound):
        marked(honours, province, proxy)
    by_member = filed(honours, "alice", by="member", item_code=COUNTY, title="居委会报的表彰", units=None)
    with pytest.raises(OwnRecord):
        marked(honours, by_member, county, "member")
    marked(honours, province, county)
    with pytest.raises(ActHasOthers):
        marked(honours, county, by_member)
    approved(honours, [county])
    with pytest.raises(AlreadyDecided):
        marked(honours, county, by_member)


def test_what_is_recorded_anew_stays_the_same_act(honours: Village) -> None:
    county, province = honoured(honours, COUNTY, "县里的好人"), honoured(honours, PROVINCE, "省里的好人")
    marked(honours, province, county)
    with transaction():
        services.reject(honours.actor("reviewer"), county, "没有证书")
    with transaction():
        appeal = services.ask_review(honours.actor("alice"), county, "证书在这里").id
    with transaction():
        services.decide_appeal(honours.actor("member"), appeal, True, "证书补来了")
    approved(honours, [province])
    (anew,) = queries.waiting_for(honours.actor("second")).items
    db.session.rollback()
    approved(honours, [anew.id], by="second")
    assert award_lines(anew.id) == [], "the province paid for this act already"


def test_it_is_chosen_on_the_page_of_the_review(honours: Village, ask: Any) -> None:
    county, province = honoured(honours, COUNTY, "县里的好人"), honoured(honours, PROVINCE, "省里的好人")
    page = ask("reviewer", f"/desk/deeds/{province}").text
    assert f'<option value="{county}">' in page
    assert "表彰" in page
    ask("reviewer", f"/desk/deeds/{province}/act", {"other": str(county)})
    assert f'<option value="{county}" selected>' in ask("reviewer", f"/desk/deeds/{province}").text
    assert "县里的好人" in ask("alice", f"/deeds/{province}").text
    ask("reviewer", f"/desk/deeds/{province}/act", {"other": "x"}, status=422)
    ask("reviewer", f"/desk/deeds/{province}/act", {"other": ""})
    assert deed(province).act_key is None
    made = ask("reviewer", f"/api/v1/contributions/{province}/act", json={"same_as": county}, status=200).json
    assert made["act_key"] == deed(county).source_key
    ask("reviewer", f"/api/v1/contributions/{province}/act", json={}, status=422)
