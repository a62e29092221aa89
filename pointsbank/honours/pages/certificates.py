"""Certificates at the desk: what is asked for, what hangs out, the register."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from pointsbank.communities import queries as communities
from pointsbank.communities import settings
from pointsbank.core import clock, sheets
from pointsbank.core.errors import DomainError
from pointsbank.core.formats import format_minutes
from pointsbank.core.masking import mask_name
from pointsbank.core.web import (
    back_to,
    current_actor,
    flash_done,
    form_refused,
    guard,
    render,
    status_of,
    xlsx_response,
)
from pointsbank.honours import policy, services, wording
from pointsbank.honours.forms import AnswerForm, ContactForm, CounterCertificateForm, WithdrawForm
from pointsbank.honours.models import CertificateState, ServiceCertificate
from pointsbank.honours.pages.room import bp, checked, community, household_numbers, meant, show_refusal
from pointsbank.honours.queries import certificates as papers
from pointsbank.honours.queries.certificates import SERVICE, full_number
from pointsbank.people import queries as people
from pointsbank.people.roles import DESK
from pointsbank.publicity import queries as notices
from pointsbank.publicity.models import NoticeState, PublicNotice


@bp.get("/desk/certificates")
@guard.staff(*DESK)
def certificates() -> BaseResponse:
    """What waits for somebody, and the register by number."""
    if request.args.get("format") == "xlsx":
        return _register(list(papers.whole_register(community())))
    waiting, page = papers.waiting(community()), papers.register(community(), cursor=request.args.get("cursor"))
    rows = [*waiting, *page.items]
    names = people.residents_by_id(community(), {row.resident_id for row in rows})
    boards = notices.notices_by_id(community(), {row.notice_id for row in rows if row.notice_id is not None})
    return render("honours/certificates.html", waiting=waiting, page=page, names=names, boards=boards,
                  to_list=sum(_is_unlisted(row, boards) for row in waiting),
                  code=communities.area(community()).code, full_number=full_number, kind=SERVICE)


def _is_unlisted(row: ServiceCertificate, boards: dict[int, PublicNotice]) -> bool:
    notice = boards.get(row.notice_id or 0)
    return row.state is CertificateState.PREPARED and (notice is None or notice.state is NoticeState.DISCARDED)


def _register(rows: list[ServiceCertificate]) -> BaseResponse:
    """The register as the rules ask for it: number, name (masked in a file), volunteer number, hours, days, who issued
    it and when."""
    names = people.residents_by_id(community(), {row.resident_id for row in rows})
    users = people.names_of_users([u for row in rows for u in (row.handler_id, row.responsible_id) if u is not None])
    code = communities.area(community()).code
    body = [[full_number(code, row.year, SERVICE, row.number), mask_name(names[row.resident_id].name),
             row.volunteer_number, format_minutes(row.minutes or 0), row.since_on.isoformat(), row.until_on.isoformat(),
             row.issuer, users.get(row.responsible_id or 0, ""), users.get(row.handler_id or 0, ""),
             row.handler_contact, row.issued_on.isoformat() if row.issued_on else "", wording.certificate_chip(row)[2]]
            for row in rows]
    headings = [_("Number"), _("Name"), _("Volunteer number"), _("Hours"), _("From"), _("Until"), _("Issuer"),
                _("Responsible"), _("Handled by"), _("Contact"), _("Issued on"), _("State")]
    return xlsx_response("certificates", sheets.write_xlsx(_("Register of certificates"), headings, body))


@bp.route("/desk/certificates/new", methods=["GET", "POST"])
@guard.staff(*policy.HELPERS)
def ask_certificate() -> BaseResponse:
    """Ask for somebody at the counter."""
    form = CounterCertificateForm()
    if request.method == "GET":
        form.since_on.data, form.until_on.data = clock.today().replace(month=1, day=1), clock.today()
        return render("honours/ask_certificate.html", form=form)
    try:
        checked(form)
        row = services.request_certificate(
            current_actor(), form.since_on.data, form.until_on.data, purpose=form.purpose.data or "",
            volunteer_number=form.volunteer_number.data or "", resident_id=meant(form.person.data))
    except DomainError as refusal:
        return form_refused("honours/ask_certificate.html", form, refusal)
    flash_done(_("Asked for, on behalf of this person."))
    return back_to("honours.certificate", certificate_id=row.id)


@bp.get("/desk/certificates/<int:certificate_id>")
@guard.staff(*policy.HELPERS, *DESK)
def certificate(certificate_id: int) -> Response:
    """One certificate with what is to be done next."""
    return _shown(certificate_id)


def _shown(certificate_id: int, status: int = 200, **forms: Any) -> Response:
    actor = current_actor()
    row = papers.certificate(actor, certificate_id)
    notice = notices.notices_by_id(row.community_id, [row.notice_id] if row.notice_id else []).get(row.notice_id or 0)
    hangs = notice is not None and notice.state is not NoticeState.DISCARDED
    users = [u for u in (row.requested_by_id, row.handler_id, row.responsible_id, row.withdrawn_by_id,
                         row.refused_by_id) if u is not None]
    contact = forms.get("contact") or ContactForm(
        formdata=None, contact=row.handler_contact or settings.of(row.community_id).objection_phone)
    numbers = household_numbers(row.community_id, [row.resident_id])
    is_prepared = row.state is CertificateState.PREPARED
    is_open = is_prepared or row.state is CertificateState.REQUESTED
    over = hangs and notice is not None and notice.state is NoticeState.CLOSED
    may = policy.may_decide(actor)
    return render(
        "honours/certificate.html", status, row=row, notice=notice if hangs else None,
        resident=people.resident(row.community_id, row.resident_id), home=numbers[row.resident_id],
        names=people.names_of_users(users), contact=contact, answer=forms.get("answer") or AnswerForm(formdata=None),
        withdrawal=forms.get("withdrawal") or WithdrawForm(formdata=None),
        number=full_number(communities.area(row.community_id).code, row.year, SERVICE, row.number),
        may_prepare=may and is_open and not hangs, may_list=may and is_prepared and not hangs,
        may_issue=may and is_prepared and over, may_refuse=may and is_open and (not hangs or over),
        may_withdraw=may and row.state is CertificateState.ISSUED, made_it=row.handler_id == actor.user_id)


@bp.post("/desk/certificates/<int:certificate_id>/prepare")
@guard.staff(*DESK)
def prepare_certificate(certificate_id: int) -> BaseResponse:
    """Gather the hours; whoever does is the handler."""
    form = ContactForm()
    try:
        checked(form)
        services.prepare(current_actor(), certificate_id, form.contact.data or "")
    except DomainError as refusal:
        show_refusal(form, refusal)
        return _shown(certificate_id, status_of(refusal), contact=form)
    flash_done(_("Prepared. Now it goes on the notice board for seven days."))
    return back_to("honours.certificate", certificate_id=certificate_id)


@bp.post("/desk/certificates/list")
@guard.staff(*DESK)
def list_certificates() -> BaseResponse:
    """A draft notice of everything that is prepared."""
    notice = services.draft_certificates(current_actor())
    flash_done(_("The draft is made. Now somebody else checks and publishes it."))
    return back_to("publicity.desk_notice", notice_id=notice.id)


@bp.post("/desk/certificates/<int:certificate_id>/issue")
@guard.staff(*DESK)
def issue_certificate(certificate_id: int) -> BaseResponse:
    """The second person, who is responsible, issues it."""
    services.issue(current_actor(), certificate_id)
    flash_done(_("Issued. Print it, stamp it, and hand it over; it is free."))
    return back_to("honours.certificate", certificate_id=certificate_id)


@bp.post("/desk/certificates/<int:certificate_id>/refuse")
@guard.staff(*DESK)
def refuse_certificate(certificate_id: int) -> BaseResponse:
    """There will be none, and why."""
    form = AnswerForm()
    try:
        checked(form)
        services.refuse(current_actor(), certificate_id, form.answer.data or "")
    except DomainError as refusal:
        show_refusal(form, refusal)
        return _shown(certificate_id, status_of(refusal), answer=form)
    flash_done(_("Refused. The resident has been told."))
    return back_to("honours.certificates")


@bp.post("/desk/certificates/<int:certificate_id>/withdraw")
@guard.staff(*DESK)
def withdraw_certificate(certificate_id: int) -> BaseResponse:
    """Declare an issued one void."""
    form = WithdrawForm()
    try:
        checked(form)
        services.withdraw(current_actor(), certificate_id, form.because.data or "")
    except DomainError as refusal:
        show_refusal(form, refusal)
        return _shown(certificate_id, status_of(refusal), withdrawal=form)
    flash_done(_("Withdrawn. Whoever checks the number sees that it is void."))
    return back_to("honours.certificate", certificate_id=certificate_id)
