"""A cleaning morning in the village: planned by its leader, approved by somebody else, with an open code screen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from flask import Flask
from flask.testing import FlaskClient

from pointsbank.activities import codes, queries, services
from pointsbank.activities.models import CheckInMode, EventKind
from pointsbank.core import clock, tokens
from pointsbank.core.db import db, transaction
from pointsbank.people.models import LinkKind, Resident, SignInSession, User, UserResident
from tests.support.village import Village

START = dt.datetime(2026, 4, 18, 1, 0, tzinfo=dt.UTC)  # 9:00 in Shanghai
END = START + dt.timedelta(hours=2)


@dataclass
class Morning:
    """Ids of one published activity."""

    activity: int
    occurrence: int
    screen: int

    def token(self, kind: EventKind = EventKind.IN, at: dt.datetime | None = None) -> str:
        """What the leader's screen shows (needs an application context)."""
        return codes.rotating(self.occurrence, self.screen, kind, at or clock.now())


def draft(village: Village, **changes: Any) -> services.ActivityDraft:
    """The plan of the morning."""
    values: dict[str, Any] = {
        "title": "楼道清洁日", "starts_at": START, "ends_at": END, "team_id": village.team, "mode": CheckInMode.IN,
        "place": "2 期花坛"}
    return services.ActivityDraft(**{**values, **changes})


def found_morning(village: Village, *, opened: bool = True, sign_up: tuple[str, ...] = (), **changes: Any) -> Morning:
    """Call inside an application context."""
    with transaction():
        activity = services.plan(village.actor("leader"), draft(village, **changes))
        services.submit(village.actor("leader"), activity.id)
        services.publish(village.actor("member"), activity.id)
    occurrence = queries.of_activity(village.community, activity.id)[0].occurrence.id
    screen = 0
    with transaction():
        for key in sign_up:
            services.sign_up(village.actor(key), occurrence)
        if opened:
            screen = services.open_screen(village.actor("leader"), occurrence).id
    return Morning(activity.id, occurrence, screen)


def receipt_for(client: FlaskClient, morning: Morning, app: Flask, *, kind: EventKind = EventKind.IN,
                at: dt.datetime | None = None) -> str:
    """Scan with this browser; the receipt that the redirect carries."""
    with app.app_context():
        token = morning.token(kind, at)
    answer = client.get(f"/S/{token}")
    assert answer.status_code == 303, answer.text
    return unquote(answer.location.split("receipt=", 1)[1])


def press(client: FlaskClient, receipt: str) -> Any:
    """The big button."""
    return client.post("/check-in", data={"receipt": receipt})


def scan_in(village: Village, morning: Morning, key: str, kind: EventKind = EventKind.IN) -> services.CheckedIn:
    """Somebody scans and taps, without the web around it; one browser each."""
    text, _scan = services.scan(morning.token(kind), f"browser-{key}")
    with transaction():
        return services.check_in(village.actor(key), codes.read_receipt(text, f"browser-{key}"))


def add_people(village: Village, count: int, name: str = "guest") -> list[str]:
    """More residents with a sign-in each; their keys. Call inside an application context."""
    keys = [f"{name}{n}" for n in range(count)]
    with transaction():
        for n, key in enumerate(keys):
            resident = Resident(community_id=village.community, public_id=f"r-{key}", name=f"来客{n}",
                                created_at=clock.now())
            user = User(name=key, username=key, created_at=clock.now())
            db.session.add_all([resident, user])
            db.session.flush()
            db.session.add(UserResident(user_id=user.id, resident_id=resident.id, kind=LinkKind.SELF,
                                        created_at=clock.now()))
            village.residents[key], village.users[key] = resident.id, user.id
    return keys


def bearer(village: Village, key: str) -> dict[str, str]:
    """The header of an API client signed in as somebody. Call inside an application context."""
    actor, token = village.actor(key), tokens.random_token()
    with transaction():
        db.session.add(SignInSession(
            token_hash=tokens.digest(token), user_id=actor.user_id, community_id=actor.community_id,
            resident_id=actor.resident_id, is_bearer=True, device="test", created_at=clock.now(),
            expires_at=clock.now() + dt.timedelta(days=1)))
    return {"Authorization": f"Bearer {token}"}
