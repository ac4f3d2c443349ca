"""A round of a preset walked in the console by two people from its plan to its public page, at small size.

Every preset, at full size and with the time that the server takes: ``make audit-rounds-console``.
"""

from __future__ import annotations

import io
import zipfile

import docx
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.round_walk import Walk, Wish
from tests.browser.server import Server
from tests.browser.test_console import sign_in
from tests.browser.test_rounds import WIDE

# The one with the most steps for the least work: four campaigns, a ranking of two kinds, reports and feedback.
SMALL = (Wish("nanyang-2014-27-departments", "2016Q1", each=2),)


def test_a_round_needs_no_command_line(new_page: NewPage, server: Server) -> None:
    office, second = sign_in(new_page(viewport=WIDE), server), sign_in(new_page(viewport=WIDE), server, "release")
    walk = Walk(server, office, second, lambda name: sign_in(new_page(viewport=WIDE), server, name))
    for wish in SMALL:
        papers = walk.whole(wish)
        assert {"ranking.docx", "ranking.pdf", "notice.docx", "notice.pdf", "scores.xlsx"} <= set(papers), wish.preset
        with zipfile.ZipFile(io.BytesIO(papers["bundle?kind=public"])) as bundle:
            assert "outcome.json" in bundle.namelist()
        ranked = docx.Document(io.BytesIO(papers["ranking.docx"]))
        said = " ".join(cell.text for table in ranked.tables for cell in table._cells)
        assert "编造单位2" in said, wish.preset
        page = new_page()
        page.goto(f"/results/{wish.round_id}")
        expect(page.get_by_role("heading", level=1)).to_contain_text(wish.period[:4])
