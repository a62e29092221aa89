"""Rows of the answers: which names the standard has, and what stands in them here."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext as _

from pointsbank.cases.models import CaseState, Category
from pointsbank.open311 import wording
from pointsbank.open311.answering import Row, when
from pointsbank.open311.queries.requests import CLOSED, Shown, Told, code_of

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
SINCE = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
FORMATS = ["text/xml", "application/json"]


def discovery(base: str) -> Row:
    """Where everything is. ``base`` is the address of the house."""
    return {
        "changeset": when(SINCE), "contact": _("The community office; its phone stands on the notice board."),
        "key_service": _("The community office gives keys out: %(address)s", address=f"{base}/open311"),
        "endpoints": [{"specification": SPECIFICATION, "url": f"{base}/open311/v2", "changeset": when(SINCE),
                       "type": "production", "formats": FORMATS}],
    }


def service(kind: Category) -> Row:
    """One kind of problem."""
    return {"service_code": code_of(kind.id), "service_name": kind.name, "description": wording.promise(kind),
            "metadata": True, "type": "realtime", "keywords": kind.name, "group": kind.group_code}


def definition(kind: Category) -> Row:
    """What may be told besides; nothing has to be. FixMyStreet fills both by itself (``automated``)."""
    asked = (("fixmystreet_id", wording.OWN_ID), ("closest_address", wording.NEAR))
    return {"service_code": code_of(kind.id), "attributes": [
        {"variable": True, "code": code, "datatype": "string", "required": False, "datatype_description": "",
         "order": order, "description": str(text), "automated": "server_set", "values": []}
        for order, (code, text) in enumerate(asked, 1)]}


def request(shown: Shown, base: str) -> Row:
    """One request: neutral words, no more of the place than everybody may know."""
    case = shown.case
    is_closed = shown.state in CLOSED
    return {
        "service_request_id": str(case.id), "status": "closed" if is_closed else "open",
        "status_notes": wording.stands(
            CaseState.MERGED if case.state is CaseState.MERGED and not is_closed else shown.state, shown.outcome),
        "service_name": shown.kind.name, "service_code": code_of(case.category_id), "description": shown.kind.name,
        "agency_responsible": shown.unit, "service_notice": wording.promise(shown.kind),
        "requested_datetime": when(case.opened_at), "updated_datetime": when(shown.updated_at),
        "expected_datetime": when(shown.due_at), "address": case.place if shown.is_own else shown.place,
        "address_id": str(case.place_id or ""), "zipcode": "", "lat": case.lat, "long": case.lon,
        "media_url": photo(shown.photo_key, base),
    }


def update(told: Told, base: str) -> Row:
    """One update."""
    return {"update_id": str(told.event.id), "service_request_id": str(told.event.case_id), "status": told.status,
            "updated_datetime": when(told.event.at), "description": told.text,
            "media_url": photo(told.photo_key, base), "external_status_code": told.event.after.value}


def photo(key: str, base: str) -> str:
    """The address of a public photo."""
    return f"{base}/media/{key}/full" if key else ""
