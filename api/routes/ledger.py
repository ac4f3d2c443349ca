"""The ledger (台账): the newest acts for the office; keys, receipts and proofs for everybody."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from api.auth.guards import OfficeActor, Public
from api.db import unit_of_work
from api.deps import ReadDb
from api.problems import RESPONSES
from api.schemas.design import LedgerView
from api.schemas.ledger import (
    AnnouncedView,
    ConsistencyView,
    CosignatureView,
    CosignedNote,
    CosignedView,
    InclusionView,
    LedgerKeys,
    LogKey,
    ReceiptView,
    WitnessKey,
)
from survey_models.core import clock
from survey_models.ledger import cosigning, proofs, queries, rotation
from survey_models.ledger.events import SYSTEM_LOG
from survey_models.ledger.notes import vkey_of
from survey_models.ledger.signing import key_id_of

router = APIRouter(prefix="/api/ledger", tags=["ledger"], responses=RESPONSES)

Log = Annotated[str, Path(max_length=60)]
Size = Annotated[int, Query(ge=0, lt=2**62)]


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


@router.get("/keys", operation_id="read_ledger_keys")
def read_ledger_keys(_guard: Annotated[None, Public], request: Request, db: ReadDb) -> LedgerKeys:
    """The public key of the ledger and its logs. Compare it with the printed one before you trust it.

    ``vkey`` is the key that signed the newest head of a log; where it is not the printed one, ``announced`` leads
    from the one to the other.
    """
    public = rotation.current_key(db) or request.app.state.signer.public
    heads = [(row, queries.head(db, log=row.log)) for row in queries.logs(db)]
    return LedgerKeys(
        public=public.hex(),
        key=key_id_of(public),
        logs=[
            LogKey(
                log=row.log,
                origin=row.origin,
                vkey=vkey_of(row.origin, rotation.signed_with(db, head.note, public=public)),
                size=head.size,
            )
            for row, head in heads
            if head is not None
        ],
        witnesses=[
            WitnessKey(name=row.name, vkey=row.vkey, removed_at=row.removed_at) for row in cosigning.witnesses(db)
        ],
        announced=AnnouncedView.model_validate(rotation.announced(db).as_dict()),
    )


@router.get("/{log}/receipts/{receipt}", operation_id="read_receipt_proof")
def read_receipt_proof(
    _guard: Annotated[None, Public], log: Log, receipt: Annotated[str, Path(max_length=40)], db: ReadDb
) -> ReceiptView:
    """That a sheet is in the log, never what is on it: the entry, its place, and the path to the newest checkpoint."""
    found = proofs.of_receipt(db, log, receipt)
    return ReceiptView(
        log=log,
        entry=found.entry,
        digest=found.digest,
        state="promised" if found.head is None else "included",
        seq=found.seq,
        size=found.head and found.head.size,
        proof=list(found.proof),
        checkpoint=found.head and cosigning.with_witnesses(db, found.head).note,
        at=found.head and found.head.at,
    )


@router.get("/{log}/inclusion", operation_id="read_inclusion_proof")
def read_inclusion_proof(
    _guard: Annotated[None, Public], log: Log, seq: Size, db: ReadDb, size: Size | None = None
) -> InclusionView:
    """The path from the entry at place ``seq`` to the root of the first ``size`` entries (the newest head's)."""
    of, proof = proofs.inclusion(db, log, seq=seq, size=size)
    return InclusionView(seq=seq, size=of, proof=[value.hex() for value in proof])


@router.get("/{log}/consistency", operation_id="read_consistency_proof")
def read_consistency_proof(
    _guard: Annotated[None, Public],
    log: Log,
    old: Annotated[int, Query(alias="from", ge=0, lt=2**62)],
    db: ReadDb,
    new: Annotated[int | None, Query(alias="to", ge=0, lt=2**62)] = None,
) -> ConsistencyView:
    """That nothing before was changed: the first ``from`` entries are the beginning of the first ``to``."""
    of, proof = proofs.consistency(db, log, old=old, new=new)
    return ConsistencyView(old=old, new=of, proof=[value.hex() for value in proof])


@router.get("/{log}/cosignatures", operation_id="list_cosignatures")
def list_cosignatures(_guard: Annotated[None, Public], log: Log, db: ReadDb) -> list[CosignedView]:
    """The newest heads of a log that witnesses signed, the newest first."""
    proofs.newest_head(db, log)
    found = cosigning.newest_cosigned(db, log, limit=cosigning.NEWEST)
    return [
        CosignedView(
            size=one.size,
            checkpoint=one.note,
            witnesses=[
                CosignatureView(log=log, size=one.size, witness=name, at=at) for name, at in sorted(one.by.items())
            ],
        )
        for one in found
    ]


@router.post("/{log}/cosignatures", operation_id="hand_in_cosignature", status_code=201)
def hand_in_cosignature(
    _guard: Annotated[None, Public], request: Request, log: Log, body: CosignedNote, db: ReadDb
) -> CosignatureView:
    """A witness that the office knows hands in its signature under a head of ours. The first one of each stays."""
    found = cosigning.checked(db, log, body.note, at=clock.now())
    if found.is_new:
        # Only what holds comes near the writer: whoever sends anything else costs reading alone.
        with unit_of_work(request.app.state.engine) as session:
            cosigning.keep(session, found)
    return CosignatureView(log=log, size=found.size, witness=found.witness, at=found.at)
