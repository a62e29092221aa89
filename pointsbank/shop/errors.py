"""What the shop refuses, in sentences that say what to do next and what is safe."""

from __future__ import annotations

import enum
from typing import TypeVar

from pointsbank.core.errors import Conflict, Forbidden, Invalid, NotFound, lazy

E = TypeVar("E", bound=enum.StrEnum)


def one_of(kind: type[E], value: str) -> E:
    """The stored value behind a word that was sent. Raises Invalid for a word that isn't one of them."""
    try:
        return kind(value)
    except ValueError:
        raise Invalid from None


class SoldOut(Conflict):
    """Fewer are left than wanted."""

    code = "shop.sold_out"
    message = lazy("%(name)s: only %(left)s left, so this can't be ordered. Your points have not changed.")


class NotOnOffer(Conflict):
    """A draft, paused, over, or not begun."""

    code = "shop.not_on_offer"
    message = lazy("%(name)s can't be ordered at the moment. Your points have not changed.")


class PersonLimit(Conflict):
    """The limit of a person is reached."""

    code = "shop.person_limit"
    message = lazy("%(name)s: at most %(most)s for one person %(period)s. Your points have not changed.")


class HouseholdLimit(Conflict):
    """The limit of a household is reached."""

    code = "shop.household_limit"
    message = lazy("%(name)s: at most %(most)s for one household %(period)s. Your points have not changed.")


class DailyCap(Conflict):
    """Protects a lost phone or card."""

    code = "shop.daily_cap"
    message = lazy("A household may spend %(most)s points a day. Please come again tomorrow; your points are safe.")


class ClosedToday(Conflict):
    """Not one of the open days."""

    code = "shop.closed_today"
    message = lazy("The shop is closed today. It opens again on %(day)s; what is put aside stays put aside.")


class BadQuantity(Invalid):
    """Not between one and a sackful."""

    code = "shop.bad_quantity"
    message = lazy("Order at least 1 and at most %(most)s at a time.")


class ChooseOutlet(Invalid):
    """Several outlets have it."""

    code = "shop.choose_outlet"
    message = lazy("Please choose where you will pick it up.")


class NotYourWallet(Forbidden):
    """The wallet belongs to others, or to the household of somebody under age."""

    code = "shop.not_your_wallet"
    message = lazy("Only grown-up members of the household may spend its points.")


class Suspended(Forbidden):
    """A resolution keeps this household or person from spending for a time."""

    code = "shop.suspended"
    message = lazy("These points can't be spent until %(until)s: %(why)s They stay in the passbook. Ask the office if "
                   "you think that is wrong.")


class Frozen(Forbidden):
    """The account behind the order is frozen, as after a lost phone."""

    code = "shop.frozen"
    message = lazy("This account is frozen, because its phone was lost. Nothing is handed over until it is opened "
                   "again.")


class NoSuchVoucher(NotFound):
    """No voucher of this community has that code or number."""

    code = "shop.no_such_voucher"
    message = lazy("There is no such voucher here. Give nothing, and look at the number once more.")


class WrongNumber(Invalid):
    """The check digit finds a digit misread or swapped."""

    code = "shop.wrong_number"
    message = lazy("This number has a digit wrong. A voucher has 12 digits; please read it once more.")


class AlreadyCollected(Conflict):
    """A voucher is handed over once."""

    code = "shop.already_collected"
    message = lazy("Already handed over on %(moment)s at %(outlet)s. Give nothing a second time.")


class WasCancelled(Conflict):
    """Cancelled before."""

    code = "shop.cancelled"
    message = lazy("This order was cancelled on %(moment)s and the points went back. Give nothing.")


class HasLapsed(Conflict):
    """Its last day is over."""

    code = "shop.lapsed"
    message = lazy("This voucher was good until %(day)s. The points go back to the passbook; it can be ordered anew.")


class OtherOutlet(Conflict):
    """A voucher is bound to its outlet."""

    code = "shop.other_outlet"
    message = lazy("This voucher is for %(outlet)s. Give nothing here.")


class NotYourOutlet(Forbidden):
    """A shop-keeper sees their own outlet only."""

    code = "shop.not_your_outlet"
    message = lazy("You do not stand at this outlet. The shop supervisor can put you down for it.")


class NotAllowed(Forbidden):
    """The role is another one."""

    code = "shop.not_allowed"
    message = lazy("In the shop this is somebody else's task: keepers hand over, managers keep the stock, supervisors "
                   "check.")


class NotCancellable(Conflict):
    """The community does not let residents cancel."""

    code = "shop.not_cancellable"
    message = lazy("Here an order can't be cancelled on the phone. If nobody picks it up, the points come back by "
                   "themselves.")


class NameDiffers(Invalid):
    """The card's holder has another name: somebody found the card, or read it badly."""

    code = "shop.name_differs"
    message = lazy("The name does not belong to this card. Ask for the name again, or enter who came instead and why.")


class ProxyNeeded(Invalid):
    """Somebody else came: who, and why?"""

    code = "shop.proxy_needed"
    message = lazy("Somebody else came for it: enter their name and the reason.")


class StockMoved(Conflict):
    """The lot has less than is to be taken out of it."""

    code = "shop.stock_moved"
    message = lazy("There is less in this lot by now: %(left)s are free. Nothing was changed.")


class SecondPerson(Forbidden):
    """Nobody confirms what they proposed."""

    code = "shop.second_person"
    message = lazy("You entered this yourself. Somebody else has to look and confirm it.")


class CheckDecided(Conflict):
    """Somebody was quicker."""

    code = "shop.check_decided"
    message = lazy("This was already decided. Please look at the page again.")


class ReasonNeeded(Invalid):
    """A change of the book by hand has a reason."""

    code = "shop.reason_needed"
    message = lazy("Please write the reason; whoever checks the book will ask.")


class BadStep(Conflict):
    """A state that does not follow."""

    code = "shop.bad_step"
    message = lazy("This is not possible at this step any more. Please look at the page again.")


class NameTaken(Conflict):
    """Two outlets of one name would be mixed up on vouchers."""

    code = "shop.name_taken"
    message = lazy("There is already an outlet of this name.")


class NothingToShow(Conflict):
    """The shelves were empty all the time."""

    code = "shop.nothing_to_show"
    message = lazy("Nothing was on the shelves in this time, and nothing came in.")
