"""What a draft has to be before anybody else reads it: not empty, without contradictions, within its template."""

from __future__ import annotations

from pointsbank.rules import papers, queries
from pointsbank.rules.bounds import excesses
from pointsbank.rules.drafts import from_rule
from pointsbank.rules.errors import BeyondTemplate, EmptyDraft, Unsound
from pointsbank.rules.evaluation import Version
from pointsbank.rules.faults import standard_faults
from pointsbank.rules.models import ScoringStandard


def check_sound(standard: ScoringStandard) -> Version:
    """The draft's items and caps. Raises EmptyDraft, Unsound, and BeyondTemplate naming the first item too much."""
    version = queries.version(standard.community_id, standard.id)
    if not version.rules:
        raise EmptyDraft
    drafts = [from_rule(rule) for rule in version.rules]
    for where, sentence in standard_faults(drafts, version.caps):
        raise Unsound(where=where, sentence=sentence)
    template = papers.origin(standard.community_id, standard.id)
    if template is not None and (found := list(excesses(papers.bounds_of(template), drafts, version.caps))):
        raise BeyondTemplate(found)
    return version
