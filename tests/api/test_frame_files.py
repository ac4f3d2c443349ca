"""Files of frames, unit lists, rosters: templates, faults with remedies, dry runs, marked files, the same twice."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

from sqlalchemy import func, select

from survey_models.frames.tables import Frame, FrameCell, FramePoint
from survey_models.spreadsheets.read import read
from survey_models.spreadsheets.write import Table, csv_bytes, xlsx_bytes
from tests.poll import open_poll

DOOR = "/api/frames/files"
HEADER = ["地区代码", "地区", "类别代码", "类别", "人数", "来源", "编造"]
GOOD = [
    ["411102", "源汇区", "town", "城镇", "163,000", "普查", ""],
    ["411102", "源汇区", "rural", "农村", "98000", "", "是"],
]
RAW = {"Content-Type": "application/octet-stream"}
WRONG = [
    ["示例411102", "源汇区", "town", "城镇", "1", "", ""],
    ["41 1102", "源汇区", "town", "城镇", "1", "", ""],
    ["411102", "源汇区", "town", "城镇", "一千", "", ""],
    ["411102", "郾城区", "rural", "农村", "5", "", "也许"],
    ["411102", "源汇区", "town", "城镇", "7", "13800138000", ""],
    ["411102", "源汇区", "town", "城镇", "7", "", ""],
]
CODES = {
    ("row_is_example", "A2"), ("frame_code_unfit", "A3"), ("frame_number_unfit", "E4"),
    ("frame_name_differs", "B5"), ("frame_yes_no_unfit", "G5"), ("cell_holds_phone", "F6"),
    ("frame_row_repeated", "A7"),
}  # fmt: skip


async def test_a_frame_is_frozen_from_a_file_whole_or_not_at_all(sqlite_url: str, tmp_path: Path) -> None:
    wish = {"id": "luohe-2027", "title": "漯河人数", "source": "普查", "filename": "a.csv"}
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.signed_in("setup") as setup:
            blank = await setup.get("/api/frames/template.xlsx", params={"what": "counts"})
            assert read(blank.content, "a.xlsx").header == HEADER
            book = zipfile.ZipFile(BytesIO(blank.content))
            assert b"dataValidation " in book.read("xl/worksheets/sheet1.xml")

            bad = csv_bytes([HEADER, *WRONG])
            refused = (await setup.post(DOOR, params=wish, content=bad, headers=RAW)).json()
            assert (refused["code"], {(one["code"], one["cell"]) for one in refused["faults"]}) == (
                "file_faulty",
                CODES,
            )
            assert all(one["remedy"] and one["remedy_en"] for one in refused["faults"])
            back = await setup.post(f"{DOOR}/marked", params={"filename": "a.csv"}, content=bad, headers=RAW)
            comments = zipfile.ZipFile(BytesIO(back.content)).read("xl/comments1.xml").decode()
            assert all(f'ref="{cell}"' in comments for _, cell in CODES)

            good = xlsx_bytes([Table("人数", HEADER, GOOD)])
            points = csv_bytes([["编号", "地区代码", "测评点"], ["P1", "411102", "文化宫"]])
            form = {"file": ("a.xlsx", good), "points": ("p.csv", points)}
            named = {key: value for key, value in wish.items() if key != "filename"}
            dry = await setup.post(DOOR, params={**named, "dry_run": True}, files=form)
            assert (dry.status_code, dry.json()["size"], dry.json()["points"]) == (201, 261_000, 1)
            with poll.look() as session:
                assert session.get(Frame, "luohe-2027") is None
            made = await setup.post(DOOR, params=named, files=form)
            assert (made.status_code, made.json()["digest"]) == (201, dry.json()["digest"])
            twice = await setup.post(DOOR, params=named, files=form)
            assert (twice.status_code, twice.json()["repeated"]) == (200, True)
            other = await setup.post(DOOR, params=wish, content=csv_bytes([HEADER, GOOD[0]]), headers=RAW)
            assert other.json()["code"] == "frame_exists"
            names = csv_bytes([["编号", "层", "规模"], ["0001", "源汇区", "3"], ["0002", "郾城区", ""]])
            listed = {**wish, "id": "shops", "kind": "list"}
            assert (await setup.post(DOOR, params=listed, content=names, headers=RAW)).json()["rows"] == 2
        with poll.look() as session:
            counted = [session.scalar(select(func.count()).select_from(table)) for table in (FrameCell, FramePoint)]
            assert counted == [2, 1]


async def test_lists_of_a_set_up_have_templates_remedies_and_a_marked_file(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.signed_in("setup") as setup:
            blank = await setup.get("/api/setups/rows/template.xlsx", params={"what": "units"})
            told = {"what": "units", "filename": "a.xlsx"}
            found = (await setup.post("/api/setups/rows", params=told, content=blank.content, headers=RAW)).json()
            assert (found["units"], [one["cell"] for one in found["faults"]]) == ([], ["A2", "A3"])
            bad = csv_bytes(
                [["代码", "单位", "类别", "电话"], ["U 1", "公安局", ""], ["U-2", "", ""], ["U-3", "公安局"]]
            )
            told = {"what": "units", "filename": "a.csv"}
            faults = (await setup.post("/api/setups/rows", params=told, content=bad, headers=RAW)).json()["faults"]
            assert [(one["row"], one["cell"]) for one in faults] == [(1, "D1"), (2, "A2"), (3, "B3")]
            assert all(one["next_zh"] and one["next_en"] for one in faults)
            back = await setup.post("/api/setups/rows/marked", params=told, content=bad, headers=RAW)
            comments = zipfile.ZipFile(BytesIO(back.content)).read("xl/comments1.xml").decode()
            assert all(f'ref="{one["cell"]}"' in comments for one in faults)
            areas = await setup.get("/api/setups/rows/template.xlsx", params={"what": "areas"})
            assert read(areas.content, "a.xlsx").header == ["地区代码", "地区", "类别代码", "人群", "人数"]
