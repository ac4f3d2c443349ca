"""Who may do what (权限矩阵): every route by every role, on own objects and on others', against a list made by hand.

``matrix.csv`` says for each route, and for each kind of object where that matters, what each caller gets: ``ok``, past
all guards; ``401``, ``403``; ``404``, where others' objects are not even there. A route that it lacks fails.
"""

from __future__ import annotations

import asyncio
import csv
import json
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.app import create_app, running
from api.settings import Settings
from survey_models.core import clock
from tests.api.matrix_city import CAMPAIGNS, FOREIGN, JPEG, OWN, PARTS, ROUNDS, UNITS, Things, settle
from tests.survey_models.marks.city import ROUND, START

LISTED = Path(__file__).with_name("matrix.csv")
CLOSED = {401, 403, 404}
NOBODY = "00000000-0000-4000-8000-000000000000"
# The end of a session comes last: nothing of the same caller may follow.
LAST = [("POST", "/api/account/sessions/end"), ("DELETE", "/api/session"), ("POST", "/signout")]
NAMES = {
    "number": "999", "month": "2015-01", "name": "none", "ending": "pdf", "item": "none", "day": "2015-01-01",
    "year": "2015", "what": "workbook", "path": "none", "receipt": "none", "sha256": "0" * 64, "serial": "1",
}  # fmt: skip


def listed() -> list[dict[str, str]]:
    with LISTED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = listed()
CALLERS = [name for name in ROWS[0] if name not in {"method", "path", "object"}]


class Call:
    """One request without a client library in between: four thousand of them are sent."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        # One for each caller: who sends too much is slowed by address.
        self.address = "127.0.0.9"

    async def __call__(
        self, method: str, path: str, *, query: str = "", headers: dict[str, str], body: bytes = b""
    ) -> tuple[int, str]:
        """Status and problem code."""
        pairs = [(name.encode(), value.encode()) for name, value in {"host": "127.0.0.1:8000", **headers}.items()]
        scope: dict[str, Any] = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "method": method,
            "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [*pairs, (b"content-length", str(len(body)).encode())], "client": (self.address, 9), "state": {},
            "server": ("127.0.0.1", 8000),
        }  # fmt: skip
        status, content, asked = 0, bytearray(), False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if asked:
                # A client that waits for its answer and says no more.
                await asyncio.Event().wait()
            asked = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                content.extend(message.get("body", b""))

        await self.app(scope, receive, send)  # type: ignore[arg-type]
        code = json.loads(content).get("code", "") if status >= 400 and content[:1] == b"{" else ""
        return status, str(code)


@pytest.fixture(scope="module")
def settings(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("matrix")
    url = f"sqlite:///{shutil.copyfile(sqlite_template, folder / 'matrix.sqlite3')}"
    return Settings(database_url=url, data_dir=folder, inline_worker=False, inline_sequencer=False, totp_roles="")


def address(row: dict[str, str], made: Things) -> str:
    """The route's path with the row's objects; what is nobody's names nothing that exists."""
    path, kind = row["path"], row["object"]
    own = kind or "none"
    known = {
        **NAMES,
        "campaign_id": CAMPAIGNS.get(own, "none"),
        "unit_code": UNITS.get(own, "none"),
        "round_id": ROUNDS.get(own, "none"),
        "upload_id": made.uploads.get(own, NOBODY),
        "finding_id": made.findings.get(own, NOBODY),
        "file_id": (made.duty_files if "/duties/" in path else made.finding_files).get(own, NOBODY),
        "notice_id": made.leaves.get(own, NOBODY),
        "tablet_id": made.tablets.get(own, NOBODY),
    }
    if "/duties/" in path:
        known["receipt"] = made.receipts.get(own, "none")

    def value(found: re.Match[str]) -> str:
        name = found[1]
        return known.get(name) or (NOBODY if name.endswith("_id") and name not in {"round_id", "scheme_id"} else "none")

    return re.sub(r"{(\w+)}", value, path)


def request_of(row: dict[str, str], made: Things, caller: str) -> tuple[str, dict[str, str], bytes]:
    """Query, headers and the smallest body with which the rules about own objects are reached."""
    route, object_ = (row["method"], row["path"]), row["object"]
    unit, part = UNITS.get(object_, ""), PARTS.get(object_, "")
    place = {"round": ROUND, "duty": "check", "debtor": unit, "period": "2015Q1"}
    leave = {"post": "窗口", "left_at": "2015-03-02T01:00:00Z", "back_at": "2015-03-02T02:00:00Z"}
    bodies: dict[tuple[str, str], Any] = {
        ("POST", "/api/units/{unit_code}/promises"): {"item": "登记", "promised_days": 1},
        ("POST", "/api/units/{unit_code}/leaves"): {**leave, "reason": "开会", "contact": "12345"},
        ("POST", "/api/findings/{finding_id}/moves"): {"move": "none"},
        ("POST", "/api/duties/submissions"): {**place, "text": "短"},
        ("POST", "/api/duties/deeds"): {**place, "deed": 1, "percent": 1, "text": "x"},
        ("POST", "/api/marks"): {"marks": [{"unit": "C-1", "value": "1"}]},
        ("POST", "/api/marks/approve"): {},
        ("POST", "/api/departments/{round_id}/cards"): {"passphrase": "x"},
        ("PUT", "/api/uploads/columns"): {"headings": ["a"], "columns": [None]},
        ("POST", "/api/uploads/{upload_id}/withdraw"): {"reason": "wrong file"},
        ("POST", "/api/tablets/pairings"): {"campaign": CAMPAIGNS.get(object_, ""), "point": 1},
    }
    campaign = f"campaign={CAMPAIGNS.get(object_, '')}&filename=a.csv"
    queries = {
        "/api/uploads": campaign,
        "/api/uploads/check": campaign,
        "/api/uploads/columns": campaign,
        "/api/findings/files": f"finding={made.findings.get(object_, NOBODY)}&filename=a.jpg",
        "/api/duties/files": f"round={ROUND}&duty=check&debtor={unit}&period=2015Q1&filename=a.pdf",
    }
    query = queries.get(row["path"], "") if row["method"] != "GET" else ""
    if row["path"].startswith("/api/marks"):
        query = f"round={ROUND}&part={part}&filename=a.csv"
    if route in bodies:
        return query, {"content-type": "application/json"}, json.dumps(bodies[route]).encode()
    if row["path"] in {"/unit/step", "/inspect", "/signout"} and row["method"] == "POST":
        form = f"csrf={made.csrf.get(caller, '')}".encode()
        return query, {"content-type": "application/x-www-form-urlencoded"}, form
    file = JPEG if row["path"] in queries and query else b""
    sheet = b"unit,mark\n1,2\n" if row["path"] == "/api/marks/files" else b""
    return query, {"content-type": "application/octet-stream"}, file or sheet


def seen(status: int) -> str:
    """How an answer reads in the list."""
    return str(status) if status in CLOSED else "ok"


def is_there(row: dict[str, str], path: str) -> bool:
    """Whether the row reads something that the city has: an object is named, and nothing that does not exist."""
    made_up = any(part in {"none", NOBODY, NAMES["number"]} for part in path.split("/"))
    return row["method"] == "GET" and bool(row["object"]) and not made_up


def agrees(expected: str, status: int, *, there: bool) -> bool:
    """Whether an answer is the listed one: past the guards anything but a refusal; what is there is found."""
    if status >= 500 and status != 503:
        return False
    if expected != "ok":
        return str(status) == expected
    return status not in {401, 403} and (status != 404 or not there)


def place(row: dict[str, str]) -> int:
    route = (row["method"], row["path"])
    return LAST.index(route) + 1 if route in LAST else 0


def callers_of(row: dict[str, str], number: int) -> list[str]:
    """Everybody; what is open to everybody is asked by nobody, a terminal and the roles in turn."""
    if any(row[caller] != "ok" for caller in CALLERS) or place(row):
        return CALLERS
    return [*CALLERS[:2], CALLERS[2 + number % (len(CALLERS) - 2)]]


async def differences(app: FastAPI, made: Things) -> AsyncIterator[str]:
    call = Call(app)
    for number, row in enumerate(sorted(ROWS, key=place)):
        path = address(row, made)
        for caller in callers_of(row, number):
            query, headers, body = request_of(row, made, caller)
            headers = {**headers, **made.heads.get(caller, {})}
            call.address = f"127.0.0.{9 + CALLERS.index(caller)}"
            status, code = await call(row["method"], path, query=query, headers=headers, body=body)
            if not agrees(row[caller], status, there=is_there(row, path)):
                yield f"{row['method']} {row['path']} {row['object']} {caller}: {status} {code}, listed {row[caller]}"


async def test_every_route_answers_every_role_as_the_list_says(settings: Settings) -> None:
    with clock.frozen(START), running(create_app(settings)) as app:
        made = settle(app)
        assert [line async for line in differences(app, made)] == []


def test_every_route_is_listed_and_nothing_else(settings: Settings) -> None:
    app = create_app(settings)
    there = {
        (method, route.path_format)
        for route in iter_route_contexts(app.routes)
        if hasattr(route.original_route, "dependant")
        for method in route.methods or ()
        if method != "HEAD"
    }
    named = {(row["method"], row["path"]) for row in ROWS}
    assert sorted(there - named) == [], "add each new route to tests/api/matrix.csv, with what every role gets"
    assert sorted(named - there) == []


def test_whoever_has_something_of_its_own_is_tried_on_what_is_not() -> None:
    """Each route that is closed to somebody on a foreign object stands there with an own one, too."""
    kinds: dict[tuple[str, str], set[str]] = {}
    for row in ROWS:
        kinds.setdefault((row["method"], row["path"]), set()).add(row["object"])
    assert [route for route, found in kinds.items() if FOREIGN in found and OWN not in found] == []
    assert {cell for row in ROWS for name, cell in row.items() if name in CALLERS} == {"ok", "401", "403", "404"}
