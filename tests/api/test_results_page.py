"""The printed report: what stands in it is what was stored, in its table and in its pictures, and it holds itself."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from sqlalchemy import select

from api.security import content_security_policy
from survey_models.ledger.tables import LedgerEntry
from survey_models.reports.results_page import STYLE_HASH
from survey_models.reports.results_words import WORDS
from survey_models.results.sentences import WITHHELD, place_sentence
from survey_models.results.tables import Result
from tests.api.test_campaigns import count, fill
from tests.api.test_estimation import PERSONS, SHAPE, state
from tests.box import fill_and_count, sheets
from tests.poll import CATEGORIES, Poll, Shape, open_poll

PAGE = "/api/campaigns/poll/results.html"


def pictures(html: str) -> dict[str, list[Mapping[str, str]]]:
    """The pictures of a page by title, each as the values of its marks, read back from the SVG."""
    found = {}
    for svg in re.findall(r"<svg .*?</svg>", html, re.DOTALL):
        root = fromstring(svg)
        title = next(element.text for element in root.iter() if element.tag.endswith("title"))
        found[str(title)] = [_values(mark) for mark in root.iter() if mark.get("class") == "mark"]
    return found


def _values(mark: Element) -> Mapping[str, str]:
    return {key.removeprefix("data-"): value for key, value in mark.items() if key.startswith("data-")}


def table(html: str) -> dict[str, list[str]]:
    """The rows of the tables by unit, each as the text of its cells."""
    rows = re.findall(r'<tr data-unit="([^"]+)">(.*?)</tr>', html, re.DOTALL)
    cells = {unit: re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for unit, row in rows}
    return {unit: [unescape(re.sub(r"<[^>]+>", " ", cell)).strip() for cell in row] for unit, row in cells.items()}


def as_printed(row: Mapping[str, Any]) -> list[str]:
    """The figures of a ranked unit, two decimals, half up."""

    def two(key: str, exponent: str = "0.01") -> str:
        return f"{Decimal(row[key]).quantize(Decimal(exponent), ROUND_HALF_UP):f}"

    interval = f"{two('ci_low')}–{two('ci_high')}"
    rates = [two("satisfied_rate"), two("dont_know_rate")]
    return [two("score"), interval, str(row["n_judging"]), two("n_eff", "1"), *rates]


async def pages(poll: Poll) -> dict[str, Any]:
    await fill(poll, 10)
    async with poll.signed_in("setup") as setup:
        early = await setup.get(PAGE)
    await count(poll)
    async with poll.signed_in("setup") as setup:
        result = (await setup.post("/api/campaigns/poll/results")).json()
        zh, again, en = [await setup.get(PAGE, params=lang) for lang in ({}, {"lang": "zh"}, {"lang": "en"})]
        strange = await setup.get(PAGE, params={"lang": "fr"})
    return {"early": early, "result": result, "zh": zh, "again": again, "en": en, "strange": strange}


async def test_the_report_prints_what_is_stored(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, Shape(per_cell=12, n_units=6)) as poll:
        found = await pages(poll)
        with poll.look() as session:
            bodies = session.scalars(select(LedgerEntry.body).where(LedgerEntry.log == "poll")).all()
    assert (found["early"].status_code, found["early"].json()["code"]) == (409, "campaign_open")
    assert found["strange"].status_code == 422
    html, result = found["zh"].text, found["result"]
    assert found["zh"].content == found["again"].content
    assert hashlib.sha256(found["zh"].content).hexdigest() in "".join(map(str, bodies))
    rows = table(html)
    by_place = sorted(result["rows"], key=lambda row: (row["rank"] is None, row["rank"], row["position"]))
    categories = dict.fromkeys(row["category"] for row in result["rows"])
    assert [*rows] == [row["unit"] for name in categories for row in by_place if row["category"] == name]
    for row in result["rows"]:
        place, name, *figures = rows[row["unit"]]
        assert name.startswith(row["name"])
        if row["rank"] is None:
            assert [place, *figures] == ["—", "—", "—", str(row["n_judging"]), "—", "—", "—"]
            assert WITHHELD[0] in name
        else:
            assert place == f"{row['rank']}（{row['rank_low']}–{row['rank_high']}）"
            assert f"第 {row['rank_low']}" in name
            assert figures == as_printed(row)
    assert any(row["rank"] is None for row in result["rows"])
    for digest in ("inputs_digest", "estimation_digest", "result_digest"):
        assert result[digest] in html
    for language, page in (("zh", html), ("en", found["en"].text)):
        told = [*result["method" if language == "zh" else "method_en"], *(step[language] for step in result["steps"])]
        assert len(told) > 12
        assert [line for line in told if line not in unescape(page)] == []


async def test_the_pictures_of_the_report_hold_as_many_marks_as_units(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, Shape(per_cell=12, n_units=6)) as poll:
        found = await pages(poll)
    drawn, rows = pictures(found["zh"].text), found["result"]["rows"]
    assert len(drawn) == 2 * len(CATEGORIES) + 2
    for category in CATEGORIES:
        ranked = [row for row in rows if row["category"] == category and row["rank"] is not None]
        inside = sorted(ranked, key=lambda row: (row["rank"], row["position"]))
        assert drawn[f"名次区间：{category}"] == [
            {
                "label": row["name"],
                "value": str(row["rank"]),
                "low": str(row["rank_low"]),
                "high": str(row["rank_high"]),
            }
            for row in inside
        ]
        assert drawn[f"得分：{category}"] == [
            {"label": row["name"], "value": row["score"], "low": row["ci_low"], "high": row["ci_high"]}
            for row in inside
        ]
    allocation = drawn["样本分配：各层问卷数"]
    assert [mark["value"] for mark in allocation] == ["24"] * 4
    weights = drawn["权数"]
    assert [float(weights[0][key]) for key in ("low", "value", "high")] == pytest.approx([100, 125, 150])
    assert pictures(found["en"].text)["Weights"][0]["label"] == "before calibration"


async def test_a_calibrated_report_shows_weights_before_and_after_and_its_borders(
    sqlite_url: str, tmp_path: Path
) -> None:
    with open_poll(sqlite_url, tmp_path, SHAPE) as poll:
        async with poll.signed_in("setup") as setup:
            shown = await state(setup, poll, PERSONS)
            fill_and_count(poll, sheets(poll))
            assert (await setup.post("/api/campaigns/poll/results")).status_code == 201
            html = (await setup.get(PAGE)).text
        with poll.look() as session:
            stored = session.scalars(select(Result.method)).one()["weights"]
    weights = pictures(html)["权数"]
    assert [mark["label"] for mark in weights] == ["校准前", "校准后"]
    for mark, name in zip(weights, ("before", "after"), strict=True):
        assert [mark["low"], mark["value"], mark["high"]] == stored[name]
    # 24 tickets for 3,000 and 2,000 people of a stratum, 20 of them returned.
    assert [float(weights[0][key]) for key in ("low", "high")] == pytest.approx([100, 150])
    assert weights[1]["high"] != weights[0]["high"], "calibration moved them"
    # Of two units the last one stands behind the first place and a half.
    assert re.findall(r'class="border" data-at="([\d.]+)"', html) == ["1.5"]
    assert "后 1 名：" in html
    assert "90% 区间" in html
    assert "95%" not in html
    assert shown["digest"] in html


async def test_the_report_holds_everything_in_itself(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, Shape(per_cell=12)) as poll:
        found = await pages(poll)
    for answer in (found["zh"], found["en"]):
        html = answer.text
        style = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
        hashes = ["sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in style]
        assert hashes == [STYLE_HASH]
        assert answer.headers["content-security-policy"] == content_security_policy([STYLE_HASH])
        assert f"style-src &#39;{STYLE_HASH}&#39;" in html or f"style-src '{STYLE_HASH}'" in html
        assert not re.search(r"<script|<link|<img|\sstyle=|\son\w+=|@import|url\(", html)
        assert set(re.findall(r"https?://[^\s\"'<]+", html)) == {"http://www.w3.org/2000/svg"}
        assert "@page" in style[0]
        assert "size: A4" in style[0]
    assert 'lang="zh-CN"' in found["zh"].text[:100]
    assert 'href="?lang=en"' in found["zh"].text
    assert 'href="?lang=zh"' in found["en"].text


def test_a_sentence_says_no_more_than_the_range_allows() -> None:
    def said(rank: int | None, low: int | None, high: int | None) -> str:
        row: Any = SimpleNamespace(score=rank and "80", rank=rank, rank_low=low, rank_high=high)
        return place_sentence(row, ranked_of=9)[0]

    assert said(2, 2, 2) == "得分排第 2，数据足以断定。"
    assert said(2, 1, 5) == "得分排第 2，数据允许第 1 至第 5 名。"
    assert "任何名次都可能" in said(4, 1, 9)
    assert "不知道数据允许的范围" in said(1, None, None)
    assert "不排名次" in said(None, None, None)


def test_every_sentence_has_the_same_blanks_in_both_languages() -> None:
    for key, (zh, en) in WORDS.items():
        assert zh, key
        assert sorted(re.findall(r"{\w+}", zh)) == sorted(re.findall(r"{\w+}", en)), key
        assert not re.search(r"[\u4e00-\u9fff][,;:!?()]|[,;!?()][\u4e00-\u9fff]", zh), key
