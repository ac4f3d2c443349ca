"""What `pingyi demo serve` says once the port is open, and that it can be opened."""

from __future__ import annotations

import ipaddress
import re

import httpx
import pytest
import qrcode

from api.app import create_app, running
from api.demo.serve import addresses, demo_settings, lan_address, prepare
from api.qr import in_terminal
from api.settings import Settings
from tests.demo.installation import Demo
from tests.simulation.service import served_demo

LINK = "http://127.0.0.1:8000/b/luohe#7KQ4-M2TX-9D3H-0WZB"


def test_links_carry_the_address_that_people_can_reach() -> None:
    plain = demo_settings(Settings(database_url=""), host="127.0.0.1", port=8123)
    assert plain.public_url == "http://127.0.0.1:8123"
    assert plain.demo
    assert plain.database.startswith("sqlite:///")
    near = demo_settings(Settings(), port=8123, lan=True, database="postgresql+psycopg://db.example/city")
    assert near.public_url == f"http://{lan_address()}:8123"
    assert near.database == "postgresql+psycopg://db.example/city"
    assert demo_settings(Settings(), host="0.0.0.0", port=1).public_url == "http://127.0.0.1:1"
    ipaddress.IPv4Address(lan_address())


def test_the_qr_in_the_terminal_is_that_of_the_link() -> None:
    code = qrcode.QRCode(border=2, error_correction=qrcode.constants.ERROR_CORRECT_L)
    code.add_data(LINK)
    expected = code.get_matrix()
    rows = [line.removeprefix("  ") for line in in_terminal(LINK).splitlines()]
    halves = {"█": (False, False), "▀": (False, True), "▄": (True, False), " ": (True, True)}
    seen = []
    for row in rows:
        pairs = [halves[mark] for mark in row]
        seen += [[top for top, _ in pairs], [bottom for _, bottom in pairs]]
    assert seen[: len(expected)] == expected


async def test_the_printed_links_open(own_demo: Demo) -> None:
    settings = demo_settings(own_demo.settings, port=8000)
    said = addresses(own_demo.engine, settings, own_demo.folder)
    code = own_demo.folder.kept("luohe")[0]
    assert f"{settings.public_url}/b/luohe#{code}" in said
    for line in own_demo.folder.passwords.read_text(encoding="utf-8").splitlines():
        assert line in said
    found = re.search(r"/terminal/#pair=(\w+)", said)
    assert found
    with running(create_app(settings)) as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as client:
            assert (await client.get("/b/luohe")).status_code == 200
            paired = await client.post("/api/devices/pair", json={"pairing_code": found[1]})
            assert paired.status_code == 201, paired.text
            assert paired.json()["window"]["id"] == "hall-01"


async def test_the_first_code_that_nobody_used_is_shown(own_demo: Demo) -> None:
    settings = demo_settings(own_demo.settings, port=8000)
    kept = own_demo.folder.kept("luohe")
    with running(create_app(settings)) as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as client:
            for number, code in enumerate(kept):
                assert f"#{code}" in addresses(own_demo.engine, settings, own_demo.folder)
                body = {"id": f"00000000-0000-4000-8000-00000000000{number}", "code": code, "answers": "1" * 80 + "--"}
                sent = await client.post("/api/campaigns/luohe/ballots", json={**body, "channel": "phone"})
                assert sent.status_code == 201, sent.text
    said = addresses(own_demo.engine, settings, own_demo.folder)
    assert not any(code in said for code in kept)
    assert "All tour codes are used" in said


def test_what_is_there_is_served_again(own_demo: Demo) -> None:
    before = own_demo.number("SELECT count(*) FROM ledger_entries")
    folder = prepare(own_demo.settings)
    assert folder == own_demo.folder
    assert own_demo.number("SELECT count(*) FROM ledger_entries") == before


@pytest.mark.proof
def test_it_serves_as_a_process(own_demo: Demo) -> None:
    with served_demo(own_demo.settings) as base_url:
        assert httpx.get(f"{base_url}/healthz", trust_env=False, timeout=60).json() == {"status": "ok"}
        ready = httpx.get(f"{base_url}/readyz", trust_env=False, timeout=60).json()
    assert ready["database"] == "sqlite"
