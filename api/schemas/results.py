"""Wire form of results."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from sampling.ranks import round_half_up
from survey_models.results.open_column import OpenUnit, units_of
from survey_models.results.service import UnitSteps
from survey_models.results.tables import Result, ResultRow

# Of results computed before campaigns stated it.
USUAL_CONFIDENCE = "0.95"


class ResultRowView(BaseModel):
    """One unit. Figures are decimal text; ``printed`` is the score as it is published. Rates are per cent."""

    unit: str
    name: str
    category: str
    position: int
    n: int
    n_judging: int
    score: str | None
    printed: str | None
    se: str | None
    ci_low: str | None
    ci_high: str | None
    n_eff: str | None
    satisfied_rate: str | None
    dont_know_rate: str | None
    unweighted: str | None
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    ranked_of: int

    @classmethod
    def of(cls, row: ResultRow, name: str, *, ranked_of: int) -> ResultRowView:
        """The row with its printed score."""
        same = ("n", "n_judging", "score", "se", "ci_low", "ci_high", "n_eff", "satisfied_rate", "dont_know_rate")
        return cls(
            unit=row.unit_code,
            name=name,
            category=row.category,
            position=row.position,
            printed=None if row.score is None else f"{round_half_up(Decimal(row.score)):f}",
            unweighted=row.unweighted,
            rank=row.rank,
            rank_low=row.rank_low,
            rank_high=row.rank_high,
            ranked_of=ranked_of,
            **{field: getattr(row, field) for field in same},
        )


class BorderView(BaseModel):
    """Who may be, and who surely is, among the first or last ``k`` of a category, at the stated confidence."""

    category: str
    end: str
    k: int
    possible: list[str]
    certain: list[str]


class FigureView(BaseModel):
    """One number of a step, as text; ``value_en`` differs where the value is a word."""

    label: str
    label_en: str
    value: str
    value_en: str


class StepView(BaseModel):
    """One step of the computation (计算步骤), in the order of the computation.

    ``zh`` and ``en`` are whole sentences for print; ``title`` and ``figures`` say the same in pieces.
    """

    key: str
    title: str
    title_en: str
    zh: str
    en: str
    figures: list[FigureView]


class CorrectionView(BaseModel):
    """Sheets that two people set aside together: by which act, where, why and how many."""

    act: int
    scope: dict[str, Any]
    reason: str
    sheets: int


class AsideView(BaseModel):
    """Sheets set aside. ``scores``: by unit the printed score with them, null where it would show too few people.

    ``scores`` is null as a whole where fewer than ten sheets were set aside.
    """

    sheets: int
    by: list[CorrectionView]
    scores: dict[str, str | None] | None

    @classmethod
    def of(cls, stored: dict[str, Any]) -> AsideView:
        """As it is stored with the result."""
        scores = stored["scores"] and {
            unit: None if score is None else f"{round_half_up(Decimal(score)):f}"
            for unit, score in stored["scores"].items()
        }
        return cls(sheets=stored["sheets"], by=stored["by"], scores=scores)


class OpenUnitView(BaseModel):
    """One unit by the open QR (参考：网络扫码), unweighted, for reference only: no part of any score.

    ``difference``: from the sample's score; ``differs``: more than chance explains, all units together, by
    ``p_adjusted`` (Holm, 5 %); ``reference``: calibrated to the stated margins. Null: withheld or not computed.
    """

    unit: str
    n_judging: int
    score: str | None
    printed: str | None
    difference: str | None
    p_adjusted: str | None
    differs: bool | None
    reference: str | None

    @classmethod
    def of(cls, found: OpenUnit) -> OpenUnitView:
        """As it is stored, with the score as it is printed."""
        printed = None if found.score is None else f"{round_half_up(Decimal(found.score)):f}"
        return cls(**asdict(found), printed=printed)


class ResultView(BaseModel):
    """A result: method first, then the units in the order of the questionnaire.

    ``open_sheets``: sheets of the open QR, never counted; ``open`` is empty where they are none or too few.
    """

    campaign: str
    result_id: uuid.UUID
    no: int
    at: datetime
    estimator: str
    ballots: int
    inputs_digest: str
    result_digest: str
    method: list[str]
    method_en: list[str]
    confidence: str
    estimation_digest: str | None
    steps: list[StepView]
    borders: list[BorderView]
    set_aside: AsideView | None
    open_sheets: int
    open: list[OpenUnitView]
    rows: list[ResultRowView]

    @classmethod
    def of(cls, result: Result, rows: list[tuple[ResultRow, str]]) -> ResultView:
        """The result as it is shown."""
        ranked: dict[str, int] = {}
        for row, _ in rows:
            ranked[row.category] = ranked.get(row.category, 0) + (row.rank is not None)
        return cls(
            campaign=result.campaign_id,
            result_id=result.id,
            no=result.no,
            at=result.made_at,
            estimator=result.estimator,
            ballots=result.ballots,
            inputs_digest=result.inputs_digest,
            result_digest=result.result_digest,
            method=result.method["zh"],
            method_en=result.method["en"],
            confidence=result.method.get("confidence", USUAL_CONFIDENCE),
            estimation_digest=result.method.get("estimation", {}).get("digest"),
            steps=[StepView.model_validate(step) for step in result.method.get("steps", [])],
            borders=[BorderView.model_validate(border) for border in result.method.get("borders", [])],
            set_aside=AsideView.of(aside) if (aside := result.method.get("set_aside")) else None,
            open_sheets=(result.method.get("open") or {}).get("sheets", 0),
            open=[OpenUnitView.of(unit) for unit in units_of(result.method).values()],
            rows=[ResultRowView.of(row, name, ranked_of=ranked[row.category]) for row, name in rows],
        )


class OptionCount(BaseModel):
    """One answer to a unit: sheets, and their weight. ``-`` is blank, ``!`` invalid; options with a score judge."""

    code: str
    label: str
    label_en: str
    score: str | None
    n: int
    weighted: str


class UnitStepsView(BaseModel):
    """How one unit's score was computed (得分的计算过程). Figures are decimal text; all empty where it is withheld.

    ``points``: the sum of weight × score over ``options``, ``weight``: the sum of the weights that judge; the score
    is one over the other. ``t``: the quantile of ``df`` degrees of freedom that makes the interval from the error.
    ``options`` is empty where so few people answered, or all alike, that it would tell what each of them said.
    """

    campaign: str
    result_id: uuid.UUID
    unit: str
    name: str
    category: str
    withheld: bool
    confidence: str
    options: list[OptionCount]
    points: str | None
    weight: str | None
    score: str | None
    printed: str | None
    se: str | None
    df: int | None
    t: str | None
    ci_low: str | None
    ci_high: str | None
    n: int
    n_judging: int
    n_eff: str | None
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    ranked_of: int
    sentence: str
    sentence_en: str

    @classmethod
    def of(cls, found: UnitSteps) -> UnitStepsView:
        """The kept trace with the words of the questionnaire."""
        row, trace = found.row, found.row.trace or {}
        words = {option.code: option for option in found.options}
        same = ("score", "se", "ci_low", "ci_high", "n", "n_judging", "n_eff", "rank", "rank_low", "rank_high")
        return cls(
            campaign=found.result.campaign_id,
            result_id=found.result.id,
            unit=row.unit_code,
            name=found.name,
            category=row.category,
            withheld=row.score is None,
            confidence=found.confidence,
            options=[
                OptionCount(
                    code=code,
                    label=words[code].label,
                    label_en=words[code].label_en,
                    score=None if words[code].score is None else str(words[code].score),
                    n=n,
                    weighted=weighted,
                )
                for code, n, weighted in trace.get("options", [])
            ],
            points=trace.get("points"),
            weight=trace.get("weight"),
            df=trace.get("df"),
            t=trace.get("t"),
            printed=None if row.score is None else f"{round_half_up(Decimal(row.score)):f}",
            ranked_of=found.ranked_of,
            sentence=found.sentence[0],
            sentence_en=found.sentence[1],
            **{field: getattr(row, field) for field in same},
        )
