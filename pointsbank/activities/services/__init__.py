"""The verbs of the room, a file per chapter: planning, signing up, checking in, leading, closing."""

from pointsbank.activities.services.checking_in import (
    CheckedIn,
    WrongTry,
    check_in,
    check_in_by_number,
    scan,
)
from pointsbank.activities.services.closing import close
from pointsbank.activities.services.leading import (
    accept,
    check_in_card,
    decline,
    everyone_out,
    log_sheet,
    mark_absent,
    open_screen,
    renew_screen,
    take_roster,
)
from pointsbank.activities.services.picturing import add_photos, put_cover, remove_photo
from pointsbank.activities.services.planning import (
    ActivityDraft,
    add_venue,
    cancel,
    edit,
    plan,
    publish,
    renew_venue,
    return_,
    submit,
)
from pointsbank.activities.services.signing_up import cancel_sign_up, sign_up

__all__ = [
    "ActivityDraft", "CheckedIn", "WrongTry", "accept", "add_photos", "add_venue", "cancel", "cancel_sign_up",
    "check_in", "check_in_by_number", "check_in_card", "close", "decline", "edit", "everyone_out", "log_sheet",
    "mark_absent", "open_screen", "plan", "publish", "put_cover", "remove_photo", "renew_screen", "renew_venue",
    "return_", "scan", "sign_up", "submit", "take_roster",
]
