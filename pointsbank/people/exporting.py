"""A whole list as a workbook. Made before the lock: some thousand rows take the processor a second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from pointsbank.core import sheets
from pointsbank.core.actor import Actor
from pointsbank.core.masking import mask_phone
from pointsbank.people import listing, services
from pointsbank.people.models import ExportKind, ExportRequest
from pointsbank.people.texts import EXPORT_NAMES


@dataclass(frozen=True)
class Workbook:
    """The file, what it is called, and how many rows it holds below its headings."""

    name: str
    content: bytes
    rows: int


def workbook(actor: Actor, export_id: int) -> Workbook:
    """The list as it is now, for who may take it along. Raises what :func:`services.downloadable` raises.

    Names are whole: two people stand for that. Phone numbers stay masked here as well.
    """
    request = services.downloadable(actor, export_id)
    rows = _residents(actor, request) if request.kind is ExportKind.RESIDENTS else _households(actor, request)
    content = sheets.write_xlsx(_(EXPORT_NAMES[request.kind]), _headings(request.kind), rows)
    return Workbook(request.kind.value, content, len(rows))


def _headings(kind: ExportKind) -> Sequence[str]:
    if kind is ExportKind.RESIDENTS:
        return [_("Name"), _("Household number"), _("Relation to the head"), _("Phone number"), _("Building or grid")]
    return [_("Household number"), _("Head"), _("Members"), _("Building or grid")]


def _residents(actor: Actor, request: ExportRequest) -> list[list[Any]]:
    found = listing.all_residents(actor, text=request.search, left=request.moved_out)
    return [[r.resident.name, r.number, r.relation, mask_phone(r.resident.phone or ""), r.place] for r in found]


def _households(actor: Actor, request: ExportRequest) -> list[list[Any]]:
    found = listing.all_households(actor, text=request.search)
    return [[r.household.number, r.head, r.members, r.place] for r in found]
