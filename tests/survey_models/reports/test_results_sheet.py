"""The printed sheet of results: what stands where, and how it prints."""

import io
import re
import zipfile
from dataclasses import replace
from typing import Any

import pytest

from survey_models.reports.results_sheet import COLUMNS, ResultLine, ResultView, by_category, render, two_places
from survey_models.spreadsheets.read import read

PLAIN = ResultLine(
    unit="LH-001",
    name="单位",
    category="甲",
    score="78.333333333",
    printed="78.33",
    se="1.005000000",
    ci_low="76.363533333",
    ci_high="80.303133333",
    n=1000,
    n_eff="912.400000000",
    satisfied_rate="81.250000000",
    dont_know_rate="4.999999999",
    unweighted="77.125000000",
    rank=1,
    ranked_of=2,
)


def line(unit: str, category: str, rank: int | None, **changes: Any) -> ResultLine:
    return replace(PLAIN, unit=unit, name=f"单位{unit}", category=category, rank=rank, **changes)


NOTHING = dict.fromkeys(
    ("score", "printed", "se", "ci_low", "ci_high", "n_eff", "satisfied_rate", "dont_know_rate", "unweighted")
)
VIEW = ResultView(
    title="漯河市民主评议 测评结果",
    ballots=1140,
    made_at="2026-11-22 10:05",
    method=["满意 100、基本满意 60、不满意 0。", "得分保留两位小数。"],
    digest="ab" * 32,
    rows=[
        line("LH-001", "政府部门", 2),
        line("LH-002", "政府部门", None, **NOTHING),
        line("LH-003", "政府部门", 1),
        line("LH-070", "公共服务行业", 1),
    ],
)


@pytest.fixture(scope="module")
def parts() -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(render(VIEW))) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}


def test_categories_keep_their_order_and_units_go_by_rank() -> None:
    assert [(name, [row.unit for row in rows]) for name, rows in by_category(VIEW.rows)] == [
        ("政府部门", ["LH-003", "LH-001", "LH-002"]),
        ("公共服务行业", ["LH-070"]),
    ]


def test_what_stands_on_the_sheet() -> None:
    sheet = read(render(VIEW), "r.xlsx")
    assert sheet.header[0] == VIEW.title
    cells = dict(sheet.rows)
    assert cells[2][0] == "计票份数:1140 份    计算时间:2026-11-22 10:05"
    assert [cells[3][0], cells[4][0]] == list(VIEW.method)
    assert cells[5] == [name.format(level="95") for name, _ in COLUMNS]
    assert cells[6][0] == "政府部门(3 个单位)"
    assert cells[8] == [
        "2/2", "LH-001", "单位LH-001", "78.33", "1.01", "76.36 – 80.30", "1000", "912.4", "81.25", "5", "77.13",
    ]  # fmt: skip
    assert cells[9] == ["—", "LH-002", "单位LH-002", "—", "—", "—", "1000", "—", "—", "—", "—"]
    assert cells[10][0] == "公共服务行业(1 个单位)"
    assert cells[13][0] == "盖章处:"
    assert "日期:" in cells[13][7]


def test_how_it_prints(parts: dict[str, str]) -> None:
    sheet = parts["xl/worksheets/sheet1.xml"]
    setup = re.search(r"<pageSetup[^>]*>", sheet)
    assert setup is not None
    assert 'paperSize="9"' in setup.group()
    assert 'orientation="landscape"' in setup.group()
    assert 'fitToHeight="0"' in setup.group()
    assert f"校验码 SHA-256 {VIEW.digest}" in sheet
    assert "第 &amp;P 页 共 &amp;N 页" in sheet
    assert "测评结果'!$5:$5" in parts["xl/workbook.xml"] or "测评结果!$5:$5" in parts["xl/workbook.xml"]


def test_figures_are_numbers_and_names_are_text(parts: dict[str, str]) -> None:
    assert "<f>" not in parts["xl/worksheets/sheet1.xml"]
    assert "<v>78.33</v>" in parts["xl/worksheets/sheet1.xml"]


def test_a_hostile_name_stays_text() -> None:
    hostile = ResultView("=1+1", 1, "x", ["@SUM(A1)"], "d", [line("=cmd", "+1", 1)])
    with zipfile.ZipFile(io.BytesIO(render(hostile))) as archive:
        assert "<f>" not in archive.read("xl/worksheets/sheet1.xml").decode()


def test_the_same_result_gives_the_same_bytes() -> None:
    assert render(VIEW) == render(VIEW)


@pytest.mark.parametrize(
    ("stored", "printed"),
    [("1.005000000", "1.01"), ("77.125", "77.13"), ("0", "0.00"), ("99.995", "100.00"), (None, None)],
)
def test_two_places_half_up(stored: str | None, printed: str | None) -> None:
    assert two_places(stored) == printed
