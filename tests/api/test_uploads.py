"""Contractors' files over HTTP: the way from the template to counted rows, who may, and what is refused."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app, running
from api.db import reading, unit_of_work
from api.settings import Settings
from survey_models.accounts import assignments
from survey_models.campaigns import service as campaigns
from survey_models.campaigns import tallies
from survey_models.core import clock
from survey_models.spreadsheets.read import read
from survey_models.spreadsheets.write import Table, xlsx_bytes
from survey_models.tickets.codes import new_code
from survey_models.uploads.blobs import content_of
from tests.api.office import START, Browser, Office
from tests.sealed import count
from tests.survey_models.uploads.paper import CAMPAIGN, FORM, LAYOUT, file_of, make_campaign, rows

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LIMIT = 400_000


def opened(url: str, folder: Path) -> Iterator[Office]:
    settings = Settings(database_url=url, data_dir=folder, inline_worker=False, max_upload_bytes=LIMIT)
    with clock.frozen(START), running(create_app(settings)) as app:
        office = Office(app.state.engine, settings, app)
        office.add("office", "setup")
        office.add("firm", "contractor")
        with unit_of_work(office.engine) as session:
            make_campaign(session)
            assignments.assign(session, "firm", CAMPAIGN, by="office", at=START)
        yield office


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    yield from opened(database_url, tmp_path)


@pytest.fixture
def small_office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    """As above where the database does not matter."""
    yield from opened(sqlite_url, tmp_path)


def work(office: Office) -> None:
    while office.app.state.worker.run_once():
        pass


async def send(browser: Browser, content: bytes, *, name: str = "a.csv", campaign: str = CAMPAIGN) -> httpx.Response:
    query = {"campaign": campaign, "kind": "ballots", "filename": name}
    headers = {**browser.headers, "Content-Type": "application/octet-stream"}
    return await browser.http.post("/api/uploads", params=query, content=content, headers=headers)


def filled(template: bytes, number: int) -> bytes:
    """The downloaded workbook with rows filled in, as the spreadsheet program would save them."""
    return xlsx_bytes([Table("评议票", read(template, "t.xlsx").header, rows(number))])


async def test_from_the_template_to_counted_rows(office: Office) -> None:
    async with office.browser() as browser:
        await browser.sign_in("firm")
        template = await browser.get(f"/api/uploads/templates/{CAMPAIGN}.xlsx")
        assert template.headers["content-type"] == XLSX
        assert template.headers["content-disposition"] == f'attachment; filename="{CAMPAIGN}-ballots.xlsx"'
        content = filled(template.content, 30)
        sent = await send(browser, content, name="六月回收.xlsx")
        assert sent.status_code == 201
        upload = sent.json()
        assert (upload["state"], upload["filename"], upload["sent_by"]) == ("received", "六月回收.xlsx", "firm")
        again = await send(browser, content, name="again.xlsx")
        assert (again.status_code, again.json()["id"]) == (200, upload["id"])
        work(office)
        checked = (await browser.get(f"/api/uploads/{upload['id']}")).json()
        assert (checked["state"], checked["rows"], checked["entered"], checked["faults"]) == ("checked", 30, 0, [])
        assert sum(cell["rows"] for cell in checked["summary"]["cells"]) == 30
        accepted = await browser.post(f"/api/uploads/{upload['id']}/accept")
        assert (accepted.status_code, accepted.json()["state"]) == (202, "entering")
        work(office)
        done = (await browser.get(f"/api/uploads/{upload['id']}")).json()
        assert (done["state"], done["rows"], done["entered"]) == ("accepted", 30, 30)
        with reading(office.engine) as session:
            assert int(tallies.tally(session, FORM, CAMPAIGN).sheets.sum()) == 30
        gone = await browser.post(f"/api/uploads/{upload['id']}/withdraw", json={"reason": "填错了"})
        assert (gone.json()["state"], gone.json()["reason"]) == ("withdrawn", "填错了")
        listed = (await browser.get(f"/api/uploads?campaign={CAMPAIGN}")).json()
        assert [(row["id"], row["state"]) for row in listed] == [(upload["id"], "withdrawn")]


async def test_faults_come_back_with_place_and_remedy(small_office: Office) -> None:
    body = rows(5)
    body[2][6] = "很好"
    body[4][0] = body[0][0]
    async with small_office.browser() as browser:
        await browser.sign_in("office")
        upload = (await send(browser, file_of(body))).json()["id"]
        work(small_office)
        found = (await browser.get(f"/api/uploads/{upload}")).json()
        sheet = await browser.get(f"/api/uploads/{upload}/faults.xlsx")
        refused = await browser.post(f"/api/uploads/{upload}/accept")
    assert (found["state"], found["summary"]) == ("rejected", {"rows": 5, "faults": 2})
    assert found["faults"][0] == {
        "row": 4,
        "column": "LH-003 单位3",
        "cell": "G4",
        "code": "cell_not_an_option",
        "message": "“很好”不是可选的答案。",
        "message_en": "“很好” is not an option.",
        "remedy": "请填：满意、基本满意、不满意、不了解；没有回答的留空，多选的填“无效”。",
        "remedy_en": "Use one of: 满意、基本满意、不满意、不了解; leave blank if unanswered, “invalid” for two marks.",
    }
    assert (found["faults"][1]["code"], found["faults"][1]["cell"]) == ("cell_line_repeated", "A6")
    printed = read(sheet.content, "f.xlsx")
    assert [(cells[0], cells[1], cells[-1]) for _, cells in printed.rows] == [
        ("4", "G4", "cell_not_an_option"),
        ("6", "A6", "cell_line_repeated"),
    ]
    assert (refused.status_code, refused.json()["code"]) == (409, "upload_state_wrong")


async def test_missing_and_unknown_columns(small_office: Office) -> None:
    header = list(LAYOUT.printed)
    async with small_office.browser() as browser:
        await browser.sign_in("firm")
        for names, code, named in (
            ([*header[:3], *header[4:]], "upload_columns_missing", "测评点"),
            ([*header, "姓名", "评议码"], "upload_columns_unknown", "姓名、评议码"),
        ):
            content = file_of([["1"] * len(names)], header=names)
            upload = (await send(browser, content)).json()["id"]
            work(small_office)
            fault = (await browser.get(f"/api/uploads/{upload}")).json()["faults"][0]
            assert (fault["row"], fault["code"]) == (1, code)
            assert named in fault["message"]
            assert named in fault["message_en"]


async def test_columns_are_matched_by_a_person_once_and_the_address_of_who_answered_is_not_stored(
    small_office: Office,
) -> None:
    header = [*LAYOUT.printed, "来自IP"]
    header[0] = "样本编号"
    body = [[*row, "10.1.2.3"] for row in rows(3)]
    query = {"campaign": CAMPAIGN, "filename": "a.csv"}
    async with small_office.browser() as browser:
        await browser.sign_in("firm")
        headers = {**browser.headers, "Content-Type": "application/octet-stream"}
        content = file_of(body, header=header)
        asked = (await browser.http.post("/api/uploads/columns", params=query, content=content, headers=headers)).json()
        how = {one["heading"]: (one["target"], one["how"]) for one in asked["columns"]}
        assert (how["样本编号"], how["地区"]) == (("问卷编号", "guessed"), ("地区", "same"))
        assert how["来自IP"] == ("", "unknown")
        given = [one["target"] if one["how"] == "same" else None for one in asked["columns"]]
        wish = {"headings": header, "columns": ["问卷编号", *given[1:-1], ""]}
        kept = await browser.http.put(f"/api/uploads/columns?campaign={CAMPAIGN}", json=wish, headers=browser.headers)
        assert kept.status_code == 204
        tried = await browser.http.post("/api/uploads/check", params=query, content=content, headers=headers)
        assert (tried.json()["rows"], tried.json()["total"]) == (3, 0)
        sent = (await send(browser, content)).json()
        assert (await send(browser, content)).status_code == 200
        work(small_office)
        found = (await browser.get(f"/api/uploads/{sent['id']}")).json()
    assert (found["state"], found["rows"], found["checked"]) == ("checked", 3, 100)
    with reading(small_office.engine) as session:
        assert b"10.1.2.3" not in content_of(session, found["sha256"])


def refused_files() -> list[tuple[str, bytes, int, str, dict[str, Any]]]:
    code = rows(2)
    code[1][0] = new_code()
    return [
        ("a.csv", b"", 422, "upload_empty", {}),
        ("a.csv", b"caf\xe9,1\n", 422, "upload_wrong_encoding", {"byte": 3}),
        ("a.xlsx", b"not a workbook", 422, "upload_not_readable", {}),
        ("a.csv", file_of(code), 422, "upload_holds_codes", {"row": 3}),
        ("a.csv", b"x" * (LIMIT + 1), 413, "body_too_large", {"limit": LIMIT}),
    ]


@pytest.mark.parametrize(("name", "content", "status", "code", "params"), refused_files())
@pytest.mark.parametrize("form", [False, True], ids=["raw", "form"])
async def test_files_that_are_not_stored(
    small_office: Office, *, name: str, content: bytes, status: int, code: str, params: dict[str, Any], form: bool
) -> None:
    async with small_office.browser() as browser:
        await browser.sign_in("firm")
        if form:
            files = {"file": (name, content)}
            answer = await browser.post(f"/api/uploads?campaign={CAMPAIGN}", files=files)
        else:
            answer = await send(browser, content, name=name)
        problem = answer.json()
        listed = (await browser.get("/api/uploads")).json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert params.items() <= problem.items()
    assert all(problem[key] for key in ("detail", "detail_en", "next", "next_en"))
    assert listed == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_accepted_encodings(small_office: Office, encoding: str) -> None:
    content = file_of(rows(4)).decode("utf-8-sig").encode(encoding)
    async with small_office.browser() as browser:
        await browser.sign_in("firm")
        upload = (await send(browser, content)).json()["id"]
        work(small_office)
        found = (await browser.get(f"/api/uploads/{upload}")).json()
    assert (found["state"], found["summary"]["encoding"]) == ("checked", encoding.removesuffix("-sig"))


async def test_a_form_may_carry_the_file(small_office: Office) -> None:
    async with small_office.browser() as browser:
        await browser.sign_in("firm")
        files = {"file": ("paper.csv", file_of(rows(4)))}
        sent = await browser.post(f"/api/uploads?campaign={CAMPAIGN}", files=files)
        assert (sent.status_code, sent.json()["filename"]) == (201, "paper.csv")
        wrong: list[dict[str, Any]] = [
            {"files": {"file": (None, "text")}},
            {"files": {"other": ("x.csv", b"a")}},
            {"content": b"--x\r\nbroken", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
            {"content": b"a", "headers": {"Content-Type": "multipart/form-data"}},
        ]
        for request in wrong:
            request["headers"] = {**browser.headers, **request.get("headers", {})}
            answer = await browser.http.post(f"/api/uploads?campaign={CAMPAIGN}", **request)
            assert (answer.status_code, answer.json()["code"]) == (422, "request_malformed")


async def test_who_may_send_and_see(small_office: Office) -> None:
    for name, role in (("other.firm", "contractor"), ("checker", "auditor"), ("chief", "release")):
        small_office.add(name, role)
    async with small_office.browser() as browser:
        assert (await send(browser, b"a")).json()["code"] == "not_signed_in"
        await browser.sign_in("firm")
        upload = (await send(browser, file_of(rows(3)))).json()["id"]
        work(small_office)
        paths = (
            ("GET", f"/api/uploads/{upload}"),
            ("GET", f"/api/uploads/{upload}/faults.xlsx"),
            ("POST", f"/api/uploads/{upload}/accept"),
            ("POST", f"/api/uploads/{upload}/withdraw"),
        )
        await browser.sign_in("other.firm")
        assert (await browser.get("/api/uploads")).json() == []
        for method, path in paths:
            answer = await browser.http.request(method, path, headers=browser.headers, json={"reason": "x"})
            assert (answer.status_code, answer.json()["code"]) == (404, "upload_unknown"), path
        # An auditor reads what came and changes nothing; who releases has nothing to do with it.
        template = ("GET", f"/api/uploads/templates/{CAMPAIGN}.csv")
        for name, closed in (("checker", paths[2:]), ("chief", (*paths, ("GET", "/api/uploads")))):
            await browser.sign_in(name)
            for method, path in (*closed, template):
                answer = await browser.http.request(method, path, headers=browser.headers, json={"reason": "x"})
                assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), path
        await browser.sign_in("office")
        assert (await browser.get(f"/api/uploads/{upload}")).json()["state"] == "checked"


async def test_what_does_not_exist_and_what_is_not_open(small_office: Office) -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    async with small_office.browser() as browser:
        await browser.sign_in("office")
        assert (await browser.get(f"/api/uploads/{nobody}")).json()["code"] == "upload_unknown"
        assert (await browser.get("/api/uploads/templates/nowhere.xlsx")).json()["code"] == "campaign_unknown"
        assert (await send(browser, file_of(rows(1)), campaign="nowhere")).json()["code"] == "campaign_unknown"
        with unit_of_work(small_office.engine) as session:
            campaigns.close(session, CAMPAIGN, by="office", at=START)
            count(session, CAMPAIGN, at=START)
        answer = await send(browser, file_of(rows(1)))
        assert (answer.status_code, answer.json()["code"]) == (409, "act_not_allowed")
        missing = await browser.post(f"/api/uploads/{nobody}/withdraw", json={})
        assert (missing.status_code, missing.json()["code"]) == (422, "request_malformed")


async def test_the_csv_template(small_office: Office) -> None:
    async with small_office.browser() as browser:
        await browser.sign_in("firm")
        answer = await browser.get(f"/api/uploads/templates/{CAMPAIGN}.csv")
    assert answer.content == b"\xef\xbb\xbf" + ",".join(LAYOUT.printed).encode() + b"\r\n"


def test_the_workbook_offers_what_may_be_chosen() -> None:
    from survey_models.uploads.kinds.ballots_template import as_xlsx  # noqa: PLC0415 - one test needs it

    content = as_xlsx(LAYOUT, title="漯河市测评")
    assert content == as_xlsx(LAYOUT, title="漯河市测评")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        book = archive.read("xl/workbook.xml").decode()
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        strings = archive.read("xl/sharedStrings.xml").decode()
    assert 'name="选项" sheetId="3" state="hidden"' in book
    assert 'topLeftCell="E2"' in sheet
    assert 'state="frozen"' in sheet
    assert sheet.count("<dataValidation ") == len(LAYOUT.printed) - 1
    for words in ("每份问卷一行", "One row for each sheet", "无效", "文化宫", "60 岁及以上", "源汇区"):
        assert words in strings


def test_the_examples_of_the_workbook_are_right_and_are_refused() -> None:
    from survey_models.uploads.kinds.ballots_check import check  # noqa: PLC0415 - one test needs it
    from survey_models.uploads.kinds.ballots_template import as_xlsx  # noqa: PLC0415 - one test needs it

    sheet = read(as_xlsx(LAYOUT, title="漯河市测评"), "t.xlsx")
    found = check(sheet, LAYOUT)
    assert [(fault.row, fault.code) for fault in found.faults] == [(2, "row_is_example"), (3, "row_is_example")]
    for _, cells in sheet.rows:
        cells[1:4] = reversed(cells[1:4])
    assert len(check(sheet, LAYOUT).faults) == 2, "changed or not"
    for number, cells in sheet.rows:
        cells[0], cells[1:4] = str(number), reversed(cells[1:4])
    renumbered = check(sheet, LAYOUT)
    assert not renumbered.faults
    assert [len(set(entry.answers[:24])) for entry in renumbered.entries] == [4, 6], "blank and invalid in the second"
