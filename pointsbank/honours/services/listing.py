"""Hanging a list of this room on the notice board."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from pointsbank.communities import settings
from pointsbank.core import clock
from pointsbank.core.actor import Actor
from pointsbank.core.i18n import N_
from pointsbank.core.masking import mask_name
from pointsbank.people import queries as people
from pointsbank.people.models import Household, Resident
from pointsbank.publicity import services as publicity
from pointsbank.publicity.models import LineState, NoticeKind, PublicNotice

LEAST_DAYS = 7  # 民发〔2015〕149号: what is certified hangs out for seven days
PASSED = (LineState.LISTED, LineState.POSTED)


def draft_on_board(actor: Actor, title: str, subject_key: str, lines: Sequence[publicity.NoticeLineDraft], *,
                   label: str = "", resolution: str = "") -> PublicNotice:
    """Every list of this room becomes a notice here and nowhere else. Raises those of ``publicity.services.draft``."""
    days = max(settings.of(actor.community_id or 0).notice_days, LEAST_DAYS)
    return publicity.draft(actor, publicity.NoticeDraft(
        kind=NoticeKind.AWARDS, title=title, lines=lines, standard_label=label, resolution=resolution,
        subject_key=subject_key, days=days))


def house_words(text: str) -> str:
    """A title in the house's language, whoever made it: it hangs on the board."""
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        return _(text)


def public_name(resident: Resident) -> str:
    """The masked name; of somebody under age nothing but that."""
    return house_words(N_("Under age")) if resident.is_minor(clock.today()) else mask_name(resident.name)


def homes_of(community_id: int, resident_ids: Sequence[int]) -> dict[int, Household | None]:
    """Each resident's household today, for the number on the notice and for who may not decide."""
    return people.household_on(community_id, resident_ids, clock.today())
