"""Member cards."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa

from pointsbank.core import tokens
from pointsbank.core.audit import AuditRow
from pointsbank.core.db import db, transaction
from pointsbank.core.errors import Forbidden, NotFound
from pointsbank.core.idempotency import IdempotencyKey
from pointsbank.people import queries, services
from pointsbank.people.errors import CardBlocked
from pointsbank.people.models import Card, CardState


def test_cards_are_issued_set_based_and_only_once(app, village, clock, queries):
    with app.app_context(), transaction():
        with queries() as few:
            assert services.issue_cards(village.actor("member"), [village.residents["alice"]]) == 1
        with queries() as many:
            assert services.issue_cards(village.actor("member"), list(village.residents.values())) == 7
        assert len(many) == len(few)
        assert services.issue_cards(village.actor("member"), list(village.residents.values())) == 0
        cards = db.session.scalars(sa.select(Card)).all()
        assert all(tokens.damm_valid(c.number) and len(c.number) == 8 for c in cards)
        assert village.residents["mallory"] not in {c.resident_id for c in cards}


def test_a_reissue_raises_the_number_and_revokes_the_old_card(app, village, clock):
    alice = village.residents["alice"]
    with app.app_context(), transaction():
        services.issue_cards(village.actor("member"), [alice])
        old = queries.card_of(village.community, alice)
        new = services.reissue_card(village.actor("member"), alice)
        assert (old.issue, new.issue) == (1, 2)
        assert new.number != old.number
        with pytest.raises(CardBlocked):
            queries.find_card(village.community, services.card_code(alice, 1))
        assert queries.find_card(village.community, services.card_code(alice, 2)).id == new.id


def test_the_code_can_be_drawn_again_and_the_table_holds_only_its_hash(app, village, clock):
    alice = village.residents["alice"]
    with app.app_context(), transaction():
        services.issue_cards(village.actor("member"), [alice])
        card = queries.card_of(village.community, alice)
        code = services.card_code(alice, card.issue)
        assert len(code) == 16
        assert card.code_hash == tokens.digest(code)
        assert code not in str([getattr(card, c.key) for c in Card.__table__.columns])
        assert services.card_address(card) == services.card_address(card).upper()


def test_holders_block_their_own_card_and_nobody_elses(app, village, clock):
    with app.app_context(), transaction():
        services.issue_cards(village.actor("member"), [village.residents["alice"], village.residents["bob"]])
        with pytest.raises(Forbidden):
            services.block_card(village.actor("alice"), village.residents["bob"])
        with pytest.raises(NotFound):
            services.block_card(village.actor("other_member"), village.residents["bob"])
        assert services.block_card(village.actor("alice"), village.residents["alice"]).state is CardState.BLOCKED


def test_the_page_of_my_card_shows_its_code_and_number(app, client, village, clock):
    village.sign_in(client, "alice")
    assert "pb-qr-svg" not in client.get("/me/card").get_data(as_text=True)
    with app.app_context(), transaction():
        services.issue_cards(village.actor("member"), [village.residents["alice"]])
        number = queries.card_of(village.community, village.residents["alice"]).number
    page = client.get("/me/card").get_data(as_text=True)
    assert "pb-qr-svg" in page
    assert f"{number[:4]} {number[4:]}" in page


def test_a_sheet_holds_ten_cards_and_a_ruler(app, client, village, clock):
    village.sign_in(client, "member")
    assert client.post("/desk/cards/issue", data={"q": ""}).status_code == 303
    page = client.post("/desk/cards/print").get_data(as_text=True)
    assert page.count('class="pb-member-card"') == 8
    assert page.count('class="pb-ruler"') == 1
    one = client.post("/desk/cards/print", data={"resident": village.residents["bob"]}).get_data(as_text=True)
    assert one.count('class="pb-member-card"') == 1
    assert "李明贵" in one


def test_each_print_of_cards_leaves_one_row_and_no_copy(app, client, village, clock):
    village.sign_in(client, "member")
    assert 'class="pb-member-card"' not in client.post("/desk/cards/print").text
    client.post("/desk/cards/issue", data={"q": ""})
    client.post("/desk/cards/print", data={"q": "2-", "_once": "k"})
    client.post("/desk/cards/print", data={"resident": village.residents["bob"]})
    assert client.get("/desk/cards/print").status_code == 405
    with app.app_context(), transaction():
        rows = db.session.scalars(sa.select(AuditRow).where(AuditRow.verb == "people.print_cards")
                                  .order_by(AuditRow.id)).all()
        assert [(r.object_key, r.detail) for r in rows] == [
            (f"community:{village.community}", {"count": 4}), (f"resident:{village.residents['bob']}", {"count": 1})]
        assert db.session.scalar(sa.select(sa.func.count()).select_from(IdempotencyKey).where(
            IdempotencyKey.key == "k")) == 0


def test_the_printed_code_is_decoded_to_the_cards_address(app, village, clock):
    """The modules, drawn at 60 dpi on 38 mm, are read back by a decoder."""
    import zxingcpp
    from PIL import Image

    from pointsbank.core.qr import modules

    with app.app_context(), transaction():
        services.issue_cards(village.actor("member"), [village.residents["alice"]])
        address = services.card_address(queries.card_of(village.community, village.residents["alice"]))
    matrix = modules(address)
    size = len(matrix)
    image = Image.new("L", (size, size), 255)
    image.putdata([0 if dark else 255 for row in matrix for dark in row])
    pixels = round(38 / 25.4 * 60)
    stream = io.BytesIO()
    drawn = image.resize((pixels * 4, pixels * 4), Image.Resampling.NEAREST)
    drawn.resize((pixels, pixels), Image.Resampling.BOX).save(stream, "PNG")
    assert [b.text for b in zxingcpp.read_barcodes(Image.open(stream))] == [address]
