"""Sentences that the boards put together from figures, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from pointsbank.boards.queries.desk import Ahead, Waiting
from pointsbank.communities.settings import CommunitySettings
from pointsbank.core import clock
from pointsbank.core.formats import format_day, format_minutes, format_short_day
from pointsbank.core.i18n import N_
from pointsbank.core.points import format_points
from pointsbank.ledger.models import AccountKind, TransferKind
from pointsbank.shop import queries as shop
from pointsbank.shop.queries import Shown
from pointsbank.shop.services import days

MOST_OFFERS = 6
SOON = 2

KINDS = {
    TransferKind.AWARD: N_("Points given"), TransferKind.OPENING: N_("Opening balance"),
    TransferKind.HOLD: N_("Ordered"), TransferKind.RELEASE: N_("Order cancelled"),
    TransferKind.COLLECT: N_("Picked up"),
    TransferKind.REVERSAL: N_("Correction"), TransferKind.EXPIRY: N_("Lapsed"),
    TransferKind.DEDUCTION: N_("Taken away"), TransferKind.DEBT: N_("Shortfall"),
    TransferKind.REPAYMENT: N_("Made up"), TransferKind.SUCCESSION: N_("Passed on"),
    TransferKind.DEBT_SUCCESSION: N_("Shortfall passed on"),
}
SIDES = {
    AccountKind.ISSUANCE: N_("The community gives"), AccountKind.WALLET: N_("Passbook"),
    AccountKind.HELD: N_("Put aside"), AccountKind.REDEEMED: N_("Exchanged for goods"),
    AccountKind.EXPIRED: N_("Lapsed"), AccountKind.DEDUCTED: N_("Taken away"),
    AccountKind.DEBT: N_("Still to be made up"),
}


def shop_hint(settings: CommunitySettings) -> str:
    """When the shop is open next, in a few words."""
    if not settings.open_days:
        return _("Open every day")
    today = clock.today()
    day = days.next_open(settings, today)
    return _("Open today") if day == today else _("Open on %(day)s", day=format_short_day(day))


def done_words(deeds: int, people: int, minutes: int) -> str:
    """What the community did this month, in one sentence without a name."""
    if not deeds:
        return _("Nothing is entered for this month yet.")
    if minutes < 60:
        return ngettext("%(people)s neighbours did %(num)d good deed.", "%(people)s neighbours did %(num)d good deeds.",
                        deeds, people=people)
    return ngettext(
        "%(people)s neighbours did %(num)d good deed and gave %(hours)s hours.",
        "%(people)s neighbours did %(num)d good deeds and gave %(hours)s hours.",
        deeds, people=people, hours=format_minutes(minutes))


def ahead_words(item: Ahead) -> str:
    """What comes on a day, for the desk."""
    if item.kind == "notice" and not item.amount:
        return _("Notice No. %(number)s ends", number=item.number)
    if item.kind == "notice":
        return _("Notice No. %(number)s ends, %(points)s points are entered", number=item.number,
                 points=format_points(item.amount or 0))
    if item.kind == "expiry":
        return _("Last day of %(points)s points", points=format_points(item.amount or 0))
    if item.kind == "shop":
        return _("The points shop is open")
    return item.title


@dataclass(frozen=True)
class ShelfRow:
    """An offer in a list: its name with the portion, what is left in words, its price in hundredths."""

    id: int
    title: str
    left_words: str
    price: int


def shelf_rows(community_id: int) -> list[ShelfRow]:
    """What can be ordered today, as rows of a list: what is there, the cheapest first."""
    found = shop.offers(community_id, clock.today())
    return [ShelfRow(one.offer.id, f"{one.offer.name} {one.offer.portion}".strip(), _left_words(one), one.offer.price)
            for one in found if not one.sold_out][:MOST_OFFERS]


def _left_words(one: Shown) -> str:
    if one.left is None:
        return _("Always there")
    return _("%(num)s %(unit)s left", num=one.left, unit=one.offer.unit)


@dataclass(frozen=True)
class WaitCard:
    """A number that waits on the desk, with its deadline (``chip``, urgent) or its reason (``small``)."""

    endpoint: str
    number: int
    label: str
    chip: str = ""
    small: str = ""


def wait_cards(found: Waiting | None) -> list[WaitCard]:
    """What waits, deadlines first; what has nothing waiting is left out."""
    if found is None:
        return []
    cards = [
        *_cases(found),
        WaitCard("contributions.objections", found.objections,
                 ngettext("objection to answer", "objections to answer", found.objections), chip=_due(found),
                 small=_late(found)),
        WaitCard("contributions.appeals", found.appeals,
                 ngettext("request for a review", "requests for a review", found.appeals), chip=_appeals_late(found),
                 small=_("Answered in writing within 7 working days")),
        WaitCard("contributions.sittings", found.sittings,
                 ngettext("sitting lacks your votes", "sittings lack your votes", found.sittings),
                 chip=_votes_due(found), small=_votes_until(found)),
        WaitCard("contributions.sittings", found.to_close,
                 ngettext("sitting to close", "sittings to close", found.to_close), small=_("The votes are in")),
        WaitCard("contributions.reviews", found.reviews, ngettext("deed to review", "deeds to review", found.reviews),
                 small=_oldest(found)),
        WaitCard("contributions.corrections", found.corrections,
                 ngettext("correction to confirm", "corrections to confirm", found.corrections),
                 small=_("A second person has to look")),
        WaitCard("contributions.sheets", found.sheets,
                 ngettext("sheet of paper to confirm", "sheets of paper to confirm", found.sheets),
                 small=_("A second person has to look")),
        WaitCard("rules.desk", found.comments,
                 ngettext("comment on the rules to answer", "comments on the rules to answer", found.comments),
                 small=_("Nothing is adopted before each is answered")),
        WaitCard("succession.changes", found.changes,
                 ngettext("change of a household to confirm", "changes of households to confirm", found.changes),
                 small=_("A second person has to look")),
        WaitCard("succession.changes", found.headless,
                 ngettext("household without a head", "households without a head", found.headless),
                 small=_("Nobody is told when points are spent")),
        WaitCard("publicity.desk", found.draft_notices,
                 ngettext("notice to hang out", "notices to hang out", found.draft_notices),
                 small=_("A second person has to look")),
        WaitCard("activities.desk", found.activities,
                 ngettext("activity to approve", "activities to approve", found.activities),
                 small=_("Nobody can sign up before that")),
        WaitCard("shop.desk", found.stock_checks,
                 ngettext("count that does not fit", "counts that do not fit", found.stock_checks),
                 small=_("A second person has to look")),
        WaitCard("people.exports", found.exports,
                 ngettext("list to give or refuse", "lists to give or refuse", found.exports),
                 small=_("A second person has to look")),
        WaitCard("honours.desk", found.honours, ngettext("honour to look at", "honours to look at", found.honours),
                 small=_("A second person has to look")),
        WaitCard("honours.certificates", found.certificates,
                 ngettext("certificate to make", "certificates to make", found.certificates),
                 small=_("Somebody waits for it")),
        WaitCard("deductions.desk", found.deductions,
                 ngettext("deduction to decide", "deductions to decide", found.deductions),
                 small=_("Somebody waits for a word")),
        WaitCard("contributions.month", found.unlisted,
                 ngettext("line for the next list", "lines for the next list", found.unlisted),
                 small=_("%(points)s points in all", points=format_points(found.unlisted_sum))),
    ]
    return [card for card in cards if card.number]


def _cases(found: Waiting) -> list[WaitCard]:
    """What people reported and found on rounds: to give out, overdue, to inspect, to accept, to answer."""
    return [
        WaitCard("cases.desk", found.cases, ngettext("case to accept or give out", "cases to accept or give out",
                                                     found.cases), small=_("Somebody waits for a word")),
        WaitCard("cases.supervision", found.cases_late,
                 ngettext("case is overdue", "cases are overdue", found.cases_late),
                 small=_("On the list until it is closed")),
        WaitCard("cases.inspections", found.inspections,
                 ngettext("repair to inspect", "repairs to inspect", found.inspections),
                 small=_("Before and after, by a third person")),
        WaitCard("patrols.desk", found.rounds, ngettext("round to accept", "rounds to accept", found.rounds),
                 small=_("Only then it counts for whoever walked")),
        WaitCard("patrols.desk_proposals", found.proposals,
                 ngettext("proposal to answer", "proposals to answer", found.proposals),
                 small=_("Answered in writing within 7 working days")),
    ]


def _votes_due(found: Waiting) -> str:
    """Urgent once it is a matter of two days."""
    days = (found.votes_due_on - clock.today()).days if found.votes_due_on is not None else SOON + 1
    if days < 0:
        return ngettext("%(num)d day late", "%(num)d days late", -days)
    if days > SOON:
        return ""
    return ngettext("%(num)d day left", "%(num)d days left", days) if days else _("Due today")


def _votes_until(found: Waiting) -> str:
    return _("Votes until %(day)s", day=format_day(found.votes_due_on)) if found.votes_due_on is not None else ""


def _due(found: Waiting) -> str:
    if found.objection_due_on is None:
        return ""
    days = (found.objection_due_on - clock.today()).days
    if days < 0:
        return ngettext("%(num)d day late", "%(num)d days late", -days)
    if days == 0:
        return _("Frozen, due today")
    return ngettext("Frozen, %(num)d day left", "Frozen, %(num)d days left", days)


def _late(found: Waiting) -> str:
    if not found.objections_late:
        return ""
    return ngettext("%(num)d written answer is overdue", "%(num)d written answers are overdue", found.objections_late)


def _appeals_late(found: Waiting) -> str:
    if not found.appeals_late:
        return ""
    return ngettext("%(num)d answer is overdue", "%(num)d answers are overdue", found.appeals_late)


def _oldest(found: Waiting) -> str:
    if found.oldest_review_at is None:
        return ""
    days = (clock.today() - clock.local_date(found.oldest_review_at)).days
    if days == 0:
        return _("The oldest came in today")
    return ngettext("The oldest has waited %(num)d day", "The oldest has waited %(num)d days", days)
