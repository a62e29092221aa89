"""Photos of an activity: hung up and ordered on the leader's page, taken down there or at the desk."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from pointsbank.activities import policy, services
from pointsbank.activities.forms import PhotosForm
from pointsbank.activities.pages import bp
from pointsbank.activities.pages.leading import lead_page
from pointsbank.core.errors import DomainError, Invalid, lazy
from pointsbank.core.web import back_to, begin_write, current_actor, flash_done, guard, reads_first
from pointsbank.media import services as media


@bp.post("/lead/activities/<int:activity_id>/photos")
@guard.staff(*policy.LEADERS)
@reads_first
def add_photos(activity_id: int) -> Response:
    """Hang photos up. They are checked and re-encoded before anything is locked."""
    form = PhotosForm()
    try:
        prepared = media.prepare_uploads(request.files.getlist("photos"))
        if not prepared:
            raise Invalid(fields={"photos": lazy("Please choose a photo.")})
        begin_write()
        services.add_photos(current_actor(), activity_id, prepared)
    except DomainError as refusal:
        return lead_page(activity_id, form, refusal)
    flash_done(ngettext("%(num)d photo hangs there now.", "%(num)d photos hang there now.", len(prepared)))
    return back_to("activities.lead_activity", activity_id=activity_id)


@bp.post("/lead/activities/<int:activity_id>/photos/<int:photo_id>/cover")
@guard.staff(*policy.LEADERS)
def put_cover(activity_id: int, photo_id: int) -> Response:
    """Choose the one that lists show."""
    services.put_cover(current_actor(), activity_id, photo_id)
    flash_done(_("This is the cover now."))
    return back_to("activities.lead_activity", activity_id=activity_id)


@bp.post("/lead/activities/<int:activity_id>/photos/<int:photo_id>/remove")
@guard.staff(*policy.LEADERS)
def remove_photo(activity_id: int, photo_id: int) -> Response:
    """Take one down."""
    services.remove_photo(current_actor(), activity_id, photo_id)
    flash_done(_("The photo is taken down."))
    return back_to("activities.lead_activity", activity_id=activity_id)


@bp.post("/desk/activities/<int:activity_id>/photos/<int:photo_id>/remove")
@guard.staff(*policy.APPROVERS)
def desk_remove_photo(activity_id: int, photo_id: int) -> Response:
    """Take down a photo that should not hang there."""
    services.remove_photo(current_actor(), activity_id, photo_id)
    flash_done(_("The photo is taken down."))
    return back_to("activities.desk_activity", activity_id=activity_id)
