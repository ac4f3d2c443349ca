"""Cards over HTTP: who may withdraw and replace them, two people for a batch, two clerks at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.poll import Shape, open_poll

PATH = "/api/campaigns/poll/tickets"
LOST = {"serial": 1, "reason": "丢失"}


async def test_setup_replaces_and_others_may_only_look(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as nobody:
            assert (await nobody.post(f"{PATH}/replace", json=LOST)).json()["code"] == "not_signed_in"
            assert (await nobody.get(f"{PATH}/batches")).status_code == 401
        for role, sees in (("release", 200), ("auditor", 200), ("contractor", 403)):
            async with poll.signed_in(role) as other:
                for path in ("replace", "void", "batches/1/void"):
                    assert (await other.post(f"{PATH}/{path}", json=LOST)).json()["code"] == "forbidden"
                assert (await other.get(f"{PATH}/batches")).status_code == sees
        async with poll.signed_in("setup") as setup:
            done = await setup.post(f"{PATH}/replace", json=LOST)
            sealed = next(code.serial for code in poll.codes if code.reserve)
            assert done.json() == {"serial": 1, "replacement": sealed}
            assert (await setup.post(f"{PATH}/void", json={**LOST, "serial": 2})).json() == {"serial": 2}
            again = await setup.post(f"{PATH}/void", json={**LOST, "serial": 2})
            assert (again.status_code, again.json()["code"]) == (410, "ticket_void")
            for body in (
                {"serial": 0, "reason": "x"},
                {"serial": 3},
                {"serial": 3, "reason": ""},
                {**LOST, "code": "x"},
            ):
                assert (await setup.post(f"{PATH}/replace", json=body)).json()["code"] == "request_malformed"
            listed = (await setup.get(f"{PATH}/batches")).json()
            assert [batch["reserve_left"] for batch in listed] == [0] + [1] * 7
            assert (await setup.get("/api/campaigns/none/tickets/batches")).json()["code"] == "campaign_unknown"


async def test_a_batch_is_voided_by_two_people(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        async with poll.signed_in("setup") as setup, poll.signed_in("release") as release:
            wanted = {"reason": "交接文件遗失"}
            assert (await setup.post(f"{PATH}/batches/99/void", json=wanted)).json()["code"] == "batch_unknown"
            asked = await setup.post(f"{PATH}/batches/2/void", json=wanted)
            assert (asked.status_code, asked.json()["params"]) == (202, {"batch": 2, **wanted})
            number = asked.json()["number"]
            code = next(code for code in poll.live if code.serial == 7)
            assert (await setup.post(f"/api/acts/{number}/confirm")).json()["code"] == "act_same_person"
            assert (await poll.cast(code, "1111")).status_code == 201
            assert (await release.post(f"/api/acts/{number}/confirm")).status_code == 200
            [voided] = [batch for batch in (await setup.get(f"{PATH}/batches")).json() if batch["voided_at"]]
            assert (voided["no"], voided["reserve_left"]) == (2, 0)
            others = [code for code in poll.codes if code.serial in range(8, 13)]
            refused = [(await poll.cast(code, "1111")).json()["code"] for code in others]
            assert refused == ["ticket_void"] * 5
            assert poll.stored() == 1


async def test_clerks_at_the_same_moment_never_hand_out_one_reserve_card_twice(
    database_url: str, tmp_path: Path
) -> None:
    with open_poll(database_url, tmp_path, Shape(reserve=4)) as poll:
        async with poll.signed_in("setup") as setup:
            lost = [{"serial": serial, "reason": "丢失"} for serial in range(1, 6)]
            done = await asyncio.gather(*(setup.post(f"{PATH}/replace", json=body) for body in lost))
        given = [answer.json()["replacement"] for answer in done if answer.status_code == 200]
        sealed = [code.serial for code in poll.codes if code.reserve][:4]
        assert sorted(given) == sealed
        [left] = [answer for answer in done if answer.status_code != 200]
        assert left.json()["code"] == "reserve_empty"
