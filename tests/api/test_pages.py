"""The server-rendered pages as a browser without script meets them."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import structlog
from fastapi import FastAPI
from sqlalchemy import Engine, update

from api import security
from api.db import make_engine, unit_of_work
from api.limits import CheckLimit
from api.pages.assets import ASSETS, FOLDER
from api.pages.names import told_apart
from api.pages.routes import router
from api.pages.words import WORDS
from api.security import SecurityHeaders, content_security_policy
from api.settings import Settings
from api.watch import CodeWatch
from benchmarks.phone_town import units
from survey_models.ballots.door import BallotDoor
from survey_models.ballots.tables import SealingKey
from survey_models.ballots.writer import IntakeWriter
from survey_models.campaigns.notices import OfficeNotice, set_notice
from survey_models.core import clock
from survey_models.core.errors import Problem
from tests.api.poll import NAMES, PEPPER, ballots, fresh_id, make_poll

ALL_ANSWERED = {f"q_LH-{no:03}": code for no, code in enumerate("12301", start=1)}


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    """A fresh migrated database."""
    made = make_engine(sqlite_url)
    yield made
    made.dispose()


@pytest.fixture
async def client(engine: Engine) -> AsyncIterator[httpx.AsyncClient]:
    """The pages and the door, nothing else of the product."""
    writer = IntakeWriter(engine, zone="Asia/Shanghai", capacity=10)
    writer.start()
    app = FastAPI()
    app.state.engine = engine
    app.state.pepper = PEPPER
    app.state.settings = Settings()
    app.state.check_limit, app.state.refusal_limit = CheckLimit(), CheckLimit()
    app.state.watch = CodeWatch(engine, Settings())
    app.state.door = BallotDoor(writer, pepper=PEPPER)
    app.include_router(router)
    app.include_router(security.router)
    app.add_middleware(SecurityHeaders, https=False, style_hashes=[ASSETS.style_hash])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://pingyi.test") as made:
        yield made
    writer.stop()


def checked(html: str) -> set[tuple[str, str]]:
    """Name and value of every ticked radio."""
    return set(re.findall(r'<input type="radio" name="([^"]+)" value="([^"]+)" checked>', html))


def hidden_id(html: str) -> str:
    """The ballot id in the form."""
    found: list[str] = re.findall(r'name="ballot_id" value="([^"]+)"', html)
    return found[0]


async def test_the_form_lists_every_unit_and_ticks_none(engine: Engine, client: httpx.AsyncClient) -> None:
    make_poll(engine, "poll")
    first, second = await client.get("/b/poll"), await client.get("/b/poll")
    assert first.status_code == 200
    assert first.headers["cache-control"] == "no-store"
    assert "set-cookie" not in first.headers
    assert [len(re.findall(rf'name="q_LH-{no:03}"', first.text)) for no in range(1, 6)] == [4] * 5
    assert checked(first.text) == set()
    assert hidden_id(first.text) != hidden_id(second.text)
    assert first.text.replace(hidden_id(first.text), "") == second.text.replace(hidden_id(second.text), "")
    assert first.text.index("保密") < first.text.index('name="q_LH-001"')


async def test_a_form_post_gives_a_receipt_and_its_retry_the_same(engine: Engine, client: httpx.AsyncClient) -> None:
    poll = make_poll(engine, "poll")
    spelled = "-".join(poll.codes[0][at : at + 4] for at in range(0, 16, 4)).lower()
    fields = {"ballot_id": fresh_id(), "code": f" {spelled} ", "q_age": "2", "q_sex": "-", **ALL_ANSWERED}
    sent = await client.post("/b/poll", data=fields)
    again = await client.post("/b/poll", data=fields)
    assert sent.status_code == again.status_code == 303
    assert sent.headers["location"] == again.headers["location"]
    assert poll.codes[0] not in sent.headers["location"]
    assert ballots(engine, "poll") == ["123012-"]
    shown = await client.get(sent.headers["location"])
    receipt = sent.headers["location"].split("/")[-1].split("?")[0]
    assert re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}", receipt)
    assert shown.status_code == 200
    assert receipt in shown.text
    assert "满意" not in shown.text


async def test_a_used_code_is_told_politely(engine: Engine, client: httpx.AsyncClient) -> None:
    poll = make_poll(engine, "poll")
    for expected in (303, 409):
        answer = await client.post("/b/poll", data={"ballot_id": fresh_id(), "code": poll.codes[0], **ALL_ANSWERED})
        assert answer.status_code == expected
    assert "这个评议码已经用过" in answer.text
    english = await client.post(
        "/b/poll?lang=en", data={"ballot_id": fresh_id(), "code": poll.codes[0], **ALL_ANSWERED}
    )
    assert "This code has already been used" in english.text
    assert len(ballots(engine, "poll")) == 1


async def test_a_partial_sheet_comes_back_filled_in(engine: Engine, client: httpx.AsyncClient) -> None:
    poll = make_poll(engine, "strict", blank_allowed=False)
    ballot_id = fresh_id()
    given = {"q_LH-001": "1", "q_LH-003": "0"}
    back = await client.post("/b/strict", data={"ballot_id": ballot_id, "code": poll.codes[1], **given})
    assert back.status_code == 422
    assert checked(back.text) == set(given.items())
    assert hidden_id(back.text) == ballot_id
    assert f'name="code" value="{poll.codes[1]}"' in back.text
    assert re.search(r"还有 3 个单位没有选.*水利、太平洋财产保险、电力", back.text)
    assert '<a href="#q_LH-002">' in back.text
    assert len(re.findall(r'class="open"', back.text)) == 3
    assert ballots(engine, "strict") == []
    rest = await client.post("/b/strict", data={"ballot_id": ballot_id, "code": poll.codes[1], **ALL_ANSWERED})
    assert rest.status_code == 303


async def test_where_blanks_are_allowed_a_partial_sheet_is_taken(engine: Engine, client: httpx.AsyncClient) -> None:
    poll = make_poll(engine, "poll")
    sent = await client.post("/b/poll", data={"ballot_id": fresh_id(), "code": poll.codes[0], "q_LH-002": "3"})
    assert sent.status_code == 303
    assert ballots(engine, "poll") == ["-3-----"]
    empty = await client.post("/b/poll", data={"ballot_id": fresh_id(), "code": poll.codes[1]})
    assert empty.status_code == 422
    assert '<a href="#q_LH-001">' in empty.text


@pytest.mark.parametrize(
    ("code", "status", "sentence"),
    [
        ("", 422, "请填写评议码"),
        ("0000-0000-0000-0001", 422, "有一处输错"),
        ("0000000000000000", 404, "没有找到这个评议码"),
    ],
)
async def test_a_wrong_code_keeps_the_answers(
    engine: Engine, client: httpx.AsyncClient, *, code: str, status: int, sentence: str
) -> None:
    make_poll(engine, "poll")
    back = await client.post("/b/poll", data={"ballot_id": fresh_id(), "code": code, **ALL_ANSWERED})
    assert back.status_code == status
    assert sentence in back.text
    assert '<a href="#code">' in back.text
    assert checked(back.text) == set(ALL_ANSWERED.items())


async def test_an_option_outside_the_scale_is_refused(engine: Engine, client: httpx.AsyncClient) -> None:
    poll = make_poll(engine, "poll")
    for value in ("7", "12"):
        fields = {"ballot_id": fresh_id(), "code": poll.codes[0], **ALL_ANSWERED, "q_LH-001": value}
        back = await client.post("/b/poll", data=fields)
        assert back.status_code == 422
        assert "公安" in back.text
    assert ballots(engine, "poll") == []


async def test_another_view_keeps_code_and_answers_and_casts_nothing(engine: Engine, client: httpx.AsyncClient) -> None:
    poll = make_poll(engine, "poll")
    fields = {"show": "1", "ballot_id": fresh_id(), "code": poll.codes[0], **ALL_ANSWERED}
    english = await client.post("/b/poll?lang=en&elder=1", data=fields)
    assert english.status_code == 200
    assert '<html lang="en" dir="ltr" class="elder">' in english.text
    assert checked(english.text) == set(ALL_ANSWERED.items())
    assert f'name="code" value="{poll.codes[0]}"' in english.text
    assert hidden_id(english.text) == fields["ballot_id"]
    assert ballots(engine, "poll") == []


@pytest.mark.parametrize(
    ("state", "sentence"), [("draft", "还没有开始"), ("ready", "还没有开始"), ("closed", "已经结束")]
)
async def test_before_and_after_the_page_says_so(
    engine: Engine, client: httpx.AsyncClient, *, state: str, sentence: str
) -> None:
    poll = make_poll(engine, "poll", stop_at=state)
    shown = await client.get("/b/poll")
    assert shown.status_code == 200
    assert sentence in shown.text
    assert "<form" not in shown.text
    sent = await client.post("/b/poll", data={"ballot_id": fresh_id(), "code": poll.codes[0], **ALL_ANSWERED})
    assert sent.status_code == 409
    assert ballots(engine, "poll") == []


async def test_what_is_unknown_is_said_in_both_languages(engine: Engine, client: httpx.AsyncClient) -> None:
    make_poll(engine, "poll")
    for path in (
        "/b/nowhere",
        "/b/nowhere/receipt/AAAA-AAAA-AAAA",
        "/b/poll/receipt/AAAA-AAAA-AAAA",
        "/b/poll/receipt/x",
    ):
        assert (await client.get(path)).status_code == 404
        assert 'lang="en"' in (await client.get(path, params={"lang": "en"})).text
    assert (await client.post("/b/nowhere", data={})).status_code == 404


async def test_the_start_page_links_to_the_campaigns(engine: Engine, client: httpx.AsyncClient) -> None:
    make_poll(engine, "poll")
    html = (await client.get("/")).text
    assert 'href="/b/poll?lang=zh"' in html
    assert "/terminal/" in html
    assert "/console/" in html


async def test_the_policy_allows_the_one_sheet_and_nothing_inline(engine: Engine, client: httpx.AsyncClient) -> None:
    make_poll(engine, "poll")
    answer = await client.get("/b/poll")
    sheets = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode() for sheet in sheets]
    assert [f"sha256-{value}" for value in hashes] == [ASSETS.style_hash]
    policy = answer.headers["content-security-policy"]
    assert f"style-src 'self' '{ASSETS.style_hash}'" in policy
    assert policy == content_security_policy([ASSETS.style_hash])
    assert not re.search(r"\sstyle=|\son\w+=", answer.text)
    assert {answer.headers[name] for name in ("x-content-type-options", "referrer-policy")} == {
        "nosniff",
        "no-referrer",
    }
    assert "strict-transport-security" not in answer.headers
    for address in re.findall(r'(?:src|href)="([^"]+)"', answer.text):
        assert address.startswith(("/", "#"))


async def test_script_and_icon_are_kept_for_ever_under_their_content(client: httpx.AsyncClient) -> None:
    for asset in ASSETS.by_name.values():
        answer = await client.get(asset.url)
        assert answer.content == asset.content
        assert "immutable" in answer.headers["cache-control"]


async def test_a_policy_report_is_logged_without_secrets(client: httpx.AsyncClient) -> None:
    report = {"document-uri": "http://pingyi.test/b/poll?lang=en#SECRET", "effective-directive": "img-src"}
    with structlog.testing.capture_logs() as logs:
        body = json.dumps({"csp-report": {**report, "blocked-uri": "https://elsewhere.test/x?q=SECRET"}})
        assert (await client.post("/csp-reports", content=body)).status_code == 204
        assert (await client.post("/csp-reports", content="not json")).status_code == 204
    assert [(entry["directive"], entry["page"], entry["blocked"]) for entry in logs] == [
        ("img-src", "/b/poll", "https://elsewhere.test/x")
    ]
    assert "SECRET" not in str(logs)


def test_near_identical_names_are_told_apart() -> None:
    parts = told_apart([*NAMES, "中国人寿保险", "中国人寿财产保险"])
    marked = {name: "".join(part.text for part in found if part.differs) for name, found in parts.items()}
    assert marked == {
        "公安": "",
        "水利": "",
        "太平洋人寿保险": "人寿",
        "太平洋财产保险": "财产",
        "电力": "",
        "中国人寿保险": "人寿",
        "中国人寿财产保险": "财产",
    }
    assert all("".join(part.text for part in found) == name for name, found in parts.items())


@pytest.mark.parametrize(("number", "limit"), [(80, 15_000), (118, 20_000)])
async def test_the_form_is_light(engine: Engine, client: httpx.AsyncClient, *, number: int, limit: int) -> None:
    make_poll(engine, "poll", units=units(number))
    html, script = (await client.get("/b/poll")).content, ASSETS.script.content
    light = len(gzip.compress(html, 9))
    assert light <= 13_000
    assert light + len(gzip.compress(script, 9)) <= limit
    assert re.findall(rb"<script src=[^>]*>", html) == [f'<script src="{ASSETS.script.url}" defer>'.encode()]


def test_every_language_says_the_same_things() -> None:
    chinese = WORDS["zh"]
    for words in WORDS.values():
        assert words.keys == chinese.keys, words.lang
        for key in chinese.keys:
            said = set(re.findall(r"\{\w+\}", words.raw(key)))
            assert said == set(re.findall(r"\{\w+\}", chinese.raw(key))), key


def test_traditional_sentences_hold_no_simplified_character() -> None:
    simplified = {pair[0] for pair in (FOLDER / "locales" / "hant.txt").read_text(encoding="utf-8").split()}
    hant = WORDS["hant"]
    # 准 is traditional too: 批准.
    assert [key for key in hant.keys if set(hant.raw(key)) & (simplified - set("准"))] == []
    assert hant.sentence(Problem("ticket_mistyped")) != WORDS["zh"].sentence(Problem("ticket_mistyped"))
    assert not set(hant.sentence(Problem("ticket_mistyped"))) & simplified


async def test_with_several_variants_the_code_comes_first(engine: Engine, client: httpx.AsyncClient) -> None:
    poll = make_poll(engine, "poll", variants={"all": None, "some": ["LH-001", "LH-004", "age"]}, variant="some")
    gate = await client.get("/b/poll")
    assert "q_LH-" not in gate.text
    unknown = await client.post("/b/poll", data={"code": "0000000000000000"})
    assert unknown.status_code == 404
    assert "q_LH-" not in unknown.text
    shown = await client.post("/b/poll", data={"code": poll.codes[0]})
    assert set(re.findall(r'name="q_([^"]+)"', shown.text)) == {"LH-001", "LH-004", "age"}
    assert ballots(engine, "poll") == []
    fields = {"ballot_id": hidden_id(shown.text), "code": poll.codes[0], "variant": "some"}
    sent = await client.post("/b/poll", data={**fields, "q_LH-001": "1", "q_LH-004": "3"})
    assert sent.status_code == 303
    assert ballots(engine, "poll") == ["1--3---"]
    outside = {"ballot_id": fresh_id(), "code": poll.codes[1], "variant": "all", "q_LH-002": "1"}
    assert (await client.post("/b/poll", data=outside)).status_code == 422
    assert (await client.post("/b/poll", data={"code": poll.codes[0]})).status_code == 409


SAID = {
    ("office", "zh"): "钥匙在计票处，不在这台服务器上",
    ("office", "en"): "The key is with the counting office, not on this server",
    ("server", "zh"): "开封的钥匙也放在这台服务器上",
    ("server", "en"): "The key lies on this server too",
}


@pytest.mark.parametrize(("kept", "lang"), SAID)
async def test_the_first_screen_says_what_protects_the_sheet(
    kept: str, lang: str, engine: Engine, client: httpx.AsyncClient
) -> None:
    make_poll(engine, "poll")
    with unit_of_work(engine) as session:
        session.execute(update(SealingKey).values(kept=kept))
    page = (await client.get(f"/b/poll?lang={lang}")).text
    assert [words for words in SAID.values() if words in page] == [SAID[kept, lang]]
    assert f'data-level="sealed_{kept}"' in page
    assert ("不到十人" in page or "Fewer than ten people" in page) is False


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "参加这一组评议的不到十人"), ("en", "Fewer than ten people take part")]
)
async def test_a_small_group_is_told_that_it_is_one(
    lang: str, words: str, engine: Engine, client: httpx.AsyncClient
) -> None:
    make_poll(engine, "few", cards=4, small_group=True)
    assert words in (await client.get(f"/b/few?lang={lang}")).text


async def test_the_notice_has_ten_lines_and_the_words_of_the_office(engine: Engine, client: httpx.AsyncClient) -> None:
    make_poll(engine, "poll")
    lines = re.findall(r"<li[ >]", (await client.get("/b/poll")).text.split("<fieldset")[0])
    assert len(lines) == 10
    said = OfficeNotice("市评议办 <0395-1234567>", {"zh": "这次评议用于年度考核。", "en": " "})
    with unit_of_work(engine) as session:
        set_notice(session, "poll", said, by="test", at=clock.now())
    shown = (await client.get("/b/poll")).text
    assert "有疑问，请联系：市评议办 &lt;0395-1234567&gt;。" in shown
    assert shown.index("这次评议用于年度考核。") < shown.index("<fieldset")
    assert "这次评议用于年度考核。" in (await client.get("/b/poll?lang=en")).text  # no English text was given
    with unit_of_work(engine) as session:
        set_notice(session, "poll", OfficeNotice("", {}), by="test", at=clock.now())
    assert "请问发卡片的工作人员" in (await client.get("/b/poll")).text
