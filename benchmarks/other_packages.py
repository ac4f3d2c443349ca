"""The same scores by other packages (同类软件对照), where they are installed: for information, without a limit.

Each runs in a process of its own, reads the columns and times the estimation alone, without start and reading. They
serve any design and missing values in any column; so the comparison is not one of equal generality.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.verdicts import FloatArray, Line, inform

NOT_INSTALLED = "not installed"

R_SURVEY = """
suppressMessages(library(survey)); a <- commandArgs(TRUE); n <- as.integer(a[2]); u <- as.integer(a[3])
d <- data.frame(matrix(readBin(a[1], "double", n * (2 * u + 2)), n))
names(d)[2 * u + 1:2] <- c("weight", "stratum")
s <- svydesign(id = ~1, strata = ~stratum, weights = ~weight, data = d)
t <- proc.time()[3]; x <- svytotal(as.matrix(d[, 1:(2 * u)]), s); v <- vcov(x); cat(proc.time()[3] - t)
"""

_READ = """
import sys, time
import numpy as np
n, u = int(sys.argv[2]), int(sys.argv[3])
d = np.fromfile(sys.argv[1], dtype="<f8").reshape(2 * u + 2, n)
"""

SVY = (
    _READ
    + """
import polars, svy
columns = {f"c{j}": d[j] for j in range(2 * u)}
frame = polars.DataFrame({**columns, "weight": d[-2], "stratum": d[-1].astype(np.int64)})
sample = svy.Sample(data=frame, design=svy.Design(stratum="stratum", wgt="weight"))
begun = time.perf_counter()
found = [sample.estimation.ratio(y=f"c{j}", x=f"c{u + j}") for j in range(u)]
print(time.perf_counter() - begun)
"""
)

SAMPLICS = (
    _READ
    + """
from samplics.estimation import TaylorEstimator
from samplics.utils.types import PopParam
begun = time.perf_counter()
for j in range(u):
    TaylorEstimator(PopParam.ratio).estimate(y=d[j], x=d[u + j], samp_weight=d[-2], stratum=d[-1].astype(np.int64))
print(time.perf_counter() - begun)
"""
)


@dataclass(frozen=True)
class Other:
    """A package and the program that times it."""

    name: str
    does: str
    package: str
    """As the interpreter finds it; for R, the library that the program loads."""
    program: str
    interpreter: str = sys.executable

    def seconds(self, file: Path, *, ballots: int, units: int) -> str:
        """What it takes, that it is not installed, or why it did not run."""
        if self._missing():
            return NOT_INSTALLED
        program = file.with_name(f"{self.package}.program")
        program.write_text(self.program, encoding="utf-8")
        order = [self.interpreter, str(program), str(file), str(ballots), str(units)]
        done = subprocess.run(order, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return f"{float(done.stdout.split()[-1]):.2f} s"
        if "there is no package called" in done.stderr:
            return NOT_INSTALLED
        why = done.stderr.strip().splitlines()
        return f"did not run: {why[-1] if why else done.returncode}"

    def _missing(self) -> bool:
        if self.interpreter == sys.executable:
            return importlib.util.find_spec(self.package) is None
        return shutil.which(self.interpreter) is None


OTHERS = (
    Other("R survey", "totals with covariance", "survey", R_SURVEY, interpreter="Rscript"),
    Other("svy", "ratios one by one, no covariance", "svy", SVY),
    Other("samplics", "ratios one by one, no covariance", "samplics", SAMPLICS),
)


def other_lines(columns: FloatArray, *, units: int) -> Iterator[Line]:
    """One line for each package; `columns` (n, 2U + 2): values, judging or not, weight, stratum."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "sheets")
        file.write_bytes(columns.astype("<f8").tobytes(order="F"))
        for other in OTHERS:
            taken = other.seconds(file, ballots=len(columns), units=units)
            yield inform(f"{other.name}: the same {len(columns):,} ballots, {other.does}", taken)
