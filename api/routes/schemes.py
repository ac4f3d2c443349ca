"""Schemes (评分办法): list, read, prove, store; the JSON Schema of their language."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, status

from api.auth.guards import OfficeActor, Public, SetupActor
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.schemes import (
    FaultView,
    PlannableView,
    PresetView,
    ProofView,
    SchemeBody,
    SchemeDetail,
    SchemesView,
    SchemeView,
)
from survey_models.core import clock
from survey_models.rounds import asking, periods
from survey_models.schemes import loading, service
from survey_models.schemes.language import Scheme
from survey_models.schemes.proving import prove

router = APIRouter(prefix="/api/schemes", tags=["schemes"], responses=RESPONSES)


@router.get("", operation_id="list_schemes")
def list_schemes(_actor: OfficeActor, db: ReadDb) -> SchemesView:
    """Every stored version, the newest first, and the presets."""
    return SchemesView(stored=[SchemeView.of(row) for row in service.listed(db)], presets=list(loading.presets()))


@router.get("/plannable", operation_id="list_plannable_schemes")
def list_plannable_schemes(_actor: OfficeActor, db: ReadDb) -> list[PlannableView]:
    """Of what a round can be planned, and how its periods are written."""
    documents = {name: loading.read(loading.preset(name)).scheme for name in loading.presets()}
    for row in service.listed(db):
        if row.id not in documents:
            documents[row.id] = service.document_of(row)
    return [
        PlannableView(
            id=name,
            title=one.title.zh,
            title_en=one.title.en,
            each=one.cadence.each,
            period=periods.EXAMPLES[one.cadence.each],
        )
        for name, one in documents.items()
    ]


@router.get("/language", operation_id="read_scheme_language")
def read_scheme_language(_guard: Annotated[None, Public]) -> dict[str, Any]:
    """The JSON Schema of a document, for editors that help its author."""
    return Scheme.model_json_schema()


@router.get("/presets/{name}", operation_id="read_preset")
def read_preset(_actor: OfficeActor, name: str) -> PresetView:
    """A preset as it was written, each line with its quotation or its marked silence."""
    return PresetView(name=name, text=loading.preset(name))


@router.post("/prove", operation_id="prove_scheme")
def prove_scheme(_actor: OfficeActor, body: SchemeBody) -> ProofView:
    """Everything that is wrong with a document, in one list."""
    return ProofView(faults=[FaultView.model_validate(one.as_dict()) for one in prove(body.text)])


@router.post("", operation_id="store_scheme", status_code=status.HTTP_201_CREATED)
def store_scheme(actor: SetupActor, body: SchemeBody, db: Db) -> SchemeView:
    """Keep a document as the next version; the same one again is given back as it is."""
    settings = asking.settings_of(body.settings)
    return SchemeView.of(service.store(db, body.text, by=actor.name, at=clock.now(), settings=settings))


@router.get("/{scheme_id}", operation_id="read_scheme")
def read_scheme(
    _actor: OfficeActor,
    scheme_id: str,
    db: ReadDb,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> SchemeDetail:
    """A stored version with its document, the newest unless ``version`` is given."""
    row = service.get(db, scheme_id, version)
    return SchemeDetail(**SchemeView.of(row).model_dump(), text=row.text, doc=row.doc)
