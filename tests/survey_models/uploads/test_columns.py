"""Which column of a file is which of the template: by heading, by a person's word, by a guess; 问卷星's export."""

import pytest

from survey_models.core.errors import Problem
from survey_models.spreadsheets.read import Sheet, read
from survey_models.spreadsheets.write import csv_bytes
from survey_models.uploads import columns
from survey_models.uploads.columns import How
from survey_models.uploads.kinds.ballots_check import check
from tests.survey_models.spreadsheets.spss_files import Variable, sav
from tests.survey_models.uploads.paper import LAYOUT, UNITS

STEM = "4、您对下列单位的评价"
WJX = [
    "序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP",
    "1、您所在的地区", "2、您的类别:", "3、测评点（单选题）",
    *(f"{STEM}—{unit['code'] if no % 2 else unit['name']}" for no, unit in enumerate(UNITS)),
    "5、您的年龄段：", "6、您的性别", "总分",
]  # fmt: skip


def wjx(*answers: str, number: str = "1", end: str = "21") -> list[str]:
    row = [number, "2026/11/20 9:01:02", "125秒", "微信", "N/A", "10.1.2.3(河南-漯河)", "源汇区", "城镇", "文化宫"]
    units = [*answers, *["1"] * (len(UNITS) - len(answers))]
    return [*row, *units, end[0], end[1], "0"]


def sheet(header: list[str], *rows: list[str]) -> Sheet:
    return read(csv_bytes([header, *rows]), "a.csv")


def test_an_export_of_wenjuanxing_is_read_by_its_own_headings() -> None:
    found = check(sheet(WJX, wjx("1", "2", "3", "4", "满意", "-3", "(跳过)", "-2", "(空)", "无效")), LAYOUT)
    assert found.faults == []
    assert found.entries[0].answers == "12301----!" + "1" * (len(UNITS) - 10) + "21"
    assert (found.entries[0].stratum_no, found.entries[0].point_no, found.entries[0].seconds) == (1, 1, None)


def test_a_place_that_a_question_does_not_have_is_a_fault() -> None:
    found = check(sheet(WJX, wjx("5", "0")), LAYOUT)
    assert [(fault.row, fault.params["cell"], fault.params["value"]) for fault in found.faults] == [(2, "J2", "5")]
    # Our own code of 不了解 is no place of theirs, but whoever types it means it.
    assert check(sheet(WJX, wjx("0")), LAYOUT).entries[0].answers[0] == "0"


def test_who_answered_when_and_from_where_is_left_out_and_every_cell_keeps_its_address() -> None:
    one = sheet(WJX, wjx(), [""] * len(WJX), wjx(number="2"))
    matches = columns.match(one, LAYOUT.headings)
    bare = columns.without(one, columns.dropped(matches))
    assert bare is not None
    stored = csv_bytes(columns.grid(bare)).decode()
    for word in ("10.1.2.3", "微信", "2026/11/20", "125秒"):
        assert word not in stored
    again = read(stored.encode(), "a.csv")
    assert (again.header, [no for no, _ in again.rows]) == (one.header, [2, 4])
    assert check(again, LAYOUT, columns.confirmed(matches)).faults == []
    assert columns.without(again, columns.dropped(matches)) is None


def test_the_seconds_are_read_where_a_person_says_so() -> None:
    given: list[str | None] = [None] * len(WJX)
    given[2] = "用时（秒）"
    assert check(sheet(WJX, wjx()), LAYOUT, given).entries[0].seconds == 125


def test_an_spss_file_is_matched_by_labels_or_names() -> None:
    scale = {1.0: "满意", 2.0: "基本满意", 3.0: "不满意", 4.0: "不了解"}
    fixed = [
        Variable("line", "编号", 8),
        Variable("area", "区县", 20),
        Variable("kind", "", 20),
        Variable("point", "", 20),
    ]
    units = [Variable(f"Q1_{no}", f"{STEM}—{unit['code']}", labels=scale) for no, unit in enumerate(UNITS, start=1)]
    people = [Variable("age", "", 0), Variable("sex", "性别", labels={1.0: "男", 2.0: "女"})]
    content = sav([*fixed, *units, *people], [["A1", "411102", "urban", "1", *[4] * len(UNITS), None, 2]])
    found = check(read(content, "a.sav"), LAYOUT)
    assert found.faults == []
    assert found.entries[0].answers == "0" * len(UNITS) + "-2"


HEADER = ["样本编号", "所属地区", "kind", "测评地点", *(unit["name"] for unit in UNITS), "年龄", "性别", "督导"]


def test_a_guess_is_shown_and_not_acted_upon() -> None:
    one = sheet(HEADER, ["1", "源汇区", "城镇", "文化宫", *["满意"] * len(UNITS), "", "", "王"])
    found = {match.heading: match for match in columns.match(one, LAYOUT.headings)}
    assert (found["kind"].target, found["kind"].how) == ("类别", How.SAME)
    for heading, target in (("样本编号", "问卷编号"), ("所属地区", "地区"), ("测评地点", "测评点"), ("年龄", "年龄段")):
        assert (found[heading].target, found[heading].how) == (target, How.GUESSED)
    assert (found["督导"].target, found["督导"].how) == ("", How.UNKNOWN)
    fault = check(one, LAYOUT).faults[0]
    assert (fault.code, fault.params["columns"]) == (
        "upload_columns_unknown",
        "样本编号、所属地区、测评地点、年龄、督导",
    )


def test_a_persons_word_is_acted_upon() -> None:
    one = sheet(HEADER, ["1", "源汇区", "城镇", "文化宫", *["满意"] * len(UNITS), "", "", "王"])
    said = {"样本编号": "问卷编号", "B": "地区", "测评地点": "测评点", "年龄": "年龄段", "督导": ""}
    given = columns.with_said(one.header, [None] * len(HEADER), said)
    columns.check_given(one.header, given, LAYOUT.headings)
    assert check(one, LAYOUT, given).faults == []
    assert columns.dropped(columns.match(one, LAYOUT.headings, given)) == [len(HEADER) - 1]


@pytest.mark.parametrize("given", [["问卷编号"], ["问卷编号", "问卷编号", None], ["没有的列", None, None]])
def test_a_word_that_cannot_be_kept(given: list[str | None]) -> None:
    with pytest.raises(Problem, match="upload_mapping_unfit"):
        columns.check_given(["a", "b", "c"], given, LAYOUT.headings)
