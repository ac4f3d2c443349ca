"""The open QR beside a result: never pooled, the figures of ``sampling.channels``, and too few give a number only."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from sampling.calibration import Margin
from sampling.channels import calibrated_reference, compare_channels
from survey_models.ballots.tables import Ballot
from survey_models.results.service import latest
from survey_models.spreadsheets.read import read
from tests.api.test_estimation import PERSONS, SCALE, SEX, SHAPE, state
from tests.box import fill_and_count, sheets
from tests.poll import Poll, open_poll

PATH = "/api/campaigns/poll/results"
ASIDE = ["0000-1", "3333-2"]
VALUE = {"1": 100.0, "2": 60.0, "3": 0.0}


def volunteers(number: int = 40) -> list[str]:
    """They praise the first unit, blame the second, know little of the third; some leave their sex blank."""
    chance = np.random.default_rng(11)
    odds = ([0.97, 0.03, 0, 0], [0.05, 0.15, 0.75, 0.05], [0.1, 0.03, 0.02, 0.85], [0.5, 0.25, 0.15, 0.1])
    units = np.stack([chance.choice(list("1230"), size=number, p=p) for p in odds], axis=1)
    sex = chance.choice(list("12-"), size=(number, 1), p=[0.6, 0.3, 0.1])
    return ["".join([*row, "-", *own]) for row, own in zip(units.tolist(), sex.tolist(), strict=True)]


def put(poll: Poll, lines: Iterable[str], *, aside: bool = False) -> None:
    """Sheets of the open QR into the box: in no stratum, under its own channel."""
    with poll.work() as session:
        for number, answers in enumerate(lines):
            kept = {"stratum_no": 0, "point_no": number % 2, "channel": "open", "answers": answers, "set_aside": aside}
            none = dict.fromkeys(("more", "upload_id", "line"))
            session.add(Ballot(campaign_id="poll", id=uuid.uuid4(), questionnaire_version=1, **kept, **none))


def scored(result: Mapping[str, Any]) -> list[Any]:
    """All that the sample says."""
    return [result[key] for key in ("rows", "ballots", "inputs_digest", "borders", "estimation_digest")]


async def run(setup: httpx.AsyncClient) -> dict[str, Any]:
    answer = await setup.post(PATH)
    assert answer.status_code == 201, answer.text
    found = (await setup.get(PATH)).json()
    assert found == answer.json()
    return dict(found)


async def both(poll: Poll, wanted: Mapping[str, Any], lines: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The result of the same box without and with open sheets, those set aside among them."""
    async with poll.signed_in("setup") as setup:
        await state(setup, poll, wanted)
        fill_and_count(poll, sheets(poll))
        before = await run(setup)
        put(poll, lines)
        put(poll, ASIDE, aside=True)
        return before, await run(setup)


def by_hand(result: Mapping[str, Any], lines: list[str]) -> tuple[np.ndarray[Any, Any], Any, Any]:
    """Means of the volunteers, the test, and the calibrated reference, by ``sampling`` alone."""
    answers = [[VALUE[line[unit]] for line in lines if line[unit] in VALUE] for unit in range(4)]
    # The third unit is judged by too few of them.
    known = [len(one) >= SHAPE.min_cell for one in answers]
    mean = np.array([np.mean(one) if fit else np.nan for one, fit in zip(answers, known, strict=True)])
    error = np.array([np.std(one, ddof=1) / np.sqrt(len(one)) for one in answers])
    score, se = ([float(row[name]) for row in result["rows"]] for name in ("score", "se"))
    test = compare_channels(score=score, se=se, open_score=mean, open_se=error)
    told = [line for line in lines if line[5] != "-"]
    codes = np.array([list(line[:4].encode()) for line in told], dtype=np.uint8)
    margin = Margin(name="sex", category=[int(line[5]) for line in told], totals={1: 4800, 2: 5200})
    return mean, test, calibrated_reference(codes, scale=SCALE, margins=[margin])


def column(result: Mapping[str, Any], key: str) -> list[float]:
    return [np.nan if unit[key] is None else float(unit[key]) for unit in result["open"]]


async def test_open_sheets_stand_beside_and_move_no_score(database_url: str, tmp_path: Path) -> None:
    lines = volunteers()
    with open_poll(database_url, tmp_path, SHAPE) as poll:
        before, after = await both(poll, PERSONS, lines)
        assert scored(after) == scored(before)
        assert (before["open_sheets"], before["open"], after["open_sheets"]) == (0, [], len(lines))
        mean, test, reference = by_hand(after, lines)
        assert np.allclose(column(after, "score"), mean, atol=1e-8, equal_nan=True)
        assert np.allclose(column(after, "difference"), test.difference, atol=1e-8, equal_nan=True)
        assert np.allclose(column(after, "p_adjusted"), test.p_adjusted, atol=1e-8, equal_nan=True)
        assert [unit["differs"] for unit in after["open"]] == [True, True, None, False]
        assert [bool(flag) for flag in test.flagged] == [True, True, False, False]
        calibrated = np.where(np.isnan(mean), np.nan, reference.score)
        assert np.allclose(column(after, "reference"), calibrated, atol=1e-8, equal_nan=True)
        assert not np.allclose(calibrated, mean, atol=1e-3, equal_nan=True), "a calibration that changes nothing"
        assert [unit["n_judging"] for unit in after["open"]][2] < SHAPE.min_cell
        assert any("不计入得分" in line for line in after["method"])
        assert any("never counted" in line for line in after["method_en"])
        assert after["steps"][:-1] == before["steps"]
        await _printed(poll, after)


async def _printed(poll: Poll, result: Mapping[str, Any]) -> None:
    """The report and the sheet show the column, marked as a reference."""
    shown = [unit["printed"] for unit in result["open"]]
    async with poll.signed_in("setup") as setup:
        page = (await setup.get(f"{PATH}.html")).text
        sheet = read((await setup.get(f"{PATH}.xlsx")).content, "r.xlsx")
    assert page.count("参考（网络扫码）") >= 1
    rows = dict(re.findall(r'<tr data-unit="([^"]+)">(.*?)</tr>', page, re.DOTALL))
    cells = {row[1]: row for _, row in sheet.rows if len(row) > 13 and row[1]}
    for unit, printed in zip(result["open"], shown, strict=True):
        assert (printed or "—") in rows[unit["unit"]]
        assert ("差别显著" in rows[unit["unit"]]) is bool(unit["differs"])
        assert cells[unit["unit"]][11] in {printed, (printed or "—").rstrip("0").rstrip(".")}
        assert ("差别显著" in cells[unit["unit"]][13]) is bool(unit["differs"])


@pytest.mark.parametrize("number", [3, 9])
async def test_too_few_open_sheets_give_their_number_only(sqlite_url: str, tmp_path: Path, number: int) -> None:
    with open_poll(sqlite_url, tmp_path, SHAPE) as poll:
        before, after = await both(poll, PERSONS, volunteers(number))
        assert scored(after) == scored(before)
        assert (after["open_sheets"], after["open"]) == (number, [])
        assert any(f"少于 {SHAPE.min_cell} 份，只列份数" in line for line in after["method"])
        with poll.look() as session:
            assert latest(session, "poll").method["open"]["units"] == []
        async with poll.signed_in("setup") as setup:
            assert "参考（网络扫码）" not in re.sub(r"<li>.*?</li>", "", (await setup.get(f"{PATH}.html")).text)


async def test_volunteers_who_cannot_be_calibrated_stop_no_result(sqlite_url: str, tmp_path: Path) -> None:
    """Only men scanned: the known women have nobody; the column stands, without the calibrated one."""
    lines = [line[:5] + "1" for line in volunteers()]
    with open_poll(sqlite_url, tmp_path, SHAPE) as poll:
        before, after = await both(poll, {"margins": [SEX]}, lines)
        assert scored(after) == scored(before)
        assert column(after, "score")[0] > 90
        assert {unit["reference"] for unit in after["open"]} == {None}
        assert any("不作校准" in line for line in after["method"])


async def test_a_unit_that_all_volunteers_rate_alike_is_withheld(sqlite_url: str, tmp_path: Path) -> None:
    """Fewer than thirty, all alike: the mean would tell what each of them said."""
    lines = ["1" + line[1:] for line in volunteers(25)]
    with open_poll(sqlite_url, tmp_path, SHAPE) as poll:
        _, after = await both(poll, {}, lines)
        first, second = after["open"][:2]
        assert (first["n_judging"], first["score"], first["differs"]) == (25, None, None)
        assert second["score"] is not None
        assert {unit["reference"] for unit in after["open"]} == {None}, "no margin is stated"
