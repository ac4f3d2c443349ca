"""The cases that R calculated, and the same calculation with our functions."""

import csv
import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sampling.calibration import Calibration, Margin, calibrate_linear, poststratify, rake
from sampling.estimators import Estimates, domain_means, means, ratios, shares, totals
from sampling.replicates import Reweight, Statistic, jackknife, raking_again, replicate_covariance
from sampling.variance import SampleDesign

HERE = Path(__file__).parent
Array = npt.NDArray[np.float64]
Case = dict[str, Any]
CASES: list[Case] = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))["cases"]


@functools.cache
def table(name: str) -> dict[str, Array]:
    """One sample as columns of numbers."""
    with (HERE / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {column: np.array([float(row[column]) for row in rows]) for column in rows[0]}


def whole(values: Array) -> npt.NDArray[np.int64]:
    numbers = values.astype(np.int64)
    assert np.array_equal(numbers, values)
    return numbers


def design(case: Case, *, calibrate: bool = True) -> SampleDesign:
    d, data = case["design"], table(case["design"]["data"])
    strata = whole(data[d["strata"]]) if "strata" in d else np.zeros(len(data["row"]), dtype=np.int64)
    exist = None
    if "population" in d:
        exist = {int(h): round(float(data[d["population"]][strata == h][0])) for h in np.unique(strata)}
    fitted = calibration(case) if calibrate and "calibration" in case else None
    return SampleDesign.of(
        weights=None if fitted else data[d["weights"]],
        strata=strata,
        psu=whole(data[d["psu"]]) if "psu" in d else None,
        population=exist,
        psu_size=data[d["psu_size"]] if "psu_size" in d else None,
        lonely=d.get("lonely", "refuse"),
        calibration=fitted,
        residual_rule=case.get("rule"),
    )


def margins(case: Case) -> list[Margin]:
    data = table(case["design"]["data"])
    return [
        Margin(
            name=m["column"],
            category=whole(data[m["column"]]),
            totals={int(number): total for number, total in m["totals"].items()},
        )
        for m in case["calibration"]["margins"]
    ]


def linear(case: Case, weights: Array, rows: npt.NDArray[np.bool_] | slice = slice(None)) -> Calibration:
    c, data = case["calibration"], table(case["design"]["data"])
    x = np.column_stack([np.ones(len(weights)), *(data[column][rows] for column in c["columns"])])
    return calibrate_linear(weights, x, [c["size"], *c["totals"]], allow_negative=True)


def calibration(case: Case) -> Calibration:
    weights = table(case["design"]["data"])[case["design"]["weights"]]
    method = case["calibration"]["method"]
    if method == "linear":
        return linear(case, weights)
    return poststratify(weights, margins(case)[0]) if method == "poststratify" else rake(weights, margins(case))


def member(case: Case) -> npt.NDArray[np.bool_] | None:
    domain, data = case["estimator"].get("domain"), table(case["design"]["data"])
    return None if domain is None else data[domain["column"]] == domain["value"]


def estimate(case: Case) -> Estimates:
    e, data, own = case["estimator"], table(case["design"]["data"]), design(case)
    y, inside = data[e["y"]], member(case)
    if e["kind"].startswith("pair"):
        return (totals if e["kind"] == "pair_total" else means)(np.column_stack([y, data[e["x"]]]), own)
    if e["kind"] == "shares":
        return shares(whole(y), own)[1]
    if e["kind"] == "proportion":
        return means((y == e["value"]).astype(np.float64), own)
    if e["kind"] == "total":
        return totals(y if inside is None else y * inside, own)
    if e["kind"] == "ratio":
        held = 1.0 if inside is None else inside
        return ratios(y * held, data[e["x"]] * held, own)
    return means(y, own) if inside is None else domain_means(y, inside, own)


def statistic(case: Case) -> Statistic:
    e, data = case["estimator"], table(case["design"]["data"])
    below = data[e["x"]] if e["kind"] == "ratio" else np.ones(len(data["row"]))
    return lambda weights: ((weights @ data[e["y"]]) / (weights @ below))[:, None]


def replicated(case: Case) -> tuple[Array, Array]:
    """Value and error by the jackknife, or with the bootstrap weights that R drew."""
    base, figure = design(case, calibrate=False), statistic(case)
    if case["replicates"] != "jackknife":
        factors = table(case["replicates"]["file"])
        weights = np.stack(list(factors.values())) * base.weights
        value = figure(base.weights[None, :])[0]
        spread = replicate_covariance(figure(weights), value, np.full(len(weights), 1 / (len(weights) - 1)))
        return value, np.sqrt(spread.diagonal())
    again: Reweight | None = None
    if "calibration" in case:
        is_linear = case["calibration"]["method"] == "linear"
        again = (lambda w, rows: linear(case, w, rows).weights) if is_linear else raking_again(margins(case))
    result = jackknife(figure, base, reweight=again)
    return result.value, result.se
