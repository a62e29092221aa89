"""What the funnel refuses, in sentences."""

from __future__ import annotations

from pointsbank.core.errors import Conflict, Forbidden, Invalid, NotFound, lazy


class NotFromHere(NotFound):
    """The resident belongs to another community, or is none."""

    code = "contributions.no_such_resident"
    message = lazy("There is no such resident in this community.")


class NotYourDeed(Forbidden):
    """Filed for somebody without being allowed to."""

    code = "contributions.not_yours"
    message = lazy("You can file deeds for yourself and your family, and as a grid worker for the people of your grid.")


class InFuture(Invalid):
    """A deed of tomorrow."""

    code = "contributions.in_future"
    message = lazy("This day is still to come. File the deed once it is done.")


class GoneByThen(Conflict):
    """Somebody who died, or had moved away, before that day."""

    code = "contributions.gone_by_then"
    message = lazy("On %(day)s %(name)s did not live here any more. A deed of that day can't be taken.")


class TooLongAgo(Invalid):
    """Nobody can check any more what was done then."""

    code = "contributions.too_long_ago"
    message = lazy("This was more than a year ago and can't be checked any more. Please ask the office.")


class FiledTwice(Conflict):
    """The same deed, day and place is in the funnel already."""

    code = "contributions.filed_twice"
    message = lazy("This deed of this day has already been filed. Look under your deeds.")


class ReasonMissing(Invalid):
    """Sent back, refused, entered for somebody or corrected without a word."""

    code = "contributions.reason_missing"
    message = lazy("A reason is needed here, in a few words.")


class NotOpenAnyMore(Conflict):
    """Decided, withdrawn, or not at this step."""

    code = "contributions.not_open"
    message = lazy("This deed is not at this step any more. Please look at the page again.")


class AlreadyDecided(Conflict):
    """Two reviewers at once."""

    code = "contributions.already_decided"
    message = lazy("Somebody else has already decided about this deed.")


class NotAReviewer(Forbidden):
    """Deeds are judged by reviewers and the committee."""

    code = "contributions.not_a_reviewer"
    message = lazy("Deeds are reviewed by reviewers and the committee of this community.")


class OwnRecord(Forbidden):
    """Recorder is never approver."""

    code = "contributions.own_record"
    message = lazy("You entered this deed or checked it first. Somebody else has to decide about it.")


class OwnHousehold(Forbidden):
    """Nobody decides about their own household."""

    code = "contributions.own_household"
    message = lazy("This concerns your own family. Somebody else has to decide about it.")


class OwnRelative(Forbidden):
    """Nor about the relatives whom they declared."""

    code = "contributions.own_relative"
    message = lazy("You declared these people as your relatives. Somebody else has to decide about it.")


class OwnTeam(Forbidden):
    """Typed, scanned by the leader, on paper or flagged: an approver from outside the team."""

    code = "contributions.own_team"
    message = lazy("This deed was entered by hand for your own team. Somebody from outside the team has to decide.")


class SecondPersonNeeded(Forbidden):
    """Whoever proposed a correction doesn't confirm it."""

    code = "contributions.second_person_needed"
    message = lazy("You proposed this correction. Somebody else has to confirm it.")


class NothingToCorrect(Conflict):
    """No posted award, or lines of the deed still wait for their notice."""

    code = "contributions.nothing_to_correct"
    message = lazy("There is nothing to correct here yet. While a line hangs out, object to it instead.")


class CorrectionOpen(Conflict):
    """A correction of this deed already waits for its second person."""

    code = "contributions.correction_open"
    message = lazy("A correction of this deed already waits for a second person.")


class NothingListed(Conflict):
    """The month's list is empty."""

    code = "contributions.nothing_listed"
    message = lazy("No approved deed waits for a notice.")


class AlreadyDrafted(Conflict):
    """The same balances stand on a draft that waits for its second person."""

    code = "contributions.already_drafted"
    message = lazy("A draft with these balances already waits for a second person.")


# ── The panel ───────────────────────────────────────────────────────────────────────────────────────────────────


class PanelDecides(Conflict):
    """The community has deeds of this kind judged by the panel; nobody approves them alone."""

    code = "contributions.panel_decides"
    message = lazy("Here the panel decides about a deed like this one. It comes on the list of its next sitting; the "
                   "committee opens it.")


class OnPanelList(Conflict):
    """Votes are being cast about it."""

    code = "contributions.on_panel_list"
    message = lazy("“%(what)s” is on the panel’s list “%(title)s”, where votes are cast until %(day)s. It is decided "
                   "there.")


class NotInTheChair(Forbidden):
    """Sittings are opened and closed by the committee."""

    code = "contributions.not_in_the_chair"
    message = lazy("Sittings are opened, closed and called off by members of the committee.")


class NotSeated(Forbidden):
    """No member of this sitting's panel."""

    code = "contributions.not_seated"
    message = lazy("Only the members named for this sitting vote in it.")


class PanelTooSmall(Conflict):
    """Nobody, or one person, holds a seat."""

    code = "contributions.panel_too_small"
    message = lazy("The panel needs two members at least. Appoint panel members first, under Appointments.")


class NothingForPanel(Conflict):
    """No deed of the period waits, or all of them are on an open list."""

    code = "contributions.nothing_for_panel"
    message = lazy("No deed of this choice waits that is not on an open list already.")


class SittingOver(Conflict):
    """Closed or called off."""

    code = "contributions.sitting_over"
    message = lazy("This sitting is over. Nothing can be changed in it any more.")


class ItemDecided(Conflict):
    """Returned, withdrawn or decided meanwhile."""

    code = "contributions.item_decided"
    message = lazy("“%(what)s” is not on the list any more. Please look at the page again.")


class VotesChanged(Conflict):
    """A vote came in after the chair looked at the result."""

    code = "contributions.votes_changed"
    message = lazy("Another vote came in meanwhile. Look at the result again before you close.")


class NotLeader(Forbidden):
    """Shares are proposed by whoever leads the team."""

    code = "contributions.not_leader"
    message = lazy("How a team’s points are shared is proposed by its leader.")


class NothingShared(Invalid):
    """Nobody gets anything, or somebody who isn't of the team."""

    code = "contributions.nothing_shared"
    message = lazy("Write how many points each gets: more than 0, and only for people who belong to the team today.")


class SharedTooMuch(Invalid):
    """More than the team has."""

    code = "contributions.shared_too_much"
    message = lazy("Together this is %(sum)s points, and the team has %(available)s to share.")


class ShareOpen(Conflict):
    """One at a time."""

    code = "contributions.share_open"
    message = lazy("A proposal of this team already waits. Decide or withdraw that one first.")


class MembersChanged(Conflict):
    """Somebody has left the team since."""

    code = "contributions.members_changed"
    message = lazy("Somebody of this list has left the team. Refuse it; the leader proposes anew.")


class AlreadyDeclared(Conflict):
    """The same relative twice."""

    code = "contributions.already_declared"
    message = lazy("You declared these relatives already.")


class DeclarationOver(Conflict):
    """A declaration is ended once."""

    code = "contributions.declaration_over"
    message = lazy("This declaration has ended already.")
