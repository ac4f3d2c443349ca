"""What endpoints ask for: one database session per request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from api.db import reading, unit_of_work


def unit_of_work_per_request(request: Request) -> Iterator[Session]:
    """One request is one transaction. It is committed before the answer leaves: a 200 has been stored."""
    with unit_of_work(request.app.state.engine) as session:
        yield session


def reading_per_request(request: Request) -> Iterator[Session]:
    """A session that only reads."""
    with reading(request.app.state.engine) as session:
        yield session


# "function": the code after the yield runs before the answer is sent, and its failure becomes the answer.
Db = Annotated[Session, Depends(unit_of_work_per_request, scope="function")]
ReadDb = Annotated[Session, Depends(reading_per_request, scope="function")]
