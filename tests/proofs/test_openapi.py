"""The short form of the walk over the HTTP interface, and that it would notice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Response
from pydantic import BaseModel

from tests.proofs.openapi import BASE, EVERYBODY, PUBLIC, WITH_A_SECRET, explore, walk


@pytest.mark.proof
def test_every_operation_answers_as_it_is_described(postgres_url: str, tmp_path: Path) -> None:
    # PostgreSQL refuses more than SQLite does: what a database may choke on is found here.
    done = walk(postgres_url, tmp_path, examples=2)
    assert sorted(set(done.wrong)) == []
    assert done.operations >= 75
    assert done.requests >= 6 * done.operations
    # The walk gets further than to refusals.
    assert len(done.reached) > done.operations / 3, sorted(done.reached)
    assert done.reached.keys() >= {"cast_ballot", "read_health", "read_receipt_proof"}


class Answer(BaseModel):
    number: int


def faulty() -> FastAPI:
    app = FastAPI()

    @app.get("/fails", operation_id="fails")
    def fails() -> Response:
        return Response(status_code=500)

    @app.get("/lies", operation_id="lies", response_model=None, responses={200: {"model": Answer}})
    def lies() -> dict[str, str]:
        return {"number": "no number"}

    @app.get("/surprises", operation_id="surprises")
    def surprises() -> Response:
        return Response("{}", status_code=202, media_type="application/json")

    @app.get("/healthz", operation_id="read_health")
    def healthy() -> Answer:
        return Answer(number=1)

    return app


def test_wrong_answers_are_noticed() -> None:
    app = faulty()
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=BASE)
    with asyncio.Runner() as runner:
        done = explore(app.openapi(), runner, {EVERYBODY: client}, {}, examples=1)
        runner.run(client.aclose())
    said = " | ".join(done.wrong)
    assert "fails as" in said
    assert "lies as" in said
    assert "surprises as" in said
    # What is open to everybody must be on the list that was written by hand.
    assert f"lies: 200 for {EVERYBODY}" in done.wrong
    assert "read_health" not in said
    assert not PUBLIC & WITH_A_SECRET
