"""The two password profiles."""

from __future__ import annotations

import pytest

from pointsbank.people import passwords
from pointsbank.people.errors import WeakPassword


@pytest.mark.parametrize("password", [
    "short", "123456789012", "woaini1314520", "password1234", "aaaaaaaaaaaa", "121212121212", "abababababab",
    "QWERTYUIOP123", "１２３４５６７８９０１２", "my10000000001x", "x" * 200])
def test_asvs_refuses_what_is_short_or_common(app, password):
    with app.test_request_context(), pytest.raises(WeakPassword):
        passwords.check_strength(password, "10000000001", "alice")


@pytest.mark.parametrize("password", ["lotus pond 2026", "门前有棵大槐树夏天很凉快", "correct donkey battery"])
def test_asvs_takes_a_short_sentence_without_digits_or_signs(app, password):
    with app.test_request_context():
        passwords.check_strength(password, "10000000001", "alice")


@pytest.mark.parametrize(("password", "good"), [("Abc12345", True), ("abc12345", False), ("Abc1234", False),
                                                ("P@ssw0rd", False), ("lotus-pond-9", True)])
def test_dengbao_wants_three_classes(app, password, good):
    app.config["PASSWORD_PROFILE"] = "dengbao"
    try:
        with app.test_request_context():
            if good:
                passwords.check_strength(password)
            else:
                with pytest.raises(WeakPassword):
                    passwords.check_strength(password)
    finally:
        app.config["PASSWORD_PROFILE"] = "asvs"


def test_dengbao_wants_a_new_password_from_staff_after_ninety_days(app, client, clock, village):
    import sqlalchemy as sa

    from pointsbank.core.db import db, transaction
    from pointsbank.people.models import User

    with app.app_context(), transaction():
        db.session.execute(sa.update(User).values(password_hash="x", password_set_at=clock()))
    clock.forward(days=91)
    village.sign_in(client, "member")
    resident = village.sign_in(app.test_client(), "alice")
    assert client.get("/desk/residents").status_code == 200
    app.config["PASSWORD_PROFILE"] = "dengbao"
    try:
        answer = client.get("/desk/residents")
        assert answer.status_code == 403
        assert client.get("/me/password").status_code == 200
        assert resident.get("/me").status_code == 200
    finally:
        app.config["PASSWORD_PROFILE"] = "asvs"


def test_a_hash_is_argon2id_with_19_mib(app):
    assert passwords.hash_password("lotus pond 2026").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_at_most_two_hashes_are_made_at_once(app, monkeypatch):
    import threading
    import time

    now, most, lock = [0], [0], threading.Lock()

    class Slow:
        def hash(self, _text: str) -> str:
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            time.sleep(0.05)
            with lock:
                now[0] -= 1
            return "x"

    monkeypatch.setattr(passwords, "_hasher", Slow())
    threads = [threading.Thread(target=passwords.hash_password, args=("lotus pond 2026",)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [2]


def test_without_a_stored_hash_nothing_matches(app):
    assert not passwords.matches(None, "lotus pond 2026")
    assert not passwords.matches("not a hash", "lotus pond 2026")
