"""Rows to files: text stays text."""

import csv
import io
import re
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_models.spreadsheets.formulas import neutral, plain
from survey_models.spreadsheets.read import read
from survey_models.spreadsheets.write import Table, csv_bytes, xlsx_bytes
from tests.sampling.properties import repeatable

# The last four are full-width.
DANGEROUS = "=+-@\t\r\x00\uff1d\uff0b\uff0d\uff20"
# What XML cannot hold is not a cell's text.
CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


@pytest.mark.parametrize("start", DANGEROUS)
def test_what_could_be_a_formula_gets_an_apostrophe(start: str) -> None:
    assert neutral(f"{start}1+1") == f"'{start}1+1"
    assert plain(f"'{start}1+1") == f"{start}1+1"


@pytest.mark.parametrize("text", ["", "满意", "1", "a=1", "'=1", "—", "–1"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert neutral(text) == text
    assert plain(text) == text or text == "'=1"


@repeatable
@given(st.lists(st.text(max_size=12), min_size=1, max_size=6))
def test_no_exported_cell_of_a_csv_begins_a_formula(cells: list[str]) -> None:
    content = csv_bytes([cells])
    assert content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig")
    row = next(csv.reader(io.StringIO(text, newline="")), [])
    assert [cell for cell in row if cell[:1] in set(DANGEROUS)] == []
    assert [
        cell.removeprefix("'") if old[:1] in set(DANGEROUS) else cell for cell, old in zip(row, cells, strict=True)
    ] == cells


def test_numbers_stay_numbers() -> None:
    assert csv_bytes([[-1, "-1", None]]) == b"\xef\xbb\xbf-1,'-1,\r\n"


@repeatable
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4))
def test_a_workbook_holds_no_formula_and_no_link(rows: list[tuple[str, str]]) -> None:
    rows = [*rows, ("=1+1", "http://example.org"), ("{=A1}", "@SUM(A1)")]
    content = xlsx_bytes([Table("s", ["a", "b"], rows)])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert not any("hyperlink" in archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    assert not re.search(r"<f[ >]", sheet)
    cells = re.findall(r"<c [^>]*>", sheet)
    assert cells
    assert all(' t="s"' in cell for cell in cells if not cell.endswith("/>"))


def test_what_was_written_is_read_again() -> None:
    rows = [["=1+1", "满意"], ["0012", "a\nb"]]
    sheet = read(xlsx_bytes([Table("s", ["x", "y"], rows)]), "a.xlsx")
    assert [cells for _, cells in sheet.rows] == rows


def test_the_same_rows_give_the_same_bytes() -> None:
    table = Table("s", ["a"], [["1"], [2]], [30])
    assert xlsx_bytes([table]) == xlsx_bytes([table])
