"""Lines of a scorecard that would tell what few people said (小样本不单列): counted in the total, never shown alone."""

from __future__ import annotations

from collections.abc import Iterable

from survey_models.campaigns.cells import SMALLEST
from survey_models.campaigns.tallies import SMALL_ALIKE
from survey_models.schemes.fitting import leaves
from survey_models.schemes.inputs import Answers, Inputs
from survey_models.schemes.language import Scheme
from survey_models.schemes.sources import Survey


def hidden_lines(scheme: Scheme, inputs: Inputs, unit: str) -> frozenset[str]:
    """Ids of the survey lines of a unit that rest on fewer than ten sheets, or on fewer than thirty that are alike."""
    found = set()
    for part in leaves(scheme):
        if isinstance(part.source, Survey) and any(small(one) for one in _read(part.source, inputs, unit)):
            found.add(part.id)
    return frozenset(found)


def _read(survey: Survey, inputs: Inputs, unit: str) -> Iterable[Answers]:
    for share in survey.campaigns:
        whole = inputs.answers.get((share.campaign, unit))
        if whole is not None and not survey.aspects:
            yield whole
        for aspect in survey.aspects:
            one = inputs.aspects.get((share.campaign, unit, aspect))
            if one is not None:
                yield one


def small(answers: Answers) -> bool:
    """Whether answers about one unit are too few, or too alike, to be shown alone; none at all are not."""
    alike = answers.n < SMALL_ALIKE and max(answers.counts.values(), default=0) == answers.n
    return 0 < answers.n < SMALLEST or (answers.n > 0 and alike)
