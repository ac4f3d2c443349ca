"""Files made to harm whoever reads them (恶意文件), each with the refusal that it must get."""

import io
import zipfile
from collections.abc import Iterator
from typing import NamedTuple

from survey_models.spreadsheets.write import Table, xlsx_bytes
from tests.survey_models.spreadsheets.old_workbook import FORMULA, book, compound, label, record
from tests.survey_models.spreadsheets.spss_files import Variable, sav

MIB = 1 << 20
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"


class Hostile(NamedTuple):
    """What it is, the name it is sent under, its bytes, the code of its refusal."""

    what: str
    filename: str
    content: bytes
    code: str


def rebuilt(change: dict[str, bytes], *, drop: str = "") -> bytes:
    """A workbook with some parts added or replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx_bytes([Table("s", ["a"], [["1"]])]))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for name in old.namelist():
            if name != drop and name not in change:
                new.writestr(name, old.read(name))
        for name, content in change.items():
            new.writestr(name, content)
    return out.getvalue()


def lying_size(content: bytes) -> bytes:
    """The stated size of the first entry made small, in its own header and in the central directory."""
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = content.index(mark) + offset
        content = content[:place] + (1).to_bytes(4, "little") + content[place + 4 :]
    return content


def garbled(content: bytes) -> bytes:
    """The compressed data of one entry overwritten."""
    place = content.index(b"xl/workbook.xml") + len("xl/workbook.xml")
    return content[:place] + b"\xff" * 10 + content[place + 10 :]


def sheet(*rows: str) -> bytes:
    """The markup of a sheet."""
    return f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'.encode()


def letters(index: int) -> str:
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def cells(row: int, number: int, body: str = "<v>1</v>", kind: str = "") -> str:
    places = (f'<c r="{letters(at)}{row}"{kind}>{body}</c>' for at in range(number))
    return f'<row r="{row}">{"".join(places)}</row>'


def laughs() -> bytes:
    """Entities that name each other ten times, ten deep: ten thousand million words."""
    names = [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 11)]
    head = f'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a0 "laugh">{"".join(names)}]>'
    return f'{head}<sst xmlns="{MAIN}"><si><t>&a10;</t></si></sst>'.encode()


def crowded() -> bytes:
    """A package whose directory claims to be eight megabytes long."""
    content = rebuilt({})
    place = content.rindex(b"PK\x05\x06") + 12
    return content[:place] + (8 * MIB).to_bytes(4, "little") + content[place + 4 :]


def workbooks() -> Iterator[Hostile]:
    def one(what: str, content: bytes, code: str = "upload_not_readable") -> Hostile:
        return Hostile(what, "a.xlsx", content, code)

    large, active = "upload_too_large", "upload_active_content"
    long_text = f'<sst xmlns="{MAIN}"><si><t>{"万" * 32_767}</t></si></sst>'.encode()
    yield one("zip bomb: 201 MiB of zeros", rebuilt({"xl/media/zeros.bin": b"\0" * (201 * MIB)}), large)
    yield one("zip bomb: 100 MiB of blanks in the sheet", rebuilt({SHEET: sheet(" " * (100 * MIB))}), large)
    yield one("stated size too small", lying_size(rebuilt({})))
    yield one("directory of 8 MiB by its own word", crowded(), large)
    yield one("201 parts", rebuilt({f"xl/media/{number}.png": b"" for number in range(201)}))
    yield one("no workbook inside", rebuilt({}, drop="xl/workbook.xml"))
    yield one("cut off", rebuilt({})[:-40])
    yield one("garbled data", garbled(rebuilt({})))
    yield one("billion laughs", rebuilt({"xl/sharedStrings.xml": laughs()}))
    yield one("one long text in 20,000 cells", rebuilt({"xl/sharedStrings.xml": long_text, SHEET: sheet(
        *(cells(row, 100, "<v>0</v>", ' t="s"') for row in range(1, 201)))}))  # fmt: skip
    yield one(
        "cell XFD1048576", rebuilt({SHEET: sheet(cells(1, 1), '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')})
    )
    yield one("16,384 columns", rebuilt({SHEET: sheet(cells(1, 16_384))}), large)
    yield one(
        "1,048,576 rows",
        rebuilt({SHEET: sheet(cells(1, 1), '<row r="1048576"><c r="A1048576"><v>1</v></c></row>')}),
        large,
    )
    yield one("broken markup", rebuilt({SHEET: b"<worksheet"}))
    yield one(
        "formula cell",
        rebuilt({SHEET: sheet('<row r="1"><c r="A1"><v>1</v></c><c r="B1"><f>HYPERLINK("x")</f><v>1</v></c></row>')}),
        "upload_holds_formulas",
    )
    yield one("macros", rebuilt({"xl/vbaProject.bin": b"x"}), active)
    yield one("macro sheet", rebuilt({"xl/macrosheets/sheet1.xml": b"x"}), active)
    yield one("links to other workbooks", rebuilt({"xl/externalLinks/externalLink1.xml": b"x"}), active)
    yield one("embedded object", rebuilt({"xl/embeddings/oleObject1.bin": b"x"}), active)
    yield one("data connection", rebuilt({"xl/connections.xml": b"x"}), active)


def others() -> Iterator[Hostile]:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    yield Hostile("xls: sectors without end", "a.xls", ole + b"\0" * 22 + b"\xff" * 4096, "upload_not_readable")
    yield Hostile(
        "xls: macros", "a.xls", ole + b"\0" * 600 + "_VBA_PROJECT".encode("utf-16-le"), "upload_active_content"
    )
    typed = [label(0, 0, "编号"), label(1, 0, "7")]
    unfit, active = "upload_holds_formulas", "upload_active_content"
    yield Hostile("xls: formula cell", "a.xls", compound(book([*typed, record(0x0006, FORMULA)])), unfit)
    yield Hostile("xls: Excel 4 macro sheet", "a.xls", compound(book(typed, kind=1)), active)
    yield Hostile("xls: a program of Visual Basic", "a.xls", compound(book(typed, before=record(0x00D3))), active)
    other = record(0x01AE, b"\x01\x00\x05\x00\x00http:")
    yield Hostile("xls: links to other workbooks", "a.xls", compound(book(typed, before=other)), active)
    yield Hostile(
        "password", "a.xlsx", ole + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "upload_has_password"
    )
    yield Hostile("csv: 16,384 columns", "a.csv", b",".join([b"a"] * 16_384) + b"\n", "upload_too_large")
    yield Hostile("csv: 20 MB of commas", "a.csv", (b"," * 299 + b"\n") * 66_000, "upload_too_large")
    yield Hostile("csv: a quotation mark never closed", "a.csv", b'a,b\n"' + b"x" * (19 * MIB), "upload_not_readable")
    yield Hostile(
        "csv: half a GB18030 character",
        "a.csv",
        "编号\n".encode("gb18030") + "源汇".encode("gb18030")[:-1],
        "upload_wrong_encoding",
    )
    yield Hostile("csv: zeros", "a.csv", b"a,b\n\0,\0\n", "upload_not_readable")
    few, wide = [Variable("a"), Variable("b", width=255)], [Variable(f"v{number}") for number in range(16_384)]
    cases: list[list[float | str | None]] = [[1.0, "x"], [2.0, "y"]]
    yield Hostile(
        "sav: 2,000,000,000 cases by its head", "a.sav", sav(few, cases, stated=2_000_000_000), "upload_too_large"
    )
    yield Hostile("sav: fewer cases than its head says", "a.sav", sav(few, cases, stated=90_000), "upload_not_readable")
    yield Hostile("sav: a negative count", "a.sav", sav(few, cases, stated=-7), "upload_not_readable")
    yield Hostile("sav: 16,384 variables", "a.sav", sav(wide, []), "upload_too_large")
    yield Hostile("sav: a label of 2 GiB", "a.sav", labelled(), "upload_not_readable")
    yield Hostile("sav: cut off", "a.sav", sav(few, cases)[:300], "upload_not_readable")


def labelled() -> bytes:
    content = bytearray(sav([Variable("a", "标签")], [[1.0]]))
    content[208:212] = (2**31 - 1).to_bytes(4, "little")
    return bytes(content)


def hostile_files() -> Iterator[Hostile]:
    """One after the other: together they take hundreds of megabytes."""
    yield from workbooks()
    yield from others()
