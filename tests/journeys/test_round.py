"""A round of eight checkpoints on a phone without a network: one left out, two findings with a photo, sent once."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect

from pointsbank.cases.models import Case
from pointsbank.core.db import db, transaction
from pointsbank.media.models import Photo
from pointsbank.patrols.models import Finding, Patrol, PatrolState, Sending, Stop, StopResult
from tests.cases.desk import picture
from tests.journeys.conftest import Served, shoot
from tests.journeys.walking import actor_pages
from tests.patrols.beat import Beat
from tests.support.village import found_village


@pytest.fixture
def beat(app: Flask, clock: Any) -> Beat:
    with app.app_context():
        return Beat(app, found_village()).set_up()


def counted(app: Flask, model: Any) -> int:
    with app.app_context(), transaction():
        return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def photo(page: Page, name: str, colour: int) -> None:
    page.set_input_files(f'input[name="{name}"]', {"name": "a.jpg", "mimeType": "image/jpeg",
                                                    "buffer": io.BytesIO(picture(colour)).getvalue()})


def walk(page: Page, stops: list[int]) -> None:
    """Third left out, fourth and sixth with something wrong, the others by one tap."""
    for number, stop in enumerate(stops):
        card = page.locator(f"#stop-{stop}")
        if number == 2:
            card.get_by_text("没走到", exact=True).click()
            card.locator(f'[name="s{stop}-reason"]').fill("施工，过不去")
        elif number in (3, 5):
            card.get_by_text("有问题", exact=True).click()
            card.locator(f'[name="s{stop}-f0-text"]').fill("建筑垃圾一堆" if number == 3 else "路灯灭了")
            card.locator(f'[name="s{stop}-f0-category_id"]').select_option(index=number // 2)
            photo(page, f"s{stop}-f0-photos", 10 * number)
            expect(card.locator("[data-round-photos] img").first).to_be_visible()
        else:
            card.get_by_text("没问题", exact=True).click()


def stops_of(app: Flask, patrol_id: int) -> list[int]:
    with app.app_context(), transaction():
        return list(db.session.scalars(sa.select(Stop.id).where(Stop.patrol_id == patrol_id).order_by(Stop.position)))


@pytest.mark.slow
def test_a_round_without_a_network_is_one_round_with_two_findings(
        app: Flask, served: Served, someone: Callable[..., Page], beat: Beat) -> None:
    with app.app_context():
        patrol_id = beat.plan("alice", "bob")
    come = actor_pages(app, beat.village, someone)
    page = come("alice")
    page.goto("/patrols")
    shoot(page, "rounds")
    page.goto(f"/patrols/{patrol_id}/walk")
    shoot(page, "round-blank")
    page.context.set_offline(True)
    stops = stops_of(app, patrol_id)
    walk(page, stops)
    shoot(page, "round-filled")
    page.get_by_role("button", name="交这趟巡查").click()
    expect(page.locator("[data-outbox-kept]")).to_be_visible()
    shoot(page, "round-kept")
    assert counted(app, Sending) == 0
    page.context.set_offline(False)
    page.locator("[data-outbox-now]").click()
    expect(page.locator("[data-outbox-sent]")).to_be_visible()
    page.evaluate("() => window.PB.outbox.flush()")
    page.goto(f"/patrols/{patrol_id}/walk")
    expect(page.get_by_text("建筑垃圾一堆")).to_be_visible()
    shoot(page, "round-sent")
    assert [counted(app, model) for model in (Patrol, Sending, Finding, Case, Photo)] == [1, 1, 2, 2, 2]
    with app.app_context(), transaction():
        results = list(db.session.scalars(sa.select(Stop.result).order_by(Stop.position)))
        assert db.session.get_one(Patrol, patrol_id).state is PatrolState.SUBMITTED
    assert results[2] is StopResult.SKIPPED
    assert results.count(StopResult.FINDING) == 2
    assert results.count(StopResult.OK) == 5


@pytest.mark.slow
def test_what_is_filled_in_is_still_there_when_the_page_is_opened_anew_and_sent_twice_it_is_one(
        app: Flask, served: Served, someone: Callable[..., Page], beat: Beat) -> None:
    with app.app_context():
        patrol_id = beat.plan("alice")
    page = actor_pages(app, beat.village, someone)("alice")
    page.goto(f"/patrols/{patrol_id}/walk")
    stops = stops_of(app, patrol_id)
    walk(page, stops)
    page.wait_for_timeout(500)
    page.reload()
    assert page.input_value(f'[name="s{stops[3]}-f0-text"]') == "建筑垃圾一堆"
    expect(page.locator(f"#stop-{stops[3]} [data-round-photos] img")).to_have_count(1)
    page.fill(f'[name="s{stops[2]}-reason"]', "")
    page.get_by_role("button", name="交这趟巡查").click()
    expect(page.locator(f"#stop-{stops[2]} .pb-err[data-here]")).to_be_visible()
    page.fill(f'[name="s{stops[2]}-reason"]', "施工，过不去")
    # The answer gets lost on the way back: the phone sends the same draft again.
    lost: list[str] = []

    def lose(route: Any) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.request.url)
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route(f"**/patrols/{patrol_id}/walk", lose)
    page.get_by_role("button", name="交这趟巡查").click()
    expect(page.locator("[data-outbox-kept]")).to_be_visible()
    page.locator("[data-outbox-now]").click()
    expect(page.locator("[data-outbox-sent]")).to_be_visible()
    assert lost
    assert [counted(app, model) for model in (Sending, Finding, Case)] == [1, 2, 2]


@pytest.mark.slow
def test_without_a_script_the_same_page_is_sent_as_it_is(
        app: Flask, served: Served, someone: Callable[..., Page], beat: Beat) -> None:
    with app.app_context():
        patrol_id = beat.plan("alice")
    page = actor_pages(app, beat.village, someone)("alice", java_script_enabled=False)
    page.goto(f"/patrols/{patrol_id}/walk")
    shoot(page, "round-plain")
    stop = stops_of(app, patrol_id)[0]
    page.check(f'[name="s{stop}-result"][value="ok"]')
    page.locator(f"#stop-{stop}").get_by_role("button", name="先存这个点位").click()
    expect(page.get_by_text("这个点位存好了")).to_be_visible()
    page.get_by_role("button", name="交这趟巡查").click()
    with app.app_context(), transaction():
        assert db.session.get_one(Patrol, patrol_id).state is PatrolState.SUBMITTED
        results = list(db.session.scalars(sa.select(Stop.result).order_by(Stop.position)))
    assert results == [StopResult.OK, *[StopResult.MISSED] * 7]


@pytest.mark.slow
def test_a_round_that_came_back_is_sent_again_without_its_findings_being_asked_for_again(
        app: Flask, served: Served, someone: Callable[..., Page], beat: Beat, clock: Any) -> None:
    with app.app_context():
        patrol_id = beat.plan("alice", "bob")
        draft = beat.filled(patrol_id)
        clock.at(2026, 4, 18, 11)
        beat.submit(patrol_id, draft=draft)
        beat.do("send_back", patrol_id)
    come = actor_pages(app, beat.village, someone)
    page = come("alice")
    page.goto(f"/patrols/{patrol_id}/walk")
    shoot(page, "round-came-back")
    expect(page.locator(".pb-round-left")).to_have_text("每个点位都填了。")
    fourth = stops_of(app, patrol_id)[3]
    page.locator(f"#stop-{fourth}").get_by_text("有问题", exact=True).click()
    page.get_by_role("button", name="交这趟巡查").click()
    expect(page.get_by_text("交上来的记录")).to_be_visible()
    expect(page.get_by_text("建筑垃圾一堆")).to_be_visible()
    assert [counted(app, model) for model in (Sending, Finding, Case)] == [2, 2, 2]
    with app.app_context(), transaction():
        patrol = db.session.get_one(Patrol, patrol_id)
        assert (patrol.state, patrol.minutes) == (PatrolState.SUBMITTED, 35)
    chief = come("chief")
    chief.goto(f"/desk/patrols/{patrol_id}")
    shoot(chief, "round-accept")
    chief.get_by_text("李明贵没去").click()
    chief.get_by_role("button", name="认可这趟巡查").click()
    chief.goto(f"/desk/patrols/{patrol_id}")
    expect(chief.get_by_text("没去的人已从名单划掉")).to_be_visible()
