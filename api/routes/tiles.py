"""The trees of the ledger as c2sp.org/tlog-tiles serves them: checkpoint, tiles of hashes, bundles of entries (树块).

Other programs read a log here without knowing anything of this one. The system's entries name people of the office
and are for the office alone; its checkpoint and its tiles of hashes are as public as those of the campaigns.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from api.auth.guards import OfficeActor, Public
from api.deps import ReadDb
from api.problems import RESPONSES
from survey_models.core.errors import Problem
from survey_models.ledger import cosigning, proofs
from survey_models.ledger.events import SYSTEM_LOG
from survey_models.ledger.tiles import TileName, read_path

OCTETS = "application/octet-stream"
FOR_EVER = "public, max-age=31536000, immutable"
SHORTLY = "public, max-age=5"
BINARY: dict[int | str, dict[str, Any]] = {
    200: {"content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}}}
}
NOTE: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}

router = APIRouter(tags=["ledger"], responses=RESPONSES)

Log = Annotated[str, Path(max_length=60)]


@router.get("/ledger/{log}/checkpoint", operation_id="read_checkpoint", response_class=Response, responses=NOTE)
def read_checkpoint(_guard: Annotated[None, Public], log: Log, db: ReadDb) -> Response:
    """The newest head, signed: a C2SP checkpoint, with the signatures of witnesses that are in."""
    note = cosigning.with_witnesses(db, proofs.newest_head(db, log)).note
    return Response(note, media_type="text/plain; charset=utf-8", headers={"Cache-Control": SHORTLY})


@router.get("/ledger/{log}/tile/{path:path}", operation_id="read_tile", response_class=Response, responses=BINARY)
def read_tile(
    _guard: Annotated[None, Public], log: Log, path: Annotated[str, Path(max_length=60)], db: ReadDb
) -> Response:
    """A tile of hashes (``0/x001/234``) or, of a campaign's log, a bundle of entries (``entries/005.p/17``)."""
    name = _named(path)
    if log == SYSTEM_LOG and name.level is None:
        raise Problem("ledger_entries_kept")
    return Response(proofs.tile(db, log, name), media_type=OCTETS, headers={"Cache-Control": FOR_EVER})


@router.get(
    "/api/ledger/{log}/entries/{path:path}",
    operation_id="read_entry_bundle",
    response_class=Response,
    responses=BINARY,
)
def read_entry_bundle(_actor: OfficeActor, log: Log, path: Annotated[str, Path(max_length=60)], db: ReadDb) -> Response:
    """A bundle of entries of any log, the system's included: ``005`` or ``005.p/17``."""
    name = _named(f"entries/{path}")
    return Response(proofs.tile(db, log, name), media_type=OCTETS)


def _named(path: str) -> TileName:
    try:
        return read_path(path)
    except ValueError:
        raise Problem("not_found") from None
