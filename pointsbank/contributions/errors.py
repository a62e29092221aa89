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


class OwnDecision(Forbidden):
    """Whoever decided once doesn't look at it again."""

    code = "contributions.own_decision"
    message = lazy("You had a hand in this deed before. Somebody else has to decide about it now.")


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


class OnNotice(Conflict):
    """A line that is to be taken back hangs on a notice, or stands on its draft."""

    code = "contributions.on_notice"
    message = lazy("A line of this deed is on a notice. Confirm the correction once the notice is over.")


# ── Requests for a review ───────────────────────────────────────────────────────────────────────────────────────


class NotDecidedYet(Conflict):
    """Only what was decided can be looked at again."""

    code = "contributions.not_decided"
    message = lazy("Nothing was decided about this deed yet. A review can be asked for afterwards.")


class StillWaits(Conflict):
    """The points wait for a household."""

    code = "contributions.waits_for_household"
    message = lazy("The points of this deed wait until the household is entered. Please tell the office.")


class ObjectInstead(Conflict):
    """The line hangs out, or was objected to."""

    code = "contributions.object_instead"
    message = lazy("A line of this deed is on a notice. While it hangs out, object to it there.")


class AppealOpen(Conflict):
    """One request for each deed at a time."""

    code = "contributions.appeal_open"
    message = lazy("A review of this deed has been asked for already. The answer comes in writing.")


class JudgedAnew(Conflict):
    """The deed was put right and recorded anew."""

    code = "contributions.judged_anew"
    message = lazy("This deed was taken up again after a review. Look at its new page.")


class AppealTooLate(Conflict):
    """The period is over."""

    code = "contributions.appeal_too_late"
    message = lazy("A review could be asked for until %(day)s. Please talk to the office.")


class AppealOver(Conflict):
    """Answered, or withdrawn."""

    code = "contributions.appeal_over"
    message = lazy("This request has been answered or withdrawn already.")


class NothingToPutRight(Conflict):
    """Not upheld, or what follows from it is on its way."""

    code = "contributions.nothing_to_put_right"
    message = lazy("Nothing is left to be put right here. Please look at the page again.")


class NothingListed(Conflict):
    """The month's list is empty."""

    code = "contributions.nothing_listed"
    message = lazy("No approved deed waits for a notice.")


class AlreadyDrafted(Conflict):
    """The same balances stand on a draft that waits for its second person."""

    code = "contributions.already_drafted"
    message = lazy("A draft with these balances already waits for a second person.")


class ActHasOthers(Conflict):
    """Other deeds hang on this one."""

    code = "contributions.act_has_others"
    message = lazy("Other deeds were marked as the same act as this one. Start from those.")


# ── Sheets of paper ─────────────────────────────────────────────────────────────────────────────────────────────


class NotYourSheet(Forbidden):
    """A leader enters for the own team, the desk for anybody."""

    code = "contributions.not_your_sheet"
    message = lazy("Sheets are entered by leaders for their own team, and by the committee and its reviewers.")


class SheetOver(Conflict):
    """Confirmed, discarded, or not at this step."""

    code = "contributions.sheet_over"
    message = lazy("This sheet is not at this step any more. Please look at the page again.")


class SheetNotReady(Invalid):
    """Rows that are not understood, doubles without a tick, no reason, no photo."""

    code = "contributions.sheet_not_ready"
    message = lazy("The sheet can't be handed in yet. What you typed is kept.")


class SheetChanged(Conflict):
    """Between handing in and confirming something happened to people or deeds in it."""

    code = "contributions.sheet_changed"
    message = lazy("Meanwhile these rows are not right any more: %(rows)s. Send the sheet back.")


class SheetTooLong(Invalid):
    """More than 500 rows."""

    code = "contributions.sheet_too_long"
    message = lazy("A sheet has at most 500 rows. Make a second one for the rest.")


class SheetCap(Conflict):
    """The leader has typed enough for this month."""

    code = "contributions.sheet_cap"
    message = lazy("A leader may enter %(cap)s rows from paper a month, and %(left)s are left. The committee "
                   "enters the rest.")


class SheetSecondPerson(Forbidden):
    """Whoever entered a sheet doesn't confirm it."""

    code = "contributions.sheet_second_person"
    message = lazy("You entered this sheet. Somebody else has to confirm it.")


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


class VotesStillDue(Conflict):
    """Members were promised time to vote, and not all of them have."""

    code = "contributions.votes_still_due"
    message = lazy("Members may vote until %(day)s, and votes are missing. Close it once all have voted, or on that "
                   "day.")


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
