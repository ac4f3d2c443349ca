"""Exports read back: the same figures in three formats, whole or not at all, and to each person what is theirs."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree import ElementTree as ET

import pyreadstat
import pytest
from python_calamine import CalamineWorkbook

from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.exports import ddi, packing, service
from survey_models.exports.columns import Cell, Column, Table
from survey_models.exports.kinds import Format, What
from survey_models.exports.packing import Part
from survey_models.exports.pooling import ANY, told_strata
from survey_models.exports.writing import write
from survey_models.ledger.events import Event
from survey_models.ledger.service import recorded
from survey_models.results import service as results
from tests.box import back_to_ready, fill_and_count, sheets
from tests.docs.events import differences
from tests.poll import Poll, Shape, open_poll

AUDITOR, OFFICE = ("auditor",), ("setup",)


@pytest.fixture(scope="module")
def counted(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Poll]:
    """A counted poll with a result: 40 sheets in each of eight cells."""
    folder = tmp_path_factory.mktemp("exports")
    (folder / "poll.sqlite3").write_bytes(sqlite_template.read_bytes())
    with open_poll(f"sqlite:///{folder}/poll.sqlite3", folder, Shape(n_units=5)) as poll:
        back_to_ready(poll)
        fill_and_count(poll, sheets(poll, 40))
        with poll.work() as session:
            results.run(session, "poll", by="setup", at=clock.now())
        yield poll


def files_of(poll: Poll, what: What, form: Format, roles: Sequence[str] = OFFICE) -> dict[str, bytes]:
    out = io.BytesIO()
    with poll.look() as session:
        packing.to_archive(out, service.of_campaign(session, "poll", what, form, roles=roles), {"what": what.value})
    with zipfile.ZipFile(out) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def csv_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sav_of(content: bytes, folder: Path) -> tuple[dict[str, list[Any]], Any]:
    (folder / "data.sav").write_bytes(content)
    data, meta = pyreadstat.read_sav(str(folder / "data.sav"), output_format="dict", user_missing=True)
    return data, meta


def test_a_statistics_file_scores_to_the_same_results(counted: Poll, tmp_path: Path) -> None:
    data, meta = sav_of(files_of(counted, What.BALLOTS, Format.SAV, AUDITOR)["ballots.sav"], tmp_path)
    with counted.look() as session:
        found = {row.unit_code: row for row, _ in results.rows(session, results.latest(session, "poll"))}
    people = {1: 3000, 2: 3000, 3: 2000, 4: 2000}
    strata = [int(number) for number in data["stratum"]]
    returned = {number: strata.count(number) for number in people}
    assert meta.variable_value_labels["stratum"][1.0] == "源汇区·城镇"
    for unit, row in found.items():
        name = unit.replace("-", "_")
        assert meta.column_names_to_labels[name].startswith("单位")
        labels = meta.variable_value_labels[name]
        points = {"满意": 100, "基本满意": 60, "不满意": 0}
        weighted = [
            (Decimal(people[stratum]) / returned[stratum], points[labels[answer]])
            for stratum, answer in zip(strata, data[name], strict=True)
            if labels[answer] in points
        ]
        whole = sum((weight for weight, _ in weighted), Decimal(0))
        score = sum((weight * value for weight, value in weighted), Decimal(0)) / whole
        assert abs(score - Decimal(row.score or "nan")) < Decimal("1e-8")
        assert len(weighted) == row.n_judging
        assert labels[98.0] == "未填"
        assert meta.missing_ranges[name] == [{"lo": 98.0, "hi": 98.0}, {"lo": 99.0, "hi": 99.0}]


# The order in which the schema of DDI Codebook 2.5 has what we write.
DDI_ORDER = {
    "codeBook": ("docDscr", "stdyDscr", "fileDscr", "dataDscr"),
    "stdyDscr": ("citation", "stdyInfo", "method"),
    "sumDscr": ("collDate", "nation", "geogCover", "anlyUnit", "universe", "dataKind"),
    "dataColl": ("sampProc", "collMode", "weight"),
    "var": ("labl", "anlysUnit", "qstn", "invalrng", "catgry"),
    "catgry": ("catValu", "labl", "catStat"),
}


def test_the_codebook_has_variables_categories_method_and_counts(counted: Poll) -> None:
    with counted.work() as session:
        content = ddi.take(session, "poll", by="setup", at=clock.now(), zone="Asia/Shanghai")
        (taken,) = [one for one in recorded(session, "poll", Event.EXPORT_WRITTEN) if one["sheet"] == "codebook.xml"]
    assert taken["sha256"] == hashlib.sha256(content).hexdigest()
    root = ET.fromstring(content)
    named = {"d": ddi.NAMESPACE}
    for tag, order in DDI_ORDER.items():
        for element in [root] if tag == "codeBook" else root.findall(f".//d:{tag}", named):
            places = [order.index(child.tag.partition("}")[2]) for child in element]
            assert places == sorted(places), tag
    variables = {one.get("name"): one for one in root.findall(".//d:var", named)}
    counted_units = csv_of(files_of(counted, What.TALLIES, Format.CSV)["tallies.csv"])
    assert len(counted_units) == 5
    for row in counted_units:
        categories = variables[row["unit"].replace("-", "_")].findall("d:catgry", named)
        freq = [one.findtext("d:catStat", namespaces=named) for one in categories]
        assert freq == [value for name, value in row.items() if name.startswith("n_")]
        assert [one.get("missing") for one in categories[-2:]] == ["Y", "Y"]
        assert [one.text for one in categories[0].findall("d:labl", named)] == ["满意", "Satisfied"]
    assert len(root.findall(".//d:sampProc", named)) == 2 * 4, "four strata in two languages"
    assert root.findall(".//d:weight", named)
    assert root.findtext(".//d:caseQnty", namespaces=named) == "320"


def test_the_three_formats_say_the_same(counted: Poll, tmp_path: Path) -> None:
    rows = csv_of(files_of(counted, What.BALLOTS, Format.CSV, AUDITOR)["ballots.csv"])
    data, _ = sav_of(files_of(counted, What.BALLOTS, Format.SAV, AUDITOR)["ballots.sav"], tmp_path)
    assert list(rows[0]) == list(data)
    assert [[float(cell) for cell in row.values()] for row in rows] == [
        list(row) for row in zip(*data.values(), strict=True)
    ]
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(files_of(counted, What.BALLOTS, Format.XLSX, AUDITOR)["ballots.xlsx"])
    )
    printed = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    assert printed[0][0] == "测试评议 评议票"
    codes = csv_of(files_of(counted, What.BALLOTS, Format.CSV, AUDITOR)["codebook.csv"])
    meaning = {(line["name"], line["value"]): line["meaning"] for line in codes}
    assert printed[3] == [meaning[name, cell] for name, cell in rows[0].items()]
    assert len(rows) == 320
    for what in (What.RESULTS, What.TALLIES):
        told = csv_of(files_of(counted, what, Format.CSV)[f"{what.value}.csv"])
        data, meta = sav_of(files_of(counted, what, Format.SAV)[f"{what.value}.sav"], tmp_path)
        assert [meta.variable_value_labels["name"][number] for number in data["name"]] == [row["name"] for row in told]
        assert [int(number) for number in data["n"]] == [int(row["n"]) for row in told]


def test_the_office_sees_no_person_and_an_auditor_the_box(counted: Poll) -> None:
    office = csv_of(files_of(counted, What.BALLOTS, Format.CSV)["ballots.csv"])
    auditor = csv_of(files_of(counted, What.BALLOTS, Format.CSV, AUDITOR)["ballots.csv"])
    assert list(office[0]) == ["stratum", *(f"U_00{no}" for no in range(1, 6))]
    assert list(auditor[0])[:3] == ["stratum", "point", "channel"]
    assert len(auditor[0]) == 3 + 5 + 2
    assert len(office) == len(auditor) == 320


def test_a_small_stratum_never_stands_alone_under_the_common_heading() -> None:
    def told(least: int, **numbers: int) -> set[int] | None:
        found = told_strata({int(no[1:]): {ANY: number} for no, number in numbers.items()}, least=least, floor=10)
        return None if found is None else set(found)

    assert told(30, s1=40, s2=50, s3=60) == {1, 2, 3}
    # Stratum 4 alone would be "the others"; so is what takes 30 sheets together.
    assert told(30, s1=40, s2=50, s3=60, s4=3) == {2, 3}
    assert told(30, s1=40, s4=12, s5=17) == set()
    assert told(30, s1=40, s4=15, s5=15) == {1}
    assert told(50, s1=40, s2=60) == set()


def _by_variant(folder: Path, template: Path, firms: dict[int, int]) -> list[dict[str, str]]:
    """The office's ballots of a poll with 40 sheets in each cell, and so many of a variant of two units by stratum."""
    (folder / "poll.sqlite3").write_bytes(template.read_bytes())
    shape = Shape(n_units=5, variants={"all": None, "firms": ["U-001", "U-002"]})
    with open_poll(f"sqlite:///{folder}/poll.sqlite3", folder, shape) as poll:
        back_to_ready(poll)
        box = sheets(poll, 40)
        for cell, lines in box.items():
            if cell[1] in {1, 3}:
                lines.extend(["12-----"] * firms.get(cell[0], 0))
        fill_and_count(poll, box)
        return csv_of(files_of(poll, What.BALLOTS, Format.CSV)["ballots.csv"])


def test_few_sheets_of_a_variant_are_found_by_no_pattern_of_blanks(tmp_path: Path, sqlite_template: Path) -> None:
    rows = _by_variant(tmp_path, sqlite_template, {1: 3, 2: 40, 3: 31})
    # The attack: whose sheet has blanks where only that variant has them, in a stratum that somebody is known to be of.
    seen = Counter((row["stratum"], tuple(row[f"U_00{no}"] == "98" for no in (3, 4, 5))) for row in rows)
    found = {stratum: number for (stratum, blank), number in seen.items() if all(blank)}
    assert sum(found.values()) == 74
    assert found == {"0": 34, "2": 40}, "three of one stratum stand among those of another"
    (tmp_path / "few").mkdir()
    with pytest.raises(Problem) as refused:
        _by_variant(tmp_path / "few", sqlite_template, {1: 3, 4: 6})
    assert refused.value.code == "cell_too_small"


def test_nothing_before_counting_and_no_small_cells(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        for what in What:
            for roles in (OFFICE, AUDITOR):
                with poll.look() as session, pytest.raises(Problem, match="campaign_open"):
                    service.of_campaign(session, "poll", what, Format.CSV, roles=roles)


def test_the_manifest_tells_rows_and_hashes(counted: Poll, tmp_path: Path) -> None:
    with counted.look() as session:
        parts = service.of_campaign(session, "poll", What.TALLIES, Format.CSV, roles=OFFICE)
        packing.to_folder(tmp_path / "out", parts, {"what": "tallies"})
    files = packing.checked(tmp_path / "out")
    assert (files[0].name, files[0].rows) == ("tallies.csv", 5)
    assert json.loads((tmp_path / "out" / packing.MANIFEST).read_bytes())["form"] == packing.FORM
    (tmp_path / "out" / "tallies.csv").write_bytes(b"")
    with pytest.raises(Problem, match="export_damaged"):
        packing.checked(tmp_path / "out")
    with counted.work() as session:
        at = clock.now()
        service.record_written(session, "tallies", Format.CSV, files, campaign_id="poll", by="setup", at=at)
        service.record_written(session, "windows", Format.CSV, files, campaign_id="", by="setup", at=at)
        (body,) = [one for one in recorded(session, "poll", Event.EXPORT_WRITTEN) if one["sheet"] != "codebook.xml"]
        (listed,) = recorded(session, "system", Event.LIST_WRITTEN)
    assert differences("exports:written", "poll", body) == []
    assert differences("exports:list_written", "system", listed) == []


def test_what_breaks_leaves_nothing_that_looks_whole(tmp_path: Path) -> None:
    def short(out: BinaryIO) -> int:
        out.write(b"1\r\n" * 9)
        return 9

    def broken(out: BinaryIO) -> int:
        out.write(b"1\r\n" * 9)
        raise OSError("no space left")

    for write_, error in ((short, Problem), (broken, OSError)):
        parts = [Part("whole.csv", 9, short), Part("ballots.csv", 10, write_)]
        out = io.BytesIO()
        with pytest.raises(error):
            packing.to_archive(out, parts, {})
        with pytest.raises(zipfile.BadZipFile):
            zipfile.ZipFile(out)
        with pytest.raises(error):
            packing.to_folder(tmp_path / "out", parts, {})
        assert list(tmp_path.iterdir()) == []


def table_of(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> Table:
    return Table("made", "=1+1", columns, len(rows), lambda: iter(rows))


def test_words_never_become_formulas() -> None:
    hostile = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "\t=1", "http://example.com", "'", "好"]
    table = table_of([Column("word", "=词", text=True)], [[word] for word in hostile])
    out = io.BytesIO()
    write(out, table, Format.CSV)
    rows = list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline="")))
    assert [row[0] for row in rows[1:]] == [f"'{word}" if word[0] in "=+-@＝\t" else word for word in hostile]
    out = io.BytesIO()
    write(out, table, Format.XLSX)
    with zipfile.ZipFile(out) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "hyperlink" not in sheet
    shown = CalamineWorkbook.from_filelike(io.BytesIO(out.getvalue())).get_sheet_by_index(0).to_python()
    assert [row[0] for row in shown[2 : 2 + len(hostile)]] == hostile


def test_a_statistics_file_holds_what_it_was_told(tmp_path: Path) -> None:
    long = "很长的标签" * 80
    columns = [
        Column("share", long, places=2),
        Column("small", "小", {0: "无", 1: "有" * 90}),
        Column("large", "大", {200: "二百", 1: "一"}),
        Column("word", "词", text=True),
        *(Column(f"c{no}", f"列{no}", {1: "是"}) for no in range(20)),
    ]
    rows: list[list[Cell]] = [
        [Decimal("-12.25"), 1, 200, "甲", *([1] * 20)],
        [None, None, 1, None, *([None] * 20)],
        [10**9, 0, None, "=乙", *([1, None] * 10)],
    ]
    out = io.BytesIO()
    assert write(out, table_of(columns, rows), Format.SAV) == 3
    data, meta = sav_of(out.getvalue(), tmp_path)
    assert data["share"] == [-12.25, None, 1e9]
    assert data["small"] == [1, None, 0]
    assert data["large"] == [200, 1, None]
    assert [meta.variable_value_labels["word"].get(number) for number in data["word"]] == ["甲", None, "=乙"]
    assert data["c1"] == [1, None, None]
    assert long.startswith(meta.column_names_to_labels["share"])
    assert meta.number_rows == 3
    assert meta.file_encoding == "UTF-8"


async def test_over_http_it_is_one_archive_and_every_one_is_in_the_ledger(counted: Poll) -> None:
    path = "/api/campaigns/poll/exports"
    async with counted.signed_in("auditor") as auditor:
        got = await auditor.get(f"{path}/ballots?form=csv")
        assert (got.status_code, got.headers["cache-control"]) == (200, "no-store")
        assert int(got.headers["content-length"]) == len(got.content)
        with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
            told = json.loads(archive.read(packing.MANIFEST))
            assert archive.namelist() == ["ballots.csv", "codebook.csv", packing.MANIFEST]
        assert (told["campaign"], told["by"], told["files"][0]["rows"]) == ("poll", "auditor", 320)
        for what in ("windows", "findings"):
            assert (await auditor.get(f"/api/exports/{what}?form=xlsx")).status_code == 200
    async with counted.signed_in("contractor") as contractor:
        assert (await contractor.get(f"{path}/results")).json()["code"] == "forbidden"
    with counted.look() as session:
        bodies = recorded(session, "poll", Event.EXPORT_WRITTEN)
    assert told["files"][0]["sha256"] in {body["sha256"] for body in bodies}
