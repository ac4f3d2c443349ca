"""The check of a file of collected questionnaires: every fault with its place and what to do."""

from typing import Any

import pytest

from survey_models.core.errors import Problem
from survey_models.questionnaires.rules import read_form, unit_questionnaire
from survey_models.questionnaires.variants import areas
from survey_models.spreadsheets.read import Sheet, read
from survey_models.tickets.codes import new_code, printed
from survey_models.uploads.kinds.ballots import Cell, Entry, Layout
from survey_models.uploads.kinds.ballots_check import check
from survey_models.uploads.kinds.ballots_summary import summary
from survey_models.uploads.rules import Fault, column_letters, refuse_codes
from tests.survey_models.uploads.paper import CELLS, DOC, FORM, LAYOUT, UNITS, file_of, many_sheets

HEADER = list(LAYOUT.printed)
LAST = len(HEADER) - 1


def checked(*cells: list[str], header: list[str] = HEADER) -> tuple[list[Fault], list[Entry]]:
    found = check(read(file_of(cells, header=header), "a.csv"), LAYOUT)
    assert not (found.faults and found.entries)
    return found.faults, found.entries


def one_row(**changes: str) -> list[str]:
    """A right row with some cells changed, named by the letters of their columns."""
    row = ["0001", "源汇区", "城镇", "文化宫", *["满意"] * len(UNITS), "", ""]
    letters = [column_letters(index) for index in range(len(row))]
    for name, value in changes.items():
        row[letters.index(name)] = value
    return row


def test_headings_of_the_template() -> None:
    assert HEADER[:6] == ["问卷编号", "地区", "类别", "测评点", "LH-001 发展改革委(含物价)", "LH-002 教育"]
    assert HEADER[-2:] == ["年龄段", "性别"]


def test_every_spelling_means_its_code() -> None:
    words = {
        "满意": "1", "基本满意": "2", "不满意": "3", "不了解": "0", "1": "1", "2": "2", "3": "3", "0": "0",
        "Satisfied": "1", "satisfied": "1", "Mostly satisfied": "2", "Dissatisfied": "3", "Don't know": "0",
        "": "-", "-": "-", "未答": "-", "无效": "!", "invalid": "!", "!": "!", "\uff01": "!",
        " 满意 ": "1", "\uff11": "1", "\uff10": "0",
    }  # fmt: skip
    row = ["1", "源汇区", "城镇", "文化宫", *words, *["满意"] * (len(UNITS) - len(words)), "18–29 岁", "女"]
    faults, entries = checked(row)
    assert faults == []
    assert entries == [Entry(2, 1, 1, "".join(words.values()) + "1" * (len(UNITS) - len(words)) + "12")]


def test_a_county_s_own_unit_is_blank_on_the_paper_of_another() -> None:
    doc = {**DOC, "variants": areas(DOC, {"411102": ["LH-024"]})}
    layout = Layout(read_form("added", 1, doc), CELLS, LAYOUT.points)

    def fault(area: str, point: str, last: str) -> list[str]:
        row = ["1", area, "城镇", point, *["满意"] * (len(UNITS) - 1), last, "", ""]
        found = check(read(file_of([row], header=HEADER), "a.csv"), layout)
        return [f"{one.code} {one.params['cell']}" for one in found.faults]

    assert fault("源汇区", "文化宫", "满意") == fault("郾城区", "龙城广场", "") == []
    assert fault("郾城区", "龙城广场", "满意") == ["cell_not_on_sheet AB2"]


@pytest.mark.parametrize(
    ("words", "stratum", "point"),
    [
        (("源汇区", "城镇", "文化宫"), 1, 1),
        (("411102", "rural", "2"), 2, 2),
        (("411103", "农村", "孟庙"), 4, 4),
        (("郾城区", "URBAN", "3"), 3, 3),
    ],
)
def test_cells_by_name_or_code(words: tuple[str, str, str], stratum: int, point: int) -> None:
    faults, entries = checked(["1", *words, *["1"] * len(UNITS), "", ""])
    assert faults == []
    assert (entries[0].stratum_no, entries[0].point_no) == (stratum, point)


FAULTS: list[tuple[dict[str, str], str, str, str, dict[str, Any]]] = [
    ({"E": "非常满意"}, "cell_not_an_option", "E", "满意、基本满意、不满意、不了解", {"value": "非常满意"}),
    ({"F": "4"}, "cell_number_no_code", "F", "满意、基本满意、不满意、不了解", {"value": "4"}),
    ({"F": "满意、不满意"}, "cell_two_options", "F", "无效", {"value": "满意、不满意"}),
    ({"AC": "9"}, "cell_number_no_code", "AC", "18–29 岁", {"value": "9"}),
    ({"B": "舞阳县"}, "cell_area_unknown", "B", "源汇区、郾城区", {"value": "舞阳县"}),
    ({"C": "企业"}, "cell_kind_unknown", "C", "城镇、农村", {"value": "企业"}),
    ({"D": "孟庙"}, "cell_point_of_other_area", "D", "文化宫、火车站", {"value": "孟庙"}),
    ({"D": "4"}, "cell_point_of_other_area", "D", "文化宫、火车站", {"value": "4"}),
    ({"A": ""}, "cell_missing", "A", "补填", {"column": "问卷编号"}),
    ({"B": ""}, "cell_missing", "B", "补填", {"column": "地区"}),
    ({"C": ""}, "cell_missing", "C", "补填", {"column": "类别"}),
    ({"D": ""}, "cell_missing", "D", "补填", {"column": "测评点"}),
]


@pytest.mark.parametrize(("changes", "code", "letters", "remedy", "params"), FAULTS)
def test_a_faulty_cell(changes: dict[str, str], code: str, letters: str, remedy: str, params: dict[str, Any]) -> None:
    right = one_row(A="0000")
    faults, entries = checked(right, one_row(**changes))
    assert entries == []
    assert [(fault.row, fault.code, fault.params["cell"]) for fault in faults] == [(3, code, f"{letters}3")]
    assert faults[0].column == next(name for index, name in enumerate(HEADER) if column_letters(index) == letters)
    assert params.items() <= faults[0].params.items()
    problem = faults[0].problem()
    assert remedy in problem.remedy()
    for language in ("zh", "en"):
        assert "…" not in problem.sentence(language) + problem.remedy(language)
    assert all(value in problem.sentence() for value in params.values())


def test_a_repeated_line_names_the_first() -> None:
    faults, _ = checked(one_row(), one_row(A="0002"), one_row(A="0001"))
    assert [(f.row, f.column, f.code, f.params["first"]) for f in faults] == [(4, "问卷编号", "cell_line_repeated", 2)]


def test_a_row_without_ratings() -> None:
    faults, _ = checked(one_row(), ["0002", "源汇区", "城镇", "文化宫", *[""] * len(UNITS), "1", "女"])
    assert [(fault.row, fault.column, fault.code) for fault in faults] == [(3, None, "row_empty")]


def test_a_row_of_invalid_cells_is_no_empty_row() -> None:
    assert checked(["1", "源汇区", "城镇", "1", *["无效"] * len(UNITS), "", ""])[0] == []


def test_all_faults_come_at_once_in_the_order_of_the_file() -> None:
    faults, _ = checked(one_row(A="", B="x", E="y"), one_row(), one_row(A="3", C="q", F="r", AC="z"), one_row(D="w"))
    assert [(fault.row, fault.params["cell"]) for fault in faults] == [
        (2, "A2"), (2, "B2"), (2, "E2"), (4, "C4"), (4, "F4"), (4, "AC4"), (5, "A5"), (5, "D5"),
    ]  # fmt: skip


def test_the_place_of_a_column_does_not_matter() -> None:
    order = [LAST, *range(LAST)]
    row = one_row(E="不满意")
    faults, entries = checked([row[index] for index in order], header=[HEADER[index] for index in order])
    assert faults == []
    assert entries == checked(row)[1]


@pytest.mark.parametrize(
    "header",
    [
        ["line", "area", "kind", "point", *(unit["code"] for unit in UNITS), "age", "sex"],
        ["Sheet number", "AREA", "Kind", "Test point", *(unit["name"] for unit in UNITS), "Age", "Sex"],
        [name.replace("(", "\uff08").replace(")", "\uff09").replace(" ", "  ") for name in HEADER],
    ],
)
def test_headings_in_other_spellings(header: list[str]) -> None:
    assert checked(one_row(), header=header)[0] == []


def test_all_missing_columns_are_named() -> None:
    faults, _ = checked(one_row()[1:-1], header=HEADER[1:-1])
    assert [(fault.row, fault.code) for fault in faults] == [(1, "upload_columns_missing")]
    assert faults[0].params["columns"] == "问卷编号、性别"


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        (["姓名", "电话"], "姓名、电话"),
        (["评议码"], "评议码"),
        (["LH-001 教育"], "LH-001 教育"),
        (["LH-002 教育"], "LH-002 教育"),
        ([""], "AE"),
    ],
)
def test_all_unknown_columns_are_named(extra: list[str], named: str) -> None:
    """A code with another unit's name, a heading that comes twice, and cells under no heading as well."""
    faults, _ = checked([*one_row(), *["x"] * len(extra)], header=[*HEADER, *extra])
    assert [(fault.row, fault.code) for fault in faults] == [(1, "upload_columns_unknown")]
    assert faults[0].params["columns"] == named


def test_a_file_without_rows() -> None:
    assert [fault.code for fault in checked()[0]] == ["upload_empty"]


def test_without_test_points_their_column_may_be_missing() -> None:
    layout = Layout(FORM, CELLS, [])
    assert "测评点" not in layout.printed
    bare = [["1", "源汇区", "城镇", *["1"] * len(UNITS), "", ""]]
    found = check(read(file_of(bare, header=layout.printed), "a.csv"), layout)
    assert (found.faults, found.entries[0].point_no) == ([], 0)
    empty = check(read(file_of([one_row(D="")]), "a.csv"), layout)
    assert (empty.faults, empty.entries[0].point_no) == ([], 0)
    assert [f.code for f in check(read(file_of([one_row()]), "a.csv"), layout).faults] == ["cell_point_unknown"]


def test_the_same_area_may_have_fewer_kinds() -> None:
    layout = Layout(FORM, [*CELLS[:1], Cell(2, "411103", "郾城区", "rural", "农村")], LAYOUT.points)
    faults = check(read(file_of([one_row(C="农村")]), "a.csv"), layout).faults
    assert [(fault.code, fault.params["options"]) for fault in faults] == [("cell_kind_of_other_area", "城镇")]


def sheet_with(text: str) -> Sheet:
    return Sheet(["a", "b"], [(2, ["x", "y"]), (7, ["z", text])], None)


@pytest.mark.parametrize("seed", range(5))
def test_codes_are_found_in_any_spelling(seed: int) -> None:
    code = new_code()
    for text in (
        code,
        printed(code),
        code.lower(),
        f"https://host/b/luohe#{code}",
        f" {printed(code).replace('-', ' ')}",
    ):
        with pytest.raises(Problem) as caught:
            refuse_codes(sheet_with(text))
        assert (caught.value.code, caught.value.params["row"]) == ("upload_holds_codes", 7)
        assert code not in str(caught.value)
    with pytest.raises(Problem, match="upload_holds_codes"):
        refuse_codes(Sheet([code], [], None))


@pytest.mark.parametrize("text", ["0000000000000000", "2026112200000001", "满意", "", "ABCDEFGHJKMNPQR", "#"])
def test_what_is_no_code_may_stand_in_a_file(text: str) -> None:
    refuse_codes(sheet_with(text))


def test_a_mistyped_code_is_no_code() -> None:
    code = new_code()
    refuse_codes(sheet_with(code[:-1] + ("A" if code[-1] != "A" else "B")))


def test_the_summary_counts_rows_and_flags_never_answers() -> None:
    alike = ["2", "源汇区", "城镇", "文化宫", *["不满意"] * 23, "满意", "", ""]
    nearly = ["3", "源汇区", "城镇", "文化宫", *["不满意"] * 22, "满意", "满意", "", ""]
    few = ["4", "郾城区", "农村", "孟庙", *["满意"] * 5, *[""] * 19, "", ""]
    _, entries = checked(one_row(), alike, nearly, few)
    found = summary(entries, LAYOUT)
    assert found == {
        "rows": 4,
        "cells": [
            {"area": "源汇区", "kind": "城镇", "point": "文化宫", "rows": 3},
            {"area": "郾城区", "kind": "农村", "point": "孟庙", "rows": 1},
        ],
        "alike": 2,
        "few": 1,
    }


def test_an_option_code_comes_before_the_general_words() -> None:
    """A scale may use a sign that elsewhere means blank or invalid; its own meaning wins."""
    doc = unit_questionnaire(title={"zh": "题", "en": "t"}, units=UNITS[:1])
    doc["scales"] = {**doc["scales"], "satisfaction4": {"options": [
        {"code": "1", "label": {"zh": "未答", "en": "x"}, "score": 1, "satisfied": True}]}}  # fmt: skip
    layout = Layout(read_form("q", 1, doc), CELLS, LAYOUT.points)
    assert layout.choices["satisfaction4"].read("未答") == "1"


def test_sheets_of_eighty_units_are_checked_whole() -> None:
    sheet, layout = many_sheets(500)
    refuse_codes(sheet)
    found = check(sheet, layout)
    assert (found.faults, len(found.entries)) == ([], 500)
    assert summary(found.entries, layout)
