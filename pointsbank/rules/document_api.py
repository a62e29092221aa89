"""JSON routes around a standard: templates, rounds of comments, comments, differences, resolutions."""

from __future__ import annotations

from typing import Any

from flask import url_for

from pointsbank.core.api import ApiRoom, PageInput
from pointsbank.core.db import get_scoped
from pointsbank.core.errors import NotFound
from pointsbank.core.web import current_actor, guard
from pointsbank.media import queries as media
from pointsbank.people.roles import DESK
from pointsbank.publicity.models import PublicNotice
from pointsbank.rules import papers, policy, queries, services
from pointsbank.rules.document_schemas import (
    AnswerInput,
    BoundsInput,
    CommentInput,
    CommentView,
    DifferencesView,
    NoticeMadeView,
    OtherInput,
    PagedCommentView,
    PagedTemplateView,
    ResolutionView,
    RoundInput,
    RoundView,
    TemplateInput,
    TemplateView,
    WholeTemplateView,
    shown_differences,
)
from pointsbank.rules.evaluation import WideCap
from pointsbank.rules.models import CommentRound, CommentState, ScoringStandard, StandardComment, TemplateState
from pointsbank.rules.schemas import DraftInput, StandardView, rule_draft


def _community() -> int:
    community_id = current_actor().community_id
    if community_id is None:
        raise NotFound
    return community_id


def mount(api: ApiRoom) -> None:
    """Add these routes to the room's."""
    _templates(api)
    _rounds(api)
    _comments(api)
    _papers(api)


def _templates(api: ApiRoom) -> None:
    @api.get("/templates")
    @guard.staff(*DESK)
    @api.arguments(PageInput, location="query")
    @api.response(200, PagedTemplateView)
    def templates(values: dict[str, Any]) -> Any:
        """The templates issued above the community, newest first; a supervisor's own drafts with them."""
        actor = current_actor()
        own = [a.id for a in papers.areas_above(actor.area_path) if policy.may_write_template(actor, a.path)]
        return papers.templates(actor.area_path, drafts_of=own, **values)

    @api.get("/templates/<int:template_id>")
    @guard.staff(*DESK)
    @api.response(200, WholeTemplateView)
    def template(template_id: int) -> dict[str, Any]:
        """One template with its items and what may be changed of each."""
        return _whole(template_id)

    @api.post("/templates")
    @guard.staff(*policy.TEMPLATE_WRITERS)
    @api.arguments(TemplateInput)
    @api.response(201, TemplateView)
    def new_template(values: dict[str, Any]) -> Any:
        """A draft of a template of a county or town above."""
        return services.start_template(
            current_actor(), values["area_id"], values["title"], [rule_draft(one) for one in values["rules"]],
            caps=[WideCap(**cap) for cap in values["caps"]], note=values["note"])

    @api.put("/templates/<int:template_id>/bounds")
    @guard.staff(*policy.TEMPLATE_WRITERS)
    @api.arguments(BoundsInput)
    @api.response(200, WholeTemplateView)
    def template_bounds(values: dict[str, Any], template_id: int) -> dict[str, Any]:
        """What communities may make of a draft template."""
        items = {one.pop("code"): services.ItemBound(**one) for one in values["items"]}
        services.set_bounds(current_actor(), template_id, items, additions_most=values["additions_most"],
                            addition_points_most=values["addition_points_most"])
        return _whole(template_id)

    @api.post("/templates/<int:template_id>/issue")
    @guard.staff(*policy.TEMPLATE_WRITERS)
    @api.response(200, TemplateView)
    def issue_template(template_id: int) -> Any:
        """Hand a template to the communities below."""
        return services.issue_template(current_actor(), template_id)

    @api.delete("/templates/<int:template_id>")
    @guard.staff(*policy.TEMPLATE_WRITERS)
    @api.response(204)
    def discard_template(template_id: int) -> None:
        """Throw a draft of a template away."""
        services.discard_template(current_actor(), template_id)

    @api.post("/templates/<int:template_id>/drafts")
    @guard.staff(*policy.WRITERS)
    @api.arguments(DraftInput)
    @api.response(201, StandardView)
    def start_from_template(values: dict[str, Any], template_id: int) -> ScoringStandard:
        """A draft of the community with the items of a template; it stays bound to it."""
        return services.start_from_template(current_actor(), template_id, values["title"])


def _whole(template_id: int) -> dict[str, Any]:
    actor = current_actor()
    row = papers.template(actor.area_path, template_id)
    area = next(a for a in papers.areas_above(actor.area_path) if a.id == row.area_id)
    if row.state is TemplateState.DRAFT and not policy.may_write_template(actor, area.path):
        raise NotFound
    version = papers.template_version(row)
    items = [{"rule": rule, "points_percent": item.points_percent, "caps_percent": item.caps_percent,
              "may_drop": item.may_drop}
             for item, rule in zip(papers.template_items(row.id), version.rules, strict=True)]
    plain = {name: getattr(row, name) for name in TemplateView().fields}
    return {**plain, "items": items, "caps": version.caps}


def _rounds(api: ApiRoom) -> None:
    @api.post("/<int:standard_id>/rounds")
    @guard.staff(*policy.WRITERS)
    @api.arguments(RoundInput)
    @api.response(201, RoundView)
    def open_comments(values: dict[str, Any], standard_id: int) -> CommentRound:
        """Open a draft for comment; it is frozen until it is taken back or adopted."""
        return services.open_comments(current_actor(), standard_id, values["closes_on"], opens_on=values["opens_on"])

    @api.post("/<int:standard_id>/take-back")
    @guard.staff(*policy.WRITERS)
    @api.response(200, RoundView)
    def take_back(standard_id: int) -> CommentRound:
        """Make it a draft that can be changed; what was said stays."""
        return services.take_back(current_actor(), standard_id)

    @api.post("/<int:standard_id>/notice")
    @guard.staff(*policy.WRITERS)
    @api.response(201, NoticeMadeView)
    def announce(standard_id: int) -> PublicNotice:
        """A draft of a notice about what is open for comment, or was adopted."""
        return services.announce(current_actor(), standard_id)


def _comments(api: ApiRoom) -> None:
    @api.get("/<int:standard_id>/comments")
    @guard.signed_in
    @api.arguments(PageInput, location="query")
    @api.response(200, PagedCommentView)
    def comments(values: dict[str, Any], standard_id: int) -> dict[str, Any]:
        """What was said about a version that was open for comment, newest first, names masked."""
        community_id = _community()
        if papers.last_round(community_id, standard_id) is None:
            raise NotFound
        page = papers.comments(community_id, standard_id, **values)
        return {"items": _shown(page.items), "next": page.next}

    @api.post("/<int:standard_id>/comments")
    @guard.signed_in
    @api.arguments(CommentInput)
    @api.response(201, CommentView)
    def add_comment(values: dict[str, Any], standard_id: int) -> dict[str, Any]:
        """Say what one thinks, for the resident acted for or, with ``paper``, for somebody without a phone."""
        paper = services.PaperAuthor(**values.pop("paper")) if values["paper"] else values.pop("paper")
        return _shown([services.comment(current_actor(), standard_id, services.CommentDraft(**values), paper)])[0]

    @api.post("/comments/<int:comment_id>/withdraw")
    @guard.signed_in
    @api.response(200, CommentView)
    def withdraw_comment(comment_id: int) -> dict[str, Any]:
        """Take back what one said, as long as nobody answered."""
        return _shown([services.withdraw(current_actor(), comment_id)])[0]

    @api.post("/comments/<int:comment_id>/answer")
    @guard.staff(*policy.ADOPTERS)
    @api.arguments(AnswerInput)
    @api.response(200, CommentView)
    def answer_comment(values: dict[str, Any], comment_id: int) -> dict[str, Any]:
        """Answer in writing, once."""
        return _shown([services.answer(current_actor(), comment_id, values["answer"],
                                       accepted=values["accepted"])])[0]


def _shown(found: Any) -> list[dict[str, Any]]:
    """Comments as :class:`CommentView`: names masked, nothing of what was withdrawn."""
    names = papers.public_names(_community(), found)
    return [{**_plain(one), "author": names[one.id]} for one in found]


def _plain(one: StandardComment) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in CommentView().fields if name != "author"}
    if one.state is CommentState.WITHDRAWN:
        values |= {"text": "", "proposed_name": "", "proposed_points": None}
    return values


def _papers(api: ApiRoom) -> None:
    @api.get("/<int:standard_id>/difference")
    @guard.signed_in
    @api.arguments(OtherInput, location="query")
    @api.response(200, DifferencesView)
    def difference(values: dict[str, Any], standard_id: int) -> dict[str, Any]:
        """What changes from one version to this one, in sentences; drafts only for the desk."""
        drafts = policy.may_look(current_actor())
        known = [s for s in queries.standards(_community()) if drafts or not s.is_draft]
        row = next((s for s in known if s.id == standard_id), None)
        if row is None:
            raise NotFound
        wanted = values["other"]
        before = queries.compared_with(row)
        number = wanted if wanted is not None else before.number if before is not None else None
        other = next((s for s in known if s.number == number), None)
        if wanted is not None and other is None:
            raise NotFound
        loaded = queries.versions(row.community_id, [s for s in (row, other) if s is not None])
        found = queries.said_differences(loaded[other.id], loaded[row.id]) if other is not None else []
        return {"before": other, "after": row, "items": shown_differences(found)}

    @api.get("/<int:standard_id>/resolution")
    @guard.signed_in
    @api.response(200, ResolutionView)
    def resolution(standard_id: int) -> dict[str, Any]:
        """How a version was adopted, with the addresses of its minutes for members."""
        row = get_scoped(ScoringStandard, standard_id, _community())
        found = papers.resolution(row.community_id, row.id)
        if found is None:
            raise NotFound
        plain = {name: getattr(found, name) for name in ResolutionView().fields if name != "minutes"}
        return {**plain, "minutes": _minutes(row)}


def _minutes(row: ScoringStandard) -> list[str]:
    if not policy.may_read_minutes(current_actor(), row.community_id):
        return []
    key = papers.minutes_key(row.id)
    photos = media.photos_of(row.community_id, [key])[key]
    return [*(url_for("api_media.photo_file", key=photo.key, size="full") for photo in photos),
            *(url_for("media.paper", key=paper.key) for paper in media.papers_of(row.community_id, key))]
