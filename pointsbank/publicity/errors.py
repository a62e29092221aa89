"""What the notice board refuses, in sentences."""

from __future__ import annotations

from pointsbank.core.errors import Conflict, Forbidden, Invalid, lazy


class NotAllowed(Forbidden):
    """Notices and objections are the reviewers' and the committee's business."""

    code = "publicity.not_allowed"
    message = lazy("Notices are made and objections are decided by reviewers and the committee.")


class SecondPersonNeeded(Forbidden):
    """Whoever made a list doesn't publish it."""

    code = "publicity.second_person_needed"
    message = lazy("You made this list. Somebody else has to check and publish it.")


class NotIndependent(Forbidden):
    """Recorder, approver, own household or the objector."""

    code = "publicity.not_independent"
    message = lazy("You have to do with this line yourself. Somebody else has to decide about it.")


class EmptyList(Invalid):
    """No line."""

    code = "publicity.empty_list"
    message = lazy("There is nothing to publish in this list.")


class WrongStep(Conflict):
    """Published twice, thrown away after publishing."""

    code = "publicity.wrong_step"
    message = lazy("This notice is not at this step any more. Please look at the page again.")


class NoticeOver(Conflict):
    """The hour printed on the notice has passed."""

    code = "publicity.notice_over"
    message = lazy("This notice ended on %(moment)s. What is wrong now can still be corrected: please tell the office.")


class AlreadyObjected(Conflict):
    """The same person, the same line, and no answer yet."""

    code = "publicity.already_objected"
    message = lazy("You already objected to this line. You will get a written answer.")


class LineGone(Conflict):
    """The line was struck already."""

    code = "publicity.line_struck"
    message = lazy("This line was already struck off the list.")


class AlreadyDecided(Conflict):
    """Two members answered the same objection."""

    code = "publicity.already_decided"
    message = lazy("This objection has already been answered.")


class TextMissing(Invalid):
    """An objection without a reason, an answer without words."""

    code = "publicity.text_missing"
    message = lazy("A few words are needed here.")


class PersonalNumber(Invalid):
    """A phone or an ID number in a text for everybody."""

    code = "publicity.personal_number"
    message = lazy("A notice shows no phone and no ID number. Take out “%(number)s” first.")


class PaperMissing(Invalid):
    """An objection on paper without the objector, the photo or the reason."""

    code = "publicity.paper_missing"
    message = lazy("Something is missing that an objection on paper needs.")


class NoAnswerYet(Conflict):
    """A letter is printed once there is something to say."""

    code = "publicity.no_answer_yet"
    message = lazy("This objection has not been answered yet.")
