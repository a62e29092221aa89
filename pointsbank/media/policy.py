"""Who may see a photo and who may take it away."""

from __future__ import annotations

from pointsbank.core.actor import Actor
from pointsbank.media.models import PaperFile, Photo, Purpose, Visibility
from pointsbank.people.roles import DESK, OFFICE, PROXIES, SHOP, Role

# Photos of deeds are looked at by those who judge them or vote about them, enter them or led the activity; documents by
# the shop's people; a family's agreement or a death certificate by the office alone; the slip of somebody who objects
# by those who decide about it; a sheet with many names by the desk, and by whoever took it; what a deduction rests on
# by the desk (and, through its own room, those concerned).
LOOKS_AT: dict[Purpose, tuple[Role, ...]] = {
    Purpose.DEED: (*DESK, *PROXIES, Role.TEAM_LEADER, Role.PANEL_MEMBER),
    Purpose.ACTIVITY: (*DESK, *PROXIES, Role.TEAM_LEADER),
    Purpose.OFFER: (*DESK, *SHOP),
    Purpose.DOCUMENT: (*DESK, Role.STOCK_MANAGER, Role.SHOP_SUPERVISOR),
    Purpose.HOUSEHOLD: OFFICE,
    Purpose.OBJECTION: DESK,
    Purpose.MINUTES: DESK,
    Purpose.SHEET: DESK,
    Purpose.DEDUCTION: DESK,
    Purpose.REPORT: tuple(Role),
    Purpose.REPAIR: tuple(Role),
}

# Who opens what was covered: those who answer for the community, and nobody who only checks or keeps the machine.
UNCOVERERS = (Role.COMMITTEE_MEMBER,)


def is_shown(actor: Actor, photo: Photo) -> bool:
    """May look at the photo as anybody, or as one of the residents, may; not for a part they have in it."""
    if photo.owner_key is None or photo.visibility is Visibility.STAFF:
        return False
    if photo.visibility is Visibility.PUBLIC:
        return True
    return actor.user_id is not None and actor.community_id == photo.community_id and (
        actor.resident_id is not None or actor.has_role_within(*Role))


def can_see(actor: Actor, photo: Photo) -> bool:
    """May look at the photo. Of another community's only public ones."""
    if is_shown(actor, photo):
        return True
    if actor.user_id is None or actor.community_id != photo.community_id:
        return False
    if photo.created_by == actor.user_id:
        return True
    if photo.resident_id is not None and photo.resident_id == actor.resident_id:
        return True
    return photo.owner_key is not None and actor.has_role_within(*LOOKS_AT[photo.purpose])


def can_read(actor: Actor, paper: PaperFile) -> bool:
    """May take a document out: residents and staff of its community, or its staff alone, by its visibility."""
    if paper.visibility is Visibility.PUBLIC:
        return True
    if actor.user_id is None or actor.community_id != paper.community_id:
        return False
    if paper.visibility is Visibility.RESIDENTS:
        return actor.resident_id is not None or actor.has_role_within(*Role)
    return actor.has_role_within(*LOOKS_AT[paper.purpose])


def can_cover(actor: Actor, photo: Photo) -> bool:
    """May draw black boxes: whoever of the desk looks at photos of this purpose, once the photo hangs somewhere."""
    coverers = tuple(role for role in LOOKS_AT[photo.purpose] if role in DESK)
    return (photo.owner_key is not None and actor.user_id is not None and actor.community_id == photo.community_id
            and actor.has_role_within(*coverers))


def can_uncover(actor: Actor, photo: Photo) -> bool:
    """May look at the uncovered picture and take the boxes away again: the committee, where it may cover."""
    return can_cover(actor, photo) and actor.has_role_within(*UNCOVERERS)


def is_own(actor: Actor, photo: Photo) -> bool:
    """Sent by this user (or by the system itself, for the system)."""
    return actor.is_system or (actor.user_id is not None and photo.created_by == actor.user_id)
