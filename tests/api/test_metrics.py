"""``/metrics``: numbers of the house for a monitor, and nothing that tells when somebody answered."""

from __future__ import annotations

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.poll import PASSWORD, Poll, open_poll


async def test_a_monitor_sees_the_house_and_no_ballot(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        before = await _numbers(poll)
        assert before["pingyi_intake_writing"] == {"": 1.0}
        assert before["pingyi_intake_tenths"] == {"": 0.0}
        assert before["pingyi_disk_free_bytes"][""] > 0
        assert before["pingyi_jobs"]["ready"] == 0
        # An ordinary body, a mistyped one, a form, a look at the page: all doors of the public.
        assert (await poll.cast(poll.live[0], "1230")).status_code == 201
        async with poll.client() as phone:
            await phone.post(f"/api/campaigns/{poll.shape.id}/ballots", json={"code": "nonsense"})
            await phone.post("/api/tickets/check", json={"campaign": poll.shape.id, "code": "nonsense"})
            await phone.get(f"/b/{poll.shape.id}")
            await phone.get("/nothing-here")
        after = await _numbers(poll)
        assert after["pingyi_ledger_waiting"] == before["pingyi_ledger_waiting"]
        assert set(after) >= {"pingyi_requests_total", "process_resident_memory_bytes"}
        routes = set(after["pingyi_requests_total"])
        assert routes == {"GET /metrics 200", "POST /api/session 200"}


async def test_it_is_for_the_office_alone(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as stranger:
            assert (await stranger.get("/metrics")).status_code == 401
        async with poll.signed_in("contractor") as contractor:
            assert (await contractor.get("/metrics")).status_code == 403


async def test_a_token_reads_it(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.signed_in("setup") as browser:
            body = {"label": "the monitor", "scopes": ["metrics:read"], "days": 30, "password": PASSWORD}
            token = (await browser.post("/api/account/tokens", json=body)).json()["token"]
        async with poll.client() as monitor:
            seen = await monitor.get("/metrics", headers={"Authorization": f"Bearer {token}"})
            assert "pingyi_info{" in seen.text


async def _numbers(poll: Poll) -> dict[str, dict[str, float]]:
    """Name → its labels in one line → value."""
    async with poll.signed_in("setup") as browser:
        answer = await browser.get("/metrics")
    assert answer.status_code == 200, answer.text
    found: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[" ".join(sample.labels.values())] = sample.value
    return found
