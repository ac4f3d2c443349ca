"""The ledger (台账), newest acts first. Sheets carry no time and are not listed."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Query

from api.auth.guards import OfficeActor
from api.deps import ReadDb
from api.problems import RESPONSES
from api.schemas.design import LedgerView
from survey_models.ledger import queries
from survey_models.ledger.events import SYSTEM_LOG

router = APIRouter(prefix="/api/ledger", tags=["ledger"], responses=RESPONSES)


@router.get("", operation_id="list_ledger")
def list_ledger(
    _actor: OfficeActor,
    db: ReadDb,
    log: Annotated[str, Query(max_length=60)] = SYSTEM_LOG,
    limit: Annotated[int, Query(ge=1, le=400)] = 40,
) -> list[LedgerView]:
    """The newest entries of one log: a campaign's, or the system's."""
    return [
        LedgerView(
            log=row.log, id=str(row.id), event=row.event, at=row.at, body=json.loads(row.body), digest=row.digest
        )
        for row in queries.newest(db, log=log, limit=limit)
    ]
