"""The open QR beside a result (参考：网络扫码): its own column, never pooled, tested against the sample. Pure.

People who scan on their own accord have no known chance of being asked. Nothing here enters a score, an error or a
place; ``sampling.channels`` compares and calibrates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sampling.arrays import BoolArray, FloatArray, divide
from sampling.calibration import Margin
from sampling.channels import Adjustment, ReferenceScores, calibrated_reference, compare_channels
from sampling.errors import SamplingError
from sampling.ranks import nine_places
from sampling.scales import OptionScale
from survey_models.campaigns.answers import CellAnswers
from survey_models.campaigns.estimation import Estimation
from survey_models.campaigns.tallies import SMALL_ALIKE
from survey_models.questionnaires.rules import BLANK, INVALID, Form
from survey_models.results.rules import UnitScore, scale_of
from survey_models.results.sheets import Sheets, read_sheets
from survey_models.results.steps import Step

ALPHA = 0.05
ADJUSTMENT: Adjustment = "holm"


@dataclass(frozen=True)
class OpenUnit:
    """One unit in the open column, figures as decimal text; None where withheld or not to be computed.

    ``score``: unweighted mean of the open sheets that judge it; ``difference``: that minus the score of the sample;
    ``p_adjusted``, ``differs``: of the test for all units together; ``reference``: after calibration to the margins.
    """

    unit: str
    n_judging: int
    score: str | None = None
    difference: str | None = None
    p_adjusted: str | None = None
    differs: bool | None = None
    reference: str | None = None


@dataclass(frozen=True)
class OpenColumn:
    """The open sheets of a campaign. ``units`` is empty where they are fewer than ``min_cell``.

    ``items``: the background items of the calibration; ``calibrated``: sheets that carry them all, 0 where the
    campaign states no margin; ``reference``: whether these could be calibrated.
    """

    sheets: int
    min_cell: int
    units: tuple[OpenUnit, ...] = ()
    items: tuple[str, ...] = ()
    calibrated: int = 0
    reference: bool = False

    def as_dict(self) -> dict[str, Any]:
        """For the stored method."""
        return {
            "sheets": self.sheets,
            "min_cell": self.min_cell,
            "alpha": f"{ALPHA}",
            "adjustment": ADJUSTMENT,
            "items": list(self.items),
            "calibrated": self.calibrated,
            "reference": self.reference,
            "units": [asdict(unit) for unit in self.units],
        }


def units_of(method: Mapping[str, Any]) -> dict[str, OpenUnit]:
    """The stored open column by unit; empty where a result has none."""
    stored = method.get("open") or {}
    return {unit["unit"]: OpenUnit(**unit) for unit in stored.get("units", ())}


def open_column(
    form: Form, cells: Sequence[CellAnswers], units: Sequence[UnitScore], stated: Estimation
) -> OpenColumn | None:
    """The column beside ``units``, scored from the sample; None where nobody answered by the open QR."""
    number = sum(cell.sheets for cell in cells)
    if not number or not form.units:
        return None
    if number < stated.min_cell:
        return OpenColumn(number, stated.min_cell)
    sheets, scale = read_sheets(form, cells), scale_of(form)
    place = {form.items[at].key: column for column, at in enumerate(form.units)}
    columns = [place[unit.unit] for unit in units]
    codes = np.ascontiguousarray(sheets.codes[:, columns])
    whole, reference = _complete(sheets, stated), None
    if stated.margins and whole.sum() >= stated.min_cell:
        reference = _reference(sheets, codes, whole, stated, scale)
    return OpenColumn(
        number,
        stated.min_cell,
        units=tuple(_units(units, codes, scale, min_cell=stated.min_cell, reference=reference, whole=whole)),
        items=tuple(margin.item for margin in stated.margins),
        calibrated=int(whole.sum()) if stated.margins else 0,
        reference=reference is not None,
    )


def _complete(sheets: Sheets, stated: Estimation) -> BoolArray:
    """Sheets that carry every background item of the margins, (n,)."""
    whole = np.ones(sheets.n, dtype=np.bool_)
    for margin in stated.margins:
        whole &= ~np.isin(sheets.background[margin.item], [ord(BLANK), ord(INVALID)])
    return whole


def _reference(
    sheets: Sheets, codes: npt.NDArray[np.uint8], whole: BoolArray, stated: Estimation, scale: OptionScale
) -> ReferenceScores | None:
    """None where the open sheets cannot be calibrated: nobody of an age answered, say. The result stands without."""
    margins = []
    for known in stated.margins:
        people = sum(known.totals.values())
        totals = {ord(code): number / people for code, number in known.totals.items()}
        margins.append(Margin(name=known.item, category=sheets.background[known.item][whole], totals=totals))
    try:
        return calibrated_reference(codes[whole], scale=scale, margins=margins)
    except SamplingError:
        return None


def _units(
    units: Sequence[UnitScore],
    codes: npt.NDArray[np.uint8],
    scale: OptionScale,
    *,
    min_cell: int,
    reference: ReferenceScores | None,
    whole: BoolArray,
) -> list[OpenUnit]:
    shown = _may_show(codes, scale, min_cell)
    mean, error = spread(codes, scale)
    mean = np.where(shown, mean, np.nan)
    score = np.array([np.nan if unit.score is None else float(unit.score) for unit in units])
    se = np.array([np.nan if unit.se is None else float(unit.se) for unit in units])
    # Where all agree on both sides there is no spread to test against.
    error = np.where(se**2 + error**2 > 0, error, np.nan)
    found = compare_channels(score=score, se=se, open_score=mean, open_se=error, alpha=ALPHA, adjustment=ADJUSTMENT)
    adjusted = np.full(len(units), np.nan)
    if reference is not None:
        adjusted = np.where(shown & _may_show(codes[whole], scale, min_cell), reference.score, np.nan)
    judging = _judging(codes, scale).sum(axis=0)
    return [
        OpenUnit(
            unit=unit.unit,
            n_judging=int(judging[at]),
            score=_text(mean[at]),
            difference=_text(mean[at] - score[at]),
            p_adjusted=_text(found.p_adjusted[at]),
            differs=bool(found.flagged[at]) if np.isfinite(found.p_adjusted[at]) else None,
            reference=_text(adjusted[at]),
        )
        for at, unit in enumerate(units)
    ]


def spread(codes: npt.NDArray[np.uint8], scale: OptionScale) -> tuple[FloatArray, FloatArray]:
    """Unweighted mean of each unit and its standard error as if drawn at random, which serves the test alone; (U,)."""
    judging = _judging(codes, scale)
    value = np.zeros(256)
    value[scale.octets] = scale.values
    points, n = value[codes], judging.sum(axis=0).astype(np.float64)
    mean = divide((points * judging).sum(axis=0), n)
    squares = (np.where(judging, points - mean, 0.0) ** 2).sum(axis=0)
    return mean, np.sqrt(divide(squares, n * (n - 1)))


def _judging(codes: npt.NDArray[np.uint8], scale: OptionScale) -> BoolArray:
    return np.isin(codes, scale.octets[scale.judging_mask])


def _may_show(codes: npt.NDArray[np.uint8], scale: OptionScale, min_cell: int) -> BoolArray:
    """Units that at least ``min_cell`` sheets judge, and not fewer than thirty all alike."""
    octets = scale.octets[scale.judging_mask]
    counts = np.stack([(codes == octet).sum(axis=0) for octet in octets])
    n = counts.sum(axis=0)
    found: BoolArray = (n >= min_cell) & ~((n < SMALL_ALIKE) & (counts.max(axis=0) == n))
    return found


def _text(value: float) -> str | None:
    return f"{nine_places(float(value)):f}" if np.isfinite(value) else None


def lines(column: OpenColumn | None) -> list[tuple[str, str]]:
    """The sentences for the method."""
    if column is None:
        return []
    zh = f"开放扫码的问卷（{column.sheets} 份）是自愿填的：只列在旁边作参考，不计入得分"
    en = f"Open sheets ({column.sheets}) are self-selected: they are shown beside, never counted"
    if not column.units:
        return [(f"{zh}；少于 {column.min_cell} 份，只列份数。", f"{en}; fewer than {column.min_cell}: number only.")]
    return [
        (
            f"{zh}；与得分的差别逐个单位检验，按 Holm 法校正（全部单位一并，误报的机会不超过 5%）。",
            f"{en}; each unit's difference is tested, adjusted by Holm (any false flag among all units: 5 % at most).",
        ),
        *_calibration(column),
    ]


def _calibration(column: OpenColumn) -> list[tuple[str, str]]:
    if not column.items:
        return []
    items = "、".join(column.items)
    if not column.reference:
        return [
            (
                f"扫码问卷里填了 {items} 的人太少，或有的人群没有人填，不作校准。",
                f"Too few open sheets carry {items}, or a group brought none: they are not calibrated.",
            )
        ]
    return [
        (
            f"“校准后参考”是填了 {items} 的 {column.calibrated} 份扫码问卷按已知人口分布校准的分，只供参考。",
            f"“Calibrated”: {column.calibrated} open sheets with {items}, raked to the known people: reference only.",
        )
    ]


def step(column: OpenColumn) -> dict[str, Any]:
    """What was done with the open sheets, as the last step."""
    tested = [unit for unit in column.units if unit.differs is not None]
    differing = sum(bool(unit.differs) for unit in tested)
    done = (
        (
            ("检验的单位", "units tested", f"{len(tested)}"),
            ("差别显著的单位", "units that differ", f"{differing}"),
        )
        if column.units
        else ()
    )
    title = ("参考（网络扫码，不计入得分）", "Open QR, for reference (never counted)")
    return Step("open", title, (("份数", "sheets", f"{column.sheets}"), *done)).as_dict()
