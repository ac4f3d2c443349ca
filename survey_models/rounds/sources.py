"""Which campaigns, schemes and aspects a scheme reads (得分来源): pure."""

from __future__ import annotations

from survey_models.schemes.fitting import leaves
from survey_models.schemes.language import Scheme
from survey_models.schemes.sources import Ratings, Reference, Survey


def surveys_of(scheme: Scheme) -> list[Survey]:
    """Every survey component."""
    return [part.source for part in leaves(scheme) if isinstance(part.source, Survey)]


def scored_kinds(scheme: Scheme) -> dict[str, tuple[str, ...]]:
    """The kinds of campaigns that a component reads, each with the aspects that it reads; a share of 0 is none."""
    found: dict[str, dict[str, None]] = {}
    for survey in surveys_of(scheme):
        for share in (one for one in survey.campaigns if one.share or survey.combine == "pooled"):
            found.setdefault(share.campaign, {}).update(dict.fromkeys(survey.aspects))
    return {kind: tuple(aspects) for kind, aspects in found.items()}


def references(scheme: Scheme) -> dict[str, str]:
    """The lines that take over scores, by id, each with the scheme whose rounds it reads."""
    found = ((part.id, part.source) for part in leaves(scheme))
    return {part: source.scheme for part, source in found if isinstance(source, Reference)}


def referred(scheme: Scheme) -> tuple[str, ...]:
    """The schemes whose rounds are read."""
    return tuple(dict.fromkeys(references(scheme).values()))


def reads_ratings(scheme: Scheme) -> bool:
    """Whether window ratings are read."""
    return any(isinstance(part.source, Ratings) for part in leaves(scheme))
