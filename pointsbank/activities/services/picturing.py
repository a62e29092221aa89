"""Photos of an activity: hung up by whoever leads it, the first one is its cover, taken down by the desk as well."""

from __future__ import annotations

from collections.abc import Sequence

from pointsbank.activities import policy
from pointsbank.activities.errors import Cancelled, NotLeader
from pointsbank.activities.models import Activity, ActivityState
from pointsbank.activities.services.planning import led
from pointsbank.core.actor import Actor
from pointsbank.core.db import get_scoped
from pointsbank.core.errors import NotFound
from pointsbank.media import services as media
from pointsbank.media.models import Photo, Purpose, Visibility
from pointsbank.media.services import Prepared


def add_photos(actor: Actor, activity_id: int, prepared: Sequence[Prepared] = (), *,
               photo_ids: Sequence[int] = ()) -> list[Photo]:
    """Hang photos up: prepared ones, and those that the actor sent before for an activity. At most nine in all.

    They are seen by whoever may see the activity. Raises NotFound, :class:`NotLeader`, :class:`Cancelled` and what
    ``media.attach`` raises.
    """
    activity = led(actor, activity_id)
    if activity.state is ActivityState.CANCELLED:
        raise Cancelled
    sent = [media.store(actor, None, "", Purpose.ACTIVITY, each).id for each in prepared]
    hung = media.attach(actor, [*sent, *photo_ids], activity.photo_key, purpose=Purpose.ACTIVITY)
    if activity.state is ActivityState.DRAFT:
        media.show_to(actor, activity.photo_key, Visibility.STAFF)
    return hung


def put_cover(actor: Actor, activity_id: int, photo_id: int) -> Photo:
    """Choose the photo that lists show. Raises NotFound and :class:`NotLeader`."""
    return media.put_first(actor, led(actor, activity_id).photo_key, photo_id)


def remove_photo(actor: Actor, activity_id: int, photo_id: int) -> None:
    """Take a photo down for good; the desk may as well. Raises NotFound and :class:`NotLeader`."""
    activity = get_scoped(Activity, activity_id, actor.community_id, lock=True)
    if not policy.may_take_down(actor, activity):
        raise NotLeader
    if not media.detach(actor, activity.photo_key, [photo_id]):
        raise NotFound
