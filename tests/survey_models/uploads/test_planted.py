"""A file with 500 planted faults of the forty kinds in the documents: all found, none invented; the same file twice."""

import io
import re
import zipfile
from collections import Counter

from survey_models.reports import marked_file
from survey_models.spreadsheets.read import read
from survey_models.spreadsheets.write import Table, csv_bytes, xlsx_bytes
from survey_models.uploads.kinds.ballots import Checked
from survey_models.uploads.kinds.ballots_check import check
from tests.survey_models.uploads.planted import FEWER, HEADER, kinds, planted, right_rows

ROWS, FAULTS = 620, 500


def found_in(content: bytes, name: str) -> Checked:
    return check(read(content, name), FEWER)


def named(checked: Checked) -> set[tuple[int, str, str]]:
    return {(fault.row or 0, fault.params.get("cell", ""), fault.code) for fault in checked.faults}


def test_the_guide_lists_forty_kinds() -> None:
    codes = [kind.code for kind in kinds()]
    assert len(codes) == len(set(codes)) == 40


def test_five_hundred_planted_faults_are_found_and_none_is_invented() -> None:
    made = planted(ROWS, FAULTS)
    assert len(made.faults) == FAULTS
    assert set(Counter(code for _, _, code in made.faults).values()) <= {12, 13}
    for content, name in (
        (csv_bytes([HEADER, *made.cells]), "a.csv"),
        (xlsx_bytes([Table("评议票", HEADER, made.cells)]), "a.xlsx"),
    ):
        checked = found_in(content, name)
        assert (sorted(named(checked) - made.faults), sorted(made.faults - named(checked))) == ([], [])
        assert checked.total == FAULTS
        for fault in checked.faults:
            for language in ("zh", "en"):
                said = fault.problem().sentence(language) + fault.problem().remedy(language)
                assert "{" not in said
        assert found_in(content, name) == checked


def test_the_same_rows_without_faults_have_none() -> None:
    checked = found_in(csv_bytes([HEADER, *right_rows(ROWS)]), "a.csv")
    assert (checked.faults, len(checked.entries)) == ([], ROWS)


def test_what_is_somebodys_is_not_written_down_again() -> None:
    body = right_rows(2)
    body[1][0] = "13800138000"
    assert found_in(csv_bytes([HEADER, *body]), "a.csv").faults[0].params["value"] == "138"


def test_the_faulty_file_comes_back_with_marked_cells() -> None:
    made = planted(50, 40)
    sheet = read(csv_bytes([HEADER, *made.cells]), "a.csv")
    content = marked_file.render(sheet, check(sheet, FEWER).faults)
    again = read(content, "m.xlsx")
    assert (again.header, again.rows) == (sheet.header, sheet.rows)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        comments = archive.read("xl/comments1.xml").decode()
        styles = archive.read("xl/styles.xml").decode()
    marked = set(re.findall(r'<comment ref="(\w+)"', comments))
    assert marked == {cell or f"A{row}" for row, cell, _ in made.faults}
    assert "请" in comments
    assert "paper" in comments
    assert "FFC7CE" in styles
