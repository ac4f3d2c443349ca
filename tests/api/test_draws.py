"""Draws over HTTP: one person plans and enters the seed, another confirms, the office reads, replays and publishes."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from sampling.selection import FrameEntry
from survey_models.core import clock
from survey_models.draws import verify_draw
from survey_models.frames import service as frames
from survey_models.frames.service import Candidate, CountCell, FrameTitle
from tests.api.office import START, Browser, Office, open_office
from tests.docs.events import differences

SEED = "04718293650412"
VERIFIER = Path(verify_draw.__file__).read_bytes()
WISH: dict[str, Any] = {
    "id": "roll-2026",
    "campaign_id": "luohe",
    "frame_id": "roll",
    "sizes": {"A": 3, "B": 4},
    "reserve": {"A": 1},
}


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    """Two people, an auditor and a contractor; a list of two strata of twenty, and a frame of points.

    The draws themselves, and acts of two people, are tried on both databases where their services are.
    """
    with open_office(Settings(database_url=sqlite_url, data_dir=tmp_path)) as made, clock.frozen(START):
        for name, role in (("li.wei", "setup"), ("wang.fang", "release"), ("sun", "auditor"), ("cai", "contractor")):
            made.add(name, role)
        with made.work() as db:
            title = FrameTitle(id="roll", title="名单", source="test", made_up=True)
            entries = [FrameEntry(f"{stratum}{no:02}", stratum, 1 + no) for stratum in "AB" for no in range(20)]
            frames.freeze_list(db, title, entries=entries, by="li.wei", at=START)
            title = FrameTitle(id="points", title="测评点", source="test", made_up=True)
            cells = [CountCell(("P", "P区"), ("town", "城镇"), 900, made_up=True, source="test")]
            sites = [Candidate(f"p{no}", "P", f"第{no}广场") for no in range(5)]
            frames.freeze_counts(db, title, cells=cells, candidates=sites, by="li.wei", at=START)
        yield made


async def post(browser: Browser, path: str, body: object = None) -> tuple[int, Any]:
    answer = await browser.post(path, json=body)
    content = answer.json()
    return answer.status_code, content.get("code", content)


async def drawn(office: Office, browser: Browser, wish: dict[str, Any] | None = None) -> str:
    """Plan, enter the seed, confirm: the draw's path."""
    wanted = wish or WISH
    await browser.sign_in("li.wei")
    assert (await post(browser, "/api/draws", wanted))[0] == 201
    path = f"/api/draws/{wanted['id']}"
    _, act = await post(browser, f"{path}/run", {"seed": SEED})
    await browser.sign_in("wang.fang")
    assert (await post(browser, f"/api/acts/{act['number']}/confirm"))[0] == 200
    return path


async def test_one_enters_the_seed_and_another_confirms(office: Office) -> None:
    async with office.browser() as first, office.browser() as second:
        await first.sign_in("li.wei")
        await second.sign_in("wang.fang")
        status, planned = await post(first, "/api/draws", WISH)
        assert (status, planned["seed"], planned["extensions"]) == (201, None, [])
        assert planned["design"]["populations"] == {"A": 20, "B": 20}
        with clock.frozen(START + timedelta(minutes=10)):
            status, act = await post(first, "/api/draws/roll-2026/run", {"seed": SEED})
            assert (status, act["kind"], act["target"], act["state"]) == (202, "draws:run", "luohe", "asked")
            assert act["params"] == {"draw": "roll-2026", "seed": SEED}, "what the second person reads and compares"
            assert (await first.get("/api/draws/roll-2026")).json()["seed"] is None
            confirm = f"/api/acts/{act['number']}/confirm"
            assert await post(first, confirm) == (409, "act_same_person")
        with clock.frozen(START + timedelta(minutes=20)):
            assert (await post(second, confirm))[0] == 200
            draw = (await second.get("/api/draws/roll-2026")).json()
            assert (draw["seed"], draw["planned_at"] < draw["run_at"]) == (SEED, True)
            assert await post(first, "/api/draws/roll-2026/run", {"seed": SEED}) == (409, "draw_already_run")
            replayed = (await second.get("/api/draws/roll-2026/replay")).json()
            assert replayed == {"equal": True, "drawn": 8, "difference": None}
    bodies = [(event, json.loads(body)) for event, body in office.ledger("system") if event.startswith("draws:")]
    assert sorted(event for event, _ in bodies) == ["draws:planned", "draws:run"]
    assert [fault for event, body in bodies for fault in differences(event, "system", body)] == []
    ran = dict(bodies)["draws:run"]
    assert (ran["asked_by"], ran["by"]) == ("li.wei", "wang.fang")
    assert [event for event, _ in office.ledger("luohe")] == ["acts:asked", "acts:confirmed"]


async def test_what_cannot_be_run_is_not_asked(office: Office) -> None:
    async with office.browser() as browser:
        await browser.sign_in("li.wei")
        assert await post(browser, "/api/draws/roll-2026/run", {"seed": SEED}) == (404, "draw_unknown")
        await post(browser, "/api/draws", WISH)
        for seed in ("12345", "1234 56", "一二三四五六"):
            assert await post(browser, "/api/draws/roll-2026/run", {"seed": seed}) == (422, "seed_malformed")
        assert await post(browser, "/api/draws/roll-2026/run", {"seed": "1" * 81}) == (422, "request_malformed")
        extension = {"stratum": "A", "more": 1}
        assert await post(browser, "/api/draws/roll-2026/extend", extension) == (409, "draw_not_run")
        assert (await browser.get("/api/acts")).json() == []


async def test_two_seeds_asked_for_one_draw_draw_once(office: Office) -> None:
    async with office.browser() as browser:
        await browser.sign_in("li.wei")
        await post(browser, "/api/draws", WISH)
        acts = [(await post(browser, "/api/draws/roll-2026/run", {"seed": seed}))[1] for seed in (SEED, SEED[::-1])]
        await browser.sign_in("wang.fang")
        assert (await post(browser, f"/api/acts/{acts[0]['number']}/confirm"))[0] == 200
        assert await post(browser, f"/api/acts/{acts[1]['number']}/confirm") == (409, "draw_already_run")
        assert (await browser.get("/api/draws/roll-2026")).json()["seed"] == SEED


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": "Roll 2026"}, "request_malformed"),
        ({"method": "by-hand"}, "request_malformed"),
        ({"sizes": {"A": -1, "B": 1}}, "request_malformed"),
        ({"seed": SEED}, "request_malformed"),
        ({"frame_id": "nowhere"}, "frame_unknown"),
        ({"sizes": {"A": 3}}, "stratum_unknown"),
        ({"reserve": {"A": 18}}, "sample_too_large"),
        ({"must": ["A01"]}, "design_malformed"),
        (
            {"method": "stages", "sizes": {}, "reserve": {}, "takes": {"A": [1], "B": [1]}, "must": ["C"]},
            "must_unknown",
        ),
    ],
)
async def test_a_plan_that_does_not_fit(office: Office, change: dict[str, Any], code: str) -> None:
    async with office.browser() as browser:
        await browser.sign_in("li.wei")
        assert (await post(browser, "/api/draws", {**WISH, **change}))[1] == code
        assert (await browser.get("/api/draws")).json() == []


async def test_who_may_do_what(office: Office) -> None:
    async with office.browser() as browser:
        path = await drawn(office, browser)
        for name, reads in (("wang.fang", 200), ("sun", 200), ("cai", 403)):
            await browser.sign_in(name)
            for method in ("", "/rows", "/replay", "/bundle.zip"):
                assert (await browser.get(f"{path}{method}")).status_code == reads, (name, method)
            assert await post(browser, "/api/draws", WISH) == (403, "forbidden")
            assert await post(browser, f"{path}/run", {"seed": SEED}) == (403, "forbidden")
            assert await post(browser, f"{path}/extend", {"stratum": "A", "more": 1}) == (403, "forbidden")
        await browser.sign_in("li.wei")
        assert await post(browser, "/api/draws", WISH) == (409, "draw_exists")


async def test_lots_are_read_page_by_page(office: Office) -> None:
    async with office.browser() as browser:
        path = await drawn(office, browser)
        whole = (await browser.get(f"{path}/rows")).json()
        assert (whole["total"], len(whole["rows"])) == (8, 8)
        assert [(row["stratum"], row["lot"]) for row in whole["rows"]] == [
            *(("A", lot) for lot in (1, 2, 3, 4)),
            *(("B", lot) for lot in (1, 2, 3, 4)),
        ]
        first, reserve = whole["rows"][0], whole["rows"][3]
        assert (first["probability"], first["weight"], first["reserve"], first["name"]) == ("3/20", "20/3", False, None)
        assert (reserve["probability"], reserve["weight"], reserve["reserve"]) == (None, None, True)
        paged = [(await browser.get(f"{path}/rows?limit=3&offset={offset}")).json() for offset in (0, 3, 6, 9)]
        assert [row for page in paged for row in page["rows"]] == whole["rows"]
        only = (await browser.get(f"{path}/rows?stratum=B&limit=2")).json()
        assert (only["total"], [row["lot"] for row in only["rows"]]) == (4, [1, 2])
        assert (await browser.get(f"{path}/rows?limit=0")).status_code == 422
        assert (await browser.get("/api/draws/nowhere/rows")).status_code == 404


async def test_points_have_names_and_sizes_have_weights(office: Office) -> None:
    points = {**WISH, "id": "points-2026", "frame_id": "points", "what": "points", "sizes": {"P": 2}, "reserve": {}}
    by_size = {**WISH, "id": "by-size", "method": "pps-pareto", "reserve": {}}
    async with office.browser() as browser:
        path = await drawn(office, browser, points)
        rows = (await browser.get(f"{path}/rows")).json()["rows"]
        assert [(row["name"], row["weight"]) for row in rows] == [(f"第{row['entry'][1:]}广场", "5/2") for row in rows]
        path = await drawn(office, browser, by_size)
        rows = (await browser.get(f"{path}/rows?stratum=A")).json()["rows"]
        chances = [Fraction(3 * (1 + int(row["entry"][1:])), 210) for row in rows]
        assert [row["probability"] for row in rows] == [str(chance) for chance in chances]
        assert (await browser.get(f"{path}/replay")).json()["equal"]


async def test_more_lots_take_two_people_as_well(office: Office) -> None:
    async with office.browser() as browser:
        path = await drawn(office, browser)
        before = (await browser.get(f"{path}/rows")).json()["rows"]
        await browser.sign_in("li.wei")
        for wish, code in (
            ({"stratum": "C", "more": 1}, "stratum_unknown"),
            ({"stratum": "A", "more": 18}, "sample_too_large"),
        ):
            assert await post(browser, f"{path}/extend", wish) == (422, code)
        status, act = await post(browser, f"{path}/extend", {"stratum": "A", "more": 2})
        assert (status, act["kind"], act["params"]["more"]) == (202, "draws:extend", 2)
        assert (await browser.get(f"{path}/rows")).json()["rows"] == before
        await browser.sign_in("wang.fang")
        assert (await post(browser, f"/api/acts/{act['number']}/confirm"))[0] == 200
        after = (await browser.get(f"{path}/rows")).json()["rows"]
        assert [row["entry"] for row in after][:4] == [row["entry"] for row in before][:4]
        assert [row["weight"] for row in after] == ["4"] * 5 + ["5"] * 4
        draw = (await browser.get(path)).json()
        assert [(step["stratum"], step["more"]) for step in draw["extensions"]] == [("A", 2)]
        assert (await browser.get(f"{path}/replay")).json()["equal"]
    body = json.loads(dict(office.ledger("system"))["draws:extended"])
    assert differences("draws:extended", "system", body) == []
    assert (body["asked_by"], body["by"]) == ("li.wei", "wang.fang")


async def test_what_is_published_checks_itself(office: Office) -> None:
    async with office.browser() as browser:
        path = await drawn(office, browser)
        public = (await browser.get(f"{path}/bundle.zip")).content
        whole = (await browser.get(f"{path}/bundle.zip?frame=true")).content
    for raw, with_frame in ((public, False), (whole, True)):
        with zipfile.ZipFile(io.BytesIO(raw)) as folder:
            files = {name: folder.read(name) for name in folder.namelist()}
        assert ("frame.tsv" in files) == with_frame
        assert files["verify_draw.py"] == VERIFIER
        _, count, had_frame = verify_draw.verify(files)
        assert (count, had_frame) == (8, with_frame)
    bodies = [json.loads(body) for event, body in office.ledger("system") if event == "draws:exported"]
    assert sorted(body["frame"] for body in bodies) == [False, True]
    assert [fault for body in bodies for fault in differences("draws:exported", "system", body)] == []
