"""Black boxes: in the very pixels, the uncovered picture under guard and for a time, two at once both drawn."""

from __future__ import annotations

import os
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from pointsbank.core import clock as house_clock
from pointsbank.core.audit import AuditRow
from pointsbank.core.db import db, run, transaction
from pointsbank.core.errors import Forbidden, NotFound
from pointsbank.media import covering, files, queries, services
from pointsbank.media.errors import (
    BoxOutside,
    BoxTooSmall,
    BrokenBox,
    NoBoxes,
    NoOriginal,
    TooManyBoxes,
    WhyNeeded,
)
from pointsbank.media.jobs import clean_orphans
from pointsbank.media.models import CoverKind, CoverStep, Photo, PhotoOriginal
from pointsbank.notifications.models import InboxMessage
from tests.media.covers import BOX, OTHER, covered, file_of, hung_photo, is_dark, is_light, white
from tests.support.village import Village


def photo_of(photo_id: int) -> Photo:
    found = db.session.get(Photo, photo_id, populate_existing=True)
    assert found is not None
    return found


def test_boxes_are_drawn_into_photo_and_thumbnail_under_a_new_key(app: Flask, village: Village) -> None:
    photo_id = hung_photo(app, village)
    with app.app_context():
        before = photo_of(photo_id).key
    key = covered(app, village, photo_id)
    assert key != before
    for size in files.SIZES:
        raw = file_of(app, key, size)
        assert is_dark(raw, BOX)
        assert is_light(raw, 0.8, 0.8)
        assert not is_dark(file_of(app, before, size), BOX)
    with app.app_context():
        photo = photo_of(photo_id)
        assert photo.bytes == len(file_of(app, key))
        assert queries.kept_original(village.actor("member"), photo_id).key == before  # type: ignore[union-attr]


def test_the_old_address_opens_nothing_for_anybody(app: Flask, village: Village) -> None:
    photo_id = hung_photo(app, village)
    with app.app_context():
        before = photo_of(photo_id).key
    key = covered(app, village, photo_id)
    for who in ("alice", "reviewer", "member", "leader", "admin"):
        client = village.sign_in(app.test_client(), who)
        assert client.get(f"/media/{before}/full").status_code == 404
        assert client.get(f"/media/{before}/thumb").status_code == 404
        assert client.get(f"/media/{key}/full").status_code == 200


WRONG: list[tuple[Any, type[Exception]]] = [
    ([], NoBoxes), ([BOX] * 21, TooManyBoxes), ([(0.1, 0.1, 0.2)], BrokenBox),
    ([(0.1, 0.1, 0.2, float("nan"))], BrokenBox), ([(0.1, 0.1, float("inf"), 0.1)], BrokenBox),
    ([(0.1, 0.1, "0.2", 0.1)], BrokenBox), ([(True, 0.1, 0.2, 0.1)], BrokenBox),
    ([(-0.01, 0.1, 0.2, 0.1)], BoxOutside), ([(0.9, 0.1, 0.2, 0.1)], BoxOutside), ([(0.1, 0.95, 0.2, 0.1)], BoxOutside),
    ([(1e300, 0.1, 0.2, 0.1)], BoxOutside), ([(0.1, 0.1, 0.009, 0.2)], BoxTooSmall),
    ([(0.1, 0.1, 0.2, 0)], BoxTooSmall),
    ([(0.5, 0.5, -0.2, 0.2)], BoxTooSmall), ([BOX, (0.1, 0.1, 0, 0)], BoxTooSmall),
]


@pytest.mark.parametrize(("boxes", "refusal"), WRONG)
def test_wrong_boxes_are_refused_and_nothing_is_drawn(
        app: Flask, village: Village, boxes: Any, refusal: type[Exception]) -> None:
    photo_id = hung_photo(app, village)
    with app.app_context():
        before = photo_of(photo_id).key
        with pytest.raises(refusal):
            covering.prepare_cover(village.actor("reviewer"), photo_id, boxes)
        assert photo_of(photo_id).key == before
        assert db.session.scalar(sa.select(sa.func.count()).select_from(CoverStep)) == 0


def test_twenty_boxes_and_the_whole_photo_are_taken(app: Flask, village: Village) -> None:
    photo_id = hung_photo(app, village)
    covered(app, village, photo_id, *[BOX] * 20)
    assert is_dark(file_of(app, covered(app, village, photo_id, (0.0, 0.0, 1.0, 1.0))), (0.0, 0.0, 1.0, 1.0))
    covered(app, village, photo_id, (0.333333, 0.666667, 0.666667, 0.333333))


MAY = {"deed": {"reviewer": True, "member": True, "admin": True, "alice": False, "leader": False, "grid": False,
                "keeper": False},
       "household": {"reviewer": False, "member": True, "admin": True}, "activity": {"reviewer": True, "bob": False}}


@pytest.mark.parametrize("purpose", sorted(MAY))
def test_the_desk_covers_what_it_may_look_at(app: Flask, village: Village, purpose: str) -> None:
    photo_id = hung_photo(app, village, purpose)
    for who, may in MAY[purpose].items():
        if may:
            covered(app, village, photo_id, who=who)
        else:
            with pytest.raises(Forbidden):
                covered(app, village, photo_id, who=who)
    with pytest.raises(NotFound):
        covered(app, village, photo_id, who="other_member")


def test_a_photo_that_hangs_nowhere_is_not_covered(app: Flask, village: Village) -> None:
    with app.app_context(), transaction():
        photo_id = services.store(village.actor("reviewer"), None, "", "deed", services.prepare(white())).id
    with pytest.raises(Forbidden):
        covered(app, village, photo_id)


def test_the_one_whose_photo_it_is_is_told(app: Flask, village: Village) -> None:
    photo_id = hung_photo(app, village)
    covered(app, village, photo_id)
    with app.app_context():
        told = db.session.scalars(sa.select(InboxMessage).where(InboxMessage.text == covering.COVERED)).all()
        assert [message.resident_id for message in told] == [village.residents["alice"]]


def test_only_the_committee_opens_the_original_each_time_with_a_reason(
        app: Flask, village: Village, clock: Any) -> None:
    photo_id = hung_photo(app, village)
    with app.app_context():
        before = photo_of(photo_id).key
    covered(app, village, photo_id)
    with app.app_context():
        for who, reason, refusal in (("reviewer", "a complaint", Forbidden), ("admin", "a complaint", Forbidden),
                                     ("alice", "a complaint", Forbidden), ("other_member", "a complaint", NotFound),
                                     ("member", "  x ", WhyNeeded), ("member", "x" * 201, WhyNeeded)):
            with pytest.raises(refusal), transaction():
                covering.open_original(village.actor(who), photo_id, reason)
        with transaction():
            text = covering.open_original(village.actor("member"), photo_id, "somebody  complained")
        rows = db.session.scalars(sa.select(AuditRow).where(AuditRow.verb == "media.cover_opened")).all()
        assert [row.detail["reason"] for row in rows if row.detail] == ["somebody complained"]
        assert queries.opened(village.actor("member"), text) == (photo_id, before)
        for other in ("second", "reviewer", "alice", "other_member"):
            with pytest.raises(NotFound):
                queries.opened(village.actor(other), text)
        with pytest.raises(NotFound):
            queries.opened(village.actor("member"), text[:-2] + "xx")
        clock.forward(minutes=6)
        with pytest.raises(NotFound):
            queries.opened(village.actor("member"), text)


def test_the_committee_takes_the_boxes_away_while_the_original_is_kept(app: Flask, village: Village) -> None:
    photo_id = hung_photo(app, village)
    with app.app_context():
        before = (photo_of(photo_id).key, photo_of(photo_id).sha256, photo_of(photo_id).bytes)
    covered(app, village, photo_id)
    key = covered(app, village, photo_id, OTHER)
    with app.app_context():
        with pytest.raises(Forbidden), transaction():
            covering.restore(village.actor("reviewer"), photo_id, "wrongly covered")
        with transaction():
            covering.restore(village.actor("member"), photo_id, "wrongly covered")
        photo = photo_of(photo_id)
        assert (photo.key, photo.sha256, photo.bytes) == before
        with pytest.raises(NoOriginal), transaction():
            covering.restore(village.actor("member"), photo_id, "wrongly covered")
        with pytest.raises(NotFound):
            queries.visible(village.actor("member"), key)
        kinds = [step.kind for step in queries.cover_steps(village.actor("reviewer"), photo_id).items]
        assert kinds == [CoverKind.RESTORED, CoverKind.COVERED, CoverKind.COVERED]


def _aged(*keys: str) -> None:
    for key in keys:
        for size in files.SIZES:
            os.utime(files.path_of(key, size), (1_600_000_000, 1_600_000_000))


def test_the_original_is_deleted_after_the_communitys_days_and_not_before(
        app: Flask, village: Village, clock: Any) -> None:
    photo_id = hung_photo(app, village)
    with app.app_context():
        before = photo_of(photo_id).key
    first = covered(app, village, photo_id)
    second = covered(app, village, photo_id, OTHER)
    with app.app_context():
        _aged(before, first, second)
        clock.forward(days=29)
        assert clean_orphans() == 2
        assert files.path_of(before, "full").is_file()
        assert not files.path_of(first, "full").is_file()
        clock.forward(days=1)
        with pytest.raises(NoOriginal), transaction():
            covering.restore(village.actor("member"), photo_id, "too late by a day")
        assert clean_orphans() == 2
        assert not files.path_of(before, "full").is_file()
        assert files.path_of(second, "full").is_file()
        assert db.session.scalar(sa.select(sa.func.count()).select_from(PhotoOriginal)) == 0
        last = queries.cover_steps(village.actor("reviewer"), photo_id).items[0]
        assert (last.kind, last.by_user_id) == (CoverKind.FORGOTTEN, None)
        assert clean_orphans() == 0


def test_the_history_is_only_added_to_and_goes_with_its_photo(app: Flask, village: Village) -> None:
    photo_id = hung_photo(app, village, owner="activity:5")
    covered(app, village, photo_id)
    with app.app_context():
        with pytest.raises(sa.exc.IntegrityError), transaction():
            db.session.execute(sa.update(CoverStep).values(reason="never"))
        with pytest.raises(sa.exc.IntegrityError), transaction():
            db.session.execute(sa.delete(CoverStep))
        with transaction():
            assert services.detach(village.actor("alice"), "activity:5") == 1
        for model in (CoverStep, PhotoOriginal):
            assert db.session.scalar(sa.select(sa.func.count()).select_from(model)) == 0


def at_once(app: Flask, works: list[Any]) -> list[Any]:
    """Each in a thread of its own, prepared before all begin to write."""
    now, gate = house_clock.now(), threading.Barrier(len(works))
    found: list[Any] = [None] * len(works)

    def one(place: int, prepare: Any) -> None:
        with house_clock.fixed(lambda: now), app.app_context():
            try:
                write = prepare()
                db.session.rollback()
                gate.wait(20)
                found[place] = run(write)
            except Exception as error:
                found[place] = error

    threads = [threading.Thread(target=one, args=(i, work)) for i, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def cover_at_once(app: Flask, village: Village, photo_id: int) -> list[Any]:
    def prepared(who: str, box: tuple[float, ...]) -> Any:
        def work() -> Any:
            made = covering.prepare_cover(village.actor(who), photo_id, [box])
            return lambda: covering.cover(village.actor(who), made).key
        return work

    return at_once(app, [prepared("reviewer", BOX), prepared("member", OTHER)])


def test_two_who_cover_at_once_both_end_up_drawn(app: Flask, village: Village) -> None:
    photo_id = hung_photo(app, village)
    found = cover_at_once(app, village, photo_id)
    assert all(isinstance(key, str) for key in found), found
    with app.app_context():
        raw = file_of(app, photo_of(photo_id).key)
        assert db.session.scalar(sa.select(sa.func.count()).select_from(PhotoOriginal)) == 1
    assert is_dark(raw, BOX)
    assert is_dark(raw, OTHER)


def test_without_looking_again_one_of_the_two_is_lost(
        app: Flask, village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    photo_id = hung_photo(app, village)
    monkeypatch.setattr(covering, "_is_current", lambda _photo, _prepared: True)
    cover_at_once(app, village, photo_id)
    with app.app_context():
        raw = file_of(app, photo_of(photo_id).key)
    assert is_dark(raw, BOX) != is_dark(raw, OTHER)
