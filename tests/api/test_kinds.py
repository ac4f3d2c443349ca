"""Items of every kind, from the form without script and from JSON to what is counted of them."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any

import httpx

from tests.kinds import kinds_questionnaire
from tests.poll import Poll, Shape, open_poll

SAID = {"q_U-001": "1", "q_U-002": "a", "q_aware": "1", "m_why": ["a", "b"], "t_words": "路灯\r\n不亮 <b>"}


def field(html: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]+)"', html)
    assert found
    return found[1]


def fieldsets(html: str) -> dict[str, str]:
    """The HTML of each item, by key."""
    return dict(re.findall(r'<fieldset id="q_([^"]+)"(.*?)</fieldset>', html, re.DOTALL))


async def post(client: httpx.AsyncClient, html: str, code: str, **more: Any) -> httpx.Response:
    return await client.post("/b/poll", data={"ballot_id": field(html, "ballot_id"), "code": code, **SAID, **more})


async def test_a_form_of_every_kind_is_answered_without_script(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, Shape(doc=kinds_questionnaire())) as poll:
        async with poll.client() as client:
            await _the_form_shows_every_kind(client)
            await _a_refused_form_keeps_everything(client, poll)
            html = (await client.get("/b/poll")).text
            taken = await post(client, html, poll.live[0].code)
            assert taken.status_code == 303
            assert poll.stored() == 1
            sent = {"id": str(uuid.uuid4()), "code": poll.live[1].code, "answers": "1------"}
            for more, status in (({"words": 3}, 422), ({"why": ["z"]}, 422), ({"why": ["b"], "words": "好"}, 201)):
                answer = await client.post("/api/campaigns/poll/ballots", json={**sent, "more": more})
                assert answer.status_code == status, answer.text


async def _the_form_shows_every_kind(client: httpx.AsyncClient) -> None:
    shown = fieldsets((await client.get("/b/poll")).text)
    kinds = {key: re.findall(r'data-kind="(\w+)"', body)[0] for key, body in shown.items()}
    assert kinds == {item["key"]: item["kind"] for item in kinds_questionnaire()["items"]}
    assert 'data-unit="U-001"' in shown["U-001.1"]
    assert {key for key, body in shown.items() if "data-optional" in body} == {"why", "nominate", "words", "age"}
    assert shown["why"].count('type="checkbox" name="m_why"') == 3
    assert 'maxlength="500"' in shown["words"]
    assert "请不要写姓名" in shown["words"]
    assert "checked" not in "".join(shown.values())


async def _a_refused_form_keeps_everything(client: httpx.AsyncClient, poll: Poll) -> None:
    html = (await client.get("/b/poll")).text
    too_many = await post(client, html, poll.live[0].code, m_nominate=["U-001", "U-002", "U-003"])
    assert too_many.status_code == 422
    assert '<a href="#q_nominate">' in too_many.text
    kept = fieldsets(too_many.text)
    assert [body.count("checked") for body in (kept["why"], kept["nominate"], kept["U-002"])] == [2, 3, 1]
    assert "路灯\r\n不亮 &lt;b&gt;</textarea>" in kept["words"]
    in_english = await client.post("/b/poll?lang=en", data={"ballot_id": field(html, "ballot_id"), **SAID, "show": "1"})
    assert "不亮 &lt;b&gt;</textarea>" in fieldsets(in_english.text)["words"]
    empty = await client.post("/b/poll", data={"ballot_id": field(html, "ballot_id"), "code": poll.live[0].code})
    assert empty.status_code == 422
    assert '<a href="#q_U-001">' in empty.text
    assert poll.stored() == 0
