"""Exact shares of the answers (加权选项占比): what a scheme scores, from the counted sheets of one campaign."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
from sqlalchemy.orm import Session

from sampling.errors import SamplingError
from sampling.ranks import nine_places
from survey_models.campaigns import service as campaigns
from survey_models.campaigns import tallies
from survey_models.campaigns.estimation import STRATIFIED_MEAN
from survey_models.campaigns.tables import Campaign
from survey_models.questionnaires.rules import ASPECT, BLANK, INVALID, SINGLE, UNIT, Form
from survey_models.results import queries, service
from survey_models.results.estimates import estimate
from survey_models.results.failures import problem_of
from survey_models.results.rules import scale_of
from survey_models.results.sheets import read_sheets
from survey_models.results.tables import Result
from survey_models.results.traces import Sums, sums_of
from survey_models.results.weights import calibrate, weights_of

UNMARKED = {BLANK: "未填", INVALID: "无效"}


@dataclass(frozen=True)
class UnitShares:
    """One unit's answers, options by their Chinese words.

    ``counts``: sheets, blank and invalid ones beside; ``shares``: weighted shares of the judging options, sum 1, exact
    where weights are rational and at nine places where they are calibrated; ``se``: of the score, nine places.
    """

    n: int
    judging: int
    counts: Mapping[str, int]
    shares: Mapping[str, Fraction] | None
    score: Fraction | None
    se: Decimal | None


def current(session: Session, campaign_id: str, *, by: str, at: datetime) -> Result:
    """The newest result, computed now where there is none or where sheets were set aside since.

    Raises 409 before counting, and whatever computing raises.
    """
    campaign = campaigns.get(session, campaign_id)
    campaigns.refuse_before_counted(session, campaign)
    newest = queries.latest(session, campaign_id)
    counted = tallies.tally(session, campaigns.form_of(session, campaign), campaign_id)
    if newest is None or newest.inputs_digest != campaigns.tally_digest(counted, campaign.tally_blind):
        return service.run(session, campaign_id, by=by, at=at)
    return newest


def shares_of(session: Session, campaign_id: str, *, aspect: str | None = None) -> dict[str, UnitShares]:
    """The shares of every unit that the campaign asks about; with ``aspect``: of the answers in that respect.

    Also of units whose score stands withheld in the campaign's own result: a component adds up what is too small to
    be shown by itself. Raises ``result_missing`` before the first result, 409 before counting.
    """
    campaign = campaigns.get(session, campaign_id)
    result = service.latest(session, campaign_id)
    form = campaigns.form_of(session, campaign)
    asked = form if aspect is None else in_respect(form, aspect)
    try:
        found = _computed(session, campaign, asked, seed=result.inputs_digest, with_errors=aspect is not None)
    except SamplingError as error:
        raise problem_of(error) from error
    if aspect is not None:
        return {asked.items[asked.place[key]].unit: one for key, one in found.items()}
    errors = {row.unit_code: row.se for row, _ in service.rows(session, result)}
    return {unit: replace(one, se=_decimal(errors.get(unit))) for unit, one in found.items()}


def in_respect(form: Form, aspect: str) -> Form:
    """The form as if its units were asked about in one respect (方面) alone: the same places, the same sheets."""

    def seen(kind: str, code: str) -> str:
        if kind == ASPECT and code == aspect:
            return UNIT
        return SINGLE if kind in {UNIT, ASPECT} else kind

    return replace(form, items=tuple(replace(item, kind=seen(item.kind, item.aspect)) for item in form.items))


def _computed(
    session: Session, campaign: Campaign, form: Form, *, seed: str, with_errors: bool
) -> dict[str, UnitShares]:
    cells = campaigns.cells_of(session, campaign.id)
    if not cells or not form.units:
        return {}
    design = service.design_of(session, campaign, cells)
    sheets = read_sheets(form, cells, service.variants_of(session, campaign.id, cells))
    weights = weights_of(design.layers, sheets.by_stratum(), design.stated.nonresponse)
    calibration = calibrate(sheets, weights, design.stated.margins, cap=design.stated.trim_cap)
    scale, mean = scale_of(form), design.stated.estimator == STRATIFIED_MEAN
    sums = sums_of(sheets, weights, scale, calibration=calibration, by_stratum=mean)
    errors: list[Decimal | None] = [None] * len(sums)
    if with_errors:
        estimates = estimate(sheets, design, weights, calibration, scale=scale, seed=seed)
        errors = [nine_places(value) if np.isfinite(value) else None for value in estimates.se.tolist()]
    words = {option.code: option.label for option in form.unit_scale} | UNMARKED
    judging = {option.code for option in form.unit_scale if option.score is not None}
    return {
        form.items[place].key: _unit(one, words, judging, se)
        for place, one, se in zip(form.units, sums, errors, strict=True)
    }


def _unit(sums: Sums, words: Mapping[str, str], judging: Collection[str], se: Decimal | None) -> UnitShares:
    counts = dict(zip(sums.codes, sums.counts, strict=True))
    weighted = dict(zip(sums.codes, sums.weighted, strict=True))
    return UnitShares(
        n=sums.n,
        judging=sum(counts[code] for code in judging),
        counts={words[code]: number for code, number in counts.items()},
        shares={words[code]: weighted[code] / sums.weight for code in sums.codes if code in judging}
        if sums.weight
        else None,
        score=sums.score,
        se=se,
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
