"""The room's blueprint, and what its pages share."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, url_for

from pointsbank.communities import queries as communities
from pointsbank.core import clock
from pointsbank.core.errors import DomainError, Invalid, NotFound, lazy
from pointsbank.core.web import Room, current_actor
from pointsbank.honours import wording
from pointsbank.honours.queries import certificates as papers
from pointsbank.people import queries as people

bp = Room("honours", "pointsbank.honours.pages")


@bp.record_once
def _words(state: Any) -> None:
    # Macros that are imported see globals only, no context of the page.
    state.app.jinja_env.globals["honour_words"] = wording


def community() -> int:
    """The community acted in. Raises NotFound without one."""
    community_id = current_actor().community_id
    if community_id is None:
        raise NotFound
    return community_id


def checked(form: Any) -> None:
    """Raises Invalid when the shape of a form is wrong; its fields then carry their sentences."""
    if not form.validate():
        raise Invalid


def show_refusal(form: Any, refusal: DomainError) -> None:
    """Put a refusal's sentences beside the fields of a form that shares its page with others."""
    for name, text in refusal.fields.items():
        if name in form:
            form[name].errors = [str(text)]
    form.form_errors = [refusal.sentence]


def meant(text: str | None) -> int:
    """The one resident of this community meant by a name, phone or card number. Raises Invalid."""
    found = list(people.search_residents(community(), text or "", limit=3)) if (text or "").strip() else []
    exact = [one for one in found if one.name == (text or "").strip()]
    if len(exact) == 1:
        return exact[0].id
    if len(found) != 1:
        raise Invalid(fields={"person": lazy("Several people fit. Write the whole name, or the card number.") if found
                              else lazy("Nobody here goes by this name or number.")})
    return found[0].id


def household_numbers(community_id: int, resident_ids: list[int]) -> dict[int, str]:
    """Each resident's household number today, empty without one."""
    homes = people.household_on(community_id, resident_ids, clock.today())
    return {i: home.number if home is not None else "" for i, home in homes.items()}


def unlisted(answer: Response) -> Response:
    """Search engines keep nothing of it."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer


def proof(kind: str, row_id: int, year: int | None, number: int | None, community_id: int) -> dict[str, str]:
    """What stands on a printed certificate so that it can be checked: number, code, and the address in the QR."""
    full = papers.full_number(communities.area(community_id).code, year, kind, number)
    code = papers.code_of(kind, row_id)
    address = url_for("honours.check", number=full, code=code)
    return {"number": full, "code": f"{code[:4]} {code[4:]}", "address": current_app.config["BASE_URL"] + address}
