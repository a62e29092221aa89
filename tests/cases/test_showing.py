"""What others see: a title, and photos that somebody looked at; exactly those, and only while they are shown."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from pointsbank.cases import errors, queries, services
from pointsbank.cases.models import Case, CaseClass, CaseState
from pointsbank.cases.services import CategoryDraft, Step
from pointsbank.core.actor import NOBODY
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import NotFound
from pointsbank.media.models import Photo
from tests.cases.desk import Desk


def done(desk: Desk, **given: Any) -> int:
    photo = desk.photo("alice", "report", 10)
    return desk.at(CaseState.TO_INSPECT, desk.send(photo_ids=[photo], **given))


def keys(case_id: int) -> dict[str, str]:
    """The addresses of a case's photos by purpose."""
    with transaction():
        report = db.session.scalars(sa.select(Photo).order_by(Photo.id)).all()
        return {photo.purpose.value: photo.key for photo in report}


def fetched(desk: Desk, who: str | None, key: str) -> int:
    fresh = desk.app.test_client()
    if who is not None:
        desk.village.sign_in(fresh, who)
    return fresh.get(f"/media/{key}/thumb").status_code


def pairs(desk: Desk, who: str | None, case_id: int) -> tuple[int, int]:
    actor = desk.actor(who) if who else NOBODY
    with transaction():
        found = queries.public_photos(actor, desk.village.community, [case_id]).get(case_id)
    return (len(found.before), len(found.after)) if found else (0, 0)


def test_photos_are_hidden_until_somebody_shows_them_and_again_afterwards(desk: Desk) -> None:
    case_id = done(desk)
    for key in keys(case_id).values():
        assert [fetched(desk, who, key) for who in (None, "bob", "member")] == [404, 404, 200]
    assert pairs(desk, None, case_id) == (0, 0)
    run(lambda: services.show_photos(desk.actor("member"), case_id))
    for key in keys(case_id).values():
        assert [fetched(desk, who, key) for who in (None, "bob", "mallory")] == [200, 200, 200]
    assert pairs(desk, None, case_id) == (1, 1)
    with transaction():
        assert len(queries.seen(desk.actor("bob"), case_id).photos) == 2
    run(lambda: services.show_photos(desk.actor("member"), case_id, False))
    for key in keys(case_id).values():
        assert fetched(desk, None, key) == 404
    assert pairs(desk, "bob", case_id) == (0, 0)


def test_residents_see_what_is_theirs_and_nobody_else_does(desk: Desk) -> None:
    kind = run(lambda: services.add_category(desk.actor("member"), CategoryDraft(
        "楼道堆物", "stairs", class_=CaseClass.SHARED, unit_id=desk.unit)).id)
    case_id = done(desk, category_id=kind)
    run(lambda: services.show_photos(desk.actor("member"), case_id))
    for key in keys(case_id).values():
        assert [fetched(desk, who, key) for who in (None, "bob", "mallory")] == [404, 200, 404]
    assert [pairs(desk, who, case_id) for who in (None, "bob")] == [(0, 0), (1, 1)]


def test_a_familys_photos_are_never_shown(desk: Desk) -> None:
    case_id = done(desk, category_id=desk.family)
    with pytest.raises(errors.NotForOthers):
        run(lambda: services.show_photos(desk.actor("member"), case_id))
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.update(Case).where(Case.id == case_id).values(photos_public=True))


def test_only_the_office_shows_and_only_here(desk: Desk) -> None:
    case_id = done(desk)
    for who, refusal in (("alice", errors.NotYourPart), ("dora", errors.NotYourPart),
                         ("reviewer", errors.NotYourPart), ("other_member", NotFound)):
        for verb in (lambda a: services.show_photos(a, case_id), lambda a: services.set_title(a, case_id, "东巷路灯")):
            with pytest.raises(refusal):
                run(lambda who=who, verb=verb: verb(desk.actor(who)))  # type: ignore[misc]


def test_a_photo_that_comes_later_waits_to_be_looked_at(desk: Desk) -> None:
    photo = desk.photo("alice", "report", 10)
    case_id = desk.send(photo_ids=[photo])
    desk.do("member", "accept", case_id, Step(title=" 东巷  路灯不亮 ", show_photos=True))
    assert desk.case(case_id).title == "东巷 路灯不亮"
    for verb, who in (("assign", "member"), ("acknowledge", "dora"), ("start", "dora"), ("finish", "dora")):
        desk.do(who, verb, case_id)
    assert pairs(desk, None, case_id) == (1, 0)
    desk.do("reviewer", "approve", case_id, Step(show_photos=True))
    assert pairs(desk, None, case_id) == (1, 1)


def test_a_false_report_is_not_shown_any_more(desk: Desk) -> None:
    case_id = desk.send(photo_ids=[desk.photo("alice", "report", 10)])
    desk.do("member", "accept", case_id, Step(show_photos=True))
    assert pairs(desk, None, case_id) == (1, 0)
    desk.do("second", "declare_false", case_id)
    assert pairs(desk, None, case_id) == (0, 0)
    assert fetched(desk, None, keys(case_id)["report"]) == 404


def test_a_title_stands_for_the_words_and_without_one_kind_and_place(desk: Desk, client: Any) -> None:
    case_id = desk.at(CaseState.ACCEPTED, desk.send(place="东巷 3 号"))
    head = desk.village.bearer(desk.app, "bob")
    assert client.get(f"/api/v1/cases/{case_id}", headers=head).json["title"] == "路灯不亮 · 东巷 3 号"
    office = desk.village.bearer(desk.app, "member")
    put = client.put(f"/api/v1/cases/{case_id}/title", json={"title": "东巷路灯"}, headers=office)
    assert put.json["title"] == "东巷路灯"
    for wrong in ("x", "灯" * 61):
        again = client.put(f"/api/v1/cases/{case_id}/title", json={"title": wrong}, headers=office)
        assert again.json["error"]["code"] == "cases.bad_title"
    shown = client.put(f"/api/v1/cases/{case_id}/photos-shown", json={"shown": True}, headers=office)
    assert shown.json["photos_public"] is True
    assert client.put(f"/api/v1/cases/{case_id}/photos-shown", json={"shown": True}, headers=head).status_code == 403


def test_pairs_take_the_same_statements_for_one_case_and_for_five(desk: Desk, queries: Any) -> None:
    from pointsbank.cases import queries as asked

    ids = [done(desk) for _ in range(3)]
    for case_id in ids:
        run(lambda c=case_id: services.show_photos(desk.actor("member"), c))  # type: ignore[misc]
    for wanted in (ids[:1], ids):
        with transaction(), queries() as seen:
            assert len(asked.public_photos(NOBODY, desk.village.community, wanted)) == len(wanted)
        assert len(seen) == 3
