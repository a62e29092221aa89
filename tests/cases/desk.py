"""A community with a unit and two kinds of problems, and the way of a case to any state."""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from pointsbank.cases import services
from pointsbank.cases.models import Case, CaseClass, CaseState, SpanUnit
from pointsbank.cases.services import CategoryDraft, ReportDraft, Step
from pointsbank.core.actor import Actor, system
from pointsbank.core.db import db, run, transaction
from pointsbank.media import services as media
from pointsbank.notifications.models import InboxMessage
from pointsbank.people.models import Resident
from tests.support.village import Village

# One way to each state: verb, who.
WAYS: dict[CaseState, list[tuple[str, str]]] = {CaseState.RECEIVED: []}
WAYS[CaseState.MORE_INFORMATION] = [("ask_more", "member")]
WAYS[CaseState.DECLINED] = [("decline", "member")]
WAYS[CaseState.MERGED] = [("merge", "member")]
WAYS[CaseState.WITHDRAWN] = [("withdraw", "alice")]
WAYS[CaseState.ACCEPTED] = [("accept", "member")]
WAYS[CaseState.ASSIGNED] = [*WAYS[CaseState.ACCEPTED], ("assign", "member")]
WAYS[CaseState.SENT_BACK] = [*WAYS[CaseState.ASSIGNED], ("send_back", "dora")]
WAYS[CaseState.ACKNOWLEDGED] = [*WAYS[CaseState.ASSIGNED], ("acknowledge", "dora")]
WAYS[CaseState.ON_SITE] = [*WAYS[CaseState.ACKNOWLEDGED], ("arrive", "dora")]
WAYS[CaseState.RECTIFYING] = [*WAYS[CaseState.ACKNOWLEDGED], ("start", "dora")]
WAYS[CaseState.SUSPENDED] = [*WAYS[CaseState.RECTIFYING], ("suspend", "second")]
WAYS[CaseState.TO_INSPECT] = [*WAYS[CaseState.RECTIFYING], ("finish", "dora")]
WAYS[CaseState.REWORK] = [*WAYS[CaseState.TO_INSPECT], ("rework", "reviewer")]
WAYS[CaseState.TO_EVALUATE] = [*WAYS[CaseState.TO_INSPECT], ("approve", "reviewer")]
WAYS[CaseState.CLOSED] = [*WAYS[CaseState.TO_EVALUATE], ("satisfied", "alice")]


def picture(colour: int = 90) -> bytes:
    raw = io.BytesIO()
    Image.linear_gradient("L").resize((96, 72)).point(lambda v: (v * 3 + colour) % 256).save(raw, "JPEG")
    return raw.getvalue()


Door = Callable[[str], FlaskClient]


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    """The page, which has to come with this status."""
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.get_data(as_text=True)


def post(client: FlaskClient, path: str, **fields: Any) -> Any:
    """Send a form; ``finish__text`` stands for ``finish-text``."""
    return client.post(path, data={name.replace("__", "-"): value for name, value in fields.items()})


@dataclass
class Desk:
    """``alice`` reports, ``member`` and ``second`` distribute, ``dora`` and ``erin`` of the unit put right,
    ``reviewer`` inspects, ``bob`` is a neighbour."""

    app: Flask
    village: Village
    unit: int = 0
    lamp: int = 0
    family: int = 0
    parent: int = 0
    photos: dict[str, list[int]] = field(default_factory=dict)

    def set_up(self) -> Desk:
        with transaction():
            member = self.actor("member")
            users = [self.village.users[who] for who in ("dora", "erin")]
            self.unit = services.add_unit(member, "物业维修组", member_ids=users).id
            self.lamp = services.add_category(member, CategoryDraft("路灯不亮", "street", unit_id=self.unit)).id
            self.family = services.add_category(member, CategoryDraft(
                "家庭纠纷", "home", class_=CaseClass.FAMILY, respond_span=4, respond_unit=SpanUnit.WORK_HOURS)).id
        return self

    def actor(self, who: str) -> Actor:
        return system(self.village.community) if who == "system" else self.village.actor(who)

    def send(self, who: str = "alice", **given: Any) -> int:
        values: dict[str, Any] = {"client_id": secrets.token_hex(8), "category_id": self.lamp, "text": "三天没亮了",
                                  "place": f"东巷{secrets.randbelow(10**9)}号", **given}
        return run(lambda: services.send(self.actor(who), ReportDraft(**values)).case_id)

    def photo(self, who: str, purpose: str = "repair", colour: int = 90) -> int:
        return run(lambda: media.store(self.actor(who), picture(colour), "a.jpg", purpose).id)

    def step(self, who: str, verb: str) -> Step:
        """What the verb asks for."""
        values: dict[str, Any] = {"text": "情况如上所述"}
        if verb == "merge":
            self.parent = self.send("bob")
            values["parent_id"] = self.parent
        if verb == "assign":
            values |= {"unit_id": self.unit, "handler_id": self.village.users["dora"]}
        if verb == "suspend":
            values["days"] = 10
        if verb == "finish" and who != "system":
            values["photo_ids"] = [self.photo(who)]
        return Step(**values)

    def do(self, who: str, verb: str, case_id: int, step: Step | None = None) -> Case:
        chosen = step or self.step(who, verb)
        return run(lambda: services.move(self.actor(who), case_id, verb, chosen))

    def at(self, state: CaseState, case_id: int | None = None) -> int:
        """A case of alice in this state."""
        case_id = case_id or self.send()
        for verb, who in WAYS[state]:
            self.do(who, verb, case_id)
        assert self.state(case_id) is state
        return case_id

    def case(self, case_id: int) -> Case:
        with transaction():
            return db.session.scalars(sa.select(Case).where(Case.id == case_id).execution_options(
                populate_existing=True)).one()

    def state(self, case_id: int) -> CaseState:
        return self.case(case_id).state

    def heard(self, who: str) -> list[str]:
        """The texts in somebody's inbox."""
        with transaction():
            return list(db.session.scalars(sa.select(InboxMessage.text).where(
                InboxMessage.resident_id == self.village.residents[who]).order_by(InboxMessage.id)))

    def resident(self, who: str) -> Resident:
        with transaction():
            return db.session.get_one(Resident, self.village.residents[who])
