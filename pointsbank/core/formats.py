"""How days, times and points read on a page, in the reader's language."""

from __future__ import annotations

import datetime as dt
import secrets

from babel.dates import format_date
from flask import Flask, current_app, request, session
from flask_babel import Babel, get_locale
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from pointsbank.core import clock
from pointsbank.core.points import format_points
from pointsbank.core.qr import svg

CHINESE = "zh_Hans_CN"


def is_chinese() -> bool:
    """True when the reader reads Chinese."""
    locale = get_locale()
    return locale is None or locale.language == "zh"


def _day(value: dt.date | dt.datetime) -> dt.date:
    return clock.local_date(value) if isinstance(value, dt.datetime) else value


def format_day(value: dt.date | dt.datetime, *, weekday: bool = True) -> str:
    """``4月18日 周六`` / ``Sat 18 Apr``; with the year when it isn't this one."""
    day = _day(value)
    this_year = day.year == clock.today().year
    if is_chinese():
        pattern = ("" if this_year else "y年") + "M月d日" + (" EEE" if weekday else "")
        return format_date(day, pattern, locale="zh_Hans_CN")
    pattern = ("EEE " if weekday else "") + "d MMM" + ("" if this_year else " y")
    return format_date(day, pattern, locale="en")


def format_short_day(value: dt.date | dt.datetime) -> str:
    """``4月18日`` / ``18 Apr``."""
    return format_day(value, weekday=False)


def format_full_day(value: dt.date | dt.datetime) -> str:
    """``2026年4月18日`` / ``18 April 2026``: on papers that are kept for years."""
    pattern, locale = ("y年M月d日", "zh_Hans_CN") if is_chinese() else ("d MMMM y", "en")
    return format_date(_day(value), pattern, locale=locale)


def format_time(value: dt.datetime) -> str:
    """``9:05`` on the wall clock of Shanghai."""
    local = clock.local(value)
    return f"{local.hour}:{local.minute:02d}"


def format_moment(value: dt.datetime) -> str:
    """``4月18日 9:05``."""
    return f"{format_short_day(value)} {format_time(value)}"


def format_month(value: dt.date) -> str:
    """``2026年4月`` / ``April 2026``."""
    return format_date(value, "y年M月" if is_chinese() else "MMMM y", locale="zh_Hans_CN" if is_chinese() else "en")


def format_month_name(value: dt.date | dt.datetime) -> str:
    """``4月`` / ``Apr``: the head of a calendar leaf."""
    return f"{_day(value).month}月" if is_chinese() else format_date(_day(value), "MMM", locale="en")


def format_day_number(value: dt.date | dt.datetime) -> str:
    """``18``: the middle of a calendar leaf."""
    return str(_day(value).day)


def format_weekday(value: dt.date | dt.datetime) -> str:
    """``周六`` / ``Sat``: the foot of a calendar leaf."""
    return format_date(_day(value), "EEE", locale="zh_Hans_CN" if is_chinese() else "en")


def format_minutes(minutes: int) -> str:
    """Minutes as hours: ``90`` -> ``1.5``."""
    return f"{minutes / 60:.2f}".rstrip("0").rstrip(".")


def csrf_field() -> Markup:
    """The hidden field that proves a form is ours."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def once_field() -> Markup:
    """The hidden idempotency key of a form: the same tap twice has one effect."""
    given = request.form.get("_once") or secrets.token_urlsafe(12)
    return Markup('<input type="hidden" name="_once" value="{}">').format(given)


def chosen_locale() -> str:
    """The language of this answer: chosen on the page, else asked for by an English-only browser, else the default."""
    chosen = session.get("locale") if request else None
    if not chosen:
        accepted = [value.lower() for value, _quality in request.accept_languages] if request else []
        speaks_chinese = any(value.startswith("zh") for value in accepted)
        first_is_english = bool(accepted) and accepted[0].startswith("en")
        for_program = bool(request) and request.path.startswith("/api/")
        english = first_is_english and (for_program or not speaks_chinese)
        chosen = "en" if english else str(current_app.config["BABEL_DEFAULT_LOCALE"])
    return CHINESE if str(chosen).lower().startswith("zh") else "en"


def init_app(app: Flask) -> None:
    """Install Babel and the filters."""
    default = app.config["BABEL_DEFAULT_LOCALE"]
    app.config["BABEL_DEFAULT_LOCALE"] = CHINESE if str(default).lower().startswith("zh") else "en"
    Babel(app, locale_selector=chosen_locale)
    app.jinja_env.filters.update(
        day=format_day, short_day=format_short_day, full_day=format_full_day, time=format_time, moment=format_moment,
        month=format_month,
        points=format_points, hours=format_minutes, month_name=format_month_name, day_number=format_day_number,
        weekday=format_weekday)
    app.jinja_env.globals.update(
        csrf_field=csrf_field, once_field=once_field, qr_svg=svg, is_chinese=is_chinese, today=clock.today,
        now=clock.now, is_elder=lambda: bool(session.get("elder")))
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.policies["ext.i18n.trimmed"] = True
