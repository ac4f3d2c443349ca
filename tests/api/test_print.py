"""The questionnaire on paper, as a browser without script gets it."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from api.pages.printing import STYLE
from tests.kinds import kinds_questionnaire
from tests.poll import Shape, open_poll


async def test_every_kind_stands_on_paper_with_a_place_for_the_code(sqlite_url: str, tmp_path: Path) -> None:
    variants: dict[str, list[str] | None] = {"all": None, "peer-U-001": ["U-002", "age"]}
    with open_poll(sqlite_url, tmp_path, Shape(doc=kinds_questionnaire(), variants=variants)) as poll:
        async with poll.client() as client:
            which = await client.get("/b/poll/print")
            whole = await client.get("/b/poll/print?variant=all&lang=en")
            peers = await client.get("/b/poll/print?variant=peer-U-001")
            nowhere = await client.get("/b/nowhere/print")
    assert nowhere.status_code == 404
    assert 'href="/b/poll/print?lang=zh&amp;variant=peer-U-001"' in which.text
    assert whole.status_code == 200
    for page in (which, whole, peers):
        assert "<script" not in page.text
        assert "style=" not in page.text
        digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in page.headers["content-security-policy"]
        assert "set-cookie" not in page.headers
    assert whole.text.count("<i></i>") == 16 + 5
    rows = re.findall(r'<th scope="row"[^>]*>(.*?)</th>', whole.text)
    assert rows == ["教育局", "公安局", "教育局：办事公开", "教育局：服务质量"]
    # Two units on scales of four and five, two aspects on four; the rest has its boxes in lists.
    assert len(re.findall(r'class="box" role="img"', whole.text)) == 4 + 5 + 4 + 4
    assert len(re.findall(r'class="box" aria-hidden="true"', whole.text)) == 2 + 2 + 3 + 3 + 4
    assert "version 1 · Every unit" in whole.text
    assert "互评（不评教育局）</a>" in which.text
    assert "教育局" not in peers.text.replace("互评（不评教育局）", "")
    assert "公安局" in peers.text
