"""Printing over HTTP and from a print order: the codes come out on paper and stay nowhere else."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from api import handover
from api.cli import app as command_line
from survey_models.campaigns import service as campaigns
from survey_models.ledger.events import Event
from survey_models.ledger.service import recorded
from survey_models.tickets.codes import printed
from tests.docs.events import differences
from tests.poll import Poll, Shape, open_poll
from tests.survey_models.printing.reading import read

PASSPHRASE = "eight cranes over the river"
PATH = "/api/prints?campaign=poll"


def sealed_file(poll: Poll) -> bytes:
    with poll.look() as session:
        strata = {row.no: (row.area_name, row.kind_name) for row in campaigns.strata_of(session, "poll")}
        points = {row.no: row.name for row in campaigns.points_of(session, "poll")}
    return handover.under_passphrase(
        handover.lines_of(poll.codes, strata=strata, points=points), PASSPHRASE, name="poll"
    )


def kept(folder: Path) -> bytes:
    """Everything that stands in files."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_a_sealed_file_becomes_a_print_and_nothing_is_kept(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path / "data", Shape(points=False)) as poll:
        sealed = sealed_file(poll)
        form = {"file": ("poll.cards", sealed), "passphrase": ("p", PASSPHRASE.encode())}
        wrong = {**form, "passphrase": ("p", b"another passphrase")}
        part = {**form, "file": ("poll.cards", sealed[:-1])}
        async with poll.client() as nobody:
            assert (await nobody.post(PATH, files=form)).status_code == 401
        async with poll.signed_in("release") as release:
            assert (await release.post(PATH, files=form)).json()["code"] == "forbidden"
            assert (await release.get("/api/campaigns/poll/posters.pdf?size=a5")).status_code == 200
        async with poll.signed_in("setup") as setup:
            for files in (wrong, part):
                assert (await setup.post(PATH, files=files)).json()["code"] == "hand_over_sealed"
            unknown = await setup.post(f"{PATH}&paper=postcard", files=form)
            assert unknown.json()["code"] == "print_format_unknown"
            answer = await setup.post(f"{PATH}&paper=labels-2x7", files=form)
            order = await setup.get("/api/campaigns/poll/print-order")
            poster = await setup.get("/api/windows/posters.pdf?size=a4&window=w1")
            nowhere = await setup.get("/api/windows/posters.pdf?window=w9")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        codes = sorted(printed(code.code) for code in poll.codes)
        pages = read(answer.content)
        assert sorted(code for page in pages for code in page.typed) == codes
        assert all("演示" in page.text for page in pages)
        assert nowhere.json()["code"] == "window_unknown"
        assert [page.scanned for page in read(poster.content)] == [["http://127.0.0.1:8000/w/w1"]]
        with poll.look() as session:
            (body,) = recorded(session, "poll", Event.TICKETS_PRINTED)
        assert differences("tickets:printed", "poll", body) == []
        assert (body["cards"], body["reserve"], body["paper"]) == (24, 4, "labels-2x7")
        found = kept(tmp_path).decode("latin-1")
        assert not [code for code in codes if code in found or code.replace("-", "") in found]

    # Printers have the sealed file, the order and the passphrase; no account, no database.
    for name, content in (("cards", sealed), ("order", order.content), ("word", PASSPHRASE.encode())):
        (tmp_path / name).write_bytes(content)
    out = tmp_path / "print.pdf"
    line = f"cards print {tmp_path}/cards --order {tmp_path}/order --passphrase-file {tmp_path}/word --out {out}"
    done = CliRunner().invoke(command_line, [*line.split(), "--paper", "cards"])
    assert done.exit_code == 0, done.output
    assert out.stat().st_mode & 0o777 == 0o600
    assert sorted(code for page in read(out.read_bytes()) for code in page.typed) == codes
    out_bytes = out.read_bytes()
    again = CliRunner().invoke(command_line, line.split())
    assert "key_file_exists" in again.output
    (tmp_path / "cards").write_bytes(sealed[:-1])
    broken = CliRunner().invoke(command_line, line.replace("print.pdf", "other.pdf").split())
    assert "hand_over_sealed" in broken.output
    assert b"%PDF" not in kept(tmp_path).replace(out_bytes, b"")
