"""Cases in words: what each kind is called, its steps, its state, whose passbook is meant."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from pointsbank.core.errors import lazy
from pointsbank.core.formats import format_day, format_short_day
from pointsbank.succession.models import ChangeKind, ChangeState, HouseholdChange, ShareMode
from pointsbank.succession.plans import Act, Step

KINDS: dict[ChangeKind, Any] = {
    ChangeKind.SPLIT: lazy("Divide the household"), ChangeKind.MERGE: lazy("Join with another household"),
    ChangeKind.MOVE: lazy("Move within the community"), ChangeKind.HEAD: lazy("Another head"),
    ChangeKind.LEAVE: lazy("Move away"), ChangeKind.RETURN: lazy("Come back"), ChangeKind.DEATH: lazy("A death"),
    ChangeKind.HEIR: lazy("An heir is found"), ChangeKind.UNDO: lazy("Take a change back"),
}
HINTS: dict[ChangeKind, Any] = {
    ChangeKind.SPLIT: lazy("Some members found a household of their own; the points are shared out."),
    ChangeKind.MERGE: lazy("All members and all points go to the other household; this number is closed."),
    ChangeKind.MOVE: lazy("Another building or another number. The passbook stays the same."),
    ChangeKind.HEAD: lazy("From a day on somebody else is told when points are spent."),
    ChangeKind.LEAVE: lazy("Somebody, or everybody, leaves this community."),
    ChangeKind.RETURN: lazy("Somebody who had moved away lives here again."),
    ChangeKind.DEATH: lazy("Cards and sign-in end; what is left goes to the household or to an heir."),
    ChangeKind.HEIR: lazy("The points that wait go to somebody who lives here."),
    ChangeKind.UNDO: lazy("It was entered by mistake: people and points go back."),
}
SHARES: dict[ShareMode, Any] = {
    ShareMode.HEADS: lazy("By heads: the same for each member"), ShareMode.PERCENT: lazy("So many percent"),
    ShareMode.POINTS: lazy("So many points"),
}
# Short, for lists and for the lines of a history.
DONE: dict[ChangeKind, Any] = {
    ChangeKind.SPLIT: lazy("Divided"), ChangeKind.MERGE: lazy("Joined"), ChangeKind.MOVE: lazy("Moved"),
    ChangeKind.HEAD: lazy("New head"), ChangeKind.LEAVE: lazy("Moved away"), ChangeKind.RETURN: lazy("Returned here"),
    ChangeKind.DEATH: lazy("Death"), ChangeKind.HEIR: lazy("Heir"), ChangeKind.UNDO: lazy("Change taken back"),
}


def chip(change: HouseholdChange) -> tuple[str, str, str]:
    """Kind, icon and text of the chip for a case's state."""
    if change.state is ChangeState.PROPOSED:
        return "wait", "hourglass-split", _("Second person needed")
    if change.state is ChangeState.CONFIRMED:
        return "done", "check-circle-fill", _("Done")
    if change.state is ChangeState.REFUSED:
        return "idle", "dash-circle", _("Refused")
    return "idle", "dash-circle", _("Withdrawn")


def title(change: HouseholdChange, numbers: dict[int, str]) -> str:
    """``Divided: 2-0317, 2-0318`` in the reader's language."""
    homes = [numbers[h] for h in (change.household_id, change.other_household_id) if h in numbers]
    return _("%(what)s: %(homes)s", what=DONE[change.kind], homes="、".join(homes)) if homes else str(DONE[change.kind])


def owner(key: str, names: dict[str, str]) -> str:
    """Whose passbook a key means."""
    kind, _colon, _number = key.partition(":")
    name = names.get(key, "")
    if kind == "household":
        return _("household No. %(number)s", number=name)
    if kind == "resident":
        return _("%(name)s’s own passbook", name=name)
    return _("what remains of %(name)s", name=name)


def step(one: Step, names: dict[str, str]) -> str:
    """One step as a sentence."""
    who = names.get(f"resident:{one.resident_id}", "")
    home = names.get(f"household:{one.household_id}", "") or one.number
    told = {
        Act.FOUND: lambda: _("Household %(number)s is founded.", number=one.number),
        Act.JOIN: lambda: (_("%(name)s goes to household %(number)s, as its head.", name=who, number=home)
                           if one.is_head else _("%(name)s goes to household %(number)s.", name=who, number=home)),
        Act.HEAD: lambda: _("%(name)s is the head of household %(number)s from now on.", name=who, number=home),
        Act.LEAVE: lambda: (_("%(name)s leaves the community. The card is good at the shop until the points lapse.",
                              name=who) if one.keeps_card else _("%(name)s leaves the community.", name=who)),
        Act.DIE: lambda: _("%(name)s has died. Card, sign-in and memberships end.", name=who),
        Act.COME_BACK: lambda: _("%(name)s lives here again.", name=who),
        Act.RESUME: lambda: _("%(name)s never left: everything goes on.", name=who),
        Act.CLOSE: lambda: _("Household %(number)s is dissolved; its passbook is closed.", number=home),
        Act.REOPEN: lambda: _("Household %(number)s is there again, with its passbook.", number=home),
        Act.RENUMBER: lambda: _moved(one, names),
    }
    return told[one.act]()


def _moved(one: Step, names: dict[str, str]) -> str:
    place = names.get(f"area:{one.area_id}", "")
    told = _("Household %(was)s has the number %(number)s from now on.", was=one.was_number, number=one.number)
    if one.number == one.was_number:
        return (_("Household %(number)s lives in %(place)s from now on.", number=one.number, place=place) if place
                else _("Household %(number)s lives elsewhere from now on.", number=one.number))
    return f"{told} {_('It lives in %(place)s.', place=place)}" if place and one.area_id != one.was_area_id else told


def when(change: HouseholdChange) -> str:
    """``As of 10 April, No. 3``."""
    day = format_day(change.on)
    return (_("As of %(day)s, No. %(number)s", day=day, number=change.number) if change.number is not None
            else _("As of %(day)s", day=day))


def last_day(day: Any) -> str:
    """Until when points can be used."""
    return _("to be used by %(day)s", day=format_short_day(day)) if day is not None else _("never lapse")
