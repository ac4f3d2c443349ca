"""The rows of a file as `gate.interviewers` compares them (访问员比较): who asked, where, four measures of a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from survey_models.flags.detectors_answers import straight_sheets
from survey_models.flags.rules import rule_set
from survey_models.flags.tables import Rule
from survey_models.flags.tails import FloatArray
from survey_models.gate.interviewers import Effects, interviewer_effects
from survey_models.questionnaires.rules import BLANK, INVALID
from survey_models.uploads.kinds.ballots import Entry, Layout

# A page shows so many; the number of all stands beside them.
_SHOWN = 100


def compared(entries: Sequence[Entry], layout: Layout) -> dict[str, Any] | None:
    """What stands out among the interviewers of a file, in values that have one spelling; None: nobody is named.

    ``best``: share of the judged units with the first option of their scale; ``unknown``: share without a scored
    answer; ``straight``: one answer throughout; ``seconds``: time per item judged.
    """
    names = sorted({entry.interviewer for entry in entries if entry.interviewer})
    units = list(layout.form.units)
    if not names or not units:
        return None
    number = {name: place for place, name in enumerate(names)}
    who = np.array([number.get(entry.interviewer or "", -1) for entry in entries], dtype=np.int64)
    places = {cell: at for at, cell in enumerate(sorted({(entry.stratum_no, entry.point_no) for entry in entries}))}
    cells = np.array([places[entry.stratum_no, entry.point_no] for entry in entries], dtype=np.int64)
    return _told(interviewer_effects(who, cells, _measures(entries, layout, units)), names)


def _measures(entries: Sequence[Entry], layout: Layout, units: list[int]) -> dict[str, FloatArray]:
    form = layout.form
    raw = np.frombuffer("".join(entry.answers for entry in entries).encode("ascii"), dtype=np.uint8)
    codes = raw.reshape(len(entries), len(form.items))[:, units]
    judged = ~np.isin(codes, (ord(BLANK), ord(INVALID)))
    scales = [form.scales[form.items[place].scale] for place in units]
    best = np.array([ord(scale[0].code) for scale in scales], dtype=np.uint8)
    known = np.empty(codes.shape, dtype=np.bool_)
    for place, scale in enumerate(scales):
        known[:, place] = np.isin(codes[:, place], [ord(option.code) for option in scale if option.score is not None])
    number, count = known.sum(axis=1), np.maximum(judged.sum(axis=1), 1)
    share = np.where(number > 0, ((codes == best) & known).sum(axis=1) / np.maximum(number, 1), np.nan)
    seconds = np.array([np.nan if entry.seconds is None else float(entry.seconds) for entry in entries]) / count
    straight = straight_sheets(codes, rule_set().rule(Rule.STRAIGHT_LINING)).astype(np.float64)
    return {"best": share, "unknown": 1 - known.mean(axis=1), "straight": straight, "seconds": seconds}


def _told(effects: Effects, names: Sequence[str]) -> dict[str, Any]:
    return {
        "tests": effects.tests,
        "correlation": {name: f"{value:.3f}" for name, value in sorted(effects.correlation.items())},
        "found": [
            {"interviewer": names[one.interviewer], "measure": one.measure, "sheets": one.sheets, "p": f"{one.p:.1e}"}
            for one in effects.found[:_SHOWN]
        ],
    }
