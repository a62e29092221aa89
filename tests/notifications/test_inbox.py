"""The inbox: told set-based, shown in the reader's language."""

from __future__ import annotations

import sqlalchemy as sa

from pointsbank.core.db import db, transaction
from pointsbank.notifications import queries as asked
from pointsbank.notifications import services
from pointsbank.notifications.models import InboxMessage

TEXT = "You are now a member of %(team)s."


def _tell(app, village, *keys: str, **more) -> None:
    with app.app_context(), transaction():
        services.tell(village.community, [village.residents[k] for k in keys], TEXT, {"team": "柳荫队"}, **more)


def test_many_are_told_in_one_statement_and_each_once(app, village, queries):
    ids = [village.residents["alice"], village.residents["bob"], village.residents["alice"]]
    with app.app_context(), transaction(), queries() as seen:
        assert services.tell(village.community, ids, TEXT, {"team": "x"}) == 2
    assert len(seen) == 1


def test_messages_with_and_without_a_link_stay_one_statement(app, village, queries):
    messages = [services.Message(village.residents["alice"], TEXT, {"team": "x"}, "/me" if n % 2 else None)
                for n in range(20)]
    with app.app_context(), transaction(), queries() as seen:
        services.tell_each(village.community, messages)
    assert len(seen) == 1


def test_a_message_is_put_into_the_readers_language_when_it_is_read(app, client, village):
    _tell(app, village, "alice", link="/me")
    village.sign_in(client, "alice")
    english = client.get("/inbox", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "You are now a member of 柳荫队." in english
    client.post("/view", data={"locale": "zh_CN"})
    assert "You are now" not in client.get("/inbox").get_data(as_text=True)


def test_values_that_depend_on_the_language_are_said_in_it(app):
    with app.test_request_context(headers={"Accept-Language": "en"}):
        said = asked.said("%(points)s until %(day)s, %(what)s", {
            "points": {"points": 250}, "day": {"day": "2026-04-18"},
            "what": {"text": "Team %(n)s", "params": {"n": 7}}})
        assert said.startswith("2.5 until Sat 18 Apr")
        assert said.endswith("Team 7")
        assert asked.said("100%", {}) == "100%"


def test_the_bell_counts_what_is_new(app, client, village):
    _tell(app, village, "alice", "bob")
    _tell(app, village, "alice")
    with app.app_context(), transaction():
        assert asked.unread_count(village.community, village.residents["alice"]) == 2
        assert asked.unread_count(village.community, None) == 0
    village.sign_in(client, "alice")
    assert client.post("/inbox/read").status_code == 303
    with app.app_context(), transaction():
        assert asked.unread_count(village.community, village.residents["alice"]) == 0
        assert asked.unread_count(village.community, village.residents["bob"]) == 1


def test_nobody_reads_or_marks_the_messages_of_others(app, client, village):
    _tell(app, village, "alice")
    with app.app_context(), transaction():
        one = db.session.scalar(sa.select(InboxMessage.id))
    village.sign_in(client, "bob")
    assert "柳荫队" not in client.get("/inbox").get_data(as_text=True)
    assert client.post(f"/inbox/{one}/read").status_code == 404
    assert client.post(f"/api/v1/messages/{one}/read").status_code == 404
    assert client.get("/api/v1/messages").get_json()["items"] == []


def test_opening_a_message_marks_it_as_read_and_follows_its_link(app, client, village):
    _tell(app, village, "alice", link="/me/card")
    village.sign_in(client, "alice")
    with app.app_context(), transaction():
        one = db.session.scalar(sa.select(InboxMessage.id))
    assert client.post(f"/inbox/{one}/read").location == "/me/card"
    items = client.get("/api/v1/messages").get_json()["items"]
    assert items[0]["read_at"] is not None
    assert "柳荫队" in items[0]["text"]


def test_a_link_never_leads_out_of_the_house(app, client, village):
    for evil in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        _tell(app, village, "alice", link=evil)
    village.sign_in(client, "alice")
    assert "evil" not in client.get("/inbox").get_data(as_text=True)
    with app.app_context(), transaction():
        ids = db.session.scalars(sa.select(InboxMessage.id)).all()
    assert {client.post(f"/inbox/{i}/read").location for i in ids} == {"/inbox"}


def test_the_inbox_is_paged(app, client, village):
    with app.app_context(), transaction():
        services.tell_each(village.community, [services.Message(village.residents["alice"], "No. %(n)s", {"n": n})
                                               for n in range(25)])
    village.sign_in(client, "alice")
    first = client.get("/api/v1/messages").get_json()
    rest = client.get(f"/api/v1/messages?cursor={first['next']}").get_json()
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [20, 5, None]
    assert first["items"][0]["text"] == "No. 24"
