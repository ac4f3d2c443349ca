"""Bytes to rows: encodings, workbooks, and files that must be refused."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_models.core.errors import Problem
from survey_models.spreadsheets.read import folded, read
from survey_models.spreadsheets.write import Table, workbook, xlsx_bytes
from tests.sampling.properties import repeatable
from tests.survey_models.spreadsheets.hostile_files import hostile_files
from tests.survey_models.spreadsheets.old_workbook import FORMULA, book, compound, label, record
from tests.survey_models.spreadsheets.spss_files import Variable, sav

TEXT = "问卷编号,地区,LH-001 发展改革委(含物价)\r\n0001,源汇区,满意\r\n0002,郾城区,不了解\r\n"
ROWS = [(2, ["0001", "源汇区", "满意"]), (3, ["0002", "郾城区", "不了解"])]


def refusal(content: bytes, name: str = "a.csv") -> Problem:
    with pytest.raises(Problem) as caught:
        read(content, name)
    return caught.value


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8"),
        (TEXT.encode("gb18030"), "gb18030"),
        (TEXT.encode("utf-16"), "utf-16"),
        (TEXT.replace(",", "\t").encode("utf-16"), "utf-16"),
        (TEXT.replace(",", ";").encode(), "utf-8"),
    ],
)
def test_encodings_that_are_read(content: bytes, encoding: str) -> None:
    sheet = read(content, "a.csv")
    assert sheet.encoding == encoding
    assert sheet.header == ["问卷编号", "地区", "LH-001 发展改革委(含物价)"]
    assert sheet.rows == ROWS


def test_four_byte_gb18030_is_read() -> None:
    assert read("编号,名\n1,㐂𠮷\n".encode("gb18030"), "a.csv").rows == [(2, ["1", "㐂𠮷"])]


@pytest.mark.parametrize(
    ("content", "byte"),
    [
        ("Stra\u00dfe,Caf\u00e9,1\n".encode("latin-1"), 10),
        # Half a character in the last line of a file that is UTF-8 by its first line; GB18030 could read some of these.
        (TEXT.encode() + "0003,源".encode()[:-1], len(TEXT.encode()) + 5),
        (b"\xef\xbb\xbf" + "编号\n源".encode()[:-1], 10),
        (TEXT.encode("utf-16")[:-1], len(TEXT.encode("utf-16")) - 2),
        (TEXT.encode("gb18030") + "0003,源".encode("gb18030")[:-1], len(TEXT.encode("gb18030")) + 5),
        (b"a,\xff\xff\n", 2),
    ],
)
def test_encodings_that_are_refused(content: bytes, byte: int) -> None:
    problem = refusal(content)
    assert (problem.code, problem.params["byte"]) == ("upload_wrong_encoding", byte)
    assert str(byte) in problem.sentence()
    assert "CSV UTF-8" in problem.remedy()


def test_broken_utf8_that_gb18030_would_read_is_refused() -> None:
    """The first line says UTF-8; reading on as GB18030 would give other characters without a word."""
    content = "问卷编号\n".encode() + "源".encode()[:2] + "汇".encode()[:2] + b"\n"
    assert content.decode("gb18030")
    assert refusal(content).code == "upload_wrong_encoding"


@pytest.mark.parametrize("content", [b"", b" \r\n", b"\xef\xbb\xbf\r\n", b",,\n,,\n"])
def test_empty_files(content: bytes) -> None:
    assert refusal(content).code == "upload_empty"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"a,b\n1,\x002\n", "a.csv"),
        (TEXT.encode(), "a.xlsx"),
        (b"PK\x03\x04 nothing of the kind", "a.xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xls"),
        (b"x" * 140_000 + b"\n1\n", "a.csv"),
        (b"\n\nfirst row must be the heading,x\n", "a.csv"),
    ],
)
def test_files_that_are_no_tables(content: bytes, name: str) -> None:
    assert refusal(content, name).code == "upload_not_readable"


@pytest.mark.parametrize("content", [b"," * 300 + b"a\n", b"a\n" + b"1\n" * 200_001])
def test_tables_that_are_too_large(content: bytes) -> None:
    assert refusal(content).code == "upload_too_large"


def test_an_old_workbook_without_programs_and_formulas_is_read() -> None:
    typed = [label(0, 0, "编号"), label(0, 1, "一"), label(1, 0, "7"), label(1, 1, "满意")]
    own = record(0x01AE, b"\x01\x00\x01\x04")
    for content in (compound(book(typed)), compound(book(typed, before=own))):
        assert read(content, "a.xls").rows == [(2, ["7", "满意"])]
    assert refusal(compound(book([*typed, record(0x0006, FORMULA)])), "a.xls").params == {"cell": "B1"}
    assert refusal(compound(book(typed, before=record(0x002F, bytes(6)))), "a.xls").code == "upload_has_password"
    cut = compound(book(typed))[:1500]
    assert refusal(cut, "a.xls").code == "upload_not_readable"


def test_row_numbers_are_those_of_the_spreadsheet_program() -> None:
    sheet = read(b'a,b\n"two\nlines",1\n\n , \nlast,2,\n', "a.csv")
    assert sheet.rows == [(2, ["two\nlines", "1"]), (5, ["last", "2"])]
    book = xlsx_bytes([Table("s", ["a", "b"], [["x", 1], [None, None], ["y", 2]])])
    assert read(book, "a.xlsx").rows == [(2, ["x", "1"]), (4, ["y", "2"])]


def test_cells_beyond_the_heading_are_kept() -> None:
    assert read(b"a,b\n1,2,3\n", "a.csv").header == ["a", "b", ""]


def test_letters_are_composed() -> None:
    assert read("a\ne\u0301\n".encode(), "a.csv").rows == [(2, ["\u00e9"])]
    assert read(xlsx_bytes([Table("s", ["a"], [["e\u0301"]])]), "a.xlsx").rows == [(2, ["\u00e9"])]


def test_folding_is_for_comparing() -> None:
    assert folded("\u3000\uff2c\uff28-\uff10\uff10\uff11\uff08Ab\uff09 ") == "lh-001(ab)"


def test_numbers_of_a_workbook_are_text_as_people_see_them() -> None:
    out = io.BytesIO()
    with workbook(out) as book:
        sheet = book.add_worksheet()
        for column, value in enumerate((1, 1.5, 12345678901234, True)):
            sheet.write(0, column, "h")
            sheet.write(1, column, value)
    assert read(out.getvalue(), "a.xlsx").rows == [(2, ["1", "1.5", "12345678901234", "TRUE"])]


def test_the_first_visible_sheet_is_read() -> None:
    out = io.BytesIO()
    with workbook(out) as book:
        book.add_worksheet("hidden").hide()
        book.add_worksheet("shown").write_string(0, 0, "heading")
        book.worksheets()[1].write_string(1, 0, "cell")
        book.worksheets()[1].activate()
        book.worksheets()[1].set_first_sheet()
    assert read(out.getvalue(), "a.xlsx").rows == [(2, ["cell"])]


def test_hostile_files_are_refused_each_by_its_name() -> None:
    for one in hostile_files():
        problem = refusal(one.content, one.filename)
        assert (one.what, problem.code) == (one.what, one.code)
        if one.code == "upload_holds_formulas":
            assert "B1" in problem.sentence()


SCALE = {1.0: "满意", 2.0: "基本满意"}
VARIABLES = [Variable("id"), Variable("area", "地区", width=20), Variable("Q1_1", "1、评价—教育", labels=SCALE)]


def test_an_spss_file_is_read_by_its_labels() -> None:
    found = read(sav(VARIABLES, [[7, "源汇区", 2], [8, "郾城区", None], [None, "", None], [9.5, "x", 3]]), "a.sav")
    assert (found.header, found.names) == (["id", "地区", "1、评价—教育"], ("id", "area", "Q1_1"))
    assert found.rows == [(2, ["7", "源汇区", "基本满意"]), (3, ["8", "郾城区", ""]), (5, ["9.5", "x", "3"])]


def test_an_spss_file_without_cases_is_empty() -> None:
    assert refusal(sav(VARIABLES, []), "a.sav").code == "upload_empty"
    assert refusal(b"a,b\n1,2\n", "a.sav").code == "upload_not_readable"


@repeatable
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """Never anything but a sheet or a refusal; nothing is replaced silently."""
    try:
        sheet = read(content, "a.csv")
    except Problem:
        return
    assert "\ufffd" not in "".join(sheet.header) or b"\xef\xbf\xbd" in content or sheet.encoding != "utf-8"
    assert all(len(cells) == len(sheet.header) for _, cells in sheet.rows)


@repeatable
@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="gb18030", exclude_characters="\x00"), max_size=8), min_size=2, max_size=4
        ),
        min_size=1,
        max_size=5,
    )
)
def test_what_is_read_does_not_depend_on_the_encoding(rows: list[list[str]]) -> None:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    text = "\r\n".join(["编号,乙", *quoted]) + "\r\n"
    same = read(text.encode(), "a.csv")
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        other = read(text.encode(encoding), "a.csv")
        assert (other.header, other.rows) == (same.header, same.rows)


def test_a_nul_spelled_out_in_a_workbook_is_refused() -> None:
    """Workbooks write characters that XML does not know as ``_x0000_``."""
    made = xlsx_bytes([Table("表", ["名称"], [["aZZb"]])])
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"ZZ", b"_x0000_"))
    assert read(made, "a.xlsx").rows == [(2, ["aZZb"])]
    with pytest.raises(Problem) as caught:
        read(changed.getvalue(), "a.xlsx")
    assert caught.value.code == "upload_not_readable"
