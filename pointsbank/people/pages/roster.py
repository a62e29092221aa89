"""The roster from Excel: sent, looked through, taken over by the worker while the page shows how far it is."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank.core.db import get_scoped
from pointsbank.core.errors import DomainError, Invalid, NotFound
from pointsbank.core.formats import is_chinese
from pointsbank.core.jobs import Job, JobState
from pointsbank.core.web import (
    back_to,
    begin_write,
    current_actor,
    flash_done,
    form_refused,
    guard,
    reads_first,
    render,
    xlsx_response,
)
from pointsbank.people import jobs, roster
from pointsbank.people.errors import ImportRefused
from pointsbank.people.forms import ImportForm
from pointsbank.people.pages.room import bp
from pointsbank.people.roles import OFFICE


@bp.get("/desk/residents/import")
@guard.staff(*OFFICE)
def import_page() -> Response:
    """Choose a file."""
    return render("people/import_page.html", form=ImportForm(formdata=None))


@bp.get("/desk/residents/template.xlsx")
@guard.staff(*OFFICE)
def import_template() -> Response:
    """An empty roster to fill in."""
    return xlsx_response("roster", roster.template(english=not is_chinese()))


@bp.post("/desk/residents/import")
@guard.staff(*OFFICE)
@reads_first
def upload() -> Response:
    """Look a file through; nothing is taken over yet."""
    form = ImportForm()
    try:
        if not form.validate():
            raise Invalid
        raw = form.file.data.read()
        planned = roster.plan(current_actor(), raw)
    except DomainError as refusal:
        return form_refused("people/import_page.html", form, refusal)
    begin_write()
    job = jobs.keep_upload(current_actor(), raw, planned, form.file.data.filename or "")
    return back_to("people.import_job", job_id=job.id)


def _job(job_id: int, *, lock: bool = False) -> Job:
    job = get_scoped(Job, job_id, current_actor().community_id, lock=lock)
    if job.kind not in {jobs.UPLOAD, jobs.IMPORT}:
        raise NotFound
    return job


@bp.get("/desk/residents/import/<int:job_id>")
@guard.staff(*OFFICE)
def import_job(job_id: int) -> Response:
    """What the file would do, how far it is, what it did."""
    job = _job(job_id)
    said = job.result if job.state is JobState.DONE and job.result else job.arguments
    faults = [roster.Fault(f["row"], f["text"], f["params"]) for f in said.get("faults", [])]
    waits = job.kind == jobs.IMPORT and job.state in {JobState.WAITING, JobState.RUNNING}
    return render("people/import_job.html", job=job, about=job.arguments, faults=faults, waits=waits,
                  is_preview=job.kind == jobs.UPLOAD, percent=job.done * 100 // max(job.total, 1), states=JobState)


@bp.post("/desk/residents/import/<int:job_id>/start")
@guard.staff(*OFFICE)
def start_import(job_id: int) -> Response:
    """Hand it to the worker: everything, or the good rows only."""
    job = _job(job_id, lock=True)
    good_only = request.form.get("rows") == "good"
    if job.kind == jobs.UPLOAD:
        if job.payload is None:
            raise NotFound
        if job.arguments["fault_count"] and not good_only:
            raise ImportRefused(count=job.arguments["fault_count"])
        jobs.start_import(job, good_rows_only=good_only)
    return back_to("people.import_job", job_id=job_id)


@bp.post("/desk/residents/import/<int:job_id>/drop")
@guard.staff(*OFFICE)
def drop_import(job_id: int) -> Response:
    """Throw the file away."""
    job = _job(job_id, lock=True)
    if job.kind == jobs.UPLOAD:
        job.payload, job.state = None, JobState.FAILED
    flash_done(_("The file was thrown away. Nothing was taken over."))
    return back_to("people.import_page")
