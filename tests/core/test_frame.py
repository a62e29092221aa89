"""The frame around every page, its pieces, and the pages that say what went wrong."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask, render_template, render_template_string
from flask.testing import FlaskClient
from flask_wtf import FlaskForm
from wtforms import BooleanField, FileField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Optional

from pointsbank.core.web import guard
from tests.support.village import Village

TEMPLATES = Path(__file__).parents[2] / "templates"
INLINE = re.compile(r"<[a-z][^<>{}]*\s(style|on[a-z]+)=|<script(?![^>]*\ssrc=)")
IMPORTED = "{% import '_macros.html' as m %}"


class DeedForm(FlaskForm):
    title = StringField("做了什么", validators=[DataRequired("请写一句。")], description="一句话就行")
    say = TextAreaField("补充", validators=[Optional()])
    kind = RadioField("哪一类", choices=[("a", "看望"), ("b", "打扫", {"small": "楼道"})], validate_choice=False)
    place = SelectField("哪里", choices=[("1", "1栋")])
    photo = FileField("照片", validators=[Optional()])
    agreed = BooleanField("同意公示")


def drawn(app: Flask, source: str, **values: object) -> str:
    """A piece of a template, drawn in Chinese."""
    with app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        return render_template_string(IMPORTED + source, **values)


# ── Pieces ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_field_is_bound_to_its_label_hint_and_error(app: Flask) -> None:
    with app.test_request_context(method="POST", headers={"Accept-Language": "zh-CN"}):
        form = DeedForm(data={"place": "1"})
        form.validate()
        page = render_template_string(IMPORTED + "{{ m.field(form.title) }}", form=form)
    assert 'class="pb-field has-err"' in page
    assert '<label for="title">做了什么' in page
    assert 'aria-describedby="title-hint title-err"' in page
    assert 'aria-invalid="true"' in page
    assert 'id="title-err"' in page
    assert "请写一句。" in page


def test_a_field_that_may_be_left_out_says_so(app: Flask) -> None:
    with app.test_request_context():
        form = DeedForm()
        page = render_template_string(IMPORTED + "{{ m.field(form.say) }}{{ m.field(form.title) }}", form=form)
    assert page.count("pb-maybe") == 1


def test_radios_and_checkboxes_are_boxes_that_can_be_tapped_as_a_whole(app: Flask) -> None:
    with app.test_request_context():
        form = DeedForm(data={"kind": "b"})
        page = render_template_string(IMPORTED + "{{ m.field(form.kind) }}{{ m.field(form.agreed) }}", form=form)
    assert page.count('<label class="pb-choice') == 3
    assert 'value="b" checked' in page
    assert "<small>楼道</small>" in page
    assert "<legend" in page


def test_the_summary_of_a_form_leads_to_each_wrong_field(app: Flask) -> None:
    with app.test_request_context(method="POST", headers={"Accept-Language": "zh-CN"}):
        form = DeedForm(data={"place": "1"})
        form.validate()
        page = render_template_string(IMPORTED + "{{ m.form_errors(form) }}", form=form)
    assert "还差 1 处，没有发出去" in page
    assert '<a class="pb-wrong" href="#title">做了什么：请写一句。</a>' in page
    assert 'role="alert"' in page


def test_a_refusal_without_a_field_stands_in_the_summary(app: Flask) -> None:
    with app.test_request_context():
        form = DeedForm()
        form.form_errors = ["名额满了。"]
        page = render_template_string(IMPORTED + "{{ m.form_errors(form) }}", form=form)
    assert "名额满了。" in page


def test_an_action_button_is_a_form_with_token_and_key(app: Flask) -> None:
    page = drawn(app, "{{ m.action_button('/x', '通过', fields={'version': 3}, label_for='植树') }}")
    assert '<form class="pb-action" method="post" action="/x">' in page
    for name in ("csrf_token", "_once", "version"):
        assert f'name="{name}"' in page
    assert 'aria-label="通过 · 植树"' in page


@pytest.mark.parametrize(("amount", "sign", "words"), [
    (600, False, "6 分"), (400, True, "+4 分"), (-1800, True, "−18 分"), (12650, False, "126.5 分")])
def test_points_keep_number_and_unit_together(app: Flask, amount: int, sign: bool, words: str) -> None:
    page = drawn(app, "{{ m.points(amount, sign=sign) }}", amount=amount, sign=sign)
    assert words in page
    assert "pb-n" in page


def test_what_people_wrote_cannot_become_markup(app: Flask) -> None:
    nasty = '<script>alert("x")</script>'
    page = drawn(app, """{{ m.chip('open', 'flag', text) }}{{ m.row('/', text, small=text) }}{{ m.empty(text, text) }}
        {{ m.banner('stop', text, text) }}{{ m.rows({'a': text}) }}{{ m.table_head(text) }}{{ m.steps([text], 0) }}
        {{ m.timeline([{'icon': 'flag', 'title': text, 'text': text}]) }}{{ m.stat(1, text, text) }}""", text=nasty)
    assert "<script>" not in page


def test_a_number_column_is_set_to_the_right(app: Flask) -> None:
    page = drawn(app, "{{ m.table_head('名称', '>' ~ _('Points')) }}")
    assert '<th scope="col">名称</th>' in page
    assert '<th class="pb-r" scope="col">' in page
    assert "&gt;" not in page


def test_the_pager_keeps_the_filters(app: Flask) -> None:
    page = drawn(app, "{{ m.pager(page, 'boards.book', kind='award') }}", page=SimpleNamespace(next="abc"))
    assert "cursor=abc" in page
    assert "kind=award" in page
    assert not drawn(app, "{{ m.pager(page, 'boards.book') }}", page=SimpleNamespace(next=None)).strip()


# ── The frame ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_page_has_one_heading_a_language_and_a_way_past_the_menu(client: FlaskClient) -> None:
    page = client.get("/", headers={"Accept-Language": "zh-CN"}).get_data(as_text=True)
    assert '<html lang="zh-CN">' in page
    assert page.count("<h1") == 1
    assert 'class="pb-skip" href="#main"' in page
    assert 'id="main"' in page


def test_the_first_page_is_light_on_the_wire(client: FlaskClient, village: Village) -> None:
    village.sign_in(client, "alice")
    page = client.get("/")
    weight = len(page.data)
    for address in re.findall(rb'(?:href|src)="(/static/[^"]+)"', page.data):
        weight += len(client.get(address.decode().replace("&amp;", "&"), headers={"Accept-Encoding": "gzip"}).data)
    assert weight < 150_000


def test_no_template_carries_a_style_or_an_inline_script() -> None:
    guilty = [str(file) for file in TEMPLATES.rglob("*.html")
              if INLINE.search(file.read_text(encoding="utf-8"))]
    assert guilty == []


def test_every_entry_of_the_menus_leads_to_a_page(app: Flask) -> None:
    names = ("_resident.html", "_desk.html", "_nav.html")
    menus = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)
    named = set(re.findall(r"(?:nav|tab|may_open|url_for)\('([a-z_]+\.[a-z_]+)'", menus))
    assert len(named) > 15
    assert named - set(app.view_functions) == set()


def test_the_menu_shows_only_doors_that_open(client: FlaskClient, village: Village) -> None:
    page = village.sign_in(client, "alice").get("/passbook").get_data(as_text=True)
    assert 'href="/desk"' not in page
    assert 'href="/lead"' not in page
    assert re.search(r'href="/passbook" aria-current="page"', page)


def test_somebody_at_the_desk_sees_the_desks_menu(client: FlaskClient, village: Village) -> None:
    page = village.sign_in(client, "reviewer").get("/desk").get_data(as_text=True)
    assert 'href="/desk/book"' in page
    assert 'aria-current="page"' in page


# ── What went wrong ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("status", "words"), [
    (404, "没有找到这一页"), (403, "这件事要别人来办"), (409, "别人先办了一步"), (413, "文件太大了"),
    (429, "请等一会儿"), (422, "没有办成"), (400, "这一步没看懂"), (500, "没办成，是我们的问题")])
def test_each_refusal_says_what_happened_and_what_to_do(app: Flask, status: int, words: str) -> None:
    with app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        page = render_template("error.html", status=status, sentence="这里写原因。", code="x.y")
    assert words in page
    assert 'href="/"' in page
    if status < 500 and status != 404:
        assert "这里写原因。" in page
        assert "您的积分没有变" in page


def test_a_fault_of_ours_shows_a_number_and_asks_the_database_nothing(app: Flask, queries) -> None:
    with queries() as seen, app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        page = render_template("error.html", status=500, sentence="", code="core.fault")
    assert "把这个编号告诉社区" in page
    assert not seen


def test_an_unknown_address_is_answered_in_words(client: FlaskClient) -> None:
    answer = client.get("/no/such/page", headers={"Accept-Language": "zh-CN"})
    assert answer.status_code == 404
    assert "没有找到这一页" in answer.get_data(as_text=True)


def test_only_pages_that_exist_are_open_to_anybody(app: Flask) -> None:
    from pointsbank.core.shell import may_open

    with app.test_request_context():
        assert may_open("boards.home")
        assert not may_open("boards.passbook")
        assert not may_open("boards.desk")
        assert not may_open("nowhere.page")
    assert app.view_functions["static"].guard == guard.static(lambda: None).guard  # type: ignore[attr-defined]


# ── The two switches ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_large_type_is_one_tap_away_and_stays(client: FlaskClient) -> None:
    page = client.get("/").get_data(as_text=True)
    assert 'name="elder" value="1"' in page
    answer = client.post("/view", data={"elder": "1", "next": "/"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    again = client.get("/").get_data(as_text=True)
    assert 'class="elder"' in again
    assert 'name="elder" value="0"' in again


def test_the_language_is_one_tap_away_and_stays(client: FlaskClient) -> None:
    assert 'name="locale" value="en"' in client.get("/", headers={"Accept-Language": "zh-CN"}).get_data(as_text=True)
    client.post("/view", data={"locale": "en", "next": "/"})
    assert '<html lang="en">' in client.get("/", headers={"Accept-Language": "zh-CN"}).get_data(as_text=True)
