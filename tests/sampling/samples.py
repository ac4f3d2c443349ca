"""Made samples for the estimators: small ones from hypothesis, and the counties of the worked example."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from tests.sampling.worked import SCALE, example

MARKS = "1230-!"


@dataclass(frozen=True)
class Sample:
    """Sheets as strings of option characters; weight, stratum and point of each."""

    sheets: list[str]
    weights: list[int]
    strata: list[int]
    points: list[int]
    carries: list[list[bool]]

    @property
    def codes(self) -> npt.NDArray[np.uint8]:
        """(n, U) as stored."""
        return np.array([list(sheet.encode()) for sheet in self.sheets], dtype=np.uint8)

    def answers(self, unit: int) -> list[str]:
        """One column; blank where the sheet does not carry the unit."""
        return [s[unit] if c[unit] else "-" for s, c in zip(self.sheets, self.carries, strict=True)]

    def cells(self) -> dict[str, Any]:
        """The arguments of `estimates_from_counts`: one cell per stratum, point and weight."""
        keys = sorted(set(zip(self.strata, self.points, self.weights, strict=True)))
        units = len(self.sheets[0])
        counts = np.zeros((len(keys), units, len(SCALE.codes)), dtype=np.int64)
        carried = np.zeros((len(keys), units), dtype=np.int64)
        place = {key: c for c, key in enumerate(keys)}
        size = Counter(zip(self.strata, self.points, self.weights, strict=True))
        for i, key in enumerate(zip(self.strata, self.points, self.weights, strict=True)):
            for unit in range(units):
                carried[place[key], unit] += self.carries[i][unit]
                if self.carries[i][unit] and self.sheets[i][unit] in SCALE.codes:
                    counts[place[key], unit, SCALE.codes.index(self.sheets[i][unit])] += 1
        return {
            "counts": counts,
            "cell_stratum": [stratum for stratum, _, _ in keys],
            "cell_weight": [weight for _, _, weight in keys],
            "sheets": [size[key] for key in keys],
            "carried": carried,
        }

    def cell_points(self) -> list[int]:
        """The point of each cell of `cells`."""
        return [point for _, point, _ in sorted(set(zip(self.strata, self.points, self.weights, strict=True)))]


@st.composite
def samples(draw: st.DrawFn, *, variants: bool = True) -> Sample:
    """Two to four strata of two or more points, each with a sheet; stratum numbers with gaps."""
    units = draw(st.integers(1, 3))
    places = [
        (stratum, point)
        for stratum in draw(st.lists(st.sampled_from([1, 4, 9, 10]), min_size=1, max_size=4, unique=True))
        for point in range(draw(st.integers(2, 3)))
    ]
    places += draw(st.lists(st.sampled_from(places), max_size=10))
    n = len(places)
    cell = st.sampled_from(MARKS)
    held = st.lists(st.booleans() if variants else st.just(value=True), min_size=units, max_size=units)
    by_stratum = {stratum: draw(held) for stratum, _ in places}
    personal = draw(st.lists(held, min_size=n, max_size=n))
    return Sample(
        sheets=draw(st.lists(st.text(cell, min_size=units, max_size=units), min_size=n, max_size=n)),
        weights=draw(st.lists(st.integers(1, 5), min_size=n, max_size=n)),
        strata=[stratum for stratum, _ in places],
        points=[point for _, point in places],
        carries=[
            [a and b for a, b in zip(by_stratum[place[0]], own, strict=True)]
            for place, own in zip(places, personal, strict=True)
        ],
    )


def counties() -> tuple[npt.NDArray[np.int64], list[int]]:
    """Counts (5, 1, 4) and populations of the five counties of example L2."""
    strata = example("luohe", "L2")["strata"]
    counts = [[[*stratum["counts"], stratum["dont_know"]]] for stratum in strata]
    return np.array(counts, dtype=np.int64), [stratum["population"] for stratum in strata]


def county_sheets() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """The 10,000 sheets behind those counts, (n, 1), and the county of each."""
    counts, _ = counties()
    codes = np.concatenate([np.repeat(SCALE.octets, cell[0]) for cell in counts])
    return codes[:, None], np.repeat(np.arange(5), counts.sum(axis=(1, 2)))
